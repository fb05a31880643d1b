"""The short form and the consent of a parent, in small; the other questionnaires of Leiden as a whole."""

import re
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.questionnaires.answers import Answer, options_of
from survey.questionnaires.folder import DEFINITIONS, read_folder
from survey.questionnaires.lint import check, uncovered
from survey.questionnaires.model import (
    NOT_APPLICABLE,
    RATHER_NOT_SAY,
    Battery,
    OpenText,
    Place,
    Question,
    Questionnaire,
)
from survey.questionnaires.parsing import parse, read
from survey.questionnaires.routing import Journey, walk
from survey.questionnaires.translations import reachable_texts

SAMPLES = Path("tests/samples")
EMPLOYEES, PARTNERS, YOUTH = "leiden-medewerkers", "leiden-partners", "leiden-jongeren"
NEW = (EMPLOYEES, PARTNERS, YOUTH)

OFFICIAL_NAME = ("WP504", "k5"), ("WP504", "k6")
EMPTY_IS_A_WAY_NOT_TO_TELL = ("WP514", "k22h"), ("WP514", "k25a"), ("WP514", "k25b"), ("WP514", "k25c")
GRADES_NEED_NO_HEADINGS = (("WP511", "k5"),)
ADVICE_THAT_STAYS = {
    EMPLOYEES: {*OFFICIAL_NAME, *EMPTY_IS_A_WAY_NOT_TO_TELL, *GRADES_NEED_NO_HEADINGS},
    PARTNERS: {*OFFICIAL_NAME, *EMPTY_IS_A_WAY_NOT_TO_TELL, *GRADES_NEED_NO_HEADINGS},
    YOUTH: {("WP514", "j12")},
}


@cache
def sample(code: str) -> Questionnaire:
    return parse(read_folder(SAMPLES / code / "good"))


@cache
def definition(key: str) -> Questionnaire:
    return parse(read_folder(DEFINITIONS / key))


def questions(questionnaire: Questionnaire) -> dict[str, Question]:
    return {asked.key: asked for block in questionnaire.blocks for asked in block.questions}


def journey(questionnaire: Questionnaire, answers: dict[str, Answer]) -> Journey:
    purposes = frozenset(purpose.key for purpose in questionnaire.purposes)
    return walk(questionnaire, answers, purposes=purposes, area=None)


def asked_after(questionnaire: Questionnaire, answers: dict[str, Answer]) -> list[str]:
    return [step.variable for step in journey(questionnaire, answers).steps]


def with_parents(files: dict[str, bytes]) -> dict[str, bytes]:
    written = files["questionnaire.toml"].replace(b"[fieldwork]\n", b"[fieldwork]\nparental_consent = true\n")
    return {**files, "questionnaire.toml": written}


# The short form


@given(used=st.sampled_from([1, 2, -5, -8]), grade=st.integers(1, 10))
def test_the_short_form_asks_a_part_of_what_the_whole_form_asks(used: int, grade: int) -> None:
    survey = sample("WP245")
    given_answers: dict[str, Answer] = {"used": used, "grade": grade}
    whole = asked_after(survey, {"form": 1, **given_answers})
    short = asked_after(survey, {"form": 2, **given_answers})
    assert short == [variable for variable in whole if variable in {"form", "used"}]


def test_who_does_not_choose_a_form_gets_the_whole_one() -> None:
    assert "grade" in asked_after(sample("WP245"), {"form": -5, "used": 1})


def test_a_condition_of_its_own_still_holds_in_both_forms() -> None:
    survey = sample("WP246")
    for form in (1, 2):
        assert "grade" in asked_after(survey, {"form": form, "used": 1})
        assert "grade" not in asked_after(survey, {"form": form, "used": 2})


def test_an_answer_from_before_the_short_form_was_chosen_does_not_count() -> None:
    answers: dict[str, Answer] = {"form": 2, "used": 1, "grade": 9}
    assert "grade" not in journey(sample("WP245"), answers).counting


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        (b'variable = "form"', b'variable = "used"', "short_form.variable"),
        (b"codes = [2]\nq", b"codes = [7]\nq", "short_form.codes"),
        (b"codes = [2]\nq", b"codes = []\nq", "short_form.codes"),
        (b'["used"]', b'["house"]', "short_form.questions"),
    ],
)
def test_a_short_form_that_cannot_be_is_refused_at_its_place(old: bytes, new: bytes, place: str) -> None:
    files = read_folder(SAMPLES / "WP245" / "good")
    problems = read({**files, "questionnaire.toml": files["questionnaire.toml"].replace(old, new)}).problems
    assert [(problem.code, problem.place) for problem in problems] == [("WP245", place)]


# The consent of a parent


