"""The slow and obvious version of estimates and their covariance, to compare the engine with.

An estimate is a plain function of the weights. Its linearised value for a person is how it changes with
the weight of that person, by a complex step instead of a formula; the covariance adds these up by loops
over strata and units, as the sample was drawn.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from tests.analysis.strategies import Sample

Floats = np.ndarray
Estimate = Callable[[Floats], Floats]
"""Statistics from the weights of the rows; must take complex weights."""

STEP = 1e-30


def influence(estimate: Estimate, weights: Floats) -> Floats:
    """The derivative of every statistic to every weight, shape (rows, statistics)."""
    found = []
    for row in range(len(weights)):
        nudged = weights.astype(complex)
        nudged[row] += STEP * 1j
        found.append(np.imag(estimate(nudged)) / STEP)
    return np.array(found)


def covariance(estimate: Estimate, sample: Sample, weights: Floats) -> Floats:
    """Of the statistics under the design of the sample, whose final weights are given."""
    values = residuals(sample, weights[:, None] * influence(estimate, weights), weights)
    strata, streets = sample.data["stratum"], sample.data["street"]
    clusters, population = sample.drawing
    units = streets if clusters else np.arange(len(weights))
    found = np.zeros((values.shape[1], values.shape[1]))
    for stratum in sorted(set(strata)):
        inside = np.flatnonzero(strata == stratum)
        totals = [values[units == unit].sum(axis=0) for unit in sorted(set(units[inside]))]
        size = sample.data[population[0]][inside[0]] if population else np.inf
        found += spread(totals, size)
        if len(clusters) == 2:
            for street in sorted(set(streets[inside])):
                persons = np.flatnonzero(streets == street)
                within = spread(list(values[persons]), sample.data["in_street"][persons[0]])
                found += len(totals) / size * within
    return found


def spread(totals: list[Floats], population: float) -> Floats:
    """n/(n-1) (1 - n/N) sum (t - mean t)(t - mean t)' over n units out of N."""
    number = len(totals)
    centre = sum(totals) / number
    found = np.zeros((len(centre), len(centre)))
    for total in totals:
        found += np.outer(total - centre, total - centre)
    return number / (number - 1) * (1 - number / population) * found


def residuals(sample: Sample, values: Floats, weights: Floats) -> Floats:
    """What the margins do not explain of z = w u: z/w less its regression on them with the old weights."""
    if sample.weighting == "base":
        return values
    levels = [(name, level) for name in ("age", "sex") for level in sample.totals[name]]
    model = np.column_stack([sample.data[name] == level for name, level in levels]).astype(float)
    root = np.sqrt(sample.data["weight"])[:, None]
    slopes = np.linalg.lstsq(root * model, root * values / weights[:, None], rcond=None)[0]
    return values - weights[:, None] * (model @ slopes)


def answered(*columns: Floats) -> Floats:
    """The rows with an answer in every column."""
    return np.flatnonzero(~np.any([pd.isna(column) for column in columns], axis=0))


def mean(values: Floats, rows: Floats, weights: Floats) -> complex:
    """Over the rows."""
    above = sum(weights[row] * values[row] for row in rows)
    return above / sum(weights[row] for row in rows)


def quantile(values: Floats, rows: Floats, weights: Floats, probability: float) -> float:
    """The smallest value up to which at least this share of the weight lies."""
    rows = [row for row in rows if weights[row] > 0]
    enough = probability * sum(weights[row] for row in rows) * (1 - 1e-12)
    for row in sorted(rows, key=lambda row: values[row]):
        if sum(weights[other] for other in rows if values[other] <= values[row]) >= enough:
            return float(values[row])
    return float("nan")


def coefficients(model: Floats, outcome: Floats, weights: Floats, *, logistic: bool) -> Floats:
    """Solves sum w x (y - mu) = 0 by Newton's steps from nothing."""
    found = np.zeros(model.shape[1], dtype=complex)
    for _ in range(30 if logistic else 1):
        line = model @ found
        mu = 1 / (1 + np.exp(-line)) if logistic else line
        slope = mu * (1 - mu) if logistic else np.ones(len(mu))
        information = model.T @ (model * (weights * slope)[:, None])
        found = found + np.linalg.solve(information, model.T @ (weights * (outcome - mu)))
    return found


def solved(score: Estimate, start: Floats) -> Floats:
    """Where a score is zero: steps from `start` along its slope, which is measured instead of derived."""
    found = start.astype(complex)
    near = 1e-6 * np.eye(len(start))
    for _ in range(12):
        at = np.real(found)
        slope = np.column_stack([np.real(score(at + step) - score(at - step)) / 2e-6 for step in near])
        found = found - np.linalg.solve(slope, score(found))
    return found


def steps(predictors: Floats, answers: Floats, weights: Floats) -> Floats:
    """Slopes and thresholds of the proportional odds model; `answers` are 0, 1, ... without a gap."""
    slopes, last = predictors.shape[1], int(answers.max())

    def up_to(place: int, values: Floats) -> tuple[Floats, Floats]:
        """The chance of an answer below `place`, of every row, and how it changes with every value."""
        moves = np.hstack([-predictors, np.zeros((len(answers), last))])
        if place in (0, last + 1):
            return np.full(len(answers), place / (last + 1)), 0 * moves
        moves[:, slopes + place - 1] = 1
        chance = 1 / (1 + np.exp(-(moves @ values)))
        return chance, (chance * (1 - chance))[:, None] * moves

    def score(values: Floats) -> Floats:
        found = np.zeros(len(values), dtype=complex)
        for answer in range(last + 1):
            (low, rises), (high, falls) = (up_to(place, values) for place in (answer, answer + 1))
            these = answers == answer
            found += (weights / (high - low))[these] @ (falls - rises)[these]
        return found

    below = np.array([np.sum(np.real(weights)[answers < place]) for place in range(1, last + 1)])
    shares = below / np.sum(np.real(weights))
    return solved(score, np.concatenate([np.zeros(slopes), np.log(shares / (1 - shares))]))
