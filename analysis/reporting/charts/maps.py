"""Areas of a town: a map in classes, where one of them lies, and the decoration of a cover."""

from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import pairwise

from msgspec import Struct

from analysis.reporting.charts.plots import MILLIMETRE, Drawing, Palette, Point, ink_on, wrapped
from analysis.reporting.phrases import Phrases

Ring = tuple[Point, ...]


class Shape(Struct, frozen=True, kw_only=True):
    """The outline of an area in plane coordinates (metres east and north), and where its name goes."""

    code: str
    name: str
    rings: tuple[Ring, ...]
    label: Point


def choropleth(  # noqa: PLR0913 - a mark or chart has a place, a scale and words
    phrases: Phrases,
    colours: Palette,
    shapes: Sequence[Shape],
    values: Mapping[str, float | str],
    *,
    title: str,
    legend: str,
    limits: Sequence[float],
    number: Callable[[float], str],
    indicative: Collection[str] = (),
) -> str:
    """Areas in four classes from light (low) to dark (high); hatched where there is no figure.

    `values` hold the words that stand in the place of a figure that is not there; `limits` are the three
    borders between the classes, `number` writes a value; those of `indicative` areas have a star.
    """
    left, top, height = 92.0, 8.0, 270.0
    drawing = Drawing(phrases, colours, 166 * MILLIMETRE, top + height + 4)
    project, right = _projection(shapes, (left, top), height, 250)
    drawing.parts.append(_hatching(colours))
    words = {code: value if isinstance(value, str) else number(value) for code, value in values.items()}
    for shape in shapes:
        value = values[shape.code]
        drawing.area(_outline(shape, project), "paper" if isinstance(value, str) else _class(value, limits))
        if isinstance(value, str):
            drawing.area(_outline(shape, project), "url(#few)", "hatching", 0.7)
    starred = words | {code: f"{words[code]}*" for code in indicative}
    _map_labels(drawing, shapes, values, project, limits, starred, (left, left + right))
    _map_key(drawing, legend, limits, number, (left + right + 20, top + height - 62))
    told = words | {code: phrases.say("{words} (indicatief)", words=words[code]) for code in indicative}
    return drawing.svg(title, " ".join(f"{shape.name}: {told[shape.code]}." for shape in shapes))


def locator(phrases: Phrases, colours: Palette, shapes: Sequence[Shape], here: str, *, title: str) -> str:
    drawing = Drawing(phrases, colours, 32 * MILLIMETRE, 39 * MILLIMETRE)
    project, _ = _projection(shapes, (1, 1), 108, 32 * MILLIMETRE - 2)
    for shape in shapes:
        drawing.area(
            _outline(shape, project), "residents" if shape.code == here else "diverging-3", width=0.9
        )
    return drawing.svg(title, phrases.say("Omtrek van alle wijken; deze wijk is donker."))


def cover(phrases: Phrases, colours: Palette, shapes: Sequence[Shape]) -> str:
    """The town's areas as decoration of the cover; the tints mean nothing."""
    drawing = Drawing(phrases, colours, 210 * MILLIMETRE, 297 * MILLIMETRE)
    if shapes:
        project, width = _projection(shapes, (0, 395), 365, 330)
        project, _ = _projection(shapes, (210 * MILLIMETRE - 62 - width, 395), 365, 330)
        for place, shape in enumerate(shapes):
            drawing.area(
                _outline(shape, project), f"sequence-{(1, 2, 1, 3, 1, 2, 3, 4)[place % 8]}", width=2.2
            )
    return drawing.svg(phrases.say("Versiering"), phrases.say("Omtrek van alle wijken."))


def _projection(
    shapes: Sequence[Shape], corner: Point, height: float, width: float
) -> tuple[Callable[[Point], Point], float]:
    """From metres to points, keeping the proportions; and the width that the map takes."""
    points = [point for shape in shapes for ring in shape.rings for point in ring]
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    south, north = min(y for _, y in points), max(y for _, y in points)
    factor = min(height / (north - south), width / (east - west))
    left, top = corner
    return lambda point: (left + (point[0] - west) * factor, top + (north - point[1]) * factor), (
        east - west
    ) * factor


