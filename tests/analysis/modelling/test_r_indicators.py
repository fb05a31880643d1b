"""R-indicators against their definitions written out, and what must hold of them."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.columns import ColumnError
from analysis.modelling.r_indicators import (
    PopulationRepresentativeness,
    Representativeness,
    population_representativeness,
    representativeness,
)
from analysis.sampling.designs import Design
from analysis.sampling.replicates import bootstrap

FOLDER = Path(__file__).parents[2] / "reference" / "weighting"
INVITED = pd.read_csv(FOLDER / "town_invited.csv")
VARIABLES = ["age", "sex", "origin", "tenure"]


def of(data: Any, variables: list[str], weights: str = "base_weight") -> Representativeness:
    return representativeness("responded", variables, Design.of(data, weights=weights))


def invited(seed: int) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    size = 300
    data = pd.DataFrame(
        {
            "age": random.choice(["old", "middle", "young"], size),
            "sex": random.choice(["man", "woman"], size),
            "base_weight": random.uniform(1, 30, size),
        }
    )
    data["responded"] = (random.random(size) < 0.2 + 0.4 * (data["age"] == "old")).astype(int)
    return data


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=20)
def test_with_one_variable_everything_follows_from_the_response_of_its_levels(seed: int) -> None:
    data = invited(seed)
    people = data["base_weight"].sum()
    came = data["base_weight"] * data["responded"]
    response = came.sum() / people
    unconditional, spread = {}, 0.0
    for level, rows in data.groupby("age"):
        size = rows["base_weight"].sum()
        difference = came[rows.index].sum() / size - response
        unconditional[level] = (size / people) ** 0.5 * difference
        spread += size * difference**2 / (people - 1)
    found = of(data, ["age"])
    assert found.response == pytest.approx(response)
    assert found.indicator == pytest.approx(1 - 2 * spread**0.5)
    (age,) = found.variables
    assert age.unconditional == pytest.approx(sum(value**2 for value in unconditional.values()) ** 0.5)
    assert age.conditional == pytest.approx(spread**0.5)
    assert {level.level: level.unconditional for level in age.levels} == pytest.approx(unconditional)


def test_conditional_indicators_are_the_spread_within_cells_of_the_other_variables() -> None:
    found = of(INVITED, VARIABLES)
    from statsmodels.formula.api import glm  # noqa: PLC0415
    from statsmodels.genmod.families import Binomial  # noqa: PLC0415

    d = INVITED["base_weight"].astype(float)
    chances = glm(
        "responded ~ age + sex + origin + tenure", INVITED, family=Binomial(), var_weights=d
    ).fit().fittedvalues  # fmt: skip
    for variable in found.variables:
        total = dict.fromkeys(INVITED[variable.name].unique(), 0.0)
        for _, rows in INVITED.groupby([name for name in VARIABLES if name != variable.name]):
            centre = np.average(chances[rows.index], weights=d[rows.index])
            for row in rows.index:
                total[rows[variable.name][row]] += d[row] * (chances[row] - centre) ** 2 / (d.sum() - 1)
        assert variable.conditional == pytest.approx(sum(total.values()) ** 0.5, rel=1e-5)
        for level in variable.levels:
            assert level.conditional == pytest.approx(total[level.level] ** 0.5, rel=1e-5)


def test_levels_that_answer_less_are_below_zero_and_add_up_to_their_variable() -> None:
    found = of(INVITED, VARIABLES)
    for variable in found.variables:
        squares = sum(level.unconditional**2 for level in variable.levels)
        assert variable.unconditional == pytest.approx(squares**0.5)
        assert variable.conditional == pytest.approx(
            sum(level.conditional**2 for level in variable.levels) ** 0.5
        )
        assert all(
            (level.unconditional < 0) == (level.response < found.response) for level in variable.levels
        )
        assert sum(level.people for level in variable.levels) == pytest.approx(INVITED["base_weight"].sum())


def test_names_of_levels_and_the_order_of_rows_do_not_matter() -> None:
    mixed = INVITED.sample(frac=1, random_state=1).replace({"origin": {"europe": "zuid", "netherlands": "a"}})
    first, second = of(INVITED, VARIABLES), of(mixed, VARIABLES)
    assert second.indicator == pytest.approx(first.indicator)
    assert second.adjusted == pytest.approx(first.adjusted)
    for one, other in zip(first.variables, second.variables, strict=True):
        assert other.conditional == pytest.approx(one.conditional)


def test_the_same_response_everywhere_is_fully_representative() -> None:
    data = {"age": list("aabb") * 20, "responded": [0, 1] * 40, "base_weight": [5.0] * 80}
    found = of(data, ["age"])
    assert found.indicator == pytest.approx(1)
    assert found.adjusted == 1


def test_what_chance_adds_is_taken_away() -> None:
    random = np.random.default_rng(3)
    plain, adjusted = [], []
    for _ in range(60):
        data = {
            "age": random.choice(list("abcde"), 350),
            "responded": (random.random(350) < 0.3).astype(int),
            "base_weight": np.full(350, 20.0),
        }
        found = of(data, ["age"])
        plain.append(((1 - found.indicator) / 2) ** 2)
        adjusted.append(((1 - found.adjusted) / 2) ** 2)
    # Four differences between levels, each with the variance of a share: 4 p (1 - p) / n.
    assert np.mean(plain) == pytest.approx(4 * 0.3 * 0.7 / 350, rel=0.25)
    assert np.mean(adjusted) < np.mean(plain) / 2


def test_a_level_in_which_nobody_answered_yet_counts_as_it_is() -> None:
    data = {
        "age": list("abc") * 30,
        "responded": [0, 1, 1, 0, 0, 1, 0, 1, 0] * 10,
        "base_weight": [4.0] * 90,
    }
    found = of(data, ["age"])
    assert [level.response for level in found.variables[0].levels] == pytest.approx(
        [0, 2 / 3, 2 / 3], abs=1e-6
    )
    assert found.indicator == pytest.approx(1 - 2 * (2 / 9 * 0.4444444 * 360 / 359) ** 0.5, abs=1e-5)


@pytest.mark.parametrize(
    ("change", "variables", "message"),
    [
        ({"responded": [0, 1, 2, 1]}, ["age"], "is 2 in row 3, where 0 or 1 is needed"),
        ({"responded": [1, 1, 1, 1]}, ["age"], "1 for everybody, so there is nothing"),
        ({"age": ["a", None, "b", "b"]}, ["age"], "Column age is empty in row 2"),
        ({"age": ["a"] * 4}, ["age"], "Column age has a in every row"),
        ({"sex": list("aabb")}, ["age", "sex"], "sexb cannot be told apart"),
        ({}, [], "one or more variables"),
        ({}, ["wealth"], "There is no column wealth"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    change: dict[str, Any], variables: list[str], message: str
) -> None:
    data = {"age": list("aabb"), "responded": [0, 1, 0, 1], "base_weight": [1.0] * 4} | change
    with pytest.raises(ColumnError, match=message):
        of(data, variables)


def everybody(seed: int, size: int = 4000) -> pd.DataFrame:
    """People of two areas: the old answer more often."""
    random = np.random.default_rng(seed)
    data = pd.DataFrame(
        {
            "area": random.choice(["north", "south"], size, p=[0.7, 0.3]),
            "age": random.choice(["old", "middle", "young"], size, p=[0.3, 0.4, 0.3]),
        }
    )
    data["chance"] = data["age"].map({"old": 0.5, "middle": 0.35, "young": 0.2})
    return data


def draw(people: pd.DataFrame, random: np.random.Generator, each: int = 200) -> PopulationRepresentativeness:
    """The indicator of one draw, in which nothing is known of who did not answer but the area."""
    drawn = people.groupby("area").sample(each, random_state=random)
    answered = random.random(len(drawn)) < drawn["chance"]
    drawn["level"] = drawn["age"].where(answered, None)
    drawn["weight"] = drawn["area"].map(people["area"].value_counts()) / each
    design = Design.of(drawn, weights="weight", strata="area")
    return population_representativeness("level", people["age"].value_counts().to_dict(), design)


def test_when_all_were_invited_the_population_gives_what_the_sample_gives() -> None:
    people = everybody(1)
    people["responded"] = (np.random.default_rng(2).random(len(people)) < people["chance"]).astype(int)
    people["level"] = people["age"].where(people["responded"] == 1, None)
    people["weight"] = 1.0
    counts = people["age"].value_counts().to_dict()
    known = of(people, ["age"], weights="weight")
    found = population_representativeness("level", counts, Design.of(people, weights="weight"))
    assert found.response == pytest.approx(known.response)
    assert found.indicator == pytest.approx(known.indicator, abs=1e-4)
    by_level = {level.level: level for level in known.variables[0].levels}
    for level in found.levels:
        assert level.response == pytest.approx(by_level[level.level].response)
        assert level.unconditional == pytest.approx(by_level[level.level].unconditional)


def test_over_repeated_draws_chance_lowers_the_indicator_and_adjusting_brings_it_back() -> None:
    people = everybody(3, 40_000)
    spread = people["chance"].var(ddof=0)
    random = np.random.default_rng(4)
    draws = [draw(people, random) for _ in range(200)]
    # S^2, of which R = 1 - 2 S is made: the root bends, so the mean of R itself is no test.
    squares = {
        name: np.mean([(1 - getattr(each, name)) ** 2 / 4 for each in draws])
        for name in ("indicator", "adjusted")
    }
    assert squares["indicator"] > 1.1 * spread
    assert squares["adjusted"] == pytest.approx(spread, rel=0.05)
    # The error of a level is that with which its distance to the mean varies over the draws.
    for place, level in enumerate(draws[0].levels):
        away = [draw.levels[place].response - draw.response for draw in draws]
        errors = np.mean([draw.levels[place].error for draw in draws])
        assert errors == pytest.approx(np.std(away), rel=0.15), level.level


def test_a_level_without_a_count_or_without_people_is_refused() -> None:
    design = Design.of({"level": ["old", None], "weight": [1.0, 1.0]}, weights="weight")
    with pytest.raises(ColumnError, match="no level old"):
        population_representativeness("level", {"young": 3}, design)
    with pytest.raises(ColumnError, match="above 0"):
        population_representativeness("level", {"old": 3, "young": 0}, design)


def test_the_standard_error_is_how_far_r_varies_over_samples() -> None:
    """Where response differs, so that R is well below 1."""
    found, errors = [], []
    for seed in range(120):
        design = Design.of(invited(seed), weights="base_weight")
        found.append(representativeness("responded", ["age", "sex"], design).indicator)
        if seed < 6:
            replicated = bootstrap(design, replicates=80, seed=seed)
            errors.append(representativeness("responded", ["age", "sex"], replicated).standard_error)
    assert np.mean(np.array(errors, dtype=float)) == pytest.approx(np.std(found), rel=0.2)


def test_without_replicates_there_is_no_standard_error() -> None:
    assert of(invited(1), ["age", "sex"]).standard_error is None
