"""Taking part: start, consent and the questions.

Each handler fetches, walks, reads and saves in a straight line; what is decided is decided in
`questionnaires`. Nothing is kept on the server before the code page.
"""

from msgspec.structs import replace

from survey.participation import Participation
from survey.questionnaires.answers import Answer, may_skip, needs_parent, options_of, parse_form
from survey.questionnaires.model import SKIPPED, Municipality, Step
from survey.questionnaires.routing import Journey
from survey.web.ending import refuse
from survey.web.exchange import Exchange, Reply
from survey.web.forms import first
from survey.web.presentation import Attempt, consent_ticks, is_open, minutes, question_page
from survey.web.situations import FieldworkClosed, GoTo, NotFound
from survey.web.standing import consented, journey_of, keep, onward, place_of, spoken, standing, switched
from survey.web.views import ConsentPage, Fault, PracticePage, StartPage
from survey.web.visit import Finished, Opening


async def start(exchange: Exchange) -> Reply:
    questionnaire, wording = exchange.questionnaire, exchange.wording
    if not is_open(questionnaire.fieldwork.closes, exchange.site.today()):
        raise FieldworkClosed
    area = exchange.linked_area()
    journey = journey_of(exchange, Participation(language=exchange.language.tag, invited_area=area))
    wijk = f"?wijk={area}" if area else ""
    page = StartPage(
        introduction=wording(questionnaire.introduction, journey),
        sender=wording(questionnaire.fieldwork.sender),
        area=wording.area(area),
        minutes=minutes(questionnaire),
        begin=exchange.at("consent") + wijk,
        practice=exchange.at("practice") + wijk if questionnaire.practice else None,
        closes=questionnaire.fieldwork.closes,
    )
    return exchange.page("start.html", page, exchange.chrome())


async def show_practice(exchange: Exchange) -> Reply:
    return practice_reply(exchange.with_visit())


async def practise(exchange: Exchange) -> Reply:
    """Show what would have been answered. Nothing of it is kept."""
    return practice_reply(spoken(exchange), tried=not switched(exchange))


def practice_reply(exchange: Exchange, *, tried: bool = False) -> Reply:
    questionnaire = exchange.questionnaire
    if not questionnaire.practice:
        raise NotFound
    if not is_open(questionnaire.fieldwork.closes, exchange.site.today()):
        raise FieldworkClosed
    page = PracticePage(
        action=exchange.at("practice"),
        begin=exchange.at("consent"),
        chosen="" if "skip" in exchange.form else first(exchange.form, "answer"),
        tried=tried,
    )
    chrome = exchange.chrome(back="practice" if tried else "start", switch_saves=not tried)
    return exchange.page("practice.html", page, chrome)


async def show_consent(exchange: Exchange) -> Reply:
    """Who begins after answers were sent is taken for another, who must not see the words of the first."""
    if isinstance(exchange.visit, Finished):
        exchange = replace(exchange, visit=None)
    exchange = exchange.with_visit()
    return consent_reply(exchange, (await standing(exchange)).purposes)


async def give_consent(exchange: Exchange) -> Reply:
    participation = await standing(exchange)
    offered = {purpose.key for purpose in exchange.questionnaire.purposes}
    purposes = frozenset(offered.intersection(exchange.form.get("purpose", ())))
    missing = sorted(exchange.survey.required - purposes)
    if missing and not switched(exchange):
        fault = Fault(target=f"purpose-{missing[0]}", code="consent_required")
        return consent_reply(exchange, purposes, (fault,))
    changed = replace(participation, purposes=purposes)
    if switched(exchange):
        return await keep(spoken(exchange), changed, "consent")
    return await keep(exchange, changed, place_of(exchange, journey_of(exchange, changed).first_open))


def consent_reply(exchange: Exchange, chosen: frozenset[str], faults: tuple[Fault, ...] = ()) -> Reply:
    fieldwork, wording = exchange.questionnaire.fieldwork, exchange.wording
    page = ConsentPage(
        action=exchange.at("consent"),
        ticks=consent_ticks(wording, chosen),
        decline=exchange.at("stop"),
        sender=wording(fieldwork.sender),
        withdrawal_until=fieldwork.withdrawal_until,
        ethics_approval=fieldwork.ethics_approval,
        contact=wording.maybe(fieldwork.contact),
        faults=faults,
    )
    chrome = exchange.chrome(back="start", switch_saves=True)
    return exchange.page("consent.html", page, chrome, status=422 if faults else 200)


async def show_question(exchange: Exchange) -> Reply:
    participation = consented(exchange, await standing(exchange))
    journey = journey_of(exchange, participation, exchange.parameter)
    return question_reply(exchange, journey, reached(exchange, journey))


