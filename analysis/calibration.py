"""Raking to population margins, and what raking means for standard errors.

Raking multiplies all respondents with the same levels on every margin by one factor. So respondents
are added up to cells first; the work is done on at most a few thousand cells, however many
respondents there are, and the result is exact for any base weights.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from msgspec import Struct
from scipy import sparse

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]

TOLERANCE = 1e-10
"""Largest relative distance between a weighted total and its target that counts as reached."""

SWEEPS = 50
"""Sweeps over all margins, before Newton steps take over; most margins settle in ten to thirty."""

NEWTON_STEPS = 50
"""Newton steps before raking gives up; from the last sweep on, four to eight are usual."""


class CalibrationError(Exception):
    """Weighting cannot be done with these margins and respondents; the message says why and what to do."""


class NotConverged(CalibrationError):
    """The margins were not reached together; names the margin and level that is furthest off."""


class EmptyCell(CalibrationError):
    """The population has people in a level of a margin in which nobody answered."""


class MarginMismatch(CalibrationError):
    """Margins do not describe the same population."""


class Margin(Struct, frozen=True, kw_only=True, eq=False):
    """The level of every respondent on one margin, and the population count of every level.

    `codes` has one number per respondent, from 0 to the number of `levels` minus 1.
    """

    key: str
    levels: tuple[str, ...]
    codes: npt.NDArray[np.integer[Any]]
    targets: Floats


class Raked(NamedTuple):
    """Weights that reach the margins, and the number of sweeps that it took."""

    weights: Floats
    rounds: int


class Raking(Struct, frozen=True, kw_only=True, eq=False):
    """Raking as standard errors see it: a regression on the margins (an `Adjustment` of a design).

    `old` and `new` are the weights before and after, `cell` the cell of every respondent; `model` has a
    one for every level that a cell belongs to; `solution` is the inverse of its weighted cross products.
    """

    old: Floats
    new: Floats
    cell: Codes
    model: sparse.csr_array
    solution: Floats

    def residuals(self, weighted: Floats) -> Floats:
        """What is left of weighted influence values z, shape (respondents, statistics).

        z/w is regressed on the margins with the old weights (Deville and Särndal 1992, formula 3.4).
        """
        influence = weighted / self.new[:, None]
        cells, _ = self.model.shape
        sums = np.column_stack([np.bincount(self.cell, self.old * column, cells) for column in influence.T])
        fitted = self.model @ (self.solution @ (self.model.T @ sums))
        left: Floats = self.new[:, None] * (influence - fitted[self.cell])
        return left


def rake(old: Floats, margins: Sequence[Margin], *, tolerance: float = TOLERANCE) -> Raked:
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
        _refuse_empty_levels(margin, levels)
    reached, rounds = _sweep(cells, margins, tolerance)
    if rounds > SWEEPS:
        reached, steps = _newton(reached, _model(cells, margins), margins, tolerance)
        rounds = SWEEPS + steps
    factors = np.zeros(cells.possible)
    factors[cells.occupied] = reached / cells.weights
    return Raked(weights=old * factors[cells.code], rounds=rounds)


def raking(old: Floats, new: Floats, margins: Sequence[Margin]) -> Raking:
    """The regression on these margins, with the weights from before and after raking."""
    cells = _cells(old, margins)
    model = _model(cells, margins)
    place = np.zeros(cells.possible, dtype=np.intp)
    place[cells.occupied] = np.arange(len(cells.occupied))
    products = (model.T @ (model * cells.weights[:, None])).toarray()
    # Margins share their total, so the columns are not independent: a generalised inverse.
    solution = np.linalg.pinv(products, rcond=1e-12, hermitian=True)
    return Raking(old=old, new=new, cell=place[cells.code], model=model, solution=solution)


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


def _model(occurring: _Cells, margins: Sequence[Margin]) -> sparse.csr_array:
    cells, number = occurring.levels.shape
    sizes = [len(margin.levels) for margin in margins]
    columns = occurring.levels + np.concatenate([[0], np.cumsum(sizes)[:-1]])
    starts = np.arange(0, cells * number + 1, number)
    return sparse.csr_array((np.ones(columns.size), columns.ravel(), starts), shape=(cells, sum(sizes)))


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


def _newton(
    start: Floats, model: sparse.csr_array, margins: Sequence[Margin], tolerance: float
) -> tuple[Floats, int]:
    """Solve X' (w exp(X m)) = t for the multipliers m, with steps halved until the misfit falls."""
    targets = np.concatenate([margin.targets for margin in margins])
    weights = start
    misfit = model.T @ weights - targets
    for steps in range(NEWTON_STEPS + 1):
        if float(np.abs(misfit / targets).max()) <= tolerance:
            return weights, steps
        curvature = (model.T @ (model * weights[:, None])).toarray()
        step = -(model @ np.linalg.lstsq(curvature, misfit, rcond=1e-12)[0])
        for halving in range(30):
            # The exponent is cut off far beyond any weight, against overflow in a step too long.
            candidate = weights * np.exp(np.minimum(step / 2**halving, 50.0))
            left = model.T @ candidate - targets
            if left @ left < misfit @ misfit:
                break
        weights, misfit = candidate, left
    raise NotConverged(_furthest_off(model.T @ weights, margins))


def _refuse_empty_levels(margin: Margin, occupied: Codes) -> None:
    answered = np.isin(np.arange(len(margin.levels)), occupied)
    counts = tuple(zip(margin.levels, margin.targets, answered, strict=True))
    wanted = [f"{level} ({target:,.0f} people)" for level, target, some in counts if not some]
    if wanted:
        raise EmptyCell(
            f"Margin {margin.key}: nobody answered in {', '.join(wanted)}. Merge each of these with a "
            "neighbouring level: set minimum_cell to at least 1, or name areas in merge_areas, in the plan."
        )
    unreachable = [level for level, target, _ in counts if target <= 0]
    if unreachable:
        raise MarginMismatch(
            f"Margin {margin.key}: people answered in {', '.join(unreachable)}, but the population counts "
            "nobody there. Correct the count, or give these answers another category in the plan."
        )


def _refuse_different_totals(margins: Sequence[Margin]) -> None:
    first = margins[0]
    for margin in margins[1:]:
        if not np.isclose(margin.targets.sum(), first.targets.sum(), rtol=1e-9):
            raise MarginMismatch(
                f"Margin {margin.key} adds up to {margin.targets.sum():,.1f} people, margin {first.key} to "
                f"{first.targets.sum():,.1f}. Correct the counts, or reconcile them first."
            )


def _furthest_off(totals: Floats, margins: Sequence[Margin]) -> str:
    targets = np.concatenate([margin.targets for margin in margins])
    names = [f"{margin.key}, level {level}" for margin in margins for level in margin.levels]
    worst = int(np.abs(totals / targets - 1).argmax())
    return (
        f"Raking does not settle. Furthest off is margin {names[worst]}: "
        f"{totals[worst]:,.1f} where the population has {targets[worst]:,.1f}. The margins contradict each "
        "other for the people who answered: raise minimum_cell, so that this level is merged with a "
        "neighbouring one, or leave the margin out of the plan."
    )
