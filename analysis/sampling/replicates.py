"""Replicate weights: the sample as other draws could have given it, to see how a statistic varies.

Made before any adjustment, so that every replicate is adjusted as the sample itself.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace
from scipy import linalg

from analysis.columns import Column, called, listed
from analysis.errors import number, refuse_no_whole
from analysis.sampling.designs import Codes, Design, DesignError, Floats, LoneStratum, Mask, Replicates, Stage
from analysis.sampling.rows import row_numbers

Seed = int | Sequence[int]

TOGETHER = 2**17
"""Draws that are made at a time, so that their counts stay in the processor's cache."""


def jackknife(design: Design) -> Design:
    """The design with a replicate per first-stage unit, which leaves that unit out.

    JKn (Wolter 2007, chapter 4), and with one stratum JK1: the others of its stratum count n/(n-1) times
    and the replicate (n-1)/n (1 - n/N). For means and totals the variance is that of linearisation, exactly
    for totals. One column per unit: for many units, such as persons, the bootstrap takes less memory.
    A stratum with one unit follows the design: "fail" raises LoneStratum, "remove" and "certainty" leave it
    as it is. Raises DesignError for what replicates cannot show.
    """
    stage = _first_stage(design)
    strata, drawn = stage.stratum_of_unit, stage.drawn
    left_out = np.flatnonzero(_varied(design, stage)[strata])
    others = drawn / np.maximum(drawn - 1, 1)
    factors = np.where(strata[:, None] == strata[left_out], others[strata][:, None], 1.0)
    factors[left_out, np.arange(len(left_out))] = 0.0
    counted = (drawn - 1) / np.maximum(drawn, 1) * (1 - _fraction(stage))
    return _replicated(
        design, stage, factors.T, scale=1.0, rscales=counted[strata[left_out]], origin=("jackknife",)
    )


def balanced(design: Design, *, fay: float = 0.0) -> Design:
    """The design with balanced half samples, for strata with two first-stage units each.

    BRR (McCarthy 1969): in each replicate one unit of every stratum counts twice and the other not at all,
    by the columns of a Hadamard matrix. With `fay`, from 0 to below 1, they count 2 - fay and fay times
    (Judkins 1990). With the population of a stratum the two move sqrt(1 - n/N) as far.
    The column of ones is never used: it would leave a stratum's units always together.
    """
    if not 0 <= number("fay", fay, DesignError) < 1:
        raise DesignError(f"fay is {fay:g}. It is a number from 0 to below 1; 0.3 and 0.5 are usual.")
    stage = _first_stage(design)
    strata = stage.stratum_of_unit
    varied = _varied(design, stage)
    odd = np.flatnonzero(varied & (stage.drawn != 2))
    if len(odd):
        raise DesignError(
            f"Balanced half samples need two units in every stratum, also in "
            f"{', '.join(map(stage.stratum, odd.tolist()))}. "
            "Use the jackknife or the bootstrap, or put units and strata together in pairs."
        )
    pairs = int(varied.sum())
    matrix = _hadamard(pairs + 1)
    signs = np.zeros((len(varied), len(matrix)))
    signs[varied] = matrix[:, 1 : pairs + 1].T
    _, first = np.unique(strata, return_index=True)
    side = np.full(len(strata), -1.0)
    side[first] = 1.0
    move = (1 - fay) * np.sqrt(1 - _fraction(stage))
    factors = 1 + side[:, None] * (signs * move[:, None])[strata]
    replicates = signs.shape[1]
    scale = 1 / (replicates * (1 - fay) ** 2)
    return _replicated(
        design, stage, factors.T, scale=scale, rscales=np.ones(replicates), origin=("balanced", fay)
    )


