"""Multilevel regression with poststratification: shares of small areas from a model of the whole town."""

import math
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from msgspec import Struct
from scipy import optimize, special, stats

from analysis.columns import MISSING, categories, numbers, values_of
from analysis.formulas import (
    FormulaError,
    ModelMatrix,
    hole,
    model_matrices,
    model_matrix,
    refuse_separated,
    refuse_undetermined,
    variables,
)
from analysis.sampling.designs import Codes, Floats, Mask

CONFIDENCE = 0.95

SMALLEST_DEVIATION = 1e-9
"""In place of 0, where a part that does not vary leaves nothing to tell which way is up."""

LARGEST_DEVIATION = 3.0
"""Between areas, on the logit scale: from 5% to 95% of people within one deviation of the average."""

GRID = 60
"""Deviations between areas that are tried, closer together near 0."""

VARYING = re.compile(r"\(\s*1\s*\|\s*([\w.]+)\s*\)")


class ModelNotFitted(FormulaError):
    """The answers do not carry the model; says what is in the way."""


class ModelledShare(Struct, frozen=True, kw_only=True):
    """A share by the model, with an approximate 95% interval, beside what was answered.

    `observed` is the plain share among the `respondents` of the area; nan when there are none.
    """

    area: str
    modelled: float
    error: float
    low: float
    high: float
    observed: float
    respondents: int


class Multilevel(Struct, frozen=True, kw_only=True):
    """Model-based shares; `deviations`: the standard deviation of every varying part, on the logit scale."""

    areas: tuple[ModelledShare, ...]
    overall: ModelledShare
    coefficients: dict[str, float]
    deviations: dict[str, float]
    label: str = "model-based"
    assumption: str = (
        "Within a population cell those who answered are like those who did not; areas and groups differ by "
        "normal chance. An area with few answers is pulled towards areas with the same inhabitants. The "
        "error reckons with not knowing how much areas differ; how much other groups do, it takes as known."
    )


class _Indicators(NamedTuple):
    """A column of zeros and ones per level of every varying part; `places`: of which part it is a level.

    `known` says which rows have a level of every part.
    """

    values: Floats
    known: Mask
    places: Codes
    names: tuple[str, ...]


class _Fit(NamedTuple):
    """Fixed coefficients, a standard deviation per varying part, effects of levels before multiplying by it.

    `covariance` is that of coefficients and effects together. `probability`: of these deviations.
    """

    coefficients: Floats
    deviations: Floats
    effects: Floats
    covariance: Floats
    probability: float = 1.0

    @property
    def position(self) -> Floats:
        return np.concatenate([self.coefficients, self.effects])


class _Patterns(NamedTuple):
    """Respondents with the same predictors: the rows of the model (fixed columns first), how many they are,
    how many said yes, and of which varying part each of the other columns is a level.
    """

    rows: Floats
    number: Floats
    yes: Floats
    parts: Codes

    @property
    def fixed(self) -> int:
        return int(self.rows.shape[1]) - len(self.parts)

    def scaled(self, deviations: Floats) -> Floats:
        return np.hstack([self.rows[:, : self.fixed], self.rows[:, self.fixed :] * deviations[self.parts]])


