"""What is in the way of margins that exclude each other is named, and what would really help."""

import re
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.sampling.designs import Design
from analysis.weighting.adjustments import rake
from analysis.weighting.calibration import CalibrationError, EmptyCell, NotConverged

AGES, AREAS = ("young", "middle", "old"), ("A", "B", "C", "D")
Cells = dict[tuple[str, str], int]


def design(cells: Cells) -> Design:
    rows = [cell for cell, number in cells.items() for _ in range(number)]
    data = {"age": [age for age, _ in rows], "area": [area for _, area in rows]}
    return Design.of({name: np.array(values) for name, values in data.items()}, weights=np.ones(len(rows)))


def everybody_but(*empty: tuple[str, str]) -> Cells:
    return {(age, area): 3 for age in AGES for area in AREAS if (age, area) not in empty}


def refusal(cells: Cells, margins: Any) -> str:
    with pytest.raises(NotConverged) as refused:
        rake(design(cells), margins)
    return str(refused.value)


def test_the_empty_cells_in_the_way_and_the_mergers_that_help_are_named() -> None:
    cells = everybody_but(("old", "B"), ("old", "C"), ("old", "D"))
    margins = {
        "age": {"young": 20, "middle": 20, "old": 60},
        "area": {"A": 30, "B": 30, "C": 20, "D": 20},
    }
    message = refusal(cells, margins)
    assert "Nobody answered in age old with area B, age old with area C, age old with area D." in message
    assert "merge age middle and old" in message
    assert "young" not in message
    # Together A and B have 60 people, as many as are old: then nobody young could live there.
    assert "area A and B" not in message


def test_a_margin_of_two_levels_is_left_out_instead_of_merged() -> None:
    cells: Cells = {("young", "A"): 4, ("young", "B"): 4, ("old", "A"): 4}
    message = refusal(cells, {"age": {"young": 30, "old": 70}, "area": {"A": 40, "B": 60}})
    assert "Nobody answered in area B with age old." in message
    assert "leave out margin age; or leave out margin area" in message


def test_the_neighbours_of_an_empty_level_are_named() -> None:
    cells = {(age, area): number for (age, area), number in everybody_but().items() if age != "middle"}
    with pytest.raises(EmptyCell, match=r"in middle \(20 people\)\. Merge middle with young or old"):
        rake(design(cells), {"age": {"young": 20, "middle": 20, "old": 60}})


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_raking_succeeds_after_what_helps_and_after_no_other_merging(seed: int) -> None:
    random = np.random.default_rng(seed)
    cells = {(age, area): 2 for age in AGES for area in AREAS if random.random() < 0.6}
    shares = random.dirichlet(np.ones(3)), random.dirichlet(np.ones(4))
    margins: Any = {
        "age": dict(zip(AGES, 1000 * shares[0], strict=True)),
        "area": dict(zip(AREAS, 1000 * shares[1], strict=True)),
    }
    if {age for age, _ in cells} != set(AGES) or {area for _, area in cells} != set(AREAS):
        return
    try:
        rake(design(cells), margins)
    except NotConverged as error:
        advised = set(re.findall(r"merge (?:age|area) (\w+) and (\w+)", str(error)))
        concerned = set(re.findall(r"level (\w+) \(", str(error).split("cannot", 1)[-1]))
        for names in (AGES, AREAS):
            for pair in pairwise(names):
                if concerned & set(pair):
                    assert (pair in advised) == merging_helps(cells, margins, pair)


def merging_helps(cells: Cells, margins: Any, pair: tuple[str, str]) -> bool:
    first, second = pair
    merged: Cells = {}
    for (age, area), number in cells.items():
        cell = (first if age == second else age, first if area == second else area)
        merged[cell] = merged.get(cell, 0) + number
    fewer: Any = {name: dict(totals) for name, totals in margins.items()}
    for totals in fewer.values():
        if second in totals:
            totals[first] += totals.pop(second)
    try:
        rake(design(merged), fewer)
    except CalibrationError:
        return False
    return True
