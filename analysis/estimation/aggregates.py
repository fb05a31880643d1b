"""A sample that stays where it is: weighting and estimates from sums that a database made.

Rows that are alike in stratum, cluster, margins and domains get the same factor from weighting to margins,
and count in the same sums of every variance. So a query that adds up such groups brings along all that is
needed, however many rows there are: `Aggregation` writes the query, for PostgreSQL and for DuckDB (which
reads Parquet files), and reads what comes back; whoever owns the connection runs it.
"""

import math
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from numbers import Real
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import ColumnElement, Double, Label, and_, cast, column, func, literal, select, table
from sqlalchemy.dialects.postgresql import asyncpg

from analysis.columns import MISSING, ColumnError, repeated
from analysis.estimation.estimates import Floats, quotient
from analysis.estimation.sums import (
    Means,
    Parts,
    Strata,
    Sums,
    Weighting,
    adding,
    freedom,
    lifting,
    per_code,
    row_products,
    standard_errors,
    unit_products,
    unit_sums,
    variances,
)
from analysis.frozen import Frozen
from analysis.sampling.designs import Codes, Design, DesignError, LoneStratum, Stage
from analysis.weighting.adjustments import Adjusted
from analysis.weighting.calibration import CalibrationError, Regression

OF_ITEM = ("respondents", "answered", "totals", "squared answered", "squared products", "squared totals")
"""What is added up of every item y where there is an answer: 1, w, w y, w^2, w^2 y and w^2 y^2."""

EXTREMES = ("lowest", "highest")
"""The least and the greatest answer that has weight."""

OF_GROUP = ("rows drawn", "rows weighted", "rows refused", "sum of weights", "squared weights")

WEIGHT = "weight of row"

LEAST = 1e6 * float(np.finfo(float).eps)
"""What a difference must be of the sums that it is taken from, so that some six digits are left."""


