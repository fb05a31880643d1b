import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from analysis.columns import ColumnError
from analysis.sampling.designs import Design, DesignError, Replicates
from analysis.sampling.replicates import bootstrap, jackknife
from analysis.sampling.variance import standard_errors
from analysis.weighting.adjustments import Adjusted, calibrate, poststratify, rake, trim
from analysis.weighting.calibration import (
    CalibrationError,
    EmptyCell,
    ImpossibleBounds,
    MarginMismatch,
    NotConverged,
    Regression,
    regression,
)
from analysis.weighting.populations import reconcile
from analysis.weighting.raking import CACHED


def town(random: np.random.Generator, number: int = 200) -> Design:
    data = {name: random.choice(list("abc"), number).astype(object) for name in ("p", "q", "r")}
    for column in data.values():
        column[:3] = list("abc")
    data["x"] = random.normal(5, 2, number)
    data["home"] = np.repeat(np.arange(number // 2), 2)
    return Design.of(data, weights=random.uniform(1, 5, number))


def margin(design: Design, by: str, weights: np.ndarray) -> dict[Any, float]:
    column = design.data[by]
    return {level: float(weights[column == level].sum()) for level in sorted(set(column))}


def reached(found: Adjusted) -> None:
    for total in found.totals:
        assert total.after == pytest.approx(total.population, rel=1e-9)
    assert found.largest_deviation < 1e-9


chances = st.integers(0, 2**32 - 1).map(np.random.default_rng)


@given(chances)
@settings(max_examples=25)
def test_every_step_reaches_its_totals_whatever_the_order_of_rows(random: np.random.Generator) -> None:
    design = town(random)
    truth = design.weights * np.exp(random.normal(0, 0.3, design.size))
    margins = {by: margin(design, by, truth) for by in ("p", "q", "r")}
    population = {"(Intercept)": truth.sum(), "x": truth @ design.data["x"]} | {
        f"p{level}": total for level, total in margins["p"].items() if level != "a"
    }
    order = random.permutation(design.size)
    mixed = Design.of(
        {name: column[order] for name, column in design.data.items()}, weights=design.weights[order]
    )

    def steps(start: Design) -> list[Adjusted]:
        return [
            poststratify(start, "p", margins["p"]),
            rake(start, margins),
            *(calibrate(start, "~ p + x", population, distance=one) for one in ("linear", "raking")),
            *(
                calibrate(start, "~ p + x", population, distance=one, bounds=(0.05, 12))
                for one in ("logit", "truncated")
            ),
        ]

    for straight, shuffled in zip(steps(design), steps(mixed), strict=True):
        reached(straight)
        np.testing.assert_allclose(straight.design.weights[order], shuffled.design.weights, rtol=1e-7)


@given(chances)
@settings(max_examples=20)
def test_calibrating_by_raking_equals_raking(random: np.random.Generator) -> None:
    design = town(random)
    truth = design.weights * np.exp(random.normal(0, 0.5, design.size))
    margins = {by: margin(design, by, truth) for by in ("p", "q")}
    population = {"(Intercept)": float(truth.sum())} | {
        by + level: total for by, totals in margins.items() for level, total in totals.items() if level != "a"
    }
    raked, calibrated = rake(design, margins), calibrate(design, "~ p + q", population, distance="raking")
    np.testing.assert_allclose(raked.design.weights, calibrated.design.weights, rtol=1e-8)
    values = random.normal(size=(design.size, 2))
    np.testing.assert_allclose(
        standard_errors(values, raked.design), standard_errors(values, calibrated.design), rtol=1e-8
    )


@given(chances, st.floats(0.01, 100))
@settings(max_examples=15)
def test_base_weights_of_another_scale_change_nothing(random: np.random.Generator, scale: float) -> None:
    design = town(random)
    margins = {by: margin(design, by, design.weights * random.uniform(0.8, 1.2, design.size)) for by in "p"}
    scaled = replace(design, weights=design.weights * scale)
    np.testing.assert_allclose(
        rake(design, margins).design.weights, rake(scaled, margins).design.weights, rtol=1e-8
    )


@given(chances)
@settings(max_examples=15)
def test_linear_calibration_is_the_regression_estimator(random: np.random.Generator) -> None:
    design = town(random)
    model = np.column_stack([np.ones(design.size), design.data["x"]])
    totals = np.array([600.0, 3100.0])
    weights, variance = design.weights, model @ [1.0, 0.0]
    multipliers = np.linalg.solve(
        model.T @ (model * (weights / variance)[:, None]), totals - model.T @ weights
    )
    slow = weights * (1 + model @ multipliers / variance)
    found = calibrate(design, "~ x", {"(Intercept)": 600, "x": 3100}, variance={"(Intercept)": 1.0})
    np.testing.assert_allclose(found.design.weights, slow, rtol=1e-9)


def test_members_of_a_household_keep_one_weight() -> None:
    random = np.random.default_rng(3)
    design = replace(town(random), weights=np.full(200, 3.0))
    population = {"(Intercept)": 620.0, "pb": 210.0, "pc": 190.0}
    found = calibrate(design, "~ p", population, equal_within="home")
    reached(found)
    pairs = found.design.weights.reshape(-1, 2)
    np.testing.assert_allclose(pairs[:, 0], pairs[:, 1])


@pytest.mark.parametrize("distance", ["linear", "raking"])
def test_members_with_different_weights_get_the_nearest_equal_ratio(distance: Any) -> None:
    design = town(np.random.default_rng(3))
    population = {"(Intercept)": 620.0, "pb": 210.0, "pc": 190.0}
    found = calibrate(design, "~ p", population, distance=distance, equal_within="home")
    reached(found)
    ratios = (found.design.weights / design.weights).reshape(-1, 2)
    np.testing.assert_allclose(ratios[:, 0], ratios[:, 1])

    homes = np.repeat(np.eye(100), 2, axis=0)
    model = np.column_stack([np.ones(200), *(design.data["p"] == level for level in "bc")])
    sums, sizes = homes.T @ (model * design.weights[:, None]), homes.T @ design.weights
    # At the nearest, the slope of the distance is a combination of those of the totals.
    slope = sizes * (ratios[:, 0] - 1 if distance == "linear" else np.log(ratios[:, 0]))
    left = slope - sums @ np.linalg.lstsq(sums, slope, rcond=None)[0]
    np.testing.assert_allclose(left, 0, atol=1e-8)


def test_bounds_on_weights_hold_for_every_member_of_a_household() -> None:
    design = town(np.random.default_rng(3))
    population = {"(Intercept)": design.weights.sum() * 1.05}
    found = calibrate(design, "~ 1", population, bounds=(0, 5.1), bounds_on_weights=True, equal_within="home")
    reached(found)
    assert found.design.weights.max() <= 5.1 * (1 + 1e-12)
    assert found.design.weights.max() == pytest.approx(5.1)


def test_a_bound_on_weights_holds_for_weights() -> None:
    design = town(np.random.default_rng(5))
    population = {"(Intercept)": design.weights.sum() * 1.1, "x": design.weights @ design.data["x"] * 1.2}
    found = calibrate(
        design, "~ x", population, distance="truncated", bounds=(1.2, 5.8), bounds_on_weights=True
    )
    reached(found)
    assert found.design.weights.min() >= 1.2 - 1e-9
    assert found.design.weights.max() <= 5.8 + 1e-9


@pytest.mark.parametrize("distance", ["linear", "raking", "logit", "truncated"])
def test_bounds_on_weights_of_households_hold_in_every_replicate(distance: Any) -> None:
    """A replicate of the jackknife leaves four households out: these have no weight to be bounded."""
    random = np.random.default_rng(8)
    data = town(random).data | {"street": np.arange(200) // 8}
    weights = random.uniform(1, 5, 200)
    design = jackknife(Design.of(data, weights=weights, clusters="street"))
    population = {"(Intercept)": weights.sum() * 1.02, "x": weights @ data["x"] * 1.03}
    found = calibrate(
        design,
        "~ x",
        population,
        distance=distance,
        bounds=(0.6, 9),
        bounds_on_weights=True,
        equal_within="home",
    )
    reached(found)
    before, after = design.replicates, found.design.replicates
    assert before is not None
    assert after is not None
    model = np.column_stack([np.ones(200), data["x"]])
    expected = np.array([*population.values()])[:, None]
    np.testing.assert_allclose(model.T @ after.weights, np.repeat(expected, 25, axis=1), rtol=1e-9)
    drawn = before.weights > 0
    assert ((after.weights > 0) == drawn).all()
    assert after.weights[drawn].min() >= 0.6
    assert after.weights.max() <= 9
    ratios = np.where(drawn, after.weights / np.where(drawn, before.weights, 1), 0).reshape(100, 2, 25)
    np.testing.assert_allclose(ratios[:, 0], ratios[:, 1])


def test_a_rare_level_that_must_grow_forty_times_is_reached_by_calibration_too() -> None:
    random = np.random.default_rng(2)
    rare = np.where(random.random(20_000) < 0.0005, "yes", "no").astype(object)
    other = random.choice(list("abcd"), 20_000).astype(object)
    design = Design.of({"rare": rare, "other": other}, weights=np.ones(20_000))
    population = {"(Intercept)": 2e4, "rareyes": 400.0, "otherb": 2e3, "otherc": 7e3, "otherd": 3e3}
    reached(calibrate(design, "~ rare + other", population, distance="raking"))


@given(chances)
@settings(max_examples=15, deadline=None)
def test_a_model_on_cells_gives_what_its_columns_give_on_rows(random: np.random.Generator) -> None:
    design = town(random)
    design = replace(design, data=design.data | {"years": random.integers(18, 30, design.size)})
    columns = {
        "(Intercept)": np.ones(design.size),
        "pb": (design.data["p"] == "b").astype(float),
        "pc": (design.data["p"] == "c").astype(float),
        "years": design.data["years"],
    }
    truth = design.weights * np.exp(random.normal(0, 0.2, design.size))
    population = {name: truth @ column for name, column in columns.items()}
    cells, rows = (
        calibrate(design, model, population, distance="raking") for model in ("~ p + years", columns)
    )
    np.testing.assert_allclose(cells.design.weights, rows.design.weights, rtol=1e-7)
    values = random.normal(size=(design.size, 2))
    np.testing.assert_allclose(
        standard_errors(values, cells.design), standard_errors(values, rows.design), rtol=1e-6
    )


def test_rows_without_a_weight_stay_so_and_their_levels_are_no_cells() -> None:
    design = town(np.random.default_rng(4))
    without = replace(design, weights=np.where(design.data["q"] == "c", 0.0, design.weights))
    margins = {"p": margin(without, "p", without.weights * 1.1)}
    found = rake(without, margins).design
    assert (found.weights == 0).tolist() == (without.weights == 0).tolist()
    values = np.random.default_rng(5).normal(size=(design.size, 2))
    there = without.weights > 0
    alone = Design.of(
        {name: column[there] for name, column in design.data.items()}, weights=without.weights[there]
    )
    np.testing.assert_allclose(found.weights[there], rake(alone, margins).design.weights)
    step, expected = found.adjustments[-1], rake(alone, margins).design.adjustments[-1]
    left = step.residuals(values * found.weights[:, None])
    np.testing.assert_allclose(
        left[there], expected.residuals((values * found.weights[:, None])[there]), atol=1e-9
    )


def test_redundant_columns_are_no_obstacle() -> None:
    design = town(np.random.default_rng(1))
    both = {"one": np.ones(200), "x": design.data["x"], "again": 2 * design.data["x"]}
    found = calibrate(design, both, {"one": 600, "x": 3050, "again": 6100})
    reached(found)


def test_the_nearest_bounds_that_are_named_are_the_nearest() -> None:
    design = town(np.random.default_rng(7))
    population = {"(Intercept)": design.weights.sum() * 1.3, "x": design.weights @ design.data["x"] * 1.4}
    with pytest.raises(ImpossibleBounds, match="nearest bounds") as refused:
        calibrate(design, "~ x", population, distance="truncated", bounds=(0.9, 1.1))
    low, high = map(float, re.findall(r"are ([\d.]+) and ([\d.]+)\.", str(refused.value))[0])
    reached(calibrate(design, "~ x", population, distance="truncated", bounds=(low - 2e-3, high + 2e-3)))
    with pytest.raises(ImpossibleBounds):
        calibrate(design, "~ x", population, distance="truncated", bounds=(low + 2e-3, high - 2e-3))


def test_a_total_that_is_too_low_for_anybody_is_named() -> None:
    design = Design.of({"x": [1.0, 2.0, 4.0]}, weights=[1, 1, 1])
    with pytest.raises(NotConverged, match=r"cannot bring total x \(-5.0\) so low"):
        calibrate(design, "~ x", {"(Intercept)": 3, "x": -5}, distance="raking")


def test_levels_that_exclude_each_other_are_named_and_no_others() -> None:
    data = {
        "a": np.repeat(["x", "y"], 5).astype(object),
        "b": np.repeat(["u", "v"], 5).astype(object),
        "c": np.array(list("klklkklklk"), dtype=object),
    }
    design = Design.of(data, weights=np.ones(10))
    margins = {"c": {"k": 55, "l": 45}, "a": {"x": 40, "y": 60}, "b": {"u": 70, "v": 30}}
    with pytest.raises(NotConverged, match="cannot reach margin") as refused:
        rake(design, margins)
    assert "margin c" not in str(refused.value)
    population = {"(Intercept)": 100, "ay": 60, "bv": 30, "cl": 45}
    with pytest.raises(
        NotConverged, match=r"cannot reach total ay \(60.0\) while total bv \(30.0\) is so small"
    ):
        calibrate(design, "~ a + b + c", population, distance="raking")


def test_levels_that_exclude_each_other_are_named_also_where_weights_differ_a_lot() -> None:
    """Raking has no bounds of its own, so no bounds are to be widened."""
    random = np.random.default_rng(41)
    levels = {"area": "abcdefgh", "age": "wxyz", "origin": "klm"}
    data = {name: random.choice(list(among), 40) for name, among in levels.items()}
    design = Design.of(data, weights=10.0 ** random.uniform(-14, 0, 40))
    margins = {
        "area": dict.fromkeys("abcdefgh", 12.0),
        "age": {"w": 60, "x": 12, "y": 12, "z": 12},
        "origin": {"k": 16, "l": 16, "m": 64},
    }
    with pytest.raises(NotConverged, match=r"cannot reach .* while margin .* is so small"):
        rake(design, margins)


def test_trimming_keeps_the_sum_and_the_limits() -> None:
    design = town(np.random.default_rng(8))
    found = trim(design, 4, 2, strict=True)
    assert found.design.weights.sum() == pytest.approx(design.weights.sum())
    assert found.design.weights.min() >= 2
    assert found.design.weights.max() <= 4
    assert found.trimmed == (found.design.weights == 4).sum() + (found.design.weights == 2).sum()
    with pytest.raises(CalibrationError, match="cut off every weight"):
        trim(design, 0.5)


def test_a_row_of_weight_0_takes_its_share_of_what_is_cut_off_as_in_r() -> None:
    found = trim(Design.of(weights=[0.0, 2.0, 4.0, 9.0]), 6)
    assert found.design.weights.tolist() == [1.0, 3.0, 5.0, 6.0]


def test_limits_of_a_row_hold_for_that_row() -> None:
    design = town(np.random.default_rng(8))
    narrow = design.data["p"] == "a"
    found = trim(design, np.where(narrow, 3.0, 9.0), strict=True)
    weights = found.design.weights
    assert weights[narrow].max() == 3
    assert weights[~narrow].max() > 3
    assert weights.sum() == pytest.approx(design.weights.sum())
    with pytest.raises(CalibrationError, match="lower limit 4 is above the upper limit 3"):
        trim(design, np.where(narrow, 3.0, 9.0), 4.0)


def test_raking_within_limits_reaches_the_margins_and_every_replicate_is_raked_so() -> None:
    random = np.random.default_rng(10)
    design = town(random, 400)
    truth = design.weights * np.exp(random.normal(0, 0.5, 400))
    margins = {by: margin(design, by, truth) for by in ("p", "q", "r")}
    plain = rake(design, margins).design.weights / design.weights
    limits = (float(plain.min()) * 1.02, float(plain.max()) * 0.98)
    weights = design.weights[:, None] * random.poisson(1, (400, 3))
    both = replace(design, replicates=Replicates(weights=weights, scale=1 / 3, rscales=np.ones(3)))
    found = rake(both, margins, limits=limits)
    reached(found)
    assert found.trimmed > 0
    ratios = found.design.weights / design.weights
    assert limits[0] * 0.99 <= ratios.min()
    assert ratios.max() <= limits[1] * 1.01
    assert found.design.replicates is not None
    for place in range(3):
        alone = rake(replace(design, weights=weights[:, place]), margins, limits=limits).design.weights
        np.testing.assert_allclose(found.design.replicates.weights[:, place], alone)


def test_raking_of_replicates_equals_raking_each() -> None:
    random = np.random.default_rng(9)
    design = town(random, 400)
    weights = design.weights[:, None] * random.poisson(1, (400, 12))
    margins = {by: margin(design, by, design.weights * 1.1) for by in ("p", "q")}
    both = replace(design, replicates=Replicates(weights=weights, scale=1 / 12, rscales=np.ones(12)))
    found = rake(both, margins).design.replicates
    assert found is not None
    for place in range(12):
        alone = rake(replace(design, weights=weights[:, place]), margins).design.weights
        np.testing.assert_allclose(found.weights[:, place], alone, rtol=1e-7)


def test_replicates_beyond_those_that_fit_the_cache_are_raked_and_named_alike() -> None:
    random = np.random.default_rng(2)
    data = {name: np.resize(random.permutation(20), 4000) for name in ("p", "q")}
    data["q"] = random.permutation(data["q"])
    design = bootstrap(Design.of(data, weights=random.uniform(1, 5, 4000)), replicates=700, seed=1)
    assert 700 * len(np.unique(20 * data["p"] + data["q"])) > CACHED
    margins = {by: margin(design, by, design.weights * 1.1) for by in ("p", "q")}
    given, raked = design.replicates, rake(design, margins).design.replicates
    assert given is not None
    assert raked is not None
    for place in (0, 690):
        alone = rake(replace(design, weights=given.weights[:, place], replicates=None), margins).design
        np.testing.assert_allclose(raked.weights[:, place], alone.weights, rtol=1e-7)
    lost = given.weights * ((np.arange(700) != 690) | (data["p"] != 3)[:, None])
    with pytest.raises(EmptyCell, match="Replicate 691, margin p: nobody is left in 3"):
        rake(replace(design, replicates=replace(given, weights=lost)), margins)


def test_a_replicate_without_a_level_is_named() -> None:
    design = town(np.random.default_rng(9))
    weights = np.column_stack([design.weights, design.weights * (design.data["p"] != "b")])
    both = replace(design, replicates=Replicates(weights=weights, scale=1, rscales=np.ones(2)))
    totals = margin(design, "p", design.weights)
    for step in (lambda: rake(both, {"p": totals}), lambda: poststratify(both, "p", totals)):
        with pytest.raises(EmptyCell, match=r"Replicate 2.*nobody .* in b"):
            step()


def test_rounded_margins_are_reconciled_in_the_open() -> None:
    margins = {
        "area": {"N": 100, "S": 200},
        ("area", "age"): {("N", "old"): 55, ("N", "young"): 50, ("S", "old"): 95, ("S", "young"): 105},
        "sex": {"f": 150, "m": 155},
    }
    found, changes = reconcile(margins, at_most=0.06)
    assert sum(found["sex"].values()) == pytest.approx(300)
    assert found["area", "age"]["N", "old"] == pytest.approx(55 * 100 / 105)
    assert [(change.margin, change.level) for change in changes] == [("area.age", "N"), ("sex", "all")]
    assert changes[1].counted == 305
    with pytest.raises(MarginMismatch, match=r"area.age adds up to 105 people in N, but margin area to 100"):
        reconcile(margins)


@pytest.mark.parametrize(
    ("work", "error", "message"),
    [
        (lambda d: rake(d, {"p": {"a": 1, "b": 1, "c": 0}}), MarginMismatch, "counts nobody there"),
        (lambda d: rake(d, {"p": {"a": 1, "b": 1, "c": np.nan}}), MarginMismatch, "total of c is no number"),
        (lambda d: rake(d, {}), CalibrationError, "no margins"),
        (lambda d: rake(d, {"s": {"a": 1}}), ColumnError, "There is no column s"),
        (
            lambda d: rake(d, {"p": dict.fromkeys("abc", 1), "q": dict.fromkeys("abc", 2)}),
            MarginMismatch,
            "q adds up to 6.0 people, margin p to 3.0",
        ),
        (lambda d: calibrate(d, "~ p", {"(Intercept)": 9, "pb": 3}), MarginMismatch, "no total for pc"),
        (
            lambda d: calibrate(d, "~ p", {"(Intercept)": 9, "pb": 3, "pc": 1, "pd": 1}),
            EmptyCell,
            "total for pd, which nobody",
        ),
        (lambda d: calibrate(d, "~ p", {}, distance="logit"), MarginMismatch, "no total"),
        (
            lambda d: calibrate(d, "~ 1", {"(Intercept)": 9}, distance="logit"),
            ImpossibleBounds,
            "needs bounds",
        ),
        (
            lambda d: calibrate(d, "~ 1", {"(Intercept)": 9}, distance="logit", bounds=(1.1, 2)),
            ImpossibleBounds,
            "lower bound below",
        ),
        (lambda d: calibrate(d, "~ holes", {"(Intercept)": 9, "holes": 1}), MarginMismatch, "holes is empty"),
        (lambda d: calibrate(d, "~ same", {"(Intercept)": 9, "same": 9}), ColumnError, "same has x in every"),
        (lambda d: calibrate(d, "~ one", {"(Intercept)": 9, "one": 9}), ColumnError, "one is 1 in every row"),
        (lambda d: trim(d, 1, 2), CalibrationError, "Exchange them"),
        (
            lambda d: rake(replace(d, weights=-d.weights), {"p": dict.fromkeys("abc", 1)}),
            CalibrationError,
            "weight in row 1 is -",
        ),
    ],
)  # fmt: skip
def test_bad_input_is_refused_by_name(work: Any, error: type[Exception], message: str) -> None:
    design = town(np.random.default_rng(0))
    holes = np.where(np.arange(200) == 4, np.nan, 1.0)
    data = design.data | {"one": np.ones(200), "holes": holes, "same": np.full(200, "x", dtype=object)}
    with pytest.raises(error, match=message):
        work(replace(design, data=data))


def test_designs_refuse_weights_that_are_missing_or_no_numbers() -> None:
    with pytest.raises(DesignError, match="weight in row 2 is nan"):
        Design.of({"w": [1.0, np.nan]}, weights="w")
    with pytest.raises(ColumnError, match="holds 'much', where a number is needed, in row 2"):
        Design.of({"w": [1, "much"]}, weights="w")
    with pytest.raises(DesignError, match="no rows"):
        Design.of({"w": []}, weights="w")


@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from(["crossed", "nested", "the same twice"]),
    st.sampled_from([0, 4]),
)
@settings(max_examples=30, deadline=None)
def test_absorbing_a_margin_leaves_what_regression_on_all_levels_leaves(
    seed: int, layout: str, orders: int
) -> None:
    """Also where weights differ by `orders` orders of size."""
    random = np.random.default_rng(seed)
    area = np.append(np.arange(12), random.integers(0, 12, 188))
    other = {"crossed": random.integers(0, 3, 200), "nested": area // 4, "the same twice": area}[layout]
    weights = 10 ** random.uniform(-orders, 0, 200)
    design = Design.of({"other": other, "area": area, "w": weights}, weights="w")
    margins = {by: margin(design, by, random.uniform(0.9, 1.1) * weights) for by in ("other", "area")}
    (step,) = rake(design, reconciled(margins)).design.adjustments
    assert isinstance(step, Regression)
    cells = np.bincount(step.cell, weights)
    whole = regression(weights, step.new, step.cell, step.model, cells)
    influence = random.normal(size=(200, 2)) * step.new[:, None]
    np.testing.assert_allclose(
        step.residuals(influence), whole.residuals(influence), atol=1e-9 * np.abs(influence).max()
    )


def reconciled(margins: dict[str, dict[Any, float]]) -> dict[Any, dict[Any, float]]:
    """The margins with the sum of the first."""
    first = sum(next(iter(margins.values())).values())
    return {
        by: {level: total * first / sum(totals.values()) for level, total in totals.items()}
        for by, totals in margins.items()
    }


def test_after_weighting_to_thirty_thousand_levels_residuals_are_those_from_the_level_means() -> None:
    """A matrix of all levels would take 7 GB, and minutes to invert."""
    random = np.random.default_rng(9)
    area = np.append(np.arange(30_000), random.integers(0, 30_000, 70_000))
    design = Design.of({"area": area, "w": random.uniform(1, 3, len(area))}, weights="w")
    totals = dict(enumerate((np.bincount(area, design.weights) * random.uniform(0.5, 2, 30_000)).tolist()))
    after = poststratify(design, "area", totals).design
    (step,) = after.adjustments
    assert isinstance(step, Regression)
    answers = random.normal(size=len(area))
    means = np.bincount(area, design.weights * answers) / np.bincount(area, design.weights)
    np.testing.assert_allclose(
        step.residuals((after.weights * answers)[:, None])[:, 0],
        after.weights * (answers - means[area]),
        atol=1e-9,
    )


def test_only_one_margin_may_have_very_many_levels() -> None:
    street, postcode = np.arange(6_000), np.arange(6_000)[::-1]
    design = Design.of({"street": street, "postcode": postcode}, weights=np.ones(6_000))
    ones = dict.fromkeys(range(6_000), 1.0)
    found = rake(design, {"street": ones})
    assert found.largest_deviation == 0
    with pytest.raises(
        CalibrationError, match=r"beside street have 6,000 levels .* Merge levels of postcode"
    ):
        rake(design, {"street": ones, "postcode": ones})
