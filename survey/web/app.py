"""The only place of wiring: questionnaires, store and templates to an application, situations to pages."""

import asyncio
import logging
import time
import traceback
from collections.abc import Awaitable, Callable, Container, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import date
from typing import Any
from urllib.parse import parse_qs

from litestar import HttpMethod, Litestar, MediaType, Request, Response
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp
from msgspec import Struct
from msgspec.structs import replace

from survey.deliveries import Deliveries
from survey.kiosk import Kiosk
from survey.participation import Participation
from survey.questionnaires.model import Questionnaire
from survey.questionnaires.routing import Journey, walk
from survey.sealing import derived_key
from survey.store.errors import StoreError
from survey.web import code, csrf, ending, information, kiosk_exchange, rate_limit, resident
from survey.web.assets import Assets
from survey.web.display import FIELD, Display, display_of, displays
from survey.web.evidence import read_evidence
from survey.web.exchange import Exchange, FindJourney, Keeping, Keys, Reply, Site, Survey, redirect
from survey.web.forms import Form, check_media_type, first, parse_fields, read_body
from survey.web.headers import PAGE, SECURITY, Header
from survey.web.kiosk_pages import Kiosks
from survey.web.negotiation import by_quality, preferred
from survey.web.packing import packed
from survey.web.pages import OUR_OWN, STATIC, pages_in
from survey.web.situations import (
    Busy,
    FieldworkClosed,
    GoTo,
    Malformed,
    NotAForm,
    NotFound,
    NoVisit,
    Overtaken,
    Situation,
    StaleForm,
    TooManyAttempts,
)
from survey.web.theme import SERVED, Theme
from survey.web.views import (
    AccessibilityPage,
    Chrome,
    DisplayLink,
    Language,
    LanguageLink,
    PreviewBar,
    SituationPage,
    SurveyLink,
    SurveysPage,
)
from survey.web.visit import Cookie, Underway, Visit, cookie_of, display_cookie, open_visit
from survey.web.wording import language

log = logging.getLogger(__name__)

Handler = Callable[[Exchange], Awaitable[Reply]]

PageRoute = tuple[str, Handler, Handler | None]
"""The path below /{survey}/{language}, what GET shows, what POST does."""

PAGES: tuple[PageRoute, ...] = (
    ("start", resident.start, None),
    ("practice", resident.show_practice, resident.practise),
    ("consent", resident.show_consent, resident.give_consent),
    ("page/{parameter:str}", resident.show_question, resident.answer_question),
    ("code", code.show_code, code.give_code),
    ("used", code.used, None),
    ("resume", ending.resume, None),
    ("check", ending.show_check, None),
    ("submit", ending.to_check, ending.submit),
    ("done", ending.done, None),
    ("stop", ending.show_stop, ending.stop),
    ("stopped/{parameter:str}", ending.stopped, None),
    ("withdraw", information.show_withdraw, information.withdraw),
    ("withdrawn", information.withdrawn, None),
    ("social-map", information.show_social_map, None),
    ("social-map/{parameter:str}", information.show_social_map, None),
    ("help", information.show_help, None),
    ("privacy", information.show_privacy, None),
    ("accessibility", information.show_accessibility, None),
)

SITUATIONS: tuple[tuple[type[Exception], int, str], ...] = (
    # what was raised, the status of the reply, what the page says
    (NotFound, 404, "not_found"),
    (Malformed, 400, "malformed"),
    (NotAForm, 415, "malformed"),
    (FieldworkClosed, 410, "closed"),
    (NoVisit, 403, "no_cookie"),
    (StaleForm, 403, "stale_form"),
    (TooManyAttempts, 429, "too_many_attempts"),
    (Busy, 503, "busy"),
)

HTTP_SITUATIONS = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}
"""What the framework itself refuses; any other refusal is about a malformed request."""

BUSY_SECONDS = 5

TRIES = 4
"""How often an answer is tried again when other processes save the same draft in between."""

TYPED = frozenset({"open", "number", "postcode"})
"""Kinds of questions that are answered by typing."""

Fields = tuple[tuple[str, str], ...]
"""Names and values of form fields."""

RETRIED = frozenset({"stale_form", "busy"})
"""Situations after which the same form may be sent again."""


