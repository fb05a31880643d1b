"""Small pictures for residents, as SVG: what stands beside them in words, once more. One unit is one point.

`mirrored`: from right to left. Colours come from the report's stylesheet.
"""

import re
from html import escape

import segno

from analysis.reporting.charts.plots import Palette

TEN = 10
_STEP = 13.0
_HEIGHT = 26.0
_BODY = "M1 25v-10a5 5 0 0 1 10 0v10z"
_HALF = "M6 .7a3.8 3.8 0 0 0 0 7.6zM1 25v-10a5 5 0 0 1 5-5v15z"


def people(colours: Palette, number: float, *, mirrored: bool) -> str:
    """Ten people, of whom so many are filled, to a half."""
    figures = (
        f'<g transform="translate({place * _STEP:g} 0)" fill="{_fill(colours, filled=place + 1 <= number)}">'
        f'<circle cx="6" cy="4.5" r="3.8"/><path d="{_BODY}"/>'
        f"{_half(colours) if 0 < number - place < 1 else ''}</g>"
        for place in range(TEN)
    )
    return _drawn("".join(figures), TEN * _STEP, mirrored=mirrored)


def boxes(colours: Palette, value: float, number: int, *, mirrored: bool) -> str:
    """So many boxes in a row, filled up to a value: 7.1 of ten."""
    width = TEN * _STEP / number
    parts = []
    for place in range(number):
        full = min(max(value - place, 0), 1) * (width - 2)
        at = f'y="11" height="12" x="{place * width + 0.5:.2f}"'
        parts.append(f'<rect {at} width="{width - 2:.2f}" fill="{_fill(colours, filled=False)}"/>')
        parts.append(f'<rect {at} width="{full:.2f}" fill="{_fill(colours, filled=True)}"/>')
    return _drawn("".join(parts), TEN * _STEP, mirrored=mirrored)


def pictogram(colours: Palette, icons: str, name: str) -> str:
    """A picture of the icon set `icons` (SVG with a symbol for each), by its name."""
    found = re.search(rf'<symbol id="{re.escape(name)}" viewBox="0 0 24 24">(.*?)</symbol>', icons)
    if found is None:
        raise KeyError(name)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" '
        f'stroke="{colours["residents"]}" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">'
        f"{found[1]}</svg>"
    )


def scannable(colours: Palette, address: str, *, title: str) -> str:
    """The QR code of an address (ISO/IEC 18004), with the margin that scanners need; two points a module."""
    rows = [*segno.make_qr(address, error="m").matrix_iter(border=4)]
    outline = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{2 * len(rows)}pt" height="{2 * len(rows)}pt" '
        f'viewBox="0 0 {len(rows)} {len(rows)}" role="img" shape-rendering="crispEdges">'
        f'<title>{escape(title)}</title><path fill="{colours["ink"]}" d="{outline}"/></svg>'
    )


def _half(colours: Palette) -> str:
    return f'<path d="{_HALF}" fill="{_fill(colours, filled=True)}"/>'


def _fill(colours: Palette, *, filled: bool) -> str:
    return colours["residents" if filled else "rule"]


def _drawn(parts: str, width: float, *, mirrored: bool) -> str:
    turned = f'<g transform="translate({width:g} 0) scale(-1 1)">{parts}</g>' if mirrored else parts
    size = f'width="{width:g}pt" height="{_HEIGHT:g}pt" viewBox="0 0 {width:g} {_HEIGHT:g}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{turned}</svg>'
