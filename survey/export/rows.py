"""Responses to rows: one column per question, statement or option. Pure."""

from collections.abc import Iterator, Mapping
from typing import Literal

from survey.participation import Response
from survey.questionnaires.answers import Answer
from survey.questionnaires.model import (
    NOT_SHOWN,
    SKIPPED,
    MultipleChoice,
    OpenText,
    Questionnaire,
    Step,
)
from survey.questionnaires.routing import Journey, steps, walk
from survey.store import StoredResponse

Disposition = Literal["complete", "partial", "break_off"]
Row = dict[str, int | str]

COMPLETE_ABOVE = 0.8
PARTIAL_FROM = 0.5
"""Shares of the questions on the route that were answered; AAPOR leaves the limits to the survey."""

TEXT_GIVEN = 1
TEXT_SUFFIX = "_text"

ABOUT = ("response", "version", "language", "channel", "sampled_area", "area", "week", "disposition")
"""The columns about a response, before those of consent and answers."""


def consent_column(purpose: str) -> str:
    return f"consent_{purpose}"


def exported_steps(questionnaire: Questionnaire) -> Iterator[Step]:
    """The steps that have columns: all but the digits of the postcode, which are not kept."""
    return (step for step in steps(questionnaire) if step.kind != "postcode")


def columns(questionnaire: Questionnaire) -> list[str]:
    """The names of all columns, in order."""
    consents = [consent_column(purpose.key) for purpose in questionnaire.purposes]
    answers = [name for step in exported_steps(questionnaire) for name in step_columns(step)]
    return [*ABOUT, *consents, *answers]


def step_columns(step: Step) -> list[str]:
    match step.question:
        case MultipleChoice(options=options):
            return [f"{step.variable}_{option.code}" for option in options]
        case OpenText():
            return [step.variable, step.variable + TEXT_SUFFIX]
    return [step.variable]


def row(stored: StoredResponse, questionnaire: Questionnaire) -> Row:
    """One response; `questionnaire` is the version that the resident saw.

    Not on the route is -6, passed without an answer -5. `area` is where the resident lives, or else the
    area that the invitation was for.
    """
    response = stored.response
    journey = walked(response, questionnaire)
    made: Row = {
        "response": stored.id,
        "version": response.version,
        "language": response.language,
        "channel": response.channel,
        "sampled_area": response.sampled_area or "",
        "area": journey.area or "",
        "week": response.week,
        "disposition": disposition(journey),
    }
    for purpose in questionnaire.purposes:
        made[consent_column(purpose.key)] = int(purpose.key in response.purposes)
    for step in exported_steps(questionnaire):
        made.update(cells(step, _kept(step, journey)))
    return made


def walked(response: Response, questionnaire: Questionnaire) -> Journey:
    return walk(questionnaire, response.answers, purposes=response.purposes, area=response.sampled_area)


def disposition(journey: Journey) -> Disposition:
    """How much of the route was answered. "Don't know" and the like are answers, skipping is not."""
    asked = [step.variable for step in journey.steps if step.kind != "postcode"]
    answered = sum(journey.counting.get(variable, SKIPPED) != SKIPPED for variable in asked)
    share = answered / len(asked) if asked else 0.0
    if share > COMPLETE_ABOVE:
        return "complete"
    return "partial" if share >= PARTIAL_FROM else "break_off"


def _kept(step: Step, journey: Journey) -> Answer:
    if journey.step(step.variable) is None:
        return NOT_SHOWN
    return journey.counting.get(step.variable, SKIPPED)


def cells(step: Step, answer: Answer) -> Row:
    """An answer in the columns of its step."""
    names = step_columns(step)
    match step.question:
        case MultipleChoice(options=options):
            ticks = answer if isinstance(answer, tuple) else ()
            codes = [option.code for option in options]
            return {
                name: int(code in ticks) if isinstance(answer, tuple) else answer
                for name, code in zip(names, codes, strict=True)
            }
        case OpenText():
            text = answer if isinstance(answer, str) else ""
            return {names[0]: TEXT_GIVEN if isinstance(answer, str) else _number(answer), names[1]: text}
    return {names[0]: answer if isinstance(answer, str) else _number(answer)}


def _number(answer: Answer) -> int:
    if isinstance(answer, int):
        return answer
    raise TypeError("a single answer is a number")


def rows(responses: list[StoredResponse], versions: Mapping[str, Questionnaire], current: str) -> list[Row]:
    """All responses in the columns of the current version; what an older one did not ask is -6."""
    names = columns(versions[current])
    texts = {name for name in names if name.endswith(TEXT_SUFFIX)}
    made = [row(stored, versions[stored.response.version]) for stored in responses]
    return [{name: one.get(name, "" if name in texts else NOT_SHOWN) for name in names} for one in made]
