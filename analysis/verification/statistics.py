"""The statistics that a case may ask for, and what we compute for each, under the names of the format."""

from typing import Any, Literal, Protocol

import numpy as np

from analysis.columns import crossed, values_of
from analysis.estimation import chisquare, estimates, group_tests, regression
from analysis.estimation.domains import by_domain, contrast, differences, standardised
from analysis.estimation.estimates import CONFIDENCE, Statistics, quotient
from analysis.estimation.group_tests import ranktest, ttest
from analysis.estimation.hypotheses import HypothesisTest
from analysis.estimation.intervals import Method, proportion_interval
from analysis.estimation.quantiles import Rule, quantile
from analysis.estimation.regression import Family, glm, wald_test
from analysis.estimation.scales import alpha
from analysis.sampling.designs import Design, Mask
from analysis.sampling.variance import degrees_of_freedom, effective_number
from analysis.verification.spelling import Said, spelled
from analysis.verification.strict import Strict

SHOWN = 25
"""How many weights a case lists when there are more than SHORT."""

SHORT = 250

FAMILIES: dict[str, Family] = {
    "gaussian": "gaussian",
    "binomial": "binomial",
    "quasibinomial": "binomial",
    "poisson": "poisson",
    "quasipoisson": "poisson",
}
"""Of R's families: with survey weights quasi or not gives the same."""

Result = dict[str, Any]


class Asked(Strict, frozen=True, kw_only=True):
    """Options that every statistic has. Missing answers are always left out: R's `na_rm`."""

    na_rm: bool = False


class _Estimated(Protocol):
    """A statistic of one domain, and by which columns it is asked."""

    @property
    def by(self) -> str | tuple[str, ...]: ...
    def of(self, design: Design, *, domain: Mask) -> Result: ...


class ByDomain(Asked, frozen=True, kw_only=True):
    """A statistic of the whole, or with `by` of every combination of levels that has weight."""

    by: str | tuple[str, ...] = ()
    conf: float = CONFIDENCE

    def result(self: _Estimated, design: Design, domain: Mask) -> Result:
        if not self.by:
            return self.of(design, domain=domain)
        names = _listed(self.by)
        parts = by_domain(self.of, design=design, by=names, domain=domain)
        return {
            "rows": [
                {"key": dict(zip(names, part.key, strict=True)), "n": part.rows, **part.found}
                for part in parts
            ]
        }


class Mean(ByDomain, frozen=True, kw_only=True, tag_field="stat", tag="mean"):
    vars: str | tuple[str, ...]
    deff: Literal["wor", "wr"] | None = None

    def of(self, design: Design, *, domain: Mask) -> Result:
        names = list(_listed(self.vars))
        found = estimates.mean(names, design, domain=domain)
        return _vectors(found, self.conf) | self._effects(names, design, domain)

    def _effects(self, names: list[str], design: Design, domain: Mask) -> Result:
        if self.deff is None:
            return {}
        return {"deff": estimates.design_effect(names, design, replacement=self.deff == "wr", domain=domain)}


class Proportion(Mean, frozen=True, kw_only=True, tag_field="stat", tag="proportion"):
    """The same in the format: a mean of a category is a share per level."""


class Total(ByDomain, frozen=True, kw_only=True, tag_field="stat", tag="total"):
    vars: str | tuple[str, ...]
    deff: Literal["wor", "wr"] | None = None

    def of(self, design: Design, *, domain: Mask) -> Result:
        names = list(_listed(self.vars))
        found = _vectors(estimates.total(names, design, domain=domain), self.conf)
        if self.deff is None:
            return found
        return found | {
            "deff": estimates.design_effect(
                names, design, of="total", replacement=self.deff == "wr", domain=domain
            )
        }


class Ratio(ByDomain, frozen=True, kw_only=True, tag_field="stat", tag="ratio"):
    numerator: str
    denominator: str

    def of(self, design: Design, *, domain: Mask) -> Result:
        return _single(estimates.ratio(self.numerator, self.denominator, design, domain=domain), self.conf)


class Variance(Asked, frozen=True, kw_only=True, tag_field="stat", tag="variance"):
    vars: str | tuple[str, ...]

    def result(self, design: Design, domain: Mask) -> Result:
        names = list(_listed(self.vars))
        found = estimates.variance(names, design, domain=domain)
        shape = (len(names), len(names))
        return {"matrix": found.values.reshape(shape), "se": found.standard_errors.reshape(shape)}


