"""How far those who answered are like those who were invited: R-indicators, for use during fieldwork."""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from msgspec import Struct
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.generalized_linear_model import GLM
from statsmodels.tools.sm_exceptions import PerfectSeparationWarning

from analysis.columns import MISSING, Column, ColumnError, called, categories, crossed
from analysis.errors import number, refuse_no_mapping
from analysis.formulas import (
    ModelMatrix,
    model_matrix,
    refuse_undetermined,
)
from analysis.sampling.designs import Codes, Design, Floats, Replicates
from analysis.sampling.replication import replicate_covariance
from analysis.sampling.rows import row_categories, row_numbers
from analysis.sampling.variance import covariance
from analysis.weighting.populations import parts_of


class Level(Struct, frozen=True, kw_only=True):
    """One level of a variable: its people (weighted) and how many of them answered.

    `unconditional` is below 0 where fewer answered than on average; `conditional` is what of it the other
    variables do not explain, from 0.
    """

    level: str
    people: float
    response: float
    unconditional: float
    conditional: float


class Variable(Struct, frozen=True, kw_only=True):
    """How much response differs between the levels of a variable: at all, and with the others the same."""

    name: str
    unconditional: float
    conditional: float
    levels: tuple[Level, ...]


class Representativeness(Struct, frozen=True, kw_only=True):
    """`indicator` is 1 when everybody was as likely to answer, as far as the variables tell, and 0 at worst.

    `adjusted` is without what chance alone adds to the differences between estimated chances; compare
    groups of different size by it. `standard_error` is that of both, from the replicates of the
    design; None without. `variables`: where the differences are.
    """

    indicator: float
    adjusted: float
    standard_error: float | None
    response: float
    variables: tuple[Variable, ...]


class PopulationLevel(Struct, frozen=True, kw_only=True):
    """One level of a variable: the people in the population, and the share of them that would answer.

    `unconditional` is below 0 where fewer answer than on average; `error` is the standard error of
    `response` minus that average.
    """

    level: str
    people: float
    response: float
    unconditional: float
    error: float


class PopulationRepresentativeness(Struct, frozen=True, kw_only=True):
    """As `Representativeness`, of one variable that is known of who answered and of the population."""

    indicator: float
    adjusted: float
    response: float
    levels: tuple[PopulationLevel, ...]


def representativeness(
    responded: Column, variables: str | Sequence[str], design: Design
) -> Representativeness:
    """R-indicator and partial R-indicators of a response.

    `design`: everybody who was invited, with base weights d; `responded`: 1 or 0 for each of them;
    `variables`: columns known of all, taken as categories. The chance p of answering is a logistic
    regression on all variables, weighted. With N = sum d and mean p:
    R = 1 - 2 S, S^2 = sum d (p - mean p)^2 / (N - 1) (Schouten, Cobben and Bethlehem 2009). Of a variable,
    unconditional: the root of the sum of N_h/N (p_h - mean p)^2 over its levels h, of a level the signed root
    of its term; conditional: the root of sum d (p - p_c)^2 / (N - 1), with p_c the mean in the cell c that
    the other variables make, of a level its part of that sum (Schouten, Shlomo and Skinner 2011). `adjusted`
    subtracts from S^2 the sampling variance of p around its mean, by the delta method (after Shlomo, Skinner
    and Schouten 2012). With replicates (`bootstrap(design, seed=...)`) the model is fitted to each of them:
    how R varies is its standard error. Where the chances hardly differ R cannot pass 1, and the error is
    too small.
    Raises ColumnError.
    """
    variables = [variables] if isinstance(variables, str) else variables
    if not variables or len(set(variables)) < len(variables):
        raise ColumnError("R-indicators need one or more variables, each named once.")
    answered, d = _answered(responded, design), design.weights
    table = {name: _as_text(name, design) for name in variables}
    model = model_matrix(f"~ {' + '.join(variables)}", table, np.ones(design.size, dtype=bool))
    refuse_undetermined(model)
    chances = _chances(model, answered, d)
    response, spread = _spread(chances, d)
    by_chance = _sampling_variance(model.values, chances, d)
    return Representativeness(
        indicator=1 - 2 * spread**0.5,
        adjusted=1 - 2 * max(spread - by_chance, 0.0) ** 0.5,
        standard_error=_standard_error(model, answered, spread, design.replicates),
        response=response,
        variables=tuple(
            _variable(name, table[name], [table[other] for other in variables if other != name], chances, d)
            for name in variables
        ),
    )


def population_representativeness(
    answered: Column, counts: Mapping[str, float], design: Design
) -> PopulationRepresentativeness:
    """R-indicator of a variable that nobody knows of those who did not answer, from population counts.

    `design`: everybody who was invited, with base weights d; `answered`: the level of each who answered,
    empty for the others; `counts`: the people N_h in every level. The chance of a level is p_h, the sum of d
    over its answers divided by N_h, which is the linear model of Bianchi, Shlomo, Schouten, Da Silva and
    Skinner (2019) for one categorical variable. R and the partial indicators follow from p_h as in
    `representativeness`, with S^2 the sum of N_h/N (p_h - mean p)^2. `adjusted` subtracts from S^2 what
    chance adds, the variance of the p_h around their mean under the design; that is more than with a sample
    of which all are known, because how many of a level were invited is chance too. Small samples say little.
    Raises ColumnError.
    """
    refuse_no_mapping("The counts of the population", counts, ColumnError)
    names = tuple(".".join(parts_of(level)) for level in counts)
    people = np.array([_people(answered, level, count) for level, count in counts.items()])
    inside = _levels(answered, names, design)
    share = people / people.sum()
    chances = (design.weights @ inside) / people
    response = float(share @ chances)
    # Of p_h and, last, of their mean: sums of weights over the answers.
    spread = covariance(np.column_stack([inside / people, inside.sum(axis=1) / people.sum()]), design)
    around = np.maximum(np.diag(spread)[:-1] - 2 * spread[:-1, -1] + spread[-1, -1], 0.0)
    apart = chances - response
    squared = float(share @ apart**2)
    columns = (each.tolist() for each in (people, chances, np.sqrt(share) * apart, np.sqrt(around)))
    return PopulationRepresentativeness(
        indicator=1 - 2 * squared**0.5,
        adjusted=1 - 2 * max(squared - float(share @ around), 0.0) ** 0.5,
        response=response,
        levels=tuple(
            PopulationLevel(level=level, people=n, response=p, unconditional=u, error=e)
            for level, n, p, u, e in zip(names, *columns, strict=True)
        ),
    )


