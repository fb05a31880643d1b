"""The coding sheet: every open answer once, with what people wrote beside it, and nothing to join it by."""

import csv
import io
import random
from pathlib import Path

import hypothesis.strategies as st
import pytest
from click.testing import CliRunner, Result
from hypothesis import example, given
from openpyxl import load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from analysis.__main__ import main
from analysis.reporting.coding.coding_sheets import ANSWER, COLUMNS, OpenAnswer, coding_sheet, read_sheet
from analysis.reporting.exports.personal_details import personal_details
from analysis.reporting.exports.questions import open_questions
from survey.questionnaires.answers import clean
from survey.questionnaires.folder import read_folder
from survey.questionnaires.parsing import parse
from survey.questionnaires.problems import Findings
from tests.analysis.coded import edited, fill, rows_of, write_answers
from tests.analysis.reporting.test_report import BRINKDORP
from tests.analysis.simulated import write_simulated_export

PLAN = """
[report.open_answers]
questions = ["wish"]
sheet = "codering.xlsx"
consent = "opinion"
"""

LONG = "Meer groen. " * 417
ARABIC = "أتمنى مزيدا من الأشجار في الحي."
ANSWERS = [
    {"wish_text": "Een bankje bij de brug", "consent_opinion": "0"},
    {"wish_text": "'=2+3 bomen erbij"},
    {"wish_text": ARABIC, "language": "ar"},
    {"wish_text": LONG[:5000].strip()},
    {"wish_text": "Bel mevrouw Zwaan op 071 000 00 00.\nZij woont Dorpsstraat 12, 2311 AB."},
    {"wish_text": "Meer zoals Sanne van het buurthuis."},
]


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """A folder with an export and a plan."""
    write_simulated_export(tmp_path / "export", invited=60, respondents=40, definition=BRINKDORP)
    write_answers(tmp_path / "export", "wish", ANSWERS)
    plan = (BRINKDORP / "plan.toml").read_text(encoding="utf-8")
    (tmp_path / "plan.toml").write_text(f"{plan}{PLAN}", encoding="utf-8")
    return tmp_path


def coding(town: Path, out: str = "codering.xlsx") -> Result:
    return CliRunner().invoke(main, ["coding", *(str(town / name) for name in ("export", "plan.toml", out))])


def made(town: Path) -> Path:
    result = coding(town)
    assert result.exit_code == 0, result.output
    return town / "codering.xlsx"


def ids(town: Path) -> set[str]:
    with (town / "export/responses.csv").open(encoding="utf-8", newline="") as file:
        return {row["response"] for row in csv.DictReader(file)}


def test_every_answer_is_in_the_sheet_as_it_was_written(town: Path) -> None:
    rows = {row["antwoord"]: row for row in rows_of(made(town), "wish")}
    assert set(rows) == {
        "=2+3 bomen erbij",
        *(each["wish_text"] for each in ANSWERS if "=" not in each["wish_text"]),
    }
    assert rows["Een bankje bij de brug"]["mag geciteerd"] == "nee"
    assert rows[ARABIC]["mag geciteerd"] == "ja"
    assert rows[ARABIC]["taal"] == "ar"
    assert rows[ANSWERS[4]["wish_text"]]["let op"] == "telefoonnummer, postcode, huisnummer, naam"
    assert rows[ARABIC]["let op"] == ""
    assert rows[ANSWERS[5]["wish_text"]]["let op"] == "misschien een naam"


def test_a_spreadsheet_takes_no_answer_for_a_formula_and_shows_arabic_from_the_right(town: Path) -> None:
    sheet = load_workbook(made(town))["wish"]
    cells = {cell.value: cell for row in sheet.iter_rows(min_row=2) for cell in row if cell.value}
    assert cells["=2+3 bomen erbij"].data_type == "s"
    assert cells["=2+3 bomen erbij"].quotePrefix
    assert cells[ARABIC].alignment.readingOrder == 2
    assert cells["Een bankje bij de brug"].alignment.readingOrder == 0