def walked(questionnaire: Questionnaire, participation: Participation, _wanted: str | None) -> Journey:
    """The journey as it is, whatever page was asked for."""
    return walk(
        questionnaire,
        participation.answers,
        purposes=participation.purposes,
        area=participation.invited_area,
    )


class Serving(Struct, frozen=True, kw_only=True):
    """How an application serves: what a preview or a test does otherwise than the real thing.

    Without `deliveries` there are no kiosks.
    `kiosk_idle`: seconds without touch before it asks who is there.
    """

    secret: bytes
    simulated: bool = False
    open_starts: float = rate_limit.STARTS_AT_ONCE
    today: Callable[[], date] = date.today
    find_journey: FindJourney = walked
    preview_bar: Callable[[Exchange], PreviewBar] | None = None
    more_pages: tuple[PageRoute, ...] = ()
    lifespan: Callable[[Litestar], AbstractAsyncContextManager[None]] | None = None
    recordings: Mapping[str, Assets] = {}
    deliveries: Deliveries | None = None
    kiosk_idle: int = 75
    theme: Theme | None = None


def create_app(questionnaires: Iterable[Questionnaire], store: Keeping, serving: Serving) -> Litestar:
    """The application. The store is opened and closed by the caller."""
    secret, theme = serving.secret, serving.theme
    pages, files = pages_in(OUR_OWN if theme is None else theme.look), files_of(theme)
    site = Site(
        surveys={
            questionnaire.key: Survey(questionnaire, pages.drafts, recorded_for(questionnaire, serving))
            for questionnaire in questionnaires
        },
        store=store,
        keys=Keys(secret=secret, cookie=derived_key(secret, "cookie"), forms=derived_key(secret, "forms")),
        render=pages.render,
        find_journey=serving.find_journey,
        code_guesses=rate_limit.for_codes(time.monotonic),
        receipt_guesses=rate_limit.for_receipts(time.monotonic),
        place_guesses=rate_limit.for_codes(time.monotonic),
        open_starts=rate_limit.for_starts(time.monotonic, burst=serving.open_starts),
        today=serving.today,
        simulated=serving.simulated,
        preview_bar=serving.preview_bar,
        evidence=read_evidence(),
    )
    kiosks = Kiosks(site, pages, files, idle=serving.kiosk_idle)
    return Litestar(
        route_handlers=[
            *survey_routes(site, (*PAGES, *serving.more_pages)),
            *other_routes(site, files, serving.recordings),
            *(
                ()
                if serving.deliveries is None
                else (
                    *kiosk_routes(site, serving.deliveries),
                    *kiosk_pages_routes(kiosks, serving.deliveries),
                )
            ),
        ],
        exception_handlers={Exception: lambda request, error: explained(site, request, error)},
        openapi_config=None,
        logging_config=None,
        lifespan=[] if serving.lifespan is None else [serving.lifespan],
        on_startup=[] if serving.deliveries is None else [preparing(kiosks, serving.deliveries)],
    )


def preparing(kiosks: Kiosks, deliveries: Deliveries) -> Callable[[Litestar], None]:
    """Make what kiosks show while the application already answers."""

    def begin(app: Litestar) -> None:
        app.state.preparing = asyncio.create_task(kiosks.prepare(deliveries.store))  # kept from the collector

    return begin


def recorded_for(questionnaire: Questionnaire, serving: Serving) -> tuple[str, ...]:
    """The names of the files that voice its sentences."""
    recordings = serving.recordings.get(questionnaire.key)
    return () if recordings is None else recordings.names


def files_of(theme: Theme | None) -> dict[str, Assets]:
    """What is served under /static and /theme."""
    ours = {"static": Assets(STATIC)}
    return ours if theme is None else {**ours, "theme": Assets(theme.folder, suffixes=SERVED)}


# Routes.


def survey_routes(site: Site, pages: Iterable[PageRoute]) -> Iterable[HTTPRouteHandler]:
    for path, show, act in pages:
        full = "/{survey:str}/{language:str}/" + path
        yield route(full, [HttpMethod.GET, HttpMethod.HEAD], showing(site, show))
        if act is not None:
            yield route(full, [HttpMethod.POST], acting(site, act))