class Quantile(ByDomain, frozen=True, kw_only=True, tag_field="stat", tag="quantile"):
    vars: str
    probs: tuple[float, ...]
    qrule: Rule = "math"
    interval: Method = "mean"

    def of(self, design: Design, *, domain: Mask) -> Result:
        found = quantile(
            self.vars,
            design,
            self.probs,
            rule=self.qrule,
            interval=self.interval,
            confidence=self.conf,
            domain=domain,
        )
        return {
            "probs": found.probabilities,
            "estimate": found.values,
            "se": found.standard_errors,
            "df": found.degrees_of_freedom,
            "ci_level": self.conf,
            "ci_lower": found.low,
            "ci_upper": found.high,
        }


class ProportionInterval(ByDomain, frozen=True, kw_only=True, tag_field="stat", tag="ciprop"):
    vars: str
    level: Said | None = None
    method: Method = "logit"

    def of(self, design: Design, *, domain: Mask) -> Result:
        found = proportion_interval(
            self.vars,
            design,
            level=None if self.level is None else spelled(self.level, values_of(design.data, self.vars)),
            method=self.method,
            confidence=self.conf,
            domain=domain,
        )
        # Without degrees of freedom ours is from 0 to 1, and R has none.
        known = found.degrees_of_freedom > 0
        return {
            "estimate": found.value,
            "se": found.standard_error,
            "df": found.degrees_of_freedom,
            "ci_level": self.conf,
            "ci_lower": found.low if known else None,
            "ci_upper": found.high if known else None,
        }


class Weights(Asked, frozen=True, kw_only=True, tag_field="stat", tag="weights"):
    def result(self, design: Design, domain: Mask) -> Result:
        return described(np.where(domain, design.weights, 0.0))


class DegreesOfFreedom(Asked, frozen=True, kw_only=True, tag_field="stat", tag="degf"):
    def result(self, design: Design, domain: Mask) -> Result:
        return {"df": degrees_of_freedom(design, domain)}


class Contrast(Asked, frozen=True, kw_only=True, tag_field="stat", tag="contrast"):
    vars: str
    by: str | tuple[str, ...]
    coefficients: dict[str, float]
    conf: float = CONFIDENCE

    def result(self, design: Design, domain: Mask) -> Result:
        found = contrast(
            self.vars,
            design,
            _listed(self.by),
            self.coefficients,
            confidence=self.conf,
            domain=domain,
        )
        return {
            "estimate": found.value,
            "se": found.standard_error,
            "df": found.degrees_of_freedom,
            "ci_level": self.conf,
            "ci_lower": found.low,
            "ci_upper": found.high,
            "t": quotient(np.array(found.value), found.standard_error),
            "p": _p_as_in_r(found.p_value, found.degrees_of_freedom),
        }


class DifferenceAll(Asked, frozen=True, kw_only=True, tag_field="stat", tag="difference_all"):
    vars: str
    by: str | tuple[str, ...]

    def result(self, design: Design, domain: Mask) -> Result:
        found = differences(self.vars, design, _listed(self.by), domain=domain)
        together = found.statistics
        return {
            "domain": found.levels,
            "estimate": together.values,
            "se": together.standard_errors,
            "df": together.degrees_of_freedom,
            "t": quotient(together.values, together.standard_errors),
            "p": _p_as_in_r(found.p_values, together.degrees_of_freedom),
            "p_bonferroni": _p_as_in_r(found.adjusted("bonferroni"), together.degrees_of_freedom),
            "p_holm": _p_as_in_r(found.adjusted("holm"), together.degrees_of_freedom),
            "p_bh": _p_as_in_r(found.adjusted("BH"), together.degrees_of_freedom),
            "p_by": _p_as_in_r(found.adjusted("BY"), together.degrees_of_freedom),
        }


class Standardised(Asked, frozen=True, kw_only=True, tag_field="stat", tag="standardised"):
    """`population` is in the order of the levels of `standard_by`."""

    vars: str
    by: str | tuple[str, ...]
    standard_by: str | tuple[str, ...]
    population: tuple[float, ...]

    def result(self, design: Design, domain: Mask) -> Result:
        levels = crossed(design.data, _listed(self.standard_by)).levels
        found = standardised(
            self.vars,
            design,
            _listed(self.by),
            _listed(self.standard_by),
            dict(zip(levels, self.population, strict=True)),
            domain=domain,
        )
        return {"key": found.names, "estimate": found.values, "se": found.standard_errors}


class Alpha(Asked, frozen=True, kw_only=True, tag_field="stat", tag="alpha"):
    vars: tuple[str, ...]

    def result(self, design: Design, domain: Mask) -> Result:
        return {"estimate": alpha(list(self.vars), design, domain=domain)}


