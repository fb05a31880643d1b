"""From a case to the rows, the design and the weights that it describes."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Literal

import msgspec
import numpy as np
from msgspec.structs import replace

from analysis.columns import values_of
from analysis.sampling.designs import Design, Lonely, Mask
from analysis.sampling.replicates import replicated
from analysis.verification.cases import Defaults, Table
from analysis.verification.spelling import spelled
from analysis.verification.steps import Step
from analysis.verification.strict import Strict

Tables = Callable[[str], Table]
"""Gives the table with a file name. Raises BadTable."""

OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "==": np.equal,
    "!=": np.not_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "<": np.less,
    "<=": np.less_equal,
    "in": np.isin,
}


class Condition(Strict, frozen=True, kw_only=True):
    column: str
    op: Literal["==", "!=", ">", ">=", "<", "<=", "in"]
    value: Any


class Linearised(Strict, frozen=True, kw_only=True, tag_field="type", tag="linearised"):
    """A sample as R's `svydesign` describes it."""

    psu: tuple[str, ...]
    strata: str | None = None
    weights: str | None = None
    fpc: tuple[str, ...] = ()
    nest: bool = False
    lonely_psu: Lonely | None = None
    lonely_domain_adjust: bool | None = None
    ultimate_cluster: bool | None = None

    def design(self, data: Table, rows: Mask, tables: Tables, defaults: Defaults) -> Design:
        drawn = Design.of(
            data,
            weights=self.weights,
            strata=self.strata,
            clusters=self.psu,
            population=self.fpc,
            nested=self.nest,
            lonely=self.lonely_psu or msgspec.convert(defaults.lonely, Lonely),
            lonely_in_domains=_either(self.lonely_domain_adjust, defaults.lonely_in_domains),
        )
        if _either(self.ultimate_cluster, defaults.ultimate_cluster):
            return replace(drawn, stages=drawn.stages[:1])
        return drawn


class Replicate(Strict, frozen=True, kw_only=True, tag_field="type", tag="replicate"):
    """Weights with replicate factors, as R's `svrepdesign` reads them."""

    weights: str
    replicate_weights: str
    scale: float
    rscales: tuple[float, ...]
    combined: bool = False
    mse: bool | None = None
    rep_type: str = "other"

    def design(self, data: Table, rows: Mask, tables: Tables, defaults: Defaults) -> Design:
        return replicated(
            Design.of(data, weights=self.weights),
            [column[rows] for column in tables(self.replicate_weights).values()],
            scale=self.scale,
            rscales=self.rscales,
            mse=_either(self.mse, defaults.mse),
            combined=self.combined,
        )


class Sample(Strict, frozen=True, kw_only=True):
    """The part of a case that says who was drawn, how they were weighted and which of them count."""

    data: str
    design: Linearised | Replicate
    filter: tuple[Condition, ...] = ()
    adjust: tuple[Step, ...] = ()
    subset: tuple[Condition, ...] = ()

    def weighted(self, tables: Tables, defaults: Defaults) -> Design:
        """The design after all steps. Raises DesignError, ColumnError, CalibrationError, BadTable."""
        whole = tables(self.data)
        rows = holding(whole, self.filter)
        data = {name: column[rows] for name, column in whole.items()}
        design = self.design.design(data, rows, tables, defaults)
        for step in self.adjust:
            design = step.after(design)
        return design


def kept(data: Table, conditions: Sequence[Condition]) -> Table:
    """The table with the rows for which every condition holds."""
    rows = holding(data, conditions)
    return {name: column[rows] for name, column in data.items()}


def holding(data: Table, conditions: Sequence[Condition]) -> Mask:
    """The rows for which every condition holds; none of them holds for an empty cell."""
    rows = np.ones(len(next(iter(data.values()))), dtype=bool)
    for condition in conditions:
        column = values_of(data, condition.column)
        texts = column.dtype.kind == "U"
        there = column != "" if texts else ~np.isnan(column)
        wanted = _each(partial(spelled, column=column) if texts else float, condition.value)
        rows &= there & OPERATIONS[condition.op](column, wanted)
    return rows


def _each(kind: Callable[[Any], Any], value: Any) -> Any:
    return [kind(each) for each in value] if isinstance(value, list) else kind(value)


def _either(said: bool | None, default: bool) -> bool:
    return default if said is None else said
