import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.columns import ColumnError
from analysis.estimation.multiplicity import METHODS, Adjusting, adjust


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.sampled_from(list(METHODS)))
def test_adjusting_keeps_the_order_and_never_lowers_a_p_value(
    p_values: list[float], method: Adjusting
) -> None:
    adjusted = adjust(p_values, method=method)
    assert all(after >= before - 1e-12 for before, after in zip(p_values, adjusted, strict=True))
    order = np.argsort(p_values)
    assert (np.diff(np.array(adjusted)[order]) >= -1e-12).all()


def test_of_nothing_nothing_comes_and_what_is_no_p_value_is_refused() -> None:
    assert adjust([]) == []
    with pytest.raises(ColumnError, match="between 0 and 1"):
        adjust([0.01, float("nan")])
