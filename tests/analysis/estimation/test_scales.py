import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from analysis.columns import ColumnError
from analysis.estimation.scales import alpha, cohesion, loneliness, who5
from analysis.sampling.designs import persons

NOT_SHOWN = -6
REVERSED_COHESION = np.array([True, False, False, False, False, False])
REVERSED_LONELINESS = np.array([False, True, True, False, True, False])


def test_cohesion_is_ten_for_the_best_answers_and_zero_for_the_worst() -> None:
    best, worst = [1, 5, 5, 5, 5, 5], [5, 1, 1, 1, 1, 1]
    assert cohesion(np.array([best, worst, [3] * 6]), REVERSED_COHESION).tolist() == [10, 0, 5]


def test_cohesion_needs_four_answers_of_six() -> None:
    four, three = [-5, -8, 5, 5, 4, 4], [-5, -8, -5, 5, 4, 4]
    scores = cohesion(np.array([four, three]), REVERSED_COHESION)
    assert scores[0] == pytest.approx((10 + 10 + 7.5 + 7.5) / 4)
    assert np.isnan(scores[1])


def test_who5_is_the_sum_times_four() -> None:
    assert who5(np.array([[5] * 5, [0] * 5, [3, 2, 3, 2, 3]])).score.tolist() == [100, 0, 52]


def test_who5_fills_one_missing_answer_with_the_mean_of_the_others_and_says_so() -> None:
    found = who5(np.array([[4, 3, -9, 2, 3], [4, -9, -9, 2, 3], [1, 1, 1, 1, 1]]))
    assert found.score[0] == 60
    assert np.isnan(found.score[1])
    assert found.filled.tolist() == [True, False, False]


def test_loneliness_counts_more_or_less_on_both_sides() -> None:
    more_or_less = loneliness(np.array([[2] * 6]), REVERSED_LONELINESS)
    assert (more_or_less.total[0], more_or_less.emotional[0], more_or_less.social[0]) == (6, 3, 3)
    # Everybody to fall back on, and no emptiness.
    assert loneliness(np.array([[3, 1, 1, 3, 1, 3]]), REVERSED_LONELINESS).total[0] == 0
    # Emptiness, but people around.
    lonely = loneliness(np.array([[1, 1, 1, 1, 1, 1]]), REVERSED_LONELINESS)
    assert (lonely.total[0], lonely.emotional[0], lonely.social[0]) == (3, 3, 0)


def test_loneliness_needs_all_six_answers() -> None:
    assert np.isnan(loneliness(np.array([[1, 1, 1, NOT_SHOWN, 1, 1]]), REVERSED_LONELINESS).total[0])


@given(arrays(int, (8, 6), elements=st.sampled_from([-9, -5, 1, 2, 3, 4, 5])))
def test_turning_every_statement_round_turns_the_cohesion_score_round(answers: np.ndarray) -> None:
    turned = np.where(answers < 0, answers, 6 - answers)
    left, right = cohesion(answers, REVERSED_COHESION), cohesion(turned, REVERSED_COHESION)
    np.testing.assert_allclose(left + right, np.where(np.isnan(left), np.nan, 10.0))


def test_alpha_is_one_for_items_that_say_the_same_and_falls_with_noise() -> None:
    random = np.random.default_rng(3)
    truth = random.normal(size=400)
    weights = random.uniform(0.5, 2, 400)
    design = persons(weights, np.zeros(400, dtype=int), ("all",))
    noisy = [truth + random.normal(size=400) for _ in range(4)]
    assert alpha([truth] * 4, design) == pytest.approx(1)
    assert alpha(noisy, design) == pytest.approx(0.8, abs=0.05)


def test_alpha_of_a_domain_is_that_of_the_same_rows_with_the_others_missing() -> None:
    random = np.random.default_rng(5)
    items = random.normal(size=(3, 60)) + random.normal(size=60)
    design = persons(random.uniform(1, 3, 60), np.zeros(60, dtype=int), ("all",))
    domain = np.arange(60) < 40
    emptied = [np.where(domain, item, np.nan) for item in items]
    assert alpha(list(items), design, domain=domain) == pytest.approx(alpha(emptied, design))


def test_what_alpha_cannot_be_made_of_is_refused() -> None:
    design = persons(np.ones(4), np.zeros(4, dtype=int), ("all",))
    with pytest.raises(ColumnError, match="at least two"):
        alpha([np.arange(4.0)], design)
    with pytest.raises(ColumnError, match="Nobody answered every item"):
        alpha([np.array([1, 2, np.nan, np.nan]), np.array([np.nan, np.nan, 1, 2])], design)
    with pytest.raises(ColumnError, match="does not vary"):
        alpha([np.ones(4), np.ones(4)], design)
