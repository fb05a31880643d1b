"""Columns of a table to arrays: of a pandas or Polars data frame, or of any mapping of names to sequences.

Whoever gives the name of a column, where an array is expected, means that column of the design's data.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from analysis.errors import LARGEST, AnalysisError

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.signedinteger[Any]]

MISSING = -1

BLOCK = 65_536
"""Rows that are looked at together, so that what is made of them stays small."""

FEW = 1_024
"""Rows that mostly show what a column holds."""

SPARSE = 8
"""Whole numbers that lie further apart than so many times the rows are sorted instead of counted."""


class ColumnError(AnalysisError):
    """A column that is not there or does not hold what is needed: says which, where and what to do."""


class NoColumn(ColumnError):
    """No column has this name; says which there are."""


class Categories(Struct, frozen=True, kw_only=True, eq=False):
    """A category per row, as a place in `levels`; MISSING where there is none. Levels are sorted.

    The codes are of the smallest type that holds all places and one more.
    """

    codes: Codes
    levels: tuple[str, ...]


Column = str | npt.ArrayLike
"""The name of a column of the design's data, or its values."""


def values_of(data: Any, column: Column) -> npt.NDArray[Any]:
    """The values of a column. Raises ColumnError."""
    return np.asarray(_given(data, column))


def numbers(data: Any, column: Column) -> Floats:
    """A column of numbers as floats, nan where there is no answer.

    Raises ColumnError, also for infinity and for what is too large to be squared.
    """
    values = values_of(data, column)
    if values.dtype == float and _stays(data, column):
        found = values
    elif values.dtype.kind in "biuf":
        found = values.astype(float)
    else:
        plain = enumerate(_plain(values), start=1)
        found = np.array([_number(column, row, value) for row, value in plain], dtype=float)
    _refuse_endless(column, found)
    return found


def listed(columns: Any) -> list[Column]:
    """Columns as a list; a name or an array is one column: a text is never taken letter by letter."""
    if isinstance(columns, str) or hasattr(columns, "dtype"):
        return [columns]
    if not isinstance(columns, Sequence):
        raise ColumnError(f"Columns are given as {columns!r:.60}. Give a list of names or arrays.")
    return list(columns)


def is_text(data: Any, column: Column) -> bool:
    """Whether a column holds text. Raises ColumnError."""
    given = _given(data, column)
    if isinstance(given, Categories):
        return True
    if _is_categorical(given):
        return any(isinstance(value, str) and value != "" for value in given.categories)
    if _kind_of(given) in "biuf":
        return False
    return any(isinstance(value, str) and value != "" for block in _blocks(given, FEW) for value in block)


def categories(data: Any, column: Column) -> Categories:
    """A column as categories, sorted by their text in the order of code points, numbers by size.

    Raises ColumnError.
    """
    given = _given(data, column)
    if isinstance(given, Categories):
        return given
    found = _categories(column, given)
    if isinstance(column, str):
        return found
    # Codes may be the very array that was given, in which its owner may write; a table is held as it is.
    return Categories(codes=found.codes.copy(), levels=found.levels)


def _categories(column: Column, given: Any) -> Categories:
    kind = "O" if _is_categorical(given) else _kind_of(given)
    values = np.asarray(given) if kind in "biufmM" else given
    if kind in "biuf" and values.dtype.kind in "iu":
        return _whole(values)
    if kind in "biuf" and values.dtype.kind != "O":
        found, codes = np.unique(values, return_inverse=True)
        return _sorted(codes, found.tolist())
    codes, distinct = _distinct(values)
    if len({isinstance(value, str) for value in distinct if not _is_absent(value)}) > 1:
        _refuse_mixed(column, _plain(np.asarray(values)))
    return _sorted(codes, distinct)


def crossed(data: Any, columns: Sequence[Column]) -> Categories:
    """Every combination of the columns that occurs, its levels joined by a dot; missing where one is.

    Raises ColumnError, also when two combinations get the same name.
    """
    parts = [categories(data, column) for column in columns]
    if not parts:
        raise ColumnError("There is no column to divide by. Name one at least.")
    if len(parts) == 1:
        return parts[0]
    codes, combinations = combined([part.codes for part in parts], [len(part.levels) for part in parts])
    levels = tuple(
        ".".join(part.levels[code] for part, code in zip(parts, row, strict=True))
        for row in combinations.tolist()
    )
    twice = repeated(levels)
    if twice is not None:
        raise ColumnError(
            f"{' and '.join(map(called, columns))}: two combinations of levels are both called {twice}. "
            "Leave the dot out of the names of levels."
        )
    return Categories(codes=codes, levels=levels)


