"""What a report says in the language of its readers: sentences from a catalogue, numbers as in CLDR.

A sentence stands in the code in Dutch, and is its own key; `locale/<tag>.po` holds its translations, with the
plurals of the language. The header says `X-State`, as that of a questionnaire's catalogue.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from io import BytesIO
from pathlib import Path

import polib
from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.lists import format_list
from babel.numbers import format_decimal, format_percent
from babel.support import NullTranslations, Translations

from survey.questionnaires.wording import direction_of, isolation, language_name, locale_of

LOCALE = Path(__file__).parent / "locale"
SOURCE_LANGUAGE = "nl"

_REGIONS = {"en": "en_GB"}
"""Where CLDR knows a language in more regions: days, and lists without a comma before "and", as in Europe."""


def later(sentence: str) -> str:
    """Marks a sentence that stands in a constant; whoever prints it says it in the reader's language."""
    return sentence


_COUNTS = (
    later("geen"),
    later("één"),
    later("twee"),
    later("drie"),
    later("vier"),
    later("vijf"),
    later("zes"),
    later("zeven"),
    later("acht"),
    later("negen"),
    later("tien"),
    later("elf"),
    later("twaalf"),
)


class Phrases:
    """The sentences of one language, and its ways to write numbers, months and lists.

    `draft`: nobody who grew up with the language has approved them. `direction`: `ltr` or `rtl`.
    """

    def __init__(self, tag: str, catalogue: polib.POFile | None = None) -> None:
        self.tag = tag
        self.direction = direction_of(tag)
        self.draft = catalogue is not None and catalogue.metadata["X-State"] != "reviewed"
        self._locale = locale_of(_REGIONS.get(tag, tag).replace("_", "-")) or Locale.parse(SOURCE_LANGUAGE)
        group, point = (
            re.escape(str(self._locale.number_symbols["latn"][sign])) for sign in ("group", "decimal")
        )
        self._written = re.compile(rf"([+\u2212]?)(\d{{1,3}}(?:{group}\d{{3}})+|\d+)(?:{point}(\d+))?")
        self._translations = (
            NullTranslations() if catalogue is None else Translations(BytesIO(catalogue.to_binary()))
        )

    def say(self, sentence: str, **values: str | int) -> str:
        """The sentence, with values in the places that its braces name."""
        return self.sentence(sentence).format_map(values)

    def sentence(self, sentence: str) -> str:
        """The sentence as it is written in the catalogue, with its braces."""
        return str(self._translations.gettext(sentence))

    def count(self, one: str, more: str, number: int, **values: str) -> str:
        """The sentence in the form that goes with a number, which it calls `{number}`."""
        said = self._translations.ngettext(one, more, number)
        return said.format_map({**values, "number": self.whole(number)})

    def counted(self, number: int, one: str, more: str) -> str:
        """Small numbers in words: "drie wijken"."""
        return f"{self.in_words(number)} {self._translations.ngettext(one, more, number)}"

    def in_words(self, number: int) -> str:
        """Up to twelve: "drie"."""
        return self.say(_COUNTS[number]) if number < len(_COUNTS) else self.whole(number)

    def whole(self, number: float) -> str:
        """1818 -> 1.818"""
        return self.decimal(number, 0)

    def decimal(self, number: float, places: int = 1) -> str:
        """7.14 -> 7,1"""
        pattern = "#,##0." + places * "0"
        return str(format_decimal(f"{number:.{places}f}", pattern.rstrip("."), locale=self._locale))

    def signed(self, number: float, places: int = 0) -> str:
        """With a real minus sign; no sign for what rounds to nothing."""
        rounded = float(f"{number:.{places}f}")
        sign = "+" if rounded > 0 else "\N{MINUS SIGN}" if rounded < 0 else ""
        return sign + self.decimal(abs(number), places)

    def number(self, text: str) -> int | float | None:
        """The number that is written so, with or without a sign; None when it is none: 1.818 -> 1818"""
        found = self._written.fullmatch(text)
        if found is None:
            return None
        sign = -1 if found[1] == "\N{MINUS SIGN}" else 1
        digits = re.sub(r"\D", "", found[2])
        return sign * (int(digits) if found[3] is None else float(f"{digits}.{found[3]}"))

    def percent(self, share: float) -> str:
        """0.614 -> 61%, rounded as everywhere in the report."""
        return str(format_percent(f"{100 * share:.0f}e-2", locale=self._locale))

    def month(self, week: str) -> str:
        """The month in which an ISO week begins, by itself: 2026-W48 -> november 2026."""
        year, number = week.split("-W")
        monday = date.fromisocalendar(int(year), int(number), 1)
        return str(format_skeleton("yMMMM", monday, locale=self._locale))

    def day(self, text: str) -> str:
        """2024-01-01 -> 1 januari 2024; any other way to write a date stays as it is."""
        try:
            return str(format_date(date.fromisoformat(text), "long", locale=self._locale))
        except ValueError:
            return text

    def languages(self, tags: Iterable[str]) -> list[str]:
        """What languages and registers are called, by name."""
        easy = {"nl-x-simpel": self.say("makkelijk Nederlands")}
        return sorted(easy.get(tag) or language_name(tag, reader=self.tag) for tag in tags)

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
