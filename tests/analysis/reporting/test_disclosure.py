from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from scipy.optimize import linprog

from analysis.estimation.estimates import Estimate, Observed
from analysis.reporting.disclosure import (
    FIRM_AREA_BASE,
    GROUP_BASE,
    MINIMUM_BASE,
    NOBODY_BASE,
    SMALLEST_CELL,
    Counts,
    Mask,
    Suppressed,
    hidden_cells,
    possible_range,
    protect,
    protect_classes,
    protect_means,
    protect_shares,
    protect_table,
)
from analysis.reporting.exports.dataset import lot_of


def estimate(respondents: int, value: float = 0.5) -> Estimate:
    return Estimate(
        value=value, standard_error=0.1, low=0.3, high=0.7, respondents=respondents, degrees_of_freedom=20
    )


@pytest.mark.parametrize("show", [str, "{}".format, "{:.1f}".format, float, lambda hidden: f"{hidden:>5}"])
def test_a_suppressed_figure_cannot_become_text_or_a_number(show) -> None:
    with pytest.raises(TypeError):
        show(Suppressed(reason="too_few", respondents=12))


def test_a_figure_needs_thirty_respondents() -> None:
    assert protect(estimate(MINIMUM_BASE)) == estimate(30)
    assert protect(estimate(MINIMUM_BASE - 1)) == Suppressed(reason="too_few", respondents=29)


def test_a_figure_without_degrees_of_freedom_is_not_shown() -> None:
    unsure = replace(estimate(200), degrees_of_freedom=0, low=-float("inf"), high=float("inf"))
    hidden = Suppressed(reason="no_margin", respondents=200)
    assert protect(unsure) == hidden
    assert protect_shares([80, 90], [unsure, estimate(200)])[0] == hidden
    assert protect_means([unsure, estimate(200)])[0] == hidden


def test_a_figure_of_an_area_is_indicative_below_fifty() -> None:
    at_limit = protect(estimate(FIRM_AREA_BASE), level="area")
    below = protect(estimate(FIRM_AREA_BASE - 1), level="area")
    assert isinstance(at_limit, Estimate)
    assert not at_limit.indicative
    assert isinstance(below, Estimate)
    assert below.indicative
    city = protect(estimate(FIRM_AREA_BASE - 1))
    assert isinstance(city, Estimate)
    assert not city.indicative


def test_open_participation_falls_under_the_same_rule() -> None:
    assert isinstance(protect(Observed(value=0.2, respondents=29)), Suppressed)
    assert protect(Observed(value=0.2, respondents=30)) == Observed(value=0.2, respondents=30)


def test_a_base_below_five_is_not_shown_either() -> None:
    assert protect(estimate(SMALLEST_CELL - 1)) == Suppressed(reason="too_few", respondents=None)
    assert protect(estimate(SMALLEST_CELL)) == Suppressed(reason="too_few", respondents=5)


def test_a_cell_of_five_is_shown_and_a_cell_of_four_is_not() -> None:
    assert not hidden_cells(np.array([[5, 40, 55]])).any()
    assert hidden_cells(np.array([[4, 40, 55]])).tolist() == [[True, True, False]]


def test_one_small_cell_takes_a_second_along_and_small_ones_together_a_third() -> None:
    assert hidden_cells(np.array([[4, 1, 40, 60]])).tolist() == [[True, True, False, False]]
    assert hidden_cells(np.array([[3, 1, 40, 60]])).tolist() == [[True, True, True, False]]


def fillings(total: int, cells: int) -> Iterator[tuple[int, ...]]:
    """All ways in which so many people may stand behind so many cells."""
    for most in combinations(range(total + cells - 1), cells - 1):
        bounds = (-1, *most, total + cells - 1)
        yield tuple(high - low - 1 for low, high in pairwise(bounds))


def possible(counts: list[int], hidden: Mask, lots: Sequence[bytes]) -> Counts:
    """What may stand behind hidden cells, to who knows the rule: by which these go and no others."""
    cells = np.flatnonzero(hidden)
    found = []
    for filling in fillings(int(np.array(counts)[cells].sum()), len(cells)):
        table = np.array([counts])
        table[0, cells] = filling
        if any((hidden_cells(table, lot=lot)[0] == hidden).all() for lot in lots):
            found.append(filling)
    return np.array(found)


LOTS = [lot_of(["r1"], f"{number}") for number in range(60)]


