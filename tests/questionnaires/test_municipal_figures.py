"""What `check` says of the files that only the analysis reads, row by row."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from analysis.reporting.charts.background import parse as parse_background
from analysis.reporting.exports.dataset import parse_population
from survey.questionnaires.folder import DEFINITIONS, read_folder
from survey.questionnaires.lint import check
from survey.questionnaires.municipal_figures import read_figures
from survey.questionnaires.parsing import read
from survey.questionnaires.problems import Findings

FILES = read_folder(Path("tests/samples/brinkdorp"))
POPULATION, COMPARISON = "municipality/population.csv", "municipality/comparison.csv"
COUNT = "area_age,BD01,18-64,600,estimate,2026-01-01,verzonnen,bedacht"
PUBLISHED = "grade,buurt,rapportcijfer wonen,BD00,Brinkdorp,2024,7.5,1-10,verzonnen,primary,limited,verzonnen"


def with_row(name: str, row: str, old: str) -> dict[str, bytes]:
    text = FILES[name].decode()
    assert text.count(old) == 1
    return {**FILES, name: text.replace(old, row).encode()}


def said(files: dict[str, bytes]) -> Iterator[tuple[str, str]]:
    for problem in check(files):
        assert problem.file in {POPULATION, COMPARISON}
        yield problem.place, problem.code


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("area_age,BD01,18-64,600,estimate,2026-01-01,verzonnen", "WP302"),
        ("area_age,,18-64,600,estimate,2026-01-01,verzonnen,bedacht", "WP303"),
        ("area_age,BD01,65+,600,estimate,2026-01-01,verzonnen,bedacht", "WP304"),
        ("area_age,BD09,18-64,600,estimate,2026-01-01,verzonnen,bedacht", "WP307"),
        ("area_age,NL,18-64,600,estimate,2026-01-01,verzonnen,bedacht", "WP307"),
        ("area_age,BD01,18-64,-600,estimate,2026-01-01,verzonnen,bedacht", "WP314"),
        ("area_age,BD01,18-64,nan,estimate,2026-01-01,verzonnen,bedacht", "WP314"),
        ("area_age,BD01,18-64,600,geschat,2026-01-01,verzonnen,bedacht", "WP315"),
        ("area_age,BD01,18-64,600,estimate,2026-01-01,verzonnen,", "WP316"),
        ("area_age,BD00,18-64,600.5,official,2026-01-01,verzonnen,", None),
    ],
)
def test_a_row_of_the_population_is_named_with_what_is_wrong(row: str, code: str | None) -> None:
    place = "line 3" if code == "WP304" else "line 2"
    assert [*said(with_row(POPULATION, row, COUNT))] == ([] if code is None else [(place, code)])


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (",verzonnen,primary", ",primary", "WP302"),
        ("rapportcijfer wonen", "", "WP303"),
        ("BD00", "BD77", "WP307"),
        ("7.5", "7,5", "WP302"),
        ("7.5", '"7,5"', "WP314"),
        ("primary", "krant", "WP315"),
        ("limited", "misschien", "WP315"),
        ("BD00,Brinkdorp", "NL,Nederland", None),
        ("BD00,Brinkdorp", ",Elders", None),
        ("limited", "", None),
    ],
)
def test_a_published_figure_is_named_with_what_is_wrong(old: str, new: str, code: str | None) -> None:
    found = dict(said(with_row(COMPARISON, PUBLISHED.replace(old, new), PUBLISHED)))
    assert found == ({} if code is None else {"line 2": code})


def test_a_figure_that_was_published_twice_in_one_year_by_one_source_is_one_too_many() -> None:
    found = [*said(with_row(COMPARISON, f"{PUBLISHED}\n{PUBLISHED}", PUBLISHED))]
    assert found == [("line 3", "WP304")]


def test_a_question_that_names_figures_which_are_not_there_is_told() -> None:
    (problem,) = check(with_row(COMPARISON, PUBLISHED.replace("grade,", "grades,", 1), PUBLISHED))
    assert (problem.code, problem.question, problem.severity) == ("WP524", "grade", "advice")
    without = {name: data for name, data in FILES.items() if name != COMPARISON}
    assert check(without) == ()


def test_wrong_figures_do_not_keep_a_survey_from_being_held() -> None:
    files = with_row(POPULATION, COUNT.replace("600", "veel"), COUNT)
    assert [problem.severity for problem in check(files)] == ["error"]
    assert read(files).questionnaire is not None


@pytest.mark.parametrize("folder", sorted(DEFINITIONS.iterdir()), ids=lambda folder: folder.name)
def test_the_figures_of_leiden_are_in_order(folder: Path) -> None:
    assert read_figures(read_folder(folder)).problems == ()


ODD = ("", "BD01", "NL", "7.5", "-1", "nan", "1e3", "2000000000", "official", "secondary", "no", "é")


@given(data=st.data(), name=st.sampled_from([POPULATION, COMPARISON]))
def test_what_is_in_order_can_be_read_by_the_analysis(data: st.DataObject, name: str) -> None:
    head, row, *_ = FILES[name].decode().splitlines()
    cells = [data.draw(st.sampled_from([cell] * 12 + [*ODD])) for cell in row.split(",")]
    files = {**FILES, name: f"{head}\n{','.join(cells)}\n".encode()}
    assume(all(problem.severity == "advice" for problem in read_figures(files).problems))
    findings = Findings(name)
    parse_population(files[POPULATION], findings)
    parse_background(files, findings)
    assert [*findings] == []
