"""Means of many columns in many domains at once, with standard errors that account for the weighting.

Everything that linearised variances need from the data are sums: with u the influence and x the variables
of the last step of weighting, sums of w u, w^2 u^2, w^2 u x and d u x per domain, and of w u per domain
and stratum. So the work is a few passes over the columns, however many estimates come of it.
"""

import numpy as np
from msgspec import Struct
from scipy import sparse

from analysis.columns import MISSING, ColumnError, crossed
from analysis.estimation.domains import By, columns_of
from analysis.estimation.estimates import CONFIDENCE, Columns, Floats, half_width, mean, numbers_of, quotient
from analysis.sampling.designs import Codes, Design
from analysis.sampling.variance import TAKEN, degrees_of_freedom
from analysis.weighting.calibration import Regression

BLOCK = 100_000
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


class _Layout(Struct, frozen=True, kw_only=True, eq=False):
    """Where the rows lie, as matrices of ones that add up what belongs together.

    A part is what a unit has in a domain: with persons as units, a row (then `parts` is None).
    `domain`, `unit` and `weight` are those of each part, `weight` that of its stratum in the variance,
    n/(n-1) (1 - n/N). `strata` have such a weight divided by n.
    """

    rows_to_domains: sparse.csr_array
    parts: sparse.csr_array | None
    parts_to_domains: sparse.csr_array
    parts_to_strata: sparse.csr_array
    row_domain: Codes
    domain: Codes
    unit: Codes
    stratum: Codes
    weight: Floats
    strata: Floats


