"""Small multiples: a panel for each area, in a fixed order, with the same rows on the same scales.

The labels of the rows stand once at the left of each line of panels, with the figure of the whole
municipality, which every panel repeats as a line through its rows.
"""

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Literal

from msgspec import Struct

from analysis.reporting.charts.plots import (
    MILLIMETRE,
    Drawing,
    Palette,
    Point,
    Row,
    Scale,
    describe_row,
    linear,
    wrapped,
)
from analysis.reporting.phrases import Phrases, later

WIDTH = 166 * MILLIMETRE
MOST_COLUMNS = 4

_LABELS = 112.0
"""Width of the labels of the rows, with the figures of the whole municipality at their right."""
_GAP = 12.0
_VALUES = 26.0
"""Width of the printed value at the right of a panel."""
_LETTER = 4.05
"""Width of a letter of a name or label, with some to spare, in points."""
_LINE = 9.4
_ROW = 17.0
_AXIS = 13.0
"""Height of the numbers below the rows of a scale."""
_BETWEEN = 10.0
"""Between two lines of panels."""
_RADIUS = 2.7

Direction = Literal["higher", "lower"]
_DIRECTIONS: dict[Direction, str] = {
    "higher": later("hoger dan de rest"),
    "lower": later("lager dan de rest"),
}


class Measure(Struct, frozen=True, kw_only=True):
    """What a row of every panel shows; `whole` is the printed figure of the municipality."""

    label: str
    whole: str


class Axis(Struct, frozen=True, kw_only=True):
    """The scale of the next rows; it is the same in every panel. `unit` is "%" or nothing."""

    rows: int
    ticks: tuple[float, ...]
    unit: str


class Place(Struct, frozen=True, kw_only=True):
    """A row of a panel: its mark, how its value is printed, and its direction when it is marked."""

    row: Row
    printed: str
    direction: Direction | None = None


class Panel(Struct, frozen=True, kw_only=True):
    """An area, with a place for each measure."""

    name: str
    places: tuple[Place, ...]

    @property
    def empty(self) -> bool:
        return all(place.row.dot is None for place in self.places)

    @property
    def withheld(self) -> str:
        """Why an empty panel is so."""
        return ", ".join(dict.fromkeys(place.row.withheld for place in self.places))


def panels(  # noqa: PLR0913 - a chart has panels, rows, scales and words
    phrases: Phrases,
    colours: Palette,
    areas: Sequence[Panel],
    measures: Sequence[Measure],
    axes: Sequence[Axis],
    *,
    title: str,
    whole_name: str,
) -> str:
    """Panels from left to right and from top to bottom, as evenly as they fill the lines."""
    columns = min(MOST_COLUMNS, len(areas))
    width = (WIDTH - _LABELS - columns * _GAP) / columns
    labels = [wrapped(measure.label, int((_LABELS - 24) / _LETTER)) for measure in measures]
    frame = _Frame(axes, width, [max(_ROW, _LINE * len(label) + 4) for label in labels])
    lines = [areas[first : first + columns] for first in range(0, len(areas), columns)]
    names = [[wrapped(panel.name, int(width / _LETTER)) for panel in line] for line in lines]
    whole = wrapped(whole_name, int(_LABELS / _LETTER))
    heads = [_LINE * max(map(len, (whole, *line))) + 6 for line in names]
    drawing = Drawing(
        phrases, colours, WIDTH, sum(heads) + len(lines) * frame.height + (len(lines) - 1) * _BETWEEN
    )
    top = 0.0
    for line, head, titles in zip(lines, heads, names, strict=True):
        _lines_above(drawing, whole, (_LABELS, top + head), "end")
        _labels(drawing, frame, labels, measures, top + head)
        for place, (panel, words) in enumerate(zip(line, titles, strict=True)):
            corner = (_LABELS + _GAP + place * (width + _GAP), top + head)
            _lines_above(drawing, words, corner, "start")
            _panel(drawing, frame, panel, corner)
        top += head + frame.height + _BETWEEN
    return drawing.svg(title, " ".join(_described(phrases, panel, axes) for panel in areas))


class _Frame:
    """What all panels share: the heights of the rows, and a scale for each of them."""

    def __init__(self, axes: Sequence[Axis], width: float, heights: Sequence[float]) -> None:
        self.axes = axes
        self.width = width
        self.heights = heights
        self.height = sum(heights) + _AXIS * len(axes)

    def scales(self, left: float) -> list[Scale]:
        right = left + self.width - _VALUES
        return [linear(axis.ticks[0], axis.ticks[-1], left + 4, right - 4) for axis in self.axes]

    def rows(self, top: float) -> Iterator[tuple[int, int, float, float]]:
        """The number of a row and of its axis, and where it begins and ends."""
        number, y = 0, top
        for place, axis in enumerate(self.axes):
            for _ in range(axis.rows):
                yield number, place, y, y + self.heights[number]
                y += self.heights[number]
                number += 1
            y += _AXIS


def _lines_above(drawing: Drawing, lines: Sequence[str], at: Point, anchor: str) -> None:
    """A name that ends just above the rows, however many lines it takes."""
    for place, text in enumerate(reversed(lines)):
        drawing.text((at[0], at[1] - 6 - _LINE * place), text, anchor=anchor, weight=600)


