"""Charts as hand-made SVG: real text, one unit is one point, colours from the report's stylesheet.

Every chart carries a `<title>` (the finding, which becomes the alternative text in the PDF) and a
`<desc>` with all values in words. A chart never gets a figure that may not be published: its place is
`None`, and the words that say why stand there.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from html import escape
from textwrap import shorten

from msgspec import Struct

from analysis.reporting.phrases import Phrases, later

MILLIMETRE = 72 / 25.4
ROW = 5.6 * MILLIMETRE
"""Height of a table row of one line, and what a further line adds."""
LINE = 10.6
HEAD = 9.6 * MILLIMETRE
FOOT = 15.0
TOO_FEW = later("te weinig antwoorden")
PROTECTED = later("beschermd")
"""In the place of a figure of enough answers, from which what a few people answered would follow."""

Palette = Mapping[str, str]
Scale = Callable[[float], float]
Point = tuple[float, float]


class Dot(Struct, frozen=True, kw_only=True):
    """An outcome with its interval, in the units of the scale (percent or grade)."""

    value: float
    low: float
    high: float


class Row(Struct, frozen=True, kw_only=True):
    """A row of a table with a plot beside it. Without a `dot` the words of `withheld` stand there.

    `lines` is the number of lines of the label in the table; a heading row has no mark.
    """

    label: str
    dot: Dot | None
    withheld: str
    reference: float | None = None
    lines: int = 1
    heading: bool = False


class Statement(Struct, frozen=True, kw_only=True):
    """Shares of the five answers from strongly disagree to strongly agree, or of ordered answers.

    Without shares the words of `withheld` stand there. `above`: the head of a group of statements that
    begins here.
    """

    label: str
    shares: tuple[float, ...] | None
    withheld: str
    above: str = ""


class Comparison(Struct, frozen=True, kw_only=True):
    """A group's share before and after weighting, and in the population (percent)."""

    group: str
    label: str
    unweighted: float | None
    weighted: float | None
    population: float


def palette(stylesheet: str) -> Palette:
    """The colours among the custom properties of a stylesheet, by name."""
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6});", stylesheet))


def percent(value: float) -> str:
    return f"{value:.0f}"


def row_height(lines: int) -> float:
    """Height in points of a row whose label takes this many lines."""
    return ROW + (lines - 1) * LINE


class Drawing:
    """An SVG under construction; y grows downwards, colours are names of the palette."""

    def __init__(self, phrases: Phrases, colours: Palette, width: float, height: float) -> None:
        self.phrases = phrases
        self.colours = colours
        self.width = width
        self.height = height
        self.parts: list[str] = []

    def line(self, start: Point, end: Point, stroke: str = "rule", width: float = 0.35) -> None:
        (x1, y1), (x2, y2) = start, end
        self.parts.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
            f'stroke="{self.colours[stroke]}" stroke-width="{width}"/>'
        )

    def rectangle(self, corner: Point, width: float, height: float, fill: str) -> None:
        self.parts.append(
            f'<rect x="{corner[0]:.1f}" y="{corner[1]:.1f}" width="{width:.1f}" height="{height:.1f}" '
            f'fill="{self.colours[fill]}"/>'
        )

    def dot(self, centre: Point, radius: float = 3.1, fill: str = "residents") -> None:
        self.parts.append(
            f'<circle cx="{centre[0]:.1f}" cy="{centre[1]:.1f}" r="{radius}" fill="{self.colours[fill]}"/>'
        )

    def ring(self, centre: Point, radius: float = 2.8, stroke: str = "residents") -> None:
        self.parts.append(
            f'<circle cx="{centre[0]:.1f}" cy="{centre[1]:.1f}" r="{radius}" fill="{self.colours["paper"]}" '
            f'stroke="{self.colours[stroke]}" stroke-width="1.1"/>'
        )

    def area(self, outline: str, fill: str, border: str = "paper", width: float = 1.2) -> None:
        paint = self.colours.get(fill, fill)
        self.parts.append(
            f'<path d="{outline}" fill="{paint}" stroke="{self.colours[border]}" stroke-width="{width}" '
            'stroke-linejoin="round"/>'
        )

    def text(  # noqa: PLR0913 - a mark or chart has a place, a scale and words
        self,
        at: Point,
        content: str,
        *,
        size: float = 8,
        fill: str = "ink",
        anchor: str = "start",
        weight: int = 400,
        turned: int = 0,
    ) -> None:
        """`at` is the middle of the letters' height, so that labels sit on the line of their mark.

        `turned`: by how many degrees the words rise.
        """
        turn = f' transform="rotate({-turned} {at[0]:.1f} {at[1]:.1f})"' if turned else ""
        self.parts.append(
            f'<text x="{at[0]:.1f}" y="{at[1] + size * 0.33:.1f}" font-family="Source Sans 3" '
            f'font-size="{size}" font-weight="{weight}" fill="{self.colours[fill]}" '
            f'text-anchor="{anchor}"{turn}>{escape(content)}</text>'
        )

    def interval(self, y: float, scale: Scale, dot: Dot, radius: float = 3.1) -> None:
        self.line((scale(dot.low), y), (scale(dot.high), y), "residents", 1.3)
        self.dot((scale(dot.value), y), radius)

    def svg(self, title: str, description: str) -> str:
        size = f"{self.width:.1f} {self.height:.1f}"
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width:.1f}pt" '
            f'height="{self.height:.1f}pt" viewBox="0 0 {size}" role="img">'
            f"<title>{escape(title)}</title><desc>{escape(description)}</desc>{''.join(self.parts)}</svg>"
        )


