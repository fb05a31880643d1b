"""The sentences for residents: in every language complete, with the plurals and numbers of that language."""

import ast
import re
from pathlib import Path

import polib
import pytest
from babel.messages.extract import extract_from_dir
from fontTools.ttLib import TTFont

from analysis.reporting.chapters import asked, summary
from analysis.reporting.chapters.asked import Asked, limits
from analysis.reporting.chapters.summary import in_ten, languages
from analysis.reporting.files.printing import ASSETS
from analysis.reporting.phrases import LOCALE, phrases
from analysis.reporting.plans.language import worded
from analysis.reporting.plans.plan import Indicator
from analysis.reporting.report import ICONS
from analysis.reporting.wording import WITHHELD
from survey.questionnaires.folder import find_folder, read_folder
from survey.questionnaires.model import Questionnaire
from survey.questionnaires.parsing import parse
from survey.questionnaires.wording import NO_ANSWER

Sentence = str | tuple[str, ...]
LEIDEN = find_folder("leiden-eindevaluatie")
TAGS = ("ar", "en", "nl-x-simpel", "pl", "tr", "uk")
PLACE = re.compile(r"\{(\w+)\}")
SIGNS = {"▲", "▼", "●"}
"""Of the main report; Noto Symbols draws them."""
INVISIBLE = {"\n", "\N{RIGHT-TO-LEFT MARK}", "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"}


@pytest.fixture(scope="module")
def questionnaire() -> Questionnaire:
    return parse(read_folder(LEIDEN))


def spoken(module: Path) -> set[Sentence]:
    """Every sentence in the code of a module, those with a number in both forms."""
    found: set[Sentence] = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            texts = [each.value for each in node.args if isinstance(getattr(each, "value", None), str)]
            if name in {"say", "later"} and texts:
                found.add(texts[0])
            elif name in {"count", "counted"} and len(texts) == 2:
                found.add((texts[0], texts[1]))
    return found


def of_the_report() -> set[Sentence]:
    """Every sentence in the code and the templates."""
    found = {each for module in LOCALE.parent.rglob("*.py") for each in spoken(module)}
    methods = [("**.html", "jinja2"), ("draft.css", "jinja2")]
    options = {"**.html": {"trim_blocks": "true", "lstrip_blocks": "true"}}
    found |= {row[2] for row in extract_from_dir(ASSETS, methods, options, keywords={"say": None})}
    counted = {each[0] for each in found if isinstance(each, tuple)}
    return found - counted  # a word with a plural has one entry


def of_summaries() -> set[Sentence]:
    """Those of the two modules that make them, and why a figure is not shown."""
    said = {each for module in (summary, asked) for each in spoken(Path(module.__file__))}
    return said | {*WITHHELD.values()}


@pytest.mark.parametrize("tag", TAGS)
def test_every_sentence_has_a_translation_with_the_same_places_and_no_other_stands_there(tag: str) -> None:
    """In English, which a whole report can be in, those of the report too."""
    catalogue = polib.pofile(str(LOCALE / f"{tag}.po"))
    forms = int(re.search(r"nplurals=(\d)", catalogue.metadata["Plural-Forms"])[1])  # type: ignore[index]
    entries = {(e.msgid, e.msgid_plural) if e.msgid_plural else e.msgid: e for e in catalogue}
    said = of_the_report() if tag == "en" else of_summaries()
    assert entries.keys() == said
    assert len(said) > (500 if tag == "en" else 30)
    for source, entry in entries.items():
        if isinstance(source, str):
            assert entry.msgstr
            assert set(PLACE.findall(entry.msgstr)) == set(PLACE.findall(source)), source
            # It may stand behind another sentence, with the space that it brings.
            ends = (source[:1].isspace(), source[-1:].isspace())
            assert (entry.msgstr[:1].isspace(), entry.msgstr[-1:].isspace()) == ends, source
        else:
            assert len(entry.msgstr_plural) == forms
            assert all(entry.msgstr_plural.values())
            places = set(PLACE.findall(source[1]))
            # one and two may be words: "شخصان"
            assert all(places - set(PLACE.findall(s)) <= {"number"} for s in entry.msgstr_plural.values())


