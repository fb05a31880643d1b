"""A researcher's preview: the pages as residents will see them. Nothing is stored; changes show at once."""

import contextlib
import secrets
from itertools import takewhile
from pathlib import Path

from litestar import Litestar
from litestar.types import Receive, Scope, Send
from msgspec.structs import replace

from survey import receipts
from survey.participation import Participation, Response
from survey.questionnaires.folder import AUDIO, read_folder
from survey.questionnaires.model import SKIPPED, Questionnaire
from survey.questionnaires.parsing import parse
from survey.questionnaires.problems import QuestionnaireError
from survey.questionnaires.routing import Journey, steps
from survey.sealing import KEY_BYTES, seal, unseal
from survey.web.app import Serving, create_app, walked
from survey.web.assets import Assets
from survey.web.exchange import Exchange, Reply, redirect
from survey.web.headers import PAGE
from survey.web.pages import STATIC, Pages
from survey.web.situations import NotFound
from survey.web.theme import Theme
from survey.web.views import Chrome, PreviewBar, PreviewLink, ProblemsPage
from survey.web.visit import Opening, Underway, new_token
from survey.web.wording import language

BEFORE_QUESTIONS = ("start", "practice", "consent", "code")
AFTERWARDS = ("check", "stop", "withdraw", "social-map", "help", "privacy", "accessibility")


class Memory:
    """Drafts for as long as the preview runs. No code is known and every submission is forgotten."""

    def __init__(self) -> None:
        self._drafts: dict[bytes, bytes] = {}

    async def draft(self, draft_id: bytes) -> bytes | None:
        return self._drafts.get(draft_id)

    async def start_draft(self, draft_id: bytes, survey: str, sealed: bytes) -> bool:
        return self._drafts.setdefault(draft_id, sealed) is sealed

    async def save_draft(self, draft_id: bytes, sealed: bytes, *, replacing: bytes) -> bool:
        fits = self._drafts.get(draft_id) == replacing
        if fits:
            self._drafts[draft_id] = sealed
        return fits

    async def discard_draft(self, draft_id: bytes) -> None:
        self._drafts.pop(draft_id, None)

    async def redeem(self, code_hash: bytes, survey: str) -> None:
        return None

    async def submit(
        self, draft_id: bytes, response: Response, code_hash: bytes | None, *, replacing: bytes
    ) -> bool:
        return self._drafts.pop(draft_id, None) is not None

    async def received(self, survey: str, receipt_hash: bytes) -> bool:
        return True

    async def withdraw(self, survey: str, receipt_hash: bytes) -> bool:
        return False

    def participation(self, visit: Underway) -> Participation | None:
        sealed = self._drafts.get(visit.draft_id)
        return None if sealed is None else unseal(sealed, visit.draft_key, Participation)


