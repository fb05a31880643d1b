"""Multilevel regression with poststratification against R's lme4, and its likelihood written out."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, special

from analysis.columns import ColumnError
from analysis.formulas import FormulaError
from analysis.modelling.multilevel import Multilevel, poststratified

FOLDER = Path(__file__).parents[2] / "reference" / "weighting"
CASE = json.loads((FOLDER / "cases_multilevel.json").read_text())["cases"][0]
FORMULA = CASE["estimate"]["formula"]


def answers() -> pd.DataFrame:
    invited = pd.read_csv(FOLDER / CASE["data"])
    return invited[invited["responded"] == 1]


def cells() -> pd.DataFrame:
    return pd.read_csv(FOLDER / CASE["cells"])


@pytest.fixture(scope="module")
def town() -> Multilevel:
    return poststratified(FORMULA, answers(), cells(), by="district")


def test_shares_of_districts_and_the_model_equal_those_of_r(town: Multilevel) -> None:
    expected = CASE["expected"]
    assert [area.area for area in town.areas] == expected["domain"]
    # The case allows 0.002: fits of this kind stop a little apart.
    np.testing.assert_allclose([area.modelled for area in town.areas], expected["estimate"], rtol=1e-4)
    assert town.overall.modelled == pytest.approx(expected["overall"], rel=1e-4)
    np.testing.assert_allclose(list(town.deviations.values()), expected["random_sd"], rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(list(town.coefficients.values()), expected["fixed"], rtol=1e-3)


def test_what_was_answered_stands_beside_the_model_and_it_says_what_it_is(town: Multilevel) -> None:
    first = answers().query("district == 'D00'")["unsafe"].dropna()
    assert town.areas[0].respondents == len(first)
    assert town.areas[0].observed == pytest.approx(first.mean())
    assert all(area.low < area.modelled < area.high for area in town.areas)
    assert town.label == "model-based"
    assert "pulled towards" in town.assumption


def test_the_order_of_rows_and_names_of_levels_do_not_matter(town: Multilevel) -> None:
    renamed = {"D00": "Noord", "D09": "Aan zee"}
    mixed = answers().sample(frac=1, random_state=2).replace({"district": renamed})
    found = poststratified(FORMULA, mixed, cells().replace({"district": renamed}), by="district")
    ours = {area.area: area.modelled for area in found.areas}
    for area in town.areas:
        assert ours[renamed.get(area.area, area.area)] == pytest.approx(area.modelled, rel=1e-5)


def groups(seed: int) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    place = np.repeat([f"g{n}" for n in range(12)], random.integers(5, 40, 12))
    level = dict(zip(np.unique(place), random.normal(-0.5, 0.8, 12), strict=True))
    chance = 1 / (1 + np.exp(-np.array([level[each] for each in place])))
    return pd.DataFrame({"place": place, "yes": (random.random(len(place)) < chance).astype(int)})


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_slow_version_of_the_likelihood_has_the_same_highest_point(seed: int) -> None:
    data = groups(seed)
    people = pd.DataFrame({"place": data["place"].unique(), "total": 10})
    found = poststratified("yes ~ 1 + (1 | place)", data, people, by="place")

    def lost(parameters: Any) -> float:
        level, deviation = parameters
        total = 0.0
        for _, one in data.groupby("place"):
            n, yes = len(one), one["yes"].sum()

            def below(u: float, n: int = n, yes: int = yes) -> float:
                line = level + deviation * u
                return float(n * np.logaddexp(0, line) - yes * line + u**2 / 2)

            u = optimize.minimize_scalar(below).x
            share = 1 / (1 + np.exp(-level - deviation * u))
            total += below(u) + np.log(1 + deviation**2 * n * share * (1 - share)) / 2
        return total

    slow = optimize.minimize(lost, (0, 0.5), method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-9}).x
    assert found.coefficients["(Intercept)"] == pytest.approx(slow[0], abs=1e-4)
    assert found.deviations["place"] == pytest.approx(abs(slow[1]), abs=1e-4)


def test_an_area_without_answers_gets_the_average_and_a_wider_margin() -> None:
    data = groups(1)
    people = pd.DataFrame({"place": [*data["place"].unique(), "new"], "total": 10})
    found = {
        area.area: area for area in poststratified("yes ~ 1 + (1 | place)", data, people, by="place").areas
    }
    assert found["new"].respondents == 0
    assert np.isnan(found["new"].observed)
    assert found["new"].error > max(area.error for name, area in found.items() if name != "new")


def test_areas_without_differences_all_get_the_share_of_the_town() -> None:
    data = pd.DataFrame({"place": np.repeat(["a", "b", "c"], 40), "yes": np.tile([0, 0, 0, 1], 30)})
    people = pd.DataFrame({"place": ["a", "b", "c"], "total": [5, 10, 1]})
    found = poststratified("yes ~ 1 + (1 | place)", data, people, by="place")
    assert found.deviations["place"] == pytest.approx(0, abs=1e-6)
    np.testing.assert_allclose([area.modelled for area in found.areas], 0.25, rtol=1e-5)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_error_agrees_with_drawing_from_the_posterior(seed: int) -> None:
    """Weights for every deviation, average and area on a grid, without Laplace's approximation."""
    data = groups(seed)
    counts = data.groupby("place")["yes"].agg(["size", "sum"])
    people = pd.DataFrame({"place": counts.index, "total": 10})
    found = poststratified("yes ~ 1 + (1 | place)", data, people, by="place")
    deviations = np.linspace(0.01, 3, 60)
    averages = np.linspace(-2.5, 1.5, 81)
    normal = np.linspace(-5, 5, 201)
    prior = np.exp(-(normal**2) / 2)
    share = special.expit(averages[None, :, None] + deviations[:, None, None] * normal)
    heights = np.zeros(share.shape[:2])
    of_area = []
    for size, yes in counts.to_numpy():
        likelihood = prior * share**yes * (1 - share) ** (size - yes)
        heights += np.log(likelihood.sum(axis=2))
        of_area.append(likelihood)
    joint = np.exp(heights - heights.max())
    for area, likelihood in zip(found.areas, of_area, strict=True):
        weights = joint[:, :, None] * likelihood / likelihood.sum(axis=2, keepdims=True)
        expected = np.sqrt((weights * (share - area.modelled) ** 2).sum() / weights.sum())
        assert area.error == pytest.approx(expected, rel=0.08)


