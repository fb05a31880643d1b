"""The steps of weighting that a case may ask for."""

import math
from typing import Any, Literal

from analysis.columns import values_of
from analysis.sampling.designs import Design
from analysis.verification.spelling import spelled
from analysis.verification.strict import Strict
from analysis.weighting import adjustments
from analysis.weighting.populations import Level


class Margin(Strict, frozen=True, kw_only=True):
    """Population counts; every entry of `totals` names a level of each column of `by`, and its total."""

    by: str | tuple[str, ...]
    totals: tuple[dict[str, Any], ...]

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.by,) if isinstance(self.by, str) else self.by

    def counts(self, design: Design) -> dict[Level, float]:
        """The total of every level. Raises ColumnError, and KeyError when an entry lacks a column."""
        there = {name: values_of(design.data, name) for name in self.columns}
        found: dict[Level, float] = {}
        for entry in self.totals:
            level = tuple(spelled(entry[name], there[name]) for name in self.columns)
            total = entry["total"]
            found[level] = total if isinstance(total, int | float) else math.nan
        return found


class Poststratify(Margin, frozen=True, kw_only=True, tag_field="method", tag="poststratify"):
    def after(self, design: Design) -> Design:
        return adjustments.poststratify(design, self.columns, self.counts(design)).design


class Rake(Strict, frozen=True, kw_only=True, tag_field="method", tag="rake"):
    margins: tuple[Margin, ...]

    def after(self, design: Design) -> Design:
        return raked(design, self.margins)


class Calibrate(Strict, frozen=True, kw_only=True, tag_field="method", tag="calibrate"):
    """`variance` is the vector v: the working variance of a row is its model row times v."""

    formula: str
    population: dict[str, float]
    calfun: Literal["linear", "raking", "logit"] = "linear"
    bounds: tuple[float, float] | None = None
    bounds_on_weights: bool = False
    equal_within_psu: bool = False
    variance: tuple[float, ...] | None = None

    def after(self, design: Design) -> Design:
        return adjustments.calibrate(
            design,
            self.formula,
            self.population,
            distance=self.calfun,
            bounds=self.bounds,
            bounds_on_weights=self.bounds_on_weights,
            variance=self.variance,
            equal_within=design.stages[0].units if self.equal_within_psu else None,
        ).design


class Trim(Strict, frozen=True, kw_only=True, tag_field="method", tag="trim"):
    upper: float = math.inf
    lower: float = -math.inf
    strict: bool = False

    def after(self, design: Design) -> Design:
        return adjustments.trim(design, self.upper, self.lower, strict=self.strict).design


Step = Poststratify | Rake | Calibrate | Trim


def raked(design: Design, margins: tuple[Margin, ...]) -> Design:
    return adjustments.rake(design, {margin.columns: margin.counts(design) for margin in margins}).design
