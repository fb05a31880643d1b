"""Whether two categories are independent of each other in the population."""

from typing import Literal, NamedTuple

import numpy as np
from scipy import optimize, stats

from analysis.columns import MISSING, Column, ColumnError, called
from analysis.errors import refuse_other
from analysis.estimation.hypotheses import (
    HypothesisTest,
    SingularTest,
    f_test,
    wald_statistic,
)
from analysis.sampling.designs import Codes, Design, Floats, Mask
from analysis.sampling.rows import refuse_negative, row_categories, rows_in
from analysis.sampling.variance import degrees_of_freedom, each, sampling_covariance

NEAR_THE_MEAN = 1e-4
"""A saddlepoint this near to zero says that the value is the mean of the distribution."""

SHORT_OF_THE_POLE = 0.99999
"""How far towards the ends of its interval a saddlepoint is looked for."""

Statistic = Literal["F", "Chisq", "Wald", "adjWald", "saddlepoint"]


class _Table(NamedTuple):
    """The cell of every row (row level times columns plus column level) and the rows with both answers."""

    cells: Codes
    used: Mask
    shape: tuple[int, int]
    subject: str


def chisq(
    row: Column,
    column: Column,
    design: Design,
    *,
    statistic: Statistic = "F",
    domain: Mask | None = None,
) -> HypothesisTest:
    """Test of independence in a table of weighted counts.

    Under the design Pearson's statistic is distributed as a sum of chi-squares with weights, the
    eigenvalues of the matrix D of design effects. "F": X2 / tr D against F with d and d times the
    degrees of freedom of the design, d = (tr D)^2 / tr D^2 (Rao and Scott 1984, second order). "Chisq":
    X2 against its mean eigenvalue times chi-square (first order). "saddlepoint": X2 against the sum
    itself, by the approximation of Kuonen (1999). "Wald" and "adjWald": differences between observed and
    expected counts against F (Koch, Freeman and Freeman 1975; Thomas and Rao 1987).

    Pearson's X2 is scaled to the number of rows of the design, missing answers included. Raises
    ColumnError, SingularTest, LoneStratum or EmptyReplicate.
    """
    refuse_other("statistic", statistic, Statistic)
    table = _table(row, column, design, domain)
    freedom = degrees_of_freedom(design, domain)
    if statistic in ("Wald", "adjWald"):
        return _wald(table, design, freedom, adjusted=statistic == "adjWald")
    rows = _rows(design, domain)
    shares = _shares(table, design.weights)
    pearson = _pearson(shares.reshape(table.shape), rows)
    effects = _design_effects(table, design, shares, rows)
    eigenvalues: Floats = np.linalg.eigvals(effects).real.astype(float)
    if statistic == "F":
        numerator = _equivalent(eigenvalues)
        return f_test(pearson / float(eigenvalues.sum()), numerator, numerator * freedom)
    if statistic == "Chisq":
        number = len(eigenvalues)
        p_value = float(stats.chi2.sf(pearson / eigenvalues.mean(), number))
        return HypothesisTest(statistic=pearson, degrees_of_freedom=(number,), p_value=p_value)
    p_value = f_sum_tail(pearson, eigenvalues, freedom * _equivalent(eigenvalues))
    return HypothesisTest(statistic=pearson, degrees_of_freedom=(), p_value=p_value)


def f_sum_tail(value: float, weights: Floats, denominator: float) -> float:
    """P(sum_i weights_i X_i > value Y / denominator): X_i, Y chi-squares with 1 and `denominator` degrees.

    That is P(S > 0) for a sum S of chi-squares with positive weights and one negative one. The saddlepoint
    approximation of Kuonen (1999, Biometrika 86, formulas 2 to 4): with K the cumulant generating function
    of S and K'(s) = 0, the normal tail at w + log(v/w)/w, w = sign(s) sqrt(-2 K(s)), v = s sqrt(K''(s)).
    As in R's pFsum, Y counts with its whole degrees of freedom; at the mean of S, where the formula is 0/0,
    F with the moments of Satterthwaite takes over.
    """
    if value <= 0:
        return 1.0
    scaled = np.append(weights, -value / denominator) / weights.max()
    times = np.append(np.ones(len(weights)), int(denominator))

    def slope(saddle: float) -> float:
        return float((times * scaled / (1 - 2 * saddle * scaled)).sum())

    low, high = (SHORT_OF_THE_POLE * 0.5 / end for end in (scaled[-1], scaled.max()))
    saddle = float(optimize.brentq(slope, low, high, xtol=1e-14))
    if abs(saddle) < NEAR_THE_MEAN:
        freedom = _equivalent(weights)
        return float(stats.f.sf(value / weights.sum(), freedom, denominator))
    spread = 1 - 2 * saddle * scaled
    w = np.sign(saddle) * np.sqrt((times * np.log(spread)).sum())
    v = saddle * np.sqrt(2 * (times * (scaled / spread) ** 2).sum())
    return float(stats.norm.sf(w + np.log(v / w) / w))


