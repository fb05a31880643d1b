"""Responses to rows: one column per question, statement or option. Pure."""

from collections.abc import Collection, Iterator, Mapping
from typing import Literal

from survey.participation import Response
from survey.questionnaires.answers import Answer, offered, options_of
from survey.questionnaires.model import (
    MISSING_CODES,
    NOT_SHOWN,
    SKIPPED,
    MultipleChoice,
    Number,
    OpenText,
    Questionnaire,
    Step,
)
from survey.questionnaires.routing import steps, walk
from survey.store import StoredResponse

Disposition = Literal["complete", "partial", "break_off"]
Row = dict[str, int | str]

COMPLETE_ABOVE = 0.8
PARTIAL_FROM = 0.5
"""Shares of the questions on the route that were answered; AAPOR leaves the limits to the survey."""

TEXT_GIVEN = 1
TEXT_SUFFIX = "_text"

MODE = "mode"
"""Who fills in: a question, whose answer stands among what is told about the response."""

ABOUT = ("response", "version", "language", MODE, "channel", "sampled_area", "area", "week", "disposition")
"""The columns about a response, before those of consent and answers."""


def consent_column(purpose: str) -> str:
    return f"consent_{purpose}"


def exported_steps(questionnaire: Questionnaire) -> Iterator[Step]:
    """The steps that have columns: all but the digits of the postcode, which are not kept."""
    return (step for step in steps(questionnaire) if step.kind != "postcode")


def columns(questionnaire: Questionnaire) -> list[str]:
    """The names of all columns, in order."""
    consents = [consent_column(purpose.key) for purpose in questionnaire.purposes]
    answers = [name for step in exported_steps(questionnaire) for name in step_columns(step) if name != MODE]
    return [*ABOUT, *consents, *answers]


def step_columns(step: Step) -> list[str]:
    match step.question:
        case MultipleChoice(options=options):
            return [f"{step.variable}_{option.code}" for option in options]
        case OpenText():
            return [step.variable, step.variable + TEXT_SUFFIX]
    return [step.variable]


def rows(responses: list[StoredResponse], versions: Mapping[str, Questionnaire], current: str) -> list[Row]:
    """All responses in the columns of the current version, each read by the version that it answered."""
    return [row(stored, versions[stored.response.version], versions[current]) for stored in responses]


def row(stored: StoredResponse, own: Questionnaire, current: Questionnaire) -> Row:
    """One response; `own` is the version that the resident saw, `current` the one with the columns.

    Not on the route is -6, passed without an answer -5. What an older version did not ask, asked in
    another way, or had another code for, is -6 too. `area` is where the resident lives, or else the
    area that the invitation was for.
    """
    response = stored.response
    route = passed(response, own)
    area = living_area(response, own)
    asked = {step.variable: step for step in exported_steps(own)}
    made: Row = {
        "response": stored.id,
        "version": response.version,
        "language": response.language,
        MODE: NOT_SHOWN,
        "channel": response.channel,
        "sampled_area": response.sampled_area or "",
        "area": area or "",
        "week": response.week,
        "disposition": disposition(response, route),
    }
    purposes = {purpose.key for purpose in own.purposes}
    for purpose in current.purposes:
        known = purpose.key in purposes
        made[consent_column(purpose.key)] = int(purpose.key in response.purposes) if known else NOT_SHOWN
    for step in exported_steps(current):
        unanswered = SKIPPED if step.variable in route else NOT_SHOWN
        answer = response.answers.get(step.variable, unanswered)
        made.update(fitted(step, asked.get(step.variable), answer, area))
    return made


def passed(response: Response, questionnaire: Questionnaire) -> set[str]:
    """The variables on the route. What was answered was asked, also when only the link told the area."""
    journey = walk(questionnaire, response.answers, purposes=response.purposes, area=response.sampled_area)
    return {step.variable for step in journey.steps if step.kind != "postcode"} | response.answers.keys()


def living_area(response: Response, questionnaire: Questionnaire) -> str | None:
    """The area that the resident named, else that of the invitation."""
    places = (step.variable for step in exported_steps(questionnaire) if step.kind == "neighbourhood")
    named = (response.answers.get(variable) for variable in places)
    return next((area for area in named if isinstance(area, str)), response.sampled_area)


def disposition(response: Response, route: Collection[str]) -> Disposition:
    """How much of the route was answered. "Don't know" and the like are answers, skipping is not."""
    answered = sum(response.answers.get(variable, SKIPPED) != SKIPPED for variable in route)
    share = answered / len(route) if route else 0.0
    if share > COMPLETE_ABOVE:
        return "complete"
    return "partial" if share >= PARTIAL_FROM else "break_off"


def fitted(step: Step, own: Step | None, answer: Answer, area: str | None) -> Row:
    """The answer to `own`, the step as it was asked, in the columns of `step`."""
    if own is None or type(own.question) is not type(step.question) or not _has_place(answer, step):
        return cells(step, NOT_SHOWN, set())
    return cells(step, answer, {option.code for option in offered(own, area)})


def _has_place(answer: Answer, step: Step) -> bool:
    if not isinstance(answer, int) or answer in MISSING_CODES:
        return True
    match step.question:
        case Number(minimum=minimum, maximum=maximum):
            return minimum <= answer <= maximum
    return answer in {option.code for option in options_of(step.question)}


def cells(step: Step, answer: Answer, shown: Collection[int]) -> Row:
    """An answer in the columns of its step; an option that was not among those `shown` is -6."""
    names = step_columns(step)
    match step.question:
        case MultipleChoice(options=options):
            codes = [option.code for option in options]
            return {name: _ticked(code, answer, shown) for name, code in zip(names, codes, strict=True)}
        case OpenText():
            text = answer if isinstance(answer, str) else ""
            return {names[0]: TEXT_GIVEN if isinstance(answer, str) else _number(answer), names[1]: text}
    return {names[0]: answer if isinstance(answer, str) else _number(answer)}


def _ticked(code: int, answer: Answer, shown: Collection[int]) -> int:
    if not isinstance(answer, tuple):
        return _number(answer)
    if code in answer:
        return 1
    return 0 if code in shown else NOT_SHOWN


def _number(answer: Answer) -> int:
    if isinstance(answer, int):
        return answer
    raise TypeError("a single answer is a number")
