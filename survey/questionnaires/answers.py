"""A posted form to answers, or to errors that a resident can act on. Nothing posted is trusted."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Literal

from msgspec import Struct, field

from survey.questionnaires.model import (
    SKIPPED,
    Battery,
    MultipleChoice,
    Municipality,
    Neighbourhood,
    Number,
    OpenText,
    Option,
    Question,
    SingleChoice,
    Step,
)

Answer = int | str | tuple[int, ...]
"""A code, number or missing code (< 0); an open text, area code or postcode; the ticked codes."""

Answers = Mapping[str, Answer]
"""Answers by variable."""

ErrorCode = Literal[
    "unknown_option",
    "one_option_only",
    "exclusive_conflict",
    "not_a_number",
    "number_out_of_range",
    "text_too_long",
    "not_a_postcode",
    "unknown_postcode",
    "unknown_neighbourhood",
]


class AnswerError(Struct, frozen=True, kw_only=True):
    """What is wrong with a posted answer. `parameters` fill the sentence that the page shows.

    number_out_of_range: `minimum`, `maximum`; text_too_long: `maximum`, `length`;
    exclusive_conflict: `option`, the code of the option or reason that excludes the others.
    """

    variable: str
    code: ErrorCode
    parameters: dict[str, int] = field(default_factory=dict)


_INVISIBLE = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Direction controls: left open, they would turn round the text of the page or report around them."""


def clean(text: str) -> str:
    """What was typed, without what no page, file or report can hold, or what would upset the text around it.

    Composed (NFC), lines ended by a newline, without control characters, halves of characters,
    noncharacters and direction controls, trimmed. Cleaning again changes nothing.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", "".join(filter(_is_text, lines))).strip()


def _is_text(char: str) -> bool:
    if char in "\n\t":
        return True
    refused = unicodedata.category(char) in {"Cc", "Cs"} or char in _INVISIBLE
    return not refused and not _is_noncharacter(ord(char))


def _is_noncharacter(point: int) -> bool:
    """Whether Unicode says that this will never be a character; XML does not allow all of them."""
    return point & 0xFFFE == 0xFFFE or 0xFDD0 <= point <= 0xFDEF


Parsed = tuple[dict[str, Answer], tuple[AnswerError, ...]]


class _RefusedError(Exception):
    def __init__(self, code: ErrorCode, **parameters: int) -> None:
        self.code: ErrorCode = code
        self.parameters = parameters


def parse_form(
    step: Step, form: Mapping[str, Sequence[str]], municipality: Municipality, *, area: str | None = None
) -> Parsed:
    """The answer in a posted form: `{variable: answer}` and no errors, or nothing and the errors.

    The field `answer` holds what was chosen or typed, once or more; a button named `skip` sets it
    aside. Nothing chosen, or only spaces, is the answer SKIPPED. `area` is where the resident lives,
    which decides about options that only exist in some areas.
    """
    if "skip" in form:
        return {step.variable: SKIPPED}, ()
    posted = [text for text in map(clean, form.get("answer", ())) if text]
    if not posted:
        return {step.variable: SKIPPED}, ()
    try:
        return {step.variable: _answer(step, posted, municipality, area)}, ()
    except _RefusedError as refused:
        error = AnswerError(variable=step.variable, code=refused.code, parameters=refused.parameters)
        return {}, (error,)


def options_of(question: Question) -> tuple[Option, ...]:
    """The options of a question; none for a number, text or place."""
    return question.options if isinstance(question, SingleChoice | MultipleChoice | Battery) else ()


def may_skip(question: Question) -> bool:
    """Whether a question may stay open: not when an answer could end taking part, or needs a parent."""
    return all(option.stop is None and option.parent is None for option in options_of(question))


def needs_parent(question: Question, answer: Answer | None) -> bool:
    """Whether this answer takes the consent of a parent, which the code from a letter to parents shows."""
    return any(option.parent and not option.stop and option.code == answer for option in options_of(question))


def offered(step: Step, area: str | None) -> tuple[Option, ...]:
    """The options of a step for a resident of `area`; options for some areas need a known area."""
    return tuple(option for option in options_of(step.question) if not option.areas or area in option.areas)


def neighbourhoods(municipality: Municipality, postcode: Answer | None) -> tuple[Neighbourhood, ...]:
    """The neighbourhoods to choose from: of the areas that the postcode touches, or all of them."""
    touched = municipality.postcodes.get(postcode) if isinstance(postcode, str) else None
    if touched is None:
        return municipality.neighbourhoods
    return tuple(place for place in municipality.neighbourhoods if place.area in touched)


def _answer(step: Step, posted: list[str], municipality: Municipality, area: str | None) -> Answer:
    if step.kind == "multiple":
        return _ticked(step, posted, area)
    reasons = [int(text) for text in posted if text in {str(reason.code) for reason in step.question.reasons}]
    if reasons and len(set(posted)) > 1:
        raise _RefusedError("exclusive_conflict", option=reasons[0])
    if reasons:
        return reasons[0]
    if len(set(posted)) > 1:
        raise _RefusedError("one_option_only")
    return _single_answer(step, posted[0], municipality, area)


def _single_answer(step: Step, text: str, municipality: Municipality, area: str | None) -> Answer:
    match step.question:
        case Number(minimum=minimum, maximum=maximum):
            return _number(text, minimum, maximum)
        case OpenText(maximum_length=maximum):
            if len(text) > maximum:
                raise _RefusedError("text_too_long", maximum=maximum, length=len(text))
            return text
        case SingleChoice() | Battery():
            return _chosen(text, [option.code for option in offered(step, area)])
    if step.kind == "postcode":
        return _postcode(text, municipality)
    return _area_of(text, municipality)


def _ticked(step: Step, posted: list[str], area: str | None) -> Answer:
    options = offered(step, area)
    reasons = [reason.code for reason in step.question.reasons]
    known = [option.code for option in options] + reasons
    codes = sorted({_chosen(text, known) for text in posted})
    alone = {*reasons, *(option.code for option in options if option.exclusive)}
    if len(codes) > 1 and alone.intersection(codes):
        raise _RefusedError("exclusive_conflict", option=min(alone.intersection(codes)))
    return codes[0] if codes[0] in reasons else tuple(codes)


def _chosen(text: str, known: Sequence[int]) -> int:
    for code in known:
        if text == str(code):
            return code
    raise _RefusedError("unknown_option")


def _number(text: str, minimum: int, maximum: int) -> int:
    if not re.fullmatch(r"-?\d{1,9}", text):  # \d and int() also read the digits of other scripts
        raise _RefusedError("not_a_number")
    number = int(text)
    if not minimum <= number <= maximum:
        raise _RefusedError("number_out_of_range", minimum=minimum, maximum=maximum)
    return number


def _postcode(text: str, municipality: Municipality) -> str:
    """The digits of a postcode; the letters after them, which would narrow it to a street, are dropped."""
    written = re.fullmatch(r"(\d{3,6})\s*[^\W\d_]{0,3}", text)
    if written is None:
        raise _RefusedError("not_a_postcode")
    digits = "".join(str(int(digit)) for digit in written[1])
    if digits not in municipality.postcodes:
        raise _RefusedError("unknown_postcode")
    return digits


def _area_of(text: str, municipality: Municipality) -> str:
    for place in municipality.neighbourhoods:
        if place.code == text:
            return place.area
    raise _RefusedError("unknown_neighbourhood")
