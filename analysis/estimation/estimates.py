"""Means, proportions, totals, ratios and variances, with the covariance that the design gives them.

Every function takes columns (their names in the design's data, or their values) and a design. A list
of names asks for several statistics with their covariance; a column of categories gives one statistic
per level, named after column and level. A domain is a mask: rows outside it stay in the design, because
how many fall inside is itself a matter of chance. A row that lacks an answer in one of the columns is
left out for all of them, as if it were outside the domain.
"""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from msgspec import Struct
from msgspec.structs import replace

from analysis.columns import (
    MISSING,
    Column,
    ColumnError,
    called,
    is_text,
    numbers,
    refuse_other_index,
    repeated,
    values_of,
)
from analysis.errors import refuse_other
from analysis.estimation.hypotheses import half_width, t_test
from analysis.frozen import Frozen
from analysis.sampling.designs import Design, DesignError
from analysis.sampling.replication import replicate_covariance
from analysis.sampling.rows import refuse_other_size, row_categories, row_numbers, rows_in
from analysis.sampling.variance import (
    ROUNDING,
    Estimator,
    beyond_rounding,
    covariance,
    degrees_of_freedom,
    effective_number,
)

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

Columns = Column | Sequence[Column]
"""One column, a list of columns, or a matrix with a column for each statistic."""

Numbers = npt.NDArray[Any] | Sequence[npt.NDArray[Any]]
"""Numbers of a type of their own: a matrix with a column for each statistic, or the columns."""

Holding = Literal["either", "numbers", "levels"]
"""What columns are taken to hold: numbers, categories, or each what it looks like."""

CONFIDENCE = 0.95


class Estimate(Struct, frozen=True, kw_only=True):
    """A published number: a proportion from 0 to 1, or a mean or total in the units of the answer.

    `low` and `high` bound the interval, of 95% unless another was asked for; `respondents` is the
    unweighted number of people it rests on (with none, the other numbers are nan). `indicative` is set
    by disclosure control: print "indicatief" beside it.
    """

    value: float
    standard_error: float
    low: float
    high: float
    respondents: int
    degrees_of_freedom: int
    indicative: bool = False


class Observed(Struct, frozen=True, kw_only=True):
    """The unweighted share or mean among people who came by themselves.

    There was no sample, so it has no margin of error and says nothing about all residents.
    """

    value: float
    respondents: int
    indicative: bool = False


class Statistics(Frozen, frozen=True, kw_only=True, eq=False):
    """Statistics with their covariance, shape (statistics, statistics).

    `influence` has shape (rows, statistics): the linearised value u = z/w, zero where a row does not
    count. `respondents` have an answer and a weight, and `effective_number` is Kish's of their weights.
    Where nobody does, values and covariance are nan. `in_replicates`: the values in each replicate, where
    the design has them, shape (replicates, statistics).
    """

    names: tuple[str, ...]
    values: Floats
    influence: Floats
    covariance: Floats
    degrees_of_freedom: int
    respondents: int
    effective_number: float
    in_replicates: Floats | None = None

    @property
    def standard_errors(self) -> Floats:
        return np.sqrt(np.maximum(np.diag(self.covariance), 0.0))

    def interval(self, confidence: float = CONFIDENCE) -> tuple[Floats, Floats]:
        """Lower and upper bounds: the value and t times the standard error on either side."""
        reach = half_width(self.standard_errors, self.degrees_of_freedom, confidence)
        return self.values - reach, self.values + reach

    def estimate(self, place: int = 0, confidence: float = CONFIDENCE) -> Estimate:
        """One of the statistics as a number to publish."""
        low, high = self.interval(confidence)
        return Estimate(
            value=float(self.values[place]),
            standard_error=float(self.standard_errors[place]),
            low=float(low[place]),
            high=float(high[place]),
            respondents=self.respondents,
            degrees_of_freedom=self.degrees_of_freedom,
        )