def linear(low: float, high: float, left: float, right: float) -> Scale:
    return lambda value: left + (value - low) / (high - low) * (right - left)


# --- plots beside a table -------------------------------------------------------------------------


def dots(  # noqa: PLR0913 - a mark or chart has a place, a scale and words
    phrases: Phrases,
    colours: Palette,
    rows: Sequence[Row],
    *,
    title: str,
    width: float,
    ticks: Sequence[float],
    unit: str = "%",
    reference_name: str = "",
) -> str:
    """Outcomes with their intervals on one scale; a tick mark per row, or one line, for the reference."""
    heights = [row_height(row.lines) for row in rows]
    bottom = HEAD + sum(heights)
    drawing = Drawing(phrases, colours, width, bottom + FOOT)
    scale = linear(ticks[0], ticks[-1], 12, width - 12)
    _row_rules(drawing, rows, heights)
    draw_axis(drawing, scale, ticks, bottom, unit)
    _references(drawing, rows, heights, scale, reference_name)
    for row, y in zip(rows, middles(heights), strict=True):
        if row.heading:
            continue
        if row.dot is None:
            draw_withheld(drawing, y, row.withheld)
        else:
            drawing.interval(y, scale, row.dot)
    return drawing.svg(title, _describe_rows(phrases, rows, unit))


def bars(  # noqa: PLR0913 - a mark or chart has a place, a scale and words
    phrases: Phrases,
    colours: Palette,
    rows: Sequence[Row],
    *,
    title: str,
    width: float,
    longest: float,
    dark: int = 1,
) -> str:
    """Shares in percent as bars from zero; the first `dark` bars stand out."""
    heights = [row_height(row.lines) for row in rows]
    drawing = Drawing(phrases, colours, width, HEAD + sum(heights) + 2)
    scale = linear(0, max(longest, 1), 6, width - 26)
    _row_rules(drawing, rows, heights)
    for place, (row, y) in enumerate(zip(rows, middles(heights), strict=True)):
        if row.dot is None:
            drawing.text((8, y), row.withheld, fill="muted")
            continue
        length = scale(row.dot.value) - scale(0)
        drawing.rectangle((scale(0), y - 4.5), length, 9, "residents" if place < dark else "sequence-3")
        label = percent(row.dot.value) + ("%" if place == 0 else "")
        drawing.text((scale(0) + length + 4, y), label, size=8.5, weight=600)
    drawing.line((scale(0), HEAD), (scale(0), HEAD + sum(heights)), "ink", 0.8)
    return drawing.svg(title, _describe_rows(phrases, rows, "%"))


