"""A simulated town's known truth beside what the survey found: does weighting repair the bias?"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from analysis.dataset import Dataset
from analysis.designs import Design
from analysis.disclosure import MINIMUM_BASE
from analysis.estimates import Estimate
from analysis.indicators import estimate, values
from analysis.plan import Indicator

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


def truths(town: Dataset, indicators: Iterable[Indicator]) -> dict[tuple[str, str], float]:
    """The true value by indicator and area ("" for all) of a data set with a row per inhabitant."""
    domains = _domains(town)
    return {
        (indicator.key, area): float(np.nanmean(answers[inside]))
        for indicator in indicators
        for answers in (values(town, indicator),)
        for area, inside in domains.items()
        if not np.isnan(answers[inside]).all()
    }


def compare(
    sample: Dataset, design: Design, truth: Mapping[tuple[str, str], float], indicators: Iterable[Indicator]
) -> Iterator[Compared]:
    """Every indicator of the municipality and of each area with enough answers."""
    domains = _domains(sample)
    for indicator in indicators:
        answers = values(sample, indicator)
        for area, inside in domains.items():
            weighted = estimate(indicator, answers, design, inside)
            if weighted.respondents >= MINIMUM_BASE and (indicator.key, area) in truth:
                yield Compared(
                    indicator=indicator,
                    area=area,
                    truth=truth[indicator.key, area],
                    unweighted=float(np.nanmean(answers[inside])),
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


def _domains(dataset: Dataset) -> dict[str, Mask]:
    areas = [area.code for area in dataset.questionnaire.municipality.areas]
    return {"": np.ones(dataset.size, dtype=bool)} | {area: dataset.texts["area"] == area for area in areas}
