"""Where a resident stands, and where the way goes on."""

from msgspec.structs import replace

from survey.participation import Participation
from survey.questionnaires.model import Step
from survey.questionnaires.routing import Journey
from survey.sealing import seal, unseal
from survey.web.exchange import Exchange, Reply
from survey.web.forms import first
from survey.web.presentation import is_open, may_finish
from survey.web.situations import FieldworkClosed, GoTo, NoVisit, Overtaken
from survey.web.visit import Finished, Opening, Underway

DRAFT_DAYS = 30
"""A draft that nobody touched for this long is deleted."""


async def standing(exchange: Exchange, *, remembered: bool = False) -> Participation:
    """The participation so far, from the cookie or from the draft that the cookie opens.

    `remembered`: the draft as this process left it will do, because what follows is a save, which is
    refused when that is not the newest.
    """
    closes, today = exchange.questionnaire.fieldwork.closes, exchange.site.today()
    if not (may_finish if exchange.begun else is_open)(closes, today):
        raise FieldworkClosed(fields=exchange.form)
    match exchange.visit:
        case Opening(participation=participation):
            return participation
        case Underway(draft_id=draft_id, draft_key=draft_key):
            left = exchange.desk.sealed if remembered else None
            sealed = left or await fetched(exchange, draft_id)
            if sealed is None:
                raise GoTo(exchange.at("done"))
            return unseal(sealed, draft_key, Participation)
        case Finished():
            raise GoTo(exchange.at("done"))
    if exchange.form:
        raise NoVisit(fields=exchange.form)
    raise GoTo(exchange.at("start"))


async def fetched(exchange: Exchange, draft_id: bytes) -> bytes | None:
    """The draft in the store, now on the desk."""
    exchange.desk.sealed = await exchange.site.store.draft(draft_id)
    return exchange.desk.sealed


async def keep(exchange: Exchange, participation: Participation, path: str) -> Reply:
    """Keep the participation where it belongs (committed before the reply), and go to `path`."""
    spoken = replace(participation, language=exchange.language.tag)
    if isinstance(exchange.visit, Underway):
        await save(exchange, exchange.visit, spoken)
        return exchange.go_to(path)
    if isinstance(exchange.visit, Opening):
        return exchange.go_to(path, exchange.set_cookie(replace(exchange.visit, participation=spoken)))
    raise NoVisit(fields=exchange.form)


async def save(exchange: Exchange, visit: Underway, participation: Participation) -> None:
    """Put it in the place of what lies on the desk. Raises Overtaken when that is not the newest."""
    sealed, desk = seal(participation, visit.draft_key), exchange.desk
    replaced, desk.sealed = desk.sealed, None
    saved = await exchange.site.store.save_draft(visit.draft_id, sealed, replacing=replaced or b"")
    if not saved:
        raise Overtaken
    desk.sealed = sealed


def journey_of(exchange: Exchange, participation: Participation, wanted: str | None = None) -> Journey:
    return exchange.site.find_journey(exchange.questionnaire, participation, wanted)


def consented(exchange: Exchange, participation: Participation) -> Participation:
    if not exchange.survey.required <= participation.purposes:
        raise GoTo(exchange.at("consent"))
    return participation


def place_of(exchange: Exchange, step: Step | None) -> str:
    """The path of a step; the code page stands between the opening questions and the others."""
    if (step is None or not step.block.opening) and isinstance(exchange.visit, Opening):
        return "code"
    return "check" if step is None else f"page/{step.variable}"


def onward(journey: Journey, variable: str) -> Step | None:
    """The step after this one, or an earlier one that is still open; None when all is answered."""
    for number, step in enumerate(journey.steps):
        if step.variable == variable:
            return journey.steps[number + 1] if number + 1 < len(journey.steps) else None
        if step.variable not in journey.counting:
            return step
    return journey.first_open


def switched(exchange: Exchange) -> bool:
    """Whether the form was sent by a button for another language or display, not to go on."""
    return exchange.redisplayed or "language" in exchange.form


def spoken(exchange: Exchange) -> Exchange:
    """The exchange in the language of the button that was pressed, if one was."""
    return exchange.in_language(first(exchange.form, "language"))
