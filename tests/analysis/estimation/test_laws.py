"""What holds for every estimate at once, on generated designs."""

import io
from collections.abc import Mapping

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from analysis.columns import ColumnError
from analysis.estimation.chisquare import chisq
from analysis.estimation.domains import contrast, differences, standardised
from analysis.estimation.estimates import design_effect, mean, proportion, ratio, total, variance
from analysis.estimation.group_tests import ranktest, ttest
from analysis.estimation.intervals import proportion_interval
from analysis.estimation.means_by_domain import domain_means
from analysis.estimation.quantiles import quantile
from analysis.estimation.regression import glm
from analysis.estimation.scales import alpha
from analysis.sampling.designs import Design
from tests.analysis.strategies import Sample, samples

some = settings(max_examples=15)
chances = st.integers(0, 2**32 - 1).map(np.random.default_rng)

AGES = ("a", "b", "c")
Ages = tuple[str, str, str]
Numbers = Mapping[str, np.ndarray]


def estimated(design: Design, domain: np.ndarray | None = None, ages: Ages = AGES) -> Numbers:
    """Values and standard errors of everything that takes a domain."""
    young, middle, old = ages
    statistics = {
        "mean": mean(["y", "x"], design, domain=domain),
        "total": total(["y", "x"], design, domain=domain),
        "proportion": proportion("kind", design, domain=domain),
        "ratio": ratio("y", "x", design, domain=domain),
        "variance": variance(["y", "x"], design, domain=domain),
        "differences": differences("y", design, "age", domain=domain).statistics,
        "standardised": standardised("y", design, "sex", "age", {young: 3, middle: 5, old: 2}, domain=domain),
        "gaussian": glm("y ~ x + sex", design, domain=domain),
        "binomial": glm("yes ~ x", design, family="binomial", domain=domain),
    }
    found = {
        name: np.concatenate([one.values.ravel(), one.standard_errors.ravel()])
        for name, one in statistics.items()
    }
    difference = contrast("y", design, "age", {young: 1, old: -1}, domain=domain)
    test = ttest("y ~ kind", design, domain=domain)
    half = quantile("y", design, [0.25, 0.5], domain=domain)
    return found | {
        "contrast": np.array([difference.value, difference.standard_error]),
        "quantile": np.concatenate([half.values, half.standard_errors]),
        "ttest": np.array([test.value, test.standard_error]),
        "ranktest": np.array([ranktest("y ~ kind", design, domain=domain).statistic]),
        "chisq": np.array([chisq("kind", "sex", design, domain=domain).statistic]),
        "alpha": np.array([alpha(["item0", "item1", "item2"], design, domain=domain)]),
        "share": np.array([proportion_interval("yes", design, domain=domain).standard_error]),
    }


def published(design: Design, ages: Ages = AGES) -> Numbers:
    """Those, and what is made of them and of the degrees of freedom."""
    methods = ("logit", "likelihood", "asin", "beta", "wilson", "mean")
    shares = [proportion_interval("yes", design, method=method) for method in methods]
    cells = domain_means(["y", "x"], design, ["age", "sex"])
    half = quantile("y", design, [0.25, 0.5])
    return estimated(design, ages=ages) | {
        "bounds": np.array([[share.low, share.high] for share in shares]),
        "quantile's bounds": np.array([half.low, half.high]),
        "domain_means": np.array([cells.values, *cells.interval()]),
        "design_effect": design_effect(["y", "x"], design, replacement=True),
        "p-values": np.array(
            [
                *differences("y", design, "age").p_values,
                *glm("y ~ x + sex", design).p_values,
                ttest("y ~ kind", design).test.p_value,
                ranktest("y ~ kind", design).p_value,
                chisq("kind", "sex", design).p_value,
            ]
        ),
    }


def same(found: Numbers, expected: Numbers) -> None:
    assert found.keys() == expected.keys()
    for name, numbers in expected.items():
        np.testing.assert_allclose(found[name], numbers, rtol=1e-6, atol=1e-9, err_msg=name)


@given(samples(), chances)
@some
def test_the_order_of_rows_does_not_matter(sample: Sample, random: np.random.Generator) -> None:
    order = random.permutation(len(sample.data["y"]))
    same(published(sample.taken(order).design()), published(sample.design()))


@given(samples(), chances)
@some
def test_the_names_of_strata_streets_and_levels_do_not_matter(
    sample: Sample, random: np.random.Generator
) -> None:
    """Levels keep their order, which says which of them a model compares with."""
    strata = dict(zip(["East", "North", "West"], random.permutation(["Zuid", "é", "1"]), strict=True))
    number = int(sample.data["street"].max()) + 1
    streets = np.array([f"{name}-straat" for name in random.permutation(number)])
    ages = ("18 tot 45", "45+", "zegt het niet")
    renaming = dict(zip(AGES, ages, strict=True))
    renamed = sample.changed(
        stratum=np.array([strata[name] for name in sample.data["stratum"]]),
        street=streets[sample.data["street"]],
        age=np.array([renaming[level] for level in sample.data["age"]]),
    )
    counted = {renaming[level]: count for level, count in sample.totals["age"].items()}
    expected = published(sample.design())
    found = published(renamed._replace(totals={"age": counted, "sex": sample.totals["sex"]}).design(), ages)
    same(found, expected)


@pytest.mark.parametrize("read", [pd.read_csv, pl.read_csv])
@given(sample=samples(), random=chances)
@settings(max_examples=8)
def test_a_sample_in_several_files_is_the_same_sample(
    read: object, sample: Sample, random: np.random.Generator
) -> None:
    """A stratum may be split over files, and a file hold parts of several strata."""
    whole = pd.DataFrame(dict(sample.data))
    file = random.integers(0, 4, len(whole))
    texts = [whole[file == number].to_csv(index=False) for number in random.permutation(4)]
    parts = [read(io.StringIO(text)) for text in texts]  # type: ignore[operator]
    together = pd.concat(parts) if read is pd.read_csv else pl.concat(parts)
    same(published(sample._replace(data=together).design()), published(sample.design()))


@given(samples(), st.floats(0.01, 100))
@some
def test_scaling_all_base_weights_scales_totals_and_nothing_else(sample: Sample, factor: float) -> None:
    """After calibration to known totals not even these."""
    scaled = sample.changed(weight=sample.data["weight"] * factor)
    expected = dict(published(sample.design()))
    if sample.weighting == "base":
        expected["total"] = expected["total"] * factor
    same(published(scaled.design()), expected)


@given(samples(), chances)
@some
def test_a_domain_equals_the_answers_recoded_to_missing_elsewhere(
    sample: Sample, random: np.random.Generator
) -> None:
    domain = random.random(len(sample.data["y"])) < 0.8
    asked = ("y", "x", "yes", "item0", "item1", "item2")
    recoded = {name: np.where(domain, sample.data[name], np.nan) for name in asked}
    design = sample.design()
    elsewhere = np.where(domain, sample.data["kind"], None)
    try:
        inside = estimated(design, domain)
    except ColumnError:  # nobody of some sex and age answered inside, which is refused by name
        reject()
    same(
        inside,
        estimated(replace(design, data={**sample.data, **recoded, "kind": elsewhere})),
    )


@given(samples(weightings=("raked", "calibrated")))
@some
def test_weights_meet_the_margins(sample: Sample) -> None:
    weights = sample.design().weights
    for name, counts in sample.totals.items():
        for level, count in counts.items():
            assert weights[sample.data[name] == level].sum() == pytest.approx(count, rel=1e-9)
