"""Columns of every kind of table give the same arrays."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.columns import BLOCK, MISSING, ColumnError, categories, crossed, numbers

WRITTEN: dict[str, list[Any]] = {
    "number": [2.5, None, 10.0],
    "count": [10, None, 9],
    "text": ["b", None, "a"],
    "yes": [True, None, False],
}


def nullable(columns: dict[str, list[Any]]) -> pd.DataFrame:
    """pandas with its own missing value, in the types that have it."""
    kinds = {"number": "Float64", "count": "Int64", "text": "string[python]", "yes": "boolean"}
    return pd.DataFrame({name: pd.array(values, dtype=kinds[name]) for name, values in columns.items()})


def categorical(columns: dict[str, list[Any]]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Categorical(values) for name, values in columns.items()})


@pytest.mark.parametrize("table", [dict, pd.DataFrame, nullable, categorical, pl.DataFrame])
def test_tables_of_every_kind_give_the_same_numbers_and_categories(
    table: Callable[[dict[str, list[Any]]], Any],
) -> None:
    data = table(WRITTEN)
    np.testing.assert_array_equal(numbers(data, "number"), [2.5, np.nan, 10])
    np.testing.assert_array_equal(numbers(data, "count"), [10, np.nan, 9])
    np.testing.assert_array_equal(numbers(data, "yes"), [1, np.nan, 0])
    found = categories(data, "text")
    assert (found.levels, found.codes.tolist()) == (("a", "b"), [1, -1, 0])
    with pytest.raises(ColumnError, match="no column age"):
        numbers(data, "age")
    with pytest.raises(ColumnError, match="text holds 'b'"):
        numbers(data, "text")


def test_levels_of_numbers_go_by_size() -> None:
    assert categories(None, [10, 9, 9]).levels == ("9", "10")
    assert categories(None, [10.0, np.nan, 9.5]).levels == ("9.5", "10")
    assert categories(None, [10, None, 9]).levels == ("9", "10")
    assert categories(None, ["10", "", "9"]).levels == ("10", "9")
    assert categories(None, [None, np.nan]).levels == ()


texts = st.lists(st.sampled_from(["b", "a", "ë", "10", "9", "", None]), min_size=1)
whole = st.lists(st.sampled_from([3, -2, 7, 200, 10**12]), min_size=1)
broken = st.lists(st.sampled_from([1.5, -1.0, 2.0, None]), min_size=1)
TABLES: list[Callable[[list[Any]], Any]] = [
    np.array,
    pd.Series,
    lambda values: pd.Series(pd.Categorical(values)),
    lambda values: pd.Series(values, index=range(5, 5 + len(values))),
    pl.Series,
    lambda values: pl.Series(values, dtype=pl.Categorical if isinstance(values[0], str) else None),
]


def slow_categories(values: list[Any]) -> tuple[list[int], list[str]]:
    """A place among the sorted values, by looking for every one."""
    present = sorted({value for value in values if value is not None and value != ""})
    codes = [present.index(value) if value in present else MISSING for value in values]
    return codes, [
        str(int(value)) if isinstance(value, float) and value == int(value) else str(value)
        for value in present
    ]


@pytest.mark.parametrize("table", TABLES)
@given(values=texts | whole | broken)
@settings(max_examples=60, deadline=None)
def test_categories_are_places_among_the_sorted_values(
    table: Callable[[list[Any]], Any], values: list[Any]
) -> None:
    found = categories(None, table(values))
    assert (found.codes.tolist(), [*found.levels]) == slow_categories(values)


@given(st.lists(st.tuples(st.sampled_from(["b", "a", None]), st.sampled_from([30, 4, -1])), min_size=1))
def test_crossed_levels_are_the_pairs_that_occur(pairs: list[tuple[str | None, int]]) -> None:
    found = crossed(None, [np.array(column, dtype=object) for column in zip(*pairs, strict=True)])
    occurring = sorted({pair for pair in pairs if pair[0] is not None})  # type: ignore[type-var]
    assert [*found.levels] == [f"{text}.{number}" for text, number in occurring]
    places = [occurring.index(pair) if pair in occurring else MISSING for pair in pairs]
    assert found.codes.tolist() == places


def test_a_level_that_comes_late_is_found() -> None:
    """Columns are read in blocks, and not to the end when all levels that can occur have been seen."""
    for late in ("a", "c"):
        column = np.array(["b"] * (BLOCK + 3) + [late], dtype=object)
        assert categories(None, column).levels == tuple(sorted(("b", late)))
    numbers_to_seven = np.append(np.full(BLOCK + 3, 7, dtype=np.int8), 5)
    assert categories(None, numbers_to_seven).levels == ("5", "7")


def test_more_combinations_than_there_are_numbers_are_refused() -> None:
    columns = [np.arange(2**16)] * 4
    with pytest.raises(ColumnError, match="4 columns have too many combinations"):
        crossed(None, columns)
