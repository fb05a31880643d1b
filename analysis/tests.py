"""Tests and regression under the design: what differs between areas, and what goes with what."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt
from msgspec import Struct
from statsmodels.genmod.families import Binomial, Gaussian
from statsmodels.genmod.generalized_linear_model import GLM

from analysis.columns import Column
from analysis.designs import Design
from analysis.domains import Difference, differences
from analysis.estimates import two_sided
from analysis.variance import covariance, degrees_of_freedom

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

SIGNIFICANCE = 0.05


class AreaDifference(Struct, frozen=True, kw_only=True):
    """One area against the rest of the municipality.

    `adjusted_p` controls the false discovery rate over all areas of the indicator. `mark` is "higher"
    or "lower" only when that is below 0.05 and the difference is large enough to matter.
    """

    difference: Difference
    adjusted_p: float
    mark: Literal["higher", "lower", "same"]


def compare_areas(
    values: Floats, design: Design, areas: Column, shown: Sequence[str], relevant: float
) -> tuple[AreaDifference, ...]:
    """Each area minus all the others together (Benjamini and Hochberg 1995 over the areas).

    `areas` is that of each row; `shown` are those that will be published; `relevant` is the smallest
    difference worth a mark.
    """
    if not shown:
        return ()
    found = differences(values, design, areas, levels=shown)
    return tuple(
        AreaDifference(difference=difference, adjusted_p=float(p), mark=_mark(difference.value, p, relevant))
        for difference, p in zip(found.differences, found.adjusted(), strict=True)
    )


class Coefficient(Struct, frozen=True, kw_only=True):
    name: str
    value: float
    standard_error: float
    low: float
    high: float
    p_value: float


def regress(
    outcome: Floats,
    predictors: dict[str, Floats],
    design: Design,
    family: Literal["linear", "logistic"] = "linear",
) -> tuple[Coefficient, ...]:
    """Weighted linear or logistic regression with an intercept; rows with a nan stay in the design only.

    statsmodels finds the coefficients; standard errors are ours, from the influence A^-1 x (y - mu)
    with A the weighted information (Binder 1983), t with degrees of freedom of the design + 1 - p.
    """
    model = np.column_stack([np.ones(len(outcome)), *predictors.values()])
    used = ~(np.isnan(model).any(axis=1) | np.isnan(outcome))
    weights = design.weights[used]
    chosen = Gaussian() if family == "linear" else Binomial()
    fit = GLM(outcome[used], model[used], family=chosen, var_weights=weights).fit(tol=1e-12, maxiter=200)
    spread = chosen.variance(fit.mu) if family == "logistic" else np.ones(len(weights))
    information = model[used].T @ (model[used] * (weights * spread)[:, None])
    scores = model[used] * (outcome[used] - fit.mu)[:, None]
    influence = np.zeros_like(model)
    influence[used] = np.linalg.solve(information, scores.T).T
    errors = np.sqrt(np.diag(covariance(influence, design)))
    freedom = degrees_of_freedom(design, used) + 1 - model.shape[1]
    return tuple(
        _coefficient(name, float(value), float(error), freedom)
        for name, value, error in zip(("intercept", *predictors), fit.params, errors, strict=True)
    )


def _coefficient(name: str, value: float, error: float, freedom: int) -> Coefficient:
    low, high, p_value = two_sided(value, error, freedom)
    return Coefficient(name=name, value=value, standard_error=error, low=low, high=high, p_value=p_value)


def _mark(value: float, p: float, relevant: float) -> Literal["higher", "lower", "same"]:
    if p >= SIGNIFICANCE or abs(value) < relevant:
        return "same"
    return "higher" if value > 0 else "lower"
