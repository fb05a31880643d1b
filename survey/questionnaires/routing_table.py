"""Routing as data: what a kiosk follows without a network. Pure.

`survey/web/static/kiosk/routing.js` walks the table as `routing.walk` walks the questionnaire; a test in a
browser holds the two against each other over generated journeys.
"""

from msgspec import Struct

from survey.questionnaires.answers import options_of
from survey.questionnaires.model import AreaCode, Condition, Questionnaire, Step
from survey.questionnaires.routing import steps


class RoutingStep(Struct, frozen=True, kw_only=True):
    """What decides about one step.

    `limited` holds the options that exist in some areas only, with those areas; `stops` the options that
    end taking part, with the key of the text that says so.
    """

    variable: str
    areas: tuple[AreaCode, ...]
    purpose: str | None
    when: Condition | None
    limited: dict[int, tuple[AreaCode, ...]]
    stops: dict[int, str]
    gives_area: bool


class RoutingTable(Struct, frozen=True, kw_only=True):
    """The steps of one version, in order; as JSON by `msgspec.json.encode`."""

    version: str
    steps: tuple[RoutingStep, ...]


def routing_table(questionnaire: Questionnaire) -> RoutingTable:
    return RoutingTable(
        version=questionnaire.version, steps=tuple(_routing_step(step) for step in steps(questionnaire))
    )


def _routing_step(step: Step) -> RoutingStep:
    question, options = step.question, options_of(step.question)
    return RoutingStep(
        variable=step.variable,
        areas=question.areas,
        purpose=question.purpose,
        when=question.when,
        limited={option.code: option.areas for option in options if option.areas},
        stops={option.code: option.stop.key for option in options if option.stop is not None},
        gives_area=step.kind == "neighbourhood",
    )
