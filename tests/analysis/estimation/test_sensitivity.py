"""One table under several weightings: differences are paired where people are the same, and exact."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import Design, bootstrap, jackknife, mean, proportion, rake, sensitivity, total, trim
from analysis.columns import ColumnError
from analysis.estimation.estimates import Statistics
from analysis.sampling.designs import DesignError

AGES = {"jong": 900.0, "oud": 1100.0}
SEXES = {"m": 980.0, "v": 1020.0}


def people(seed: int, size: int = 200) -> dict[str, Any]:
    random = np.random.default_rng(seed)
    old = random.random(size) < 0.65
    woman = random.random(size) < 0.55
    return {
        "s": np.where(np.arange(size) < size // 2, "a", "b"),
        "w": np.where(np.arange(size) < size // 2, 8.0, 12.0),
        "age": np.where(old, "oud", "jong"),
        "sex": np.where(woman, "v", "m"),
        "grade": random.normal(6.0 + 1.5 * old + 0.3 * woman, 1.0, size),
        "trust": (random.random(size) < 0.3 + 0.3 * old).astype(float),
    }


def drawn(seed: int, size: int = 200) -> Design:
    return Design.of(people(seed, size), weights="w", strata="s")


def variants(design: Design) -> dict[str, Design]:
    both = rake(design, {"age": AGES, "sex": SEXES}).design
    return {
        "as planned": both,
        "the same again": rake(design, {"age": AGES, "sex": SEXES}).design,
        "age only": rake(design, {"age": AGES}).design,
        "as drawn": design,
        "trimmed": trim(both, upper=float(np.quantile(both.weights, 0.8))).design,
    }


@given(st.integers(0, 10**6))
@settings(max_examples=25)
def test_a_variant_equal_to_the_first_differs_by_exactly_zero_without_error(seed: int) -> None:
    for row in sensitivity(mean, ["grade", "trust"], designs=variants(drawn(seed))):
        if row.variant in ("as planned", "the same again"):
            assert (row.difference.value, row.difference.standard_error) == (0, 0)
            assert not row.matters


@given(st.integers(0, 10**6))
@settings(max_examples=25)
def test_estimates_are_those_of_each_design_apart(seed: int) -> None:
    designs = variants(drawn(seed))
    found = sensitivity(mean, ["grade", "trust"], designs=designs)
    assert [row.statistic for row in found] == ["grade"] * 5 + ["trust"] * 5
    for row in found:
        assert row.paired
        alone = mean(row.statistic, designs[row.variant])
        first = mean(row.statistic, designs["as planned"])
        assert row.estimate.value == pytest.approx(alone.values[0])
        assert row.estimate.standard_error == pytest.approx(alone.standard_errors[0])
        assert row.difference.value == pytest.approx(alone.values[0] - first.values[0], abs=1e-7)


@given(st.integers(0, 10**6))
@settings(max_examples=10)
def test_for_totals_the_paired_error_is_exactly_that_of_the_jackknife(seed: int) -> None:
    """Two weightings that leave the influence linear: a total with base weights, and with others."""
    design = drawn(seed)
    other = Design(weights=design.weights * design.data["trust"], stages=design.stages, data=design.data)
    of_replicates = [jackknife(each) for each in (design, other)]
    linear = sensitivity(total, "grade", designs={"all": design, "trusting": other})[1]
    again = sensitivity(total, "grade", designs=dict(zip(("all", "trusting"), of_replicates, strict=True)))[1]
    assert linear.paired
    assert again.paired
    assert linear.difference.standard_error == pytest.approx(again.difference.standard_error, rel=1e-9)


def test_the_paired_error_is_near_that_of_replicates_weighted_again_each_time() -> None:
    linear = sensitivity(mean, ["grade", "trust"], designs=variants(drawn(3, 600)))
    replicates = sensitivity(mean, ["grade", "trust"], designs=variants(jackknife(drawn(3, 600))))
    for one, other in zip(linear, replicates, strict=True):
        if one.variant in ("age only", "as drawn"):
            assert other.difference.standard_error > 0
            assert one.difference.standard_error == pytest.approx(other.difference.standard_error, rel=0.03)


def test_weighting_the_same_people_differently_is_far_surer_than_asking_others() -> None:
    paired = sensitivity(mean, "grade", designs=variants(drawn(5)))[2]
    first = variants(drawn(5))["as planned"]
    apart = sensitivity(mean, "grade", designs={"one": first, "two": variants(drawn(5))["age only"]})[1]
    assert paired.paired
    assert not apart.paired
    errors = [mean("grade", each).standard_errors[0] for each in (first, variants(drawn(5))["age only"])]
    assert apart.difference.standard_error == pytest.approx(np.hypot(*errors))
    assert paired.difference.standard_error < apart.difference.standard_error / 3


def test_a_choice_that_shifts_the_outcome_is_told_from_one_that_does_not() -> None:
    rows = sensitivity(mean, "grade", designs=variants(drawn(5)))
    matters = {row.variant: row.matters for row in rows}
    assert matters["as drawn"], "old people answer more often and are more content"
    assert not matters["age only"], "the sexes answer almost alike"


def test_a_domain_is_that_of_the_function_and_counts_its_own_effective_number() -> None:
    data = people(2)
    data["trust"][:9] = np.nan
    designs = variants(Design.of(data, weights="w", strata="s"))
    inside = data["age"] == "oud"
    for row in sensitivity(proportion, "trust", designs=designs, domain=inside):
        design = designs[row.variant]
        place = ["trust0", "trust1"].index(row.statistic)
        assert row.estimate == proportion("trust", design, domain=inside).estimate(place)
        weights = design.weights[inside & ~np.isnan(data["trust"])]
        assert row.effective_number == pytest.approx(weights.sum() ** 2 / (weights**2).sum())


def test_replicates_of_other_draws_are_not_taken_for_the_same() -> None:
    design = drawn(1)
    one, other = (bootstrap(design, replicates=number, seed=1) for number in (50, 60))
    assert not sensitivity(mean, "grade", designs={"one": one, "other": other})[1].paired


def test_replicates_are_paired_when_the_same_were_drawn() -> None:
    design = drawn(7)
    one, again, other = (bootstrap(design, replicates=50, seed=seed) for seed in (1, 1, 2))
    designs = {"one": one, "raked": rake(one, {"age": AGES}).design, "again": again, "other": other}
    found = {row.variant: row for row in sensitivity(mean, "grade", designs=designs)}
    assert {name: row.paired for name, row in found.items()} == {
        "one": True,
        "raked": True,
        "again": True,
        "other": False,
    }
    assert found["again"].difference.standard_error == 0
    errors = [found[name].estimate.standard_error for name in ("one", "other")]
    assert found["other"].difference.standard_error == pytest.approx(np.hypot(*errors))


def test_nobody_in_the_domain_matters_to_nobody() -> None:
    designs = variants(drawn(1))
    nobody = np.zeros(designs["as drawn"].size, dtype=bool)
    found = sensitivity(mean, "grade", designs=designs, domain=nobody)
    assert not any(row.matters for row in found)


def test_one_design_and_statistics_that_differ_are_refused() -> None:
    with pytest.raises(DesignError, match="two or more"):
        sensitivity(mean, "grade", designs={"only": drawn(1)})
    other = Design.of({"w": [1.0, 1.0], "age": ["jong", "midden"]}, weights="w")
    with pytest.raises(ColumnError, match="agejong, agemidden; under first agejong, ageoud"):
        sensitivity(proportion, "age", designs={"first": drawn(1), "second": other})


def test_any_function_that_gives_statistics_will_do() -> None:
    def doubled(column: str, design: Design, *, domain: Any, times: float) -> Statistics:
        return mean(design.data[column] * times, design, domain=domain)

    row = sensitivity(doubled, "grade", designs=variants(drawn(1)), times=2.0)[2]
    single = sensitivity(mean, "grade", designs=variants(drawn(1)))[2]
    assert row.difference.standard_error == pytest.approx(2 * single.difference.standard_error)
