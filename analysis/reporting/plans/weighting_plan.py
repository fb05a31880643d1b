"""The part of a plan that makes weights: how the sample was drawn, the margins, the steps."""

from collections.abc import Collection, Sequence
from typing import Annotated, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from analysis.reporting.exports.dataset import PopulationCount, answer_codes, sampling_columns
from analysis.reporting.plans.plan_checks import check_variable, refuse_repeats, refuse_unknown
from analysis.sampling.designs import Lonely
from analysis.weighting.calibration import Distance
from survey.questionnaires.model import AreaCode, Questionnaire
from survey.questionnaires.problems import Findings

Positive = Annotated[float, Meta(gt=0)]

SAMPLED_AREA = "sampled_area"
"""The column with the area that a code was issued for."""

COLUMN = "column of responses.csv to group by"
"""What a message calls a name that may stand in a design or a step for nonresponse."""

AREA = "area"
"""The margin of the people in each area; it follows from the first margin that is counted per area."""


class Jackknife(Struct, frozen=True, kw_only=True, tag_field="method", tag="jackknife"):
    """A replicate without each unit in turn: of one person, or of one cluster."""


class Balanced(Struct, frozen=True, kw_only=True, tag_field="method", tag="balanced"):
    """Balanced half samples, for strata of two units; with `fay` above 0, Fay's method."""

    fay: Annotated[float, Meta(ge=0, lt=1)] = 0.0


class Bootstrap(Struct, frozen=True, kw_only=True, tag_field="method", tag="bootstrap"):
    """The rescaled bootstrap; the same seed gives the same replicates."""

    seed: Annotated[int, Meta(ge=0)]
    number: Annotated[int, Meta(ge=2)] = 500


class DesignPlan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the sample was drawn; left out, persons were drawn in every area apart.

    `strata` and `clusters` name columns of responses.csv: groups that were drawn from separately (none:
    the sample is one draw), and what was drawn in them (none: persons; areas cannot). `population`:
    how many units each stratum has ("all" when there are no strata); `finite_population`: persons were drawn
    in areas, and population.csv says how many there are. With either, standard errors reckon with n/N.
    `lonely`: what a stratum with one unit counts for. `replicates`: standard errors from replicate
    weights, each of which goes through all steps of weighting.
    """

    strata: tuple[str, ...] = (SAMPLED_AREA,)
    clusters: tuple[str, ...] = ()
    population: dict[str, Positive] = {}
    finite_population: bool = False
    lonely: Lonely = "fail"
    replicates: Jackknife | Balanced | Bootstrap | None = None


class MarginPlan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which answers stand for which category of a margin in the population file.

    `population` is the margin's name there; whether it is counted per area or for the whole
    municipality follows from that file. `categories` lists the answer codes of each category, in their
    natural order (neighbours may be merged); any other valid answer counts as `otherwise`, or is
    treated as unknown when that is absent.
    """

    population: str
    variable: str
    categories: dict[str, tuple[int, ...]]
    otherwise: str | None = None


class Nonresponse(Struct, frozen=True, kw_only=True, tag_field="kind", tag="nonresponse"):
    """Who answered enough stands for who began and broke off, by the columns `by` of responses.csv.

    The chance to answer enough is modelled by logistic regression; weights are divided by it, or with
    `classes` multiplied in so many classes of like chance. Of those who sent nothing only the area is
    known; for them the base weight makes up.
    """

    by: tuple[str, ...]
    classes: Annotated[int, Meta(ge=1)] | None = None


class Poststratify(Struct, frozen=True, kw_only=True, tag_field="kind", tag="poststratify"):
    """One factor for each level of one margin."""

    margin: str


class Rake(Struct, frozen=True, kw_only=True, tag_field="kind", tag="rake"):
    """Raking to `margins` (none named: the areas and all). With `trim`, weights outside the limits are cut
    and the margins raked again, until none is outside; the limits are those of `[weighting]`.
    """

    margins: tuple[str, ...] = ()
    trim: bool = True


class Calibrate(Struct, frozen=True, kw_only=True, tag_field="kind", tag="calibrate"):
    """Calibration to `margins` (none named: the areas and all), with weights within the limits."""

    margins: tuple[str, ...] = ()
    distance: Distance = "logit"


