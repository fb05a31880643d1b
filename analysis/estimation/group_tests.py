"""Whether groups differ: t tests of means, and rank tests, for which only the order of answers counts."""

from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np
from msgspec import Struct
from scipy import stats

from analysis.columns import MISSING, Categories, Column, ColumnError, called
from analysis.errors import refuse_other
from analysis.estimation.hypotheses import HypothesisTest, f_test, half_width, t_test, wald_statistic
from analysis.formulas import FormulaError, model_matrix, sides
from analysis.sampling.designs import Design, DesignError, Floats, Mask
from analysis.sampling.rows import refuse_negative, row_categories, row_numbers, rows_in
from analysis.sampling.variance import beyond_rounding, degrees_of_freedom, each, sampling_covariance

RankTest = Literal["wilcoxon", "KruskalWallis", "vanderWaerden", "median"]

Ties = Literal["shared", "by row"]

SCORES: dict[RankTest, Callable[[Floats], Floats]] = {
    "wilcoxon": lambda ranks: ranks,
    "KruskalWallis": lambda ranks: ranks,
    "vanderWaerden": lambda ranks: np.asarray(stats.norm.ppf(ranks)),
    "median": lambda ranks: (ranks > 0.5).astype(float),
}
"""Of a rank between 0 and 1."""


class TTest(Struct, frozen=True, kw_only=True):
    """A mean, or a difference between two means, with its t interval and the test of its being zero."""

    value: float
    standard_error: float
    low: float
    high: float
    test: HypothesisTest


class _Groups(NamedTuple):
    """The outcome of every row (0: none), and a one in the column of its group, shape (rows, groups)."""

    outcome: Floats
    members: Floats
    levels: tuple[str, ...]

    @property
    def used(self) -> Mask:
        return np.asarray(self.members.any(axis=1))

    def means(self, weights: Floats) -> Floats:
        """Of the outcome in every group; nan where a group has no weight."""
        sizes = weights @ self.members
        sums = (weights * self.outcome) @ self.members
        found: Floats = np.divide(sums, sizes, out=np.full(len(sizes), np.nan), where=sizes != 0)
        return found

    def influence(self, weights: Floats) -> Floats:
        """Of the means, shape (rows, groups)."""
        away = self.outcome[:, None] - self.means(weights)
        return np.asarray(self.members * away / (weights @ self.members))


def ttest(outcome: Column, design: Design, *, domain: Mask | None = None, confidence: float = 0.95) -> TTest:
    """Whether a mean is zero (`growth`, or `growth ~ 0`), or two groups have the same one (`grade ~ sex`).

    The difference is that of the second group, in the order of its levels, minus the first. Student's t
    with one degree of freedom less than the design has, as R's svyttest takes it: for one mean within
    the domain, for two among the rows with both answers. Raises FormulaError, ColumnError, DesignError.
    """
    groups = _groups(outcome, design, domain)
    if len(groups.levels) > 2:
        raise FormulaError(
            f"{_named(outcome)}: a t test compares two groups, here are {', '.join(groups.levels)}. "
            "Give a domain that has two of them, or use ranktest."
        )
    signs = np.array([-1.0, 1.0])[-len(groups.levels) :]
    counted = rows_in(domain, design) if len(groups.levels) == 1 else groups.used
    means = groups.means(design.weights)
    value = float(means @ signs)
    spread = sampling_covariance(
        each(lambda weights: groups.means(weights) @ signs[:, None]),
        groups.influence(design.weights) @ signs[:, None],
        design,
        groups.used,
    )
    error = float(np.sqrt(beyond_rounding(spread, np.array([np.abs(means).sum()]))[0, 0]))
    if not error > 0:
        raise DesignError(f"{_named(outcome)}: the answers do not vary, so there is nothing to test.")
    freedom = degrees_of_freedom(design, counted) - 1
    reach = float(half_width(error, freedom, confidence))
    return TTest(
        value=value,
        standard_error=error,
        low=value - reach,
        high=value + reach,
        test=t_test(value / error, freedom),
    )


