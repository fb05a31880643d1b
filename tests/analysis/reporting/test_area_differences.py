import math

import numpy as np

from analysis.reporting.findings.area_differences import SIGNIFICANCE, compare_areas
from analysis.sampling.designs import persons


def test_a_district_is_marked_only_when_the_difference_is_real_and_large_enough() -> None:
    random = np.random.default_rng(3)
    area = np.repeat(np.arange(4), 500)
    values = random.random(2000) < np.array([0.3, 0.5, 0.5, 0.5])[area]
    design = persons(np.ones(2000), area, ("a", "b", "c", "d"))
    shown = ["0", "1", "2", "3"]
    found = compare_areas(values.astype(float), design, area, shown, relevant=0.05)
    assert found[0].mark == "lower"
    assert found[0].adjusted_p < SIGNIFICANCE
    strict = compare_areas(values.astype(float), design, area, shown, relevant=0.5)
    assert [each.mark for each in strict] == ["same"] * 4


def test_of_many_true_nulls_few_districts_are_marked() -> None:
    random = np.random.default_rng(4)
    area = np.repeat(np.arange(10), 60)
    design = persons(np.ones(600), area, "abcdefghij")
    shown = [str(place) for place in range(10)]
    marked = sum(
        any(
            each.mark != "same"
            for each in compare_areas(random.normal(size=600), design, area, shown, relevant=1e-9)
        )
        for _ in range(200)
    )
    assert marked / 200 < 0.05 + 3 * math.sqrt(0.05 * 0.95 / 200)


def test_where_no_area_is_published_none_is_compared() -> None:
    design = persons(np.ones(6), np.zeros(6, dtype=int), ("all",))
    assert compare_areas(np.arange(6.0), design, np.arange(6) % 2, [], relevant=0.1) == ()
