"""The annex of two lists: what is known is filled in, and what nobody told is said to be missing."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from analysis.__main__ import read_background
from analysis.reporting import report
from analysis.reporting.chapters.checklists import UNCHECKED
from analysis.reporting.chapters.documents import Chapter
from analysis.reporting.charts import plots
from analysis.reporting.coding.topics import CodedQuestion
from analysis.reporting.exports.dataset import POPULATION, InputError, parse_population
from analysis.reporting.findings.outcomes import Outcomes, response_rates
from analysis.reporting.plans.plan import parse
from survey.questionnaires.folder import read_folder
from survey.questionnaires.model import Fieldwork, OpenText, Provenance, Text
from survey.questionnaires.parsing import parse as parse_questionnaire
from survey.questionnaires.problems import Findings
from tests.analysis.reporting.test_report import BRINKDORP, outcomes_of

TEXT = Text(key="own", source="Wat wilt u kwijt?")
STUDY = """\
commissioner = "de gemeente Brinkdorp"
begins = "2026-09-01"
"""


@pytest.fixture(scope="module")
def outcomes(brinkdorp: Path) -> Outcomes:
    return outcomes_of(brinkdorp, BRINKDORP / "plan.toml")


def annex(outcomes: Outcomes, brinkdorp: Path) -> Chapter:
    main = report.reports(outcomes, read_background(brinkdorp)).main
    (found,) = (chapter for chapter in main.annexes if chapter.anchor == "lijsten")
    return found


def said(chapter: Chapter) -> dict[str, str]:
    """What the report says of every item, by its number; those of both lists."""
    return {
        f"{name} {line.label[0].split('. ')[0]}": line.cells[0].text
        for name, figure in zip(("AAPOR", "CROSS"), chapter.figures, strict=True)
        if figure.table
        for line in figure.table.lines
    }


def test_every_item_is_there_once_and_has_an_answer(outcomes: Outcomes, brinkdorp: Path) -> None:
    found = said(annex(outcomes, brinkdorp))
    aapor = [f"AAPOR {number}" for number in range(1, 12)]
    parts = {1: "ab", 5: "abcd", 6: "abcd", 7: "abc", 9: "ab", 10: "abcdefg", 11: "abcd", 13: "abc"}
    cross = [f"{number}{part}" for number in range(1, 20) for part in parts.get(number, [""])]
    read, unread = cross[:11], [f"{number}{UNCHECKED}" for number in cross[11:]]
    assert len(cross) == 40
    assert list(found) == [*aapor, *(f"CROSS {number}" for number in (*read, *unread))]
    assert all(text.endswith(".") for text in found.values())


def test_the_note_says_what_a_mark_at_an_item_means(outcomes: Outcomes, brinkdorp: Path) -> None:
    _, cross = annex(outcomes, brinkdorp).figures
    assert f"punten met een {UNCHECKED} konden wij de gepubliceerde tekst niet nalezen" in cross.note


def test_what_the_list_says_is_what_the_report_has(outcomes: Outcomes, brinkdorp: Path) -> None:
    found = said(annex(outcomes, brinkdorp))
    rate = response_rates(outcomes.invited)[1]
    assert rate is not None
    assert found["CROSS 11c*"].startswith(f"{plots.percent(100 * rate)}% (RR2")
    assert found["CROSS 6c*"].startswith(f"{outcomes.invited.issued:,} codes.".replace(",", "."))
    assert (outcomes.variants, outcomes.waves, outcomes.associations) == ((), None, None)
    assert found["CROSS 10g*"] == "Niet uitgerekend: het plan noemt geen andere keuzes."
    assert found["CROSS 10e*"] == "Niet van toepassing: er is één meting."
    assert found["CROSS 13b*"] == "Niet gemaakt: het plan vraagt er niet om."


def test_what_the_plan_tells_of_the_study_stands_at_its_item(outcomes: Outcomes, brinkdorp: Path) -> None:
    plan = outcomes.plan
    assert plan.report is not None
    told = {
        "preparation": "CROSS 8*",
        "funder_role": "CROSS 17*",
        "interests": "CROSS 18*",
        "thanks": "CROSS 19*",
        "size": "CROSS 6c*",
        "recruitment": "CROSS 7a*",
        "data": "CROSS 9b*",
        "ethics": "CROSS 9a*",
    }
    study = replace(plan.report.study, **{field: f"Over {field}" for field in told})
    own = replace(plan.report, study=study)
    found = said(annex(replace(outcomes, plan=replace(plan, report=own)), brinkdorp))
    assert [item for field, item in told.items() if f"Over {field}" not in found[item]] == []


def test_what_is_known_is_filled_in_and_the_rest_is_called_missing(
    outcomes: Outcomes, brinkdorp: Path
) -> None:
    found = said(annex(outcomes, brinkdorp))
    assert found["AAPOR 2"].startswith("Opdrachtgever: de gemeente Brinkdorp. Betaald door: niet opgegeven.")
    assert found["AAPOR 7"].startswith(
        "Veldwerk begonnen: 1 september 2026. Veldwerk gesloten: 1 maart 2027."
    )
    assert found["CROSS 5c"] == "Niet opgegeven."
    rate = response_rates(outcomes.invited)[1]
    assert rate is not None
    assert f"{outcomes.respondents} antwoorden uit de steekproef" in found["AAPOR 8"]
    assert f"Respons (RR2): {plots.percent(100 * rate)}%." in found["AAPOR 8"]


def test_what_residents_were_told_counts_until_the_plan_says_otherwise(
    outcomes: Outcomes, brinkdorp: Path
) -> None:
    told = Fieldwork(
        sender=Text(key="sender", source="Brinkdorp"),
        closes="2026-10-31",
        contact=Text(key="contact", source="bel 14 0123"),
    )
    dataset = outcomes.dataset
    dataset = replace(dataset, questionnaire=replace(dataset.questionnaire, fieldwork=told))
    found = said(annex(replace(outcomes, dataset=dataset), brinkdorp))
    assert "Veldwerk gesloten: 31 oktober 2026." in found["AAPOR 7"]
    assert "Contact: bel 14 0123." in found["AAPOR 2"]
    plan = outcomes.plan
    assert plan.report is not None
    own = replace(plan.report, study=replace(plan.report.study, ends="2026-11-07"))
    both = replace(outcomes, dataset=dataset, plan=replace(plan, report=own))
    assert "Veldwerk gesloten: 7 november 2026." in said(annex(both, brinkdorp))["AAPOR 7"]


def test_open_answers_are_called_coded_when_they_are(outcomes: Outcomes, brinkdorp: Path) -> None:
    def processing(coded: int) -> str:
        question = OpenText(
            key="own", label=TEXT, short=TEXT, provenance=Provenance(number="9"), maximum_length=9
        )
        sheet = CodedQuestion(question=question, written=9, coded=coded, others=0, topics=(), quotes=())
        return said(annex(replace(outcomes, coding=(sheet,)), brinkdorp))["AAPOR 10"]

    assert "ingedeeld naar onderwerp" in processing(9)
    assert "ingedeeld naar onderwerp" not in processing(0)


def test_no_annex_stands_in_a_report_whose_plan_names_none(outcomes: Outcomes, brinkdorp: Path) -> None:
    plan = outcomes.plan
    assert plan.report is not None
    without = replace(outcomes, plan=replace(plan, report=replace(plan.report, annexes=())))
    anchors = [each.anchor for each in report.reports(without, read_background(brinkdorp)).main.whole]
    assert "lijsten" not in anchors


@pytest.mark.parametrize(
    ("study", "message"),
    [
        ('begins = "2026-02-30"', "report.study.begins: WA275: 2026-02-30 is no day of any month."),
        ('begins = "2026-09-01"\nends = "2026-08-31"', "report.study.ends: WA275: 2026-08-31 comes before"),
        ('frame = "  "', "report.study.frame: WP104: Expected text that says something"),
        ('comissioner = "de gemeente"', "Did you mean `commissioner`?"),
    ],
)
def test_a_mistake_about_the_study_is_named(study: str, message: str) -> None:
    files = read_folder(BRINKDORP)
    text = (BRINKDORP / "plan.toml").read_text(encoding="utf-8")
    assert STUDY in text
    data = text.replace(STUDY, f"{study}\n").encode()
    with pytest.raises(InputError) as refused:
        parse(data, parse_questionnaire(files), parse_population(files[POPULATION], Findings("")))
    assert message in str(refused.value)