class Answers(Struct, frozen=True, kw_only=True, eq=False):
    """What a statistic is made from: `values`, shape (rows, columns), zero in rows that are not `counted`."""

    names: tuple[str, ...]
    values: Floats
    counted: Mask


def mean(columns: Columns, design: Design, *, domain: Mask | None = None) -> Statistics:
    """Weighted means, sum(w y) / sum(w); u = (y - mean) / sum(w).

    The ratio of two totals (Särndal, Swensson and Wretman 1992, chapter 5; of domains chapter 10).
    Raises ColumnError, LoneStratum or EmptyReplicate, as all functions here do.
    """
    return _means(answers(columns, design, domain), design, domain)


def proportion(columns: Columns, design: Design, *, domain: Mask | None = None) -> Statistics:
    """The weighted share of every level of the columns, numbers being levels too.

    These are means of ones and zeros, with their covariance and intervals that may pass 0 and 1; for
    better ones of a single share see `analysis.estimation.intervals`.
    """
    return _means(answers(columns, design, domain, holding="levels"), design, domain)


def total(columns: Columns, design: Design, *, domain: Mask | None = None) -> Statistics:
    """Weighted totals, sum(w y); u = y (Horvitz and Thompson 1952)."""
    found = answers(columns, design, domain)
    return statistics(found, lambda weights: weights.T @ found.values, found.values, design, domain=domain)


def ratio(
    numerator: Columns, denominator: Column, design: Design, *, domain: Mask | None = None
) -> Statistics:
    """Ratios of totals R = sum(w y) / sum(w x), named y/x; u = (y - R x) / sum(w x).

    Woodruff (1971); Särndal, Swensson and Wretman (1992), section 5.6.
    """
    both = answers([*_listed(numerator, design), denominator], design, domain, holding="numbers")
    above, below = both.values[:, :-1], both.values[:, -1]
    size = float(design.weights @ below)
    if not size and both.counted.any():
        raise ColumnError(f"{called(denominator)}, below the line of the ratio, adds up to 0.")
    value = quotient(design.weights @ above, size)
    influence = np.where(both.counted[:, None], above - value * below[:, None], 0.0) / (size or 1.0)
    named = replace(both, names=tuple(f"{name}/{both.names[-1]}" for name in both.names[:-1]))
    return statistics(
        named,
        lambda weights: quotient(weights.T @ above, (weights.T @ below)[:, None]),
        influence,
        design,
        domain=domain,
    )


def variance(columns: Columns, design: Design, *, domain: Mask | None = None) -> Statistics:
    """Population variances and covariances, n/(n-1) sum w (x - mean x)(y - mean y) / sum(w), n respondents.

    One statistic for every pair of columns, named x:y, row by row of their matrix: for k columns
    `values` and `standard_errors` take the shape (k, k). u = (n/(n-1) (x - mean x)(y - mean y) - value)
    / sum(w); the means' own part in it is zero (linearised as in Woodruff 1971; R's svyvar).
    """
    found = answers(columns, design, domain, holding="numbers")
    size = len(found.names)
    centred = found.values - np.where(found.counted[:, None], _weighted_mean(found, design), 0.0)
    products = (centred[:, :, None] * centred[:, None, :]).reshape(len(centred), size * size)
    scale = _besseled(found, design)
    weight = float(design.weights @ found.counted)

    def estimator(weights: Floats) -> Floats:
        sums = (weights.T @ found.counted)[:, None]
        means = quotient(weights.T @ centred, sums)
        square = (means[:, :, None] * means[:, None, :]).reshape(len(means), size * size)
        return scale * (quotient(weights.T @ products, sums) - square)

    values = estimator(design.weights[:, None])[0]
    influence = np.where(found.counted[:, None], scale * products - values, 0.0) / (weight or 1.0)
    named = replace(found, names=tuple(f"{one}:{other}" for one in found.names for other in found.names))
    means = np.abs(_weighted_mean(found, design))
    made_of = np.outer(means, means).ravel() + np.abs(values)
    return statistics(named, estimator, influence, design, domain=domain, made_of=made_of)


