"""Our numbers against R's survey package (tests/reference/weighting)."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analysis import estimates
from analysis.designs import Design, persons, reweighted
from analysis.raking import Margin, raked_weights, raking
from analysis.scales import alpha
from analysis.tests import false_discovery, regress
from analysis.variance import degrees_of_freedom, effective_number

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
    new = raked_weights(base, margins, tolerance=1e-13).weights
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


def domain_of(case: dict[str, Any], data: dict[str, list[str]], key: dict[str, str]) -> np.ndarray:
    inside = np.ones(len(next(iter(data.values()))), dtype=bool)
    for name, level in key.items():
        inside &= np.array(data[name]) == level
    for condition in case.get("subset", ()):
        column = data[condition["column"]]
        if condition["op"] == "==":
            inside &= np.array(column) == condition["value"]
        else:
            inside &= numbers(column) >= condition["value"]
    return inside


@pytest.mark.parametrize("identity", cases("mean", "total", "ciprop"))
def test_estimates_errors_and_intervals_equal_those_of_r(identity: str) -> None:
    case, data, design = load(identity)
    wanted = case["estimate"]
    names = [wanted["vars"]] if isinstance(wanted["vars"], str) else wanted["vars"]
    columns = np.column_stack(
        [
            np.array(data[name]) == wanted["level"] if "level" in wanted else numbers(data[name])
            for name in names
        ]
    ).astype(float)
    columns[np.isnan(columns).any(axis=1)] = np.nan
    kind = {"mean": estimates.mean, "total": estimates.total, "ciprop": estimates.proportion}[wanted["stat"]]
    for row in case["expected"].get("rows", [case["expected"]]):
        domain = domain_of(case, data, row.get("key", {}))
        for place, column in enumerate(columns.T):
            ours = kind(column, design, domain)
            pick = lambda name, at=place, row=row: row[name][at] if isinstance(row[name], list) else row[name]  # noqa: E731
            assert close(case, ours.value, pick("estimate"))
            assert close(case, ours.standard_error, pick("se"))
            assert ours.degrees_of_freedom == row["df"]
            if row.get("ci_level") == 0.95:
                assert close(case, ours.low, pick("ci_lower"))
                assert close(case, ours.high, pick("ci_upper"))


@pytest.mark.parametrize("identity", cases("proportion"))
def test_shares_of_a_category_equal_those_of_r(identity: str) -> None:
    case, data, design = load(identity)
    variable = case["estimate"]["vars"]
    for name, value, error in zip(
        case["expected"]["names"], case["expected"]["estimate"], case["expected"]["se"], strict=True
    ):
        hits = (np.array(data[variable]) == name.removeprefix(variable)).astype(float)
        ours = estimates.proportion(hits, design)
        assert close(case, ours.value, value)
        assert close(case, ours.standard_error, error)


@pytest.mark.parametrize("identity", cases("weights"))
def test_raked_weights_equal_those_of_r(identity: str) -> None:
    case, _, design = load(identity)
    expected = case["expected"]
    shown = design.weights[: len(expected["weights"])]
    assert all(close(case, ours, theirs) for ours, theirs in zip(shown, expected["weights"], strict=True))
    assert close(case, design.weights.sum(), expected["sum"])
    assert close(case, effective_number(design.weights), expected["kish_neff"])
    assert close(case, design.weights @ np.arange(1, len(design.weights) + 1), expected["sum_w_times_row"])


@pytest.mark.parametrize("identity", cases("contrast"))
def test_differences_between_domains_have_the_covariance_of_r(identity: str) -> None:
    case, data, design = load(identity)
    wanted, expected = case["estimate"], case["expected"]
    domains = [np.array(data[wanted["by"]]) == level for level in wanted["coefficients"]]
    values = numbers(data[wanted["vars"]])
    ours = estimates.contrast(values, design, domains, list(wanted["coefficients"].values()))
    assert close(case, ours.value, expected["estimate"])
    assert close(case, ours.standard_error, expected["se"])
    assert close(case, ours.p_value, expected["p"])
    assert close(case, ours.low, expected["ci_lower"])
    assert ours.degrees_of_freedom == expected["df"]


@pytest.mark.parametrize("identity", cases("difference_all"))
def test_each_district_against_the_rest_equals_r_and_its_false_discovery_rate(identity: str) -> None:
    case, data, design = load(identity)
    expected = case["expected"]
    districts = np.array(data[case["estimate"]["by"]])
    values = numbers(data[case["estimate"]["vars"]])
    found = [
        estimates.contrast(values, design, (districts == name, districts != name), (1, -1))
        for name in expected["domain"]
    ]
    for ours, value, error in zip(found, expected["estimate"], expected["se"], strict=True):
        assert close(case, ours.value, value)
        assert close(case, ours.standard_error, error)
    adjusted = false_discovery([ours.p_value for ours in found])
    assert all(close(case, p, q) for p, q in zip(adjusted, expected["p_bh"], strict=True))


@pytest.mark.parametrize(
    ("identity", "family"),
    [
        ("api-glm-gauss", "linear"),
        ("town-rake-glm", "linear"),
        ("town-rake-logit", "logistic"),
        ("adj-strat-rake-glm-logit", "logistic"),
    ],
)
def test_regression_has_the_coefficients_and_design_based_errors_of_r(identity: str, family: Any) -> None:
    case, data, design = load(identity)
    left, right = case["estimate"]["formula"].split(" ~ ")
    outcome = (
        (np.array(data["awards"]) == "Yes").astype(float) if left.startswith("I(") else numbers(data[left])
    )
    predictors: dict[str, np.ndarray] = {}
    for term in right.split(" + "):
        try:
            predictors[term] = numbers(data[term])
        except ValueError:
            levels, codes = coded(data[term])
            predictors |= {term + level: (codes == n).astype(float) for n, level in enumerate(levels) if n}
    ours = regress(outcome, predictors, design, family)
    expected = case["expected"]
    assert ["(Intercept)", *[each.name for each in ours[1:]]] == expected["names"]
    for coefficient, value, error, p in zip(
        ours, expected["estimate"], expected["se"], expected["p"], strict=True
    ):
        assert close(case, coefficient.value, value)
        assert close(case, coefficient.standard_error, error)
        assert close(case, coefficient.p_value, p)


def test_alpha_equals_that_of_r() -> None:
    case, data, design = load("town-alpha")
    scores = np.column_stack([numbers(data[name]) for name in case["estimate"]["vars"]])
    assert close(case, alpha(scores, design.weights), case["expected"]["estimate"])


def test_degrees_of_freedom_count_persons_minus_strata_within_a_domain() -> None:
    _, data, design = load("town-none-mean")
    assert degrees_of_freedom(design) == len(design.weights) - 10
    assert degrees_of_freedom(design, np.array(data["district"]) == "D00") == 79
