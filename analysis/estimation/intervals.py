"""Intervals for a proportion that stay within 0 and 1, also in small groups."""

from collections.abc import Callable
from typing import Literal

import numpy as np
from msgspec import Struct
from scipy import interpolate, special, stats

from analysis.columns import MISSING, Column, ColumnError, called
from analysis.errors import refuse_no_share, refuse_other
from analysis.estimation.estimates import CONFIDENCE, Estimate, Floats, Mask, answers, mean
from analysis.estimation.hypotheses import half_width
from analysis.sampling.designs import Design
from analysis.sampling.rows import row_categories, rows_in
from analysis.sampling.variance import effective_number

Method = Literal["logit", "xlogit", "likelihood", "asin", "beta", "wilson", "mean"]
"""How an interval is made: see the function of that name in this module; xlogit is another name of logit."""

PROFILE_STEPS = 9
"""The most steps to either side at which the likelihood is worked out."""


class Share(Struct, frozen=True, kw_only=True):
    """A proportion strictly between 0 and 1, its standard error, degrees of freedom and rows."""

    value: float
    error: float
    freedom: int
    rows: int


def proportion_interval(
    column: Column,
    design: Design,
    *,
    level: str | None = None,
    method: Method = "logit",
    confidence: float = CONFIDENCE,
    domain: Mask | None = None,
) -> Estimate:
    """The weighted share of ones (a column of 0, 1 and nan), or of rows that have `level`.

    The formula and source of every `method` stand in the docstring of its function in this module.
    Where nobody or everybody says yes there is no standard error to start from; then, with any method,
    it is the exact one-sided bound of Clopper and Pearson for the effective number.
    """
    refuse_other("interval", method, Method)
    refuse_no_share("confidence", confidence)
    hits = _hits(column, design, level)
    counted = answers([hits], design, domain).counted & (design.weights != 0)
    found = mean([hits], design, domain=domain).estimate()
    low, high = found.low, found.high
    if counted.any() and hits[counted].min() == hits[counted].max():
        low, high = _exact(found.value, effective_number(design.weights[counted]), confidence)
    elif counted.any():
        share = Share(
            value=found.value,
            error=found.standard_error,
            freedom=found.degrees_of_freedom,
            rows=rows_of(design, domain),
        )
        low, high = interval(share, method, confidence)
    return Estimate(
        value=found.value,
        standard_error=found.standard_error,
        low=low,
        high=high,
        respondents=found.respondents,
        degrees_of_freedom=found.degrees_of_freedom,
    )


