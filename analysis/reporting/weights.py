"""From respondents to weights: base weights per area, raking to the margins, trimming.

The invited sample is stratified by the area that a code was issued for. Nobody is dropped because an
answer on a margin is missing: such people keep the share of the base weights that they had.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from analysis.reporting.dataset import Dataset
from analysis.reporting.margins import (
    UNKNOWN,
    CountedMargin,
    Merge,
    Reconciliation,
    area_names,
    counted_margin,
    places,
    raking_margins,
    reconcile,
)
from analysis.reporting.plan import WeightingPlan
from analysis.sampling.designs import Design, LoneStratum, persons, reweighted
from analysis.sampling.variance import effective_number
from analysis.weighting.calibration import EmptyCell, NotConverged
from analysis.weighting.raking import Margin, Raked, raked_weights, raking

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]

TRIMMINGS = 20
"""Rounds of trimming and raking again; what is still outside then is asked for by the margins."""

SLACK = 0.01
"""A weight this far outside its limits, relatively, after the last raking still counts as inside."""


class MarginLevel(Struct, frozen=True, kw_only=True):
    """One category of a margin before and after weighting, in persons.

    `before` and `after` are sums of base and of final weights; `population` is the reconciled count.
    People whose answer is missing have the category "" and no population.
    """

    margin: str
    area: str
    category: str
    respondents: int
    before: float
    after: float
    population: float | None


class Weighting(Struct, frozen=True, kw_only=True, eq=False):
    """The weights of the invited sample, and the account of how they came about.

    Arrays have one entry per respondent. `design` is what `estimates` and `variance` need.
    `design_effect` is Kish's 1 + CV^2 of the weights, `effective_number` n divided by it; `smallest`
    and `largest` are the extreme ratios of final to base weight; `trimmed` counts the weights that were
    cut, `outside` those that the margins push outside the limits all the same; `rounds` are the sweeps
    of the last raking. `margins` has a line per area and category, as they
    were before merging; the first margin, "area", has the area totals.
    """

    design: Design
    base: Floats
    design_effect: float
    effective_number: float
    rounds: int
    trimmed: int
    outside: int
    smallest: float
    largest: float
    margins: tuple[MarginLevel, ...]
    merges: tuple[Merge, ...]
    reconciliations: tuple[Reconciliation, ...]

    @property
    def weights(self) -> Floats:
        """For how many adults of the municipality each respondent stands."""
        return self.design.weights


def weigh(sample: Dataset, plan: WeightingPlan) -> Weighting:
    """Weights for the invited respondents in `sample`, which holds no others.

    Raises EmptyCell, MarginMismatch, NotConverged or LoneStratum, with names, numbers and what to do.
    """
    if not sample.size:
        raise EmptyCell("No invited resident has answered yet: there is nothing to weigh.")
    names = area_names(sample, plan)
    counted = [counted_margin(sample, margin, names) for margin in plan.margins]
    people, margins, reconciliations = reconcile(counted)
    margins = (_area_margin(sample, names, people), *margins)
    strata = places(sample, "sampled_area", names)
    refuse_lone_strata(strata, margins[0].areas)
    base = base_weights(strata, people)
    prepared = [raking_margins(margin, base, plan.minimum_cell) for margin in margins]
    levels = [level for found, _ in prepared for level in found]
    try:
        raked, trimmed = trimmed_rake(base, levels, plan.smallest, plan.largest)
    except NotConverged as error:
        raise NotConverged(
            f"{error} In the plan: raise minimum_cell, so that small levels are merged."
        ) from None
    drawn = persons(base, strata, margins[0].areas, people if plan.finite_population else None)
    design = reweighted(drawn, raked.weights, raking(base, raked.weights, levels))
    ratios = design.weights / base
    effective = effective_number(design.weights)
    return Weighting(
        design=design,
        base=base,
        design_effect=sample.size / effective,
        effective_number=effective,
        rounds=raked.rounds,
        trimmed=trimmed,
        outside=int(outside_limits(ratios, plan.smallest, plan.largest).sum()),
        smallest=float(ratios.min()),
        largest=float(ratios.max()),
        margins=tuple(level for margin in margins for level in _account(margin, base, design.weights)),
        merges=tuple(merge for _, merges in prepared for merge in merges),
        reconciliations=reconciliations,
    )


def refuse_lone_strata(strata: Codes, names: Sequence[str]) -> None:
    """Raise LoneStratum when one respondent stands for a whole stratum."""
    number = np.bincount(strata, minlength=len(names))
    alone = [name for name, count in zip(names, number, strict=True) if count == 1]
    if alone:
        raise LoneStratum(
            f"Only one person answered in {', '.join(alone)}: no margin of error can be computed. "
            "Name the area together with a neighbour in merge_areas in the plan."
        )


def base_weights(strata: Codes, people: Floats) -> Floats:
    """People per respondent in each stratum, N_h / n_h: within an area everybody answers as likely."""
    return (people / np.maximum(np.bincount(strata, minlength=len(people)), 1))[strata]


def trimmed_rake(
    base: Floats, margins: Sequence[Margin], smallest: float, largest: float
) -> tuple[Raked, int]:
    """Rake, cut weights outside `smallest` and `largest` times the base weight, rake again, and so on.

    The limits go by the base weight, which is the mean of the area, because areas are meant to differ.
    Where the margins do not allow it the margins win. Returns the weights and the number of weights
    that were cut. Raises what `raked_weights` raises.
    """
    raked = raked_weights(base, margins)
    trimmed = np.zeros(len(base), dtype=bool)
    for _ in range(TRIMMINGS):
        outside = outside_limits(raked.weights / base, smallest, largest)
        if not outside.any():
            break
        trimmed |= outside
        raked = raked_weights(np.clip(raked.weights, smallest * base, largest * base), margins)
    return raked, int(trimmed.sum())


def outside_limits(ratios: Floats, smallest: float, largest: float) -> Mask:
    """Which ratios of final to base weight are outside the limits, beyond a small slack."""
    outside: Mask = (ratios < smallest * (1 - SLACK)) | (ratios > largest * (1 + SLACK))
    return outside


def _area_margin(sample: Dataset, names: dict[str, str], people: Floats) -> CountedMargin:
    return CountedMargin(
        key="area",
        areas=tuple(dict.fromkeys(names.values())),
        categories=("all",),
        place=places(sample, "area", names),
        category=np.zeros(sample.size, dtype=np.intp),
        counts=people[:, None],
    )


def _account(margin: CountedMargin, base: Floats, weights: Floats) -> Iterator[MarginLevel]:
    for place, area in enumerate(margin.areas):
        for category, name in [*enumerate(margin.categories), (UNKNOWN, "")]:
            inside = (margin.place == place) & (margin.category == category)
            if category == UNKNOWN and not inside.any():
                continue
            yield MarginLevel(
                margin=margin.key,
                area=area,
                category=name,
                respondents=int(inside.sum()),
                before=float(base[inside].sum()),
                after=float(weights[inside].sum()),
                population=None if category == UNKNOWN else float(margin.counts[place, category]),
            )
