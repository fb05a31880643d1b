"""Samples drawn in stages: what each adds, what is missing, and how a unit that stands alone is named."""

from typing import Any

import numpy as np
import pytest

from analysis import Design, DesignError, bootstrap, divide_by_propensity, jackknife, mean, total
from analysis.estimation.means_by_domain import domain_means
from analysis.weighting.nonresponse import Propensities

STREETS = {"streets": 5.0, "houses": 4.0}


def people(**columns: Any) -> dict[str, Any]:
    """Two districts with three streets each, two houses in a street, two people in a house."""
    rows = np.arange(24)
    return {
        "weight": [10.0] * 24,
        "district": np.repeat(["east", "west"], 12),
        "street": rows // 4,
        "house": rows // 2 % 2,
        "streets": [5.0] * 24,
        "houses": [4.0] * 24,
        "grade": np.random.default_rng(1).normal(6, 2, 24),
    } | columns


def drawn(data: Any, **options: Any) -> Design:
    return Design.of(
        data,
        weights="weight",
        strata="district",
        clusters=["street", "house"],
        population=["streets", "houses"],
        **options,
    )


def alone() -> dict[str, Any]:
    """In the second street of each district only one house was drawn."""
    house = people()["house"].copy()
    house[[6, 7, 18, 19]] = 0
    return people(house=house)


def test_a_unit_alone_at_a_later_stage_is_named_with_all_it_lies_in() -> None:
    with pytest.raises(
        DesignError,
        match="One unit was drawn at stage 2 in street 1 in stratum east, street 4 in stratum west: its",
    ):
        mean("grade", drawn(alone()))


def test_names_go_on_through_the_stages() -> None:
    person = np.arange(24)
    person[1] = 0
    data = people(person=person)
    stages: dict[str, Any] = {"weights": "weight", "population": [[9.0] * 24, "houses", [3.0] * 24]}
    for clusters, name in [
        (["street", "house", "person"], "at stage 3 in house 0 in street 0:"),
        ([data["street"], data["house"], person], "at stage 3 in unit of stage 2 0 in unit of stage 1 0:"),
    ]:
        with pytest.raises(DesignError, match=name):
            mean("grade", Design.of(data, clusters=clusters, **stages))
    with pytest.raises(DesignError, match="at stage 3 in house 0 in street 0 in stratum east:"):
        mean("grade", Design.of(data, strata="district", clusters=["street", "house", "person"], **stages))


def test_names_stay_with_those_who_answered() -> None:
    data = alone()
    answered = np.arange(24) >= 4
    everybody = Propensities(
        names=("(Intercept)",),
        coefficients=np.zeros(1),
        standard_errors=np.zeros(1),
        values=np.full(24, 0.5),
        responded=answered,
    )
    with pytest.raises(DesignError, match="in street 1 in stratum east, street 4 in stratum west:"):
        mean("grade", divide_by_propensity(drawn(data), everybody).design)


def test_a_population_that_cannot_be_names_the_unit() -> None:
    with pytest.raises(DesignError, match="Column houses: street 0 in stratum east has fewer units"):
        drawn(people(houses=[1.0] * 24))
    with pytest.raises(
        DesignError, match="Column houses has more than one number in street 2 in stratum east"
    ):
        drawn(people(houses=[4.0] * 8 + [5.0] + [4.0] * 15))


def test_without_a_population_a_later_stage_adds_nothing() -> None:
    """As R's svydesign has it: of stages without fpc all units are taken to be there."""
    data = people()
    first = Design.of(data, weights="weight", strata="district", clusters="street", population="streets")
    both = Design.of(
        data, weights="weight", strata="district", clusters=["street", "house"], population="streets"
    )
    whole = drawn(people(houses=[2.0] * 24))
    for function in (mean, total):
        wanted = function("grade", first).standard_errors
        np.testing.assert_allclose(function("grade", both).standard_errors, wanted)
        np.testing.assert_allclose(function("grade", whole).standard_errors, wanted)
        assert (function("grade", drawn(data)).standard_errors > wanted).all()
        np.testing.assert_allclose(function("grade", jackknife(both)).standard_errors, wanted, rtol=1e-2)
    np.testing.assert_allclose(
        domain_means(["grade"], both, "district").standard_errors,
        domain_means(["grade"], first, "district").standard_errors,
    )
    with pytest.raises(DesignError, match="what later stages add"):
        bootstrap(drawn(data), seed=1)


@pytest.mark.parametrize("lonely", ["remove", "certainty", "adjust"])
def test_a_house_alone_adds_nothing_for_its_street(lonely: Any) -> None:
    """Also around the mean of its neighbours: within its own street it has none, as in R."""
    data = alone()
    found = total("grade", drawn(data, lonely=lonely)).standard_errors[0] ** 2
    first = Design.of(data, weights="weight", strata="district", clusters="street", population="streets")
    expected = total("grade", first).standard_errors[0] ** 2
    weighted = 10 * data["grade"]
    for street in (0, 2, 3, 5):
        houses = [weighted[(data["street"] == street) & (data["house"] == house)].sum() for house in (0, 1)]
        expected += 3 / 5 * (1 - 2 / 4) * 2 * np.var(houses, ddof=1)
    assert found == pytest.approx(expected)