async def answer_question(exchange: Exchange) -> Reply:
    """Read one answer, keep it, and go on; or show again what was sent, with what to put right."""
    participation = consented(exchange, await standing(exchange, remembered=True))
    step = exchange.survey.steps.get(exchange.parameter)
    if step is None:
        raise NotFound
    if not step.block.opening and isinstance(exchange.visit, Opening):
        raise GoTo(exchange.at("code"))
    area = journey_of(exchange, participation).area if differs_by_area(step) else None
    given, errors = parse_form(step, exchange.form, exchange.questionnaire.municipality, area=area)
    refused = refusal(participation, step, given, opening=isinstance(exchange.visit, Opening))
    if switched(exchange) and given.get(step.variable) == SKIPPED:
        return spoken(exchange).go_to(f"page/{step.variable}{came_from_check(exchange)}")
    posted = tuple(exchange.form.get("answer", ()))
    if switched(exchange) and (errors or stops(step, given)):
        return ask_again(spoken(exchange), participation, Attempt(posted=posted))
    if errors or refused:
        return ask_again(exchange, participation, Attempt(posted=posted, errors=errors, refused=refused))
    return await keep_answer(exchange, participation, step, given)


def refusal(
    participation: Participation, step: Step, given: dict[str, Answer], *, opening: bool
) -> str | None:
    """Why an answer that is well formed is not taken: it cannot be skipped, or only goes with a letter."""
    answer = given.get(step.variable)
    if answer == SKIPPED and not may_skip(step.question):
        return "choose_one"
    without_letter = not opening and participation.channel != "invited"
    return "code_of_parent" if needs_parent(step.question, answer) and without_letter else None


def stops(step: Step, given: dict[str, Answer]) -> bool:
    """Whether an answer would end taking part: not because of another language."""
    return any(
        option.stop and option.code == given.get(step.variable) for option in options_of(step.question)
    )


def ask_again(exchange: Exchange, participation: Participation, attempt: Attempt) -> Reply:
    """The page once more, with what was sent; it is kept only when it is whole."""
    journey = journey_of(exchange, participation, exchange.parameter)
    return question_reply(exchange, journey, reached(exchange, journey), attempt)


async def keep_answer(
    exchange: Exchange, participation: Participation, step: Step, given: dict[str, Answer]
) -> Reply:
    """Keep it, also when it is off the path by now (another tab changed something): it does not count."""
    kept_area = step.kind == "neighbourhood" and "skip" not in exchange.form
    if kept_area and given[step.variable] == SKIPPED and step.variable in participation.answers:
        given = {}
    earlier = still_true(participation.answers, step, given, exchange.questionnaire.municipality)
    changed = replace(participation, answers={**earlier, **given})
    journey = journey_of(exchange, changed, step.variable)
    if journey.stop is not None:
        return await refuse(exchange, journey)
    if switched(exchange):
        return await keep(spoken(exchange), changed, f"page/{step.variable}{came_from_check(exchange)}")
    following = journey.first_open if came_from_check(exchange) else onward(journey, step.variable)
    return await keep(exchange, changed, place_of(exchange, following))


def still_true(
    answers: dict[str, Answer], step: Step, given: dict[str, Answer], municipality: Municipality
) -> dict[str, Answer]:
    """The earlier answers without an area that a changed postcode no longer touches."""
    if step.kind != "postcode" or given.get(step.variable) == answers.get(step.variable):
        return answers
    areas = municipality.postcodes.get(str(given[step.variable]), ())
    place = step.variable.removesuffix("_postcode")
    if not areas or answers.get(place) in {None, *areas}:
        return answers
    return {variable: answer for variable, answer in answers.items() if variable != place}


def differs_by_area(step: Step) -> bool:
    return any(option.areas for option in options_of(step.question))


def reached(exchange: Exchange, journey: Journey) -> Step:
    """The step that was asked for, when the resident has come that far."""
    step, first_open = journey.step(exchange.parameter), journey.first_open
    if step is None or (step.variable not in journey.counting and step is not first_open):
        raise GoTo(exchange.at(place_of(exchange, first_open)))
    if not step.block.opening and isinstance(exchange.visit, Opening):
        raise GoTo(exchange.at("code"))
    return step


def question_reply(exchange: Exchange, journey: Journey, step: Step, attempt: Attempt | None = None) -> Reply:
    action = exchange.at(f"page/{step.variable}{came_from_check(exchange)}")
    page = question_page(step, journey, exchange.wording, action=action, attempt=attempt)
    before = journey.before(step.variable)
    back = "consent" if before is None else f"page/{before.variable}"
    chrome = exchange.chrome(back="check" if came_from_check(exchange) else back, switch_saves=True)
    return exchange.page("question.html", page, chrome, status=422 if page.faults else 200)


def came_from_check(exchange: Exchange) -> str:
    """The mark in the address of a change link on the check page; empty without it."""
    return "?from=check" if exchange.query.get("from") == ["check"] else ""