def shifts(
    phrases: Phrases, colours: Palette, rows: Sequence[Comparison], *, title: str, width: float
) -> str:
    """Distance to the population before (open) and after (filled) weighting, in percentage points."""
    heights = [ROW] * len(rows)
    bottom = HEAD + sum(heights)
    drawing = Drawing(phrases, colours, width, bottom + FOOT)
    reach = max((abs(_distance(row.unweighted, row)) for row in rows), default=1.0)
    step = next(step for step in (1, 2, 3, 5, 10, 20, 50) if 2 * step >= reach)
    scale = linear(-2 * step, 2 * step, 14, width - 12)
    for edge in range(len(rows) + 1):
        draw_rule(drawing, HEAD + edge * ROW, strong=edge in (0, len(rows)))
    for tick in (-2 * step, -step, 0, step, 2 * step):
        if tick:
            drawing.line((scale(tick), HEAD), (scale(tick), bottom))
        label = f"{tick:+d}".replace("+0", "0").replace("-", "\u2212")
        drawing.text((scale(tick), bottom + 8), label, size=7.5, fill="muted", anchor="middle")
    drawing.line((scale(0), HEAD - 4), (scale(0), bottom), "ink", 1)
    drawing.text(
        (scale(0), HEAD - 10), phrases.say("gelijk aan CBS"), size=7.5, fill="muted", anchor="middle"
    )
    for row, y in zip(rows, middles(heights), strict=True):
        before, after = scale(_distance(row.unweighted, row)), scale(_distance(row.weighted, row))
        drawing.line((before, y), (after, y), "connector", 0.8)
        drawing.ring((before, y))
        drawing.dot((after, y), 3.0)
    return drawing.svg(title, _describe_comparisons(phrases, rows, decimals=1))


def _distance(value: float | None, row: Comparison) -> float:
    return (row.population if value is None else value) - row.population


def middles(heights: Sequence[float]) -> list[float]:
    return [HEAD + sum(heights[:place]) + height / 2 for place, height in enumerate(heights)]


def draw_rule(drawing: Drawing, y: float, *, strong: bool) -> None:
    drawing.line((0, y), (drawing.width, y), "ink" if strong else "rule", 0.6 if strong else 0.35)


def _row_rules(drawing: Drawing, rows: Sequence[Row], heights: Sequence[float]) -> None:
    """Continues the rules of the table through the plot."""
    draw_rule(drawing, HEAD, strong=True)
    for place in range(len(rows)):
        last = place == len(rows) - 1
        starts_group = not last and rows[place + 1].heading
        draw_rule(drawing, HEAD + sum(heights[: place + 1]), strong=last or starts_group)


def draw_axis(drawing: Drawing, scale: Scale, ticks: Sequence[float], bottom: float, unit: str) -> None:
    for tick in ticks:
        drawing.line((scale(tick), HEAD), (scale(tick), bottom))
        number = drawing.phrases.decimal(abs(tick), 0 if float(tick).is_integer() else 1)
        label = ("\u2212" if tick < 0 else "") + number + (unit if tick == ticks[-1] else "")
        drawing.text((scale(tick), bottom + 8), label, size=7.5, fill="muted", anchor="middle")


def _references(
    drawing: Drawing, rows: Sequence[Row], heights: Sequence[float], scale: Scale, name: str
) -> None:
    marked = [
        (row.reference, y, height)
        for row, y, height in zip(rows, middles(heights), heights, strict=True)
        if row.reference is not None and not row.heading
    ]
    if not marked:
        return
    for value, y, height in marked:
        half = height / 2 if len({value for value, _, _ in marked}) == 1 else 5.5
        drawing.line((scale(value), y - half), (scale(value), y + half), "ink", 1.3)
    first = scale(marked[0][0])
    drawing.line((first, HEAD - 4), (first, marked[0][1]), "ink", 0.6)
    anchor = "start" if first < 50 else "end" if first > drawing.width - 50 else "middle"
    drawing.text((first, HEAD - 10), name, size=7.5, anchor=anchor, weight=600)


def draw_withheld(drawing: Drawing, y: float, words: str) -> None:
    drawing.rectangle((12, y - 5), 84, 10, "paper")
    drawing.text((14, y), words, fill="muted")


def _describe_rows(phrases: Phrases, rows: Sequence[Row], unit: str) -> str:
    return " ".join(describe_row(phrases, row, unit) for row in rows if not row.heading)


def describe_row(phrases: Phrases, row: Row, unit: str) -> str:
    if row.dot is None:
        return f"{row.label}: {row.withheld}."
    dot, share = row.dot, unit == "%"
    number = percent if share else phrases.decimal
    words = phrases.say(
        later("{label}: {value} procent, marge {low} tot {high}")
        if share
        else later("{label}: {value}, marge {low} tot {high}"),
        label=row.label,
        value=number(dot.value),
        low=number(dot.low),
        high=number(dot.high),
    )
    if row.reference is None:
        return f"{words}."
    return phrases.say(
        later("{words}; vergelijking {reference} procent.")
        if share
        else later("{words}; vergelijking {reference}."),
        words=words,
        reference=number(row.reference),
    )


# --- statements -----------------------------------------------------------------------------------


