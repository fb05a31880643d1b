"""Over repeated draws from the city of the demo: is the bias gone, do the intervals hold?

Who takes part depends on age, sex, district and origin. The plan has no margin of origin, so what hangs
together with it keeps a bias. The synthetic city can be counted, so there a margin of origin can be had.
"""

import math
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
import pytest

from analysis.reporting.exports.dataset import POPULATION, PopulationCount, parse_population
from analysis.reporting.findings.comparison import Compared, compare, covers, truths
from analysis.reporting.plans.plan import parse
from analysis.reporting.plans.weighting_plan import MarginPlan
from analysis.reporting.weighting.weights import Weighting, weigh
from analysis.weighting.calibration import Regression
from survey.questionnaires.folder import read_folder
from survey.questionnaires.problems import Findings
from survey.simulate.command import read_city
from survey.simulate.taking_part import draw_participants
from tests.analysis.simulated import responses
from tests.analysis.town import DEFINITION

DRAWS = 80
OF_DISTRICTS = slice(0, None, 4)
"""Every fourth indicator of the plan is compared in the districts too: 90 intervals in every draw."""
RESPONDENTS = 1150
LETTERS = 460
PLAN = Path(__file__).parents[2] / "analysis/plans/leiden-eindevaluatie.toml"
SYNTHETIC = MarginPlan(
    population="origin, counted in the synthetic city",
    variable="q39b",
    categories={"netherlands": (1,), "europe": (2,), "outside_europe": (3,)},
)
HELD_BY_ORIGIN = "hard_to_get_by"


class Draw(NamedTuple):
    """One sample: its weighting, all that was compared, and the municipality's with origin as a margin."""

    weighting: Weighting
    compared: tuple[Compared, ...]
    with_origin: tuple[Compared, ...]


@pytest.fixture(scope="module")
def draws() -> list[Draw]:
    questionnaire, simulation, city = read_city(DEFINITION, seed=1)
    population = parse_population(read_folder(DEFINITION)[POPULATION], Findings(POPULATION))
    plan = parse(PLAN.read_bytes(), questionnaire, population)
    with_origin = msgspec.structs.replace(plan.weighting, margins=(*plan.weighting.margins, SYNTHETIC))
    names, places = city.persons.traits["origin"]
    counted = population + tuple(
        PopulationCount(
            margin=SYNTHETIC.population,
            area=questionnaire.municipality.code,
            category=name,
            count=float((places == place).sum()),
            status="estimate",
            reference_date="",
            source="synthetic",
            method="",
        )
        for place, name in enumerate(names)
    )
    everybody = responses(questionnaire, city, np.arange(city.persons.size), population)
    truth = truths(everybody, plan.indicators)
    whole = {place: value for place, value in truth.items() if not place[1]}
    in_districts = {each.key for each in plan.indicators[OF_DISTRICTS]}
    wanted = whole | {place: value for place, value in truth.items() if place[0] in in_districts}
    letters = {area.code: [""] * LETTERS for area in questionnaire.municipality.areas}
    found = []
    for seed in range(DRAWS):
        # Another seed for who is invited and takes part; the city and its answers stay.
        persons = msgspec.structs.replace(city.persons, seed=1000 + seed)
        people = draw_participants(persons, simulation, letters, RESPONDENTS, 0.0)
        sample = responses(questionnaire, city, np.array([each.person for each in people]), counted)
        weighting, more = weigh(sample, plan.weighting), weigh(sample, with_origin)
        found.append(
            Draw(
                weighting=weighting,
                compared=tuple(compare(sample, weighting.design, wanted, plan.indicators)),
                with_origin=tuple(compare(sample, more.design, whole, plan.indicators)),
            )
        )
    return found


def municipality(draws: list[Draw]) -> list[list[Compared]]:
    return [[row for row in draw.compared if not row.area] for draw in draws]


def coverage(rows: list[list[Compared]]) -> tuple[float, float]:
    """The share of intervals that cover, and its standard error: a draw's intervals hang together."""
    shares = [np.mean([covers(row.weighted, row.truth) for row in draw]) for draw in rows]
    return float(np.mean(shares)), float(np.std(shares, ddof=1) / math.sqrt(len(shares)))


def bias(rows: list[list[Compared]], key: str) -> tuple[float, float]:
    """The mean error of one indicator over the draws, and its standard error."""
    errors = [row.weighted.value - row.truth for draw in rows for row in draw if row.indicator.key == key]
    return float(np.mean(errors)), float(np.std(errors, ddof=1) / math.sqrt(len(errors)))


def test_without_weights_many_intervals_miss(draws: list[Draw]) -> None:
    rows = [row for draw in municipality(draws) for row in draw]
    assert np.mean([covers(row.unweighted, row.truth) for row in rows]) < 0.7


def test_weighting_moves_the_estimates_towards_the_truth(draws: list[Draw]) -> None:
    shares = [row for draw in municipality(draws) for row in draw if row.indicator.kind == "proportion"]
    before = np.mean([abs(row.unweighted.value - row.truth) for row in shares])
    after = np.mean([abs(row.weighted.value - row.truth) for row in shares])
    assert after < 0.7 * before


def test_about_95_in_100_intervals_of_the_municipality_cover_the_truth(draws: list[Draw]) -> None:
    covered, error = coverage(municipality(draws))
    assert 0.93 - 3 * error < covered < 0.95 + 3 * error, f"{covered:.4f} ({error:.4f})"


def test_about_95_in_100_intervals_of_the_districts_cover_the_truth(draws: list[Draw]) -> None:
    covered, error = coverage([[row for row in draw.compared if row.area] for draw in draws])
    assert 0.94 - 3 * error < covered < 0.95 + 3 * error, f"{covered:.4f} ({error:.4f})"


def test_what_hangs_together_with_origin_keeps_a_bias_of_about_a_point(draws: list[Draw]) -> None:
    off, error = bias(municipality(draws), HELD_BY_ORIGIN)
    assert off == pytest.approx(-0.011, abs=3 * error)
    assert off < -3 * error


def test_a_margin_of_origin_takes_that_bias_away(draws: list[Draw]) -> None:
    rows = [list(draw.with_origin) for draw in draws]
    off, error = bias(rows, HELD_BY_ORIGIN)
    assert abs(off) < 3 * error
    covered, error = coverage(rows)
    assert abs(covered - 0.945) < 3 * error, f"{covered:.4f} ({error:.4f})"


def test_standard_errors_are_the_spread_over_draws_less_what_the_levels_take(draws: list[Draw]) -> None:
    rows = np.array(
        [[(row.weighted.value, row.weighted.standard_error) for row in draw] for draw in municipality(draws)]
    )
    spread = rows[:, :, 0].std(axis=0, ddof=1)
    claimed = np.sqrt((rows[:, :, 1] ** 2).mean(axis=0))
    levels = np.mean([levels_of(draw.weighting) for draw in draws])
    expected = math.sqrt(1 - levels / RESPONDENTS)
    # 36 standard deviations over 80 draws, each known to about 8%.
    assert np.mean(claimed / spread) == pytest.approx(expected, abs=0.03)


def levels_of(weighting: Weighting) -> int:
    """The number of levels that a margin does not already imply."""
    (step,) = weighting.design.adjustments
    assert isinstance(step, Regression)
    return int(np.linalg.matrix_rank(step.solution.times(np.eye(step.model.shape[1]))))
