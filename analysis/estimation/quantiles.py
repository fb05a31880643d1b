"""Quantiles, such as the median, with the interval of Woodruff (1952)."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from analysis.columns import Column, ColumnError
from analysis.errors import refuse_other
from analysis.estimation.estimates import CONFIDENCE, Floats, Mask, answers
from analysis.estimation.hypotheses import half_width
from analysis.estimation.intervals import Method, proportion_interval
from analysis.frozen import Frozen
from analysis.sampling.designs import Codes, Design
from analysis.sampling.rows import refuse_negative
from analysis.sampling.variance import degrees_of_freedom

Rule = Literal["math", "school", "hf1", "hf2", "hf3", "hf4", "hf5", "hf6", "hf7", "hf8", "hf9"]
"""Which value is the quantile where none splits the weights exactly: see `weighted_quantiles`."""

SAME = 1e-12
"""Shares of the weights that differ by less than this, relatively, are the same."""


class Quantiles(Frozen, frozen=True, kw_only=True, eq=False):
    """Quantiles at `probabilities`, each with its interval; a bound beyond all answers is nan."""

    probabilities: Floats
    values: Floats
    low: Floats
    high: Floats
    standard_errors: Floats
    degrees_of_freedom: int
    respondents: int


def quantile(
    column: Column,
    design: Design,
    probabilities: Sequence[float] = (0.5,),
    *,
    rule: Rule = "math",
    interval: Method = "mean",
    confidence: float = CONFIDENCE,
    domain: Mask | None = None,
) -> Quantiles:
    """Weighted quantiles of a column of numbers (nan: no answer).

    Woodruff's interval (1952): that of the share of answers up to the quantile, by the method `interval` (see
    `analysis.estimation.intervals`), mapped back by the same rule. The standard error is its width / (2 t).
    As in R's survey, t has the degrees of freedom of those who answered; those reported are the domain's.
    Raises ColumnError, DesignError, LoneStratum or EmptyReplicate.
    """
    refuse_other("interval", interval, Method)
    wanted = np.atleast_1d(np.asarray(probabilities))
    if wanted.dtype.kind not in "biuf" or not ((wanted >= 0) & (wanted <= 1)).all():
        raise ColumnError(f"Quantiles are asked for at {wanted.tolist()}: give probabilities from 0 to 1.")
    found = answers([column], design, domain, holding="numbers")
    chosen = found.counted & (design.weights != 0)
    refuse_negative("Quantiles", design, chosen)
    values, weights = found.values[chosen, 0], design.weights[chosen]
    freedom = degrees_of_freedom(design, found.counted)
    quantiles = weighted_quantiles(values, weights, wanted, rule)
    bounds = np.full((2, len(wanted)), np.nan)
    reach = float(half_width(1.0, freedom, confidence)) if freedom > 0 else float("nan")
    for place, at in enumerate(quantiles if len(values) else ()):
        below = np.where(found.counted, (found.values[:, 0] <= at).astype(float), np.nan)
        share = proportion_interval(
            below, design, method=interval, confidence=confidence, domain=found.counted
        )
        bounds[:, place] = weighted_quantiles(values, weights, np.array([share.low, share.high]), rule)
    return Quantiles(
        probabilities=wanted.astype(float),
        values=quantiles,
        low=bounds[0],
        high=bounds[1],
        standard_errors=(bounds[1] - bounds[0]) / (2 * reach),
        degrees_of_freedom=degrees_of_freedom(design, domain),
        respondents=len(values),
    )


def weighted_quantiles(values: Floats, weights: Floats, probabilities: Floats, rule: Rule) -> Floats:
    """The nine definitions of Hyndman and Fan (1996) with weights; nan outside 0 to 1 and without values.

    Let C be the running sum of weights over the sorted values. hf1 (`math`): the first value with C >= p
    sum(w); hf2 (`school`): the mean of this and the next where C = p sum(w); hf3: the value with C nearest,
    of two equally near the even one. hf4 to hf9 draw straight lines between values at these p: C_k/C_n,
    (C_k - w_k/2)/C_n, C_k/(C_n + w_n), C_(k-1)/C_(n-1), (C_k - w_k/3)/(C_n + w_n/3) and
    (C_k - 3 w_k/8)/(C_n + w_n/4).
    """
    refuse_other("rule for quantiles", rule, Rule)
    found = np.full(len(probabilities), np.nan)
    inside = (probabilities >= 0) & (probabilities <= 1)
    if len(values):
        order = np.argsort(values, kind="stable")
        found[inside] = _at(values[order], weights[order], probabilities[inside], rule)
    return found


def _at(values: Floats, weights: Floats, probabilities: Floats, rule: Rule) -> Any:
    running = np.cumsum(weights)
    whole = running[-1]
    last = len(values) - 1
    if rule in {"math", "school", "hf1", "hf2"}:
        first = np.minimum(np.searchsorted(running, probabilities * whole * (1 - SAME)), last)
        exact = np.isclose(running[first], probabilities * whole, rtol=SAME, atol=0)
        after = np.where(exact & (rule in ("school", "hf2")), np.minimum(first + 1, last), first)
        return (values[first] + values[after]) / 2
    if rule == "hf3":
        return values[_nearest(running / whole, probabilities)]
    if rule == "hf7" and last == 0:
        return np.full(len(probabilities), values[0])
    places = {
        "hf4": lambda: running / whole,
        "hf5": lambda: (running - weights / 2) / whole,
        "hf6": lambda: running / (whole + weights[-1]),
        "hf7": lambda: (running - weights) / running[-2],
        "hf8": lambda: (running - weights / 3) / (whole + weights[-1] / 3),
        "hf9": lambda: (running - 3 * weights / 8) / (whole + weights[-1] / 4),
    }[rule]()
    return np.interp(probabilities, places, values)


def _nearest(shares: Floats, probabilities: Floats) -> Codes:
    """The place of the nearest share; of two that are equally near the one with an even number from 1."""
    after = np.minimum(np.searchsorted(shares, probabilities * (1 - SAME)), len(shares) - 1)
    before = np.maximum(after - 1, 0)
    up, down = shares[after] - probabilities, probabilities - shares[before]
    tied = np.isclose(up, down, rtol=1e-9, atol=0)
    return np.where(tied, np.where(after % 2 == 1, after, before), np.where(up < down, after, before))