def agreement(
    phrases: Phrases, colours: Palette, statements: Sequence[Statement], *, title: str, answers: Sequence[str]
) -> str:
    """Five-point statements left (disagree) and right (agree) of a zero line, "neither" on its own zero."""
    top, bar, label_width = 26.0, 13.0, 176.0
    heights = [max(24.0, 10.5 * len(wrapped(row.label, 40)) + 6) for row in statements]
    drawing = Drawing(phrases, colours, 166 * MILLIMETRE, top + sum(heights) + _heads(statements) + 2)
    reach = [row.shares for row in statements if row.shares is not None]
    left = max((shares[0] + shares[1] for shares in reach), default=0)
    right = max((shares[3] + shares[4] for shares in reach), default=0)
    middle = max((shares[2] for shares in reach), default=0)
    unit = (drawing.width - label_width - 100) / max(left + right + middle, 1)
    zero = label_width + 26 + left * unit
    neither = zero + right * unit + 46
    drawing.text((zero - 4, 12), phrases.say("oneens"), size=8.5, anchor="end", weight=600)
    drawing.text((zero + 4, 12), phrases.say("eens"), size=8.5, weight=600)
    drawing.text((neither, 12), phrases.say("geen van beide"), size=8.5, fill="muted", weight=600)
    y = top
    for place, (row, height) in enumerate(zip(statements, heights, strict=True)):
        y = _head(drawing, row, y)
        centre = y + height / 2
        _label(drawing, wrapped(row.label, 40), centre)
        if row.shares is None:
            drawing.text((zero + 4, centre), row.withheld, fill="muted")
        else:
            _stack(drawing, (zero, centre - bar / 2), bar, (row.shares[1], row.shares[0]), unit, -1)
            _stack(drawing, (zero, centre - bar / 2), bar, (row.shares[3], row.shares[4]), unit, 1)
            _totals(drawing, row.shares, (zero, centre), unit, first=place == 0)
            drawing.rectangle((neither, centre - bar / 2), row.shares[2] * unit, bar, "diverging-3")
            _inside(drawing, (neither, centre), row.shares[2], unit, "ink")
        y += height
    drawing.line((zero, top - 4), (zero, y), "ink", 0.8)
    drawing.line((neither, top - 4), (neither, y), "connector", 0.5)
    return drawing.svg(title, _describe_statements(phrases, statements, answers))


def ordered(
    phrases: Phrases, colours: Palette, statements: Sequence[Statement], *, title: str, answers: Sequence[str]
) -> str:
    """Ordered answers of several items as whole bars of 100 percent, from dark to the paper itself."""
    top, bar, left = 26.0, 13.0, 200.0
    heights = [max(22.0, 10.5 * len(wrapped(row.label, 44)) + 6) for row in statements]
    fills = _sequence(len(answers))
    keys = _key_lines(answers, 166 * MILLIMETRE - left)
    top += 12 * (len(keys) - 1)
    drawing = Drawing(phrases, colours, 166 * MILLIMETRE, top + sum(heights) + _heads(statements) + 2)
    unit = (drawing.width - left - 2) / 100
    _key(drawing, keys, dict(zip(answers, fills, strict=True)), left)
    y = top
    for row, height in zip(statements, heights, strict=True):
        y = _head(drawing, row, y)
        centre = y + height / 2
        _label(drawing, wrapped(row.label, 44), centre)
        if row.shares is None:
            drawing.text((left, centre), row.withheld, fill="muted")
        else:
            x = left
            for share, fill in zip(row.shares, fills, strict=True):
                if share:
                    _part(drawing, (x, centre - bar / 2), share * unit, bar, fill)
                _inside(drawing, (x, centre), share, unit, ink_on(fill))
                x += share * unit
        y += height
    drawing.line((left, top - 2), (left, y), "ink", 0.8)
    return drawing.svg(title, _describe_statements(phrases, statements, answers))


_HEAD_OF_GROUP = 24.0
"""Height of the head above a group of statements, with the gap before it."""


def _heads(statements: Sequence[Statement]) -> float:
    return _HEAD_OF_GROUP * sum(bool(row.above) for row in statements)


def _head(drawing: Drawing, row: Statement, y: float) -> float:
    """Draws the head above a statement, if it has one; where the statement itself begins."""
    if not row.above:
        return y
    drawing.text((0, y + _HEAD_OF_GROUP - 7), row.above, size=8.5, fill="muted", weight=600)
    return y + _HEAD_OF_GROUP


MOST_SHADES = 6
"""Most ordered answers that can be told apart as shades in one bar."""


