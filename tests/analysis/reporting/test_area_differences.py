import math

import numpy as np
import numpy.typing as npt

from analysis.reporting.findings.area_differences import SIGNIFICANCE, AreaDifference, compare_areas
from analysis.reporting.findings.indicators import estimate
from analysis.reporting.wording import Kind
from analysis.sampling.designs import Design, persons


def compared(
    values: npt.NDArray[np.float64],
    design: Design,
    area: npt.NDArray[np.intp],
    shown: list[str],
    *,
    relevant: float,
    kind: Kind = "proportion",
) -> tuple[AreaDifference, ...]:
    published = [
        (
            estimate(kind, values, design, area == int(level)),
            estimate(kind, values, design, area != int(level)),
        )
        for level in shown
    ]
    return compare_areas(values, design, area, shown, published, relevant)


def test_a_district_is_marked_only_when_the_difference_is_real_and_large_enough() -> None:
    random = np.random.default_rng(3)
    area = np.repeat(np.arange(4), 500)
    values = random.random(2000) < np.array([0.3, 0.5, 0.5, 0.5])[area]
    design = persons(np.ones(2000), area, ("a", "b", "c", "d"))
    shown = ["0", "1", "2", "3"]
    found = compared(values.astype(float), design, area, shown, relevant=0.05)
    assert found[0].mark == "lower"
    assert found[0].adjusted_p < SIGNIFICANCE
    strict = compared(values.astype(float), design, area, shown, relevant=0.5)
    assert [each.mark for each in strict] == ["same"] * 4


def test_of_many_true_nulls_few_districts_are_marked() -> None:
    random = np.random.default_rng(4)
    area = np.repeat(np.arange(10), 60)
    design = persons(np.ones(600), area, "abcdefghij")
    shown = [str(place) for place in range(10)]
    marked = sum(
        any(
            each.mark != "same"
            for each in compared(random.normal(size=600), design, area, shown, relevant=1e-9, kind="mean")
        )
        for _ in range(200)
    )
    assert marked / 200 < 0.05 + 3 * math.sqrt(0.05 * 0.95 / 200)


def of_one_answer(same: int, others: int, rest: int) -> AreaDifference:
    """The first area, of so many people who all say yes, beside a hundred others, of whom so many do."""
    area = np.repeat([0, 1], [same, others])
    values = np.concatenate([np.ones(same), np.arange(others) < rest]).astype(float)
    design = persons(np.ones(len(area)), np.zeros(len(area), dtype=int), ("all",))
    return compared(values, design, area, ["0"], relevant=0.05)[0]


def test_an_area_where_all_gave_one_answer_is_not_certain_of_it() -> None:
    """Of 30 people who all say yes, the share may be 88%; that is no proof of a difference with 90%."""
    close = of_one_answer(30, 400, 360)
    assert close.difference.p_value < 1e-6  # the standard error of the area is 0
    assert close.adjusted_p > SIGNIFICANCE
    assert close.mark == "same"
    far = of_one_answer(60, 400, 240)
    assert far.mark == "higher"


def test_a_grade_that_all_of_an_area_gave_is_not_compared() -> None:
    area = np.repeat([0, 1], [40, 60])
    design = persons(np.ones(100), np.zeros(100, dtype=int), ("all",))
    for rest in (np.full(60, 7.0), 7 + np.arange(60) % 2 / 10):
        (found,) = compared(
            np.concatenate([np.full(40, 8.0), rest]), design, area, ["0"], relevant=0.3, kind="mean"
        )
        assert (found.adjusted_p, found.mark) == (1.0, "same")


def test_where_no_area_is_published_none_is_compared() -> None:
    design = persons(np.ones(6), np.zeros(6, dtype=int), ("all",))
    assert compared(np.arange(6.0), design, np.arange(6) % 2, [], relevant=0.1) == ()