def repeated(names: Sequence[str]) -> str | None:
    """The first name that occurs more than once, if any."""
    return next((name for name, number in Counter(names).items() if number > 1), None)


def combined(parts: Sequence[Codes], sizes: Sequence[int]) -> tuple[Codes, Codes]:
    """The place of every row among the combinations of codes that occur, and these combinations.

    `sizes` are the numbers of levels; the combinations have shape (combinations, parts) and are sorted.
    A row that is missing in a part is missing.
    """
    codes = mixed_radix(parts, sizes)
    for part in parts:
        if part.min(initial=0) == MISSING:
            codes[part == MISSING] = MISSING
    codes, occurring = compacted(codes, math.prod(sizes))
    return codes, np.column_stack(np.unravel_index(occurring, sizes))


def mixed_radix(parts: Sequence[npt.NDArray[np.integer[Any]]], sizes: Sequence[int]) -> Codes:
    """One number for every combination of codes, from 0 to the product of the sizes minus 1.

    Of the smallest type that holds them all. Raises ColumnError.
    """
    if math.prod(sizes) > np.iinfo(np.int64).max:
        raise ColumnError(f"{len(sizes)} columns have too many combinations to number. Cross fewer columns.")
    codes: Codes = parts[0].astype(_smallest(math.prod(sizes)))
    for part, size in zip(parts[1:], sizes[1:], strict=True):
        codes *= size
        np.add(codes, part, out=codes, casting="unsafe")
    return codes


def compacted(codes: Codes, number: int) -> tuple[Codes, Codes]:
    """Codes from 0 to `number` numbered anew without those that do not occur, and the ones that do."""
    if number > max(SPARSE * len(codes), BLOCK):
        occurring, places = np.unique(codes, return_inverse=True)
        missing = int(len(occurring) > 0 and occurring[0] == MISSING)
        places -= missing
        return places.astype(_smallest(len(occurring))), occurring[missing:]
    occurs = _occurs(codes, number)
    occurring = np.flatnonzero(occurs)
    if len(occurring) == number:
        return codes, occurring
    places = np.full(number + 1, MISSING, dtype=_smallest(len(occurring)))  # MISSING looks up the last
    places[occurring] = np.arange(len(occurring))
    return places[codes], occurring


def called(column: Column) -> str:
    """What a message calls a column."""
    return f"Column {column}" if isinstance(column, str) else "The column"


def refuse_other_index(what: str, values: Any, data: Any) -> None:
    """Raise ColumnError when values of pandas have as many rows as the data, but name them differently."""
    own: Any = getattr(values, "index", None)
    index: Any = getattr(data, "index", None)
    if not (hasattr(own, "equals") and hasattr(index, "equals")):
        return
    if len(own) == len(index) and not own.equals(index):
        raise ColumnError(
            f"{what} has another index than the data, so that rows would be taken for other rows. Bring it "
            "in the order of the data (.reindex), or give its values if they are (.to_numpy())."
        )


def _given(data: Any, column: Column) -> Any:
    """A column as the data frame keeps it, or as an array. Raises ColumnError."""
    if not isinstance(column, str):
        refuse_other_index("The column", column, data)
        return _one_per_row(column, _as_kept(column))
    if data is None:
        raise ColumnError(f"Column {column} was named, but the design holds no data. Give its values.")
    try:
        found = _as_kept(data[column])
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise _not_there(data, column) from error
    except Exception as error:  # Polars raises its own ColumnNotFoundError
        if type(error).__name__ != "ColumnNotFoundError":
            raise
        raise _not_there(data, column) from error
    return _one_per_row(column, found)


def _stays(data: Any, column: Column) -> bool:
    """Whether a column is an array in which nobody can write, so that it needs no copy."""
    kept = data.get(column) if isinstance(data, Mapping) and isinstance(column, str) else None
    return isinstance(kept, np.ndarray) and not kept.flags.writeable


def _refuse_endless(column: Column, values: Floats) -> None:
    # By the extremes, which take no memory.
    lowest, highest = np.fmin.reduce(values, initial=0.0), np.fmax.reduce(values, initial=0.0)
    if not -LARGEST <= lowest <= highest <= LARGEST:
        row = int((np.abs(values) > LARGEST).argmax())
        size = "infinite" if np.isinf(values[row]) else f"{values[row]:g}"
        raise ColumnError(
            f"{called(column)} is {size} in row {row + 1}. Correct it, or leave it empty: numbers go to "
            f"{LARGEST:g}."
        )


