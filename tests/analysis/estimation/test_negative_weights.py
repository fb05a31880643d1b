"""Weights below zero, as a linear calibration of few clusters gives them: one rule in every function."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from msgspec.structs import replace

from analysis.estimation.chisquare import chisq
from analysis.estimation.domains import by_domain, contrast, differences
from analysis.estimation.estimates import mean
from analysis.estimation.group_tests import ranktest, ttest
from analysis.estimation.means_by_domain import domain_means
from analysis.estimation.ordinal_regression import ordinal
from analysis.estimation.quantiles import quantile
from analysis.estimation.regression import glm
from analysis.sampling.designs import Design, DesignError
from analysis.sampling.replicates import bootstrap
from analysis.weighting.adjustments import calibrate

SCHOOLS = Path("tests/reference/weighting/apiclus1.csv")


def calibrated() -> Design:
    """Districts of Californian schools, calibrated to far more pupils at poor schools than were drawn."""
    data = pd.read_csv(SCHOOLS)
    drawn = Design.of(data, weights="pw", clusters=["dnum"])
    poor = float(drawn.weights @ data["meals"]) * 1.6
    return calibrate(drawn, "~ meals", {"(Intercept)": float(drawn.weights.sum()), "meals": poor}).design


def test_the_calibration_gives_weights_below_zero() -> None:
    assert (calibrated().weights < 0).sum() > 5


def test_domain_means_are_means() -> None:
    design = calibrated()
    found = domain_means(["api00", "enroll"], design, "stype")
    for place, level in enumerate(found.domains):
        inside = (design.data["stype"] == level).to_numpy()
        for item, name in enumerate(found.names):
            one = mean(name, design, domain=inside)
            assert found.values[place, item] == pytest.approx(one.values[0], rel=1e-12)
            assert found.standard_errors[place, item] == pytest.approx(one.standard_errors[0], rel=1e-9)
            assert found.respondents[place, item] == one.respondents == inside.sum()
            assert found.degrees_of_freedom[place] == one.degrees_of_freedom


def test_a_standard_error_is_above_0_also_where_the_weights_add_up_to_less() -> None:
    design = calibrated()
    below = np.where(design.weights < 0, "below", "above")
    found = domain_means("api00", design, [below])
    slow = [mean("api00", design, domain=below == level).standard_errors[0] for level in found.domains]
    assert found.standard_errors[:, 0] == pytest.approx(slow, rel=1e-9)
    assert found.standard_errors.min() > 1


def test_differences_are_those_of_the_means() -> None:
    design = calibrated()
    high, low = (mean("api00", design, domain=(design.data["stype"] == s).to_numpy()) for s in "HE")
    apart = float(high.values[0] - low.values[0])
    assert contrast("api00", design, "stype", {"H": 1, "E": -1}).value == pytest.approx(apart)
    rest = mean("api00", design, domain=(design.data["stype"] != "H").to_numpy()).values[0]
    found = differences("api00", design, "stype", levels=["H"]).statistics
    assert found.values[0] == pytest.approx(high.values[0] - rest)
    pair = (design.data["stype"] != "M").to_numpy()
    assert ttest("api00 ~ stype", design, domain=pair).value == pytest.approx(apart)
    assert [part.rows for part in by_domain(mean, "api00", design=design, by=["stype"])] == [
        int((design.data["stype"] == level).sum()) for level in "EHM"
    ]


@pytest.mark.parametrize(
    "call",
    [
        lambda design: quantile("api00", design),
        lambda design: glm("api00 ~ meals", design),
        lambda design: chisq("stype", "awards", design),
        lambda design: ranktest("api00 ~ stype", design),
    ],
    ids=["quantile", "glm", "chisq", "ranktest"],
)
def test_what_cannot_count_below_zero_is_refused_by_row(call: Callable[[Design], Any]) -> None:
    design = calibrated()
    row = int(np.flatnonzero(design.weights < 0)[0]) + 1
    with pytest.raises(DesignError, match=rf"the weight in row {row} is -[\d.]+, and this needs weights"):
        call(design)


def replicated_below_zero() -> Design:
    """Replicates of which the third has one weight below zero, as a linear calibration of it may give."""
    design = Design.of(pd.read_csv(SCHOOLS), weights="pw", clusters=["dnum"])
    made = bootstrap(design, replicates=20, seed=1)
    assert made.replicates is not None
    weights = made.replicates.weights.copy()
    weights[6, 2] = -1.0
    return replace(made, replicates=replace(made.replicates, weights=weights))


@pytest.mark.parametrize("call", [lambda d: glm("api00 ~ meals", d), lambda d: ordinal("stars ~ meals", d)])
def test_what_is_fitted_to_a_replicate_names_the_replicate(call: Callable[[Design], Any]) -> None:
    design = replicated_below_zero()
    design = replace(design, data=design.data.assign(stars=design.data["api00"] // 200))
    with pytest.raises(DesignError, match=r"replicate 3: the weight in row 7 is -1, and this needs weights"):
        call(design)


def test_sums_and_the_intervals_of_quantiles_bear_a_replicate_below_zero() -> None:
    design = replicated_below_zero()
    assert mean("api00", design).standard_errors[0] > 0
    assert quantile("api00", design).standard_errors[0] > 0
    assert ranktest("api00 ~ awards", design).p_value > 0
