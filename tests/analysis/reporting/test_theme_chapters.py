"""Chapters by theme: the questions that carry it, what others say of it, and the advice on it."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from analysis.__main__ import read_background
from analysis.reporting import report
from analysis.reporting.chapters.documents import Chapter, MainReport, Section
from analysis.reporting.exports.dataset import POPULATION, InputError, parse_population
from analysis.reporting.figures.making import in_parts
from analysis.reporting.findings.companions import statements
from analysis.reporting.findings.outcomes import Outcomes
from analysis.reporting.plans.plan import parse
from analysis.reporting.plans.theme_chapters_plan import ThemeChapter
from survey.questionnaires.folder import find_folder, read_folder
from survey.questionnaires.parsing import parse as parse_questionnaire
from survey.questionnaires.problems import Findings
from tests.analysis.reporting.test_report import BRINKDORP, PLAN, outcomes_of
from tests.analysis.simulated import write_simulated_export


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("city")
    write_simulated_export(folder / "export", invited=300, respondents=620)
    for survey, people in (("leiden-medewerkers", 180), ("leiden-partners", 120)):
        write_simulated_export(
            folder / survey, invited=300, respondents=people, definition=find_folder(survey)
        )
    return folder


@pytest.fixture(scope="module")
def outcomes(folder: Path) -> Outcomes:
    beside = [folder / "leiden-medewerkers", folder / "leiden-partners"]
    return outcomes_of(folder / "export", PLAN, beside)


@pytest.fixture(scope="module")
def made(outcomes: Outcomes, folder: Path) -> MainReport:
    return report.reports(outcomes, read_background(folder / "export")).main


def chapter_of(made: MainReport, anchor: str) -> Chapter:
    return next(each for each in made.chapters if each.anchor == anchor)


def labels(part: Section) -> list[str]:
    """The rows of all figures of a section; headings of rows are none."""
    tables = (figure.table for figure in part.figures)
    return [
        " ".join(line.label)
        for table in tables
        if table is not None
        for line in table.lines
        if line.style != "group"
    ]


@pytest.mark.parametrize(
    ("chapter", "place", "code"), [("opzet", 0, "T2"), ("opzet", 2, "T4"), ("openheid", 0, "T5")]
)
def test_a_theme_has_all_that_was_asked_about_it_and_nothing_twice(
    made: MainReport, outcomes: Outcomes, chapter: str, place: int, code: str
) -> None:
    section = chapter_of(made, f"thema-{chapter}").sections[place]
    assert outcomes.plan.report is not None
    about = set(outcomes.plan.report.background)
    residents = [
        each.indicator.label
        for each in outcomes.indicators
        if code in each.question.provenance.themes and each.question.key not in about
    ]
    others = [view.text for view in statements(outcomes.companions, code)]
    assert residents
    assert others
    assert sorted(labels(section)) == sorted([*residents, *others])


def test_what_employees_and_partners_say_of_kpis_stands_in_the_chapter_on_openness(made: MainReport) -> None:
    found = " ".join(labels(chapter_of(made, "thema-openheid").sections[0]))
    assert "De KPI's zijn openbaar genoeg" in found
    assert "Registreren schrikt bewoners af" in found


def test_the_chapter_on_openness_defines_its_figures_and_no_other_chapter_does(
    made: MainReport, outcomes: Outcomes
) -> None:
    *_, definitions = chapter_of(made, "thema-openheid").sections
    assert definitions.anchor == "thema-openheid-betekenis"
    asked = {each.indicator.label for each in outcomes.indicators if "T5" in each.question.provenance.themes}
    assert set(labels(definitions)) == asked
    assert "betekenis" not in [each.anchor for each in chapter_of(made, "thema-opzet").sections][-1]


def test_the_advice_of_a_theme_is_called_as_its_own_chapter_calls_it(made: MainReport) -> None:
    cooperation = chapter_of(made, "thema-opzet").sections[1]
    assert "aanbeveling 2, aanbeveling 3, aanbeveling 4 en suggestie 3" in cooperation.lead
    titles = [each.title for each in chapter_of(made, "vervolg").sections]
    assert any(title.startswith("Aanbeveling 2: per wijk samenwerken") for title in titles)
    assert any(title.startswith("Suggestie 3: binnen de gemeente") for title in titles)


def test_a_theme_that_nobody_was_asked_about_says_so(outcomes: Outcomes, folder: Path) -> None:
    plan = outcomes.plan
    assert plan.report is not None
    unknown = ThemeChapter(key="leeg", title="Leeg", themes={"T9": "Niets"})
    bare = replace(
        outcomes, plan=replace(plan, report=replace(plan.report, theme_chapters=(unknown,), follow_up=()))
    )
    main = report.reports(bare, read_background(folder / "export")).main
    (section,) = chapter_of(main, "thema-leeg").sections
    assert section.figures == ()
    assert section.lead == "Over dit thema is bewoners niets gevraagd dat een cijfer geeft."


@given(st.lists(st.integers()), st.integers(1, 9))
def test_rows_in_parts_are_all_there_in_order_and_none_is_long(rows: Sequence[int], size: int) -> None:
    parts = list(in_parts(rows, size))
    assert [row for part in parts for row in part] == list(rows)
    assert all(0 < len(part) <= size for part in parts)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            '[[report.theme_chapters]]\nkey = "a"\ntitle = "A"\nthemes = {P1 = "Wonen"}',
            "report.theme_chapters: WA278: P1 is a principle of this report.",
        ),
        (
            "\n".join(
                f'[[report.theme_chapters]]\nkey = "{key}"\ntitle = "{key}"\nthemes = {{T1 = "Een"}}'
                for key in "ab"
            ),
            "report.theme_chapters: WA211: T1 stands here twice.",
        ),
        (
            '[[report.follow_up]]\nkey = "a"\nkind = "suggestion"\ntext = "Doe het"\ntheme = "T8"',
            "report.follow_up[0].theme: WA277: No chapter under [[report.theme_chapters]] has T8.",
        ),
    ],
)
def test_a_theme_in_the_wrong_place_is_named(more: str, message: str) -> None:
    files = read_folder(BRINKDORP)
    data = f"{(BRINKDORP / 'plan.toml').read_text(encoding='utf-8')}\n{more}\n".encode()
    with pytest.raises(InputError) as refused:
        parse(data, parse_questionnaire(files), parse_population(files[POPULATION], Findings("")))
    assert message in str(refused.value)
