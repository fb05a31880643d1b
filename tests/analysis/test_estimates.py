import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.designs import Design, LoneStratum, persons
from analysis.domains import contrast
from analysis.estimates import mean, observed, total
from analysis.intervals import proportion_interval


def simple(number: int, strata: int = 1, weight: float = 1.0) -> Design:
    return persons(np.full(number, weight), np.arange(number) % strata, [f"s{n}" for n in range(strata)])


def test_without_strata_and_with_equal_weights_the_textbook_formula_comes_out() -> None:
    values = np.random.default_rng(1).normal(7, 2, 50)
    found = mean(values, simple(50, weight=3.0)).estimate()
    assert found.value == pytest.approx(values.mean())
    assert found.standard_error == pytest.approx(values.std(ddof=1) / math.sqrt(50))
    assert found.degrees_of_freedom == 49


def test_respondents_are_those_with_an_answer_in_the_domain() -> None:
    values = np.array([1.0, np.nan, 0.0, 1.0] * 10)
    domain = np.arange(40) < 20
    assert proportion_interval(values, simple(40), domain=domain).respondents == 15


@given(st.integers(1, 39))
def test_intervals_of_proportions_stay_within_zero_and_one(yes: int) -> None:
    found = proportion_interval((np.arange(40) < yes).astype(float), simple(40))
    assert 0 < found.low < found.value < found.high < 1


def test_when_nobody_says_yes_the_interval_is_the_exact_one_sided_bound() -> None:
    none = proportion_interval(np.zeros(40), simple(40))
    assert (none.value, none.low) == (0.0, 0.0)
    # Clopper and Pearson: 1 - 0.025^(1/40).
    assert none.high == pytest.approx(0.0881, abs=1e-4)
    everybody = proportion_interval(np.ones(40), simple(40))
    assert (everybody.value, everybody.high) == (1.0, 1.0)
    assert everybody.low == pytest.approx(1 - none.high)


def test_an_empty_domain_has_no_value_and_no_respondents() -> None:
    found = mean(np.ones(10), simple(10), domain=np.zeros(10, dtype=bool)).estimate()
    assert math.isnan(found.value)
    assert found.respondents == 0


def test_a_total_counts_the_people_behind_the_respondents() -> None:
    assert total(np.array([1.0, 0, 1, np.nan]), simple(4, weight=25)).values == [50]


def test_one_respondent_in_a_stratum_is_refused_by_name() -> None:
    design = persons(np.ones(4), np.array([0, 0, 0, 1]), ("Noord", "Zuid"))
    with pytest.raises(LoneStratum, match="in stratum Zuid"):
        mean(np.arange(4.0), design)


def test_a_difference_is_that_of_the_two_means_and_turns_with_them() -> None:
    random = np.random.default_rng(2)
    values, first = random.normal(size=60), random.random(60) < 0.4
    design = simple(60, strata=3)
    ours = contrast(values, design, first, {"True": 1, "False": -1})
    assert ours.value == pytest.approx(values[first].mean() - values[~first].mean())
    turned = contrast(values, design, ~first, {"True": 1, "False": -1})
    assert turned.value == pytest.approx(-ours.value)
    assert turned.p_value == pytest.approx(ours.p_value)


def test_without_any_spread_there_is_no_evidence_of_a_difference() -> None:
    first = np.arange(20) < 10
    assert contrast(np.ones(20), simple(20), first, {"True": 1, "False": -1}).p_value == 1.0


def test_open_participation_gives_a_plain_share_without_an_interval() -> None:
    found = observed(np.array([1.0, 0.0, np.nan, 1.0]))
    assert (found.value, found.respondents) == (pytest.approx(2 / 3), 3)
    assert not hasattr(found, "low")
