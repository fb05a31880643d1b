"""The sums from which variances of domain means follow, wherever they were added up.

With u = y - mean where there is an answer in the domain, z = w u, and x the variables of the last step of
weighting, the residual of z on x is e = z - x'b w, with b from the sums of x u d over the domain (d: the
weight before the step). Then sum a e^2, for a the spread of a unit's stratum, is
sum a z^2 - 2 b' sum a z w x + b' (sum a w^2 x x') b. Nothing else of the data is needed
(Särndal, Swensson and Wretman 1992, sections 5.5 and 6.6).
"""

from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt
from msgspec import Struct
from scipy import sparse

from analysis.columns import MISSING
from analysis.estimation.estimates import quotient
from analysis.sampling.designs import Codes, Floats
from analysis.sampling.variance import ROUNDING, TAKEN
from analysis.weighting.calibration import Regression, Solution, cross_products

CANCELLED = 1e-12
"""A variance that is no more than this share of the sums that it is the difference of is rounding."""

TABLE = 100_000
"""Combinations up to this number, or four times the rows, are added up in a table of all of them."""


Products = Floats | sparse.csr_array
"""Sums of products of variables: shape (variables, variables)."""


class Means(NamedTuple):
    """Means, standard errors and respondents, shape (domains, columns), and the freedom of every domain."""

    values: Floats
    errors: Floats
    respondents: Codes
    freedom: Codes


class Strata(Struct, frozen=True, kw_only=True, eq=False):
    """Per stratum of the first stage the units `drawn`, n, and their `spread`, n/(n-1) (1 - n/N).

    `of_unit` is the stratum of every unit.
    """

    of_unit: Codes
    drawn: Codes
    spread: Floats

    @classmethod
    def of(cls, of_unit: Codes, drawn: Codes, population: Floats | None) -> Self:
        fraction = np.zeros(len(drawn)) if population is None else drawn / population
        spread = drawn / (drawn - 1) * (1 - fraction)
        return cls(of_unit=of_unit, drawn=drawn, spread=np.where(fraction >= TAKEN, 0.0, spread))


class Parts(Struct, frozen=True, kw_only=True, eq=False):
    """A part is what a unit of the first stage has in a domain; where rows are the units, a row.

    `part` is that of every row (None where rows are the parts), `row_domain` and `row_unit` the domain and
    unit of every row; `domain`, `unit`, `cell` (stratum and domain) and `spread` (of the stratum) are those
    of every part.
    """

    part: Codes | None
    row_domain: Codes
    row_unit: Codes
    domain: Codes
    unit: Codes
    cell: Codes
    spread: Floats
    strata: Strata
    domains: int

    @classmethod
    def of(cls, domain: Codes, domains: int, unit: Codes, strata: Strata, *, alone: bool) -> Self:
        """From the domain and unit of every row; `alone`: rows are the units."""
        stratum = strata.of_unit
        part, part_domain, part_unit = None, domain, unit
        if not alone:
            inside = np.flatnonzero(domain != MISSING)
            found, place = np.unique(domain[inside] * len(stratum) + unit[inside], return_inverse=True)
            part = np.full(len(unit), MISSING, dtype=np.intp)
            part[inside] = place
            part_domain, part_unit = found // len(stratum), found % len(stratum)
        part_stratum = stratum[part_unit]
        return cls(
            part=part,
            row_domain=domain,
            row_unit=unit,
            domain=part_domain,
            unit=part_unit,
            cell=np.where(part_domain == MISSING, MISSING, part_stratum * domains + part_domain),
            spread=strata.spread[part_stratum],
            strata=strata,
            domains=domains,
        )