class _Model(Struct, frozen=True, kw_only=True, eq=False):
    """The regression of the last step of weighting, on variables x.

    With z = w u: `regressed` adds up d z x / w over the rows of every domain, `met` spread z x w over its
    parts, x w being summed per unit; `solution` gives the coefficients, `products` is the weighted sum
    over units of the squares of x w, and `strata` has the sums of x w.
    """

    regressed: sparse.csr_array
    met: sparse.csr_array
    solution: Floats
    products: Floats
    strata: Floats


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
    weighted = np.where(design.weights > 0, found.codes, MISSING)
    present, codes = np.unique(weighted[weighted != MISSING], return_inverse=True)
    placed = np.full(design.size, MISSING, dtype=np.intp)
    placed[weighted != MISSING] = codes
    levels = tuple(found.levels[place] for place in present)
    names, answers = numbers_of(columns, design)
    if _summable(design):
        values, errors, respondents, freedom = _together(answers, design, placed, len(levels))
    else:
        values, errors, respondents, freedom = _one_by_one(answers, design, placed, len(levels))
    return DomainMeans(
        domains=levels,
        names=names,
        values=values,
        standard_errors=errors,
        respondents=respondents,
        degrees_of_freedom=freedom,
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


def _one_by_one(
    answers: Floats, design: Design, codes: Codes, number: int
) -> tuple[Floats, Floats, Codes, Codes]:
    shape = (number, answers.shape[1])
    values, errors, respondents = np.empty(shape), np.empty(shape), np.empty(shape, dtype=np.intp)
    for place in range(number):
        for item, column in enumerate(answers.T):
            one = mean([column], design, domain=codes == place)
            values[place, item] = one.values[0]
            errors[place, item] = one.standard_errors[0]
            respondents[place, item] = one.respondents
    freedom = [degrees_of_freedom(design, codes == place) for place in range(number)]
    return values, errors, respondents, np.array(freedom, dtype=np.intp)


def _together(
    answers: Floats, design: Design, codes: Codes, number: int
) -> tuple[Floats, Floats, Codes, Codes]:
    layout = _layout(design, codes, number)
    model = _model(design, layout)
    step = max(1, BLOCK // max(design.size, 1))
    blocks = [
        _block(answers[:, start : start + step], design, layout, model)
        for start in range(0, answers.shape[1], step)
    ]
    values, errors, respondents = (np.concatenate(part, axis=1) for part in zip(*blocks, strict=True))
    return values, errors, respondents.astype(np.intp), _freedom(layout)


def _layout(design: Design, codes: Codes, number: int) -> _Layout:
    first = design.stages[0]
    stratum = first.stratum_of_unit
    drawn, units = first.drawn, len(stratum)
    fraction = np.zeros(len(drawn))
    if first.population is not None:
        fraction[first.strata] = drawn[first.strata] / first.population
    weight = np.where(fraction >= TAKEN, 0.0, drawn / (drawn - 1) * (1 - fraction))
    parts, domain, unit = None, codes, first.units
    if units < design.size:
        inside = np.flatnonzero(codes != MISSING)
        found, place = np.unique(codes[inside] * units + first.units[inside], return_inverse=True)
        placed = np.full(design.size, MISSING, dtype=np.intp)
        placed[inside] = place
        parts, domain, unit = _adding(placed, len(found)), found // units, found % units
    place = np.where(domain == MISSING, MISSING, domain * len(drawn) + stratum[unit])
    return _Layout(
        rows_to_domains=_adding(codes, number),
        parts=parts,
        parts_to_domains=_adding(domain, number),
        parts_to_strata=_adding(place, number * len(drawn)),
        row_domain=codes,
        domain=domain,
        unit=unit,
        stratum=stratum,
        weight=weight[stratum[unit]],
        strata=weight / drawn,
    )


def _model(design: Design, layout: _Layout) -> _Model | None:
    if not design.adjustments:
        return None
    (step,) = design.adjustments
    assert isinstance(step, Regression)  # noqa: S101 - what _summable asked for
    rows = sparse.csr_array(step.model[step.cell])
    units = sparse.csr_array(rows * step.new[:, None])
    if layout.parts is not None:
        units = _adding(design.stages[0].units, len(layout.stratum)) @ units
    elif (layout.unit != np.arange(design.size)).any():
        units = units[np.argsort(layout.unit)]
    of_unit = (layout.strata * design.stages[0].drawn)[layout.stratum]
    ratio = np.divide(step.old, step.new, out=np.zeros_like(step.old), where=step.new != 0)
    number = layout.parts_to_domains.shape[0]
    return _Model(
        regressed=_per_domain(rows, ratio, layout.row_domain, number),
        met=_per_domain(units[layout.unit], layout.weight, layout.domain, number),
        solution=step.solution,
        products=(units.T @ sparse.csr_array(units * of_unit[:, None])).toarray(),
        strata=(_adding(layout.stratum, len(layout.strata)) @ units).toarray(),
    )


def _block(
    answers: Floats, design: Design, layout: _Layout, model: _Model | None
) -> tuple[Floats, Floats, Floats]:
    """Means, standard errors and respondents of some of the columns."""
    answered = (~np.isnan(answers) & (layout.row_domain != MISSING)[:, None]).astype(float)
    filled = np.nan_to_num(answers) * answered
    weights = design.weights[:, None]
    size = layout.rows_to_domains @ (weights * answered)
    values = quotient(layout.rows_to_domains @ (weights * filled), size)
    weighted = (filled - np.nan_to_num(values)[layout.row_domain] * answered) * weights
    parts = weighted if layout.parts is None else layout.parts @ weighted
    squares = layout.parts_to_domains @ (layout.weight[:, None] * parts**2)
    shape = (len(values), -1, answers.shape[1])
    sums = (layout.parts_to_strata @ parts).reshape(shape)
    if model is not None:
        slopes = np.matmul(model.solution, (model.regressed @ weighted).reshape(shape))
        met = (model.met @ parts).reshape(shape)
        squares += (slopes * (np.matmul(model.products, slopes) - 2 * met)).sum(axis=1)
        sums = sums - np.matmul(model.strata, slopes)
    variances = squares - (layout.strata[:, None] * sums**2).sum(axis=1)
    errors = quotient(np.sqrt(np.maximum(variances, 0.0)), size)
    return values, errors, layout.rows_to_domains @ answered


def _per_domain(rows: sparse.csr_array, scale: Floats, domain: Codes, number: int) -> sparse.csr_array:
    """What adds up scale x times a value, per domain and variable x: shape (domains * variables, rows)."""
    size, variables = rows.shape
    inside = (domain != MISSING).astype(float)
    repeats = np.diff(rows.indptr)
    shift = np.repeat(np.maximum(domain, 0) * variables, repeats)
    data = rows.data * np.repeat(scale * inside, repeats)
    spread = sparse.csr_array((data, rows.indices + shift, rows.indptr), shape=(size, number * variables))
    return sparse.csr_array(spread.T)


def _freedom(layout: _Layout) -> Codes:
    """Units minus strata with rows in the domain."""
    units = np.diff(layout.parts_to_domains.indptr)
    held = np.diff(layout.parts_to_strata.indptr).reshape(len(units), -1)
    found: Codes = (units - (held > 0).sum(axis=1)).astype(np.intp)
    return found


def _adding(codes: Codes, number: int) -> sparse.csr_array:
    """What adds up rows with the same code, shape (codes, rows)."""
    rows = np.flatnonzero(codes != MISSING)
    order = rows[np.argsort(codes[rows], kind="stable")]
    starts = np.concatenate([[0], np.cumsum(np.bincount(codes[rows], minlength=number))])
    return sparse.csr_array((np.ones(len(order)), order, starts), shape=(number, len(codes)))
