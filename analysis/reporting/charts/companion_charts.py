"""Charts of what several groups say: marks side by side on one scale, and the network of contacts."""

from collections.abc import Sequence

from msgspec import Struct

from analysis.reporting.charts.plots import (
    FOOT,
    HEAD,
    KEY_CHARACTER,
    MILLIMETRE,
    Dot,
    Drawing,
    Palette,
    Point,
    draw_axis,
    draw_rule,
    draw_withheld,
    linear,
    middles,
    percent,
    row_height,
)
from analysis.reporting.phrases import Phrases, later

WIDTH = 166 * MILLIMETRE

QUARTERS = (
    later("minder dan een kwart"),
    later("een kwart tot de helft"),
    later("de helft tot driekwart"),
    later("driekwart of meer"),
)
"""How many of the people of an organisation, by the number of the quarter."""

_SQUARES = (0.0, 4.5, 8.0, 11.5)
"""Side of a square by the number of the quarter, in points; below a quarter there is a dot."""

_NAME, _PITCH = 158.0, 15.9
"""Width of the names of the rows with their numbers of answers, and the height of a row, in points."""

_SLANT = 2.8
"""What a letter of a name that is turned takes of the height, in points."""

SYMBOLS = ("◆", "◇", "■", "□")
"""Of the groups beside the residents, in their order: diamonds and squares, filled and open.

Shape and filling tell them apart in black and white too.
"""

_LONGEST = 25
"""Letters of a name that the network has room for; the table has the whole name."""


class Marks(Struct, frozen=True, kw_only=True):
    """A row: the residents with their interval, then one value for each other group (percent or grade).

    A place is None where there is nothing to draw; without any, the words of `withheld` stand there.
    """

    label: str
    residents: Dot | None = None
    others: tuple[float | None, ...] = ()
    withheld: str = ""
    lines: int = 1
    heading: bool = False


def side_by_side(  # noqa: PLR0913 - a chart has rows, names, a scale and words
    phrases: Phrases,
    colours: Palette,
    rows: Sequence[Marks],
    names: Sequence[str],
    *,
    title: str,
    width: float,
    ticks: Sequence[float],
    unit: str = "%",
) -> str:
    """Residents as dots with intervals, the others by their `SYMBOLS`."""
    heights = [row_height(row.lines) for row in rows]
    bottom = HEAD + sum(heights)
    drawing = Drawing(phrases, colours, width, bottom + FOOT)
    scale = linear(ticks[0], ticks[-1], 12, width - 12)
    draw_rule(drawing, HEAD, strong=True)
    for place in range(len(rows)):
        last = place == len(rows) - 1 or rows[place + 1].heading
        draw_rule(drawing, HEAD + sum(heights[: place + 1]), strong=last)
    draw_axis(drawing, scale, ticks, bottom, unit)
    for row, y in zip(rows, middles(heights), strict=True):
        if row.heading:
            continue
        values = [scale(value) for value in row.others if value is not None]
        if row.residents is not None:
            drawing.interval(y, scale, row.residents)
        elif not values:
            draw_withheld(drawing, y, row.withheld)
        if len(values) > 1:
            drawing.line((min(values), y), (max(values), y), "connector", 0.8)
        for place, value in enumerate(row.others):
            if value is not None:
                fill = "paper" if place % 2 else "companions"
                drawing.area(_mark((scale(value), y), place), fill, "companions", 1.1)
    return drawing.svg(
        title, " ".join(_describe(phrases, row, names, unit) for row in rows if not row.heading)
    )


def _mark(centre: Point, place: int) -> str:
    """The outline of a diamond for the first two groups, of a square for those after."""
    x, y = centre
    if place < 2:
        return f"M{x:.1f} {y - 4:.1f}L{x + 4:.1f} {y:.1f}L{x:.1f} {y + 4:.1f}L{x - 4:.1f} {y:.1f}Z"
    return f"M{x - 2.8:.1f} {y - 2.8:.1f}h5.6v5.6h-5.6Z"