def test_with_parental_consent_a_parent_is_asked_and_can_say_no() -> None:
    survey = sample("WP244")
    assert asked_after(survey, {"age": 1})[:2] == ["age", "parent"]
    assert journey(survey, {"age": 1, "parent": 1}).stop is None
    assert journey(survey, {"age": 1, "parent": 2}).stop is not None
    assert "parent" not in asked_after(survey, {"age": 2})


def test_without_it_the_same_questionnaire_stops_who_is_too_young() -> None:
    files = read_folder(SAMPLES / "WP244" / "good")
    off = files["questionnaire.toml"].replace(b"parental_consent = true\n", b"")
    survey = parse({**files, "questionnaire.toml": off})
    assert asked_after(survey, {"age": 1}) == ["age"]
    assert journey(survey, {"age": 1}).stop is not None


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b', stop = "Deze vragen zijn voor mensen vanaf 16 jaar."', b"", "belongs to an option with `stop`"),
        (b', stop = "Uw kind doet niet mee."', b"", "a parent can say no"),
        (b'when = { variable = "age", codes = [1] }', b"", "is not asked after this option"),
        (b'parent = "parent", ', b"", "No option needs a parent"),
    ],
)
def test_a_parent_who_cannot_be_asked_is_reported(old: bytes, new: bytes, said: str) -> None:
    files = read_folder(SAMPLES / "WP244" / "good")
    assert old in files["questionnaire.toml"]
    problems = read({**files, "questionnaire.toml": files["questionnaire.toml"].replace(old, new)}).problems
    assert [problem.code for problem in problems] == ["WP244"]
    assert said in problems[0].message


# Young people, employees and partners in Leiden


@pytest.mark.parametrize("key", NEW)
def test_the_check_finds_only_advice_that_was_weighed(key: str) -> None:
    places = {
        f"blocks[{n}].questions[{m}]": asked.key
        for n, block in enumerate(definition(key).blocks)
        for m, asked in enumerate(block.questions)
    }
    problems = check(read_folder(DEFINITIONS / key))
    assert {problem.severity for problem in problems} <= {"advice"}
    advised = {(problem.code, places[".".join(problem.place.split(".")[:2])]) for problem in problems}
    assert advised == ADVICE_THAT_STAYS[key]


@pytest.mark.parametrize("key", NEW)
def test_every_question_says_which_principle_theme_and_requirement_it_serves(key: str) -> None:
    for asked in questions(definition(key)).values():
        about = asked.provenance
        assert about.principles, asked.key
        assert about.themes, asked.key
        assert about.requirements, asked.key
        assert about.scoring, asked.key
    assert uncovered(definition(key)) == ()


@pytest.mark.parametrize("key", NEW)
def test_nothing_special_is_asked_and_what_is_personal_can_be_declined(key: str) -> None:
    for asked in questions(definition(key)).values():
        assert asked.provenance.sensitivity != "special"
        if asked.provenance.sensitivity == "personal" and not isinstance(asked, OpenText):
            assert RATHER_NOT_SAY in {reason.code for reason in asked.reasons}, asked.key
        assert asked.provenance.wording == "own"


@pytest.mark.parametrize("key", [EMPLOYEES, PARTNERS])
def test_professionals_are_asked_after_every_principle_and_not_where_they_live(key: str) -> None:
    assert definition(key).principles == tuple(f"P{n}" for n in range(1, 11))
    asked = questions(definition(key))
    assert not any(isinstance(question, Place) for question in asked.values())
    for battery in (asked["k5"], asked["k6"]):
        assert isinstance(battery, Battery)
        assert len(battery.items) == 10


def test_employees_are_asked_everything_from_k1_to_k25() -> None:
    numbers = {one.provenance.number.rstrip("abcfgh") for one in questions(definition(EMPLOYEES)).values()}
    assert numbers == {f"K{n}" for n in range(1, 26)}


def test_partners_are_not_asked_after_an_organisation_that_is_not_theirs() -> None:
    employees, partners = questions(definition(EMPLOYEES)), questions(definition(PARTNERS))
    assert set(employees) - set(partners) == {"k9"}
    assert set(partners) <= set(employees)
    known = partners["k7"]
    assert isinstance(known, Battery)
    assert [item.key for item in known.items] == ["b", "d"]


def test_employees_and_partners_read_the_same_sentences() -> None:
    employees, partners = questions(definition(EMPLOYEES)), questions(definition(PARTNERS))
    for key in set(partners) - {"k1", "k7"}:
        assert partners[key] == employees[key], key
    ours, theirs = employees["k7"], partners["k7"]
    assert isinstance(ours, Battery)
    assert isinstance(theirs, Battery)
    assert theirs.options == ours.options
    assert set(theirs.items) <= set(ours.items)


def test_who_belongs_in_the_other_questionnaire_is_sent_on_before_anything_is_kept() -> None:
    for key in (EMPLOYEES, PARTNERS):
        assert definition(key).blocks[0].opening
        stopped = journey(definition(key), {"k1": 97})
        assert stopped.stop is not None
        assert "andere vragenlijst" in stopped.stop.source
    employers, partners = (
        {option.code for option in options_of(questions(definition(key))["k1"]) if option.stop is None}
        for key in (EMPLOYEES, PARTNERS)
    )
    assert employers.isdisjoint(partners)