def other_routes(
    site: Site, files: Mapping[str, Assets], recordings: Mapping[str, Assets]
) -> Iterable[HTTPRouteHandler]:
    reading = [HttpMethod.GET, HttpMethod.HEAD]

    async def front(request: Request[Any, Any, Any]) -> ASGIApp:
        return front_door(site, request)

    async def accessibility(request: Request[Any, Any, Any]) -> ASGIApp:
        return accessibility_of_all(site, request)

    async def begin(request: Request[Any, Any, Any]) -> ASGIApp:
        return redirect(start_of(site, request, request.path_params["survey"]))

    async def asset(request: Request[Any, Any, Any]) -> ASGIApp:
        _, place, name = request.scope["path"].split("/", maxsplit=2)
        encodings = request.headers.get("accept-encoding", "")
        return files[place].reply(name, versioned=bool(request.scope["query_string"]), encodings=encodings)

    async def audio(request: Request[Any, Any, Any]) -> ASGIApp:
        survey = recordings.get(request.path_params["survey"])
        if survey is None:
            raise NotFound
        return survey.part(
            request.path_params["name"],
            asked=request.headers.get("range", "") if request.method == HttpMethod.GET else "",
            unchanged_from=request.headers.get("if-range", ""),
        )

    async def health() -> ASGIApp:
        return Reply(status=200, headers=(*SECURITY, (b"content-type", b"text/plain")), body=b"ok\n")

    yield route("/", reading, front)
    yield route("/toegankelijkheid", reading, accessibility)
    yield route(["/{survey:str}", "/{survey:str}/{language:str}"], reading, begin)
    yield route([f"/{place}/{{name:path}}" for place in files], reading, asset)
    yield route("/audio/{survey:str}/{name:str}", reading, audio)
    yield route("/health", reading, health)


def kiosk_routes(site: Site, deliveries: Deliveries) -> Iterable[HTTPRouteHandler]:
    desk = kiosk_exchange.Desk(site=site, deliveries=deliveries)
    for path, handler in kiosk_exchange.POSTS:
        yield route(f"/kiosk/{{place:str}}/{path}", [HttpMethod.POST], answering(desk, handler))


def kiosk_pages_routes(kiosks: Kiosks, deliveries: Deliveries) -> Iterable[HTTPRouteHandler]:
    """What a kiosk gets to work without a network; none of it without a place that is known."""

    def got(reply: Callable[[Kiosk, str], Reply]) -> Callable[[Request[Any, Any, Any]], Awaitable[ASGIApp]]:
        async def get(request: Request[Any, Any, Any]) -> ASGIApp:
            place = await deliveries.store.place(str(request.path_params["place"]))
            if place is None:
                raise NotFound
            return await asyncio.to_thread(reply, place, str(request.path_params.get("file", "")).strip("/"))

        return get

    home, reading = "/kiosk/{place:str}", [HttpMethod.GET, HttpMethod.HEAD]
    yield route(home, reading, got(lambda place, _: kiosks.shell(place.place, place.survey)))
    yield route(f"{home}/worker.js", reading, got(lambda place, _: kiosks.worker(place.place, place.survey)))
    yield route(
        f"{home}/manifest.webmanifest",
        reading,
        got(lambda place, _: kiosks.manifest(place.place, place.name)),
    )
    yield route(
        f"{home}/texts/{{file:path}}", reading, got(lambda place, file: kiosks.text(place.survey, file))
    )


def answering(
    desk: kiosk_exchange.Desk, handler: kiosk_exchange.Handler
) -> Callable[[Request[Any, Any, Any]], Awaitable[ASGIApp]]:
    async def answer(request: Request[Any, Any, Any]) -> ASGIApp:
        return await kiosk_exchange.answered(handler, desk, request)

    return answer


def route(
    path: str | list[str], methods: list[HttpMethod], handler: Callable[..., Awaitable[ASGIApp]]
) -> HTTPRouteHandler:
    return HTTPRouteHandler(path, http_method=methods, include_in_schema=False, status_code=200)(handler)


