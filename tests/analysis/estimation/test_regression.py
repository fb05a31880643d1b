from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.columns import ColumnError
from analysis.estimation.hypotheses import SingularTest
from analysis.estimation.regression import ModelError, glm, wald_test
from analysis.formulas import FormulaError
from analysis.sampling.designs import Design, DesignError, Replicates, reweighted
from analysis.sampling.replication import EmptyReplicate


def town(number: int = 200, seed: int = 1, **columns: Any) -> Design:
    """Residents of four districts in streets of five, with unequal weights."""
    random = np.random.default_rng(seed)
    street = np.arange(number) // 5
    sex = np.where(random.random(number) < 0.5, "man", "woman")
    age = random.integers(18, 90, number).astype(float)
    grade = 6 + 0.02 * age + 0.4 * (sex == "man") + random.normal(size=number) + (street % 3)
    data = {
        "street": street,
        "district": np.array(["D1", "D2", "D3", "D4"])[street % 4],
        "weight": random.uniform(1, 5, number),
        "sex": sex,
        "age": age,
        "grade": grade,
        "unsafe": (random.random(number) < 1 / (1 + np.exp(grade - 8))).astype(float),
        "visits": random.poisson(np.exp(age / 60)).astype(float),
    } | columns
    return Design.of(data, weights="weight", strata="district", clusters=["street"])


def test_a_linear_model_is_that_of_the_normal_equations_and_sums_over_streets() -> None:
    design = town()
    data, weights = design.data, design.weights
    x = np.column_stack([np.ones(200), data["age"], data["sex"] == "woman"])
    inverse = np.linalg.inv(x.T @ np.diag(weights) @ x)
    values = inverse @ x.T @ (weights * data["grade"])
    spread = np.zeros((3, 3))
    for district in np.unique(data["district"]):
        sums = []
        for street in np.unique(data["street"][data["district"] == district]):
            rows = data["street"] == street
            away = weights[rows] * (data["grade"][rows] - x[rows] @ values)
            sums.append(inverse @ x[rows].T @ away)
        away = np.array(sums) - np.mean(sums, axis=0)
        spread += len(sums) / (len(sums) - 1) * away.T @ away
    ours = glm("grade ~ age + sex", design)
    np.testing.assert_allclose(ours.values, values)
    np.testing.assert_allclose(ours.covariance, spread)
    assert ours.degrees_of_freedom == 40 - 4 + 1 - 3


@pytest.mark.parametrize(
    ("family", "outcome", "inverse"),
    [
        ("gaussian", "grade", lambda eta: eta),
        ("binomial", "unsafe", lambda eta: 1 / (1 + np.exp(-eta))),
        ("poisson", "visits", np.exp),
    ],
)
def test_every_family_solves_its_weighted_likelihood_equations(
    family: Any, outcome: str, inverse: Any
) -> None:
    design = town()
    ours = glm(f"{outcome} ~ age + sex", design, family=family)
    x = np.column_stack([np.ones(200), design.data["age"], design.data["sex"] == "woman"])
    left = x.T @ (design.weights * (design.data[outcome] - inverse(x @ ours.values)))
    np.testing.assert_allclose(left / np.abs(x).sum(axis=0), 0, atol=1e-8)


@given(st.randoms(use_true_random=False), st.floats(0.01, 100))
def test_neither_the_order_of_rows_nor_the_scale_of_weights_matters(random: Any, scale: float) -> None:
    design = town()
    order = np.array(random.sample(range(200), 200))
    turned = {name: column[order] for name, column in design.data.items()}
    turned["weight"] = turned["weight"] * scale
    other = Design.of(turned, weights="weight", strata="district", clusters=["street"])
    before, after = (glm("unsafe ~ age + sex", each, family="binomial") for each in (design, other))
    np.testing.assert_allclose(after.values, before.values, rtol=1e-7)
    np.testing.assert_allclose(after.covariance, before.covariance, rtol=1e-6, atol=1e-12)


def test_a_domain_equals_the_same_rows_with_the_other_answers_missing() -> None:
    design = town()
    domain = design.data["age"] < 60
    missing = town(grade=np.where(domain, design.data["grade"], np.nan))
    inside, emptied = glm("grade ~ sex", design, domain=domain), glm("grade ~ sex", missing)
    np.testing.assert_allclose(inside.values, emptied.values)
    np.testing.assert_allclose(inside.covariance, emptied.covariance)
    assert inside.respondents == emptied.respondents == domain.sum()


def test_a_predictor_far_from_zero_is_no_reason_to_refuse() -> None:
    data = town().data
    near, far = (glm("unsafe ~ day", town(day=data["age"] + start), family="binomial") for start in (0, 1e7))
    assert far.values[1] == pytest.approx(near.values[1], rel=1e-4)
    assert far.standard_errors[1] == pytest.approx(near.standard_errors[1], rel=1e-4)


def test_people_without_weight_do_not_count() -> None:
    design = town()
    kept = design.data["age"] < 60
    ours = glm("grade ~ sex", reweighted(design, np.where(kept, design.weights, 0.0)))
    np.testing.assert_allclose(ours.values, glm("grade ~ sex", design, domain=kept).values)
    assert ours.respondents == kept.sum()


