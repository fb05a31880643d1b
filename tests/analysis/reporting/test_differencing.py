"""An attack: all published figures of a question taken together, and no small number of people follows."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from analysis.__main__ import read_export, read_plan, weigh_invited
from analysis.reporting.disclosure import NOBODY_BASE, SMALLEST_CELL, Suppressed, hide_sums
from analysis.reporting.exports.dataset import Dataset
from analysis.reporting.findings import indicators
from analysis.reporting.findings.outcome_values import Outcome
from analysis.reporting.findings.outcomes import Outcomes, gather
from tests.analysis.simulated import write_simulated_export

PLAN = Path(__file__).parents[3] / "analysis/plans/leiden-eindevaluatie.toml"

tables = st.integers(1, 3).flatmap(
    lambda rows: st.lists(st.lists(st.integers(0, 60), min_size=4, max_size=4), min_size=rows, max_size=rows)
)


def room(counts: np.ndarray, known: list[np.ndarray], place: tuple[int, ...]) -> float:
    """What an attacker does not know of a cell: its largest value less its smallest."""
    wanted = np.zeros(counts.shape)
    wanted[place] = 1
    sides = np.array([cells.ravel() for cells in known], dtype=float)
    ends = [linprog(sign * wanted.ravel(), A_eq=sides, b_eq=sides @ counts.ravel()).fun for sign in (1, -1)]
    return -ends[1] - ends[0]


@given(tables, st.booleans())
@settings(max_examples=40, deadline=None)
def test_no_small_cell_follows_from_the_sums_that_stay(rows: list[list[int]], sensitive: bool) -> None:
    counts = np.array(rows)
    everything = np.ones(counts.shape, dtype=bool)
    row_of = [np.arange(len(counts))[:, None] == place for place in range(len(counts))]
    columns = [
        np.isin(np.arange(4), chosen)[None] & everything for chosen in ([0], [0, 1], [0, 1, 2], [3], [2])
    ]
    bases = [everything & row for row in row_of]
    sums = [*columns, *(column & row for column in columns[:3] for row in row_of)]
    stay = hide_sums(counts, bases, sums, [True] * len(sums), sensitive=sensitive)
    known = [*bases, *(cells for cells, stays in zip(sums, stay, strict=True) if stays)]
    for place in np.ndindex(*counts.shape):
        base = counts[place[0]].sum()
        few = counts[place] < SMALLEST_CELL and base > 0
        if few and (sensitive or counts[place] > 0 or base < NOBODY_BASE):
            open_to_doubt = room(counts, known, place)
            told = any(stays and cells[place] for cells, stays in zip(sums, stay, strict=True))
            assert open_to_doubt >= min(SMALLEST_CELL, base) - 1e-6 or not told


def test_a_group_of_three_takes_no_figure_of_everybody_along() -> None:
    counts = np.array([[1, 1, 1], [40, 30, 20]])
    rows = [np.arange(2)[:, None] == place for place in range(2)]
    everything = np.ones(counts.shape, dtype=bool)
    sums = [everything & np.array([[True, False, False]]), everything & np.array([[True, True, False]])]
    bases = [everything & row for row in rows]
    assert hide_sums(counts, bases, sums, [True, True], sensitive=True) == [True, True]


def test_sums_that_tell_of_nobody_stay() -> None:
    counts = np.array([[40, 30, 20]])
    sums = [np.array([[True, False, False]]), np.array([[True, True, False]])]
    assert hide_sums(counts, [np.ones((1, 3), dtype=bool)], sums, [True, True], sensitive=True) == [
        True,
        True,
    ]


def test_of_two_sums_that_differ_by_a_few_people_one_goes() -> None:
    counts = np.array([[40, 2, 20]])
    sums = [np.array([[True, False, False]]), np.array([[True, True, False]])]
    stay = hide_sums(counts, [np.ones((1, 3), dtype=bool)], sums, [True, True], sensitive=False)
    assert sum(stay) == 1


@pytest.fixture(scope="module", params=[420, 900])
def attacked(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Dataset, Outcomes]:
    folder = tmp_path_factory.mktemp("attacked") / "export"
    write_simulated_export(folder, invited=300, respondents=request.param, seed=11)
    dataset = read_export(folder)
    plan = read_plan(PLAN, dataset)
    sample, weighting = weigh_invited(dataset, plan)
    others = dataset.take(dataset.usable("open", plan.weighting.dispositions))
    return sample, gather(dataset, sample, others, plan, weighting)


def test_no_two_indicators_of_a_question_tell_of_a_few_people_in_an_area(
    attacked: tuple[Dataset, Outcomes],
) -> None:
    sample, outcomes = attacked
    pairs = [
        (one, other)
        for one in outcomes.indicators
        for other in outcomes.indicators
        if one.indicator.key < other.indicator.key
        and (one.indicator.variable, one.indicator.scale) == (other.indicator.variable, other.indicator.scale)
        and one.indicator.kind == other.indicator.kind == "proportion"
    ]
    assert pairs
    for one, other in pairs:
        for area in range(len(one.areas)):
            if not any(isinstance(each.areas[area].cell, Suppressed) for each in (one, other)):
                assert apart(sample, one, other, one.areas[area].area.code) not in range(1, SMALLEST_CELL)


def apart(sample: Dataset, one: Outcome, other: Outcome, area: str) -> int:
    """By how many people in an area two indicators differ, where one holds the other; else a safe number."""
    here = sample.texts["area"] == area
    first, second = (indicators.values(sample, each.indicator)[here] == 1 for each in (one, other))
    inside = not (first & ~second).any() or not (second & ~first).any()
    return int((first != second).sum()) if inside else SMALLEST_CELL


def test_an_answer_does_not_follow_from_an_indicator_and_the_other_answers(
    attacked: tuple[Dataset, Outcomes],
) -> None:
    sample, outcomes = attacked
    tried = 0
    by_variable = {each.variable: each for each in outcomes.distributions}
    for outcome in outcomes.indicators:
        distribution = by_variable.get(outcome.indicator.variable)
        if distribution is None or outcome.indicator.kind != "proportion" or outcome.indicator.scale:
            continue
        if isinstance(outcome.whole, Suppressed) or outcome.indicator.variable not in sample.codes:
            continue
        codes = sample.codes[outcome.indicator.variable]
        inside = [each for each in distribution.answers if set(each.codes) <= set(outcome.indicator.codes)]
        hidden = [each for each in inside if isinstance(each.cell, Suppressed)]
        tried += 1
        if len(hidden) == 1 and not outcome.indicator.include:
            assert int(np.isin(codes, [*hidden[0].codes]).sum()) not in range(1, SMALLEST_CELL)
    assert tried > 10
