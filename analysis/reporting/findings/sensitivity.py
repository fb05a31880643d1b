"""The plan's indicators under other weightings of the same answers: what hangs on a choice of the plan."""

from collections.abc import Collection, Iterable, Iterator, Sequence

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from analysis.estimation.domains import Difference
from analysis.estimation.estimates import Estimate, mean
from analysis.estimation.sensitivity import Compared, sensitivity
from analysis.reporting.disclosure import SMALLEST_CELL, Cell, Suppressed, uncounted, withheld
from analysis.reporting.exports.dataset import Dataset, InputError
from analysis.reporting.exports.questions import ClosedQuestion, question_of
from analysis.reporting.findings import indicators
from analysis.reporting.findings.published import protected
from analysis.reporting.plans.model_plan import varied
from analysis.reporting.plans.plan import AnalysisPlan, Indicator
from analysis.reporting.plans.weighting_plan import DesignPlan, WeightingPlan
from analysis.reporting.weighting.margins import area_names, places
from analysis.reporting.weighting.weights import Weighting, weigh
from analysis.sampling.designs import Adjustment, Design, DesignError, Floats, Mask, Stage, persons
from analysis.weighting.calibration import CalibrationError
from survey.questionnaires.problems import Findings

ROUNDING = 1e-9
"""A difference, and a standard error of it, below this is no other weighting."""


class Choice(Struct, frozen=True, kw_only=True):
    """A way to weigh; `open`: with the people of the open link, as if they had been drawn in their area."""

    name: str
    weighting: WeightingPlan
    open: bool = False


class VariantOutcome(Struct, frozen=True, kw_only=True):
    """An indicator under one choice; `difference` from the first choice, None where a figure is hidden.

    `relevant`: the interval of the difference leaves out 0, and the plan calls one so large relevant.
    """

    name: str
    cell: Cell
    effective_number: float | None = None
    difference: Difference | None = None
    matters: bool = False
    relevant: bool = False

    @property
    def unchanged(self) -> bool:
        """Whether everybody has the same weight as under the first choice, but for rounding."""
        apart = self.difference
        return apart is not None and max(abs(apart.value), apart.standard_error) < ROUNDING


class IndicatorVariants(Struct, frozen=True, kw_only=True):
    indicator: Indicator
    question: ClosedQuestion
    variants: tuple[VariantOutcome, ...]


class _Weighed(Struct, frozen=True, kw_only=True, eq=False):
    """The weights of one choice, among everybody who is in any; `rows` have one."""

    name: str
    rows: Mask
    weighting: Weighting


class _Part(Struct, frozen=True, kw_only=True, eq=False):
    """Steps of weighting that saw only some of the rows."""

    rows: Mask
    steps: tuple[Adjustment, ...]

    def residuals(self, weighted: Floats) -> Floats:
        """The residuals of all the steps; rows outside have no weight, so they stay zero."""
        inside = weighted[self.rows]
        for step in self.steps:
            inside = step.residuals(inside)
        found = np.zeros_like(weighted)
        found[self.rows] = inside
        return found


def choices(plan: AnalysisPlan, name: str) -> tuple[Choice, ...]:
    """The plan's own weighting, called `name`, and its variants. Raises InputError."""
    findings = Findings("plan")
    found = [Choice(name=name, weighting=plan.weighting)]
    for place, variant in enumerate(plan.sensitivity):
        weighting = varied(plan.weighting, variant, f"sensitivity[{place}]", findings)
        if weighting is None:
            raise InputError(findings)
        found.append(Choice(name=variant.name, weighting=weighting, open=variant.open))
    return tuple(found)


def compare(dataset: Dataset, plan: AnalysisPlan, among: Sequence[Choice]) -> tuple[IndicatorVariants, ...]:
    """Every indicator of the plan under every choice; the differences are from the first one.

    A variant whose base differs by a few people from one that is shown is hidden, because the two together
    would tell their answers. Raises CalibrationError or DesignError, with the name of the choice.
    """
    everybody = _with_areas(dataset)
    drawn = everybody.take(np.logical_or.reduce([people_of(everybody, choice) for choice in among]))
    sent = everybody.take(everybody.texts["channel"] == "invited")
    # The choices are compared by linearisation, so nothing is drawn again.
    drawn_as = replace(plan.design, replicates=None)
    weighed = [_weighed(drawn, choice, drawn_as, sent) for choice in among]
    designs = _designs(drawn, weighed, plan.weighting)
    return tuple(_compared(drawn, plan, indicator, weighed, designs) for indicator in plan.indicators)