def _as_kept(values: Any) -> Any:
    if isinstance(values, Categories):
        return values
    if not hasattr(values, "dtype"):
        return _as_array(values)
    array = getattr(values, "array", values)
    return array if _is_categorical(array) else values


def _is_categorical(given: Any) -> bool:
    """Whether these are categories of pandas."""
    return hasattr(given, "codes") and hasattr(given, "categories")


def _kind_of(given: Any) -> str:
    """numpy's letter for the type of a column, seen without converting it."""
    return np.asarray(given[:0]).dtype.kind if len(given) else "O"


def _blocks(given: Any, size: int) -> Iterator[list[Any]]:
    rows = getattr(given, "array", given)  # pandas' own slices go by label
    for start in range(0, len(given), size):
        yield _plain(np.asarray(rows[start : start + size]))


def _whole(values: npt.NDArray[Any]) -> Categories:
    """Categories of whole numbers."""
    lowest, highest = int(values.min()), int(values.max())
    span = highest - lowest + 1
    if span > max(SPARSE * len(values), BLOCK):
        found, codes = np.unique(values, return_inverse=True)
        return Categories(codes=codes.astype(_smallest(len(found))), levels=tuple(map(str, found.tolist())))
    codes = values
    if lowest or values.dtype != _smallest(span):
        # Both are cut to the type of the result, in which their difference comes out right.
        codes = np.subtract(values, np.asarray(lowest), dtype=_smallest(span), casting="unsafe")
    codes, occurring = compacted(codes, span)
    return Categories(codes=codes, levels=tuple(str(lowest + place) for place in occurring.tolist()))


def _distinct(given: Any) -> tuple[Codes, list[Any]]:
    """The place of every value among the distinct ones, in any order: by the data frame's own hashing."""
    if _is_categorical(given):
        codes, occurring = compacted(given.codes, len(given.categories))
        values = given.categories.tolist()
        return codes, [values[place] for place in occurring.tolist()]
    if hasattr(given, "factorize"):  # pandas
        codes, found = given.factorize()
        return codes, found.tolist()
    if hasattr(given, "replace_strict") and not given.dtype.is_nested():  # Polars
        found = given.unique()
        return given.replace_strict(found, range(len(found))).to_numpy(), found.to_list()
    places: dict[Any, int] = {}
    codes = np.empty(len(given), dtype=np.intp)
    for number, block in enumerate(_blocks(given, BLOCK)):
        for value in dict.fromkeys(block):
            places.setdefault(value, len(places))
        start = number * BLOCK
        codes[start : start + len(block)] = np.fromiter(map(places.__getitem__, block), np.intp, len(block))
    return codes, list(places)


def _sorted(codes: Codes, values: Sequence[Any]) -> Categories:
    """Categories from places among distinct values, of which some may stand for no answer."""
    present = {place: value for place, value in enumerate(values) if not _is_absent(value)}
    if not all(isinstance(value, int | float) for value in present.values()):
        present = {place: str(value) for place, value in present.items()}
    found, order = np.unique(np.array([*present.values()]), return_inverse=True)
    levels, kind = tuple(map(_level, found.tolist())), _smallest(len(found))
    if order.tolist() == [*range(len(values))]:
        return Categories(codes=codes.astype(kind, copy=False), levels=levels)
    places = np.full(len(values) + 1, MISSING, dtype=kind)
    places[[*present]] = order
    return Categories(codes=places[codes], levels=levels)


def _occurs(codes: Codes, number: int) -> npt.NDArray[np.bool_]:
    """Which of the codes occur: looked at only until all were seen, which the first rows mostly show."""
    seen = np.zeros(number + 1, dtype=bool)  # MISSING is the last
    start, step = 0, FEW
    while start < len(codes) and not seen[:number].all():
        seen[codes[start : start + step]] = True
        start, step = start + step, min(2 * step, BLOCK)
    return seen[:number]


def _smallest(number: int) -> npt.DTypeLike:
    """The smallest signed type with room from MISSING to `number`."""
    return np.min_scalar_type(-number - 1)


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


def _one_per_row(column: Column, values: Any) -> Any:
    if isinstance(values, Categories) or len(values.shape) == 1:
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


def _not_there(data: Any, column: str) -> NoColumn:
    there = [str(name) for name in (data.keys() if hasattr(data, "keys") else getattr(data, "columns", ()))]
    return NoColumn(f"There is no column {column}. There are: {', '.join(there) or 'none'}.")
