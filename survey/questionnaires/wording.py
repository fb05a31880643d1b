"""What a text says to one resident: translated, with the names of the area and earlier answers in it."""

import re
from functools import cache, reduce

from babel import Locale, UnknownLocaleError

from survey.questionnaires.answers import Answer, options_of
from survey.questionnaires.model import Area, Municipality, OpenText, Place, Questionnaire, Step, Text
from survey.questionnaires.routing import Journey
from survey.questionnaires.translations import AREA_UNKNOWN, PLACEHOLDER, translate

NO_ANSWER = "…"
"""Stands for an answer that is repeated in a text but was not given."""


def word(questionnaire: Questionnaire, text: Text, tag: str, journey: Journey) -> tuple[str, str]:
    """The sentence for a resident on this journey, and the tag of the language that it is in.

    Inserts are plain text: an open answer that is repeated comes out as it was typed, and the template
    escapes it like every other text.
    """
    sentence, actual = translate(questionnaire, text, tag)
    if "{" not in sentence:
        return sentence, actual
    insert = isolation(actual)
    return PLACEHOLDER.sub(
        lambda found: insert.format(inserted(questionnaire, found[1], actual, journey)), sentence
    ), actual


def answer_texts(step: Step, answer: Answer) -> tuple[Text, ...]:
    """The labels of a chosen answer: options in their order, or the reason; none for what was typed."""
    codes = answer if isinstance(answer, tuple) else (answer,)
    labelled = {option.code: option.label for option in options_of(step.question)}
    labelled |= {reason.code: reason.label for reason in step.question.reasons}
    return tuple(label for code, label in labelled.items() if code in codes)


def area_of(municipality: Municipality, code: str | None) -> Area | None:
    return next((area for area in municipality.areas if area.code == code), None)


def inserted(questionnaire: Questionnaire, name: str, tag: str, journey: Journey) -> str:
    """What stands in the place of `{name}` for a resident on this journey."""
    if name.startswith("answer."):
        return _repeated(questionnaire, name.removeprefix("answer."), tag, journey)
    if name == "area":
        area = area_of(questionnaire.municipality, journey.area)
        return inserted(questionnaire, AREA_UNKNOWN, tag, journey) if area is None else area.name
    insert = next(insert for insert in questionnaire.inserts if insert.key == name)
    local = insert.areas.get(journey.area or "", insert.default)
    return word(questionnaire, local, tag, journey)[0]


def _repeated(questionnaire: Questionnaire, variable: str, tag: str, journey: Journey) -> str:
    step, answer = journey.step(variable), journey.counting.get(variable)
    if step is None or answer is None:
        return NO_ANSWER
    labels = [translate(questionnaire, label, tag)[0] for label in answer_texts(step, answer)]
    if labels:
        return _listed(labels, tag)
    if isinstance(step.question, Place):
        area = area_of(questionnaire.municipality, answer if isinstance(answer, str) else None)
        return NO_ANSWER if area is None else area.name
    typed = isinstance(step.question, OpenText) and isinstance(answer, str)
    return str(answer) if typed or (isinstance(answer, int) and answer >= 0) else NO_ANSWER


def _listed(labels: list[str], tag: str) -> str:
    """With commas as the language writes them, and no "and": labels hold that word themselves."""
    return reduce(between(tag).format, labels)


def between(tag: str) -> str:
    """How two parts of a list stand beside each other in a language."""
    locale = locale_of(tag)
    return "{0}, {1}" if locale is None else str(locale.list_patterns["standard"]["middle"])


def isolation(tag: str) -> str:
    """What stands around the insert `{}` in a sentence of a language.

    In one from right to left: characters that keep a Dutch name from reordering what stands beside it.
    """
    return "\N{FIRST STRONG ISOLATE}{}\N{POP DIRECTIONAL ISOLATE}" if direction_of(tag) == "rtl" else "{}"


_IN_PARTS = re.compile(
    r"(?:\+|\(?\d)[\d()]*(?:[ \N{NO-BREAK SPACE}-]\(?\d[\d()]*)+|\+\d+|\b\d{4} ?[A-Z]{2}\b"
)
"""A telephone number or a postcode: figures in groups, after a plus, or before two letters."""


def numbers_in_order(sentence: str) -> str:
    """A sentence from right to left whose telephone numbers and postcodes read from left to right.

    Without the isolating characters around them a browser sets "071 516 51 65" as "65 51 516 071".
    """
    return _IN_PARTS.sub("\N{LEFT-TO-RIGHT ISOLATE}\\g<0>\N{POP DIRECTIONAL ISOLATE}", sentence)


def direction_of(tag: str) -> str:
    """`ltr` or `rtl`; from left to right when the language is not known."""
    locale = locale_of(tag)
    return "ltr" if locale is None else locale.text_direction


@cache
def locale_of(tag: str) -> Locale | None:
    """What CLDR knows of the language of a tag, of a register that of its language; None when nothing."""
    try:
        return Locale.parse(tag.partition("-x-")[0], sep="-")
    except (UnknownLocaleError, ValueError):
        return None


REGISTERS = {"nl-x-simpel": "makkelijk Nederlands"}
"""Registers of a language, which CLDR does not name; each in its own words."""


def language_name(tag: str, *, reader: str) -> str:
    """The name of a language for a reader of another (both tags), or the tag when CLDR does not know it."""
    locale = locale_of(tag)
    name = None if locale is None else locale.get_display_name(locale_of(reader))
    return REGISTERS.get(tag) or name or tag
