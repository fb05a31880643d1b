"""A whole report in English: nothing in it is Dutch but what says so, and its PDFs are accessible."""

import io
import json
import re
import tomllib
from collections.abc import Iterable, Iterator
from html import unescape
from pathlib import Path
from typing import Any

import openpyxl
import polib
import pytest
import tinyhtml5
from click.testing import CliRunner
from pypdf import PdfReader

from analysis.__main__ import Gathered, gathered, made_of, main
from analysis.reporting import report
from analysis.reporting.chapters.references import LISTING
from analysis.reporting.files import printing
from analysis.reporting.files.table_book import WORKBOOK
from analysis.reporting.phrases import LOCALE, SOURCE_LANGUAGE, phrases
from analysis.reporting.wording import capital
from survey.questionnaires.folder import find_folder, read_folder
from survey.questionnaires.parsing import parse
from survey.questionnaires.translations import texts
from tests.analysis.coded import edited, fill, topics, write_answers
from tests.analysis.reporting.test_report import with_every_mark
from tests.analysis.simulated import write_simulated_export
from tests.analysis.verapdf import ARCHIVAL, validate

PLAN = Path(__file__).parents[3] / "analysis/plans/leiden-eindevaluatie.toml"
ENGLISH = '[report]\nlanguage = "en"\nsocial_map = "https://survey.example/leiden-eindevaluatie/social-map/{area}"\n'
BRINKDORP = Path(__file__).parents[2] / "samples" / "brinkdorp"
SURVEYS = ("leiden-eindevaluatie", "leiden-jongeren", "leiden-medewerkers", "leiden-partners")
PROFILE = "wijkprofiel-WK054605-bos-en-gasthuisdistrict.pdf"
READ = ("alt", "title", "aria-label", "content", "data-report", "data-status")
"""Attributes that people read or hear, and what stands at the head of every page."""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Gathered:
    """Residents now and a year before, employees, partners and young people."""
    folder = tmp_path_factory.mktemp("english")
    now, then, plan = folder / "now", folder / "then", folder / "plan.toml"
    write_simulated_export(now, invited=300, respondents=620)
    write_simulated_export(then, invited=300, respondents=620, seed=8)
    about = json.loads((then / "export.json").read_text())
    (then / "export.json").write_text(json.dumps(about | {"week": "2025-W48"}))
    beside = [folder / survey for survey in SURVEYS[1:]]
    for path in beside:
        write_simulated_export(path, invited=300, respondents=150, definition=find_folder(path.name))
    text = PLAN.read_text(encoding="utf-8")
    plan.write_text(text.replace("[report]\n", ENGLISH), encoding="utf-8")
    return gathered(now, plan, beside, (then, PLAN))


@pytest.fixture(scope="module")
def made(found: Gathered) -> report.Reports:
    return made_of(found)


@pytest.fixture(scope="module")
def pages(made: report.Reports) -> dict[str, str]:
    """The HTML of the main report, its annexes, the profiles and the page for the web."""
    printed = {job.name: job.html for job in report.jobs(made) if not job.name.startswith("samenvatting-")}
    return printed | {report.PUBLIC: report.data_files(made, "2026-W48")[report.PUBLIC].decode()}


@pytest.fixture(scope="module")
def files(found: Gathered, made: report.Reports) -> dict[str, str]:
    """Every table, and what there is to begin an own text with."""
    data = report.data_files(made, "2026-W48")
    book = openpyxl.load_workbook(io.BytesIO(data.pop(WORKBOOK)))
    rows = [row for sheet in book for row in sheet.iter_rows(values_only=True)]
    cells = "\n".join(cell for row in rows for cell in row if isinstance(cell, str))
    return (
        {name: text.decode() for name, text in data.items() if name != report.PUBLIC}
        | {WORKBOOK: cells}
        | report.text_files(found.outcomes, found.background, ())
    )


def words(text: str) -> set[str]:
    """Those of two letters and more, in small letters; places of values and names of files are none."""
    said = re.sub(r"\{\w+\}|\S+\.(?:csv|html|md|pdf|xlsx)\b", " ", text)
    return set(re.findall(r"(?<!\w)[^\W\d_]{2,}(?!\w)", said.lower()))


def without(text: str, names: Iterable[str]) -> str:
    """The longest first: one may be part of another."""
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, "")
    return text


