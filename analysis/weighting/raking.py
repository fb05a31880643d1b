"""Raking of weights, as arrays, to population margins.

Raking multiplies all respondents with the same levels on every margin by one factor. So respondents
are added up to cells first; the work is done on at most a few thousand cells, however many
respondents there are, and the result is exact for any base weights.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse

from analysis.weighting.calibration import (
    TOLERANCE,
    CalibrationError,
    EmptyCell,
    MarginMismatch,
    Problem,
    Regression,
    regression,
    solve,
)
from analysis.weighting.merging import Margin, advice, neighbours

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]

SWEEPS = 50
"""Sweeps over all margins, before Newton steps take over; most margins settle in ten to thirty."""


TRIMMINGS = 20
"""Rounds of trimming and raking again; what is still outside then is asked for by the margins."""

SLACK = 0.01
"""A weight this far outside its limits, relatively, after the last raking still counts as inside."""


class Raked(NamedTuple):
    """Weights that reach the margins, and the number of sweeps that it took."""

    weights: Floats
    rounds: int


def raked_weights(old: Floats, margins: Sequence[Margin], *, tolerance: float = TOLERANCE) -> Raked:
    """Weights that are as near as possible to `old` and add up to the targets of every margin.

    Iterative proportional fitting: minimises the sum of w log(w/old) - w + old (Deville and Särndal
    1992, "multiplicative" distance). `old` has one positive weight per respondent. Stops on the
    error of the margins, never on the size of the change. Where margins overlap so much that sweeping
    gets slow, damped Newton steps on the dual of the same problem finish the work.

    Raises EmptyCell, MarginMismatch or NotConverged.
    """
    _refuse_different_totals(margins)
    cells = _cells(old, margins)
    for levels, margin in zip(cells.levels.T, margins, strict=True):
        refuse_empty(margin, np.isin(np.arange(len(margin.levels)), levels))
    reached, rounds = _sweep(cells, margins, tolerance)
    if rounds > SWEEPS:
        reached, steps = _newton(reached, cells.levels, margins, tolerance)
        rounds = SWEEPS + steps
    factors = np.zeros(cells.possible)
    factors[cells.occupied] = reached / cells.weights
    return Raked(weights=old * factors[cells.code], rounds=rounds)


def trimmed_rake(
    old: Floats, margins: Sequence[Margin], smallest: float, largest: float
) -> tuple[Raked, int]:
    """Rake, cut weights outside `smallest` and `largest` times the old weight, rake again, and so on.

    Where the margins do not allow it the margins win. Returns the weights, with the sweeps of the last
    raking, and the number of weights that were cut. Raises what `raked_weights` raises.
    """
    raked = raked_weights(old, margins)
    trimmed = np.zeros(len(old), dtype=bool)
    for _ in range(TRIMMINGS):
        outside = outside_limits(ratios(raked.weights, old), smallest, largest)
        if not outside.any():
            break
        trimmed |= outside
        raked = raked_weights(np.clip(raked.weights, smallest * old, largest * old), margins)
    return raked, int(trimmed.sum())


def ratios(new: Floats, old: Floats) -> Floats:
    """Of new to old weights; 1 where there was no weight."""
    found: Floats = np.divide(new, old, out=np.ones_like(new), where=old > 0)
    return found


def outside_limits(ratios: Floats, smallest: float, largest: float) -> npt.NDArray[np.bool_]:
    """Which ratios of new to old weight are outside the limits, beyond a small slack."""
    outside: npt.NDArray[np.bool_] = (ratios < smallest * (1 - SLACK)) | (ratios > largest * (1 + SLACK))
    return outside


def raked_replicates(weights: Floats, old: Floats, new: Floats, margins: Sequence[Margin]) -> Floats:
    """Replicate weights, shape (respondents, replicates), each raked to the margins.

    All at once and on cells, starting from the factors of the full sample, from `old` to `new`; what has
    not settled after the usual sweeps is finished one by one. Raises what `raked_weights` raises, with
    the number of the replicate.
    """
    cells = _cells(old, margins)
    place = _place(cells)
    count = len(cells.occupied)
    rows = np.arange(len(place))
    gather = sparse.csr_array((np.ones(len(place)), (place, rows)), shape=(count, len(place)))
    drawn = np.asarray(gather @ weights)
    _refuse_emptied_levels(drawn, cells, margins)
    start = np.bincount(place, new, count) / cells.weights
    reached = drawn * start[:, None]
    left = np.arange(weights.shape[1])
    parts = [
        (level, _levels(level, margin), margin.targets)
        for level, margin in zip(cells.levels.T, margins, strict=True)
    ]
    for _ in range(SWEEPS):
        current = reached[:, left]
        furthest = np.zeros(len(left))
        for level, adding, targets in parts:
            factors = targets[:, None] / (adding @ current)
            np.maximum(furthest, np.abs(factors - 1).max(axis=0), out=furthest)
            current *= factors[level]
        reached[:, left] = current
        left = left[furthest > TOLERANCE]
        if not len(left):
            break
    for replicate in left:
        try:
            reached[:, replicate], _ = _newton(reached[:, replicate], cells.levels, margins, TOLERANCE)
        except CalibrationError as error:
            raise type(error)(f"Replicate {replicate + 1}: {error}") from error
    factors = np.divide(reached, drawn, out=np.zeros_like(drawn), where=drawn > 0)
    raked: Floats = weights * factors[place]
    return raked


def raking(old: Floats, new: Floats, margins: Sequence[Margin]) -> Regression:
    """The regression on these margins, with the weights from before and after raking."""
    cells = _cells(old, margins)
    return regression(old, new, _place(cells), _model(cells.levels, margins))


class _Cells(NamedTuple):
    """The combinations of levels: of every respondent, and those that occur with their weight and levels."""

    code: npt.NDArray[np.integer[Any]]
    possible: int
    occupied: npt.NDArray[np.integer[Any]]
    weights: Floats
    levels: Codes


def _cells(old: Floats, margins: Sequence[Margin]) -> _Cells:
    sizes = [len(margin.levels) for margin in margins]
    possible = int(np.prod(sizes, dtype=float))
    code = _mixed_radix(margins, np.int32 if possible < 2**31 else np.int64)
    combinations = None
    if possible > max(4 * len(code), 1_000_000):
        combinations, code = np.unique(code, return_inverse=True)
        possible = len(combinations)
    weights: Floats = np.bincount(code, old, possible).astype(float)
    occupied = np.flatnonzero(weights)
    levels = np.unravel_index(occupied if combinations is None else combinations, sizes)
    return _Cells(code, possible, occupied, weights[occupied], np.column_stack(levels))


def _mixed_radix(margins: Sequence[Margin], kind: type[np.int32 | np.int64]) -> npt.NDArray[np.integer[Any]]:
    code: npt.NDArray[Any] = margins[0].codes.astype(kind)
    for margin in margins[1:]:
        code *= len(margin.levels)
        np.add(code, margin.codes, out=code, casting="unsafe")
    return code


def _place(cells: _Cells) -> Codes:
    """The place of every respondent's cell among the occupied ones."""
    place = np.zeros(cells.possible, dtype=np.intp)
    place[cells.occupied] = np.arange(len(cells.occupied))
    found: Codes = place[cells.code]
    return found


