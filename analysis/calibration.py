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

SWEEPS = 2000
"""Sweeps over all margins before raking gives up; realistic margins settle in ten to fifty."""


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
    codes: Codes
    targets: Floats


class Raked(NamedTuple):
    """Weights that reach the margins, and the number of sweeps that it took."""

    weights: Floats
    rounds: int


class Calibration(Struct, frozen=True, kw_only=True, eq=False):
    """The regression on the margins that standard errors after raking need.

    `old` are the weights before raking, `cell` the cell of every respondent; `model` has a one for
    every level that a cell belongs to; `solution` is the inverse of its weighted cross products.
    """

    old: Floats
    cell: Codes
    model: sparse.csr_array
    solution: Floats


def rake(
    old: Floats, margins: Sequence[Margin], *, tolerance: float = TOLERANCE, sweeps: int = SWEEPS
) -> Raked:
    """Weights that are as near as possible to `old` and add up to the targets of every margin.

    Iterative proportional fitting: minimises the sum of w log(w/old) - w + old (Deville and Särndal
    1992, "multiplicative" distance). `old` has one positive weight per respondent. Stops on the
    error of the margins, never on the size of the change.

    Raises EmptyCell, MarginMismatch or NotConverged.
    """
    for margin in margins:
        _refuse_empty_levels(margin)
    _refuse_different_totals(margins)
    cell, levels = _cells(margins)
    start: Floats = np.bincount(cell, weights=old, minlength=len(levels)).astype(float)
    reached, rounds = _sweep(start, levels, margins, tolerance, sweeps)
    return Raked(weights=old * (reached / start)[cell], rounds=rounds)


def calibration(old: Floats, margins: Sequence[Margin]) -> Calibration:
    """The regression on these margins with the weights from before raking."""
    cell, levels = _cells(margins)
    start = np.bincount(cell, weights=old, minlength=len(levels))
    model = _model(levels, margins)
    products = (model.T @ (model * start[:, None])).toarray()
    # Margins share their total, so the columns are not independent: a generalised inverse.
    solution = np.linalg.pinv(products, rcond=1e-12, hermitian=True)
    return Calibration(old=old, cell=cell, model=model, solution=solution)


def residuals(after: Calibration, influence: Floats) -> Floats:
    """What is left of influence values after regressing them on the margins with the old weights.

    `influence` is u = z/w, shape (respondents, statistics). Deville and Särndal (1992), formula 3.4:
    the variance of a calibrated estimator is that of these residuals.
    """
    cells, _ = after.model.shape
    sums = np.column_stack([np.bincount(after.cell, after.old * column, cells) for column in influence.T])
    fitted = after.model @ (after.solution @ (after.model.T @ sums))
    left: Floats = influence - fitted[after.cell]
    return left


def _cells(margins: Sequence[Margin]) -> tuple[Codes, Codes]:
    """The cell of every respondent, and the level of every occupied cell on each margin."""
    sizes = [len(margin.levels) for margin in margins]
    possible = int(np.prod(sizes, dtype=float))
    code = _mixed_radix(margins, np.int32 if possible < 2**31 else np.int64)
    if possible <= max(4 * len(code), 1_000_000):
        occupied = np.flatnonzero(np.bincount(code, minlength=possible))
        place = np.zeros(possible, dtype=np.intp)
        place[occupied] = np.arange(len(occupied))
        cell = place[code]
    else:
        occupied, cell = np.unique(code, return_inverse=True)
    return cell, np.column_stack(np.unravel_index(occupied, sizes))


def _mixed_radix(margins: Sequence[Margin], kind: type[np.int32 | np.int64]) -> Codes:
    code: npt.NDArray[Any] = margins[0].codes.astype(kind)
    for margin in margins[1:]:
        code = code * len(margin.levels) + margin.codes.astype(kind, copy=False)
    return code


def _model(levels: Codes, margins: Sequence[Margin]) -> sparse.csr_array:
    cells, number = levels.shape
    sizes = [len(margin.levels) for margin in margins]
    columns = levels + np.concatenate([[0], np.cumsum(sizes)[:-1]])
    starts = np.arange(0, cells * number + 1, number)
    return sparse.csr_array((np.ones(columns.size), columns.ravel(), starts), shape=(cells, sum(sizes)))


def _sweep(
    start: Floats, levels: Codes, margins: Sequence[Margin], tolerance: float, sweeps: int
) -> tuple[Floats, int]:
    weights = start.copy()
    columns = [(level, margin.targets) for level, margin in zip(levels.T, margins, strict=True)]
    for rounds in range(sweeps + 1):
        totals = [np.bincount(level, weights, len(targets)) for level, targets in columns]
        ratios = [total / targets for total, (_, targets) in zip(totals, columns, strict=True)]
        if max(float(np.abs(ratio - 1).max()) for ratio in ratios) <= tolerance:
            return weights, rounds
        for level, targets in columns:
            weights *= (targets / np.bincount(level, weights, len(targets)))[level]
    raise NotConverged(_furthest_off(np.concatenate(totals), margins, sweeps))


def _refuse_empty_levels(margin: Margin) -> None:
    respondents = np.bincount(margin.codes, minlength=len(margin.levels))
    counts = tuple(zip(margin.levels, margin.targets, respondents, strict=True))
    wanted = [f"{level} ({target:,.0f} people)" for level, target, number in counts if not number]
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


def _furthest_off(totals: Floats, margins: Sequence[Margin], sweeps: int) -> str:
    targets = np.concatenate([margin.targets for margin in margins])
    names = [f"{margin.key}, level {level}" for margin in margins for level in margin.levels]
    worst = int(np.abs(totals / targets - 1).argmax())
    return (
        f"Raking did not settle in {sweeps} rounds. Furthest off is margin {names[worst]}: "
        f"{totals[worst]:,.1f} where the population has {targets[worst]:,.1f}. The margins contradict each "
        "other for the people who answered: merge this level with a neighbouring one, or leave the margin "
        "out of the plan."
    )
