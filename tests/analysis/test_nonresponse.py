from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from analysis.adjustments import trim
from analysis.calibration import CalibrationError, EmptyCell, Regression, regression
from analysis.designs import Design
from analysis.nonresponse import divide_by_propensity, response_propensities, weighting_classes
from analysis.variance import standard_errors
from tests.analysis import reference_steps as reference

CASES = reference.cases("nonresponse")


def invited(case: dict[str, Any]) -> Design:
    return Design.of(
        reference.columns(case["data"]),
        weights=case.get("base_weight") or case["estimate"]["base_weight"],
        strata="district",
    )


def formula(case: dict[str, Any]) -> str:
    return str(case.get("formula") or case["estimate"]["formula"])


def test_propensities_equal_those_of_r() -> None:
    case = CASES["town-propensity"]
    expected, design = case["expected"], invited(case)
    found = response_propensities(design, formula(case))
    assert list(found.names) == expected["names"]
    reference.check(found.coefficients, expected["beta"], case)
    reference.check(found.standard_errors, expected["se_model"], case)
    reference.check(found.values[:25], expected["first_propensities"], case)
    after = divide_by_propensity(design, found).design
    np.testing.assert_array_equal(after.data["id"][:25], expected["first_respondent_ids"])
    reference.check(after.weights[:25], expected["first_adjusted_weights"], case)
    reference.check(after.weights.sum(), expected["sum_adjusted_weights"], case)


def test_weighting_classes_equal_those_of_r() -> None:
    case = CASES["town-classes"]
    expected, design = case["expected"], invited(case)
    found = weighting_classes(design, response_propensities(design, formula(case)), 5)
    assert found.classes is not None
    reference.check(found.classes.cut_points, expected["cut_points"], case)
    reference.check(found.classes.factors, expected["factor"], case)
    np.testing.assert_array_equal(found.classes.sizes, expected["class_sizes"])
    reference.check(found.design.weights[:25], expected["first_adjusted_weights"], case)
    assert found.design.weights.sum() == pytest.approx(design.weights.sum())


@pytest.mark.parametrize("identity", ["town-chain-grade", "town-chain-unsafe"])
def test_the_chain_of_steps_equals_that_of_r(identity: str) -> None:
    case = CASES[identity]
    expected, design = case["expected"], invited(case)
    responding = divide_by_propensity(design, response_propensities(design, formula(case))).design
    raked = reference.raked(responding, case["rake"]).design
    reference.check(raked.weights[:25], expected["weights"]["weights"], case)
    values = raked.data[case["estimate"]["variable"]]
    domains = [np.ones(raked.size, dtype=bool)] + [
        raked.data["district"] == district for district in expected["domain"]
    ]
    estimates, influences = [], []
    for domain in domains:
        inside = domain & ~np.isnan(values)
        size = raked.weights[inside].sum()
        estimates.append(raked.weights[inside] @ values[inside] / size)
        influences.append(np.where(inside, np.nan_to_num(values) - estimates[-1], 0) / size)
    reference.check(estimates, [expected["estimate"], *expected["domain_estimate"]], case)
    # For chains there are only the errors of R's rake, whose residuals are those of an unweighted regression.
    (margins,) = raked.adjustments
    assert isinstance(margins, Regression)
    unweighted = regression(np.ones(raked.size), raked.weights, margins.cell, margins.model)
    as_r = replace(raked, adjustments=(unweighted,))
    errors = standard_errors(np.column_stack(influences), as_r)
    reference.check(errors, [expected["se"], *expected["domain_se"]], case)


def test_raking_trimming_and_raking_again_equals_r() -> None:
    case = CASES["town-chain-trim"]
    design = invited(case)
    responding = divide_by_propensity(design, response_propensities(design, formula(case))).design
    trimmed = trim(
        reference.raked(responding, case["rake"]).design, case["estimate"]["upper"], strict=True
    ).design
    again = reference.raked(trimmed, case["rake"]).design
    for found, name in ((trimmed, "after_trim"), (again, "after_second_rake")):
        expected = case["expected"][name]
        reference.check(found.weights[:25], expected["weights"], case)
        reference.check(found.weights @ found.weights, expected["sum_sq"], case)


def small(responded: list[int], group: list[str]) -> Design:
    data = {"r": np.array(responded), "g": np.array(group, dtype=object)}
    return Design.of(data, weights=np.ones(len(responded)))


def test_groups_in_which_nobody_or_everybody_answered_are_refused() -> None:
    design = small([0, 0, 0, 1, 0, 1], list("aaabbb"))
    with pytest.raises(CalibrationError, match="people like row 1 answered"):
        divide_by_propensity(design, response_propensities(design, "r ~ g"))
    with pytest.raises(CalibrationError, match="Everybody or nobody"):
        response_propensities(small([1, 1], list("ab")), "r ~ g")


def test_more_classes_than_there_are_propensities_are_refused() -> None:
    design = small([0, 1, 1, 1, 0, 0], list("aaabbb"))
    with pytest.raises(EmptyCell, match="5 classes are too many"):
        weighting_classes(design, response_propensities(design, "r ~ g"))


def test_an_outcome_that_is_not_yes_or_no_is_refused() -> None:
    with pytest.raises(CalibrationError, match="a column of 1"):
        response_propensities(small([0, 1, 2, 1], list("abab")), "r ~ g")


def test_nonresponse_comes_before_other_steps() -> None:
    design = small([0, 1, 1, 1, 0, 0], list("aaabbb"))
    found = response_propensities(design, "r ~ g")
    with pytest.raises(CalibrationError, match="Adjust for nonresponse first"):
        divide_by_propensity(reference.poststratify(design, "g", {"a": 10, "b": 10}).design, found)
