"""Running reference cases: what passes, what fails and how, and what cannot be read."""

import json
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from analysis.__main__ import main
from analysis.verification import cases, listing
from analysis.verification.comparison import compare
from analysis.verification.runs import Verdict, verify
from analysis.verification.sampling import Condition, holding

FOLDER = Path(__file__).parent.parent / "reference" / "weighting"
DOCUMENTED = Path(__file__).parents[2] / "docs" / "verification.md"

NAMES = {
    "apistrat": "scholen_een",
    "apiclus": "scholen_tros",
    "nhanes": "gezondheid",
    "town_": "stad_",
    "lonely.csv": "enkel.csv",
    "pairs": "paren",
    "api00": "score",
    "api99": "vorige",
    "stype": "soort",
    "meals": "maaltijd",
    "awards": "prijzen",
    "enroll": "leerlingen",
    "district": "wijk",
    "tenure": "bezit",
    "unsafe": "onveilig",
    "hi_chol": "cholesterol",
    "netherlands": "nederland",
    "D0": "W0",
    "Yes": "Ooit",
}
"""Files, columns and levels under other names; the levels keep their order."""

NUMBERED = re.compile(rb"^(\d+),", re.MULTILINE)
"""The number of a person, where `id` is the first column."""

TABLE = b"""straat,wijk,w,groep,antwoord
1,Noord,2,a,1
2,Noord,2,b,0
3,Zuid,3,a,
4,Zuid,3,b,1
"""

DESIGN = {"type": "linearised", "psu": ["straat"], "strata": "wijk", "weights": "w"}


def case(**changes: Any) -> dict[str, Any]:
    """A case that passes, but for the changes."""
    return {
        "id": "one",
        "group": "degrees",
        "data": "people.csv",
        "design": DESIGN,
        "estimate": {"stat": "degf"},
        "expected": {"df": 2},
        "tolerance_rel": 0,
    } | changes


def folder(*written: dict[str, Any], **options: Any) -> dict[str, bytes]:
    file = {"format": 1, "group": "degrees", "cases": written} | options
    return {"cases_any.json": json.dumps(file).encode(), "people.csv": TABLE}


def verdict(**changes: Any) -> Verdict:
    (found,) = verify(folder(case(**changes)))
    return found


@cache
def reference() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in FOLDER.iterdir() if path.suffix in {".json", ".csv"}}


@cache
def verdicts() -> dict[str, Verdict]:
    return {found.id: found for found in verify(reference())}


def failures(found: Iterable[Verdict]) -> dict[str, list[str]]:
    return {each.id: [one.place for one in each.differences] for each in found if not each.passed}


def test_all_cases_of_r_agree() -> None:
    assert len(verdicts()) == 223
    assert failures(verdicts().values()) == {}


def test_the_documented_result_is_what_comes_out() -> None:
    """Deviations up to rounding, which differs between machines."""
    rows = re.findall(r"^\| (\w+) \| +(\d+) \| +(\d+) \| (.+) \|$", DOCUMENTED.read_text(), re.MULTILINE)
    documented = {group: (int(passed), int(failed), found) for group, passed, failed, found in rows}
    everything = documented.pop("all")
    assert everything[:2] == tuple(sum(row[side] for row in documented.values()) for side in (0, 1))
    for row in listing.groups(list(verdicts().values())):
        passed, failed, deviation = documented.pop(row.group)
        assert (row.passed, row.failed) == (passed, failed)
        if row.largest_deviation is None:
            assert deviation == "none compared"
        elif row.largest_deviation > 1e-12 or float(deviation) > 1e-12:
            assert row.largest_deviation == pytest.approx(float(deviation), rel=0.5)
    assert not documented


