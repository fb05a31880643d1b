"""Means of many columns in many domains at once, with standard errors that account for the weighting.

The work is two passes over the columns, a block of rows at a time, that add up what `sums` needs: one for
the means, one for the deviations from them. No number of estimates makes it a loop.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from analysis.columns import MISSING, ColumnError, crossed
from analysis.errors import LARGEST
from analysis.estimation.aggregates import Aggregates, aggregated_means
from analysis.estimation.domains import By, columns_of
from analysis.estimation.estimates import (
    CONFIDENCE,
    Columns,
    Floats,
    Numbers,
    mean,
    numbers_of,
    quotient,
)
from analysis.estimation.hypotheses import half_width
from analysis.estimation.sums import (
    Means,
    Parts,
    Strata,
    Sums,
    Weighting,
    adding,
    freedom,
    row_products,
    standard_errors,
    unit_products,
    unit_sums,
    variances,
)
from analysis.frozen import Frozen
from analysis.sampling.designs import Codes, Design
from analysis.sampling.variance import degrees_of_freedom
from analysis.weighting.calibration import Regression

BLOCK = 400_000
"""Answers that are worked on at a time, so that what is made of them stays in the processor's cache."""


class DomainMeans(Frozen, frozen=True, kw_only=True, eq=False):
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


def domain_means(columns: Columns, sample: Design | Aggregates, domains: By) -> DomainMeans:
    """Means of every column in every domain; a row without an answer is left out for that column only.

    `columns` hold numbers; `domains` are the combinations of levels that occur among rows with a weight.
    The same numbers as `mean` for one column and one domain at a time. Designs of one stage (or drawn
    with replacement at the first), as drawn or adjusted once, are done all together; others domain by
    domain. Of aggregates, columns and domains are names of what was added up.
    Raises ColumnError, DesignError, LoneStratum or EmptyReplicate.
    """
    weighted = sample.weights != 0
    found = crossed(sample.data, columns_of(domains))
    if len(found.codes) != len(weighted):
        raise ColumnError(f"The domains have {len(found.codes)} rows, the design has {len(weighted)}.")
    codes = np.where(weighted, found.codes, MISSING)
    occurs = np.bincount(codes + 1, minlength=len(found.levels) + 1)[1:] > 0
    levels = tuple(level for level, some in zip(found.levels, occurs, strict=True) if some)
    if not levels:
        raise ColumnError("No row that counts is in a domain. Take more rows, or other columns of domains.")
    placed = np.append(np.cumsum(occurs) - 1, MISSING)[codes]
    names, means = _computed(columns, sample, placed, len(levels))
    return DomainMeans(
        domains=levels,
        names=tuple(names),
        values=means.values,
        standard_errors=means.errors,
        respondents=means.respondents,
        degrees_of_freedom=means.freedom,
    )


def _computed(
    columns: Columns, sample: Design | Aggregates, codes: Codes, number: int
) -> tuple[Sequence[str], Means]:
    if isinstance(sample, Aggregates):
        items = [columns] if isinstance(columns, str) else columns
        if not isinstance(items, list | tuple) or not all(isinstance(name, str) for name in items):
            raise ColumnError(
                "Of aggregates only columns can be asked for that were added up: by their names."
            )
        return items, aggregated_means(items, sample, codes, number)
    names, answers = numbers_of(columns, sample)
    compute = _together if _summable(sample) else _one_by_one
    return names, compute(names, answers, sample, codes, number)


def _summable(design: Design) -> bool:
    if design.replicates is not None or len(design.adjustments) > 1:
        return False
    first = design.stages[0]
    return (
        all(stage.population is None for stage in design.stages[1:])
        and bool((first.drawn > 1).all())
        and all(isinstance(step, Regression) for step in design.adjustments)
    )


def _one_by_one(names: Sequence[str], answers: Numbers, design: Design, codes: Codes, number: int) -> Means:
    columns = answers.T if isinstance(answers, np.ndarray) else answers
    shape = (number, len(names))
    values, errors, respondents = np.empty(shape), np.empty(shape), np.empty(shape, dtype=np.intp)
    for place in range(number):
        for item, column in enumerate(columns):
            one = mean([column], design, domain=codes == place)
            values[place, item] = one.values[0]
            errors[place, item] = one.standard_errors[0]
            respondents[place, item] = one.respondents
    free = [degrees_of_freedom(design, codes == place) for place in range(number)]
    return Means(values, errors, respondents, np.array(free, dtype=np.intp))


def _together(names: Sequence[str], answers: Numbers, design: Design, codes: Codes, number: int) -> Means:
    parts = _parts(design, codes, number)
    weighting = Weighting.of(_step(design), design.weights)
    blocks = _Blocks.of(answers, design.size, len(names))
    values, size, respondents = _values(blocks, names, design.weights, codes, number)
    deviations = _deviations(blocks, np.nan_to_num(values), codes)
    if parts.part is None:
        sums = _row_sums(deviations, design.weights, weighting, parts)
        products = row_products(weighting, weighting.after**2 * parts.spread)
    else:
        sums = unit_sums(deviations, design.weights, weighting, parts)
        products = unit_products(weighting, parts)
    found = variances(sums, products, weighting.solution, parts.strata)
    return Means(values, standard_errors(found, size, values), respondents.astype(np.intp), freedom(parts))


