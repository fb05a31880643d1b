"""The pages ask nothing of a browser that one of six years ago lacks, unless it can be missed.

Of these only a Chromium can be had (`nox -s old-browser`). So the style sheets are read, and each feature is
looked up in a table of what browsers know (`python -m tests.phones`).
"""

import json
import re
from pathlib import Path

import pytest

from survey.web.pages import STATIC
from tests.phones.features import features

SHEETS = (STATIC / "theme.css", STATIC / "resident.css")
SUPPORT = STATIC.parents[2] / "tests" / "phones" / "support.json"
"""Since when each browser knows what; null for what the data do not list, such as a plain keyword."""
TABLE: dict[str, dict[str, str] | None] = (
    json.loads(SUPPORT.read_text())["features"] if SUPPORT.exists() else {}
)

FLOOR = {
    # what was current in November 2020
    "chrome_android": "86",
    "safari_ios": "14",
    "firefox_android": "82",
    "samsunginternet_android": "12.0",
}

MISSED = {
    # what a browser without it does instead
    "css.at-rules.media.forced-colors": "keeps its own look",
    "css.at-rules.media.prefers-color-scheme": "is light",
    "css.at-rules.media.prefers-contrast": "has the usual contrast, which is enough",
    "css.properties.color-scheme": "has light scroll bars at night",
    "css.properties.color-scheme.dark": "the same",
    "css.properties.color-scheme.light": "the same",
    "css.properties.content-visibility": "prints the part of the social map that is open",
    "css.properties.content-visibility.visible": "the same",
    "css.properties.cursor": "has no pointer to change: it is a phone",
    "css.properties.cursor.pointer": "the same",
    "css.properties.font-family.system-ui": "takes the next family",
    "css.properties.gap.flex_context": "has the margins of `@supports not ((inset:0) or (appearance:none))`",
    "css.properties.resize": "has a field that scrolls",
    "css.properties.resize.vertical": "the same",
    "css.properties.text-decoration-thickness": "underlines as it always does",
    "css.properties.text-underline-offset": "the same",
    "css.properties.text-wrap": "breaks lines where they are full",
    "css.properties.text-wrap.balance": "the same",
    "css.properties.text-wrap.pretty": "the same",
    "css.selectors.details-content": "prints the part of the social map that is open",
    "css.selectors.focus-visible": "shows the ring after a tap too",
    "css.selectors.has": "opens the languages in the corner, narrower",
}


def number(version: str) -> tuple[int, ...]:
    return (10_000,) if version == "never" else tuple(int(part) for part in version.split("."))


def too_new(feature: str) -> list[str]:
    """The browsers of the floor that lack a feature, with the version that brought it."""
    known = TABLE[feature.removesuffix(" in a list")] or {}
    return [
        f"{browser} {known[browser]}"
        for browser, floor in FLOOR.items()
        if browser in known and number(known[browser]) > number(floor)
    ]


def lacking(css: str) -> list[str]:
    """What old browsers lack of a style sheet, where, and since when others have it."""
    return [
        f"line {use.line}: {use.feature} ({', '.join(too_new(use.feature))})"
        for use in features(css)
        if not use.covered and use.feature not in MISSED and too_new(use.feature)
    ]


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_a_style_sheet_asks_nothing_that_old_phones_lack(sheet: Path) -> None:
    css = sheet.read_text()
    unknown = {use.feature.removesuffix(" in a list") for use in features(css)} - TABLE.keys()
    assert unknown == set(), "run python -m tests.phones"
    assert lacking(css) == []


def test_what_may_be_missed_is_still_used_and_still_missing() -> None:
    used = {use.feature for sheet in SHEETS for use in features(sheet.read_text())}
    assert {feature for feature in MISSED if feature not in used or not too_new(feature)} == set()


@pytest.mark.parametrize(
    ("css", "missing"),
    [
        ("p{inset:0}", "css.properties.inset"),
        ("p{padding-inline:1rem}", "css.properties.padding-inline"),
        ("p{overflow-wrap:anywhere}", "css.properties.overflow-wrap.anywhere"),
        ("p:is(a,b){color:red}", "css.selectors.is"),
        ("a:hover,a:focus-visible{color:red}", "css.selectors.focus-visible in a list"),
        ("@media print{p{inset:0}}", "css.properties.inset"),
        ("@layer base{}", "css.at-rules.layer"),
        ("p{width:calc(1rem + round(up,1px,1px))}", "css.types.round"),
    ],
)
def test_what_old_phones_lack_is_found(css: str, missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TABLE, missing.removesuffix(" in a list"), {"safari_ios": "14.5"})
    for feature in {use.feature for use in features(css)} - TABLE.keys():
        monkeypatch.setitem(TABLE, feature, None)
    assert lacking(css) == [f"line 1: {missing} (safari_ios 14.5)"]


def test_an_older_value_or_a_question_beforehand_covers_a_newer_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TABLE, "css.at-rules.supports", None)
    assert lacking("p{overflow-wrap:break-word;overflow-wrap:anywhere}") == []
    assert lacking("p{-webkit-hyphens:auto;hyphens:auto}") == []
    assert lacking("@supports (inset:0){p{inset:0}}") == []


NEWER_SCRIPT = {
    # a piece of script -> the first versions of Chrome and Safari that read it (MDN)
    r"\?\?=|\|\|=|&&=": "85, 14",
    r"\.at\(": "92, 15.4",
    r"\bstatic\s*\{": "94, 16.4",
    r"\bObject\.hasOwn\(|\bstructuredClone\(": "93, 15.4",
    r"\.(?:toSorted|toReversed|findLast|groupBy)\(": "110, 16",
    r"\bAbortSignal\.(?:any|timeout)\(": "103, 16",
    r"\bPromise\.(?:any|withResolvers)\(": "85, 14",
}


def test_the_script_asks_nothing_that_old_phones_lack() -> None:
    script = (STATIC / "read_aloud.js").read_text()
    found = [
        (piece, since) for piece, since in NEWER_SCRIPT.items() if re.search(piece, script, re.MULTILINE)
    ]
    assert found == []