def _labels(
    drawing: Drawing,
    frame: _Frame,
    labels: Sequence[Sequence[str]],
    measures: Sequence[Measure],
    top: float,
) -> None:
    for number, _, start, end in frame.rows(top):
        middle = (start + end) / 2
        lines = labels[number]
        for place, text in enumerate(lines):
            drawing.text((0, middle + (place - (len(lines) - 1) / 2) * _LINE), text)
        drawing.text((_LABELS, middle), measures[number].whole, anchor="end", weight=600)
        _rules(drawing, frame, number, (0, start), (_LABELS, end))


def _panel(drawing: Drawing, frame: _Frame, panel: Panel, corner: Point) -> None:
    left, top = corner
    if panel.empty:
        drawing.line(corner, (left + frame.width, top), "ink", 0.6)
        drawing.rectangle((left, top + 1), frame.width, frame.height - _AXIS - 1, "diverging-3")
        middle = (left + frame.width / 2, top + (frame.height - _AXIS) / 2)
        words = wrapped(panel.withheld, 14)
        for line, text in enumerate(words):
            y = middle[1] + (line - (len(words) - 1) / 2) * _LINE
            drawing.text((middle[0], y), text, anchor="middle")
        return
    scales = frame.scales(left)
    for number, _, start, end in frame.rows(top):
        _rules(drawing, frame, number, (left, start), (left + frame.width, end))
    _axes(drawing, frame, scales, top)
    _whole(drawing, frame, panel, scales, top)
    for number, axis, start, end in frame.rows(top):
        place, y = panel.places[number], (start + end) / 2
        if place.row.dot is None:
            drawing.rectangle((left, start + 1), frame.width, end - start - 2, "diverging-3")
            drawing.text((left + frame.width / 2, y), place.row.withheld, size=7.5, anchor="middle")
            continue
        drawing.interval(y, scales[axis], place.row.dot, radius=_RADIUS)
        edge = left + frame.width
        weight = 600 if place.direction else 400
        drawing.text((edge, y), place.printed, anchor="end", weight=weight)
        if place.direction:
            _arrow(drawing, (edge - _LETTER * len(place.printed) - 8, y), place.direction)


def _rules(drawing: Drawing, frame: _Frame, number: int, start: Point, end: Point) -> None:
    """A strong rule above the first row of a scale and under its last, as tables have; light ones between."""
    ends = [*accumulate(axis.rows for axis in frame.axes)]
    last = number + 1 in ends
    if number in (0, *ends):
        drawing.line(start, (end[0], start[1]), "ink", 0.6)
    drawing.line((start[0], end[1]), end, "ink" if last else "rule", 0.6 if last else 0.35)


def _axes(drawing: Drawing, frame: _Frame, scales: Sequence[Scale], top: float) -> None:
    """A line and a number at every tick."""
    bounds: dict[int, tuple[float, float]] = {}
    for _, place, start, end in frame.rows(top):
        bounds[place] = (bounds.get(place, (start, end))[0], end)
    for axis, scale, (upper, lower) in zip(frame.axes, scales, bounds.values(), strict=True):
        for tick in axis.ticks:
            drawing.line((scale(tick), upper), (scale(tick), lower))
            text = drawing.phrases.decimal(tick, 0 if float(tick).is_integer() else 1)
            unit = axis.unit if tick == axis.ticks[-1] else ""
            drawing.text((scale(tick), lower + 7), text + unit, size=7.5, fill="muted", anchor="middle")


def _whole(drawing: Drawing, frame: _Frame, panel: Panel, scales: Sequence[Scale], top: float) -> None:
    """The figures of the municipality, as one line through the rows of a scale."""
    before: tuple[int, float] | None = None
    for number, axis, start, end in frame.rows(top):
        row = panel.places[number].row
        if row.reference is None or row.dot is None:
            before = None
            continue
        x = scales[axis](row.reference)
        drawing.line((x, start), (x, end), "ink", 1.1)
        if before is not None and before[0] == axis:
            drawing.line((before[1], start), (x, start), "ink", 0.5)
        before = (axis, x)


def _arrow(drawing: Drawing, centre: Point, direction: Direction) -> None:
    """A triangle that points up or down: the letters of a chart have no such sign."""
    x, y = centre
    point, base = (y - 3.2, y + 2.4) if direction == "higher" else (y + 3.2, y - 2.4)
    outline = f"M{x - 3.2:.1f} {base:.1f}L{x + 3.2:.1f} {base:.1f}L{x:.1f} {point:.1f}Z"
    drawing.area(outline, "ink", "ink", 0.3)


def _described(phrases: Phrases, panel: Panel, axes: Sequence[Axis]) -> str:
    units = [axis.unit for axis in axes for _ in range(axis.rows)]
    if panel.empty:
        return f"{panel.name}: {panel.withheld}."
    said = []
    for place, unit in zip(panel.places, units, strict=True):
        words = describe_row(phrases, place.row, unit)
        if place.direction:
            words = f"{words.rstrip('.')}; {phrases.say(_DIRECTIONS[place.direction])}."
        said.append(words)
    return f"{panel.name}. {' '.join(said)}"