KEY_CHARACTER = 4.3
"""Width of a letter in a key, rather too wide."""


def wrapped(text: str, characters: int) -> tuple[str, ...]:
    """The text in lines of at most so many characters, broken at spaces."""
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > characters:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return tuple(lines)


def _label(drawing: Drawing, lines: Sequence[str], centre: float) -> None:
    for place, line in enumerate(lines):
        drawing.text((0, centre + (place - (len(lines) - 1) / 2) * 10.5), line, size=8.7)


def _stack(  # noqa: PLR0913, PLR0917 - a mark or chart has a place, a scale and words
    drawing: Drawing, start: Point, height: float, shares: Sequence[float], unit: float, side: int
) -> None:
    """Two bars outwards from the zero line: the milder answer inside, the stronger outside."""
    x, y = start
    fills = ("diverging-4", "diverging-5") if side > 0 else ("diverging-2", "diverging-1")
    for share, fill in zip(shares, fills, strict=True):
        length = share * unit
        corner = x if side > 0 else x - length
        drawing.rectangle((corner, y), length, height, fill)
        _inside(drawing, (corner, y + height / 2), share, unit, ink_on(fill))
        x += side * length
        drawing.line((x, y), (x, y + height), "paper", 0.8)


def _totals(drawing: Drawing, shares: Sequence[float], at: Point, unit: float, *, first: bool) -> None:
    zero, y = at
    disagree, agree = shares[0] + shares[1], shares[3] + shares[4]
    drawing.text(
        (zero - disagree * unit - 4, y),
        percent(disagree),
        size=8.5,
        fill="diverging-1",
        anchor="end",
        weight=700,
    )
    label = percent(agree) + ("%" if first else "")
    drawing.text((zero + agree * unit + 4, y), label, size=8.5, fill="diverging-5", weight=700)


def _inside(drawing: Drawing, at: Point, share: float, unit: float, ink: str) -> None:
    """The value inside its bar, where it fits."""
    if share * unit >= 11:
        drawing.text((at[0] + share * unit / 2, at[1]), percent(share), fill=ink, anchor="middle", weight=600)


def _part(drawing: Drawing, corner: Point, width: float, height: float, fill: str) -> None:
    """A part of a bar, or its square in a key; one in the colour of the paper has an edge that is seen."""
    edge = "connector" if fill == "paper" else "paper"
    outline = f"M{corner[0]:.1f} {corner[1]:.1f}h{width:.1f}v{height:.1f}h{-width:.1f}Z"
    drawing.area(outline, fill, edge, 0.6)


def ink_on(fill: str) -> str:
    """The ink that is readable on a fill."""
    return "paper" if fill in {"diverging-1", "diverging-5", "sequence-3", "sequence-4"} else "ink"


def _sequence(number: int) -> Sequence[str]:
    """Fills for at most six ordered answers, each lighter than the one before it.

    The first and the last have the same in every chart, and none has that of "neither agree nor disagree".
    """
    between: Mapping[int, Sequence[str]] = {
        2: (),
        3: ("sequence-2",),
        4: ("sequence-3", "sequence-2"),
        5: ("sequence-3", "sequence-2", "sequence-1"),
        6: ("sequence-3", "diverging-4", "sequence-2", "sequence-1"),
    }
    return ("sequence-4", *between[number], "paper")


def _key_lines(answers: Sequence[str], width: float) -> list[list[str]]:
    lines: list[list[str]] = [[]]
    used = 0.0
    for answer in answers:
        length = 22 + KEY_CHARACTER * len(answer)
        if lines[-1] and used + length > width:
            lines.append([])
            used = 0.0
        lines[-1].append(answer)
        used += length
    return lines


def _key(drawing: Drawing, lines: Sequence[Sequence[str]], fills: Mapping[str, str], left: float) -> None:
    for number, answers in enumerate(lines):
        x, y = left, 9.0 + 12 * number
        for answer in answers:
            _part(drawing, (x, y - 4), 8, 8, fills[answer])
            fits = int((drawing.width - x - 12) / KEY_CHARACTER)
            drawing.text((x + 12, y), shorten(answer, fits, placeholder="…"), size=8)
            x += 22 + KEY_CHARACTER * len(answer)


def _describe_statements(phrases: Phrases, statements: Sequence[Statement], answers: Sequence[str]) -> str:
    return " ".join(_describe_statement(phrases, row, answers) for row in statements)


