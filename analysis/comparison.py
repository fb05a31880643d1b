"""A simulated town's known truth beside what the survey found: does weighting repair the bias?"""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from analysis.dataset import Dataset
from analysis.disclosure import MINIMUM_BASE
from analysis.estimates import Estimate
from analysis.indicators import estimate, values
from analysis.plan import Indicator
from analysis.variance import Design

Mask = npt.NDArray[np.bool_]


class Compared(Struct, frozen=True, kw_only=True):
    """One indicator of the municipality (`area` is "") or of an area: truth, plain mean, estimate."""

    indicator: Indicator
    area: str
    truth: float
    unweighted: float
    weighted: Estimate

    @property
    def covered(self) -> bool:
        return self.weighted.low <= self.truth <= self.weighted.high


def compare(
    sample: Dataset, design: Design, truth: Dataset, indicators: Iterable[Indicator]
) -> Iterator[Compared]:
    """Every indicator of the municipality and of each area with enough answers.

    `truth` has one row per inhabitant, with the answer that he or she would give.
    """
    areas = [area.code for area in sample.questionnaire.municipality.areas]
    for indicator in indicators:
        said, would_say = values(sample, indicator), values(truth, indicator)
        for area in ("", *areas):
            inside = _inside(sample, area)
            weighted = estimate(indicator, said, design, inside)
            if weighted.respondents < MINIMUM_BASE:
                continue
            yield Compared(
                indicator=indicator,
                area=area,
                truth=float(np.nanmean(would_say[_inside(truth, area)])),
                unweighted=float(np.nanmean(said[inside])),
                weighted=weighted,
            )


def table(compared: Sequence[Compared]) -> str:
    """The indicators of the municipality as aligned text, and how many intervals cover the truth."""
    whole = [row for row in compared if not row.area]
    width = max((len(row.indicator.label) for row in whole), default=9)
    head = (
        f"{'Indicator':<{width}}  {'truth':>7}  {'plain':>7}  {'weighted':>8}  {'95% interval':>16}  covers"
    )
    lines = [head, "-" * len(head), *(_line(row, width) for row in whole), ""]
    for name, rows in (("municipality", whole), ("areas", [row for row in compared if row.area])):
        if rows:
            covering = sum(row.covered for row in rows)
            lines.append(f"{name}: {covering} of {len(rows)} intervals cover the truth")
    return "\n".join(lines)


def _line(row: Compared, width: int) -> str:
    factor, unit = (100, "%") if row.indicator.kind == "proportion" else (1, " ")

    def shown(value: float) -> str:
        return f"{value * factor:.{1 if unit == '%' else 2}f}{unit}"

    interval = f"{shown(row.weighted.low)} - {shown(row.weighted.high)}"
    return (
        f"{row.indicator.label:<{width}}  {shown(row.truth):>7}  {shown(row.unweighted):>7}  "
        f"{shown(row.weighted.value):>8}  {interval:>16}  {'yes' if row.covered else 'no'}"
    )


def _inside(dataset: Dataset, area: str) -> Mask:
    inside: Mask = np.ones(dataset.size, dtype=bool) if not area else dataset.texts["area"] == area
    return inside
