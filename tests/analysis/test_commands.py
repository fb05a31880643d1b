"""The commands on real folders, and on folders with something wrong: one message, code 2, nothing written."""

import csv
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from analysis.__main__ import main
from tests.analysis.exports import write_export, write_truth
from tests.analysis.town import Town, build
from tests.survey.disk import no_file_larger_than

PLAN = Path(__file__).parents[2] / "analysis/plans/leiden-eindevaluatie.toml"


@pytest.fixture(scope="module")
def town() -> Town:
    return build(seed=1)


@pytest.fixture(scope="module")
def original(town: Town, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("original") / "export"
    write_export(folder, town.draw(np.random.default_rng(7), invited=400))
    return folder


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "export"))


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    return Path(shutil.copy(PLAN, tmp_path / "plan.toml"))


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def table(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def rewrite(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def test_weight_writes_a_weight_for_every_invited_response(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "weights.csv"
    result = run("weight", folder, PLAN, out)
    assert result.exit_code == 0, result.output
    head, *rows = table(out)
    assert head == ["response", "base_weight", "weight"]
    assert sum(float(row[2]) for row in rows) == pytest.approx(111_080, abs=1)
    assert "111,080 adults" in result.output
    assert "effective number" in result.output


def test_weight_is_the_same_byte_for_byte_when_repeated(folder: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    run("weight", folder, PLAN, first)
    run("weight", folder, PLAN, second)
    assert first.read_bytes() == second.read_bytes()


def test_compare_prints_truth_plain_and_weighted_for_every_indicator(
    folder: Path, town: Town, tmp_path: Path
) -> None:
    plan = PLAN.read_text(encoding="utf-8").split("[[indicators]]")
    known = [part for part in plan[1:] if any(f'"{name}"' in part for name in ("q2", "q15", "q27_a", "q25"))]
    own = tmp_path / "own.toml"
    own.write_text("[[indicators]]".join([plan[0], *known]), encoding="utf-8")
    truth = tmp_path / "truth.csv.gz"
    write_truth(truth, town.responses(np.arange(len(town.age))))
    result = run("compare", folder, own, truth)
    assert result.exit_code == 0, result.output
    assert "Cijfer voor wonen in de buurt" in result.output
    assert "municipality: " in result.output
    assert "intervals cover the truth, unweighted " in result.output
    assert "points from the truth on average" in result.output
    assert "(area_age, sex, children)" in result.output


def drop_column(folder: Path, plan: Path) -> None:
    rows = table(folder / "responses.csv")
    gone = rows[0].index("q15")
    rewrite(folder / "responses.csv", [row[:gone] + row[gone + 1 :] for row in rows])


def repeat_a_response(folder: Path, plan: Path) -> None:
    rows = table(folder / "responses.csv")
    rewrite(folder / "responses.csv", [*rows[:-1], rows[1]])


def lose_the_end(folder: Path, plan: Path) -> None:
    rewrite(folder / "responses.csv", table(folder / "responses.csv")[:-40])


def cut_the_last_line(folder: Path, plan: Path) -> None:
    responses = folder / "responses.csv"
    responses.write_bytes(responses.read_bytes()[:-200])


def empty_the_export(folder: Path, plan: Path) -> None:
    rewrite(folder / "responses.csv", table(folder / "responses.csv")[:1])


def write_a_wrong_code(folder: Path, plan: Path) -> None:
    rows = table(folder / "responses.csv")
    rows[3][rows[0].index("q2")] = "eleven"
    rewrite(folder / "responses.csv", rows)


def use_another_format(folder: Path, plan: Path) -> None:
    about = json.loads((folder / "export.json").read_text())
    (folder / "export.json").write_text(json.dumps(about | {"format": 9}))


def lose_the_fieldwork(folder: Path, plan: Path) -> None:
    (folder / "fieldwork.json").unlink()


def lose_an_area(folder: Path, plan: Path) -> None:
    rows = table(folder / "responses.csv")
    places = [rows[0].index(name) for name in ("area", "sampled_area")]
    for row in rows[1:]:
        for place in places:
            row[place] = row[place].replace("WK054602", "WK054603")
    rewrite(folder / "responses.csv", rows)


def leave_one_in_an_area(folder: Path, plan: Path) -> None:
    rows = table(folder / "responses.csv")
    place = rows[0].index("sampled_area")
    there = [row for row in rows[1:] if row[place] == "WK054602"]
    for row in there[1:]:
        row[place] = "WK054603"
    rewrite(folder / "responses.csv", rows)


def name_an_unknown_area(folder: Path, plan: Path) -> None:
    rows = table(folder / "responses.csv")
    rows[5][rows[0].index("area")] = "WK999999"
    rewrite(folder / "responses.csv", rows)


def miscount_a_margin(folder: Path, plan: Path) -> None:
    change(folder / "municipalities/leiden/population.csv", "sex,GM0546,man,53415", "sex,GM0546,man,35415")


def count_something_negative(folder: Path, plan: Path) -> None:
    change(folder / "municipalities/leiden/population.csv", "sex,GM0546,man,53415", "sex,GM0546,man,-1")


def count_without_end(folder: Path, plan: Path) -> None:
    change(folder / "municipalities/leiden/population.csv", "sex,GM0546,man,53415", "sex,GM0546,man,inf")


def break_the_toml(folder: Path, plan: Path) -> None:
    change(plan, "format = 1", "format = ")


def misspell_a_field(folder: Path, plan: Path) -> None:
    change(plan, "minimum_cell", "minimal_cell")


def ask_an_unknown_variable(folder: Path, plan: Path) -> None:
    change(plan, 'variable = "q15"', 'variable = "q155"')


def ask_an_unknown_code(folder: Path, plan: Path) -> None:
    change(plan, "man = [1]", "man = [7]")


def vary_without_an_unknown_margin(folder: Path, plan: Path) -> None:
    change(plan, 'without = ["children"]', 'without = ["childern"]')


def vary_a_field_that_is_none(folder: Path, plan: Path) -> None:
    change(plan, "weighting = { smallest = 0.001", "weighting = { smalest = 0.001")


def vary_to_limits_that_cannot_be(folder: Path, plan: Path) -> None:
    change(plan, "smallest = 0.001, largest = 1000.0", "largest = 0.5")


def vary_nothing(folder: Path, plan: Path) -> None:
    change(plan, 'without = ["children"]', "")


def name_two_variants_alike(folder: Path, plan: Path) -> None:
    change(plan, 'name = "Zonder afkappen"', 'name = "Zonder weging op gezin"')


def name_a_variant_as_the_plan_itself(folder: Path, plan: Path) -> None:
    change(plan, 'name = "Zonder afkappen"', 'name = "Volgens het plan"')


def leave_no_margin_per_area(folder: Path, plan: Path) -> None:
    change(plan, 'without = ["children"]', 'without = ["children", "area_age"]')


def model_the_open_link_on_nothing(folder: Path, plan: Path) -> None:
    change(plan, 'margins = ["area_age", "sex", "children"]', "margins = []")


def model_areas_on_a_margin_of_the_whole_town(folder: Path, plan: Path) -> None:
    change(plan, 'margin = "area_age"\n', 'margin = "sex"\n')


def model_an_unknown_indicator(folder: Path, plan: Path) -> None:
    change(plan, '["knows_house", "reach", "fits_needs"', '["know_house", "reach", "fits_needs"')


def leave_out_a_category(folder: Path, plan: Path) -> None:
    change(plan, '"18-24" = [3]\n', "")


def use_a_plan_of_another_survey(folder: Path, plan: Path) -> None:
    change(plan, 'survey = "leiden-eindevaluatie"', 'survey = "brinkdorp"')


def never_merge_with_an_empty_class(folder: Path, plan: Path) -> None:
    change(plan, "minimum_cell = 20", "minimum_cell = 0")
    rows = table(folder / "responses.csv")
    age, area = rows[0].index("q35"), rows[0].index("area")
    for row in rows[1:]:
        if row[area] == "WK054600" and row[age] == "3":
            row[age] = "4"
    rewrite(folder / "responses.csv", rows)


def let_exactly_the_men_live_with_children(folder: Path, plan: Path) -> None:
    rows = table(folder / "responses.csv")
    sex, children = rows[0].index("q36"), rows[0].index("q37_3")
    for row in rows[1:]:
        row[children] = "1" if row[sex] == "1" else "0"
    rewrite(folder / "responses.csv", rows)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (drop_column, ["responses.csv", "line 1", "q15", "Export again"]),
        (repeat_a_response, ["responses.csv", "more than once", "r00000"]),
        (lose_the_end, ["announces", "not complete"]),
        (cut_the_last_line, ["responses.csv: last line: WA104: This line has no end", "not complete"]),
        (empty_the_export, ["no responses yet"]),
        (write_a_wrong_code, ["response 3, column q2", "'eleven'"]),
        (use_another_format, ["export.json", "format 9", "format 1"]),
        (lose_the_fieldwork, ["fieldwork.json", "missing"]),
        (lose_an_area, ["margin area", "nobody answered in WK054602", "2,455 people", "merge_areas"]),
        (leave_one_in_an_area, ["Only one person answered in WK054602", "merge_areas"]),
        (name_an_unknown_area, ["WK999999", "not an area of Leiden"]),
        (miscount_a_margin, ["Margin sex adds up to 93,080", "area_age to 111,080", "population.csv"]),
        (count_something_negative, ["population.csv", "line ", "Correct this line"]),
        (count_without_end, ["population.csv", "line ", "Correct this line"]),
        (break_the_toml, ["plan.toml", "line 4", "not valid TOML"]),
        (misspell_a_field, ["plan.toml", "minimal_cell", "Did you mean `minimum_cell`?"]),
        (ask_an_unknown_variable, ["indicators[17].variable", "q155", "Did you mean q15?"]),
        (ask_an_unknown_code, ["weighting.margins[1]", "q36 has no code 7", "1, 2, 3"]),
        (vary_without_an_unknown_margin, ["sensitivity[0].without", "WA241", "Did you mean children?"]),
        (vary_a_field_that_is_none, ["sensitivity[1].weighting.smalest", "Did you mean `smallest`?"]),
        (vary_to_limits_that_cannot_be, ["sensitivity[1].weighting", "WA203"]),
        (vary_nothing, ["sensitivity[0]", "WA240", "changes nothing"]),
        (name_two_variants_alike, ["sensitivity[1].name", "WA240", "Give another name"]),
        (name_a_variant_as_the_plan_itself, ["sensitivity[1].name", "WA240", "is taken"]),
        (leave_no_margin_per_area, ["sensitivity[0].weighting.margins", "WA202"]),
        (model_the_open_link_on_nothing, ["open.margins", "WA241", "at least one"]),
        (model_areas_on_a_margin_of_the_whole_town, ["small_areas.margin", "WA241", "per area"]),
        (model_an_unknown_indicator, ["small_areas.indicators", "WA241", "Did you mean knows_house?"]),
        (leave_out_a_category, ["weighting.margins[0]", "18-24, 25-44, 45-64, 65+"]),
        (use_a_plan_of_another_survey, ["plan.toml: survey", "brinkdorp", "leiden-eindevaluatie"]),
        (
            let_exactly_the_men_live_with_children,
            ["cannot be reached together", "margin sex", "minimum_cell"],
        ),
        (never_merge_with_an_empty_class, ["area_age", "nobody answered in WK054600 18-24", "minimum_cell"]),
    ],
)
def test_bad_input_gives_one_clear_message_and_writes_nothing(
    folder: Path, plan: Path, tmp_path: Path, spoil: Callable[[Path, Path], None], said: list[str]
) -> None:
    spoil(folder, plan)
    out = tmp_path / "weights.csv"
    out.write_text("earlier")
    result = run("weight", folder, plan, out)
    assert result.exit_code == 2
    assert isinstance(result.exception, SystemExit), result.exception
    for words in said:
        assert words.lower() in result.output.lower(), result.output
    assert len(result.output.splitlines()) == 1, result.output
    assert out.read_text() == "earlier"
    assert {path.name for path in tmp_path.iterdir()} == {"export", "plan.toml", "weights.csv"}


def test_every_problem_of_a_plan_is_told_at_once(folder: Path, plan: Path, tmp_path: Path) -> None:
    ask_an_unknown_variable(folder, plan)
    ask_an_unknown_code(folder, plan)
    leave_out_a_category(folder, plan)
    result = run("weight", folder, plan, tmp_path / "out.csv")
    assert len([line for line in result.output.splitlines() if "plan.toml" in line]) == 3


@pytest.mark.parametrize("missing", ["folder", "plan", "out", "truth"])
def test_a_path_that_is_not_there_is_named(folder: Path, plan: Path, tmp_path: Path, missing: str) -> None:
    nowhere = tmp_path / "nowhere" / "file"
    arguments = {
        "folder": ("weight", nowhere, plan, tmp_path / "out.csv"),
        "plan": ("weight", folder, nowhere, tmp_path / "out.csv"),
        "out": ("weight", folder, plan, nowhere),
        "truth": ("compare", folder, plan, nowhere),
    }[missing]
    result = run(*arguments)
    assert result.exit_code == 2
    assert "nowhere" in result.output
    assert isinstance(result.exception, SystemExit)


@pytest.mark.parametrize("what", ["folder", "device"])
def test_only_a_file_is_replaced(folder: Path, tmp_path: Path, what: str) -> None:
    out = tmp_path / "out"
    if what == "folder":
        out.mkdir()
    else:
        os.mkfifo(out)
    result = run("weight", folder, PLAN, out)
    assert result.exit_code == 2
    assert f"{out} is not a file" in result.output
    assert out.exists()
    assert not out.is_file()


def test_a_full_disk_names_the_file_and_keeps_the_earlier_one(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    out.write_text("earlier")
    with no_file_larger_than(1000):
        result = run("weight", folder, PLAN, out)
    assert result.exit_code == 2
    assert f"{out}: " in result.output
    assert "space on the disk" in result.output
    assert out.read_text() == "earlier"
    assert {path.name for path in tmp_path.iterdir()} == {"export", "out.csv"}


def test_a_truth_that_is_no_archive_is_refused(folder: Path, tmp_path: Path) -> None:
    truth = tmp_path / "truth.csv.gz"
    truth.write_text("area,q2\n")
    result = run("compare", folder, PLAN, truth)
    assert result.exit_code == 2
    assert "survey simulate --truth" in result.output


def test_two_areas_weighted_as_one_solve_a_lone_stratum(folder: Path, plan: Path, tmp_path: Path) -> None:
    leave_one_in_an_area(folder, plan)
    change(plan, "[weighting]\n", '[weighting]\nmerge_areas = [["WK054602", "WK054603"]]\n')
    result = run("weight", folder, plan, tmp_path / "out.csv")
    assert result.exit_code == 0, result.output


def test_representativeness_tells_who_lags_and_of_whom_nothing_is_known(folder: Path) -> None:
    result = run("representativeness", folder, PLAN)
    assert result.exit_code == 0, result.output
    assert "of 4,000 invited people answered" in result.output
    ages = result.output.split("area_age: R ")[1].split("sex: R ")[0]
    assert [line.split()[0] for line in ages.splitlines()[1:5]] == ["18-24", "25-44", "45-64", "65+"]
    assert ages.splitlines()[1].endswith("lags")
    assert ages.splitlines()[4].endswith("ahead")


def test_representativeness_of_an_export_without_codes_is_refused(folder: Path) -> None:
    (folder / "fieldwork.json").write_text(json.dumps({"areas": {}, "withdrawn": 0}))
    result = run("representativeness", folder, PLAN)
    assert result.exit_code == 2
    assert "no codes, in WK054600" in result.output


def few_indicators(plan: Path) -> Path:
    """The town of these tests knows the answers to a few questions only."""
    start, *parts = plan.read_text(encoding="utf-8").split("[[indicators]]")
    known = [part for part in parts if any(f'"{name}"' in part for name in ("q2", "q15", "q27_a"))]
    variants = "[[sensitivity]]" + parts[-1].split("[[sensitivity]]", 1)[1].split("# All residents")[0]
    plan.write_text("[[indicators]]".join([start, *known]) + variants, encoding="utf-8")
    return plan


def test_sensitivity_sets_variants_and_other_plans_beside_each_other(
    folder: Path, plan: Path, tmp_path: Path
) -> None:
    few_indicators(plan)
    other = Path(shutil.copy(plan, tmp_path / "ruim.toml"))
    change(other, "minimum_cell = 20", "minimum_cell = 60")
    out = tmp_path / "sensitivity.csv"
    result = run("sensitivity", folder, plan, other, "--out", out)
    assert result.exit_code == 0, result.output
    assert "Cijfer voor wonen in de buurt (question Q2)" in result.output
    head, *rows = table(out)
    grade = {row[2]: dict(zip(head, row, strict=True)) for row in rows if row[0] == "neighbourhood_grade"}
    assert list(grade) == [
        "plan",
        "Zonder weging op gezin",
        "Zonder afkappen",
        "Alleen volledig ingevuld",
        "Met open deelname",
        "ruim",
    ]
    first = grade["plan"]
    assert (first["difference"], first["difference_error"], first["verdict"]) == ("0.0000", "0.0000", "same")
    apart = float(grade["ruim"]["value"]) - float(first["value"])
    assert float(grade["ruim"]["difference"]) == pytest.approx(apart, abs=1.1e-4)
    assert 0 < float(grade["ruim"]["difference_error"]) < float(first["standard_error"])


def test_sensitivity_with_one_plan_without_variants_is_refused(folder: Path, plan: Path) -> None:
    few_indicators(plan)
    plan.write_text(plan.read_text(encoding="utf-8").split("[[sensitivity]]")[0], encoding="utf-8")
    result = run("sensitivity", folder, plan)
    assert result.exit_code == 2
    assert "write [[sensitivity]] in the plan, or name another plan" in result.output
    again = run("sensitivity", folder, plan, plan)
    assert again.exit_code == 2
    assert "the name of two" in again.output
