"""The statistics that a case may ask for, and what we compute for each, under the names of the format."""

from typing import Any

import numpy as np

from analysis.designs import Design, Mask
from analysis.variance import degrees_of_freedom, effective_number
from analysis.verification.strict import Strict

SHOWN = 25
"""How many weights a case lists when there are more than SHORT."""

SHORT = 250

Result = dict[str, Any]


class Weights(Strict, frozen=True, kw_only=True, tag_field="stat", tag="weights"):
    def result(self, design: Design, domain: Mask) -> Result:
        return described(np.where(domain, design.weights, 0.0))


class DegreesOfFreedom(Strict, frozen=True, kw_only=True, tag_field="stat", tag="degf"):
    def result(self, design: Design, domain: Mask) -> Result:
        return {"df": degrees_of_freedom(design, domain)}


Statistic = Weights | DegreesOfFreedom


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
