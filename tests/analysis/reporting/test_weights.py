import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.reporting.exports.dataset import Dataset
from analysis.reporting.plans.weighting_plan import DesignPlan, MarginPlan, WeightingPlan
from analysis.reporting.weighting.margins import CountedMargin, reconciled
from analysis.reporting.weighting.weights import Weighting, weigh
from analysis.weighting.calibration import TOLERANCE, EmptyCell, MarginMismatch, NotConverged
from analysis.weighting.merging import Margin
from analysis.weighting.raking import cells_of, outside_limits, raked_weights, raking, trimmed_rake
from tests.analysis.town import Town, build

RATHER_NOT_SAY = -9
PLAN = WeightingPlan(
    margins=(
        MarginPlan(
            population="area_age",
            variable="q35",
            categories={"18-24": (3,), "25-44": (4,), "45-64": (5,), "65+": (6, 7)},
        ),
        MarginPlan(population="sex", variable="q36", categories={"man": (1,), "vrouw": (2,)}),
        MarginPlan(population="children", variable="q37", categories={"yes": (3,), "no": ()}, otherwise="no"),
    )
)


@pytest.fixture(scope="module")
def town() -> Town:
    return build(seed=5)


@pytest.fixture(scope="module")
def sample(town: Town) -> Dataset:
    return town.draw(np.random.default_rng(11), invited=400)


@pytest.fixture(scope="module")
def weighting(sample: Dataset) -> Weighting:
    return weigh(sample, PLAN)


def margin(key: str, codes: list[int] | np.ndarray, targets: list[float]) -> Margin:
    return Margin(
        key=key,
        levels=tuple(f"{key}{n}" for n in range(len(targets))),
        codes=np.asarray(codes),
        targets=np.array(targets, dtype=float),
    )


problems = st.integers(0, 2**32 - 1).map(np.random.default_rng)


@given(problems)
@settings(max_examples=60)
def test_raked_weights_reach_every_margin_that_some_town_has(random: np.random.Generator) -> None:
    number = int(random.integers(40, 400))
    sizes = random.integers(2, 6, 4)
    codes = [random.integers(0, size, number) for size in sizes]
    for column, size in zip(codes, sizes, strict=True):
        column[:size] = np.arange(size)
    hidden = np.exp(sum(random.normal(0, 1, size)[column] for column, size in zip(codes, sizes, strict=True)))
    old = random.uniform(0.5, 5, number)
    margins = [
        margin(f"m{n}", column, np.bincount(column, old * hidden).tolist()) for n, column in enumerate(codes)
    ]
    raked = raked_weights(old, margins)
    for each in margins:
        np.testing.assert_allclose(np.bincount(each.codes, raked.weights), each.targets, rtol=TOLERANCE * 10)
    # The factors have the form of the truth, so they are the truth.
    np.testing.assert_allclose(raked.weights, old * hidden, rtol=1e-6)


@given(problems)
@settings(max_examples=30)
def test_working_on_cells_equals_working_on_rows(random: np.random.Generator) -> None:
    number = 120
    codes = [random.integers(0, 3, number) for _ in range(2)]
    for column in codes:
        column[:3] = range(3)
    margins = [
        margin(f"m{n}", column, (random.dirichlet([9] * 3) * 500).tolist()) for n, column in enumerate(codes)
    ]
    old = random.uniform(1, 4, number)
    slow = old.copy()
    for _ in range(500):
        for each in margins:
            slow *= (each.targets / np.bincount(each.codes, slow))[each.codes]
    np.testing.assert_allclose(raked_weights(old, margins).weights, slow, rtol=1e-8)


@given(problems)
@settings(max_examples=20)
def test_residuals_are_those_of_a_weighted_regression_on_all_levels(random: np.random.Generator) -> None:
    number = 80
    codes = [random.integers(0, 3, number) for _ in range(2)]
    for column in codes:
        column[:3] = range(3)
    old = random.uniform(1, 4, number)
    margins = [margin(f"m{n}", column, np.bincount(column, old).tolist()) for n, column in enumerate(codes)]
    values = random.normal(size=(number, 2))
    model = np.column_stack([column == level for column in codes for level in range(3)]).astype(float)
    root = np.sqrt(old)[:, None]
    solved = np.linalg.lstsq(root * model, root * values, rcond=None)[0]
    new = old * random.uniform(0.5, 2, number)
    found = raking(old, new, cells_of(old, margins)).residuals(new[:, None] * values)
    np.testing.assert_allclose(found, new[:, None] * (values - model @ solved), atol=1e-9)