def bootstrap(design: Design, *, replicates: int = 500, seed: Seed) -> Design:
    """The design with replicates of the rescaled bootstrap.

    Rao and Wu (1988), Rao, Wu and Yue (1992): in each stratum n-1 of the n first-stage units are drawn
    with replacement, and a unit drawn r times counts 1 - c + c r n/(n-1) times, where c = sqrt(1 - n/N), or
    1 without a population. The same seed gives the same replicates. For blocks of replicates that together do
    not fit in memory, give each its own seed: [seed, block].
    """
    refuse_no_whole("The number of replicates", replicates)
    if replicates < 2:
        raise DesignError(f"{replicates} replicates. At least 2 are needed; 500 are usual.")
    refuse_no_seed(seed)
    stage = _first_stage(design)
    varied, strata, fraction = _varied(design, stage), stage.stratum_of_unit, _fraction(stage)
    random = np.random.default_rng(seed)
    factors = np.empty((replicates, len(strata)))
    factors[:, ~varied[strata]] = 1.0
    members = np.split(np.argsort(strata, kind="stable"), np.cumsum(stage.drawn)[:-1])
    for stratum in np.flatnonzero(varied):
        units, n = members[stratum], len(members[stratum])
        reach = np.sqrt(1 - fraction[stratum])
        together = max(1, TOGETHER // n)
        for start in range(0, replicates, together):
            part = factors[start : start + together]
            part[:, units] = 1 - reach + reach * n / (n - 1) * _counts(random, n, n - 1, len(part))
    origin = ("bootstrap", replicates, *np.atleast_1d(seed).tolist())
    return _replicated(
        design, stage, factors, scale=1 / (replicates - 1), rscales=np.ones(replicates), origin=origin
    )


def refuse_no_seed(seed: Any) -> None:
    """Raise OptionError for what is no seed: without one, nobody gets the same replicates again."""
    for part in seed if isinstance(seed, Sequence) and not isinstance(seed, str) and len(seed) else [seed]:
        refuse_no_whole("The seed", part)


def replicated(  # noqa: PLR0913
    design: Design,
    columns: Column | Sequence[Column],
    *,
    scale: float,
    rscales: npt.ArrayLike = 1.0,
    mse: bool = False,
    combined: bool = True,
) -> Design:
    """The design with replicate weights that came with the data.

    `columns`: one per replicate. `combined`: they are weights; else factors, to multiply by the design's
    weight. `scale` and `rscales` (one per replicate, or one for all) are given by whoever made them. With
    `mse` the variance is around the estimate, not around the mean of the replicates. The formula is that of
    `Replicates` (Wolter 2007; R's svrepdesign).
    Raises DesignError or ColumnError.
    """
    _refuse_adjusted(design)
    named = listed(columns)
    if len(named) < 2:
        raise DesignError(f"{len(named)} replicates. At least 2 are needed.")
    given = np.column_stack([row_numbers(column, design) for column in named])
    wrong = ~(np.isfinite(given) & (given >= 0))
    if wrong.any():
        row, place = (int(each[0]) for each in np.nonzero(wrong))
        raise DesignError(
            f"{called(named[place])}: replicate {place + 1} has weight {given[row, place]:g} in row "
            f"{row + 1}. A weight is a number from 0."
        )
    shares = np.array(
        [number("One of rscales", share, DesignError) for share in np.ravel(np.asarray(rscales))]
    )
    if shares.size not in (1, given.shape[1]):
        raise DesignError(
            f"{shares.size} rscales for {given.shape[1]} replicates. Give one for each, or one."
        )
    shares = np.broadcast_to(shares, given.shape[1])
    if not (number("The scale", scale, DesignError) > 0 and (shares >= 0).all() and shares.any()):
        raise DesignError(
            "The scale of replicates is a number above 0; rscales are numbers from 0, and one of them is "
            "above it: else no replicate counts."
        )
    weights = given if combined else given * design.weights[:, None]
    return replace(design, replicates=Replicates(weights=weights, scale=scale, rscales=shares, mse=mse))


def _first_stage(design: Design) -> Stage:
    """The stage that replicates vary. Refuses what they would leave out without saying so."""
    _refuse_adjusted(design)
    first = design.stages[0]
    if any(stage.population is not None for stage in design.stages[1:]):
        raise DesignError(
            "Replicates vary the units of the first stage; with its population given, what later stages add "
            "to the variance would be lost. Leave out the population, which errs on the safe side, or use "
            "linearisation."
        )
    return first


def _refuse_adjusted(design: Design) -> None:
    if design.adjustments:
        raise DesignError(
            "The weights were adjusted before there were replicates. Make the replicates first: then every "
            "one of them is adjusted too."
        )


def _varied(design: Design, stage: Stage) -> Mask:
    """Which strata differ between replicates: those with several units."""
    single = stage.drawn == 1
    if single.any() and design.lonely not in ("remove", "certainty"):
        names = ", ".join(map(stage.stratum, np.flatnonzero(single).tolist()))
        raise LoneStratum(
            f"One unit was drawn in {names}, so no replicate can differ there. Put the stratum "
            'together with a neighbour, or declare the design with lonely="certainty" when it was sure to be '
            "drawn."
        )
    return stage.drawn > 1


def _fraction(stage: Stage) -> Floats:
    """The share of each stratum that was drawn; 0 where it is not known."""
    fraction = np.zeros(len(stage.names))
    if stage.population is not None:
        fraction[stage.strata] = stage.drawn[stage.strata] / stage.population
    return fraction


def _replicated(  # noqa: PLR0913 - factors, and how they were made
    design: Design, stage: Stage, factors: Floats, *, scale: float, rscales: Floats, origin: object
) -> Design:
    """The design with weights from the factors of units, shape (replicates, units)."""
    rows_are_units = len(stage.stratum_of_unit) == design.size
    if not (rows_are_units and (stage.units == np.arange(design.size)).all()):
        factors = factors.take(stage.units, axis=1)
    factors *= design.weights
    return replace(
        design, replicates=Replicates(weights=factors.T, scale=scale, rscales=rscales, origin=origin)
    )


def _counts(random: np.random.Generator, units: int, draws: int, replicates: int) -> Codes:
    """How often each unit is drawn in each replicate, shape (replicates, units)."""
    if units > TOGETHER:
        return np.stack([_counts_in_parts(random, units, draws) for _ in range(replicates)])
    drawn = random.integers(0, units, size=(replicates, draws))
    drawn += units * np.arange(replicates)[:, None]
    return np.bincount(drawn.ravel(), minlength=units * replicates).reshape(replicates, units)


def _counts_in_parts(random: np.random.Generator, units: int, draws: int) -> Codes:
    """The counts of many units: first how many draws fall in each part, then on which of its units.

    The chances are the same (a multinomial variable is one of its sums and, given these, of each part).
    """
    sizes = np.diff([*range(0, units, TOGETHER), units])
    falling = random.multinomial(draws, sizes / units)
    return np.concatenate(
        [_counts(random, size, number, 1)[0] for size, number in zip(sizes, falling, strict=True)]
    )


def _hadamard(at_least: int) -> Floats:
    """The smallest Hadamard matrix of this order or more that doubling makes of 1 or of a Paley matrix.

    Rows are scaled so that the first column is all ones (Sylvester 1867; Paley 1933).
    """
    order = at_least
    while (start := _start(order)) is None:
        order += 1
    matrix = np.ones((1, 1)) if start == 1 else _paley(start - 1)
    while len(matrix) < order:
        matrix = np.kron(np.array([[1.0, 1.0], [1.0, -1.0]]), matrix)
    return matrix * matrix[:, :1]


def _start(order: int) -> int | None:
    """The order to double until this one: 1, or a prime that leaves 3 divided by 4, and 1 more."""
    while True:
        if order == 1 or (order % 4 == 0 and _is_prime(order - 1)):
            return order
        if order % 2:
            return None
        order //= 2


def _is_prime(number: int) -> bool:
    return number > 1 and all(number % divisor for divisor in range(2, int(number**0.5) + 1))


def _paley(prime: int) -> Floats:
    character = np.full(prime, -1.0)
    character[np.arange(1, prime) ** 2 % prime] = 1.0
    character[0] = 0.0
    matrix = np.ones((prime + 1, prime + 1))
    matrix[1:, 0] = -1.0
    matrix[1:, 1:] = linalg.circulant(character) + np.eye(prime)
    return matrix