def test_numbers_months_and_lists_are_those_of_the_language() -> None:
    of = phrases()
    assert (of["nl"].whole(1818), of["nl"].decimal(7.14), of["nl"].percent(0.614)) == ("1.818", "7,1", "61%")
    assert (of["en"].whole(1818), of["en"].decimal(7.14)) == ("1,818", "7.1")
    assert (of["nl"].signed(-0.26, 1), of["en"].signed(1234.56, 1)) == ("\u22120,3", "+1,234.6")
    assert (of["nl"].day("2024-01-01"), of["en"].day("2024-01-01")) == ("1 januari 2024", "1 January 2024")
    assert of["en"].names(["A", "B", "C"]) == "A, B and C"
    assert of["en"].counted(3, "wijk", "wijken") == "three districts"
    assert of["en"].languages(["nl", "nl-x-simpel"]) == ["Dutch", "easy Dutch"]
    assert of["tr"].percent(0.614) == "%61"
    assert of["nl-x-simpel"].month("2026-W48") == "november 2026"
    assert of["pl"].month("2026-W48") == "listopad 2026"
    assert of["uk"].either(["A", "B", "C"]) == "A, B або C"
    assert of["ar"].names(["Noord", "Zuid"]) == "\u2068Noord\u2069 و\u2068Zuid\u2069"


def test_a_share_is_rounded_as_in_the_report() -> None:
    """100 * 0.575 is a little less than 57.5, which the tables print as 57%."""
    assert phrases()["nl"].percent(0.575) == f"{100 * 0.575:.0f}%" == "57%"


@pytest.mark.parametrize(
    ("tag", "number", "expected"),
    [
        ("pl", 1, "1 odpowiedź"),
        ("pl", 3, "3 odpowiedzi"),
        ("pl", 1818, "1\N{NO-BREAK SPACE}818 odpowiedzi"),
        ("uk", 21, "21 відповідь"),
        ("uk", 5, "5 відповідей"),
        ("ar", 2, "جوابان"),
        ("ar", 7, "7 أجوبة"),
        ("ar", 558, "558 جوابًا"),
        ("nl", 1, "1 antwoord"),
    ],
)
def test_a_number_has_its_plural(tag: str, number: int, expected: str) -> None:
    assert phrases()[tag].count("{number} antwoord", "{number} antwoorden", number) == expected


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        (0.02, "minder dan 1 van de 10 mensen"),
        (0.05, "minder dan 1 van de 10 mensen"),
        (0.08, "ongeveer 1 van de 10 mensen"),
        (0.446, "ongeveer 4–5 van de 10 mensen"),
        (0.48, "ongeveer 5 van de 10 mensen"),
        (0.61, "ongeveer 6 van de 10 mensen"),
        (0.97, "meer dan 9 van de 10 mensen"),
    ],
)
def test_a_share_in_people_out_of_ten_never_says_nobody_or_everybody(share: float, expected: str) -> None:
    assert in_ten(phrases()["nl"], share) == expected


def share(variable: str, *codes: int) -> Indicator:
    return Indicator(key="k", label="", variable=variable, kind="proportion", codes=codes)


def test_what_a_figure_counts_is_said_in_the_words_of_the_questionnaire(questionnaire: Questionnaire) -> None:
    dutch, english = (Asked(questionnaire, phrases()[tag]) for tag in ("nl", "en"))
    assert dutch.question("q4_d") == "Kent u deze organisatie of plek? Huis van de Buurt"
    assert dutch.counted(share("q11", 1, 2)) == "‘Helemaal’ of ‘Grotendeels’"
    assert english.counted(share("q15", 1)) == "‘Yes’"
    assert dutch.counted(share("q7", *range(1, 12))) == "elk antwoord, behalve ‘Niets van dit alles’"
    assert dutch.counted(share("q37_3", 1)) == "‘Met mijn kind of kinderen’"
    assert dutch.rest("q37", {3}) == "niet ‘Met mijn kind of kinderen’"
    score = Indicator(key="k", label="", variable="q21", kind="proportion", scale="loneliness", at_least=2)
    assert dutch.counted(score) == "2 tot en met 6, op een schaal van 0 tot en met 6"
    grade = Indicator(key="k", label="", variable="q2", kind="mean")
    assert english.counted(grade) == "average: 1 is ‘Very bad’, 10 is ‘Very good’"
    assert limits(questionnaire, grade) == (1, 10)


def test_a_question_has_its_period_or_place_with_it_in_every_language_and_not_how_to_answer(
    questionnaire: Questionnaire,
) -> None:
    hints = {question.key: question.hint for block in questionnaire.blocks for question in block.questions}
    in_english = worded(questionnaire, "en")
    found = {}
    for tag in languages(questionnaire, phrases()):
        asked = Asked(questionnaire, phrases()[tag])
        period, choose = (asked.whole(hints[key]) for key in ("q15", "q6a"))
        assert asked.help("q15") == period
        assert asked.help("q6a") == ""
        assert asked.whole(hints["q7"]) == f"{asked.help('q7')} {choose}"
        assert NO_ANSWER not in asked.help("q11")
        assert asked.whole(hints["q11"]).endswith(f" {asked.help('q11')}")
        # The same page of a report in English, whose questionnaire is worded in it.
        assert Asked(in_english, phrases()[tag]).help("q7") == asked.help("q7")
        found[tag] = asked.help("q7")
    assert found["nl"] == "In de laatste 12 maanden, in uw buurt of ergens anders in Leiden."
    assert len(set(found.values())) == len(found) == len(TAGS) + 1