@pytest.mark.parametrize("number", ["id", "nummer"])
def test_nothing_depends_on_the_names_of_files_columns_and_levels(number: str) -> None:
    def renamed(text: str) -> str:
        for old, new in NAMES.items():
            text = text.replace(old, new)
        return text

    files = {renamed(name): renamed(content.decode()).encode() for name, content in reference().items()}
    files = {name: renumbered(content, number) for name, content in files.items()}
    assert sum(content.startswith(f"{number},".encode()) for content in files.values()) == 2
    assert failures(verify(files)) == {}


def renumbered(table: bytes, number: str) -> bytes:
    """The column `id` under the name of `number`, every value 1000 higher."""
    if not table.startswith(b"id,"):
        return table
    shifted = NUMBERED.sub(lambda found: b"%d," % (int(found[1]) + 1000), table)
    return shifted.replace(b"id", number.encode(), 1)


def test_a_chain_is_set_beside_the_textbook_where_the_case_gives_it() -> None:
    """R's own standard errors, given as those of the textbook, differ; nothing else does."""
    file = json.loads(reference()["cases_nonresponse.json"])
    chain = next(each for each in file["cases"] if each["id"] == "town-chain-grade")
    by_r = reference() | {"cases_nonresponse.json": json.dumps(file | {"cases": [chain]}).encode()}
    doubled = chain | {"expected_weighted_residuals": chain["expected"]}
    textbook = by_r | {"cases_nonresponse.json": json.dumps(file | {"cases": [doubled]}).encode()}
    assert "town-chain-grade" not in failures(verify(by_r))
    wrong = failures(verify(textbook))["town-chain-grade"]
    assert "se" in wrong
    assert all(place == "se" or place.startswith("domain_se") for place in wrong)


@pytest.mark.parametrize(
    ("identity", "message"),
    [
        ("refuse-empty-sample-cell", r"Margin stype: nobody answered in X \(40 people\)"),
        ("refuse-level-not-in-population", "Margin stype: people answered in H, which has no total"),
        ("refuse-infeasible-bounds", r"nearest bounds that do are 0\.\d+ and 1\.\d+"),
        ("refuse-missing-margin-variable", r"Margin acs_core is empty in \d+ rows"),
    ],
)
def test_what_r_refuses_is_refused_with_a_reason(identity: str, message: str) -> None:
    assert re.search(message, str(verdicts()[identity].refusal))


def test_every_number_that_r_gives_is_compared() -> None:
    """With all of them a little higher, all of them differ."""
    files = dict(reference())
    numbers = {}
    written = {name: json.loads(content) for name, content in files.items() if name.startswith("cases_")}
    for name, file in written.items():
        for each in file["cases"]:
            for block in ("expected", "expected_weighted_residuals"):
                if block in each:
                    numbers[each["id"]] = len(leaves(each[block]))
                    each[block] = raised(each[block])
        files[name] = json.dumps(file).encode()
    counted = {found.id: len(found.differences) for found in verify(files) if found.refusal is None}
    assert counted == {identity: numbers[identity] for identity in counted}
    assert len(counted) == 219


def leaves(written: Any) -> list[float]:
    if isinstance(written, dict | list):
        parts = written.values() if isinstance(written, dict) else written
        return [leaf for part in parts for leaf in leaves(part)]
    return [] if isinstance(written, str | bool | type(None)) else [written]


def raised(written: Any) -> Any:
    """Every number 1% and 0.01 higher; the keys of rows as they are."""
    if isinstance(written, dict):
        return {name: part if name == "key" else raised(part) for name, part in written.items()}
    if isinstance(written, list):
        return [raised(part) for part in written]
    return written if isinstance(written, str | bool | type(None)) else written + 0.01 * abs(written) + 0.01


def test_a_case_that_agrees_has_passed() -> None:
    assert verdict() == Verdict(id="one", group="degrees", passed=True, largest_deviation=0.0)


