"""Which areas differ from the rest of the municipality."""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from analysis.columns import Column
from analysis.estimation.domains import Difference, differences
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


def compare_areas(
    values: Floats, design: Design, areas: Column, shown: Sequence[str], relevant: float
) -> tuple[AreaDifference, ...]:
    """Each area minus all the others together (Benjamini and Hochberg 1995 over the areas).

    `areas` is that of each row; `shown` are those that will be published; `relevant` is the smallest
    difference worth a mark. With none shown, nothing is compared.
    """
    if not shown:
        return ()
    found = differences(values, design, areas, levels=shown)
    return tuple(
        AreaDifference(
            difference=difference, adjusted_p=float(p), mark=mark_of(difference.value, p, relevant)
        )
        for difference, p in zip(found.differences, found.adjusted(), strict=True)
    )


def mark_of(value: float, p: float, relevant: float) -> Literal["higher", "lower", "same"]:
    """Higher or lower when a difference is no chance (adjusted `p`) and large enough to matter."""
    if p >= SIGNIFICANCE or abs(value) < relevant:
        return "same"
    return "higher" if value > 0 else "lower"
