"""Charts of what several groups say: marks side by side on one scale, and the network of contacts."""

import math
from collections.abc import Mapping, Sequence

from msgspec import Struct

from analysis.reporting.charts.plots import (
    FOOT,
    HEAD,
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
NETWORK_HEIGHT = 96 * MILLIMETRE

QUARTERS = (
    later("minder dan een kwart"),
    later("een kwart tot de helft"),
    later("de helft tot driekwart"),
    later("driekwart of meer"),
)
"""How many of the people of an organisation, by the number of the quarter."""

_STROKES = (0.0, 0.8, 2.2, 4.2)
"""Width of a line by the number of the quarter; below a quarter there is none."""

_NODE = (96.0, 19.0)
"""Width and height of the box with a name."""

SYMBOLS = ("◆", "◇", "■", "□")
"""Of the groups beside the residents, in their order: diamonds and squares, filled and open.

Shape and filling tell them apart in black and white too.
"""

_LONGEST = 25
"""Letters that fit in a node; the table has the whole name."""


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
    return _box(centre, 5.6, 5.6)


def _box(centre: Point, width: float, height: float) -> str:
    left, top = centre[0] - width / 2, centre[1] - height / 2
    return f"M{left:.1f} {top:.1f}h{width:.1f}v{height:.1f}h{-width:.1f}Z"


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


def network(  # noqa: PLR0913 - a chart has rows, names, a scale and words
    phrases: Phrases,
    colours: Palette,
    names: Mapping[str, str],
    centre: Sequence[str],
    ties: Mapping[tuple[str, str], int],
    *,
    title: str,
) -> str:
    """Organisations at fixed places, those of `centre` in the middle; lines as wide as contact is frequent.

    `ties` holds the number of a quarter for two organisations; below a quarter nothing is drawn.
    """
    drawing = Drawing(phrases, colours, WIDTH, NETWORK_HEIGHT)
    places = _places([name for name in names if name not in centre], centre)
    drawn = {pair: quarter for pair, quarter in ties.items() if _STROKES[quarter]}
    for (one, other), quarter in sorted(drawn.items(), key=lambda tie: tie[1]):
        stroke = "residents" if quarter == len(_STROKES) - 1 else "connector"
        drawing.line(places[one], places[other], stroke, _STROKES[quarter])
    for key, name in names.items():
        _node(drawing, places[key], name, filled=key in centre)
    _network_key(drawing)
    words = [
        phrases.say(
            "{one} en {other}: {share}.",
            one=names[one],
            other=names[other],
            share=phrases.say(QUARTERS[quarter]),
        )
        for (one, other), quarter in drawn.items()
    ]
    return drawing.svg(title, " ".join(words) or phrases.say("Er is geen lijn te tekenen."))


def _places(around: Sequence[str], centre: Sequence[str]) -> dict[str, Point]:
    """Around on an ellipse from the top, clockwise; the others on a smaller one."""
    middle = (WIDTH / 2, (NETWORK_HEIGHT - 18) / 2)
    wide = (WIDTH / 2 - _NODE[0] / 2 - 2, middle[1] - _NODE[1] / 2 - 2)
    return {
        key: (
            middle[0] + across * math.sin(2 * math.pi * place / len(keys)),
            middle[1] - down * math.cos(2 * math.pi * place / len(keys)),
        )
        for keys, (across, down) in ((around, wide), (centre, (0.36 * wide[0], 0.42 * wide[1])))
        for place, key in enumerate(keys)
    }


def _node(drawing: Drawing, at: Point, name: str, *, filled: bool) -> None:
    fill, edge = ("residents", "residents") if filled else ("paper", "connector")
    drawing.area(_box(at, *_NODE), fill, edge, 0.8)
    shown = name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
    ink, weight = ("paper", 600) if filled else ("ink", 400)
    drawing.text(at, shown, size=7.8, fill=ink, anchor="middle", weight=weight)


def _network_key(drawing: Drawing) -> None:
    y, x = NETWORK_HEIGHT - 6, 2.0
    for quarter in range(1, len(QUARTERS)):
        stroke = "residents" if quarter == len(QUARTERS) - 1 else "connector"
        drawing.line((x, y), (x + 24, y), stroke, _STROKES[quarter])
        drawing.text((x + 29, y), drawing.phrases.say(QUARTERS[quarter]), size=7.5, fill="muted")
        x += 150
