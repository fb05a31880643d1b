"""The tables and tests of a plan, on a real export folder: as the engine computes them, or withheld."""

import csv
import re
import shutil
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from click.testing import CliRunner, Result
from msgspec.structs import replace

from analysis import (
    adjust,
    chisq,
    contrast,
    differences,
    glm,
    mean,
    ordinal,
    proportion_interval,
    ranktest,
    ttest,
    wald_test,
)
from analysis.__main__ import main
from analysis.estimation.hypotheses import HypothesisTest
from analysis.reporting.disclosure import MINIMUM_BASE, SMALLEST_CELL, Suppressed
from analysis.reporting.findings.divisions import hidden_figures
from analysis.reporting.findings.hypotheses import HypothesisResult, hypothesis_tests
from analysis.reporting.findings.tables import IndicatorTable, tabulate
from analysis.sampling.designs import Design
from tests.analysis.exports import write_export
from tests.analysis.planned import responses, weighted, write_plan
from tests.analysis.simulated import write_simulated_export
from tests.analysis.town import build

BRINKDORP = Path(__file__).parents[2] / "samples" / "brinkdorp"


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("town") / "export"
    write_export(folder, build(seed=3).draw(np.random.default_rng(4), invited=400))
    return folder


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "export"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "plan.toml"


def tables(folder: Path, path: Path, more: str) -> tuple[Design, list[IndicatorTable]]:
    """The tables, and the design with the columns of responses.csv as pandas reads them."""
    sample, plan, weighting = weighted(folder, path, more=more)
    return with_columns(folder, weighting.design), list(tabulate(sample, plan, weighting.design))


def computed(folder: Path, path: Path, more: str) -> tuple[Design, tuple[HypothesisResult, ...]]:
    sample, plan, weighting = weighted(folder, path, more=more)
    protected = hidden_figures(sample, plan).tests
    return with_columns(folder, weighting.design), hypothesis_tests(sample, plan, weighting.design, protected)


def with_columns(folder: Path, design: Design) -> Design:
    table = responses(folder)
    data = pd.DataFrame(
        {
            "grade": table["q2"].astype(float),
            "unmet": (table["q15"] == "1").astype(float),
            "trust": table["q27_a"].astype(float),
            "sex": table["q36"].map({"1": "man", "2": "vrouw"}),
            "age": table["q35"].map({"3": "18-24", "4": "25-44", "5": "45-64", "6": "65+", "7": "65+"}),
            "area": table["area"],
        }
    )
    return Design(weights=design.weights, stages=design.stages, adjustments=design.adjustments, data=data)


