"""The annexes about languages, privacy and words: nothing about a few people, nothing that nobody told."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from analysis.__main__ import read_background, read_export
from analysis.reporting import report
from analysis.reporting.chapters.documents import Chapter
from analysis.reporting.disclosure import SMALLEST_CELL, Suppressed
from analysis.reporting.exports.dataset import Dataset
from analysis.reporting.findings.outcomes import Outcomes
from analysis.reporting.findings.participation_account import consents_given, languages_used
from survey.questionnaires.model import Option, ShortForm, SingleChoice, Text
from tests.analysis.reporting.test_report import BRINKDORP, outcomes_of

OFFERED = ("en", "nl")


@pytest.fixture(scope="module")
def dataset(brinkdorp: Path) -> Dataset:
    return read_export(brinkdorp)


@pytest.fixture(scope="module")
def outcomes(brinkdorp: Path) -> Outcomes:
    return outcomes_of(brinkdorp, BRINKDORP / "plan.toml")


@pytest.fixture(scope="module")
def annexes(outcomes: Outcomes, brinkdorp: Path) -> dict[str, Chapter]:
    return annexes_of(outcomes, brinkdorp)


def annexes_of(outcomes: Outcomes, brinkdorp: Path) -> dict[str, Chapter]:
    main = report.reports(outcomes, read_background(brinkdorp)).main
    return {chapter.anchor: chapter for chapter in main.whole}


def rows(chapter: Chapter, figure: int = 0) -> dict[str, tuple[str, ...]]:
    table = chapter.figures[figure].table
    assert table is not None
    return {" ".join(line.label): tuple(cell.text for cell in line.cells) for line in table.lines}


def answered(dataset: Dataset, counts: Mapping[str, int]) -> Dataset:
    tags = np.repeat([*counts], [*counts.values()])
    return replace(dataset, texts={**dataset.texts, "language": tags})


# --- languages ------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 60), min_size=2, max_size=6).filter(any))
def test_no_language_of_a_few_people_can_be_worked_out_from_the_others_and_the_total(
    dataset: Dataset, numbers: list[int]
) -> None:
    counts = dict(zip(["en", "nl", "ar", "pl", "tr", "uk"], numbers, strict=False))
    shown = languages_used((answered(dataset, counts),))
    assert {each.tag for each in shown} == {*OFFERED} | {tag for tag, number in counts.items() if number}
    hidden = [counts.get(each.tag, 0) for each in shown if each.respondents is None]
    assert not any(0 < (each.respondents or 0) < SMALLEST_CELL for each in shown)
    if hidden:
        assert len(hidden) == len(shown) or (len(hidden) > 1 and sum(hidden) >= SMALLEST_CELL)


def test_languages_are_counted_over_everybody_and_a_draft_is_called_one(dataset: Dataset) -> None:
    groups = (answered(dataset, {"nl": 100, "en": 20}), answered(dataset, {"nl": 7, "en": 3}))
    found = {each.tag: (each.respondents, each.draft) for each in languages_used(groups)}
    state = {each.tag: each.state for each in dataset.questionnaire.catalogues}
    assert found == {"nl": (107, False), "en": (23, state["en"] == "draft")}


def test_the_annex_has_every_language_with_its_number(
    annexes: Mapping[str, Chapter], outcomes: Outcomes
) -> None:
    found = rows(annexes["talen"])
    everybody = outcomes.respondents + outcomes.open_respondents
    assert found["Nederlands"] == ("vastgesteld", f"{everybody}")
    assert found["Engels"][1] == "0"


def test_only_what_the_questionnaire_has_is_named(
    annexes: Mapping[str, Chapter], outcomes: Outcomes, brinkdorp: Path
) -> None:
    plain = " ".join(annexes["talen"].paragraphs)
    assert "plaatje" in plain
    assert "korte vragenlijst" not in plain
    assert "helpen met invullen" not in plain
    questionnaire = outcomes.questionnaire
    first = questionnaire.blocks[0]
    question = next(each for each in first.questions if isinstance(each, SingleChoice))
    helper = Option(code=99, label=Text(key="helper", source="Met hulp"), helper=True)
    helped = replace(first, questions=(replace(question, options=(*question.options, helper)),))
    richer = replace(
        questionnaire,
        blocks=(helped, *questionnaire.blocks[1:]),
        short_form=ShortForm(variable=question.key, codes=(99,), questions=()),
    )
    more = annexes_of(replace(outcomes, dataset=replace(outcomes.dataset, questionnaire=richer)), brinkdorp)
    assert "korte vragenlijst" in " ".join(more["talen"].paragraphs)
    assert "helpen met invullen" in " ".join(more["talen"].paragraphs)


# --- privacy --------------------------------------------------------------------------------------


def test_a_consent_is_counted_and_a_few_who_refused_are_not_shown(dataset: Dataset) -> None:
    def with_refusals(number: int) -> Dataset:
        codes = np.array([0] * number + [1] * 90 + [-6] * 10, dtype=np.int32)
        return replace(dataset, codes={**dataset.codes, "consent_opinion": codes})

    (cell,) = (each.cell for each in consents_given((with_refusals(10),)))
    assert not isinstance(cell, Suppressed)
    assert (cell.value, cell.respondents) == (0.9, 100)
    (few,) = (each.cell for each in consents_given((with_refusals(2),)))
    assert isinstance(few, Suppressed)


def test_the_annex_says_what_was_settled_and_what_was_not(annexes: Mapping[str, Chapter]) -> None:
    (consent,) = rows(annexes["privacy"])
    assert consent == "U mag vragen wat ik van het dorpshuis vind."
    found = {topic: text for topic, (text,) in rows(annexes["privacy"], 1).items()}
    assert found["Toetsing vooraf"] == "Niet opgegeven."
    assert "Dat kon tot en met 15 maart 2027." in found["Antwoorden weghalen"]
    assert found["Vragen of een klacht"] == "Vraag het aan de balie van het dorpshuis."


def test_the_plan_says_where_the_answers_are(outcomes: Outcomes, brinkdorp: Path) -> None:
    plan = outcomes.plan
    assert plan.report is not None
    study = replace(plan.report.study, data="Bij de gemeente, tot 2032", ethics="Commissie E, nummer 7")
    told = replace(outcomes, plan=replace(plan, report=replace(plan.report, study=study)))
    found = {topic: text for topic, (text,) in rows(annexes_of(told, brinkdorp)["privacy"], 1).items()}
    assert found["Waar de antwoorden zijn, hoe lang, en wie erbij kan"] == "Bij de gemeente, tot 2032."
    assert found["Toetsing vooraf"] == "Commissie E, nummer 7."


# --- words ----------------------------------------------------------------------------------------


def test_words_are_in_order_with_those_of_the_plan_among_them(annexes: Mapping[str, Chapter]) -> None:
    found = rows(annexes["woorden"])
    assert found["Brink"] == ("Het plein in het midden van het dorp.",)
    assert [*found] == sorted(found, key=str.casefold)
    assert "30 tot en met 49 antwoorden" in found["Indicatief"][0]


def test_words_of_the_annexes_stand_in_them(outcomes: Outcomes, brinkdorp: Path) -> None:
    made = report.reports(outcomes, read_background(brinkdorp)).main
    words = {each.anchor: rows(each) for each in (*made.chapters, *made.annexes) if "woorden" in each.anchor}
    own = {"Alfa van Cronbach", "Design-effect", "Effectief aantal"}
    assert own <= set(words["bijlage-woorden"])
    assert not own & set(words["woorden"])
    assert made.annexes[-1].anchor == "bijlage-woorden"
    assert {"AAPOR", "Indicatief"} <= set(words["woorden"])


def test_annexes_come_in_the_order_of_the_plan_after_all_others(annexes: Mapping[str, Chapter]) -> None:
    assert [*annexes][-4:] == ["lijsten", "talen", "privacy", "bijlage-woorden"]
    kickers = [annexes[anchor].kicker for anchor in [*annexes][-4:]]
    letters = [kicker.removeprefix("Bijlage ") for kicker in kickers]
    assert letters == [chr(ord(letters[0]) + place) for place in range(4)]


def test_words_are_the_last_chapter_of_the_main_report(outcomes: Outcomes, brinkdorp: Path) -> None:
    made = report.reports(outcomes, read_background(brinkdorp)).main
    assert made.chapters[-1].anchor == "woorden"
    assert not any(chapter.anchor == "woorden" for chapter in made.annexes)
