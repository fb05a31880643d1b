"""Areas by a model, beside their own figures: what an area with few answers borrows from the others."""

from collections.abc import Mapping

import numpy as np
from msgspec import Struct

from analysis.estimation.estimates import Estimate
from analysis.formulas import FormulaError
from analysis.modelling.multilevel import poststratified
from analysis.modelling.small_areas import AreaModelError, fay_herriot
from analysis.reporting.disclosure import Cell
from analysis.reporting.exports.dataset import Dataset
from analysis.reporting.findings.published import Modelled, modelled
from analysis.reporting.plans.plan import AnalysisPlan, Indicator
from analysis.reporting.weighting.margins import UNKNOWN, CountedMargin, counted_margin
from analysis.sampling.designs import Floats


class AreaModels(Struct, frozen=True, kw_only=True):
    """An area by two models: between its own figure and the others', and from who lives in it."""

    fay_herriot: Modelled | None
    multilevel: Modelled | None

    @property
    def any(self) -> bool:
        return self.fay_herriot is not None or self.multilevel is not None


def area_models(
    sample: Dataset, plan: AnalysisPlan, indicator: Indicator, values: Floats, direct: Mapping[str, Cell]
) -> dict[str, AreaModels]:
    """By area; empty where the plan asks for none.

    `direct`: what is published of every area itself. The answers of an area of which nothing is published are
    not used: it has no Fay-Herriot estimate, and its multilevel estimate rests on who lives there and on the
    other areas. An area where all gave the same answer has no Fay-Herriot estimate either, for nobody knows
    how sure its own figure is. A mean has no multilevel estimate. Neither has an indicator that its model
    does not fit.
    """
    if plan.small_areas is None or indicator.key not in plan.small_areas.indicators:
        return {}
    own = {area: cell for area, cell in direct.items() if isinstance(cell, Estimate)}
    between = _fay_herriot(own, indicator)
    predicted = {} if indicator.kind == "mean" else _multilevel(_margin(sample, plan), sample, values, own)
    return {
        area: AreaModels(fay_herriot=between.get(area), multilevel=predicted.get(area)) for area in direct
    }


def _fay_herriot(own: Mapping[str, Estimate], indicator: Indicator) -> dict[str, Modelled]:
    """Between the area's own figure and the mean of all areas, nearer to which its own is less sure."""
    used = {area: each for area, each in own.items() if each.standard_error > 0}
    try:
        found = fay_herriot(
            [each.value for each in used.values()],
            [each.standard_error**2 for each in used.values()],
            np.ones((len(used), 1)),
            areas=list(used),
        )
    except AreaModelError:
        return {}
    return {
        each.area: modelled(each.modelled, each.error, own[each.area].respondents, indicator.kind)
        for each in found.areas
    }


def _multilevel(
    margin: CountedMargin, sample: Dataset, values: Floats, own: Mapping[str, Estimate]
) -> dict[str, Modelled]:
    """A model of area and the margin's categories, added up over the people who live there."""
    used = np.isin(sample.texts["area"], list(own)) & (margin.category != UNKNOWN) & ~np.isnan(values)
    categories = np.array(margin.categories)
    data = {
        "y": values[used],
        "area": sample.texts["area"][used],
        "category": categories[margin.category[used]],
    }
    some = margin.counts > 0
    cells = {
        "area": np.repeat(margin.areas, len(categories))[some.ravel()],
        "category": np.tile(categories, len(margin.areas))[some.ravel()],
        "people": margin.counts[some],
    }
    try:
        found = poststratified("y ~ (1 | area) + (1 | category)", data, cells, by="area", count="people")
    except FormulaError:
        return {}
    return {
        each.area: modelled(each.modelled, each.error, each.respondents, "proportion") for each in found.areas
    }


def _margin(sample: Dataset, plan: AnalysisPlan) -> CountedMargin:
    """The margin of the model, by area as the municipality has them."""
    areas = {area.code: area.code for area in sample.questionnaire.municipality.areas}
    wanted = plan.small_areas.margin if plan.small_areas is not None else ""
    (chosen,) = (each for each in plan.weighting.margins if each.population == wanted)
    return counted_margin(sample, chosen, areas)
