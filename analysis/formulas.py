"""Model matrices from formulas as R writes them: `~ district + age * sex`, `unsafe ~ district + grade`.

A column of text is a category and a column of numbers a number. A formula names columns; the only thing
computed in it is a comparison, `I(as.numeric(awards == 'Yes'))`, so a formula from a file runs no code.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from formulaic.errors import FormulaicError
from formulaic.parser import DefaultFormulaParser
from msgspec import Struct
from msgspec.structs import replace

from analysis.columns import (
    MISSING,
    Categories,
    ColumnError,
    categories,
    is_text,
    numbers,
    repeated,
    values_of,
)

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

INTERCEPT = "(Intercept)"

UNDETERMINED = 1e-10
"""A column of which no more than this share is left beside the others says nothing of its own."""

CERTAIN = 14.0
"""A chance further from even than this on the logit scale, one in a million, is taken for certainty."""

COMPARISON = re.compile(
    r"""I\(\s*(?:as[._]numeric\(\s*)?  (?P<column>[\w.]+)  \s*(?P<sign>==|!=)\s*
    (?: '(?P<single>[^']*)' | "(?P<double>[^"]*)" | (?P<number>[-\d.]+) )  \s*\)?\s*\)""",
    re.VERBOSE,
)

OPERAND = re.compile(rf"""{COMPARISON.pattern} | `[^`]+` | [^\W\d][\w.]* | [01](?![\w.])""", re.VERBOSE)
POWER = re.compile(r"[1-9]")
OPERATOR = re.compile(r"%in%|\*\*|[-+*/:^]")

ALLOWED = (
    "Write columns (between backticks where a name has other signs than letters, digits, dots and _), 0 or "
    "1, with + - : * / ^ %in% and brackets between them, and I(as.numeric(column == 'value')) where a level "
    "is meant. Compute anything else as a column of the data first."
)

Term = tuple[str, ...]
"""The factors whose product a term is; the intercept has none."""


class FormulaError(ColumnError):
    """A formula that cannot be read, or whose columns do not carry it: says where and what to do."""


class ModelMatrix(Struct, frozen=True, kw_only=True, eq=False):
    """The columns of a model, shape (rows used, columns), under R's names: `ageOld`, `ageOld:sexman`.

    `outcome` is the left side of the formula for the same rows, when it has one; `rows` says which rows
    of the data were used: those asked for without a missing value. `terms` gives the places of the columns
    of each term, for tests on whole terms.
    """

    names: tuple[str, ...]
    values: Floats
    outcome: Floats | None
    rows: Mask
    terms: dict[str, tuple[int, ...]]


def refuse_nothing(formula: str, model: ModelMatrix) -> None:
    """Raise FormulaError when a formula leaves nothing to fit."""
    if not model.names:
        raise FormulaError(
            f"Formula {formula}: nothing is left to explain with. Write a column after the ~, or 1."
        )


class Sides(NamedTuple):
    """A formula taken apart: what it explains, and the terms by the number of their factors."""

    outcome: str | None
    terms: tuple[Term, ...]


def model_matrix(formula: str, data: Any, rows: Mask | None = None) -> ModelMatrix:
    """The model matrix of a formula over the columns of `data`.

    Treatment coding: one column per level but the first in the order of code points; levels that do not
    occur in the rows used are left out. A factor of a product is coded in full where the product without
    it is not in the formula, as R does. Raises FormulaError or ColumnError.
    """
    outcome, terms = sides(formula)
    names = tuple(dict.fromkeys(name for term in terms for name in term))
    factors = {name: _factor(name, data) for name in names}
    explained = None if outcome is None else _number(outcome, data)
    size = _size(data, rows, explained, factors)
    used = np.ones(size, dtype=bool) if rows is None else rows.copy()
    for name, factor in factors.items():
        present = factor.codes != MISSING if isinstance(factor, Categories) else ~np.isnan(factor)
        _refuse_other_size(name, len(present), size)
        used &= present
    if explained is not None:
        _refuse_other_size(str(outcome), len(explained), size)
        used &= ~np.isnan(explained)
    columns: list[tuple[str, Floats]] = []
    places: dict[str, tuple[int, ...]] = {}
    for term in terms:
        parts = [
            _coded(name, factors[name], used, full=_in_full(term, name, terms, factors)) for name in term
        ]
        start = len(columns)
        columns += _products(parts, int(used.sum()))
        _refuse_constant(term, columns[start:], terms)
        places[":".join(term) or INTERCEPT] = tuple(range(start, len(columns)))
    _refuse_repeated(formula, [name for name, _ in columns])
    return ModelMatrix(
        names=tuple(name for name, _ in columns),
        values=np.column_stack([values for _, values in columns]) if columns else np.empty((used.sum(), 0)),
        outcome=None if explained is None else explained[used],
        rows=used,
        terms=places,
    )


