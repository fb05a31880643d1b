"""A design and what comes from it stay as they are, whatever happens to what they were made from."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from msgspec import Struct

from analysis import (
    Aggregation,
    Design,
    bootstrap,
    divide_by_propensity,
    domain_means,
    glm,
    mean,
    quantile,
    rake,
    response_propensities,
    weighting_classes,
)

SIZE = 60
AGES = {"old": 300.0, "young": 330.0}


def columns() -> dict[str, Any]:
    random = np.random.default_rng(3)
    return {
        "weight": np.tile([10.0, 11.0], SIZE // 2),
        "district": np.repeat(["east", "west"], SIZE // 2),
        "streets": np.full(SIZE, 90.0),
        "age": np.tile(["old", "young", "young"], SIZE // 3),
        "grade": random.normal(6, 1, SIZE),
        "answered": np.tile([1, 0, 1, 1, 1], SIZE // 5),
    }


def drawn(data: Any) -> Design:
    return Design.of(data, weights="weight", strata="district", population="streets")


def numbers(design: Design) -> list[float]:
    """What rests on the weights, the strata, the population, a category and an answer."""
    raked = rake(design, {"age": AGES}).design
    found = [mean("grade", each) for each in (design, raked)]
    return [float(number) for one in found for number in (*one.values, *one.standard_errors)]


def change_arrays(data: Any) -> None:
    for name, other in changes().items():
        data[name][:] = other


def change_lists(data: Any) -> None:
    for name, other in changes().items():
        data[name][:] = list(other)


def change_frame(data: Any) -> None:
    for name, other in changes().items():
        for row in range(SIZE):
            data.loc[row, name] = other[row]


def change_polars(data: Any) -> None:
    for name, other in changes().items():
        for row in range(SIZE):
            data[row, name] = other[row]


def change_series(data: Any) -> None:
    for name, other in changes().items():
        for row in range(SIZE):
            data[name][row] = other[row]


def changes() -> dict[str, Any]:
    return {name: values[::-1].copy() for name, values in columns().items()} | {
        "grade": np.arange(SIZE) / 2,
        "age": np.repeat(["young", "old"], SIZE // 2),
    }


@pytest.mark.parametrize(
    ("table", "change"),
    [
        (dict, change_arrays),
        (lambda data: {name: values.tolist() for name, values in data.items()}, change_lists),
        (pd.DataFrame, change_frame),
        (lambda data: pd.DataFrame(data).astype({"age": "category", "district": "category"}), change_frame),
        (lambda data: {name: pd.Series(values) for name, values in data.items()}, change_arrays),
        (lambda data: dict(data) | {"age": pd.Categorical(data["age"])}, change_arrays),
        (pl.DataFrame, change_polars),
        (lambda data: {name: pl.Series(values) for name, values in data.items()}, change_series),
    ],
    ids=["arrays", "lists", "pandas", "categories", "series", "categorical", "polars", "polars series"],
)
def test_a_design_does_not_follow_the_table(
    table: Callable[[Any], Any], change: Callable[[Any], None]
) -> None:
    data = table(columns())
    design = drawn(data)
    before = numbers(design)
    change(data)
    assert numbers(drawn(data)) != before
    assert numbers(design) == before


def test_a_design_does_not_follow_arrays_that_were_given() -> None:
    data = columns()
    design = Design.of(weights=data["weight"], strata=data["district"], population=data["streets"])
    before = total_error(design)
    change_arrays(data)
    assert total_error(design) == before


@pytest.mark.parametrize("kind", [np.array, pd.Series, pd.Categorical])
def test_a_design_does_not_follow_codes_that_were_given(kind: Any) -> None:
    """Small whole numbers from 0, which are read as codes as they are."""
    given = kind((np.arange(SIZE) % 3).astype(np.int8))
    design = Design.of(weights=np.ones(SIZE), strata=given)
    before = total_error(design)
    given[: SIZE // 2] = 2
    assert total_error(design) == before
    assert total_error(Design.of(weights=np.ones(SIZE), strata=given)) != before


def total_error(design: Design) -> float:
    return float(mean(np.arange(float(SIZE)), design).standard_errors[0])


def arrays(value: Any, place: str = "") -> list[tuple[str, np.ndarray[Any, Any]]]:
    """Every array in a value, and where it is."""
    if isinstance(value, np.ndarray):
        return [(place, value)]
    parts: dict[str, Any] = {}
    if isinstance(value, Struct):
        parts = {name: getattr(value, name) for name in value.__struct_fields__}
    elif isinstance(value, dict):
        parts = value
    elif isinstance(value, tuple):
        parts = {str(number): part for number, part in enumerate(value)}
    return [found for name, part in parts.items() for found in arrays(part, f"{place}.{name}")]


@pytest.mark.parametrize(
    "made",
    [
        lambda design: design,
        lambda design: rake(design, {"age": AGES}),
        lambda design: rake(bootstrap(design, replicates=5, seed=1), {"age": AGES}),
        lambda design: mean("grade", design),
        lambda design: domain_means(["grade"], design, "age"),
        lambda design: quantile("grade", design),
        lambda design: glm("grade ~ age", design),
        lambda design: response_propensities(design, "answered ~ age"),
        lambda design: divide_by_propensity(design, response_propensities(design, "answered ~ age")),
        lambda design: weighting_classes(design, response_propensities(design, "answered ~ grade"), 2),
    ],
)
def test_no_array_can_be_written_to(made: Callable[[Design], Any]) -> None:
    found = arrays(made(drawn(columns())))
    assert found
    for place, array in found:
        assert not array.flags.writeable, place
        with pytest.raises(ValueError, match="read-only"):
            array[...] = array


def test_sums_cannot_be_written_to() -> None:
    wanted = Aggregation(weights="weight", items=(), by=("age",))
    sums = wanted.read(
        {
            "age": ["old", "young"],
            "rows drawn": [20, 40],
            "rows weighted": [20, 40],
            "rows refused": [0, 0],
            "sum of weights": [200.0, 400.0],
            "squared weights": [2000.0, 4000.0],
        }
    )
    assert not any(
        array.flags.writeable for _, array in arrays(sums.adjusted(lambda d: rake(d, {"age": AGES})))
    )


def test_an_array_that_nobody_can_write_to_is_not_copied() -> None:
    data = {name: values.copy() for name, values in columns().items()}
    for values in data.values():
        values.flags.writeable = False
    assert all(drawn(data).data[name] is values for name, values in data.items())
