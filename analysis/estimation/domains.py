"""Parts of the population beside each other: each of them, differences between them, standardised means."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from scipy import sparse

from analysis.columns import MISSING, Categories, Column, ColumnError, called, crossed
from analysis.errors import number, refuse_no_mapping
from analysis.estimation.estimates import (
    CONFIDENCE,
    Answers,
    Floats,
    Mask,
    Statistics,
    answers,
    quotient,
    statistics,
    two_sided,
)
from analysis.estimation.multiplicity import Adjusting, adjust
from analysis.sampling.designs import Design
from analysis.sampling.rows import refuse_other_size, row_categories, rows_in

By = Column | Sequence[Column]
"""One column, or several whose combinations are the domains, their levels joined by a dot."""

Found = TypeVar("Found")


class ByDomain(Struct, Generic[Found], frozen=True, kw_only=True, eq=False):
    """What was found in the domain with these levels of the columns; `rows` of it have a weight."""

    key: tuple[str, ...]
    rows: int
    found: Found


class Difference(Struct, frozen=True, kw_only=True):
    """One domain minus another, with the covariance between the two in its standard error."""

    value: float
    standard_error: float
    low: float
    high: float
    p_value: float
    degrees_of_freedom: int


class Differences(Struct, frozen=True, kw_only=True, eq=False):
    """Each domain minus all the others together: one statistic per level."""

    levels: tuple[str, ...]
    statistics: Statistics
    differences: tuple[Difference, ...]

    @property
    def p_values(self) -> Floats:
        return np.array([difference.p_value for difference in self.differences])

    def adjusted(self, method: Adjusting = "BH") -> list[float]:
        """The p-values, adjusted for their number."""
        return adjust(self.p_values.tolist(), method=method)


def by_domain(
    function: Callable[..., Found],
    *columns: Any,
    design: Design,
    by: By,
    domain: Mask | None = None,
    **options: Any,
) -> tuple[ByDomain[Found], ...]:
    """`function(*columns, design, domain=..., **options)` for every combination of levels of `by`.

    Only combinations that occur among rows with a weight (within `domain`, when given), sorted by level.
    """
    parts = [row_categories(column, design) for column in columns_of(by)]
    if not parts:
        raise ColumnError("There is no column to divide by. Name one at least.")
    table = np.column_stack([part.codes for part in parts])
    inside = (table != MISSING).all(axis=1) & (design.weights != 0) & rows_in(domain, design)
    found = []
    for codes in np.unique(table[inside], axis=0):
        within = (table == codes).all(axis=1) & rows_in(domain, design)
        found.append(
            ByDomain(
                key=tuple(part.levels[code] for part, code in zip(parts, codes, strict=True)),
                rows=int((within & inside).sum()),
                found=function(*columns, design, domain=within, **options),
            )
        )
    return tuple(found)


def contrast(
    column: Column,
    design: Design,
    by: By,
    coefficients: Mapping[str, float],
    *,
    confidence: float = CONFIDENCE,
    domain: Mask | None = None,
) -> Difference:
    """A linear combination of domain means; `coefficients` by level of `by`, levels joined by a dot.

    sum_a c_a mean_a, with variance c'Vc: the domains share a design and its weighting, so their covariance
    is in V (Särndal, Swensson and Wretman 1992, chapter 10; R's svycontrast). The test is two-sided, from t
    with the degrees of freedom of the whole design.
    """
    groups = _groups(design, by, domain)
    refuse_no_mapping(f"{_called(by)}: the coefficients", coefficients, ColumnError)
    _refuse_unknown(by, groups, coefficients)
    weights = np.zeros((len(groups.levels), 1))
    for level, coefficient in coefficients.items():
        what = f"{_called(by)}: the coefficient of {level}"
        weights[groups.levels.index(level)] = number(what, coefficient, ColumnError)
    if not weights.any():
        raise ColumnError(f"{_called(by)}: every coefficient is 0, so nothing is compared.")
    found = _combined_means(column, design, groups, weights, ("contrast",), domain)
    return _difference(found, 0, confidence)


def differences(
    column: Column,
    design: Design,
    by: By,
    *,
    levels: Sequence[str] | None = None,
    confidence: float = CONFIDENCE,
    domain: Mask | None = None,
) -> Differences:
    """The mean of each domain minus that of all the others together (of `levels` only, when given).

    A contrast of the domain and the rest: formula and source stand there. Tests are two-sided, from t with
    the degrees of freedom of the whole design.
    """
    groups = _groups(design, by, domain)
    shown = groups.levels if levels is None else tuple(levels)
    _refuse_unknown(by, groups, shown)
    if not shown:
        raise ColumnError(f"{_called(by)}: there is no level to compare with the others.")
    places = np.array([groups.levels.index(level) for level in shown], dtype=np.intp)
    found = _one_column(column, design, groups, domain)
    sums = _sums(found, groups)

    def estimator(weights: Floats) -> Floats:
        amount, size = sums(weights)
        found: Floats = quotient(amount, size) - quotient(*_others(amount, size))
        return found[:, places]

    amount, size = (part[:, places] for part in sums(design.weights[:, None]))
    others = [part[:, places] for part in _others(*sums(design.weights[:, None]))]
    own = _mean_influence(found.values, amount, size)
    rest = _mean_influence(found.values, others[0], others[1])
    influence = np.where(groups.codes[:, None] == places, own, -rest)
    together = statistics(
        replace(found, names=shown),
        estimator,
        np.where(found.counted[:, None], influence, 0.0),
        design,
        domain=domain,
        made_of=np.abs(_means(amount, size)[0]) + np.abs(_means(*others)[0]),
    )
    return Differences(
        levels=shown,
        statistics=together,
        differences=tuple(_difference(together, place, confidence) for place in range(len(shown))),
    )


def standardised(
    column: Column,
    design: Design,
    by: By,
    standard_by: By,
    population: Mapping[str, float],
    *,
    domain: Mask | None = None,
) -> Statistics:
    """The mean of each level of `by` if all were made up like the population: sum_a P_a mean_a / sum_a P_a.

    `population` counts people by level a of `standard_by` (direct standardisation, R's svystandardize). The
    counts are known, so only the means have sampling error; one statistic per level.
    """
    parts = [_groups(design, by, domain), _groups(design, standard_by, domain)]
    groups, standard = parts
    refuse_no_mapping(f"{_called(standard_by)}: the counts of the population", population, ColumnError)
    _refuse_unknown(standard_by, standard, population)
    unknown = [level for level in standard.levels if level not in population]
    if unknown:
        raise ColumnError(f"{_called(standard_by)}: the population has no number for level {unknown[0]}.")
    both = (groups.codes != MISSING) & (standard.codes != MISSING)
    cells = np.where(both, groups.codes * len(standard.levels) + standard.codes, MISSING)
    names = tuple(f"{group}.{level}" for group in groups.levels for level in standard.levels)
    found = _one_column(column, design, Categories(codes=cells, levels=names), domain)
    answered = np.bincount(cells[found.counted], design.weights[found.counted], len(names)) != 0
    if not answered.all():
        raise ColumnError(
            f"Nobody answered in {names[int(np.flatnonzero(~answered)[0])]}, so the levels of "
            f"{_called(by)} cannot be compared at the same {_called(standard_by)}. Merge levels."
        )
    shares = _shares(standard_by, standard.levels, population)
    coefficients: Floats = np.kron(np.eye(len(groups.levels)), shares[:, None]).astype(float)
    return _combined_means(
        column, design, Categories(codes=cells, levels=names), coefficients, groups.levels, domain
    )


def _shares(by: By, levels: Sequence[str], population: Mapping[str, float]) -> Floats:
    """The share of the population in every level. Raises ColumnError."""
    what = f"{_called(by)}: the population of"
    counts = np.array([number(f"{what} {level}", population[level], ColumnError) for level in levels])
    if (counts < 0).any() or not counts.any():
        raise ColumnError(
            f"{what} {', '.join(levels)} is {', '.join(f'{count:g}' for count in counts)}. Give numbers from "
            "0, of which one is above 0."
        )
    shares: Floats = counts / counts.sum()
    return shares


def _combined_means(
    column: Column,
    design: Design,
    groups: Categories,
    coefficients: Floats,
    names: tuple[str, ...],
    domain: Mask | None,
) -> Statistics:
    """Linear combinations of the means of groups; `coefficients` has shape (groups, statistics)."""
    found = _one_column(column, design, groups, domain)
    used: Mask = np.any(coefficients != 0, axis=1)
    sums = _sums(found, groups)

    def estimator(weights: Floats) -> Floats:
        amount, size = sums(weights)
        return quotient(amount, size)[:, used] @ coefficients[used]

    amount, size = sums(design.weights[:, None])
    away = _mean_influence(found.values[:, 0], amount[0][groups.codes], size[0][groups.codes])
    counted = found.counted & used[groups.codes]
    influence = np.where(counted[:, None], away[:, None] * coefficients[groups.codes], 0.0)
    named = replace(found, names=names, counted=counted)
    means = np.abs(_means(amount, size)[0])
    return statistics(
        named, estimator, influence, design, domain=domain, made_of=means @ np.abs(coefficients)
    )


def _one_column(column: Column, design: Design, groups: Categories, domain: Mask | None) -> Answers:
    """The column among rows of a group."""
    found = answers([column], design, domain, holding="numbers")
    counted = found.counted & (groups.codes != MISSING)
    return replace(found, values=np.where(counted[:, None], found.values, 0.0), counted=counted)


def _groups(design: Design, by: By, domain: Mask | None) -> Categories:
    """The levels that occur among rows with a weight in the domain; other rows have none."""
    found = crossed(design.data, columns_of(by))
    refuse_other_size(_called(by), len(found.codes), design)
    codes = np.where((design.weights != 0) & rows_in(domain, design), found.codes, MISSING)
    present = np.unique(codes[codes != MISSING])
    if not len(present):
        raise ColumnError(f"{_called(by)}: no row that counts has a level. Take another column.")
    places = np.full(len(found.levels) + 1, MISSING, dtype=np.intp)
    places[present] = np.arange(len(present))
    return Categories(codes=places[codes], levels=tuple(found.levels[place] for place in present))


def _sums(found: Answers, groups: Categories) -> Callable[[Floats], tuple[Floats, Floats]]:
    """From weights, shape (rows, samples), to sums of w y and of w, shape (samples, groups)."""
    rows = np.flatnonzero(found.counted)
    one_hot = sparse.csr_array(
        (np.ones(len(rows)), (groups.codes[rows], rows)), shape=(len(groups.levels), len(groups.codes))
    )

    def sums(weights: Floats) -> tuple[Floats, Floats]:
        return np.asarray(one_hot @ (weights * found.values)).T, np.asarray(one_hot @ weights).T

    return sums


def _others(amount: Floats, size: Floats) -> tuple[Floats, Floats]:
    """The sums of all other groups together."""
    return amount.sum(axis=1, keepdims=True) - amount, size.sum(axis=1, keepdims=True) - size


def _mean_influence(values: Floats, amount: Floats, size: Floats) -> Floats:
    """(y - mean) / sum(w), 0 where there is no mean."""
    found: Floats = (values - _means(amount, size)) / np.where(size == 0, 1.0, size)
    return found


def _means(amount: Floats, size: Floats) -> Floats:
    """Means from sums, 0 where there is none."""
    found: Floats = amount / np.where(size == 0, 1.0, size)
    return found


def _difference(found: Statistics, place: int, confidence: float) -> Difference:
    value, error = float(found.values[place]), float(found.standard_errors[place])
    return difference_of(value, error, found.degrees_of_freedom, confidence)


def difference_of(value: float, error: float, freedom: int, confidence: float = CONFIDENCE) -> Difference:
    """A difference with its t interval and the two-sided test of its being zero."""
    low, high, p_value = two_sided(value, error, freedom, confidence)
    return Difference(
        value=value,
        standard_error=error,
        low=low,
        high=high,
        p_value=p_value,
        degrees_of_freedom=freedom,
    )


def _refuse_unknown(by: By, groups: Categories, wanted: Sequence[str] | Mapping[str, Any]) -> None:
    unknown = [level for level in wanted if level not in groups.levels]
    if unknown:
        raise ColumnError(
            f"{_called(by)} has no level {unknown[0]} here. There are: {', '.join(groups.levels)}."
        )


def _called(by: By) -> str:
    return " and ".join(called(column) for column in columns_of(by))


def columns_of(by: Any) -> list[Column]:
    """The columns whose combinations are the domains."""
    several = isinstance(by, list | tuple) and all(isinstance(one, str) or np.ndim(one) == 1 for one in by)
    return list(by) if several else [by]
