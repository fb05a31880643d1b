import numpy as np
import pytest

from analysis.sampling.designs import Design
from analysis.weighting.adjustments import poststratify
from analysis.weighting.calibration import CalibrationError, EmptyCell
from analysis.weighting.nonresponse import divide_by_propensity, response_propensities, weighting_classes


def small(responded: list[int], group: list[str]) -> Design:
    data = {"r": np.array(responded), "g": np.array(group, dtype=object)}
    return Design.of(data, weights=np.ones(len(responded)))


def test_those_who_answered_stand_for_the_others_of_their_group() -> None:
    design = small([0, 1, 1, 0, 0, 1], list("aaabbb"))
    propensities = response_propensities(design, "r ~ g")
    for found in (divide_by_propensity(design, propensities), weighting_classes(design, propensities, 2)):
        np.testing.assert_allclose(found.design.weights, [1.5, 1.5, 3])
        assert found.design.data["g"].tolist() == ["a", "a", "b"]


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
        divide_by_propensity(poststratify(design, "g", {"a": 10, "b": 10}).design, found)
