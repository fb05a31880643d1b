"""Reports on data that nobody hopes for: they say what is not known, and nothing falls off a page."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path

import openpyxl
import pytest
from msgspec import Struct

from analysis.__main__ import read_background
from analysis.reporting import report
from analysis.reporting.files import printing
from analysis.reporting.files.manifest import Manifest
from analysis.reporting.files.table_book import WORKBOOK
from survey.questionnaires.model import DONT_KNOW, RATHER_NOT_SAY
from tests.analysis.reporting.test_report import BRINKDORP, PLAN, outcomes_of
from tests.analysis.simulated import write_simulated_export
from tests.analysis.words import Word, words_of

MADE_FROM = Manifest(program="0", survey="s", week="2026-W48", export="", plan="")
TINY = "WK054609"
"""The district where three people answered."""

PAGE = (595.3, 841.9)
"""Width and height of A4 in points."""

MARGIN = 47.0
"""Least white at the left and right of a page, in points: that of a summary."""

RAW = r"\bnan\b|\bNaN\b|\binf\b|\bNone\b|\bundefined\b|\{[^{}\n]*\}|Suppressed"
"""What stands in a text when a value was printed that is none."""

LONG_WORDS = ("cliëntondersteuningsorganisaties", "en", "buurtvoorzieningenoverleg", "voor", "wie", "dat wil")

Row = dict[str, str]


class Made(Struct, frozen=True, kw_only=True, eq=False):
    """A whole report on paper, for the web and as data."""

    folder: Path
    pages: dict[str, str]

    @property
    def texts(self) -> Iterator[tuple[str, str]]:
        """The text of every file, by its name."""
        for pdf in sorted(self.folder.glob("*.pdf")):
            yield pdf.name, " ".join(word.text for page in words_of(pdf) for word in page)
        page = (self.folder / report.PUBLIC).read_text(encoding="utf-8")
        yield report.PUBLIC, re.sub(r"<style>.*?</style>|<[^>]*>", " ", page, flags=re.DOTALL)
        for path in sorted((self.folder / "tabellen").glob("*.csv")):
            yield path.name, path.read_text(encoding="utf-8")
        book = openpyxl.load_workbook(self.folder / WORKBOOK)
        for sheet in book:
            cells = (cell for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None)
            yield sheet.title, " ".join(map(str, cells))


def made_of(export: Path, plan: Path, out: Path, *wanted: str) -> Made:
    """The report; of its PDFs those whose names begin with one of `wanted`, to save time."""
    made = report.reports(outcomes_of(export, plan), read_background(export))
    jobs = [job for job in report.jobs(made) if job.name.startswith(wanted or ("",))]
    for _ in printing.write(jobs, report.data_files(made, MADE_FROM.week), out, MADE_FROM):
        pass
    return Made(folder=out, pages={job.name: job.html for job in jobs})


def rewrite(export: Path, change: Callable[[list[Row]], list[Row]]) -> None:
    """The responses of an export changed, and the fieldwork as it is then."""
    path = export / "responses.csv"
    rows = change([*csv.DictReader(io.StringIO(path.read_text(encoding="utf-8")))])
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    about = json.loads((export / "export.json").read_text())
    (export / "export.json").write_text(json.dumps(about | {"responses": len(rows)}))
    work = json.loads((export / "fieldwork.json").read_text())
    for area, channels in work["areas"].items():
        for channel, account in channels.items():
            here = [row["disposition"] for row in rows if (row["area"], row["channel"]) == (area, channel)]
            account |= {"I": here.count("complete"), "P": here.count("partial")}
            if channel == "invited":
                account |= {"opened": len(here), "used": len(here), "U": account["issued"] - len(here)}
    (export / "fieldwork.json").write_text(json.dumps(work))


def thinned(rows: list[Row]) -> list[Row]:
    """Three people in one district, none by the open link; statements nobody answered, one answer by all."""
    kept, tiny = [], 0
    for row in rows:
        if row["channel"] != "invited":
            continue
        tiny += row["area"] == TINY
        if row["area"] != TINY or tiny <= 3:
            kept.append(row | {"q4_d": str(DONT_KNOW), "q28_a": str(DONT_KNOW), "q30": "2", "q32": "7"})
    return kept


@pytest.fixture(scope="module")
def thin(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Leiden, where nobody of the employees and partners was asked."""
    folder = tmp_path_factory.mktemp("thin")
    write_simulated_export(folder / "export", invited=300, respondents=620)
    rewrite(folder / "export", thinned)
    profiles = (f"wijkprofiel-{area}" for area in (TINY, "WK054604"))
    return made_of(
        folder / "export", PLAN, folder / "out", report.MAIN, report.ANNEXES, *profiles, "samenvatting-nl"
    )


