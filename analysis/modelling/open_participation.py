"""Open participation: estimates from people who came by themselves, under an assumption that is printed.

Nobody knows how likely they were to take part, so none of this is design-based. Print it apart from the
estimates of the invited sample, with its label and its assumption.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
from msgspec import Struct
from scipy import special, stats

from analysis.columns import Column, ColumnError, called, categories, numbers
from analysis.errors import refuse_no_whole, refuse_other
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
from analysis.sampling.designs import Design, DesignError, Floats, Mask
from analysis.sampling.replicates import Seed, bootstrap, refuse_no_seed

CONFIDENCE = 0.95

STEPS = 100
"""Newton steps before giving up; six to twelve are usual."""

TOLERANCE = 1e-11
"""Largest difference between the two sides of the equations, relative to the largest total."""

Family = Literal["gaussian", "binomial"]
Domain = tuple[str, str]
"""A column and one of its levels."""

Method = Literal["propensity weights", "propensity weights to totals", "mass imputation", "doubly robust"]


_BY_THEMSELVES = (
    "Among people with the same {predictors}, those who took part by themselves answer as those who did "
    "not, and each of them could have taken part."
)

ASSUMPTIONS: dict[Method, str] = {
    "propensity weights": _BY_THEMSELVES + " The model of who takes part is right.",
    "propensity weights to totals": _BY_THEMSELVES + " The model of who takes part is right.",
    "mass imputation": _BY_THEMSELVES + " The model of the answer is right.",
    "doubly robust": _BY_THEMSELVES + " The model of who takes part or that of the answer is right.",
}


class ModelNotFitted(FormulaError):
    """The answers do not carry the model; says what is in the way."""


class Participation(Struct, frozen=True, kw_only=True):
    """The model of who takes part: logit coefficients, the range of chances, the sum of 1/chance (people)."""

    coefficients: dict[str, float]
    lowest_chance: float
    highest_chance: float
    represented: float


class OpenEstimate(Struct, frozen=True, kw_only=True):
    """A mean or share of all residents under `assumption`; never to be mistaken for a design-based one.

    The interval is the normal one of 95%, and covers chance only, not a wrong assumption; without replicates
    there is none. `observed` is the plain mean of the `respondents` who took part by themselves.
    """

    method: Method
    value: float
    standard_error: float | None
    low: float | None
    high: float | None
    observed: float
    respondents: int
    participation: Participation | None
    answer_coefficients: dict[str, float] | None
    assumption: str
    label: str = "model-based, from open participation"


class _Samples(NamedTuple):
    """Predictors of who took part and of the reference (no rows without one), and the answers (nan: none).

    `inside` and `invited_inside` say who of the two is in the domain.
    """

    names: tuple[str, ...]
    open: Floats
    reference: Floats
    weights: Floats
    answers: Floats
    inside: Mask
    invited_inside: Mask


class _Found(NamedTuple):
    """An estimate, with the coefficients of the models of taking part and of the answer."""

    value: float = float("nan")
    participation: Floats | None = None
    answer: Floats | None = None


Estimator = Callable[[Floats, Floats, _Found], _Found]
"""The estimate for weights of those who took part and of the reference, starting from another one."""


def propensity_weighted(  # noqa: PLR0913
    outcome: Column,
    formula: str,
    data: Any,
    reference: Design,
    *,
    domain: Domain | None = None,
    replicates: int = 500,
    seed: Seed,
) -> OpenEstimate:
    """The mean of `outcome` with weights 1/chance of taking part, sum(y/p) / sum(1/p).

    The logit model of the chance solves sum_A x = sum_B d p(x) x, with A those who took part and B the
    reference sample with weights d (Chen, Li and Wu 2020). `formula` names the predictors, columns of `data`
    and of the design's data. `reference`: everybody who was invited, with base weights. `domain`: a column
    of both and its level, such as ("district", "Noord"), to estimate for; the models are those of
    everybody. The error is that of a bootstrap of both samples. Raises FormulaError, ColumnError or
    DesignError.
    """
    samples = _both(outcome, formula, data, reference, domain=domain)

    def estimate(a: Floats, d: Floats, start: _Found) -> _Found:
        theta = _participation(samples, a, d, start)
        value = _mean(samples.answers, a / _chances(samples, theta) * samples.inside)
        return _Found(value, participation=theta)

    return _estimated("propensity weights", samples, formula, estimate, reference, replicates, seed)


def propensity_calibrated(  # noqa: PLR0913
    outcome: Column,
    formula: str,
    data: Any,
    totals: Mapping[str, float],
    *,
    domain: Domain | None = None,
    replicates: int = 500,
    seed: Seed,
) -> OpenEstimate:
    """The mean of `outcome` with weights 1/chance, which add up to the `totals` of the population.

    The logit model of the chance solves sum_A x/p(x) = totals (Kim and Riddles 2012). `totals` has the names
    of the model's columns, such as (Intercept) and ageOld; those of everybody, with a `domain` too.
    Raises FormulaError or ColumnError.
    """
    answers = _answers(outcome, data, "gaussian")
    came = model_matrix(formula, data, np.ones(len(answers), dtype=bool))
    _refuse_unfit(came, formula, data, "those who took part")
    nobody = np.empty((0, len(came.names)))
    inside = _inside(domain, data, len(answers), "those who took part")
    samples = _Samples(came.names, came.values, nobody, np.empty(0), answers, inside, np.empty(0, dtype=bool))
    target = _totals(came.names, totals)

    def estimate(a: Floats, _: Floats, start: _Found) -> _Found:
        theta = _solved_inverse(target, samples.open, a, start.participation)
        value = _mean(samples.answers, a / _chances(samples, theta) * samples.inside)
        return _Found(value, participation=theta)

    return _estimated("propensity weights to totals", samples, formula, estimate, None, replicates, seed)


def mass_imputed(  # noqa: PLR0913
    outcome: Column,
    formula: str,
    data: Any,
    reference: Design,
    *,
    family: Family = "gaussian",
    domain: Domain | None = None,
    replicates: int = 500,
    seed: Seed,
) -> OpenEstimate:
    """The weighted mean over the reference sample of what a model of those who took part predicts.

    A linear or logistic regression, unweighted (Kim, Park, Chen and Wu 2021); as `propensity_weighted`
    otherwise.
    """
    samples = _both(outcome, formula, data, reference, family, domain)

    def estimate(a: Floats, d: Floats, start: _Found) -> _Found:
        beta = _regression(samples, family, a, start)
        imputed = _predicted(samples.reference, beta, family)
        return _Found(_mean(imputed, d * samples.invited_inside), answer=beta)

    return _estimated("mass imputation", samples, formula, estimate, reference, replicates, seed)


def doubly_robust(  # noqa: PLR0913
    outcome: Column,
    formula: str,
    data: Any,
    reference: Design,
    *,
    family: Family = "gaussian",
    domain: Domain | None = None,
    replicates: int = 500,
    seed: Seed,
) -> OpenEstimate:
    """Mass imputation, plus the mean of what it missed among those who took part, weighted by 1/chance.

    Right when either of its two models is (Chen, Li and Wu 2020); as `mass_imputed` otherwise.
    """
    samples = _both(outcome, formula, data, reference, family, domain)

    def estimate(a: Floats, d: Floats, start: _Found) -> _Found:
        theta = _participation(samples, a, d, start)
        beta = _regression(samples, family, a, start)
        missed = samples.answers - _predicted(samples.open, beta, family)
        imputed = _mean(_predicted(samples.reference, beta, family), d * samples.invited_inside)
        return _Found(imputed + _mean(missed, a / _chances(samples, theta) * samples.inside), theta, beta)

    return _estimated("doubly robust", samples, formula, estimate, reference, replicates, seed)


def _both(  # noqa: PLR0913, PLR0917
    outcome: Column,
    formula: str,
    data: Any,
    reference: Design,
    family: Family = "gaussian",
    domain: Domain | None = None,
) -> _Samples:
    answers = _answers(outcome, data, family)
    if reference.adjustments or reference.replicates:
        raise DesignError(
            "The reference is the sample as it was drawn, with its base weights: everybody who was invited. "
            "Its replicates are made here."
        )
    rows = (np.ones(len(answers), dtype=bool), np.ones(reference.size, dtype=bool))
    came, invited = model_matrices(formula, (data, reference.data), rows)
    _refuse_unfit(came, formula, data, "those who took part")
    _refuse_unfit(invited, formula, reference.data, "the reference sample")
    inside = _inside(domain, data, len(answers), "those who took part")
    theirs = _inside(domain, reference.data, reference.size, "the reference sample")
    return _Samples(came.names, came.values, invited.values, reference.weights, answers, inside, theirs)


def _inside(domain: Domain | None, data: Any, size: int, who: str) -> Mask:
    """Who has the level of the domain."""
    if domain is None:
        return np.ones(size, dtype=bool)
    column, level = domain
    found = categories(data, column)
    if level not in found.levels:
        raise ColumnError(
            f"Column {column} has no level {level} among {who}. There are: {', '.join(found.levels)}."
        )
    if len(found.codes) != size:
        raise ColumnError(f"Column {column} has {len(found.codes)} rows, where {who} have {size}.")
    return np.asarray(found.codes == found.levels.index(level))


def _answers(outcome: Column, data: Any, family: Family) -> Floats:
    answers = numbers(data, outcome)
    refuse_other("family", family, Family)
    there = answers[~np.isnan(answers)]
    if not len(there):
        raise ColumnError(f"{called(outcome)}: nobody who took part answered.")
    if family == "binomial" and not np.isin(there, (0.0, 1.0)).all():
        raise ColumnError(f"{called(outcome)} is not 0 or 1 everywhere. Make it so, or take family gaussian.")
    return answers


def _refuse_unfit(model: ModelMatrix, formula: str, data: Any, who: str) -> None:
    empty = hole(variables(formula), data, model.rows)
    if empty is not None:
        column, row = empty
        raise ModelNotFitted(
            f"Column {column} is empty in row {row} of {who}. Leave such rows out first, or make unknown a "
            "level of its own."
        )
    refuse_undetermined(model)


def _totals(names: tuple[str, ...], totals: Mapping[str, float]) -> Floats:
    absent = [name for name in names if name not in totals]
    strange = [name for name in totals if name not in names]
    if absent:
        raise ModelNotFitted(f"The totals have no {', '.join(absent)}. Give the number of people in it.")
    if strange:
        raise ModelNotFitted(
            f"The totals have {', '.join(strange)}, but nobody who took part. Put the level together with "
            "another, or correct the name."
        )
    return np.array([float(totals[name]) for name in names])


def _mean(values: Floats, weights: Floats) -> float:
    """The weighted mean of the values that are there; nan where none of them has a weight."""
    there = ~np.isnan(values) & (weights > 0)
    return float(np.average(values[there], weights=weights[there])) if there.any() else float("nan")


def _chances(samples: _Samples, theta: Floats) -> Floats:
    chances: Floats = special.expit(samples.open @ theta)
    return chances


def _predicted(model: Floats, beta: Floats, family: Family) -> Floats:
    line: Floats = model @ beta
    return line if family == "gaussian" else special.expit(line)


def _participation(samples: _Samples, a: Floats, d: Floats, start: _Found) -> Floats:
    return _solved(samples.names, samples.open.T @ a, samples.reference, d, start.participation)


def _regression(samples: _Samples, family: Family, a: Floats, start: _Found) -> Floats:
    answered = ~np.isnan(samples.answers)
    x, y, weights = samples.open[answered], samples.answers[answered], a[answered]
    if family == "binomial":
        return _solved(samples.names, x.T @ (weights * y), x, weights, start.answer)
    root = np.sqrt(weights)
    return np.linalg.lstsq(x * root[:, None], y * root, rcond=None)[0].astype(float)


def _solved(names: Sequence[str], target: Floats, x: Floats, weights: Floats, start: Floats | None) -> Floats:
    """The coefficients t for which sum w x expit(x't) is the target."""

    def at(t: Floats) -> tuple[float, Floats, Floats]:
        line = x @ t
        share = special.expit(line)
        curvature = x.T @ (x * (weights * share * (1 - share))[:, None])
        return (
            float(weights @ np.logaddexp(0.0, line) - target @ t),
            x.T @ (weights * share) - target,
            curvature,
        )

    found = _lowest(at, target, start)
    # A replicate may lose a level: what it then predicts is right all the same.
    if start is None:
        refuse_separated(names, x, found)
    return found


def _solved_inverse(target: Floats, x: Floats, weights: Floats, start: Floats | None) -> Floats:
    """The coefficients t for which sum w x / expit(x't) is the target."""

    def at(t: Floats) -> tuple[float, Floats, Floats]:
        line = x @ t
        odds = np.exp(np.minimum(-line, 100.0))
        slope = target - x.T @ (weights * (1 + odds))
        return float(target @ t - weights @ (line - odds)), slope, x.T @ (x * (weights * odds)[:, None])

    return _lowest(at, target, start)


def _lowest(
    at: Callable[[Floats], tuple[float, Floats, Floats]], target: Floats, start: Floats | None
) -> Floats:
    """Where a convex function has no slope: Newton steps, halved until the function falls."""
    point = np.zeros(len(target)) if start is None else start
    value, slope, curvature = at(point)
    for _ in range(STEPS):
        if np.abs(slope).max() <= TOLERANCE * np.abs(target).max():
            return point
        step = np.linalg.lstsq(curvature, slope, rcond=None)[0]
        for halving in range(30):
            candidate = point - step / 2**halving
            tried = at(candidate)
            if tried[0] < value or np.abs(tried[1]).max() < np.abs(slope).max():
                break
        point, (value, slope, curvature) = candidate, tried
    raise ModelNotFitted(
        "The equations of the model have no solution: a level has too few people who took part, or more of "
        "them than there are in the population. Put levels together, or use fewer predictors."
    )


def _estimated(  # noqa: PLR0913, PLR0917
    method: Method,
    samples: _Samples,
    formula: str,
    estimate: Estimator,
    reference: Design | None,
    replicates: int,
    seed: Seed,
) -> OpenEstimate:
    everybody = np.ones(len(samples.answers))
    found = estimate(everybody, samples.weights, _Found())
    if np.isnan(found.value):
        raise ColumnError("Nobody of the domain who took part answered. Put it together with another.")
    beta = found.answer
    error = (
        _bootstrap_error(estimate, found, len(everybody), reference, replicates, seed) if replicates else None
    )
    reach = None if error is None else float(stats.norm.ppf((1 + CONFIDENCE) / 2)) * error
    return OpenEstimate(
        method=method,
        value=found.value,
        standard_error=error,
        low=None if reach is None else found.value - reach,
        high=None if reach is None else found.value + reach,
        observed=_mean(samples.answers, samples.inside.astype(float)),
        respondents=int((samples.inside & ~np.isnan(samples.answers)).sum()),
        participation=_account(samples, found.participation),
        answer_coefficients=None if beta is None else dict(zip(samples.names, beta.tolist(), strict=True)),
        assumption=ASSUMPTIONS[method].format(predictors=", ".join(variables(formula))),
    )


def _bootstrap_error(  # noqa: PLR0913, PLR0917
    estimate: Estimator, found: _Found, size: int, reference: Design | None, replicates: int, seed: Seed
) -> float:
    """The standard deviation over replicates that draw both samples again and fit the models again."""
    refuse_no_whole("The number of replicates", replicates)
    refuse_no_seed(seed)
    for_open, for_reference = (int(each) for each in np.random.SeedSequence(seed).generate_state(2))
    random = np.random.default_rng(for_open)
    weights = np.empty((0, replicates))
    if reference is not None:
        drawn = bootstrap(reference, replicates=replicates, seed=for_reference).replicates
        weights = weights if drawn is None else drawn.weights
    values = [
        estimate(np.bincount(random.integers(0, size, size), minlength=size).astype(float), d, found).value
        for d in weights.T
    ]
    if np.isnan(values).any():
        raise ColumnError(
            "In some replicates nobody of the domain is left. Put the domain together with another."
        )
    return float(np.std(values, ddof=1))


def _account(samples: _Samples, theta: Floats | None) -> Participation | None:
    if theta is None:
        return None
    chances = _chances(samples, theta)
    return Participation(
        coefficients=dict(zip(samples.names, theta.tolist(), strict=True)),
        lowest_chance=float(chances.min()),
        highest_chance=float(chances.max()),
        represented=float((1 / chances).sum()),
    )
