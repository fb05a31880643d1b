"""Calibration: weights as near as possible to the old ones that meet known totals, and what that explains.

All work is done on cells: rows with the same model values, their weights added up. For a calibration
to categories these are few, however many respondents there are; with continuous variables each row is one.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple, Self

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import linprog
from scipy.special import expit

from analysis.columns import BLOCK, Codes
from analysis.errors import AnalysisError, refuse_other
from analysis.frozen import Frozen

linear_programme: Any = linprog  # its types do not know sparse constraints

Floats = npt.NDArray[np.float64]
Matrix = Floats | sparse.csr_array
"""A model: one row per cell, one column per total."""

Distance = Literal["linear", "raking", "logit", "truncated"]
"""How new weights may differ from old ones (Deville and Särndal 1992). With u = x'm / v the ratio of new to
old is 1 + u (linear), exp(u) (raking), a logistic curve between the bounds (logit), or 1 + u cut off at the
bounds (truncated). Bounds cut off linear and raking too."""

TOLERANCE = 1e-10
"""Largest relative distance between a weighted total and its target that counts as reached."""

STEPS = 200
"""Newton steps before a calibration gives up; four to eight are usual."""

REDUNDANT = 1e-12
"""Directions of the model this weak, relatively, repeat others: margins share their total."""

SMALL = 100_000
"""A model of so many numbers, zeros too, is multiplied as a table: faster than by those that are not 0."""

LARGEST_EXPONENT = 50.0
"""Exponents are cut off far beyond any weight, against overflow in a step that is too long."""

DAMPINGS = (0.0, 1e-8, 1e-4, 1e-2, 1.0, 100.0)
"""What is added to the curvature, relative to the largest, until a step brings the totals nearer."""

HALVINGS = 30
"""How often a step is halved before it is damped instead."""

ROUNDING = 1e-12
"""The dual is known to this precision, relatively."""

WIDENINGS = 50
"""Bounds are moved apart at most so often in search of the nearest; two to five times are usual."""

LACKING = 1e-8
"""Totals lacking no more than this, relatively, are met as far as a linear programme can tell."""


class CalibrationError(AnalysisError):
    """Weighting cannot be done with these totals and respondents; the message says why and what to do."""


class NotConverged(CalibrationError):
    """The totals were not reached together; names the one that is furthest off and those in the way."""


class ImpossibleBounds(CalibrationError):
    """No weights within the bounds meet the totals; names the nearest bounds that do."""


class EmptyCell(CalibrationError):
    """The population has people in a level in which nobody answered."""


class MarginMismatch(CalibrationError):
    """Margins do not describe the same population, or not the levels that people answered."""


class Problem(NamedTuple):
    """A calibration: `model` (cells, totals), `weights` per cell, the `totals` wanted and their `names`.

    `low` and `high` bound the ratio of new to old weight, per cell; `variance` is the working variance.
    `advice` tells what to do about totals that need more people than others let them have, by their places.
    """

    model: Matrix
    weights: Floats
    totals: Floats
    names: Sequence[str]
    distance: Distance
    low: Floats
    high: Floats
    variance: Floats
    advice: Callable[[Codes, Codes], str] = lambda many, few: (
        "Merge one of these levels with a neighbouring one in which others answered, or leave a variable out."
    )


class Solved(NamedTuple):
    """The ratio of new to old weight of every cell, and the number of steps that it took."""

    ratios: Floats
    steps: int


class Solution(Frozen, frozen=True, eq=False):
    """A generalised inverse of weighted cross products, as it solves for sums of variables.

    The first variables may be the levels of a margin, which are absorbed: `inverse` holds one over their
    weights, `means` those of the other variables within them, and `core` inverts what these others then
    still have. So a margin of many levels takes no matrix of all its levels.
    """

    inverse: Floats
    means: sparse.csr_array
    core: Floats

    @classmethod
    def whole(cls, core: Floats) -> Self:
        """With nothing absorbed."""
        return cls(np.zeros(0), sparse.csr_array((0, len(core))), core)

    @property
    def variables(self) -> int:
        return len(self.inverse) + len(self.core)

    def times(self, sums: Floats) -> Floats:
        """The coefficients for sums of shape (variables, columns)."""
        absorbed = len(self.inverse)
        if not absorbed:
            return self.core @ sums
        first, rest = sums[:absorbed], sums[absorbed:]
        slopes = self.core @ (rest - self.means.T @ first)
        return np.concatenate([self.inverse[:, None] * first - self.means @ slopes, slopes])


class Regression(Frozen, frozen=True, kw_only=True, eq=False):
    """A calibration as standard errors see it: a regression on its model (an `Adjustment` of a design).

    `old` are the weights before, divided by the working variance, and `new` those after; `cell` is the
    cell of every respondent, `model` has a row per cell, and `solution` inverts its weighted cross
    products.
    """

    old: Floats
    new: Floats
    cell: Codes
    model: Matrix
    solution: Solution

    def residuals(self, weighted: Floats) -> Floats:
        """What is left of weighted influence values z, shape (respondents, statistics).

        z/w is regressed on the model with the old weights (Deville and Särndal 1992, formula 3.4). Of rows
        that the step left without weight nothing is explained: a later one, such as trimming, may give some.
        """
        new = self.new[:, None]
        influence = np.divide(weighted, new, out=np.zeros_like(weighted), where=new != 0)
        cells, _ = self.model.shape
        sums = np.column_stack([np.bincount(self.cell, self.old * column, cells) for column in influence.T])
        fitted = self.model @ self.solution.times(self.model.T @ sums)
        left: Floats = np.where(new != 0, new * (influence - fitted[self.cell]), weighted)
        return left


def regression(old: Floats, new: Floats, cell: Codes, model: Matrix, weights: Floats) -> Regression:
    """The regression on a model with a row per cell; `weights` are the sums of `old` in every cell."""
    products = _products(model, weights)
    solution = Solution.whole(_inverse(products, np.diag(products)))
    return Regression(old=old, new=new, cell=cell, model=model, solution=solution)


def absorbing(model: sparse.csr_array, weights: Floats, absorbed: int) -> Solution:
    """The solution for levels as ones and zeros, a row per cell; the first, `absorbed`, are of one margin.

    These are solved for first, which takes means within them only (Frisch and Waugh 1933), so it is best to
    take the margin with most levels. `weights` are those of cells. Of a small model nothing is absorbed.
    """
    products = cross_products(model, weights)
    if not isinstance(products, sparse.csr_array):
        return Solution.whole(_inverse(products, np.diag(products)))
    inverse = 1 / products.diagonal()[:absorbed]
    within, others = products[:absorbed, absorbed:], products[absorbed:, absorbed:].toarray()
    means = sparse.csr_array(within * inverse[:, None])
    core = _inverse(others - (within.T @ means).toarray(), np.diag(others))
    return Solution(inverse, means, core)


def _inverse(products: Floats, squares: Floats) -> Floats:
    """A generalised inverse, as margins share their total; `squares` are the sizes of the variables."""
    size = np.sqrt(np.where(squares > 0, squares, 1.0))
    values, vectors = np.linalg.eigh(products / np.outer(size, size))
    kept = values > REDUNDANT * max(1.0, float(values.max(initial=0.0)))
    scaled = vectors[:, kept] / size[:, None]
    inverse: Floats = (scaled / values[kept]) @ scaled.T
    return inverse


def solve(problem: Problem, *, tolerance: float = TOLERANCE) -> Solved:
    """Ratios g = F(x'm / v) that meet the totals, sum w g x = t (Deville and Särndal 1992, section 2).

    Newton steps on the dual, which is convex: the multipliers m minimise sum w v G(x'm / v) - m't with
    G' = F. A step is shortened, and then damped, until the totals come nearer or the dual falls. Stops on
    the error of the totals, never on the size of the change.

    Raises ImpossibleBounds or NotConverged.
    """
    _refuse_wrong_bounds(problem)
    size = _sizes(problem)
    position = np.zeros(problem.model.shape[0])
    state = _state(problem, position, size)
    for steps in range(STEPS + 1):
        if float(np.abs(state.misfit).max(initial=0.0)) <= tolerance:
            return Solved(state.ratios, steps)
        values, vectors = np.linalg.eigh(
            _products(problem.model, problem.weights * state.slopes / problem.variance) / np.outer(size, size)
        )
        better = _step(problem, position, state, size, (values, vectors))
        if better is None:
            break
        position, state = better
    raise _failure(problem, state)


class _State(NamedTuple):
    """Where the dual stands: ratios, their slopes, what the totals lack (relatively), its height."""

    ratios: Floats
    slopes: Floats
    misfit: Floats
    height: float


def _state(problem: Problem, position: Floats, size: Floats) -> _State:
    """At u = x'm / v of every cell, its `position` times 1 / v."""
    ratios, slopes, potentials = _curve(problem, position / problem.variance)
    misfit = (problem.totals - problem.model.T @ (problem.weights * ratios)) / size
    height = float((problem.weights * problem.variance) @ potentials)
    return _State(ratios, slopes, misfit, height)


def _step(
    problem: Problem, position: Floats, state: _State, size: Floats, curvature: tuple[Floats, Floats]
) -> tuple[Floats, _State] | None:
    values, vectors = curvature
    largest = float(values.max(initial=0.0))
    along = vectors.T @ state.misfit
    for damping in DAMPINGS:
        sums = values + damping * max(largest, 1.0)
        kept = sums > REDUNDANT * max(largest, 1e-300)
        step = vectors[:, kept] @ (along[kept] / sums[kept])
        move = problem.model @ (step / size)
        wanted = float(step @ (problem.totals / size))
        descent = float(step @ state.misfit)
        noise = ROUNDING * (abs(state.height) + abs(wanted))
        for halving in range(HALVINGS):
            part = 0.5**halving
            found = _state(problem, position + part * move, size)
            rise = found.height - state.height - part * wanted
            nearer = found.misfit @ found.misfit < (1 - 0.1 * part) * (state.misfit @ state.misfit)
            # Near the end the dual falls by less than its rounding, and only the totals tell.
            if rise < -1e-4 * part * descent or (nearer and rise <= noise):
                return position + part * move, found
    return None


def _curve(problem: Problem, u: Floats) -> tuple[Floats, Floats, Floats]:
    """F(u), its slope, and G(u), the integral of F, up to a constant."""
    low, high = problem.low, problem.high
    if problem.distance == "logit":
        scale = (high - low) / ((1 - low) * (high - 1))
        offset = np.log((1 - low) / (high - 1))
        share = expit(scale * u + offset)
        potential = low * u + (high - low) / scale * np.logaddexp(0.0, scale * u + offset)
        return low + (high - low) * share, scale * (high - low) * share * (1 - share), potential
    if problem.distance == "raking":
        with np.errstate(divide="ignore"):
            first, last = np.log(np.maximum(low, 0.0)), np.minimum(np.log(high), LARGEST_EXPONENT)
        inside = np.clip(u, first, last)
        ratios = np.exp(inside)
        slopes, potential = ratios, ratios
    else:
        inside = np.clip(u, low - 1, high - 1)
        ratios = 1 + inside
        slopes, potential = np.ones_like(inside), inside + inside**2 / 2
    return ratios, np.where(u == inside, slopes, 0.0), potential + ratios * (u - inside)


def cross_products(model: Matrix, weights: Floats) -> Floats | sparse.csr_array:
    """The sum of x x' times a weight; dense where a table of all variables is small, which is faster."""
    products: Floats
    if not isinstance(model, sparse.csr_array):
        products = model.T @ (model * weights[:, None])
    elif math.prod(model.shape) <= SMALL:
        products = model.T @ (model.toarray() * weights[:, None])
    else:
        each = np.repeat(weights, np.diff(model.indptr))
        weighted = sparse.csr_array((model.data * each, model.indices, model.indptr), model.shape)
        return sparse.csr_array(model.T @ weighted)
    return products


def _products(model: Matrix, weights: Floats) -> Floats:
    found = cross_products(model, weights)
    return found.toarray() if isinstance(found, sparse.csr_array) else found


def _sizes(problem: Problem) -> Floats:
    """What a misfit is relative to: the total, or where that is almost zero, the sizes of what it adds up."""
    magnitudes: Any = abs(problem.model)
    added: Floats = magnitudes.T @ problem.weights
    sizes: Floats = np.maximum(np.abs(problem.totals), 1e-3 * added)
    return np.where(sizes > 0, sizes, 1.0)


def _refuse_wrong_bounds(problem: Problem) -> None:
    refuse_other("distance", problem.distance, Distance)
    low, high = problem.low, problem.high
    if not (low <= high).all():
        raise ImpossibleBounds("The lower bound is above the upper one. Exchange them.")
    if problem.distance in ("logit", "truncated") and not np.isfinite([low, high]).all():
        raise ImpossibleBounds(f"Distance {problem.distance} needs bounds, such as (0.3, 3).")
    if problem.distance == "logit" and ((low >= 1) | (high <= 1)).any():
        raise ImpossibleBounds(
            "Distance logit needs a lower bound below and an upper bound above the old weight (a ratio of "
            "1). Widen the bounds, or take distance truncated."
        )


def _failure(problem: Problem, state: _State) -> CalibrationError:
    """Why the totals were not reached: a linear programme on the cells gives the proof."""
    bounded = bool(np.isfinite(problem.low).any() or np.isfinite(problem.high).any())
    widening = _widening(problem) if bounded else 0.0
    if widening > 0:
        return ImpossibleBounds(
            f"No weights within the bounds meet the totals; furthest off is {_furthest(problem, state)}. "
            f"{_nearest_bounds(problem, widening)} Widen the bounds beyond that, merge levels, or leave a "
            "variable out."
        )
    return NotConverged(
        f"The totals cannot be reached together. Furthest off is {_furthest(problem, state)}. "
        f"{_contradiction(problem)}"
    )


def _nearest_bounds(problem: Problem, widening: float) -> str:
    low, high = problem.low, problem.high
    if low.min() < low.max() or high.min() < high.max():
        return f"Every bound on a weight has to move by {widening:.4g} times the old weight at least."
    return (
        "As ratios of new to old weight the nearest bounds that do are "
        f"{float(low[0]) - widening:.4g} and {float(high[0]) + widening:.4g}."
    )


def _furthest(problem: Problem, state: _State) -> str:
    reached = problem.model.T @ (problem.weights * state.ratios)
    worst = int(np.abs(state.misfit).argmax())
    return (
        f"{problem.names[worst]}: {reached[worst]:,.1f} where the population has {problem.totals[worst]:,.1f}"
    )


def _scaled(problem: Problem) -> tuple[sparse.csr_array, Floats]:
    """The totals as equations in the ratios, each divided by its size."""
    size = _sizes(problem)
    weighted = sparse.csr_array(problem.model) * problem.weights[:, None]
    return sparse.csr_array((weighted * (1 / size)[None, :]).T), problem.totals / size


def _widening(problem: Problem) -> float:
    """How far the bounds must move apart, at least, to allow the totals.

    A linear programme finds what the totals still lack within bounds moved so far; its multipliers y tell
    how far they must move for t'y, at least (Farkas' lemma), until nothing is lacking.
    """
    equations, totals = _scaled(problem)
    number, cells = equations.shape
    slack = sparse.eye_array(number)
    widening = 0.0
    for _ in range(WIDENINGS):
        found = linear_programme(
            np.append(np.zeros(cells), np.ones(2 * number)),
            A_eq=sparse.hstack([equations, slack, -slack]),
            b_eq=totals,
            bounds=np.vstack(
                [
                    np.column_stack([problem.low - widening, problem.high + widening]),
                    np.tile([0.0, np.inf], (2 * number, 1)),
                ]
            ),
        )
        y = found.eqlin.marginals
        along = equations.T @ y
        reached = np.where(along > 0, problem.high, problem.low)[along != 0] @ along[along != 0]
        needed = float((totals @ y - reached) / np.abs(along).sum()) if along.any() else 0.0
        if found.fun <= LACKING or needed <= widening:
            break
        widening = needed
    return widening


def _contradiction(problem: Problem) -> str:
    """The fewest totals that exclude each other.

    By Farkas' lemma no weights from 0 up reach the totals t when some y has X y <= 0 in every cell and
    t'y > 0: what is wanted of the totals with y > 0 takes more than is wanted of those with y < 0. The y
    with t'y = 1 and the least sum of sizes leaves out the totals that play no part.
    """
    size = _sizes(problem)
    totals = problem.totals / size
    # Whether there is a weight counts, not how small: sweeps in vain leave some that are almost 0.
    model = sparse.csr_array(problem.model)[problem.weights > 0] * (1 / size)[None, :]
    largest: Floats = abs(model).max(axis=1).toarray().ravel()
    cells = sparse.csr_array(model * (1 / np.where(largest > 0, largest, 1.0))[:, None])
    found = linear_programme(
        np.ones(2 * len(totals)),
        A_ub=sparse.hstack([cells, -cells]),
        b_ub=np.zeros(cells.shape[0]),
        A_eq=np.concatenate([totals, -totals])[None, :],
        b_eq=[1.0],
        bounds=(0, None),
    )
    if not found.success:
        return "Merge its level with a neighbouring one, or leave the variable out."
    y = found.x[: len(totals)] - found.x[len(totals) :]
    sides = [np.flatnonzero(side) for side in (y > 1e-6, y < -1e-6)]
    many, few = (
        " and ".join(f"{problem.names[place]} ({problem.totals[place]:,.1f})" for place in side.tolist())
        for side in sides
    )
    wanted = f"reach {many}" if many else f"bring {few} so low"
    beside = f" while {few} is so small" if many and few else ""
    return f"The people who answered cannot {wanted}{beside}. {problem.advice(*sides)}"


def added_up(weights: Floats, cell: npt.NDArray[np.integer[Any]], cells: int) -> Floats:
    """The sum of the weights of every cell: in blocks, as counting makes eight bytes of each code it gets."""
    found, step = np.zeros(cells), max(BLOCK, cells)
    for start in range(0, len(cell), step):
        rows = slice(start, start + step)
        found += np.bincount(cell[rows], weights[rows], cells)
    return found


def times(
    weights: Floats, ratios: Floats, cell: npt.NDArray[np.integer[Any]], out: Floats | None = None
) -> Floats:
    """The weights of rows times the ratios of their cells; in blocks, so that nothing else is as long."""
    new = np.empty(len(weights)) if out is None else out
    for start in range(0, len(weights), BLOCK):
        rows = slice(start, start + BLOCK)
        np.take(ratios, cell[rows], out=new[rows], mode="clip")  # other modes copy first
        new[rows] *= weights[rows]
    return new


def refuse_bad_weights(weights: npt.NDArray[Any]) -> None:
    """Raise CalibrationError for weights that are negative or not finite."""
    if weights.min(initial=0.0) >= 0 and weights.max(initial=0.0) < np.inf:  # neither holds of nan
        return
    row = int(np.flatnonzero(~(np.isfinite(weights) & (weights >= 0)))[0])
    raise CalibrationError(
        f"The weight in row {row + 1} is {weights[row]:g}; only weights from 0 can be adjusted. Where a "
        "linear calibration made it negative, give that bounds or take distance raking."
    )
