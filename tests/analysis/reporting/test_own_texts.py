"""The evaluator's texts in a real report: from the first file to the approval by somebody else."""

import csv
import json
import re
import shutil
from functools import cache
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import sync_playwright
from pypdf import PdfReader

from analysis.__main__ import read_background
from analysis.reporting import report
from analysis.reporting.chapters import texts
from analysis.reporting.chapters.building_blocks import building_blocks
from analysis.reporting.chapters.documents import Noted, Review, TextFile
from analysis.reporting.chapters.prose import TextRemark, Withheld
from analysis.reporting.chapters.references import area_names, references
from analysis.reporting.disclosure import Suppressed
from analysis.reporting.exports.dataset import Account, InputError
from analysis.reporting.files import approval
from analysis.reporting.files.approval import Approval, ApprovalError, Reported
from analysis.reporting.files.likeness import Mark
from analysis.reporting.files.manifest import Manifest, manifest_of
from analysis.reporting.findings.outcomes import Outcomes
from analysis.reporting.phrases import phrases
from analysis.reporting.report import Reports
from survey.questionnaires.model import Area
from tests.analysis.reporting.test_report import BRINKDORP, outcomes_of, run
from tests.analysis.simulated import write_simulated_export
from tests.analysis.verapdf import validate
from tests.journeys.inspection import violations
from tests.validator import faults_of_html

ADVICE = """
[[report.follow_up]]
key = "gezellig"
kind = "recommendation"
text = "Maak het gezelliger"
indicators = ["goes_out", "grade"]

[[report.follow_up]]
key = "brug"
kind = "suggestion"
text = "Bouw een brug"
"""

OWN = """\
# Het is goed wonen

Bewoners geven hun buurt een {{ grade }} ({{ grade.margin }}), en {{ goes_out.area.dorpskern }} in de
Dorpskern ging *uit*. In gesprekken zei 40% iets anders.

### Meer

- Lees [de verordening](https://example.org/verordening).

> Ik ging nooit weg.
"""
COMMENT = "\n> [!opmerking] Bram: klopt dit nog?\n"


class Town:
    """An export, a plan beside which texts may stand, and the commands on both."""

    def __init__(self, folder: Path) -> None:
        self.export = folder / "export"
        self.plan = folder / "plan.toml"
        self.texts = folder / "plan-teksten"
        self.out = folder / "out"

    def run(self, command: str, *more: object) -> str:
        result = run(command, self.export, self.plan, *more)
        assert result.exit_code == 0, result.output
        return result.output

    def refused(self, command: str, *more: object) -> str:
        result = run(command, self.export, self.plan, *more)
        assert result.exit_code == 2, result.output
        return result.output

    def text(self, anchor: str) -> Path:
        (found,) = self.texts.glob(f"*-{anchor}.md")
        return found


