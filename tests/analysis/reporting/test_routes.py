"""For whom a question was, in words: from the condition of any questionnaire."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from analysis.reporting.exports.questions import question_of
from analysis.reporting.phrases import phrases
from analysis.reporting.routes import Routes
from survey.questionnaires.folder import find_folder, read_folder
from survey.questionnaires.model import AllOf, Answered, AnyOf, Condition, InArea, Not, Questionnaire
from survey.questionnaires.parsing import parse

DUTCH, ENGLISH = phrases()["nl"], phrases()["en"]
COMPLETE = Path(__file__).parents[2] / "samples" / "complete"
SURVEYS = ("leiden-eindevaluatie", "leiden-jongeren", "leiden-medewerkers", "leiden-partners")

HELPED = Answered(variable="helped", codes=(2,))
LOW = Answered(variable="grade", codes=(1, 2, 3, 4, 5))
KNOWS = Answered(variable="people_b", codes=(4, 5))
HELPED_SAID = "bij vraag 6 (geholpen) ‘Nee’ antwoordde"
LOW_SAID = "bij vraag 3 (cijfer voor wonen in de buurt) 1 tot en met 5 antwoordde"
LOW_NOT = "bij vraag 3 (cijfer voor wonen in de buurt) niet 1 tot en met 5 antwoordde"
KNOWS_SAID = (
    "bij vraag 4 (mensen in de buurt: Ik ken de mensen nauwelijks) "
    "‘Mee eens’ of ‘Helemaal mee eens’ antwoordde"
)


@pytest.fixture(scope="module")
def questionnaire() -> Questionnaire:
    return parse(read_folder(COMPLETE))


def whom(questionnaire: Questionnaire, condition: Condition) -> str:
    """Of a question that nothing but this condition leads to."""
    asked = replace(question_of(questionnaire, "grade"), when=condition)
    return Routes(questionnaire, DUTCH, shortened=False).who(asked)


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        (HELPED, HELPED_SAID),
        (Not(condition=HELPED), HELPED_SAID.replace("‘Nee", "niet ‘Nee")),
        (Not(condition=Not(condition=HELPED)), HELPED_SAID),
        (KNOWS, KNOWS_SAID),
        (Answered(variable="grade", codes=(4, 6)), LOW_SAID.replace("1 tot en met 5", "‘4’ of ‘6’")),
        (
            Answered(variable="helped", codes=(2, -5)),
            f"{HELPED_SAID} of die oversloeg",
        ),
        (
            Not(condition=Answered(variable="helped", codes=(2, -5))),
            f"{HELPED_SAID} en die niet oversloeg".replace("‘Nee", "niet ‘Nee"),
        ),
        (Answered(variable="helped", codes=(-5,)), "vraag 6 (geholpen) oversloeg"),
        (Not(condition=Answered(variable="helped", codes=(-5,))), "vraag 6 (geholpen) niet oversloeg"),
        (Not(condition=InArea(areas=("W2",))), "niet in Oord-Oost woont"),
        (AnyOf(conditions=(HELPED, LOW)), f"{HELPED_SAID} of {LOW_SAID}"),
        (AllOf(conditions=(HELPED, LOW)), f"{HELPED_SAID} en {LOW_SAID}"),
        # Not both is not the one, or not the other.
        (
            Not(condition=AllOf(conditions=(Not(condition=HELPED), LOW))),
            f"{HELPED_SAID} of {LOW_NOT}",
        ),
        (
            AllOf(conditions=(HELPED, AnyOf(conditions=(LOW, KNOWS)))),
            f"{HELPED_SAID} en ({LOW_SAID} of {KNOWS_SAID})",
        ),
        (
            AnyOf(conditions=(HELPED, Not(condition=AnyOf(conditions=(LOW, Not(condition=KNOWS)))))),
            f"{HELPED_SAID} of ({LOW_NOT} en {KNOWS_SAID})",
        ),
    ],
)
def test_a_condition_is_told_in_words(questionnaire: Questionnaire, condition: Condition, said: str) -> None:
    assert whom(questionnaire, condition) == said


def test_many_answers_are_told_by_those_that_do_not_count() -> None:
    residents = parse(read_folder(find_folder("leiden-eindevaluatie")))
    routes = Routes(residents, DUTCH, shortened=False)
    q13, q14 = (question_of(residents, key) for key in ("q13", "q14"))
    had_help = (
        "bij vraag Q7 (deed mee of kreeg hulp) iets anders koos dan ‘Niets van dit alles’ "
        "of ‘Dat zeg ik liever niet’"
    )
    assert routes.told([q13]) == f"Deze vraag was voor wie {had_help}."
    assert routes.told([q13, q14]) == f"Deze vragen waren voor wie {had_help}."
    tight = question_of(residents, "q23b")
    both = routes.told([q13, q14, tight])
    assert both.startswith(f"Q13 en Q14: voor wie {had_help}. Q23b: voor wie bij vraag Q23a ")
    english = Routes(residents, ENGLISH, shortened=False).told([q13])
    assert english.startswith("This question was for those who chose something other than ‘")


def test_the_whole_questionnaire_is_named_where_somebody_chose_the_short_one() -> None:
    residents = parse(read_folder(find_folder("leiden-eindevaluatie")))
    q13, q17, reasons = (question_of(residents, key) for key in ("q13", "q17", "q24b"))
    chosen, nobody = (Routes(residents, DUTCH, shortened=each) for each in (True, False))
    assert chosen.who(q17) == "de hele vragenlijst kreeg"
    assert not nobody.who(q17)
    assert chosen.who(q13) == nobody.who(q13)  # the short one has it too
    assert chosen.who(reasons) == f"de hele vragenlijst kreeg en {nobody.who(reasons)}"


@pytest.mark.parametrize("survey", SURVEYS)
def test_every_question_that_not_everybody_gets_says_for_whom_it_was(survey: str) -> None:
    questionnaire = parse(read_folder(find_folder(survey)))
    routes = Routes(questionnaire, DUTCH, shortened=True)
    questions = [question for block in questionnaire.blocks for question in block.questions]
    assert any(each.when for each in questions)
    for each in questions:
        assert bool(routes.told([each])) == bool(each.when or each.areas)