def poststratified(formula: str, data: Any, cells: Any, *, by: str, count: str = "total") -> Multilevel:
    """Shares per area of a 0/1 outcome, predicted for the cells of the population and added up.

    `formula` is written as for R's lme4: `unsafe ~ sex + tenure + (1 | district) + (1 | age)`. `data` has a
    row per respondent, `cells` a row per combination of the predictors with its number of people in `count`;
    `by` is the column of areas in both. Unweighted (Gelman and Little 1997), by maximum likelihood with
    Laplace's approximation (Bates, Mächler, Bolker and Walker 2015). A level of a varying part without
    respondents gets the average, with its uncertainty. Where `by` varies, the error is averaged over how
    much areas may differ: the variance given the deviation and the squared distance from the reported share
    (Kass and Steffey 1989), weighted by the likelihood of the deviation, uniform before (Gelman 2006); at its
    maximum alone, which is often 0, areas would all seem alike. Raises FormulaError or ColumnError.
    """
    outcome, fixed, varying = _parts(formula)
    answers = model_matrix(f"{outcome} ~ 1", data)
    size = len(answers.rows)
    for name in (by, *varying):
        _refuse_levels_without_people(name, data, cells, size)
    part = _indicators(varying, data, cells)
    known = part.known
    sample, population = model_matrices(fixed, (data, cells), (answers.rows & known[:size], known[size:]))
    empty = hole((*variables(fixed), *varying), cells, population.rows)
    if empty is not None:
        raise ModelNotFitted(
            f"Column {empty[0]} is empty in cell {empty[1]} of the population. Complete it, or leave it out."
        )
    hits = np.full(size, np.nan)
    hits[answers.rows] = answers.outcome
    of_sample = part.values[:size][sample.rows]
    patterns = _patterns(sample, of_sample, part.places, hits[sample.rows], outcome)
    fit = _fitted(patterns)
    fitted = np.hstack([sample.values, of_sample * fit.deviations[part.places]])
    refuse_separated((*sample.names, *part.names), fitted, fit.position)
    likely = _likely(patterns, fit, varying.index(by)) if by in varying else (fit,)
    model = patterns._replace(rows=np.hstack([population.values, part.values[size:]]))
    areas = _areas(data, cells, by, sample.rows, hits)
    shares = _added_up(model, fit, likely, areas, _people(cells, count))
    return Multilevel(
        areas=shares[:-1],
        overall=shares[-1],
        coefficients=dict(zip(sample.names, fit.coefficients.tolist(), strict=True)),
        deviations=dict(zip(varying, fit.deviations.tolist(), strict=True)),
    )


def _parts(formula: str) -> tuple[str, str, tuple[str, ...]]:
    """The outcome, the formula of what is fixed, and the columns whose levels vary."""
    outcome, tilde, right = formula.partition("~")
    terms = [term.strip() for term in right.split("+")]
    varying = tuple(found[1] for term in terms if (found := VARYING.fullmatch(term)))
    fixed = [term for term in terms if not VARYING.fullmatch(term)]
    if not (outcome.strip() and tilde and varying) or any("|" in term for term in fixed):
        raise FormulaError(
            f"Formula {formula}: write an outcome, what is fixed, and one or more varying parts, such as "
            "unsafe ~ sex + (1 | district). Only the level of a part can vary, not a slope."
        )
    return outcome.strip(), f"~ {' + '.join(fixed) or '1'}", varying


def _refuse_levels_without_people(name: str, data: Any, cells: Any, size: int) -> None:
    found = categories(data, name)
    if len(found.codes) != size:
        raise ModelNotFitted(
            f"Column {name} has {len(found.codes)} rows, the outcome {size}. Give one value for each row."
        )
    strange = set(found.levels) - set(categories(cells, name).levels)
    if strange:
        raise ModelNotFitted(
            f"Column {name} has {', '.join(sorted(strange))} in the answers but not among the cells of the "
            "population. Write the levels alike in both."
        )


def _indicators(varying: tuple[str, ...], data: Any, cells: Any) -> _Indicators:
    """The levels of the answers' rows, then of the cells'."""
    found = [
        categories(None, np.concatenate([values_of(table, name) for table in (data, cells)]))
        for name in varying
    ]
    return _Indicators(
        values=np.hstack([each.codes[:, None] == np.arange(len(each.levels)) for each in found]).astype(
            float
        ),
        known=np.all([each.codes != MISSING for each in found], axis=0),
        places=np.repeat(np.arange(len(varying)), [len(each.levels) for each in found]),
        names=tuple(name + level for name, each in zip(varying, found, strict=True) for level in each.levels),
    )


