"""Replicate weights: those of R, and the variance that theory says they give."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.columns import ColumnError, numbers
from analysis.estimation.estimates import mean, proportion, total
from analysis.sampling.designs import Design, DesignError, Floats, LoneStratum, reweighted
from analysis.sampling.replicates import TOGETHER, balanced, bootstrap, jackknife, replicated
from analysis.sampling.variance import covariance

FOLDER = Path(__file__).parents[2] / "reference" / "weighting"
CASES = {case["id"]: case for case in json.loads((FOLDER / "cases_replicate.json").read_text())["cases"]}

DESIGNS: dict[str, Any] = {
    "apistrat.csv": {"weights": "pw", "strata": "stype", "population": ["fpc"]},
    "apiclus1.csv": {"weights": "pw", "clusters": ["dnum"], "population": ["fpc"]},
    "pairs.csv": {"weights": "weight", "strata": "stratum", "clusters": ["unit_id"]},
}


def drawn(file: str) -> Design:
    return Design.of(pd.read_csv(FOLDER / file), **DESIGNS[file])


def spread(of_replicates: Floats, estimate: Floats, design: Design) -> Floats:
    """The formula of the README; one row per replicate."""
    made = design.replicates
    assert made is not None
    centre = estimate if made.mse else of_replicates[made.rscales > 0].mean(axis=0)
    away = of_replicates - centre
    return made.scale * (away.T * made.rscales) @ away


def of_totals(values: Floats, design: Design) -> Floats:
    assert design.replicates is not None
    return spread(design.replicates.weights.T @ values, design.weights @ values, design)


def of_means(values: Floats, design: Design) -> Floats:
    assert design.replicates is not None
    weights = design.replicates.weights
    return spread(
        weights.T @ values / weights.sum(axis=0)[:, None],
        design.weights @ values / design.weights.sum(),
        design,
    )


def read(case: dict[str, Any]) -> Design:
    wanted = case["design"]
    factors = pd.read_csv(FOLDER / wanted["replicate_weights"])
    return replicated(
        drawn(case["data"]),
        [factors[name] for name in factors],
        scale=wanted["scale"],
        rscales=wanted["rscales"],
        mse=wanted["mse"],
        combined=wanted["combined"],
    )


def answers(case: dict[str, Any], design: Design) -> Floats:
    return np.column_stack([numbers(design.data, name) for name in case["estimate"]["vars"]])


def plain_means() -> list[str]:
    return [
        name
        for name, case in CASES.items()
        if case["design"]["type"] == "replicate"
        and case["estimate"]["stat"] == "mean"
        and isinstance(case["estimate"]["vars"], list)
        and not case.get("adjust")
    ]


@pytest.mark.parametrize("name", plain_means())
def test_factors_that_are_read_give_the_covariance_of_r(name: str) -> None:
    design = read(CASES[name])
    found = of_means(answers(CASES[name], design), design)
    np.testing.assert_allclose(found, CASES[name]["expected"]["vcov"], rtol=CASES[name]["tolerance_rel"])


@pytest.mark.parametrize("name", ["rep-jk1-mean", "rep-jkn-mean", "rep-pairs-jkn-mean"])
def test_the_jackknife_makes_the_replicates_of_r(name: str) -> None:
    case = CASES[name]
    design = jackknife(drawn(case["data"]))
    found = of_means(answers(case, design), design)
    np.testing.assert_allclose(found, case["expected"]["vcov"], rtol=case["tolerance_rel"])


@pytest.mark.parametrize(("name", "fay"), [("rep-brr-mean", 0.0), ("rep-fay-mean", 0.3)])
def test_half_samples_vary_totals_as_those_of_r_and_means_nearly_so(name: str, fay: float) -> None:
    case = CASES[name]
    ours, theirs = balanced(drawn(case["data"]), fay=fay), read(case)
    values = answers(case, ours)
    assert ours.replicates is not None
    assert theirs.replicates is not None
    assert ours.replicates.weights.shape == theirs.replicates.weights.shape
    assert ours.replicates.scale == pytest.approx(theirs.replicates.scale, rel=1e-12)
    np.testing.assert_allclose(of_totals(values, ours), of_totals(values, theirs), rtol=1e-10)
    # Of a mean the spread depends a little on the Hadamard matrix.
    np.testing.assert_allclose(np.diag(of_means(values, ours)), np.diag(case["expected"]["vcov"]), rtol=0.05)


def test_the_bootstrap_is_on_the_scale_of_r_and_varies_totals_as_linearisation() -> None:
    theirs = read(CASES["rep-boot-mean"])
    sample = Design.of(theirs.data, weights="pw", strata="stype")
    design = bootstrap(sample, replicates=4000, seed=3)
    assert design.replicates is not None
    assert theirs.replicates is not None
    factors = design.replicates.weights / design.weights[:, None]
    elementary = theirs.data["stype"] == "E"
    np.testing.assert_allclose(
        factors[elementary] * 99 / 100, np.round(factors[elementary] * 99 / 100), atol=1e-9
    )
    np.testing.assert_allclose(factors[elementary].sum(axis=0), 100)
    assert bootstrap(sample, replicates=60, seed=1).replicates.scale == theirs.replicates.scale  # type: ignore[union-attr]
    values = answers(CASES["rep-boot-mean"], design)
    np.testing.assert_allclose(
        np.diag(of_totals(values, design)), np.diag(covariance(values, design)), rtol=0.1
    )


def test_many_units_are_drawn_in_parts_as_if_in_one() -> None:
    number, replicates = TOGETHER + 9_000, 40
    made = bootstrap(Design.of(weights=np.ones(number)), replicates=replicates, seed=1).replicates
    assert made is not None
    counts = made.weights * (number - 1) / number
    np.testing.assert_allclose(counts.sum(axis=0), number - 1)
    shares = np.bincount(np.round(counts).astype(int).ravel(), minlength=4)[:4] / counts.size
    np.testing.assert_allclose(shares, np.exp(-1) / np.array([1, 1, 2, 6]), rtol=0.01)  # Poisson(1), nearly
    in_last_part = counts[TOGETHER:].sum(axis=0)
    chance = 9_000 / number
    assert in_last_part.mean() == pytest.approx(chance * number, rel=0.01)
    assert in_last_part.var(ddof=1) == pytest.approx(number * chance * (1 - chance), rel=0.5)


def test_a_population_makes_the_bootstrap_vary_less() -> None:
    design = bootstrap(drawn("apiclus1.csv"), replicates=4000, seed=5)
    values = numbers(design.data, "enroll")[:, None]
    np.testing.assert_allclose(of_totals(values, design), covariance(values, design), rtol=0.1)


def test_a_seed_gives_the_same_replicates_again_and_another_gives_others() -> None:
    sample = drawn("apistrat.csv")
    first, again, other = (bootstrap(sample, replicates=5, seed=seed).replicates for seed in (1, 1, [1, 2]))
    assert first is not None
    assert again is not None
    assert other is not None
    np.testing.assert_array_equal(first.weights, again.weights)
    assert (first.weights != other.weights).any()


@st.composite
def samples(draw: st.DrawFn, *, pairs: bool = False) -> tuple[Design, Floats]:
    """Strata of a few units of a few rows, with and without a population, rows in any order."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    units = [2 if pairs else int(random.integers(2, 6)) for _ in range(draw(st.integers(1, 9)))]
    strata, clusters = [], []
    for stratum, number in enumerate(units):
        for unit in range(number):
            rows = int(random.integers(1, 4))
            strata += [stratum] * rows
            clusters += [f"{stratum}/{unit}"] * rows
    order = random.permutation(len(strata))
    sizes = np.array(units) * random.uniform(1.1, 9, len(units))
    data = {
        "stratum": np.array(strata)[order],
        "unit": np.array(clusters)[order],
        "population": sizes[np.array(strata)][order],
        "weight": random.uniform(0.5, 20, len(order)),
    }
    design = Design.of(
        data,
        weights="weight",
        strata="stratum",
        clusters=["unit"],
        population=["population"] if draw(st.booleans()) else [],
    )
    return design, random.normal(size=(len(order), 2))


