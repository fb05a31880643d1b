from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.questionnaires.folder import read_folder
from survey.questionnaires.model import SKIPPED, Questionnaire
from survey.questionnaires.parsing import parse
from survey.questionnaires.routing import Journey, steps, walk

from .reference_routing import Reference
from .strategies import answer, answers_to, known_area, purposes, questionnaires

BOTH = frozenset({"taking_part", "health_origin"})


@pytest.fixture(scope="module")
def complete() -> Questionnaire:
    return parse(read_folder(Path("tests/samples/complete")))


def path(journey: Journey) -> list[str]:
    return [step.variable for step in journey.steps]


@given(data=st.data(), questionnaire=questionnaires(), ticked=purposes, area=known_area)
def test_the_walk_agrees_with_the_slow_and_obvious_reference(
    data: st.DataObject, questionnaire: Questionnaire, ticked: frozenset[str], area: str | None
) -> None:
    answers = data.draw(answers_to(questionnaire))
    journey = walk(questionnaire, answers, purposes=ticked, area=area)
    reference = Reference(questionnaire, answers, ticked, area)
    assert path(journey) == [step.variable for step in reference.path()]
    assert journey.counting == reference.counting()
    assert journey.stop == reference.stop()
    assert journey.area == reference.area_after(list(reference.all))


@given(data=st.data(), questionnaire=questionnaires(), ticked=purposes, area=known_area)
def test_an_answer_off_the_path_changes_nothing(
    data: st.DataObject, questionnaire: Questionnaire, ticked: frozenset[str], area: str | None
) -> None:
    answers = data.draw(answers_to(questionnaire))
    journey = walk(questionnaire, answers, purposes=ticked, area=area)
    fallen = [step.variable for step in steps(questionnaire) if journey.step(step.variable) is None]
    others = data.draw(st.fixed_dictionaries(dict.fromkeys(fallen, answer)))
    assert walk(questionnaire, {**answers, **others}, purposes=ticked, area=area) == journey


@given(data=st.data(), questionnaire=questionnaires(), ticked=purposes, area=known_area)
def test_walking_again_with_the_counting_answers_gives_the_same_journey(
    data: st.DataObject, questionnaire: Questionnaire, ticked: frozenset[str], area: str | None
) -> None:
    journey = walk(questionnaire, data.draw(answers_to(questionnaire)), purposes=ticked, area=area)
    assert walk(questionnaire, journey.counting, purposes=ticked, area=area) == journey


@given(data=st.data(), questionnaire=questionnaires(), ticked=purposes, area=known_area)
def test_the_order_in_which_answers_were_given_does_not_matter(
    data: st.DataObject, questionnaire: Questionnaire, ticked: frozenset[str], area: str | None
) -> None:
    answers = data.draw(answers_to(questionnaire))
    shuffled = dict(data.draw(st.permutations(list(answers.items()))))
    journey = walk(questionnaire, answers, purposes=ticked, area=area)
    assert walk(questionnaire, shuffled, purposes=ticked, area=area) == journey


@given(data=st.data(), questionnaire=questionnaires())
def test_after_and_before_undo_each_other_along_the_path(
    data: st.DataObject, questionnaire: Questionnaire
) -> None:
    answers = data.draw(answers_to(questionnaire))
    journey = walk(questionnaire, answers, purposes=frozenset(), area=None)
    for here, there in zip(journey.steps, journey.steps[1:], strict=False):
        assert journey.after(here.variable) == there
        assert journey.before(there.variable) == here


def test_answering_first_open_again_and_again_completes_every_journey(complete: Questionnaire) -> None:
    answers: dict[str, int] = {}
    while (step := walk(complete, answers, purposes=BOTH, area=None).first_open) is not None:
        answers[step.variable] = SKIPPED
    journey = walk(complete, answers, purposes=BOTH, area=None)
    assert journey.complete
    assert path(journey) == [
        "age", "home_postcode", "home", "grade", "people_a", "people_b", "used", "health",
    ]  # fmt: skip


def test_a_question_is_not_asked_without_the_consent_that_it_needs(complete: Questionnaire) -> None:
    journey = walk(complete, {}, purposes=frozenset({"taking_part"}), area=None)
    assert journey.step("health") is None
    assert walk(complete, {}, purposes=BOTH, area=None).step("health") is not None


def test_a_changed_answer_takes_the_questions_that_hang_on_it_away_and_back_again(
    complete: Questionnaire,
) -> None:
    answers = {"used": (1, 2), "helped": 1}
    assert walk(complete, answers, purposes=BOTH, area=None).counting == answers
    gone = walk(complete, {**answers, "used": (99,)}, purposes=BOTH, area=None)
    assert gone.step("helped") is None
    assert gone.counting == {"used": (99,)}


def test_an_area_that_was_told_wins_from_the_area_of_the_invitation(complete: Questionnaire) -> None:
    answers = {"age": 2, "grade": 3}
    assert walk(complete, answers, purposes=BOTH, area="W2").step("lake") is not None
    moved = walk(complete, {**answers, "home": "W1"}, purposes=BOTH, area="W2")
    assert moved.step("lake") is None
    assert moved.area == "W1"


def test_a_ticked_option_that_does_not_exist_in_the_new_area_no_longer_counts(
    complete: Questionnaire,
) -> None:
    journey = walk(complete, {"home": "W1", "used": (2, 3)}, purposes=BOTH, area=None)
    assert journey.counting["used"] == (2,)
    nothing_left = walk(complete, {"home": "W1", "used": (3,)}, purposes=BOTH, area=None)
    assert "used" not in nothing_left.counting
    assert nothing_left.step("helped") is None


def test_a_stop_option_ends_the_journey_with_its_text(complete: Questionnaire) -> None:
    journey = walk(complete, {"age": 1, "grade": 7}, purposes=BOTH, area=None)
    assert journey.stop is not None
    assert journey.stop.source == "Deze vragen zijn voor mensen vanaf 16 jaar."
    assert path(journey) == ["age"]
    assert not journey.complete


def test_a_step_that_is_not_on_the_path_has_no_neighbours(complete: Questionnaire) -> None:
    journey = walk(complete, {}, purposes=BOTH, area=None)
    assert journey.before(journey.steps[0].variable) is None
    assert journey.after(journey.steps[-1].variable) is None
    with pytest.raises(KeyError):
        journey.after("helped")
