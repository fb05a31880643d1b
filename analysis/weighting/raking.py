"""Raking of weights, as arrays, to population margins.

Raking multiplies all respondents with the same levels on every margin by one factor. So respondents
are added up to cells first; the work is done on at most a few thousand cells, however many
respondents there are, and the result is exact for any base weights.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse

from analysis.columns import SPARSE, Codes, compacted, mixed_radix
from analysis.weighting.calibration import (
    TOLERANCE,
    CalibrationError,
    EmptyCell,
    MarginMismatch,
    Problem,
    Regression,
    Solved,
    absorbing,
    added_up,
    solve,
    times,
)
from analysis.weighting.merging import Margin, advice, neighbours

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

SWEEPS = 50
"""Sweeps over all margins, before Newton steps take over; most margins settle in ten to thirty."""

TRIMMINGS = 20
"""Rounds of trimming and raking again; what is still outside then is asked for by the margins."""

SLACK = 0.01
"""A weight this far outside its limits, relatively, after the last raking still counts as inside."""

CACHED = 2**18
"""Weights of cells that are worked on together, so that they stay in the processor's cache."""

MOST_LEVELS = 5_000
"""Of all margins but the largest together. Newton steps and standard errors take a matrix of them all, and
time that grows with their third power: 3 seconds for 2,000, about a minute for so many."""

LARGEST_TABLE = 1_000_000
"""Up to so many combinations of levels are counted in a table, also when there are few respondents."""


class Raked(NamedTuple):
    """Weights that reach the margins, and the number of sweeps that it took."""

    weights: Floats
    rounds: int


class Cells(NamedTuple):
    """Rows added up to the combinations of levels of their margins: all that raking needs of them.

    `code` is the combination of every row, of all `possible` ones; `occupied` are those with a weight,
    `weights` (cells,) what they add up to, and `levels` (cells, margins) where on each margin they are.
    """

    margins: Sequence[Margin]
    code: Codes
    possible: int
    occupied: Codes
    weights: Floats
    levels: Codes

    @property
    def row(self) -> Codes:
        """The place of every row among the occupied cells; 0 for a row without a weight."""
        if len(self.occupied) == self.possible:
            return self.code
        place = np.zeros(self.possible, dtype=np.min_scalar_type(-len(self.occupied)))
        place[self.occupied] = np.arange(len(self.occupied))
        found: Codes = place[self.code]
        return found

    def spread(self, ratios: Floats, old: Floats) -> Floats:
        """The old weights of rows times the ratios of their cells."""
        table = np.zeros(self.possible)
        table[self.occupied] = ratios
        return times(old, table, self.code)


def cells_of(old: Floats, margins: Sequence[Margin]) -> Cells:
    """The cells of rows with these weights. Raises ColumnError."""
    sizes = [len(margin.levels) for margin in margins]
    code, possible = mixed_radix([margin.codes for margin in margins], sizes), math.prod(sizes)
    combinations = None
    if possible > max(SPARSE * len(code), LARGEST_TABLE):
        code, combinations = compacted(code, possible)
        possible = len(combinations)
    weights = added_up(old, code, possible)
    occupied = np.flatnonzero(weights)
    levels = np.unravel_index(occupied if combinations is None else combinations[occupied], sizes)
    return Cells(margins, code, possible, occupied, weights[occupied], np.column_stack(levels))


def raked(cells: Cells, *, tolerance: float = TOLERANCE) -> Solved:
    """Ratios of new to old weights of cells, with which they add up to the targets of every margin.

    Iterative proportional fitting: minimises the sum of w log(w/old) - w + old (Deville and Särndal
    1992, "multiplicative" distance). Stops on the error of the margins, never on the size of the change.
    Where margins overlap so much that sweeping gets slow, damped Newton steps on the dual of the same
    problem finish the work.

    Raises CalibrationError, EmptyCell, MarginMismatch or NotConverged.
    """
    _refuse_too_many_levels(cells.margins)
    _refuse_different_totals(cells.margins)
    for levels, margin in zip(cells.levels.T, cells.margins, strict=True):
        refuse_empty(margin, np.isin(np.arange(len(margin.levels)), levels))
    reached, rounds = _sweep(cells, tolerance)
    if rounds > SWEEPS:
        reached, steps = _newton(reached, cells, tolerance)
        rounds = SWEEPS + steps
    return Solved(reached / cells.weights, rounds)