def _people(cells: Any, count: str) -> Floats:
    people = numbers(cells, count)
    if not (np.isfinite(people) & (people >= 0)).all() or not people.any():
        raise ModelNotFitted(f"Column {count}: every cell needs a number of people, from 0, and one more.")
    return people


def _patterns(sample: ModelMatrix, indicators: Floats, parts: Codes, hits: Floats, outcome: str) -> _Patterns:
    if not np.isin(hits, (0.0, 1.0)).all():
        raise ModelNotFitted(f"Column {outcome} is not 0 or 1 everywhere. Make it so first.")
    if hits.min(initial=1.0) == hits.max(initial=0.0):
        raise ModelNotFitted(f"Column {outcome}: everybody answered the same, so there is nothing to model.")
    refuse_undetermined(sample)
    rows, where = np.unique(np.hstack([sample.values, indicators]), axis=0, return_inverse=True)
    number = np.bincount(where.ravel()).astype(float)
    yes = np.bincount(where.ravel(), hits).astype(float)
    return _Patterns(rows, number, yes, parts)


def _fitted(patterns: _Patterns) -> _Fit:
    """Maximises the Laplace approximation of the likelihood over coefficients and standard deviations."""
    rows, number, yes, parts = patterns
    fixed, varying = patterns.fixed, int(parts.max()) + 1
    effects, ones = np.zeros(len(parts)), np.ones(len(parts))

    def lost(parameters: Floats) -> float:
        nonlocal effects
        offset = rows[:, :fixed] @ parameters[:fixed]
        scaled = rows[:, fixed:] * parameters[fixed:][parts]
        value, effects, precision = _mode(patterns, (offset, scaled), ones, effects)
        return -value + float(np.linalg.slogdet(precision)[1]) / 2

    start = np.concatenate([np.zeros(fixed), np.full(varying, 0.5)])
    start[0] = special.logit(yes.sum() / number.sum())
    bounds = [(None, None)] * fixed + [(SMALLEST_DEVIATION, None)] * varying
    found = optimize.minimize(
        lost, start, jac="3-point", method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-14, "gtol": 1e-6}
    )
    coefficients, deviations = found.x[:fixed], found.x[fixed:]
    lost(found.x)
    whole = patterns.scaled(deviations)
    share = special.expit(whole @ np.concatenate([coefficients, effects]))
    prior = np.diag(np.concatenate([np.zeros(fixed), np.ones(len(parts))]))
    precision = whole.T @ (whole * (number * share * (1 - share))[:, None]) + prior
    return _Fit(coefficients, deviations, effects, np.linalg.inv(precision))


def _likely(patterns: _Patterns, fit: _Fit, part: int) -> tuple[_Fit, ...]:
    """The fits for other deviations of one part, with their probabilities; other deviations stay.

    The likelihood is integrated over coefficients and effects, by Laplace's approximation.
    """
    prior = np.concatenate([np.zeros(patterns.fixed), np.ones(len(patterns.parts))])
    steps = (np.arange(GRID) + 0.5) / GRID
    position, offset = fit.position, np.zeros(len(patterns.number))
    fits: list[_Fit] = []
    heights: list[float] = []
    for step in steps:
        deviations = fit.deviations.copy()
        deviations[part] = LARGEST_DEVIATION * step**2
        value, position, precision = _mode(patterns, (offset, patterns.scaled(deviations)), prior, position)
        heights.append(value - float(np.linalg.slogdet(precision)[1]) / 2 + math.log(step))
        coefficients, effects = position[: patterns.fixed], position[patterns.fixed :]
        covariance = np.asarray(np.linalg.inv(precision), dtype=float)
        fits.append(_Fit(coefficients, deviations, effects, covariance))
    probabilities = special.softmax(heights)
    return tuple(
        each._replace(probability=float(chance)) for each, chance in zip(fits, probabilities, strict=True)
    )


