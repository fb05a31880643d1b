from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.questionnaires.answers import AnswerError, neighbourhoods, offered, parse_form
from survey.questionnaires.folder import read_folder
from survey.questionnaires.model import DONT_KNOW, NOT_APPLICABLE, RATHER_NOT_SAY, SKIPPED, OpenText
from survey.questionnaires.parsing import parse
from survey.questionnaires.routing import steps

COMPLETE = parse(read_folder(Path("tests/samples/complete")))
TOWN = COMPLETE.municipality
STEPS = {step.variable: step for step in steps(COMPLETE)}


def answered(variable: str, *posted: str, area: str | None = None) -> object:
    """The one answer, or the one error."""
    answers, errors = parse_form(STEPS[variable], {"answer": posted}, TOWN, area=area)
    assert len(answers) + len(errors) == 1
    return answers[variable] if answers else errors[0]


def refused(variable: str, *posted: str, area: str | None = None) -> str:
    error = answered(variable, *posted, area=area)
    assert isinstance(error, AnswerError)
    assert error.variable == variable
    return error.code


@pytest.mark.parametrize("variable", STEPS)
@pytest.mark.parametrize(
    "form", [{}, {"answer": []}, {"answer": ["", " \n"]}, {"skip": [""]}, {"skip": [""], "answer": ["1"]}]
)
def test_nothing_chosen_and_the_skip_button_both_skip(
    variable: str, form: Mapping[str, Sequence[str]]
) -> None:
    assert parse_form(STEPS[variable], form, TOWN) == ({variable: SKIPPED}, ())


def test_a_single_choice_takes_one_code_or_one_reason() -> None:
    assert answered("age", "2") == 2
    assert answered("age", "2", "2") == 2
    assert answered("age", "-9") == RATHER_NOT_SAY
    assert answered("people_b", "5") == 5
    assert refused("age", "2", "3") == "one_option_only"
    assert refused("age", "2", "-9") == "exclusive_conflict"


@pytest.mark.parametrize(
    "posted", ["4", "-8", "-5", "-6", "02", "2.0", "２", "x", "2; drop table", "9" * 5000]
)
def test_a_code_that_was_not_on_the_page_is_refused(posted: str) -> None:
    assert refused("age", posted) == "unknown_option"
    assert refused("used", posted) == "unknown_option"


def test_several_ticks_come_out_in_order_and_once() -> None:
    assert answered("used", "2", "1", "2") == (1, 2)


def test_an_exclusive_option_or_reason_beside_others_is_a_conflict_that_names_it() -> None:
    assert answered("used", "99") == (99,)
    assert answered("used", "-9") == RATHER_NOT_SAY
    error = answered("used", "1", "99")
    assert error == AnswerError(variable="used", code="exclusive_conflict", parameters={"option": 99})
    assert refused("used", "99", "-9") == "exclusive_conflict"
    assert refused("used", "-9", "1") == "exclusive_conflict"


def test_an_option_of_another_area_is_refused_and_not_offered() -> None:
    assert answered("used", "3", area="W2") == (3,)
    assert refused("used", "3", area="W1") == "unknown_option"
    assert refused("used", "3") == "unknown_option"
    assert [option.code for option in offered(STEPS["used"], "W1")] == [1, 2, 99]
    assert offered(STEPS["grade"], "W1") == ()


@pytest.mark.parametrize("posted", ["7", " 7 ", "٧", "۷", "७", "07"])
def test_a_number_may_be_written_in_the_digits_of_any_script(posted: str) -> None:
    assert answered("grade", posted) == 7


@pytest.mark.parametrize("posted", ["zeven", "7,5", "7.5", "7-8", "²", "Ⅶ", "1e1", "1_0", "9" * 5000])
def test_what_is_no_whole_number_is_refused(posted: str) -> None:
    assert refused("grade", posted) == "not_a_number"


@pytest.mark.parametrize("posted", ["0", "11", "-1", "999999999"])
def test_a_number_out_of_range_is_refused_with_the_range(posted: str) -> None:
    error = answered("grade", posted)
    assert error == AnswerError(
        variable="grade", code="number_out_of_range", parameters={"minimum": 1, "maximum": 10}
    )


