"""The statistics of the study: of a design, the value and bounds in every district.

The same function gives the truth, from the census. What a district cannot give (too few answers for a
model, an empty cell) is nan, and counted as no interval.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple, get_args

import numpy as np

from analysis import (
    CalibrationError,
    ColumnError,
    Design,
    DesignError,
    contrast,
    differences,
    domain_means,
    glm,
    mean,
    ordinal,
    proportion_interval,
    quantile,
    ratio,
    standardised,
    total,
    ttest,
)
from analysis.estimation.estimates import Statistics, variance
from analysis.estimation.intervals import Method
from analysis.estimation.regression import Regression
from analysis.formulas import FormulaError
from analysis.modelling.small_areas import AreaModelError
from tests.coverage.people import AREAS, Floats

REFUSALS = (AreaModelError, CalibrationError, ColumnError, DesignError, FormulaError)
"""What too few answers raise."""

METHODS = tuple(method for method in get_args(Method) if method != "xlogit")
SHARES = {"low": "low grade", "unmet": "unmet need", "trusts": "trust"}


class Bounds(NamedTuple):
    """A value with its interval; arrays have one entry per district."""

    value: Floats
    low: Floats
    high: Floats


Statistic = Callable[[Design], Bounds]
Of = Callable[[Design, str], tuple[float, float, float]]
"""Value and bounds of one district."""


def per_district(of: Of) -> Statistic:
    def found(design: Design) -> Bounds:
        return Bounds(*np.array([_or_nothing(of, design, area) for area in AREAS]).T)

    return found


def _or_nothing(of: Of, design: Design, area: str) -> tuple[float, float, float]:
    try:
        return of(design, area)
    except REFUSALS:
        return np.nan, np.nan, np.nan


def _inside(design: Design, area: str) -> np.ndarray:
    return np.asarray(design.data["area"] == area)


def _first(found: Statistics | Regression, place: int = 0) -> tuple[float, float, float]:
    low, high = found.interval()
    return found.values.flat[place], low.flat[place], high.flat[place]


def share(column: str, method: Method) -> Statistic:
    def of(design: Design, area: str) -> tuple[float, float, float]:
        found = proportion_interval(column, design, method=method, domain=_inside(design, area))
        return found.value, found.low, found.high

    return per_district(of)


def of_domain(statistic: Callable[..., Statistics], *columns: str) -> Statistic:
    return per_district(
        lambda design, area: _first(statistic(*columns, design, domain=_inside(design, area)))
    )


def quantile_at(column: str, probability: float, method: Method = "mean") -> Statistic:
    def of(design: Design, area: str) -> tuple[float, float, float]:
        inside = _inside(design, area)
        found = quantile(column, design, [probability], interval=method, domain=inside)
        # A bound beyond all answers excludes nothing.
        low, high = np.nan_to_num(found.low[0], nan=-np.inf), np.nan_to_num(found.high[0], nan=np.inf)
        return found.values[0], low, high

    return per_district(of)


def _next(design: Design, area: str) -> tuple[float, float, float]:
    other = AREAS[(AREAS.index(area) + 1) % len(AREAS)]
    found = contrast("wellbeing", design, "area", {area: 1, other: -1})
    return found.value, found.low, found.high


def _rest(design: Design, area: str) -> tuple[float, float, float]:
    return _first(differences("wellbeing", design, "area", levels=[area]).statistics)


def _standardised(design: Design, area: str) -> tuple[float, float, float]:
    """As if half of every district were 45 or older."""
    half = {"0": 1, "1": 1}
    return _first(standardised("wellbeing", design, "area", "older", half, domain=_inside(design, area)))


def _groups(design: Design, area: str) -> tuple[float, float, float]:
    found = ttest("wellbeing ~ older", design, domain=_inside(design, area))
    return found.value, found.low, found.high


def slope(formula: str, family: str) -> Statistic:
    fit = ordinal if family == "ordinal" else partial(glm, family=family)
    place = 0 if family == "ordinal" else 1
    return per_district(
        lambda design, area: _first(fit(formula, design, domain=_inside(design, area)), place)
    )


def together(design: Design) -> Bounds:
    found = domain_means(["wellbeing"], design, "area")
    low, high = found.interval()
    return Bounds(found.values[:, 0], low[:, 0], high[:, 0])


INTERVALS: Mapping[str, Statistic] = {
    f"{name}, {method}": share(column, method) for column, name in SHARES.items() for method in METHODS
} | {f"asked of few, {method}": share("filtered", method) for method in ("logit", "beta")}

ESTIMATES: Mapping[str, Statistic] = {
    "mean": of_domain(mean, "wellbeing"),
    "mean, `domain_means`": together,
    "total": of_domain(total, "unmet"),
    "ratio": of_domain(ratio, "grade", "confidence"),
    "variance": of_domain(variance, "wellbeing"),
    "median": quantile_at("wellbeing", 0.5),
    "lower quartile": quantile_at("wellbeing", 0.25),
    "lower quartile, beta": quantile_at("wellbeing", 0.25, "beta"),
    "median, without ties": quantile_at("bond", 0.5),
    "lower quartile, without ties": quantile_at("bond", 0.25),
    "lower quartile, without ties, beta": quantile_at("bond", 0.25, "beta"),
    "difference of two districts": per_district(_next),
    "difference from the rest": per_district(_rest),
    "standardised mean": per_district(_standardised),
    "difference of two groups, `ttest`": per_district(_groups),
    "slope, gaussian": slope("wellbeing ~ older", "gaussian"),
    "slope, binomial": slope("unmet ~ older", "binomial"),
    "slope, ordinal": slope("trust ~ older", "ordinal"),
}
