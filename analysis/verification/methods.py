"""The methods that a case may ask for, where it is not one statistic of a weighted sample."""

from typing import Any, Literal

import msgspec

from analysis.designs import Design
from analysis.multilevel import VARYING, poststratified
from analysis.open_participation import (
    OpenEstimate,
    doubly_robust,
    mass_imputed,
    propensity_calibrated,
    propensity_weighted,
)
from analysis.small_areas import fay_herriot
from analysis.verification.sampling import Condition, Tables, holding
from analysis.verification.statistics import Result
from analysis.verification.strict import Strict


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
        whole = tables(self.data)
        rows = holding(whole, self.filter)
        found = poststratified(
            self.formula,
            {name: column[rows] for name, column in whole.items()},
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


Method = FayHerriot | Multilevel | PropensityWeights | PropensityToTotals | MassImputation | DoublyRobust


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