def test_a_number_that_differs_is_shown_beside_what_was_expected() -> None:
    found = verdict(expected={"df": 4, "ci_level": 0.95})
    assert not found.passed
    assert found.largest_deviation == 0.5
    assert [(each.place, each.expected, each.found) for each in found.differences] == [
        ("df", 4, 2),
        ("ci_level", 0.95, "nothing"),
    ]


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"estimate": {"stat": "geometric_mean", "vars": "antwoord"}}, "geometric_mean"),
        ({"estimate": {"method": "astrology"}}, "astrology"),
        ({"estimate": {"stat": "degf", "jackknife": True}}, "jackknife"),
        ({"adjust": [{"method": "wish", "margins": []}]}, "wish"),
        ({"design": DESIGN | {"probabilities": "w"}}, "probabilities"),
        ({"subset": [{"column": "groep", "op": "like", "value": "a"}]}, "like"),
        ({"weights_of": "w"}, "weights_of"),
        ({"design": DESIGN | {"weights": "weight"}}, "no column weight"),
    ],
)
def test_what_cannot_be_run_has_failed_and_says_why(changes: dict[str, Any], word: str) -> None:
    found = verdict(**changes)
    assert not found.passed
    assert word in str(found.error)


def test_a_case_that_expects_nothing_has_failed() -> None:
    assert verdict(expected={}).error == "It expects nothing, so nothing can be compared."


def test_without_degrees_of_freedom_no_interval_is_available() -> None:
    first = [{"column": "straat", "op": "<", "value": 2}]
    expected = {"df": 0, "ci_lower": None, "ci_upper": None}
    for estimate in (
        {"stat": "ciprop", "vars": "antwoord"},
        {"stat": "ratio", "numerator": "antwoord", "denominator": "w"},
    ):
        assert verdict(estimate=estimate, expected=expected, subset=first).passed
    difference = {"stat": "contrast", "vars": "w", "by": "wijk", "coefficients": {"Noord": 1, "Zuid": -1}}
    assert verdict(estimate=difference, expected={"estimate": -1, "se": 0, "t": None}).passed


def test_a_failure_leaves_the_other_cases_alone() -> None:
    found = verify(folder(case(estimate={}), case(id="two")))
    assert [each.passed for each in found] == [False, True]


def test_only_a_named_error_is_a_refusal() -> None:
    refused = {"estimate": {"method": "must_refuse"}, "expected": {"error": True}}
    assert verdict(design=DESIGN | {"weights": "groep"}, **refused).passed
    assert verdict(filter=[{"column": "straat", "op": "!=", "value": 4}], **refused).passed  # a lone unit
    accepted = verdict(**refused)
    assert not accepted.passed
    assert accepted.error == "It was not refused."
    unknown = verdict(design=DESIGN | {"type": "quota"}, **refused)
    assert not unknown.passed


def test_a_name_that_is_not_there_is_no_refusal_unless_r_says_so() -> None:
    refused = {"estimate": {"method": "must_refuse"}, "design": DESIGN | {"weights": "weight"}}
    found = verdict(expected={"error": True, "r_message": "Some strata absent from sample"}, **refused)
    assert not found.passed
    assert "no column weight" in str(found.error)
    assert verdict(expected={"error": True, "r_message": "object 'weight' not found"}, **refused).passed
    missing = verdict(estimate={"method": "must_refuse"}, expected={"error": True}, data="houses.csv")
    assert "houses.csv" in str(missing.error)


def test_what_must_not_be_refused_fails_when_it_is() -> None:
    accepted = {"estimate": {"method": "must_refuse"}, "expected": {"error": False}}
    assert verdict(**accepted).passed
    refused = verdict(design=DESIGN | {"weights": "groep"}, **accepted)
    assert not refused.passed
    assert "groep" in str(refused.error)
    silent = verdict(estimate={"method": "must_refuse"}, expected={"r_message": "no"})
    assert silent.error == "It must expect an error, true or false."


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        (case(data="houses.csv"), "houses.csv"),
        ({name: part for name, part in case().items() if name != "group"}, "group"),
        ({"group": "g"}, "cases_any.json, case 1"),
    ],
)
def test_what_is_no_case_and_a_table_that_is_not_there_fail_alone(
    wrong: dict[str, Any], complaint: str, tmp_path: Path
) -> None:
    for name, content in folder(wrong, case(id="two")).items():
        (tmp_path / name).write_bytes(content)
    done = CliRunner().invoke(main, ["verify", str(tmp_path), "--json"])
    assert done.exit_code == 1
    first, second = json.loads(done.output)["cases"]
    assert not first["passed"]
    assert complaint in first["error"]
    assert second["passed"]


