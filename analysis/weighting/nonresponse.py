"""Adjusting for nonresponse: who answers is modelled among all that were invited.

The design is that of everybody invited; what comes back is the design of those who answered. Propensities
are treated as fixed in standard errors.
"""

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import statsmodels.api as sm
from msgspec import Struct
from msgspec.structs import replace
from statsmodels.tools.sm_exceptions import PerfectSeparationWarning

from analysis.errors import refuse_no_whole
from analysis.formulas import hole, model_matrix, refuse_undetermined, sides, variables
from analysis.frozen import Frozen, read_only
from analysis.sampling.designs import Design, Floats, Mask, Stage, UnitNames
from analysis.sampling.variance import effective_number
from analysis.weighting.calibration import CalibrationError, EmptyCell

Codes = npt.NDArray[np.intp]

CERTAIN = 1e-7
"""A chance this near to 0 or 1 is one that the model would make 0 or 1 if it could."""


class Propensities(Frozen, frozen=True, kw_only=True, eq=False):
    """A fitted model of response: coefficients with the standard errors of the model.

    `values` is the chance of everybody invited to answer, `responded` who did.
    """

    names: tuple[str, ...]
    coefficients: Floats
    standard_errors: Floats
    values: Floats
    responded: Mask


class Classes(Frozen, frozen=True, kw_only=True, eq=False):
    """Weighting classes of like propensity.

    `cut_points` are one more than classes; per class the factor of the weights and how many were invited.
    """

    cut_points: Floats
    factors: Floats
    sizes: Codes


class Responding(Struct, frozen=True, kw_only=True, eq=False):
    """The design of those who answered, weighted for those who did not.

    `smallest_ratio` and `largest_ratio` of new to old weight; `design_effect` of the new weights (Kish).
    """

    design: Design
    smallest_ratio: float
    largest_ratio: float
    design_effect: float
    effective_number: float
    classes: Classes | None = None


def response_propensities(design: Design, formula: str) -> Propensities:
    """Chances to answer by an unweighted logistic regression, `responded ~ age + sex`, over all invited.

    (Little 1986; Särndal, Swensson and Wretman 1992, section 15.6.) The model describes who answered, not
    the population, so it is fitted without weights and its standard errors are not survey ones. Raises
    FormulaError, ColumnError or CalibrationError.
    """
    matrix = model_matrix(formula, design.data, np.ones(design.size, dtype=bool))
    if matrix.outcome is None or not np.isin(matrix.outcome, (0, 1)).all():
        raise CalibrationError(f"Formula {formula}: before the ~ stands a column of 1 (answered) and 0.")
    empty = hole((str(sides(formula).outcome), *variables(formula)), design.data, matrix.rows)
    if empty is not None:
        raise CalibrationError(
            f"Formula {formula}: column {empty[0]} is empty in row {empty[1]}. The response model needs "
            "everybody invited: take columns known of all."
        )
    responded = matrix.outcome == 1
    if responded.all() or not responded.any():
        raise CalibrationError("Everybody or nobody answered, so there is no response to model.")
    refuse_undetermined(matrix)
    # Separation is found below, in the chances themselves, where it can be explained.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PerfectSeparationWarning)
        warnings.simplefilter("ignore", RuntimeWarning)
        fitted = sm.GLM(matrix.outcome, matrix.values, family=sm.families.Binomial()).fit(
            tol=1e-14, maxiter=100
        )
    chances = np.asarray(fitted.fittedvalues)
    certain = np.minimum(chances, 1 - chances) < CERTAIN
    if certain.any():
        row = int(np.flatnonzero(certain)[0]) + 1
        raise CalibrationError(
            f"Formula {formula}: the columns tell exactly whether people like row {row} answered, so "
            "nobody who answered stands for those who did not. Merge levels, or leave a column out."
        )
    return Propensities(
        names=matrix.names,
        coefficients=np.asarray(fitted.params),
        standard_errors=np.asarray(fitted.bse),
        values=chances,
        responded=responded,
    )


def divide_by_propensity(design: Design, propensities: Propensities) -> Responding:
    """Those who answered, their weights divided by their chance to answer: w / p.

    (Little 1986; Särndal, Swensson and Wretman 1992, section 15.6.) Raises CalibrationError.
    """
    return _responding(design, propensities.responded, 1 / propensities.values)


def weighting_classes(design: Design, propensities: Propensities, classes: int = 5) -> Responding:
    """Those who answered, weighted in classes of like propensity so that each keeps its weight.

    Classes are cut at quantiles of the propensities of all invited (Hyndman and Fan's type 7), the upper
    bound included; the factor is the weight of the invited over that of those who answered in the class
    (Little 1986). Raises EmptyCell for a class in which nobody answered.
    """
    refuse_no_whole("The number of classes", classes)
    if classes < 1:
        raise CalibrationError(f"{classes} classes cannot be made. Ask for one at least.")
    cuts = np.quantile(propensities.values, np.linspace(0, 1, classes + 1))
    if (np.diff(cuts) <= 0).any():
        raise EmptyCell(
            f"{classes} classes are too many: propensities repeat, so some are empty. Take fewer."
        )
    place = np.searchsorted(cuts[1:-1], propensities.values, side="left")
    invited = np.bincount(place, design.weights, classes)
    answered = np.bincount(place, design.weights * propensities.responded, classes)
    if (answered <= 0).any():
        empty = int(np.flatnonzero(answered <= 0)[0])
        raise EmptyCell(
            f"Nobody answered in class {empty + 1} of {classes}, with propensities from {cuts[empty]:.3f} to "
            f"{cuts[empty + 1]:.3f}. Take fewer classes."
        )
    factors = invited / answered
    found = Classes(cut_points=cuts, factors=factors, sizes=np.bincount(place, minlength=classes))
    return _responding(design, propensities.responded, factors[place], found)


def _responding(
    design: Design, responded: Mask, ratios: Floats, classes: Classes | None = None
) -> Responding:
    if design.adjustments:
        raise CalibrationError(
            "Adjust for nonresponse first: steps done before on all invited cannot be carried over."
        )
    weights = (design.weights * ratios)[responded]
    replicates = design.replicates
    after = replace(
        design,
        weights=weights,
        stages=tuple(_stage(stage, responded) for stage in design.stages),
        replicates=replicates
        and replace(replicates, weights=(replicates.weights * ratios[:, None])[responded]),
        data=_rows(design.data, responded),
    )
    effective = effective_number(weights)
    return Responding(
        design=after,
        classes=classes,
        smallest_ratio=float(ratios[responded].min()),
        largest_ratio=float(ratios[responded].max()),
        design_effect=len(weights) / effective,
        effective_number=effective,
    )


def _stage(stage: Stage, rows: Mask) -> Stage:
    """A stage with the rows kept, its units and strata numbered anew."""
    units = np.unique(stage.units[rows], return_inverse=True)[1]
    kept, strata = np.unique(stage.strata[rows], return_inverse=True)
    return Stage(
        units=units,
        strata=strata,
        names=stage.names.take(kept)
        if isinstance(stage.names, UnitNames)
        else tuple(stage.names[place] for place in kept),
        population=None if stage.population is None else stage.population[rows],
    )


def _rows(data: Any, rows: Mask) -> Any:
    if isinstance(data, Mapping):
        return {name: read_only(np.asarray(column)[rows]) for name, column in data.items()}
    return data if data is None else data.filter(rows) if hasattr(data, "lazy") else data[rows]
