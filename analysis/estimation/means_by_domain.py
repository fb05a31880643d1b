"""Means of many columns in many domains at once, with standard errors that account for the weighting.

The work is two passes over the columns, a block of rows at a time, that add up what `sums` needs: one for
the means, one for the deviations from them. No number of estimates makes it a loop.
"""

from collections.abc import Iterator, Sequence
from functools import reduce
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt
from msgspec import Struct
from scipy import sparse

from analysis.columns import MISSING, ColumnError, crossed
from analysis.estimation.domains import By, columns_of
from analysis.estimation.estimates import (
    CONFIDENCE,
    Columns,
    Floats,
    Numbers,
    half_width,
    mean,
    numbers_of,
    quotient,
)
from analysis.estimation.sums import Model, Strata, Sums, adding, lifting, per_code, variances
from analysis.sampling.designs import Codes, Design, Stage
from analysis.sampling.variance import TAKEN, degrees_of_freedom
from analysis.weighting.calibration import Regression

BLOCK = 400_000
"""Answers that are worked on at a time, so that what is made of them stays in the processor's cache."""


class DomainMeans(Struct, frozen=True, kw_only=True, eq=False):
    """Means by domain and column: all arrays have shape (domains, columns).

    `degrees_of_freedom` has one number per domain. Where nobody answered, mean and error are nan.
    """

    domains: tuple[str, ...]
    names: tuple[str, ...]
    values: Floats
    standard_errors: Floats
    respondents: Codes
    degrees_of_freedom: Codes

    def interval(self, confidence: float = CONFIDENCE) -> tuple[Floats, Floats]:
        reach = half_width(self.standard_errors, self.degrees_of_freedom[:, None], confidence)
        return self.values - reach, self.values + reach


class _Means(NamedTuple):
    """Means, standard errors and respondents, shape (domains, columns), and the freedom of every domain."""

    values: Floats
    errors: Floats
    respondents: Codes
    freedom: Codes


class _Parts(Struct, frozen=True, kw_only=True, eq=False):
    """A part is what a unit of the first stage has in a domain; where rows are the units, a row.

    `part` is that of every row (None where rows are the parts), `row_domain` the domain of every row;
    `domain`, `unit`, `cell` (stratum and domain) and `spread` (of the stratum) are those of every part;
    `stratum` is that of every unit, `row_unit` the unit of every row.
    """

    part: Codes | None
    row_domain: Codes
    row_unit: Codes
    domain: Codes
    unit: Codes
    cell: Codes
    spread: Floats
    stratum: Codes
    strata: Strata
    domains: int


class _Weighting(Struct, frozen=True, kw_only=True, eq=False):
    """The last step of weighting, on `variables` with a row per `cell`; none without any.

    `before` is the weight of every row before the step for what has one `after` it: their ratio times the
    weight of the design.
    """

    variables: sparse.csr_array
    cell: Codes
    before: Floats
    after: Floats
    solution: Floats


def domain_means(columns: Columns, design: Design, domains: By) -> DomainMeans:
    """Means of every column in every domain; a row without an answer is left out for that column only.

    `columns` hold numbers; `domains` are the combinations of levels that occur among rows with a weight.
    The same numbers as `mean` for one column and one domain at a time. Designs of one stage (or drawn
    with replacement at the first), as drawn or adjusted once, are done all together; others domain by
    domain.
    Raises ColumnError, LoneStratum or EmptyReplicate.
    """
    found = crossed(design.data, columns_of(domains))
    if len(found.codes) != design.size:
        raise ColumnError(f"The domains have {len(found.codes)} rows, the design has {design.size}.")
    codes = np.where(design.weights > 0, found.codes, MISSING)
    occurs = np.bincount(codes + 1, minlength=len(found.levels) + 1)[1:] > 0
    placed = np.append(np.cumsum(occurs) - 1, MISSING)[codes]
    levels = tuple(level for level, some in zip(found.levels, occurs, strict=True) if some)
    names, answers = numbers_of(columns, design)
    compute = _together if _summable(design) else _one_by_one
    means = compute(names, answers, design, placed, len(levels))
    return DomainMeans(
        domains=levels,
        names=names,
        values=means.values,
        standard_errors=means.errors,
        respondents=means.respondents,
        degrees_of_freedom=means.freedom,
    )


def _summable(design: Design) -> bool:
    if design.replicates is not None or len(design.adjustments) > 1:
        return False
    first = design.stages[0]
    return (
        (len(design.stages) == 1 or first.population is None)
        and bool((first.drawn > 1).all())
        and all(isinstance(step, Regression) for step in design.adjustments)
    )


def _one_by_one(names: Sequence[str], answers: Numbers, design: Design, codes: Codes, number: int) -> _Means:
    columns = answers.T if isinstance(answers, np.ndarray) else answers
    shape = (number, len(names))
    values, errors, respondents = np.empty(shape), np.empty(shape), np.empty(shape, dtype=np.intp)
    for place in range(number):
        for item, column in enumerate(columns):
            one = mean([column], design, domain=codes == place)
            values[place, item] = one.values[0]
            errors[place, item] = one.standard_errors[0]
            respondents[place, item] = one.respondents
    freedom = [degrees_of_freedom(design, codes == place) for place in range(number)]
    return _Means(values, errors, respondents, np.array(freedom, dtype=np.intp))


