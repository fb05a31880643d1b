"""Words for figures: numbers as they are printed, and titles that say the finding.

A sentence is made from published figures only, by rules that never say more than the figures do: a
difference is claimed where it is marked, a first place where the intervals do not touch.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Literal

from analysis.estimation.estimates import Estimate, Observed
from analysis.reporting.charts.plots import PROTECTED, TOO_FEW, Dot, percent
from analysis.reporting.disclosure import MINIMUM_BASE, SMALLEST_CELL, Cell, Reason, Suppressed
from analysis.reporting.exports.questions import ClosedQuestion, part_text
from analysis.reporting.phrases import Phrases, later, phrases
from survey.questionnaires.model import Battery, Question
from survey.questionnaires.wording import NO_ANSWER

Kind = Literal["proportion", "mean"]
Mark = Literal["higher", "lower", "same"]

NONE = "–"
MARKS: dict[Mark, str] = {"higher": later("▲ hoger"), "lower": later("▼ lager"), "same": later("= gelijk")}
SYMBOLS: dict[Mark, str] = {"higher": "▲", "lower": "▼", "same": ""}
SIMULATED = later("Gesimuleerde antwoorden, geen echte uitkomsten")

SMALL_CELLS = later(
    "Beschermd: een antwoord van minder dan {smallest} mensen tonen wij niet, en ook niet wat nodig is om "
    "dat uit te rekenen."
)
NO_AREA_COMPARED = later("Geen wijk is te vergelijken met de rest")
TURNED = later("Wat het tegendeel zegt")

MORE_ANSWERS = later(" Mensen konden meer antwoorden kiezen.")

NOT_EVERYBODY = later("Niet elke vraag gold voor iedereen.")
NO_RESPONSE_DIFFERS = later("Tussen de groepen is geen duidelijk verschil in respons")
NO_MARGIN = later(
    "Een cijfer waarvan de marge niet te berekenen is, tonen wij niet: daarvoor zijn te weinig groepen "
    "getrokken."
)

WITHHELD: dict[Reason, str] = {
    "too_few": TOO_FEW,
    "protected": PROTECTED,
    "counted": PROTECTED,
    "no_margin": later("marge onbekend"),
}
"""Why there is no figure, in the same words everywhere."""

HOW_TO_ANSWER = (
    later("U mag meer dan één antwoord kiezen."),
    later("Je mag meer dan één antwoord kiezen."),
    later("Bent u het eens met deze zin?"),
    later("Ben je het eens met deze zin?"),
    later("Past deze zin bij u?"),
    later("Kies het antwoord dat het dichtst bij uw gevoel ligt."),
    later("Geef een cijfer van 1 tot en met 10."),
    later("Een schatting is genoeg."),
    later("Schrijven mag in uw eigen taal."),
    later("Schrijven mag in je eigen taal."),
    later("Een paar woorden is genoeg."),
)
"""Sentences below questions that say how to answer, and not what was asked."""

_LONGEST_HELP = 160
"""Characters of the help below a question that are quoted with it."""

_SENTENCE_END = re.compile(r"(?<=[.?!؟]) +")

_QUOTE = re.compile(r"‘(.+?)’(?!\w)")

_NAMED_AT_MOST = 3
_NAMED_IN_PROFILE = 4


def number(phrases: Phrases, value: float, kind: Kind) -> str:
    """A share of 1 as a whole percentage without the sign, a mean with one decimal."""
    return percent(100 * value) if kind == "proportion" else phrases.decimal(value)


def with_unit(phrases: Phrases, value: float, kind: Kind) -> str:
    return number(phrases, value, kind) + ("%" if kind == "proportion" else "")


def figure(phrases: Phrases, cell: Cell, kind: Kind) -> str:
    return NONE if isinstance(cell, Suppressed) else number(phrases, cell.value, kind)


def interval(phrases: Phrases, cell: Cell, kind: Kind) -> str:
    """58–64"""
    if isinstance(cell, Suppressed):
        return NONE
    return f"{number(phrases, cell.low, kind)}–{number(phrases, cell.high, kind)}"


def margin(phrases: Phrases, estimate: Estimate, kind: Kind) -> str:
    return phrases.say(
        "marge {low} tot {high}",
        low=number(phrases, estimate.low, kind),
        high=number(phrases, estimate.high, kind),
    )


def base(phrases: Phrases, cell: Cell | Observed) -> str:
    """The number of answers behind a figure; below the smallest cell that is shown, only that.

    None where it would tell how many gave an answer to another question.
    """
    if isinstance(cell, Suppressed) and cell.reason == "counted":
        return NONE
    return f"<{SMALLEST_CELL}" if cell.respondents is None else phrases.whole(cell.respondents)


def base_of(phrases: Phrases, count: int) -> str:
    """A count of people; small ones are not shown."""
    return f"<{SMALLEST_CELL}" if 0 < count < SMALLEST_CELL else phrases.whole(count)


def part(count: int, of: int) -> str:
    """A share of people in whole percents; of a few people none, because it would tell about each."""
    if of < MINIMUM_BASE:
        return NONE
    share = 100 * count / of
    return "<1" if 0 < share < 1 else percent(share)


def question_text(question: ClosedQuestion, variable: str) -> str:
    """What was asked, with the item or option that the variable stands for."""
    return " – ".join(filter(None, (asked(question), part_text(question, variable).rstrip("."))))


def asked(question: Question) -> str:
    """What was asked, with the help below it: that may hold a period or a place without which it is another.

    Not how to answer, nor help that is long: annex B has all of it.
    """
    help_text = " ".join(_of_what_was_asked(question))
    parts = (question.label.source, help_text if len(help_text) <= _LONGEST_HELP else "")
    return " ".join(filter(None, parts))


def _of_what_was_asked(question: Question) -> Iterator[str]:
    """The sentences of the help that are part of the question; none that repeats what somebody answered."""
    for sentence in sentences("" if question.hint is None else question.hint.source):
        if sentence not in _how_to_answer() and NO_ANSWER not in sentence:
            yield sentence


@cache
def _how_to_answer() -> frozenset[str]:
    """In every language: `tables` prints the questions of an English report as they were asked."""
    return frozenset(each.say(sentence) for each in phrases().values() for sentence in HOW_TO_ANSWER)


def sentences(text: str) -> list[str]:
    """A text in its sentences, each with its end."""
    return _SENTENCE_END.split(text)


def capital(text: str) -> str:
    """At the head of a sentence; a Dutch capital has no accent: Eén."""
    return f"E{text[1:]}" if text.startswith("é") else text[:1].upper() + text[1:]


def lower_first(text: str) -> str:
    """For a label in the middle of a sentence; words that are all capitals stay, and the English "I"."""
    capitals = text[:2].isupper() and (text[1:2] != " " or text[:1] == "I")
    return text if capitals else text[:1].lower() + text[1:]


def dashed(name: str) -> str:
    """A name as part of a file's name or a reference: Bos- en Gasthuisdistrict -> bos-en-gasthuisdistrict."""
    letters = "".join(letter.lower() if letter.isascii() and letter.isalnum() else "-" for letter in name)
    return "-".join(part for part in letters.split("-") if part)


