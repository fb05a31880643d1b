"""One resident in the survey: reads each page, fills in its form, sends it, goes on.

Everything sent is read from the page itself, as a browser would: hidden fields, names, values, buttons.
"""

import asyncio
from collections.abc import Mapping
from typing import Literal

import aiohttp
import numpy as np
from msgspec import Struct
from yarl import URL

from survey.questionnaires import routing
from survey.questionnaires.answers import Answer, options_of
from survey.questionnaires.model import NOT_SHOWN, SKIPPED, Municipality, Questionnaire, Step
from survey.simulate.model import Behaviour
from survey.simulate.pages import Fields, Form, Page, read_page

Outcome = Literal["submitted", "withdrawn", "broken_off", "stopped", "already_used"]

ATTEMPTS = 6
"""How often a page is asked for again when the service says it is busy."""


class VisitError(Exception):
    """A page that is not as expected: where, and what."""


class Resident(Struct, frozen=True, kw_only=True):
    """Who visits: answers by variable (and the area where they live), and how they go about it."""

    answers: Mapping[str, Answer]
    area: str
    code: str | None
    language: str | None
    purposes: frozenset[str]
    behaviour: Behaviour
    seed: tuple[int, ...]


class Browser:
    """A browser of one visitor: keeps cookies, follows redirects, waits when the service is busy."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session
        self.address = URL()
        self.page = Page(form=None, links=())

    async def open(self, address: str) -> None:
        await self._request("GET", address, None)

    async def send(self, form: Form, fields: Fields) -> None:
        await self._request("POST", form.action or str(self.address), fields)

    async def _request(self, method: str, address: str, fields: Fields | None) -> None:
        target = self.address.join(URL(address)) if self.address.is_absolute() else URL(address)
        for attempt in range(ATTEMPTS):
            async with self._session.request(method, target, data=fields) as reply:
                body = await reply.read()
                if reply.status == 503 and attempt + 1 < ATTEMPTS:
                    await asyncio.sleep(float(reply.headers.get("Retry-After", "1")))
                    continue
                if reply.status != 200:
                    raise VisitError(f"{method} {target.path}: status {reply.status}")
                self.address = reply.url
                self.page = read_page(body)
                return


class Visit:
    """One resident's way through the pages."""

    def __init__(self, browser: Browser, resident: Resident, questionnaire: Questionnaire) -> None:
        self._browser = browser
        self._resident = resident
        self._questionnaire = questionnaire
        self._chance = np.random.default_rng(resident.seed)
        behaviour, length = resident.behaviour, len(routing.steps(questionnaire))
        self._tires_after = self._some_page(behaviour.tire, length)
        self._breaks_off_after = self._some_page(behaviour.break_off, length)
        self._stops_after = self._some_page(behaviour.stop, length)
        self._answered = 0

    async def take(self, address: str) -> Outcome:
        """From the start page to the end. Raises VisitError when a page is not as expected."""
        await self._browser.open(address)
        for _ in range(10 * len(routing.steps(self._questionnaire)) + 20):
            outcome = await self._next()
            if outcome is not None:
                return outcome
        raise VisitError(f"{self._browser.address.path}: going round in circles")

    async def _next(self) -> Outcome | None:
        place = self._browser.address.path.split("/")[3:]
        match place:
            case ["start"]:
                await self._begin()
            case ["consent"]:
                await self._send({"purpose": sorted(self._resident.purposes)})
            case ["code"]:
                await self._give_code()
            case ["page", variable]:
                return await self._at_question(variable)
            case ["check"]:
                await self._send({})
            case ["done"]:
                return await self._finish()
            case ["used"]:
                return "already_used"
            case _:
                raise VisitError(f"{self._browser.address.path}: not a page of the survey that is expected")
        return None

    async def _begin(self) -> None:
        language = self._resident.language
        if language is not None and self._browser.address.path.split("/")[2] != language:
            await self._follow(f"/{language}/start")
        await self._follow("/consent")

    async def _give_code(self) -> None:
        if self._resident.code is None:
            await self._send({}, "no_code")
        else:
            await self._send({"code": [self._resident.code]})

    async def _at_question(self, variable: str) -> Outcome | None:
        self._answered += 1
        if self._answered == self._breaks_off_after:
            return "broken_off"
        if self._answered == self._stops_after:
            await self._stop()
            return "stopped"
        back = self._browser.page.related("prev")
        if back is not None and "/page/" in back and self._happens(self._resident.behaviour.back):
            await self._browser.open(back)
            return None
        await self._answer(variable)
        return None

    async def _answer(self, variable: str) -> None:
        form = self._form()
        may_skip = form.button("skip") is not None
        tired = self._answered > self._tires_after
        if may_skip and (tired or self._happens(self._resident.behaviour.skip)):
            await self._send({}, "skip")
            return
        step = next(step for step in routing.steps(self._questionnaire) if step.variable == variable)
        values = self._values(step, form)
        if values is not None:
            await self._send({"answer": values})
        elif may_skip:
            await self._send({}, "skip")
        else:
            await self._send({})

    def _values(self, step: Step, form: Form) -> list[str] | None:
        """What to choose or type; `None` to skip."""
        resident, municipality = self._resident, self._questionnaire.municipality
        answer = resident.answers.get(step.question.key if step.kind == "postcode" else step.variable)
        if isinstance(answer, int | tuple):
            codes = answer if isinstance(answer, tuple) else (answer,)
            offered = form.offers.get("answer", ())
            return [str(code) for code in codes if str(code) in offered or not _may_lack(step, code)] or None
        if step.kind == "postcode":
            return [self._one_of(postcodes(municipality, resident.area))]
        if step.kind == "neighbourhood":
            at_home = [
                place
                for place in form.offers.get("answer", ())
                if place in _of_area(municipality, resident.area)
            ]
            return [self._one_of(at_home)]
        return None if answer is None else [answer]

    async def _stop(self) -> None:
        await self._follow("/stop")
        await self._send({"choice": ["erase"]})

    async def _finish(self) -> Outcome:
        if not self._happens(self._resident.behaviour.withdraw):
            return "submitted"
        words = self._browser.page.receipt
        await self._follow("/withdraw")
        await self._send({"receipt": [" ".join(words)]})
        if not self._browser.address.path.endswith("/withdrawn"):
            raise VisitError(
                f"{self._browser.address.path}: the words of the receipt did not withdraw the answers"
            )
        return "withdrawn"

    async def _follow(self, ending: str) -> None:
        address = self._browser.page.link(ending)
        if address is None:
            raise VisitError(f"{self._browser.address.path}: no link to {ending}")
        await self._browser.open(address)

    async def _send(self, values: Mapping[str, list[str]], button: str | None = None) -> None:
        form = self._form()
        try:
            fields = form.filled(values, button)
        except (KeyError, ValueError) as error:
            raise VisitError(f"{self._browser.address.path}: {error!r} on this page") from error
        await self._browser.send(form, fields)

    def _form(self) -> Form:
        if self._browser.page.form is None:
            raise VisitError(f"{self._browser.address.path}: no form")
        return self._browser.page.form

    def _happens(self, chance: float) -> bool:
        return bool(self._chance.random() < chance)

    def _some_page(self, chance: float, length: int) -> float:
        """A page drawn at random, or infinity when it does not happen to this resident."""
        happens, page = self._happens(chance), self._chance.integers(2, max(length, 3))
        return float(page) if happens else float("inf")

    def _one_of(self, choices: list[str]) -> str:
        if not choices:
            raise VisitError(f"{self._browser.address.path}: nothing to choose for {self._resident.area}")
        return choices[int(self._chance.integers(len(choices)))]


def postcodes(municipality: Municipality, area: str) -> list[str]:
    """The postcodes that touch an area."""
    return [digits for digits, areas in municipality.postcodes.items() if area in areas]


def _may_lack(step: Step, code: int) -> bool:
    """Whether a page may rightly not offer it: there is no answer, or the resident keeps the area secret."""
    limited = {option.code for option in options_of(step.question) if option.areas}
    return code in {SKIPPED, NOT_SHOWN, *limited} or step.kind == "postcode"


def _of_area(municipality: Municipality, area: str) -> set[str]:
    return {place.code for place in municipality.neighbourhoods if place.area == area}