def spoil(folder: Path, column: str, code: str, number: int) -> None:
    """Give the first `number` responses another code."""
    with (folder / "responses.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows[:number]:
        row[column] = code
    with (folder / "responses.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def spoil_last(folder: Path, column: str, code: str, number: int) -> None:
    """Give the last `number` responses another code."""
    table = pd.read_csv(folder / "responses.csv", dtype=str, keep_default_na=False)
    table.loc[table.index[-number:], column] = code
    table.to_csv(folder / "responses.csv", index=False, lineterminator="\n")


def break_off_here_and_there(folder: Path) -> None:
    table = pd.read_csv(folder / "responses.csv", dtype=str, keep_default_na=False)
    table.loc[::9, "disposition"] = "break_off"
    table.to_csv(folder / "responses.csv", index=False, lineterminator="\n")


def test_a_share_in_every_domain_has_the_interval_of_the_plan(folder: Path, path: Path) -> None:
    more = """
[[tables]]
key = "sexes"
by = ["sex"]
indicators = ["unmet"]
interval = "wilson"
confidence = 0.9
"""
    design, (table,) = tables(folder, path, more)
    for each in table.cells:
        expected = proportion_interval(
            "unmet",
            design,
            method="wilson",
            confidence=0.9,
            domain=(design.data["sex"] == each.domain).to_numpy(),
        )
        assert each.cell == expected
    assert [each.domain for each in table.cells] == ["man", "vrouw"]
    assert table.question == (
        "Had u hulp of een activiteit nodig, maar kreeg u die niet? In de laatste 12 maanden."
    )
    assert table.by_question.startswith("Bent u een man of een vrouw? Zo zien we of iedereen meedoet")


def test_domains_against_the_rest_and_in_pairs_are_adjusted_together(folder: Path, path: Path) -> None:
    more = """
[[tables]]
key = "ages"
by = ["area_age"]
indicators = ["grade"]
against = ["rest", "pairs"]
adjust = "holm"
"""
    design, (table,) = tables(folder, path, more)
    rest = differences("grade", design, "age")
    pair = contrast("grade", design, "age", {"18-24": 1.0, "65+": -1.0})
    found = {(each.domain, each.against): each for each in table.differences}
    assert len(found) == 4 + 6
    for level, expected in zip(rest.levels, rest.differences, strict=True):
        assert found[level, "rest"].difference.value == pytest.approx(expected.value)
        assert found[level, "rest"].difference.p_value == pytest.approx(expected.p_value)
    assert found["18-24", "65+"].difference.standard_error == pytest.approx(pair.standard_error)
    assert [each.adjusted_p for each in table.differences] == pytest.approx(
        adjust([each.difference.p_value for each in table.differences], method="holm")
    )


def test_crossed_domains_are_those_of_both(folder: Path, path: Path) -> None:
    design, found = tables(folder, path, '[[tables]]\nkey = "crossed"\nby = ["area_age", "sex"]')
    assert [table.indicator.key for table in found] == ["grade", "unmet"]
    cells = {each.domain: each.cell for each in found[0].cells}
    inside = ((design.data["age"] == "65+") & (design.data["sex"] == "man")).to_numpy()
    cell = cells["65+ × man"]
    assert not isinstance(cell, Suppressed)
    assert cell.value == pytest.approx(mean("grade", design, domain=inside).values[0])
    assert cell.respondents == inside.sum()
    assert len(cells) == 8


def test_the_few_who_gave_no_answer_are_hidden_with_the_smallest_domain(folder: Path, path: Path) -> None:
    spoil(folder, "q36", "-9", 2)
    _, (table,) = tables(folder, path, '[[tables]]\nkey = "t"\nby = ["sex"]\nindicators = ["grade"]')
    cells = {each.domain: each.cell for each in table.cells}
    assert [*cells] == ["man", "vrouw", "ander of geen antwoord"]
    assert isinstance(cells["ander of geen antwoord"], Suppressed)
    assert isinstance(cells["man"], Suppressed)
    assert (cells["man"].respondents or 0) > 400
    assert cells["ander of geen antwoord"].respondents is None
    assert not isinstance(cells["vrouw"], Suppressed)
    assert not table.differences


def test_many_who_gave_no_answer_are_a_domain_that_is_compared_with_nothing(folder: Path, path: Path) -> None:
    spoil(folder, "q36", "-9", 60)
    _, (table,) = tables(folder, path, '[[tables]]\nkey = "t"\nby = ["sex"]\nindicators = ["grade"]')
    cells = {each.domain: each.cell for each in table.cells}
    assert cells["ander of geen antwoord"].respondents == 60
    assert not isinstance(cells["ander of geen antwoord"], Suppressed)
    assert {each.domain for each in table.differences} == {"man", "vrouw"}


def test_who_gave_another_answer_is_not_said_to_have_given_none(folder: Path, path: Path) -> None:
    spoil(folder, "q36", "3", 60)
    more = '[[tables]]\nkey = "{0}"\nby = ["{0}"]\nindicators = ["grade"]\n'
    _, (sexes, ages, answers) = tables(folder, path, "".join(map(more.format, ("sex", "area_age", "q36"))))
    assert [each.domain for each in sexes.cells] == ["man", "vrouw", "ander of geen antwoord"]
    assert sexes.cells[-1].cell.respondents == 60
    assert {each.domain for each in sexes.differences} == {"man", "vrouw"}
    assert [each.domain for each in ages.cells] == ["18-24", "25-44", "45-64", "65+"]
    assert [each.domain for each in answers.cells] == ["Man", "Vrouw", "Anders"]


def test_a_table_by_an_answer_does_not_count_who_gave_one_that_a_report_hides(
    folder: Path, path: Path, tmp_path: Path
) -> None:
    """The third answer is that of three people; with the number of one more hidden, it does not follow."""
    spoil(folder, "q36", "3", 3)
    more = '[[tables]]\nkey = "t"\nby = ["q36"]\nindicators = ["grade"]\n'
    crossed = '[[tables]]\nkey = "c"\nby = ["q36", "area_age"]\nindicators = ["grade"]\n'
    _, (table, both) = tables(folder, path, more + crossed)
    counted = {each.domain for each in table.cells if each.cell.respondents is not None}
    assert len(counted) == 1
    assert counted < {"Man", "Vrouw"}
    assert {each.domain.split(" × ")[0] for each in both.cells if each.cell.respondents} == counted
    assert run("tables", folder, path, tmp_path / "out").exit_code == 0
    with (tmp_path / "out" / "estimates.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["domain"] for row in rows if row["table"] == "t" and row["respondents"]} == counted
    assert all("number of answers too" in row["note"] for row in rows if not row["respondents"])


def test_a_domain_of_too_few_is_withheld_and_not_compared_with_replicates_too(
    folder: Path, path: Path
) -> None:
    spoil(folder, "q25", "2", 12)
    more = """
[design]
replicates = {method = "bootstrap", number = 30, seed = 1}

[[tables]]
key = "giving"
by = ["q25"]
indicators = ["grade"]
"""
    _, (table,) = tables(folder, path, more)
    (few,) = (each for each in table.cells if isinstance(each.cell, Suppressed))
    assert few.cell == Suppressed(reason="too_few", respondents=12)
    assert len(table.differences) == 2
    assert few.domain not in {each.domain for each in table.differences}


def test_a_domain_of_one_cluster_has_no_figure_no_difference_and_no_test(folder: Path, path: Path) -> None:
    table = pd.read_csv(folder / "responses.csv", dtype=str, keep_default_na=False)
    table.loc[table["q36"] == "1", "q27_a"] = "1"
    table.to_csv(folder / "responses.csv", index=False, lineterminator="\n")
    more = """
[design]
strata = []
clusters = ["q27_a"]

[[tables]]
key = "sexes"
by = ["sex"]
indicators = ["grade"]

[[tests]]
key = "sexes"
kind = "t"
formula = "grade ~ sex"
"""
    _, (sexes,) = tables(folder, path, more)
    men, women = (each.cell for each in sexes.cells)
    assert men == Suppressed(reason="no_margin", respondents=men.respondents)
    assert not isinstance(women, Suppressed)
    assert not sexes.differences
    _, (test,) = computed(folder, path, more)
    assert test.result == "no_margin"
    assert test.adjusted_p is None


TESTS = """
[[tests]]
key = "independent"
kind = "chi-square"
formula = "~ unmet + area_age"

[[tests]]
key = "first_order"
kind = "chi-square"
formula = "~ unmet + sex"
statistic = "Chisq"

[[tests]]
key = "sexes"
kind = "t"
formula = "grade ~ sex"

[[tests]]
key = "order"
kind = "rank"
formula = "q2 ~ area"
test = "KruskalWallis"

[[tests]]
key = "grades"
kind = "regression"
formula = "grade ~ area_age + sex"

[[tests]]
key = "missing"
kind = "regression"
family = "binomial"
formula = "unmet ~ sex + q2"

[[tests]]
key = "trusting"
kind = "regression"
family = "ordinal"
formula = "q27_a ~ area_age"
"""


def test_every_kind_of_test_is_that_of_the_engine(folder: Path, path: Path) -> None:
    design, found = computed(folder, path, TESTS)
    grades = glm("grade ~ age + sex", design)
    missing = glm("unmet ~ sex + grade", design, family="binomial")
    trusting = ordinal("trust ~ age", design)
    expected = [
        chisq("unmet", "age", design),
        chisq("unmet", "sex", design, statistic="Chisq"),
        ttest("grade ~ sex", design).test,
        ranktest("grade ~ area", design, test="KruskalWallis"),
        wald_test(grades, "age"),
        wald_test(grades, "sex"),
        wald_test(missing, "sex"),
        wald_test(missing, "grade"),
        wald_test(trusting, "age"),
    ]
    assert len(found) == len(expected)
    for ours, theirs in zip(found, expected, strict=True):
        assert isinstance(ours.result, HypothesisTest)
        assert ours.result.statistic == pytest.approx(theirs.statistic, rel=1e-6)
        assert ours.result.degrees_of_freedom == pytest.approx(theirs.degrees_of_freedom)
    assert [each.adjusted_p for each in found] == pytest.approx(
        adjust([each.p_value for each in expected], method="holm"), rel=1e-4
    )
    assert found[2].coefficients[0].name == "vrouw - man"
    assert [one.value for one in found[4].coefficients] == pytest.approx(grades.values.tolist())
    assert not found[5].coefficients


def test_the_plan_says_how_tests_are_adjusted(folder: Path, path: Path) -> None:
    write_plan(path, more=TESTS)
    text = path.read_text(encoding="utf-8")
    path.write_text('adjust_tests = "BH"\n' + text, encoding="utf-8")
    result = run("tables", folder, path, path.parent / "out")
    assert result.exit_code == 0, result.output
    rows = read(path.parent / "out/tests.csv")
    plain = [float(row["p_value"].removeprefix("<")) for row in rows]
    adjusted = [float(row["adjusted_p"].removeprefix("<")) for row in rows]
    np.testing.assert_allclose(adjusted, adjust(plain), atol=5e-4)


def test_every_statistic_has_its_name_and_its_degrees_of_freedom(folder: Path, path: Path) -> None:
    more = (
        '[[tests]]\nkey = "areas"\nkind = "rank"\nformula = "q2 ~ area"\n'
        '[[tests]]\nkey = "two"\nkind = "rank"\nformula = "q2 ~ sex"\n'
        '[[tests]]\nkey = "normal"\nkind = "rank"\nformula = "q2 ~ sex"\ntest = "vanderWaerden"\n'
    )
    write_plan(path, more=TESTS + more)
    assert run("tables", folder, path, path.parent / "out").exit_code == 0
    rows = {row["test"]: row for row in read(path.parent / "out/tests.csv")}
    named = {key: (row["method"], row["statistic"]) for key, row in rows.items()}
    assert named == {
        "independent": ("Rao-Scott, second order", "F"),
        "first_order": ("Rao-Scott, first order", "X2"),
        "sexes": ("t", "t"),
        "order": ("Kruskal-Wallis", "F"),
        "grades": ("Wald", "F"),
        "missing": ("Wald", "F"),
        "trusting": ("Wald", "F"),
        "areas": ("Kruskal-Wallis", "F"),
        "two": ("Wilcoxon", "t"),
        "normal": ("Van der Waerden", "t"),
    }
    assert rows["areas"]["df"] == "9"
    for row in rows.values():
        assert float(row["df"]) > 0
        assert bool(row["denominator_df"]) == (row["statistic"] == "F")
        assert row["p_value"] == "<0.0001" or float(row["p_value"]) >= 0.0001
    assert (rows["areas"]["value"], rows["areas"]["p_value"]) == (
        rows["order"]["value"],
        rows["order"]["p_value"],
    )


def test_every_coefficient_has_its_scale_and_p_value(folder: Path, path: Path) -> None:
    design, _ = computed(folder, path, TESTS)
    write_plan(path, more=TESTS)
    assert run("tables", folder, path, path.parent / "out").exit_code == 0
    rows = read(path.parent / "out/coefficients.csv")
    assert {row["test"]: row["scale"] for row in rows} == {
        "sexes": "units of the outcome",
        "grades": "units of the outcome",
        "missing": "log-odds",
        "trusting": "log-odds",
    }
    expected = glm("unmet ~ sex + grade", design, family="binomial").p_values
    found = [row["p_value"] for row in rows if row["test"] == "missing"]
    assert found == ["<0.0001" if p < 1e-4 else f"{p:.4f}" for p in expected]


@pytest.mark.parametrize(
    ("number", "formula", "reason"),
    [
        (12, "grade ~ q25", "too_few"),
        (12, "grade ~ sex", None),
        (40, "unmet ~ q25", "protected"),
        (40, "q15 ~ q25", "protected"),
        (12, "grade ~ sex:q25", "too_few"),
    ],
)
def test_a_test_that_would_tell_of_a_few_people_is_withheld(
    folder: Path, path: Path, number: int, formula: str, reason: str | None
) -> None:
    spoil(folder, "q25", "2", number)
    spoil(folder, "q15", "2", number)
    more = f'[[tests]]\nkey = "t"\nkind = "regression"\nformula = "{formula}"'
    _, found = computed(folder, path, more)
    if reason is None:
        assert isinstance(found[0].result, HypothesisTest)
    else:
        assert [each.result for each in found] == [reason]
        assert found[0].adjusted_p is None


def test_a_statistic_from_which_a_small_cell_follows_is_withheld(folder: Path, path: Path) -> None:
    """Of a table of two by two with known totals one number gives all four cells."""
    more = '[[tests]]\nkey = "t"\nkind = "chi-square"\nformula = "~ unmet + q25"\nstatistic = "Chisq"'
    spoil(folder, "q15", "2", len(responses(folder)))
    spoil(folder, "q25", "1", len(responses(folder)))
    spoil(folder, "q25", "2", 200)
    spoil(folder, "q15", "1", 3)
    spoil_last(folder, "q15", "1", 40)
    _, (found,) = computed(folder, path, more)
    assert found.result == "protected"
    table = responses(folder)
    unmet, second = (table["q15"] == "1").to_numpy(), (table["q25"] == "2").to_numpy()
    design = replace(
        weighted(folder, path, more=more)[2].design, data=pd.DataFrame({"unmet": unmet, "second": second})
    )
    statistic = chisq("unmet", "second", replace(design, weights=np.ones(len(table))), statistic="Chisq")
    fits = [
        cell
        for cell in range(min(unmet.sum(), second.sum()) + 1)
        if pearson(cell, int(unmet.sum()), int(second.sum()), len(table))
        == pytest.approx(statistic.statistic, rel=1e-6)
    ]
    assert fits == [(unmet & second).sum()] == [3]


def test_cells_are_whole_numbers_so_two_unknown_ones_follow_from_a_statistic_too() -> None:
    """The attack: of all tables with these totals seldom more than the true one give the statistic."""
    chance = np.random.default_rng(6)
    told = 0
    for _ in range(40):
        few = np.array([*chance.integers(1, SMALLEST_CELL, 2), chance.integers(5, 30)])
        sizes = chance.integers(80, 300, 3)
        truth = pearson_of(few, sizes)
        fits = [
            (one, two)
            for one in range(few.sum() + 1)
            for two in range(few.sum() + 1 - one)
            if pearson_of(np.array([one, two, few.sum() - one - two]), sizes)
            == pytest.approx(truth, rel=1e-9)
        ]
        told += fits == [(few[0], few[1])]
    assert told >= 35


def pearson_of(yes: npt.NDArray[np.int64], sizes: npt.NDArray[np.int64]) -> float:
    """Of a table of two rows with these numbers of yes, in columns of these sizes."""
    share = yes.sum() / sizes.sum()
    return float((((yes - share * sizes) ** 2) / (share * (1 - share) * sizes)).sum())


@pytest.mark.parametrize(("fewest", "reason"), [(3, "protected"), (10, None)])
def test_a_statistic_of_a_table_with_several_hidden_cells_is_withheld(
    folder: Path, path: Path, fewest: int, reason: str | None
) -> None:
    """Three areas have a few people who got no help: with the totals two cells are unknown."""
    table = responses(folder)
    place = table.groupby("area").cumcount()
    few = table["area"].isin(sorted(table["area"].unique())[:3])
    table["q15"] = np.where(place < np.where(few, fewest, 10), "1", "2")
    table.to_csv(folder / "responses.csv", index=False, lineterminator="\n")
    more = '[[tests]]\nkey = "t"\nkind = "chi-square"\nformula = "~ unmet + area"\nstatistic = "Chisq"'
    _, (found,) = computed(folder, path, more)
    assert found.result == reason if reason else isinstance(found.result, HypothesisTest)


def pearson(cell: int, row: int, column: int, everybody: int) -> float:
    """Pearson's statistic of a table of two by two with these totals."""
    rest = everybody - row, everybody - column
    apart = cell * everybody - row * column
    return everybody * apart**2 / (row * column * rest[0] * rest[1])


@pytest.mark.parametrize(("left_out", "withheld"), [(0, False), (3, True), (6, False)])
def test_a_test_that_leaves_a_few_out_is_withheld(
    folder: Path, path: Path, left_out: int, withheld: bool
) -> None:
    """With the figure of everybody it would tell what these few said."""
    spoil(folder, "q36", "-9", left_out)
    _, found = computed(folder, path, TESTS)
    by_sex = [each.result for each in found if "sex" in each.plan.formula and each.plan.key != "first_order"]
    assert len(by_sex) >= 3
    assert {result == "protected" for result in by_sex} == {withheld}


BY_SEX = '[[tests]]\nkey = "by_sex"\nkind = "t"\nformula = "{} ~ sex"\n'
MORE_TERMS = '[[tests]]\nkey = "more"\nkind = "regression"\nformula = "{} ~ sex + q25"\n'


@pytest.mark.parametrize("outcome", ["unmet", "grade"])
@pytest.mark.parametrize(("apart", "withheld"), [(3, True), (12, False)])
def test_two_tests_that_differ_by_a_few_people_are_not_both_told(
    folder: Path, path: Path, outcome: str, apart: int, withheld: bool
) -> None:
    """One leaves out six people, the other these and a few more: together they tell of these few."""
    table = responses(folder)
    there = table["q15" if outcome == "unmet" else "q2"].astype(int) >= 0
    place = there.cumsum()
    table.loc[place <= 6, "q36"] = "-9"
    table["q25"] = np.where(place <= 6 + apart, "-9", np.where(place % 2, "1", "2"))
    table.to_csv(folder / "responses.csv", index=False, lineterminator="\n")
    for alone in (BY_SEX, MORE_TERMS):
        _, found = computed(folder, path, alone.format(outcome))
        assert all(isinstance(each.result, HypothesisTest) for each in found)
    _, found = computed(folder, path, (BY_SEX + MORE_TERMS).format(outcome, outcome))
    told = {each.plan.key for each in found if isinstance(each.result, HypothesisTest)}
    assert len(told) == (1 if withheld else 2)
    sums = {each.plan.key: each.respondents for each in found}
    assert sums["by_sex"] - sums["more"] == apart


def test_every_coefficient_is_of_enough_people_whoever_they_are(folder: Path, path: Path) -> None:
    """A category of fewer than 30, or a yes or no of fewer than five there, takes the whole model along."""
    more = """
[[tests]]
key = "mean"
kind = "regression"
formula = "grade ~ q25"

[[tests]]
key = "share"
kind = "regression"
family = "binomial"
formula = "unmet ~ q25"
"""
    shown = set()
    for number in (20, 35, 60, 200):
        spoil(folder, "q25", "2", number)
        spoil(folder, "q15", "2", number)
        spoil(folder, "q15", "1", number // 12)
        _, found = computed(folder, path, more)
        table = responses(folder)
        second = table[table["q25"] == "2"]
        yes = int((second["q15"] == "1").sum())
        for each in found:
            if each.coefficients:
                shown.add((each.plan.key, number))
                assert len(second) >= MINIMUM_BASE
                assert each.plan.key == "mean" or min(yes, len(second) - yes) >= SMALLEST_CELL
    assert shown == {("mean", 35), ("mean", 60), ("mean", 200), ("share", 60), ("share", 200)}


def test_an_ordinal_model_of_an_answer_of_a_few_is_withheld(folder: Path, path: Path) -> None:
    more = '[[tests]]\nkey = "t"\nkind = "regression"\nfamily = "ordinal"\nformula = "q27_a ~ sex"'
    _, (plenty,) = computed(folder, path, more)
    assert isinstance(plenty.result, HypothesisTest)
    spoil(folder, "q27_a", "1", 3)
    _, (few,) = computed(folder, path, more)
    assert few.result == "protected"


def test_what_the_engine_refuses_names_the_test(folder: Path, path: Path) -> None:
    write_plan(path, more='[[tests]]\nkey = "ages"\nkind = "t"\nformula = "grade ~ area_age"')
    result = run("tables", folder, path, path.parent / "out")
    assert result.exit_code == 2
    assert "Test ages: grade ~ area_age: a t test compares two groups, here are 18-24, 25-44" in result.output


def test_the_command_writes_every_figure_with_its_number_question_and_uncertainty(
    folder: Path, path: Path
) -> None:
    write_plan(path, more='[[tables]]\nkey = "areas"\nby = ["area"]\n' + TESTS)
    out = path.parent / "out"
    result = run("tables", folder, path, out)
    assert result.exit_code == 0, result.output
    assert sorted(file.name for file in out.iterdir()) == [
        "coefficients.csv",
        "differences.csv",
        "estimates.csv",
        "tables.txt",
        "tests.csv",
    ]
    for name in ("estimates.csv", "differences.csv", "coefficients.csv"):
        rows = [row for row in read(out / name) if not row.get("note", "").startswith(("too", "withheld"))]
        assert rows
        for row in rows:
            assert int(row["respondents"]) >= 30
            assert float(row["low"]) <= float(row["high"])
            assert float(row["standard_error"]) > 0
            assert row.get("question") or row["questions"]
            assert "simulated answers" in row["source"]
    text = (out / "tables.txt").read_text(encoding="utf-8")
    assert text.startswith("simulated answers")
    assert "Binnenstad-Zuid" in text
    assert "adjusted" in text
    again = {file.name: file.read_bytes() for file in out.iterdir()}
    assert run("tables", folder, path, out).exit_code == 0
    assert {file.name: file.read_bytes() for file in out.iterdir()} == again


def test_shares_are_published_in_whole_percents_and_means_in_tenths(folder: Path, path: Path) -> None:
    write_plan(path, more='[[tables]]\nkey = "areas"\nby = ["area"]')
    assert run("tables", folder, path, path.parent / "out").exit_code == 0
    decimals = {"proportion": 2, "mean": 1}
    for row in read(path.parent / "out/estimates.csv"):
        if row["value"]:
            assert len(row["value"].partition(".")[2]) == decimals[row["kind"]]


def test_a_plan_that_asks_for_nothing_says_what_to_add(folder: Path, path: Path) -> None:
    result = run("tables", folder, write_plan(path), path.parent / "out")
    assert result.exit_code == 2
    assert "Add [[tables]] or [[tests]]" in result.output


def test_the_account_has_every_margin_before_and_after_every_step(folder: Path, path: Path) -> None:
    write_plan(path, weighting='steps = [{kind = "poststratify", margin = "sex"}, {kind = "rake"}]')
    result = run("weight", folder, path, path.parent / "w.csv", "--steps", path.parent / "steps.csv")
    assert result.exit_code == 0, result.output
    assert "step 1, poststratify: 1 rounds" in result.output
    assert "step 2, rake: " in result.output
    rows = read(path.parent / "steps.csv")
    assert {row["step"] for row in rows} == {"1", "2"}
    for row in rows:
        assert float(row["after"]) == pytest.approx(float(row["population"]), rel=1e-6)
    assert any(float(row["before"]) != pytest.approx(float(row["population"]), rel=1e-3) for row in rows)


def test_another_town_has_tables_of_its_own(tmp_path: Path) -> None:
    write_simulated_export(tmp_path / "export", invited=400, respondents=300, definition=BRINKDORP)
    plan = tmp_path / "plan.toml"
    text = (BRINKDORP / "plan.toml").read_text(encoding="utf-8")
    more = """
[design]
finite_population = true

[[tables]]
key = "oud"
by = ["area_age"]

[[tests]]
key = "leeftijd"
kind = "t"
formula = "grade ~ area_age"
"""
    steps = '[weighting]\nsteps = [{kind = "calibrate", distance = "raking"}]\n\n[[weighting.margins]]'
    plan.write_text(text.replace("[[weighting.margins]]", steps) + more, encoding="utf-8")
    result = run("tables", tmp_path / "export", plan, tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert {row["domain"] for row in read(tmp_path / "out/estimates.csv")} >= {"18-64", "65+"}
    assert [row["term"] for row in read(tmp_path / "out/tests.csv")] == [""]


def test_the_examples_of_the_guide_work(folder: Path, tmp_path: Path) -> None:
    root = Path(__file__).parents[3]
    guide = (root / "docs/guide-evaluators.md").read_text(encoding="utf-8")
    examples = re.findall(r"```toml\n(.*?)```", guide, flags=re.DOTALL)
    assert len(examples) >= 10
    plan = tmp_path / "plan.toml"
    leiden = (root / "analysis/plans/leiden-eindevaluatie.toml").read_text(encoding="utf-8")
    # Those of the guide stand in their place.
    theirs = re.compile(
        r"^\[+report\.(groups|companions|study|theme_chapters|translations)\b.*?(?=^\[|\Z)",
        re.DOTALL | re.MULTILINE,
    )
    leiden = theirs.sub("", leiden)
    plan.write_text("\n".join([leiden, *examples]), encoding="utf-8")
    write_simulated_export(tmp_path / "simulated", invited=400, respondents=1200)
    break_off_here_and_there(tmp_path / "simulated")
    result = run("tables", tmp_path / "simulated", plan, tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert {row["table"] for row in read(tmp_path / "out/differences.csv")} == {"age_and_sex"}
    asked = [row["test"] for row in read(tmp_path / "out/tests.csv") if row["test"] != "grade"]
    assert asked == ["knowing_by_age", *["who_knows"] * 3]


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
