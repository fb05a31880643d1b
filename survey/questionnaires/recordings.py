"""Recordings of sentences, for reading aloud: which a questionnaire wants, and which nobody hears any more.

A recording is named after the sentence that it voices and its language. So a changed sentence has no
recording until somebody records it, and the old file is stale.
"""

import hashlib
from collections.abc import Iterable
from pathlib import PurePath

from msgspec import Struct

from survey.questionnaires.model import Questionnaire
from survey.questionnaires.translations import PLACEHOLDER, reachable_texts, translate


class Account(Struct, frozen=True, kw_only=True):
    """`wanted`: per name the language and the sentence; `missing`: names of it; `stale`: names of files."""

    wanted: dict[str, tuple[str, str]]
    missing: tuple[str, ...]
    stale: tuple[str, ...]


def recording_name(tag: str, sentence: str) -> str:
    """The first 16 hexadecimal digits of SHA-256 over the tag, a line end and the sentence, in UTF-8."""
    return hashlib.sha256(f"{tag}\n{sentence}".encode()).hexdigest()[:16]


def account(questionnaire: Questionnaire, files: Iterable[str]) -> Account:
    """What is wanted beside the names of the files that are there (`<name>.<extension>`)."""
    wanted = {recording_name(tag, sentence): (tag, sentence) for tag, sentence in _sentences(questionnaire)}
    there = sorted(files)
    recorded = {PurePath(file).stem for file in there}
    return Account(
        wanted=wanted,
        missing=tuple(name for name in wanted if name not in recorded),
        stale=tuple(file for file in there if PurePath(file).stem not in wanted),
    )


def _sentences(questionnaire: Questionnaire) -> dict[tuple[str, str], None]:
    """Every sentence that residents meet, once per language; not those that differ by resident."""
    tags = (questionnaire.source_language, *(catalogue.tag for catalogue in questionnaire.catalogues))
    found = {
        (actual, sentence): None
        for tag in tags
        for text in reachable_texts(questionnaire)
        for sentence, actual in [translate(questionnaire, text, tag)]
    }
    return {pair: None for pair in found if not PLACEHOLDER.search(pair[1])}
