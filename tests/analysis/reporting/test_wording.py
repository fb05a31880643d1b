"""Numbers as they are printed, and titles that say no more than the figures do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from analysis.estimation.estimates import Estimate
from analysis.reporting import wording
from analysis.reporting.charts.plots import Dot
from analysis.reporting.disclosure import Cell, Reason, Suppressed
from analysis.reporting.exports.questions import closed_questions, open_questions, question_of
from analysis.reporting.figures.making import mark_cell, small_cells
from analysis.reporting.phrases import phrases
from analysis.reporting.plans.language import for_readers, worded
from survey.questionnaires.folder import find_folder, read_folder
from survey.questionnaires.model import Questionnaire, Text
from survey.questionnaires.parsing import parse

DUTCH, ENGLISH = phrases()["nl"], phrases()["en"]
SURVEYS = ("leiden-eindevaluatie", "leiden-jongeren", "leiden-medewerkers", "leiden-partners")


def share(value: float, margin: float = 0.03, respondents: int = 400) -> Estimate:
    return Estimate(
        value=value,
        standard_error=margin / 2,
        low=value - margin,
        high=value + margin,
        respondents=respondents,
        degrees_of_freedom=respondents - 1,
    )


HIDDEN = Suppressed(reason="too_few", respondents=12)


def test_what_is_withheld_for_want_of_a_margin_is_not_said_to_have_too_few_answers() -> None:
    many = Suppressed(reason="no_margin", respondents=900)
    assert wording.mean_title(DUTCH, "het wonen", many) == "Het wonen: marge onbekend"
    assert wording.mean_title(DUTCH, "het wonen", HIDDEN) == "Het wonen: te weinig antwoorden"


@pytest.mark.parametrize("reason", ["protected", "counted"])
def test_what_is_protected_is_not_said_to_have_too_few_answers(reason: Reason) -> None:
    cell = Suppressed(reason=reason, respondents=300)
    assert wording.withheld(DUTCH, cell) == "beschermd"
    assert mark_cell(DUTCH, cell, None).text == "beschermd"
    assert mark_cell(DUTCH, HIDDEN, None).text == "te weinig"
    assert mark_cell(DUTCH, share(0.4), None).text == "niet vergeleken"  # the rest is what is hidden
    assert wording.answers_title(DUTCH, ["Ja"], [cell]) == "Geen uitkomst (beschermd)"
    both = wording.agreement_title(
        DUTCH, "het wonen", ["Fijn"], [None], [HIDDEN, cell, share(0.4), HIDDEN], 5
    )
    assert both == "Geen uitkomst (te weinig antwoorden of beschermd)"
    items = wording.items_title(DUTCH, "het wonen", "vaak", ["Fijn"], [None], [cell], 5)
    assert items == "Het wonen: beschermd"
    assert "Beschermd: een antwoord van minder dan 5 mensen" in small_cells(DUTCH, [cell])
    assert small_cells(DUTCH, [HIDDEN]) == ""


def test_numbers_are_written_the_dutch_way() -> None:
    assert DUTCH.whole(1818) == "1.818"
    assert wording.figure(DUTCH, share(0.612), "proportion") == "61"
    assert wording.figure(DUTCH, share(7.14), "mean") == "7,1"
    assert wording.interval(DUTCH, share(0.61), "proportion") == "58–64"
    assert DUTCH.signed(-1.4) == "\u22121"
    assert DUTCH.signed(-0.2) == "0"
    assert DUTCH.month("2026-W48") == "november 2026"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Ja.", "‘Ja’"),
        ("Noemt als reden ‘niet in mijn wijk’", "‘Noemt als reden “niet in mijn wijk”’"),
        ("De KPI’s zijn haalbaar", "‘De KPI’s zijn haalbaar’"),
    ],
)
def test_a_quote_in_a_quote_has_marks_of_its_own(text: str, said: str) -> None:
    assert wording.quoted(text) == said


@pytest.mark.parametrize(
    ("label", "inside"),
    [
        ("Kent het Huis", "kent het Huis"),
        ("A clear role", "a clear role"),
        ("KPI’s en openheid", "KPI’s en openheid"),
        ("WHO-5", "WHO-5"),
        ("U koos niets", "u koos niets"),
        ("I don’t know", "I don’t know"),
        ("It was clear", "it was clear"),
    ],
)
def test_a_label_inside_a_sentence_begins_small_unless_it_is_an_abbreviation(label: str, inside: str) -> None:
    assert wording.lower_first(label) == inside


def test_questions_after_each_other_are_one_sentence_with_one_end() -> None:
    assert wording.listed(["Q1: ‘Hoe oud bent u?’", "Q4: ‘Kent u BuZz’."]) == (
        "Q1: ‘Hoe oud bent u?’; Q4: ‘Kent u BuZz’."
    )
    assert wording.listed(["Q4: ‘Kent u BuZz’.", "Q1: ‘Hoe oud bent u?’"]) == (
        "Q4: ‘Kent u BuZz’; Q1: ‘Hoe oud bent u?’"
    )
    assert wording.listed(["Ik weet dat.", "Hoe oud bent u?"]) == "Ik weet dat; Hoe oud bent u?"


def read_by_everybody(survey: str) -> Questionnaire:
    return for_readers(parse(read_folder(find_folder(survey))))


@pytest.mark.parametrize(
    ("variable", "dutch", "english"),
    [
        (
            "q7",
            (
                "Waaraan deed u mee of waarbij kreeg u hulp? "
                "In de laatste 12 maanden, in uw buurt of ergens anders in Leiden."
            ),
            (
                "What did you take part in or get help with? "
                "In the last 12 months, in your neighbourhood or somewhere else in Leiden."
            ),
        ),
        (
            "q9",
            "Ik voel mij welkom in het Huis van de Buurt. Of in de BOP bij u in de buurt.",
            "I feel welcome in the Huis van de Buurt (community house). Or in the BOP near you.",
        ),
        (
            "q14",
            "Welk cijfer geeft u deze hulp of activiteit? Denk aan wat voor u het belangrijkst was.",
            "How would you grade this help or activity? Think of what was most important to you.",
        ),
        (
            "q8",
            "Wat er in mijn buurt is, past bij wat ik nodig heb.",
            "What there is in my neighbourhood suits what I need.",
        ),
        ("q37", "Met wie woont u?", "Who do you live with?"),
    ],
)
def test_a_question_is_quoted_with_the_help_that_belongs_to_it(
    variable: str, dutch: str, english: str
) -> None:
    residents = read_by_everybody("leiden-eindevaluatie")
    assert wording.asked(question_of(residents, variable)) == dutch
    assert wording.asked(question_of(worded(residents, "en"), variable)) == english


def test_help_that_is_too_long_to_quote_is_left_to_the_annex() -> None:
    question = question_of(read_by_everybody("leiden-eindevaluatie"), "q15")
    for length in (160, 161):
        help_text = f"{'In het afgelopen jaar ' * 8}"[: length - 1] + "."
        asked = wording.asked(replace(question, hint=Text(key="q15.hint", source=help_text)))
        assert (help_text in asked) == (length == 160)
        assert asked.startswith(question.label.source)


@pytest.mark.parametrize("tag", ["nl", "en"])
def test_how_to_answer_is_said_by_a_question_and_quoted_with_none(tag: str) -> None:
    speaks = phrases()[tag]
    said: set[str] = set()
    for survey in SURVEYS:
        questionnaire = read_by_everybody(survey)
        if tag != questionnaire.source_language:
            questionnaire = worded(questionnaire, tag)
        for question in (*closed_questions(questionnaire), *open_questions(questionnaire)):
            hint = "" if question.hint is None else question.hint.source
            found = {each for each in map(speaks.say, wording.HOW_TO_ANSWER) if each in hint}
            said |= found
            assert not any(each in wording.asked(question) for each in found)
            assert "…" not in wording.asked(question)
    assert said == {*map(speaks.say, wording.HOW_TO_ANSWER)}


def test_a_suppressed_figure_becomes_a_dash_and_its_small_base_stays_hidden() -> None:
    assert wording.figure(DUTCH, HIDDEN, "proportion") == wording.interval(DUTCH, HIDDEN, "mean") == "–"
    assert wording.base(DUTCH, Suppressed(reason="too_few")) == "<5"


def test_the_most_given_answer_is_named_when_its_interval_is_clear_of_the_next() -> None:
    assert wording.answers_title(DUTCH, ["Ja", "Nee"], [share(0.7), share(0.3)]) == "70% antwoordt ‘Ja’"


def test_two_answers_with_touching_intervals_are_both_named() -> None:
    title = wording.answers_title(DUTCH, ["Ja", "Nee", "Soms"], [share(0.4), share(0.38), share(0.22)])
    assert title == "40% antwoordt ‘Ja’, 38% ‘Nee’"


def test_of_more_answers_than_three_that_are_level_none_is_named() -> None:
    labels = ["Ja", "Nee", "Soms", "Nooit"]
    level = [share(0.28), share(0.26), share(0.24), share(0.2)]
    assert wording.answers_title(DUTCH, labels[:3], level[:3]) == "28% antwoordt ‘Ja’, 26% ‘Nee’, 24% ‘Soms’"
    assert wording.answers_title(DUTCH, labels, [*level[:3], share(0.25)]) == (
        "Geen antwoord springt eruit, elk hoogstens 28%"
    )
    assert wording.answers_title(DUTCH, labels, level) == "28% antwoordt ‘Ja’, 26% ‘Nee’, 24% ‘Soms’"


def dot(value: float, margin: float) -> Dot:
    return Dot(value=value, low=value - margin, high=value + margin)


@pytest.mark.parametrize(
    ("least", "margin", "apart"),
    [
        (52.0, 0.5, False),  # no chance, but too small to matter
        (48.0, 2.0, True),
        (48.0, 3.5, False),  # large enough, but it may be chance
    ],
)
def test_a_title_names_two_shares_only_where_they_stand_apart(
    least: float, margin: float, *, apart: bool
) -> None:
    labels, shares = ["Fijn", "Veilig"], [dot(54, margin), dot(least, margin)]
    agreed = wording.agreement_title(DUTCH, "de buurt", labels, shares, [], 5)
    items = wording.items_title(DUTCH, "de buurt", "Ja", labels, shares, [], 5)
    if apart:
        assert agreed == f"54% is het eens met ‘Fijn’, {least:.0f}% met ‘Veilig’"
        assert items == f"De buurt: ‘Ja’ van {least:.0f}% bij ‘Veilig’ tot 54% bij ‘Fijn’"
    else:
        assert agreed == f"De buurt: per zin is {least:.0f} tot 54% het eens"
        assert items == f"De buurt: per onderdeel antwoordt {least:.0f} tot 54% ‘Ja’"


def test_a_title_tells_of_what_says_the_opposite_where_there_is_a_figure_of_it() -> None:
    assert wording.with_opposite(DUTCH, "A", [70, 58]) == "A; bij wat het tegendeel zegt 58 tot 70%"
    assert wording.with_opposite(DUTCH, "A", []) == "A"


def test_shares_that_are_printed_the_same_are_named_once() -> None:
    assert wording.shares_between(DUTCH, [23.6, 24.4]) == "24%"
    assert wording.shares_between(DUTCH, [31.2, 23.6]) == "24 tot 31%"


def test_no_percentage_is_made_of_a_few_people() -> None:
    assert wording.part(1, 29) == "–"
    assert wording.part(3, 30) == "10"


def test_a_date_is_written_out_and_anything_else_stays_as_it_is() -> None:
    assert DUTCH.day("2024-01-01") == "1 januari 2024"
    assert DUTCH.day("2024") == "2024"


@given(st.lists(st.one_of(st.floats(0, 1).map(share), st.just(HIDDEN)), min_size=1, max_size=6))
def test_a_title_of_answers_is_made_from_any_cells(cells: list[Cell]) -> None:
    labels = [f"antwoord {place}" for place in range(len(cells))]
    hidden = [label for label, cell in zip(labels, cells, strict=True) if isinstance(cell, Suppressed)]
    title = wording.answers_title(DUTCH, labels, cells)
    assert not any(f"‘{label}’" in title for label in hidden)


@pytest.mark.parametrize(
    ("marks", "title"),
    [
        ({"A": "same", "B": "same"}, "Geen wijk wijkt duidelijk af van de rest van Leiden"),
        (
            {"A": "same", "B": None},
            "Geen wijk die te vergelijken is, wijkt duidelijk af van de rest van Leiden",
        ),
        ({"A": None, "B": None}, "Geen wijk is te vergelijken met de rest"),
        ({"Mors": "higher", "Merenwijk": "higher"}, "Hoger in Mors en Merenwijk dan in de rest van Leiden"),
        (dict.fromkeys("ABCD", "lower"), "Lager in vier wijken dan in de rest van Leiden"),
        ({"A": "higher", "B": "lower", "C": "same"}, "Hoger in A en lager in B dan in de rest van Leiden"),
    ],
)
def test_only_marked_areas_are_called_higher_or_lower(
    marks: dict[str, wording.Mark | None], title: str
) -> None:
    assert wording.areas_title(DUTCH, [*marks.items()], "Leiden") == title


def test_a_profile_tells_what_is_marked_and_counts_the_rest() -> None:
    marks: list[tuple[str, wording.Mark]] = [("Kent BuZz", "higher"), ("Is eenzaam", "same")]
    assert wording.profile_title(DUTCH, "Mors", marks, "Leiden") == (
        "Mors: één duidelijk verschil met de rest van Leiden, bij twee vergeleken uitkomsten"
    )
    assert wording.profile_sentences(DUTCH, marks, "Leiden") == (
        "Hoger dan in de rest van Leiden: ‘kent BuZz’.",
        "Bij één uitkomst is geen verschil aangetoond.",
    )
    assert wording.profile_sentences(DUTCH, marks[1:], "Leiden") == (
        (
            "Wij vergeleken deze wijk met de rest van Leiden op één uitkomst. Een duidelijk verschil is niet "
            "aangetoond."
        ),
    )


def test_a_profile_names_four_outcomes_at_most() -> None:
    marks: list[tuple[str, wording.Mark]] = [(name, "higher") for name in "ABCDE"]
    assert wording.profile_sentences(DUTCH, marks, "Leiden") == (
        "Hoger dan in de rest van Leiden: ‘A’, ‘B’, ‘C’, ‘D’ en nog één uitkomst.",
    )
    sentences = wording.profile_sentences(DUTCH, [*marks, ("F", "lower")], "Leiden")
    assert sentences == (
        "Hoger dan in de rest van Leiden: ‘A’, ‘B’ en nog drie uitkomsten.",
        "Lager dan in de rest van Leiden: ‘F’.",
    )


def test_an_area_with_too_few_answers_is_not_called_the_same() -> None:
    assert wording.profile_title(DUTCH, "Mors", [], "Leiden") == "Mors: niet te vergelijken"
    assert "geen cijfer te vergelijken" in wording.profile_sentences(DUTCH, [], "Leiden")[0]


def test_groups_are_named_as_the_test_found_them_and_more_than_three_are_counted() -> None:
    def title(more: list[str], less: list[str], *, tested: bool = True, matches: bool = False) -> str:
        return wording.participants_title(DUTCH, more, less, tested=tested, matches=matches)

    assert title(["oud"], ["jong", "midden"], matches=True) == (
        "Vergeleken met de bevolking deden vaker mee: ‘oud’; minder vaak mee: ‘jong’ en ‘midden’. "
        "Na weging is elke groep zo groot als in de bevolking"
    )
    assert title([], [*"ABCD"]) == "Vergeleken met de bevolking deden minder vaak mee: vier groepen"
    assert title([], []) == "Tussen de groepen is geen duidelijk verschil in respons"
    assert title([], [], tested=False) == "De deelnemers naast de inwoners"
