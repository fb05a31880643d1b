"""Over repeated draws from a town with known answers: is the bias gone, do the intervals hold?"""

from pathlib import Path

import numpy as np
import pytest

from analysis.comparison import Compared, compare, truths
from analysis.plan import AnalysisPlan, Indicator, parse
from analysis.weights import weigh
from tests.analysis.town import Town, build, monte_carlo_error

DRAWS = 400
INVITED = 400
PLAN = Path(__file__).parents[2] / "analysis/plans/leiden-eindevaluatie.toml"


@pytest.fixture(scope="module")
def town() -> Town:
    return build(seed=546)


@pytest.fixture(scope="module")
def found(town: Town) -> list[Compared]:
    plan = parse(PLAN.read_bytes(), town.questionnaire, town.population)
    indicators = chosen(plan)
    truth = truths(town.responses(np.arange(len(town.age))), indicators)
    random = np.random.default_rng(20261123)
    results: list[Compared] = []
    for _ in range(DRAWS):
        sample = town.draw(random, INVITED)
        results += compare(sample, weigh(sample, plan.weighting).design, truth, indicators)
    return results


def chosen(plan: AnalysisPlan) -> list[Indicator]:
    keys = {"neighbourhood_grade", "unmet_need", "trust", "volunteers"}
    return [indicator for indicator in plan.indicators if indicator.key in keys]


def test_weighting_removes_the_bias_of_who_takes_part(found: list[Compared]) -> None:
    for key in {row.indicator.key for row in found}:
        rows = [row for row in found if row.indicator.key == key and not row.area]
        raw = np.mean([row.unweighted - row.truth for row in rows])
        weighted = np.array([row.weighted.value - row.truth for row in rows])
        noise = weighted.std(ddof=1) / np.sqrt(len(rows))
        assert abs(raw) > 10 * noise, "the raw sample should be off, or there is nothing to repair"
        assert abs(weighted.mean()) < 0.1 * abs(raw) + 3 * noise


def test_about_95_in_100_intervals_of_the_town_cover_the_truth(found: list[Compared]) -> None:
    for key in {row.indicator.key for row in found}:
        rows = [row for row in found if row.indicator.key == key and not row.area]
        covered = np.mean([row.covered for row in rows])
        assert abs(covered - 0.95) < 3 * monte_carlo_error(0.95, len(rows)), f"{key}: {covered:.3f}"


def test_about_95_in_100_intervals_of_the_districts_cover_the_truth(found: list[Compared]) -> None:
    rows = [row for row in found if row.area]
    covered = np.mean([row.covered for row in rows])
    # Districts of one draw are independent, the four answers of a district are not quite.
    assert abs(covered - 0.95) < 3 * monte_carlo_error(0.95, len(rows) // 4), f"{covered:.4f}"


def test_plain_intervals_would_not_cover_the_truth(found: list[Compared]) -> None:
    rows = [row for row in found if not row.area]
    inside = [abs(row.unweighted - row.truth) < row.weighted.high - row.weighted.value for row in rows]
    assert np.mean(inside) < 0.5


def test_standard_errors_are_the_spread_over_draws(found: list[Compared]) -> None:
    for key in {row.indicator.key for row in found}:
        rows = [row for row in found if row.indicator.key == key and not row.area]
        spread = np.std([row.weighted.value for row in rows], ddof=1)
        claimed = np.mean([row.weighted.standard_error for row in rows])
        # A standard deviation over 400 draws is known to about 3.5%.
        assert claimed / spread == pytest.approx(1, abs=0.12)