def model_matrices(
    formula: str, tables: tuple[Any, Any], rows: tuple[Mask, Mask]
) -> tuple[ModelMatrix, ModelMatrix]:
    """The right side of a formula over two tables, such as a sample and a population, with the same columns.

    A column is there for every level but the first that occurs in either. Raises FormulaError or ColumnError.
    """
    right = f"~{formula.rpartition('~')[2]}"
    stacked: dict[str, npt.NDArray[Any]] = {}
    for name in variables(right):
        if is_text(tables[0], name) != is_text(tables[1], name):
            raise FormulaError(
                f"Column {name} holds text in one table and numbers in the other. Make it one."
            )
        values = [values_of(table, name) for table in tables]
        for found, used in zip(values, rows, strict=True):
            _refuse_other_size(name, len(found), len(used))
        stacked[name] = np.concatenate(values)
    both = model_matrix(right, stacked, np.concatenate(rows))
    first = len(rows[0])
    middle = int(both.rows[:first].sum())
    return (
        replace(both, values=both.values[:middle], rows=both.rows[:first]),
        replace(both, values=both.values[middle:], rows=both.rows[first:]),
    )


def hole(names: Sequence[str], data: Any, rows: Mask) -> tuple[str, int] | None:
    """The first of the rows that a model leaves out, counted from 1, and which column is empty there."""
    if rows.all():
        return None
    row = int(np.argmin(rows))
    columns = (_compared(name) or name for name in names)
    return next(name for name in columns if categories(data, name).codes[row] == MISSING), row + 1


def refuse_undetermined(model: ModelMatrix) -> None:
    """Raise FormulaError when a column says nothing, or nothing that columns before it do not say."""
    left = np.zeros(len(model.names))
    triangle = np.diag(np.linalg.qr(model.values, mode="r"))
    left[: len(triangle)] = np.abs(triangle)
    determined = left > UNDETERMINED * np.linalg.norm(model.values, axis=0)
    if not determined.all():
        raise FormulaError(
            f"{model.names[int(np.argmin(determined))]} cannot be told apart from the columns before it in "
            "these rows: there is nobody in it, or always the same people. Put levels together, or leave it "
            "out of the formula."
        )


def refuse_separated(names: Sequence[str], values: Floats, coefficients: Floats) -> None:
    """Raise FormulaError when a logistic regression has no end: it foretells a 0 or a 1 with certainty."""
    if np.abs(values @ coefficients).max() > CERTAIN:
        name = names[int(np.argmax(np.abs(coefficients) * np.ptp(values, axis=0)))]
        raise FormulaError(
            f"{name} tells the answers apart completely: people with it all did the same, so its coefficient "
            "has no end. Put levels together, or leave it out of the formula."
        )


def _refuse_repeated(formula: str, names: Sequence[str]) -> None:
    """Totals and coefficients are told apart by these names."""
    twice = repeated(names)
    if twice is not None:
        raise FormulaError(
            f"{formula}: two columns of the model are called {twice}, a column of the data and its level put "
            "together. Rename one of the columns."
        )


def _refuse_constant(term: Term, columns: Sequence[tuple[str, Floats]], terms: Sequence[Term]) -> None:
    """Beside an intercept, a number that is the same everywhere explains nothing."""
    if not term or () not in terms:
        return
    for name, values in columns:
        if len(values) and values.min() == values.max():
            raise FormulaError(
                f"Column {name} is {values[0]:g} in every row, so it explains nothing. Leave it out of the "
                "formula, or take more rows."
            )


def sides(formula: str) -> Sides:
    """What a formula explains and its terms, those of fewer factors first. Raises FormulaError."""
    if not isinstance(formula, str):
        raise FormulaError(
            f"A formula is {formula!r:.60}, where a text is needed, such as 'grade ~ age + sex'."
        )
    return _sides(formula)


@lru_cache(maxsize=64)  # a step of weighting reads its formula more than once
def _sides(formula: str) -> Sides:
    _refuse_other_signs(formula)
    try:
        # The parser reads Python, where as is no name.
        parsed = DefaultFormulaParser().get_terms(formula.replace("as.numeric(", "as_numeric("))
    except FormulaicError as error:
        raise FormulaError(f"Formula {formula}: cannot be read. {ALLOWED}") from error
    left = list(getattr(parsed, "lhs", ()))
    right = parsed.rhs if left else parsed.root if hasattr(parsed, "root") else parsed
    if len(left) > 1 or any(len(term.factors) > 1 for term in left):
        raise FormulaError(f"Formula {formula}: there is more than one outcome before the ~. Name one.")
    terms = [tuple(str(factor.expr) for factor in term.factors if factor.expr != "1") for term in right]
    return Sides(str(left[0].factors[0].expr) if left else None, tuple(sorted(terms, key=len)))


