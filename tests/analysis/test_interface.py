"""What a statistician imports works on arrays and on data frames alike."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import analysis
from analysis import Design, chisq, glm, mean, poststratify, proportion, quantile, rake, ratio, total, trim

RNG = np.random.default_rng(4)
COLUMNS: dict[str, Any] = {
    "wijk": np.repeat(["Noord", "Oost", "Zuid"], 40),
    "leeftijd": np.tile(["jong", "oud"], 60),
    "gewicht": np.repeat([10.0, 20.0, 15.0], 40),
    "cijfer": RNG.normal(7, 1, 120).round(1),
    "onveilig": RNG.integers(0, 2, 120),
    "kamers": RNG.integers(1, 6, 120),
}
COLUMNS["cijfer"][3] = np.nan


def numbers(data: Any) -> list[float]:
    """A number from each of the usual steps."""
    drawn = Design.of(data, weights="gewicht", strata="wijk")
    design = trim(rake(drawn, {"leeftijd": {"jong": 700, "oud": 1100}}).design, upper=25).design
    design = poststratify(design, "wijk", {"Noord": 500, "Oost": 700, "Zuid": 600}).design
    model = glm("onveilig ~ wijk + cijfer", design, family="binomial")
    found = [
        *(statistics(design).values for statistics in (_mean, _shares, _total, _ratio)),
        *(statistics(design).standard_errors for statistics in (_mean, _shares, _total, _ratio)),
        quantile("cijfer", design, [0.25, 0.5]).values,
        model.values,
        model.standard_errors,
        [chisq("wijk", "onveilig", design).p_value],
    ]
    return [float(number) for part in found for number in part]


def _mean(design: Design) -> Any:
    return mean("cijfer", design)


def _shares(design: Design) -> Any:
    return proportion("wijk", design)


def _total(design: Design) -> Any:
    return total("kamers", design)


def _ratio(design: Design) -> Any:
    return ratio("onveilig", "kamers", design)


@pytest.mark.parametrize("table", [pd.DataFrame, pl.DataFrame])
def test_a_data_frame_gives_the_numbers_of_a_dict_of_arrays(table: Callable[[Any], Any]) -> None:
    np.testing.assert_allclose(numbers(table(COLUMNS)), numbers(COLUMNS), rtol=1e-12)


def test_arrays_may_be_given_in_place_of_names() -> None:
    named = Design.of(COLUMNS, weights="gewicht", strata="wijk")
    given = Design.of(weights=COLUMNS["gewicht"], strata=COLUMNS["wijk"])
    assert mean(COLUMNS["cijfer"], given).values == mean("cijfer", named).values
    assert mean(COLUMNS["cijfer"], given).standard_errors == mean("cijfer", named).standard_errors


def test_every_name_in_the_list_is_there() -> None:
    assert [name for name in analysis.__all__ if not hasattr(analysis, name)] == []
    assert len(set(analysis.__all__)) == len(analysis.__all__)
