"""All residents, estimated from people who came by themselves: a model, apart from the sample's figures."""

import msgspec
import numpy as np
from msgspec import Struct

from analysis.modelling.open_participation import ModelNotFitted, propensity_calibrated
from analysis.reporting.disclosure import MINIMUM_BASE
from analysis.reporting.exports.dataset import Dataset, Texts
from analysis.reporting.findings.published import Modelled, modelled
from analysis.reporting.plans.plan import AnalysisPlan, Indicator
from analysis.reporting.weighting.margins import (
    UNKNOWN,
    CountedMargin,
    area_names,
    counted_margin,
    raking_margins,
    reconciled,
)
from analysis.sampling.designs import Floats, Mask

LEVEL = 20
"""Fewest people of the open link in a category of the model; smaller ones go together with a neighbour."""

REPLICATES = 500
SEED = 20
"""Every report of the same answers draws the same replicates."""


class OpenModel(Struct, frozen=True, kw_only=True, eq=False):
    """What the chance of coming by oneself is modelled on; `rows` of the open answers have all of it.

    `margins`: those of the plan that are in it; one of which all categories had to go together is not.
    """

    rows: Mask
    data: dict[str, Texts]
    totals: dict[str, float]
    margins: tuple[str, ...]

    @property
    def formula(self) -> str:
        return f"~ {' + '.join(self.data)}"


def open_model(others: Dataset, plan: AnalysisPlan) -> OpenModel | None:
    """The model for the open answers, or None where the plan asks for none or too few people came."""
    if plan.open is None or not others.size:
        return None
    names = area_names(others, plan.weighting)
    living = np.isin(others.texts["area"], list(names))
    here = others.take(living)
    _, counted, _ = reconciled([counted_margin(here, each, names) for each in plan.weighting.margins])
    margins = [each for each in counted if each.key in plan.open.margins]
    known = np.all([each.category != UNKNOWN for each in margins], axis=0)
    if known.sum() < MINIMUM_BASE:
        return None
    data: dict[str, Texts] = {}
    people = float(counted[0].counts.sum())
    totals = {"(Intercept)": people}
    used: list[str] = []
    for margin in margins:
        base = np.full(int(known.sum()), people / known.sum())
        (levels,), _ = raking_margins(_everywhere(margin, known), base, LEVEL)
        if len(levels.levels) > 1:
            column = f"m{len(used)}"
            data[column] = np.array(levels.levels)[levels.codes]
            # The first level in the order of the model is what the others are compared with.
            ordered = sorted(zip(levels.levels, levels.targets.tolist(), strict=True))
            totals |= {f"{column}{level}": target for level, target in ordered[1:]}
            used.append(margin.key)
    rows = np.zeros(others.size, dtype=bool)
    rows[np.flatnonzero(living)[known]] = True
    return OpenModel(rows=rows, data=data, totals=totals, margins=tuple(used)) if used else None


def open_estimate(model: OpenModel, values: Floats, indicator: Indicator) -> Modelled | None:
    """The indicator among all residents by the model; None when it cannot be fitted to so few answers.

    Weights are 1/chance of coming by oneself and meet the margins (`propensity_calibrated`); the error is
    that of a bootstrap.
    """
    own = values[model.rows]
    respondents = int((~np.isnan(own)).sum())
    if respondents < MINIMUM_BASE:
        return None
    try:
        found = propensity_calibrated(
            own, model.formula, model.data, model.totals, replicates=REPLICATES, seed=SEED
        )
    except ModelNotFitted:
        return None
    if found.standard_error is None:
        raise AssertionError("replicates give a standard error")
    return modelled(found.value, found.standard_error, respondents, indicator.kind)


def _everywhere(margin: CountedMargin, known: Mask) -> CountedMargin:
    """The margin of the whole municipality, for the people of whom everything is known."""
    return msgspec.structs.replace(
        margin,
        areas=("",),
        place=np.zeros(int(known.sum()), dtype=np.intp),
        category=margin.category[known],
        counts=margin.counts.sum(axis=0, keepdims=True),
    )
