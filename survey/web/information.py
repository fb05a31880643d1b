"""Pages beside taking part: withdrawing, the social map, help and privacy."""

from survey import receipts
from survey.web.exchange import Exchange, Reply
from survey.web.forms import first
from survey.web.presentation import consent_ticks, is_open, social_map
from survey.web.situations import NotFound, TooManyAttempts
from survey.web.views import (
    AccessibilityPage,
    Fault,
    HelpPage,
    PrivacyPage,
    SocialMapPage,
    WithdrawnPage,
    WithdrawPage,
)
from survey.web.visit import Finished, Opening, Underway


async def show_withdraw(exchange: Exchange) -> Reply:
    return withdraw_reply(exchange.with_visit())


async def withdraw(exchange: Exchange) -> Reply:
    """Delete exactly the response that the receipt belongs to."""
    if not may_withdraw(exchange):
        return withdraw_reply(exchange)
    receipt = receipts.normalise(first(exchange.form, "receipt"))
    mistake = receipts.mistake(receipt)
    if mistake is not None:
        fault = "receipt_missing" if mistake == "empty" else "receipt_mistyped"
        return withdraw_reply(exchange, Fault(target="receipt", code=fault))
    guesses = exchange.site.receipt_guesses
    wait = guesses.guess(exchange.token)
    if wait:
        raise TooManyAttempts(wait=wait)
    hashed = receipts.receipt_hash(receipt, exchange.site.keys.secret)
    if not await exchange.site.store.withdraw(exchange.questionnaire.key, hashed):
        return withdraw_reply(exchange, Fault(target="receipt", code="receipt_unknown"))
    guesses.right(exchange.token)
    forget = (exchange.clear_cookie(),) if isinstance(exchange.visit, Finished) else ()
    return exchange.go_to("withdrawn", *forget)


def may_withdraw(exchange: Exchange) -> bool:
    return is_open(exchange.questionnaire.fieldwork.withdrawal_until, exchange.site.today())


def withdraw_reply(exchange: Exchange, *faults: Fault) -> Reply:
    page = WithdrawPage(
        action=exchange.at("withdraw"),
        typed=first(exchange.form, "receipt"),
        until=exchange.questionnaire.fieldwork.withdrawal_until,
        open=may_withdraw(exchange),
        faults=faults,
    )
    chrome = exchange.chrome(back=whence(exchange))
    return exchange.page("withdraw.html", page, chrome, status=422 if faults else 200)


async def withdrawn(exchange: Exchange) -> Reply:
    return exchange.page("withdrawn.html", WithdrawnPage(start=exchange.at("start")), exchange.chrome())


async def show_social_map(exchange: Exchange) -> Reply:
    """The social map of an area, or the areas to choose from. No answers are needed for it."""
    shown = social_map(exchange.wording, exchange.parameter or exchange.linked_area(), home=exchange.home)
    if exchange.parameter and shown.area is None:
        raise NotFound
    back = "social-map" if exchange.parameter else whence(exchange)
    return exchange.page("social_map.html", SocialMapPage(social_map=shown), exchange.chrome(back=back))


async def show_help(exchange: Exchange) -> Reply:
    fieldwork, wording = exchange.questionnaire.fieldwork, exchange.wording
    page = HelpPage(sender=wording(fieldwork.sender), contact=wording.maybe(fieldwork.contact))
    return exchange.page("help.html", page, exchange.chrome(back=whence(exchange)))


async def show_privacy(exchange: Exchange) -> Reply:
    fieldwork, wording = exchange.questionnaire.fieldwork, exchange.wording
    page = PrivacyPage(
        sender=wording(fieldwork.sender),
        purposes=consent_ticks(wording, frozenset()),
        withdrawal_until=fieldwork.withdrawal_until,
        closes=fieldwork.closes,
        ethics_approval=fieldwork.ethics_approval,
        contact=wording.maybe(fieldwork.contact),
    )
    return exchange.page("privacy.html", page, exchange.chrome(back=whence(exchange)))


async def show_accessibility(exchange: Exchange) -> Reply:
    fieldwork, wording = exchange.questionnaire.fieldwork, exchange.wording
    page = AccessibilityPage(
        evidence=exchange.site.evidence,
        sender=wording(fieldwork.sender),
        contact=wording.maybe(fieldwork.contact),
    )
    return exchange.page("accessibility.html", page, exchange.chrome(back=whence(exchange)))


def whence(exchange: Exchange) -> str:
    """Where "Vorige" leads from a page that stands beside the questions."""
    match exchange.visit:
        case Opening() | Underway():
            return "resume"
        case Finished():
            return "done"
    return "start"
