"""One request and its reply, and what every page needs around it."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from pathlib import PurePath
from typing import Protocol
from urllib.parse import urlencode

from litestar.types import Receive, Scope, Send
from msgspec import Struct, field
from msgspec.structs import replace

from survey.invitations import CodeKind
from survey.participation import Participation, Response
from survey.questionnaires.answers import options_of
from survey.questionnaires.model import Questionnaire
from survey.questionnaires.routing import Journey, steps
from survey.web import csrf
from survey.web.desks import Desk, Desks
from survey.web.display import AS_IT_COMES, FIELD, Display, displays
from survey.web.forms import Form
from survey.web.headers import PAGE, REDIRECT, Header
from survey.web.rate_limit import GuessLimit, StartLimit
from survey.web.situations import NoVisit
from survey.web.views import (
    Chrome,
    DisplayLink,
    Evidence,
    Language,
    LanguageLink,
    PreviewBar,
    falls_back,
)
from survey.web.visit import Cookie, Opening, Underway, Visit, new_token, seal_visit
from survey.web.wording import Wording, languages


class Reply(Struct, frozen=True, kw_only=True):
    """A reply is an ASGI application: it sends itself."""

    status: int
    headers: tuple[Header, ...]
    body: bytes = b""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        length = (b"content-length", str(len(self.body)).encode())
        await send({"type": "http.response.start", "status": self.status, "headers": (*self.headers, length)})
        await send({"type": "http.response.body", "body": self.body, "more_body": False})


class Entry(Protocol):
    """What the ledger tells of a code."""

    @property
    def area(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def kind(self) -> CodeKind: ...


class Keeping(Protocol):
    """What taking part asks of a store: `survey.store.Store`, or the memory of a preview."""

    async def draft(self, draft_id: bytes) -> bytes | None: ...
    async def start_draft(self, draft_id: bytes, survey: str, sealed: bytes) -> bool: ...
    async def save_draft(self, draft_id: bytes, sealed: bytes, *, replacing: bytes) -> bool: ...
    async def discard_draft(self, draft_id: bytes) -> None: ...
    async def redeem(self, code_hash: bytes, survey: str) -> Entry | None: ...
    async def submit(
        self, draft_id: bytes, response: Response, code_hash: bytes | None, *, replacing: bytes
    ) -> bool: ...
    async def received(self, survey: str, receipt_hash: bytes) -> bool: ...
    async def withdraw(self, survey: str, receipt_hash: bytes) -> bool: ...


class Keys(Struct, frozen=True, kw_only=True):
    """Derived from the secret, one for each use."""

    secret: bytes
    cookie: bytes
    forms: bytes


class Render(Protocol):
    """Turns the template `templates/resident/{template}` and what it prints into HTML."""

    def __call__(self, template: str, page: Struct, chrome: Chrome) -> str: ...


class Survey:
    """A questionnaire as it is served: its languages, and its texts in each of them.

    `recordings` are the names of the files that voice its sentences.
    """

    def __init__(
        self, questionnaire: Questionnaire, interface: Mapping[str, bool], recordings: Iterable[str]
    ) -> None:
        self.questionnaire = questionnaire
        self.recordings = {PurePath(file).stem: f"/audio/{questionnaire.key}/{file}" for file in recordings}
        self.languages = languages(questionnaire, interface)
        self.wordings = {
            language.tag: (language, Wording(questionnaire, language.tag, self.recordings))
            for language in self.languages
        }
        self.steps = {step.variable: step for step in steps(questionnaire)}
        self.pictograms = any(
            option.pictogram for step in self.steps.values() for option in options_of(step.question)
        )
        self.required = frozenset(purpose.key for purpose in questionnaire.purposes if purpose.required)

    def wording(self, tag: str) -> Wording:
        """The texts in a language, or in the source language when the survey does not have it."""
        return self.wordings.get(tag, self.wordings[self.questionnaire.source_language])[1]


FindJourney = Callable[[Questionnaire, Participation, str | None], Journey]
"""The journey of a participation; the last argument is the variable of the page that was asked for."""


class Site(Struct, frozen=True, kw_only=True):
    """Everything that the handlers share. The clock is an argument of the whole."""

    surveys: Mapping[str, Survey]
    store: Keeping
    keys: Keys
    render: Render
    find_journey: FindJourney
    code_guesses: GuessLimit
    receipt_guesses: GuessLimit
    place_guesses: GuessLimit
    open_starts: StartLimit
    today: Callable[[], date]
    simulated: bool
    preview_bar: Callable[["Exchange"], PreviewBar] | None
    evidence: Evidence
    desks: Desks = field(default_factory=Desks)


class Exchange(Struct, frozen=True, kw_only=True):
    """A request within a survey, in a language. `path` is what follows the language in the address.

    `fresh` says that the visit begins with this request and the cookie still has to be given; `redisplayed`
    that this request asks for another display, whose cookie has to be given. `desk` is
    where its draft lies: shared by the forms of a resident, of its own for a page that is only shown.
    """

    site: Site
    survey: Survey
    language: Language
    wording: Wording
    path: str
    parameter: str
    query: Form
    form: Form
    cookie: Cookie
    display_cookie: Cookie
    visit: Visit | None
    fresh: bool = False
    display: Display = AS_IT_COMES
    redisplayed: bool = False
    desk: Desk = field(default_factory=Desk)

    @property
    def questionnaire(self) -> Questionnaire:
        return self.survey.questionnaire

    @property
    def token(self) -> bytes:
        """What the forms of this visit are tied to."""
        if self.visit is None:
            raise NoVisit(fields=self.form)
        return self.visit.token

    @property
    def home(self) -> str:
        return f"/{self.questionnaire.key}/{self.language.tag}"

    def at(self, path: str, *, tag: str | None = None) -> str:
        return f"/{self.questionnaire.key}/{tag or self.language.tag}/{path}"

    def in_language(self, tag: str) -> "Exchange":
        """The same request in another language of the survey; in this one when there is no such language."""
        language, wording = self.survey.wordings.get(tag, (self.language, self.wording))
        return replace(self, language=language, wording=wording)

    def with_visit(self) -> "Exchange":
        """The same request, with a visit begun when there was none: every form needs one."""
        if self.visit is not None:
            return self
        started = Participation(language=self.language.tag, invited_area=self.linked_area())
        visit = Opening(survey=self.questionnaire.key, token=new_token(), participation=started)
        return replace(self, visit=visit, fresh=True)

    def linked_area(self) -> str | None:
        """The area in the link (`?wijk=`), when the municipality has it."""
        wanted = self.query.get("wijk", [""])[0]
        areas = (area.code for area in self.questionnaire.municipality.areas)
        return wanted if wanted in areas else None

    def here(self, *, tag: str | None = None, display: str = "") -> str:
        """The address of this page, in another language or display."""
        query = {name: values for name, values in self.query.items() if name != FIELD}
        asked = urlencode(query | ({FIELD: [display]} if display else {}), doseq=True)
        return self.at(self.path, tag=tag) + (f"?{asked}" if asked else "")

    @property
    def begun(self) -> bool:
        """Whether this visit is one of somebody who said to take part, and has not sent the answers."""
        match self.visit:
            case Opening(participation=participation):
                return bool(participation.purposes)
            case Underway():
                return True
        return False

    @property
    def last_day(self) -> str | None:
        """Whether the last day is `today`, or just `over`."""
        closes, today = self.questionnaire.fieldwork.closes, self.site.today()
        if closes is None or today < date.fromisoformat(closes):
            return None
        return "today" if today == date.fromisoformat(closes) else "over"

    def chrome(self, *, back: str | None = None, switch_saves: bool = False) -> Chrome:
        return Chrome(
            language=self.language,
            languages=tuple(
                LanguageLink(
                    language=other,
                    href=self.here(tag=other.tag),
                    current=other.tag == self.language.tag,
                )
                for other in self.survey.languages
            ),
            display=self.display,
            displays=tuple(
                DisplayLink(
                    what=what,
                    value=other.value,
                    href=self.here(display=other.value),
                    current=other == self.display,
                )
                for what, other in displays(self.display, pictograms=self.survey.pictograms).items()
            ),
            title=self.wording(self.questionnaire.title),
            home=self.home,
            address=self.questionnaire.address,
            back=None if back is None else self.at(back),
            csrf="" if self.visit is None else csrf.token_for(self.visit.token, self.site.keys.forms),
            simulated=self.site.simulated,
            notice_draft=self.language.draft,
            switch_saves=switch_saves,
            can_stop=isinstance(self.visit, Opening | Underway),
            last_day=self.last_day if self.begun else None,
            preview=None if self.site.preview_bar is None else self.site.preview_bar(self),
        )

    def page(self, template: str, page: Struct, chrome: Chrome, *, status: int = 200) -> Reply:
        if not self.wording.complete:
            chrome = replace(chrome, notice_fallback=falls_back((page, chrome.title)))
        body = self.site.render(template, page, chrome).encode()
        return Reply(status=status, headers=(*PAGE, *self.fresh_cookies()), body=body)

    def go_to(self, path: str, *cookies: Header) -> Reply:
        """See another page next (303), so that reloading it sends nothing twice."""
        return redirect(self.at(path), *self.fresh_cookies(), *cookies)

    def shown_anew(self) -> Reply:
        """This page again, by an address that no longer asks for a display."""
        return redirect(self.here(), *self.fresh_cookies())

    def fresh_cookies(self) -> tuple[Header, ...]:
        visit = (self.set_cookie(self.visit),) if self.fresh and self.visit else ()
        display = self.display_cookie.kept(self.display.value).encode()
        return (*visit, (b"set-cookie", display)) if self.redisplayed else visit

    def set_cookie(self, visit: Visit) -> Header:
        return b"set-cookie", self.cookie.kept(seal_visit(visit, self.site.keys.cookie)).encode()

    def clear_cookie(self) -> Header:
        return b"set-cookie", self.cookie.cleared().encode()


def redirect(location: str, *cookies: Header) -> Reply:
    return Reply(status=303, headers=(*REDIRECT, (b"location", location.encode()), *cookies))
