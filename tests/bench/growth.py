"""How times grow with the number of rows, as SVG; by tens on both sides, so in proportion is a slope of 1."""

import math
from collections.abc import Callable, Mapping, Sequence
from html import escape

WIDTH, HEIGHT = 720, 440
LEFT, RIGHT, TOP, BOTTOM = 90, 190, 30, 60
COLOURS = ("#0b5c8c", "#b3400f", "#1d6b3a", "#6a3d9a")
DASHES = ("none", "8 4", "2 4", "10 4 2 4")
"""Beside colour, so that lines can be told apart without seeing colours."""

Times = Mapping[str, Mapping[int, float]]
Place = Callable[[float, float], tuple[float, float]]


def chart(times: Times) -> str:
    """A line per work, from respondents to milliseconds."""
    sizes = sorted({size for taken in times.values() for size in taken})
    values = [value for taken in times.values() for value in taken.values()]
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    first, last = math.log10(sizes[0]), math.log10(sizes[-1])

    def place(size: float, value: float) -> tuple[float, float]:
        across = (math.log10(size) - first) / (last - first)
        up = (math.log10(value) - low) / (high - low)
        return LEFT + across * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - up * (HEIGHT - TOP - BOTTOM)

    parts = [_grid(place, sizes, low, high)]
    lines = zip(times.items(), COLOURS, DASHES, strict=False)
    ends: list[float] = []
    for (name, taken), colour, dash in lines:
        points = [place(size, value) for size, value in sorted(taken.items())]
        ends.append(_free(points[-1][1], ends))
        parts.append(_line(name, points, ends[-1], colour, dash))
    said = "; ".join(f"{name}: {_spoken(taken)}" for name, taken in times.items())
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'aria-labelledby="title desc" font-family="sans-serif" font-size="13">\n'
        '<title id="title">Time by number of respondents</title>\n'
        f'<desc id="desc">{escape(said)}.</desc>\n'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _grid(place: Place, sizes: Sequence[int], low: int, high: int) -> str:
    """Lines at every power of ten of the times, and the numbers on both sides."""
    parts = []
    for power in range(low, high + 1):
        (left, y), (right, _) = place(sizes[0], 10.0**power), place(sizes[-1], 10.0**power)
        parts.append(f'<line x1="{left:.1f}" y1="{y:.1f}" x2="{right:.1f}" y2="{y:.1f}" stroke="#cccccc"/>')
        parts.append(
            f'<text x="{left - 10:.1f}" y="{y + 4:.1f}" text-anchor="end">{10.0**power:,.10g} ms</text>'
        )
    for size in sizes:
        x, y = place(size, 10.0**low)
        parts.append(f'<text x="{x:.1f}" y="{y + 22:.1f}" text-anchor="middle">{size:,}</text>')
    middle, y = place(math.sqrt(sizes[0] * sizes[-1]), 10.0**low)
    parts.append(f'<text x="{middle:.1f}" y="{y + 44:.1f}" text-anchor="middle">respondents</text>')
    return "\n".join(parts)


def _spoken(taken: Mapping[int, float]) -> str:
    return ", ".join(f"{value:,.1f} ms for {size:,}" for size, value in sorted(taken.items()))


def _free(wanted: float, ends: list[float]) -> float:
    """Where a name can stand without another in its way."""
    while any(abs(wanted - end) < 16 for end in ends):
        wanted -= 4
    return wanted


def _line(name: str, points: list[tuple[float, float]], end: float, colour: str, dash: str) -> str:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in points)
    line = (
        f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2" '
        f'stroke-dasharray="{dash}"/>'
    )
    label = f'<text x="{points[-1][0] + 10:.1f}" y="{end + 4:.1f}" fill="{colour}">{escape(name)}</text>'
    return line + dots + label
