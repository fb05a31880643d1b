"""A few draws of the study of docs/coverage.md, and what must hold in them; the page has all of it."""

import math
import re

import numpy as np
import pytest

from tests.coverage import scenes
from tests.coverage.__main__ import PAGE
from tests.coverage.people import Table, census, everybody, per_district, persons_design
from tests.coverage.scenes import Hits, covers
from tests.coverage.statistics import together
from tests.coverage.tables import SCENES, SEED, Scene, coverage, study, table, worst

DRAWS = 20
ERROR = math.sqrt(0.95 * 0.05 / (10 * DRAWS))
"""Of the coverage of one statistic in ten districts, when it is 95%."""

SOUND = ("mean", "total", "ratio", "median, without ties", "difference of two districts")


@pytest.fixture(scope="module")
def people() -> Table:
    return everybody()


def drawn(people: Table, scene: Scene, size: int, draws: int = DRAWS) -> Hits:
    ((_, found),) = study(scene._replace(sizes=(size,)), people, draws)
    return {name: np.array([draw[name] for draw in found]) for name in found[0]}


def test_about_95_in_100_intervals_hold_the_truth(people: Table) -> None:
    held = drawn(people, Scene(scenes.estimates, DRAWS), 60)
    for name in SOUND:
        assert 0.95 - 4 * ERROR < coverage(held[name]).share < 1, name
    together = np.mean([coverage(held[name]).share for name in SOUND])
    # Statistics of the same draw hang together, so that five are worth two.
    assert together == pytest.approx(0.95, abs=3 * ERROR / math.sqrt(2))


def test_intervals_half_as_wide_would_be_found_out(people: Table) -> None:
    truth = together(census(people)).value
    held = []
    for seed in range(DRAWS):
        found = together(persons_design(per_district(people, 60, np.random.default_rng(seed))))
        low, high = ((bound + found.value) / 2 for bound in (found.low, found.high))
        held.append(covers(found._replace(low=low, high=high), truth))
    # A normal estimate is within 0.98 of its standard errors in 67 of 100 draws.
    assert coverage(np.array(held)).share == pytest.approx(0.67, abs=4 * math.sqrt(0.67 * 0.33 / 200))


def test_who_leaves_out_the_streets_has_intervals_that_are_too_short(people: Table) -> None:
    held = drawn(people, Scene(scenes.streets, DRAWS), 120)
    known, forgotten = (coverage(held[f"mean, streets{rest}"]).share for rest in ("", " left out"))
    assert known > 0.95 - 4 * ERROR
    assert forgotten < known - 0.02


def test_no_method_repairs_that_people_come_because_of_their_answer(people: Table) -> None:
    held = drawn(people, Scene(scenes.open_participation, 4), 3000, draws=4)
    broken = [part for name, part in held.items() if name.endswith("fails")]
    assert np.mean(broken) < 0.5 < np.mean([part for name, part in held.items() if name.endswith("holds")])


def test_the_same_draws_come_back_and_other_sizes_do_not_change_them(people: Table) -> None:
    scene = Scene(scenes.shares, 2, sizes=(15, 30))
    both = dict(study(scene, people, 2))
    ((_, alone),) = study(scene._replace(sizes=(30,)), people, 2)
    for first, again in zip(both[30], alone, strict=True):
        for name in first:
            np.testing.assert_array_equal(first[name], again[name])


def test_coverage_counts_intervals_and_takes_draws_as_units() -> None:
    held = np.array([[1, 1, np.nan, 1], [0, 0, 1, 1], [1, 1, 1, 1]])
    found = coverage(held)
    assert found.share == pytest.approx(9 / 11)
    assert found.lacking == pytest.approx(1 / 12)
    away = [3 * (1 - 9 / 11), 2 - 4 * 9 / 11, 4 * (1 - 9 / 11)]
    assert found.error == pytest.approx(math.hypot(*away) / 11)
    assert coverage(worst(held[1:])).share == 0.5


def test_a_table_marks_what_is_too_short_and_what_could_not_be_made() -> None:
    hits = [{"few": np.array([1.0, 0.0]), "none": np.array([np.nan, np.nan])}] * 3
    lines = table(Scene(scenes.shares, 3), [(15, hits)]).splitlines()
    assert "| few | **50.0** |" in lines
    assert "| none | – |" in lines
    assert "3 draws" in lines[-1]


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_the_page_has_the_table_of_every_scene_as_it_would_be_made_now(scene: Scene) -> None:
    page = PAGE.read_text(encoding="utf-8")
    found = re.search(f"<!-- {scene.name} -->\n(.*?)<!-- end -->", page, re.DOTALL)
    assert found is not None
    assert found[1].splitlines()[0] == f"| | {' | '.join(map(str, scene.sizes))} |"
    assert f"{scene.draws} draws" in found[1]
    assert str(SEED) in page