def design_effect(
    columns: Columns,
    design: Design,
    *,
    of: Literal["mean", "total"] = "mean",
    replacement: bool = False,
    domain: Mask | None = None,
) -> Floats:
    """How many times the variance is that of a simple random sample of as many respondents.

    That is s^2/n (1 - n/N) for a mean, and N^2 times that for a total, with s^2 as in `variance` and N
    the sum of weights; with `replacement` without 1 - n/N (Kish 1965, section 8.2). Of a column that does
    not vary it is nan. Raises DesignError too where N is not above n, as when weights have mean 1.
    """
    refuse_other("design effect of a", of, Literal["mean", "total"])
    found = answers(columns, design, domain)
    middle = _weighted_mean(found, design)
    away = np.where(found.counted[:, None], found.values - middle, 0.0)
    spread = _besseled(found, design) * _weighted_mean(replace(found, values=away**2), design)
    spread[spread <= (ROUNDING * middle) ** 2] = 0.0
    number = _respondents(found, design)
    size = float(design.weights @ found.counted)
    if not replacement and number > size * (1 - ROUNDING):
        raise DesignError(
            f"The weights of the {number} respondents add up to {size:g}, which leaves nobody who was not "
            "drawn. Give weights that add up to the population, or say replacement=True."
        )
    simple = spread / max(number, 1) * (1.0 if replacement else 1 - number / (size or 1.0))
    if of == "total":
        return quotient(total(columns, design, domain=domain).standard_errors ** 2, simple * size**2)
    return quotient(mean(columns, design, domain=domain).standard_errors ** 2, simple)


def observed(values: Floats, domain: Mask | None = None) -> Observed:
    """The plain share or mean of the answers (nan: no answer): for open participation."""
    answered = ~np.isnan(values) if domain is None else ~np.isnan(values) & domain
    value = float(values[answered].mean()) if answered.any() else float("nan")
    return Observed(value=value, respondents=int(answered.sum()))


def statistics(  # noqa: PLR0913 - an estimator, and what its covariance is made from
    found: Answers,
    estimator: Estimator,
    influence: Floats,
    design: Design,
    *,
    domain: Mask | None = None,
    made_of: Floats | None = None,
) -> Statistics:
    """The values of an estimator with their covariance: from its influence, or from the replicates.

    `influence` has shape (rows, statistics). `made_of` is the size of what each is a difference of, to tell
    spread from rounding; that of the value itself where it is none. Degrees of freedom are those of the
    domain, without regard to missing answers.
    """
    twice = repeated(found.names)
    if twice is not None:
        raise ColumnError(
            f"Two statistics are both called {twice}: a column that is given twice, or a column and its "
            "level put together. Rename a column, or ask for them apart."
        )
    values = estimator(design.weights[:, None])[0]
    in_replicates = None
    if design.replicates is None:
        spread = covariance(influence, design, domain)
    else:
        in_replicates = estimator(design.replicates.weights)
        spread = replicate_covariance(in_replicates, values, design.replicates)
    spread = beyond_rounding(spread, np.abs(values) if made_of is None else made_of)
    absent = np.isnan(values)
    spread[absent, :] = np.nan
    spread[:, absent] = np.nan
    return Statistics(
        names=found.names,
        values=values,
        influence=influence,
        covariance=spread,
        degrees_of_freedom=degrees_of_freedom(design, domain),
        respondents=_respondents(found, design),
        effective_number=effective_number(design.weights[found.counted]),
        in_replicates=in_replicates,
    )


