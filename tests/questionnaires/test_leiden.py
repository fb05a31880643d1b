"""The end evaluation in Leiden: the questionnaire is whole, and its figures follow from their sources."""

import csv
import json
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from survey.questionnaires.answers import Answer, options_of
from survey.questionnaires.folder import read_folder
from survey.questionnaires.lint import check, uncovered
from survey.questionnaires.model import (
    DONT_KNOW,
    NOT_APPLICABLE,
    RATHER_NOT_SAY,
    SKIPPED,
    Battery,
    Catalogue,
    MultipleChoice,
    Number,
    OpenText,
    Option,
    Place,
    Question,
    Questionnaire,
    SingleChoice,
    Step,
)
from survey.questionnaires.parsing import parse
from survey.questionnaires.routing import Journey, steps, walk
from survey.questionnaires.translations import reachable_texts, texts

QUESTIONNAIRES = Path("survey/questionnaires")
DEFINITION = QUESTIONNAIRES / "definitions/leiden-eindevaluatie"
LEIDEN = QUESTIONNAIRES / "municipalities/leiden"
EVERY_PURPOSE = frozenset({"taking_part", "health_origin", "quoting"})
PARENTS_PER_HOUSEHOLD = 1.8
AGES = ("18-24", "25-44", "45-64", "65+")

ADVICE_THAT_STAYS = {
    ("WP501", "q3"),  # statements of the Veiligheidsmonitor: not to be shortened
    ("WP503", "q15"),  # unmet need is a negation by nature
    ("WP503", "q18"),
    ("WP511", "q35"),  # an ordered scale of ages; headings would be in the way
    ("WP511", "q40"),  # everybody knows the answer and looks for one word
    ("WP511", "q42a"),
    ("WP514", "q33"),  # an empty field is the way not to tell
    ("WP514", "q34"),
    ("WP515", "q4"),  # "do not know" is one of the answers
    ("WP515", "q5"),
}


@cache
def leiden() -> Questionnaire:
    return parse(read_folder(DEFINITION))


def questions() -> Iterator[Question]:
    for block in leiden().blocks:
        yield from block.questions


def question(key: str) -> Question:
    return next(asked for asked in questions() if asked.key == key)


def options(key: str) -> tuple[Option, ...]:
    return options_of(question(key))


def journey(answers: dict[str, Answer], purposes: frozenset[str] = EVERY_PURPOSE) -> Journey:
    return walk(leiden(), answers, purposes=purposes, area=None)


def asked_after(answers: dict[str, Answer]) -> set[str]:
    return {step.question.key for step in journey(answers).steps}