def test_rows_are_filtered_before_the_design_and_domains_after_it() -> None:
    noord = [{"column": "wijk", "op": "==", "value": "Noord"}]
    weights = {"stat": "weights"}
    assert verdict(filter=noord, estimate=weights, expected={"n": 2, "weights": [2, 2]}).passed
    assert verdict(subset=noord, estimate=weights, expected={"n": 4, "weights": [2, 2, 0, 0]}).passed
    assert verdict(subset=noord, expected={"df": 1}).passed


def test_no_condition_holds_for_an_empty_cell() -> None:
    data = cases.table({"people.csv": TABLE}, "people.csv")
    for operation in ("==", "!=", ">", ">=", "<", "<="):
        rows = holding(data, [Condition(column="antwoord", op=operation, value=1)])
        assert not rows[2]
    assert holding(data, [Condition(column="groep", op="in", value=["a", "c"])]).tolist() == [1, 0, 1, 0]
    assert holding(data, [Condition(column="antwoord", op="in", value=["1", 0])]).tolist() == [1, 1, 0, 1]


@pytest.mark.parametrize(
    ("level", "cells"),
    [
        (1234567, ("1234567", "1")),
        (1234567.5, ("1234567.5", "1")),
        (True, ("1", "0")),
        (True, ("TRUE", "FALSE")),
        (False, ("false", "true")),
        ("ja", ("ja", "nee")),
    ],
)
def test_a_level_is_the_one_that_the_table_has(level: bool | float | str, cells: tuple[str, str]) -> None:
    """Three of four people have it, in a share, in a margin and in a condition."""
    one, other = cells
    table = "straat,w,oordeel\n" + "".join(
        f"{row},1,{cell}\n" for row, cell in enumerate((one, one, other, one))
    )
    share = {"stat": "ciprop", "vars": "oordeel", "level": level}
    total = 10
    margin = [{"by": "oordeel", "totals": [{"oordeel": level, "total": total}]}]
    chosen = [{"column": "oordeel", "op": "==", "value": level}]
    plain = {"design": {"type": "linearised", "psu": [], "weights": "w"}}
    asked = [
        case(id="share", estimate=share, expected={"estimate": 0.75}, **plain),
        case(
            id="margin",
            filter=chosen,
            adjust=[{"method": "rake", "margins": margin}],
            estimate={"stat": "weights"},
            expected={"n": 3, "sum": total},
            **plain,
        ),
    ]
    found = verify(
        folder(*(each | {"tolerance_rel": 1e-9} for each in asked)) | {"people.csv": table.encode()}
    )
    assert [each.error for each in found] == [None, None]
    assert failures(found) == {}


def test_options_of_the_file_hold_where_a_design_is_silent() -> None:
    lone = case(
        filter=[{"column": "straat", "op": "!=", "value": 4}],
        estimate={"method": "must_refuse"},
        expected={"error": True},
    )
    (refused,) = verify(folder(lone, options={"survey.lonely.psu": "fail"}))
    assert refused.passed
    (accepted,) = verify(folder(lone, options={"survey.lonely.psu": "remove"}))
    assert not accepted.passed


