"""Standard errors from the design: Taylor linearisation for a stratified sample of persons."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from analysis.calibration import Calibration, residuals

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]


class LoneStratum(Exception):
    """A stratum with one respondent: its spread cannot be estimated."""


class Design(Struct, frozen=True, kw_only=True, eq=False):
    """How the respondents were drawn and weighted, one row per respondent.

    `weights` are the final weights; `strata` the stratum of each respondent, as a place in
    `stratum_names`; `fractions` the sampling fraction n/N of every stratum, or None to treat the sample
    as drawn with replacement (slightly cautious); `calibration` is None when the weights are base weights.
    """

    weights: Floats
    strata: Codes
    stratum_names: tuple[str, ...]
    fractions: Floats | None = None
    calibration: Calibration | None = None


def covariance(influence: Floats, design: Design) -> Floats:
    """Covariance matrix of the statistics whose influence values are given.

    `influence` has shape (respondents, statistics): u = z/w, the linearised value before weighting,
    zero outside a domain (the respondent stays in the design). After calibration u is replaced by its
    residual on the margins. Per stratum: n/(n-1) (1 - n/N) sum (z - mean z)^2, z = w u
    (Särndal, Swensson and Wretman 1992, sections 5.5 and 6.6; Woodruff 1971).

    Raises LoneStratum.
    """
    left = influence if design.calibration is None else residuals(design.calibration, influence)
    weighted = design.weights[:, None] * left
    factors = _factors(design)
    number = np.bincount(design.strata, minlength=len(factors))
    sums = np.column_stack([np.bincount(design.strata, column, len(factors)) for column in weighted.T])
    scaled = weighted * np.sqrt(factors)[design.strata, None]
    means = sums / np.maximum(number, 1)[:, None]
    centred = scaled - (means * np.sqrt(factors)[:, None])[design.strata]
    return centred.T @ centred


def degrees_of_freedom(design: Design, domain: Mask | None = None) -> int:
    """Respondents minus strata, counted within the domain."""
    strata = design.strata if domain is None else design.strata[domain]
    return len(strata) - len(np.unique(strata))


def effective_number(weights: Floats) -> float:
    """Kish's effective number of respondents, (sum w)^2 / sum w^2 (Kish 1965, section 11.7)."""
    return float(weights.sum() ** 2 / (weights @ weights)) if len(weights) else 0.0


def refuse_lone_strata(strata: Codes, names: Sequence[str]) -> None:
    """Raise LoneStratum when one respondent stands for a whole stratum."""
    number = np.bincount(strata, minlength=len(names))
    alone = [name for name, count in zip(names, number, strict=True) if count == 1]
    if alone:
        raise LoneStratum(
            f"Only one person answered in {', '.join(alone)}: no margin of error can be computed. "
            "Name the area together with a neighbour in merge_areas in the plan."
        )


def _factors(design: Design) -> Floats:
    refuse_lone_strata(design.strata, design.stratum_names)
    number = np.bincount(design.strata, minlength=len(design.stratum_names)).astype(float)
    remaining = 1.0 if design.fractions is None else 1.0 - design.fractions
    return np.where(number > 1, number / np.maximum(number - 1, 1) * remaining, 0.0)
