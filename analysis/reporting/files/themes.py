"""The colours of a municipality in its reports: tokens of a style sheet, checked before anything is drawn."""

from collections.abc import Iterator
from itertools import pairwise

import tinycss2
from msgspec import Struct
from tinycss2.ast import Declaration, QualifiedRule
from tinycss2.color4 import Color, parse_color

from analysis.reporting.charts.plots import Palette
from analysis.reporting.exports.dataset import InputError
from analysis.reporting.plans.plan_checks import suggestion
from survey.contrast import EDGE, RGB, TEXT, contrast_ratio, luminance
from survey.questionnaires.problems import Findings

TOKEN = "--wijkpeil-report-"  # noqa: S105 - a design token

MOST_BYTES = 1_000_000
"""Of a style sheet: a house style in full has a tenth of it."""

PAIRS = (
    *((ink, "paper", TEXT) for ink in ("ink", "muted", "warning", "residents", "companions")),
    *((ink, "paper", TEXT) for ink in ("diverging-1", "diverging-5", "sequence-3", "sequence-4")),
    *(("ink", fill, TEXT) for fill in ("diverging-2", "diverging-3", "diverging-4")),
    *(("ink", fill, TEXT) for fill in ("sequence-1", "sequence-2")),
    ("connector", "paper", EDGE),
)
"""What is drawn on what: texts and lines on the paper, and numbers within bars, in ink or in paper."""

DARKENING = (
    ("diverging-3", "diverging-2", "diverging-1"),
    ("diverging-3", "diverging-4", "diverging-5"),
    ("sequence-1", "sequence-2", "sequence-3", "sequence-4"),
)
"""Steps that must be told apart in black and white too: each darker than the one before."""

STEP = 1.25
"""The least contrast between two of these; ours have 1.32 at least."""


class Theme(Struct, frozen=True, kw_only=True):
    """The colours that a municipality has in place of ours, by the names of the palette."""

    colours: Palette

    @property
    def css(self) -> str:
        """For a page, after our own style sheet."""
        declarations = " ".join(f"--{name}: {colour};" for name, colour in self.colours.items())
        return f":root {{ {declarations} }}" if declarations else ""


OURS = Theme(colours={})


def read_theme(data: bytes, name: str, palette: Palette) -> Theme:
    """The theme in a style sheet, held against the palette that it changes.

    Tokens are read wherever they stand outside of conditions such as `@media`; what else is in the file, such
    as the tokens of the survey's pages, is not looked at. Raises InputError with every problem.
    """
    findings = Findings(name)
    if len(data) > MOST_BYTES:
        findings.error("WA290", "", f"It is larger than {MOST_BYTES} bytes. Give one with the tokens alone.")
        raise InputError(list(findings))
    own = dict(_tokens(data.decode("utf-8", errors="replace"), palette, findings))
    if any(findings):
        raise InputError(list(findings))
    if not own:
        findings.error(
            "WA290", "", f"No token begins with {TOKEN}. Write one, such as {TOKEN}residents: #0b4f6c;"
        )
    _check({**palette, **own}, findings)
    if any(findings):
        raise InputError(list(findings))
    return Theme(colours=own)


def _tokens(sheet: str, palette: Palette, findings: Findings) -> Iterator[tuple[str, str]]:
    known = [name for name in palette if name != "paper"]  # a PDF has no ground of its own: paper is white
    for one in _declarations(sheet):
        name, value = one.name.removeprefix(TOKEN), tinycss2.serialize(one.value).strip()
        colour = parse_color(value)
        plain = isinstance(colour, Color) and colour.alpha == 1 and colour.space in {"srgb", "hsl", "hwb"}
        if name not in known:
            hint = suggestion(name, known) or f" There are: {', '.join(known)}."
            findings.error("WA291", one.name, f"The report has no colour {name}.{hint}")
        elif not plain:
            findings.error("WA292", one.name, f"{value} is no colour that covers. Write it as #0b4f6c.")
        else:
            channels = (round(255 * min(max(part, 0.0), 1.0)) for part in colour.to("srgb").coordinates)
            yield name, "#" + "".join(f"{channel:02x}" for channel in channels)


def _declarations(sheet: str) -> Iterator[Declaration]:
    for rule in tinycss2.parse_stylesheet(sheet, skip_comments=True, skip_whitespace=True):
        if isinstance(rule, QualifiedRule):
            for one in tinycss2.parse_blocks_contents(rule.content):
                if isinstance(one, Declaration) and one.name.startswith(TOKEN):
                    yield one


def _check(palette: Palette, findings: Findings) -> None:
    for above, ground, least in PAIRS:
        found = contrast_ratio(_rgb(palette[above]), _rgb(palette[ground]))
        if found < least:
            findings.error(
                "WA293",
                f"{TOKEN}{above}",
                f"{above} {palette[above]} on {ground} {palette[ground]} has a contrast of {found:.2f}, and "
                f"{least:g} is needed. Make the difference larger.",
            )
    for steps in DARKENING:
        for lighter, darker in pairwise(steps):
            light, dark = _rgb(palette[lighter]), _rgb(palette[darker])
            if luminance(dark) > luminance(light) or contrast_ratio(light, dark) < STEP:
                findings.error(
                    "WA294",
                    f"{TOKEN}{darker}",
                    f"{darker} {palette[darker]} is not clearly darker than {lighter} {palette[lighter]}, so "
                    "that print in black and white cannot tell them apart. Take a darker one.",
                )


def _rgb(colour: str) -> RGB:
    """Of #rrggbb, as palettes hold them."""
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return red, green, blue
