"""A simulated town's known truth beside what the survey found: does weighting repair the bias?"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from analysis.estimation.estimates import Estimate
from analysis.reporting.disclosure import MINIMUM_BASE
from analysis.reporting.exports.dataset import Dataset
from analysis.reporting.findings.indicators import estimate, values
from analysis.reporting.plans.plan import Indicator
from analysis.sampling.designs import Design

Mask = npt.NDArray[np.bool_]

CAVEAT = """\
Weighting repairs what its margins explain ({margins}). What else decides who
takes part stays as bias. This is one draw: its figures rest on the same people, so they miss together.
docs/simulation.md tells how often intervals cover over many draws, and how large that bias is."""


class Compared(Struct, frozen=True, kw_only=True):
    """One indicator of the municipality (`area` is "") or of an area, beside its truth.

    `unweighted` is the estimate as if everybody had answered with the same chance.
    """

    indicator: Indicator
    area: str
    truth: float
    unweighted: Estimate
    weighted: Estimate


def covers(estimate: Estimate, truth: float) -> bool:
    """Whether the interval of an estimate holds the truth."""
    return estimate.low <= truth <= estimate.high


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
    """Every indicator of the municipality and of each area, where the truth is known and enough answered."""
    domains = _domains(sample)
    unweighted = Design.of(weights=np.ones(sample.size))
    for indicator in indicators:
        answers = values(sample, indicator)
        for area, inside in domains.items():
            known = truth.get((indicator.key, area))
            if known is None:
                continue
            weighted = estimate(indicator.kind, answers, design, inside)
            if weighted.respondents >= MINIMUM_BASE:
                yield Compared(
                    indicator=indicator,
                    area=area,
                    truth=known,
                    unweighted=estimate(indicator.kind, answers, unweighted, inside),
                    weighted=weighted,
                )


def table(compared: Sequence[Compared], margins: Sequence[str]) -> str:
    """The indicators of the municipality as aligned text, and below it what weighting did and did not repair.

    `margins` are the names of those that were weighted to.
    """
    whole = [row for row in compared if not row.area]
    width = max((len(row.indicator.label) for row in whole), default=9)
    head = (
        f"{'Indicator':<{width}}  {'truth':>7}  {'unweighted':>10}  {'weighted':>8}  "
        f"{'95% interval':>16}  covers"
    )
    lines = [head, "-" * len(head), *(_line(row, width) for row in whole), ""]
    for name, rows in (("municipality", whole), ("areas", [row for row in compared if row.area])):
        if rows:
            unweighted = sum(covers(row.unweighted, row.truth) for row in rows)
            weighted = sum(covers(row.weighted, row.truth) for row in rows)
            lines.append(
                f"{name}: {weighted} of {len(rows)} intervals cover the truth, unweighted {unweighted}"
            )
    shares = [row for row in whole if row.indicator.kind == "proportion"]
    if shares:
        before = 100 * sum(abs(row.unweighted.value - row.truth) for row in shares) / len(shares)
        after = 100 * sum(abs(row.weighted.value - row.truth) for row in shares) / len(shares)
        lines.append(f"shares are {after:.1f} points from the truth on average, unweighted {before:.1f}")
    return "\n".join([*lines, "", CAVEAT.format(margins=", ".join(margins))])


def _line(row: Compared, width: int) -> str:
    factor, unit = (100, "%") if row.indicator.kind == "proportion" else (1, " ")

    def shown(value: float) -> str:
        return f"{value * factor:.{1 if unit == '%' else 2}f}{unit}"

    interval = f"{shown(row.weighted.low)} - {shown(row.weighted.high)}"
    answer = "yes" if covers(row.weighted, row.truth) else "no"
    return (
        f"{row.indicator.label:<{width}}  {shown(row.truth):>7}  {shown(row.unweighted.value):>10}  "
        f"{shown(row.weighted.value):>8}  {interval:>16}  {answer}"
    )


def _domains(dataset: Dataset) -> dict[str, Mask]:
    areas = [area.code for area in dataset.questionnaire.municipality.areas]
    return {"": np.ones(dataset.size, dtype=bool)} | {area: dataset.texts["area"] == area for area in areas}
