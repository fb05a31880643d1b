import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.miscmodels.ordinal_model import OrderedModel

from analysis.estimation.ordinal_regression import ordinal
from analysis.estimation.regression import ModelError, glm, wald_test
from analysis.formulas import FormulaError
from analysis.sampling.designs import Design, Replicates
from analysis.sampling.replication import EmptyReplicate


def town(number: int = 300, seed: int = 1, weights: Any = None, **columns: Any) -> Design:
    random = np.random.default_rng(seed)
    sex = np.where(random.random(number) < 0.5, "man", "woman")
    age = random.integers(18, 90, number).astype(float)
    latent = 0.03 * age + 0.5 * (sex == "woman") + random.logistic(size=number)
    data = {
        "weight": random.uniform(1, 5, number) if weights is None else weights,
        "district": np.array(["D1", "D2", "D3"])[np.arange(number) % 3],
        "sex": sex,
        "age": age,
        "agrees": np.digitize(latent, [0.5, 1.5, 3.0]) + 1,
    } | columns
    return Design.of(data, weights="weight", strata="district")


def test_with_equal_weights_the_model_is_that_of_statsmodels() -> None:
    design = town(weights=np.full(300, 3.0))
    data = design.data
    columns = np.column_stack([data["age"] / 50, data["sex"] == "woman"]).astype(float)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = OrderedModel(data["agrees"], columns, distr="logit")
        fit = model.fit(method="bfgs", gtol=1e-8, disp=False)
    ours = ordinal("agrees ~ years + sex", town(weights=np.full(300, 3.0), years=data["age"] / 50))
    assert ours.names == ("years", "sexwoman", "1|2", "2|3", "3|4")
    np.testing.assert_allclose(ours.values[:2], fit.params[:2], rtol=1e-4)
    np.testing.assert_allclose(ours.values[2:], model.transform_threshold_params(fit.params)[1:-1], rtol=1e-4)


def test_with_two_answers_it_is_logistic_regression() -> None:
    two = town(agrees=(town().data["agrees"] > 2).astype(float))
    ours, logistic = ordinal("agrees ~ age + sex", two), glm("agrees ~ age + sex", two, family="binomial")
    np.testing.assert_allclose(ours.values, [*logistic.values[1:], -logistic.values[0]], rtol=1e-6)
    np.testing.assert_allclose(ours.standard_errors[:2], logistic.standard_errors[1:], rtol=1e-6)
    assert ours.degrees_of_freedom == logistic.degrees_of_freedom
    assert wald_test(ours, "age").statistic == pytest.approx(wald_test(logistic, "age").statistic)


@settings(max_examples=20)
@given(st.integers(0, 1000), st.floats(0.01, 100))
def test_answers_turned_round_turn_the_coefficients_round_whatever_the_scale(seed: int, scale: float) -> None:
    design = town(seed=seed)
    turned = town(seed=seed, agrees=10 - design.data["agrees"], weights=design.weights * scale)
    ours, other = ordinal("agrees ~ age + sex", design), ordinal("agrees ~ age + sex", turned)
    np.testing.assert_allclose(other.values[:2], -ours.values[:2], rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(other.standard_errors[:2], ours.standard_errors[:2], rtol=1e-6)


def test_standard_errors_are_about_those_of_a_bootstrap() -> None:
    design = town()
    drawn = np.random.default_rng(3).multinomial(100, np.full(100, 0.01), (300, 3))
    factors = np.empty((300, 300))
    for place in range(3):
        factors[place::3] = drawn[:, place].T
    replicated = Design(
        weights=design.weights,
        stages=design.stages,
        data=design.data,
        replicates=Replicates(weights=design.weights[:, None] * factors, scale=1 / 299, rscales=np.ones(300)),
    )
    linearised, ours = ordinal("agrees ~ age + sex", design), ordinal("agrees ~ age + sex", replicated)
    np.testing.assert_array_equal(ours.values, linearised.values)
    np.testing.assert_allclose(ours.standard_errors, linearised.standard_errors, rtol=0.15)


@pytest.mark.parametrize("step", [1, 2, 4])
def test_a_replicate_in_which_nobody_gives_an_answer_is_refused_by_number(step: int) -> None:
    design = town()
    factors = np.ones((300, 3))
    factors[design.data["agrees"] == step, 1] = 0.0
    replicated = Design(
        weights=design.weights,
        stages=design.stages,
        data=design.data,
        replicates=Replicates(weights=design.weights[:, None] * factors, scale=1.0, rscales=np.ones(3)),
    )
    with pytest.raises(EmptyReplicate, match="In replicate 2"):
        ordinal("agrees ~ age", replicated)


def test_a_domain_equals_the_same_rows_with_the_other_answers_missing() -> None:
    design = town()
    domain = design.data["age"] < 60
    missing = town(agrees=np.where(domain, design.data["agrees"], np.nan))
    inside, emptied = (
        ordinal("agrees ~ sex", design, domain=domain),
        ordinal("agrees ~ sex", missing),
    )
    np.testing.assert_allclose(inside.values, emptied.values)
    np.testing.assert_allclose(inside.covariance, emptied.covariance)


@pytest.mark.parametrize(
    ("formula", "error", "message"),
    [
        ("agrees ~ 0 + age", FormulaError, "leave out the 0"),
        ("same ~ age", ModelError, "everybody gives the answer 1"),
        ("agrees ~ age + months", ModelError, "column months is a combination"),
        ("agrees ~ telling", ModelError, "predicts the outcome without fail"),
    ],
)
def test_models_that_cannot_be_are_refused(formula: str, error: type[Exception], message: str) -> None:
    data = town().data
    design = town(same=np.ones(300), months=data["age"] * 12, telling=data["agrees"] * 10 + data["age"] / 100)
    with pytest.raises(error, match=message):
        ordinal(formula, design)


def test_a_slope_without_end_is_refused_also_when_a_threshold_grows_with_it() -> None:
    """All answers of the old are 4 or 5 and of the young 4 or lower: no slope is steep enough."""
    trust = [1, 1, 2, 2, 3, 3, 3, 3, 3, 4, 4, 4, 4, 4, 5]
    data = {"trust": trust, "old": [0] * 12 + [1] * 3, "weight": np.ones(15)}
    with pytest.raises(ModelError, match="predicts the outcome without fail"):
        ordinal("trust ~ old", Design.of(data, weights="weight"))
    # One old person who trusts less, and there is one.
    data["old"][0] = 1
    assert 0 < ordinal("trust ~ old", Design.of(data, weights="weight")).values[0] < 10