def test_that_the_smallest_goes_tells_how_many_are_in_it_and_a_lot_does_not() -> None:
    """Of 43 partners 8 answered 'very bad' and 4 'good': only these two numbers hide just these cells."""
    counts = [8, 11, 8, 4, 12]
    hidden = hidden_cells(np.array([counts]))[0]
    assert hidden.tolist() == [True, False, False, True, False]
    assert possible(counts, hidden, [b""]).tolist() == [[8, 4]]
    drawn = hidden_cells(np.array([counts]), lot=LOTS[0])[0]
    assert np.ptp(possible(counts, drawn, LOTS), axis=0).min() >= SMALLEST_CELL


@settings(deadline=None, max_examples=30)
@given(
    counts=st.lists(st.integers(0, 25), min_size=3, max_size=5).filter(lambda found: sum(found) >= 30),
    lot=st.sampled_from(LOTS),
)
def test_whoever_knows_the_rule_but_not_the_lot_learns_no_small_number(counts: list[int], lot: bytes) -> None:
    hidden = hidden_cells(np.array([counts]), lot=lot)[0]
    if not hidden.any() or np.array(counts)[hidden].sum() > 40:
        return
    found = possible(counts, hidden, LOTS)
    small = np.array(counts)[hidden] < SMALLEST_CELL
    least = found.min(axis=0)[small]
    assert ((np.ptp(found, axis=0)[small] >= SMALLEST_CELL) | (least == 0)).all()


def test_a_lot_is_the_same_as_long_as_the_first_response_stays_and_differs_by_question() -> None:
    assert lot_of(["b", "a", "c"], "k1") == lot_of(["a", "d"], "k1")
    assert len({lot_of(["a"], "k1"), lot_of(["b"], "k1"), lot_of(["a"], "k2")}) == 3
    assert lot_of(["a" * 100], "k1")  # an export made elsewhere may have long ids


def test_a_sensitive_answer_of_nearly_everybody_in_a_small_group_is_hidden() -> None:
    assert not hidden_cells(np.array([[89, 10]]), sensitive=True).any()
    assert hidden_cells(np.array([[90, 9]]), sensitive=True).all()
    assert not hidden_cells(np.array([[90, 9]])).any()
    assert not hidden_cells(np.array([[GROUP_BASE - 8, 8]]), sensitive=True).any()


def test_that_nobody_of_many_gave_an_answer_is_shown_unless_it_is_sensitive() -> None:
    assert not hidden_cells(np.array([[0, NOBODY_BASE]])).any()
    assert hidden_cells(np.array([[0, NOBODY_BASE - 1]])).all()
    assert hidden_cells(np.array([[0, 400]]), sensitive=True).all()
    assert hidden_cells(np.array([[1, 400]])).all()
    assert hidden_cells(np.array([[0, 3, 400, 40]])).tolist() == [[True, True, False, True]]


def test_an_answer_of_nobody_covers_no_small_one_of_another_area() -> None:
    hidden = hidden_cells(np.array([[0, 150], [2, 150], [60, 90]]))
    assert hidden[1].all()
    assert hidden[2].all()


def test_the_reason_does_not_tell_a_small_cell_from_one_hidden_beside_it() -> None:
    cells = protect_table(np.array([[4, 40, 55]]), [[estimate(99)] * 3], level="city")
    assert cells[0][0] == cells[0][1] == Suppressed(reason="protected", respondents=99)
    assert cells[0][2] == estimate(99)


def test_hiding_one_district_hides_a_second_so_that_the_city_does_not_give_it_away() -> None:
    cells = protect_shares([2, 40, 50, 60], [estimate(90) for _ in range(4)])
    assert [isinstance(cell, Suppressed) for cell in cells] == [True, True, False, False]


def test_an_area_with_three_answers_hides_one_other_and_not_all() -> None:
    cells = protect_shares([2, 40, 50, 60], [estimate(3), *(estimate(90) for _ in range(3))])
    assert [isinstance(cell, Suppressed) for cell in cells] == [True, False, False, True]


def test_an_area_where_nobody_was_asked_hides_no_other() -> None:
    cells = protect_shares([0, 25, 0], [estimate(0), estimate(60), estimate(0)])
    assert [isinstance(cell, Suppressed) for cell in cells] == [True, False, True]


@pytest.mark.parametrize(
    ("respondents", "hidden"),
    [
        ((60, 40, 80), (False, False, False)),
        ((60, 40, 3), (False, True, True)),  # else the mean of three follows from that of the city
        ((60, 40, 3, 12), (False, False, True, True)),
        ((60, 40, 1, 2, 80), (False, True, True, True, False)),
        ((60, 40, 20), (False, False, True)),
        ((60, 40, 0), (False, False, True)),
    ],
)
def test_the_mean_of_a_few_people_does_not_follow_from_the_others(
    respondents: tuple[int, ...], hidden: tuple[bool, ...]
) -> None:
    cells = protect_means([estimate(number) for number in respondents])
    assert tuple(isinstance(cell, Suppressed) for cell in cells) == hidden


