from pathlib import Path

import pytest
from msgspec.structs import replace

from survey.questionnaires.answers import Answers
from survey.questionnaires.folder import read_folder
from survey.questionnaires.model import DONT_KNOW, SKIPPED, Catalogue, Questionnaire, Text
from survey.questionnaires.parsing import parse
from survey.questionnaires.routing import Journey, walk
from survey.questionnaires.wording import answer_texts, language_name, numbers_in_order, word

COMPLETE = replace(
    parse(read_folder(Path("tests/samples/complete"))),
    catalogues=(
        Catalogue(
            tag="en",
            state="draft",
            sentences={
                "introduction": "How are things in {area}?",
                "used.option.1": "Language or computer",
                "used.option.2": "Activity",
            },
        ),
    ),
)


def journey(answers: Answers, area: str | None = None, questionnaire: Questionnaire = COMPLETE) -> Journey:
    return walk(questionnaire, answers, purposes=frozenset({"taking_part"}), area=area)


def said(source: str, answers: Answers, *, area: str | None = None, tag: str = "nl") -> str:
    return word(COMPLETE, Text(key="made.up", source=source), tag, journey(answers, area))[0]


def test_a_translation_comes_with_its_tag_and_a_missing_one_in_the_source_language() -> None:
    assert word(COMPLETE, COMPLETE.introduction, "en", journey({})) == ("How are things in uw wijk?", "en")
    assert word(COMPLETE, COMPLETE.title, "en", journey({})) == ("Vragen over uw buurt", "nl")
    assert word(COMPLETE, COMPLETE.title, "xx", journey({})) == ("Vragen over uw buurt", "nl")


def test_an_insert_does_not_reorder_a_right_to_left_sentence() -> None:
    arabic = replace(
        COMPLETE, catalogues=(Catalogue(tag="ar", state="draft", sentences={"introduction": "({area})."}),)
    )
    assert word(arabic, COMPLETE.introduction, "ar", journey({}, area="W2")) == (
        "(\u2068Oord-Oost\u2069).",
        "ar",
    )


@pytest.mark.parametrize(
    "number", ["071 516 51 65", "+31 (0)71 516 51 65", "(071) 516-5165", "14 071", "2311 AB"]
)
def test_a_number_in_parts_keeps_its_order_in_a_right_to_left_sentence(number: str) -> None:
    assert numbers_in_order(f"اتصلوا على {number}.") == f"اتصلوا على \u2066{number}\u2069."


@pytest.mark.parametrize("plain", ["من 12 إلى 17 سنة", "الأعمار 16، 17", "في 2027", "12 دقيقة", "SOL 2"])
def test_a_number_of_one_part_is_left_as_it_is(plain: str) -> None:
    assert numbers_in_order(plain) == plain


def test_a_language_is_named_for_who_reads_it() -> None:
    assert language_name("ar", reader="nl") == "Arabisch"
    assert language_name("ar", reader="ar") == "العربية"
    assert language_name("nl-x-simpel", reader="nl") == "makkelijk Nederlands"
    assert language_name("qqq", reader="nl") == "qqq"


def test_the_area_is_named_and_has_a_word_of_its_own_while_unknown() -> None:
    assert said("in {area}", {}) == "in uw wijk"
    assert said("in {area}", {}, area="W2") == "in Oord-Oost"
    assert said("in {area}", {"home": "W1"}, area="W2") == "in Oord-West"


def test_an_insert_says_what_is_true_in_the_area() -> None:
    assert said("{house}", {}) == "het Huis van de Buurt"
    assert said("{house}", {}, area="W1") == "het Huis van de Buurt De Brug"


@pytest.mark.parametrize(
    ("source", "answers", "expected"),
    [
        ("{answer.age}", {"age": 3}, "65 of ouder"),
        ("{answer.grade}", {"grade": 7}, "7"),
        ("{answer.grade}", {"grade": DONT_KNOW}, "Weet ik niet"),
        ("{answer.grade}", {"grade": SKIPPED}, "…"),
        ("{answer.grade}", {}, "…"),
        ("{answer.home}", {"home": "W2"}, "Oord-Oost"),
        ("{answer.people_a}", {"people_a": 5}, "Helemaal mee eens"),
        ("{answer.used}", {"used": (1, 99)}, "Taal of computer, Aan niets"),
        ("{answer.helped}", {"used": (99,), "helped": 1}, "…"),
        ("{answer.lake}", {"home": "W2", "grade": 1, "lake": "<b>meer {house}</b>"}, "<b>meer {house}</b>"),
    ],
)
def test_an_earlier_answer_is_repeated_as_its_label_or_as_it_was_typed(
    source: str, answers: Answers, expected: str
) -> None:
    assert said(source, answers) == expected


def test_labels_in_a_row_are_joined_as_the_language_does_it() -> None:
    label = COMPLETE.blocks[1].questions[4].label
    english = replace(
        COMPLETE,
        catalogues=(
            replace(
                COMPLETE.catalogues[0],
                sentences={label.key: "{answer.used}", **COMPLETE.catalogues[0].sentences},
            ),
        ),
    )
    on_the_way = journey({"used": (1, 2)}, questionnaire=english)
    assert word(english, label, "en", on_the_way)[0] == "Language or computer, Activity"


def test_the_texts_of_an_answer_are_its_labels_and_none_for_what_was_typed() -> None:
    steps = journey({"used": (2, 1)})
    used, grade = steps.step("used"), steps.step("grade")
    assert used is not None
    assert grade is not None
    assert [text.key for text in answer_texts(used, (2, 1))] == ["used.option.1", "used.option.2"]
    assert [text.key for text in answer_texts(grade, DONT_KNOW)] == ["reason.dont_know"]
    assert answer_texts(grade, 7) == ()