class Weighting(Struct, frozen=True, kw_only=True, eq=False):
    """The last step of weighting: rows lie in cells that have the same `variables`; none without a step.

    `after` is the weight of every row after the step, the very weights where nothing followed it, and `ratio`
    that of the weight before to it, in every cell, where `held` is the sum of the weights after. `solution`
    gives the coefficients of the regression.
    """

    variables: sparse.csr_array
    cell: Codes
    after: Floats
    ratio: Floats
    held: Floats
    solution: Solution

    @classmethod
    def of(cls, step: Regression | None, weights: Floats) -> Self:
        if step is None:
            return cls(
                variables=sparse.csr_array((1, 0)),
                cell=np.zeros(len(weights), dtype=np.intp),
                after=weights,
                ratio=np.ones(1),
                held=np.array([weights.sum()]),
                solution=Solution.whole(np.zeros((0, 0))),
            )
        variables = sparse.csr_array(step.model)
        old, new = (
            np.bincount(step.cell, each, variables.shape[0]).astype(float) for each in (step.old, step.new)
        )
        return cls(
            variables=variables,
            cell=step.cell,
            after=weights if np.array_equal(step.new, weights) else step.new,
            ratio=np.divide(old, new, out=np.zeros_like(old), where=new != 0),
            held=new,
            solution=step.solution,
        )

    def per_stratum(self, parts: Parts) -> Floats:
        """The sum of x w of the rows of every stratum, shape (variables, strata)."""
        cells, strata = self.variables.shape[0], len(parts.strata.drawn)
        if strata == 1:
            whole: Floats = self.variables.T @ self.held[:, None]
            return whole
        stratum = parts.strata.of_unit[parts.row_unit]
        if strata * cells > 4 * len(stratum) + TABLE:
            return per_code(self.variables[self.cell], stratum, strata, self.after)
        held = np.bincount(stratum * cells + self.cell, self.after, strata * cells)
        found: Floats = self.variables.T @ held.reshape(strata, cells).T
        return found


class Sums(NamedTuple):
    """Sums over rows or units, shape (places, columns): `squares` of a z^2 per domain, `strata` of z per
    stratum and domain, `regressed` of u d x and `met` of a z w x per variable and domain. `variables` is
    the sum of x w, shape (variables, strata).
    """

    squares: Floats
    strata: Floats
    regressed: Floats
    met: Floats
    variables: Floats


def variances(sums: Sums, products: Products, solution: Solution, strata: Strata) -> Floats:
    """Of the totals of z, shape (domains, columns).

    `products` is the sum over units of a x w (x w)', shape (variables, variables).
    """
    shape = (solution.variables, sums.squares.size)
    slopes = solution.times(sums.regressed.reshape(shape))
    explained = products @ slopes
    explained -= 2 * sums.met.reshape(shape)
    explained *= slopes
    totals = sums.strata.reshape(len(strata.drawn), -1) - sums.variables.T @ slopes
    between = (strata.spread / strata.drawn) @ totals**2
    less = (between - explained.sum(axis=0)).reshape(sums.squares.shape)
    found = sums.squares - less
    return np.where(found > CANCELLED * sums.squares, found, 0.0)


def standard_errors(variances: Floats, size: Floats, values: Floats) -> Floats:
    """Of means from the variances of totals of z; 0 where it is but the rounding of the mean.

    `size` is the sum of the weights, which may be below 0 after a linear calibration.
    """
    errors = quotient(np.sqrt(variances), np.abs(size))
    return np.where(errors <= ROUNDING * np.abs(values), 0.0, errors)


def row_products(weighting: Weighting, squares: Floats) -> Products:
    """The sum of x x', where rows are the units; `squares` is a w^2 of every row."""
    cells = weighting.variables.shape[0]
    return cross_products(weighting.variables, np.bincount(weighting.cell, squares, cells).astype(float))


def unit_products(weighting: Weighting, parts: Parts) -> Products:
    """The sum over units of a x w (x w)'."""
    return cross_products(unit_variables(weighting, parts), parts.strata.spread[parts.strata.of_unit])


