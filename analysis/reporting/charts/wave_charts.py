"""A chart of what changed: one line for each figure, from the earlier wave to this one."""

from collections.abc import Sequence

from msgspec import Struct

from analysis.reporting.charts.plots import HEAD, MILLIMETRE, Drawing, Palette, linear, percent, wrapped
from analysis.reporting.phrases import Phrases

WIDTH = 166 * MILLIMETRE
_APART = 11.5
"""Between the middles of two labels, in points."""

_LEFT, _RIGHT = 0.14 * WIDTH, 0.5 * WIDTH
_LETTERS = 52
"""Of a label that fit beside the chart; the table has all of it."""


class Slope(Struct, frozen=True, kw_only=True):
    """A share in percent in two waves; `marked` when the change is no chance and large enough to matter."""

    label: str
    then: float
    now: float
    marked: bool


def slopes(
    phrases: Phrases, colours: Palette, rows: Sequence[Slope], moments: tuple[str, str], *, title: str
) -> str:
    """Lines from then (open) to now (filled); those that are marked stand out by colour and weight."""
    height = max(72 * MILLIMETRE, _APART * len(rows))
    top, bottom = HEAD + 6, HEAD + 6 + height
    drawing = Drawing(phrases, colours, WIDTH, bottom + 10)
    values = [value for row in rows for value in (row.then, row.now)]
    scale = linear(min(values), max(*values, min(values) + 1), bottom, top)
    for x, moment in zip((_LEFT, _RIGHT), moments, strict=True):
        drawing.line((x, top - 8), (x, bottom + 8), "rule", 0.6)
        drawing.text((x, HEAD - 12), moment, weight=600, anchor="middle")
    for row in sorted(rows, key=lambda row: row.marked):  # those that stand out on top
        ends = (_LEFT, scale(row.then)), (_RIGHT, scale(row.now))
        stroke = "residents" if row.marked else "connector"
        drawing.line(*ends, stroke, 2.0 if row.marked else 0.8)
        drawing.ring(ends[0], stroke=stroke)
        drawing.dot(ends[1], fill=stroke)
    _labels(drawing, [(scale(row.then), percent(row.then), row) for row in rows], _LEFT - 9, "end", bottom)
    texts = [(scale(row.now), f"{percent(row.now)}%  {_short(row.label)}", row) for row in rows]
    _labels(drawing, texts, _RIGHT + 9, "start", bottom)
    return drawing.svg(title, " ".join(_described(phrases, row, moments) for row in rows))


def _short(label: str) -> str:
    first, *rest = wrapped(label, _LETTERS)
    return f"{first} …" if rest else first


def _labels(
    drawing: Drawing, texts: Sequence[tuple[float, str, Slope]], x: float, anchor: str, bottom: float
) -> None:
    """Every text beside its mark, moved up or down where others stand."""
    ordered = sorted(texts, key=lambda text: text[0])
    for y, (mark, text, row) in zip(apart([text[0] for text in ordered], bottom), ordered, strict=True):
        if abs(y - mark) > 2:
            inner = x + (4 if anchor == "end" else -4)
            drawing.line((inner, mark), (x + (1 if anchor == "end" else -1), y), "rule", 0.5)
        drawing.text((x, y), text, size=8.5, anchor=anchor, weight=600 if row.marked else 400)


def apart(places: Sequence[float], bottom: float) -> list[float]:
    """Places in ascending order, moved until they are `_APART`: down, and at the bottom up again."""
    found: list[float] = []
    for place in places:
        found.append(max(place, found[-1] + _APART) if found else place)
    for position in range(len(found) - 1, -1, -1):
        limit = bottom if position == len(found) - 1 else found[position + 1] - _APART
        found[position] = min(found[position], limit)
    return found


def _described(phrases: Phrases, row: Slope, moments: tuple[str, str]) -> str:
    return phrases.say(
        "{label}: {then} procent in {earlier}, {now} procent in {later}.",
        label=row.label,
        then=percent(row.then),
        earlier=moments[0],
        now=percent(row.now),
        later=moments[1],
    )
