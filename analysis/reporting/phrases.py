"""What a report says to residents in their language: sentences from a catalogue, numbers as in CLDR.

A sentence stands in the code in Dutch, and is its own key; `locale/<tag>.po` holds its translations, with the
plurals of the language. The header says `X-State`, as that of a questionnaire's catalogue.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from io import BytesIO
from pathlib import Path

import polib
from babel import Locale
from babel.dates import format_skeleton
from babel.lists import format_list
from babel.numbers import format_decimal, format_percent
from babel.support import NullTranslations, Translations

from survey.questionnaires.wording import direction_of, isolation, locale_of

LOCALE = Path(__file__).parent / "locale"
SOURCE_LANGUAGE = "nl"


class Phrases:
    """The sentences of one language, and its ways to write numbers, months and lists.

    `draft`: nobody who grew up with the language has approved them. `direction`: `ltr` or `rtl`.
    """

    def __init__(self, tag: str, catalogue: polib.POFile | None = None) -> None:
        self.tag = tag
        self.direction = direction_of(tag)
        self.draft = catalogue is not None and catalogue.metadata["X-State"] != "reviewed"
        self._locale = locale_of(tag) or Locale.parse(SOURCE_LANGUAGE)
        self._translations = (
            NullTranslations() if catalogue is None else Translations(BytesIO(catalogue.to_binary()))
        )

    def say(self, sentence: str, **values: str) -> str:
        """The sentence, with values in the places that its braces name."""
        return self._translations.gettext(sentence).format_map(values)

    def count(self, one: str, more: str, number: int, **values: str) -> str:
        """The sentence in the form that goes with a number, which it calls `{number}`."""
        said = self._translations.ngettext(one, more, number)
        return said.format_map({**values, "number": self.whole(number)})

    def whole(self, number: float) -> str:
        """1818 -> 1.818"""
        return str(format_decimal(number, "#,##0", locale=self._locale))

    def decimal(self, number: float) -> str:
        """7.14 -> 7,1"""
        return str(format_decimal(f"{number:.1f}", "#,##0.0", locale=self._locale))

    def percent(self, share: float) -> str:
        """0.614 -> 61%, rounded as everywhere in the report."""
        return str(format_percent(f"{100 * share:.0f}e-2", locale=self._locale))

    def month(self, week: str) -> str:
        """The month in which an ISO week begins, by itself: 2026-W48 -> november 2026."""
        year, number = week.split("-W")
        monday = date.fromisocalendar(int(year), int(number), 1)
        return str(format_skeleton("yMMMM", monday, locale=self._locale))

    def name(self, text: str) -> str:
        """The name of a place or file, which keeps its own direction."""
        return isolation(self.tag).format(text)

    def names(self, names: Iterable[str]) -> str:
        """A, B en C"""
        return format_list([self.name(each) for each in names], locale=self._locale)

    def either(self, texts: Sequence[str]) -> str:
        """A, B of C"""
        return format_list(texts, style="or", locale=self._locale)


@cache
def phrases() -> Mapping[str, Phrases]:
    """The languages of the report's sentences, by tag, the source language first."""
    read = {path.stem: polib.pofile(str(path)) for path in sorted(LOCALE.glob("*.po"))}
    return {SOURCE_LANGUAGE: Phrases(SOURCE_LANGUAGE)} | {
        tag: Phrases(tag, catalogue)
        for tag, catalogue in read.items()
        if catalogue.metadata["X-State"] != "prepared"
    }