def _model(occurring: Codes, margins: Sequence[Margin]) -> sparse.csr_array:
    cells, number = occurring.shape
    sizes = [len(margin.levels) for margin in margins]
    columns = occurring + np.concatenate([[0], np.cumsum(sizes)[:-1]])
    starts = np.arange(0, cells * number + 1, number)
    return sparse.csr_array((np.ones(columns.size), columns.ravel(), starts), shape=(cells, sum(sizes)))


def _levels(level: Codes, margin: Margin) -> sparse.csr_array:
    """What adds cells up to the levels of one margin."""
    cells = np.arange(len(level))
    return sparse.csr_array((np.ones(len(level)), (level, cells)), shape=(len(margin.levels), len(level)))


def _sweep(cells: _Cells, margins: Sequence[Margin], tolerance: float) -> tuple[Floats, int]:
    """The weights of the cells and the sweeps that it took; more than SWEEPS when it is not done."""
    weights = cells.weights.copy()
    columns = [(level, margin.targets) for level, margin in zip(cells.levels.T, margins, strict=True)]
    for rounds in range(SWEEPS + 1):
        ratios = [np.bincount(level, weights, len(targets)) / targets for level, targets in columns]
        if max(float(np.abs(ratio - 1).max()) for ratio in ratios) <= tolerance:
            return weights, rounds
        for level, targets in columns:
            weights *= (targets / np.bincount(level, weights, len(targets)))[level]
    return weights, SWEEPS + 1


def _newton(start: Floats, levels: Codes, margins: Sequence[Margin], tolerance: float) -> tuple[Floats, int]:
    """Finish what sweeps began: raking from `start` is raking from the weights before."""
    cells = len(start)
    solved = solve(
        Problem(
            model=_model(levels, margins),
            weights=start,
            totals=np.concatenate([margin.targets for margin in margins]),
            names=[f"margin {margin.key}, level {level}" for margin in margins for level in margin.levels],
            distance="raking",
            low=np.full(cells, -np.inf),
            high=np.full(cells, np.inf),
            variance=np.ones(cells),
            advice=lambda many, few: advice(levels[start > 0], margins, many, few),
        ),
        tolerance=tolerance,
    )
    return start * solved.ratios, solved.steps


def refuse_empty(margin: Margin, answered: Mask) -> None:
    """Raise EmptyCell for a level in which nobody `answered`, MarginMismatch for one without population."""
    empty = np.flatnonzero(~answered).tolist()
    if empty:
        people = ", ".join(f"{margin.levels[place]} ({margin.targets[place]:,.0f} people)" for place in empty)
        mergers = " and ".join(
            f"{margin.levels[place]} with {neighbours(margin, answered, place)}" for place in empty
        )
        raise EmptyCell(
            f"Margin {margin.key}: nobody answered in {people}. Merge {mergers} (in a plan: set minimum_cell "
            "to at least 1, or name areas in merge_areas)."
        )
    unreachable = [margin.levels[place] for place in np.flatnonzero(margin.targets <= 0).tolist()]
    if unreachable:
        raise MarginMismatch(
            f"Margin {margin.key}: people answered in {', '.join(unreachable)}, but the population counts "
            "nobody there. Correct the count, or give these answers another category."
        )


def _refuse_different_totals(margins: Sequence[Margin]) -> None:
    first = margins[0]
    for margin in margins[1:]:
        if not np.isclose(margin.targets.sum(), first.targets.sum(), rtol=1e-9):
            raise MarginMismatch(
                f"Margin {margin.key} adds up to {margin.targets.sum():,.1f} people, margin {first.key} to "
                f"{first.targets.sum():,.1f}. Correct the counts, or reconcile them first."
            )


def _refuse_emptied_levels(drawn: Floats, cells: _Cells, margins: Sequence[Margin]) -> None:
    for level, margin in zip(cells.levels.T, margins, strict=True):
        empty = (_levels(level, margin) @ drawn) <= 0
        if empty.any():
            place, replicate = (int(found[0]) for found in np.nonzero(empty))
            raise EmptyCell(
                f"Replicate {replicate + 1}, margin {margin.key}: nobody is left in {margin.levels[place]}. "
                "Merge it with a neighbouring level, or make the replicates with Fay's method or a bootstrap."
            )
