"""Means of many columns in many domains at once, with standard errors that account for the weighting.

The work is one pass over the columns, a block of rows at a time, that adds up what `sums` needs. No number of
estimates makes it a loop.
"""

from collections.abc import Sequence
from functools import reduce

import numpy as np

from analysis.columns import MISSING, ColumnError, compacted, crossed
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
from analysis.estimation.moments import Added, RowMoments, UnitMoments, blocks_of, squares
from analysis.estimation.sums import (
    Means,
    Parts,
    Strata,
    Weighting,
    freedom,
    row_products,
    standard_errors,
    unit_products,
    variances,
)
from analysis.frozen import Frozen
from analysis.sampling.designs import Adjustment, Codes, Design, Mask
from analysis.sampling.variance import degrees_of_freedom
from analysis.weighting.calibration import Regression


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
    codes, occurring = compacted(np.where(weighted, found.codes, MISSING), len(found.levels))
    levels = tuple(found.levels[place] for place in occurring)
    if not levels:
        raise ColumnError("No row that counts is in a domain. Take more rows, or other columns of domains.")
    names, means = _computed(columns, sample, codes.astype(np.intp), len(levels))
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
    strata = _strata(sample)
    if strata is None:
        return names, _one_by_one(names, answers, sample, codes, number)
    return names, _together(names, answers, sample, _parts(sample, codes, number, strata))


def _strata(design: Design) -> Strata | None:
    """Those of the first stage, when sums over its units are all that the variance takes."""
    if design.replicates is not None or len(design.adjustments) > 1:
        return None
    if any(stage.population is not None for stage in design.stages[1:]):
        return None
    if not all(_explains_all(step, design.weights) for step in design.adjustments):
        return None
    first = design.stages[0]
    of_unit = first.stratum_of_unit
    drawn = np.bincount(of_unit, minlength=len(first.names))
    if not (drawn > 1).all():
        return None
    population = None
    if first.population is not None:
        population = np.zeros(len(first.names))
        population[first.strata] = first.population
    return Strata.of(of_unit, drawn, population)


def _explains_all(step: Adjustment, weights: Floats) -> bool:
    """Whether a step is a regression of all rows that count: trimming after it may give others a weight."""
    return isinstance(step, Regression) and not weights[step.new == 0].any()


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


def _together(names: Sequence[str], answers: Numbers, design: Design, parts: Parts) -> Means:
    weighting = Weighting.of(_step(design), design.weights)
    compute = _of_rows if parts.part is None else _of_units
    with np.errstate(over="ignore"):  # what is too large is refused by the name of its column
        return compute(names, answers, design.weights, weighting, parts)


def _of_rows(
    names: Sequence[str], answers: Numbers, weights: Floats, weighting: Weighting, parts: Parts
) -> Means:
    blocks = blocks_of(answers, len(weights), len(names))
    moments = reduce(RowMoments.plus, (RowMoments.of(block, weights, weighting, parts) for block in blocks))
    values, size = _means(names, moments.totals.over(parts.domains))
    sums, lost = moments.sums(np.nan_to_num(values), weighting, parts)
    if lost.any():
        again = blocks_of(_chosen(answers, lost), len(weights), int(lost.sum()))
        sums.squares[:, lost] = squares(again, np.nan_to_num(values[:, lost]), weights, parts)
    products = row_products(weighting, weighting.after**2 * parts.spread)
    found = variances(sums, products, weighting.solution, parts.strata)
    return _found(values, standard_errors(found, size, values), moments.respondents, parts)


def _of_units(
    names: Sequence[str], answers: Numbers, weights: Floats, weighting: Weighting, parts: Parts
) -> Means:
    blocks = blocks_of(answers, len(weights), len(names))
    moments = reduce(UnitMoments.plus, (UnitMoments.of(block, weights, weighting, parts) for block in blocks))
    values, size = _means(names, moments.over(parts))
    sums = moments.sums(np.nan_to_num(values), weighting, parts)
    found = variances(sums, unit_products(weighting, parts), weighting.solution, parts.strata)
    return _found(values, standard_errors(found, size, values), moments.respondents, parts)


def _means(names: Sequence[str], totals: Added) -> tuple[Floats, Floats]:
    """Means, and the sums of the weights of those who answered, shape (domains, columns)."""
    wrong = ~(np.abs(totals.answers) <= LARGEST**2).all(axis=0)
    if wrong.any():
        name = names[int(wrong.argmax())]
        raise ColumnError(
            f"Column {name} is infinite in some row, or too large. Correct it, or leave it empty."
        )
    return quotient(totals.answers, totals.ones), totals.ones


def _found(values: Floats, errors: Floats, respondents: Floats, parts: Parts) -> Means:
    counts = np.broadcast_to(respondents, values.shape).astype(np.intp)
    return Means(values, errors, counts, freedom(parts))


def _chosen(answers: Numbers, columns: Mask) -> Numbers:
    if isinstance(answers, np.ndarray):
        return answers[:, columns]
    return [answer for answer, chosen in zip(answers, columns, strict=True) if chosen]


def _step(design: Design) -> Regression | None:
    step = design.adjustments[-1] if design.adjustments else None
    assert step is None or isinstance(step, Regression)  # noqa: S101 - what _strata asked for
    return step


def _parts(design: Design, codes: Codes, number: int, strata: Strata) -> Parts:
    alone = len(strata.of_unit) == design.size
    return Parts.of(codes, number, design.stages[0].units, strata, alone=alone)
