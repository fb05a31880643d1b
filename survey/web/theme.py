"""The house style of a municipality: a folder with `theme.css`, and whether people can read what it colours.

The tokens are the custom properties of NL Design System; `static/theme.css` reads them. They stand on
`:root`, or on the class that theme files of NL Design System use (`.brinkdorp-theme`).
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Literal

import tinycss2
from msgspec import Struct
from tinycss2.ast import AtRule, Declaration, FunctionBlock, IdentToken, Node, QualifiedRule
from tinycss2.color4 import Color, parse_color

from survey.contrast import EDGE, RGB, TEXT, contrast_ratio
from survey.web.pages import STATIC, Look

SHEET = "theme.css"
SERVED = frozenset({".css", ".woff2"})
"""What a theme may bring; nothing else in its folder is given away."""

Scheme = Literal["light", "dark"]
Tokens = Mapping[str, list[Node]]


PAIRS: tuple[tuple[str, str, float], ...] = (
    # what is drawn, on what, and the least contrast
    *((ink, ground, TEXT) for ink, ground in product(("ink", "ink-soft"), ("page", "surface", "tint"))),
    *(
        (ink, "page", TEXT)
        for ink in ("heading", "heading-2", "label", "action", "link-hover", "quiet", "error")
    ),
    ("action", "surface", TEXT),
    ("action", "tint", EDGE),
    ("on-action", "action", TEXT),
    ("field-ink", "surface", TEXT),
    ("on-skip", "skip", TEXT),
    ("on-button", "button", TEXT),
    ("on-button-hover", "button-hover", TEXT),
    ("on-main", "main", TEXT),
    ("on-main-hover", "main-hover", TEXT),
    ("error", "error-tint", TEXT),
    ("on-voice", "voice", TEXT),
    ("edge", "page", EDGE),
    ("edge", "surface", EDGE),
    ("focus", "page", EDGE),
)


class Contrast(Struct, frozen=True, kw_only=True):
    """How far two colours of the pages are apart: 1 is the same, 21 is black on white."""

    scheme: Scheme
    ink: str
    ground: str
    ratio: float
    least: float

    @property
    def enough(self) -> bool:
        return self.ratio >= self.least

    def __str__(self) -> str:
        verdict = "enough" if self.enough else f"too little: at least {self.least:g}"
        return f"{self.scheme}: {self.ink} on {self.ground} {self.ratio:.1f}, {verdict}"


class ThemeError(Exception):
    """A theme that cannot be used; the message says where and what to change."""


class Theme(Struct, frozen=True, kw_only=True):
    folder: Path
    look: Look
    contrasts: tuple[Contrast, ...]


def read_theme(folder: Path) -> Theme:
    """The theme in a folder, with every contrast in every scheme that it has. Raises ThemeError."""
    sheet = folder / SHEET
    try:
        content = sheet.read_bytes()
    except OSError as error:
        raise ThemeError(f"{sheet}: {error.strerror}. A theme is a folder with a file {SHEET}.") from error
    rules = tinycss2.parse_stylesheet(
        content.decode("utf-8", "replace"), skip_comments=True, skip_whitespace=True
    )
    _refuse_what_is_elsewhere(sheet, rules)
    name = _class_of(rules)
    schemes: tuple[Scheme, ...] = ("light", "dark") if _has_dark(rules) else ("light",)
    names = [*(["rs-dark"] if "dark" in schemes else []), *([name] if name else [])]
    own = tinycss2.parse_stylesheet((STATIC / SHEET).read_text(encoding="utf-8"))
    return Theme(
        folder=folder,
        look=Look(classes=" ".join(names), sheet=f"/theme/{SHEET}?{hashlib.sha256(content).hexdigest()[:8]}"),
        contrasts=tuple(
            contrast
            for scheme in schemes
            for contrast in contrasts(
                _tokens((*own, *rules), frozenset({":root", *_selectors(names)}), scheme), scheme
            )
        ),
    )


def contrasts(tokens: Tokens, scheme: Scheme) -> Iterator[Contrast]:
    """The contrast of every pair that the pages use. Raises ThemeError for a token that is no colour."""
    page = _over(_colour("page", tokens), (1.0, 1.0, 1.0))
    for ink, ground, least in PAIRS:
        below = _over(_colour(ground, tokens), page)
        ratio = contrast_ratio(_over(_colour(ink, tokens), below), below)
        yield Contrast(scheme=scheme, ink=ink, ground=ground, ratio=ratio, least=least)


def _over(colour: Color, ground: RGB) -> RGB:
    """A colour that may be see-through, laid over an opaque one."""
    red, green, blue = (
        colour.alpha * channel + (1 - colour.alpha) * below
        for channel, below in zip(colour.to("srgb").coordinates, ground, strict=True)
    )
    return red, green, blue


def _colour(role: str, tokens: Tokens) -> Color:
    name = f"--rs-{role}"
    value = _resolved(tokens[name], tokens, frozenset({name}))
    written = tinycss2.serialize(value or ()).strip()
    colour = parse_color(written)
    if not isinstance(colour, Color) or colour.space not in {"srgb", "hsl", "hwb"}:
        raise ThemeError(
            f"{name} is {written or 'empty'}, which is no colour that every browser knows. "
            "Write the token that it comes from as #rrggbb, rgb() or hsl()."
        )
    return colour


def _resolved(value: Iterable[Node], tokens: Tokens, within: frozenset[str]) -> list[Node] | None:
    """A value with every `var()` replaced; None when one is not there and has no other to fall back to."""
    found: list[Node] = []
    for node in value:
        if not (isinstance(node, FunctionBlock) and node.lower_name == "var"):
            found.append(node)
            continue
        name, fallback = _reference(node)
        meant = None
        if name in tokens and name not in within:
            meant = _resolved(tokens[name], tokens, within | {name})
        if meant is None and fallback is not None:
            meant = _resolved(fallback, tokens, within)
        if meant is None:
            return None
        found += meant
    return found


def _reference(function: FunctionBlock) -> tuple[str, list[Node] | None]:
    name = next(node.value for node in function.arguments if isinstance(node, IdentToken))
    comma = next((n for n, node in enumerate(function.arguments) if node == ","), None)
    return name, None if comma is None else function.arguments[comma + 1 :]


def _tokens(rules: Iterable[Node], selectors: frozenset[str], scheme: Scheme) -> dict[str, list[Node]]:
    """The custom properties of the root element; what is written later counts."""
    found: dict[str, list[Node]] = {}
    for rule in rules:
        if isinstance(rule, AtRule) and rule.lower_at_keyword == "media" and _schemes(rule) == scheme:
            found |= _tokens(tinycss2.parse_rule_list(rule.content), selectors, scheme)
        elif isinstance(rule, QualifiedRule) and selectors.intersection(_selectors_of(rule)):
            found |= dict(_declared(rule))
    return found


def _schemes(rule: AtRule) -> str | None:
    """The scheme that a media rule is for; None when it is for something else, such as paper."""
    found = re.search(r"\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)", tinycss2.serialize(rule.prelude))
    return None if found is None else found[1]


def _selectors_of(rule: QualifiedRule) -> list[str]:
    return [part.strip() for part in tinycss2.serialize(rule.prelude).split(",")]


def _selectors(names: Iterable[str]) -> Iterator[str]:
    return (f".{name}" for name in names)


def _declared(rule: QualifiedRule) -> Iterator[tuple[str, list[Node]]]:
    for node in tinycss2.parse_blocks_contents(rule.content):
        if isinstance(node, Declaration) and node.name.startswith("--"):
            yield node.name, node.value


def _class_of(rules: Iterable[Node]) -> str | None:
    """The class whose tokens the file sets: the first that ends in `-theme`."""
    for rule in rules:
        if isinstance(rule, QualifiedRule):
            for selector in _selectors_of(rule):
                if re.fullmatch(r"\.[\w-]+-theme", selector):
                    return selector.removeprefix(".")
    return None


def _has_dark(rules: Iterable[Node]) -> bool:
    return any(isinstance(rule, AtRule) and rule.prelude and _schemes(rule) == "dark" for rule in rules)


def _refuse_what_is_elsewhere(sheet: Path, rules: Iterable[Node]) -> None:
    for rule in rules:
        if isinstance(rule, AtRule) and rule.lower_at_keyword == "import":
            raise ThemeError(
                f"{sheet}:{rule.source_line}: @import is not followed. Put what it imports into {SHEET}."
            )
        if re.search(r"""url\(\s*["']?(?:\w+:)?//""", rule.serialize()):
            raise ThemeError(
                f"{sheet}:{rule.source_line}: residents' browsers fetch nothing from elsewhere. "
                f"Put the file into the folder of the theme, and name it without an address."
            )
