"""A report in English: of the plan and the questionnaire everything is in it, or it is refused by name."""

from pathlib import Path

import pytest

from analysis.reporting.chapters.summary import languages
from analysis.reporting.exports.dataset import POPULATION, InputError, parse_population
from analysis.reporting.phrases import phrases
from analysis.reporting.plans.language import phrases_of, spoken, worded
from analysis.reporting.plans.plan import AnalysisPlan, parse
from survey.questionnaires.folder import find_folder, read_folder
from survey.questionnaires.model import Questionnaire
from survey.questionnaires.parsing import parse as parse_questionnaire
from survey.questionnaires.problems import Findings
from survey.questionnaires.translations import reachable_texts, translate

BRINKDORP = Path(__file__).parents[2] / "samples" / "brinkdorp"
WRITTEN = (BRINKDORP / "plan.toml").read_text(encoding="utf-8")


def questionnaire_of(folder: Path) -> Questionnaire:
    return parse_questionnaire(read_folder(folder))


def plan_of(text: str, *, language: str = "en") -> AnalysisPlan:
    data = text.replace("[report]\n", f'[report]\nlanguage = "{language}"\n').encode()
    files = read_folder(BRINKDORP)
    return parse(data, parse_questionnaire(files), parse_population(files[POPULATION], Findings("")))


def test_the_texts_of_a_plan_are_said_in_the_language_of_its_report() -> None:
    plan = spoken(plan_of(WRITTEN), questionnaire_of(BRINKDORP), "plan.toml")
    assert plan.title == "Brinkdorp survey"
    assert plan.indicators[0].label == "Grade for living in Brinkdorp"
    assert plan.report is not None
    assert plan.report.principles["P2"] == "Belonging"
    assert plan.report.glossary == {"Green": "The square in the middle of the village."}
    assert plan.report.study.commissioner == "the municipality of Brinkdorp"
    assert phrases_of(plan).tag == "en"


def test_a_report_in_dutch_needs_no_translation() -> None:
    plan = plan_of(WRITTEN, language="nl")
    assert spoken(plan, questionnaire_of(BRINKDORP), "plan.toml") is plan
    assert phrases_of(plan).tag == "nl"


def test_a_text_without_a_translation_and_a_translation_of_nothing_are_refused_by_name() -> None:
    with pytest.raises(InputError) as refused:
        spoken(
            plan_of(WRITTEN.replace('"Erbij horen" =', '"Erbij hoorde" =')),
            questionnaire_of(BRINKDORP),
            "plan.toml",
        )
    message = str(refused.value)
    assert 'plan.toml: report.translations.en: WA260: "Erbij horen" has no translation. Add' in message
    assert 'WA261: The plan does not say "Erbij hoorde".' in message
    assert message.count("WA26") == 2


def test_an_instrument_without_a_name_in_the_language_is_refused_by_name() -> None:
    questionnaire = questionnaire_of(find_folder("leiden-eindevaluatie"))
    with pytest.raises(InputError, match='WA260: "WHO-5 Well-Being Index, vijf stellingen" has no'):
        spoken(plan_of(WRITTEN), questionnaire, "plan.toml")


@pytest.mark.parametrize(
    "survey", ["leiden-eindevaluatie", "leiden-jongeren", "leiden-medewerkers", "leiden-partners"]
)
def test_every_questionnaire_of_leiden_can_be_read_in_english(survey: str) -> None:
    """And in Dutch and every other language as before, which the summaries are in."""
    dutch = questionnaire_of(find_folder(survey))
    english = worded(dutch, "en")
    offered = {each.tag for each in dutch.offered}
    same = 0
    for before, after in zip(reachable_texts(dutch), reachable_texts(english), strict=True):
        same += after.source == before.source
        assert translate(english, after, "nl") == (before.source, "nl")
        assert after.source == translate(dutch, before, "en")[0]
        for tag in offered - {"en"}:
            assert translate(english, after, tag) == translate(dutch, before, tag)
    assert same < len(reachable_texts(dutch)) / 5, "names and grades only"


def test_an_english_report_has_the_same_summaries_and_its_own_translation_stays_a_draft() -> None:
    dutch = questionnaire_of(find_folder("leiden-eindevaluatie"))
    assert languages(worded(dutch, "en"), phrases()) == languages(dutch, phrases())


def test_a_questionnaire_without_a_whole_translation_is_refused_by_name() -> None:
    with pytest.raises(InputError, match=r"brinkdorp-peiling/uk\.po: .*WA262: \d+ texts"):
        worded(questionnaire_of(BRINKDORP), "uk")
