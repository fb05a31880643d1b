"""How taking part ends: check and submit, the last page, stopping, or a kind refusal."""

from msgspec.structs import replace

from survey import receipts
from survey.participation import Participation, iso_week, respond
from survey.questionnaires.routing import Journey
from survey.web.exchange import Exchange, Reply
from survey.web.forms import first
from survey.web.presentation import check_page, social_map
from survey.web.situations import GoTo, NotFound, NoVisit, Overtaken
from survey.web.standing import consented, fetched, journey_of, place_of, save, standing
from survey.web.views import DonePage, Fault, RefusedPage, StopPage, StoppedPage
from survey.web.visit import Finished, Opening, Underway


async def show_check(exchange: Exchange) -> Reply:
    participation = consented(exchange, await standing(exchange))
    journey = journey_of(exchange, participation)
    answered(exchange, journey)
    page = check_page(journey, exchange.wording, home=exchange.home)
    chrome = exchange.chrome(back=f"page/{journey.steps[-1].variable}" if journey.steps else "consent")
    return exchange.page("check.html", page, chrome)


def answered(exchange: Exchange, journey: Journey) -> None:
    place = place_of(exchange, journey.first_open)
    if place != "check":
        raise GoTo(exchange.at(place))


async def submit(exchange: Exchange) -> Reply:
    """Send the answers; sending them again (two tabs, an impatient second click) leads to the same page."""
    visit = exchange.visit
    if not isinstance(visit, Underway):
        await standing(exchange)
        raise GoTo(exchange.at("code"))
    participation = consented(exchange, await standing(exchange))
    journey = journey_of(exchange, participation)
    answered(exchange, journey)
    response = respond(
        participation,
        exchange.questionnaire,
        week=iso_week(exchange.site.today()),
        receipt_hash=receipts.receipt_hash(visit.receipt, exchange.site.keys.secret),
    )
    read = exchange.desk.sealed or b""
    accepted = await exchange.site.store.submit(visit.draft_id, response, visit.code_hash, replacing=read)
    if not accepted:
        newest = await fetched(exchange, visit.draft_id)
        if newest is None:
            raise GoTo(exchange.at("done"))
        if newest == read:  # the code was used on another device just now
            return exchange.go_to("used", exchange.clear_cookie())
        raise Overtaken
    exchange.desk.sealed = None
    return exchange.go_to("done", exchange.set_cookie(finished(visit, journey.area)))


async def to_check(exchange: Exchange) -> Reply:
    """Who reloads the address that the answers were sent to."""
    raise GoTo(exchange.at("check"))


def finished(visit: Underway, area: str | None) -> Finished:
    return Finished(survey=visit.survey, token=visit.token, receipt=visit.receipt, area=area)


async def done(exchange: Exchange) -> Reply:
    visit = exchange.visit
    if isinstance(visit, Underway) and await exchange.site.store.draft(visit.draft_id) is None:
        if not await received(exchange, visit):
            return exchange.go_to(await instead_of_done(exchange, visit), exchange.clear_cookie())
        visit = finished(visit, None)
        exchange = replace(exchange, visit=visit, fresh=True)
    if not isinstance(visit, Finished):
        raise GoTo(exchange.at("start"))
    page = DonePage(
        receipt=tuple(visit.receipt.split()),
        withdrawal_until=exchange.questionnaire.fieldwork.withdrawal_until,
        social_map=social_map(exchange.wording, visit.area, home=exchange.home),
        leave=exchange.at("stop"),
    )
    return exchange.page("done.html", page, exchange.chrome())


async def received(exchange: Exchange, visit: Underway) -> bool:
    """Whether the draft is gone because it was sent with this receipt, whose words are then true."""
    receipt_hash = receipts.receipt_hash(visit.receipt, exchange.site.keys.secret)
    return await exchange.site.store.received(visit.survey, receipt_hash)


async def instead_of_done(exchange: Exchange, visit: Underway) -> str:
    """The path when the draft is gone and was not sent: erased on another device, or left too long."""
    if visit.code_hash is not None:
        entry = await exchange.site.store.redeem(visit.code_hash, visit.survey)
        if entry is not None and entry.state == "used":
            return "used"
    return "stopped/erased"


# Stopping.


async def show_stop(exchange: Exchange) -> Reply:
    return stop_reply(exchange.with_visit())


def stop_reply(exchange: Exchange, *faults: Fault) -> Reply:
    resume = "done" if isinstance(exchange.visit, Finished) else "resume"
    page = StopPage(
        action=exchange.at("stop"), kept=what_is_kept(exchange), resume=exchange.at(resume), faults=faults
    )
    chrome = exchange.chrome(back=resume)
    return exchange.page("stop.html", page, chrome, status=422 if faults else 200)


def what_is_kept(exchange: Exchange) -> str:
    match exchange.visit:
        case Underway(code_hash=None):
            return "draft"
        case Underway():
            return "code"
        case Opening(participation=Participation(answers=answers)) if answers:
            return "cookie"
    return "nothing"


async def stop(exchange: Exchange) -> Reply:
    """Erase everything and forget the visit, or leave it for later; a code is what to come back with.

    What is left for later is saved anew, so that the time it is kept counts from now.
    """
    choice = first(exchange.form, "choice")
    if choice == "later" and isinstance(exchange.visit, Underway):
        await save(exchange, exchange.visit, await standing(exchange))
    if choice == "later" and what_is_kept(exchange) == "code":
        return exchange.go_to("stopped/later-code", exchange.clear_cookie())
    if choice == "later":
        return exchange.go_to("stopped/later-browser")
    if choice == "leave":
        return exchange.go_to("stopped/left", exchange.clear_cookie())
    if choice == "erase":
        await erase(exchange)
        return exchange.go_to("stopped/erased", exchange.clear_cookie())
    return stop_reply(exchange, Fault(target="choice-later", code="choose_stop"))


async def erase(exchange: Exchange) -> None:
    """Delete the draft, if there is one. What was submitted stays: the receipt is what deletes that."""
    if isinstance(exchange.visit, Underway):
        exchange.desk.sealed = None
        await exchange.site.store.discard_draft(exchange.visit.draft_id)


OUTCOMES = {
    "erased": "erased",
    "later-code": "later_code",
    "later-browser": "later_browser",
    "left": "left",
}


async def stopped(exchange: Exchange) -> Reply:
    if exchange.parameter not in OUTCOMES:
        raise NotFound
    page = StoppedPage(outcome=OUTCOMES[exchange.parameter], start=exchange.at("start"))
    return exchange.page("stopped.html", page, exchange.chrome())


async def resume(exchange: Exchange) -> Reply:
    """Back to the first open question."""
    participation = consented(exchange, await standing(exchange))
    raise GoTo(exchange.at(place_of(exchange, journey_of(exchange, participation).first_open)))


async def refuse(exchange: Exchange, journey: Journey) -> Reply:
    """The kind page after an answer that ends taking part; nothing is kept, here or in the browser."""
    if journey.stop is None or exchange.visit is None:
        raise NoVisit
    await erase(exchange)
    left = replace(exchange, visit=None)
    page = RefusedPage(text=left.wording(journey.stop, journey), social_map=left.at("social-map"))
    reply = left.page("refused.html", page, left.chrome())
    return replace(reply, headers=(*reply.headers, left.clear_cookie()))