def interval(share: Share, method: Method, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """The bounds of a share by one of the methods.

    Without degrees of freedom these are 0 and 1 (`mean`: -inf and inf). Without a standard error, because
    the weights are made to give this share, it is both bounds.
    """
    if share.error == 0:
        return share.value, share.value
    low, high = _METHODS[method](share, confidence)
    return float(low), float(high)


def rows_of(design: Design, domain: Mask | None) -> int:
    """The rows that intervals by `beta` and `likelihood` reckon with, as R's survey does.

    These are the rows of the domain, answered or not; but all rows once the weights were adjusted.
    """
    return design.size if design.adjustments else int(rows_in(domain, design).sum())


def logit(share: Share, confidence: float) -> tuple[float, float]:
    """Symmetrical on the logit scale, with standard error se / (p (1 - p)) (Korn and Graubard 1998)."""
    centre = special.logit(share.value)
    reach = float(half_width(share.error / (share.value * (1 - share.value)), share.freedom, confidence))
    return special.expit(centre - reach), special.expit(centre + reach)


def asin(share: Share, confidence: float) -> tuple[float, float]:
    """Symmetrical on the scale of arcsin(root p), with standard error se / (2 root(p (1 - p)))."""
    centre = np.arcsin(np.sqrt(share.value))
    error = share.error / (2 * np.sqrt(share.value * (1 - share.value)))
    reach = float(half_width(error, share.freedom, confidence))
    return np.sin(max(centre - reach, 0.0)) ** 2, np.sin(min(centre + reach, np.pi / 2)) ** 2


def beta(share: Share, confidence: float) -> tuple[float, float]:
    """Clopper and Pearson's with n_eff = p (1-p) / se^2 (t(n-1) / t(df))^2 (Korn and Graubard 1998)."""
    tail = (1 - confidence) / 2
    if share.freedom <= 0 or share.rows <= 1:
        return 0.0, 1.0
    turned = stats.t.ppf(tail, share.rows - 1) / stats.t.ppf(tail, share.freedom)
    number = share.value * (1 - share.value) / share.error**2 * turned**2
    yes, no = number * share.value, number * (1 - share.value)
    return stats.beta.ppf(tail, yes, no + 1), stats.beta.isf(tail, yes + 1, no)


def wilson(share: Share, confidence: float) -> tuple[float, float]:
    """Every p with |p^ - p| <= t root(p (1-p) / n_eff), n_eff = p^ (1-p^) / se^2 (Wilson 1927).

    With t and the effective number in the places of z and n, as studied by Franco, Little, Louis and
    Slud (2019).
    """
    if share.freedom <= 0:
        return 0.0, 1.0
    number = share.value * (1 - share.value) / share.error**2
    square = float(half_width(1.0, share.freedom, confidence)) ** 2 / number
    centre = (share.value + square / 2) / (1 + square)
    reach = np.sqrt(square * (share.value * (1 - share.value) + square / 4)) / (1 + square)
    return float(centre - reach), float(centre + reach)


def plain(share: Share, confidence: float) -> tuple[float, float]:
    """The share and t times its standard error on either side; may pass 0 and 1."""
    reach = float(half_width(share.error, share.freedom, confidence))
    return share.value - reach, share.value + reach


def likelihood(share: Share, confidence: float) -> tuple[float, float]:
    """Every p whose deviance is at most t^2 times what the design makes of one (Rao and Scott 1984).

    The deviance 2 n (p^ log(p^/p) + (1-p^) log((1-p^)/(1-p))), n rows, is divided by the dispersion
    n/(n-1), and t^2 multiplied by se^2 over the binomial variance. As R's survey does, the bound is read
    from a table: the signed root at steps of a fifth of its largest, a cubic spline through these at
    three times as many points, and a straight line between two of them.
    """
    if share.freedom <= 0 or share.rows <= 1:
        return 0.0, 1.0
    binomial = share.value * (1 - share.value)
    reach = float(half_width(share.error * np.sqrt(share.rows / binomial), share.freedom, confidence))
    largest = np.sqrt(stats.f.isf(stats.norm.sf(reach) / 2, 1, share.rows - 1))
    step = largest / 5 * share.error / binomial
    below = _profile(share, -step, largest)
    above = _profile(share, step, largest)
    places = np.array([*(x for x, _ in reversed(below)), special.logit(share.value), *(x for x, _ in above)])
    roots = np.array([*(z for _, z in reversed(below)), 0.0, *(z for _, z in above)])
    fine = np.linspace(places[0], places[-1], 3 * len(places))
    low, high = np.interp([-reach, reach], interpolate.CubicSpline(places, roots)(fine), fine)
    return special.expit(low), special.expit(high)


def _profile(share: Share, step: float, largest: float) -> list[tuple[float, float]]:
    """Logits at equal steps and the signed root of their deviance, until that is large enough."""
    found: list[tuple[float, float]] = []
    for number in range(1, PROFILE_STEPS + 1):
        place = float(special.logit(share.value)) + number * step
        other = float(special.expit(place))
        deviance = (
            2
            * (share.rows - 1)
            * float(special.kl_div(share.value, other) + special.kl_div(1 - share.value, 1 - other))
        )
        found.append((place, float(np.sign(step) * np.sqrt(deviance))))
        if np.sqrt(deviance) >= largest:
            break
    return found


def _exact(value: float, number: float, confidence: float) -> tuple[float, float]:
    bound = ((1 - confidence) / 2) ** (1 / number)
    return (0.0, 1 - bound) if value < 0.5 else (bound, 1.0)


def _hits(column: Column, design: Design, level: str | None) -> Floats:
    if level is None:
        found = answers([column], design, holding="numbers")
        if not np.isin(found.values, (0.0, 1.0)).all():
            raise ColumnError(f"{called(column)} has other values than 0 and 1. Say whose share, with level.")
        return np.where(found.counted, found.values[:, 0], np.nan)
    among = row_categories(column, design)
    if level not in among.levels:
        raise ColumnError(f"{called(column)} has no level {level}. There are: {', '.join(among.levels)}.")
    return np.where(among.codes == MISSING, np.nan, among.codes == among.levels.index(level)).astype(float)


_METHODS: dict[Method, Callable[[Share, float], tuple[float, float]]] = {
    "logit": logit,
    "xlogit": logit,
    "likelihood": likelihood,
    "asin": asin,
    "beta": beta,
    "wilson": wilson,
    "mean": plain,
}
