import numpy as np
import pytest
from scipy.stats import binomtest

from analysis.reporting.exports.dataset import Dataset, answer_codes
from analysis.reporting.findings.indicators import columns, share, values
from analysis.reporting.plans.plan import Indicator
from analysis.sampling.designs import Design
from survey.questionnaires.model import DONT_KNOW, NOT_SHOWN
from tests.analysis.town import Town, build


@pytest.fixture(scope="module")
def town() -> Town:
    return build(seed=1)


def responses(town: Town, codes: dict[str, list[int]]) -> Dataset:
    number = len(next(iter(codes.values())))
    some = town.responses(np.arange(number))
    for name, column in codes.items():
        some.codes[name] = np.array(column, dtype=np.int32)
    return some


def indicator(**fields: object) -> Indicator:
    return Indicator(key="x", label="X", **{"kind": "proportion", "variable": "q15", **fields})  # type: ignore[arg-type]


def test_a_share_counts_its_codes_among_valid_answers(town: Town) -> None:
    some = responses(town, {"q15": [1, 2, DONT_KNOW, NOT_SHOWN]})
    np.testing.assert_array_equal(values(some, indicator(codes=(1,))), [1, 0, np.nan, np.nan])


def test_dont_know_belongs_to_the_base_when_the_plan_says_so(town: Town) -> None:
    some = responses(town, {"q15": [1, 2, DONT_KNOW, NOT_SHOWN]})
    found = values(some, indicator(codes=(1,), include=(DONT_KNOW,)))
    np.testing.assert_array_equal(found, [1, 0, 0, np.nan])


def test_multiple_choice_counts_anyone_who_ticked_one_of_the_codes(town: Town) -> None:
    ticks = {f"q7_{code}": [0, 0, -9, -6] for code in (1, 2)} | {"q7_2": [1, 0, -9, -6]}
    found = values(responses(town, ticks), indicator(variable="q7", codes=(1, 2)))
    np.testing.assert_array_equal(found, [1, 0, np.nan, np.nan])


def test_a_mean_leaves_missing_answers_out(town: Town) -> None:
    found = values(responses(town, {"q2": [8, DONT_KNOW]}), indicator(variable="q2", kind="mean"))
    np.testing.assert_array_equal(found, [8, np.nan])


def test_a_threshold_on_a_scale_makes_a_share(town: Town) -> None:
    items = {f"q20_{item}": [2, 3, 5, NOT_SHOWN] for item in "abcde"}
    low = indicator(variable="q20", scale="who5", at_most=50)
    np.testing.assert_array_equal(values(responses(town, items), low), [1, 0, 0, np.nan])


def test_reversed_statements_come_from_the_questionnaire(town: Town) -> None:
    items = {f"q21_{item}": [1] for item in "abcdef"}
    found = values(responses(town, items), indicator(variable="q21", scale="loneliness", at_least=3))
    np.testing.assert_array_equal(found, [1])


def test_the_columns_of_an_indicator_are_known_beforehand(town: Town) -> None:
    assert columns(town.questionnaire, indicator(codes=(1,))) == ("q15",)
    assert columns(town.questionnaire, indicator(variable="q7", codes=(1, 4))) == ("q7_1", "q7_4")
    scale = indicator(variable="q20", scale="who5", at_most=50)
    assert columns(town.questionnaire, scale) == tuple(f"q20_{item}" for item in "abcde")


def test_every_closed_question_can_be_analysed(town: Town) -> None:
    codes = answer_codes(town.questionnaire)
    assert codes["q2"] == frozenset(range(1, 11))
    assert 99 in codes["q7"]
    assert codes["q7_99"] == {0, 1}
    assert "q1" not in codes


@pytest.mark.parametrize("answer", [0.0, 1.0])
def test_a_share_of_nobody_or_of_all_has_the_exact_interval_of_a_binomial(answer: float) -> None:
    design = Design.of(weights=np.linspace(1, 3, 250))
    domain = np.arange(250) < 150
    answers = np.where(np.arange(250) < 200, answer, 1 - answer)
    found = share(answers, design, domain)
    low, high = binomtest(int(150 * answer), 150).proportion_ci(method="exact")
    assert (found.value, found.low, found.high) == pytest.approx((answer, low, high))