def unit_variables(weighting: Weighting, parts: Parts) -> sparse.csr_array:
    """The variables times the weight, added up per unit: shape (units, variables)."""
    shape = (len(parts.strata.of_unit), weighting.variables.shape[0])
    held = sparse.coo_array((weighting.after, (parts.row_unit, weighting.cell)), shape=shape)
    return sparse.csr_array(held.tocsr() @ weighting.variables)


def unit_sums(totals: Floats, regressed: Floats, weighting: Weighting, parts: Parts) -> Sums:
    """The sums where a unit has several rows, from the totals of z of every part and `regressed`."""
    strata, units = len(parts.strata.drawn), unit_variables(weighting, parts)
    (met,) = lifting(units, parts.unit, parts.domain, parts.domains, parts.spread)
    return Sums(
        squares=adding(parts.domain, parts.domains, parts.spread) @ totals**2,
        strata=adding(parts.cell, strata * parts.domains, np.ones(len(totals))) @ totals,
        regressed=regressed,
        met=met @ totals,
        variables=per_code(units, parts.strata.of_unit, strata, np.ones(len(parts.strata.of_unit))),
    )


def freedom(parts: Parts, counts: Floats | None = None) -> Codes:
    """Units minus strata with rows in the domain, per domain; `counts`: for how many units a part stands."""
    inside = parts.cell != MISSING
    number = len(parts.strata.drawn) * parts.domains
    given = None if counts is None else counts[inside]
    held = np.bincount(parts.cell[inside], given, number).reshape(-1, parts.domains)
    found: Codes = (held.sum(axis=0) - (held > 0).sum(axis=0)).astype(np.intp)
    return found


def adding(codes: Codes, number: int, weights: Floats) -> sparse.csc_array:
    """What adds up rows with the same code, each times its weight: shape (codes, rows)."""
    starts = np.arange(len(codes) + 1)
    if (codes == MISSING).any():
        inside = codes != MISSING
        starts[1:] = np.cumsum(inside)
        codes, weights = codes[inside], weights[inside]
    return sparse.csc_array((weights, codes, starts), shape=(number, len(starts) - 1))


def lifting(
    variables: sparse.csr_array, rows: Codes, codes: Codes, number: int, *weights: Floats
) -> tuple[sparse.csc_array, ...]:
    """What adds up x per variable and code, one matrix for each of the weights.

    `rows` are those of `variables` that are meant, one for each of the codes; the shape is
    (variables * codes, rows).
    """
    starts, indices, values = _taken(variables, rows)
    each = np.diff(starts)
    places = indices * number + np.repeat(np.maximum(codes, 0), each)
    shape = (variables.shape[1] * number, len(codes))
    return tuple(
        sparse.csc_array((values * np.repeat(weight * (codes != MISSING), each), places, starts), shape=shape)
        for weight in weights
    )


def _taken(
    variables: sparse.csr_array, rows: Codes
) -> tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]]:
    """Where rows of a matrix start, which variables they have, and how much of these.

    Where all have as many, as levels of margins do, that is faster by hand.
    """
    each = np.diff(variables.indptr)
    if not each[:1].any() or (each != each[0]).any():
        found = variables[rows]
        return found.indptr, found.indices, found.data
    starts = int(each[0]) * np.arange(len(rows) + 1, dtype=variables.indices.dtype)
    indices, values = (
        part.reshape(-1, each[0])[rows].ravel() for part in (variables.indices, variables.data)
    )
    return starts, indices, values


def per_code(variables: sparse.csr_array, codes: Codes, number: int, weights: Floats) -> Floats:
    """The variables of rows times a weight, added up: shape (variables, codes)."""
    each = np.diff(variables.indptr)
    places = variables.indices * number + np.repeat(codes, each)
    values = variables.data * np.repeat(weights, each)
    found: Floats = np.bincount(places, values, variables.shape[1] * number).astype(float)
    return found.reshape(-1, number)
