"""How the published scales of a plan hang together: for the list of figures and their definitions."""

from collections.abc import Iterator

import numpy as np
from msgspec import Struct

from analysis.columns import ColumnError
from analysis.estimation.scales import alpha
from analysis.reporting.disclosure import MINIMUM_BASE
from analysis.reporting.exports.dataset import Dataset
from analysis.reporting.findings.indicators import item_points
from analysis.reporting.plans.plan import AnalysisPlan, Indicator
from analysis.sampling.designs import Design

ENOUGH = 0.7
"""Of Cronbach's alpha, from where a scale is usually said to measure one thing (Nunnally 1978)."""


class ScaleAccount(Struct, frozen=True, kw_only=True):
    """A battery that is scored: `alpha` is Cronbach's, of the items as they count.

    None where too few people answered every item, or where these do not vary. `respondents` answered all.
    """

    variable: str
    items: int
    alpha: float | None
    respondents: int

    @property
    def loose(self) -> bool:
        """Whether its items hang together less than is usually asked, as alpha is printed."""
        return self.alpha is not None and round(self.alpha, 2) < ENOUGH


def scale_accounts(sample: Dataset, plan: AnalysisPlan, design: Design) -> Iterator[ScaleAccount]:
    """Every scale of the plan once, in the order of its indicators."""
    scored = {each.variable: each for each in reversed(plan.indicators) if each.scale is not None}
    for indicator in plan.indicators:
        if scored.get(indicator.variable) is indicator:
            yield _account(sample, indicator, design)


def _account(sample: Dataset, indicator: Indicator, design: Design) -> ScaleAccount:
    points = item_points(sample, indicator)
    complete = int((~np.isnan(points).any(axis=1) & (design.weights != 0)).sum())
    found = None
    if complete >= MINIMUM_BASE:
        try:
            found = alpha(list(points.T), design)
        except ColumnError:  # nobody differs
            found = None
    return ScaleAccount(variable=indicator.variable, items=points.shape[1], alpha=found, respondents=complete)
