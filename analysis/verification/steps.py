"""The steps of weighting that a case may ask for."""

from typing import Any

import numpy as np

from analysis.calibration import Margin as Coded
from analysis.calibration import rake, raking
from analysis.columns import crossed
from analysis.designs import Design, reweighted
from analysis.verification.strict import Strict

CONVERGED = 1e-13


class Margin(Strict, frozen=True, kw_only=True):
    """Population counts; every entry of `totals` names a level of each column of `by`, and its total."""

    by: str | tuple[str, ...]
    totals: tuple[dict[str, Any], ...]

    def coded(self, design: Design) -> Coded:
        by = (self.by,) if isinstance(self.by, str) else self.by
        found = crossed(design.data, by)
        levels = [".".join(str(total[name]) for name in by) for total in self.totals]
        place = [levels.index(level) for level in found.levels]
        return Coded(
            key=".".join(by),
            levels=tuple(levels),
            codes=np.array(place)[found.codes],
            targets=np.array([float(total["total"]) for total in self.totals]),
        )


class Rake(Strict, frozen=True, kw_only=True, tag_field="method", tag="rake"):
    margins: tuple[Margin, ...]

    def after(self, design: Design) -> Design:
        margins = [margin.coded(design) for margin in self.margins]
        new = rake(design.weights, margins, tolerance=CONVERGED).weights
        return reweighted(design, new, raking(design.weights, new, margins))


Step = Rake
