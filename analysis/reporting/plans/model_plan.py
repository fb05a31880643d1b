"""The parts of a plan that weigh otherwise, to see what hangs on it, or that lean on a model."""

from collections.abc import Collection, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from analysis.reporting.exports.dataset import PopulationCount
from analysis.reporting.phrases import later
from analysis.reporting.plans.plan_checks import Words, refuse_unknown
from analysis.reporting.plans.weighting_plan import WeightingPlan, without_margins
from survey.questionnaires.decoding import FAULT, decode_fields
from survey.questionnaires.model import Key
from survey.questionnaires.problems import Findings

PLANNED = later("Volgens het plan")
"""What the report calls the plan's own weighting among its variants."""


class Variant(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another weighting of the same answers, under a name that the report prints.

    `without`: margins that it leaves out, also from the steps. `open`: with the people of the open
    link, as if they had been drawn in their area. `weighting`: fields of [weighting] that are different.
    """

    name: Words
    without: tuple[str, ...] = ()
    open: bool = False
    weighting: dict[str, Any] = {}


class OpenPlan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Indicators of all residents estimated from open participation, by a model on margins of the plan."""

    indicators: tuple[Key, ...]
    margins: tuple[str, ...]


class SmallAreasPlan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Indicators of which areas get an estimate by a model beside their own.

    `margin`: the margin counted per area by whose categories the areas differ.
    """

    indicators: tuple[Key, ...]
    margin: str


def varied(
    weighting: WeightingPlan, variant: Variant, place: str, findings: Findings
) -> WeightingPlan | None:
    """The plan's weighting as the variant has it, or None after reporting what is wrong with a field."""
    written = variant.weighting
    # Margins are required in a plan; a variant that says nothing of them keeps those of the plan.
    values = decode_fields(WeightingPlan, {"margins": [], **written}, f"{place}.weighting", findings)
    if FAULT in values.values():
        return None
    changed = {name: value for name, value in values.items() if name in written}
    return without_margins(replace(weighting, **changed), variant.without)


def check_variants(variants: Sequence[Variant], margins: Collection[str], findings: Findings) -> None:
    """Report names that stand there twice, and margins that are not there."""
    names = [PLANNED, *(variant.name for variant in variants)]
    for place, variant in enumerate(variants):
        where = f"sensitivity[{place}]"
        if variant.name in names[: place + 1]:
            findings.error("WA240", f"{where}.name", f"{variant.name} is taken. Give another name.")
        refuse_unknown(variant.without, margins, "margin of this plan", "WA241", f"{where}.without", findings)


def check_open(
    plan: OpenPlan, indicators: Collection[str], margins: Collection[str], findings: Findings
) -> None:
    refuse_unknown(
        plan.indicators, indicators, "indicator of this plan", "WA241", "open.indicators", findings
    )
    refuse_unknown(plan.margins, margins, "margin of this plan", "WA241", "open.margins", findings)
    if not plan.margins:
        findings.error("WA241", "open.margins", "Name at least one margin of the plan.")


def check_small_areas(
    plan: SmallAreasPlan,
    indicators: Collection[str],
    margins: Collection[str],
    population: Sequence[PopulationCount],
    findings: Findings,
) -> None:
    refuse_unknown(
        plan.indicators, indicators, "indicator of this plan", "WA241", "small_areas.indicators", findings
    )
    refuse_unknown((plan.margin,), margins, "margin of this plan", "WA241", "small_areas.margin", findings)
    areas = {row.area for row in population if row.margin == plan.margin}
    if plan.margin in margins and len(areas) < 2:
        findings.error(
            "WA241",
            "small_areas.margin",
            f"population.csv counts {plan.margin} for the whole municipality. Name one counted per area.",
        )