@pytest.fixture(scope="module")
def drafted(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """A draft with a text, a comment and the building blocks."""
    town = Town(tmp_path_factory.mktemp("drafted"))
    write_simulated_export(town.export, invited=400, respondents=300, definition=BRINKDORP)
    plan = (BRINKDORP / "plan.toml").read_text(encoding="utf-8")
    plan = plan.replace("[report]\n", '[report]\nauthors = ["Anna de Vries"]\n')
    town.plan.write_text(f"{plan}{ADVICE}", encoding="utf-8")
    town.run("texts")
    text = town.text("totaalbeeld")
    text.write_text(f"{text.read_text(encoding='utf-8')}\n{OWN}{COMMENT}", encoding="utf-8")
    assert "Nobody has approved it" in town.run("report", town.out)
    return town


@pytest.fixture(scope="module")
def approved(drafted: Town, tmp_path_factory: pytest.TempPathFactory) -> Town:
    """What becomes of the draft: one building block is adopted, the others and the comment are removed."""
    folder = tmp_path_factory.mktemp("approved") / "town"
    shutil.copytree(drafted.plan.parent, folder)
    town = Town(folder)
    closing = town.text("conclusies")
    block = next(line for line in closing.read_text(encoding="utf-8").splitlines() if line.startswith("[!"))
    closing.write_text(f"## Slot\n\n{block.removeprefix('[!bouwsteen] ')}\n", encoding="utf-8")
    text = town.text("totaalbeeld")
    text.write_text(text.read_text(encoding="utf-8").replace(COMMENT, ""), encoding="utf-8")
    said = town.run("approve", "--name", "Bram Jansen")
    assert "Numbers typed by hand: 40% (04-totaalbeeld.md, line " in said
    assert "draft" not in town.run("report", town.out)
    return town


@pytest.fixture(scope="module")
def outcomes(drafted: Town) -> Outcomes:
    return outcomes_of(drafted.export, drafted.plan)


@pytest.fixture(scope="module")
def made(drafted: Town, outcomes: Outcomes) -> Reports:
    return report.reports(outcomes, read_background(drafted.export))


@cache
def words(path: Path) -> str:
    """The text of a PDF, on one line."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(path).pages).split())


def test_who_came_with_a_slip_or_to_a_kiosk_is_counted_apart(
    drafted: Town, outcomes: Outcomes, made: Reports
) -> None:
    """And a survey without kiosks says nothing of them."""
    came = msgspec.structs.replace(
        outcomes, slips=Account(complete=41, partial=2), kiosks=Account(complete=17)
    )
    with_places = repr(report.reports(came, read_background(drafted.export)).main)
    for said in ("Met een strookje uit een Huis van de Buurt", "Aan een kiosk", "is niet getrokken en telt"):
        assert said in with_places
        assert said not in repr(made.main)


def test_a_file_for_every_section_explains_itself_and_is_never_overwritten(drafted: Town) -> None:
    names = sorted(path.name for path in drafted.texts.iterdir())
    assert names[0] == "01-inleiding.md"
    assert {"04-totaalbeeld.md", "06-p2.md", "09-vervolg-gezellig.md"} < set(names)
    assert not any("bijlage-b" in name for name in names)
    assert "Typ geen cijfer over" in drafted.text("p1").read_text(encoding="utf-8")
    before = {path: path.read_bytes() for path in drafted.texts.glob("*.md")}
    drafted.text("totaalbeeld").rename(drafted.texts / "99-totaalbeeld.md")
    (drafted.texts / "verwijzingen.csv").unlink()
    said = drafted.run("texts")
    assert said.startswith("0 new texts and verwijzingen.csv are in")
    (drafted.texts / "99-totaalbeeld.md").rename(drafted.texts / "04-totaalbeeld.md")
    assert {path: path.read_bytes() for path in drafted.texts.glob("*.md")} == before


def test_the_list_of_references_opens_in_a_dutch_spreadsheet_with_what_they_are_now(
    drafted: Town, outcomes: Outcomes
) -> None:
    text = (drafted.texts / "verwijzingen.csv").read_text(encoding="utf-8-sig")
    rows = {row["verwijzing"]: row for row in csv.DictReader(text.splitlines(), delimiter=";")}
    assert len(rows) == len([*references(outcomes)])
    assert re.fullmatch(r"\d,\d", rows["{{ grade }}"]["staat er nu"])
    assert rows["{{ grade.area.waterkant }}"]["wat het is"] == "Cijfer voor wonen in Brinkdorp, in Waterkant"


def test_a_reference_is_the_cell_that_the_tables_print(outcomes: Outcomes, made: Reports) -> None:
    named = {each.name: each.text for each in references(outcomes)}
    printed = {
        (line.label[0], *(cell.text for cell in line.cells))
        for figure in made.main.figures
        if figure.table is not None
        for line in figure.table.on_page.lines
    }
    grade = tuple(named[f"grade{part}"] for part in (".n", "", ".interval"))
    assert ("Cijfer voor wonen in Brinkdorp", "3", *grade) in printed
    share = (named["goes_out.n"], str(named["goes_out"]).rstrip("%"), named["goes_out.interval"])
    assert ("Kwam ergens in het laatste jaar", "4", *share) in printed
    library = (str(named["visits.3"]).rstrip("%"), named["visits.3.interval"])
    assert ("In de bibliotheek", *library) in printed


def test_what_is_withheld_cannot_be_quoted(tmp_path: Path) -> None:
    write_simulated_export(tmp_path / "export", invited=300, respondents=60, definition=BRINKDORP)
    few = outcomes_of(tmp_path / "export", BRINKDORP / "plan.toml")
    named = {each.name: each.text for each in references(few)}
    names = area_names([each.area for each in few.people])
    hidden = [
        f"{outcome.indicator.key}.area.{names[each.area.code]}"
        for outcome in few.indicators
        for each in outcome.areas
        if isinstance(each.cell, Suppressed)
    ]
    assert hidden, "the export of this test must be small enough"
    for name in hidden:
        quoted = [named[f"{name}{part}"] for part in ("", ".interval", ".margin", ".mark")]
        assert quoted == [Withheld("te weinig antwoorden")] * 4
    assert not any(name in building_blocks(few) for name in hidden)


def test_areas_with_one_name_are_called_by_their_codes() -> None:
    areas = [Area(code="A1", name="Oost"), Area(code="A2", name="oost!"), Area(code="A3", name="West")]
    assert area_names(areas[::2]) == {"A1": "oost", "A3": "west"}
    assert area_names(areas) == {"A1": "A1", "A2": "A2", "A3": "A3"}


def test_the_text_stands_in_its_section_on_paper_and_on_the_page(drafted: Town, outcomes: Outcomes) -> None:
    named = {each.name: each.text for each in references(outcomes)}
    sentence = f"geven hun buurt een {named['grade']} ({named['grade.margin']})"
    assert sentence in words(drafted.out / "hoofdrapport.pdf")
    page = (drafted.out / "resultaten.html").read_text(encoding="utf-8")
    section = page.split('id="totaalbeeld"')[1].split("</section>")[0]
    assert sentence in section
    assert "<h3>Het is goed wonen</h3>" in section
    assert "<h4>Meer</h4>" in section


def test_a_draft_says_so_on_every_page_and_lists_what_is_left(drafted: Town) -> None:
    for path in drafted.out.glob("*.pdf"):
        tag = path.stem.removeprefix("samenvatting-") if path.stem.startswith("samenvatting-") else "nl"
        own = phrases()[tag]
        word = own.say("Concept") if own.direction == "ltr" else "Concept"
        for page in PdfReader(path).pages:
            assert word in page.extract_text(), path.name
    text = words(drafted.out / "hoofdrapport.pdf")
    assert "Totaalbeeld: Bram: klopt dit nog? (04-totaalbeeld.md, regel" in text
    assert "Totaalbeeld: 40% (04-totaalbeeld.md, regel" in text
    assert "Bereik" not in text.split("Nog zonder eigen tekst")[0].split("Wat nog te doen is")[-1]
    assert "Bouwsteen: " in text
    page = (drafted.out / "resultaten.html").read_text(encoding="utf-8")
    assert "publiceer ze niet" in page
    assert "klopt dit nog?" not in page


def test_the_advice_of_an_earlier_evaluation_has_its_figures_or_says_that_nobody_asked(made: Reports) -> None:
    (chapter,) = (each for each in made.main.chapters if each.anchor == "vervolg")
    asked, not_asked = chapter.sections
    assert asked.title == "Aanbeveling 1: maak het gezelliger"
    assert len(asked.figures) == 2
    assert not_asked.title == "Suggestie 1: bouw een brug"
    assert not_asked.figures == ()
    assert not_asked.lead.startswith("Geen vraag aan bewoners meet dit")
    assert "één aanbeveling en één suggestie" in chapter.lead


def test_chapters_of_text_alone_are_left_out_without_it(made: Reports, approved: Town) -> None:
    assert {"inleiding", "conclusies"}.isdisjoint(chapter.anchor for chapter in made.main.chapters)
    assert "Conclusies en aanbevelingen" in words(approved.out / "hoofdrapport.pdf")
    assert "Waarom dit onderzoek?" not in words(approved.out / "hoofdrapport.pdf")


def test_drafts_and_final_reports_are_accessible(drafted: Town, approved: Town) -> None:
    files = [town.out / "hoofdrapport.pdf" for town in (drafted, approved)]
    verdict = validate([*files, next(drafted.out.glob("wijkprofiel-*.pdf"))])
    assert verdict.count("PASS ") == 3, verdict


def test_the_page_with_a_text_is_valid_and_accessible(drafted: Town) -> None:
    path = drafted.out / "resultaten.html"
    assert [each for each in faults_of_html(path) if not each["message"].startswith("CSS:")] == []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        page = chromium.new_page()
        page.goto(path.as_uri())
        assert violations(page) == []
        chromium.close()


def test_nothing_is_approved_while_something_is_left_to_do(drafted: Town) -> None:
    said = drafted.refused("approve", "--name", "Bram Jansen")
    assert re.search(r"04-totaalbeeld.md: line \d+: an open comment \(Bram: klopt dit nog\?\)", said)
    assert "a building block (" in said
    assert not approval.file_of(drafted.plan).exists()


def note(kind: str, text: str) -> Noted:
    file = TextFile(anchor="p1", title="Bereik", name="05-p1.md")
    return Noted(file=file, remark=TextRemark(kind=kind, line=3, text=text))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "authors", "notes", "reason"),
    [
        ("Bram", [], [], "The plan does not say who wrote the report"),
        ("anna de  vries.", ["Anna de Vries"], [], "wrote the report. Somebody else approves it"),
        (" - ", ["Anna"], [], "Who approves has a name"),
        ("Bram", ["Anna"], [note("withheld", "few")], "05-p1.md: line 3: {{ few }} is withheld"),
    ],
)
def test_who_may_not_approve_is_told_why(
    name: str, authors: list[str], notes: list[Noted], reason: str
) -> None:
    with pytest.raises(ApprovalError, match=re.escape(reason)):
        approval.refuse(name, authors, Review(notes=tuple(notes)))


def test_a_number_that_was_typed_or_a_section_without_text_does_not_stop_an_approval() -> None:
    approval.refuse("Bram", ["Anna"], Review(notes=(note("typed", "40%"),)))


def test_a_final_report_is_no_draft_anywhere_and_says_who_approved_it(approved: Town) -> None:
    text = words(approved.out / "hoofdrapport.pdf")
    assert "Concept" not in text
    assert "geschreven door Anna de Vries. Bram Jansen heeft het nagelezen en vrijgegeven op" in text
    page = (approved.out / "resultaten.html").read_text(encoding="utf-8")
    assert "Concept" not in page
    assert "Bouwsteen" not in page
    assert "Bram Jansen" in page
    found = manifest_of((approved.out / "hoofdrapport.pdf").read_bytes())
    assert set(found.texts) == {path.name for path in approved.texts.glob("*.md")}
    assert found.approval


def test_a_final_report_is_made_again_byte_for_byte_until_anything_changes(
    approved: Town, tmp_path: Path
) -> None:
    town = Town(Path(shutil.copytree(approved.plan.parent, tmp_path / "town")))
    pdf = town.out / "hoofdrapport.pdf"
    found = run("reproduce", pdf, town.export, town.plan)
    assert found.exit_code == 0, found.output
    text = town.text("totaalbeeld")
    text.write_text(f"{text.read_text(encoding='utf-8')}\nEn nog iets.\n", encoding="utf-8")
    found = run("reproduce", pdf, town.export, town.plan)
    assert found.exit_code == 1
    assert found.output.splitlines() == [
        "texts: 04-totaalbeeld.md was changed",
        "approval: it was approved; what is here is not",
    ]


def test_an_approval_names_what_changed_since() -> None:
    then = Manifest(
        program="1", survey="s", week="2026-W48", export="a", plan="b", texts={"1.md": "x", "2.md": "y"}
    )
    given = Approval(name="Bram", date="2026-12-01", of=then)
    assert approval.changes(given, then) == []
    now = msgspec.structs.replace(then, program="2", export="c", texts={"1.md": "z", "3.md": "y"})
    export, *others, program = approval.changes(given, now)
    assert export.startswith("export: it was another one, of survey s")
    assert others == [
        "texts: 1.md was changed",
        "texts: 2.md was removed",
        "texts: 3.md was added",
    ]
    assert program == "program: it was version 1; this is 2"


def test_an_approval_that_cannot_be_read_stops_the_report(drafted: Town, tmp_path: Path) -> None:
    town = Town(Path(shutil.copytree(drafted.plan.parent, tmp_path / "town")))
    file = approval.file_of(town.plan)
    file.write_text(json.dumps({"format": 5, "name": "Bram"}))
    assert "plan-akkoord.json is no approval" in town.refused("report", tmp_path / "out")


@pytest.mark.parametrize("form", [1, 2, 3, 4])
def test_an_approval_of_an_old_form_says_what_is_lost(form: int) -> None:
    """Marks that told of single people or named by a language; not what was withheld, or what areas are."""
    with pytest.raises(ApprovalError, match=r"an earlier version.* If one of them was published, publish no"):
        approval.decoded(json.dumps({"format": form, "name": "Bram"}).encode(), "plan-akkoord.json")


def test_a_mark_of_another_length_is_no_approval() -> None:
    of = Manifest(program="1", survey="s", week="2026-W48", export="a", plan="b", texts={})
    marks = {"survey": {"figure": {"": Mark(people=40)}}}
    given = Approval(
        name="Bram",
        date="2026-12-01",
        of=of,
        reported=(Reported(date="2026-12-01", marks=marks, people={}, withheld=(), defined={}),),
    )
    data = given.encode()
    assert approval.decoded(data, "plan-akkoord.json") == given
    broken = re.sub(rb'("bins": ")\w{4}', rb"\1", data)
    assert len(broken) == len(data) - 4
    with pytest.raises(ApprovalError, match=r"no approval .a mark has 512 bytes, and this one 509"):
        approval.decoded(broken, "plan-akkoord.json")


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"04-totalbeeld.md": b"x"}, "04-totalbeeld.md: WA311: The report has no section totalbeeld"),
        (
            {"04-totaalbeeld.md": b"x", "totaalbeeld.md": b"y"},
            "WA312: 04-totaalbeeld.md is a text for the same",
        ),
        (
            {"04-totaalbeeld.md.txt": b"x"},
            "no section 04-totaalbeeld.md.txt that may have a text. Did you mean",
        ),
        ({"04-totaalbeeld.md": b"goed\nn\xe9e"}, "04-totaalbeeld.md: line 2: WA313: This is no UTF-8"),
        ({"04-totaalbeeld.md": b"{{ grade.area.waterkan }}"}, "Did you mean grade.area.waterkant"),
    ],
)
def test_a_text_that_cannot_be_used_is_refused_with_its_file(
    made: Reports, outcomes: Outcomes, files: dict[str, bytes], reason: str
) -> None:
    known: dict[str, str | None] = {each.name: each.text for each in references(outcomes)}
    with pytest.raises(InputError, match=re.escape(reason)):
        texts.read(files, texts.files_for(made.main), known, made.phrases)


def test_files_of_other_programs_are_no_texts() -> None:
    names = ["05-p1.md", "05-p1.md.txt", "._05-p1.md", "verwijzingen.csv", "05-p1.docx"]
    assert [name for name in names if texts.is_text(name)] == names[:2]


def test_a_text_keeps_its_section_whatever_its_number(made: Reports) -> None:
    bom = "\ufeffEen tekst.".encode()
    found = texts.read({"99-p1.md": bom}, texts.files_for(made.main), {}, made.phrases)
    assert found.prose["p1"].html(2) == "<p>Een tekst.</p>\n"
    assert "p1" not in {file.anchor for file in found.review.missing}


def test_a_reference_has_one_meaning(outcomes: Outcomes) -> None:
    names = [each.name for each in references(outcomes)]
    assert len(names) == len(set(names)) > 50