def showing(site: Site, handler: Handler) -> Callable[[Request[Any, Any, Any]], Awaitable[ASGIApp]]:
    async def show(request: Request[Any, Any, Any]) -> ASGIApp:
        exchange = exchange_of(site, request, {})
        if exchange.redisplayed:
            return exchange.shown_anew()
        reply = await handled(handler, exchange)
        return packed(reply) if may_be_packed(request, reply) else reply

    return show


def may_be_packed(request: Request[Any, Any, Any], reply: Reply) -> bool:
    """A page that a browser takes in gzip, and in which nobody else could have put a word by its address."""
    asked = "gzip" in by_quality(header(request, b"accept-encoding"))
    return asked and reply.status == 200 and not request.scope["query_string"]


def acting(site: Site, handler: Handler) -> Callable[[Request[Any, Any, Any]], Awaitable[ASGIApp]]:
    async def act(request: Request[Any, Any, Any]) -> ASGIApp:
        check_media_type(header(request, b"content-type"))
        form = parse_fields(await read_body(request.receive))
        exchange = own_form(exchange_of(site, request, form))
        if not isinstance(exchange.visit, Underway):
            return await settled(handler, exchange)
        desk = site.desks.of(exchange.visit.draft_id)
        async with desk.lock:
            return await settled(handler, replace(exchange, desk=desk))

    return act


async def settled(handler: Handler, exchange: Exchange) -> Reply:
    """The reply once the draft could be saved: after another save it is read again and answered again."""
    for _ in range(TRIES):
        try:
            return await handled(handler, exchange)
        except Overtaken:
            continue
    raise Busy(fields=exchange.form, wait=BUSY_SECONDS)


async def handled(handler: Handler, exchange: Exchange) -> Reply:
    try:
        return await handler(exchange)
    except GoTo as elsewhere:
        return redirect(elsewhere.path, *exchange.fresh_cookies())
    except StoreError as error:
        log.warning("the store refused: %s", error)
        raise Busy(fields=exchange.form, wait=BUSY_SECONDS) from error


def own_form(exchange: Exchange) -> Exchange:
    """The exchange, when its form came from our own page in this visit."""
    if exchange.visit is None:
        raise NoVisit(fields=exchange.form)
    posted = first(exchange.form, csrf.FIELD)
    if not csrf.is_valid(posted, exchange.visit.token, exchange.site.keys.forms):
        raise StaleForm(fields=exchange.form)
    return exchange


def exchange_of(site: Site, request: Request[Any, Any, Any], form: Form) -> Exchange:
    """Raises NotFound for a survey or language that is not here."""
    key, tag, _ = address_of(request)
    survey = site.surveys.get(key)
    if survey is None or tag not in survey.wordings:
        raise NotFound(fields=form)
    return exchange_in(survey, tag, site, request, form)


def address_of(request: Request[Any, Any, Any]) -> tuple[str, str, str]:
    """The survey, the language and the page in an address; empty what it does not have."""
    _, key, tag, path = (*request.scope["path"].split("/", maxsplit=3), "", "", "")[:4]
    return key, tag, path


def exchange_in(
    survey: Survey, tag: str, site: Site, request: Request[Any, Any, Any], form: Form
) -> Exchange:
    own_language, wording = survey.wordings[tag]
    cookie = cookie_of(survey.questionnaire.key, secure=over_tls(request))
    query = query_of(request)
    display = first(form, FIELD) or first(query, FIELD)
    return Exchange(
        site=site,
        survey=survey,
        language=own_language,
        wording=wording,
        path=address_of(request)[2] or "start",
        parameter=request.scope.get("path_params", {}).get("parameter", ""),
        query=query,
        form=form,
        cookie=cookie,
        display_cookie=display_cookie(secure=over_tls(request)),
        visit=visit_of(request, cookie, survey, site.keys.cookie),
        display=display_of(display) if display else kept_display(request),
        redisplayed=display != "",
    )


def over_tls(request: Request[Any, Any, Any]) -> bool:
    return bool(request.scope["scheme"] == "https")


def kept_display(request: Request[Any, Any, Any]) -> Display:
    cookie = display_cookie(secure=over_tls(request))
    return display_of(cookie.read(header(request, b"cookie")) or "")


