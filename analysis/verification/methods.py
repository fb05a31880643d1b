"""The methods that a case may ask for, where it is not one statistic of a weighted sample."""

from typing import Any

import msgspec

from analysis.multilevel import VARYING, poststratified
from analysis.small_areas import fay_herriot
from analysis.verification.sampling import Condition, Tables, holding
from analysis.verification.statistics import Result
from analysis.verification.strict import Strict


class FayHerriot(Strict, frozen=True, kw_only=True, tag_field="method", tag="fay_herriot_reml"):
    domain: tuple[str, ...]
    direct: tuple[float, ...]
    sampling_variance: tuple[float, ...]
    predictors: tuple[tuple[float, ...], ...] = msgspec.field(name="X")

    def result(self, tables: Tables) -> Result:
        found = fay_herriot(self.direct, self.sampling_variance, self.predictors, areas=self.domain)
        return {
            "sigma2_u": found.variance,
            "beta": found.coefficients,
            "gamma": [area.weight for area in found.areas],
            "eblup": [area.modelled for area in found.areas],
            "mse": [area.error**2 for area in found.areas],
        }


class Multilevel(Strict, frozen=True, kw_only=True, tag_field="method", tag="multilevel_poststratified"):
    """Shares by the first part of the formula that varies; `cells` is the table of the population."""

    data: str
    cells: str
    formula: str
    filter: tuple[Condition, ...] = ()
    optional: bool = False

    def result(self, tables: Tables) -> Result:
        whole = tables(self.data)
        rows = holding(whole, self.filter)
        found = poststratified(
            self.formula,
            {name: column[rows] for name, column in whole.items()},
            tables(self.cells),
            by=VARYING.findall(self.formula)[0],
        )
        return {
            "domain": [share.area for share in found.areas],
            "estimate": [share.modelled for share in found.areas],
            "overall": found.overall.modelled,
            "random_sd": list(found.deviations.values()),
            "fixed": list(found.coefficients.values()),
        }


Method = FayHerriot | Multilevel


def flat(content: dict[str, Any]) -> dict[str, Any]:
    """The options of a method, which are written in its estimate or beside it."""
    return {name: value for name, value in content.items() if name != "estimate"} | content["estimate"]
