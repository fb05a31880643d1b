from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analysis.columns import ColumnError
from analysis.estimation.group_tests import RankTest, Ties, ranktest, ttest
from analysis.estimation.regression import glm
from analysis.formulas import FormulaError
from analysis.sampling.designs import Design, DesignError, Replicates

RANK_TESTS: tuple[RankTest, ...] = ("wilcoxon", "KruskalWallis", "vanderWaerden", "median")


def town(number: int = 120, seed: int = 1, weights: Any = None, **columns: np.ndarray) -> Design:
    random = np.random.default_rng(seed)
    sex = np.where(random.random(number) < 0.5, "man", "woman")
    data = {
        "weight": random.uniform(1, 5, number) if weights is None else weights,
        "district": np.array(["D1", "D2", "D3"])[np.arange(number) % 3],
        "sex": sex,
        "grade": 7 + 0.3 * (sex == "woman") + random.normal(size=number),
    } | columns
    return Design.of(data, weights="weight", strata="district")


def test_with_equal_weights_one_mean_has_the_textbook_t() -> None:
    values = np.random.default_rng(2).normal(0.2, 1, 50)
    ours = ttest(values, Design.of(weights=np.full(50, 3.0)))
    textbook = stats.ttest_1samp(values, 0)
    assert ours.test.statistic == pytest.approx(textbook.statistic)
    assert ours.test.degrees_of_freedom == (48,)
    assert ttest(values, Design.of(weights=np.ones(50)), confidence=0.5).high < ours.high


def test_the_ways_to_write_one_mean_are_the_same() -> None:
    design = town()
    assert ttest("grade", design) == ttest("grade ~ 0", design) == ttest(design.data["grade"], design)


@given(st.integers(0, 1000))
def test_a_difference_of_two_means_is_a_coefficient_of_a_regression(seed: int) -> None:
    design = town(seed=seed)
    ours, model = ttest("grade ~ sex", design), glm("grade ~ sex", design)
    assert ours.value == pytest.approx(model.values[1])
    assert ours.standard_error == pytest.approx(model.standard_errors[1])
    assert ours.test.p_value == pytest.approx(model.p_values[1])


def test_in_replicates_a_difference_is_computed_again_and_ranks_are_kept() -> None:
    design = town()
    drawn = np.random.default_rng(3).multinomial(120, np.full(120, 1 / 120), 400).T
    replicated = Design(
        weights=design.weights,
        stages=design.stages,
        data=design.data,
        replicates=Replicates(weights=design.weights[:, None] * drawn, scale=1 / 399, rscales=np.ones(400)),
    )
    linearised, ours = ttest("grade ~ sex", design), ttest("grade ~ sex", replicated)
    assert ours.value == linearised.value
    assert ours.standard_error == pytest.approx(linearised.standard_error, rel=0.15)
    assert ours.standard_error != linearised.standard_error
    ranks = ranktest("grade ~ sex", replicated)
    assert ranks.statistic == pytest.approx(ranktest("grade ~ sex", design).statistic, rel=0.15)


@pytest.mark.parametrize("test", RANK_TESTS)
@pytest.mark.parametrize("group", ["sex", "district"])
def test_only_the_order_of_answers_counts(test: RankTest, group: str) -> None:
    design = town()
    stretched = town(grade=np.exp(design.data["grade"]))
    assert ranktest(f"grade ~ {group}", design, test=test) == ranktest(
        f"grade ~ {group}", stretched, test=test
    )


def test_with_equal_weights_a_rank_test_is_near_the_classical_one() -> None:
    design = town(600, weights=np.full(600, 2.0))
    grade, sex, district = (design.data[name] for name in ("grade", "sex", "district"))
    ours = ranktest("grade ~ sex", design)
    classical = stats.mannwhitneyu(grade[sex == "woman"], grade[sex == "man"])
    assert ours.statistic > 0
    assert abs(ours.statistic) == pytest.approx(stats.norm.isf(classical.pvalue / 2), rel=0.1)
    three = ranktest("grade ~ district", design, test="KruskalWallis")
    plain = stats.kruskal(*(grade[district == name] for name in ("D1", "D2", "D3")))
    assert 2 * three.statistic == pytest.approx(plain.statistic, rel=0.1)