@pytest.mark.parametrize(("family", "outcome"), [("gaussian", "grade"), ("binomial", "unsafe")])
def test_replicates_that_leave_out_a_street_say_about_the_same_as_linearisation(
    family: Any, outcome: str
) -> None:
    design = town()
    street, district = design.data["street"], np.unique(design.data["street"]) % 4
    factors = np.ones((200, 40))
    for out in range(40):
        factors[district[street] == district[out], out] = 10 / 9
        factors[street == out, out] = 0.0
    replicated = Design(
        weights=design.weights,
        stages=design.stages,
        data=design.data,
        replicates=Replicates(
            weights=design.weights[:, None] * factors, scale=1.0, rscales=np.full(40, 9 / 10), mse=True
        ),
    )
    formula = f"{outcome} ~ age + sex"
    linearised, ours = glm(formula, design, family=family), glm(formula, replicated, family=family)
    np.testing.assert_array_equal(ours.values, linearised.values)
    np.testing.assert_allclose(ours.standard_errors, linearised.standard_errors, rtol=0.1)
    assert not np.array_equal(ours.standard_errors, linearised.standard_errors)


def test_a_replicate_without_anybody_of_a_level_is_refused_by_number() -> None:
    design = town(group=np.where(np.arange(200) < 5, "few", "most"))
    factors = np.ones((200, 3))
    factors[:5, 1] = 0.0
    replicated = Design(
        weights=design.weights,
        stages=design.stages,
        data=design.data,
        replicates=Replicates(weights=design.weights[:, None] * factors, scale=1.0, rscales=np.ones(3)),
    )
    with pytest.raises(EmptyReplicate, match="In replicate 2"):
        glm("grade ~ group", replicated)


def test_of_one_coefficient_walds_f_is_t_squared() -> None:
    ours = glm("grade ~ age + sex", town())
    test = wald_test(ours, "age")
    assert test.statistic == pytest.approx(ours.t[1] ** 2)
    assert test.p_value == pytest.approx(ours.p_values[1])


def test_a_product_is_found_in_either_order_and_a_term_that_is_not_there_is_named() -> None:
    ours = glm("grade ~ age * sex", town())
    assert wald_test(ours, "sex:age") == wald_test(ours, "age:sex")
    with pytest.raises(FormulaError, match="has no term tenure"):
        wald_test(ours, "tenure")


def test_with_more_coefficients_than_units_there_is_no_evidence_and_no_joint_test() -> None:
    design = town(40)
    ours = glm("grade ~ age + sex + visits + unsafe", design)
    assert ours.degrees_of_freedom == 8 - 4 + 1 - 5
    assert (ours.p_values == 1).all()
    assert (np.array(ours.interval()) == [[-np.inf], [np.inf]]).all()
    assert wald_test(ours, "age").p_value == 1
    street = np.array([f"s{number % 6}" for number in range(40)])
    with pytest.raises(SingularTest, match="Term group of grade ~ group"):
        wald_test(glm("grade ~ group", town(40, group=street)), "group")


@pytest.mark.parametrize(
    ("formula", "family", "error", "message"),
    [
        ("~ age", "gaussian", FormulaError, "has no outcome"),
        ("grade ~ tenure", "gaussian", ColumnError, "no column tenure"),
        ("sex ~ age", "gaussian", ColumnError, "Column sex holds"),
        ("grade ~ age", "binomial", ModelError, "A binomial model needs values from 0 to 1"),
        ("below ~ age", "poisson", ModelError, "A poisson model needs values from 0 to inf"),
        ("grade ~ age + months", "gaussian", ModelError, "column months is a combination"),
        ("unsafe ~ corner", "binomial", ModelError, "column cornerb predicts the outcome without fail"),
        ("unsafe ~ quiet", "binomial", ModelError, "column quiety predicts the outcome without fail"),
        ("unsafe ~ age + quiet", "binomial", ModelError, "column quiety predicts the outcome without fail"),
        ("unsafe ~ telling", "binomial", ModelError, "telling predicts the outcome without fail"),
        ("grade ~ empty", "gaussian", ModelError, "no row has an answer on every column"),
    ],
)
def test_models_that_cannot_be_are_refused_by_name(
    formula: str, family: Any, error: type[Exception], message: str
) -> None:
    plain = town()
    unsafe = plain.data["unsafe"]
    design = town(
        below=np.full(200, -1.0),
        months=plain.data["age"] * 12,
        corner=np.where((unsafe == 0) & (np.arange(200) % 3 == 0), "b", "a"),
        # Nobody of the first level, which has no column of its own, is unsafe.
        quiet=np.where((unsafe == 0) & (np.arange(200) % 3 == 0), "x", "y"),
        telling=unsafe * 10 + plain.data["age"] / 100,
        empty=np.full(200, np.nan),
    )
    with pytest.raises(error, match=message):
        glm(formula, design, family=family)


def test_without_data_a_formula_is_refused() -> None:
    with pytest.raises((ColumnError, DesignError), match="holds no data"):
        glm("grade ~ age", Design.of(weights=np.ones(4)))