def _people(answered: Column, level: str, count: float) -> float:
    what = f"{called(answered)}: the count of {level}"
    found = number(what, count, ColumnError)
    if found <= 0:
        raise ColumnError(f"{what} is {found:g}. Every level needs a number of people, above 0.")
    return found


def _levels(answered: Column, counts: tuple[str, ...], design: Design) -> Floats:
    """Ones and zeros: a column per level of the counts, a row per person invited."""
    found = row_categories(answered, design)
    strange = [level for level in found.levels if level not in counts]
    if strange:
        raise ColumnError(f"{called(answered)}: the counts have no level {strange[0]}. Write them alike.")
    places = np.array([counts.index(level) for level in found.levels] + [MISSING], dtype=np.intp)
    inside: Floats = (places[found.codes][:, None] == np.arange(len(counts))).astype(float)
    return inside


def _chances(model: ModelMatrix, answered: Floats, weights: Floats) -> Floats:
    """The fitted chance of everybody to answer."""
    # Early in the fieldwork nobody in some level has answered: a chance of 0 is then what was found.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PerfectSeparationWarning)
        warnings.simplefilter("ignore", RuntimeWarning)
        fit = GLM(answered, model.values, family=Binomial(), var_weights=weights).fit(tol=1e-12, maxiter=100)
    return np.asarray(fit.fittedvalues)


def _spread(chances: Floats, weights: Floats) -> tuple[float, float]:
    """The mean chance and S^2."""
    people = float(weights.sum())
    response = float(weights @ chances) / people
    return response, float(weights @ (chances - response) ** 2) / (people - 1)


def _standard_error(
    model: ModelMatrix, answered: Floats, spread: float, replicates: Replicates | None
) -> float | None:
    if replicates is None:
        return None

    spreads = [_spread(_chances(model, answered, weights), weights)[1] for weights in replicates.weights.T]
    indicators = 1 - 2 * np.sqrt(spreads)[:, None]
    found = replicate_covariance(indicators, np.array([1 - 2 * spread**0.5]), replicates)
    return float(np.sqrt(found[0, 0]))


def _variable(name: str, own: Any, others: Sequence[Any], chances: Floats, d: Floats) -> Variable:
    found = categories(None, own)
    cells = crossed(None, others).codes if others else np.zeros(len(d), dtype=np.intp)
    people = np.bincount(found.codes, d)
    response = np.bincount(found.codes, d * chances) / people
    total = people.sum()
    between = np.sqrt(people / total) * (response - (d @ chances) / total)
    left = d * (chances - _means(chances, cells, d)) ** 2 / (total - 1)
    within = np.bincount(found.codes, left)
    return Variable(
        name=name,
        unconditional=float(np.sqrt(between @ between)),
        conditional=float(np.sqrt(left.sum())),
        levels=tuple(
            Level(level=level, people=n, response=r, unconditional=u, conditional=c)
            for level, n, r, u, c in zip(
                found.levels,
                *(each.tolist() for each in (people, response, between, np.sqrt(within))),
                strict=True,
            )
        ),
    )


def _means(values: Floats, groups: Codes, d: Floats) -> Floats:
    """For each row the weighted mean of its group."""
    found: Floats = (np.bincount(groups, d * values) / np.bincount(groups, d))[groups]
    return found


def _sampling_variance(x: Floats, chances: Floats, d: Floats) -> float:
    """The mean over people of the variance of an estimated chance around the mean chance."""
    spread = chances * (1 - chances)
    bread = np.linalg.inv(x.T @ (x * (d * spread)[:, None]))
    covariance = bread @ (x.T @ (x * (d**2 * spread)[:, None])) @ bread
    slopes = x * spread[:, None]
    away = slopes - (d @ slopes) / d.sum()
    return float(d @ np.einsum("ij,jk,ik->i", away, covariance, away)) / float(d.sum())


def _answered(responded: Column, design: Design) -> Floats:
    answered = row_numbers(responded, design)
    neither = np.flatnonzero(~np.isin(answered, (0.0, 1.0)))
    if len(neither):
        row = int(neither[0])
        raise ColumnError(
            f"{called(responded)} is {answered[row]:g} in row {row + 1}, where 0 or 1 is needed for "
            "everybody who was invited. Make it so."
        )
    if answered.min() == answered.max():
        raise ColumnError(
            f"{called(responded)} is {answered[0]:g} for everybody, so there is nothing to compare."
        )
    return answered


def _as_text(name: str, design: Design) -> Any:
    """A variable as levels, whatever its type."""
    found = row_categories(name, design)
    if (found.codes == MISSING).any():
        row = int(np.flatnonzero(found.codes == MISSING)[0]) + 1
        raise ColumnError(
            f"{called(name)} is empty in row {row}. Use what is known of everybody who was invited, or make "
            "unknown a level of its own."
        )
    return np.array(found.levels)[found.codes]
