"""Dutch words for figures: numbers as they are printed, and titles that say the finding.

A sentence is made from published figures only, by rules that never say more than the figures do: a
difference is claimed where it is marked, a first place where the intervals do not touch.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Literal

from analysis.estimation.estimates import Estimate, Observed
from analysis.reporting.charts import TOO_FEW, grade, percent
from analysis.reporting.disclosure import MINIMUM_BASE, SMALLEST_CELL, Cell, Suppressed
from analysis.reporting.questions import part_text, question_of
from survey.questionnaires.model import NOT_APPLICABLE, Question, Questionnaire
from survey.questionnaires.wording import language_name

Kind = Literal["proportion", "mean"]
Mark = Literal["higher", "lower", "same"]

NONE = "–"
MARKS: dict[Mark, str] = {"higher": "▲ hoger", "lower": "▼ lager", "same": "= gelijk"}
SYMBOLS: dict[Mark, str] = {"higher": "▲", "lower": "▼", "same": ""}
SIMULATED = "Gesimuleerde antwoorden, geen echte uitkomsten"

SMALL_CELLS = (
    f"Een antwoord van minder dan {SMALLEST_CELL} mensen tonen wij niet, en ook niet wat nodig is om dat "
    "uit te rekenen."
)
NO_MARGIN = (
    "Een cijfer waarvan de marge niet te berekenen is, tonen wij niet: daarvoor zijn te weinig groepen "
    "getrokken."
)

_COUNTS = (
    "geen",
    "één",
    "twee",
    "drie",
    "vier",
    "vijf",
    "zes",
    "zeven",
    "acht",
    "negen",
    "tien",
    "elf",
    "twaalf",
)
_MONTHS = (
    "januari",
    "februari",
    "maart",
    "april",
    "mei",
    "juni",
    "juli",
    "augustus",
    "september",
    "oktober",
    "november",
    "december",
)
_NAMED_AT_MOST = 3
_NAMED_IN_PROFILE = 4


def whole(number: float) -> str:
    """1818 -> 1.818"""
    return f"{number:,.0f}".replace(",", ".")


def decimal(number: float, places: int = 1) -> str:
    return f"{number:.{places}f}".replace(".", ",")


def signed(number: float, places: int = 0) -> str:
    """With a real minus sign; no sign for what rounds to nothing."""
    text = f"{number:+.{places}f}".replace(".", ",").replace("-", "\u2212")
    return text[1:] if not float(f"{number:.{places}f}") else text


def number(value: float, kind: Kind) -> str:
    """A share of 1 as a whole percentage without the sign, a mean with one decimal."""
    return percent(100 * value) if kind == "proportion" else grade(value)


def with_unit(value: float, kind: Kind) -> str:
    return number(value, kind) + ("%" if kind == "proportion" else "")


def figure(cell: Cell, kind: Kind) -> str:
    return NONE if isinstance(cell, Suppressed) else number(cell.value, kind)


def interval(cell: Cell, kind: Kind) -> str:
    """58–64"""
    return NONE if isinstance(cell, Suppressed) else f"{number(cell.low, kind)}–{number(cell.high, kind)}"


def margin(estimate: Estimate, kind: Kind) -> str:
    return f"marge {number(estimate.low, kind)} tot {number(estimate.high, kind)}"


def base(cell: Cell | Observed) -> str:
    """The number of answers behind a figure; below the smallest cell that is shown, only that."""
    return f"<{SMALLEST_CELL}" if cell.respondents is None else whole(cell.respondents)


def base_of(count: int) -> str:
    """A count of people; small ones are not shown."""
    return f"<{SMALLEST_CELL}" if 0 < count < SMALLEST_CELL else whole(count)


def part(count: int, of: int) -> str:
    """A share of people in whole percents; of a few people none, because it would tell about each."""
    if of < MINIMUM_BASE:
        return NONE
    share = 100 * count / of
    return "<1" if 0 < share < 1 else percent(share)


def plain(sentence: str, questionnaire: Questionnaire) -> str:
    """A text of the questionnaire for readers of a report: inserts as where no area is known."""
    inserts = {insert.key: insert.default.source for insert in questionnaire.inserts}
    inserts.setdefault("area", inserts.get("area_unknown", "uw wijk"))
    return re.sub(r"\{([^}]+)\}", lambda found: inserts.get(found[1], "…"), sentence)


def question_text(questionnaire: Questionnaire, variable: str) -> str:
    """What was asked, with the item or option that the variable stands for."""
    question = question_of(questionnaire, variable)
    texts = (plain(text, questionnaire) for text in (question.label.source, part_text(question, variable)))
    return " ".join(text for text in texts if text)


def counted(number: int, one: str, more: str) -> str:
    """Small numbers in words: "drie wijken"."""
    words = _COUNTS[number] if number < len(_COUNTS) else whole(number)
    return f"{words} {one if number == 1 else more}"


def listed(names: Sequence[str]) -> str:
    """A, B en C"""
    return " en ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def languages(tags: Iterable[str]) -> list[str]:
    """Their names in Dutch, by name."""
    return sorted(language_name(tag, reader="nl") for tag in tags)


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def lower_first(text: str) -> str:
    """For a label in the middle of a sentence; words that are all capitals stay."""
    return text if text[:2].isupper() else text[:1].lower() + text[1:]


def dashed(name: str) -> str:
    """A name as part of a file's name or a reference: Bos- en Gasthuisdistrict -> bos-en-gasthuisdistrict."""
    letters = "".join(letter.lower() if letter.isascii() and letter.isalnum() else "-" for letter in name)
    return "-".join(part for part in letters.split("-") if part)