def lengthened(text: str) -> str:
    """Every label, short name and title of a TOML file made 300 characters long."""
    tail = " ".join(LONG_WORDS * 4)

    def longer(found: re.Match[str]) -> str:
        name, label = found.groups()
        end = label[-1] if label[-1] in ".?" else ""
        return f'{name} = "{f"{label.rstrip(end)} {tail}"[: 300 - len(end)]}{end}"'

    return re.sub(r'\b(label|short) = "([^"]+)"', longer, text)


@pytest.fixture(scope="module")
def lengthy(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Brinkdorp with labels of 300 characters, and no names for the categories of its margin."""
    folder = tmp_path_factory.mktemp("lengthy")
    write_simulated_export(folder / "export", invited=400, respondents=300, definition=BRINKDORP)
    questionnaire = folder / "export" / "questionnaire" / "questionnaire.toml"
    questionnaire.write_text(lengthened(questionnaire.read_text(encoding="utf-8")), encoding="utf-8")
    plan = folder / "plan.toml"
    plan.write_text(lengthened((BRINKDORP / "plan.toml").read_text(encoding="utf-8")), encoding="utf-8")
    return made_of(folder / "export", plan, folder / "out")


@pytest.fixture(params=["thin", "lengthy"])
def made(request: pytest.FixtureRequest) -> Made:
    found: Made = request.getfixturevalue(request.param)
    return found


def test_no_file_prints_what_is_no_value(made: Made) -> None:
    texts = dict(made.texts)
    assert len(texts) > 20
    for name, text in texts.items():
        assert not re.search(RAW, text), (name, re.findall(f".{{0,40}}(?:{RAW}).{{0,40}}", text))


def test_every_word_stands_on_its_page_and_on_no_other_word(made: Made) -> None:
    for pdf in made.folder.glob("*.pdf"):
        for number, page in enumerate(words_of(pdf), 1):
            outside = [word for word in page if not is_inside(word)]
            assert outside == [], (pdf.name, number)
            assert [*overlaps(page)] == [], (pdf.name, number)


def is_inside(word: Word) -> bool:
    width, height = PAGE
    return word.left > MARGIN and word.right < width - MARGIN and word.top > 0 and word.bottom < height


def overlaps(page: list[Word]) -> Iterator[tuple[str, str]]:
    """Words that share more than the white above and below a line of small line height."""
    for place, one in enumerate(page):
        for other in page[place + 1 :]:
            across = min(one.right, other.right) - max(one.left, other.left)
            down = min(one.bottom, other.bottom) - max(one.top, other.top)
            if across > 1.5 and down > 0.45 * min(one.bottom - one.top, other.bottom - other.top):
                yield one.text, other.text


def rows_beginning(page: str, label: str) -> list[list[str]]:
    """The cells of the rows of tables whose first cell is this label."""
    rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in re.findall(r"<tr.*?</tr>", page)]
    return [cells[1:] for cells in rows if cells and cells[0].replace(" <br>", " ") == label]


def test_of_three_people_no_answer_is_told_and_that_is_said(thin: Made) -> None:
    profile = next(page for name, page in thin.pages.items() if TINY in name)
    assert "Van deze wijk is geen cijfer te vergelijken met de rest van Leiden." in unescape(profile)
    figures = [row for row in re.findall(r"<tr.*?</tr>", profile) if "<td" in row]
    assert len(figures) == 14
    for row in figures:
        assert "te weinig" in row or "beschermd" in row
        cells = re.findall(r"<td[^>]*>([^<]*)</td>", row)
        assert not any(re.search(r"\d", cell) for cell in cells if cell != "&lt;5"), cells
    printed = thin.pages[report.MAIN] + thin.pages[report.ANNEXES]
    withheld = [cells for cells in rows_beginning(printed, "Stevenshofdistrict") if "te weinig" in cells]
    assert len(withheld) > 15
    for cells in withheld:
        assert not any(re.search(r"\d", cell) for cell in cells if cell not in ("&lt;5", "8.910")), cells


def test_three_people_in_one_district_silence_no_other(thin: Made) -> None:
    """Hidden beside them is what would give them away, and not every district of every figure."""
    rows = [
        cells
        for cells in rows_beginning(
            thin.pages[report.MAIN] + thin.pages[report.ANNEXES], "Roodenburgerdistrict"
        )
        if "te weinig" in cells or any("gelijk" in cell or "hoger" in cell for cell in cells)
    ]
    shown = [cells for cells in rows if "te weinig" not in cells]
    assert len(shown) > len(rows) / 2


def test_a_statement_that_nobody_answered_has_no_figure_and_the_annex_says_why(thin: Made) -> None:
    main, annexes = thin.pages[report.MAIN], thin.pages[report.ANNEXES]
    (asked,) = rows_beginning(annexes, "Q4d  Huis van de Buurt")
    assert asked == ["494", "0", "100", "0", "0", "0"]
    figures = [
        cells
        for cells in rows_beginning(main, "Kent het Huis van de Buurt, minstens van naam")
        if "Q4" in cells
    ]
    assert all("–" in cells and not any("%" in cell for cell in cells) for cells in figures)
    assert figures


def test_an_answer_that_everybody_gave_is_a_hundred_percent_with_an_interval(thin: Made) -> None:
    rows = rows_beginning(thin.pages[report.MAIN], "Zag iets nieuws in de wijk")
    assert ["100", "99–100"] in [cells[2:4] for cells in rows]


def test_without_employees_and_partners_the_report_says_that_they_are_missing(thin: Made) -> None:
    assert (
        "Van medewerkers, partners en jongeren zijn geen antwoorden in dit rapport" in thin.pages[report.MAIN]
    )


def test_inserts_are_filled_in_as_for_readers(lengthy: Made) -> None:
    assert "In het dorpshuis" in lengthy.pages[report.MAIN]


def test_a_note_on_second_hand_figures_stands_only_with_such_figures(thin: Made, lengthy: Made) -> None:
    assert "Tweede hand: uit een krant" in thin.pages[report.MAIN]
    assert "rapportcijfer wonen" in lengthy.pages[report.MAIN]
    assert "tweede hand" not in lengthy.pages[report.MAIN]


def all_the_same(rows: list[Row]) -> list[Row]:
    """Everybody gives the answers of the first who gave one."""
    asked = [name for name in rows[0] if is_answer(name)]
    first = {
        name: next((row[name] for row in rows if row[name][:1] not in {"", "-"}), "-8") for name in asked
    }
    return [row | first for row in rows]


def silent(rows: list[Row]) -> list[Row]:
    """Nobody tells anything, and not whether they are a man or a woman."""
    nothing = {name: str(RATHER_NOT_SAY) for name in rows[0] if is_answer(name)}
    return [row | nothing | {"q36": str(RATHER_NOT_SAY)} for row in rows]


def is_answer(column: str) -> bool:
    """Of the closed questions those that nothing is weighted by."""
    return bool(re.match(r"q\d", column)) and not re.match(r"q1$|q35|q36|q37|.*_text", column)


@pytest.mark.parametrize("change", [all_the_same, silent])
def test_a_report_is_made_whatever_people_answer(
    change: Callable[[list[Row]], list[Row]], tmp_path: Path
) -> None:
    export = tmp_path / "export"
    write_simulated_export(export, invited=200, respondents=450)
    rewrite(export, change)
    made = report.reports(outcomes_of(export, PLAN), read_background(export))
    for job in report.jobs(made):
        text = re.sub(r"<style>.*?</style>|<[^>]*>", " ", job.html, flags=re.DOTALL)
        found = re.findall(f".{{0,40}}(?:{RAW}).{{0,40}}", text.replace("None of these", ""))
        assert found == [], job.name