@given(st.floats(-1e6, 1e6), st.floats(-1e-3, 1e-3), st.sampled_from([0.0, 1e-9, 1e-6, 1e-3]))
def test_tolerance_is_relative_to_what_was_expected_plus_a_billionth(
    expected: float, off: float, tolerance: float
) -> None:
    found = compare([expected + off], [expected], tolerance)
    assert (not found.differences) == (abs(expected + off - expected) <= tolerance * abs(expected) + 1e-9)


def test_null_means_not_available() -> None:
    assert not compare({"low": float("nan"), "high": None}, {"low": None, "high": None}, 0).differences
    assert compare({"low": 1.0}, {"low": None}, 0).differences
    assert compare({"low": np.nan}, {"low": 1.0}, 0).differences


def test_rows_are_found_by_their_key_and_none_may_be_left_over() -> None:
    rows = [{"key": {"wijk": "Noord"}, "n": 1}, {"key": {"wijk": "Zuid"}, "n": 2}]
    assert not compare(rows[::-1], rows, 0).differences
    assert compare(rows, rows[:1], 0).differences[0].found == rows[1] | {"key": {"wijk": "Zuid"}}
    assert compare(rows[:1], rows, 0).differences[0].found == "nothing"


def test_lists_of_another_length_differ() -> None:
    assert compare([1.0, 2.0], [1.0], 1).differences
    assert compare(np.array([1.0]), [1.0], 0).differences == ()


def test_texts_are_categories_and_empty_cells_missing() -> None:
    data = cases.table({"people.csv": TABLE}, "people.csv")
    assert data["groep"].tolist() == ["a", "b", "a", "b"]
    np.testing.assert_array_equal(data["antwoord"], [1, 0, np.nan, 1])
    assert cases.table({"t.csv": b"a,b\nnan,\n1_0,\n"}, "t.csv")["a"].tolist() == ["nan", "1_0"]


@pytest.mark.parametrize("files", [{"readme.txt": b""}, {"cases_a.json": b'{"format": 1, "cases": []}'}])
def test_a_folder_without_cases_is_no_verification(files: dict[str, bytes], tmp_path: Path) -> None:
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "folder.csv").mkdir()
    done = CliRunner().invoke(main, ["verify", str(tmp_path)])
    assert done.exit_code == 2
    assert "There is no case" in done.output


def broken(**changes: Any) -> dict[str, bytes]:
    """A file of cases with one that is changed, on a table of its own."""
    written = case(id="broken", data="broken.csv", **changes)
    return {
        "cases_broken.json": json.dumps({"format": 1, "cases": [written]}).encode(),
        "broken.csv": TABLE,
    }


