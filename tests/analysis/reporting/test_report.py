"""The real reports: accessible, complete, the same every time, and silent where answers are too few."""

import json
import re
import resource
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Sequence, Set
from html import unescape
from itertools import pairwise
from pathlib import Path
from typing import get_args

import msgspec
import numpy as np
import pandas as pd
import pikepdf
import pytest
from click.testing import CliRunner, Result
from pypdf import PageObject, PdfReader
from pypdf.generic import DictionaryObject

from analysis.__main__ import (
    main,
    read_background,
    read_companions,
    read_export,
    read_plan,
    weigh_invited,
)
from analysis.estimation.scales import alpha
from analysis.reporting import report, wording
from analysis.reporting.chapters.asked import Asked
from analysis.reporting.chapters.summary import PROTECTED_MEANS, Materials, summaries, summarised
from analysis.reporting.chapters.texts import files_for
from analysis.reporting.charts import plots
from analysis.reporting.charts.background import Background
from analysis.reporting.charts.companion_charts import SYMBOLS
from analysis.reporting.charts.plots import Dot, Row
from analysis.reporting.disclosure import Reason, Suppressed
from analysis.reporting.exports.questions import of_the_whole_form
from analysis.reporting.figures.companion_principle_figures import of_statements
from analysis.reporting.figures.group_figures import differing
from analysis.reporting.figures.making import PAGE, Maker, round_ticks
from analysis.reporting.figures.question_figures import ordered
from analysis.reporting.files import pdf, printing
from analysis.reporting.files.logos import read_logo
from analysis.reporting.files.manifest import Manifest, manifest_of
from analysis.reporting.files.themes import OURS
from analysis.reporting.findings.associations import Association
from analysis.reporting.findings.companions import feasible, grades, statements
from analysis.reporting.findings.outcomes import Outcomes, gather
from analysis.reporting.findings.representativeness import AREA, Balance
from analysis.reporting.phrases import phrases
from analysis.reporting.plans.language import in_language
from analysis.reporting.wording import SIMULATED, WITHHELD, Mark, among
from survey.questionnaires.folder import find_folder
from survey.questionnaires.model import NOT_APPLICABLE
from tests.analysis.reporting.test_pdf import elements
from tests.analysis.simulated import write_simulated_export
from tests.analysis.verapdf import ARCHIVAL, validate
from tests.analysis.words import words_of

PLAN = Path(__file__).parents[3] / "analysis/plans/leiden-eindevaluatie.toml"
LANGUAGES = ("nl", "nl-x-simpel", "ar", "en", "pl", "tr", "uk")
OUR_FONTS = ("Source-Sans-3", "Source-Serif-4", "Vazirmatn", "Noto-Symbols")
MATERIALS = Materials(
    colours=report.our_palette(),
    icons=report.ICONS.read_text(encoding="utf-8"),
)
BRINKDORP = Path(__file__).parents[2] / "samples" / "brinkdorp"


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """So few respondents that some areas have too few answers to some questions."""
    folder = tmp_path_factory.mktemp("real") / "export"
    write_simulated_export(folder, invited=300, respondents=620)
    return folder