class Aggregation(Struct, frozen=True, kw_only=True):
    """What to add up, by the names of columns of a table.

    `items` hold numbers, NULL where there is no answer; `by` are the margins to weight to and the domains to
    estimate, one at least. `strata` and `clusters` are those of the first stage (no clusters: rows were
    drawn), and `population` has the number of units in the row's stratum, for the finite population
    correction. `centres` are subtracted from items before anything is added up, and change no result: an
    item whose mean is tens of thousands of times its standard deviation needs one near its mean, lest its
    sums lose their digits.

    Raises ColumnError, for a column called as one of the sums, or a centre of no item.
    """

    weights: str
    items: tuple[str, ...]
    by: tuple[str, ...]
    strata: str | None = None
    clusters: str | None = None
    population: str | None = None
    centres: Mapping[str, float] = {}

    def __post_init__(self) -> None:
        self._refuse_no_lists()
        self._refuse_names_of_sums()
        self._refuse_wrong_centres()

    def _refuse_no_lists(self) -> None:
        for what, given in (("items", self.items), ("by", self.by)):
            if not isinstance(given, list | tuple) or not all(isinstance(name, str) for name in given):
                raise ColumnError(f"{what} is {given!r}. Give the names of columns, such as ('age', 'sex').")
        twice = repeated(self.items)
        if twice is not None:
            raise ColumnError(f"Column {twice} is named twice among the items. Name it once.")
        if not self.keys:
            raise ColumnError("There is no column that makes a group. Name one in by, or strata.")

    def _refuse_names_of_sums(self) -> None:
        of_item = [
            f"{kind} {place}" for kind in ("answer", *OF_ITEM, *EXTREMES) for place in range(len(self.items))
        ]
        ours = {*OF_GROUP, WEIGHT, *of_item}
        taken = [key for key in self.keys if key.lower() in ours]  # DuckDB does not tell A from a
        if taken:
            raise ColumnError(
                f"Column {taken[0]} is called as one of the sums. Give it another name in a view."
            )

    def _refuse_wrong_centres(self) -> None:
        for item, centre in self.centres.items():
            if item not in self.items:
                raise ColumnError(
                    f"There is a centre of {item}, which is no item. There are: {', '.join(self.items)}."
                )
            if not math.isfinite(centre):
                raise ColumnError(f"The centre of column {item} is {centre}. Give a number.")

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that make a group."""
        design = (self.strata, self.clusters, self.population)
        return tuple(dict.fromkeys([*self.by, *(name for name in design if name is not None)]))

    def sql(self, name: str, schema: str | None = None) -> str:
        """The query on a table or view of this name; names are quoted."""
        source = table(name, schema=schema)
        answers = [self._answer(item).label(f"answer {place}") for place, item in enumerate(self.items)]
        weight = cast(column(self.weights), Double).label(WEIGHT)
        rows = select(*map(column, self.keys), weight, *answers).select_from(source).subquery("answers")
        w = rows.c[WEIGHT]
        usable = and_(w >= 0, w <= sys.float_info.max)
        of_group: tuple[ColumnElement[Any], ...] = (
            func.count(),
            func.count().filter(w > 0),
            func.count().filter(usable.is_not(True)),
            func.sum(w),
            func.sum(w * w),
        )
        sums = [found.label(name) for name, found in zip(OF_GROUP, of_group, strict=True)]
        for place in range(len(self.items)):
            sums += _sums_of_item(place, w, rows.c[f"answer {place}"])
        groups = [rows.c[key] for key in self.keys]
        query = select(*groups, *sums).group_by(*groups)
        dialect = asyncpg.dialect()  # type: ignore[no-untyped-call] # its % is not doubled as psycopg's is
        return str(query.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))

    def _answer(self, item: str) -> ColumnElement[float]:
        return cast(column(item), Double) - cast(literal(float(self.centres.get(item, 0.0))), Double)

    def read(self, rows: Mapping[str, Any] | Iterable[Mapping[str, Any]]) -> "Aggregates":
        """What the query gave: columns by name, or rows that know their columns.

        Raises DesignError or ColumnError.
        """
        columns = rows if isinstance(rows, Mapping) else _columns(rows)
        if not any(len(values) for values in columns.values()):
            raise DesignError("The table has no rows, so there is no sample. Look at what it should hold.")
        drawn, weighted, refused, weights, squares = (_sums(columns, name) for name in OF_GROUP)
        groups = len(drawn)
        if refused.any():
            raise DesignError(
                f"Column {self.weights} of weights is empty, negative or endless in {refused.sum():g} rows. "
                "A weight is a number from 0; leave out who was not drawn."
            )
        return Aggregates(
            aggregation=self,
            data={key: _levels(_made(columns, key)) for key in self.keys},
            drawn=drawn,
            weighted=weighted,
            weights=weights,
            squares=squares,
            items=self._items(columns, groups, OF_ITEM),
            extremes=self._items(columns, groups, EXTREMES),
            factors=np.ones(groups),
        )

    def _items(self, columns: Mapping[str, Any], groups: int, kinds: Sequence[str]) -> Floats:
        places = range(len(self.items))
        sums = [[_numbers(columns, f"{kind} {place}") for place in places] for kind in kinds]
        found = np.array(sums).reshape(len(kinds), len(self.items), groups)
        wrong = ~np.isfinite(found).all(axis=(0, 2))
        if wrong.any():
            raise ColumnError(
                f"Column {self.items[int(wrong.argmax())]} holds NaN or infinity somewhere. Make it NULL "
                "where there is no answer."
            )
        return found.swapaxes(1, 2)


class Aggregates(Frozen, frozen=True, kw_only=True, eq=False):
    """Sums per group of rows; `data` has the group's columns.

    `drawn` rows, `weighted` ones with a weight above 0, `weights` their sum and `squares` that of their
    squares, before weighting; `items` has shape (kinds of `OF_ITEM`, groups, items) and `extremes` (kinds of
    `EXTREMES`, groups, items), both of answers less their centre. `factors` are what weighting multiplies
    every weight of the group by, and `step` is its regression.
    """

    aggregation: Aggregation
    data: Mapping[str, Any]
    drawn: Floats
    weighted: Floats
    weights: Floats
    squares: Floats
    items: Floats
    extremes: Floats
    factors: Floats
    step: Regression | None = None

    def adjusted(self, step: Callable[[Design], Adjusted]) -> "AdjustedAggregates":
        """Weighted by a step that gives all rows of a group the same factor.

        Such as `lambda design: rake(design, margins)`; the design has a row per group. One step is possible:
        rake to all margins at once. Raises what the step raises, or CalibrationError.
        """
        if self.step is not None:
            raise CalibrationError("Aggregates can be weighted once. Name all margins in one step.")
        before = Design.of(self.data, weights=self.weights)
        account = step(before)
        regression = account.design.adjustments[-1] if account.design.adjustments else None
        if not isinstance(regression, Regression) or len(account.design.adjustments) > 1:
            raise CalibrationError(
                "This step looks at single weights, which aggregates do not have. Rake, poststratify or "
                "calibrate to margins instead."
            )
        factors = np.divide(
            account.design.weights, self.weights, out=np.ones_like(self.weights), where=self.weights > 0
        )
        effective = float(account.design.weights.sum() ** 2 / (factors**2 @ self.squares))
        return AdjustedAggregates(
            replace(self, factors=factors, step=regression),
            replace(
                account,
                effective_number=effective,
                design_effect=float(self.drawn.sum()) / effective,
            ),
        )


class AdjustedAggregates(NamedTuple):
    """Aggregates after a step of weighting, with its account (whose design has a row per group)."""

    aggregates: Aggregates
    account: Adjusted


def aggregated_means(items: Sequence[str], sample: Aggregates, domains: Codes, number: int) -> Means:
    """Means of items in domains, given as the domain of every group.

    Raises ColumnError, DesignError or LoneStratum.
    """
    groups = len(domains)
    asked = _places(items, sample)
    respondents, answered, totals, *squared = sample.items[:, :, asked]
    low, high = _extremes(sample.extremes[:, :, asked], respondents, domains, number)
    parts = _parts(sample, domains, number)
    weighting = Weighting.of(sample.step, np.ones(groups))  # deviations have their weight already
    factors = sample.factors[:, None]
    adds = adding(domains, number, np.ones(groups))
    size = adds @ (factors * answered)
    values = quotient(adds @ (factors * totals), size)
    centre = np.nan_to_num(values)[domains]
    deviations = factors * (totals - centre * answered)
    shifts = np.array([sample.aggregation.centres.get(item, 0.0) for item in items])
    if parts.part is None:
        counted, products, squares = (factors**2 * one for one in squared)
        met = products - centre * counted
        spread = squares - centre * (products + met)
        left, size_of_sums = adds @ spread, adds @ squares
        sums = _row_sums(deviations, met, spread, weighting, parts)
        crossed = row_products(weighting, sample.squares * sample.factors**2 * parts.spread)
    else:
        left, size_of_sums = high - low, np.maximum(np.abs(low), np.abs(high))
        totals = adding(parts.part, len(parts.domain), np.ones(groups)) @ deviations
        ratio = weighting.ratio[weighting.cell]
        (before,) = lifting(weighting.variables, weighting.cell, domains, number, ratio)
        sums = unit_sums(totals, before @ deviations, weighting, parts)
        crossed = unit_products(weighting, parts)
    _refuse_lost((high > low) & (left < LEAST * size_of_sums), items, values + shifts)
    found = variances(sums, crossed, weighting.solution, parts.strata)
    return Means(
        values=values + shifts,
        errors=np.where(high == low, 0.0, standard_errors(found, size, values)),
        respondents=(adds @ respondents).astype(np.intp),
        freedom=freedom(parts, sample.weighted if parts.part is None else None),
    )


def _extremes(extremes: Floats, respondents: Floats, domains: Codes, number: int) -> Floats:
    """The least and the greatest answer, shape (2, domains, items); infinite where nobody answered."""
    found = np.stack([np.full((number, extremes.shape[2]), limit) for limit in (np.inf, -np.inf)])
    inside = domains != MISSING
    for limit, reduce, values in zip(found, (np.minimum, np.maximum), extremes, strict=True):
        known = np.where(respondents > 0, values, limit[0])
        reduce.at(limit, domains[inside], known[inside])
    return found


def _refuse_lost(lost: npt.NDArray[np.bool_], items: Sequence[str], values: Floats) -> None:
    """Refuse items whose answers differ in a domain, but too little for their size."""
    if not lost.any():
        return
    domain, place = (int(found[0]) for found in np.nonzero(lost))
    raise ColumnError(
        f"Column {items[place]}: its answers differ so little for their size that their sums have fewer than "
        f"6 digits left of the spread. Name a centre that is subtracted first, such as centres={{"
        f"{items[place]!r}: {values[domain, place]:.6g}}}, and run the query again."
    )


def _row_sums(deviations: Floats, met: Floats, squares: Floats, weighting: Weighting, parts: Parts) -> Sums:
    """Of rows that are the units: sums of w (y - mean), w^2 (y - mean) and its square are given per group."""
    strata, domains = len(parts.strata.drawn), parts.domains
    variables, cell = weighting.variables, weighting.cell
    before, meeting = lifting(variables, cell, parts.domain, domains, weighting.ratio[cell], parts.spread)
    return Sums(
        squares=adding(parts.domain, domains, parts.spread) @ squares,
        strata=adding(parts.cell, strata * domains, np.ones(len(deviations))) @ deviations,
        regressed=before @ deviations,
        met=meeting @ met,
        variables=per_code(variables[cell], parts.strata.of_unit, strata, weighting.after),
    )


def _parts(sample: Aggregates, domains: Codes, number: int) -> Parts:
    """With groups as rows. Where rows were drawn, a group stands for as many units as it has rows."""
    wanted = sample.aggregation
    alone = wanted.clusters is None
    design = Design.of(
        sample.data,
        weights=sample.weights,
        strata=wanted.strata,
        clusters=() if wanted.clusters is None else [wanted.clusters],
        population=() if wanted.population is None else [wanted.population],
    )
    (stage,) = design.stages
    drawn = np.bincount(stage.strata, sample.drawn).astype(np.intp) if alone else stage.drawn
    lonely = np.flatnonzero(drawn == 1)
    if len(lonely):
        raise LoneStratum(
            f"One unit was drawn in {stage.stratum(int(lonely[0]))}: its spread cannot be estimated. Put the "
            "stratum together with a neighbour."
        )
    population = None
    if stage.population is not None:
        population = np.zeros(len(drawn))
        population[stage.strata] = stage.population
        _refuse_too_few(wanted, stage, drawn, population)
    strata = Strata.of(stage.stratum_of_unit, drawn, population)
    return Parts.of(domains, number, stage.units, strata, alone=alone)


def _refuse_too_few(wanted: Aggregation, stage: Stage, drawn: Codes, population: Floats) -> None:
    short = np.flatnonzero(population < drawn)
    if len(short):
        raise DesignError(
            f"Column {wanted.population}: {stage.stratum(int(short[0]))} has fewer units than were drawn "
            "from it. Correct the number."
        )


def _places(items: Sequence[str], sample: Aggregates) -> list[int]:
    there = sample.aggregation.items
    absent = [item for item in items if item not in there]
    if absent:
        raise ColumnError(f"Column {absent[0]} was not added up. There are: {', '.join(there)}.")
    return [there.index(item) for item in items]


def _sums_of_item(place: int, w: ColumnElement[float], y: ColumnElement[float]) -> list[Label[Any]]:
    answered = y.is_not(None)
    sums: tuple[ColumnElement[Any], ...] = (
        func.count().filter(and_(answered, w > 0)),
        func.sum(w).filter(answered),
        func.sum(w * y),
        func.sum(w * w).filter(answered),
        func.sum(w * w * y),
        func.sum(w * w * y * y),
        func.min(y).filter(w > 0),
        func.max(y).filter(w > 0),
    )
    return [found.label(f"{kind} {place}") for kind, found in zip(OF_ITEM + EXTREMES, sums, strict=True)]


def _columns(rows: Iterable[Mapping[str, Any]]) -> dict[str, list[Any]]:
    given = list(rows) if isinstance(rows, Iterable) else [rows]
    if not all(hasattr(row, "keys") for row in given):
        raise ColumnError(
            "What the query gave are rows without names. Give columns by name, or rows that know theirs."
        )
    return {name: [row[name] for row in given] for name in (given[0].keys() if given else ())}


def _made(columns: Mapping[str, Any], name: str) -> Any:
    """A column that the query makes, as long as the others."""
    if name not in columns:
        raise ColumnError(f"What the query gave has no column {name}. Run the query that sql writes, whole.")
    lengths = {len(values) for values in columns.values()}
    if len(lengths) > 1:
        raise ColumnError(
            f"What the query gave has columns of {sorted(lengths)} rows. Give all of their rows."
        )
    return columns[name]


def _levels(values: Any) -> list[Any]:
    """Plain values, None where there is none, also of a masked array."""
    return values.tolist() if hasattr(values, "tolist") else list(values)


def _numbers(columns: Mapping[str, Any], name: str) -> Floats:
    """Numbers, 0 where nothing was added up; endless ones too."""
    values = [0.0 if value is None else value for value in _levels(_made(columns, name))]
    wrong = [value for value in values if not isinstance(value, Real | Decimal)]
    if wrong:
        raise ColumnError(
            f"Column {name} of what the query gave holds {wrong[0]!r}, where a number is needed."
        )
    return np.array(values, dtype=float)


def _sums(columns: Mapping[str, Any], name: str) -> Floats:
    """What was counted or added up from 0: never negative, never without end."""
    found = _numbers(columns, name)
    if not (np.isfinite(found) & (found >= 0)).all():
        raise ColumnError(f"Column {name} of what the query gave is not a number from 0 in every row.")
    return found