def raked_weights(old: Floats, margins: Sequence[Margin], *, tolerance: float = TOLERANCE) -> Raked:
    """Weights that are as near as possible to `old` and add up to the targets of every margin.

    `old` has one weight from 0 per respondent. See `raked`. Raises EmptyCell, MarginMismatch or
    NotConverged.
    """
    cells = cells_of(old, margins)
    found = raked(cells, tolerance=tolerance)
    return Raked(weights=cells.spread(found.ratios, old), rounds=found.steps)


def trimmed_rake(
    old: Floats, margins: Sequence[Margin], smallest: float, largest: float
) -> tuple[Raked, int]:
    """Rake, cut weights outside `smallest` and `largest` times the old weight, rake again, and so on.

    Where the margins do not allow it the margins win. Returns the weights, with the sweeps of the last
    raking, and the number of weights that were cut. Raises what `raked_weights` raises.
    """
    found = raked_weights(old, margins)
    trimmed = np.zeros(len(old), dtype=bool)
    for _ in range(TRIMMINGS):
        outside = outside_limits(ratios(found.weights, old), smallest, largest)
        if not outside.any():
            break
        trimmed |= outside
        found = raked_weights(np.clip(found.weights, smallest * old, largest * old), margins)
    return found, int(trimmed.sum())


def ratios(new: Floats, old: Floats) -> Floats:
    """Of new to old weights; 1 where there was no weight."""
    found: Floats = np.divide(new, old, out=np.ones_like(new), where=old > 0)
    return found


def outside_limits(ratios: Floats, smallest: float, largest: float) -> npt.NDArray[np.bool_]:
    """Which ratios of new to old weight are outside the limits, beyond a small slack."""
    outside: npt.NDArray[np.bool_] = (ratios < smallest * (1 - SLACK)) | (ratios > largest * (1 + SLACK))
    return outside