def without(
    compared: Iterable[IndicatorVariants], hidden: Collection[str], uncounted_questions: Collection[str]
) -> Iterator[IndicatorVariants]:
    """The indicators under every choice; of those `hidden` in the report, by their keys, no figure.

    Of the questions that the report counts no answers of, by their keys, no number of answers either.
    """
    for each in compared:
        if each.question.key in uncounted_questions:
            yield _without(each, [uncounted() for _ in each.variants])
        elif each.indicator.key in hidden:
            yield _without(each, [withheld(one.cell) for one in each.variants])
        else:
            yield each


def _without(compared: IndicatorVariants, cells: Iterable[Suppressed]) -> IndicatorVariants:
    variants = zip(compared.variants, cells, strict=True)
    return replace(
        compared, variants=tuple(VariantOutcome(name=one.name, cell=cell) for one, cell in variants)
    )


def _with_areas(dataset: Dataset) -> Dataset:
    """The data set, in which people of the open link are taken for drawn in the area they live in."""
    sampled = np.where(
        dataset.texts["channel"] == "open", dataset.texts["area"], dataset.texts["sampled_area"]
    )
    return replace(dataset, texts={**dataset.texts, "sampled_area": sampled})


def people_of(dataset: Dataset, choice: Choice) -> Mask:
    """Who is in the choice; people of the open link only when their area is known."""
    rows = dataset.usable("invited", choice.weighting.dispositions)
    if choice.open:
        rows |= dataset.usable("open", choice.weighting.dispositions) & (dataset.texts["area"] != "")
    return rows


def _weighed(dataset: Dataset, choice: Choice, drawn_as: DesignPlan, sent: Dataset) -> _Weighed:
    rows = people_of(dataset, choice)
    try:
        weighting = weigh(dataset.take(rows), choice.weighting, drawn_as, None if choice.open else sent)
    except (CalibrationError, DesignError) as error:
        raise type(error)(f"{choice.name}: {error}") from error
    return _Weighed(name=choice.name, rows=rows, weighting=weighting)


def _designs(dataset: Dataset, weighed: Sequence[_Weighed], plan: WeightingPlan) -> dict[str, Design]:
    """The choices as weightings of one sample, which is what makes their differences paired.

    With the same people in all, that is the sample of the first. Otherwise they are taken as persons drawn
    in their areas; who is not in a choice has no weight in it.
    """
    stages = weighed[0].weighting.design.stages
    if not all(each.rows.all() for each in weighed):
        names = area_names(dataset, plan)
        strata = places(dataset, "sampled_area", names)
        stages = persons(np.ones(len(strata)), strata, tuple(dict.fromkeys(names.values()))).stages
    return {each.name: _within(each, stages) for each in weighed}


def _within(weighed: _Weighed, stages: tuple[Stage, ...]) -> Design:
    weights = np.zeros(len(weighed.rows))
    weights[weighed.rows] = weighed.weighting.weights
    steps = _Part(rows=weighed.rows, steps=weighed.weighting.design.adjustments)
    return Design(weights=weights, stages=stages, adjustments=(steps,), lonely="adjust")


def _compared(
    dataset: Dataset,
    plan: AnalysisPlan,
    indicator: Indicator,
    weighed: Sequence[_Weighed],
    designs: dict[str, Design],
) -> IndicatorVariants:
    question = question_of(dataset.questionnaire, indicator.variable)
    values = indicators.values(dataset, indicator)
    found = sensitivity(mean, values, designs=designs)
    cells = _cells(values, weighed, indicator, question)
    relevant = plan.relevant(indicator)
    return IndicatorVariants(
        indicator=indicator,
        question=question,
        variants=tuple(_outcome(row, cell, relevant) for row, cell in zip(found, cells, strict=True)),
    )


def _outcome(row: Compared, cell: Cell, relevant: float) -> VariantOutcome:
    if isinstance(cell, Suppressed):
        return VariantOutcome(name=row.variant, cell=cell)
    return VariantOutcome(
        name=row.variant,
        cell=cell,
        effective_number=row.effective_number,
        difference=row.difference,
        matters=row.matters,
        relevant=row.matters and abs(row.difference.value) >= relevant,
    )


def _cells(
    values: Floats, weighed: Iterable[_Weighed], indicator: Indicator, question: ClosedQuestion
) -> list[Cell]:
    """The estimate under each choice, as the report has it under the plan; hidden with the first."""
    cells: list[Cell] = []
    for each in weighed:
        own = values[each.rows]
        estimate = indicators.estimate(indicator.kind, own, each.weighting.design)
        (cell,) = protected(own, [estimate], [None], indicator, question)
        shown = [one.respondents for one in cells if isinstance(one, Estimate)]
        few = any(0 < abs(estimate.respondents - number) < SMALLEST_CELL for number in shown)
        if few or (cells and isinstance(cells[0], Suppressed)):
            cell = Suppressed(reason="protected")
        cells.append(cell)
    return cells