def answers(
    columns: Columns, design: Design, domain: Mask | None = None, *, holding: Holding = "either"
) -> Answers:
    """The columns as numbers; columns of categories as ones and zeros per level."""
    names: list[str] = []
    parts: list[Floats] = []
    counted = rows_in(domain, design).copy()
    given = _listed(columns, design)
    if not given:
        raise ColumnError("There is no column to estimate from. Name one at least.")
    for place, column in enumerate(given, start=1):
        name = _name(column)
        if holding == "levels" or (holding == "either" and is_text(design.data, column)):
            found = row_categories(column, design)
            if not found.levels:
                raise ColumnError(f"{called(column)} is empty in every row. Take a column with answers.")
            names += [f"{name}{level}" for level in found.levels]
            parts.append((found.codes[:, None] == np.arange(len(found.levels))).astype(float))
            answered = found.codes != MISSING
        else:
            parts.append(row_numbers(column, design)[:, None])
            names.append(name or str(place))
            answered = ~np.isnan(parts[-1][:, 0])
        counted &= answered
    values = np.where(counted[:, None], np.column_stack(parts), 0.0)
    return Answers(names=tuple(names), values=values, counted=counted)


def numbers_of(columns: Columns, design: Design) -> tuple[tuple[str, ...], Numbers]:
    """The names and values of columns of numbers; nan: no answer.

    A matrix stays one and numbers keep their type, so that nothing large is copied.
    """
    if isinstance(columns, np.ndarray) and columns.ndim == 2 and columns.dtype.kind in "biuf":
        refuse_other_size("The matrix", len(columns), design)
        return tuple(str(place) for place in range(1, columns.shape[1] + 1)), columns
    given = _listed(columns, design)
    if not given:
        raise ColumnError("There is no column to take the means of. Name one at least.")
    names = tuple(_name(column) or str(place) for place, column in enumerate(given, start=1))
    values = [_kept(design.data, column) for column in given]
    for column, one in zip(given, values, strict=True):
        refuse_other_size(called(column), len(one), design)
    return names, values


def _kept(data: object, column: Column) -> npt.NDArray[Any]:
    values = values_of(data, column)
    return values if values.dtype.kind in "biuf" else numbers(data, column)


def two_sided(
    value: float, error: float, freedom: int, confidence: float = CONFIDENCE
) -> tuple[float, float, float]:
    """The t interval around a value, and the p-value of its being zero.

    Without any spread or degrees of freedom there is no evidence: the p-value is 1.
    """
    reach = float(half_width(error, freedom, confidence))
    return value - reach, value + reach, t_test(value / error if error > 0 else np.nan, freedom).p_value


def _means(found: Answers, design: Design, domain: Mask | None) -> Statistics:
    value = _weighted_mean(found, design)
    size = float(design.weights @ found.counted)
    influence = np.where(found.counted[:, None], found.values - value, 0.0) / (size or 1.0)
    return statistics(
        found,
        lambda weights: quotient(weights.T @ found.values, (weights.T @ found.counted)[:, None]),
        influence,
        design,
        domain=domain,
    )


def _weighted_mean(found: Answers, design: Design) -> Floats:
    return quotient(design.weights @ found.values, float(design.weights @ found.counted))


def _respondents(found: Answers, design: Design) -> int:
    return int((found.counted & (design.weights != 0)).sum())


def _besseled(found: Answers, design: Design) -> float:
    number = _respondents(found, design)
    return number / (number - 1) if number > 1 else float("nan")


def quotient(above: Floats, below: Floats | float) -> Floats:
    """above / below, nan where there is nothing to divide by."""
    divisor = np.broadcast_to(below, above.shape)
    found: Floats = np.divide(above, divisor, out=np.full(above.shape, np.nan), where=divisor != 0)
    return found


def _name(column: Column) -> str:
    return column if isinstance(column, str) else str(getattr(column, "name", None) or "")


def _listed(columns: Any, design: Design) -> list[Column]:
    if isinstance(columns, str):
        return [columns]
    several = isinstance(columns, list | tuple)
    if several and all(isinstance(one, str) or np.ndim(one) == 1 for one in columns):
        return list(columns)
    refuse_other_index("The matrix", columns, design.data)
    return list(np.asarray(columns).T) if np.ndim(columns) == 2 else [columns]
