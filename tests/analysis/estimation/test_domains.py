import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from analysis.columns import ColumnError
from analysis.estimation.domains import by_domain, contrast, differences, standardised
from analysis.estimation.estimates import mean
from analysis.estimation.means_by_domain import domain_means
from analysis.estimation.moments import BLOCK
from analysis.sampling.designs import Design, LoneStratum, Replicates, reweighted
from analysis.weighting.adjustments import rake, trim
from analysis.weighting.merging import Margin
from analysis.weighting.raking import cells_of, raked_weights, raking


def sample(seed: int, *, clustered: bool = False, counted: bool = False, raked: bool = False) -> Design:
    """90 rows in 3 strata, with missing answers, some weights of zero, and maybe raked to two margins."""
    random = np.random.default_rng(seed)
    size = 90
    stratum = np.repeat([0, 1, 2], size // 3)
    data = {
        "stratum": stratum,
        "street": np.arange(size) // (3 if clustered else 1),
        "people": np.array([400, 500, 900])[stratum],
        "weight": random.uniform(1, 9, size),
        "area": random.permutation(np.arange(size) % 4),
        "age": random.permutation(np.arange(size) % 2),
        "grade": np.where(random.random(size) < 0.1, np.nan, random.integers(1, 11, size)),
        "trust": np.where(random.random(size) < 0.1, np.nan, random.random(size)),
    }
    if not raked:
        data["weight"][random.random(size) < 0.1] = 0.0
    design = Design.of(
        data,
        weights="weight",
        strata="stratum",
        clusters=["street"],
        population=["people"] if counted else (),
    )
    if not raked:
        return design
    margins = [margin(design, "area", 4, random), margin(design, "age", 2, random)]
    new = raked_weights(design.weights, margins).weights
    return reweighted(design, new, raking(design.weights, new, cells_of(design.weights, margins)))


def margin(design: Design, name: str, levels: int, random: np.random.Generator) -> Margin:
    targets = random.uniform(2, 5, levels)
    return Margin(
        key=name,
        levels=tuple(map(str, range(levels))),
        codes=design.data[name],
        targets=1000 * targets / targets.sum(),
    )


@settings(max_examples=40)
@given(st.integers(0, 10**6), st.booleans(), st.booleans(), st.booleans())
def test_all_means_together_are_those_of_one_domain_and_column_at_a_time(
    seed: int, clustered: bool, counted: bool, raked: bool
) -> None:
    design = sample(seed, clustered=clustered, counted=counted, raked=raked)
    found = domain_means(["grade", "trust"], design, ["area", "age"])
    for item, name in enumerate(found.names):
        slow = by_domain(mean, name, design=design, by=["area", "age"])
        assert found.domains == tuple(".".join(one.key) for one in slow)
        for place, one in enumerate(slow):
            assert found.values[place, item] == pytest.approx(one.found.values[0], nan_ok=True)
            assert found.standard_errors[place, item] == pytest.approx(
                one.found.standard_errors[0], rel=1e-7, abs=1e-9, nan_ok=True
            )
            assert found.respondents[place, item] == one.found.respondents
            assert found.degrees_of_freedom[place] == one.found.degrees_of_freedom


@settings(max_examples=25)
@given(
    st.integers(0, 10**6),
    st.booleans(),
    st.sampled_from([np.int8, np.float32, float]),
    st.sampled_from([0, 2026, -1_000_000]),
)
def test_rows_that_weigh_the_same_are_added_up_first_and_no_digits_are_lost(
    seed: int, raked: bool, kind: type, shift: int
) -> None:
    few = sample(seed, raked=raked)
    answers = np.random.default_rng(seed).integers(1, 11, few.size)
    same = np.where(few.data["area"] == 1, 7, answers)
    columns = {
        "answers": answers.astype(kind),
        "same": same.astype(kind),
        "far": (answers + shift).astype(float),
        "far in one": np.where(few.data["area"] == 2, answers + shift, answers).astype(float),
        "weight": np.array([2.0, 3.5, 5.0])[few.data["stratum"]],
    }
    data = {**few.data, **columns}
    design = Design.of(data, weights="weight", strata="stratum")
    if raked:
        ages = {level: 100.0 * (level + 1) for level in np.unique(data["age"]).tolist()}
        design = rake(design, {"age": ages}).design
    names = [name for name in columns if name != "weight"]
    found = domain_means(names, design, ["area"])
    for item, name in enumerate(names):
        slow = [one.found for one in by_domain(mean, name, design=design, by=["area"])]
        assert found.values[:, item] == pytest.approx([one.values[0] for one in slow], rel=1e-12)
        errors = [one.standard_errors[0] for one in slow]
        assert found.standard_errors[:, item] == pytest.approx(errors, rel=1e-7, abs=1e-12)
    assert found.standard_errors[1, names.index("same")] == 0


def test_who_gets_a_weight_by_trimming_alone_counts_in_the_standard_error() -> None:
    few = sample(5)
    target = 500.0
    design = trim(rake(few, {"area": dict.fromkeys(range(4), target)}).design, upper=30).design
    assert few.weights.min() == 0 < design.weights.min()
    inside = (few.data["age"] == 1) & ~np.isnan(few.data["grade"])
    size = design.weights @ inside
    answers = np.where(inside, few.data["grade"], 0.0)
    weighted = design.weights * inside * (answers - design.weights @ answers / size) / size
    left = weighted.copy()
    for area in range(4):
        there = (few.data["area"] == area) & (few.weights > 0)
        raked = target * np.where(there, few.weights, 0.0) / few.weights[there].sum()
        left -= raked * weighted[there].sum() / target
    by_stratum = left.reshape(3, 30)
    slow = (30 * by_stratum.var(axis=1, ddof=1).sum()) ** 0.5
    assert mean("grade", design, domain=few.data["age"] == 1).standard_errors[0] == pytest.approx(slow)
    assert domain_means("grade", design, "age").standard_errors[1, 0] == pytest.approx(slow)


def test_over_several_blocks_of_rows_and_after_trimming_the_means_are_the_same() -> None:
    few = trim(sample(3, raked=True), upper=30).design
    times = BLOCK // few.size
    data = {name: np.tile(column, times) for name, column in few.data.items()} | {
        "street": np.arange(times * few.size)
    }
    drawn = Design.of(data, weights="weight", strata="stratum")
    margins = {"area": {level: 1000.0 * (level + 1) for level in range(4)}}
    trimmed = trim(rake(drawn, margins).design, upper=0.05)
    many = trimmed.design
    found = domain_means(["grade", "trust"], many, "age")
    matrix = domain_means(np.column_stack([data["grade"], data["trust"]]), many, "age")
    assert many.size * 2 > BLOCK
    assert trimmed.trimmed > 0
    for item, name in enumerate(found.names):
        slow = by_domain(mean, name, design=many, by=["age"])
        assert found.values[:, item] == pytest.approx([one.found.values[0] for one in slow])
        errors = [one.found.standard_errors[0] for one in slow]
        assert found.standard_errors[:, item] == pytest.approx(errors, rel=1e-7)
        assert matrix.standard_errors[:, item] == pytest.approx(errors, rel=1e-7)
        assert found.respondents[:, item].tolist() == [one.found.respondents for one in slow]


def test_an_answer_without_end_is_refused_by_the_name_of_its_column() -> None:
    design = sample(4)
    trust = np.array(design.data["trust"])
    trust[5] = np.inf
    endless = replace(design, data={**design.data, "trust": trust})
    with pytest.raises(ColumnError, match="trust is infinite"):
        domain_means(["grade", "trust"], endless, "area")


@pytest.mark.parametrize("clusters", [[], ["street"]])
def test_an_answer_without_end_of_somebody_without_a_weight_changes_nothing(clusters: list[str]) -> None:
    size = 60
    grade, weight = np.arange(size) % 7.0, np.ones(size)
    weight[0] = 0.0
    data = {"grade": grade, "weight": weight, "area": np.arange(size) % 3, "age": np.arange(size) % 2}
    data |= {"street": np.arange(size) // 2 // 3 * 2 + np.arange(size) % 2}
    endless = data | {"grade": np.where(weight == 0, np.inf, grade)}
    margins = {"area": dict.fromkeys(range(3), 100.0)}
    found, expected = (
        domain_means(
            "grade", rake(Design.of(one, weights="weight", clusters=clusters), margins).design, "age"
        )
        for one in (endless, data)
    )
    assert expected.standard_errors.min() > 0
    assert found.values.tolist() == expected.values.tolist()
    assert found.standard_errors.tolist() == expected.standard_errors.tolist()


def test_a_block_of_rows_without_anybody_in_a_domain_changes_nothing() -> None:
    size = BLOCK + 60
    counts = np.arange(size) >= BLOCK
    data = {"grade": np.arange(size) % 7.0, "weight": counts.astype(float), "age": np.arange(size) % 2}
    found = domain_means("grade", Design.of(data, weights="weight"), "age")
    few = Design.of({name: column[counts] for name, column in data.items()}, weights="weight")
    assert found.values == pytest.approx(domain_means("grade", few, "age").values)
    assert found.respondents.tolist() == [[30], [30]]


def test_replicates_give_domain_means_too() -> None:
    design = jackknife(sample(1))
    found = domain_means(["grade"], design, "age")
    slow = by_domain(mean, "grade", design=design, by=["age"])
    assert found.standard_errors[:, 0] == pytest.approx([one.found.standard_errors[0] for one in slow])


def jackknife(design: Design) -> Design:
    """Every row left out once (JK1)."""
    size = design.size
    factors = np.where(np.eye(size, dtype=bool), 0.0, size / (size - 1))
    replicates = Replicates(
        weights=design.weights[:, None] * factors, scale=(size - 1) / size, rscales=np.ones(1)
    )
    return Design(weights=design.weights, stages=design.stages, replicates=replicates, data=design.data)


def test_a_lone_stratum_is_refused_by_name() -> None:
    design = Design.of({"s": ["a", "a", "b"], "w": [1, 1, 1]}, weights="w", strata="s")
    with pytest.raises(LoneStratum, match="stratum b"):
        domain_means([np.arange(3.0)], design, np.array([0, 0, 0]))


@settings(max_examples=30)
@given(st.integers(0, 10**6), st.booleans())
def test_a_difference_is_the_contrast_of_a_domain_with_the_others(seed: int, raked: bool) -> None:
    design = sample(seed, raked=raked)
    found = differences("grade", design, "area")
    for place, level in enumerate(found.levels):
        inside = design.data["area"] == int(level)
        one = contrast("grade", design, inside, {"True": 1, "False": -1})
        assert found.statistics.values[place] == pytest.approx(one.value)
        assert found.statistics.standard_errors[place] == pytest.approx(one.standard_error)
    assert differences("grade", design, "area", levels=["2"]).p_values == pytest.approx(
        found.p_values[[found.levels.index("2")]]
    )


@settings(max_examples=30)
@given(st.integers(0, 10**6))
def test_standardised_to_their_own_composition_means_do_not_change(seed: int) -> None:
    design = sample(seed)
    answered = (design.weights > 0) & ~np.isnan(design.data["grade"])
    population = {str(age): design.weights[answered & (design.data["age"] == age)].sum() for age in (0, 1)}
    everybody = np.zeros(design.size, dtype=int)
    found = standardised("grade", design, everybody, "age", population)
    assert found.values == pytest.approx(mean("grade", design).values)


def test_a_level_that_is_not_there_is_named() -> None:
    design = sample(3)
    with pytest.raises(ColumnError, match=r"Column area has no level Noord.*0, 1, 2, 3"):
        contrast("grade", design, "area", {"Noord": 1, "0": -1})
    with pytest.raises(ColumnError, match="no number for level 1"):
        standardised("grade", design, "area", "age", {"0": 10})
    with pytest.raises(ColumnError, match="holds 'a', where a number is needed"):
        contrast(np.array(["a", "b"] * 45), design, "area", {"0": 1, "1": -1})
    with pytest.raises(ColumnError, match="no level to compare"):
        differences("grade", design, "area", levels=[])


def test_an_empty_cell_of_a_standardisation_is_named() -> None:
    data = {"w": np.ones(6), "y": np.arange(6.0), "area": list("aaabbb"), "age": [0, 1, 1, 0, 0, 0]}
    design = Design.of(data, weights="w")
    with pytest.raises(ColumnError, match=r"Nobody answered in b\.1"):
        standardised("y", design, "area", "age", {"0": 1, "1": 1})
