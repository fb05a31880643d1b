"""The code from the letter, or none: here the server begins to keep answers."""

import logging
import secrets

from msgspec.structs import replace

from survey import invitations, receipts
from survey.participation import Participation
from survey.questionnaires.forms import parents_questions
from survey.questionnaires.routing import Journey
from survey.sealing import seal, unseal
from survey.web.exchange import Exchange, Reply
from survey.web.forms import first
from survey.web.situations import Busy, GoTo, Overtaken, TooManyAttempts
from survey.web.standing import consented, fetched, journey_of, keep, place_of, spoken, standing, switched
from survey.web.views import CodePage, Fault, UsedPage
from survey.web.visit import Underway, own_draft

log = logging.getLogger(__name__)


async def show_code(exchange: Exchange) -> Reply:
    participation = consented(exchange, await standing(exchange))
    return code_reply(exchange, opening_done(exchange, participation))


async def give_code(exchange: Exchange) -> Reply:
    participation = consented(exchange, await standing(exchange))
    journey = opening_done(exchange, participation)
    if "no_code" in exchange.form:
        if a_parent_agreed(exchange, journey):
            return code_reply(exchange, journey, Fault(target="code", code="code_of_parent"))
        return await begin_without_code(exchange, participation)
    code = invitations.normalise(first(exchange.form, "code"))
    mistake = invitations.mistake(code)
    if switched(exchange):
        return code_reply(spoken(exchange), journey)
    if mistake is not None:
        fault = "code_missing" if mistake == "empty" else "code_mistyped"
        return code_reply(exchange, journey, Fault(target="code", code=fault))
    if a_parent_agreed(exchange, journey) and invitations.kind_of(code) == "slip":
        return code_reply(exchange, journey, Fault(target="code", code="code_of_parent"))
    return await redeem(exchange, participation, journey, code)


def opening_done(exchange: Exchange, participation: Participation) -> Journey:
    """The journey, when the code page is next on it."""
    journey = journey_of(exchange, participation)
    place = place_of(exchange, journey.first_open)
    if place != "code":
        raise GoTo(exchange.at(place))
    return journey


def a_parent_agreed(exchange: Exchange, journey: Journey) -> bool:
    """Whether a parent was asked: the code from a letter to parents is what shows that it was one."""
    return not parents_questions(exchange.questionnaire.blocks).isdisjoint(journey.counting)


async def begin_without_code(exchange: Exchange, participation: Participation) -> Reply:
    """The open link: a stratum of its own, and the one draft of this visit, that only its cookie opens."""
    return await go_on(exchange, participation, *own_draft(exchange.token, exchange.site.keys.secret))


async def redeem(exchange: Exchange, participation: Participation, journey: Journey, code: str) -> Reply:
    site = exchange.site
    wait = site.code_guesses.guess(exchange.token)
    if wait:
        raise TooManyAttempts(wait=wait)
    code_hash = invitations.code_hash(code, site.keys.secret)
    entry = await site.store.redeem(code_hash, exchange.questionnaire.key)
    if entry is None:
        return code_reply(exchange, journey, Fault(target="code", code="code_unknown"))
    site.code_guesses.right(exchange.token)
    if entry.state == "used":
        return exchange.go_to("used")
    invited = replace(participation, code_hash=code_hash, slip=entry.kind == "slip", invited_area=entry.area)
    secret = site.keys.secret
    draft_id, draft_key = invitations.draft_id(code, secret), invitations.draft_key(code, secret)
    return await go_on(exchange, invited, draft_id, draft_key)


async def go_on(exchange: Exchange, participation: Participation, draft_id: bytes, draft_key: bytes) -> Reply:
    """Begin, or go on with what was answered before in the same draft: with a code, on any device."""
    desk = exchange.site.desks.of(draft_id)
    exchange = replace(exchange, desk=desk)
    async with desk.lock:
        sealed = await fetched(exchange, draft_id)
        earlier = None if sealed is None else unseal(sealed, draft_key, Participation)
        receipt = (earlier and earlier.receipt) or receipts.make(secrets.SystemRandom())
        visit = Underway(
            survey=exchange.questionnaire.key,
            token=exchange.token,
            draft_id=draft_id,
            draft_key=draft_key,
            receipt=receipt,
            code_hash=participation.code_hash,
        )
        answers = {**(earlier.answers if earlier else {}), **participation.answers}
        resumed = replace(participation, answers=answers, receipt=receipt)
        if earlier is None:
            return await begin(exchange, visit, resumed)
        underway = replace(exchange, visit=visit, fresh=True)
        return await keep(underway, resumed, next_place(underway, resumed))


async def begin(exchange: Exchange, visit: Underway, participation: Participation) -> Reply:
    """Keep the answers so far as a draft, and from now on only what opens it in the cookie.

    Raises Overtaken when another process began with this code at the same moment: that draft, with its
    receipt, is the one to go on with. Raises Busy when too many begin without a code.
    """
    wait = exchange.site.open_starts.start() if visit.code_hash is None else 0
    if wait:
        log.warning("Too many begin without a code: the open link is closed for a moment.")
        raise Busy(fields=exchange.form, wait=wait)
    sealed = seal(participation, visit.draft_key)
    if not await exchange.site.store.start_draft(visit.draft_id, visit.survey, sealed):
        raise Overtaken
    underway = replace(exchange, visit=visit, fresh=True)
    return underway.go_to(next_place(underway, participation))


def next_place(exchange: Exchange, participation: Participation) -> str:
    return place_of(exchange, journey_of(exchange, participation).first_open)


def code_reply(exchange: Exchange, journey: Journey, *faults: Fault) -> Reply:
    opening = [step for step in journey.steps if step.block.opening]
    page = CodePage(action=exchange.at("code"), typed=first(exchange.form, "code"), faults=faults)
    chrome = exchange.chrome(back=f"page/{opening[-1].variable}" if opening else "consent", switch_saves=True)
    return exchange.page("code.html", page, chrome, status=422 if faults else 200)


async def used(exchange: Exchange) -> Reply:
    page = UsedPage(withdraw=exchange.at("withdraw"), social_map=exchange.at("social-map"))
    return exchange.page("used.html", page, exchange.chrome(back="code"))