class Preview:
    """An ASGI application that follows a folder. Visits go on after a change, also after a broken one."""

    def __init__(self, path: Path, theme: Theme | None = None) -> None:
        self._path = path
        self._memory = Memory()
        self._serving = Serving(
            secret=secrets.token_bytes(KEY_BYTES),
            find_journey=any_page,
            preview_bar=self._bar,
            more_pages=(("preview", self._jump, None),),
            theme=theme,
        )
        self._pages = Pages()
        self._assets = Assets(STATIC)
        self._files: dict[str, bytes] = {}
        self._app: Litestar | None = None
        self._key = ""
        self._keys: set[str] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            app = self._current()
        except QuestionnaireError as error:
            await self._while_broken(scope["path"], error)(scope, receive, send)
        else:
            await (self._moved(scope["path"]) or app)(scope, receive, send)

    def _current(self) -> Litestar:
        """The application of the files as they are now. Raises QuestionnaireError."""
        files = read_folder(self._path)
        if self._app is None or files != self._files:
            questionnaire = parse(files)
            recordings = {questionnaire.key: Assets(self._path / AUDIO)}
            self._app = create_app(
                [questionnaire], self._memory, replace(self._serving, recordings=recordings)
            )
            self._files = files
            self._key = questionnaire.key
            self._keys.add(questionnaire.key)
        return self._app

    def _moved(self, path: str) -> Reply | None:
        """To the front page, from an address under a key that the questionnaire had before."""
        if path.split("/")[1] not in self._keys - {self._key}:
            return None
        return redirect("/")

    def _while_broken(self, path: str, error: QuestionnaireError) -> Reply:
        """The list of problems, or something that its page is drawn with."""
        with contextlib.suppress(NotFound):
            return self._assets.reply(path.removeprefix("/static/"), versioned=False)
        return self._problems(error)

    def _problems(self, error: QuestionnaireError) -> Reply:
        page = ProblemsPage(path=str(self._path), problems=tuple(map(str, error.problems)))
        html = self._pages.render("problems.html", page, Chrome(language=language("en")))
        return Reply(status=200, headers=(*PAGE, (b"refresh", b"2")), body=html.encode())

    def _bar(self, exchange: Exchange) -> PreviewBar:
        area = self._known(exchange).invited_area or ""
        municipality, here = exchange.questionnaire.municipality, exchange.path
        areas = {"": "No area", **{area.code: area.name for area in municipality.areas}}
        questions = {f"page/{step.variable}": step.variable for step in steps(exchange.questionnaire)}
        pages = {path: path for path in BEFORE_QUESTIONS} | questions | {path: path for path in AFTERWARDS}
        return PreviewBar(
            action=exchange.at("preview"),
            areas=_links(areas, area),
            steps=_links(pages, here),
        )

    def _known(self, exchange: Exchange) -> Participation:
        nothing = Participation(language=exchange.language.tag)
        match exchange.visit:
            case Opening(participation=participation):
                return participation
            case Underway() as visit:
                return self._memory.participation(visit) or nothing
        return nothing

    async def _jump(self, exchange: Exchange) -> Reply:
        """Go to any page, in any area, with every consent given and the answers so far."""
        path = exchange.query.get("step", ["start"])[0]
        area = exchange.query.get("area", [""])[0] or None
        purposes = frozenset(purpose.key for purpose in exchange.questionnaire.purposes)
        participation = replace(self._known(exchange), purposes=purposes, invited_area=area)
        key = exchange.questionnaire.key
        if path in BEFORE_QUESTIONS:
            opening = _skipped(exchange.questionnaire, participation, opening_only=True)
            opened = Opening(survey=key, token=new_token(), participation=opening)
            return exchange.go_to(path, exchange.set_cookie(opened))
        if path == "check":
            participation = _skipped(exchange.questionnaire, participation)
        visit = Underway(
            survey=key,
            token=new_token(),
            draft_id=secrets.token_bytes(16),
            draft_key=secrets.token_bytes(KEY_BYTES),
            receipt=receipts.make(secrets.SystemRandom()),
        )
        await self._memory.start_draft(visit.draft_id, key, seal(participation, visit.draft_key))
        return exchange.go_to(path, exchange.set_cookie(visit))


def _links(labels: dict[str, str], current: str) -> tuple[PreviewLink, ...]:
    return tuple(
        PreviewLink(label=label, value=value, current=value == current) for value, label in labels.items()
    )


def _skipped(
    questionnaire: Questionnaire, participation: Participation, *, opening_only: bool = False
) -> Participation:
    """The participation with what is still open skipped, up to the code page or to the end."""
    while True:
        step = walked(questionnaire, participation, None).first_open
        if step is None or (opening_only and not step.block.opening):
            return participation
        answers = {**participation.answers, step.variable: SKIPPED}
        participation = replace(participation, answers=answers)


def any_page(questionnaire: Questionnaire, participation: Participation, wanted: str | None) -> Journey:
    """The journey as it is while a researcher follows it; every step of all as soon as they jump ahead."""
    journey = walked(questionnaire, participation, None)
    if wanted is None or wanted in come_by(journey):
        return journey
    everything = steps(questionnaire)
    answers = {**{step.variable: SKIPPED for step in everything}, **journey.counting}
    return Journey(steps=everything, counting=answers, area=journey.area, stop=None)


def come_by(journey: Journey) -> set[str]:
    """The variables up to and including the first that is open."""
    come = list(takewhile(lambda step: step.variable in journey.counting, journey.steps))
    return {step.variable for step in journey.steps[: len(come) + 1]}