def _describe_statement(phrases: Phrases, row: Statement, answers: Sequence[str]) -> str:
    if row.shares is None:
        return f"{row.label}: {row.withheld}."
    pairs = zip(answers, row.shares, strict=True)
    shares = ", ".join(f"{name} {percent(share)}" for name, share in pairs)
    return phrases.say("{label}: {shares} procent.", label=row.label, shares=shares)


# --- who took part --------------------------------------------------------------------------------


def participants(phrases: Phrases, colours: Palette, rows: Sequence[Comparison], *, title: str) -> str:
    """Share of every group before (open) and after (filled) weighting and in the population (tick)."""
    pitch, top, places = 12.6, 30.0, []
    y = top
    for place, row in enumerate(rows):
        y += 7 if place and row.group != rows[place - 1].group else 0
        places.append(y)
        y += pitch
    drawing = Drawing(phrases, colours, 166 * MILLIMETRE, y + 12)
    highest = max(value for row in rows for value in _values(row))
    ticks = list(range(0, int(highest // 20 + 2) * 20, 20))
    scale = linear(0, ticks[-1], 186, drawing.width - 12)
    for tick in ticks:
        drawing.line((scale(tick), top - 6), (scale(tick), y - 4))
        label = f"{tick}%" if tick == ticks[-1] else f"{tick}"
        drawing.text((scale(tick), y + 4), label, size=7.5, fill="muted", anchor="middle")
    _participants_key(drawing)
    for place, (row, at) in enumerate(zip(rows, places, strict=True)):
        if not place or row.group != rows[place - 1].group:
            drawing.text((0, at), row.group, size=8.5, weight=600)
            if place:
                drawing.line((0, at - 9.5), (drawing.width, at - 9.5))
        drawing.text((80, at), row.label, size=8.5)
        _three_marks(drawing, row, at, scale)
    return drawing.svg(title, _describe_comparisons(phrases, rows, decimals=0))


def _values(row: Comparison) -> list[float]:
    return [value for value in (row.unweighted, row.weighted, row.population) if value is not None]


def _three_marks(drawing: Drawing, row: Comparison, y: float, scale: Scale) -> None:
    values = _values(row)
    drawing.line((scale(min(values)), y), (scale(max(values)), y), "connector", 0.7)
    if row.unweighted is not None:
        drawing.ring((scale(row.unweighted), y))
    if row.weighted is not None:
        drawing.dot((scale(row.weighted), y), 3.3)
    drawing.line((scale(row.population), y - 5), (scale(row.population), y + 5), "ink", 1.5)


def _participants_key(drawing: Drawing) -> None:
    x = drawing.width - 150
    drawing.ring((x, 10))
    drawing.text((x + 6, 10), drawing.phrases.say("ongewogen"))
    drawing.dot((x + 62, 10), 3.3)
    drawing.text((x + 68, 10), drawing.phrases.say("gewogen"))
    drawing.line((x + 116, 5), (x + 116, 15), "ink", 1.5)
    drawing.text((x + 122, 10), "CBS")


def _describe_comparisons(phrases: Phrases, rows: Sequence[Comparison], *, decimals: int) -> str:
    def words(value: float | None) -> str:
        return phrases.say(TOO_FEW) if value is None else phrases.decimal(value, decimals)

    return " ".join(
        phrases.say(
            "{label}: ongewogen {unweighted}, gewogen {weighted}, CBS {population} procent.",
            label=row.label,
            unweighted=words(row.unweighted),
            weighted=words(row.weighted),
            population=words(row.population),
        )
        for row in rows
    )


def reading_guide(phrases: Phrases, colours: Palette) -> str:
    """How to read a dot with a line, with round numbers that belong to nothing."""
    drawing = Drawing(phrases, colours, 52.67 * MILLIMETRE, 60)
    scale = linear(25, 75, 0, drawing.width)
    drawing.line((0, 32), (drawing.width, 32))
    drawing.interval(32, scale, Dot(value=50, low=40, high=60))
    drawing.text((scale(50), 8), phrases.say("de uitkomst: 50%"), anchor="middle", weight=600)
    drawing.line((scale(50), 14), (scale(50), 26), "ink", 0.5)
    for end in (40, 60):
        drawing.text((scale(end), 44), f"{end}", anchor="middle")
    drawing.text((scale(50), 55), phrases.say("de marge"), fill="muted", anchor="middle")
    return drawing.svg(
        phrases.say("Leeswijzer bij een punt met een lijn"),
        phrases.say(
            "Een punt op 50 procent met een lijn van 40 tot 60 procent. De punt is de uitkomst, "
            "de lijn de marge."
        ),
    )
