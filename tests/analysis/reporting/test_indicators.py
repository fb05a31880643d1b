import numpy as np
import numpy.typing as npt
import pytest
from scipy.stats import binomtest

from analysis.estimation.estimates import Estimate
from analysis.reporting.exports.dataset import Dataset, answer_codes
from analysis.reporting.findings.indicators import (
    Measured,
    average,
    by_group,
    columns,
    of_everybody,
    share,
    values,
)
from analysis.reporting.plans.plan import Indicator
from analysis.sampling.designs import Design
from analysis.sampling.replicates import bootstrap
from analysis.weighting.adjustments import rake
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


def people(seed: int, replicates: int = 0) -> tuple[Design, list[Measured], list[npt.NDArray[np.bool_]]]:
    """A raked sample, columns of every kind, and groups: one of nobody, one of a few, and some in none."""
    chance = np.random.default_rng(seed)
    size = 400
    data = {
        "stratum": chance.integers(0, 3, size),
        "age": chance.integers(0, 2, size),
        "weight": chance.uniform(1, 3, size),
    }
    design = Design.of(data, weights="weight", strata="stratum")
    if replicates:
        design = bootstrap(design, replicates=replicates, seed=seed)
    design = rake(design, {"age": {0: 500.0, 1: 700.0}}).design
    grades = np.where(chance.random(size) < 0.1, np.nan, chance.integers(1, 11, size))
    yes = np.where(chance.random(size) < 0.2, np.nan, chance.random(size) < 0.3)
    group = np.where(np.arange(size) < 4, 3, chance.integers(-1, 3, size))
    measured = [
        Measured("mean", grades),
        Measured("proportion", yes),
        Measured("proportion", np.ones(size)),
        Measured("proportion", np.full(size, np.nan)),
    ]
    return design, measured, [group == place for place in range(5)]


def same(found: Estimate, expected: Estimate) -> None:
    for name in ("value", "standard_error", "low", "high", "respondents", "degrees_of_freedom"):
        np.testing.assert_allclose(
            getattr(found, name), getattr(expected, name), rtol=1e-9, atol=1e-12, err_msg=name
        )


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("replicates", [0, 20])
def test_groups_together_give_what_each_gives_alone(seed: int, replicates: int) -> None:
    design, measured, groups = people(seed, replicates)
    alone = {"mean": average, "proportion": share}
    for group, found in zip(groups, by_group(measured, design, groups), strict=True):
        for of, one in zip(measured, found, strict=True):
            same(one, alone[of.kind](of.values, design, group))
    for of, one in zip(measured, of_everybody(measured, design), strict=True):
        same(one, alone[of.kind](of.values, design))


def test_groups_of_nobody_have_no_estimate() -> None:
    design, measured, groups = people(seed=1)
    ((first, *_),) = by_group(measured, design, [groups[4]])
    assert first.respondents == 0
    assert np.isnan(first.value)
