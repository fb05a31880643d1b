"""Which areas differ from the rest of the municipality, and how sure a difference is."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from msgspec import Struct

from analysis.columns import Column
from analysis.estimation.domains import Difference, differences
from analysis.estimation.estimates import Estimate
from analysis.estimation.hypotheses import half_width, t_test
from analysis.estimation.multiplicity import adjust
from analysis.sampling.designs import Design, Floats

SIGNIFICANCE = 0.05


class AreaDifference(Struct, frozen=True, kw_only=True):
    """One area against the rest of the municipality.

    `adjusted_p` controls the false discovery rate over all areas of the indicator. `mark` is "higher"
    or "lower" only when that is below 0.05 and the difference is large enough to matter.
    """

    difference: Difference
    adjusted_p: float
    mark: Literal["higher", "lower", "same"]


def compare_areas(  # noqa: PLR0913, PLR0917 - a comparison has values, groups and what is published of them
    values: Floats,
    design: Design,
    areas: Column,
    shown: Sequence[str],
    published: Sequence[tuple[Estimate, Estimate]],
    relevant: float,
) -> tuple[AreaDifference, ...]:
    """Each area minus all the others together (Benjamini and Hochberg 1995 over the areas).

    `areas` is that of each row; `shown` are those that will be published, and `published` their estimates and
    those of all the others; `relevant` is the smallest difference worth a mark. With none shown, nothing is
    compared.
    """
    if not shown:
        return ()
    found = differences(values, design, areas, levels=shown).differences
    place = np.asarray(areas).astype(np.str_)
    p_values = [
        p_value(each, (own, values[place == level]), (rest, values[place != level]))
        for each, level, (own, rest) in zip(found, shown, published, strict=True)
    ]
    return tuple(
        AreaDifference(difference=difference, adjusted_p=p, mark=mark_of(difference.value, p, relevant))
        for difference, p in zip(found, adjust(p_values), strict=True)
    )


class Apart(NamedTuple):
    """One estimate less another, its 95% interval, and the p-value of no difference; not adjusted."""

    value: float
    low: float
    high: float
    p_value: float


def p_value(difference: Difference, one: tuple[Estimate, Floats], other: tuple[Estimate, Floats]) -> float:
    """That of no difference between the two, each with the answers that it is of.

    Where everybody in one of them gave the same answer, its standard error of 0 would call it certain: then
    it follows from the two intervals. A mean has none there, and nobody knows how sure it is.
    """
    if not any(_alike(answers) for _, answers in (one, other)):
        return difference.p_value
    if any(each.low == each.high for each, _ in (one, other)):
        return 1.0
    return apart(one[0], other[0]).p_value


def _alike(answers: Floats) -> bool:
    return bool(np.ptp(answers[~np.isnan(answers)]) == 0)


def apart(one: Estimate, other: Estimate) -> Apart:
    """One less the other, both of other people, from the limits of their intervals (Newcombe 1998).

    So a share of 0% or 100% has a margin.
    """
    value = one.value - other.value
    below = _spread((other, other.high - other.value), (one, one.value - one.low))
    above = _spread((other, other.value - other.low), (one, one.high - one.value))
    # Whether there is a difference at all depends on the limit on the side of zero.
    error, freedom = below if value > 0 else above
    return Apart(
        value=value,
        low=value - float(half_width(*below)),
        high=value + float(half_width(*above)),
        p_value=t_test(value / error if error > 0 else np.nan, freedom).p_value,
    )


def _spread(*reaches: tuple[Estimate, float]) -> tuple[float, float]:
    """The standard error of the difference on one side of it, and its degrees of freedom.

    `reaches`: of both samples, from the figure to that limit of its interval.
    """
    free = [each.degrees_of_freedom for each, _ in reaches]
    if min(free) <= 0:
        return 0.0, 0.0
    variances = [(reach / float(half_width(1.0, each.degrees_of_freedom))) ** 2 for each, reach in reaches]
    if not any(variances):
        return 0.0, float(min(free))
    parts = sum(variance**2 / freedom for variance, freedom in zip(variances, free, strict=True))
    return float(np.sqrt(sum(variances))), sum(variances) ** 2 / parts


def mark_of(value: float, p: float, relevant: float) -> Literal["higher", "lower", "same"]:
    """Higher or lower when a difference is no chance (adjusted `p`) and large enough to matter."""
    if p >= SIGNIFICANCE or abs(value) < relevant:
        return "same"
    return "higher" if value > 0 else "lower"
