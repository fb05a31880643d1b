import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.columns import ColumnError
from analysis.estimation.domains import contrast
from analysis.estimation.estimates import design_effect, mean, observed, proportion, ratio, total, variance
from analysis.estimation.intervals import proportion_interval
from analysis.sampling.designs import Design, DesignError, LoneStratum, persons, reweighted


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


@settings(max_examples=40)
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


def drawn(seed: int) -> Design:
    random = np.random.default_rng(seed)
    data = {
        "y": random.normal(7, 2, 60),
        "x": random.uniform(1, 3, 60),
        "home": random.choice(["huur", "koop"], 60),
        "w": random.uniform(1, 9, 60),
        "street": np.arange(60) // 3,
        "district": np.arange(60) // 15,
    }
    return Design.of(data, weights="w", strata="district", clusters=["street"])


@settings(max_examples=40)
@given(st.integers(0, 10**6), st.floats(0.1, 50))
def test_scaling_all_weights_scales_totals_and_nothing_else(seed: int, factor: float) -> None:
    design = drawn(seed)
    scaled = reweighted(design, design.weights * factor)
    for statistic in (mean, total, proportion, variance):
        before = statistic(["home"] if statistic is proportion else ["y", "x"], design)
        after = statistic(["home"] if statistic is proportion else ["y", "x"], scaled)
        times = factor if statistic is total else 1.0
        assert after.values == pytest.approx(before.values * times)
        assert after.standard_errors == pytest.approx(before.standard_errors * times)


@settings(max_examples=40)
@given(st.integers(0, 10**6))
def test_a_domain_is_the_recoded_variable(seed: int) -> None:
    design = drawn(seed)
    inside = design.data["home"] == "huur"
    recoded = np.where(inside, design.data["y"], 0.0)
    assert total("y", design, domain=inside).covariance == pytest.approx(total(recoded, design).covariance)
    one = ratio(recoded, inside.astype(float), design)
    assert mean("y", design, domain=inside).covariance == pytest.approx(one.covariance)


@settings(max_examples=40)
@given(st.integers(0, 10**6))
def test_influence_is_the_derivative_to_the_weights(seed: int) -> None:
    design = drawn(seed)
    step = 1e-6
    nudged = reweighted(design, design.weights + step * (np.arange(60) == 7))
    for statistic in (mean, total, variance):
        found = statistic(["y", "x"], design)
        slope = (statistic(["y", "x"], nudged).values - found.values) / step
        assert slope == pytest.approx(found.influence[7], rel=1e-3, abs=1e-6)
    found = ratio("y", "x", design)
    assert (ratio("y", "x", nudged).values - found.values) / step == pytest.approx(
        found.influence[7], rel=1e-3, abs=1e-6
    )


def test_shares_of_a_category_are_named_after_their_level_and_add_up() -> None:
    found = proportion("home", drawn(1))
    assert found.names == ("homehuur", "homekoop")
    assert found.values.sum() == pytest.approx(1)
    assert found.covariance.sum() == pytest.approx(0, abs=1e-12)
    assert mean("home", drawn(1)).values == pytest.approx(found.values)


def test_of_a_simple_random_sample_the_design_effect_is_one() -> None:
    values = np.random.default_rng(1).normal(size=50)
    design = simple(50, weight=3.0)
    assert design_effect(values, design, replacement=True) == pytest.approx([1])
    assert design_effect(values, design, of="total", replacement=True) > 1 - 1e-9
    assert design_effect(values, design) == pytest.approx([1 / (1 - 50 / 150)])


def test_bad_columns_and_domains_are_refused_by_name() -> None:
    design = drawn(1)
    with pytest.raises(ColumnError, match="no column grade"):
        mean("grade", design)
    with pytest.raises(ColumnError, match="has 3 rows, the design has 60"):
        mean(np.arange(3.0), design)
    with pytest.raises(ColumnError, match="infinite in row 2"):
        mean(np.where(np.arange(60) == 1, np.inf, 1.0), design)
    with pytest.raises(ColumnError, match="true or false for each of the 60 rows"):
        mean("y", design, domain=np.arange(60))
    with pytest.raises(ColumnError, match="adds up to 0"):
        ratio("y", np.zeros(60), design)


def test_with_nobody_or_one_respondent_there_is_no_variance_and_no_design_effect() -> None:
    design = drawn(1)
    for size in (0, 1):
        domain = np.arange(60) < size
        found = variance(["y", "x"], design, domain=domain)
        assert np.isnan([*found.values, *found.standard_errors]).all()
        assert np.isnan(design_effect("y", design, domain=domain)).all()
        assert np.isnan(ratio("y", "x", design, domain=domain).values).all() == (size == 0)
    assert np.isnan(design_effect(np.ones(60), design)).all()


@pytest.mark.parametrize("scale", [0.5, 1.0])
def test_a_design_effect_needs_weights_that_add_up_to_the_population(scale: float) -> None:
    random = np.random.default_rng(5)
    weights = random.uniform(1, 5, 60)
    design = Design.of(weights=scale * weights / weights.mean())
    answers = random.normal(size=60)
    with pytest.raises(DesignError, match="say replacement=True"):
        design_effect(answers, design)
    found = design_effect(answers, design, replacement=True)
    assert found == pytest.approx(design_effect(answers, Design.of(weights=weights), replacement=True))
    assert found > 0
