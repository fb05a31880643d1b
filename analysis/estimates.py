"""Proportions, means, totals and differences, each with its standard error and interval.

Every function takes one row per respondent of the weighted sample. A domain is a mask: respondents
outside it stay in the design, because how many fall inside is itself a matter of chance.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from msgspec import Struct
from scipy import stats

from analysis.designs import Design
from analysis.variance import covariance, degrees_of_freedom, effective_number

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

CONFIDENCE = 0.95


class Estimate(Struct, frozen=True, kw_only=True):
    """A published number: a proportion from 0 to 1, or a mean or total in the units of the answer.

    `low` and `high` bound the 95% interval; `respondents` is the unweighted number of people it rests
    on (with none, the other numbers are nan). `indicative` is set by disclosure control: print
    "indicatief" beside it.
    """

    value: float
    standard_error: float
    low: float
    high: float
    respondents: int
    degrees_of_freedom: int
    indicative: bool = False


class Observed(Struct, frozen=True, kw_only=True):
    """The unweighted share or mean among people who came by themselves.

    There was no sample, so it has no margin of error and says nothing about all residents.
    """

    value: float
    respondents: int
    indicative: bool = False


class Difference(Struct, frozen=True, kw_only=True):
    """One domain minus another, with the covariance between the two in its standard error."""

    value: float
    standard_error: float
    low: float
    high: float
    p_value: float
    degrees_of_freedom: int


def proportion(hits: Floats, design: Design, domain: Mask | None = None) -> Estimate:
    """The weighted share of ones among the respondents with an answer (`hits` is 0, 1 or nan).

    The interval is symmetrical on the logit scale (Korn and Graubard 1998), so it stays within 0 and
    1. Where nobody or everybody says yes it is the exact one-sided bound for the effective number.
    """
    value, error, number, freedom = _mean(hits, design, domain)
    answers = hits[_answered(hits, domain)]
    if number and answers.min() == answers.max():
        value = float(answers[0])
        weights = design.weights[_answered(hits, domain)]
        low, high = _exact_interval(value, effective_number(weights))
    else:
        low, high = _logit_interval(value, error, freedom)
    return Estimate(
        value=value,
        standard_error=error,
        low=low,
        high=high,
        respondents=number,
        degrees_of_freedom=freedom,
    )


def mean(values: Floats, design: Design, domain: Mask | None = None) -> Estimate:
    """The weighted mean of the answers (nan: no answer), sum(w y) / sum(w), with a t interval."""
    value, error, number, freedom = _mean(values, design, domain)
    margin = _quantile(freedom) * error
    return Estimate(
        value=value,
        standard_error=error,
        low=value - margin,
        high=value + margin,
        respondents=number,
        degrees_of_freedom=freedom,
    )


def total(values: Floats, design: Design, domain: Mask | None = None) -> Estimate:
    """The weighted total of the answers, sum(w y), with a t interval."""
    answered = _answered(values, domain)
    filled = np.where(answered, values, 0.0)
    value = float(design.weights @ filled)
    error = _standard_error(filled, design)
    freedom = degrees_of_freedom(design, domain)
    margin = _quantile(freedom) * error
    return Estimate(
        value=value,
        standard_error=error,
        low=value - margin,
        high=value + margin,
        respondents=int(answered.sum()),
        degrees_of_freedom=freedom,
    )


def contrast(
    values: Floats, design: Design, domains: Sequence[Mask], coefficients: Sequence[float]
) -> Difference:
    """A linear combination of domain means, such as one district minus the rest of the city.

    The domains share a design and its calibration, so their covariance is part of the standard error;
    the test is two-sided, from t with the degrees of freedom of the whole design.
    """
    influences, means = zip(*(_mean_influence(values, design, domain) for domain in domains), strict=True)
    value = float(np.dot(coefficients, means))
    error = _standard_error(np.asarray(coefficients) @ np.stack(influences), design)
    freedom = degrees_of_freedom(design)
    low, high, p_value = two_sided(value, error, freedom)
    return Difference(
        value=value,
        standard_error=error,
        low=low,
        high=high,
        p_value=p_value,
        degrees_of_freedom=freedom,
    )


def two_sided(value: float, error: float, freedom: int) -> tuple[float, float, float]:
    """The t interval around a value, and the p-value of its being zero.

    Without any spread or degrees of freedom there is no evidence: the p-value is 1.
    """
    margin = _quantile(freedom) * error
    p_value = 2 * float(stats.t.sf(abs(value) / error, freedom)) if error > 0 and freedom > 0 else 1.0
    return value - margin, value + margin, p_value


def observed(values: Floats, domain: Mask | None = None) -> Observed:
    """The plain share or mean of the answers (nan: no answer): for open participation."""
    answers = values[_answered(values, domain)]
    return Observed(value=float(answers.mean()) if len(answers) else float("nan"), respondents=len(answers))


def _mean(values: Floats, design: Design, domain: Mask | None) -> tuple[float, float, int, int]:
    answered = _answered(values, domain)
    influence, value = _mean_influence(values, design, domain)
    error = _standard_error(influence, design)
    return value, error, int(answered.sum()), degrees_of_freedom(design, domain)


def _mean_influence(values: Floats, design: Design, domain: Mask | None) -> tuple[Floats, float]:
    answered = _answered(values, domain)
    size = float(design.weights[answered].sum())
    if not size:
        return np.zeros_like(design.weights), float("nan")
    value = float(design.weights[answered] @ values[answered]) / size
    return np.where(answered, np.nan_to_num(values) - value, 0.0) / size, value


def _answered(values: Floats, domain: Mask | None) -> Mask:
    answered = ~np.isnan(values)
    return answered if domain is None else answered & domain


def _standard_error(influence: Floats, design: Design) -> float:
    return float(np.sqrt(covariance(influence[:, None], design)[0, 0]))


def _quantile(freedom: int) -> float:
    """With no degrees of freedom left anything is possible: an infinite margin."""
    return float(stats.t.ppf((1 + CONFIDENCE) / 2, freedom)) if freedom > 0 else float("inf")


def _logit_interval(value: float, error: float, freedom: int) -> tuple[float, float]:
    centre = np.log(value / (1 - value))
    margin = _quantile(freedom) * error / (value * (1 - value))
    return float(1 / (1 + np.exp(margin - centre))), float(1 / (1 + np.exp(-margin - centre)))


def _exact_interval(value: float, number: float) -> tuple[float, float]:
    """Clopper and Pearson's bound at 0 or 1, with the effective number in place of n."""
    bound = ((1 - CONFIDENCE) / 2) ** (1 / number)
    return (0.0, 1 - bound) if value == 0.0 else (bound, 1.0)