def _mode(
    patterns: _Patterns, line: tuple[Floats, Floats], prior: Floats, start: Floats
) -> tuple[float, Floats, Floats]:
    """The effects b that maximise the log-likelihood less b' prior b / 2, the value there, and its curvature.

    `line`: what does not change, and what is multiplied by b. Newton steps, halved until the value rises.
    """
    offset, scaled = line
    number, yes = patterns.number, patterns.yes

    def value(effects: Floats) -> float:
        at = offset + scaled @ effects
        return float(yes @ at - number @ np.logaddexp(0.0, at) - prior @ effects**2 / 2)

    effects, reached = start, value(start)
    while True:
        share = special.expit(offset + scaled @ effects)
        slope = scaled.T @ (yes - number * share) - prior * effects
        curvature = scaled.T @ (scaled * (number * share * (1 - share))[:, None]) + np.diag(prior)
        step = np.linalg.solve(curvature, slope)
        if slope @ step < 1e-18:
            return reached, effects, curvature
        size = next((s for s in 0.5 ** np.arange(30) if value(effects + s * step) > reached), 0.0)
        if not size:
            return reached, effects, curvature
        effects = effects + size * step
        reached = value(effects)


class _Areas(NamedTuple):
    names: tuple[str, ...]
    of_cells: Codes
    respondents: Floats
    observed: Floats


def _areas(data: Any, cells: Any, by: str, used: Mask, hits: Floats) -> _Areas:
    """The areas of the cells, with their respondents and what they answered."""
    found, theirs = categories(cells, by), categories(data, by)
    if (found.codes == MISSING).any():
        raise ModelNotFitted(f"Column {by} is empty in a cell of the population. Complete it.")
    inside = [used & (np.array([*theirs.levels, ""])[theirs.codes] == name) for name in found.levels]
    observed = [hits[rows].mean() if rows.any() else np.nan for rows in (*inside, used)]
    respondents = [rows.sum() for rows in (*inside, used)]
    return _Areas(found.levels, found.codes, np.array(respondents), np.array(observed))


def _added_up(
    model: _Patterns, fit: _Fit, likely: Sequence[_Fit], areas: _Areas, people: Floats
) -> tuple[ModelledShare, ...]:
    """The shares of the areas and, last, of all together; errors by the delta method, over likely fits."""
    inside = areas.of_cells == np.arange(len(areas.names))[:, None]
    weights = np.vstack([inside, np.ones(len(people), dtype=bool)]) * people
    sizes = weights.sum(axis=1, keepdims=True)
    if not sizes.all():
        empty = areas.names[int(np.flatnonzero(sizes == 0)[0])]
        raise ModelNotFitted(f"Area {empty} has no people in the population. Leave its cells out.")
    weights /= sizes
    values, _ = _shares(model, fit, weights)
    squares = np.zeros(len(values))
    for each in likely:
        found, variances = _shares(model, each, weights)
        squares += each.probability * (variances + (found - values) ** 2)
    errors = np.sqrt(squares)
    reach = stats.norm.ppf((1 + CONFIDENCE) / 2) * errors / (values * (1 - values))
    low, high = (special.expit(special.logit(values) + sign * reach) for sign in (-1, 1))
    columns = (each.tolist() for each in (values, errors, low, high, areas.observed))
    return tuple(
        ModelledShare(area=area, modelled=v, error=e, low=lo, high=hi, observed=o, respondents=int(n))
        for area, v, e, lo, hi, o, n in zip((*areas.names, ""), *columns, areas.respondents, strict=True)
    )


def _shares(model: _Patterns, fit: _Fit, weights: Floats) -> tuple[Floats, Floats]:
    """The shares by one fit, and their variances given its deviations; `weights` add cells up."""
    scaled = model.scaled(fit.deviations)
    share = special.expit(scaled @ fit.position)
    slopes = weights @ (scaled * (share * (1 - share))[:, None])
    variances: Floats = np.einsum("ij,jk,ik->i", slopes, fit.covariance, slopes)
    return weights @ share, variances
