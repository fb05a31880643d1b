"""An indicator's estimates as they may be published."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt
from msgspec import Struct
from scipy import special

from analysis.estimation import estimates
from analysis.estimation.estimates import Estimate, Observed
from analysis.reporting import disclosure
from analysis.reporting.disclosure import Cell, Suppressed
from analysis.reporting.exports.questions import ClosedQuestion, is_special
from analysis.reporting.plans.plan import Indicator

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

NORMAL = 1.959964
"""Standard errors to either side of a 95% interval."""


class Modelled(Struct, frozen=True, kw_only=True):
    """An estimate that leans on a model, with its 95% interval; print it as a "modelschatting", never alone.

    `respondents` are those whose answers it was made from: in the area, where it is of an area.
    """

    value: float
    standard_error: float
    low: float
    high: float
    respondents: int


def modelled(value: float, error: float, respondents: int, kind: Literal["proportion", "mean"]) -> Modelled:
    """With the normal interval; of a share symmetrical on the logit scale, so that it stays in range."""
    reach = NORMAL * error
    low, high = value - reach, value + reach
    if kind == "proportion" and 0 < value < 1:
        reach /= value * (1 - value)
        low, high = (float(special.expit(special.logit(value) + sign * reach)) for sign in (-1, 1))
    return Modelled(value=value, standard_error=error, low=low, high=high, respondents=respondents)


def protected(
    values: Floats,
    found: Sequence[Estimate],
    domains: Sequence[Mask | None],
    indicator: Indicator,
    question: ClosedQuestion,
) -> tuple[Cell, ...]:
    """The estimates of all residents, or of domains that do not overlap; `values` are what they are of."""
    level: disclosure.Level = "area" if len(domains) > 1 else "city"
    if indicator.kind == "mean":
        return disclosure.protect_means(found, level=level)
    hits = [int((values[slice(None) if domain is None else domain] == 1).sum()) for domain in domains]
    return disclosure.protect_shares(hits, found, level=level, sensitive=is_special(question))


def protect_observed(values: Floats, indicator: Indicator, question: ClosedQuestion) -> Observed | Suppressed:
    """The plain share or mean of people who came by themselves."""
    seen = estimates.observed(values)
    if indicator.kind == "mean":
        return disclosure.protect(seen)
    hits = [int((values == 1).sum())]
    return disclosure.protect_shares(hits, [seen], level="city", sensitive=is_special(question))[0]