@pytest.fixture(scope="module")
def companions(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    """Employees and partners; of the young people, whom the plan names too, there is no export."""
    folder = tmp_path_factory.mktemp("companions")
    for survey, respondents in (("leiden-medewerkers", 180), ("leiden-partners", 120)):
        definition = find_folder(survey)
        write_simulated_export(folder / survey, invited=300, respondents=respondents, definition=definition)
    return tuple(sorted(folder.iterdir()))


@pytest.fixture(scope="module")
def out(export: Path, companions: tuple[Path, ...], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "out"
    result = run("report", export, PLAN, folder, *with_companions(companions))
    assert result.exit_code == 0, result.output
    return folder


def with_companions(folders: Sequence[Path]) -> list[object]:
    return [part for folder in folders for part in ("--with", folder)]


@pytest.fixture(scope="module")
def outcomes(export: Path, companions: tuple[Path, ...]) -> Outcomes:
    return outcomes_of(export, PLAN, companions)


@pytest.fixture(scope="module")
def pages(export: Path, outcomes: Outcomes) -> dict[str, str]:
    return pages_of(outcomes, read_background(export))


@pytest.fixture(scope="module")
def sparse(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The pages when no area has enough answers, and some questions hardly any."""
    folder = tmp_path_factory.mktemp("sparse") / "export"
    write_simulated_export(folder, invited=300, respondents=110, seed=6)
    return pages_of(outcomes_of(folder, PLAN), read_background(folder))


MADE_FROM = Manifest(program="0", survey="s", week="2026-W48", export="", plan="")


def outcomes_of(export: Path, plan: Path, beside: Sequence[Path] = ()) -> Outcomes:
    exported = read_export(export)
    decided = read_plan(plan, exported)
    dataset = in_language(exported, decided)
    sample, weighting = weigh_invited(dataset, decided)
    others = dataset.take(dataset.usable("open", decided.weighting.dispositions))
    companions = read_companions(beside, decided, {})
    return gather(dataset, sample, others, decided, weighting, companions)


def pages_of(outcomes: Outcomes, background: Background) -> dict[str, str]:
    """Of a draft, as `report` makes it of a plan beside which there is no approval."""
    made = report.reports(outcomes, background, draft=True)
    return {job.name: job.html for job in report.jobs(made)}


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_there_is_a_main_report_and_a_profile_of_two_pages_for_every_area(out: Path) -> None:
    names = sorted(path.name for path in out.glob("*.pdf"))
    assert names[:2] == ["bijlagen.pdf", "hoofdrapport.pdf"]
    assert "wijkprofiel-WK054605-bos-en-gasthuisdistrict.pdf" in names
    assert len(names) == 12 + len(LANGUAGES)
    others = {path.name for path in out.iterdir()} - set(names)
    assert others == {"resultaten.html", "tabellenboek.xlsx", "tabellen"}
    for name in names[2:]:
        assert len(PdfReader(out / name).pages) == (2 if name.startswith("wijkprofiel-") else 1)


def test_there_is_a_summary_of_one_page_in_every_language(out: Path, outcomes: Outcomes) -> None:
    """With its language, a heading first, the same figures in each, and only letters that came with us."""
    by_key = {each.indicator.key: each.whole for each in outcomes.indicators}
    cells = [by_key[key] for key in outcomes.plan.report.headline]
    for tag in LANGUAGES:
        spoken, reader = phrases()[tag], PdfReader(out / f"samenvatting-{tag}.pdf")
        (page,) = reader.pages
        assert reader.trailer["/Root"]["/Lang"] == tag
        text = " ".join(page.extract_text().split())
        assert reader.metadata.title in text
        for cell, outcome in zip(cells, outcomes.plan.report.headline, strict=True):
            assert not isinstance(cell, Suppressed), outcome
            write = spoken.decimal if cell.value > 1 else spoken.percent
            written = {write(number).strip("%") for number in (cell.value, cell.low, cell.high)}
            assert written <= set(re.findall(r"\d+(?:[.,]\d+)?", text)), (tag, outcome)
        headings = [str(e.S) for e in elements(out / f"samenvatting-{tag}.pdf") if str(e.S).startswith("/H")]
        assert headings == ["/H1", "/H2", "/H2", "/H2", "/H2", "/H2"]
        fonts = {font["/BaseFont"].split("+")[1] for font in _fonts(page)}
        assert all(name.startswith(("/", *OUR_FONTS)) for name in fonts), fonts


def _fonts(page: PageObject) -> list[DictionaryObject]:
    return [font.get_object() for font in page["/Resources"]["/Font"].values()]


def test_arabic_comes_out_of_a_summary_as_it_went_in(out: Path, outcomes: Outcomes) -> None:
    """Some fonts draw letters of parts, and a copy of their text is nonsense."""
    (page,) = PdfReader(out / "samenvatting-ar.pdf").pages
    found = set(re.findall(r"[\u0600-\u06ff]+", page.extract_text()))
    question = Asked(outcomes.questionnaire, phrases()["ar"]).question("q7")
    asked = set(re.findall(r"[\u0620-\u06ff]+", question))
    assert len(asked) > 5
    assert asked <= {word.strip("؟،") for word in found}


@pytest.mark.parametrize("reason", get_args(Reason))
def test_a_summary_holds_what_was_withheld_nowhere_and_says_why(outcomes: Outcomes, reason: Reason) -> None:
    hidden = msgspec.structs.replace(
        outcomes,
        indicators=tuple(
            msgspec.structs.replace(each, whole=Suppressed(reason=reason, respondents=12))
            for each in outcomes.indicators
        ),
    )
    for found in summaries(hidden, phrases(), MATERIALS):
        assert all(number.few and not (number.picture or number.caption) for number in found.numbers)
        said = " ".join((*(number.value for number in found.numbers), *found.findings[0].sentences))
        assert not re.search(r"\d", said)
        why = phrases()[found.tag].say(WITHHELD[reason])
        assert {number.value for number in found.numbers} == {why}
        meaning = phrases()[found.tag].say(PROTECTED_MEANS)
        explained = meaning in [sentence for each in found.account for sentence in each.sentences]
        assert explained == (reason in {"protected", "counted"})


def test_a_summary_says_no_more_of_areas_than_was_compared(outcomes: Outcomes) -> None:
    def marked(mark: Mark | None, only: str = "") -> str:
        changed = msgspec.structs.replace(
            outcomes,
            indicators=tuple(
                msgspec.structs.replace(
                    each,
                    areas=tuple(
                        msgspec.structs.replace(
                            area, mark=mark if only in {"", each.indicator.key} else "same"
                        )
                        for area in each.areas
                    ),
                )
                for each in outcomes.indicators
            ),
        )
        first = next(iter(summaries(changed, {"nl": phrases()["nl"]}, MATERIALS)))
        return " ".join(first.findings[1].sentences)

    assert marked(None) == "Wij konden de wijken niet met elkaar vergelijken."
    assert marked("same").startswith("Tussen de wijken die wij konden vergelijken, is geen duidelijk")
    assert marked("lower").startswith("In 10 wijken is minstens één uitkomst duidelijk anders")
    assert "vaakst" not in marked("lower")  # all outcomes are equal in that
    assert "Daar is het cijfer lager: Binnenstad-Zuid, " in marked("lower", "reach")
    assert "hoger" not in marked("lower", "reach")


def test_a_summary_says_what_was_asked_about_and_what_is_higher(outcomes: Outcomes) -> None:
    """The item of a battery apart from its question, the scale or answer of a figure, and no file's name."""
    asked = Asked(outcomes.questionnaire, phrases()["nl"])
    assert asked.quoted_question("q5_d") == (
        "‘Weet u waar u terechtkunt met een vraag hierover? Het gaat om een plek of een persoon in uw buurt’ "
        "(Contact met anderen)"
    )
    assert asked.quoted_question("q2") == asked.quoted(asked.question("q2"))
    assert asked.topic("q5_d") == "Weet waar u terechtkunt: Contact met anderen"
    for found in summaries(outcomes, {tag: phrases()[tag] for tag in ("nl", "nl-x-simpel")}, MATERIALS):
        answered, areas = (" ".join(each.sentences) for each in found.findings[:2])
        assert re.search(r"’ \([^)]+\)[. ].*\d+% van de mensen: ‘", answered)
        if "cijfer hoger" in areas or "cijfer lager" in areas:
            assert re.search(r"’ \(.*(gemiddelde|antwoord: ).*\)\. Daar is het cijfer (hoger|lager): ", areas)
        assert not re.search(r"\.(pdf|html)", " ".join(found.account[-1].sentences))


def test_a_summary_stays_one_page_whatever_is_asked(outcomes: Outcomes, tmp_path: Path) -> None:
    """With texts of some 300 characters, in the language whose own sentences are longest."""
    longer = " i jeszcze dużo, dużo dłużej niż ktokolwiek chciałby czytać na jednej stronie" * 4
    questionnaire = msgspec.structs.replace(
        outcomes.questionnaire,
        catalogues=tuple(
            msgspec.structs.replace(
                each, sentences={key: f"{t.rstrip('.?')}{longer}." for key, t in each.sentences.items()}
            )
            for each in outcomes.questionnaire.catalogues
        ),
    )
    made = summarised(outcomes, Asked(questionnaire, phrases()["pl"]), MATERIALS, draft=True)
    assert made.density == "densest"
    html = report._environment(phrases()["nl"], OURS).get_template("summary.html").render(report=made)
    assert html.count("…") > 10
    assert pdf.write(html, printing.ASSETS, tmp_path / "long.pdf", seconds=0) == 1


def test_a_profile_explains_the_words_of_the_glossary_in_its_labels_and_no_others(
    outcomes: Outcomes, pages: dict[str, str]
) -> None:
    meant = outcomes.plan.report.glossary
    (page, *_) = (unescape(html) for name, html in pages.items() if name.startswith("wijkprofiel"))
    explained = {word for word, meaning in meant.items() if f"<strong>{word}.</strong> {meaning}" in page}
    assert explained == {"BOP", "Huis van de Buurt"}
    assert not any(meaning in page for word, meaning in meant.items() if word not in explained)


def test_a_profile_says_of_which_scores_a_difference_counts_only_where_it_has_them(
    pages: dict[str, str],
) -> None:
    """No score of a profile goes up to 100; the report has one that does."""
    (page, *_) = (unescape(html) for name, html in pages.items() if name.startswith("wijkprofiel"))
    assert "Verschil bij gemiddelden: minstens 0,3." in page
    assert "(gemiddelden: 0,3; bij een score tot 100: 3,0)" in unescape(pages[report.MAIN])


def with_every_mark(outcomes: Outcomes) -> Outcomes:
    """Every area marked on every outcome: the most that a profile has to say."""
    return msgspec.structs.replace(
        outcomes,
        indicators=tuple(
            msgspec.structs.replace(
                each,
                areas=tuple(
                    msgspec.structs.replace(area, mark="lower" if place % 3 else "higher")
                    for area in each.areas
                ),
            )
            for place, each in enumerate(outcomes.indicators)
        ),
    )


def test_a_profile_is_two_pages_when_every_outcome_is_marked(
    export: Path, outcomes: Outcomes, tmp_path: Path
) -> None:
    square = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path d="M0 0h1v1z"/></svg>'
    logo = read_logo(square, "logo.svg", "Gemeente Leiden")
    marked = report.reports(with_every_mark(outcomes), read_background(export), logo=logo)
    work = [job for job in report.jobs(marked) if "roodenburger" in job.name]
    assert [printing.write_pdf(job, tmp_path, MADE_FROM) for job in work] == [2]


def test_every_report_passes_the_validator(out: Path) -> None:
    """A first and a last profile stand for all: one template makes them."""
    profiles = sorted(out.glob("wijkprofiel-*.pdf"))
    files = [
        out / report.MAIN,
        out / report.ANNEXES,
        profiles[0],
        profiles[-1],
        *sorted(out.glob("samenvatting-*.pdf")),
    ]
    assert validate(files) == passed(files)
    kept = [profiles[0], out / "samenvatting-ar.pdf"]
    assert validate(kept, ARCHIVAL) == passed(kept)


def passed(files: Iterable[Path]) -> str:
    return "".join(f"PASS {path}\n" for path in files)


def test_a_pdf_says_what_it_was_made_from_and_can_be_made_again(
    out: Path, export: Path, companions: tuple[Path, ...], tmp_path: Path
) -> None:
    beside = with_companions(companions)
    (profile, *_) = sorted(out.glob("wijkprofiel-*.pdf"))
    renamed = shutil.copy(profile, tmp_path / "renamed.pdf")
    found = run("reproduce", renamed, export, PLAN, *beside)
    assert found.exit_code == 0, found.output
    assert "byte for byte" in found.output
    changed = tmp_path / "changed.pdf"
    changed.write_bytes(profile.read_bytes() + b"% a remark\n")
    found = run("reproduce", changed, export, PLAN, *beside)
    assert found.exit_code == 1
    assert found.output.startswith("file: from the same export, plan and version other bytes came out")
    plan = tmp_path / "plan.toml"
    plan.write_text(f"{PLAN.read_text(encoding='utf-8')}\n# a remark\n", encoding="utf-8")
    found = run("reproduce", profile, export, plan, *beside[:2])
    assert found.exit_code == 1
    of_export, of_plan = found.output.splitlines()
    assert of_export.startswith("export: ")
    assert of_plan.startswith("plan: it was another one")


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7\n", b"text", None])
def test_a_file_that_is_no_pdf_of_a_report_is_refused(
    content: bytes | None, export: Path, tmp_path: Path
) -> None:
    file = tmp_path / "file.pdf"
    if content is None:
        pdf.write("<title>Other</title>", printing.ASSETS, file, seconds=0)
    else:
        file.write_bytes(content)
    found = run("reproduce", file, export, PLAN)
    assert found.exit_code == 2
    assert "This is no PDF of a report that says what it was made from" in found.output


def test_every_page_says_that_answers_are_simulated(out: Path, pages: dict[str, str]) -> None:
    for tag in LANGUAGES:
        said = phrases()[tag].say(f"{SIMULATED}. Geen enkel cijfer gaat over echte bewoners.")
        assert said in pages[f"samenvatting-{tag}.pdf"]
    for path in out.glob("[bhw]*.pdf"):
        for number, page in enumerate(PdfReader(path).pages, start=1):
            assert SIMULATED in page.extract_text().replace("\n", " "), (path.name, number)


def test_every_table_on_paper_is_one_table_to_a_screen_reader(out: Path, pages: dict[str, str]) -> None:
    profile = next(name for name in pages if name.startswith("wijkprofiel"))
    found = sum(element.S == "/Table" for element in elements(out / profile))
    assert found == pages[profile].count("<table") > 1


def test_no_table_is_left_empty_by_a_page_break(out: Path) -> None:
    for name in ("hoofdrapport.pdf", "bijlagen.pdf"):
        with pikepdf.open(out / name) as document:
            tables = [
                each
                for each in document.objects
                if isinstance(each, pikepdf.Dictionary) and each.get("/S") == "/Table"
            ]
            assert len(tables) > 50
            assert all(len(table.K) > 0 for table in tables)


def test_every_chart_has_an_alternative_text_and_every_figure_a_number_of_its_own(
    out: Path, pages: dict[str, str]
) -> None:
    figures = [element for element in elements(out / "hoofdrapport.pdf") if element.S == "/Figure"]
    assert len(figures) > 30
    assert all(len(str(figure.Alt)) > 10 for figure in figures)
    printed = pages["hoofdrapport.pdf"] + pages["bijlagen.pdf"]
    names = re.findall(r'class="number">((?:Figuur|Tabel) \d+)\.', printed)
    assert len(names) == len(set(names))


def test_every_letter_and_sign_of_a_report_is_from_a_font_that_came_with_us(out: Path) -> None:
    """A font of the machine would make other files elsewhere, or boxes in place of signs."""
    for path in (out / "hoofdrapport.pdf", out / "bijlagen.pdf", next(out.glob("wijkprofiel-*.pdf"))):
        fonts = {font["/BaseFont"].split("+")[1] for page in PdfReader(path).pages for font in _fonts(page)}
        assert fonts
        assert all(name.startswith(OUR_FONTS) for name in fonts), fonts


def test_a_report_has_a_title_a_language_and_bookmarks(out: Path) -> None:
    reader = PdfReader(out / "hoofdrapport.pdf")
    assert reader.metadata is not None
    assert reader.metadata.title == "Eindevaluatie Sterke Sociale Basis"
    assert reader.trailer["/Root"]["/Lang"] == "nl"
    chapters = [entry.title for entry in reader.outline if not isinstance(entry, list)]
    assert "Verschillen tussen de wijken" in chapters
    assert "P2 Bereik" in chapters
    assert not any("Bijlage" in chapter for chapter in chapters)
    assert len(reader.pages) <= 72


def test_all_outcomes_together_take_two_pages(out: Path) -> None:
    reader = PdfReader(out / "hoofdrapport.pdf")
    entries = [entry for entry in reader.outline if not isinstance(entry, list)]
    begins = {entry.title: reader.get_destination_page_number(entry) for entry in entries}
    assert begins["P1 Inwoner- en wijkgericht werken"] - begins["Totaalbeeld"] == 2


def test_the_head_of_a_table_of_answers_stands_right_below_the_line_above_it(out: Path) -> None:
    """Room for two lines is kept where a head has two, and nowhere else."""
    gaps = [
        head.top - max(word.bottom for word in page if word.left < head.right and word.bottom < head.top + 1)
        for page in words_of(out / "hoofdrapport.pdf")
        for head in page
        if head.text == "Antwoord"
    ]
    assert len(gaps) > 20
    assert min(gaps) >= 0
    assert max(gaps) < 8


def test_every_principle_begins_a_page(out: Path) -> None:
    texts = [page.extract_text() for page in PdfReader(out / "hoofdrapport.pdf").pages]
    begins = [text.index("Leidend principe P") / len(text) for text in texts if "Leidend principe P" in text]
    assert len(begins) == 10
    assert max(begins) < 0.25
    entries = [entry for entry in PdfReader(out / "hoofdrapport.pdf").outline if not isinstance(entry, list)]
    tops = {entry.title: float(entry.top) for entry in entries}
    principles = {top for title, top in tops.items() if re.match(r"P\d", title)}
    assert principles == {tops["Op één bladzijde"]}


def test_a_chart_ends_a_page_and_its_table_begins_the_next_unless_that_is_a_few_rows(
    out: Path, pages: dict[str, str]
) -> None:
    charts = pages["hoofdrapport.pdf"].split('<div class="figure')
    rows = {
        name: chart.count('<th scope="row"')
        for chart in charts
        for name in re.findall(r"<caption>Tabel bij (figuur \d+)", chart)
    }
    texts = [" ".join(page.extract_text().split()) for page in PdfReader(out / "hoofdrapport.pdf").pages]
    apart = [
        name
        for name in rows
        for before, text in pairwise(texts)
        if f"{name.capitalize()}." in before and f"Tabel bij {name}," in text
    ]
    assert len(apart) > 1
    assert min(rows.values()) < 4 <= min(rows[name] for name in apart)


def test_a_principle_tells_the_same_outcomes_once(outcomes: Outcomes, pages: dict[str, str]) -> None:
    """One whose questions stand elsewhere has its outcomes beside what others say of it, if they do.

    A table of the groups that differ may follow.
    """
    chapter = pages["hoofdrapport.pdf"].split('id="p5"')[1].split("</section>")[0]
    assert chapter.count('<span class="number">Figuur') == 1
    assert chapter.count("Vindt dat er goed geluisterd werd") > 1
    alone = pages_of(msgspec.structs.replace(outcomes, companions=()), Background())["hoofdrapport.pdf"]
    chapter = alone.split('id="p5"')[1].split("</section>")[0]
    assert chapter.count('<span class="number">Figuur') == 1
    assert ">marge</th>" in chapter


def test_what_is_left_to_write_stands_on_one_page(out: Path) -> None:
    texts = [page.extract_text() for page in PdfReader(out / "hoofdrapport.pdf").pages]
    assert sum("(04-" in text or "-privacy.md)" in text for text in texts) == 1


def test_a_few_rows_stay_below_their_heading(out: Path) -> None:
    """Of each outcome all choices of weighting stand on the page that has its name."""
    texts = [page.extract_text() for page in PdfReader(out / "bijlagen.pdf").pages]
    found = [(text.count("Volgens het plan"), text.count("Alleen volledig ingevuld")) for text in texts]
    assert sum(first for first, _ in found) > 3
    assert all(first == last for first, last in found), found


def test_annexes_are_a_file_of_their_own_that_the_main_report_lists(out: Path, pages: dict[str, str]) -> None:
    reader = PdfReader(out / "bijlagen.pdf")
    assert reader.metadata is not None
    assert reader.metadata.title == "Bijlagen: Eindevaluatie Sterke Sociale Basis"
    annexes = [entry.title for entry in reader.outline if not isinstance(entry, list)][1:]
    assert [name.split(":")[0] for name in annexes] == [f"Bijlage {letter}" for letter in "ABCDEFGHIJKL"]
    contents = pages["hoofdrapport.pdf"].split('id="inhoud"')[1].split("</section>")[0]
    assert re.findall("<li>(Bijlage .*?)</li>", unescape(contents)) == annexes
    assert "bijlagen.pdf" in contents


def test_who_reads_of_an_annex_is_told_its_file_and_finds_it_there_by_its_name(pages: dict[str, str]) -> None:
    contents = unescape(pages["bijlagen.pdf"]).split("</ul>")[0]
    names = re.findall(r'<a href="#[^"]*">Bijlage ([A-Z]): (.*?)</a>', contents)
    letters = dict(names)
    said = unescape(pages["hoofdrapport.pdf"])
    assert "De bijlagen staan in een eigen bestand: bijlagen.pdf" in said
    for name in (*re.findall(r"bijlage ([A-Z])\b", said), *re.findall("bijlage ‘(.*?)’", said)):
        assert name in {*letters, *letters.values()}
    profiles = [page for name, page in pages.items() if name.startswith("wijkprofiel")]
    assert profiles
    assert all("bijlage A bij het hoofdrapport (bijlagen.pdf)" in page for page in profiles)
    for page in pages.values():
        assert not {"README", "population.csv"} & {*re.findall(r"[\w.]+", page)}


def test_what_a_text_names_in_the_same_file_is_a_link_to_it(out: Path, pages: dict[str, str]) -> None:
    """An annex is only in the file of the annexes, and on the page for the web."""
    web = (out / "resultaten.html").read_text(encoding="utf-8")
    for page in (pages["hoofdrapport.pdf"], pages["bijlagen.pdf"], web):
        links = re.findall('<a class="to" href="#([^"]*)">([^<]*)</a>', page)
        assert links
        assert all(name.lower().replace(" ", "-") == anchor for anchor, name in links)
        assert {anchor for anchor, _ in links} <= {*re.findall('id="([^"]*)"', page)}
        letters = re.findall(r"bijlage [A-Z]\b", re.sub('<a class="to".*?</a>', "", page))
        assert bool(letters) == (page is pages["hoofdrapport.pdf"])


def test_too_few_answers_in_an_area_are_said_and_no_figure_is_given(
    outcomes: Outcomes, pages: dict[str, str]
) -> None:
    welcome = next(each for each in outcomes.indicators if each.indicator.key == "welcome")
    few = [each.area for each in welcome.areas if not hasattr(each.cell, "value")]
    assert few, "the export of this test must be small enough"
    page = next(html for name, html in pages.items() if few[0].code in name)
    row = next(line for line in page.split("<tr") if "Voelt zich welkom" in line)
    assert "te weinig" in row
    assert not re.search(r">\d+</td>.*>\d+</td>", row)


def test_groups_without_a_figure_are_counted_and_named_whatever_hides_it(
    export: Path, outcomes: Outcomes, pages: dict[str, str]
) -> None:
    (families,) = (each for each in outcomes.groups if each.plan.variable == "q37")
    hidden = Suppressed(reason="protected", respondents=300)
    silent = msgspec.structs.replace(
        families, cells=dict.fromkeys(families.cells, hidden), marks=dict.fromkeys(families.marks)
    )
    groups = tuple(silent if each is families else each for each in outcomes.groups)
    main = pages_of(msgspec.structs.replace(outcomes, groups=groups), read_background(export))[report.MAIN]
    without = [
        [
            f"‘{each.plan.name[0].lower()}{each.plan.name[1:]}’"
            for each in found
            if each.plan.hard_to_reach and all(isinstance(cell, Suppressed) for cell in each.cells.values())
        ]
        for found in (outcomes.groups, groups)
    ]
    for names, page in zip(without, (pages[report.MAIN], main), strict=True):
        counted = phrases()["nl"].counted(len(names), "groep", "groepen")
        told = phrases()["nl"].names(names)
        assert f"Van {counted} kunnen wij geen cijfers geven: {told}." in unescape(page)
    assert {*without[1]} - {*without[0]} == {"‘woont met een kind of kinderen’"}
    rows = [row for row in re.findall(r"<tr.*?</tr>", main) if "Woont met een kind" in row]
    assert [row.count(">beschermd<") for row in rows] == [1] * len(outcomes.plan.report.headline)


def test_how_groups_are_compared_is_said_once_above_their_figures(
    export: Path, outcomes: Outcomes, pages: dict[str, str]
) -> None:
    def chapter(main: str) -> str:
        return unescape(main.split('id="moeilijk-bereikbaar"')[1].split("</section>", maxsplit=1)[0])

    rules = ("komt uit de vragen Q40, Q37, Q35, Q42b en Q39a.", "Iemand kan bij", "het verschil geen toeval")
    head, *figures = chapter(pages[report.MAIN]).split('<div class="figure')
    assert [head.count(rule) for rule in rules] == [1, 1, 1]
    assert len(figures) == len(outcomes.plan.report.headline)
    assert not any(rule in figure for rule in rules for figure in figures)
    unasked = tuple(each for each in outcomes.groups if each.question is None)
    without = msgspec.structs.replace(outcomes, groups=unasked)
    alone = chapter(pages_of(without, read_background(export))[report.MAIN])
    assert "daar is niet naar gevraagd" in alone
    assert not any(rule in alone for rule in rules)


def test_the_largest_difference_between_areas_is_told_and_all_of_them_are_counted(
    export: Path, outcomes: Outcomes
) -> None:
    marked = {"cohesion": 4, "volunteers": 1, "knows_house": 1, "overall_grade": 1}
    found = tuple(
        msgspec.structs.replace(
            each,
            areas=tuple(
                msgspec.structs.replace(
                    area, mark="lower" if place < marked.get(each.indicator.key, 0) else "same"
                )
                for place, area in enumerate(each.areas)
            ),
        )
        for each in outcomes.indicators
    )
    changed = msgspec.structs.replace(outcomes, indicators=found)
    main = unescape(pages_of(changed, read_background(export))[report.MAIN])
    summary, chapter = main.split('id="samenvatting"')[1], main.split('id="wijken"')[1]
    said = summary.split("Verschillen tussen de wijken")[1].split("</div>")[0]
    assert said.index("Sociale samenhang in de buurt (0-10): lager in vier wijken") < said.index("Kent het")
    chosen = {*outcomes.plan.report.profile, *outcomes.plan.report.headline, outcomes.plan.report.map}
    counted = f"zeven duidelijke verschillen bij {10 * len(chosen)} vergelijkingen."
    assert f"In totaal zijn er {counted}" in said
    assert (
        f"In dit hoofdstuk staan {counted} Het vaakst gaat het om ‘sociale samenhang in de buurt (0-10)’: "
        f"vier wijken. Over {len(chosen)} uitkomsten geteld wijkt Binnenstad-Zuid het vaakst af van de rest "
        "van Leiden: bij vier uitkomsten."
    ) in chapter
    assert "Vijf uitkomsten per wijk: twee duidelijke verschillen bij 50 vergelijkingen" in chapter


def test_an_indicative_figure_of_an_area_is_called_so_wherever_it_stands(
    outcomes: Outcomes, pages: dict[str, str]
) -> None:
    chapter = pages[report.MAIN].split('id="wijken"')[1].split("</section>")[0]
    named = {*outcomes.plan.report.headline, *outcomes.plan.report.profile}
    few = [
        sum(not isinstance(area.cell, Suppressed) and area.cell.indicative for area in each.areas)
        for each in outcomes.indicators
        for keys in (outcomes.plan.report.headline, outcomes.plan.report.profile)
        if each.indicator.key in named & {*keys}
    ]
    assert sum(few) > 10
    assert len(re.findall(r"<td[^>]*>[^<]*\d\*</td>", chapter)) == sum(few)
    notes = re.findall(r"\* Indicatief: 30 tot en met 49 antwoorden\.", chapter)
    assert 3 <= len(notes) <= 4
    (drawn,) = re.findall(r"<svg(?:(?!</svg>).)*<title>Kaart.*?</svg>", chapter, re.DOTALL)
    mapped = next(each for each in outcomes.indicators if each.indicator.key == outcomes.plan.report.map)
    on_map = sum(not isinstance(area.cell, Suppressed) and area.cell.indicative for area in mapped.areas)
    assert on_map > 1
    assert len(re.findall(r"\d%\*</text>", drawn)) == drawn.count("% (indicatief).") == on_map
    reasons = [html for name, html in pages.items() if "wijkprofiel" in name]
    bases = [
        re.search(r"Wat hield u tegen\?[^’]*’ n = (\d+)\.( Dat is indicatief)?", html) for html in reasons
    ]
    told = [(int(found[1]) < 50, bool(found[2])) for found in bases if found]
    assert told
    assert all(low == said for low, said in told)


def test_a_profile_tells_of_those_who_had_help_whether_it_helped(
    outcomes: Outcomes, pages: dict[str, str]
) -> None:
    (helped,) = (each for each in outcomes.indicators if each.indicator.key == "helped")
    for area in helped.areas:
        (html,) = (html for name, html in pages.items() if area.area.code in name)
        row = re.search(
            r"<tr[^>]*>\s*<th[^>]*>Is helemaal of grotendeels geholpen</th>.*?</tr>", html, re.DOTALL
        )
        assert row
        told = [unescape(cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row[0], re.DOTALL)]
        cell = area.cell
        assert told[0] == wording.base(phrases()["nl"], cell)
        assert told[1] == (wording.NONE if isinstance(cell, Suppressed) else plots.percent(100 * cell.value))
        assert "Q11: ‘Bent u geholpen?" in unescape(html)


def test_of_what_goes_with_a_grade_nothing_is_called_strongest_and_a_group_is_tested_with_its_variable(
    export: Path, outcomes: Outcomes
) -> None:
    def one(label: str, value: float, mark: Mark, against: str = "") -> Association:
        low, high = value - 0.3, value + 0.3
        return Association(label=label, against=against, value=value, low=low, high=high, mark=mark)

    def chapter(*found: Association) -> str:
        assert outcomes.associations is not None
        own = msgspec.structs.replace(outcomes.associations, found=found, withheld=None, respondents=492)
        changed = msgspec.structs.replace(outcomes, associations=own)
        main = pages_of(changed, read_background(export))[report.MAIN]
        return unescape(main.split('id="samenhang"')[1].split("</section>")[0])

    old = one("Leeftijd: oud", 1.2, "same", "jong")
    text = chapter(one("Vraagt soms geen hulp", -0.8, "lower"), old)
    assert "Met het cijfer hangt aantoonbaar samen: ‘Vraagt soms geen hulp’ (lager)" in text
    assert "sterkst" not in text
    assert f"n = 492 van {outcomes.respondents}: wie een van deze vragen niet kreeg" in text
    assert "Welk cijfer geeft u alle hulp en activiteiten in uw wijk? Alles samen." in text
    whole = "Een kenmerk met meer groepen is als geheel getoetst"
    assert whole in text
    assert whole not in chapter(one("Vraagt soms geen hulp", -0.8, "lower"), one("Man", 0.1, "same", "vrouw"))
    many = "Er kan ‘= gelijk’ staan waar de marge 0 niet bevat: wij toetsen veel"
    assert many in text
    alone = chapter(one("Vraagt soms geen hulp", -0.8, "same"))
    assert many in alone
    assert whole not in alone
    assert many not in chapter(one("Vraagt soms geen hulp", -0.8, "lower"))


def marked(balance: Balance, groups: Set[str], mark: Mark = "lower") -> Balance:
    """As if a test had found that these groups took part less often, or more, and no other difference."""
    replace = msgspec.structs.replace
    found = tuple(
        replace(each, response=replace(each.response, mark=mark if each.category in groups else "same"))
        for each in balance.groups
    )
    return replace(balance, groups=found)


def test_areas_of_low_response_are_named_beside_the_groups_that_were_missed(
    export: Path, outcomes: Outcomes
) -> None:
    low = {area.code for area in outcomes.questionnaire.municipality.areas[2:4]}
    balances = tuple(marked(each, low) if each.margin == AREA else each for each in outcomes.balances)
    changed = msgspec.structs.replace(outcomes, balances=balances)
    main = unescape(pages_of(changed, read_background(export))[report.MAIN])
    said = main.split("Wie wij minder bereikten")[1].split("</div>")[0]
    assert "Vergeleken met de bevolking deden minder vaak mee: ‘18 tot en met 24 jaar’" in said
    assert "Minder mensen dan gemiddeld deden mee in Stationsdistrict en Leiden-Noord." in said
    (area, *_) = balances
    plain = f"{100 * area.answered / area.invited:.1f}".replace(".", ",")
    assert f"gewogen naar het aantal inwoners van elke wijk (zonder weging {plain}%)" in main


@pytest.mark.parametrize("tested", [True, False])
def test_who_took_part_less_often_is_who_the_table_on_response_marks(
    export: Path, outcomes: Outcomes, *, tested: bool
) -> None:
    """Eight points fewer than live there is no difference when a test does not find it."""
    balances = tuple(marked(each, {"man"}) for each in outcomes.balances)
    changed = msgspec.structs.replace(outcomes, balances=balances if tested else ())
    pages = pages_of(changed, read_background(export))
    main = unescape(pages[report.MAIN])
    page = main.split("Wie wij minder bereikten")[1].split("</div>")[0]
    (title,) = (
        each for each in re.findall(r'figure-title">(.*?)</p>', main, re.DOTALL) if "Figuur 1." in each
    )
    summary = unescape(pages["samenvatting-nl.pdf"])
    if tested:
        assert "deden minder vaak mee: ‘man’." in page
        assert "gemiddeld" not in page
        assert "minder vaak mee: ‘man’" in title
        assert "Deze groepen deden minder vaak mee" in summary
    else:
        assert "niet bekend hoeveel mensen een code kregen" in page
        assert "De deelnemers naast de inwoners" in title
        assert "minder vaak mee" not in summary
        assert "lijkt op alle inwoners" not in summary
    assert "18 tot en met 24 jaar’" not in page + title


@pytest.mark.parametrize("more", [frozenset(), frozenset({"65+"})])
def test_who_took_part_is_said_to_be_like_everybody_only_when_no_group_is_marked(
    export: Path, outcomes: Outcomes, more: Set[str]
) -> None:
    balances = tuple(marked(each, more, "higher") for each in outcomes.balances)
    changed = msgspec.structs.replace(outcomes, balances=balances)
    summary = unescape(pages_of(changed, read_background(export))["samenvatting-nl.pdf"])
    assert ("Wie meedeed, lijkt op alle inwoners." in summary) == (not more)
    assert "minder vaak mee" not in summary


def test_titles_and_running_text_for_the_council_have_no_words_of_statisticians(
    pages: dict[str, str],
) -> None:
    """Those stand in the annexes, or below a table where the note explains them."""
    running = unescape(pages[report.MAIN])
    for other in ("<svg.*?</svg>", "<style.*?</style>", "<table.*?</table>", '<p class="note">.*?</p>'):
        running = re.sub(other, "", running, flags=re.DOTALL)
    assert "De respons verschilt het meest naar leeftijd" in running
    hard = (
        "R-indicator|R = |design-?effect|effectief aantal|kalibratie|raking|lineari|alfa |valide|significant"
    )
    assert re.findall(hard, running, re.IGNORECASE) == []


def test_a_weak_scale_is_called_so_at_its_figures(export: Path, outcomes: Outcomes) -> None:
    translated = "Let op bij ‘Welbevinden (WHO-5)’: eigen vertaling, niet wetenschappelijk getest"
    loose = "; de vragen horen maar matig bij elkaar (alfa 0,64, onder 0,7)."

    def notes(alpha: float) -> list[str]:
        scales = tuple(
            msgspec.structs.replace(each, alpha=alpha if each.variable == "q20" else 0.9)
            for each in outcomes.scales
        )
        changed = msgspec.structs.replace(outcomes, scales=scales)
        main = unescape(pages_of(changed, read_background(export))[report.MAIN])
        figures = main.split('<div class="figure')[1:]
        named = (
            "Heeft een laag welbevinden",
            "Welbevinden, WHO-5 (0-100)",
            "Ik werd fris en uitgerust wakker",
        )
        found = [next(each for each in figures if name in each) for name in named]
        return [figure.split('class="note"')[-1] for figure in found]

    assert all(f"{translated}{loose}" in note for note in notes(0.64))
    assert all(f"{translated}." in note for note in notes(0.7))


def test_a_weak_scale_is_called_so_beside_what_employees_say_too(export: Path, outcomes: Outcomes) -> None:
    views = statements(outcomes.companions, "P10")

    def note(key: str) -> str:
        maker = Maker(outcomes, read_background(export), report.our_palette())
        chosen = [each for each in outcomes.indicators if each.indicator.key == key]
        return of_statements(maker, "Gezondheid", chosen, views, outcomes.companions).note

    assert "Let op bij ‘Welbevinden (WHO-5)’: eigen vertaling, niet wetenschappelijk getest" in note(
        "low_wellbeing"
    )
    assert "Let op" not in note("good_health")


def test_a_report_on_very_few_answers_is_made_and_says_so(sparse: dict[str, str]) -> None:
    main = sparse["hoofdrapport.pdf"]
    assert "Nog geen vergelijking van wijken" in main
    assert "geen wijk is te vergelijken met de rest" in main.lower()
    assert "wijkt duidelijk af" not in main
    profiles = [html for name, html in sparse.items() if name.startswith("wijkprofiel")]
    assert len(profiles) == 10
    assert all("Zo blijft niemand herkenbaar" in html for html in profiles)


def test_a_number_of_answers_below_five_is_never_printed(sparse: dict[str, str]) -> None:
    bases = re.findall(r"n = (&lt;5|\d+)(?: tot (\d+))?", sparse["hoofdrapport.pdf"])
    assert bases
    assert all(low == "&lt;5" or int(low) == 0 or int(low) >= 5 for low, _ in bases)
    missing = sparse["bijlagen.pdf"].split("Hoeveel mensen elke vraag kregen")[1].split("</table>")[0]
    few = next(row for row in missing.split("<tr") if "Q26d" in row)
    assert re.findall(r"<td[^>]*>([^<]*)</td>", few)[2:] == ["–"] * 4


def test_the_account_of_weighting_names_areas_and_groups_in_words(sparse: dict[str, str]) -> None:
    table = sparse["bijlagen.pdf"].split("Wat voor de weging is samengevoegd")[1].split("</table>")[0]
    assert "deze wijken samen" in table
    assert "area_age" not in table
    assert "GM0546" not in table


def test_a_note_says_of_how_many_a_question_was_asked_and_nothing_when_of_all(
    outcomes: Outcomes, pages: dict[str, str]
) -> None:
    said = 0
    notes = re.findall(r"Vraag Q[^<]*uit de steekproef, n = [^<]*", pages[report.MAIN])
    for note in (each for each in notes if "; Q" not in each):
        number = note.split()[1].rstrip(":")
        (asked,) = {
            each.asked for each in outcomes.distributions if each.question.provenance.number == number
        }
        everybody = asked == outcomes.respondents
        assert (f"Gesteld aan {asked} van de {outcomes.respondents} mensen." in note) != everybody, note
        assert ("kreeg de vraag" in note) is False
        assert ("Deze vraag was voor wie " in note) != everybody, note
        said += not everybody
    assert said > 5


def test_the_annex_of_questions_says_for_whom_each_was(pages: dict[str, str]) -> None:
    annex = pages[report.ANNEXES].split('id="bijlage-b"')[1].split('id="bijlage-c"')[0]
    of_q13, of_q15 = (annex.split(f">{number}<")[1].split("</tr>")[0] for number in ("Q13", "Q15"))
    whom = "Deze vraag was voor wie bij vraag Q7 (deed mee of kreeg hulp) iets anders koos dan"
    assert whom in of_q13
    assert "Deze vraag was" not in of_q15
    assert whom in pages[report.MAIN].split("Vraag Q13: ")[1]


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("Q7", "In de laatste 12 maanden, in uw buurt of ergens anders in Leiden’"),
        ("Q9", "Of in de BOP bij u in de buurt’"),
        ("Q15", "In de laatste 12 maanden’"),
        ("Q23a", "In de laatste 12 maanden, met het geld van uw huishouden’"),
        ("K22", "In de laatste 12 maanden’"),
    ],
)
def test_a_question_below_a_figure_has_its_period_and_place_on_every_page(
    pages: dict[str, str], number: str, words: str
) -> None:
    found = set()
    for name, html in pages.items():
        quoted = re.findall(rf"\b{number}: ‘[^’]*’", html)
        assert all(words in each for each in quoted), name
        found |= {name} if quoted else set()
    assert found & {report.MAIN, report.ANNEXES}
    assert (len(found) > 10) == (number in {"Q7", "Q9", "Q15", "Q23a"})  # the profiles too


def test_what_the_plan_remarks_on_a_question_stands_under_its_answers_and_nowhere_else(
    pages: dict[str, str],
) -> None:
    notes = re.findall(r"Vraag Q[^<]*", pages[report.MAIN])
    for number, words in (
        ("Q7", "Q25 vraagt naar al het"),
        ("Q25", "Q7 gaat over meedoen"),
        ("Q16", "twee groepen"),
    ):
        (remarked,) = (each for each in notes if words in each)
        assert re.match(rf"Vraag {number}: .*uit de steekproef, n = ", remarked)


def test_help_that_stopped_is_told_by_the_first_principle_and_themes(pages: dict[str, str]) -> None:
    main, stopped = pages[report.MAIN], "egt dat de hulp of activiteit ineens stopte"
    lead = main.split('id="p1"')[1].split('class="lead">')[1].split("</p>")[0]
    assert re.search(rf"\d+% z{stopped}", lead)
    assert f"Z{stopped}" in main.split('id="thema-opzet-t2"')[1]


def test_a_share_of_some_residents_says_of_whom(outcomes: Outcomes, pages: dict[str, str]) -> None:
    blocks = outcomes.questionnaire.blocks
    questions = {question.key: question for block in blocks for question in block.questions}
    some = {each.question.key for each in outcomes.indicators if each.for_some}
    assert {"q9", "q11"} <= some
    assert not some & {"q2", "q17", "q25"}
    dutch = phrases()["nl"]
    assert not among(dutch, questions["q2"], "", for_some=False)
    assert among(dutch, questions["q11"], "", for_some=True) == "van de mensen voor wie deze vraag gold"
    assert among(dutch, questions["q11"], "van wie meedeed", for_some=True) == "van wie meedeed"
    wanted = "van wie deze vraag wilde krijgen"
    assert among(dutch, questions["q19"], "", for_some=False) == wanted
    assert among(dutch, questions["q19"], "van wie meedeed", for_some=True) == f"van wie meedeed, {wanted}"
    summary = pages["hoofdrapport.pdf"].split('id="samenvatting"')[1].split("</section>")[0]
    assert "grotendeels geholpen, van wie meedeed of hulp kreeg" in summary


def test_the_plan_says_of_whom_each_outcome_is_that_is_not_about_everybody(outcomes: Outcomes) -> None:
    form = outcomes.questionnaire.short_form
    for each in outcomes.indicators:
        routed = of_the_whole_form(each.question.when, form) is not None
        excused = any(reason.code == NOT_APPLICABLE for reason in each.question.reasons)
        assert bool(each.indicator.of_whom) == (routed or excused), each.indicator.key


def test_the_lead_of_a_principle_says_of_whom_its_shares_are(pages: dict[str, str]) -> None:
    main = pages[report.MAIN]
    leads = {
        code: main.split(f'id="{code}"')[1].split('class="lead">')[1].split("</p>")[0]
        for code in ("p1", "p5", "p9")
    }
    assert re.search(r"Van wie meedeed of hulp kreeg: \d+% vindt.* en \d+% zegt.* stopte\.", leads["p1"])
    assert re.search(r"Van wie meedeed of hulp kreeg: .* te vertellen\b", leads["p5"])
    assert re.search(r"Van wie wel eens hulp nodig heeft: .* geven\.", leads["p9"])
    assert leads["p1"].count("an wie meedeed of hulp kreeg") == 1
    assert not any("Niet elke vraag gold voor iedereen" in lead for lead in leads.values())


def test_a_figure_of_several_outcomes_says_of_whom_each_is(pages: dict[str, str]) -> None:
    (profile,) = (html for name, html in pages.items() if "WK054605" in name)
    assert (
        "Alleen van wie meedeed of hulp kreeg: ‘is helemaal of grotendeels geholpen’; van wie er wel eens "
        "komt: ‘voelt zich welkom in Huis van de Buurt of BOP’"
    ) in profile
    assert "Niet elke vraag gold voor iedereen" not in profile
    together = pages[report.MAIN].split('id="wijken"')[1]
    assert "Alleen van wie meedeed of hulp kreeg: ‘is helemaal of grotendeels geholpen’" in together
    overview = pages[report.MAIN].split('id="totaalbeeld"')[1].split("</section>")[0]
    assert "; van wie meedeed of hulp kreeg: Q10, Q11, Q12 en Q13; van wie hulp miste" in overview
    by_area = pages[report.ANNEXES].split('id="bijlage-c"')[1]
    assert "wat ik nodig heb’. Alleen van wie iets nodig heeft." in by_area


def test_outcomes_for_some_of_which_the_plan_says_nothing_keep_the_general_sentence(
    outcomes: Outcomes,
) -> None:
    maker = Maker(outcomes, Background(), report.our_palette())
    found = {each.indicator.key: each for each in outcomes.indicators}
    helped = found["helped"]
    unsaid = msgspec.structs.replace(helped, indicator=msgspec.structs.replace(helped.indicator, of_whom=""))
    assert not maker.about_whom([found["reach"]])
    assert maker.about_whom([helped, found["stopped"]]) == " Alleen van wie meedeed of hulp kreeg."
    assert maker.about_whom([helped], named=True) == (
        " Alleen van wie meedeed of hulp kreeg: ‘is helemaal of grotendeels geholpen’."
    )
    assert maker.about_whom([unsaid]) == " Niet elke vraag gold voor iedereen."
    assert maker.about_whom([helped, unsaid]) == (
        " Alleen van wie meedeed of hulp kreeg: ‘is helemaal of grotendeels geholpen’. Niet elke vraag gold "
        "voor iedereen."
    )


def test_the_map_says_about_whom_it_is(pages: dict[str, str]) -> None:
    note = pages[report.MAIN].split("n per wijk staat in de figuur hierna")[0].rsplit("Vraag Q7", 1)[1]
    assert "Basis: bewoners van 18 jaar en ouder, uit de steekproef, gewogen." in note


def test_every_figure_of_answers_gives_its_uncertainty(pages: dict[str, str]) -> None:
    chapters = pages["hoofdrapport.pdf"].split('id="totaalbeeld"')[1].split('id="wijken"')[0]
    figures = chapters.split('<div class="figure')[1:]
    assert len(figures) > 30
    without = [figure for figure in figures if "marge" not in figure.lower()]
    # What figures mean is no figure of answers.
    assert all("De betekenis van elk cijfer" in figure for figure in without)


def plots_beside_tables(html: str) -> list[tuple[str, float, float]]:
    """Every table with a plot beside it, and the width and height of the plot in points."""
    found = []
    for block in re.findall(r'<div class="tableplot[^>]*>(.*?)</table>', html, re.DOTALL):
        svg, table = block.split("</svg>")
        size = re.search(r'width="([\d.]+)pt" height="([\d.]+)pt"', svg)
        assert size is not None
        found.append((table, float(size[1]), float(size[2])))
    return found


def test_a_table_and_the_plot_beside_it_fill_the_page_and_share_their_rows(pages: dict[str, str]) -> None:
    """The chart draws its rules where the table has them: row for row, of the same height."""
    found = [plot for html in pages.values() for plot in plots_beside_tables(html)]
    assert len(found) > 50
    for table, wide, high in found:
        columns = [float(each) for each in re.findall(r"<(?:th|col)[^>]* style=\"width: ([\d.]+)mm", table)]
        assert sum(columns) + wide / plots.MILLIMETRE == pytest.approx(PAGE, abs=0.05)
        labels = re.findall(r'<th scope="row(?:group)?"[^>]*>(.*?)</th>', table)
        rows = sum(plots.row_height(1 + label.count("<br>")) for label in labels)
        assert 0 <= high - plots.HEAD - rows <= plots.FOOT + 0.1


def test_no_table_is_wider_than_the_page_or_has_a_column_without_numbers(
    outcomes: Outcomes, export: Path
) -> None:
    made = report.reports(outcomes, read_background(export))
    found = [*made.main.figures, *(figure for profile in made.profiles for figure in profile.figures)]
    tables = [figure.table for figure in found if figure.table is not None]
    assert len(tables) > 100
    for table in tables:
        assert table.width <= PAGE, table.caption
        for place, column in enumerate(table.columns[1:]):
            cells = [line.cells[place].text for line in table.lines if line.style != "group"]
            assert any(cells) or column.style == "mark", (table.caption, column.label)


@pytest.mark.parametrize(("names", "longest"), [(1, 15), (2, 13)])
def test_three_or_four_groups_beside_the_residents_leave_room_for_their_plot(
    outcomes: Outcomes, export: Path, names: int, longest: int
) -> None:
    """The plan may name as many; their names are short above their columns, and whole in the table."""
    partners = outcomes.companions[1]
    more = (
        msgspec.structs.replace(partners, plan=msgspec.structs.replace(partners.plan, name=name))
        for name in ("vrijwillige bestuursleden", "jongeren")[:names]
    )
    all_of_them = msgspec.structs.replace(outcomes, companions=(*outcomes.companions, *more))
    html = pages_of(all_of_them, read_background(export))["hoofdrapport.pdf"]
    found = [(table, wide) for table, wide, _ in plots_beside_tables(html) if 'scope="colgroup"' in table]
    assert len(found) > 8
    for table, wide in found:
        assert wide >= 28 * plots.MILLIMETRE
        heads = re.findall(r'<th scope="colgroup"[^>]*>(.*?)</th>', table)
        assert all(len(head) <= longest for head in heads), heads
        marks = [head[-1] for head in heads if head[-1] != "●"]
        assert marks == [*SYMBOLS[: len(marks)]]
    assert any("Vrijwillig" in table and "…" in table for table, _ in found)


def test_the_report_opens_with_why_it_was_made_and_who_was_asked_how(pages: dict[str, str]) -> None:
    main = pages["hoofdrapport.pdf"]
    opening = main.split('id="inleiding"')[1].split("</section>")[0]
    assert "Waarom dit onderzoek?" in opening
    assert '<p class="lead">Weten wat bewoners' in opening
    assert "met geen enkele bewoner" in opening
    asked = main.split('id="gevraagd"')[1].split("<table")[0]
    assert "in het Arabisch, " in asked
    assert "Ook medewerkers en partners kregen een vragenlijst." in asked
    assert "De antwoorden kwamen vrij " in asked


def test_a_report_of_which_nobody_told_why_has_no_chapter_on_it(outcomes: Outcomes, export: Path) -> None:
    told = outcomes.plan.report.study
    study = msgspec.structs.replace(told, aim="", rationale="")
    report_plan = msgspec.structs.replace(outcomes.plan.report, study=study)
    plan = msgspec.structs.replace(outcomes.plan, report=report_plan)
    untold = msgspec.structs.replace(outcomes, plan=plan)
    assert 'id="inleiding"' not in pages_of(untold, read_background(export))["hoofdrapport.pdf"]


def test_no_heading_stands_alone_at_the_foot_of_a_page(outcomes: Outcomes, out: Path) -> None:
    """A chapter comes with its first figure or table, wherever on a page it begins."""
    reader = PdfReader(out / "hoofdrapport.pdf")
    texts = [" ".join(page.extract_text().split()) for page in reader.pages]
    starts = {
        entry.title: reader.get_destination_page_number(entry)
        for entry in reader.outline
        if not isinstance(entry, list)
    }
    assert len(set(starts.values())) < len(starts), "two chapters on a page"
    for code, name in outcomes.plan.report.principles.items():
        text = texts[starts[f"{code} {name}"]]
        _, head, after = text.partition(f"Leidend principe {code} {name}")
        assert head
        assert re.search(r"(Tabel|Figuur) \d+\.", after), code


def test_what_became_of_all_advice_stands_in_a_table_for_each_group(
    outcomes: Outcomes, pages: dict[str, str]
) -> None:
    chapter = pages["hoofdrapport.pdf"].split('id="vervolg"')[1].split("</section>")[0]
    tables, sections = chapter.split("<h2", maxsplit=1)
    names = re.findall(
        r"Tabel \d+(?=\.</span> Opvolging van adviezen)", unescape(tables).replace("\N{NO-BREAK SPACE}", " ")
    )
    items = re.findall(r"<li[^>]*><strong>.*?\.</strong> (.*?)</li>", sections)
    assert all(f">{name.lower()}</a>" in text for name in names for text in items)
    assert sections.split("<h2")[-1].count("<li") == len(items)
    assert ">Adviezen zonder eigen figuur</h2>" in sections
    listed = [advice for advice in outcomes.plan.report.follow_up if not advice.indicators]
    assert len(items) == len(listed)
    for companion in outcomes.companions:
        (table,) = re.findall(f"Opvolging van adviezen: {companion.plan.name}.*?</table>", tables, re.DOTALL)
        assert table.count('scope="row"') == len(outcomes.plan.report.follow_up)
    of_residents = [any(key.startswith("q") for key in advice.questions) for advice in listed]
    assert ["Aan bewoners is dit niet gevraagd." not in text for text in items] == of_residents
    assert ["Wat bewoners zeiden over iets dat erbij hoort," in text for text in items] == of_residents
    assert any(of_residents)


def test_advice_points_to_the_first_figure_of_every_other_question_that_bears_on_it(
    outcomes: Outcomes, pages: dict[str, str]
) -> None:
    before, chapter = pages["hoofdrapport.pdf"].split('id="vervolg"')
    figures = re.findall(
        r'<div class="figure[^>]* id="(figuur-\d+)">(.*?)(?=<div class="figure)', before, re.DOTALL
    )
    for advice in outcomes.plan.report.follow_up:
        (item,) = re.findall(f'id="vervolg-{advice.key}".*?(?=</li>|<h2)', chapter, re.DOTALL)
        for key in advice.questions:
            asked = re.compile(rf"Vra(?:ag|gen)[^.;]* {key[0].upper()}{key[1:]}\b(?!’)")
            first = next(anchor for anchor, text in figures if asked.search(text))
            assert f'href="#{first}"' in item, (advice.key, key)


def test_advice_with_a_text_and_no_figures_has_its_own_heading_above_the_list_of_the_others(
    outcomes: Outcomes, export: Path
) -> None:
    made = report.reports(outcomes, read_background(export))
    (chapter,) = (each for each in made.main.chapters if each.anchor == "vervolg")
    told, *others = (each for each in (*chapter.listed[2:], *chapter.listed[:2]))
    (file,) = (each for each in files_for(made.main) if each.anchor == told.anchor)
    made = report.reports(outcomes, read_background(export), {file.name: b"Dat bleek uit gesprekken."})
    web = report.data_files(made, "2026-W48")[report.PUBLIC].decode()
    paper = next(job.html for job in report.jobs(made) if job.name == report.MAIN)
    for page, heading in ((paper, "h2"), (web, "h3")):
        text = unescape(page.split('id="vervolg"')[1].split("</section>")[0])
        headings = re.findall(f"<{heading}[^>]*>([^<]*)</{heading}>", text)
        assert headings.count(chapter.others) == 1
        assert headings[-2:] == [told.title, chapter.others]
        assert {*re.findall(r"<li[^>]*><strong>(.*?)\.</strong>", text)} == {each.title for each in others}


def test_two_small_tables_stand_beside_each_other(pages: dict[str, str]) -> None:
    chapter = pages["hoofdrapport.pdf"].split('id="kring"')[1].split("</section>")[0]
    first = chapter.split('<div class="pair">')[1].split("</table></div></div>")[0]
    names = re.findall(r"Tabel \d+\.</span> (.*?)</p>", unescape(first).replace("\N{NO-BREAK SPACE}", " "))
    assert names[:2] == ["Organisatie: medewerkers", "Rol: medewerkers"]


def test_the_central_outcomes_stand_in_a_panel_for_every_area(
    outcomes: Outcomes, pages: dict[str, str]
) -> None:
    """In the order of the municipality; what is withheld is in no panel, and the table has all numbers."""
    (block,) = re.findall(
        r'<div class="figure long"[^>]*>(?:(?!<div class="figure).)*?Elk vak is een wijk.*?</table>',
        pages["hoofdrapport.pdf"],
        re.DOTALL,
    )
    description = unescape(re.search(r"<desc>(.*?)</desc>", block)[1])
    names = [area.name for area in outcomes.questionnaire.municipality.areas]
    places = [description.index(f"{name}.") for name in names]
    assert places == sorted(places)
    by_key = {each.indicator.key: each for each in outcomes.indicators}
    central = [by_key[key] for key in outcomes.plan.report.headline]
    reasons = [
        each.cell.reason for outcome in central for each in outcome.areas if isinstance(each.cell, Suppressed)
    ]
    hidden = len(reasons)
    assert 0 < description.count(plots.TOO_FEW) == reasons.count("too_few")
    assert 0 < description.count(plots.PROTECTED) == hidden - reasons.count("too_few")
    assert block.count("<circle") == len(central) * len(names) - hidden
    assert block.count('scope="colgroup"') == len(central)
    for outcome in central:
        assert outcome.indicator.label in block


def test_what_employees_and_partners_say_stands_beside_what_residents_say(pages: dict[str, str]) -> None:
    chapter = pages["hoofdrapport.pdf"].split('id="p2"')[1].split("</section>")[0]
    figure = chapter.split('<div class="figure')[-1]
    assert '<tr class="group"><th scope="rowgroup" colspan="7">Bewoners</th></tr>' in figure
    assert "Medewerkers en partners" in figure
    assert "Ik weet naar wie ik kan doorverwijzen" in figure
    assert "geteld en niet gewogen" in figure


def test_the_chapter_of_the_wider_circle_has_its_grades_and_network_and_names_who_is_not_in_it(
    pages: dict[str, str],
) -> None:
    chapter = pages["hoofdrapport.pdf"].split('id="kring"')[1].split("</section>")[0]
    assert "Van jongeren zijn geen antwoorden in dit rapport" in chapter
    assert "300 mensen uit de kring om de bewoners" in chapter
    assert "P10 Kennis en innovatie" in chapter
    assert "<title>Netwerk." in chapter
    assert ">Medewerkers en partners</h1>" in chapter
    network = chapter.split("<title>Netwerk.")[1].split("</table>")[0]
    rows = [re.findall(r"<t[hd][^>]*>([^<]*)</t[hd]>", row) for row in network.split("<tr")[2:]]
    assert rows[0][0] == "BuZz"
    met = [name for row in rows if row[0] == "BuZz" for name in row[3].split(", ")]
    assert len(met) == len(set(met)) == 12
    assert all("kwart" in row[2] for row in rows)
    assert "Antwoorden van partners" in pages["bijlagen.pdf"]


@pytest.mark.parametrize(
    ("key", "answers"),
    [
        ("q4", ["ik was er of had er contact mee", "ken ik alleen van naam", "ken ik niet"]),
        ("q5", ["ja", "een beetje", "nee"]),
        ("q21", ["ja", "min of meer", "nee"]),
    ],
)
def test_a_bar_begins_with_the_answer_that_outcomes_count_whichever_was_asked_first(
    outcomes: Outcomes, key: str, answers: list[str]
) -> None:
    found = [each for each in outcomes.distributions if each.question.key == key]
    figure = ordered(Maker(outcomes, Background(), report.our_palette()), found, "bewoners")
    assert figure.table is not None
    assert [column.label for column in figure.table.columns[2:]] == answers
    assert figure.svg is not None
    key_of_chart = [figure.svg.lower().index(f">{answer}</text>") for answer in answers]
    assert key_of_chart == sorted(key_of_chart)


def test_a_share_that_weighting_fixes_is_not_called_certain(pages: dict[str, str]) -> None:
    main = pages["hoofdrapport.pdf"]
    assert "Op deze vraag is gewogen" in main.split("Bent u een man of een vrouw?")[1].split("</div>")[0]
    one_of_several = main.split("Met wie woont u?")[1].split("</div>")[0]
    assert "Op een van deze antwoorden is gewogen; daar is de marge klein of nul." in one_of_several


def test_figures_of_questions_that_people_could_do_without_say_so_in_overviews(pages: dict[str, str]) -> None:
    overview = pages["hoofdrapport.pdf"].split('id="totaalbeeld"')[1].split("</section>")[0]
    assert "Alleen van wie de vraag wilde krijgen: Q19, Q20 en Q21." in overview


def test_limits_that_the_margins_exceed_are_explained_in_the_account(
    export: Path, pages: dict[str, str], tmp_path: Path
) -> None:
    text = PLAN.read_text(encoding="utf-8").split("[[sensitivity]]")[0]
    report_part = "[report]" + PLAN.read_text(encoding="utf-8").split("[report]")[1]
    plan = tmp_path / "plan.toml"
    plan.write_text(text.replace("largest = 5.0", "largest = 1.05") + report_part, encoding="utf-8")
    outcomes = outcomes_of(export, plan)
    tight = pages_of(outcomes, read_background(export))["bijlagen.pdf"]
    assert outcomes.weighting.outside > 0
    assert "voegt in het plan meer groepen samen (minimum_cell)" in tight
    assert "meer groepen samen (minimum_cell)" not in pages["bijlagen.pdf"]
    assert "Gewichten die meer dan 1% buiten de grenzen vallen" in pages["bijlagen.pdf"]


def rows_of(page: str, question: str) -> list[list[str]]:
    """The cells of every row of a table that begins with this number of a question."""
    found = [re.sub(r"<[^>]+>", "|", row) for row in page.split("<tr")]
    cells = [[cell.strip() for cell in row.split("|")[1:] if cell.strip()] for row in found]
    return [row for row in cells if row and row[0].startswith(question + " ")]


@pytest.mark.parametrize("others", [0, 3, 12])
def test_the_number_of_the_few_who_gave_another_answer_cannot_be_worked_out(
    export: Path, tmp_path: Path, others: int
) -> None:
    folder = Path(shutil.copytree(export, tmp_path / "export"))
    table = pd.read_csv(folder / "responses.csv", dtype=str, keep_default_na=False)
    table.loc[table["q36"] == "3", "q36"] = "1"
    counted = (table["channel"] == "invited") & table["disposition"].isin(["complete", "partial"])
    table.loc[table[counted & (table["q36"] == "1")].index[:others], "q36"] = "3"
    table.to_csv(folder / "responses.csv", index=False, lineterminator="\n")
    outcomes = outcomes_of(folder, PLAN)
    made = report.jobs(report.reports(outcomes, read_background(folder)))
    page = "".join(job.html for job in made if job.name in {report.MAIN, report.ANNEXES})
    (row,) = (row for row in rows_of(page, "Q36") if len(row) == 7)
    answered = int((counted & table["q36"].isin(["1", "2", "3"])).sum())
    assert row[2:] == ["–"] * 5 if others == 3 else row[2] == str(answered)
    note = page.split("Bent u een man of een vrouw?")[1].split("</p>")[0]
    assert ("n = niet getoond" in note) == (others == 3)
    assert (f"n = {answered}" in note) == (others != 3)


def test_a_margin_that_no_step_uses_is_not_called_weighted(
    export: Path, pages: dict[str, str], tmp_path: Path
) -> None:
    steps = '[weighting]\nsteps = [{kind = "rake", margins = ["area", "sex"]}]\n'
    plan = tmp_path / "plan.toml"
    text = PLAN.read_text(encoding="utf-8").replace("[weighting]\n", steps)
    # A variant without a margin that no step uses is refused.
    plan.write_text(text.replace('without = ["children"]', 'without = ["sex"]'), encoding="utf-8")
    outcomes = outcomes_of(export, plan)
    made = pages_of(outcomes, read_background(export))
    fewer, usual = (found["hoofdrapport.pdf"] for found in (made, pages))
    assert "Door de weging telt elke groep hier even zwaar als in de bevolking." in usual
    assert "Door de weging telt elke groep van geslacht even zwaar als in de bevolking." in fewer
    assert "Op deze vraag is gewogen" not in fewer.split("Met wie woont u?")[1].split("</div>")[0]
    assert "Hun antwoorden tellen zwaarder mee" in usual
    assert "Hun antwoorden tellen zwaarder mee" not in fewer
    assert "is niet gewogen." in fewer.split('id="samenvatting"')[1].split("</section>")[0]

    def counts(page: str) -> str:
        return page.split("Bevolkingscijfers waarop is gewogen")[1].split("</table>", maxsplit=1)[0]

    assert "met kinderen thuis" in counts(pages["bijlagen.pdf"]).lower()
    assert "met kinderen thuis" not in counts(made["bijlagen.pdf"]).lower()


def test_no_two_figures_have_one_title(outcomes: Outcomes, export: Path) -> None:
    """A statement and an outcome stand in several of them; a title says what is shown in this one."""
    main = report.reports(outcomes, read_background(export)).main
    leads = [each.lead for each in main.chapters if each.kicker.startswith("Leidend principe")]
    assert len(leads) == len(set(leads))
    chosen = [
        figure
        for chapter in main.chapters
        if chapter.anchor.startswith(("p", "thema-", "totaalbeeld"))
        for figure in (*chapter.figures, *(one for each in chapter.sections for one in each.figures))
    ]
    titles = [figure.title for figure in chosen]
    assert [title for title, times in Counter(each.title for each in main.figures).items() if times > 1] == []
    averages = [title for title in titles if "emiddeld" in title and "bij ‘" in title]
    assert len(averages) > 2
    beside = [title for title in titles if "per zin is" in title and "het (helemaal) eens" in title]
    assert len(beside) > 10
    for title in beside:
        assert re.search(r": per zin is .*% van de medewerkers en .*% van de partners het", title), title


def test_a_note_on_groups_says_on_what_some_were_not_compared(outcomes: Outcomes, export: Path) -> None:
    """A group by illness is not set beside health, and only says so of that."""
    first, *others = outcomes.groups
    groups = (
        msgspec.structs.replace(first, marks=dict.fromkeys(first.marks, "higher")),
        *(msgspec.structs.replace(each, marks=dict.fromkeys(each.marks, "same")) for each in others),
    )
    changed = msgspec.structs.replace(outcomes, groups=groups)
    maker = Maker(changed, read_background(export), report.our_palette())
    by_key = {each.indicator.key: each for each in outcomes.indicators}
    some = differing(maker, "P3", [by_key["cohesion"], by_key["good_health"]], "bewoners")
    every = differing(maker, "P3", [by_key["cohesion"], by_key["less_help"]], "bewoners")
    assert some is not None
    assert every is not None
    ill, born = "‘heeft veel last van een ziekte of beperking’", "‘is geboren buiten Nederland’"
    assert f"Gezondheid is niet vergeleken bij {ill} en {born}: een groep" in some.note
    assert some.note.lower().count("gezondheid") == 1
    assert ill in every.note
    assert "gezondheid" not in every.note.replace(ill, "").lower()


def test_statements_that_say_the_opposite_are_a_group_of_their_own(outcomes: Outcomes, export: Path) -> None:
    """In the chart with room and a head above them, in the table with a line of its own."""
    main = report.reports(outcomes, read_background(export)).main
    (found,) = (
        each
        for chapter in main.chapters
        for each in chapter.figures
        if "Onderaan" in each.what and "had steeds dezelfde persoon" in each.svg
    )
    assert found.svg.count(">Wat het tegendeel zegt<") == 1
    labels = [" ".join(line.label) for line in found.table.lines]
    assert labels[-2:] == ["Wat het tegendeel zegt", "De hulp of activiteit stopte ineens"]
    assert found.table.lines[-2].style == "group"


def test_easy_dutch_waits_for_its_readers_and_other_languages_for_native_speakers(
    pages: dict[str, str],
) -> None:
    table = re.search(
        r"De vragenlijst was er in \S+ talen, waarvan \S+ als concept.*?</table>",
        pages["bijlagen.pdf"],
        re.DOTALL,
    )
    assert table is not None
    cells = re.findall(r">\s*([^<>]+?)\s*<", table.group())
    after = dict(pairwise(cells))
    assert after["Makkelijk Nederlands"].endswith("mensen voor wie de tekst bedoeld is")
    assert after["Turks"].endswith("wie de taal van huis uit spreekt")


def test_a_sentence_that_lists_questions_has_one_end(pages: dict[str, str]) -> None:
    for name, html in pages.items():
        assert not re.findall(r".{20}(?:\?’?\. (?=Basis|Bron)|\.;).{10}", html), name


def test_the_items_of_a_battery_are_called_statements_only_when_they_are(pages: dict[str, str]) -> None:
    tables = re.findall(r"<table.*?</table>", pages["hoofdrapport.pdf"], re.DOTALL)
    heads = {
        head: [each for each in tables if re.search(rf"<th[^>]*>\s*{head}\s*</th>", each)]
        for head in ("Zin", "Onderdeel")
    }
    assert all(heads.values())
    assert not any(re.search(r">\s*(BuZz|Geld)\s*<", each) for each in heads["Zin"])
    assert any(re.search(r">\s*(BuZz|Geld)\s*<", each) for each in heads["Onderdeel"])


def test_a_title_is_true_of_the_statements_that_say_the_opposite_too(
    outcomes: Outcomes, export: Path
) -> None:
    main = report.reports(outcomes, read_background(export)).main
    figures = [each for chapter in main.chapters for each in chapter.figures if "Onderaan" in each.what]
    assert len(figures) > 2
    for each in figures:
        assert "; bij wat het tegendeel zegt " in each.title
        assert "kennen elkaar in deze buurt nauwelijks" not in each.title
    (lonely,) = (each for each in figures if "Eenzaamheid" in each.title)
    assert lonely.table is not None
    *_, head, first, second, third = lonely.table.lines
    assert head.style == "group"
    least, *_, most = sorted(int(line.cells[1].text) for line in (first, second, third))
    assert lonely.title.endswith(f"; bij wat het tegendeel zegt {least} tot {most}%")
    assert "‘Ja’ een punt, en ‘Min of meer’ ook" in lonely.note


def test_which_answers_count_in_a_score_stands_beside_its_definition(pages: dict[str, str]) -> None:
    assert "geven ‘Nee’ en ‘Min of meer’ een punt" in pages["bijlagen.pdf"].split('id="betekenis"')[1]


def test_the_scale_of_a_plot_holds_the_figure_that_areas_are_compared_with() -> None:
    dot = Dot(value=7.1, low=6.5, high=7.7)
    ticks = round_ticks([Row(label="Mors", dot=dot, withheld="", reference=6.3)], "mean")
    assert ticks[0] <= 6.3
    assert ticks[-1] >= 7.7


def test_every_principle_of_the_plan_has_its_chapter(outcomes: Outcomes, pages: dict[str, str]) -> None:
    assert outcomes.plan.report is not None
    for code, name in outcomes.plan.report.principles.items():
        assert f"Leidend principe {code}<" in pages["hoofdrapport.pdf"]
        assert f">{name}<" in pages["hoofdrapport.pdf"]


def test_a_table_of_groups_that_is_too_long_for_a_page_begins_one(export: Path, outcomes: Outcomes) -> None:
    """Else the name of its first group could end a page."""

    def begins(marked: int) -> tuple[bool, bool]:
        groups = tuple(
            msgspec.structs.replace(
                group,
                marks={key: "higher" if place < marked else "same" for place, key in enumerate(group.cells)},
            )
            for group in outcomes.groups
        )
        changed = msgspec.structs.replace(outcomes, groups=groups)
        maker = Maker(changed, read_background(export), report.our_palette())
        found = differing(maker, "Bereik", outcomes.indicators, "bewoners")
        assert found is not None
        return found.long, found.apart

    assert begins(1) == (False, False)
    assert begins(len(outcomes.indicators)) == (True, True)


def test_a_principle_tells_which_groups_answer_otherwise_or_that_none_does(
    export: Path, outcomes: Outcomes
) -> None:
    """Here those of 65 and over on a share and a mean, of one principle each; the youngest are too few."""
    told = {"knows_house": "higher", "neighbourhood_grade": "lower"}
    groups = tuple(
        msgspec.structs.replace(
            group,
            marks={
                key: {"Is 65 jaar of ouder": told.get(key, "same"), "Is 18 tot en met 24 jaar": None}.get(
                    group.plan.name, "same"
                )
                for key in group.marks
            },
        )
        for group in outcomes.groups
    )
    changed = msgspec.structs.replace(outcomes, groups=groups)
    (old,) = (group for group in groups if group.plan.name == "Is 65 jaar of ouder")
    main = unescape(pages_of(changed, read_background(export))[report.MAIN])
    main = main.replace("\N{NO-BREAK SPACE}", " ")
    for code, name in outcomes.plan.report.principles.items():
        chapter = main.split(f'id="{code.lower()}"')[1].split("</section>")[0]
        about = [each for each in outcomes.indicators if code in each.question.provenance.principles]
        compared = [each for group in groups for each in about if group.marks.get(each.indicator.key)]
        number = phrases()["nl"].counted(len(compared), "vergelijking", "vergelijkingen")
        marked = [each for each in about if each.indicator.key in told]
        if not marked:
            assert f"met alle anderen. Bij {number} is geen duidelijk verschil" in chapter
            assert f"{name} per groep" not in chapter
            continue
        table = chapter.split(f"{name} per groep: één duidelijk verschil bij {number}")[1]
        table = table.split("</div>")[0]
        assert re.findall(r'<th scope="rowgroup"[^>]*>(.*?)</th>', table) == ["Is 65 jaar of ouder"]
        (row,) = re.findall(r'<tr class="sub">(.*?)</tr>', table, re.DOTALL)
        (outcome,) = marked
        cell, kind = old.cells[outcome.indicator.key], outcome.indicator.kind
        whole = wording.with_unit(phrases()["nl"], outcome.whole.value, kind)
        assert re.findall(r"<td[^>]*>(.*?)</td>", row) == [
            wording.base(phrases()["nl"], cell),
            wording.with_unit(phrases()["nl"], cell.value, kind),
            wording.interval(phrases()["nl"], cell, kind),
            whole,
            "▲ hoger" if told[outcome.indicator.key] == "higher" else "▼ lager",
        ]
        numbers = phrases()["nl"].names(dict.fromkeys(each.question.provenance.number for each in compared))
        assert f"De vragen ({numbers}) staan in bijlage B." in table
        assert "Niet vergeleken, want te weinig antwoorden: ‘is 18 tot en met 24 jaar’." in table
    health = main.split('id="p3"')[1].split("</section>")[0]
    sensitive = "‘heeft veel last van een ziekte of beperking’ en ‘is geboren buiten Nederland’"
    assert f"Gezondheid is niet vergeleken bij {sensitive}: een groep" in health


def test_a_principle_tells_what_grade_those_who_work_there_give_it(
    outcomes: Outcomes, pages: dict[str, str]
) -> None:
    for code in outcomes.plan.report.principles:
        chapter = unescape(pages[report.MAIN]).split(f'id="{code.lower()}"')[1].split("</section>")[0]
        graded, called = grades(outcomes.companions, code), feasible(outcomes.companions, code)
        said = " en ".join(
            f"{each.name}: beschermd"
            if isinstance(cell, Suppressed)
            else f"{each.name} {phrases()['nl'].decimal(cell.value)} (n = {cell.respondents})"
            for each, cell in zip(outcomes.companions, graded.cells, strict=True)
        )
        shares = " en ".join(
            f"{each.name} {plots.percent(100 * cell.value)}% (n = {cell.respondents})"
            for each, cell in zip(outcomes.companions, called.cells, strict=True)
        )
        assert f"Gemiddeld cijfer voor dit principe: {said}." in chapter
        assert f"Haalbaar in de praktijk volgens {shares}. Vraag K5 en K6 aan wie er werkt" in chapter


def test_the_account_names_the_languages_and_those_that_nobody_approved(pages: dict[str, str]) -> None:
    names = "Arabisch, Engels, Nederlands, Oekraïens, Pools, Turks en makkelijk Nederlands"
    account = pages["bijlagen.pdf"].split('id="bijlage-a"')[1]
    assert f"invullen kon in het {names}." in account
    drafts = names.replace("Nederlands, ", "")
    assert f"De tekst in het {drafts} is een concept" in account


def test_open_participation_has_no_interval_and_is_not_in_the_weighted_figures(
    outcomes: Outcomes, pages: dict[str, str]
) -> None:
    assert outcomes.open_respondents > 0
    assert outcomes.respondents == int((outcomes.dataset.texts["channel"] == "invited").sum())
    chapter = pages["hoofdrapport.pdf"].split('id="open"')[1].split("</section>")[0]
    assert "–" not in re.sub(r">–<", "", chapter)


def test_who_lags_behind_stands_with_its_response_and_its_margin(
    outcomes: Outcomes, pages: dict[str, str], out: Path
) -> None:
    chapter = pages["hoofdrapport.pdf"].split('id="deelnemers"')[1].split("</section>")[0]
    table = chapter.split("Geschat deel van alle genodigden")[1].split("</table>")[0]
    for balance in outcomes.balances:
        for group in balance.groups:
            assert group.response is not None
    assert table.count("<tr>") + table.count('<tr class="sub">') == 1 + sum(
        len(balance.groups) for balance in outcomes.balances
    )
    ages = next(balance for balance in outcomes.balances if balance.margin == "area_age")
    young = ages.groups[0].response
    assert young is not None
    row = next(line for line in table.split("<tr") if "18 tot en met 24 jaar" in line)
    cells = re.findall(r"<td[^>]*>([^<]*)</td>", row)
    assert cells[1:3] == [str(young.answered), f"{100 * young.share:.1f}".replace(".", ",")]
    bounds = [f"{100 * bound:+.1f}".replace(".", ",") for bound in (young.low, young.high)]
    low, high = (bound.replace("-", "\u2212") for bound in bounds)
    assert cells[4] == f"{low} tot {high}"
    assert f"per groep; gemiddeld {100 * ages.response:.1f}%".replace(".", ",") in chapter
    assert cells[-1] == "▼ lager"
    printed = "".join(page.extract_text() for page in PdfReader(out / "hoofdrapport.pdf").pages)
    assert f"R = {ages.indicator:.2f}".replace(".", ",") in printed


def test_what_a_model_says_is_labelled_with_its_assumption_and_stands_nowhere_else(
    outcomes: Outcomes, pages: dict[str, str]
) -> None:
    before, annex = pages["bijlagen.pdf"].split('id="bijlage-d"')
    assert "odelschatting" not in before
    annex = annex.split("</section>")[0]
    figures = annex.split('<div class="figure')[1:]
    assert outcomes.plan.small_areas is not None
    assert len(figures) == 1 + len(outcomes.plan.small_areas.indicators)
    assert all("Modelschatting" in figure and "Vraag Q" in figure for figure in figures)
    assert annex.count("Aanname:") == 3
    knows = next(each for each in outcomes.indicators if each.indicator.key == "knows_house")
    assert knows.open_modelled is not None
    row = next(line for line in figures[0].split("<tr") if "Kent het Huis" in line)
    cells = re.findall(r"<td[^>]*>([^<]*)</td>", row)
    assert cells[0] == str(knows.open.respondents)
    assert cells[2] == str(knows.open_modelled.respondents)
    assert cells[3] == f"{100 * knows.open_modelled.value:.0f}%"
    others = "".join(html for name, html in pages.items() if name != "bijlagen.pdf")
    before, glossary = others.split('id="woorden"')
    assert "odelschatting" not in before
    assert "odelschatting" not in glossary.split("</section>")[1]


def test_an_area_stands_by_its_own_figure_and_by_the_models_side_by_side(
    outcomes: Outcomes, pages: dict[str, str]
) -> None:
    annex = pages["bijlagen.pdf"].split('id="bijlage-d"')[1].split("</section>")[0]
    table = annex.split("Modelschatting per wijk: vindt dat het aanbod")[1].split("</table>")[0]
    fits = next(each for each in outcomes.indicators if each.indicator.key == "fits_needs")
    hidden = 0
    for area in fits.areas:
        row = next(line for line in table.split("<tr") if f">{area.area.name}<" in line)
        cells = re.findall(r"<td[^>]*>([^<]*)</td>", row)
        assert area.models is not None
        assert area.models.multilevel is not None
        assert cells[6] == f"{100 * area.models.multilevel.value:.0f}"
        if isinstance(area.cell, Suppressed):
            hidden += 1
            assert cells[1:6] == ["–", "–", "", "–", "–"]
        else:
            assert area.models.fay_herriot is not None
            assert cells[1] == f"{100 * area.cell.value:.0f}"
            assert cells[3] == ("indicatief" if area.cell.indicative else "")
            assert cells[4] == f"{100 * area.models.fay_herriot.value:.0f}"
    assert hidden, "the export of this test must be small enough"


def test_other_ways_to_weigh_stand_beside_the_plan_with_their_difference(
    outcomes: Outcomes, pages: dict[str, str]
) -> None:
    annex = pages["bijlagen.pdf"].split('id="bijlage-e"')[1].split("</section>")[0]
    rows = [re.findall(r"<t[hd][^>]*>([^<]*)</t[hd]>", line) for line in annex.split("<tr")[2:]]
    assert outcomes.plan.report is not None
    headline = set(outcomes.plan.report.headline)
    shown = [each for each in outcomes.variants if each.indicator.key in headline]
    assert len(rows) == len(shown) * (1 + len(outcomes.plan.sensitivity) + 1)
    wanted = [variant for each in shown for variant in each.variants]
    printed = [row for row in rows if len(row) == 8]
    for variant, row in zip(wanted, printed, strict=True):
        assert row[0] == variant.name
        assert row[1] == str(variant.cell.respondents)
        assert variant.effective_number is not None
        assert row[2] == f"{variant.effective_number:.0f}"
    assert "alsof zij waren uitgenodigd. Dat waren zij niet." in annex


def test_on_very_few_answers_no_model_is_made_and_none_is_announced(sparse: dict[str, str]) -> None:
    main, annexes = sparse["hoofdrapport.pdf"], sparse["bijlagen.pdf"]
    assert "geschat uit de open deelname" not in annexes
    assert "odelschatting" not in main + annexes
    assert "Een schatting met een model staat in bijlage D" not in main
    assert "Bijlage D: andere keuzes bij de weging" in annexes
    assert "niet getoond" in annexes.split('id="bijlage-d"')[1]
    table = main.split("Geschat deel van alle genodigden")[1].split("</table>")[0]
    assert all(int(number) >= 5 for number in re.findall(r"<td[^>]*>(\d+)</td><td[^>]*strong", table))


def test_a_plan_without_these_parts_makes_the_report_all_the_same(export: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    start, rest = PLAN.read_text(encoding="utf-8").split("[[sensitivity]]", 1)
    plan.write_text(start + rest[rest.index("[report]") :], encoding="utf-8")
    pages = pages_of(outcomes_of(export, plan), read_background(export))
    assert 'id="bijlage-c"' in pages["bijlagen.pdf"]
    assert "Bijlage D: betekenis van de cijfers" in pages["bijlagen.pdf"]
    assert not any("odelschatting" in html for html in pages.values())


def test_other_weightings_are_not_said_to_be_of_the_same_people_where_n_differs(
    outcomes: Outcomes, pages: dict[str, str]
) -> None:
    bases = [{one.cell.respondents for one in each.variants} for each in outcomes.variants]
    assert any(len(each) > 1 for each in bases)
    assert "Alleen waar n anders is, tellen er mensen niet mee, of andere wel." in pages["bijlagen.pdf"]


def test_a_profile_says_why_it_may_say_the_same_where_the_margin_is_apart(pages: dict[str, str]) -> None:
    profiles = [unescape(html) for name, html in pages.items() if "wijkprofiel" in name]
    assert profiles
    assert all("Ook waar de lijn het streepje niet raakt, kan ‘= gelijk’ staan" in each for each in profiles)


def test_every_figure_has_its_definition(outcomes: Outcomes, pages: dict[str, str]) -> None:
    annex = pages["bijlagen.pdf"].split('id="betekenis"')[1].split("</section>")[0]
    text = unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", annex)))
    for outcome in outcomes.indicators:
        assert f"{outcome.question.provenance.number}: " in text
        assert outcome.indicator.label in text


def test_scales_stand_with_how_well_their_items_hang_together(
    outcomes: Outcomes, pages: dict[str, str], export: Path
) -> None:
    scored = [each.indicator.variable for each in outcomes.indicators if each.indicator.scale is not None]
    assert [each.variable for each in outcomes.scales] == [*dict.fromkeys(scored)]
    dataset = read_export(export)
    sample, weighting = weigh_invited(dataset, read_plan(PLAN, dataset))
    account = next(each for each in outcomes.scales if each.variable == "q20")
    items = [sample.codes[f"q20_{item}"] for item in "abcde"]
    answers = [np.where(item < 0, np.nan, item) for item in items]
    assert account.alpha == pytest.approx(alpha(answers, weighting.design))
    assert account.respondents == int((np.column_stack(items) >= 0).all(axis=1).sum())
    annex = pages["bijlagen.pdf"].split('id="betekenis"')[1].split("</section>")[0]
    assert f"{account.alpha:.2f}".replace(".", ",") in annex


def test_a_published_figure_from_a_newspaper_is_called_second_hand(pages: dict[str, str]) -> None:
    figure = pages["hoofdrapport.pdf"].split("niet zomaar te vergelijken")[1].split("</div>")[0]
    table, note = figure.split("</table>")
    assert "rapportcijfer wonen in de buurt" in table
    assert "tweede hand" in table
    assert "‘Welk cijfer geeft u het wonen in uw buurt?’" in note


def test_grades_of_districts_that_were_published_stand_beside_those_of_now(
    export: Path, outcomes: Outcomes, pages: dict[str, str]
) -> None:
    areas = {area.code for area in outcomes.questionnaire.municipality.areas}
    known = [each for each in read_background(export).published if each.area in areas]
    assert [each.key for each in known] == ["grade_neighbourhood"] * 4
    (grade,) = (each for each in outcomes.indicators if each.indicator.key == "neighbourhood_grade")
    cells = {each.area.code: each.cell for each in grade.areas}
    title = "Cijfer voor wonen in de buurt per wijk: cijfers van anderen zijn niet zomaar te vergelijken"
    main = unescape(pages[report.MAIN]).replace("\N{NO-BREAK SPACE}", " ")
    figure = main.split(title)[1].split("</div>")[0]
    rows = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in re.findall(r"<tr>.*?</tr>", figure)[1:]]
    for each, row in zip(known, rows, strict=True):
        cell = cells[each.area]
        now = wording.figure(phrases()["nl"], cell, "mean"), wording.interval(phrases()["nl"], cell, "mean")
        then = phrases()["nl"].decimal(each.value)
        number = wording.base(phrases()["nl"], cell)
        assert row == [each.area_name, "2021", then, *now, number, "tweede hand"]
    assert "Van de andere wijken is geen eerder cijfer bekend." in figure
    assert "Bronnen van de eerdere cijfers: Sleutelstad 8-9-2021." in figure


def test_what_others_say_of_the_languages_of_the_town_stands_beside_who_took_part(
    outcomes: Outcomes, pages: dict[str, str]
) -> None:
    (asked,) = (each for each in outcomes.distributions if each.question.key == "q40")
    dutch = asked.answers[0]
    assert dutch.label == "Nederlands"
    others = f"{plots.percent(100 - 100 * dutch.cell.value)}%"
    chapter = unescape(pages[report.MAIN]).split('id="deelnemers"')[1].split("</section>")[0]
    chapter = chapter.replace("\N{NO-BREAK SPACE}", " ")
    title = f"Spreekt thuis meestal geen Nederlands: {others} nu, 20% (2021) volgens een ander"
    figure = chapter.split(title)[1].split("</div>")[0]
    assert re.findall(r"<td[^>]*>(.*?)</td>", figure) == [
        "Leiden",
        "2021",
        "20%",
        others,
        f"{plots.percent(100 - 100 * dutch.cell.high)}–{plots.percent(100 - 100 * dutch.cell.low)}",
        wording.base(phrases()["nl"], dutch.cell),
        "eerste hand",
    ]
    assert f"n = {asked.respondents}" in figure
    assert "gemeente Leiden monitor internationalisering via VNG" in figure


def test_the_same_export_and_plan_give_the_same_bytes(
    export: Path, companions: tuple[Path, ...], out: Path, pages: dict[str, str], tmp_path: Path
) -> None:
    names = (next(name for name in pages if name.startswith("wijkprofiel")), "samenvatting-uk.pdf")
    again = pages_of(outcomes_of(export, PLAN, companions), read_background(export))
    assert again == pages
    work = [
        printing.Job(name=name, html=again[name], attached="Waarvan dit bestand is gemaakt") for name in names
    ]
    list(printing.write(work, {}, tmp_path / "again", manifest_of((out / names[0]).read_bytes())))
    for name in names:
        assert (tmp_path / "again" / name).read_bytes() == (out / name).read_bytes()


def test_real_answers_carry_no_notice_of_simulation(export: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(export, tmp_path / "export"))
    about = json.loads((folder / "export.json").read_text())
    (folder / "export.json").write_text(json.dumps(about | {"simulated": False}))
    pages = list(report.jobs(report.reports(outcomes_of(folder, PLAN), read_background(folder))))
    assert not any("imuleerd" in page.html for page in pages)


def test_another_municipality_needs_only_files(tmp_path: Path) -> None:
    write_simulated_export(tmp_path / "export", invited=400, respondents=300, definition=BRINKDORP)
    result = run("report", tmp_path / "export", BRINKDORP / "plan.toml", tmp_path / "out")
    assert result.exit_code == 0, result.output
    text = "".join(page.extract_text() for page in PdfReader(tmp_path / "out" / "hoofdrapport.pdf").pages)
    assert "Brinkdorp" in text
    assert "Hierover kunnen wij geen cijfer geven" not in text
    assert not re.search(r"Leiden\b", text)
    assert validate(sorted((tmp_path / "out").glob("*.pdf"))).count("FAIL") == 0


def test_a_plan_that_does_not_say_what_stands_where_is_refused(export: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text(PLAN.read_text(encoding="utf-8").split("[report]")[0], encoding="utf-8")
    result = run("report", export, plan, tmp_path / "out")
    assert result.exit_code == 2
    assert "[report]" in result.output
    assert not (tmp_path / "out").exists()


def test_a_plan_that_names_an_unknown_indicator_is_refused(export: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text(PLAN.read_text(encoding="utf-8").replace('map = "reach"', 'map = "reech"'))
    result = run("report", export, plan, tmp_path / "out")
    assert result.exit_code == 2
    assert "WA212: reech is no indicator of this plan. Did you mean reach?" in result.output


def test_a_folder_with_something_else_in_it_is_left_alone(export: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_text("years of work")
    result = run("report", export, PLAN, tmp_path)
    assert result.exit_code == 2
    assert "thesis.docx" in result.output
    assert (tmp_path / "thesis.docx").read_text() == "years of work"


def test_a_place_where_nothing_can_be_made_is_refused_with_its_name(export: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = run("report", export, PLAN, tmp_path / "file" / "out")
    assert result.exit_code == 2
    assert str(tmp_path / "file") in result.output
    assert "Traceback" not in result.output


def test_a_full_disk_leaves_the_earlier_report_as_it_was(export: Path, out: Path, tmp_path: Path) -> None:
    """A limit on the size of files stands for the disk: the write fails halfway in the same way."""
    earlier = Path(shutil.copytree(out, tmp_path / "out"))
    before = contents(earlier)
    done = subprocess.run(
        [sys.executable, "-m", "analysis", "report", str(export), str(PLAN), str(earlier)],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)),
    )
    assert done.returncode == 2, done.stderr
    assert "space on the disk" in done.stderr
    assert "Traceback" not in done.stderr
    assert contents(earlier) == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_no_group_is_called_behind_when_chance_explains_the_difference(
    export: Path, outcomes: Outcomes
) -> None:
    alike = msgspec.structs.replace(
        outcomes, balances=tuple(each for each in outcomes.balances if each.margin in {"sex", "children"})
    )
    (main,) = (
        job.html
        for job in report.jobs(report.reports(alike, read_background(export)))
        if job.name == report.MAIN
    )
    assert "Tussen de groepen is geen duidelijk verschil in respons" in main
    assert "De respons verschilt het meest" not in main
    assert "Geen groep deed duidelijk minder mee" in main
    assert "Nergens is die duidelijk lager dan gemiddeld." in main