class Trim(Struct, frozen=True, kw_only=True, tag_field="kind", tag="trim"):
    """Weights outside the limits are cut; the others share what was cut off. `strict`: until none is."""

    strict: bool = False


Step = Nonresponse | Poststratify | Rake | Calibrate | Trim


class WeightingPlan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How to weigh. The first margin counted per area also gives the number of people per area.

    `minimum_cell`: levels with fewer respondents are merged with a neighbour. `smallest` and
    `largest`: limits of a weight, as multiples of the base weight, which is the mean of the area.
    `merge_areas`: areas that are treated as one in weighting, because too few people answered there.
    `steps`: what is done to the base weights, in this order.
    """

    margins: tuple[MarginPlan, ...]
    minimum_cell: Annotated[int, Meta(ge=0)] = 20
    smallest: Positive = 0.2
    largest: Positive = 5.0
    merge_areas: tuple[tuple[AreaCode, ...], ...] = ()
    dispositions: tuple[Literal["complete", "partial", "break_off"], ...] = ("complete", "partial")
    steps: tuple[Step, ...] = (Rake(),)


def margins_used(plan: WeightingPlan) -> frozenset[str]:
    """The margins that some step weights to, the areas among them."""
    everything = (AREA, *(margin.population for margin in plan.margins))
    used: set[str] = set()
    for step in plan.steps:
        match step:
            case Poststratify(margin=margin):
                used.add(margin)
            case Rake(margins=named) | Calibrate(margins=named):
                used.update(named or everything)
            case Nonresponse() | Trim():
                pass
    return frozenset(used)


def without_margins(plan: WeightingPlan, left_out: Collection[str]) -> WeightingPlan:
    """The plan without these margins; a step that names no other goes with them."""
    steps: list[Step] = []
    for step in plan.steps:
        match step:
            case Poststratify(margin=margin) if margin in left_out:
                continue
            case Rake(margins=named) | Calibrate(margins=named) if named:
                kept = tuple(margin for margin in named if margin not in left_out)
                steps += [replace(step, margins=kept)] if kept else []
            case _:
                steps.append(step)
    margins = tuple(margin for margin in plan.margins if margin.population not in left_out)
    return replace(plan, margins=margins, steps=tuple(steps))


def in_effect(plan: WeightingPlan, population: Sequence[PopulationCount]) -> WeightingPlan:
    """The plan as far as it decides about weights: two that are alike in this give the same weights.

    Gone are margins that no step weights to and that do not count the people of the areas, and limits when
    no step keeps any.
    """
    used = margins_used(plan) | {area_totals(plan, population)}
    limited = any(
        isinstance(step, Calibrate | Trim) or (isinstance(step, Rake) and step.trim) for step in plan.steps
    )
    return replace(
        plan,
        margins=tuple(margin for margin in plan.margins if margin.population in used),
        smallest=plan.smallest if limited else 0.0,
        largest=plan.largest if limited else 0.0,
    )


def area_totals(plan: WeightingPlan, population: Sequence[PopulationCount]) -> str:
    """The margin that gives the number of people per area: the first that is counted per area."""
    areas = {
        margin.population: {row.area for row in population if row.margin == margin.population}
        for margin in plan.margins
    }
    return next((margin for margin, counted in areas.items() if len(counted) > 1), plan.margins[0].population)


def check_design(plan: DesignPlan, questionnaire: Questionnaire, findings: Findings) -> None:
    """Report columns that responses.csv does not have, and populations that do not go with the draw."""
    known = sampling_columns(questionnaire)
    for field, names in (("strata", plan.strata), ("clusters", plan.clusters)):
        refuse_unknown(names, known, COLUMN, "WA220", f"design.{field}", findings)
    refuse_repeats([*plan.strata, *plan.clusters], "design", findings)
    for name in (each for each in (SAMPLED_AREA, AREA) if each in plan.clusters):
        findings.error(
            "WA224",
            "design.clusters",
            f"With {name} as cluster every area is one unit, so none has a margin of error or can be "
            "compared. A plan weights to the people of each area: name what was drawn within areas.",
        )
    if plan.finite_population and (plan.strata != (SAMPLED_AREA,) or plan.clusters):
        findings.error(
            "WA221",
            "design.finite_population",
            "population.csv counts persons per area, but this plan draws otherwise. Give the number of units "
            "of each stratum in design.population.",
        )
    if plan.finite_population and plan.population:
        findings.error(
            "WA221", "design.population", "finite_population takes the numbers of population.csv. Keep one."
        )


def check_weighting(
    plan: WeightingPlan,
    place: str,
    questionnaire: Questionnaire,
    population: Sequence[PopulationCount],
    findings: Findings,
) -> None:
    """Report what does not go with the questionnaire, the population or itself."""
    wanted = {margin.population for margin in plan.margins}
    if not any(row.margin in wanted and row.area != questionnaire.municipality.code for row in population):
        findings.error(
            "WA202",
            f"{place}.margins",
            "None of the margins is counted per area. Add one: it gives the area totals.",
        )
    if not plan.dispositions:
        findings.error(
            "WA225", f"{place}.dispositions", "Name at least one of complete, partial and break_off."
        )
    if not plan.smallest < 1 < plan.largest:
        findings.error("WA203", place, "The limits must lie around 1: smallest below it, largest above it.")
    known = {area.code for area in questionnaire.municipality.areas}
    merged = [area for group in plan.merge_areas for area in group]
    for area in sorted(set(merged) - known):
        findings.error(
            "WA204", f"{place}.merge_areas", f"{area} is not an area of this municipality. Correct it."
        )
    refuse_repeats(merged, f"{place}.merge_areas", findings)
    refuse_repeats([margin.population for margin in plan.margins], f"{place}.margins", findings)
    codes = answer_codes(questionnaire)
    for number, margin in enumerate(plan.margins):
        _check_margin(margin, f"{place}.margins[{number}]", codes, population, findings)
    for number, step in enumerate(plan.steps):
        _check_step(step, f"{place}.steps[{number}]", plan, questionnaire, findings)
        if number and isinstance(step, Nonresponse):
            findings.error(
                "WA223",
                f"{place}.steps[{number}]",
                "Nonresponse comes first: other steps are about those who answered. Move it.",
            )


def _check_step(
    step: Step, place: str, plan: WeightingPlan, questionnaire: Questionnaire, findings: Findings
) -> None:
    margins = [AREA, *(margin.population for margin in plan.margins)]
    match step:
        case Nonresponse():
            known = sampling_columns(questionnaire)
            refuse_unknown(step.by, known, COLUMN, "WA220", f"{place}.by", findings)
            if not step.by:
                findings.error("WA220", f"{place}.by", "Name at least one column.")
        case Poststratify():
            refuse_unknown(
                [step.margin], margins, "margin of this plan", "WA222", f"{place}.margin", findings
            )
        case Rake() | Calibrate():
            refuse_unknown(
                step.margins, margins, "margin of this plan", "WA222", f"{place}.margins", findings
            )
            refuse_repeats(step.margins, f"{place}.margins", findings)
        case Trim():
            pass


def _check_margin(
    margin: MarginPlan,
    place: str,
    codes: dict[str, frozenset[int]],
    population: Sequence[PopulationCount],
    findings: Findings,
) -> None:
    counted = dict.fromkeys(row.category for row in population if row.margin == margin.population)
    if not counted:
        known = ", ".join(dict.fromkeys(row.margin for row in population))
        findings.error(
            "WA205",
            f"{place}.population",
            f"population.csv has no margin {margin.population}. It has: {known}.",
        )
    elif set(counted) != set(margin.categories):
        findings.error(
            "WA206",
            f"{place}.categories",
            f"population.csv counts {', '.join(counted)} in this margin. "
            "Give these categories, and no others.",
        )
    if margin.otherwise is not None and margin.otherwise not in margin.categories:
        findings.error("WA206", f"{place}.otherwise", f"{margin.otherwise} is not one of the categories.")
    for category, answers in margin.categories.items():
        if not answers and category != margin.otherwise:
            findings.error(
                "WA206",
                f"{place}.categories.{category}",
                "Give the codes of this category, or make it otherwise.",
            )
    listed = [code for group in margin.categories.values() for code in group]
    check_variable(margin.variable, listed, place, codes, findings)
    refuse_repeats([str(code) for code in listed], f"{place}.categories", findings)
