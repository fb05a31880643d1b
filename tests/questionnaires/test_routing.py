from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.questionnaires.answers import Answer, Answers
from survey.questionnaires.folder import read_folder
from survey.questionnaires.model import SKIPPED, Questionnaire
from survey.questionnaires.parsing import parse
from survey.questionnaires.routing import Journey, steps, walk

from .generation import a_questionnaire, an_answer, an_area, some_answers, some_purposes
from .reference_routing import Reference

BOTH = frozenset({"taking_part", "health_origin"})


@pytest.fixture(scope="module")
def complete() -> Questionnaire:
    return parse(read_folder(Path("tests/samples/complete")))


def path(journey: Journey) -> list[str]:
    return [step.variable for step in journey.steps]


def generated(test: Callable[[Random], None]) -> Callable[[], None]:
    return settings(max_examples=300)(given(random=st.randoms(use_true_random=True))(test))


class Case(NamedTuple):
    questionnaire: Questionnaire
    answers: dict[str, Answer]
    purposes: frozenset[str]
    area: str | None

    def walk(self, answers: Answers | None = None) -> Journey:
        chosen = self.answers if answers is None else answers
        return walk(self.questionnaire, chosen, purposes=self.purposes, area=self.area)


def a_case(random: Random) -> Case:
    questionnaire = a_questionnaire(random)
    return Case(questionnaire, some_answers(random, questionnaire), some_purposes(random), an_area(random))


@generated
def test_the_walk_agrees_with_the_slow_and_obvious_reference(random: Random) -> None:
    case = a_case(random)
    journey, reference = case.walk(), Reference(*case)
    assert path(journey) == [step.variable for step in reference.path()]
    assert journey.counting == reference.counting()
    assert journey.stop == reference.stop()
    assert journey.area == reference.area_after(list(reference.all))


@generated
def test_an_answer_off_the_path_changes_nothing(random: Random) -> None:
    case = a_case(random)
    journey = case.walk()
    fallen = [step.variable for step in steps(case.questionnaire) if journey.step(step.variable) is None]
    others = {variable: an_answer(random) for variable in fallen}
    assert case.walk({**case.answers, **others}) == journey


@generated
def test_walking_again_with_the_counting_answers_gives_the_same_journey(random: Random) -> None:
    case = a_case(random)
    journey = case.walk()
    assert case.walk(journey.counting) == journey


@generated
def test_the_order_in_which_answers_were_given_does_not_matter(random: Random) -> None:
    case = a_case(random)
    shuffled = dict(random.sample(list(case.answers.items()), len(case.answers)))
    assert case.walk(shuffled) == case.walk()


@generated
def test_after_and_before_undo_each_other_along_the_path(random: Random) -> None:
    journey = a_case(random).walk()
    for here, there in pairwise(journey.steps):
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