def _refuse_other_signs(formula: str) -> None:
    """Raise FormulaError for the first sign that does not belong where it stands; says where that is.

    The parser knows more than what is meant for surveys, and what it says is not for statisticians.
    """
    left, tilde, _ = formula.partition("~")
    start = len(left) + len(tilde)
    if left.strip():
        _refuse_other_terms(formula, 0, len(left))
    if tilde:
        _refuse_other_terms(formula, start, len(formula))


def _refuse_other_terms(formula: str, place: int, end: int) -> None:
    """One side of a formula: operands and operators in turn, with brackets that close."""
    open_brackets, wanted = 0, OPERAND
    while place < end:
        sign = formula[place]
        if sign.isspace():
            place += 1
        elif wanted is OPERAND and sign in "(+-":
            open_brackets, place = open_brackets + (sign == "("), place + 1
        elif wanted is OPERATOR and sign == ")" and open_brackets:
            open_brackets, place = open_brackets - 1, place + 1
        elif (found := wanted.match(formula, place, end)) is not None:
            place = found.end()
            wanted = OPERATOR if wanted is not OPERATOR else POWER if found[0] in {"^", "**"} else OPERAND
        else:
            found_there = formula[place:end].split(maxsplit=1)[0]
            raise FormulaError(
                f"Formula {formula}: {found_there!r} at place {place + 1} does not belong there. {ALLOWED}"
            )
    if wanted is not OPERATOR or open_brackets:
        missing = "a bracket that closes" if wanted is OPERATOR else "a column"
        raise FormulaError(f"Formula {formula}: {missing} is missing at place {end + 1}. {ALLOWED}")


def variables(formula: str) -> tuple[str, ...]:
    """The columns on the right side of a formula. Raises FormulaError."""
    found = (name for term in sides(formula).terms for name in term)
    return tuple(dict.fromkeys(_compared(name) or name for name in found))


def _refuse_other_size(name: str, found: int, needed: int) -> None:
    if found != needed:
        raise FormulaError(
            f"Column {name} has {found} rows, where there are {needed}. Give one value for each row."
        )


def _size(data: Any, rows: Mask | None, outcome: Floats | None, factors: dict[str, Any]) -> int:
    if rows is not None:
        return len(rows)
    if outcome is not None:
        return len(outcome)
    for factor in factors.values():
        return len(factor.codes) if isinstance(factor, Categories) else len(factor)
    return len(data[next(iter(data.keys() if hasattr(data, "keys") else data.columns))])


def _factor(name: str, data: Any) -> Categories | Floats:
    if _compared(name) is None and is_text(data, name):
        return categories(data, name)
    return _number(name, data)


def _number(name: str, data: Any) -> Floats:
    """A column of numbers, or whether a column equals a value as 0 and 1; nan where it is missing."""
    found = COMPARISON.fullmatch(name)
    if found is None:
        return numbers(data, name)
    column = categories(data, found["column"])
    value = next(part for part in (found["single"], found["double"], found["number"]) if part is not None)
    hits = np.array([level == value for level in column.levels], dtype=bool)[column.codes]
    if found["sign"] == "!=":
        hits = ~hits
    return np.where(column.codes == MISSING, np.nan, hits.astype(float))


def _compared(name: str) -> str | None:
    found = COMPARISON.fullmatch(name)
    return None if found is None else found["column"]


def _in_full(term: Term, name: str, terms: Sequence[Term], factors: dict[str, Categories | Floats]) -> bool:
    """Whether a category needs a column for its first level too (Chambers and Hastie 1992, section 2.4)."""
    rest = tuple(other for other in term if other != name)
    if rest:
        return not any(set(rest) == set(other) for other in terms)
    alone = [each[0] for each in terms if len(each) == 1 and isinstance(factors[each[0]], Categories)]
    return () not in terms and alone[:1] == [name]


def _coded(name: str, factor: Categories | Floats, used: Mask, *, full: bool) -> list[tuple[str, Floats]]:
    if not isinstance(factor, Categories):
        return [(name, factor[used])]
    codes = factor.codes[used]
    present = np.flatnonzero(np.bincount(codes, minlength=len(factor.levels)))
    if len(present) < 2 and not full:
        only = f"{factor.levels[present[0]]} in every row" if len(present) else "nothing in any row"
        raise FormulaError(
            f"Column {name} has {only}, so it explains nothing. "
            "Leave it out of the formula, or take more rows."
        )
    kept = present if full else present[1:]
    return [(name + factor.levels[level], (codes == level).astype(float)) for level in kept]


def _products(parts: Sequence[list[tuple[str, Floats]]], size: int) -> Iterator[tuple[str, Floats]]:
    """The products of one column of every part, those of the first part changing fastest."""
    if not parts:
        yield INTERCEPT, np.ones(size)
        return
    if len(parts) == 1:
        yield from parts[0]
        return
    for chosen in product(*reversed(parts)):
        names, columns = zip(*reversed(chosen), strict=True)
        yield ":".join(names), np.prod(columns, axis=0)