def _equivalent(weights: Floats) -> float:
    """Degrees of freedom of the chi-square with the mean and variance of a sum with these weights, scaled."""
    return float(weights.sum() ** 2 / (weights**2).sum())


def _table(row: Column, column: Column, design: Design, domain: Mask | None) -> _Table:
    rows, columns = row_categories(row, design), row_categories(column, design)
    used = (rows.codes != MISSING) & (columns.codes != MISSING) & (design.weights != 0)
    used &= rows_in(domain, design)
    refuse_negative(f"{called(row)} in a table", design, used)
    places, sizes = [], []
    for name, found in ((row, rows), (column, columns)):
        present, codes = np.unique(found.codes[used], return_inverse=True)
        if len(present) < 2:
            raise ColumnError(
                f"{called(name)} has {len(present)} level among the rows used, a table needs at least two. "
                "Take more rows, or another column."
            )
        places.append(codes)
        sizes.append(len(present))
    cells = np.zeros(design.size, dtype=np.intp)
    cells[used] = places[0] * sizes[1] + places[1]
    return _Table(cells, used, (sizes[0], sizes[1]), f"{called(row)} in a table with another")


def _rows(design: Design, domain: Mask | None) -> int:
    """The rows that X2 is scaled to; once weights are adjusted, R's survey counts those outside a domain."""
    adjusted = design.adjustments and design.replicates is None
    return design.size if adjusted else int(rows_in(domain, design).sum())


def _shares(table: _Table, weights: Floats) -> Floats:
    counts = np.bincount(table.cells[table.used], weights[table.used], int(np.prod(table.shape)))
    with np.errstate(invalid="ignore"):
        return np.asarray(counts / counts.sum())


def _pearson(shares: Floats, rows: int) -> float:
    expected = np.outer(shares.sum(axis=1), shares.sum(axis=0))
    return float(rows * ((shares - expected) ** 2 / expected).sum())


def _design_effects(table: _Table, design: Design, shares: Floats, rows: int) -> Floats:
    """D = (C'P^-1 C / n)^-1 C'P^-1 V P^-1 C: how much wider interactions vary than in a plain sample of n.

    C is a basis of the interactions, orthogonal to the main effects; P has the shares of the cells on its
    diagonal, V is their covariance (Rao and Scott 1984, section 3).
    """
    members = _members(table)
    size = design.weights[table.used].sum()
    influence = np.where(table.used[:, None], members - shares, 0.0) / size
    spread = sampling_covariance(each(lambda weights: _shares(table, weights)), influence, design, table.used)
    contrasts = _interactions(table.shape)
    occurring = shares > 0
    scaled = np.zeros_like(contrasts)
    scaled[occurring] = contrasts[occurring] / shares[occurring, None]
    plain = contrasts.T @ scaled / rows
    if np.linalg.cond(plain) > 1e12:
        raise SingularTest(f"{table.subject}: too many cells are empty. Merge levels.")
    return np.asarray(np.linalg.solve(plain, scaled.T @ spread @ scaled), dtype=float)


def _members(table: _Table) -> Floats:
    members = (table.cells[:, None] == np.arange(int(np.prod(table.shape)))) & table.used[:, None]
    return np.asarray(members, dtype=float)


def _interactions(shape: tuple[int, int]) -> Floats:
    """A basis of what sums to zero over the rows and over the columns of a table, shape (cells, basis)."""
    of_rows, of_columns = (np.vstack([-np.ones(size - 1), np.eye(size - 1)]) for size in shape)
    return np.asarray(np.kron(of_rows, of_columns), dtype=float)


def _wald(table: _Table, design: Design, freedom: int, *, adjusted: bool) -> HypothesisTest:
    """Observed minus expected counts, N_ij - N_i N_j / N, without the first row and column."""
    rows, columns = table.shape
    members = _members(table).reshape(-1, rows, columns)
    counts = np.tensordot(design.weights, members, 1)
    shares = counts / counts.sum()
    of_row, of_column = shares.sum(axis=1), shares.sum(axis=0)
    in_row, in_column = members.sum(axis=2), members.sum(axis=1)
    influence = members - in_row[:, :, None] * of_column - of_row[:, None] * in_column[:, None, :]
    influence += np.outer(of_row, of_column)
    influence[~table.used] = 0.0
    away = (counts - counts.sum() * np.outer(of_row, of_column))[1:, 1:].ravel()
    kept = influence[:, 1:, 1:].reshape(-1, len(away))
    spread = sampling_covariance(lambda weights: weights.T @ kept, kept, design, table.used)
    number = len(away)
    statistic = wald_statistic(away, spread, table.subject) / number
    if not adjusted:
        return f_test(statistic, number, freedom)
    left = freedom - number + 1
    return f_test(statistic * left / freedom, number, left)
