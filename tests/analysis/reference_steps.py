"""The reference cases of R, read for tests of the engine."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from analysis.adjustments import Adjusted, calibrate, poststratify, rake, trim
from analysis.designs import Design, Replicates

FOLDER = Path(__file__).parent.parent / "reference" / "weighting"


def cases(group: str) -> dict[str, dict[str, Any]]:
    return {case["id"]: case for case in json.loads((FOLDER / f"cases_{group}.json").read_text())["cases"]}


def columns(name: str, conditions: Any = ()) -> dict[str, np.ndarray]:
    with (FOLDER / name).open(newline="") as file:
        rows = list(csv.DictReader(file))
    for condition in conditions or ():
        assert condition["op"] == "=="
        rows = [row for row in rows if row[condition["column"]] == str(condition["value"])]
    return {name: column([row[name] for row in rows]) for name in rows[0]}


def column(texts: list[str]) -> np.ndarray:
    try:
        return np.array([float(text) if text else np.nan for text in texts])
    except ValueError:
        return np.array([text or None for text in texts], dtype=object)


def design(case: dict[str, Any]) -> Design:
    data = columns(case["data"], case.get("filter"))
    written = case["design"]
    made = Design.of(
        data,
        weights=written.get("weights"),
        strata=written.get("strata"),
        clusters=written.get("psu", ()),
        population=written.get("fpc", ()),
        nested=written.get("nest", False),
    )
    if written["type"] == "linearised":
        return made
    factors = np.column_stack(list(columns(written["replicate_weights"]).values()))
    rscales = np.resize(np.array(written["rscales"], dtype=float), factors.shape[1])
    return Design(
        weights=made.weights,
        stages=made.stages,
        replicates=Replicates(
            weights=made.weights[:, None] * factors, scale=written["scale"], rscales=rscales
        ),
        data=data,
    )


def totals(by: Any, written: list[dict[str, Any]]) -> dict[Any, float]:
    names = [by] if isinstance(by, str) else by
    return {tuple(row[name] for name in names): row["total"] for row in written}


def step(before: Design, written: dict[str, Any]) -> Adjusted:
    match written["method"]:
        case "poststratify":
            return poststratify(before, written["by"], totals(written["by"], written["totals"]))
        case "rake":
            return raked(before, written["margins"])
        case "trim":
            return trim(
                before,
                written.get("upper", np.inf),
                written.get("lower", -np.inf),
                strict=written.get("strict", False),
            )
        case "calibrate":
            return calibrate(
                before,
                written["formula"],
                written["population"],
                distance=written["calfun"],
                bounds=tuple(written["bounds"]) if "bounds" in written else None,
                bounds_on_weights=written.get("bounds_on_weights", False),
                variance=written.get("variance"),
                equal_within=before.stages[0].units if written.get("equal_within_psu") else None,
            )
    raise AssertionError(written["method"])


def raked(before: Design, margins: list[dict[str, Any]]) -> Adjusted:
    names = [(each["by"],) if isinstance(each["by"], str) else tuple(each["by"]) for each in margins]
    return rake(before, {by: totals(by, each["totals"]) for by, each in zip(names, margins, strict=True)})


def adjusted(case: dict[str, Any]) -> Design:
    made = design(case)
    for written in case.get("adjust", ()):
        made = step(made, written).design
    return made


def wrong(ours: Any, expected: Any, tolerance: float) -> Iterator[str]:
    """What differs by more than the tolerance of the case."""
    for place, (one, other) in enumerate(zip(np.ravel(ours), np.ravel(expected), strict=True)):
        if not abs(one - other) <= tolerance * abs(other) + 1e-9:
            yield f"place {place}: {one!r}, expected {other!r}"


def check(ours: Any, expected: Any, case: dict[str, Any]) -> None:
    assert not list(wrong(ours, expected, case["tolerance_rel"]))
