"""Names without a title: pointed out to whoever reads an answer, and how often in vain."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest

from analysis.reporting.exports.personal_details import known_words, perhaps_a_name
from survey.questionnaires.folder import find_folder, read_folder
from survey.questionnaires.parsing import parse

ROOT = Path(__file__).parents[3]

NAMED = [
    "De hulp van Sanne was fijn",
    "Ik ga altijd samen met Fatima naar de inloop.",
    "Bij het Huis van de Buurt helpt Mo Yildiz iedereen.",
    "Vraag maar aan J. Bakker, die weet het",
    "mijn buurjongen Daan draait harde muziek",
    "De coach (Marieke) belde nooit terug",
    "Dank aan ‘Ome Wim’ voor de soep",
    "Vooral Anne-Marie en O'Brien luisteren goed",
    "dank je Ayşe",
    "Pomogła mi Katarzyna z naprzeciwka",
    "Мені допомогла Оксана з центру",
    "My neighbour Kwame fixed the bench",
]
UNSEEN = [
    "Sanne helpt mij altijd.",
    "mijn buurvrouw sanne helpt mij",
    "DE COACH HEET MARIEKE",
    "ساعدتني فاطمة كثيرا",
]
"""What a reader alone finds: a name that begins a sentence, in small letters, in capitals, in Arabic."""
ORDINARY = [
    "Ik mis een bus naar Leiden.\nOok is de stoep slecht",
    "Wij spreken thuis Turks en Nederlands",
    "Ik kom uit Syrië en woon in de Merenwijk",
    "De WMO en de GGZ duren te lang",
    "Zij zei: Meer groen. Dat wil ik ook... Echt waar",
    "1. Meer bankjes\n2. Betere verlichting",
    "- Minder auto's\n- Meer bomen",
    "I think I'm happy here. On Monday there is coffee",
    "Het Huis van de Buurt is fijn, de Gemeente niet",
]
MISTAKEN = [
    "Bij de Albert Heijn is het druk",
    "Aan de Lammenschansweg rijden ze hard",
]
"""Brands and streets, which a reader sees are no people."""


@pytest.fixture(scope="module")
def known() -> frozenset[str]:
    return known_words(parse(read_folder(find_folder("leiden-eindevaluatie"))))


@pytest.mark.parametrize("text", NAMED)
def test_a_name_in_the_middle_of_a_sentence_is_pointed_out(known: frozenset[str], text: str) -> None:
    assert perhaps_a_name(text, known)


@pytest.mark.parametrize("text", ORDINARY)
def test_words_of_the_questionnaire_places_and_languages_are_no_names(
    known: frozenset[str], text: str
) -> None:
    assert not perhaps_a_name(text, known)


@pytest.mark.parametrize(("texts", "pointed_out"), [(UNSEEN, False), (MISTAKEN, True)])
def test_the_pattern_is_wrong_where_its_description_says_so(
    known: frozenset[str], texts: list[str], pointed_out: bool
) -> None:
    assert {perhaps_a_name(text, known) for text in texts} == {pointed_out}


def simulated() -> Iterator[str]:
    """Every answer that somebody in a simulated town may write."""
    for path in (ROOT / "survey/questionnaires/definitions").glob("*/simulation.toml"):
        for answer in tomllib.loads(path.read_text(encoding="utf-8")).get("answers", {}).values():
            yield from answer.get("texts", [])


def test_no_simulated_answer_raises_a_false_alarm(known: frozenset[str]) -> None:
    written = [*simulated()]
    assert len(written) >= 20
    assert not [text for text in written if perhaps_a_name(text, known)]


def test_few_sentences_of_a_report_raise_an_alarm(known: frozenset[str]) -> None:
    """Dutch that was not written for this; most of what is pointed out are the statisticians in it."""
    catalogue = polib.pofile(str(ROOT / "analysis/reporting/locale/en.po"))
    sentences = [each.msgid for each in catalogue if len(each.msgid.split()) > 3]
    alarms = [text for text in sentences if perhaps_a_name(text, known)]
    assert any("Cohen" in text for text in alarms)
    assert len(sentences) > 500
    assert len(alarms) <= len(sentences) / 50
