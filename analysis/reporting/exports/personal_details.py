"""What in a text may tell who wrote it, or about whom: a hint for whoever reads it, and no proof of none."""

import re
from collections.abc import Collection, Iterator

from survey.questionnaires.model import Questionnaire
from survey.questionnaires.translations import texts
from survey.questionnaires.wording import locale_of

_TITLES = (
    "mevrouw|mevr|mw|meneer|mijnheer|dhr|de heer|dokter|juf|juffrouw|meester|buurman|buurvrouw|tante|oom"
    "|dr|mr|mrs|ms|miss|pan|pani|pana|panią|пан|пані"
)
_STREETS = (
    "straat|laan|weg|plein|kade|gracht|singel|hof|dijk|pad|steeg|plantsoen|dreef|markt|wal|baan|ring|veste?"
)

NAME = "naam"

_PATTERNS = {
    "e-mailadres": r"[^\s@]{1,64}@[^\s@]{1,255}\.\w+",
    "internetadres": r"(?i:https?://|\bwww\.)\S+",
    "rekeningnummer": r"\b[A-Z]{2}\d{2}(?: ?[A-Z]{4}| ?\d{4})(?: ?\d{2,4}){2,}",
    "telefoonnummer": r"(?<!\w)\+?\d(?:[ .()/\u2011-]*\d){8,14}\b",
    "postcode": r"\b[1-9]\d{3}(?: ?[A-Z]{2}|[a-z]{2})\b",
    "huisnummer": rf"\b(?i:\w*(?:{_STREETS})|(?:huis)?nummer|nr\.?)\s*\d+\s?[a-z]?\b",
    NAME: (
        rf"\b(?i:{_TITLES})\b\.?\s+(?:(?:van|de|den|der|ten|ter|el|al)\s+)*[^\W\d_a-zà-ÿа-яєії]\w*"
        r"|\b(?i:ik heet|mijn naam is|my name is)\s+\w+"
        r"|\b\w+\s+(?:Bey|Hanım)\b"
        r"|(?:السيدة?|الأستاذة?)\s+\w+"
    ),
}
"""By what it is called, how a detail is mostly written. `\\d` and `\\w` are those of every script."""

_COMPILED = {name: re.compile(pattern) for name, pattern in _PATTERNS.items()}


def personal_details(text: str) -> tuple[str, ...]:
    """In Dutch, the kinds of details that the text seems to hold: ("telefoonnummer", "naam")."""
    return tuple(name for name, pattern in _COMPILED.items() if pattern.search(text))


# --- names without a title ------------------------------------------------------------------------

PERHAPS_A_NAME = "misschien een naam"

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_INSIDE = re.compile(r"(?:[\w,)\]’'\"&/]|\b[^\W\d_]\.)[ \t]+[(\[‘'\"“„«]*$")
"""What stands before a word in the middle of a sentence; a full stop only after an initial."""


def perhaps_a_name(text: str, known: Collection[str]) -> bool:
    """Whether a word in the middle of a sentence has a capital and is not among those `known`.

    It sees no name that begins a sentence, is written in small letters or in capitals only, or in a script
    that has none, such as Arabic; and it takes brands, streets and organisations for names.
    """
    return any(
        word[0][0].isupper()
        and word[0][1:2].islower()
        and word[0].casefold() not in known
        and _INSIDE.search(text, max(word.start() - 9, 0), word.start())
        for word in _WORD.finditer(text)
    )


def known_words(questionnaire: Questionnaire) -> frozenset[str]:
    """Words that are no names of people, casefolded.

    Those that the questionnaire uses in any language, the names of places in the municipality, and what
    languages, countries, days and months are called.
    """
    said = [text.source for text in texts(questionnaire)]
    said += [sentence for each in questionnaire.catalogues for sentence in each.sentences.values()]
    place = questionnaire.municipality
    said += [place.name, *(area.name for area in place.areas)]
    said += [*(each.name for each in place.neighbourhoods), *(each.name for each in place.social_map)]
    for tag in (questionnaire.source_language, *(each.tag for each in questionnaire.catalogues)):
        said += _named_in(tag)
    return frozenset(word.casefold() for sentence in said for word in _WORD.findall(sentence))


def _named_in(tag: str) -> Iterator[str]:
    """Languages, countries, days and months by the Unicode CLDR; names of more words hold those of saints."""
    locale = locale_of(tag)
    if locale is None:
        return
    named = (*locale.languages.values(), *locale.territories.values())
    yield from (name for name in named if " " not in name and "-" not in name)
    yield from (*locale.months["format"]["wide"].values(), *locale.days["format"]["wide"].values())