def _together(names: Sequence[str], answers: Numbers, design: Design, codes: Codes, number: int) -> _Means:
    parts, weighting = _parts(design, codes, number), _weighting(design)
    blocks = _Blocks.of(answers, design.size, len(names))
    values, size, respondents = _values(blocks, names, design.weights, codes, number)
    deviations = _deviations(blocks, np.nan_to_num(values), codes)
    collect = _sums_of_rows if parts.part is None else _sums_of_units
    sums = collect(deviations, design.weights, weighting, parts)
    found = variances(sums, _model(weighting, parts), parts.strata)
    errors = quotient(np.sqrt(np.maximum(found, 0.0)), size)
    return _Means(values, errors, respondents.astype(np.intp), _freedom(parts))


class _Blocks(NamedTuple):
    """The answers in blocks of rows. What is made of a block gets the same room as that of the one before:
    asking for memory anew takes longer than adding up.
    """

    answers: Numbers
    size: int
    columns: int
    step: int
    room: Floats

    @classmethod
    def of(cls, answers: Numbers, size: int, columns: int) -> Self:
        step = max(1, min(size, BLOCK // max(columns, 1)))
        return cls(answers, size, columns, step, np.empty(3 * step * columns))

    @property
    def rows(self) -> Iterator[slice]:
        return (slice(start, min(start + self.step, self.size)) for start in range(0, self.size, self.step))

    def block(self, rows: slice) -> npt.NDArray[Any]:
        if isinstance(self.answers, np.ndarray):
            return self.answers[rows]
        found = self.space(2, rows)
        for place, column in enumerate(self.answers):
            found[:, place] = column[rows]
        return found

    def space(self, place: int, rows: slice, wide: int = 1) -> Floats:
        """Room for as many numbers as a block has, or twice as many: at place 0, 1 or 2."""
        start, height = place * self.step * self.columns, rows.stop - rows.start
        width = wide * self.columns
        return self.room[start : start + height * width].reshape(height, width)


def _values(
    blocks: _Blocks, names: Sequence[str], weights: Floats, codes: Codes, number: int
) -> tuple[Floats, Floats, Floats]:
    """Means, sums of the weights of those who answered, and their number, shape (domains, columns)."""
    columns = blocks.columns
    both, respondents = np.zeros((number, 2 * columns)), np.zeros((number, columns))
    for rows in blocks.rows:
        block = blocks.block(rows)
        given = block == block  # noqa: PLR0124 - nan, no answer, differs from itself
        filled = blocks.space(0, rows, wide=2)
        filled[:, :columns] = given
        filled[:, columns:] = 0.0
        np.copyto(filled[:, columns:], block, where=given)
        both += adding(codes[rows], number, weights[rows]) @ filled
        respondents += adding(codes[rows], number, np.ones(len(block))) @ given
    _refuse_infinite(names, both[:, columns:])
    size = both[:, :columns]
    return quotient(both[:, columns:], size), size, respondents


def _refuse_infinite(names: Sequence[str], totals: Floats) -> None:
    wrong = ~np.isfinite(totals).all(axis=0)
    if wrong.any():
        name = names[int(wrong.argmax())]
        raise ColumnError(f"Column {name} is infinite in some row. Correct it, or leave it empty.")


def _deviations(blocks: _Blocks, means: Floats, codes: Codes) -> Iterator[tuple[slice, Floats]]:
    """Blocks of rows, with the deviations from the means of their domains: 0 for no answer."""
    for rows in blocks.rows:
        block = blocks.block(rows)
        found = blocks.space(0, rows)
        np.take(means, codes[rows], axis=0, out=found, mode="wrap")  # who is in no domain is never added up
        np.subtract(block, found, out=found)
        np.copyto(found, 0.0, where=np.isnan(block))
        yield rows, found


def _sums_of_rows(
    blocks: Iterator[tuple[slice, Floats]], weights: Floats, weighting: _Weighting, parts: _Parts
) -> Sums:
    return reduce(Sums.plus, (_sums_of_block(*block, weights, weighting, parts) for block in blocks))


def _sums_of_block(
    rows: slice, deviations: Floats, weights: Floats, weighting: _Weighting, parts: _Parts
) -> Sums:
    domain, domains, spread = parts.domain[rows], parts.domains, parts.spread[rows]
    strata = len(parts.strata.drawn)
    stratum, after = parts.stratum[parts.row_unit[rows]], weighting.after[rows]
    variables = weighting.variables[weighting.cell[rows]]
    before, meeting = lifting(
        variables, domain, domains, weighting.before[rows], weights[rows] * after * spread
    )
    totals = adding(parts.cell[rows], strata * domains, weights[rows]) @ deviations
    regressed, met = before @ deviations, meeting @ deviations
    squares = np.square(deviations, out=deviations)  # in the same room, so last
    return Sums(
        squares=adding(domain, domains, weights[rows] ** 2 * spread) @ squares,
        strata=totals,
        regressed=regressed,
        met=met,
        variables=per_code(variables, stratum, strata, after),
    )


def _sums_of_parts(
    rows: slice, deviations: Floats, weights: Floats, weighting: _Weighting, parts: _Parts
) -> tuple[Floats, Floats]:
    assert parts.part is not None  # noqa: S101 - a unit has several rows
    variables = weighting.variables[weighting.cell[rows]]
    (before,) = lifting(variables, parts.row_domain[rows], parts.domains, weighting.before[rows])
    totals = adding(parts.part[rows], len(parts.domain), weights[rows]) @ deviations
    return totals, before @ deviations


def _sums_of_units(
    blocks: Iterator[tuple[slice, Floats]], weights: Floats, weighting: _Weighting, parts: _Parts
) -> Sums:
    """Deviations are added up to parts first."""
    added = [_sums_of_parts(*block, weights, weighting, parts) for block in blocks]
    totals, regressed = (np.add.reduce(several) for several in zip(*added, strict=True))
    strata, units = len(parts.strata.drawn), _of_units(weighting, parts)
    (met,) = lifting(units[parts.unit], parts.domain, parts.domains, parts.spread)
    return Sums(
        squares=adding(parts.domain, parts.domains, parts.spread) @ totals**2,
        strata=adding(parts.cell, strata * parts.domains, np.ones(len(totals))) @ totals,
        regressed=regressed,
        met=met @ totals,
        variables=per_code(units, parts.stratum, strata, np.ones(len(parts.stratum))),
    )


def _parts(design: Design, codes: Codes, number: int) -> _Parts:
    first = design.stages[0]
    stratum = first.stratum_of_unit
    part, domain, unit = None, codes, first.units
    if len(stratum) < design.size:
        inside = np.flatnonzero(codes != MISSING)
        found, place = np.unique(codes[inside] * len(stratum) + first.units[inside], return_inverse=True)
        part = np.full(design.size, MISSING, dtype=np.intp)
        part[inside] = place
        domain, unit = found // len(stratum), found % len(stratum)
    strata = _strata(first)
    return _Parts(
        part=part,
        row_domain=codes,
        row_unit=first.units,
        domain=domain,
        unit=unit,
        cell=np.where(domain == MISSING, MISSING, stratum[unit] * number + domain),
        spread=strata.spread[stratum[unit]],
        stratum=stratum,
        strata=strata,
        domains=number,
    )


def _strata(stage: Stage) -> Strata:
    drawn = stage.drawn
    fraction = np.zeros(len(drawn))
    if stage.population is not None:
        fraction[stage.strata] = drawn[stage.strata] / stage.population
    return Strata(drawn=drawn, spread=np.where(fraction >= TAKEN, 0.0, drawn / (drawn - 1) * (1 - fraction)))


def _weighting(design: Design) -> _Weighting:
    if not design.adjustments:
        return _Weighting(
            variables=sparse.csr_array((1, 0)),
            cell=np.zeros(design.size, dtype=np.intp),
            before=design.weights,
            after=design.weights,
            solution=np.zeros((0, 0)),
        )
    (step,) = design.adjustments
    assert isinstance(step, Regression)  # noqa: S101 - what _summable asked for
    ratio = np.divide(step.old, step.new, out=np.zeros_like(step.old), where=step.new != 0)
    return _Weighting(
        variables=sparse.csr_array(step.model),
        cell=step.cell,
        before=design.weights * ratio,
        after=step.new,
        solution=step.solution,
    )


def _model(weighting: _Weighting, parts: _Parts) -> Model:
    spread = parts.strata.spread[parts.stratum]
    if parts.part is None:
        squares = np.bincount(weighting.cell, weighting.after**2 * spread[parts.row_unit])
        products = weighting.variables.T @ sparse.csr_array(weighting.variables * squares[:, None])
    else:
        units = _of_units(weighting, parts)
        products = units.T @ sparse.csr_array(units * spread[:, None])
    return Model(solution=weighting.solution, products=products.toarray())


def _of_units(weighting: _Weighting, parts: _Parts) -> sparse.csr_array:
    """The variables times the weight, added up per unit."""
    shape = (len(parts.stratum), weighting.variables.shape[0])
    held = sparse.coo_array((weighting.after, (parts.row_unit, weighting.cell)), shape=shape)
    return sparse.csr_array(held.tocsr() @ weighting.variables)


def _freedom(parts: _Parts) -> Codes:
    """Units minus strata with rows in the domain."""
    cells = parts.cell[parts.cell != MISSING]
    held = np.bincount(cells, minlength=len(parts.strata.drawn) * parts.domains).reshape(-1, parts.domains)
    found: Codes = held.sum(axis=0) - (held > 0).sum(axis=0)
    return found
