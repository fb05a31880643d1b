"""The tables of a plan: indicators by domain and the differences between domains, fit to be published."""

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from analysis.estimation.domains import Difference, contrast, differences
from analysis.estimation.multiplicity import adjust
from analysis.reporting.disclosure import SMALLEST_CELL, Cell, Suppressed, uncounted
from analysis.reporting.exports.dataset import Dataset
from analysis.reporting.exports.questions import question_of
from analysis.reporting.findings import indicators
from analysis.reporting.findings.divisions import Hidden, hidden_figures, table_key
from analysis.reporting.findings.groups import Groups, groups_by, joined
from analysis.reporting.findings.published import protected
from analysis.reporting.plans.plan import AnalysisPlan, Indicator
from analysis.reporting.plans.tables_plan import TablePlan
from analysis.reporting.wording import question_text
from analysis.sampling.designs import Design

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]

REST = "rest"
"""All other domains together."""


class TableCell(Struct, frozen=True, kw_only=True):
    """An indicator in one domain."""

    domain: str
    cell: Cell


class TableDifference(Struct, frozen=True, kw_only=True):
    """One domain minus another, or minus the rest; `adjusted_p` allows for all that the indicator has."""

    domain: str
    against: str
    difference: Difference
    adjusted_p: float


class IndicatorTable(Struct, frozen=True, kw_only=True):
    """One indicator by the domains of a table; `question` and `by_question` are what was asked."""

    table: TablePlan
    indicator: Indicator
    question: str
    by: str
    by_question: str
    cells: tuple[TableCell, ...]
    differences: tuple[TableDifference, ...]


def tabulate(sample: Dataset, plan: AnalysisPlan, design: Design) -> Iterator[IndicatorTable]:
    """Every table of the plan, indicator by indicator. `design` has the weights of `sample`.

    Domains that may not be shown are compared with nothing. Raises DesignError or ColumnError.
    """
    hidden = hidden_figures(sample, plan)
    for table in plan.tables:
        groups = groups_by(sample, plan, table.by)
        for indicator in plan.indicators:
            if not table.indicators or indicator.key in table.indicators:
                yield _one(sample, design, table, groups, indicator, hidden)


def _one(  # noqa: PLR0913, PLR0917 - an indicator by domains depends on all of these
    sample: Dataset, design: Design, table: TablePlan, groups: Groups, indicator: Indicator, hidden: Hidden
) -> IndicatorTable:
    values = indicators.values(sample, indicator)
    own = _cells(sample, values, design, table, groups, indicator)
    question = question_of(sample.questionnaire, indicator.variable)
    cells = tuple(
        uncounted()
        if name in groups.uncounted
        else hidden.besides(cell, indicator, question, table_key(table.key), name)
        for name, cell in zip(groups.names, own, strict=True)
    )
    shown = [
        level
        for place, (level, cell) in enumerate(zip(groups.levels, cells, strict=True))
        if place != groups.unanswered and not isinstance(cell, Suppressed)
    ]
    return IndicatorTable(
        table=table,
        indicator=indicator,
        question=question_text(question, indicator.variable),
        by=groups.label,
        by_question=groups.question,
        cells=tuple(
            TableCell(domain=level, cell=cell) for level, cell in zip(groups.levels, cells, strict=True)
        ),
        differences=_differences(values, design, table, groups, shown),
    )


def _cells(  # noqa: PLR0913, PLR0917 - an indicator by domains depends on all of these
    sample: Dataset,
    values: Floats,
    design: Design,
    table: TablePlan,
    groups: Groups,
    indicator: Indicator,
) -> tuple[Cell, ...]:
    """The indicator in every level, as far as the table by itself may show it."""
    counted = ~np.isnan(values) & (design.weights != 0)
    sizes = np.bincount(groups.codes[counted], minlength=len(groups.levels))
    codes = joined(groups.codes, sizes, groups.unanswered)
    places = np.unique(codes)
    domains = [codes == place for place in places]
    found = [
        indicators.estimate(
            indicator.kind, values, design, domain, method=table.interval, confidence=table.confidence
        )
        for domain in domains
    ]
    question = question_of(sample.questionnaire, indicator.variable)
    cells = dict(zip(places, protected(values, found, domains, indicator, question), strict=True))
    if len(places) == len(groups.levels):
        return tuple(cells.values())
    target = codes[groups.codes == groups.unanswered][0]
    return tuple(
        _withheld(size) if place in (target, groups.unanswered) else cells[place]
        for place, size in enumerate(sizes.tolist())
    )


def _withheld(size: int) -> Suppressed:
    return Suppressed(reason="protected", respondents=size if size >= SMALLEST_CELL else None)


def _differences(
    values: Floats, design: Design, table: TablePlan, groups: Groups, shown: Sequence[str]
) -> tuple[TableDifference, ...]:
    """What the table asks for, between domains that are shown; with one there is nothing to compare."""
    if len(shown) < 2:
        return ()
    levels = groups.texts()
    found: list[tuple[str, str, Difference]] = []
    if "rest" in table.against:
        compared = differences(values, design, levels, levels=shown, confidence=table.confidence)
        found += [(level, REST, each) for level, each in zip(shown, compared.differences, strict=True)]
    if "pairs" in table.against:
        found += [
            (one, other, _pair(values, design, levels, one, other, table.confidence))
            for one, other in combinations(shown, 2)
        ]
    adjusted = adjust([each.p_value for _, _, each in found], method=table.adjust)
    return tuple(
        TableDifference(domain=one, against=other, difference=each, adjusted_p=p)
        for (one, other, each), p in zip(found, adjusted, strict=True)
    )


def _pair(  # noqa: PLR0913, PLR0917 - two of the levels of these values
    values: Floats, design: Design, levels: npt.NDArray[np.object_], one: str, other: str, confidence: float
) -> Difference:
    return contrast(values, design, levels, {one: 1.0, other: -1.0}, confidence=confidence)