@pytest.fixture(scope="module")
def dutch(found: Gathered) -> set[str]:
    """Words of which there is no English text with them: of the report, what was asked, the plan, sources."""
    pairs = [
        *((e.msgid, e.msgstr) for e in polib.pofile(str(LOCALE / "en.po"))),
        *((e.msgid_plural, " ".join(e.msgstr_plural.values())) for e in polib.pofile(str(LOCALE / "en.po"))),
        *tomllib.loads(PLAN.read_text(encoding="utf-8"))["report"]["translations"]["en"].items(),
    ]
    for survey in SURVEYS:
        questionnaire = parse(read_folder(find_folder(survey)))
        (catalogue,) = (each for each in questionnaire.catalogues if each.tag == "en")
        pairs += [(each.source, catalogue.sentences.get(each.key, "")) for each in texts(questionnaire)]
    pairs += [(source, "") for source in of_others(found)]
    ours, theirs = (set().union(*(words(side) for side in sides)) for sides in zip(*pairs, strict=True))
    return ours - theirs


def of_others(found: Gathered) -> set[str]:
    """What is told as its publisher has it, and the name of who drew the map."""
    published = [
        text
        for each in found.background.published
        for text in (each.indicator, each.area_name, each.source, each.remark)
    ]
    population = found.outcomes.dataset.population
    counted = [text for each in population for text in (each.source, capital(each.method))]
    return {*published, *counted, found.outcomes.questionnaire.municipality.attribution} - {""}