def rows(name: str) -> list[dict[str, str]]:
    with (LEIDEN / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_number_from_q1_to_q42_is_asked() -> None:
    numbers = {asked.provenance.number.rstrip("abcd") for asked in questions()}
    assert numbers == {f"Q{n}" for n in range(1, 43)} | {"S4", "S6"}


def test_the_keys_that_the_analysis_knows_are_the_keys_of_the_questions() -> None:
    split = {"6": "ab", "22": "ab", "23": "ab", "24": "ab", "26": "abcd", "29": "ab", "39": "ab", "42": "ab"}
    expected = {f"q{n}{part}" for n in map(str, range(1, 43)) for part in split.get(n, " ")}
    assert {asked.key for asked in questions()} == {key.strip() for key in expected} | {"mode", "form"}


def test_every_principle_has_a_question() -> None:
    assert leiden().principles == tuple(f"P{n}" for n in range(1, 11))
    assert uncovered(leiden()) == ()


def test_every_question_has_a_principle_and_a_theme_unless_the_design_gives_none() -> None:
    assert [asked.key for asked in questions() if not asked.provenance.principles] == []
    without_theme = {asked.key for asked in questions() if not asked.provenance.themes}
    assert without_theme == {"q19", "q20", "q27", "q30", "q31"}


SHORT_FORM = {f"q{n}" for n in (1, 2, 4, 5, 7, 8, 9, 11, 13, 14, 15, 16, 18, 32, 34, 36, 37, 40)}


def test_the_short_form_asks_its_questions_and_no_others() -> None:
    needed: dict[str, Answer] = {"q7": (1,), "q15": 1, "q37": (3,), "q23a": 4}
    opening = {"q35", "mode", "form"}
    assert asked_after({"form": 2, **needed}) == SHORT_FORM | opening
    assert asked_after({"form": 1, **needed}) > SHORT_FORM | opening
    assert asked_after({"form": SKIPPED, **needed}) == asked_after({"form": 1, **needed})


def test_the_short_form_is_less_than_half_as_it_says() -> None:
    after = [step for step in steps(leiden()) if not step.block.opening]
    assert sum(step.question.key in SHORT_FORM for step in after) < len(after) / 2


@pytest.mark.parametrize(
    ("principle", "keys"),
    [
        ("P1", "q2 q8 q10 q31"),
        ("P2", "q4 q5 q6a q6b q7 q8 q9 q15 q25"),
        ("P3", "q3 q19 q20 q21 q22a q22b"),
        ("P4", "q5 q7 q12 q23a q23b q24a q26a q26c"),
        ("P5", "q10"),
        ("P6", "q10 q13"),
        ("P7", "q27 q28 q29a q29b"),
        ("P8", "q16 q17"),
        ("P9", "q11 q12 q18 q28"),
        ("P10", "q30 q31"),
    ],
)
def test_the_questions_agreed_for_a_principle_carry_its_code(principle: str, keys: str) -> None:
    assert all(principle in question(key).provenance.principles for key in keys.split())


def test_every_requirement_that_residents_can_answer_has_a_question() -> None:
    asked = {code for one in questions() for code in one.provenance.requirements}
    by_residents = (
        "1 2 3 5 8 11 12 13 14 15 16 17 18 19 20 21 22 23 24 26 27 28 29 30 31 37 38 40 42 43 44 48 49"
    )
    by_residents += " 50 51 52 53 54 55 56 57 58 59 61 62 63 64 65"
    assert {f"R{int(n):02}" for n in by_residents.split()} <= asked


def test_the_check_finds_no_error_and_only_advice_that_was_weighed() -> None:
    problems = check(read_folder(DEFINITION))
    assert [problem for problem in problems if problem.severity == "error"] == []
    placed = {
        f"blocks[{n}].questions[{m}]": asked.key
        for n, block in enumerate(leiden().blocks)
        for m, asked in enumerate(block.questions)
    }
    advised = {(problem.code, placed[".".join(problem.place.split(".")[:2])]) for problem in problems}
    assert advised == ADVICE_THAT_STAYS


def test_seven_languages_are_offered_and_five_more_are_prepared() -> None:
    states = {catalogue.tag: catalogue.state for catalogue in leiden().catalogues}
    assert states == dict.fromkeys(("ar", "en", "nl-x-simpel", "pl", "tr", "uk"), "draft") | dict.fromkeys(
        ("es", "fa", "fr", "so", "ti"), "prepared"
    )


@pytest.mark.parametrize("catalogue", leiden().offered, ids=lambda catalogue: catalogue.tag)
def test_a_language_that_is_offered_is_complete(catalogue: Catalogue) -> None:
    assert [text.key for text in reachable_texts(leiden()) if text.key not in catalogue.sentences] == []


@pytest.mark.parametrize("catalogue", leiden().offered, ids=lambda catalogue: catalogue.tag)
def test_the_options_of_a_question_are_told_apart_in_every_language(catalogue: Catalogue) -> None:
    for asked in questions():
        labels = [catalogue.sentences[option.label.key] for option in options_of(asked)]
        assert len(labels) == len(set(labels)), asked.key


def test_easy_dutch_keeps_the_sentences_of_published_instruments() -> None:
    (easy,) = (catalogue for catalogue in leiden().catalogues if catalogue.tag == "nl-x-simpel")
    for asked in questions():
        if asked.provenance.wording == "published":
            sentences = {text.key: text.source for text in texts(asked) if not text.key.endswith(".short")}
            assert sentences.items() <= easy.sentences.items(), asked.key


def test_a_question_has_at_most_twelve_words() -> None:
    assert [asked.key for asked in questions() if len(asked.label.source.split()) > 12] == []


def test_sensitive_questions_can_be_declined_in_words() -> None:
    for asked in questions():
        if asked.provenance.sensitivity != "none" and not isinstance(asked, OpenText):
            assert RATHER_NOT_SAY in {reason.code for reason in asked.reasons}, asked.key


def test_special_personal_data_are_asked_only_with_their_own_consent() -> None:
    for asked in questions():
        is_special = asked.provenance.sensitivity == "special"
        assert (asked.purpose == "health_origin") == is_special, asked.key
    without = journey({"q37": (3,)}, frozenset({"taking_part"}))
    assert not any(step.question.purpose for step in without.steps)


def test_wording_that_is_not_ours_names_instrument_source_and_licence() -> None:
    worded = {asked.key: asked.provenance for asked in questions() if asked.provenance.wording != "own"}
    assert {key: about.wording for key, about in worded.items()} == {
        "q19": "published",
        "q20": "own_translation",
        "q21": "published",
    }
    assert all(about.instrument and about.source and about.licence for about in worded.values())


def test_the_loneliness_scale_has_the_published_sentences() -> None:
    asked = question("q21")
    assert isinstance(asked, Battery)
    assert [item.label.source for item in asked.items] == [
        "Ik ervaar een leegte om me heen.",
        "Er zijn genoeg mensen op wie ik in geval van narigheid kan terugvallen.",
        "Ik heb veel mensen op wie ik volledig kan vertrouwen.",
        "Ik mis mensen om me heen.",
        "Er zijn voldoende mensen met wie ik me nauw verbonden voel.",
        "Vaak voel ik me in de steek gelaten.",
    ]
    assert [item.reversed for item in asked.items] == [False, True, True, False, True, False]
    assert [option.label.source for option in asked.options] == ["Ja", "Min of meer", "Nee"]


def test_who_5_counts_from_five_for_all_of_the_time_to_zero() -> None:
    assert [option.code for option in options("q20")] == [5, 4, 3, 2, 1, 0]


def test_agreement_counts_from_five_to_one() -> None:
    for key in ("q3", "q8", "q9", "q10", "q18", "q27", "q28"):
        assert [option.code for option in options(key)] == [5, 4, 3, 2, 1]


def test_who_needs_nothing_or_never_comes_can_say_so() -> None:
    for key, label in (("q8", "Ik heb niets nodig"), ("q9", "Ik kom er nooit")):
        labels = {reason.code: reason.label.source for reason in question(key).reasons}
        assert labels[NOT_APPLICABLE] == label


@pytest.mark.parametrize("age", [1, 2])
def test_nobody_under_eighteen_gets_further_than_the_first_page(age: int) -> None:
    under_age = journey({"q35": age})
    assert under_age.stop is not None
    assert [step.variable for step in under_age.steps] == ["q35"]


IF_USED = {"q10", "q11", "q12", "q13", "q14"}


def test_who_used_nothing_is_not_asked_how_it_went() -> None:
    assert not IF_USED & asked_after({"q7": (99,)})
    assert not IF_USED & asked_after({"q7": SKIPPED})


def test_any_use_leads_to_the_questions_about_it() -> None:
    used = [option.code for option in options("q7") if not option.exclusive]
    assert used == list(range(1, 12))
    for code in used:
        assert asked_after({"q7": (code,)}) >= IF_USED


def test_reasons_are_asked_after_unmet_need_and_after_using_nothing() -> None:
    assert "q16" in asked_after({"q7": (1,), "q15": 1})
    assert "q16" in asked_after({"q7": (99,), "q15": 2})
    assert "q16" not in asked_after({"q7": (1,), "q15": 2})
    assert "q16" not in asked_after({"q7": (1,), "q15": DONT_KNOW})


def test_help_in_time_is_asked_after_trouble_getting_by() -> None:
    assert "q23b" in asked_after({"q23a": 3}) & asked_after({"q23a": 4})
    assert "q23b" not in asked_after({"q23a": 1}) | asked_after({"q23a": 2})


def test_the_burden_is_asked_of_who_cares_for_another() -> None:
    assert "q24b" in asked_after({"q24a": 1}) & asked_after({"q24a": 2})
    assert "q24b" not in asked_after({"q24a": 3})


def test_raising_children_is_asked_of_who_lives_with_a_child() -> None:
    assert {"q26a", "q26b", "q26c"} <= asked_after({"q37": (2, 3)})
    assert not {"q26a", "q26b", "q26c", "q26d"} & asked_after({"q37": (2, 4)})
    assert "q26d" in asked_after({"q37": (3,), "q26c": 1})
    assert "q26d" not in asked_after({"q37": (3,), "q26c": 2})


def plain_answer(step: Step) -> Answer:
    match step.question:
        case Place():
            return "2331" if step.kind == "postcode" else "WK054609"
        case Number(minimum=minimum):
            return minimum
        case OpenText():
            return "De buren."
        case MultipleChoice(options=choices):
            return (choices[0].code,)
        case SingleChoice(options=choices) | Battery(options=choices):
            return next(option.code for option in choices if option.stop is None)
    raise AssertionError(step.kind)


def test_answering_page_after_page_reaches_the_end() -> None:
    answers: dict[str, Answer] = {}
    for _ in steps(leiden()):
        step = journey(answers).first_open
        if step is None:
            break
        answers[step.variable] = plain_answer(step)
    assert journey(answers).complete
    assert len(answers) > 60


def test_each_neighbourhood_can_be_reached_from_a_postcode() -> None:
    town = leiden().municipality
    assert len(town.neighbourhoods) == 54
    assert len(town.areas) == 10
    reached = {area for areas in town.postcodes.values() for area in areas}
    assert reached == {area.code for area in town.areas}


def test_the_social_map_holds_only_examples_and_one_for_each_need() -> None:
    town = leiden().municipality
    assert all(entry.example and entry.place == "Voorbeeldplek" for entry in town.social_map)
    assert {(entry.address, entry.contact, entry.checked_on) for entry in town.social_map} == {
        ("Voorbeeldstraat 0", "", "")
    }
    everywhere = {entry.need for entry in town.social_map if entry.area == ""}
    assert everywhere == {need.source for need in town.needs}


def test_every_page_has_a_heading_of_its_own() -> None:
    headings = [heading(step) for step in steps(leiden())]
    assert len(set(headings)) == len(headings)


def heading(step: Step) -> str:
    if step.item is not None:
        return step.item.label.source
    if step.kind == "neighbourhood" and isinstance(step.question, Place):
        return step.question.neighbourhood_label.source
    return step.question.label.source


def test_pictograms_are_named_for_few_things_only() -> None:
    used = {option.pictogram for asked in questions() for option in options_of(asked) if option.pictogram}
    assert len(used) <= 36


# The figures. Steps 1 to 3 are those of the README of the municipality.


def nearest_five(number: float) -> int:
    return int(5 * ((number / 5 + 0.5) // 1))


def margin(name: str) -> dict[tuple[str, str], dict[str, str]]:
    return {(row["area"], row["category"]): row for row in rows("population.csv") if row["margin"] == name}


def counts(name: str) -> dict[tuple[str, str], int]:
    return {cell: int(row["count"]) for cell, row in margin(name).items()}


def key_figures() -> dict[str, dict[str, str]]:
    return {row["code"]: row for row in rows("source/leiden_districten_kerncijfers_2024.csv")}


def districts() -> list[str]:
    return [code for code in key_figures() if code.startswith("WK")]


def minors_and_under_25(postcodes: set[str] | None) -> tuple[float, float]:
    """Persons aged 0-17 and 0-24 on 1 January 2021; three fifths of 10-14 stand in for 15-17."""
    ages: dict[str, int] = defaultdict(int)
    for row in rows("source/leiden_pc4_leeftijd_geslacht_2021.csv"):
        if postcodes is None or row["pc4"] in postcodes:
            ages[row["leeftijd"]] += int(row["inwoners"])
    children = ages["0-4"] + ages["5-9"] + ages["10-14"]
    return children + 0.6 * ages["10-14"], children + ages["15-19"] + ages["20-24"]


def minors_by_district() -> dict[str, int]:
    whole = {"WK054608": {"2317", "2318"}, "WK054609": {"2331"}}
    figures = key_figures()
    minors: dict[str, int] = {}
    for code, postcodes in whole.items():
        young, under_25 = minors_and_under_25(postcodes)
        minors[code] = nearest_five(young / under_25 * int(figures[code]["lft_0_24"]))
    rest = minors_and_under_25(None)[0] - sum(minors.values())
    families = {code: int(figures[code]["huishoudens_met_kinderen"]) for code in districts()}
    households = sum(number for code, number in families.items() if code not in whole)
    for code in set(families) - set(whole):
        minors[code] = nearest_five(rest / households * families[code])
    return minors


def test_ages_from_25_are_the_official_figures() -> None:
    columns = {"25-44": "lft_25_44", "45-64": "lft_45_64", "65+": "lft_65plus"}
    for (area, age), row in margin("area_age").items():
        if age in columns:
            assert int(row["count"]) == int(key_figures()[area][columns[age]])
            assert row["status"] == "official"


def test_ages_18_to_24_follow_from_the_estimate_of_minors() -> None:
    minors = minors_by_district()
    for area in districts():
        row = margin("area_age")[area, "18-24"]
        assert int(row["count"]) == int(key_figures()[area]["lft_0_24"]) - minors[area]
        assert row["status"] == "estimate"


def share_of_men(weights: dict[str, float]) -> float:
    ages = {row["leeftijd"]: row for row in rows("source/leiden_gemeente_leeftijd_geslacht_2021.csv")}
    men = sum(weight * int(ages[age]["mannen"]) for age, weight in weights.items())
    women = sum(weight * int(ages[age]["vrouwen"]) for age, weight in weights.items())
    return men / (men + women)


def five_year_groups(first: int, last: int) -> dict[str, float]:
    return {f"{age}-{age + 4}": 1 for age in range(first, last, 5)}


def test_men_and_women_follow_from_the_share_of_men_per_age_class() -> None:
    groups = {
        "18-24": {"15-19": 0.4, "20-24": 1},
        "25-44": five_year_groups(25, 45),
        "45-64": five_year_groups(45, 65),
        "65+": five_year_groups(65, 95) | {"95+": 1},
    }
    ages = counts("area_age")
    totals = {age: sum(ages[area, age] for area in districts()) for age in AGES}
    men = nearest_five(sum(totals[age] * share_of_men(groups[age]) for age in AGES))
    assert counts("sex") == {("GM0546", "man"): men, ("GM0546", "vrouw"): sum(totals.values()) - men}


def test_living_with_children_follows_from_households_and_the_stated_assumption() -> None:
    for area in districts():
        families = int(key_figures()[area]["huishoudens_met_kinderen"])
        assert counts("children")[area, "yes"] == nearest_five(families * PARENTS_PER_HOUSEHOLD)


def test_every_margin_adds_up_to_the_same_adults() -> None:
    ages, children = counts("area_age"), counts("children")
    for area in districts():
        assert sum(ages[area, age] for age in AGES) == children[area, "yes"] + children[area, "no"]
    assert sum(ages.values()) == sum(counts("sex").values()) == 111_080


def test_each_figure_names_its_source_and_estimates_say_how_they_were_made() -> None:
    for row in rows("population.csv"):
        assert row["source"]
        assert row["status"] in {"official", "estimate"}
        assert bool(row["method"]) == (row["status"] == "estimate")


def test_comparison_figures_are_those_of_the_source() -> None:
    copied = [(row["indicator"], row["year"], row["value"]) for row in rows("comparison.csv")]
    source = rows("source/leiden_vergelijkingscijfers.csv")
    assert copied == [(row["indicator"], row["jaar"], row["waarde"]) for row in source]


def test_a_question_compares_only_with_figures_that_exist() -> None:
    known = {row["key"] for row in rows("comparison.csv")}
    assert {asked.provenance.comparison for asked in questions() if asked.provenance.comparison} <= known
    for row in rows("comparison.csv"):
        assert row["source_kind"] in {"primary", "secondary"}
        assert row["comparable"] in {"limited", "no", ""}


def test_postcodes_are_those_of_the_overlay() -> None:
    overlay = rows("source/leiden_pc4_district_overlap_benadering.csv")
    assert [(row["postcode"], row["area"]) for row in rows("postcodes.csv")] == [
        (row["pc4"], row["wijkcode"]) for row in overlay
    ]


def test_the_map_has_a_closed_shape_and_a_label_for_each_area() -> None:
    shapes = json.loads((LEIDEN / "areas.geojson").read_text(encoding="utf-8"))
    assert shapes["attribution"] == leiden().municipality.attribution
    found = {shape["properties"]["area"]: shape for shape in shapes["features"]}
    assert set(found) == set(districts())
    for shape in found.values():
        assert len(shape["properties"]["label"]) == 2
        assert shape["geometry"]["type"] == "Polygon"
        assert all(ring[0] == ring[-1] for ring in shape["geometry"]["coordinates"])
