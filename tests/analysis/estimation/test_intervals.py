from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.columns import ColumnError
from analysis.estimation.intervals import Method, Share, interval, proportion_interval
from analysis.sampling.designs import Design


def design(yes: int, size: int = 40) -> Design:
    data = {"y": (np.arange(size) < yes).astype(float), "w": np.ones(size), "t": ["ja", "nee"] * (size // 2)}
    return Design.of(data, weights="w")


@pytest.mark.parametrize("method", get_args(Method))
@settings(max_examples=40)
@given(yes=st.integers(1, 39), low=st.floats(0.5, 0.8), high=st.floats(0.9, 0.99))
def test_bounds_lie_around_the_share_and_mirror_that_of_the_others(
    method: Method, yes: int, low: float, high: float
) -> None:
    narrow, wide = (
        proportion_interval("y", design(yes), method=method, confidence=level) for level in (low, high)
    )
    assert wide.low < narrow.low < narrow.value < narrow.high < wide.high
    if method != "mean":
        assert wide.low >= 0
        assert wide.high <= 1
    others = proportion_interval(1 - design(yes).data["y"], design(yes), method=method, confidence=high)
    assert others.low == pytest.approx(1 - wide.high, abs=1e-9)


@pytest.mark.parametrize("method", get_args(Method))
def test_with_many_answers_all_methods_agree(method: Method) -> None:
    share = Share(value=0.4, error=0.001, freedom=5000, rows=240_000)
    assert interval(share, method) == pytest.approx((0.39804, 0.40196), abs=1e-5)


@pytest.mark.parametrize("method", get_args(Method))
def test_nobody_gives_the_exact_bound_and_no_freedom_no_bound(method: Method) -> None:
    # Clopper and Pearson: 1 - 0.025^(1/40).
    assert proportion_interval("y", design(0), method=method).high == pytest.approx(0.0881, abs=1e-4)
    low, high = interval(Share(value=0.4, error=0.1, freedom=0, rows=1), method)
    assert low <= 0
    assert high >= 1


def test_a_share_that_the_weights_are_made_to_give_is_certain() -> None:
    assert interval(Share(value=0.4, error=0.0, freedom=9, rows=9), "beta") == (0.4, 0.4)


def test_the_share_of_a_level() -> None:
    assert proportion_interval("t", design(3), level="ja").value == 0.5


def test_what_is_not_a_share_is_refused() -> None:
    with pytest.raises(ColumnError, match=r"Column t has no level misschien.*ja, nee"):
        proportion_interval("t", design(3), level="misschien")
    with pytest.raises(ColumnError, match="other values than 0 and 1"):
        proportion_interval(np.arange(40), design(3))
