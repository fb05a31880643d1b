"""The cases of tests/reference/weighting: their data, their designs, and whether ours is close enough."""

import csv
import json
import operator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from msgspec.structs import replace

from analysis.calibration import Margin, rake, raking
from analysis.columns import crossed, numbers
from analysis.designs import Design, Replicates, reweighted

FOLDER = Path(__file__).parent.parent / "reference" / "weighting"

SIGNS = {
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}

Case = dict[str, Any]


@cache
def cases() -> dict[str, Case]:
    found = (json.loads(path.read_text())["cases"] for path in sorted(FOLDER.glob("cases_*.json")))
    return {case["id"]: case for group in found for case in group}


def cases_of(*statistics: str) -> list[str]:
    """The cases of these statistics whose weights are not adjusted, or raked."""
    return [
        name
        for name, case in cases().items()
        if case["estimate"].get("stat") in statistics
        and all(step["method"] == "rake" for step in case.get("adjust", ()))
    ]


def design_of(case: Case) -> Design:
    data = table(case["data"])
    kept = satisfied(data, case.get("filter", ()))
    data = {name: column[kept] for name, column in data.items()}
    drawn = _drawn(case["design"], data)
    for step in case.get("adjust", ()):
        margins = [_margin(margin, data) for margin in step["margins"]]
        new = rake(drawn.weights, margins, tolerance=1e-13).weights
        again = _raked_again(drawn.replicates, margins)
        drawn = replace(reweighted(drawn, new, raking(drawn.weights, new, margins)), replicates=again)
    return drawn


def _raked_again(replicates: Replicates | None, margins: list[Margin]) -> Replicates | None:
    """The weights of every replicate raked apart; who has none in it keeps none."""
    if replicates is None:
        return None
    weights = np.zeros_like(replicates.weights)
    for place, old in enumerate(replicates.weights.T):
        kept = old > 0
        within = [replace(margin, codes=margin.codes[kept]) for margin in margins]
        weights[kept, place] = rake(old[kept], within, tolerance=1e-13).weights
    return replace(replicates, weights=weights)


def domain_of(case: Case, design: Design) -> np.ndarray | None:
    return satisfied(design.data, case["subset"]) if "subset" in case else None


def expected_of(case: Case) -> dict[str, Any]:
    return {**case["expected"], **case.get("expected_weighted_residuals", {})}


def close(case: Case, ours: Any, theirs: Any) -> bool:
    """Element by element within the tolerance of the case."""
    expected = np.asarray(theirs, dtype=float)
    return bool((np.abs(np.asarray(ours) - expected) <= case["tolerance_rel"] * abs(expected) + 1e-9).all())


@cache
def table(name: str) -> dict[str, np.ndarray]:
    """A file as columns: numbers where every cell is one, nan for an empty one, else text."""
    with (FOLDER / name).open(newline="") as file:
        rows = list(csv.DictReader(file))
    return {column: _typed([row[column] for row in rows]) for column in rows[0]}


def satisfied(data: dict[str, np.ndarray], conditions: Any) -> np.ndarray:
    found = np.ones(len(next(iter(data.values()))), dtype=bool)
    for condition in conditions:
        found &= SIGNS[condition["op"]](data[condition["column"]], condition["value"])
    return found


def _typed(cells: list[str]) -> np.ndarray:
    try:
        return np.array([float(cell) if cell else np.nan for cell in cells])
    except ValueError:
        return np.array(cells)


def _drawn(written: dict[str, Any], data: dict[str, np.ndarray]) -> Design:
    if written["type"] == "replicate":
        base = numbers(data, written["weights"])
        factors = np.column_stack(list(table(written["replicate_weights"]).values()))
        return Design(
            weights=base,
            stages=(),
            data=data,
            replicates=Replicates(
                weights=base[:, None] * factors,
                scale=written["scale"],
                rscales=np.asarray(written["rscales"], dtype=float),
                mse=written["mse"],
            ),
        )
    return Design.of(
        data,
        weights=written.get("weights"),
        strata=written.get("strata"),
        clusters=written["psu"],
        population=written.get("fpc", ()),
        nested=written.get("nest", False),
        lonely=written.get("lonely_psu", "fail"),
        lonely_in_domains=written.get("lonely_domain_adjust", False),
    )


def _margin(written: dict[str, Any], data: dict[str, np.ndarray]) -> Margin:
    by = [written["by"]] if isinstance(written["by"], str) else written["by"]
    found = crossed(data, by)
    totals = {".".join(str(total[name]) for name in by): float(total["total"]) for total in written["totals"]}
    return Margin(
        key=".".join(by),
        levels=found.levels,
        codes=found.codes,
        targets=np.array([totals[level] for level in found.levels]),
    )
