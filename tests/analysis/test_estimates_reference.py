"""Estimates, intervals, quantiles and differences against R's survey package (tests/reference/weighting)."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from analysis.columns import categories
from analysis.designs import Design, Mask
from analysis.domains import by_domain, contrast, differences, standardised
from analysis.estimates import Statistics, design_effect, mean, proportion, ratio, total, variance
from analysis.intervals import proportion_interval
from analysis.quantiles import quantile
from analysis.variance import degrees_of_freedom
from tests.analysis.reference import Case, cases, cases_of, close, design_of, domain_of, expected_of

Found = dict[str, Any]
"""Results under the names of the reference."""


def of_statistics(found: Statistics) -> Found:
    low, high = found.interval()
    return {
        "names": found.names,
        "estimate": found.values,
        "se": found.standard_errors,
        "vcov": found.covariance,
        "df": found.degrees_of_freedom,
        "ci_lower": low,
        "ci_upper": high,
    }


def means(wanted: Found, design: Design, domain: Mask | None) -> Found:
    kind: Callable[..., Statistics] = {"mean": mean, "total": total, "proportion": proportion}[wanted["stat"]]
    found = of_statistics(kind(wanted["vars"], design, domain=domain))
    if "deff" in wanted:
        found["deff"] = design_effect(
            wanted["vars"], design, replacement=wanted["deff"] == "wr", domain=domain
        )
    return found


def ratios(wanted: Found, design: Design, domain: Mask | None) -> Found:
    return of_statistics(ratio(wanted["numerator"], wanted["denominator"], design, domain=domain))


def variances(wanted: Found, design: Design, domain: Mask | None) -> Found:
    found = variance(wanted["vars"], design, domain=domain)
    size = len(wanted["vars"])
    return {
        "matrix": found.values.reshape(size, size),
        "se": found.standard_errors.reshape(size, size),
    }


def shares(wanted: Found, design: Design, domain: Mask | None) -> Found:
    found = proportion_interval(
        wanted["vars"],
        design,
        level=wanted.get("level"),
        method=wanted["method"],
        confidence=wanted.get("conf", 0.95),
        domain=domain,
    )
    return {
        "estimate": found.value,
        "se": found.standard_error,
        "df": found.degrees_of_freedom,
        "ci_lower": found.low,
        "ci_upper": found.high,
    }


def quantiles(wanted: Found, design: Design, domain: Mask | None) -> Found:
    found = quantile(
        wanted["vars"],
        design,
        wanted["probs"],
        rule=wanted["qrule"],
        interval=wanted["interval"],
        domain=domain,
    )
    return {
        "probs": found.probabilities,
        "estimate": found.values,
        "se": found.standard_errors,
        "df": found.degrees_of_freedom,
        "ci_lower": found.low,
        "ci_upper": found.high,
    }


def contrasts(wanted: Found, design: Design, domain: Mask | None) -> Found:
    found = contrast(wanted["vars"], design, wanted["by"], wanted["coefficients"], domain=domain)
    return {
        "estimate": found.value,
        "se": found.standard_error,
        "df": found.degrees_of_freedom,
        "ci_lower": found.low,
        "ci_upper": found.high,
        "t": found.value / found.standard_error,
        "p": found.p_value,
    }


def all_differences(wanted: Found, design: Design, domain: Mask | None) -> Found:
    found = differences(wanted["vars"], design, wanted["by"], domain=domain)
    together = found.statistics
    return {
        "domain": found.levels,
        "estimate": together.values,
        "se": together.standard_errors,
        "df": together.degrees_of_freedom,
        "t": together.values / together.standard_errors,
        "p": found.p_values,
        "p_holm": found.adjusted("holm"),
        "p_bh": found.adjusted("BH"),
        "p_by": found.adjusted("BY"),
        "p_bonferroni": found.adjusted("bonferroni"),
    }


def standardised_means(wanted: Found, design: Design, domain: Mask | None) -> Found:
    levels = categories(design.data, wanted["standard_by"]).levels
    population = dict(zip(levels, wanted["population"], strict=True))
    found = standardised(
        wanted["vars"], design, wanted["by"], wanted["standard_by"], population, domain=domain
    )
    return {"key": found.names, "estimate": found.values, "se": found.standard_errors}


def freedom(_: Found, design: Design, domain: Mask | None) -> Found:
    return {"df": degrees_of_freedom(design, domain)}


KINDS: Mapping[str, Callable[[Found, Design, Mask | None], Found]] = {
    "mean": means,
    "total": means,
    "proportion": means,
    "ratio": ratios,
    "variance": variances,
    "ciprop": shares,
    "quantile": quantiles,
    "contrast": contrasts,
    "difference_all": all_differences,
    "standardised": standardised_means,
    "degf": freedom,
}


def compare(case: Case, found: Found, expected: Found) -> None:
    for name, theirs in expected.items():
        if name in {"key", "n", "names", "domain"}:
            continue
        if name != "ci_level":
            ours = np.reshape(found[name], np.shape(theirs))
            assert close(case, ours, theirs), (name, ours, theirs)
    for name in {"names", "domain"} & expected.keys():
        assert list(found[name]) == expected[name]


@pytest.mark.parametrize("identity", cases_of(*KINDS))
def test_numbers_equal_those_of_r(identity: str) -> None:
    case = cases()[identity]
    design = design_of(case)
    domain = domain_of(case, design)
    wanted, expected = case["estimate"], expected_of(case)
    kind = KINDS[wanted["stat"]]
    if "rows" not in expected:
        compare(case, kind(wanted, design, domain), expected)
        return
    by = [wanted["by"]] if isinstance(wanted["by"], str) else wanted["by"]
    found = by_domain(
        lambda design, domain: kind(wanted, design, domain), design=design, by=by, domain=domain
    )
    assert [list(one.key) for one in found] == [list(row["key"].values()) for row in expected["rows"]]
    assert [one.rows for one in found] == [row["n"] for row in expected["rows"]]
    for one, row in zip(found, expected["rows"], strict=True):
        compare(case, one.found, row)


def test_the_reference_holds_a_case_of_every_statistic() -> None:
    found = {cases()[name]["estimate"]["stat"] for name in cases_of(*KINDS)}
    assert found == set(KINDS)