def _outline(shape: Shape, project: Callable[[Point], Point]) -> str:
    rings = ([project(point) for point in ring] for ring in shape.rings)
    return "".join("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in ring) + "Z" for ring in rings)


def _class(value: float, limits: Sequence[float]) -> str:
    return f"sequence-{1 + sum(value >= limit for limit in limits)}"


def _hatching(colours: Palette) -> str:
    return (
        '<defs><pattern id="few" width="3" height="3" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate(45)"><line x1="0" y1="0" x2="0" y2="3" stroke="{colours["hatching"]}" '
        'stroke-width="1.1"/></pattern></defs>'
    )


def _map_labels(  # noqa: PLR0913, PLR0917 - a mark or chart has a place, a scale and words
    drawing: Drawing,
    shapes: Sequence[Shape],
    values: Mapping[str, float | str],
    project: Callable[[Point], Point],
    limits: Sequence[float],
    words: Mapping[str, str],
    edges: Point,
) -> None:
    """Names inside the areas where they fit, else beside the map with a line to the area."""
    outside: list[tuple[Shape, str]] = []
    taken: list[tuple[Point, float]] = []
    for shape in shapes:
        value = values[shape.code]
        lines = (*wrapped(shape.name, 14), *wrapped(words[shape.code], 14))
        centre = _place_inside(shape, project, lines)
        if centre is None:
            outside.append((shape, words[shape.code]))
            continue
        taken.append((centre, len(lines) * 9.5 / 2 + 2))
        ink = "ink" if isinstance(value, str) else ink_on(_class(value, limits))
        names = len(wrapped(shape.name, 14))
        for place, line in enumerate(lines):
            at = (centre[0], centre[1] + (place - (len(lines) - 1) / 2) * 9.5)
            weight = 600 if place < names else 400
            drawing.text(at, line, size=7.8, fill=ink, anchor="middle", weight=weight)
    west = [pair for pair in outside if _goes_west(project(pair[0].label), taken, edges)]
    east = [pair for pair in outside if pair not in west]
    _labels_beside(drawing, west, project, edges[0] - 16, "end")
    _labels_beside(drawing, east, project, edges[1] + 16, "start")


def _goes_west(target: Point, taken: Sequence[tuple[Point, float]], edges: Point) -> bool:
    """To the nearer side, unless only the line to the other side keeps clear of the names on the map."""
    level = [x for (x, y), half in taken if abs(y - target[1]) < half]
    west, east = any(x < target[0] for x in level), any(x > target[0] for x in level)
    return east if west != east else target[0] < sum(edges) / 2


def _labels_beside(
    drawing: Drawing,
    outside: list[tuple[Shape, str]],
    project: Callable[[Point], Point],
    x: float,
    anchor: str,
) -> None:
    """Names under each other on one side of the map, in the order of the areas from north to south."""
    y = -14.0
    for shape, words in sorted(outside, key=lambda pair: project(pair[0].label)[1]):
        target = project(shape.label)
        y = max(y + 28, min(target[1], drawing.height - 100))
        drawing.line(target, (x + (3 if anchor == "end" else -3), y), "ink", 0.5)
        drawing.dot(target, 1.3, "ink")
        for place, line in enumerate((*wrapped(shape.name, 18), words)):
            weight = 400 if line == words else 600
            drawing.text((x, y - 4.5 + 9.5 * place), line, size=7.8, anchor=anchor, weight=weight)


def _place_inside(shape: Shape, project: Callable[[Point], Point], lines: Sequence[str]) -> Point | None:
    """The middle of the widest place in an area where these lines fit; None when they fit nowhere."""
    rings = [[project(point) for point in ring] for ring in shape.rings]
    half = len(lines) * 9.5 / 2
    needed = max(len(line) for line in lines) * 4.1 + 4
    heights = [y for ring in rings for _, y in ring]
    steps = [min(heights) + (max(heights) - min(heights)) * n / 40 for n in range(1, 40)]
    spans = ((_widest(rings, (y - half, y, y + half)), y) for y in steps)
    (left, right), y = max(spans, key=lambda found: found[0][1] - found[0][0])
    return ((left + right) / 2, y) if right - left >= needed else None


def _widest(rings: Sequence[Sequence[Point]], levels: Sequence[float]) -> Point:
    """The widest stretch from left to right that lies inside on all these heights."""
    common = _inside_at(rings, levels[0])
    for level in levels[1:]:
        common = [
            (max(a, c), min(b, d))
            for a, b in common
            for c, d in _inside_at(rings, level)
            if max(a, c) < min(b, d)
        ]
    return max(common, key=lambda span: span[1] - span[0], default=(0.0, 0.0))


def _inside_at(rings: Sequence[Sequence[Point]], y: float) -> list[Point]:
    """The stretches inside the outline at one height, by the even-odd rule."""
    crossings = sorted(
        x1 + (y - y1) / (y2 - y1) * (x2 - x1)
        for ring in rings
        for (x1, y1), (x2, y2) in zip(ring, (*ring[1:], ring[0]), strict=True)
        if (y1 > y) != (y2 > y)
    )
    return list(zip(crossings[::2], crossings[1::2], strict=True))


def _map_key(
    drawing: Drawing, legend: str, limits: Sequence[float], number: Callable[[float], str], corner: Point
) -> None:
    x, y = corner
    names = [
        drawing.phrases.say("minder dan {limit}", limit=number(limits[0])),
        *(
            drawing.phrases.say("{low} tot {high}", low=number(low), high=number(high))
            for low, high in pairwise(limits)
        ),
        drawing.phrases.say("{limit} of meer", limit=number(limits[-1])),
    ]
    for place, line in enumerate(wrapped(legend, 34)):
        drawing.text((x, y - 12 - 9.5 * (len(wrapped(legend, 34)) - 1 - place)), line, size=7.5, fill="muted")
    for place, name in enumerate(reversed(names)):
        drawing.rectangle((x, y + place * 12.5 - 4.5), 16, 9, f"sequence-{4 - place}")
        drawing.text((x + 21, y + place * 12.5), name, size=7.8)
    drawing.area(f"M{x:.1f} {y + 45.5:.1f}h16v9h-16Z", "url(#few)", "hatching", 0.6)
    drawing.text((x + 21, y + 50), drawing.phrases.say("geen cijfer"), size=7.8)