def fact(phrases: Phrases, value: str, label: str, kind: Kind, behind: Sequence[str]) -> str:
    """A figure as a sentence; `behind` it stand about whom it is, its margin and the like."""
    share = kind == "proportion"
    said = f"{value} {lower_first(label)}" if share else mean_said(phrases, label, value)
    return f"{said} ({'; '.join(filter(None, behind))})."


def against_rest(phrases: Phrases, label: str, areas: Sequence[tuple[str, str, str]], town: str) -> str:
    """An outcome in marked areas, each given as its name, the word of its mark and its value."""
    places = phrases.names(
        [
            phrases.say("{word} in {area} ({value})", word=word, area=area, value=value)
            for area, word, value in areas
        ]
    )
    return phrases.say(
        "Vergeleken met de rest van {town} is {label} {places}.",
        town=town,
        label=quoted(lower_first(label)),
        places=places,
    )


def among(phrases: Phrases, question: Question, of_whom: str, *, for_some: bool) -> str:
    """About whom a figure is, when not about everybody, by the plan's words `of_whom` if it has any.

    `for_some`: not everybody got the question, or it did not apply to all.
    """
    wanted = "" if question.purpose is None else phrases.say("van wie deze vraag wilde krijgen")
    if of_whom or wanted:
        return ", ".join(filter(None, (of_whom, wanted)))
    return phrases.say("van de mensen voor wie deze vraag gold") if for_some else ""