def raked_replicates(weights: Floats, cells: Cells, ratios: Floats) -> Floats:
    """Replicate weights, shape (respondents, replicates), each raked to the margins.

    `cells` and `ratios` are those of the full sample, from whose ratios every replicate starts: as many
    at once as the processor's cache holds, on cells; what has not settled after the usual sweeps is
    finished one by one. Raises what `raked_weights` raises, with the number of the replicate.
    """
    row, count = cells.row, len(cells.occupied)
    together = max(1, CACHED // count)
    new = np.empty(weights.shape, order="F")
    for start in range(0, weights.shape[1], together):
        columns = weights[:, start : start + together].T
        drawn = np.stack([np.bincount(row, column, count) for column in columns], axis=1).astype(float)
        found = np.asfortranarray(_replicate_ratios(drawn, cells, ratios, start))
        for place, column in enumerate(columns):
            times(column, found[:, place], row, out=new[:, start + place])
    return new


def raking(old: Floats, new: Floats, cells: Cells) -> Regression:
    """The regression on the margins of these cells, with the weights from before and after raking."""
    order = sorted(range(len(cells.margins)), key=lambda place: -len(cells.margins[place].levels))
    margins = [cells.margins[place] for place in order]
    model = _model(cells._replace(margins=margins, levels=cells.levels[:, order]))
    solution = absorbing(model, cells.weights, len(margins[0].levels))
    return Regression(old=old, new=new, cell=cells.row, model=model, solution=solution)


def _refuse_too_many_levels(margins: Sequence[Margin]) -> None:
    largest, *others = sorted(margins, key=lambda margin: -len(margin.levels))
    levels = sum(len(margin.levels) for margin in others)
    if levels > MOST_LEVELS:
        raise CalibrationError(
            f"The margins beside {largest.key} have {levels:,} levels together, and standard errors can "
            f"reckon with {MOST_LEVELS:,}: only the largest margin may have more. Merge levels of "
            f"{' or '.join(margin.key for margin in others)}, or leave a margin out."
        )


def _model(cells: Cells) -> sparse.csr_array:
    """The margins' levels as ones and zeros, a row per cell."""
    number, margins = cells.levels.shape
    sizes = [len(margin.levels) for margin in cells.margins]
    columns = cells.levels + np.concatenate([[0], np.cumsum(sizes)[:-1]])
    starts = np.arange(0, number * margins + 1, margins)
    return sparse.csr_array((np.ones(columns.size), columns.ravel(), starts), shape=(number, sum(sizes)))


def _adding(level: Codes, margin: Margin) -> sparse.csr_array:
    """What adds cells up to the levels of one margin."""
    cells = np.arange(len(level))
    return sparse.csr_array((np.ones(len(level)), (level, cells)), shape=(len(margin.levels), len(level)))


def _sweep(cells: Cells, tolerance: float) -> tuple[Floats, int]:
    """The weights of the cells and the sweeps that it took; more than SWEEPS when it is not done."""
    weights = cells.weights.copy()
    columns = [(level, margin.targets) for level, margin in zip(cells.levels.T, cells.margins, strict=True)]
    for rounds in range(SWEEPS + 1):
        ratios = [np.bincount(level, weights, len(targets)) / targets for level, targets in columns]
        if max(float(np.abs(ratio - 1).max()) for ratio in ratios) <= tolerance:
            return weights, rounds
        for level, targets in columns:
            weights *= (targets / np.bincount(level, weights, len(targets)))[level]
    return weights, SWEEPS + 1


def _replicate_ratios(drawn: Floats, cells: Cells, ratios: Floats, before: int) -> Floats:
    """Ratios of new to old weights of the cells of replicates, shape (cells, replicates).

    `before` is the number of replicates that came before these.
    """
    parts = [
        (level, _adding(level, margin), margin.targets)
        for level, margin in zip(cells.levels.T, cells.margins, strict=True)
    ]
    _refuse_emptied_levels([adding @ drawn for _, adding, _ in parts], cells.margins, before)
    reached = drawn * ratios[:, None]
    room = np.empty_like(reached)
    for _ in range(SWEEPS):
        furthest = np.zeros(drawn.shape[1])
        for level, adding, targets in parts:
            factors = targets[:, None] / (adding @ reached)
            np.maximum(furthest, np.abs(factors - 1).max(axis=0), out=furthest)
            reached *= np.take(factors, level, axis=0, out=room, mode="clip")
        if furthest.max() <= TOLERANCE:
            break
    for replicate in np.flatnonzero(furthest > TOLERANCE):
        try:
            reached[:, replicate], _ = _newton(reached[:, replicate], cells, TOLERANCE)
        except CalibrationError as error:
            raise type(error)(f"Replicate {before + replicate + 1}: {error}") from error
    return np.divide(reached, drawn, out=np.zeros_like(drawn), where=drawn > 0)


def _newton(start: Floats, cells: Cells, tolerance: float) -> tuple[Floats, int]:
    """Finish what sweeps began: raking from `start` is raking from the weights before."""
    margins, number = cells.margins, len(start)
    solved = solve(
        Problem(
            model=_model(cells),
            weights=start,
            totals=np.concatenate([margin.targets for margin in margins]),
            names=[f"margin {margin.key}, level {level}" for margin in margins for level in margin.levels],
            distance="raking",
            low=np.full(number, -np.inf),
            high=np.full(number, np.inf),
            variance=np.ones(number),
            advice=lambda many, few: advice(cells.levels[start > 0], margins, many, few),
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


def _refuse_emptied_levels(sums: Sequence[Floats], margins: Sequence[Margin], before: int) -> None:
    """Refuse a replicate without anybody in a level; `sums` (levels, replicates) are those of each margin."""
    for margin, added in zip(margins, sums, strict=True):
        empty = added <= 0
        if empty.any():
            place, replicate = (int(found[0]) for found in np.nonzero(empty))
            raise EmptyCell(
                f"Replicate {before + replicate + 1}, margin {margin.key}: nobody is left in "
                f"{margin.levels[place]}. Merge it with a neighbouring level, or make the replicates with "
                "Fay's method or a bootstrap."
            )
