"""Small areas: a model that borrows strength from the other areas, beside what the area itself answered."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from msgspec import Struct
from scipy import optimize

from analysis.columns import ColumnError, repeated
from analysis.errors import LARGEST
from analysis.sampling.designs import Floats, Mask


class AreaModelError(ColumnError):
    """Direct estimates that no area model can be fitted to; says which area and what to do."""


class AreaEstimate(Struct, frozen=True, kw_only=True):
    """An area by the model and by its own respondents: print both, and which is which.

    `error` is the root of the mean squared error of `modelled`, and `direct_error` the standard error of
    `direct`; `weight` is how far the model follows the direct estimate, 0 to 1. Of a `synthetic` estimate
    that is not at all: the area has no direct one (nan), and only the predictors speak.
    """

    area: str
    direct: float
    direct_error: float
    modelled: float
    error: float
    weight: float
    synthetic: bool = False


class FayHerriot(Struct, frozen=True, kw_only=True):
    """Model-based estimates of areas; `variance` is that between areas that predictors do not explain."""

    areas: tuple[AreaEstimate, ...]
    coefficients: tuple[float, ...]
    variance: float
    label: str = "model-based"
    assumption: str = (
        "Areas differ from what the predictors say by normal chance, with one variance for all; the standard "
        "errors of the direct estimates are taken as known. An area unlike the others is pulled towards them."
    )


def fay_herriot(
    direct: npt.ArrayLike, variances: npt.ArrayLike, predictors: npt.ArrayLike, *, areas: Sequence[str]
) -> FayHerriot:
    """Empirical best linear unbiased predictions from direct estimates and predictors of areas.

    `direct` and their sampling `variances` have one entry per area, `predictors` shape (areas, predictors),
    a column of ones included. The variance between areas is found by restricted maximum likelihood (Fay and
    Herriot 1979; Rao and Molina 2015, section 6.1); the mean squared error is g1 + g2 + 2 g3 (Datta and
    Lahiri 2000). An area whose direct estimate and variance are both nan takes no part in the fit and gets
    the synthetic x'b, with mean squared error variance + x' Cov(b) x. Raises AreaModelError.
    """
    y, psi, x = (_numbers(given) for given in (direct, variances, predictors))
    _refuse_shapes(y, psi, x, areas)
    there = ~(np.isnan(y) & np.isnan(psi))
    _refuse(y, psi, x, there, areas)
    between = _restricted_maximum(y[there], psi[there], x[there])
    spread = between + psi
    covariance = np.linalg.inv(x[there].T @ (x[there] / spread[there, None]))
    coefficients = covariance @ (x[there].T @ (y[there] / spread[there]))
    weight = np.where(there, between / spread, 0.0)
    synthetic = x @ coefficients
    modelled = np.where(there, synthetic + weight * (y - synthetic), synthetic)
    own = np.where(there, weight * psi, between)
    of_coefficients = (1 - weight) ** 2 * np.einsum("ij,jk,ik->i", x, covariance, x)
    of_variance = np.where(there, psi**2 / spread**3 * 2 / (spread[there] ** -2).sum(), 0.0)
    errors = np.sqrt(own + of_coefficients + 2 * of_variance)
    return FayHerriot(
        areas=tuple(
            AreaEstimate(area=area, direct=d, direct_error=de, modelled=m, error=e, weight=t, synthetic=s)
            for area, d, de, m, e, t, s in zip(
                areas,
                *(each.tolist() for each in (y, np.sqrt(psi), modelled, errors, weight, ~there)),
                strict=True,
            )
        ),
        coefficients=tuple(coefficients.tolist()),
        variance=between,
    )


def _restricted_maximum(y: Floats, psi: Floats, x: Floats) -> float:
    """Where the restricted likelihood has no slope in the variance; 0 where it falls from there on.

    The slope is -tr(P)/2 + y'PPy/2, with P = V^-1 - V^-1 X (X'V^-1 X)^-1 X'V^-1 and V = variance + psi.
    """

    def slope(between: float) -> float:
        inverse = 1 / (between + psi)
        weighted = x * inverse[:, None]
        solved = np.linalg.solve(x.T @ weighted, weighted.T)
        trace = inverse.sum() - np.einsum("ij,ji->", weighted, solved)
        left = inverse * y - weighted @ (solved @ y)
        return float(left @ left - trace)

    if slope(0.0) <= 0:
        return 0.0
    highest = float(psi.max())
    while slope(highest) > 0:
        highest *= 2
    return float(optimize.brentq(slope, 0.0, highest, xtol=1e-300, rtol=1e-14))


def _numbers(given: npt.ArrayLike) -> Floats:
    try:
        found = np.asarray(given, dtype=float)
    except (TypeError, ValueError) as error:
        raise AreaModelError(f"An area model needs numbers, and as many for every area: {error}.") from error
    large = found[np.isfinite(found) & (np.abs(np.nan_to_num(found)) > LARGEST)]
    if len(large):
        raise AreaModelError(
            f"An area model has no use for {large[0]:g}: numbers go to {LARGEST:g}. Correct it."
        )
    return found


def _refuse_shapes(y: Floats, psi: Floats, x: Floats, areas: Sequence[str]) -> None:
    if {y.ndim, psi.ndim} != {1} or x.ndim != 2 or not len(y) == len(psi) == len(x) == len(areas):
        raise AreaModelError(
            f"{len(areas)} areas, direct estimates of shape {y.shape}, variances of shape {psi.shape}, "
            f"predictors of shape {x.shape}. Give one of each per area."
        )
    twice = repeated(areas)
    if twice is not None:
        raise AreaModelError(f"Area {twice} is given twice. Give one estimate for every area.")


def _refuse(y: Floats, psi: Floats, x: Floats, there: Mask, areas: Sequence[str]) -> None:
    filled = (("direct estimate", ~there | np.isfinite(y)), ("variance", ~there | np.isfinite(psi)))
    for name, right in (*filled, ("predictor", np.isfinite(x).all(axis=1))):
        if not right.all():
            raise AreaModelError(
                f"Area {areas[int(np.argmin(right))]} has no {name}. Complete it; an area without "
                "respondents has neither a direct estimate nor a variance (nan)."
            )
    if (psi <= 0).any():
        area = areas[int(np.flatnonzero(psi <= 0)[0])]
        raise AreaModelError(
            f"Area {area}: the sampling variance is {psi[psi <= 0][0]:g}, where a number above 0 is needed. "
            "With too few answers to estimate it, use a variance smoothed over areas."
        )
    if there.sum() <= x.shape[1] + 1:
        raise AreaModelError(
            f"{there.sum()} areas are too few for {x.shape[1]} predictors. Use fewer predictors."
        )
    if np.linalg.matrix_rank(x[there]) < x.shape[1]:
        raise AreaModelError("The predictors say the same twice: one follows from the others. Leave one out.")