def quoted(text: str) -> str:
    """Between quotation marks; what is quoted in it gets double ones. An apostrophe is no mark."""
    inside = _QUOTE.sub(r"“\1”", text.rstrip("."))
    return f"‘{inside}’"


def sentence(text: str) -> str:
    """A quoted text that ends a sentence: a question mark inside is the end, else a full stop follows."""
    return quoted(text) + ("" if text.endswith(("?", "!")) else ".")


def listed(texts: Sequence[str]) -> str:
    """What was asked, one after the other, as one sentence with one end."""
    together = "; ".join(text.rstrip(".") for text in texts)
    return together if together.rstrip("’").endswith(("?", "!")) else f"{together}."


def of_items(phrases: Phrases, question: Question) -> str:
    """The head above the items of a battery, which are statements or short words."""
    items = question.items if isinstance(question, Battery) else ()
    statements = any(each.label.source.endswith(".") for each in items)
    return phrases.say("Zin") if statements else phrases.say("Onderdeel")


# --- titles ---------------------------------------------------------------------------------------


def answers_title(
    phrases: Phrases, labels: Sequence[str], cells: Sequence[Cell], *, several: bool = False
) -> str:
    """The most given answer, with those whose intervals reach its own; more than three are no news.

    `several`: people could give more answers than one.
    """
    shown = [
        (cell, label) for cell, label in zip(cells, labels, strict=True) if not isinstance(cell, Suppressed)
    ]
    if not shown:
        return none_shown(phrases, cells)
    shown.sort(key=lambda pair: -pair[0].value)
    first = shown[0][0]
    level = [(cell, label) for cell, label in shown if cell is first or cell.high >= first.low]
    share = with_unit(phrases, first.value, "proportion")
    if len(level) > _NAMED_AT_MOST:
        return phrases.say("Geen antwoord springt eruit, elk hoogstens {share}", share=share)
    sentence = later("{share} noemt {answer}") if several else later("{share} antwoordt {answer}")
    title = phrases.say(sentence, share=share, answer=quoted(shown[0][1]))
    others = [f"{with_unit(phrases, cell.value, 'proportion')} {quoted(label)}" for cell, label in level[1:]]
    return ", ".join((title, *others))


def stand_apart(most: Dot, least: Dot, relevant: float) -> bool:
    """Whether a title may set two shares beside each other: no chance, and `relevant` points or more.

    Intervals that do not touch are more than a test asks, also of two answers of the same people.
    """
    return most.low > least.high and most.value - least.value >= relevant


def span(phrases: Phrases, low: str, high: str) -> str:
    """The lowest and the highest as they are printed, once when that is the same."""
    return low if low == high else phrases.say("{low} tot {high}", low=low, high=high)


def shares_between(phrases: Phrases, shares: Sequence[float]) -> str:
    """Between which shares, in percent, all of these lie."""
    return f"{span(phrases, percent(min(shares)), percent(max(shares)))}%"


def means_between(phrases: Phrases, means: Sequence[float]) -> str:
    """Between which means all of these lie."""
    return span(phrases, phrases.decimal(min(means)), phrases.decimal(max(means)))


