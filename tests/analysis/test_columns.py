"""Columns of every kind of table give the same arrays."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from analysis.columns import ColumnError, categories, numbers

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