def ranktest(
    formula: str,
    design: Design,
    *,
    test: RankTest = "wilcoxon",
    domain: Mask | None = None,
    ties: Ties = "shared",
) -> HypothesisTest:
    """Whether groups differ in their mean rank score (Lumley and Scott 2013), as in `grade ~ district`.

    The rank of an answer is the estimated share of the population with a lower one, plus half of that with
    the same. With `ties` "by row" equal answers are ranked in the order of their rows first, and get the
    average of that: R's svyranktest, which with unequal weights depends on the order of the rows. Scores
    are the ranks themselves (wilcoxon, KruskalWallis), the normal quantiles of the ranks, or whether they
    are above one half. Two groups: t of second minus first, with one degree of freedom less than the design
    has. More: Wald's F, with as many less as are tested. The ranks are held fixed in the variance, with
    replicates too.

    Raises FormulaError, ColumnError or DesignError.
    """
    refuse_other("rank test", test, RankTest)
    refuse_other("way with equal answers", ties, Ties)
    groups = _groups(formula, design, domain)
    if len(groups.levels) < 2:
        raise FormulaError(f"{formula}: there is one group, where a test needs two. Take more rows.")
    used = groups.used
    refuse_negative(formula, design, used)
    scores = np.zeros(design.size)
    ranks = _ranks_by_row if ties == "by row" else _ranks
    scores[used] = SCORES[test](ranks(groups.outcome[used], design.weights[used]))
    scored = groups._replace(outcome=scores)
    means = scored.means(design.weights)
    influence = scored.influence(design.weights)
    away = influence[:, 1:] - influence[:, :1]
    spread = beyond_rounding(
        sampling_covariance(lambda weights: weights.T @ away, away, design, used),
        np.abs(means[1:]) + np.abs(means[0]),
    )
    differences = means[1:] - means[0]
    statistic = wald_statistic(differences, spread, formula)
    freedom = degrees_of_freedom(design, used)
    number = len(differences)
    if number == 1:
        return t_test(float(np.sign(differences[0]) * np.sqrt(statistic)), freedom - 1)
    return f_test(statistic / number, number, freedom - number)


def _ranks(values: Floats, weights: Floats) -> Floats:
    places = np.unique(values, return_inverse=True)[1]
    shares = np.bincount(places, weights) / weights.sum()
    return np.asarray((np.cumsum(shares) - shares / 2)[places])


def _ranks_by_row(values: Floats, weights: Floats) -> Floats:
    order = np.argsort(values, kind="stable")
    shares = weights[order] / weights.sum()
    places = np.unique(values, return_inverse=True)[1]
    sums = np.bincount(places[order], np.cumsum(shares) - shares / 2)
    return np.asarray((sums / np.bincount(places))[places])


def _groups(outcome: Column, design: Design, domain: Mask | None) -> _Groups:
    values, group = _columns(outcome, design)
    inside = rows_in(domain, design) & (design.weights != 0) & ~np.isnan(values)
    if group is None:
        found = Categories(codes=np.zeros(design.size, dtype=np.intp), levels=("all",))
    else:
        found = row_categories(group, design)
        inside &= found.codes != MISSING
    if not inside.any():
        raise ColumnError(f"{_named(outcome)}: nobody has an answer. Take more rows, or another column.")
    present = np.unique(found.codes[inside])
    members = (found.codes[:, None] == present) & inside[:, None]
    levels = tuple(found.levels[place] for place in present)
    return _Groups(np.where(inside, values, 0.0), members.astype(float), levels)


def _columns(outcome: Column, design: Design) -> tuple[Floats, str | None]:
    """The outcome of every row, nan where there is none, and the name of the column of groups, if any."""
    if not (isinstance(outcome, str) and "~" in outcome):
        return row_numbers(outcome, design), None
    left, terms = sides(outcome)
    factors = [name for term in terms for name in term]
    if left is None or len(factors) > 1:
        raise FormulaError(f"{outcome}: write an outcome, ~, and one column of groups, such as grade ~ sex.")
    found = model_matrix(f"{left} ~ 1", design.data, np.ones(design.size, dtype=bool))
    values = np.full(design.size, np.nan)
    values[found.rows] = found.outcome
    return values, factors[0] if factors else None


def _named(outcome: Column) -> str:
    return outcome if isinstance(outcome, str) and "~" in outcome else called(outcome)
