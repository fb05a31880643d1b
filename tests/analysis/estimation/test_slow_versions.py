"""Every estimate and its standard error, against the slow and obvious version, on generated designs."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.estimation.chisquare import chisq
from analysis.estimation.domains import contrast, differences, standardised
from analysis.estimation.estimates import design_effect, mean, proportion, ratio, total, variance
from analysis.estimation.group_tests import ranktest, ttest
from analysis.estimation.intervals import proportion_interval
from analysis.estimation.means_by_domain import domain_means
from analysis.estimation.ordinal_regression import ordinal
from analysis.estimation.quantiles import quantile
from analysis.estimation.regression import Family, glm, wald_test
from analysis.estimation.scales import alpha
from tests.analysis import slow
from tests.analysis.slow import Estimate, answered
from tests.analysis.strategies import Sample, samples

some = settings(max_examples=20)


def agrees(values: np.ndarray, errors: np.ndarray, estimate: Estimate, sample: Sample) -> None:
    weights = sample.design().weights
    expected = np.sqrt(np.maximum(np.diag(slow.covariance(estimate, sample, weights)), 0))
    np.testing.assert_allclose(values, np.real(estimate(weights)), rtol=1e-9)
    np.testing.assert_allclose(errors, expected, rtol=1e-7, atol=1e-9)


@given(samples())
@some
def test_means_agree_with_the_slow_version(sample: Sample) -> None:
    found = mean(["y", "x"], sample.design())
    y, x = sample.data["y"], sample.data["x"]
    rows = answered(y, x)
    agrees(
        found.values,
        found.standard_errors,
        lambda weights: np.array([slow.mean(column, rows, weights) for column in (y, x)]),
        sample,
    )
    np.testing.assert_allclose(
        found.covariance,
        slow.covariance(
            lambda weights: np.array([slow.mean(column, rows, weights) for column in (y, x)]),
            sample,
            sample.design().weights,
        ),
        rtol=1e-7,
        atol=1e-12,
    )


@given(samples())
@some
def test_a_mean_and_a_total_of_a_domain_agree_with_the_slow_version(sample: Sample) -> None:
    domain = sample.data["sex"] == "woman"
    y = sample.data["y"]
    rows = [row for row in answered(y) if domain[row]]
    found = mean("y", sample.design(), domain=domain)
    agrees(found.values, found.standard_errors, lambda w: np.array([slow.mean(y, rows, w)]), sample)
    found = total("y", sample.design(), domain=domain)
    agrees(
        found.values,
        found.standard_errors,
        lambda w: np.array([sum(w[row] * y[row] for row in rows)]),
        sample,
    )


@given(samples(), st.booleans())
@some
def test_a_design_effect_agrees_with_the_slow_version(sample: Sample, replacement: bool) -> None:
    y = sample.data["y"]
    weights = sample.design().weights
    rows = [row for row in answered(y) if weights[row] > 0]
    size, number = sum(weights[row] for row in rows), len(rows)
    middle = slow.mean(y, rows, weights)
    spread = number / (number - 1) * slow.mean((y - middle) ** 2, rows, weights)
    simple = spread / number * (1 if replacement else 1 - number / size)
    drawn = slow.covariance(lambda w: np.array([slow.mean(y, rows, w)]), sample, weights)[0, 0]
    found = design_effect("y", sample.design(), replacement=replacement)
    assert found[0] == pytest.approx(drawn / simple, rel=1e-6)


@given(samples())
@some
def test_shares_of_a_category_agree_with_the_slow_version(sample: Sample) -> None:
    found = proportion("kind", sample.design())
    rows = answered(sample.data["kind"])
    hits = [(sample.data["kind"] == level).astype(float) for level in ("own", "rent")]
    agrees(
        found.values,
        found.standard_errors,
        lambda w: np.array([slow.mean(hit, rows, w) for hit in hits]),
        sample,
    )


@given(samples())
@some
def test_a_ratio_agrees_with_the_slow_version(sample: Sample) -> None:
    y, x = sample.data["y"], sample.data["x"]
    rows = answered(y, x)
    found = ratio("y", "x", sample.design())
    agrees(
        found.values,
        found.standard_errors,
        lambda w: np.array([slow.mean(y, rows, w) / slow.mean(x, rows, w)]),
        sample,
    )


@given(samples())
@some
def test_variances_and_covariances_agree_with_the_slow_version(sample: Sample) -> None:
    columns = [sample.data["y"], sample.data["x"]]
    rows = answered(*columns)
    number = sum(1 for row in rows if sample.data["weight"][row] > 0)

    def estimate(weights: np.ndarray) -> np.ndarray:
        means = [slow.mean(column, rows, weights) for column in columns]
        products = [
            (one - at) * (other - there)
            for one, at in zip(columns, means, strict=True)
            for other, there in zip(columns, means, strict=True)
        ]
        return number / (number - 1) * np.array([slow.mean(each, rows, weights) for each in products])

    found = variance(["y", "x"], sample.design())
    agrees(found.values.ravel(), found.standard_errors.ravel(), estimate, sample)


@given(samples(), st.sampled_from([0.1, 0.25, 0.5, 0.9]))
@some
def test_a_quantile_and_woodruffs_interval_agree_with_the_slow_version(
    sample: Sample, probability: float
) -> None:
    design = sample.design()
    y = np.round(sample.data["y"], 1)
    rows = answered(y)
    found = quantile(y, design, [probability])
    at = slow.quantile(y, rows, design.weights, probability)
    assert found.values[0] == at
    below = (y <= at).astype(float)

    def share(weights: np.ndarray) -> np.ndarray:
        return np.array([slow.mean(below, rows, weights)])

    counted = [row for row in rows if design.weights[row] > 0]
    units = sample.data["street"] if sample.drawing[0] else sample.data["person"]
    freedom = len(set(units[counted])) - len(set(sample.data["stratum"][counted]))
    error = np.sqrt(slow.covariance(share, sample, design.weights)[0, 0])
    reach = stats.t.ppf(0.975, freedom) * error
    middle = share(design.weights)[0]
    for bound, edge in ((found.low[0], middle - reach), (found.high[0], middle + reach)):
        expected = slow.quantile(y, rows, design.weights, edge) if 0 <= edge <= 1 else np.nan
        assert bound == pytest.approx(expected, nan_ok=True)


@given(samples())
@some
def test_differences_between_domains_agree_with_the_slow_version(sample: Sample) -> None:
    y, age = sample.data["y"], sample.data["age"]
    design = sample.design()

    def of(levels: str, weights: np.ndarray) -> complex:
        return slow.mean(y, [row for row in answered(y) if age[row] in levels], weights)

    one = contrast("y", design, "age", {"a": 1, "b": -0.5, "c": -0.5})
    agrees(
        np.array([one.value]),
        np.array([one.standard_error]),
        lambda w: np.array([of("a", w) - of("b", w) / 2 - of("c", w) / 2]),
        sample,
    )
    rest = differences("y", design, "age").statistics
    agrees(
        rest.values,
        rest.standard_errors,
        lambda w: np.array([of("a", w) - of("bc", w), of("b", w) - of("ac", w), of("c", w) - of("ab", w)]),
        sample,
    )


@given(samples())
@some
def test_standardised_means_agree_with_the_slow_version(sample: Sample) -> None:
    y, kind, age = (sample.data[name] for name in ("y", "kind", "age"))
    population = {"a": 30.0, "b": 50.0, "c": 20.0}

    def of(group: str, weights: np.ndarray) -> complex:
        cells = {
            level: [row for row in answered(y) if (kind[row], age[row]) == (group, level)]
            for level in population
        }
        return sum(count / 100 * slow.mean(y, cells[level], weights) for level, count in population.items())

    found = standardised("y", sample.design(), "kind", "age", population)
    agrees(
        found.values,
        found.standard_errors,
        lambda weights: np.array([of("own", weights), of("rent", weights)]),
        sample,
    )


@given(samples())
@some
def test_means_of_many_columns_in_many_domains_agree_with_the_slow_version(sample: Sample) -> None:
    cells = [(sex, kind) for sex in ("man", "woman") for kind in ("own", "rent")]

    def estimate(weights: np.ndarray) -> np.ndarray:
        return np.array(
            [
                slow.mean(
                    sample.data[name],
                    [
                        row
                        for row in answered(sample.data[name])
                        if (sample.data["sex"][row], sample.data["kind"][row]) == cell
                    ],
                    weights,
                )
                for cell in cells
                for name in ("y", "yes")
            ]
        )

    found = domain_means(["y", "yes"], sample.design(), ["sex", "kind"])
    assert found.domains == tuple(f"{sex}.{kind}" for sex, kind in cells)
    agrees(found.values.ravel(), found.standard_errors.ravel(), estimate, sample)


@pytest.mark.parametrize(("family", "outcome"), [("gaussian", "y"), ("binomial", "yes")])
@given(sample=samples())
@some
def test_coefficients_of_a_regression_agree_with_the_slow_version(
    family: Family, outcome: str, sample: Sample
) -> None:
    columns = (sample.data[outcome], sample.data["x"])
    rows = answered(*columns)
    weights = sample.design().weights
    groups = zip(sample.data["sex"][rows], columns[0][rows], weights[rows] > 0, strict=True)
    # Where all men or all women answer the same, a logistic model has no maximum.
    assume(family == "gaussian" or len({group[:2] for group in groups if group[2]}) == 4)
    model = np.column_stack([np.ones(len(rows)), columns[1][rows], sample.data["sex"][rows] == "woman"])

    def estimate(weights: np.ndarray) -> np.ndarray:
        return slow.coefficients(model, columns[0][rows], weights[rows], logistic=family == "binomial")

    found = glm(f"{outcome} ~ x + sex", sample.design(), family=family)
    np.testing.assert_allclose(found.values, np.real(estimate(weights)), rtol=1e-7, atol=1e-9)
    errors = found.standard_errors
    expected = slow.covariance(estimate, sample, weights)
    # The covariance is made from the last step of the fit, as in R.
    np.testing.assert_allclose((found.covariance - expected) / np.outer(errors, errors), 0, atol=1e-5)


@given(samples())
@some
def test_a_wald_test_agrees_with_the_slow_version(sample: Sample) -> None:
    y, age = sample.data["y"], sample.data["age"]
    rows = answered(y)
    model = np.column_stack([np.ones(len(rows)), age[rows] == "b", age[rows] == "c"]).astype(float)

    def ages(weights: np.ndarray) -> np.ndarray:
        return slow.coefficients(model, y[rows], weights[rows], logistic=False)[1:]

    design = sample.design()
    found = wald_test(glm("y ~ age", design), "age")
    away = np.real(ages(design.weights))
    statistic = away @ np.linalg.inv(slow.covariance(ages, sample, design.weights)) @ away / 2
    assert found.statistic == pytest.approx(statistic, rel=1e-5)
    freedom = found.degrees_of_freedom
    assert freedom[0] == 2
    assert found.p_value == pytest.approx(stats.f.sf(statistic, 2, freedom[1]), rel=1e-4, abs=1e-12)


@given(samples())
@settings(max_examples=5)
def test_a_regression_of_steps_agrees_with_the_slow_version(sample: Sample) -> None:
    y = sample.data["y"]
    answers = np.where(np.isnan(y), np.nan, np.digitize(y, np.nanquantile(y, [0.3, 0.7])))
    rows = answered(answers, sample.data["x"])
    predictors = np.column_stack([sample.data["x"][rows], sample.data["sex"][rows] == "woman"]).astype(float)

    def estimate(weights: np.ndarray) -> np.ndarray:
        return slow.steps(predictors, answers[rows], weights[rows])

    changed = sample.changed(steps=answers)
    found = ordinal("steps ~ x + sex", changed.design())
    weights = changed.design().weights
    np.testing.assert_allclose(found.values, np.real(estimate(weights)), rtol=1e-7, atol=1e-9)
    errors = found.standard_errors
    expected = slow.covariance(estimate, changed, weights)
    np.testing.assert_allclose((found.covariance - expected) / np.outer(errors, errors), 0, atol=1e-5)


@given(samples())
@some
def test_a_t_test_agrees_with_the_slow_version(sample: Sample) -> None:
    y, kind = sample.data["y"], sample.data["kind"]
    rows = answered(y, kind)

    def estimate(weights: np.ndarray) -> np.ndarray:
        own, rent = ([row for row in rows if kind[row] == level] for level in ("own", "rent"))
        return np.array([slow.mean(y, rent, weights) - slow.mean(y, own, weights)])

    found = ttest("y ~ kind", sample.design())
    agrees(np.array([found.value]), np.array([found.standard_error]), estimate, sample)
    assert found.test.statistic == pytest.approx(found.value / found.standard_error)


@given(samples())
@some
def test_a_rank_test_agrees_with_the_slow_version(sample: Sample) -> None:
    y, kind = sample.data["y"], sample.data["kind"]
    weights = sample.design().weights
    rows = [row for row in answered(y, kind) if weights[row] > 0]
    whole = sum(weights[row] for row in rows)
    ranks = np.zeros(len(y))
    for row in rows:
        below = sum(weights[other] for other in rows if y[other] < y[row])
        ranks[row] = (below + weights[row] / 2) / whole

    def estimate(weights: np.ndarray) -> np.ndarray:
        own, rent = ([row for row in rows if kind[row] == level] for level in ("own", "rent"))
        return np.array([slow.mean(ranks, rent, weights) - slow.mean(ranks, own, weights)])

    error = np.sqrt(slow.covariance(estimate, sample, weights)[0, 0])
    found = ranktest("y ~ kind", sample.design())
    assert found.statistic == pytest.approx(np.real(estimate(weights))[0] / error, rel=1e-7)


@given(samples())
@some
def test_a_chi_square_test_of_two_by_two_agrees_with_the_slow_version(sample: Sample) -> None:
    kind, sex = sample.data["kind"], sample.data["sex"]
    rows = answered(kind)
    weights = sample.design().weights
    cells = [
        ((kind == one) & (sex == other)).astype(float)
        for one in ("own", "rent")
        for other in ("man", "woman")
    ]

    def shares(weights: np.ndarray) -> np.ndarray:
        return np.array([slow.mean(cell, rows, weights) for cell in cells])

    found = np.real(shares(weights))
    table = found.reshape(2, 2)
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)).ravel()
    # Of one degree of freedom D is the variance of the interaction, over what it is in a plain sample of 1.
    interaction = np.array([1, -1, -1, 1]) / found
    wide = interaction @ slow.covariance(shares, sample, weights) @ interaction
    pearson = ((found - expected) ** 2 / expected).sum()
    assert chisq("kind", "sex", sample.design()).statistic == pytest.approx(
        pearson * (interaction**2 @ found) / wide, rel=1e-6
    )


@given(samples())
@some
def test_cronbachs_alpha_agrees_with_the_slow_version(sample: Sample) -> None:
    items = [sample.data[f"item{place}"] for place in range(3)]
    rows = answered(*items)
    weights = sample.design().weights

    def spread(values: np.ndarray) -> float:
        centre = slow.mean(values, rows, weights)
        return float(slow.mean((values - centre) ** 2, rows, weights))

    expected = 3 / 2 * (1 - sum(map(spread, items)) / spread(sum(items)))
    assert alpha(["item0", "item1", "item2"], sample.design()) == pytest.approx(expected)


@given(samples())
@some
def test_the_logit_interval_of_a_share_agrees_with_the_slow_version(sample: Sample) -> None:
    yes = sample.data["yes"]
    rows = answered(yes)
    weights = sample.design().weights

    def logit(weights: np.ndarray) -> np.ndarray:
        share = slow.mean(yes, rows, weights)
        return np.array([np.log(share / (1 - share))])

    weighted = weights > 0
    units = sample.data["street"] if sample.drawing[0] else sample.data["person"]
    freedom = len(set(units[weighted])) - 3
    reach = stats.t.ppf(0.975, freedom) * np.sqrt(slow.covariance(logit, sample, weights)[0, 0])
    found = proportion_interval("yes", sample.design())
    middle = np.real(logit(weights))[0]
    assert [found.low, found.high] == pytest.approx(
        [1 / (1 + np.exp(-end)) for end in (middle - reach, middle + reach)], rel=1e-7
    )
