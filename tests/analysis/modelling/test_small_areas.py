"""Fay-Herriot against R, against its likelihood written out, and where it must end up."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.modelling.small_areas import AreaModelError, FayHerriot, fay_herriot
from analysis.sampling.designs import Floats

FOLDER = Path(__file__).parents[2] / "reference" / "weighting"
CASE = json.loads((FOLDER / "cases_smallarea.json").read_text())["cases"][0]


def town() -> FayHerriot:
    return fay_herriot(CASE["direct"], CASE["sampling_variance"], CASE["X"], areas=CASE["domain"])


def generated(seed: int) -> tuple[Floats, Floats, Floats, list[str]]:
    random = np.random.default_rng(seed)
    number = int(random.integers(6, 30))
    predictors = np.column_stack([np.ones(number), random.normal(size=number)])
    variances = random.uniform(0.01, 0.2, number)
    direct = predictors @ [3, 1] + random.normal(0, 0.3, number) + random.normal(0, np.sqrt(variances))
    return direct, variances, predictors, [f"area {n}" for n in range(number)]


def test_predictions_errors_and_variance_equal_those_of_r() -> None:
    found, expected = town(), CASE["expected"]
    close: dict[str, Any] = {"rtol": CASE["tolerance_rel"]}
    np.testing.assert_allclose(found.variance, expected["sigma2_u"], **close)
    np.testing.assert_allclose(found.coefficients, expected["beta"], **close)
    np.testing.assert_allclose([area.weight for area in found.areas], expected["gamma"], **close)
    np.testing.assert_allclose([area.modelled for area in found.areas], expected["eblup"], **close)
    np.testing.assert_allclose([area.error**2 for area in found.areas], expected["mse"], **close)


def test_the_direct_estimate_stands_beside_the_model_and_both_say_what_they_are() -> None:
    found = town()
    assert [area.direct for area in found.areas] == CASE["direct"]
    assert found.areas[0].direct_error == pytest.approx(CASE["sampling_variance"][0] ** 0.5)
    assert found.label == "model-based"
    assert "pulled towards" in found.assumption


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=30)
def test_no_other_variance_has_a_higher_restricted_likelihood(seed: int) -> None:
    direct, variances, predictors, areas = generated(seed)
    number = len(direct)
    # Contrasts of the direct estimates that do not depend on the coefficients: their likelihood is meant.
    contrasts = np.linalg.svd(predictors, full_matrices=True)[0][:, predictors.shape[1] :]

    def likelihood(between: float) -> float:
        covariance = contrasts.T @ (np.diag(variances) + between * np.eye(number)) @ contrasts
        left = contrasts.T @ direct
        return float(-np.linalg.slogdet(covariance)[1] - left @ np.linalg.solve(covariance, left))

    found = fay_herriot(direct, variances, predictors, areas=areas)
    best = likelihood(found.variance)
    assert all(likelihood(value) <= best + 1e-9 for value in np.linspace(0, 2, 200))


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=30)
def test_predictions_lie_between_the_model_and_the_direct_estimate(seed: int) -> None:
    direct, variances, predictors, areas = generated(seed)
    found = fay_herriot(direct, variances, predictors, areas=areas)
    for area, x, variance in zip(found.areas, predictors, variances, strict=True):
        synthetic = float(x @ found.coefficients)
        low, high = sorted((synthetic, area.direct))
        assert low - 1e-9 <= area.modelled <= high + 1e-9
        assert area.weight == pytest.approx(found.variance / (found.variance + variance))


def test_areas_that_do_not_differ_more_than_chance_follow_the_predictors_alone() -> None:
    x = np.column_stack([np.ones(8), np.arange(8)])
    found = fay_herriot(x @ [1, 2], np.full(8, 0.5), x, areas=list("abcdefgh"))
    assert found.variance == 0
    np.testing.assert_allclose([area.modelled for area in found.areas], x @ [1, 2])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"direct": [1, 2, np.nan, 3, 4]}, "Area c has no direct estimate"),
        ({"direct": [1, 2, "much", 3, 4]}, "needs numbers"),
        ({"variances": [1, np.nan, 1, 1, 1]}, "Area b has no variance"),
        ({"variances": [1, 1, 1, 1, 0]}, "Area e: the sampling variance is 0"),
        ({"variances": [1, 1, 1]}, "Give one of each per area"),
        ({"predictors": [[1, 2]] * 5}, "say the same twice"),
        ({"predictors": np.arange(20.0).reshape(5, 4)}, "too few for 4 predictors"),
        ({"predictors": [[1, 2], [1, np.inf], [1, 3], [1, 2], [1, 1]]}, "Area b has no predictor"),
    ],
)
def test_what_cannot_be_modelled_is_refused(change: dict[str, Any], message: str) -> None:
    given: dict[str, Any] = {
        "direct": [1, 2, 3, 3, 4],
        "variances": [1.0] * 5,
        "predictors": [[1, 2], [1, 4], [1, 3], [1, 2], [1, 1]],
    } | change
    with pytest.raises(AreaModelError, match=message):
        fay_herriot(**given, areas=list("abcde"))


def test_an_area_without_respondents_gets_what_the_predictors_say_and_says_so() -> None:
    direct, variances, predictors, areas = generated(4)
    alone = fay_herriot(direct[1:], variances[1:], predictors[1:], areas=areas[1:])
    lacking = [np.where(np.arange(len(areas)) == 0, np.nan, given) for given in (direct, variances)]
    found = fay_herriot(*lacking, predictors, areas=areas)
    assert found.areas[1:] == alone.areas
    first = found.areas[0]
    assert (first.synthetic, first.weight) == (True, 0.0)
    assert np.isnan([first.direct, first.direct_error]).all()
    assert first.modelled == pytest.approx(float(predictors[0] @ alone.coefficients))
    spread = alone.variance + variances[1:]
    covariance = np.linalg.inv(predictors[1:].T @ (predictors[1:] / spread[:, None]))
    assert first.error**2 == pytest.approx(alone.variance + predictors[0] @ covariance @ predictors[0])
    assert not any(area.synthetic for area in alone.areas)


def test_the_error_of_a_synthetic_estimate_is_how_far_it_is_off() -> None:
    random = np.random.default_rng(8)
    x = np.column_stack([np.ones(30), random.normal(size=30)])
    off, errors = [], []
    for _ in range(400):
        truth = x @ [2.0, 1.0] + random.normal(0, 0.7, 30)
        direct = truth + random.normal(0, 0.5, 30)
        direct[0] = np.nan
        variances = np.where(np.arange(30) == 0, np.nan, 0.25)
        found = fay_herriot(direct, variances, x, areas=[str(area) for area in range(30)]).areas[0]
        off.append(found.modelled - truth[0])
        errors.append(found.error)
    assert np.mean(np.square(off)) ** 0.5 == pytest.approx(np.mean(errors), rel=0.12)