def test_a_reason_is_an_answer_to_a_number_but_not_beside_one() -> None:
    assert answered("grade", "-8") == DONT_KNOW
    assert answered("grade", "", "-8") == DONT_KNOW
    assert refused("grade", "7", "-8") == "exclusive_conflict"
    assert answered("helped", "-7") == NOT_APPLICABLE


def test_a_text_is_composed_its_line_ends_made_equal_and_its_control_characters_dropped() -> None:
    assert answered("lake", " cafe\u0301\r\nbij de\rplas\x00\x1b[31m\u202eomgekeerd \n") == (
        "café\nbij de\nplas[31momgekeerd"
    )


def test_letters_joined_or_kept_apart_by_invisible_joiners_stay_as_they_are() -> None:
    assert answered("lake", "می\u200cخواهم") == "می\u200cخواهم"


def test_a_text_is_counted_in_characters_after_cleaning() -> None:
    assert answered("lake", "e\u0301" * 500) == "é" * 500
    error = answered("lake", "x" * 501)
    assert error == AnswerError(
        variable="lake", code="text_too_long", parameters={"maximum": 500, "length": 501}
    )


def test_a_text_that_looks_like_a_reason_is_a_text_when_there_are_no_reasons() -> None:
    assert answered("lake", "-8") == "-8"


@pytest.mark.parametrize("posted", ["9001", "9001 AB", "9001ab", " 9001  AB ", "٩٠٠١"])
def test_a_postcode_is_kept_as_its_digits_only(posted: str) -> None:
    assert answered("home_postcode", posted) == "9001"


def test_a_postcode_that_is_none_and_one_of_elsewhere_are_told_apart() -> None:
    assert refused("home_postcode", "Oord") == "not_a_postcode"
    assert refused("home_postcode", "9001 AB 12") == "not_a_postcode"
    assert refused("home_postcode", "1000 AA") == "unknown_postcode"
    assert answered("home_postcode", "-8") == DONT_KNOW


def test_a_neighbourhood_is_kept_as_its_area_only() -> None:
    assert answered("home", "B21") == "W2"
    assert answered("home", "-8") == DONT_KNOW
    assert refused("home", "W2") == "unknown_neighbourhood"


def test_the_neighbourhoods_to_choose_from_are_those_of_the_areas_that_the_postcode_touches() -> None:
    assert [place.code for place in neighbourhoods(TOWN, "9001")] == ["B11", "B12"]
    assert neighbourhoods(TOWN, "9002") == TOWN.neighbourhoods
    assert neighbourhoods(TOWN, SKIPPED) == neighbourhoods(TOWN, None) == TOWN.neighbourhoods


hostile = st.text(max_size=30) | st.sampled_from(
    ["1", "2", "99", "-8", "-9", "9001", "B11", "7", "\ud800", "\x00"]
)


@given(
    variable=st.sampled_from(sorted(STEPS)),
    posted=st.lists(hostile, max_size=4),
    area=st.sampled_from([None, "W1", "W2"]),
)
def test_any_form_gives_either_one_answer_that_fits_or_one_error(
    variable: str, posted: list[str], area: str | None
) -> None:
    step = STEPS[variable]
    answers, errors = parse_form(step, {"answer": posted, "csrf": ["x"]}, TOWN, area=area)
    assert len(answers) + len(errors) == 1
    if not answers:
        return
    answer = answers[variable]
    codes = {option.code for option in offered(step, area)} | {
        reason.code for reason in step.question.reasons
    }
    if isinstance(answer, tuple):
        assert answer == tuple(sorted(set(answer)))
        assert codes.issuperset(answer)
    elif isinstance(answer, str):
        answer.encode()
        assert isinstance(step.question, OpenText) or answer in {"9001", "W1"}
    else:
        assert answer in {*codes, SKIPPED} or (step.kind == "number" and 1 <= answer <= 10)


@given(st.text(max_size=200))
def test_a_text_that_was_kept_is_kept_again_when_it_is_posted_again(typed: str) -> None:
    answers, _ = parse_form(STEPS["lake"], {"answer": [typed]}, TOWN)
    kept = answers["lake"]
    if isinstance(kept, str):
        assert parse_form(STEPS["lake"], {"answer": [kept]}, TOWN) == ({"lake": kept}, ())