tables = st.integers(2, 6).flatmap(
    lambda rows: st.integers(2, 5).flatmap(
        lambda columns: st.lists(
            st.lists(st.integers(0, 60), min_size=columns, max_size=columns), min_size=rows, max_size=rows
        )
    )
)


@given(tables, st.booleans())
@settings(max_examples=60)
def test_nobody_can_compute_a_small_cell_from_the_shown_cells_and_all_totals(
    rows: list[list[int]], sensitive: bool
) -> None:
    counts = np.array(rows)
    hidden = hidden_cells(counts, sensitive=sensitive)
    bases = counts.sum(axis=1)[:, None]
    nobody = (counts == 0) & (bases >= NOBODY_BASE) & (not sensitive)
    small = (counts < SMALLEST_CELL) & ~nobody
    assert hidden[small].all()
    if hidden.all():
        return
    for place in np.argwhere(hidden & small & (bases > 0)):
        least, most = attack(counts, hidden, (int(place[0]), int(place[1])))
        assert most - least >= min(SMALLEST_CELL, bases[place[0], 0]) - 1e-6


@given(tables)
@settings(max_examples=30)
def test_the_possible_range_holds_the_truth(rows: list[list[int]]) -> None:
    counts = np.array(rows)
    hidden = hidden_cells(counts)
    for row, column in np.argwhere(hidden)[:4]:
        least, most = possible_range(counts, hidden, (int(row), int(column)))
        assert least - 1e-6 <= counts[row, column] <= most + 1e-6


def attack(counts: np.ndarray, hidden: np.ndarray, place: tuple[int, int]) -> tuple[float, float]:
    """What an attacker knows of one cell: shown cells, all row and column totals, and no negative counts.

    Written anew, with every cell a variable, so that it does not share a mistake with the code.
    """
    rows, columns = counts.shape
    sides, sums = [], []
    for row in range(rows):
        side = np.zeros_like(counts, dtype=float)
        side[row] = 1
        sides.append(side.ravel())
        sums.append(counts[row].sum())
    for column in range(columns):
        side = np.zeros_like(counts, dtype=float)
        side[:, column] = 1
        sides.append(side.ravel())
        sums.append(counts[:, column].sum())
    bounds = [
        (0, None) if secret else (value, value)
        for secret, value in zip(hidden.ravel(), counts.ravel(), strict=True)
    ]
    target = np.zeros(counts.shape)
    target[place] = 1
    found = [linprog(sign * target.ravel(), A_eq=sides, b_eq=sums, bounds=bounds) for sign in (1, -1)]
    # An unbounded direction cannot occur: every cell is at most its row's total.
    return float(found[0].fun), float(-found[1].fun)


@given(st.lists(st.integers(0, 60), min_size=5, max_size=5), st.booleans())
@settings(max_examples=150)
def test_nobody_can_compute_a_small_answer_from_the_shown_answers_and_the_classes(
    hits: list[int], sensitive: bool
) -> None:
    places = ((0, 1), (2,), (3, 4))
    base = sum(hits)
    classes = [([*inside], estimate(base)) for inside in places]
    answers, of_classes = protect_classes(hits, [estimate(base)] * 5, classes, sensitive=sensitive)
    shown = [not isinstance(each, Suppressed) for each in answers]
    if base < MINIMUM_BASE:
        assert not any(shown)
        return
    known = [np.ones(5)]
    known += [np.eye(5)[place] for place in range(5) if shown[place]]
    known += [
        np.isin(range(5), inside).astype(float)
        for inside, cell in zip(places, of_classes, strict=True)
        if not isinstance(cell, Suppressed)
    ]
    sides = np.array(known)
    for place in range(5):
        small = hits[place] < SMALLEST_CELL and (sensitive or hits[place] > 0 or base < NOBODY_BASE)
        if small:
            assert not shown[place]
            least = linprog(np.eye(5)[place], A_eq=sides, b_eq=sides @ hits).fun
            most = -linprog(-np.eye(5)[place], A_eq=sides, b_eq=sides @ hits).fun
            assert most - least >= SMALLEST_CELL - 1e-6


def test_an_answer_stays_that_is_shown_beside_the_class_it_belongs_to() -> None:
    every = estimate(113)
    nested = [([0, 1], every), ([2], every), ([3, 4], every)]
    answers, classes = protect_classes([40, 3, 30, 20, 20], [every] * 5, nested)
    assert [isinstance(each, Suppressed) for each in answers] == [True, True, False, False, False]
    assert not any(isinstance(each, Suppressed) for each in classes)
