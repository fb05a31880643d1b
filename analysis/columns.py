"""Columns of a table to arrays: of a pandas or Polars data frame, or of any mapping of names to sequences.

Whoever gives the name of a column, where an array is expected, means that column of the design's data.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from analysis.errors import AnalysisError

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]

MISSING = -1

SPAN = 1_000
"""Numbers that lie this near each other, or twice as near as there are rows, are looked up in a table."""


class ColumnError(AnalysisError):
    """A column that is not there or does not hold what is needed: says which, where and what to do."""


class Categories(Struct, frozen=True, kw_only=True, eq=False):
    """A category per row, as a place in `levels`; MISSING where there is none. Levels are sorted."""

    codes: Codes
    levels: tuple[str, ...]


Column = str | npt.ArrayLike
"""The name of a column of the design's data, or its values."""


def values_of(data: Any, column: Column) -> npt.NDArray[Any]:
    """The values of a column. Raises ColumnError."""
    return _one_per_row(column, _given(data, column))


def _given(data: Any, column: Column) -> npt.NDArray[Any]:
    if not isinstance(column, str):
        return _as_array(column)
    if data is None:
        raise ColumnError(f"Column {column} was named, but the design holds no data. Give its values.")
    try:
        return _as_array(data[column])
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise _not_there(data, column) from error
    except Exception as error:  # Polars raises its own ColumnNotFoundError
        if type(error).__name__ != "ColumnNotFoundError":
            raise
        raise _not_there(data, column) from error


def numbers(data: Any, column: Column) -> Floats:
    """A column of numbers as floats; nan where there is no answer. Raises ColumnError, also for infinity."""
    values = values_of(data, column)
    if values.dtype.kind in "biuf":
        found = values.astype(float)
    else:
        plain = enumerate(_plain(values), start=1)
        found = np.array([_number(column, row, value) for row, value in plain], dtype=float)
    if np.isinf(found).any():
        row = int(np.isinf(found).argmax()) + 1
        raise ColumnError(f"{called(column)} is infinite in row {row}. Correct it, or leave it empty.")
    return found


def categories(data: Any, column: Column) -> Categories:
    """A column as categories, sorted by their text in the order of code points, numbers by size."""
    values = values_of(data, column)
    if values.dtype.kind in "biu":
        found, codes = _coded(values)
        return Categories(codes=codes, levels=tuple(map(_level, found.tolist())))
    plain = _plain(values)
    absent = np.array([_is_absent(value) for value in plain], dtype=bool)
    present = [value for value, gone in zip(plain, absent, strict=True) if not gone]
    if not all(isinstance(value, int | float) for value in present):
        _refuse_mixed(column, plain)
        present = [str(value) for value in present]
    found, codes = np.unique(np.array(present), return_inverse=True)
    levels = tuple(map(_level, found.tolist()))
    placed = np.full(len(plain), MISSING, dtype=np.intp)
    placed[~absent] = codes
    return Categories(codes=placed, levels=levels)


def crossed(data: Any, columns: Sequence[Column]) -> Categories:
    """Every combination of the columns that occurs, its levels joined by a dot; missing where one is."""
    parts = [categories(data, column) for column in columns]
    if len(parts) == 1:
        return parts[0]
    sizes = [len(part.levels) for part in parts]
    whole = np.logical_and.reduce([part.codes != MISSING for part in parts])
    combined = np.ravel_multi_index([part.codes[whole] for part in parts], sizes)
    found, codes = _coded(combined)
    levels = tuple(
        ".".join(part.levels[code] for part, code in zip(parts, row, strict=True))
        for row in zip(*np.unravel_index(found, sizes), strict=True)
    )
    placed = np.full(len(whole), MISSING, dtype=np.intp)
    placed[whole] = codes
    return Categories(codes=placed, levels=levels)


def _coded(values: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], Codes]:
    """The distinct whole numbers, sorted, and the place of every value among them."""
    least, most = (int(values.min()), int(values.max())) if len(values) else (0, 0)
    far = most - least > SPAN + 2 * len(values) or most > np.iinfo(np.intp).max
    if far or values.dtype.kind == "b":
        found, codes = np.unique(values, return_inverse=True)
        return found, codes.astype(np.intp)
    shifted = values.astype(np.intp) - least
    occurs = np.zeros(most - least + 1, dtype=bool)
    occurs[shifted] = True
    found = np.flatnonzero(occurs) + least
    return found, (np.cumsum(occurs) - 1)[shifted]


def called(column: Column) -> str:
    """What a message calls a column."""
    return f"Column {column}" if isinstance(column, str) else "The column"


def _level(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _number(column: Column, row: int, value: Any) -> float:
    """A text is no number, not even "12": whoever reads the file decides what it stands for."""
    if _is_absent(value):
        return float("nan")
    try:
        if not isinstance(value, str):
            return float(value)
    except (TypeError, ValueError):
        pass
    raise ColumnError(
        f"{called(column)} holds {value!r}, where a number is needed, in row {row}. Make the column one of "
        "numbers, empty where there is no answer."
    )


def _plain(values: npt.NDArray[Any]) -> list[Any]:
    """The values as Python's own; moments as texts, because some kinds of them would become numbers."""
    if values.dtype.kind not in "mM":
        return list(values.tolist())
    return [None if absent else str(value) for value, absent in zip(values, np.isnat(values), strict=True)]


def _as_array(values: Any) -> npt.NDArray[Any]:
    """An array; of a list with text in it as it is, because NumPy would make its numbers and nan text too."""
    if isinstance(values, list | tuple) and any(isinstance(value, str) for value in values):
        return np.array(values, dtype=object)
    try:
        return np.asarray(values)
    except ValueError as error:
        raise ColumnError(f"A column is no list of single values ({error}). Give one per row.") from error


def _one_per_row(column: Column, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    if values.ndim == 1:
        return values
    twice = " A name that occurs twice in the data gives this too." if isinstance(column, str) else ""
    raise ColumnError(
        f"{called(column)} has shape {values.shape}, where one value for each row is needed.{twice}"
    )


def _refuse_mixed(column: Column, values: Sequence[Any]) -> None:
    """1 and "1" would become the same level."""
    rows = {
        isinstance(value, str): (row, value)
        for row, value in reversed(list(enumerate(values, start=1)))
        if not _is_absent(value)
    }
    if len(rows) > 1:
        (one, text), (other, value) = rows[True], rows[False]
        raise ColumnError(
            f"{called(column)} holds the text {text!r} in row {one} and {value!r} in row {other}. "
            "Make all of them text, or none."
        )


def _is_absent(value: Any) -> bool:
    """None, nan, an empty text, or pandas' NA, which cannot be compared with anything."""
    if value is None or type(value).__name__ == "NAType":
        return True
    return bool(value == "" or (isinstance(value, float) and math.isnan(value)))


def _not_there(data: Any, column: str) -> ColumnError:
    there = [str(name) for name in (data.keys() if hasattr(data, "keys") else getattr(data, "columns", ()))]
    return ColumnError(f"There is no column {column}. There are: {', '.join(there) or 'none'}.")