def agreement_title(  # noqa: PLR0913, PLR0917 - a title names the questions and the statements
    phrases: Phrases,
    short: str,
    labels: Sequence[str],
    shares: Sequence[Dot | None],
    cells: Sequence[Cell],
    relevant: float,
) -> str:
    """How many agree with each statement: both ends of the list where they stand apart, else their range.

    `cells`: what the shares are made of, and why there are none.
    """
    shown = [(share, label) for share, label in zip(shares, labels, strict=True) if share is not None]
    if not shown:
        return none_shown(phrases, cells)
    most, label = max(shown, key=lambda pair: pair[0].value)
    least, other = min(shown, key=lambda pair: pair[0].value)
    if len(shown) > 1 and not stand_apart(most, least, relevant):
        return phrases.say(
            "{subject}: per zin is {shares} het eens",
            subject=capital(short),
            shares=shares_between(phrases, [each.value for each, _ in shown]),
        )
    title = phrases.say(
        "{share}% is het eens met {statement}", share=percent(most.value), statement=quoted(label)
    )
    if len(shown) == 1:
        return title
    return phrases.say(
        "{title}, {share}% met {other}", title=title, share=percent(least.value), other=quoted(other)
    )


def items_title(  # noqa: PLR0913, PLR0917 - a title names the battery, one answer and the items
    phrases: Phrases,
    short: str,
    answer: str,
    labels: Sequence[str],
    shares: Sequence[Dot | None],
    cells: Sequence[Cell],
    relevant: float,
) -> str:
    """For a battery with other answers: the share of one answer at both ends of the list, or its range.

    `cells`: what the shares are made of, and why there are none.
    """
    shown = [(share, label) for share, label in zip(shares, labels, strict=True) if share is not None]
    if not shown:
        return f"{capital(short)}: {withheld(phrases, *cells)}"
    most, label = max(shown, key=lambda pair: pair[0].value)
    least, other = min(shown, key=lambda pair: pair[0].value)
    if len(shown) == 1:
        return f"{capital(short)}: {quoted(answer)} {percent(most.value)}%"
    if not stand_apart(most, least, relevant):
        return phrases.say(
            "{subject}: per onderdeel antwoordt {shares} {answer}",
            subject=capital(short),
            shares=shares_between(phrases, [each.value for each, _ in shown]),
            answer=quoted(answer),
        )
    ends = phrases.say(
        "van {least}% bij {other} tot {most}% bij {label}",
        least=percent(least.value),
        other=quoted(other),
        most=percent(most.value),
        label=quoted(label),
    )
    return f"{capital(short)}: {quoted(answer)} {ends}"


def with_opposite(phrases: Phrases, title: str, shares: Sequence[float]) -> str:
    """A title of statements; `shares`, in percent, are those of its other ones, which say the opposite."""
    if not shares:
        return title
    return phrases.say(
        "{title}; bij wat het tegendeel zegt {shares}", title=title, shares=shares_between(phrases, shares)
    )


def withheld(phrases: Phrases, *cells: Cell | Observed) -> str:
    """Why there is no figure, in the place of one; of several, every reason once."""
    reasons = [cell.reason for cell in cells if isinstance(cell, Suppressed)] or ["too_few"]
    return phrases.either([*dict.fromkeys(phrases.say(WITHHELD[reason]) for reason in reasons)])


def is_protected(cell: Cell | Observed) -> bool:
    """Whether a figure is hidden in spite of enough answers, because it would tell of a few people."""
    return isinstance(cell, Suppressed) and cell.reason in {"protected", "counted"}


def none_shown(phrases: Phrases, cells: Sequence[Cell]) -> str:
    """In the place of a title that would tell figures: that there are none, and why."""
    return phrases.say("Geen uitkomst ({reasons})", reasons=withheld(phrases, *cells))


def mean_title(phrases: Phrases, short: str, cell: Cell) -> str:
    if isinstance(cell, Suppressed):
        return f"{capital(short)}: {withheld(phrases, cell)}"
    return mean_said(phrases, capital(short), phrases.decimal(cell.value))


def mean_said(phrases: Phrases, label: str, value: str) -> str:
    return phrases.say("{label}: gemiddeld {value}", label=label, value=value)


