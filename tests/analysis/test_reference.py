"""Our numbers against R's survey package (tests/reference/weighting)."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analysis.calibration import Margin, rake, raking
from analysis.designs import Design, persons, reweighted
from analysis.variance import effective_number

FOLDER = Path(__file__).parent.parent / "reference" / "weighting"
CASES = {case["id"]: case for case in json.loads((FOLDER / "cases.json").read_text())}


def table(case: dict[str, Any]) -> dict[str, list[str]]:
    with (FOLDER / case["data"]).open(newline="") as file:
        rows = list(csv.DictReader(file))
    for condition in case.get("filter", ()):
        rows = [row for row in rows if row[condition["column"]] == str(condition["value"])]
    return {name: [row[name] for row in rows] for name in rows[0]}


def numbers(column: list[str]) -> np.ndarray:
    return np.array([float(value) if value else np.nan for value in column])


def coded(column: list[str]) -> tuple[tuple[str, ...], np.ndarray]:
    levels, codes = np.unique(column, return_inverse=True)
    return tuple(levels.tolist()), codes


def design_of(case: dict[str, Any], data: dict[str, list[str]]) -> Design:
    names, strata = coded(data[case["design"]["strata"]])
    base = numbers(data[case["design"]["weights"]])
    people = None
    if "fpc" in case["design"]:
        counts = numbers(data[case["design"]["fpc"][0]])
        people = np.array([counts[strata == h][0] for h in range(len(names))])
    margins = [margin(each, data) for step in case.get("adjust", ()) for each in step["margins"]]
    drawn = persons(base, strata, names, people)
    if not margins:
        return drawn
    new = rake(base, margins, tolerance=1e-13).weights
    return reweighted(drawn, new, raking(base, new, margins))


def margin(written: dict[str, Any], data: dict[str, list[str]]) -> Margin:
    by = [written["by"]] if isinstance(written["by"], str) else written["by"]
    levels = ["/".join(str(total[name]) for name in by) for total in written["totals"]]
    rows = ["/".join(parts) for parts in zip(*(data[name] for name in by), strict=True)]
    return Margin(
        key="/".join(by),
        levels=tuple(levels),
        codes=np.array([levels.index(row) for row in rows]),
        targets=np.array([float(total["total"]) for total in written["totals"]]),
    )


def load(identity: str) -> tuple[dict[str, Any], dict[str, list[str]], Design]:
    case = CASES[identity]
    data = table(case)
    return case, data, design_of(case, data)


def close(case: dict[str, Any], ours: float, expected: float) -> bool:
    return bool(abs(ours - expected) <= case["tolerance_rel"] * abs(expected) + 1e-9)


def cases(*statistics: str) -> list[str]:
    return [name for name, case in CASES.items() if case["estimate"]["stat"] in statistics]


@pytest.mark.parametrize("identity", cases("weights"))
def test_raked_weights_equal_those_of_r(identity: str) -> None:
    case, _, design = load(identity)
    expected = case["expected"]
    shown = design.weights[: len(expected["weights"])]
    assert all(close(case, ours, theirs) for ours, theirs in zip(shown, expected["weights"], strict=True))
    assert close(case, design.weights.sum(), expected["sum"])
    assert close(case, effective_number(design.weights), expected["kish_neff"])
    assert close(case, design.weights @ np.arange(1, len(design.weights) + 1), expected["sum_w_times_row"])
