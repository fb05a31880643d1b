"""The methods that a case may ask for, where it is not one statistic of a weighted sample."""

from typing import Any, Literal

import msgspec
import numpy as np
from msgspec.structs import replace

from analysis.estimation.domains import by_domain
from analysis.estimation.estimates import mean
from analysis.modelling.multilevel import VARYING, poststratified
from analysis.modelling.open_participation import (
    OpenEstimate,
    doubly_robust,
    mass_imputed,
    propensity_calibrated,
    propensity_weighted,
)
from analysis.modelling.small_areas import fay_herriot
from analysis.sampling.designs import Design, Floats
from analysis.verification.sampling import Condition, Tables, holding, kept
from analysis.verification.statistics import SHOWN, Result, described
from analysis.verification.steps import Margin, raked
from analysis.verification.strict import Strict
from analysis.weighting.adjustments import trim
from analysis.weighting.calibration import Regression, regression
from analysis.weighting.nonresponse import (
    Propensities,
    divide_by_propensity,
    response_propensities,
    weighting_classes,
)

ChainSteps = tuple[
    Literal["logit propensity"],
    Literal["base/propensity"],
    Literal["rake"],
    Literal["domain means with linearised variance"],
]
"""The words in which a case says what it does; other words are other steps."""

TrimmingSteps = tuple[
    Literal["logit propensity"],
    Literal["base/propensity"],
    Literal["rake"],
    Literal["trim strict, excess shared equally"],
    Literal["rake again"],
]


class FayHerriot(Strict, frozen=True, kw_only=True, tag_field="method", tag="fay_herriot_reml"):
    domain: tuple[str, ...]
    direct: tuple[float, ...]
    sampling_variance: tuple[float, ...]
    predictors: tuple[tuple[float, ...], ...] = msgspec.field(name="X")

    def result(self, tables: Tables) -> Result:
        found = fay_herriot(self.direct, self.sampling_variance, self.predictors, areas=self.domain)
        return {
            "sigma2_u": found.variance,
            "beta": found.coefficients,
            "gamma": [area.weight for area in found.areas],
            "eblup": [area.modelled for area in found.areas],
            "mse": [area.error**2 for area in found.areas],
        }


class Multilevel(Strict, frozen=True, kw_only=True, tag_field="method", tag="multilevel_poststratified"):
    """Shares by the first part of the formula that varies; `cells` is the table of the population."""

    data: str
    cells: str
    formula: str
    filter: tuple[Condition, ...] = ()
    optional: bool = False

    def result(self, tables: Tables) -> Result:
        found = poststratified(
            self.formula,
            kept(tables(self.data), self.filter),
            tables(self.cells),
            by=VARYING.findall(self.formula)[0],
        )
        return {
            "domain": [share.area for share in found.areas],
            "estimate": [share.modelled for share in found.areas],
            "overall": found.overall.modelled,
            "random_sd": list(found.deviations.values()),
            "fixed": list(found.coefficients.values()),
        }


class Covariates(Strict, frozen=True, kw_only=True):
    """People who came by themselves, an answer of theirs, and what predicts it or their coming."""

    nonprob_data: str
    covariates: str
    outcome: str


class WithReference(Covariates, frozen=True, kw_only=True):
    """The same beside a probability sample."""

    reference_data: str
    reference_weights: str

    def reference(self, tables: Tables) -> Design:
        return Design.of(tables(self.reference_data), weights=self.reference_weights)


class PropensityWeights(
    WithReference, frozen=True, kw_only=True, tag_field="method", tag="ipw_logit_pseudo_likelihood"
):
    normalise: Literal[True] = True

    def result(self, tables: Tables) -> Result:
        reference = self.reference(tables)
        found = propensity_weighted(
            self.outcome, self.covariates, tables(self.nonprob_data), reference, replicates=0, seed=0
        )
        account = _participation(found)
        known = found.value * account["sum_inverse_propensity"] / reference.weights.sum()
        return account | {"estimate_known_total": known}


class PropensityToTotals(
    Covariates, frozen=True, kw_only=True, tag_field="method", tag="ipw_logit_calibrated_to_totals"
):
    population: dict[str, float]
    normalise: Literal[True] = True

    def result(self, tables: Tables) -> Result:
        found = propensity_calibrated(
            self.outcome,
            self.covariates,
            tables(self.nonprob_data),
            self.population,
            replicates=0,
            seed=0,
        )
        return _participation(found)


class MassImputation(WithReference, frozen=True, kw_only=True, tag_field="method", tag="mass_imputation_glm"):
    family: Literal["gaussian", "binomial"]

    def result(self, tables: Tables) -> Result:
        found = mass_imputed(
            self.outcome,
            self.covariates,
            tables(self.nonprob_data),
            self.reference(tables),
            family=self.family,
            replicates=0,
            seed=0,
        )
        coefficients = found.answer_coefficients or {}
        return {
            "names": list(coefficients),
            "beta": list(coefficients.values()),
            "estimate": found.value,
        }


class DoublyRobust(WithReference, frozen=True, kw_only=True, tag_field="method", tag="doubly_robust"):
    family: Literal["gaussian", "binomial"]

    def result(self, tables: Tables) -> Result:
        found = doubly_robust(
            self.outcome,
            self.covariates,
            tables(self.nonprob_data),
            self.reference(tables),
            family=self.family,
            replicates=0,
            seed=0,
        )
        return {"estimate": found.value}


