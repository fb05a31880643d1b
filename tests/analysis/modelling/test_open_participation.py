"""Estimates from open participation: against R's equations, and what must hold of every one of them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.columns import ColumnError
from analysis.modelling.open_participation import (
    ModelNotFitted,
    OpenEstimate,
    doubly_robust,
    mass_imputed,
    propensity_calibrated,
    propensity_weighted,
)
from analysis.sampling.designs import Design, DesignError
from analysis.sampling.replicates import bootstrap

FOLDER = Path(__file__).parents[2] / "reference" / "weighting"
CASES = {case["id"]: case for case in json.loads((FOLDER / "cases_nonprob.json").read_text())["cases"]}
OPEN = pd.read_csv(FOLDER / "town_open.csv")
INVITED = pd.read_csv(FOLDER / "town_invited.csv")


def reference() -> Design:
    return Design.of(INVITED, weights="base_weight", strata="district")


def estimated(case: dict[str, Any], data: pd.DataFrame = OPEN, replicates: int = 0) -> OpenEstimate:
    start: dict[str, Any] = {"outcome": case["outcome"], "formula": case["covariates"], "data": data}
    start |= {"replicates": replicates, "seed": 1}
    method, family = case["estimate"]["method"], case["estimate"].get("family", "gaussian")
    if method == "ipw_logit_pseudo_likelihood":
        return propensity_weighted(**start, reference=reference())
    if method == "ipw_logit_calibrated_to_totals":
        return propensity_calibrated(**start, totals=case["population"])
    kind = mass_imputed if method == "mass_imputation_glm" else doubly_robust
    return kind(**start, reference=reference(), family=family)


@pytest.mark.parametrize("name", CASES)
def test_estimates_and_models_equal_those_of_r(name: str) -> None:
    case = CASES[name]
    found, expected = estimated(case), case["expected"]
    close: dict[str, Any] = {"rtol": case["tolerance_rel"]}
    np.testing.assert_allclose(found.value, expected["estimate"], **close)
    if "theta" in expected:
        model = found.participation
        assert model is not None
        assert list(model.coefficients) == expected["names"]
        np.testing.assert_allclose(list(model.coefficients.values()), expected["theta"], **close)
        np.testing.assert_allclose(model.represented, expected["sum_inverse_propensity"], **close)
        np.testing.assert_allclose(model.lowest_chance, expected["min_propensity"], **close)
        np.testing.assert_allclose(model.highest_chance, expected["max_propensity"], **close)
    if "beta" in expected:
        assert found.answer_coefficients is not None
        assert list(found.answer_coefficients) == expected["names"]
        np.testing.assert_allclose(list(found.answer_coefficients.values()), expected["beta"], **close)
    if "naive" in expected:
        assert found.observed == pytest.approx(expected["naive"])


@pytest.mark.parametrize("name", ["town-open-grade-ipw", "town-open-unsafe-ipw"])
def test_the_bootstrap_of_both_samples_is_near_the_linearised_error(name: str) -> None:
    found = estimated(CASES[name], replicates=300)
    assert found.standard_error == pytest.approx(CASES[name]["information"]["se"], rel=0.15)
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.value < found.high


@pytest.mark.parametrize("name", CASES)
def test_a_seed_gives_the_same_error_again(name: str) -> None:
    assert estimated(CASES[name], replicates=5) == estimated(CASES[name], replicates=5)


@pytest.mark.parametrize("name", CASES)
def test_every_estimate_says_what_it_is_and_assumes(name: str) -> None:
    found = estimated(CASES[name])
    assert found.label == "model-based, from open participation"
    assert found.assumption.startswith(
        "Among people with the same age, sex, origin, tenure, those who took part"
    )
    assert found.standard_error is None
    assert found.respondents == len(OPEN)


def test_weights_add_up_to_the_totals_of_the_population() -> None:
    case = CASES["town-open-grade-ipw-totals"]
    model = estimated(case).participation
    assert model is not None
    assert model.represented == pytest.approx(case["population"]["(Intercept)"], rel=1e-9)


def test_the_order_of_rows_does_not_matter() -> None:
    mixed = OPEN.sample(frac=1, random_state=1)
    for case in CASES.values():
        assert estimated(case, mixed).value == pytest.approx(estimated(case).value, rel=1e-9)


def test_with_one_predictor_weighting_and_imputing_are_both_poststratification() -> None:
    """A slow version: the means of the levels, weighted by the reference sample."""
    shares = INVITED.groupby("tenure")["base_weight"].sum() / INVITED["base_weight"].sum()
    expected = float((OPEN.groupby("tenure")["grade"].mean() * shares).sum())
    totals = {"(Intercept)": INVITED["base_weight"].sum()} | {
        f"tenure{level}": float(share * INVITED["base_weight"].sum())
        for level, share in list(shares.items())[1:]
    }
    start: dict[str, Any] = {
        "outcome": "grade", "formula": "~ tenure", "data": OPEN, "replicates": 0, "seed": 1,
    }  # fmt: skip
    found = [
        kind(**start, reference=reference()) for kind in (propensity_weighted, mass_imputed, doubly_robust)
    ]
    found.append(propensity_calibrated(**start, totals=totals))
    for each in found:
        assert each.value == pytest.approx(expected, rel=1e-9)


def test_a_right_model_of_taking_part_takes_the_bias_away() -> None:
    random = np.random.default_rng(4)
    people = pd.DataFrame({"age": random.choice(["old", "young"], 60_000), "weight": 10.0})
    people["y"] = random.normal(np.where(people["age"] == "old", 7.0, 5.0))
    came = people[random.random(len(people)) < np.where(people["age"] == "old", 0.04, 0.01)]
    invited = Design.of(people.sample(6000, random_state=1), weights="weight")
    for kind in (propensity_weighted, mass_imputed, doubly_robust):
        found = kind("y", "~ age", came, invited, replicates=100, seed=2)
        assert found.standard_error is not None
        assert abs(found.observed - people["y"].mean()) > 10 * found.standard_error
        assert abs(found.value - people["y"].mean()) < 3 * found.standard_error


def test_who_did_not_answer_helps_to_model_taking_part_only() -> None:
    gaps = OPEN.assign(grade=OPEN["grade"].where(OPEN.index % 5 > 0))
    case = CASES["town-open-grade-ipw"]
    found = estimated(case, gaps)
    assert found.participation == estimated(case).participation
    assert found.respondents == gaps["grade"].notna().sum()
    assert found.observed == pytest.approx(gaps["grade"].mean())


GOOD: dict[str, Any] = {"age": list("aabbaabb"), "y": [0, 1, 0, 1, 1, 0, 1, 1]}


@pytest.mark.parametrize("kind", [propensity_weighted, mass_imputed, doubly_robust])
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"age": ["a", None, *"bbaabb"]}, "Column age is empty in row 2 of those who took part"),
        ({"age": ["a"] * 8}, "ageb cannot be told apart"),
        ({"age": [1] * 8}, "Column age holds text in one table"),
        ({"y": [np.nan] * 8}, "nobody who took part answered"),
        ({"y": ["much"] * 8}, "Column y holds 'much'"),
    ],
)
def test_answers_that_do_not_carry_a_model_are_refused(
    kind: Callable[..., OpenEstimate], change: dict[str, Any], message: str
) -> None:
    invited = Design.of({"age": list("ab") * 20, "w": [3.0] * 40}, weights="w")
    with pytest.raises(ColumnError, match=message):
        kind("y", "~ age", GOOD | change, invited, seed=1)


def test_a_reference_that_is_not_as_drawn_is_refused() -> None:
    with pytest.raises(DesignError, match="as it was drawn"):
        propensity_weighted("grade", "~ age", OPEN, bootstrap(reference(), replicates=5, seed=1), seed=1)


def test_more_participants_than_people_are_refused() -> None:
    invited = Design.of({"age": list("ab") * 3, "w": [0.5] * 6}, weights="w")
    with pytest.raises(ModelNotFitted, match="more of them than there are"):
        propensity_weighted("y", "~ age", GOOD, invited, seed=1)


def test_shares_are_of_zeros_and_ones_and_of_people_who_differ() -> None:
    invited = Design.of({"age": list("ab") * 20, "w": [3.0] * 40}, weights="w")
    with pytest.raises(ColumnError, match="not 0 or 1"):
        mass_imputed("y", "~ age", GOOD | {"y": range(8)}, invited, family="binomial", seed=1)
    with pytest.raises(ColumnError, match="ageb tells the answers apart"):
        mass_imputed("y", "~ age", GOOD | {"y": [0, 1, 1, 1, 1, 0, 1, 1]}, invited, family="binomial", seed=1)


def test_totals_have_the_columns_of_the_model() -> None:
    for totals, message in (
        ({"(Intercept)": 100.0}, "no ageb"),
        ({"(Intercept)": 100.0, "ageb": 50.0, "agec": 2.0}, "have agec, but nobody"),
        ({"(Intercept)": 100.0, "ageb": 100.0}, "no solution"),
    ):
        with pytest.raises(ModelNotFitted, match=message):
            propensity_calibrated("y", "~ age", GOOD, totals, seed=1)


DISTRICTS = sorted(set(OPEN["district"]))


@pytest.mark.parametrize("kind", [mass_imputed, doubly_robust, propensity_weighted])
def test_a_model_of_the_districts_gives_a_district_the_mean_of_those_who_came_from_it(kind: Any) -> None:
    for district in DISTRICTS[:3]:
        found = kind(
            "grade", "~ district", OPEN, reference(), domain=("district", district), replicates=0, seed=1
        )
        came = OPEN.loc[OPEN["district"] == district, "grade"]
        assert found.value == pytest.approx(came.mean())
        assert found.observed == pytest.approx(came.mean())
        assert found.respondents == came.notna().sum()


def test_predictions_of_domains_add_up_to_those_of_everybody() -> None:
    def imputed(domain: tuple[str, str] | None) -> float:
        found = mass_imputed("grade", "~ age", OPEN, reference(), domain=domain, replicates=0, seed=1)
        return found.value

    people = INVITED.groupby("district")["base_weight"].sum()
    parts = [imputed(("district", district)) * people[district] for district in DISTRICTS]
    assert sum(parts) / people.sum() == pytest.approx(imputed(None))


def test_a_domain_is_less_certain_than_everybody() -> None:
    def error(domain: tuple[str, str] | None) -> float:
        found = doubly_robust("grade", "~ age", OPEN, reference(), domain=domain, replicates=30, seed=1)
        assert found.standard_error is not None
        return found.standard_error

    assert error(("district", DISTRICTS[0])) > 1.5 * error(None)


def test_a_domain_that_is_not_there_is_refused() -> None:
    with pytest.raises(ColumnError, match="district has no level D99 among those who took part"):
        mass_imputed("grade", "~ age", OPEN, reference(), domain=("district", "D99"), replicates=0, seed=1)
    nobody = OPEN.assign(grade=OPEN["grade"].where(OPEN["district"] != DISTRICTS[0]))
    with pytest.raises(ColumnError, match="Nobody of the domain who took part answered"):
        propensity_weighted(
            "grade", "~ age", nobody, reference(), domain=("district", DISTRICTS[0]), replicates=0, seed=1
        )