def test_a_sheet_is_for_its_owner_until_it_is_opened_to_others(town: Path) -> None:
    out = made(town)
    assert out.stat().st_mode & 0o777 == 0o600
    out.chmod(0o660)
    write_answers(town / "export", "wish", [*ANSWERS, {"wish_text": "Nog een boom"}])
    assert "1 answers added" in coding(town).output
    assert out.stat().st_mode & 0o777 == 0o660


def test_nothing_in_the_sheet_tells_which_response_an_answer_is_of(town: Path) -> None:
    path = made(town)
    text = "\n".join(" ".join(row.values()) for row in rows_of(path, "wish"))
    assert not any(response in text for response in ids(town))
    found = [row["id"] for row in rows_of(path, "wish")]
    assert found == sorted(found)
    assert len(set(found)) == len(ANSWERS)


def test_another_time_adds_what_is_new_and_leaves_the_work_alone(town: Path) -> None:
    path = made(town)
    with edited(path) as book:
        book["Onderwerpen"].append(["groen", "Groen", "Green", "bomen en parken", "P1"])
        fill(book["wish"], ARABIC, {"onderwerp 1": "groen", "codeur": "AB", "citaat": "أتمنى [...]"})
        fill(book["wish"], "Een bankje bij de brug", {"onderwerp 2": 7, "taal": "nl"})
        book["wish"].column_dimensions["C"].width = 33
    before = {row["id"]: row for row in rows_of(path, "wish")}
    write_answers(town / "export", "wish", [*ANSWERS, {"wish_text": "Een bushalte"}])
    result = coding(town)
    assert "1 answers added, of 7 in the export" in result.output
    after = {row["id"]: row for row in rows_of(path, "wish")}
    assert {key: after[key] for key in before} == before
    (new,) = (row for key, row in after.items() if key not in before)
    assert new["antwoord"] == "Een bushalte"
    assert load_workbook(path)["wish"].column_dimensions["C"].width == 33
    assert rows_of(path, "Onderwerpen")[0]["sleutel"] == "groen"
    unchanged = path.read_bytes()
    assert "0 answers added" in coding(town).output
    assert path.read_bytes() == unchanged


def test_bold_words_stay_bold(town: Path) -> None:
    path = made(town)
    bold = CellRichText("Een ", TextBlock(InlineFont(b=True), "fijn"), " bankje")
    with edited(path) as book:
        fill(book["wish"], "Een bankje bij de brug", {"citaat": bold})
    write_answers(town / "export", "wish", [*ANSWERS, {"wish_text": "Een bushalte"}])
    assert "1 answers added" in coding(town).output
    found = load_workbook(path, rich_text=True)["wish"]
    assert any(cell.value == bold for row in found.iter_rows() for cell in row)
    sheet = read_sheet(path.read_bytes(), ["wish"], Findings("codering.xlsx"))
    assert sheet is not None
    assert "Een fijn bankje" in {row.quote for row in sheet.answers["wish"]}


@given(st.text(min_size=1).map(clean).filter(bool))
@example("_x0041_ & <b>")
@example("#N/A")
@example("12345678901234567890")
def test_any_answer_comes_out_of_a_sheet_as_it_went_in(text: str) -> None:
    questions = open_questions(parse(read_folder(BRINKDORP)))
    wish = next(each for each in questions if each.key == "wish")
    answer = OpenAnswer(id="a1", language="nl", text=text, consented=True)
    data = coding_sheet({wish: [answer]}, None, "codering.xlsx", frozenset()).data
    again = coding_sheet({wish: [answer]}, data, "codering.xlsx", frozenset())
    assert again.added == 0
    sheet = load_workbook(io.BytesIO(again.data))["wish"]
    assert sheet.max_row == 2
    assert sheet.cell(2, COLUMNS.index(ANSWER) + 1).value == text


def test_rows_and_columns_may_be_moved(town: Path) -> None:
    path = made(town)
    with edited(path) as book:
        sheet = book["wish"]
        rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
        heads, *rest = [row[::-1] for row in rows]
        random.Random(1).shuffle(rest)
        for place, row in enumerate([heads, *rest], start=1):
            for column, value in enumerate(row, start=1):
                sheet.cell(place, column).value = value
    write_answers(town / "export", "wish", [*ANSWERS, {"wish_text": "Een bushalte"}])
    assert "1 answers added" in coding(town).output
    found = {row["antwoord"]: row for row in rows_of(path, "wish")}
    assert len(found) == 7
    assert found["Een bushalte"]["mag geciteerd"] == "ja"