def test_for_whom_a_question_was_is_told_where_one_sentence_can(questionnaire: Questionnaire) -> None:
    said = {tag: Asked(questionnaire, spoken).of_whom("q11") for tag, spoken in phrases().items()}
    assert said["nl"] == (
        "Deze vraag was alleen voor wie op de vraag ‘Waaraan deed u mee of waarbij kreeg u hulp?’ dit "
        "antwoordde: elk antwoord, behalve ‘Niets van dit alles’."
    )
    assert len(set(said.values())) == len(said)
    # Of two ways to come to a question, and where its answers leave people out.
    for variable in ("q16", "q9"):
        assert Asked(questionnaire, phrases()["nl"]).of_whom(variable) == "Deze vraag was niet voor iedereen."


def test_a_mean_says_what_its_lowest_and_highest_number_mean_where_that_is_known(
    questionnaire: Questionnaire,
) -> None:
    cohesion = Indicator(key="k", label="", variable="q3", kind="mean", scale="cohesion")
    found = {tag: Asked(questionnaire, spoken).counted(cohesion) for tag, spoken in phrases().items()}
    said = "0 is ‘mensen gaan slecht met elkaar om’, 10 is ‘mensen gaan goed met elkaar om’"
    assert found["nl"] == f"gemiddelde: {said}"
    assert found["nl-x-simpel"] == f"het gemiddelde: {said}"
    assert len(set(found.values())) == len(found)
    unsaid = Indicator(key="k", label="", variable="q19", kind="mean")
    assert Asked(questionnaire, phrases()["nl"]).counted(unsaid) == (
        "gemiddelde, op een schaal van 1 tot en met 5"
    )


def test_a_language_is_there_when_survey_and_report_have_it_and_a_draft_when_either_is(
    questionnaire: Questionnaire,
) -> None:
    found = languages(questionnaire, phrases())
    assert found == {"nl": False} | dict.fromkeys(TAGS, True)
    only_dutch = {"nl": phrases()["nl"]}
    assert languages(questionnaire, only_dutch) == {"nl": False}


def drawn(weight: str) -> set[str]:
    """The characters that the fonts of this weight hold."""
    styles = "".join((ASSETS / name).read_text(encoding="utf-8") for name in ("report.css", "scripts.css"))
    faces = re.findall(r"@font-face \{[^}]*Sans[^}]*|@font-face \{[^}]*Vazirmatn[^}]*", styles)
    files = [
        re.search(r"url\(([^)]+)\)", face)[1]  # type: ignore[index]
        for face in faces
        if f"font-weight: {weight}" in face and "italic" not in face
    ]
    assert files
    return {chr(code) for file in files for code in TTFont(ASSETS / file).getBestCmap()}


@pytest.mark.parametrize("tag", TAGS)
def test_every_character_of_a_translation_is_in_a_font_of_the_report(tag: str) -> None:
    texts = [
        text
        for folder in (LOCALE, Path(LEIDEN))
        for entry in polib.pofile(str(folder / f"{tag}.po"))
        for text in (entry.msgstr, *entry.msgstr_plural.values())
    ]
    for weight in ("400", "700"):
        assert set("".join(texts)) - drawn(weight) - INVISIBLE - SIGNS == set()


def test_an_ethiopic_quote_has_its_letters() -> None:
    font = ASSETS / "fonts" / "noto-sans-ethiopic-ethiopic-400-normal.woff"
    assert {ord(letter) for letter in "ሰላም ጽቡቕ" if letter != " "} <= TTFont(font).getBestCmap().keys()


def test_the_pictograms_are_those_of_the_survey() -> None:
    icons = ICONS.read_text(encoding="utf-8")
    colours = {"residents": "#000000"}
    assert "<path" in summary.pictures.pictogram(colours, icons, "map-pin")
    with pytest.raises(KeyError):
        summary.pictures.pictogram(colours, icons, "no-such")


def test_people_fill_from_the_side_where_reading_begins() -> None:
    colours = {"residents": "#000001", "rule": "#000002"}
    plain = summary.pictures.people(colours, 6, mirrored=False)
    assert (plain.count("#000001"), plain.count("#000002")) == (6, 4)
    assert "scale(-1 1)" not in plain
    half = summary.pictures.people(colours, 5.5, mirrored=False)
    assert (half.count("#000001"), half.count("#000002")) == (6, 5)
    assert "scale(-1 1)" in summary.pictures.people(colours, 6, mirrored=True)