def _describe(phrases: Phrases, row: Marks, names: Sequence[str], unit: str) -> str:
    short = percent if unit == "%" else phrases.decimal

    def number(value: float) -> str:
        return phrases.say("{share} procent", share=percent(value)) if unit == "%" else short(value)

    said = []
    if row.residents is not None:
        dot = row.residents
        said.append(
            phrases.say(
                "bewoners {value}, marge {low} tot {high}",
                value=number(dot.value),
                low=short(dot.low),
                high=short(dot.high),
            )
        )
    said += [
        f"{name} {number(value)}" for name, value in zip(names, row.others, strict=False) if value is not None
    ]
    return f"{row.label}: {'; '.join(said) or row.withheld}."


class Contacts(Struct, frozen=True, kw_only=True):
    """A row of the network: with how many of the people of one organisation each other one has contact.

    `quarters` are their numbers, in the order of the columns; None where too few answered. `base`: the number
    of answers, in words.
    """

    label: str
    base: str
    quarters: tuple[int | None, ...]


def network(
    phrases: Phrases, colours: Palette, rows: Sequence[Contacts], names: Sequence[str], *, title: str
) -> str:
    """Who has contact with whom, as a square for each row and column, larger and darker as contact is wider.

    Every pair has its own place: lines between names would hide each other as soon as most pairs have one.
    """
    shown = [_short(name) for name in names]
    top = _SLANT * max(map(len, shown)) + 8
    pitch = min(1.5 * _PITCH, (WIDTH - _NAME - top) / len(names))
    drawing = Drawing(phrases, colours, WIDTH, top + len(rows) * _PITCH + 22)
    drawing.text((_NAME - 10, top - 7), "n", size=7.5, fill="muted", anchor="end")
    for column, name in enumerate(shown):
        at = (_NAME + (column + 0.5) * pitch, top - 5)
        drawing.text(at, name, size=7.5, fill="muted", turned=45)
    right = _NAME + len(names) * pitch
    for place, row in enumerate(rows):
        y = top + (place + 0.5) * _PITCH
        drawing.line((0, y - _PITCH / 2), (right, y - _PITCH / 2))
        drawing.text((0, y), _short(row.label), size=8.7)
        drawing.text((_NAME - 10, y), row.base, size=8.7, anchor="end")
        for column, (name, quarter) in enumerate(zip(names, row.quarters, strict=True)):
            if name != row.label:
                _contact(drawing, (_NAME + (column + 0.5) * pitch, y), quarter)
    end = top + len(rows) * _PITCH
    drawing.line((0, top), (right, top), "ink", 0.6)
    drawing.line((0, end), (right, end), "ink", 0.6)
    _network_key(drawing, end + 13)
    return drawing.svg(title, " ".join(_describe_contacts(phrases, row, names) for row in rows))


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"


def _contact(drawing: Drawing, at: Point, quarter: int | None) -> None:
    if quarter is None:
        drawing.text(at, "–", fill="muted", anchor="middle")
    elif quarter == 0:
        drawing.dot(at, 1.2, "connector")
    else:
        side = _SQUARES[quarter]
        fill = "residents" if quarter == len(QUARTERS) - 1 else "sequence-3"
        drawing.rectangle((at[0] - side / 2, at[1] - side / 2), side, side, fill)


def _network_key(drawing: Drawing, y: float) -> None:
    x = 8.0
    for quarter, words in enumerate(QUARTERS):
        said = drawing.phrases.say(words)
        _contact(drawing, (x, y), quarter)
        drawing.text((x + 11, y), said, size=7.5, fill="muted")
        x += 30 + KEY_CHARACTER * len(said)


def _describe_contacts(phrases: Phrases, row: Contacts, names: Sequence[str]) -> str:
    by_quarter = (
        (words, [name for name, found in zip(names, row.quarters, strict=True) if found == quarter])
        for quarter, words in reversed([*enumerate(QUARTERS)])
    )
    told = "; ".join(f"{phrases.say(words)}: {', '.join(found)}" for words, found in by_quarter if found)
    return f"{row.label} (n = {row.base}), {told}."