class Invited(Strict, frozen=True, kw_only=True):
    """Everybody invited, with base weights, and a model of who answered."""

    data: str
    formula: str
    base_weight: str
    filter: tuple[Condition, ...] = ()

    def design(self, tables: Tables, strata: str | None = None) -> Design:
        return Design.of(kept(tables(self.data), self.filter), weights=self.base_weight, strata=strata)

    def respondents(self, tables: Tables, found: Propensities, adjusted: Floats) -> Result:
        """What a case lists of those who answered; people are known by their row in the table, from 1."""
        rows = np.flatnonzero(holding(tables(self.data), self.filter)) + 1
        return {
            "sum_adjusted_weights": adjusted.sum(),
            "first_respondent_ids": rows[found.responded][:SHOWN],
            "first_adjusted_weights": adjusted[:SHOWN],
        }


class ResponsePropensities(
    Invited, frozen=True, kw_only=True, tag_field="method", tag="nonresponse_logit_unweighted"
):
    def result(self, tables: Tables) -> Result:
        design = self.design(tables)
        found = response_propensities(design, self.formula)
        adjusted = divide_by_propensity(design, found).design.weights
        return {
            "names": found.names,
            "beta": found.coefficients,
            "se_model": found.standard_errors,
            "first_propensities": found.values[:SHOWN],
            "min_adjusted": adjusted.min(),
            "max_adjusted": adjusted.max(),
        } | self.respondents(tables, found, adjusted)


class WeightingClasses(
    Invited, frozen=True, kw_only=True, tag_field="method", tag="nonresponse_weighting_classes"
):
    classes: int

    def result(self, tables: Tables) -> Result:
        design = self.design(tables)
        propensities = response_propensities(design, self.formula)
        found = weighting_classes(design, propensities, self.classes)
        made = found.classes
        return {
            "cut_points": made and made.cut_points,
            "factor": made and made.factors,
            "class_sizes": made and made.sizes,
        } | self.respondents(tables, propensities, found.design.weights)


class Chain(Invited, frozen=True, kw_only=True, tag_field="method", tag="chain"):
    """From base weights to domain means; the domains are the strata from which people were drawn."""

    steps: ChainSteps
    rake: tuple[Margin, ...]
    variable: str
    domain: str

    def result(self, tables: Tables, *, weighted_residuals: bool = True) -> Result:
        drawn = self.design(tables, strata=self.domain)
        design = raked(responding(drawn, self.formula), self.rake)
        if not weighted_residuals:
            design = _with_unweighted_residuals(design)
        whole = mean(self.variable, design)
        parts = by_domain(mean, self.variable, design=design, by=[self.domain])
        return {
            "estimate": whole.values[0],
            "se": whole.standard_errors[0],
            "domain": [part.key[0] for part in parts],
            "domain_estimate": [part.found.values[0] for part in parts],
            "domain_se": [part.found.standard_errors[0] for part in parts],
            "weights": described(design.weights),
        }


class ChainWithTrimming(Invited, frozen=True, kw_only=True, tag_field="method", tag="chain_trim"):
    steps: TrimmingSteps
    rake: tuple[Margin, ...]
    upper: float

    def result(self, tables: Tables) -> Result:
        once = raked(responding(self.design(tables), self.formula), self.rake)
        trimmed = trim(once, self.upper, strict=True).design
        return {
            "after_trim": described(trimmed.weights),
            "after_second_rake": described(raked(trimmed, self.rake).weights),
        }


Method = (
    ResponsePropensities
    | WeightingClasses
    | Chain
    | ChainWithTrimming
    | PropensityWeights
    | PropensityToTotals
    | MassImputation
    | DoublyRobust
    | FayHerriot
    | Multilevel
)


def flat(content: dict[str, Any]) -> dict[str, Any]:
    """The options of a method, which are written in its estimate or beside it."""
    options: dict[str, Any] = content["estimate"]
    return {name: value for name, value in content.items() if name != "estimate"} | options


def _participation(found: OpenEstimate) -> Result:
    account = found.participation
    if account is None:
        raise LookupError("The estimate has no model of who took part.")
    return {
        "names": list(account.coefficients),
        "theta": list(account.coefficients.values()),
        "estimate": found.value,
        "naive": found.observed,
        "sum_inverse_propensity": account.represented,
        "min_propensity": account.lowest_chance,
        "max_propensity": account.highest_chance,
    }


def responding(invited: Design, formula: str) -> Design:
    return divide_by_propensity(invited, response_propensities(invited, formula)).design


def _with_unweighted_residuals(raked: Design) -> Design:
    """The design with the residual rule of R's `rake`: the regression on the margins without weights."""
    (margins,) = raked.adjustments
    if not isinstance(margins, Regression):
        raise TypeError("After raking the adjustment is a regression on margins.")
    counts = np.bincount(margins.cell, minlength=margins.model.shape[0]).astype(float)
    unweighted = regression(np.ones(raked.size), raked.weights, margins.cell, margins.model, counts)
    return replace(raked, adjustments=(unweighted,))