def test_only_volunteers_are_asked_what_they_learned_about_referring() -> None:
    survey = definition(EMPLOYEES)
    assert "k21c" in asked_after(survey, {"k2": 4})
    assert "k21c" not in asked_after(survey, {"k2": 3})


@pytest.mark.parametrize("referred", [0, NOT_APPLICABLE, -8, -5])
def test_how_many_referrals_succeeded_is_asked_after_a_number_of_them(referred: int) -> None:
    assert "k17g" in asked_after(definition(EMPLOYEES), {"k17f": 3})
    assert "k17g" not in asked_after(definition(EMPLOYEES), {"k17f": referred})


@pytest.mark.parametrize(("age", "goes_on"), [(1, False), (2, False), (3, True), (4, False)])
def test_only_those_of_16_and_17_take_part_while_parents_are_not_asked(age: int, goes_on: bool) -> None:
    assert (journey(definition(YOUTH), {"age": age}).stop is None) == goes_on


def test_with_letters_to_parents_those_of_12_to_15_take_part_when_a_parent_agrees() -> None:
    survey = parse(with_parents(read_folder(DEFINITIONS / YOUTH)))
    assert journey(survey, {"age": 2, "parent": 1}).stop is None
    assert journey(survey, {"age": 2, "parent": 2}).stop is not None
    for age in (1, 4):
        assert journey(survey, {"age": age}).stop is not None


def test_young_people_are_addressed_as_je_and_only_their_parent_as_u() -> None:
    for asked in questions(definition(YOUTH)).values():
        spoken = " ".join(text.source for text in (asked.label, asked.hint) if text is not None).lower()
        assert ({"u", "uw"} & set(spoken.split()) == set()) or asked.key == "parent", asked.key


def test_answers_of_young_people_have_the_codes_of_the_resident_form() -> None:
    young, residents = questions(definition(YOUTH)), questions(definition("leiden-eindevaluatie"))
    for ours, theirs in (("j5", "q4"), ("j11", "q11")):
        assert [(option.code, option.label.source) for option in options_of(young[ours])] == [
            (option.code, option.label.source) for option in options_of(residents[theirs])
        ]


EVERY_LANGUAGE = ("ar", "en", "nl-x-simpel", "pl", "tr", "uk")

FORMAL = {
    # how adults are addressed; English has one way for everybody
    "ar": r"\w{2,}كم\b|\w+وا\b",
    "nl-x-simpel": r"\b[Uu]w?\b",
    "pl": r"Państw|Proszę",
    "tr": r"\b[Ss]iz\b|\w+[ıiuü]n[ıiuü]z\b",
    "uk": r"\b[Вв](?:и|ас|ам|аш\w*)\b",
}


@pytest.mark.parametrize(
    ("key", "tags"), [(YOUTH, EVERY_LANGUAGE), (EMPLOYEES, ("en",)), (PARTNERS, ("en",))]
)
def test_translations_are_complete_and_say_that_they_are_drafts(key: str, tags: tuple[str, ...]) -> None:
    catalogues = definition(key).catalogues
    assert [(one.tag, one.state) for one in catalogues] == [(tag, "draft") for tag in tags]
    wanted = {text.key for text in reachable_texts(definition(key))}
    for catalogue in catalogues:
        assert wanted <= catalogue.sentences.keys(), catalogue.tag
        for asked in questions(definition(key)).values():
            labels = [catalogue.sentences[option.label.key] for option in options_of(asked)]
            assert len(labels) == len(set(labels)), f"{catalogue.tag} {asked.key}"


@pytest.mark.parametrize("tag", FORMAL)
def test_only_the_parent_of_a_young_person_is_addressed_formally(tag: str) -> None:
    (catalogue,) = (one for one in definition(YOUTH).catalogues if one.tag == tag)
    formal = {key for key, sentence in catalogue.sentences.items() if re.search(FORMAL[tag], sentence)}
    assert formal
    assert {key.partition(".")[0] for key in formal} == {"parent"}


@pytest.mark.parametrize("tag", EVERY_LANGUAGE)
def test_what_is_laid_beside_the_adults_is_translated_as_for_them(tag: str) -> None:
    surveys = definition(YOUTH), definition("leiden-eindevaluatie")
    young, old = (next(one for one in survey.catalogues if one.tag == tag) for survey in surveys)
    for keys in (("j5", "q4"), ("j11", "q11")):
        ours, theirs = (options_of(questions(survey)[key]) for survey, key in zip(surveys, keys, strict=True))
        for here, there in zip(ours, theirs, strict=True):
            assert young.sentences[here.label.key] == old.sentences[there.label.key], here.label.key
