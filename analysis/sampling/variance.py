"""Standard errors from the design: Taylor linearisation, in several stages, after any weighting."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from analysis.columns import ColumnError, values_of
from analysis.errors import LARGEST
from analysis.sampling.designs import Codes, Design, Floats, Lonely, LoneStratum, Mask, Stage
from analysis.sampling.replication import replicate_covariance, replicate_degrees_of_freedom
from analysis.sampling.rows import rows_in

Estimator = Callable[[Floats], Floats]
"""The statistics, shape (vectors, statistics), for one or more vectors of weights, shape (rows, vectors)."""

TAKEN = 1 - 1e-7
"""A stratum of which at least this share was drawn has no sampling error."""

NAMED = 5
"""How many strata a message names."""

ROUNDING = 1e-9
"""Margins are met to 1e-10 of themselves: what differs by no more than this, relatively, does not differ."""


def covariance(influence: Floats, design: Design, domain: Mask | None = None) -> Floats:
    """Covariance matrix of the statistics whose influence values are given.

    `influence` has shape (rows, statistics): u = z/w, the linearised value before weighting, zero outside
    `domain` (the row stays in the design). z = w u is replaced by its residual on every step of weighting
    in turn, and summed over the units of each stage. Per stratum: n/(n-1) (1 - n/N) sum (z - mean z)^2
    (Särndal, Swensson and Wretman 1992, sections 4.3, 5.5 and 6.6; Woodruff 1971); a later stage counts
    for the sampling fraction of those before it, and not at all when these were drawn with replacement or
    when it has no population itself: then all of its units are taken to be there, as in R's svydesign.

    Raises LoneStratum.
    """
    return drawn_covariance(unexplained(influence, design), design, domain)


def unexplained(influence: Floats, design: Design) -> Floats:
    """z = w u, shape (rows, statistics), with what each step of weighting explains of it taken off."""
    weighted = design.weights[:, None] * influence
    for step in design.adjustments:
        weighted = step.residuals(weighted)
    return weighted


def drawn_covariance(weighted: Floats, design: Design, domain: Mask | None = None) -> Floats:
    """Covariance matrix of the sums of `weighted`, shape (rows, statistics), over samples drawn alike.

    It is what `covariance` makes of `unexplained`; apart, because a difference between two weightings of
    one sample is the sum of the difference of their z.
    """
    inside = rows_in(domain, design) if design.lonely_in_domains and domain is not None else None
    found = np.zeros((weighted.shape[1], weighted.shape[1]))
    share = np.ones(design.size)
    for place, stage in enumerate(design.stages):
        if place and stage.population is None:
            break
        found += _stage_covariance(weighted, stage, place, share, design.lonely, inside)
        if stage.population is None:
            break
        share = share * (stage.drawn[stage.strata] / stage.population)
    return found


def sampling_covariance(
    estimator: Estimator, influence: Floats, design: Design, domain: Mask | None = None
) -> Floats:
    """Covariance matrix of statistics: linearised, or from the replicates where the design has them.

    `influence` is as in `covariance`. Raises LoneStratum or EmptyReplicate.
    """
    if design.replicates is None:
        return covariance(influence, design, domain)
    full = estimator(design.weights[:, None])[0]
    return replicate_covariance(estimator(design.replicates.weights), full, design.replicates)


def each(statistics: Callable[[Floats], Floats]) -> Estimator:
    """The estimator of statistics that are computed for one vector of weights at a time."""
    return lambda weights: np.stack([statistics(vector) for vector in weights.T])


def standard_errors(influence: Floats, design: Design, domain: Mask | None = None) -> Floats:
    """The root of the diagonal of `covariance`."""
    return np.sqrt(np.maximum(np.diag(covariance(influence, design, domain)), 0.0))


def beyond_rounding(spread: Floats, magnitudes: Floats) -> Floats:
    """The covariance, exactly 0 for statistics whose standard error is but the rounding of their sums.

    `magnitudes`, shape (statistics,): the size of what each was made of, such as the means whose difference
    it is. So a column that is the same everywhere has no spread, nor has a margin that weights were raked to.
    """
    errors = np.sqrt(np.maximum(np.diag(spread), 0.0))
    found: Floats = np.where(errors > ROUNDING * magnitudes, 1.0, 0.0)
    return spread * np.outer(found, found)


def degrees_of_freedom(design: Design, domain: Mask | None = None) -> int:
    """First-stage units minus strata, counted among rows with a weight within the domain.

    Of Ingram and others (2018). With replicates: the number of independent ones, minus one, as R's degf.
    """
    if design.replicates is not None:
        return replicate_degrees_of_freedom(design, domain)
    first = design.stages[0]
    rows = (design.weights != 0) & rows_in(domain, design)
    return _different(first.units[rows]) - _different(first.strata[rows])


def effective_number(weights: npt.ArrayLike) -> float:
    """Kish's effective number of respondents, (sum w)^2 / sum w^2 (Kish 1965, section 11.7); 0 without any.

    Raises ColumnError for what is no number in any row.
    """
    given = values_of(None, np.asarray(weights))
    lowest, highest = (given.min(initial=0), given.max(initial=0)) if given.dtype.kind in "biuf" else (1, 0)
    if not -LARGEST <= lowest <= highest <= LARGEST:  # which does not hold of nan
        raise ColumnError("An effective number is that of weights: give a number for every row.")
    return effective_number_of(given.astype(float, copy=False))


def effective_number_of(weights: Floats) -> float:
    """The same of weights that are known to be finite numbers."""
    squares = float(weights @ weights)
    return float(weights.sum()) ** 2 / squares if squares > 0 else 0.0


def _stage_covariance(  # noqa: PLR0913, PLR0917 - a stage, and how to reckon with it
    weighted: Floats, stage: Stage, place: int, share: Floats, lonely: Lonely, domain: Mask | None
) -> Floats:
    """The part of one stage; `share` is the fraction of the stages before it that the row's units are of."""
    strata = stage.stratum_of_unit
    drawn = np.bincount(strata, minlength=len(stage.names))
    totals = _sums(weighted, stage.units, len(strata))
    fraction = np.zeros(len(drawn))
    weight = np.ones(len(drawn))
    weight[stage.strata] = share
    if stage.population is not None:
        fraction[stage.strata] = drawn[stage.strata] / stage.population
    certain = fraction >= TAKEN
    single = ~certain & (drawn == 1)
    left = single if domain is None else single | (~certain & (_units_in(stage, domain) == 1))
    if lonely == "fail" and single.any():
        raise LoneStratum(_lone(stage, place, single))
    centre = _sums(totals, strata, len(drawn)) / np.maximum(drawn, 1)[:, None]
    # At a later stage the units around a lone one are those of its own unit: it alone, at its own mean.
    if lonely == "adjust" and place == 0:
        centre[left] = totals.mean(axis=0)
    spread = np.where(drawn > 1, drawn / np.maximum(drawn - 1, 1), 1.0) * (1 - fraction) * weight
    spread[certain] = 0.0
    if lonely == "average":
        counted = (drawn > 0) & ~left
        spread *= (drawn > 0).sum() / max(counted.sum(), 1)
        spread[left] = 0.0
    away = (totals - centre[strata]) * np.sqrt(spread)[strata, None]
    found: Floats = away.T @ away
    return found


def _sums(values: Floats, groups: Codes, number: int) -> Floats:
    return np.column_stack([np.bincount(groups, column, number) for column in values.T])


def _different(codes: Codes) -> int:
    """How many of the codes occur: counting takes far less time than sorting or hashing them."""
    return int(np.count_nonzero(np.bincount(codes)))


def _units_in(stage: Stage, domain: Mask) -> npt.NDArray[np.intp]:
    """How many units of each stratum have rows in the domain."""
    units = np.unique(stage.units[domain])
    return np.bincount(stage.stratum_of_unit[units], minlength=len(stage.names))


def _lone(stage: Stage, place: int, single: Mask) -> str:
    alone = np.flatnonzero(single)
    names = ", ".join(stage.stratum(each) for each in alone[:NAMED])
    more = f" and {len(alone) - NAMED} others" if len(alone) > NAMED else ""
    at_stage = f" at stage {place + 1}" if place else ""
    return (
        f"One unit was drawn{at_stage} in {names}{more}: its spread cannot be estimated. Put it together "
        "with a neighbour, or say in the design what it counts for (lonely)."
    )