def told(element: Any, language: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a page with its language, in the order of the page."""
    language = element.get("lang") or language
    if element.tag in {"script", "style"}:
        return
    yield from ((language, element.get(name, "")) for name in READ)
    yield language, element.text or ""
    for child in element:
        if isinstance(child.tag, str):
            yield from told(child, language)
        yield language, child.tail or ""


def test_no_word_that_only_dutch_texts_have_is_in_a_part_that_is_not_marked_as_dutch(
    pages: dict[str, str], dutch: set[str], found: Gathered
) -> None:
    assert len(pages) == 13
    assert len(dutch) > 1000
    questionnaire = found.outcomes.questionnaire
    names = (questionnaire.key, questionnaire.municipality.attribution)
    marked = set()
    for name, html in pages.items():
        for language, text in told(tinyhtml5.parse(html, namespace_html_elements=False)):
            if language == "en":
                assert words(without(text, names)) & dutch == set(), (name, text)
            elif language == SOURCE_LANGUAGE:
                marked.add(" ".join(text.split()))
    assert "Nederland" in marked
    assert any(text.startswith("ervaart gezondheid als") for text in marked)
    assert any("weblog over Stads- en Wijkenquête" in text for text in marked)


def test_tables_for_a_computer_are_in_english_but_for_what_others_published(
    files: dict[str, str], dutch: set[str], found: Gathered
) -> None:
    assert len(files) > 200
    names = {found.outcomes.questionnaire.key, *of_others(found)}
    for name, text in files.items():
        # The names of references are those of the plan and the questionnaire, in any language.
        lines = [line.partition(",")[2] if name == LISTING else line for line in text.splitlines()]
        assert words(without("\n".join(lines), names)) & dutch == set(), name


def dutch_sentences() -> set[str]:
    """What stands in the sentences of the report around the places of values, in Dutch only."""
    return {
        " ".join(part.split())
        for entry in polib.pofile(str(LOCALE / "en.po"))
        if (entry.msgid, entry.msgid_plural) != (entry.msgstr, "")
        for form in (entry.msgid, entry.msgid_plural)
        for part in re.split(r"\{\w+\}", form)
        if len(part.split()) >= 3 and sum(map(str.isalpha, part)) >= 10
    }


def plain(page: str) -> str:
    """The text of a page in one line."""
    return " ".join(unescape(re.sub(r"<style.*?</style>|<[^>]+>", "", page, flags=re.DOTALL)).split())


def test_a_report_in_english_says_so_and_no_sentence_of_it_is_dutch(
    pages: dict[str, str], files: dict[str, str]
) -> None:
    parts = dutch_sentences()
    assert len(parts) > 300
    draft = phrases()["en"].say(
        "Deze vertaling is nog niet nagekeken door iemand die de taal van huis uit spreekt."
    )
    for name, text in (pages | files).items():
        said = plain(text)
        assert [part for part in parts if part in said] == [], name
        if name in pages:
            assert '<html lang="en">' in text
            assert draft in said
    whole = pages[report.MAIN]
    assert "On one page" in whole
    assert "know the Huis van de Buurt" in whole
    assert "What changed since November 2025?" in whole
    annexes = pages[report.ANNEXES]
    assert "De Jong Gierveld Loneliness Scale, short version (6 statements); published text" in annexes
    assert files["tabellen/inhoud.csv"].startswith("file,figure,result,question,explanation")
    (conclusions,) = (text for name, text in files.items() if name.endswith("-conclusies.md"))
    assert "[!block]" in conclusions


def test_who_took_part_without_a_code_has_no_response(pages: dict[str, str]) -> None:
    """In Dutch one word says "no districts" and "none"; in English it does not."""
    row = pages[report.MAIN].split("Open participation: people without a code")[1].split("</tr>")[0]
    assert row.endswith(">none</td>")


@pytest.fixture(scope="module")
def printed(found: Gathered, made: report.Reports, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The main report, its annexes and a profile with a code to scan, as PDF."""
    folder = tmp_path_factory.mktemp("printed")
    for job in report.jobs(made):
        if job.name in {report.MAIN, report.ANNEXES, PROFILE}:
            printing.write_pdf(job, folder, found.made_from)
    return [folder / name for name in (report.MAIN, report.ANNEXES, PROFILE)]


def test_an_english_report_passes_the_validator(printed: list[Path]) -> None:
    assert validate(printed, ARCHIVAL) == "".join(f"PASS {path}\n" for path in printed)
    assert [PdfReader(path).trailer["/Root"]["/Lang"] for path in printed] == ["en"] * 3


def test_a_profile_in_english_is_two_pages_too(found: Gathered, tmp_path: Path) -> None:
    """Its labels are longer; with every outcome marked, and as the answers are."""
    for outcomes in (found.outcomes, with_every_mark(found.outcomes)):
        made = report.reports(outcomes, found.background, draft=True)
        work = [job for job in report.jobs(made) if job.name.startswith("wijkprofiel-")]
        assert {printing.write_pdf(job, tmp_path, found.made_from) for job in work} == {2}


def test_the_contents_of_the_longest_report_stand_on_one_page(printed: list[Path]) -> None:
    """With every kind of companion, an earlier wave and all annexes."""
    texts_of_pages = (page.extract_text() for page in PdfReader(printed[0]).pages)
    contents = next(text for text in texts_of_pages if "Annex A: account of the method" in text)
    assert "Contents and how to read" in contents
    assert "On one page" in contents
    assert "Words in this report" in contents
    assert "Young people" in contents
    assert "Annex K: ethics and privacy" in contents


OPEN = """
[report.open_answers]
questions = ["wish"]
sheet = "codering.xlsx"
consent = "opinion"
"""
WISH, IN_ENGLISH = "Meer bankjes bij de brug, {}.", "More benches by the bridge, 0."
ARABIC, FROM_ARABIC = "نريد مقاعد أكثر عند الجسر.", "We want more benches by the bridge."


def test_another_municipality_needs_only_the_english_of_its_own_texts(tmp_path: Path) -> None:
    """With open answers, of which quotes stay in their language beside a translation, in the PDF too."""
    plan, sheet, export = (tmp_path / name for name in ("plan.toml", "codering.xlsx", "export"))
    text = (BRINKDORP / "plan.toml").read_text(encoding="utf-8")
    plan.write_text(text.replace("[report]\n", '[report]\nlanguage = "en"\n') + OPEN, encoding="utf-8")
    write_simulated_export(export, invited=400, respondents=300, definition=BRINKDORP)
    written = [{"wish_text": WISH.format(number)} for number in range(60)]
    write_answers(export, "wish", [*written, {"wish_text": ARABIC, "language": "ar"}])
    assert CliRunner().invoke(main, ["coding", str(export), str(plan), str(sheet)]).exit_code == 0
    with edited(sheet) as book:
        topics(book, ["rust", "Rust", "Quiet", "Wat stil is.", ""])
        for number in range(60):
            fill(book["wish"], WISH.format(number), {"onderwerp 1": "rust", "codeur": "ab"})
        released = {"citeren": "ja", "citaat": WISH.format(0), "vertaling en": IN_ENGLISH}
        fill(book["wish"], WISH.format(0), released | {"vrijgegeven door": "cd"})
        released |= {"citaat": ARABIC, "vertaling en": FROM_ARABIC, "onderwerp 1": "rust", "codeur": "ab"}
        fill(book["wish"], ARABIC, released | {"vrijgegeven door": "cd"})
    sentences, found = dutch_sentences(), gathered(export, plan)
    for job in report.jobs(made_of(found)):
        said = plain(job.html)
        in_dutch = any(part in said for part in sentences)
        assert in_dutch == (job.name == "samenvatting-nl.pdf"), job.name
        assert "Brinkdorp survey" in said
        assert not re.search(r"Leiden\b", said)
        if job.name == report.MAIN:
            parts = {
                text: tag for tag, text in told(tinyhtml5.parse(job.html, namespace_html_elements=False))
            }
            assert (parts[WISH.format(0)], parts[IN_ENGLISH], parts["Quiet"]) == ("nl", "en", "en")
            assert (parts[ARABIC], parts[FROM_ARABIC]) == ("ar", "en")
            printing.write_pdf(job, tmp_path, found.made_from)
            file = tmp_path / job.name
            assert validate([file], ARCHIVAL) == f"PASS {file}\n"
            assert "Rust" not in said
