"""From respondents to weights: base weights per area, raking to the margins, trimming.

The invited sample is stratified by the area that a code was issued for. Nobody is dropped because an
answer on a margin is missing: such people keep the share of the base weights that they had.
"""

from collections.abc import Iterator, Sequence

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Struct

from analysis.calibration import Calibration, EmptyCell, Margin, NotConverged, rake
from analysis.dataset import Dataset
from analysis.margins import (
    UNKNOWN,
    CountedMargin,
    Merge,
    Reconciliation,
    area_names,
    counted_margin,
    places,
    raking_margin,
    reconcile,
)
from analysis.plan import WeightingPlan
from analysis.variance import Design

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]

TRIMMINGS = 50
"""Rounds of trimming and raking again, before the limits are said to contradict the margins."""

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
    and `largest` are multiples of the mean weight; `trimmed` counts the weights that were cut;
    `rounds` are the sweeps of the last raking. `margins` has a line per area and category, as they
    were before merging; the first margin, "area", has the area totals.
    """

    design: Design
    base: Floats
    design_effect: float
    effective_number: float
    rounds: int
    trimmed: int
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

    Raises EmptyCell, MarginMismatch or NotConverged, each with names, numbers and what to do.
    """
    if not sample.size:
        raise EmptyCell("No invited resident has answered yet: there is nothing to weigh.")
    names = area_names(sample, plan)
    counted = [counted_margin(sample, margin, names) for margin in plan.margins]
    people, margins, reconciliations = reconcile(counted)
    margins = (_area_margin(sample, names, people), *margins)
    strata = places(sample, "sampled_area", names)
    base = base_weights(strata, people)
    levels, merges = zip(*(raking_margin(margin, base, plan.minimum_cell) for margin in margins), strict=True)
    calibration, trimmed = trimmed_rake(base, levels, plan.smallest, plan.largest)
    design = Design(
        weights=calibration.weights,
        strata=strata,
        stratum_names=margins[0].areas,
        fractions=np.bincount(strata, minlength=len(people)) / people if plan.finite_population else None,
        calibration=calibration,
    )
    relative = design.weights / design.weights.mean()
    effect = float((relative**2).mean())
    return Weighting(
        design=design,
        base=base,
        design_effect=effect,
        effective_number=sample.size / effect,
        rounds=calibration.rounds,
        trimmed=trimmed,
        smallest=float(relative.min()),
        largest=float(relative.max()),
        margins=tuple(level for margin in margins for level in _account(margin, base, design.weights)),
        merges=tuple(merge for found in merges for merge in found),
        reconciliations=reconciliations,
    )


def base_weights(strata: Codes, people: Floats) -> Floats:
    """People per respondent in each stratum, N_h / n_h: within an area everybody answers as likely."""
    return (people / np.maximum(np.bincount(strata, minlength=len(people)), 1))[strata]


def trimmed_rake(
    base: Floats, margins: Sequence[Margin], smallest: float, largest: float
) -> tuple[Calibration, int]:
    """Rake, cut weights outside `smallest` and `largest` times the mean, rake again, until it holds.

    Returns the calibration, whose old weights are the base weights (the regression behind standard
    errors is on those), and the number of weights that were cut. Raises what `rake` raises.
    """
    calibration = rake(base, margins)
    trimmed = np.zeros(len(base), dtype=bool)
    for _ in range(TRIMMINGS):
        weights = calibration.weights
        limits = smallest * weights.mean(), largest * weights.mean()
        outside = (weights < limits[0] * (1 - SLACK)) | (weights > limits[1] * (1 + SLACK))
        if not outside.any():
            return msgspec.structs.replace(calibration, old=base), int(trimmed.sum())
        trimmed |= outside
        again = rake(np.clip(weights, *limits), margins)
        calibration = msgspec.structs.replace(calibration, weights=again.weights, rounds=again.rounds)
    raise NotConverged(
        f"{int(outside.sum())} weights stay outside {smallest} to {largest} times the mean, whatever is "
        "trimmed: the margins ask for them. Widen smallest and largest in the plan, or merge levels."
    )


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