def test_areas_that_seem_alike_are_not_sure_to_be() -> None:
    data = pd.DataFrame({"place": np.repeat(["a", "b", "c"], 40), "yes": np.tile([0, 0, 0, 1], 30)})
    found = poststratified("yes ~ 1 + (1 | place)", data, data.assign(total=1), by="place")
    of_town = np.sqrt(0.25 * 0.75 / 120)
    assert found.overall.error == pytest.approx(of_town, rel=0.1)
    assert all(area.error > 1.3 * of_town for area in found.areas)


@pytest.mark.parametrize(
    ("formula", "change", "message"),
    [
        ("yes ~ place", {}, "varying parts"),
        ("yes ~ (sex | place)", {}, "not a slope"),
        ("no ~ (1 | place)", {}, "There is no column no"),
        ("yes ~ sex + (1 | place)", {"sex": ["m", "f", "f", "m", "m", "m"]}, "everybody answered the same"),
        ("yes ~ sex + (1 | place)", {"yes": [0, 1, 2, 0, 1, 0]}, "not 0 or 1"),
        ("yes ~ sex + (1 | place)", {"yes": [0, 1, 1, 0, 0, 0]}, "tells the answers apart"),
        (
            "yes ~ sex + (1 | place)",
            {"yes": [0, 1, 0, 1, 1, 0], "sex": ["m"] * 6},
            "sexm cannot be told apart",
        ),
    ],
)
def test_what_cannot_be_fitted_is_refused(formula: str, change: dict[str, Any], message: str) -> None:
    data = {"yes": [0] * 6, "sex": ["m", "f", "f", "m", "m", "m"], "place": list("aabbcc")} | change
    people = {"sex": ["m", "f"] * 3, "place": list("aabbcc"), "total": [5] * 6}
    with pytest.raises(ColumnError, match=message):
        poststratified(formula, data, people, by="place")


def test_areas_that_differ_completely_are_refused() -> None:
    data = {"yes": [0] * 80 + [1] * 40, "place": ["a"] * 80 + ["b"] * 40}
    with pytest.raises(FormulaError, match=r"place[ab] tells the answers apart"):
        poststratified("yes ~ 1 + (1 | place)", data, {"place": ["a", "b"], "total": [5, 5]}, by="place")


def test_cells_that_are_not_whole_are_refused() -> None:
    data = {"yes": [0, 1, 0, 1], "place": list("aabb")}
    for people, message in (
        (
            {"place": ["a", "b", None], "total": [1, 1, 1]},
            "Column place is empty in cell 3 of the population",
        ),
        ({"place": ["a", "b"], "total": [1, 0]}, "Area b has no people"),
        ({"place": ["a", "b"], "total": [1, np.nan]}, "Column total"),
        ({"place": [1, 2], "total": [1, 1]}, "Column place has a, b in the answers but not"),
    ):
        with pytest.raises(FormulaError, match=message):
            poststratified("yes ~ 1 + (1 | place)", data, people, by="place")
