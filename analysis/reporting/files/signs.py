"""Which letters and signs the report can draw for words of residents: those of the fonts that it brings."""

from functools import cache

from fontTools.ttLib import TTFont

from analysis.reporting.files.printing import ASSETS

_FONTS = ("source-serif-4-*-400-normal", "vazirmatn-arabic-400-normal", "noto-sans-ethiopic-*-400-normal")
"""Of the letters of quotes, `--display` in report.css, in the weight of text."""


@cache
def drawn() -> frozenset[str]:
    """Every character of the fonts of quotes; any other would be an empty box on the page."""
    files = [path for name in _FONTS for path in (ASSETS / "fonts").glob(f"{name}.woff")]
    return frozenset(chr(code) for path in files for code in TTFont(path).getBestCmap())