def areas_title(phrases: Phrases, marks: Sequence[tuple[str, Mark | None]], town: str) -> str:
    """Which areas, by name, are marked higher or lower than the rest of the town; no mark: not compared."""
    parts = [
        phrases.say(sentence, areas=areas_named(phrases, names))
        for direction, sentence in (
            ("higher", later("hoger in {areas}")),
            ("lower", later("lager in {areas}")),
        )
        if (names := [area for area, mark in marks if mark == direction])
    ]
    if parts:
        return phrases.say(
            "{higher_and_lower} dan in de rest van {town}",
            higher_and_lower=capital(phrases.names(parts)),
            town=town,
        )
    compared = sum(mark is not None for _, mark in marks)
    if not compared:
        return phrases.say(NO_AREA_COMPARED)
    if compared == len(marks):
        return phrases.say("Geen wijk wijkt duidelijk af van de rest van {town}", town=town)
    return phrases.say(
        "Geen wijk die te vergelijken is, wijkt duidelijk af van de rest van {town}", town=town
    )


def panels_title(phrases: Phrases, marks: Sequence[tuple[str, Sequence[Mark | None]]], town: str) -> str:
    """How many of these comparisons are marked; as `areas_title` when none is."""
    every = [(area, mark) for area, own in marks for mark in own]
    found, compared = differences(phrases, [mark for _, mark in every])
    marked = any(mark in {"higher", "lower"} for _, mark in every)
    return phrases.say(
        "{outcomes} per wijk: {said}",
        outcomes=capital(phrases.counted(len(marks[0][1]), "uitkomst", "uitkomsten")),
        said=phrases.say("{found} bij {compared}", found=found, compared=compared)
        if marked
        else lower_first(areas_title(phrases, every, town)),
    )


def most_marked(phrases: Phrases, marks: Sequence[tuple[str, Sequence[Mark | None]]], town: str) -> str:
    """Which areas are marked on most of all outcomes, of which some are."""
    found = {area: sum(mark in {"higher", "lower"} for mark in own) for area, own in marks}
    most = max(found.values())
    names = [area for area, number in found.items() if number == most]
    sentence = (
        later("Over {compared} geteld wijkt {areas} het vaakst af van de rest van {town}: bij {outcomes}.")
        if len(names) == 1
        else later(
            "Over {compared} geteld wijken {areas} het vaakst af van de rest van {town}: bij {outcomes}."
        )
    )
    return phrases.say(
        sentence,
        compared=phrases.counted(len(marks[0][1]), "uitkomst", "uitkomsten"),
        areas=areas_named(phrases, names),
        town=town,
        outcomes=phrases.counted(most, "uitkomst", "uitkomsten"),
    )


def differences(phrases: Phrases, marks: Sequence[Mark | None]) -> tuple[str, str]:
    """How many of these comparisons are marked, and how many there are; None is no comparison."""
    compared = [mark for mark in marks if mark is not None]
    marked = sum(mark != "same" for mark in compared)
    return (
        phrases.counted(marked, "duidelijk verschil", "duidelijke verschillen"),
        phrases.counted(len(compared), "vergelijking", "vergelijkingen"),
    )


def groups_title(phrases: Phrases, marks: Sequence[tuple[str, Mark | None]]) -> str:
    """How many groups are marked higher or lower than everybody else, by name when there is one."""
    parts = []
    for direction, sentence in (
        ("higher", later("hoger bij {groups}")),
        ("lower", later("lager bij {groups}")),
    ):
        names = [group for group, mark in marks if mark == direction]
        if names:
            alone = quoted(lower_first(names[0]))
            parts.append(
                phrases.say(
                    sentence,
                    groups=alone if len(names) == 1 else phrases.counted(len(names), "groep", "groepen"),
                )
            )
    if parts:
        return phrases.say(
            "{higher_and_lower} dan bij alle anderen", higher_and_lower=capital(phrases.names(parts))
        )
    if not any(mark is not None for _, mark in marks):
        return phrases.say("Geen groep is te vergelijken")
    return phrases.say("Bij geen groep is een verschil met de anderen aangetoond")