def display_now(request: Request[Any, Any, Any]) -> Display:
    """What the address asks for, else what was chosen before."""
    asked = first(query_of(request), FIELD)
    return display_of(asked) if asked else kept_display(request)


def display_asked_for(request: Request[Any, Any, Any]) -> tuple[Header, ...]:
    """The cookie that keeps the display that the address asks for; none when it asks for none."""
    if not first(query_of(request), FIELD):
        return ()
    cookie = display_cookie(secure=over_tls(request))
    return ((b"set-cookie", cookie.kept(display_now(request).value).encode()),)


def visit_of(request: Request[Any, Any, Any], cookie: Cookie, survey: Survey, key: bytes) -> Visit | None:
    """The visit in the cookie, when it is one to this survey."""
    sealed = cookie.read(header(request, b"cookie"))
    visit = open_visit(sealed, key) if sealed else None
    return visit if visit is not None and visit.survey == survey.questionnaire.key else None


def header(request: Request[Any, Any, Any], name: bytes) -> str:
    for key, value in request.scope["headers"]:
        if key == name:
            return str(value, "latin-1")
    return ""


QUERY = frozenset({"wijk", "from", "area", "step", FIELD})
"""All that our own addresses within a survey ever ask for."""

OUTSIDE = frozenset({"language", FIELD})
"""What they ask for outside one, where the language does not stand in the path."""


def query_of(request: Request[Any, Any, Any], names: Container[str] = QUERY) -> Form:
    text = request.scope["query_string"]
    if not text:
        return {}
    fields = parse_qs(text.decode("ascii", "replace"), max_num_fields=None)
    return {name: values[:1] for name, values in fields.items() if name in names}


# The front door.


def front_door(site: Site, request: Request[Any, Any, Any]) -> Reply:
    """The one survey that is here, or a list of them."""
    if len(site.surveys) == 1:
        return redirect(start_of(site, request, next(iter(site.surveys))))
    chrome = chrome_outside(site, request)
    links = tuple(survey_link(survey, chrome.language.tag) for survey in site.surveys.values())
    return shown_outside(site, request, "surveys.html", SurveysPage(surveys=links), chrome)


def accessibility_of_all(site: Site, request: Request[Any, Any, Any]) -> Reply:
    """The statement at the address that people know: of the one survey that is here, or of all pages."""
    if len(site.surveys) == 1:
        start = start_of(site, request, next(iter(site.surveys)))
        return redirect(start.partition("?")[0].removesuffix("start") + "accessibility")
    page = AccessibilityPage(evidence=site.evidence, sender=None, contact=None)
    return shown_outside(site, request, "accessibility.html", page, chrome_outside(site, request))


def shown_outside(
    site: Site, request: Request[Any, Any, Any], template: str, page: Struct, chrome: Chrome
) -> Reply:
    """A page outside a survey; after another display was asked for at an address that no longer asks it."""
    cookies = display_asked_for(request)
    if cookies:
        return redirect(f"{request.scope['path']}?language={chrome.language.tag}", *cookies)
    html = site.render(template, page, chrome)
    return Reply(status=200, headers=PAGE, body=html.encode())


def survey_link(survey: Survey, tag: str) -> SurveyLink:
    """A survey in a language, or in its own when it does not have that one."""
    title, key = survey.questionnaire.title, survey.questionnaire.key
    if tag in survey.wordings:
        return SurveyLink(title=survey.wording(tag)(title), href=f"/{key}/{tag}")
    source = survey.questionnaire.source_language
    return SurveyLink(title=replace(survey.wording(source)(title), lang=source), href=f"/{key}")


def chrome_outside(site: Site, request: Request[Any, Any, Any]) -> Chrome:
    """What surrounds a page that is not of one survey, in the language chosen there or asked for."""
    spoken = spoken_everywhere(site)
    chosen = first(query_of(request, OUTSIDE), "language")
    tag = chosen if chosen in spoken else preferred(header(request, b"accept-language"), list(spoken))
    display = display_now(request)
    return Chrome(
        language=spoken[tag],
        languages=tuple(
            LanguageLink(language=other, href=f"?language={other.tag}", current=other.tag == tag)
            for other in spoken.values()
        ),
        display=display,
        displays=tuple(
            DisplayLink(
                what=what,
                value=other.value,
                href=f"?language={tag}&{FIELD}={other.value}",
                current=other == display,
            )
            for what, other in displays(display, pictograms=False).items()
        ),
        simulated=site.simulated,
        notice_draft=spoken[tag].draft,
    )