def fact(value: str, label: str, kind: Kind, behind: Sequence[str]) -> str:
    """A figure as a sentence; `behind` it stand about whom it is, its margin and the like."""
    said = f"{value} {lower_first(label)}" if kind == "proportion" else f"{label}: gemiddeld {value}"
    return f"{said} ({'; '.join(filter(None, behind))})."


def against_rest(label: str, areas: Sequence[tuple[str, str, str]], town: str) -> str:
    """An outcome in marked areas, each given as its name, the word of its mark and its value."""
    places = listed([f"{word} in {area} ({value})" for area, word, value in areas])
    return f"Vergeleken met de rest van {town} is {quoted(lower_first(label))} {places}."


def among(question: Question) -> str:
    """About whom a figure is, when not about everybody."""
    if question.purpose is not None:
        return "van wie deze vraag wilde krijgen"
    own = any(reason.code == NOT_APPLICABLE for reason in question.reasons)
    return "van de mensen voor wie deze vraag gold" if own or question.when or question.areas else ""


def quoted(text: str) -> str:
    return f"‘{text.rstrip('.')}’"


def sentence(text: str) -> str:
    """A quoted text that ends a sentence: a question mark inside is the end, else a full stop follows."""
    return quoted(text) + ("" if text.endswith(("?", "!")) else ".")


