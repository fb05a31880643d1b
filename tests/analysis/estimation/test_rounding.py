"""What does not vary has no spread: rounding is no standard error, whatever the number that is repeated."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.estimation.domains import contrast, differences
from analysis.estimation.estimates import design_effect, mean, proportion
from analysis.estimation.group_tests import ranktest, ttest
from analysis.estimation.hypotheses import SingularTest
from analysis.estimation.means_by_domain import domain_means
from analysis.estimation.regression import ModelError, glm
from analysis.sampling.designs import Design, DesignError
from analysis.sampling.replicates import bootstrap, jackknife
from analysis.weighting.adjustments import rake

AREAS = {"centre": 70.0, "north": 50.0, "south": 60.0}

WEIGHTED: dict[str, Callable[[Design], Design]] = {
    "drawn": lambda design: design,
    "raked": lambda design: rake(design, {"area": AREAS}).design,
    "jackknife": jackknife,
    "bootstrap, raked": lambda design: rake(bootstrap(design, replicates=40, seed=1), {"area": AREAS}).design,
}


def drawn(constant: float, *, street: bool = False) -> Design:
    """60 rows in three strata; every grade is the constant."""
    random = np.random.default_rng(1)
    size = 60
    data = {
        "weight": random.uniform(1, 5, size),
        "stratum": np.arange(size) % 3,
        "street": np.arange(size) // 3 % 10 + 10 * (np.arange(size) % 3),
        "area": np.repeat(list(AREAS), size // 3),
        "grade": np.full(size, constant),
        "trust": random.normal(size=size),
    }
    return Design.of(data, weights="weight", strata="stratum", clusters=["street"] if street else ())


@settings(max_examples=25, deadline=None)
@given(
    constant=st.floats(-1e6, 1e6).filter(lambda number: abs(number) > 1e-6),
    weighted=st.sampled_from(list(WEIGHTED)),
    street=st.booleans(),
)
def test_a_column_that_is_the_same_everywhere_has_no_spread(
    constant: float, weighted: str, *, street: bool
) -> None:
    design = WEIGHTED[weighted](drawn(constant, street=street))
    assert mean("grade", design).standard_errors == 0
    assert np.isnan(design_effect("grade", design)).all()
    found = differences("grade", design, "area")
    assert found.p_values.tolist() == [1, 1, 1]
    assert not found.statistics.standard_errors.any()
    assert contrast("grade", design, "area", {"north": 1, "south": -1}).p_value == 1
    means = domain_means(["grade", "trust"], design, "area")
    assert not means.standard_errors[:, 0].any()
    assert (means.standard_errors[:, 1] > 0).all()


@pytest.mark.parametrize("weighted", WEIGHTED)
def test_tests_of_a_constant_are_refused(weighted: str) -> None:
    design = WEIGHTED[weighted](drawn(0.1))
    pair = np.asarray(design.data["area"]) != "south"
    with pytest.raises(DesignError, match="the answers do not vary"):
        ttest("grade", design)
    with pytest.raises(DesignError, match="the answers do not vary"):
        ttest("grade ~ area", design, domain=pair)
    with pytest.raises(SingularTest):
        ranktest("grade ~ area", design)
    with pytest.raises(ModelError, match=r"the outcome is 0\.1 in every row used"):
        glm("grade ~ area", design)


@pytest.mark.parametrize("weighted", ["raked", "bootstrap, raked"])
def test_a_margin_that_was_raked_to_has_no_spread(weighted: str) -> None:
    design = WEIGHTED[weighted](drawn(0.1))
    assert not proportion("area", design).standard_errors.any()
    assert not design_effect("area", design).any()
    member = (np.asarray(design.data["area"]) == "north").astype(float)
    everywhere = domain_means(np.column_stack([member]), design, np.array(["all"] * design.size))
    assert everywhere.standard_errors.item() == 0


def test_a_small_spread_around_a_large_mean_is_spread() -> None:
    design = drawn(0.1)
    near = 1e6 + np.asarray(design.data["trust"])
    assert mean(near, design).standard_errors == pytest.approx(
        mean("trust", design).standard_errors, rel=1e-6
    )