def spoken_everywhere(site: Site) -> dict[str, Language]:
    """Every language of a survey here, ordered as a survey orders them; Dutch when there is no survey."""
    found = {one.tag: one for survey in site.surveys.values() for one in survey.languages}
    first = next(iter(found), "nl")
    ordered = sorted(found, key=lambda tag: (tag.partition("-")[0] != first, tag))
    return {tag: found[tag] for tag in ordered} or {first: language(first)}


def start_of(site: Site, request: Request[Any, Any, Any], key: str) -> str:
    survey = site.surveys.get(key)
    wanted = request.path_params.get("language")
    if survey is None or (wanted is not None and wanted not in survey.wordings):
        raise NotFound
    tag = wanted or preferred(header(request, b"accept-language"), list(survey.wordings))
    area = query_of(request).get("wijk", [""])[0]
    known = any(area == other.code for other in survey.questionnaire.municipality.areas)
    return f"/{key}/{tag}/start" + (f"?wijk={area}" if known else "")


# What goes wrong.


def explained(site: Site, request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """The page that says in the resident's language what is the matter and what to do next."""
    status, kind = situation_of(error)
    if kind == "fault":
        log_fault(error)
    fields = sent_fields(error)
    exchange = exchange_in_a_survey(site, request)
    chrome = chrome_outside(site, request) if exchange is None else exchange.chrome()
    again = exchange.at(exchange.path) if exchange is not None and exchange.visit is not None else None
    page = SituationPage(
        kind=kind,
        resume="/" if chrome.home is None else f"{chrome.home}/resume",
        retry=again if fields and kind in RETRIED else None,
        fields=fields,
        typed=() if exchange is None else typed_texts(exchange, fields),
    )
    replied = (*PAGE, *display_asked_for(request))
    headers = {name.decode(): value.decode() for name, value in replied if name != b"content-type"}
    if isinstance(error, Situation) and error.wait is not None:
        headers["retry-after"] = str(error.wait)
    body = site.render("situation.html", page, chrome).encode()
    return Response(body, status_code=status, headers=headers, media_type=MediaType.HTML)


def sent_fields(error: Exception) -> Fields:
    """What was sent and not kept, without the token that has lost its meaning."""
    fields = error.fields if isinstance(error, Situation) else {}
    return tuple((name, text) for name, texts in fields.items() if name != csrf.FIELD for text in texts)


def typed_texts(exchange: Exchange, fields: Fields) -> tuple[str, ...]:
    """Of what was sent, the words and numbers that a resident typed: codes of options say nothing."""
    step = exchange.survey.steps.get(exchange.parameter)
    if step is None or step.kind not in TYPED:
        return ()
    reasons = {str(reason.code) for reason in step.question.reasons}
    return tuple(text for name, text in fields if name == "answer" and text not in reasons)


def situation_of(error: Exception) -> tuple[int, str]:
    for raised, status, kind in SITUATIONS:
        if isinstance(error, raised):
            return status, kind
    if isinstance(error, HTTPException) and error.status_code < 500:
        return error.status_code, HTTP_SITUATIONS.get(error.status_code, "malformed")
    return 500, "fault"


def exchange_in_a_survey(site: Site, request: Request[Any, Any, Any]) -> Exchange | None:
    """The request that went wrong; None when it was not within a survey.

    In the language of the address, also where no page is; else in one that the browser asks for.
    """
    key, tag, _ = address_of(request)
    survey = site.surveys.get(key)
    if survey is None:
        return None
    if tag not in survey.wordings:
        tag = preferred(header(request, b"accept-language"), list(survey.wordings))
    return exchange_in(survey, tag, site, request, {})


def log_fault(error: Exception) -> None:
    """Where a bug struck, but not its message or values: those could hold an answer."""
    frames = traceback.extract_tb(error.__traceback__)
    places = " < ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in reversed(frames[-6:]))
    log.error("bug: %s at %s", type(error).__name__, places)