def day(text: str) -> str:
    """2024-01-01 -> 1 januari 2024; any other way to write a date stays as it is."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return text
    return f"{found.day} {_MONTHS[found.month - 1]} {found.year}"


def month(week: str) -> str:
    """The month in which an ISO week begins: 2026-W48 -> november 2026."""
    year, number_of_week = week.split("-W")
    monday = date.fromisocalendar(int(year), int(number_of_week), 1)
    return f"{_MONTHS[monday.month - 1]} {monday.year}"


# --- titles ---------------------------------------------------------------------------------------


def answers_title(labels: Sequence[str], cells: Sequence[Cell], *, verb: str = "antwoordt") -> str:
    """The most given answer alone when its interval lies above that of the next, else the first two."""
    shown = [
        (cell, label) for cell, label in zip(cells, labels, strict=True) if not isinstance(cell, Suppressed)
    ]
    if not shown:
        return "Te weinig antwoorden voor een uitkomst"
    shown.sort(key=lambda pair: -pair[0].value)
    (first, name), *others = shown
    if not others or first.low > others[0][0].high:
        return f"{with_unit(first.value, 'proportion')} {verb} {quoted(name)}"
    second, other = others[0]
    return (
        f"{with_unit(first.value, 'proportion')} {verb} {quoted(name)}, "
        f"{with_unit(second.value, 'proportion')} {quoted(other)}"
    )


def agreement_title(labels: Sequence[str], shares: Sequence[float | None]) -> str:
    """How many agree with each statement: both ends of the list, as facts and without comparing."""
    shown = [(share, label) for share, label in zip(shares, labels, strict=True) if share is not None]
    if not shown:
        return "Te weinig antwoorden voor een uitkomst"
    most, label = max(shown, key=lambda pair: pair[0])
    title = f"{percent(most)}% is het eens met {quoted(label)}"
    if len(shown) == 1:
        return title
    least, other = min(shown, key=lambda pair: pair[0])
    return f"{title}, {percent(least)}% met {quoted(other)}"


def items_title(short: str, answer: str, labels: Sequence[str], shares: Sequence[float | None]) -> str:
    """For a battery with other answers: the share of one answer at both ends of the list."""
    shown = [(share, label) for share, label in zip(shares, labels, strict=True) if share is not None]
    if not shown:
        return f"{capital(short)}: {TOO_FEW}"
    most, label = max(shown, key=lambda pair: pair[0])
    least, other = min(shown, key=lambda pair: pair[0])
    ends = f"van {percent(least)}% bij {quoted(other)} tot {percent(most)}% bij {quoted(label)}"
    return f"{capital(short)}: {quoted(answer)} {ends if len(shown) > 1 else f'{percent(most)}%'}"


def withheld(cell: Cell) -> str:
    """Why there is no figure, in the place of one."""
    unsure = isinstance(cell, Suppressed) and cell.reason == "no_margin"
    return "marge onbekend" if unsure else TOO_FEW


def mean_title(short: str, cell: Cell) -> str:
    if isinstance(cell, Suppressed):
        return f"{capital(short)}: {withheld(cell)}"
    return f"{capital(short)}: gemiddeld {grade(cell.value)}"


def areas_title(marks: Sequence[tuple[str, Mark | None]], town: str) -> str:
    """Which areas, by name, are marked higher or lower than the rest of the town; no mark: not compared."""
    parts = [
        f"{words} in {_named(names)}"
        for direction, words in (("higher", "hoger"), ("lower", "lager"))
        if (names := [area for area, mark in marks if mark == direction])
    ]
    if parts:
        return f"{capital(' en '.join(parts))} dan in de rest van {town}"
    compared = sum(mark is not None for _, mark in marks)
    if not compared:
        return f"{capital(TOO_FEW)} om wijken te vergelijken"
    areas = "Geen wijk" if compared == len(marks) else "Geen wijk met genoeg antwoorden"
    return f"{areas} wijkt duidelijk af van de rest van {town}"


def groups_title(marks: Sequence[tuple[str, Mark | None]]) -> str:
    """How many groups are marked higher or lower than everybody else, by name when there is one."""
    parts = []
    for direction, words in (("higher", "hoger"), ("lower", "lager")):
        names = [group for group, mark in marks if mark == direction]
        if names:
            alone = quoted(lower_first(names[0]))
            parts.append(
                f"{words} bij {alone if len(names) == 1 else counted(len(names), 'groep', 'groepen')}"
            )
    if parts:
        return f"{capital(' en '.join(parts))} dan bij alle anderen"
    if not any(mark is not None for _, mark in marks):
        return f"{capital(TOO_FEW)} om groepen te vergelijken"
    return "Bij geen groep is een verschil met de anderen aangetoond"


def _named(names: Sequence[str]) -> str:
    return listed(names) if len(names) <= _NAMED_AT_MOST else counted(len(names), "wijk", "wijken")


def profile_title(area: str, marks: Sequence[tuple[str, Mark]], town: str) -> str:
    """On how many outcomes an area is marked."""
    marked = [label for label, mark in marks if mark != "same"]
    if not marks:
        return f"{area}: {TOO_FEW} om te vergelijken"
    found = counted(len(marked), "duidelijk verschil", "duidelijke verschillen")
    outcomes = counted(len(marks), "vergeleken uitkomst", "vergeleken uitkomsten")
    return f"{area}: {found} met de rest van {town}, bij {outcomes}"


def profile_sentences(marks: Sequence[tuple[str, Mark]], town: str) -> tuple[str, ...]:
    """What is higher and what is lower than in the rest of the town, in a few sentences that always fit."""
    sentences = []
    found = {mark: [quoted(lower_first(label)) for label, own in marks if own == mark] for _, mark in marks}
    higher, lower = found.get("higher", []), found.get("lower", [])
    most = _NAMED_IN_PROFILE // 2 if higher and lower else _NAMED_IN_PROFILE
    for words, labels in (("Hoger", higher), ("Lager", lower)):
        others = len(labels) - most
        more = [f"nog {counted(others, 'uitkomst', 'uitkomsten')}"] if others > 0 else []
        if labels:
            sentences.append(f"{words} dan in de rest van {town}: {listed([*labels[:most], *more])}.")
    equal = sum(mark == "same" for _, mark in marks)
    if sentences and equal:
        sentences.append(f"Bij {counted(equal, 'uitkomst', 'uitkomsten')} is geen verschil aangetoond.")
    elif equal:
        sentences.append(
            f"Wij vergeleken deze wijk met de rest van {town} op {counted(equal, 'punt', 'punten')}. "
            "Een duidelijk verschil is niet aangetoond."
        )
    return tuple(sentences) or (
        f"In deze wijk zijn er {TOO_FEW} voor een vergelijking.",
        "Over zo weinig mensen geven wij geen cijfers. Zo blijft niemand herkenbaar.",
    )


def participants_title(groups: Sequence[tuple[str, float, float, float]]) -> str:
    """From (group, unweighted, weighted, population), in percent: who took part more and less often.

    Named from five points on; "after weighting they match" only when every group is within one point.
    """
    more = [name for name, before, _, population in groups if before - population >= 5]
    less = [name for name, before, _, population in groups if population - before >= 5]
    matches = all(abs(after - population) < 1 for _, _, after, population in groups)
    if more or less:
        parts = [
            f"{words}: {listed([quoted(name) for name in names[:_NAMED_AT_MOST]])}"
            for words, names in (("vaker mee", more), ("minder vaak mee", less))
            if names
        ]
        title = f"Naar verhouding deden {'; '.join(parts)}"
    else:
        title = "De deelnemers lijken op de bevolking"
    return f"{title}. Na weging is elke groep zo groot als in de bevolking" if matches else title


def comparison_sentence(estimate: Estimate, kind: Kind, published: float, year: str) -> str:
    """A published figure against the interval, without calling the distance a change."""
    earlier = f"{decimal(published) if kind == 'mean' else decimal(published, 0) + '%'}"
    now = with_unit(estimate.value, kind)
    inside = estimate.low <= (published if kind == "mean" else published / 100) <= estimate.high
    place = "valt binnen de marge" if inside else "valt buiten de marge"
    return f"nu {now} ({margin(estimate, kind)}); {earlier} in {year or 'onbekend jaar'} {place}"