def areas_named(phrases: Phrases, names: Sequence[str]) -> str:
    """A few areas by name, more of them as a number."""
    return (
        phrases.names(names)
        if len(names) <= _NAMED_AT_MOST
        else phrases.counted(len(names), "wijk", "wijken")
    )


def profile_title(phrases: Phrases, area: str, marks: Sequence[tuple[str, Mark]], town: str) -> str:
    """On how many outcomes an area is marked."""
    marked = [label for label, mark in marks if mark != "same"]
    if not marks:
        return phrases.say("{area}: niet te vergelijken", area=area)
    found = phrases.counted(len(marked), "duidelijk verschil", "duidelijke verschillen")
    outcomes = phrases.counted(len(marks), "vergeleken uitkomst", "vergeleken uitkomsten")
    return phrases.say(
        "{area}: {found} met de rest van {town}, bij {outcomes}",
        area=area,
        found=found,
        town=town,
        outcomes=outcomes,
    )


def profile_sentences(phrases: Phrases, marks: Sequence[tuple[str, Mark]], town: str) -> tuple[str, ...]:
    """What is higher and what is lower than in the rest of the town, in a few sentences that always fit."""
    sentences = []
    found = {mark: [quoted(lower_first(label)) for label, own in marks if own == mark] for _, mark in marks}
    higher, lower = found.get("higher", []), found.get("lower", [])
    most = _NAMED_IN_PROFILE // 2 if higher and lower else _NAMED_IN_PROFILE
    for sentence, labels in (
        (later("Hoger dan in de rest van {town}: {outcomes}."), higher),
        (later("Lager dan in de rest van {town}: {outcomes}."), lower),
    ):
        others = len(labels) - most
        more = (
            [phrases.say("nog {outcomes}", outcomes=phrases.counted(others, "uitkomst", "uitkomsten"))]
            if others > 0
            else []
        )
        if labels:
            sentences.append(
                phrases.say(sentence, town=town, outcomes=phrases.names([*labels[:most], *more]))
            )
    equal = sum(mark == "same" for _, mark in marks)
    if sentences and equal:
        sentences.append(
            phrases.say(
                "Bij {outcomes} is geen verschil aangetoond.",
                outcomes=phrases.counted(equal, "uitkomst", "uitkomsten"),
            )
        )
    elif equal:
        sentences.append(
            phrases.say(
                "Wij vergeleken deze wijk met de rest van {town} op {outcomes}. Een duidelijk "
                "verschil is niet aangetoond.",
                town=town,
                outcomes=phrases.counted(equal, "uitkomst", "uitkomsten"),
            )
        )
    return tuple(sentences) or (
        phrases.say("Van deze wijk is geen cijfer te vergelijken met de rest van {town}.", town=town),
        phrases.say("Cijfers over maar een paar mensen geven wij niet. Zo blijft niemand herkenbaar."),
    )


def participants_title(
    phrases: Phrases, more: Sequence[str], less: Sequence[str], *, tested: bool, matches: bool
) -> str:
    """Which groups took part more and less often than the others, as far as that was `tested`.

    `matches`: after weighting every group is as large as in the population.
    """
    parts = [
        phrases.say(sentence, groups=_groups_named(phrases, names))
        for sentence, names in (
            (later("vaker mee: {groups}"), more),
            (later("minder vaak mee: {groups}"), less),
        )
        if names
    ]
    if parts:
        title = phrases.say("Vergeleken met de bevolking deden {parts}", parts="; ".join(parts))
    elif tested:
        title = phrases.say(NO_RESPONSE_DIFFERS)
    else:
        title = phrases.say("De deelnemers naast de inwoners")
    if not matches:
        return title
    return phrases.say("{title}. Na weging is elke groep zo groot als in de bevolking", title=title)


def _groups_named(phrases: Phrases, names: Sequence[str]) -> str:
    """A few groups by name, more of them as a number."""
    return (
        phrases.names([quoted(name) for name in names])
        if len(names) <= _NAMED_AT_MOST
        else phrases.counted(len(names), "groep", "groepen")
    )