def test_the_median_test_is_the_difference_in_shares_above_the_median() -> None:
    design = town()
    order = np.argsort(design.data["grade"])
    weights = design.weights[order]
    above = np.zeros(120)
    above[order] = np.cumsum(weights) - weights / 2 > weights.sum() / 2
    shares = ttest("above ~ sex", town(above=above))
    assert ranktest("grade ~ sex", design, test="median").statistic == pytest.approx(shares.test.statistic)


@pytest.mark.parametrize("test", RANK_TESTS)
def test_a_domain_equals_the_same_rows_with_the_other_answers_missing(test: RankTest) -> None:
    design = town()
    domain = np.arange(120) < 90
    missing = town(grade=np.where(domain, design.data["grade"], np.nan))
    assert ranktest("grade ~ district", design, test=test, domain=domain) == ranktest(
        "grade ~ district", missing, test=test
    )
    assert ttest("grade ~ sex", design, domain=domain) == ttest("grade ~ sex", missing)


@pytest.mark.parametrize(
    ("function", "outcome", "error", "message"),
    [
        (ttest, "grade ~ district", FormulaError, "compares two groups, here are D1, D2, D3"),
        (ttest, "grade ~ sex + district", FormulaError, "one column of groups"),
        (ttest, "~ sex", FormulaError, "write an outcome"),
        (ttest, "sex", ColumnError, "Column sex holds"),
        (ttest, "same", DesignError, "Column same: the answers do not vary"),
        (ttest, "same ~ sex", DesignError, "same ~ sex: the answers do not vary"),
        (ttest, "empty", ColumnError, "Column empty: nobody has an answer"),
        (ttest, np.ones(3), ColumnError, "has 3 rows, the design has 120"),
        (ranktest, "grade ~ one", FormulaError, "there is one group"),
        (ranktest, "grade ~ tenure", ColumnError, "no column tenure"),
    ],
)
def test_comparisons_that_cannot_be_made_are_refused(
    function: Any, outcome: Any, error: type[Exception], message: str
) -> None:
    design = town(same=np.ones(120), empty=np.full(120, np.nan), one=np.array(["x"] * 120))
    with pytest.raises(error, match=message):
        function(outcome, design)


def test_the_order_of_rows_matters_to_equal_answers_only_and_only_as_in_r() -> None:
    """The p-values by row are those of docs/statistics.md."""
    random = np.random.default_rng(0)
    answers, group = random.integers(1, 6, 60), random.integers(0, 2, 60)
    weights, apart = random.uniform(1, 9, 60), random.normal(size=60)
    orders = [np.random.default_rng(seed).permutation(60) for seed in range(3)]

    def p_values(values: np.ndarray, ties: Ties) -> list[float]:
        found = []
        for order in orders:
            data = {"answer": values[order], "group": group[order], "w": weights[order]}
            found.append(ranktest("answer ~ group", Design.of(data, weights="w"), ties=ties).p_value)
        return found

    assert p_values(answers, "by row") == pytest.approx([0.87, 0.88, 0.81], abs=0.005)
    assert np.ptp(p_values(answers, "shared")) < 1e-9
    assert p_values(apart, "by row") == pytest.approx(p_values(apart, "shared"))


def test_equal_answers_share_a_rank_and_with_equal_weights_that_of_r() -> None:
    answers, group = np.array([1, 1, 2, 3, 3, 3, 2, 1]), np.array(["a", "b"] * 4)
    data = {"answer": answers, "group": group, "w": np.ones(8)}
    shared, by_row = (
        ranktest("answer ~ group", Design.of(data, weights="w"), ties=ties) for ties in ("shared", "by row")
    )
    assert shared.statistic == pytest.approx(by_row.statistic)
