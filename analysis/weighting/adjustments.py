"""Adjusting the weights of a design: poststratification, raking, calibration, trimming.

Each returns the new design and the account of what was done. Steps may follow each other in any order.
Standard errors reckon with every step; of a replicate design the weights of each replicate are adjusted
apart, as the weights of the sample are.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from msgspec import Struct
from msgspec.structs import replace
from scipy import sparse

from analysis.columns import (
    MISSING,
    SPARSE,
    Categories,
    Codes,
    Column,
    called,
    categories,
    combined,
    crossed,
    is_text,
    numbers,
)
from analysis.errors import number, refuse_no_mapping
from analysis.formulas import model_matrix, refuse_nothing, variables
from analysis.sampling.designs import Adjustment, Design, Floats, Mask, reweighted
from analysis.sampling.rows import refuse_other_size, row_numbers
from analysis.sampling.variance import effective_number_of
from analysis.weighting.calibration import (
    SMALL,
    CalibrationError,
    Distance,
    EmptyCell,
    MarginMismatch,
    Matrix,
    Problem,
    Solved,
    added_up,
    refuse_bad_weights,
    regression,
    solve,
    times,
)
from analysis.weighting.merging import Margin
from analysis.weighting.populations import By, Level, Margins, columns_of, parts_of
from analysis.weighting.raking import (
    Cells,
    cells_of,
    raked,
    raked_replicates,
    raking,
    ratios,
    refuse_empty,
    trimmed_rake,
)


class WeightedTotal(Struct, frozen=True, kw_only=True):
    """One total before and after a step: the sum of the weights in a level, or of weights times a variable.

    `population` is what it had to become; None for a step that knows no population.
    """

    margin: str
    level: str
    before: float
    after: float
    population: float | None


class Adjusted(Struct, frozen=True, kw_only=True, eq=False):
    """A design after one step of weighting, with the account of the step.

    `rounds`: sweeps, Newton steps or rounds of trimming; `largest_deviation`: of a total from the
    population, relatively; `smallest_ratio` and `largest_ratio` of new to old weight; `design_effect` of
    the new weights (Kish, 1 + CV^2) and the `effective_number`; `trimmed`: how many weights were cut off.
    """

    design: Design
    totals: tuple[WeightedTotal, ...]
    rounds: int
    largest_deviation: float
    smallest_ratio: float
    largest_ratio: float
    design_effect: float
    effective_number: float
    trimmed: int = 0


def poststratify(design: Design, by: By, totals: Mapping[Level, float]) -> Adjusted:
    """Weights whose sum in every level of `by` is the population total N: w N / sum w in the level.

    (Särndal, Swensson and Wretman 1992, section 7.6.) Every level that people answered needs a total, and
    every total people who answered. Raises ColumnError or CalibrationError.
    """
    refuse_bad_weights(design.weights)
    margin = _margin(design, by, totals)

    def scaled(weights: Floats) -> Floats:
        sums: Floats = added_up(weights, margin.codes, len(margin.levels))
        refuse_empty(margin, sums > 0)
        return times(weights, margin.targets / sums, margin.codes)

    new = scaled(design.weights)
    cells = cells_of(design.weights, [margin])
    changes = margin.targets[cells.levels[:, 0]] / cells.weights
    after = _after(design, new, raking(design.weights, new, cells), scaled)
    return _adjusted(after, _totals(cells, cells.weights * changes), 1, changes)


def rake(design: Design, margins: Margins, *, limits: tuple[float, float] | None = None) -> Adjusted:
    """Weights that add up to the population of every level of every margin, and change least for it.

    Iterative proportional fitting (Deville and Särndal 1992), see `raking.raked`. With `limits`, weights
    below the first or above the second times the weight before are cut off and the margins raked again,
    until none is outside; where the margins do not allow that the margins win (`raking.trimmed_rake`). Only
    the largest margin may have more than `raking.MOST_LEVELS` levels. Raises ColumnError, CalibrationError,
    EmptyCell, MarginMismatch or NotConverged.
    """
    refuse_bad_weights(design.weights)
    refuse_no_mapping("The margins", margins, CalibrationError)
    if not margins:
        raise CalibrationError("There are no margins to rake to. Name one at least.")
    prepared = [_margin(design, by, totals) for by, totals in margins.items()]
    cells = cells_of(design.weights, prepared)
    if limits is not None:
        return _raked_within(design, cells, _limits_of_ratio(limits))
    found = raked(cells)
    new = cells.spread(found.ratios, design.weights)
    after = reweighted(design, new, raking(design.weights, new, cells))
    if design.replicates is not None:
        refuse_bad_weights(design.replicates.weights.min(axis=1))
        weights = raked_replicates(design.replicates.weights, cells, found.ratios)
        after = replace(after, replicates=replace(design.replicates, weights=weights))
    return _adjusted(after, _totals(cells, cells.weights * found.ratios), found.steps, found.ratios)


def _limits_of_ratio(limits: Sequence[float]) -> tuple[float, float]:
    """The limits of new to old weights; not always around 1, old ones need not add up to the population."""
    found = np.asarray(limits)
    if found.dtype.kind not in "biuf" or found.shape != (2,) or not 0 <= found[0] < found[1]:
        raise CalibrationError(
            f"The limits of the ratio of new to old weights are {limits!r}. Give a number from 0 and a "
            "larger one, such as (0.3, 3)."
        )
    return float(found[0]), float(found[1])


def _raked_within(design: Design, cells: Cells, limits: tuple[float, float]) -> Adjusted:
    found, trimmed = trimmed_rake(design.weights, cells.margins, *limits)
    after = _after(
        design,
        found.weights,
        raking(design.weights, found.weights, cells),
        lambda weights: trimmed_rake(weights, cells.margins, *limits)[0].weights,
    )
    sums = np.bincount(cells.row, found.weights, len(cells.weights)).astype(float)
    changes = ratios(found.weights, design.weights)[design.weights > 0]
    return _adjusted(after, _totals(cells, sums), found.rounds, changes, trimmed)


def calibrate(
    design: Design,
    model: str | Mapping[str, Column],
    population: Mapping[str, float],
    *,
    distance: Distance = "linear",
    bounds: tuple[float, float] | None = None,
    bounds_on_weights: bool = False,
    variance: Mapping[str, float] | Sequence[float] | None = None,
    equal_within: Column | None = None,
) -> Adjusted:
    """Weights that meet the `population` totals of a model, and change least by some distance.

    (Deville and Särndal 1992.) `model` is a formula such as `~ district + age * sex`, with totals under
    R's names (`(Intercept)`, `ageold`, `ageold:sexman`), or columns by name. `bounds` limit the ratio of
    new to old weight, with `bounds_on_weights` the new weight itself. `variance` gives the working
    variance of a row: its model values times these, added up. `equal_within`: a column of units, such as
    households, whose members get the same ratio (Lemaître and Dufour 1987): the model values of a unit are
    the means of its members, weighted by the weights before.

    Raises ColumnError, CalibrationError, ImpossibleBounds or NotConverged.
    """
    cells = _model_cells(design, model, equal_within, apart=bounds_on_weights)
    wanted = _wanted(population, cells.names)
    low, high = (-np.inf, np.inf) if bounds is None else _bounds(bounds)

    def limited(bound: float, strictest: np.ufunc, weights: Floats) -> Floats:
        if bounds_on_weights and np.isfinite(bound):
            return _limit_on_weights(bound, strictest, weights, cells)
        return np.full(cells.number, bound)

    def calibrated(weights: Floats) -> tuple[Problem, Solved]:
        refuse_bad_weights(weights)
        values = cells.values(weights)
        problem = Problem(
            model=values,
            weights=added_up(weights, cells.place, values.shape[0]),
            totals=wanted,
            names=[f"total {name}" for name in cells.names],
            distance=distance,
            low=limited(low, np.maximum, weights),
            high=limited(high, np.minimum, weights),
            variance=_working_variance(cells.names, values, variance),
        )
        return problem, solve(problem)

    def reweigh(weights: Floats) -> Floats:
        return times(weights, calibrated(weights)[1].ratios, cells.place)

    problem, found = calibrated(design.weights)
    new = times(design.weights, found.ratios, cells.place)
    old = design.weights if variance is None else design.weights / problem.variance[cells.place]
    adjustment = regression(old, new, cells.place, problem.model, problem.weights / problem.variance)
    sums = (design.weights, new) if cells.units else (problem.weights, problem.weights * found.ratios)
    before, reached = (np.asarray(each @ cells.model) for each in sums)
    totals = _model_totals(cells.names, before, reached, wanted)
    after = _after(design, new, adjustment, reweigh)
    return _adjusted(after, totals, found.steps, found.ratios[problem.weights > 0])


def trim(
    design: Design,
    upper: float | Floats = np.inf,
    lower: float | Floats = -np.inf,
    *,
    strict: bool = False,
) -> Adjusted:
    """Weights cut off at the limits; what was cut off is shared among the others in equal amounts.

    A limit is a number, or one for every row. With `strict` again until none is outside; a weight once set
    to a limit keeps it (Valliant, Dever and Kreuter 2013; R's trimWeights). As in R, a row of weight 0 is
    one of the others: leave out who should stay without weight. Trimming explains nothing, so standard
    errors take the new weights as they are.
    Raises CalibrationError.
    """
    low, high = (_limits_of_rows(limit, design) for limit in (lower, upper))
    if (low > high).any():
        row = int(np.flatnonzero(low > high)[0])
        raise CalibrationError(
            f"The lower limit {low[row]:g} is above the upper limit {high[row]:g}. Exchange them."
        )
    new, rounds, trimmed = _trimmed(design.weights, high, low, strict=strict)
    after = _after(design, new, None, lambda weights: _trimmed(weights, high, low, strict=strict)[0])
    whole = WeightedTotal(
        margin="all",
        level="all",
        before=float(design.weights.sum()),
        after=float(new.sum()),
        population=None,
    )
    drawn = design.weights > 0
    return _adjusted(after, (whole,), rounds, new[drawn] / design.weights[drawn], trimmed)


def _limits_of_rows(limit: npt.ArrayLike, design: Design) -> Floats:
    found = np.asarray(limit)
    if found.dtype.kind not in "biuf" or np.isnan(found).any() or found.shape not in ((), (design.size,)):
        raise CalibrationError(
            f"A limit of weights is {limit!r}. Give a number, or one for each of the {design.size} rows."
        )
    return np.broadcast_to(found.astype(float), design.weights.shape)


class _ModelCells(NamedTuple):
    """The model on cells, and the place of every row's cell.

    With `units` the cells are units of members with differing values: then `model` is that of the rows.
    """

    names: tuple[str, ...]
    model: Matrix
    place: Codes
    units: bool = False

    @property
    def number(self) -> int:
        return int(self.place.max()) + 1 if self.units else self.model.shape[0]

    def values(self, weights: Floats) -> Matrix:
        """The model of every cell; of a unit the weighted mean of its members."""
        if not self.units or isinstance(self.model, sparse.csr_array):
            return self.model
        counted = np.where(np.bincount(self.place, weights)[self.place] > 0, weights, 1.0)
        sums = [np.bincount(self.place, counted * column) for column in self.model.T]
        means: Floats = np.column_stack(sums) / np.bincount(self.place, counted)[:, None]
        return means


def _after(
    design: Design, new: Floats, adjustment: Adjustment | None, step: Callable[[Floats], Floats]
) -> Design:
    """The design with the new weights, and with the step done on the weights of every replicate."""
    after = reweighted(design, new, adjustment)
    if design.replicates is None:
        return after
    weights = np.empty_like(design.replicates.weights)
    for place, column in enumerate(design.replicates.weights.T):
        try:
            weights[:, place] = step(column)
        except CalibrationError as error:
            raise type(error)(f"Replicate {place + 1}: {error}") from error
    return replace(after, replicates=replace(design.replicates, weights=weights))


def _adjusted(
    after: Design, totals: tuple[WeightedTotal, ...], rounds: int, changes: Floats, trimmed: int = 0
) -> Adjusted:
    """The account of a step; `changes` are the ratios of new to old weights."""
    effective = effective_number_of(after.weights)
    return Adjusted(
        design=after,
        totals=totals,
        rounds=rounds,
        largest_deviation=max((_deviation(total) for total in totals), default=0.0),
        smallest_ratio=float(changes.min()),
        largest_ratio=float(changes.max()),
        design_effect=after.size / effective,
        effective_number=effective,
        trimmed=trimmed,
    )


def _deviation(total: WeightedTotal) -> float:
    if total.population is None:
        return 0.0
    return abs(total.after - total.population) / max(abs(total.population), 1e-3 * abs(total.before), 1e-300)


def _margin(design: Design, by: By, totals: Mapping[Level, float]) -> Margin:
    """A margin with the levels in the order of the totals. Raises ColumnError or CalibrationError."""
    columns = columns_of(by)
    key = ".".join(columns)
    refuse_no_mapping(f"Margin {key}: the totals", totals, MarginMismatch)
    found = crossed(design.data, columns)
    _refuse_missing(f"Margin {key}", found, design)
    targets = {
        name: number(f"Margin {key}: the total of {name}", total, MarginMismatch)
        for name, total in ((".".join(parts_of(level)), total) for level, total in totals.items())
    }
    if len(targets) < len(totals):
        raise MarginMismatch(f"Margin {key} names a level twice. Names of levels must differ.")
    wrong = [level for level, total in targets.items() if total < 0]
    if wrong:
        raise MarginMismatch(
            f"Margin {key}: the total of {wrong[0]} is {targets[wrong[0]]:g}. Give a number from 0."
        )
    unknown = [_quoted(level) for level in found.levels if level not in targets]
    if unknown:
        raise MarginMismatch(
            f"Margin {key}: people answered in {', '.join(unknown)}, which has no total. Give one, or put "
            "these people in another level."
        )
    levels = tuple(targets)
    places = {level: place for place, level in enumerate(levels)}
    order = [places[level] for level in found.levels]
    codes = found.codes
    if order != list(range(len(order))):
        codes = np.array(order, dtype=np.min_scalar_type(-len(levels)))[codes]
    return Margin(key=key, levels=levels, codes=codes, targets=np.array(list(targets.values())))


def _quoted(level: str) -> str:
    """A level as a message names it: with its spaces, where it begins or ends with one."""
    return level if level == level.strip() else repr(level)


def _refuse_missing(what: str, found: Categories, design: Design) -> None:
    refuse_other_size(what, len(found.codes), design)
    if found.codes.min(initial=0) == MISSING:
        missing = found.codes == MISSING
        raise MarginMismatch(
            f"{what} is empty in {missing.sum()} rows, the first of them row {missing.argmax() + 1}. Fill it "
            "in, leave these rows out, or make them a level with a total of its own."
        )


def _totals(cells: Cells, sums: Floats) -> tuple[WeightedTotal, ...]:
    """The margins before and after; `sums` are those of the new weights of cells."""
    return tuple(
        WeightedTotal(
            margin=margin.key, level=level, before=float(before), after=float(after), population=float(target)
        )
        for margin, place in zip(cells.margins, cells.levels.T, strict=True)
        for level, before, after, target in zip(
            margin.levels,
            np.bincount(place, cells.weights, len(margin.levels)),
            np.bincount(place, sums, len(margin.levels)),
            margin.targets,
            strict=True,
        )
    )


def _model_cells(
    design: Design, model: str | Mapping[str, Column], equal_within: Column | None, *, apart: bool
) -> _ModelCells:
    """The model of a calibration, on as few cells as it allows; `apart`: every row is its own."""
    if not isinstance(model, str):
        refuse_no_mapping("The columns of the model", model, CalibrationError)
    if isinstance(model, str):
        parts = {column: _levels(design, column) for column in variables(model)}
        together = math.prod(len(part.levels) for part in parts.values())
        if parts and not apart and equal_within is None and together <= SPARSE * design.size:
            return _collapsed(design, model, parts)
        matrix = model_matrix(model, design.data, np.ones(design.size, dtype=bool))
        refuse_nothing(model, matrix)
        names, values = matrix.names, matrix.values
    else:
        values = np.column_stack([row_numbers(column, design) for column in model.values()])
        names = tuple(model)
        _refuse_holes(names, values)
    if equal_within is None:
        return _ModelCells(names, values, np.arange(design.size))
    units = crossed(design.data, [equal_within])
    _refuse_missing(called(equal_within), units, design)
    return _ModelCells(names, values, units.codes, units=True)


def _levels(design: Design, column: str) -> Categories:
    """The levels of a column of a model, numbers too. Raises MarginMismatch where it is empty."""
    found = categories(design.data, column)
    _refuse_missing(f"Column {column}", found, design)
    return found


def _collapsed(design: Design, model: str, parts: Mapping[str, Categories]) -> _ModelCells:
    """The model on the combinations of values that occur."""
    place, combinations = combined(
        [part.codes for part in parts.values()], [len(part.levels) for part in parts.values()]
    )
    data = {
        column: Categories(codes=codes, levels=part.levels)
        if is_text(design.data, column)
        else _value_of(numbers(design.data, column), place, len(combinations))
        for (column, part), codes in zip(parts.items(), combinations.T, strict=True)
    }
    matrix = model_matrix(model, data)
    small = matrix.values.size <= SMALL
    return _ModelCells(matrix.names, matrix.values if small else sparse.csr_array(matrix.values), place)


def _value_of(values: Floats, place: Codes, cells: int) -> Floats:
    """The value of every cell, in whose rows it is the same."""
    found = np.empty(cells)
    found[place] = values
    return found


def _refuse_holes(names: Sequence[str], values: Floats) -> None:
    holes = ~np.isfinite(values)
    if holes.any():
        row, column = (int(found[0]) for found in np.nonzero(holes))
        raise CalibrationError(
            f"Column {names[column]} of the model is empty in row {row + 1}. Fill it in, or "
            "leave the row out."
        )


def _wanted(population: Mapping[str, float], names: Sequence[str]) -> Floats:
    refuse_no_mapping("The totals of the population", population, MarginMismatch)
    missing = [name for name in names if name not in population]
    if missing:
        raise MarginMismatch(
            f"The population has no total for {', '.join(missing)}. Give one, or change the model."
        )
    extra = [name for name in population if name not in names]
    if extra:
        raise EmptyCell(
            f"The population has a total for {', '.join(extra)}, which nobody in the sample has. Merge the "
            "level with a neighbouring one, or change the model."
        )
    return np.array([number(f"The total of {name}", population[name], MarginMismatch) for name in names])


def _working_variance(
    names: Sequence[str], values: Matrix, variance: Mapping[str, float] | Sequence[float] | None
) -> Floats:
    if variance is None:
        return np.ones(values.shape[0])
    if isinstance(variance, Mapping):
        unknown = [name for name in variance if name not in names]
        if unknown:
            raise CalibrationError(f"The variance names {unknown[0]}, which is not in the model.")
        variance = [variance.get(name, 0.0) for name in names]
    if len(variance) != len(names):
        raise CalibrationError(
            f"The variance has {len(variance)} numbers, the model {len(names)} columns. Give one each."
        )
    given = [number("A number of the variance", one, CalibrationError) for one in variance]
    found: Floats = values @ np.array(given)
    if not (found > 0).all():
        raise CalibrationError(
            "The working variance is not above 0 in every row. Choose numbers that make it so."
        )
    return found


def _bounds(bounds: Sequence[float]) -> tuple[float, float]:
    found = np.asarray(bounds)
    if found.dtype.kind not in "biuf" or found.shape != (2,) or np.isnan(found).any():
        raise CalibrationError(f"The bounds are {bounds!r}. Give two numbers, such as (0.3, 3).")
    return float(found[0]), float(found[1])


def _limit_on_weights(bound: float, strictest: np.ufunc, weights: Floats, cells: _ModelCells) -> Floats:
    """Of every cell the strictest of the bounds on the ratio that one on the weights of its rows gives."""
    found = np.full(cells.number, -np.inf if strictest is np.maximum else np.inf)
    strictest.at(found, cells.place[weights > 0], bound / weights[weights > 0])
    # A cell without weight may have any ratio; distances logit and truncated ask for a bound there too.
    found[np.isinf(found)] = 0.0 if strictest is np.maximum else 2.0
    return found


def _model_totals(
    names: Sequence[str], before: Floats, after: Floats, wanted: Floats
) -> tuple[WeightedTotal, ...]:
    return tuple(
        WeightedTotal(margin=name, level="", before=float(first), after=float(last), population=float(total))
        for name, first, last, total in zip(names, before, after, wanted, strict=True)
    )


def _trimmed(weights: Floats, upper: Floats, lower: Floats, *, strict: bool) -> tuple[Floats, int, int]:
    """Trimmed weights, the rounds that it took and how many weights were set to a limit."""
    set_to_limit = np.zeros(len(weights), dtype=bool)
    current = weights
    rounds = 0
    while True:
        outside: Mask = (current < lower) | (current > upper)
        if not outside.any():
            return current, rounds, int(set_to_limit.sum())
        rounds += 1
        set_to_limit = set_to_limit | outside
        cut = np.clip(current, lower, upper)
        if set_to_limit.all():
            raise CalibrationError(
                f"Limits from {lower.min():g} to {upper.max():g} cut off every weight, so their sum, "
                f"{weights.sum():,.1f}, cannot be kept. Widen the limits."
            )
        current = np.where(set_to_limit, cut, cut + (current - cut).sum() / (~set_to_limit).sum())
        if not strict:
            return current, rounds, int(set_to_limit.sum())