def test_a_rare_level_that_must_grow_forty_times_is_reached() -> None:
    random = np.random.default_rng(2)
    codes = (random.random(20_000) < 0.0005).astype(int)
    other = random.integers(0, 4, 20_000)
    margins = [margin("rare", codes, [19_600, 400]), margin("other", other, [8_000, 2_000, 7_000, 3_000])]
    raked = raked_weights(np.ones(20_000), margins)
    assert raked.weights[codes == 1].sum() == pytest.approx(400)


def test_a_very_long_table_of_cells_is_raked_all_the_same() -> None:
    random = np.random.default_rng(4)
    codes = [random.integers(0, 40, 3000) for _ in range(5)]
    margins = [margin(f"m{n}", column, np.bincount(column).tolist()) for n, column in enumerate(codes)]
    np.testing.assert_allclose(raked_weights(np.full(3000, 2.0), margins).weights, 1.0, rtol=1e-8)


def test_contradicting_margins_name_the_margin_and_level_that_is_furthest_off() -> None:
    same = [0] * 5 + [1] * 5
    with pytest.raises(
        NotConverged, match=r"margin (first|second), level (first|second)\d: .* where the population has"
    ):
        raked_weights(np.ones(10), [margin("first", same, [40, 60]), margin("second", same, [70, 30])])


def test_a_level_without_respondents_is_named_with_its_people() -> None:
    with pytest.raises(EmptyCell, match=r"Margin m: nobody answered in m1 \(40 people\)"):
        raked_weights(np.ones(4), [margin("m", [0, 0, 2, 2], [30, 40, 30])])


def test_respondents_where_the_population_has_nobody_are_refused() -> None:
    with pytest.raises(MarginMismatch, match="people answered in m1, but the population counts nobody"):
        raked_weights(np.ones(4), [margin("m", [0, 0, 1, 1], [30, 0])])


def test_margins_of_different_totals_are_refused_with_both_numbers() -> None:
    with pytest.raises(MarginMismatch, match=r"b adds up to 101.0 people, margin a to 100.0"):
        raked_weights(np.ones(4), [margin("a", [0, 0, 1, 1], [50, 50]), margin("b", [0, 1, 0, 1], [50, 51])])


def test_trimming_keeps_weights_within_the_limits_and_the_margins_exact() -> None:
    random = np.random.default_rng(6)
    codes = [random.integers(0, 4, 800) for _ in range(3)]
    targets = [[1300, 600, 500, 400], [500, 1200, 600, 500], [1400, 600, 500, 300]]
    margins = [
        margin(f"m{n}", column, each) for n, (column, each) in enumerate(zip(codes, targets, strict=True))
    ]
    base = np.full(800, 3.5)
    assert outside_limits(raked_weights(base, margins).weights / base, 0.1, 3.5).any()
    raked, trimmed = trimmed_rake(base, margins, 0.1, 3.5)
    assert trimmed > 0
    assert not outside_limits(raked.weights / base, 0.1, 3.5).any()
    for each in margins:
        np.testing.assert_allclose(np.bincount(each.codes, raked.weights), each.targets, rtol=1e-9)


def test_weights_add_up_to_the_adults_of_every_district(weighting: Weighting) -> None:
    areas = [level for level in weighting.margins if level.margin == "area"]
    assert len(areas) == 10
    for level in areas:
        assert level.after == pytest.approx(level.population)
    assert weighting.weights.sum() == pytest.approx(111_080)


def test_every_category_of_the_town_is_reached_although_classes_were_merged(weighting: Weighting) -> None:
    assert weighting.merges
    for category in ("18-24", "25-44", "45-64", "65+"):
        levels = [
            level for level in weighting.margins if level.margin == "area_age" and level.category == category
        ]
        wanted = sum(level.population or 0 for level in levels)
        assert sum(level.after for level in levels) == pytest.approx(wanted, rel=0.03)


def test_classes_are_merged_only_where_fewer_than_twenty_answered(
    sample: Dataset, weighting: Weighting
) -> None:
    for merge in weighting.merges:
        inside = [
            level.respondents
            for level in weighting.margins
            if (level.margin, level.area) == (merge.margin, merge.area) and level.category in merge.categories
        ]
        assert not inside or min(inside) < 20
    one = msgspec.structs.replace(PLAN, minimum_cell=1)
    assert len(weigh(sample, one).merges) < len(weighting.merges)


def test_the_design_effect_is_one_plus_the_squared_variation(weighting: Weighting) -> None:
    weights = weighting.weights
    assert weighting.design_effect == pytest.approx(1 + weights.var() / weights.mean() ** 2)
    assert weighting.effective_number == pytest.approx(len(weights) / weighting.design_effect)