@given(samples())
@settings(max_examples=50)
def test_the_jackknife_varies_totals_exactly_as_linearisation(sample: tuple[Design, Floats]) -> None:
    design, values = sample
    np.testing.assert_allclose(of_totals(values, jackknife(design)), covariance(values, design), atol=1e-9)


@given(samples(pairs=True), st.sampled_from([0.0, 0.3, 0.5]))
@settings(max_examples=50)
def test_half_samples_vary_totals_exactly_as_linearisation(sample: tuple[Design, Floats], fay: float) -> None:
    design, values = sample
    found = balanced(design, fay=fay)
    np.testing.assert_allclose(of_totals(values, found), covariance(values, design), atol=1e-8)


@st.composite
def equally_weighted(draw: st.DrawFn, *, pairs: bool = False) -> Design:
    """Persons drawn from strata, who stand for as many as the others of their stratum."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    drawn = np.full(draw(st.integers(1, 6)), 2) if pairs else random.integers(2, 9, draw(st.integers(1, 6)))
    stratum = np.repeat(np.arange(len(drawn)), drawn)
    people = np.ceil(drawn * random.uniform(1, 20, len(drawn)))
    data = {
        "stratum": stratum,
        "people": people[stratum],
        "weight": (people / drawn)[stratum],
        "grade": random.normal(7, 2, len(stratum)),
        "kind": random.choice(["own", "rent", "other"], len(stratum)),
    }
    population = ["people"] if draw(st.booleans()) else []
    return Design.of(data, weights="weight", strata="stratum", population=population)


def agree(replicates: Design, drawn: Design) -> None:
    for statistic, columns in ((mean, "grade"), (total, "grade"), (proportion, "kind")):
        found, expected = statistic(columns, replicates).covariance, statistic(columns, drawn).covariance
        np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-9)


@given(equally_weighted())
@settings(max_examples=50)
def test_the_jackknife_varies_means_of_persons_exactly_as_linearisation(drawn: Design) -> None:
    """No replicate changes the number of people, so a mean is as linear as a total."""
    agree(jackknife(drawn), drawn)


@given(equally_weighted(pairs=True), st.sampled_from([0.0, 0.3, 0.5]))
@settings(max_examples=50)
def test_half_samples_vary_means_of_persons_exactly_as_linearisation(drawn: Design, fay: float) -> None:
    agree(balanced(drawn, fay=fay), drawn)


@pytest.mark.parametrize("strata", [1, 3, 7, 8, 15, 27, 40])
def test_half_samples_leave_no_unit_unvaried_whatever_the_number_of_strata(strata: int) -> None:
    data = {"stratum": np.repeat(np.arange(strata), 2), "weight": np.ones(2 * strata)}
    made = balanced(Design.of(data, weights="weight", strata="stratum")).replicates
    assert made is not None
    assert (made.weights.std(axis=1) == 1).all()
    assert len(np.unique(made.weights, axis=0)) == 2 * strata


def test_a_stratum_that_was_certain_stays_as_it_is() -> None:
    data = {"stratum": [1, 1, 2], "weight": [1.0, 2.0, 3.0]}
    sample = Design.of(data, weights="weight", strata="stratum", lonely="certainty")
    for design in (jackknife(sample), balanced(sample), bootstrap(sample, seed=1)):
        assert design.replicates is not None
        assert (design.replicates.weights[2] == 3).all()
        assert (design.replicates.weights[:2].std(axis=1) > 0).all()


@pytest.mark.parametrize("make", [jackknife, balanced, lambda design: bootstrap(design, seed=1)])
def test_a_stratum_with_one_unit_is_named(make: Any) -> None:
    with pytest.raises(LoneStratum, match="stratum East"):
        make(Design.of({"s": ["West", "West", "East"], "w": [1, 1, 1]}, weights="w", strata="s"))


def test_half_samples_need_pairs() -> None:
    with pytest.raises(DesignError, match="two units in every stratum, also in stratum West"):
        balanced(Design.of({"s": ["West"] * 3 + ["East"] * 2, "w": [1] * 5}, weights="w", strata="s"))
    with pytest.raises(DesignError, match="fay is 1"):
        balanced(drawn("pairs.csv"), fay=1.0)


def test_what_replicates_would_leave_out_is_refused() -> None:
    two_stages = Design.of(
        pd.read_csv(FOLDER / "apiclus2.csv"),
        weights="pw",
        clusters=["dnum", "snum"],
        population=["fpc1", "fpc2"],
    )
    with pytest.raises(DesignError, match="later stages"):
        jackknife(two_stages)

    class Nothing:
        def residuals(self, weighted: Floats) -> Floats:
            return weighted

    sample = drawn("apistrat.csv")
    with pytest.raises(DesignError, match="Make the replicates first"):
        bootstrap(reweighted(sample, sample.weights, Nothing()), seed=1)


def test_replicates_that_cannot_be_are_refused() -> None:
    sample = Design.of({"w": [1.0, 2.0], "r1": [0, 2], "r2": [2, -1], "r3": [1, 1]}, weights="w")
    with pytest.raises(DesignError, match="Column r2: replicate 2 has weight -1 in row 2"):
        replicated(sample, ["r1", "r2"], scale=0.5)
    with pytest.raises(DesignError, match="1 replicates"):
        replicated(sample, ["r1"], scale=0.5)
    with pytest.raises(ColumnError, match="has 3 rows, the design has 2"):
        replicated(sample, ["r1", [1, 1, 1]], scale=0.5)
    with pytest.raises(DesignError, match="3 rscales for 2 replicates"):
        replicated(sample, ["r1", "r3"], scale=0.5, rscales=[1, 1, 1])
    with pytest.raises(DesignError, match="scale of replicates"):
        replicated(sample, ["r1", "r3"], scale=0)
    with pytest.raises(DesignError, match="1 replicates"):
        bootstrap(sample, replicates=1, seed=1)
