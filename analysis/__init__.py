"""Weighting, estimating and reporting, from an export folder.

What a statistician calls is here, on numpy arrays and on data frames: declare a Design, adjust its
weights, estimate, compare. docs/statistics.md has the formulas, docs/verification.md what they were
checked against.
"""

from analysis.adjustments import calibrate, poststratify, rake, trim
from analysis.calibration import CalibrationError
from analysis.chisquare import chisq
from analysis.columns import ColumnError
from analysis.designs import Design, DesignError
from analysis.domains import by_domain, contrast, differences, standardised
from analysis.estimates import design_effect, mean, proportion, ratio, total
from analysis.group_tests import ranktest, ttest
from analysis.intervals import proportion_interval
from analysis.means_by_domain import domain_means
from analysis.multilevel import poststratified
from analysis.multiplicity import adjust
from analysis.nonresponse import divide_by_propensity, response_propensities, weighting_classes
from analysis.open_participation import (
    doubly_robust,
    mass_imputed,
    propensity_calibrated,
    propensity_weighted,
)
from analysis.ordinal_regression import ordinal
from analysis.populations import reconcile
from analysis.quantiles import quantile
from analysis.r_indicators import representativeness
from analysis.regression import glm, wald_test
from analysis.replicates import balanced, bootstrap, jackknife, replicated
from analysis.scales import alpha
from analysis.small_areas import fay_herriot
from analysis.variance import degrees_of_freedom, effective_number

__all__ = [
    "CalibrationError",
    "ColumnError",
    "Design",
    "DesignError",
    "adjust",
    "alpha",
    "balanced",
    "bootstrap",
    "by_domain",
    "calibrate",
    "chisq",
    "contrast",
    "degrees_of_freedom",
    "design_effect",
    "differences",
    "divide_by_propensity",
    "domain_means",
    "doubly_robust",
    "effective_number",
    "fay_herriot",
    "glm",
    "jackknife",
    "mass_imputed",
    "mean",
    "ordinal",
    "poststratified",
    "poststratify",
    "propensity_calibrated",
    "propensity_weighted",
    "proportion",
    "proportion_interval",
    "quantile",
    "rake",
    "ranktest",
    "ratio",
    "reconcile",
    "replicated",
    "representativeness",
    "response_propensities",
    "standardised",
    "total",
    "trim",
    "ttest",
    "wald_test",
    "weighting_classes",
]