class Regression(Asked, frozen=True, kw_only=True, tag_field="stat", tag="glm"):
    formula: str
    family: Literal["gaussian", "binomial", "quasibinomial", "poisson", "quasipoisson"] = "gaussian"
    wald_term: str | None = None
    conf: float = CONFIDENCE

    def result(self, design: Design, domain: Mask) -> Result:
        found = glm(self.formula, design, family=FAMILIES[self.family], domain=domain)
        low, high = found.interval(self.conf)
        return {
            "names": found.names,
            "estimate": found.values,
            "se": found.standard_errors,
            "t": found.t,
            "p": _p_as_in_r(found.p_values, found.degrees_of_freedom),
            "vcov": found.covariance,
            "df_residual": found.degrees_of_freedom,
            "n": found.respondents,
            "ci_level": self.conf,
            "ci_lower": low,
            "ci_upper": high,
        } | ({} if self.wald_term is None else {"wald": _wald(found, self.wald_term)})


class ChiSquare(Asked, frozen=True, kw_only=True, tag_field="stat", tag="chisq"):
    row: str
    col: str
    test: chisquare.Statistic = "F"

    def result(self, design: Design, domain: Mask) -> Result:
        return _tested(chisquare.chisq(self.row, self.col, design, statistic=self.test, domain=domain))


class TTest(Asked, frozen=True, kw_only=True, tag_field="stat", tag="ttest"):
    formula: str
    conf: float = CONFIDENCE

    def result(self, design: Design, domain: Mask) -> Result:
        found = ttest(self.formula, design, domain=domain, confidence=self.conf)
        return {
            "t": found.test.statistic,
            "df": found.test.degrees_of_freedom[0],
            "p": _p_as_in_r(found.test.p_value, found.test.degrees_of_freedom[0]),
            "estimate": found.value,
            "se": found.standard_error,
            "ci_level": self.conf,
            "ci_lower": found.low,
            "ci_upper": found.high,
        }


class RankTest(Asked, frozen=True, kw_only=True, tag_field="stat", tag="ranktest"):
    formula: str
    test: group_tests.RankTest = "wilcoxon"

    def result(self, design: Design, domain: Mask) -> Result:
        found = _tested(ranktest(self.formula, design, test=self.test, domain=domain, ties="by row"))
        return found if len(found["parameter"]) == 1 else _in_the_layout_of_r(found)


Statistic = (
    Mean
    | Proportion
    | Total
    | Ratio
    | Variance
    | Quantile
    | ProportionInterval
    | Contrast
    | DifferenceAll
    | Standardised
    | Alpha
    | Regression
    | ChiSquare
    | TTest
    | RankTest
    | Weights
    | DegreesOfFreedom
)


def _p_as_in_r(p_values: Any, freedom: float = 1) -> Any:
    """R gives no p-value without degrees of freedom, where ours is 1."""
    return p_values if freedom > 0 else np.full(np.shape(p_values), np.nan)


def _tested(found: HypothesisTest) -> Result:
    return {
        "statistic": found.statistic,
        "parameter": found.degrees_of_freedom or None,
        "p": _p_as_in_r(found.p_value, *found.degrees_of_freedom[-1:]),
    }


def _in_the_layout_of_r(found: Result) -> Result:
    """For more than two groups R gives the degrees of freedom as statistic, the chi-square as parameter."""
    groups, _ = found["parameter"]
    return found | {"statistic": groups, "parameter": [found["statistic"] * groups]}


def _wald(model: regression.Regression, term: str) -> Result:
    found = wald_test(model, term)
    numerator, denominator = found.degrees_of_freedom
    return {
        "term": term,
        "F": found.statistic,
        "df": numerator,
        "ddf": denominator,
        "p": _p_as_in_r(found.p_value, denominator),
    }


def described(weights: Any) -> Result:
    """Weights and what the format tells of them."""
    number, total = len(weights), weights.sum()
    shown = number if number <= SHORT else SHOWN
    return {
        "n": number,
        "sum": total,
        "sum_sq": weights @ weights,
        "min": weights.min(),
        "max": weights.max(),
        "cv": weights.std() / weights.mean(),
        "kish_deff": number / effective_number(weights),
        "kish_neff": effective_number(weights),
        "sum_w_times_row": weights @ np.arange(1, number + 1),
        "first_rows": shown,
        "weights": weights[:shown],
    }


def _vectors(found: Statistics, confidence: float) -> Result:
    low, high = found.interval(confidence)
    return {
        "names": found.names,
        "estimate": found.values,
        "se": found.standard_errors,
        "vcov": found.covariance,
        "df": found.degrees_of_freedom,
        "ci_level": confidence,
        "ci_lower": low,
        "ci_upper": high,
    }


def _single(found: Statistics, confidence: float) -> Result:
    """The same for one statistic, that has no name."""
    low, high = found.interval(confidence)
    return {
        "estimate": found.values[0],
        "se": found.standard_errors[0],
        "df": found.degrees_of_freedom,
        "ci_level": confidence,
        "ci_lower": low[0],
        "ci_upper": high[0],
    }


def _listed(names: str | tuple[str, ...]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else names
