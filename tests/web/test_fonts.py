"""The fonts of the pages hold every character that a translation has."""

import re

import polib
import pytest
from fontTools.ttLib import TTFont

from survey.questionnaires.folder import find_folder
from survey.web.pages import LOCALE, STATIC

FACE = re.compile(r"@font-face\{[^}]*font-weight:(\d+)[^}]*url\(([^)]*)\)[^}]*unicode-range:([^}]*)\}")
SPOKEN = ("nl-x-simpel", "ar", "en", "pl", "tr", "uk")
DIRECTIONS = {"\N{RIGHT-TO-LEFT MARK}"}
"""Characters that only say in which direction to read."""


def characters_of(ranges: str) -> set[str]:
    """The characters of a CSS unicode-range: `U+0-FF,U+131`."""
    spans = [part.strip().removeprefix("U+").split("-") for part in ranges.split(",")]
    return {chr(code) for span in spans for code in range(int(span[0], 16), int(span[-1], 16) + 1)}


def drawn(weight: str) -> set[str]:
    """The characters that a browser finds in one of the fonts of this weight."""
    style = (STATIC / "resident.css").read_text(encoding="utf-8")
    faces = [(name, ranges) for bold, name, ranges in FACE.findall(style) if bold == weight]
    return {
        character
        for name, ranges in faces
        for character in {chr(code) for code in TTFont(STATIC / name).getBestCmap()} & characters_of(ranges)
    }


@pytest.mark.parametrize("weight", ["400", "700"])
@pytest.mark.parametrize("tag", SPOKEN)
def test_every_character_of_a_translation_is_in_a_font_of_our_own(tag: str, weight: str) -> None:
    catalogues = [
        polib.pofile(str(folder / f"{tag}.po")) for folder in (LOCALE, find_folder("leiden-eindevaluatie"))
    ]
    texts = [
        text
        for catalogue in catalogues
        for entry in catalogue
        for text in (entry.msgstr, *entry.msgstr_plural.values())
    ]
    assert set("".join(texts)) - drawn(weight) - DIRECTIONS - {"\n"} == set()