def _step(design: Design) -> Regression | None:
    step = design.adjustments[-1] if design.adjustments else None
    assert step is None or isinstance(step, Regression)  # noqa: S101 - what _summable asked for
    return step


def _parts(design: Design, codes: Codes, number: int) -> Parts:
    first = design.stages[0]
    population = None
    if first.population is not None:
        population = np.zeros(len(first.drawn))
        population[first.strata] = first.population
    strata = Strata.of(first.stratum_of_unit, first.drawn, population)
    return Parts.of(codes, number, first.units, strata, alone=len(strata.of_unit) == design.size)


class _Blocks(NamedTuple):
    """The answers in blocks of rows. What is made of a block gets the same room as that of the one before:
    asking for memory anew takes longer than adding up. `whole`: no answer can be missing, as whole numbers
    have no nan.
    """

    answers: Numbers
    size: int
    columns: int
    step: int
    room: Floats
    whole: bool

    @classmethod
    def of(cls, answers: Numbers, size: int, columns: int) -> Self:
        step = max(1, min(size, BLOCK // max(columns, 1)))
        given = [answers] if isinstance(answers, np.ndarray) else answers
        whole = all(column.dtype.kind != "f" for column in given)
        blocks = cls(answers, size, columns, step, np.empty(3 * step * columns), whole)
        return blocks if step < size else blocks._replace(answers=blocks.block(slice(0, size)))

    @property
    def rows(self) -> Iterator[slice]:
        return (slice(start, min(start + self.step, self.size)) for start in range(0, self.size, self.step))

    def block(self, rows: slice) -> npt.NDArray[np.floating[Any]]:
        if isinstance(self.answers, np.ndarray) and self.answers.dtype.kind == "f":
            return self.answers[rows]
        found = self.space(2, rows)
        if isinstance(self.answers, np.ndarray):
            found[:] = self.answers[rows]
        else:
            found[:] = np.array([column[rows] for column in self.answers]).T
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
    totals, size, respondents = (np.zeros((number, blocks.columns)) for _ in range(3))
    for rows in blocks.rows:
        inside, block = codes[rows], blocks.block(rows)
        weighing = adding(inside, number, weights[rows])
        if blocks.whole:
            totals += weighing @ block
            size += np.bincount(inside + 1, weights[rows], number + 1)[1:, None]
            respondents += np.bincount(inside + 1, minlength=number + 1)[1:, None]
            continue
        given = block == block  # noqa: PLR0124 - nan, no answer, differs from itself
        filled = blocks.space(0, rows, wide=2)
        filled[:, : blocks.columns] = given
        filled[:, blocks.columns :] = 0.0
        np.copyto(filled[:, blocks.columns :], block, where=given)
        both = weighing @ filled
        size += both[:, : blocks.columns]
        totals += both[:, blocks.columns :]
        respondents += adding(inside, number, np.ones(len(block))) @ given
    _refuse_infinite(names, totals)
    return quotient(totals, size), size, respondents


def _refuse_infinite(names: Sequence[str], totals: Floats) -> None:
    wrong = ~(np.abs(totals) <= LARGEST**2).all(axis=0)
    if wrong.any():
        name = names[int(wrong.argmax())]
        raise ColumnError(
            f"Column {name} is infinite in some row, or too large. Correct it, or leave it empty."
        )


def _deviations(blocks: _Blocks, means: Floats, codes: Codes) -> Iterator[tuple[slice, Floats]]:
    """Blocks of rows, with the deviations from the means of their domains: 0 for no answer."""
    for rows in blocks.rows:
        block = blocks.block(rows)
        found = blocks.space(0, rows)
        np.take(means, codes[rows], axis=0, out=found, mode="wrap")  # who is in no domain is never added up
        np.subtract(block, found, out=found)
        if not blocks.whole:
            np.copyto(found, 0.0, where=np.isnan(block))
        yield rows, found


def _row_sums(
    blocks: Iterable[tuple[slice, Floats]], weights: Floats, weighting: Weighting, parts: Parts
) -> Sums:
    return reduce(Sums.plus, (_block_sums(*block, weights, weighting, parts) for block in blocks))


def _block_sums(rows: slice, deviations: Floats, weights: Floats, weighting: Weighting, parts: Parts) -> Sums:
    domain, domains, spread = parts.domain[rows], parts.domains, parts.spread[rows]
    strata = len(parts.strata.drawn)
    stratum, after = parts.strata.of_unit[parts.row_unit[rows]], weighting.after[rows]
    meeting = weights[rows] * after * spread
    regressed, met = weighting.lifted(rows, domain, domains, deviations, weighting.before[rows], meeting)
    if strata == 1:  # deviations from the mean of a domain add up to 0
        totals = np.zeros((domains, deviations.shape[1]))
    else:
        totals = adding(parts.cell[rows], strata * domains, weights[rows]) @ deviations
    squares = np.square(deviations, out=deviations)  # in the same room, so last
    return Sums(
        squares=adding(domain, domains, weights[rows] ** 2 * spread) @ squares,
        strata=totals,
        regressed=regressed,
        met=met,
        variables=weighting.per_code(rows, stratum, strata),
    )