@pytest.mark.parametrize(
    ("files", "complaint"),
    [
        ({"cases_broken.json": b"{"}, "cases_broken.json: Input data was truncated. None of its cases"),
        ({"cases_broken.json": b""}, "cases_broken.json: "),
        ({"cases_broken.json": b"\xff\xfe"}, "cases_broken.json: "),
        ({"cases_broken.json": b"[1, 2]"}, "cases_broken.json: Expected `object`"),
        ({"cases_broken.json": b"[" * 100_000}, "cases_broken.json: "),
        ({"cases_broken.json": b'{"format": 2, "cases": []}'}, "$.format"),
        ({"cases_broken.json": b'{"format": 1, "cases": 3}'}, "$.cases"),
        ({"cases_broken.json": b'{"format": 1, "cases": [NaN]}'}, "cases_broken.json: JSON is malformed"),
        ({"cases_broken.json": b'{"format": 1, "options": {"magic": 1}, "cases": [{}]}'}, "magic"),
        ({"cases_broken.json": b'{"format": 1, "cases": [7]}'}, "case 1: Expected `object`"),
        ({"cases_broken.json": b'{"format": 1, "cases": [null]}'}, "cases_broken.json, case 1"),
        ({"cases_broken.json": b'{"format": 1, "cases": [{}]}'}, "missing required field `id`"),
        ({"cases_broken.json": b'{"format": 1, "cases": [{"id": 1%s}]}' % (b"0" * 400)}, "cases_broken.json"),
        (broken() | {"cases_broken.json": json.dumps({"format": 1, "cases": [case()]}).encode()},
         "Another case is called one too"),
        (broken(expected={"df": 10**18}), "expected 1000000000000000000, found 2"),
        (broken(expected={"df": None}), "expected not available, found 2"),
        (broken(tolerance_rel="wide"), "Expected `float`"),
        (broken() | {"broken.csv": b"a,b\n1,2,3\n"}, "broken.csv, line 2: 3 cells, but 2 columns"),
        (broken() | {"broken.csv": b"straat,wijk\n1,2\n"}, "There is no column w"),
        (broken() | {"broken.csv": b"a,a\n1,2\n"}, "two columns named a"),
        (broken() | {"broken.csv": b""}, "broken.csv: the file is empty"),
        (broken() | {"broken.csv": b"straat,wijk,w,groep,antwoord\n"}, "no rows"),
        (broken() | {"broken.csv": b"\xff"}, "broken.csv: "),
        (broken() | {"broken.csv": b'a,"b\n1,2\n'}, "broken.csv: "),
        (broken() | {"broken.csv": TABLE.replace(b"Noord,2", b"Noord,1e999")}, "infinite in row 1"),
        (broken() | {"broken.csv": TABLE.replace(b"Noord,2", b"Noord," + b"9" * 5000)}, "infinite in row 1"),
        (broken() | {"broken.csv": TABLE.replace(b"Noord,2", b"Noord,1_0")}, "holds '1_0', where a number"),
        (broken() | {"broken.csv": TABLE.replace(b"Noord,2", b"Noord,nan")}, "holds 'nan', where a number"),
        ({"cases_broken.json": broken()["cases_broken.json"]}, "names broken.csv, but the folder does not"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_has_failed_and_the_others_still_run(
    files: dict[str, bytes], complaint: str, tmp_path: Path
) -> None:
    for name, content in (folder(case()) | files).items():
        (tmp_path / name).write_bytes(content)
    done = CliRunner().invoke(main, ["verify", str(tmp_path)])
    assert done.exit_code == 1
    assert complaint in done.output
    as_json = CliRunner().invoke(main, ["verify", str(tmp_path), "--json"])
    assert as_json.exit_code == 1
    good, bad = sorted(json.loads(as_json.output)["cases"], key=lambda found: not found["passed"])
    assert (good["id"], good["passed"], bad["passed"]) == ("one", True, False)
    assert bad["error"] or bad["differences"]


def test_the_command_prints_a_table_and_the_failures_and_tells_by_its_exit_code(tmp_path: Path) -> None:
    for name, content in folder(case(), case(id="two", group="other", expected={"df": 3})).items():
        (tmp_path / name).write_bytes(content)
    done = CliRunner().invoke(main, ["verify", str(tmp_path)])
    assert done.exit_code == 1
    lines = [line.split() for line in done.output.splitlines()]
    assert lines[1:4] == [
        ["degrees", "1", "0", "0.0e+00"],
        ["other", "0", "1", "3.3e-01"],
        ["all", "1", "1", "3.3e-01"],
    ]
    assert "two (other) failed\n  df: expected 3, found 2" in done.output


def test_the_json_holds_every_verdict(tmp_path: Path) -> None:
    for name, content in folder(case()).items():
        (tmp_path / name).write_bytes(content)
    done = CliRunner().invoke(main, ["verify", str(tmp_path), "--json"])
    assert done.exit_code == 0
    written = json.loads(done.output)
    assert written["groups"] == [{"group": "degrees", "passed": 1, "failed": 0, "largest_deviation": 0.0}]
    assert [each["id"] for each in written["cases"]] == ["one"]


def test_more_differences_than_fit_are_counted() -> None:
    found = verdict(expected={f"x{number}": 1 for number in range(9)})
    assert "and 4 more" in listing.text([found])