def test_people_who_skip_a_margin_keep_their_share_and_nobody_is_dropped(sample: Dataset) -> None:
    silent = np.random.default_rng(8).random(sample.size) < 0.1
    answers = sample.codes | {"q36": np.where(silent, RATHER_NOT_SAY, sample.codes["q36"]).astype(np.int32)}
    weighting = weigh(msgspec.structs.replace(sample, codes=answers), PLAN)
    assert (weighting.weights > 0).all()
    unknown = next(level for level in weighting.margins if level.margin == "sex" and not level.category)
    assert unknown.respondents == silent.sum()
    assert unknown.population is None
    assert unknown.after == pytest.approx(unknown.before)
    man, woman = (
        next(level for level in weighting.margins if (level.margin, level.category) == ("sex", name))
        for name in ("man", "vrouw")
    )
    assert man.after / woman.after == pytest.approx(53_415 / 57_665)


def test_an_area_in_which_nobody_answers_a_margin_is_weighted_by_the_others(sample: Dataset) -> None:
    silent = sample.texts["area"] == "WK054602"
    answers = sample.codes | {"q37_3": np.where(silent, RATHER_NOT_SAY, sample.codes["q37_3"])}
    weighting = weigh(msgspec.structs.replace(sample, codes=answers), PLAN)
    reached = {level.area: level for level in weighting.margins if level.margin == "area"}
    assert reached["WK054602"].after == pytest.approx(reached["WK054602"].population)
    assert weighting.weights.sum() == pytest.approx(111_080)


def test_rounded_counts_are_reconciled_and_the_change_is_reported(sample: Dataset) -> None:
    rows = tuple(
        msgspec.structs.replace(row, count=row.count + 15) if row.margin == "sex" else row
        for row in sample.population
    )
    weighting = weigh(msgspec.structs.replace(sample, population=rows), PLAN)
    (change,) = (each for each in weighting.reconciliations if each.margin == "sex")
    assert (change.area, change.counted, change.used) == ("GM0546", 111_110, 111_080)
    assert weighting.weights.sum() == pytest.approx(111_080)


@given(problems)
@settings(max_examples=40)
def test_reconciled_margins_count_the_same_people_in_every_area(random: np.random.Generator) -> None:
    areas = tuple("ABC"[: int(random.integers(2, 4))])
    nobody = np.zeros(0, dtype=np.intp)

    def counted(key: str, where: tuple[str, ...], counts: np.ndarray) -> CountedMargin:
        names = tuple(f"{key}{n}" for n in range(counts.shape[1]))
        return CountedMargin(
            key=key, areas=where, categories=names, place=nobody, category=nobody, counts=counts
        )

    first = random.integers(100, 900, (len(areas), 3)).astype(float)
    second = first.sum(axis=1, keepdims=True) * random.uniform(0.985, 1.015, (len(areas), 1)) * [[0.3, 0.7]]
    whole = first.sum() * float(random.uniform(0.985, 1.015)) * np.array([[0.4, 0.6]])
    given_margins = [counted("whole", ("town",), whole), counted("age", areas, first)]
    people, margins, changes = reconciled([*given_margins, counted("home", areas, second)])
    np.testing.assert_allclose(people, first.sum(axis=1))
    np.testing.assert_array_equal(margins[1].counts, first)
    np.testing.assert_allclose(margins[2].counts.sum(axis=1), people)
    assert margins[0].counts.sum() == pytest.approx(people.sum())
    # Only the size changes, never the shares, and every change is told.
    np.testing.assert_allclose(margins[2].counts[:, 0] / people, 0.3)
    assert {(change.margin, change.area) for change in changes} == {
        ("whole", "town"),
        *(("home", area) for area in areas),
    }


def test_a_sample_without_anybody_is_refused(sample: Dataset) -> None:
    with pytest.raises(EmptyCell, match="nothing to weigh"):
        weigh(sample.take(np.zeros(sample.size, dtype=bool)), PLAN)


def test_reckoning_with_the_finite_population_makes_errors_smaller(
    sample: Dataset, weighting: Weighting
) -> None:
    finite = weigh(sample, PLAN, DesignPlan(finite_population=True)).design
    (stage,) = finite.stages
    assert stage.population is not None
    fractions = stage.drawn[stage.strata] / stage.population
    assert (fractions > 0).all()
    assert (fractions < 0.2).all()
    np.testing.assert_allclose(finite.weights, weighting.weights)
