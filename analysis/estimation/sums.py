"""The sums from which variances of domain means follow, wherever they were added up.

With u = y - mean where there is an answer in the domain, z = w u, and x the variables of the last step of
weighting, the residual of z on x is e = z - x'b w, with b from the sums of x u d over the domain (d: the
weight before the step). Then sum a e^2, for a the spread of a unit's stratum, is
sum a z^2 - 2 b' sum a z w x + b' (sum a w^2 x x') b. Nothing else of the data is needed
(Särndal, Swensson and Wretman 1992, sections 5.5 and 6.6).
"""

from typing import NamedTuple

import numpy as np
from msgspec import Struct
from scipy import sparse

from analysis.columns import MISSING
from analysis.sampling.designs import Codes, Floats


class Strata(Struct, frozen=True, kw_only=True, eq=False):
    """Per stratum of the first stage: the units `drawn`, n, and their `spread`, n/(n-1) (1 - n/N)."""

    drawn: Codes
    spread: Floats


class Model(Struct, frozen=True, kw_only=True, eq=False):
    """The regression of the last step of weighting on variables x; without weighting there are none.

    `solution` gives the coefficients; `products` is the sum over units of a x w (x w)', with x w added up
    within the unit. Shapes (variables, variables).
    """

    solution: Floats
    products: Floats


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

    def plus(self, other: "Sums") -> "Sums":
        return Sums(*(one + more for one, more in zip(self, other, strict=True)))


def variances(sums: Sums, model: Model, strata: Strata) -> Floats:
    """Of the totals of z, shape (domains, columns)."""
    shape = (len(model.solution), sums.squares.size)
    slopes = model.solution @ sums.regressed.reshape(shape)
    explained = slopes * (model.products @ slopes - 2 * sums.met.reshape(shape))
    totals = sums.strata.reshape(len(strata.drawn), -1) - sums.variables.T @ slopes
    between = (strata.spread / strata.drawn) @ totals**2
    found: Floats = sums.squares + (explained.sum(axis=0) - between).reshape(sums.squares.shape)
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
    variables: sparse.csr_array, codes: Codes, number: int, *weights: Floats
) -> tuple[sparse.csc_array, ...]:
    """What adds up x per variable and code, one matrix for each of the weights of rows.

    `variables` has a row for each of the codes; the shape is (variables * codes, rows).
    """
    each = np.diff(variables.indptr)
    places = variables.indices * number + np.repeat(np.maximum(codes, 0), each)
    values = variables.data * np.repeat(codes != MISSING, each)
    shape = (variables.shape[1] * number, len(codes))
    return tuple(
        sparse.csc_array((values * np.repeat(weight, each), places, variables.indptr), shape=shape)
        for weight in weights
    )


def per_code(variables: sparse.csr_array, codes: Codes, number: int, weights: Floats) -> Floats:
    """The variables of rows times a weight, added up: shape (variables, codes)."""
    each = np.diff(variables.indptr)
    places = variables.indices * number + np.repeat(codes, each)
    values = variables.data * np.repeat(weights, each)
    found: Floats = np.bincount(places, values, variables.shape[1] * number).astype(float)
    return found.reshape(-1, number)
