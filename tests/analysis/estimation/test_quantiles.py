import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.columns import ColumnError
from analysis.estimation.quantiles import Rule, quantile, weighted_quantiles
from analysis.sampling.designs import Design

NUMPY: dict[Rule, str] = {
    "hf1": "inverted_cdf",
    "hf2": "averaged_inverted_cdf",
    "hf3": "closest_observation",
    "hf4": "interpolated_inverted_cdf",
    "hf5": "hazen",
    "hf6": "weibull",
    "hf7": "linear",
    "hf8": "median_unbiased",
    "hf9": "normal_unbiased",
}


@pytest.mark.parametrize("rule", NUMPY)
@settings(max_examples=40)
@given(
    values=st.lists(st.integers(-50, 50), min_size=2, max_size=30, unique=True),
    twentieth=st.integers(1, 19),
)
def test_with_equal_weights_the_rules_are_those_of_numpy(
    rule: Rule, values: list[int], twentieth: int
) -> None:
    numbers, at = np.array(values, dtype=float), np.array([twentieth / 20])
    ours = weighted_quantiles(numbers, np.full(len(values), 2.5), at, rule)
    assert ours == pytest.approx(np.quantile(numbers, at, method=NUMPY[rule]), abs=1e-9)


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 4)), min_size=1, max_size=20), st.floats(0, 1))
def test_a_weight_of_two_is_two_rows_by_the_mathematical_rule(rows: list[tuple[int, int]], at: float) -> None:
    values, weights = np.array(rows, dtype=float).T
    again = np.repeat(values, weights.astype(int))
    probabilities = np.array([at])
    assert weighted_quantiles(values, weights, probabilities, "math") == weighted_quantiles(
        again, np.ones(len(again)), probabilities, "math"
    )


def design(size: int = 40) -> Design:
    return Design.of({"y": np.arange(size) % 17, "w": np.ones(size), "t": ["a"] * size}, weights="w")


def test_the_interval_holds_the_quantile_and_grows_with_confidence() -> None:
    narrow, wide = (quantile("y", design(), [0.3, 0.5], confidence=level) for level in (0.5, 0.99))
    assert (wide.low <= narrow.low).all()
    assert (narrow.low <= narrow.values).all()
    assert (narrow.values <= narrow.high).all()
    assert (narrow.high <= wide.high).all()


def test_a_bound_beyond_all_answers_is_not_a_number() -> None:
    found = quantile("y", design(8), [0.01])
    assert np.isnan(found.low).all()


def test_without_answers_there_is_no_quantile() -> None:
    found = quantile("y", design(), domain=np.zeros(40, dtype=bool))
    assert np.isnan([*found.values, *found.low, *found.standard_errors]).all()
    assert found.respondents == 0


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ColumnError, match="probabilities from 0 to 1"):
        quantile("y", design(), [50])
    with pytest.raises(ColumnError, match="holds 'a', where a number is needed"):
        quantile("t", design())