def test_an_answer_that_was_taken_back_is_named_by_its_row_alone(town: Path) -> None:
    path = made(town)
    write_answers(town / "export", "wish", [{"wish": "-5"}, *ANSWERS[1:]])
    result = coding(town)
    (row,) = (
        number
        for number, row in enumerate(rows_of(path, "wish"), start=2)
        if row["antwoord"] == "Een bankje bij de brug"
    )
    assert f"wish row {row}" in result.output
    assert "bankje" not in result.output


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda path: path.write_bytes(b"PK nothing"), "WA270"),
        (lambda path: path.write_text("antwoord;geheim"), "WA270"),
        (lambda path: _rename(path, "antwoord", "tekst"), "Columns are missing: antwoord"),
    ],
)
def test_a_file_that_is_no_coding_sheet_is_refused_and_stays(town: Path, spoil: object, said: str) -> None:
    path = made(town)
    spoil(path)
    before = path.read_bytes()
    result = coding(town)
    assert result.exit_code == 2
    assert said in result.output
    assert path.read_bytes() == before


def _rename(path: Path, old: str, new: str) -> None:
    with edited(path) as book:
        next(cell for cell in book["wish"][1] if cell.value == old).value = new


def test_a_sheet_of_another_export_is_refused(town: Path) -> None:
    path = made(town)
    before = path.read_bytes()
    write_answers(town / "export", "wish", [{"wish_text": "Iets heel anders"}])
    result = coding(town)
    assert result.exit_code == 2
    assert "WA274" in result.output
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('["wish"]', '["wisch"]', "WA212: wisch is no open question. Did you mean wish?"),
        ('["wish"]', '["wish", "wish"]', "WA211"),
        ('"opinion"', '"quoting"', "WA212: quoting is no purpose of consent."),
        ("codering.xlsx", "../codering.xlsx", "sheet"),
        ("codering.xlsx", "codering.csv", "sheet"),
        ('"codering.xlsx"', '"codering.xlsx"\nsecond = "codering.xlsx"', "WA211"),
        (PLAN, "", "names no open answers"),
    ],
)
def test_a_plan_that_cannot_be_followed_is_refused(town: Path, old: str, new: str, said: str) -> None:
    plan = town / "plan.toml"
    text = plan.read_text(encoding="utf-8")
    assert old in text
    plan.write_text(text.replace(old, new), encoding="utf-8")
    result = coding(town)
    assert result.exit_code == 2
    assert said in result.output
    assert not (town / "codering.xlsx").exists()


@pytest.mark.parametrize(
    "text", ["Lekker rustig hier.", "In 2024 en 2025 was het 3 keer raak", "Huis 2 van 10", ""]
)
def test_an_ordinary_text_has_no_personal_details(text: str) -> None:
    assert personal_details(text) == ()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("mail naar jan.smit@voorbeeld.nl", "e-mailadres"),
        ("zie www.voorbeeld.nl/mij", "internetadres"),
        ("NL91 ABNA 0417 1643 00", "rekeningnummer"),
        ("bel 06-12345678", "telefoonnummer"),
        ("bel +31 (0)71 516 5165", "telefoonnummer"),
        ("٠٦١٢٣٤٥٦٧٨", "telefoonnummer"),
        ("op 2312 KV woon ik", "postcode"),
        ("op 2312kv woon ik", "postcode"),
        ("Hogewoerd nr. 3", "huisnummer"),
        ("langs de Witte Singel 27a", "huisnummer"),
        ("mevrouw van der Berg is lief", "naam"),
        ("MENEER Öztürk", "naam"),
        ("ik heet Sanne", "naam"),
        ("Ayşe Hanım", "naam"),
        ("пані Олена", "naam"),
        ("السيدة فاطمة", "naam"),
    ],
)
def test_what_may_tell_who_it_is_about_is_pointed_out(text: str, kind: str) -> None:
    assert kind in personal_details(text)
