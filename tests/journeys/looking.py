"""Looking at every page in every language: what the statement at `/toegankelijkheid` rests on.

Sample pages hold every sentence of the interface and every situation; the steps of a real questionnaire hold
its own texts, which are longer in one language than in another.
"""

import hashlib
import tempfile
from collections.abc import Iterable, Mapping
from itertools import cycle
from pathlib import Path

from msgspec.structs import replace
from playwright.sync_api import Browser

from survey.questionnaires.folder import find_folder, read_folder
from survey.questionnaires.parsing import parse
from survey.questionnaires.routing import steps
from survey.web.pages import STATIC, TEMPLATES, Pages
from survey.web.views import Chrome
from survey.web.wording import language
from tests.journeys.inspection import (
    SMALLEST,
    pale_in_high_contrast,
    pale_in_the_dark,
    small_targets,
    too_wide,
    violations,
)
from tests.journeys.sample import Sample
from tests.validator import faults_of_html
from tests.web.sample_pages import CHROME, PAGES, PREVIEW, around

QUESTIONNAIRE = "leiden-eindevaluatie"
COLOURS_IN = ("nl", "ar")
"""Colours do not hang on the language: they are looked at in one language of each direction."""

Found = dict[str, list[str]]
"""What is wrong, by check."""


_TAKING_PART = "tests/journeys/test_taking_part_in_a_browser.py"
JOURNEYS = (
    f"{_TAKING_PART}::test_a_resident_of_leiden_takes_part_with_the_keyboard_alone_and_every_page_is_in_order",
    f"{_TAKING_PART}::test_without_script_a_resident_takes_part_from_start_to_withdrawal",
    "tests/phones",
)
"""The tests by which the statement may say that a questionnaire was filled in with the keyboard alone and
without script, and that pages ask nothing that a browser of six years ago lacks."""


def languages() -> tuple[str, ...]:
    return tuple(Pages().drafts)


def in_turn(things: Iterable[str]) -> dict[str, str]:
    """Each thing with one language, so that together they are looked at in all of them."""
    return dict(zip(things, cycle(languages()), strict=False))


def files() -> dict[str, str]:
    """A mark of every file that makes the pages, by its path."""
    made = [TEMPLATES / "base.html", *STATIC.glob("*.css"), *STATIC.glob("*.js")]
    made += [path for part in ("resident", "questions") for path in (TEMPLATES / part).iterdir()]
    root = TEMPLATES.parent
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:16]
        for path in sorted(made)
    }


def chrome_in(tag: str) -> Chrome:
    """What stands around a page in a language, with every notice that can stand there."""
    spoken = language(tag, draft=tag != "nl")
    return replace(CHROME, language=spoken, simulated=True, notice_draft=spoken.draft, notice_fallback=True)


def look_at_samples(browser: Browser, tag: str) -> Found:
    """Look at every sample page in a language."""
    found: Found = {"wcag": [], "contrast": [], "targets": [], "sideways": []}
    context = browser.new_context(viewport=SMALLEST, reduced_motion="reduce")
    sample = Sample(context)
    for name in PAGES:
        page = sample.open(name, chrome_in(tag))
        seen = {"wcag": violations(page), "targets": small_targets(page), "sideways": too_wide(page)}
        if tag in COLOURS_IN:
            seen["contrast"] = pale_in_the_dark(page) + pale_in_high_contrast(page)
        for check, faults in seen.items():
            found[check] += [f"{name} ({tag}): {fault}" for fault in faults]
    context.close()
    return found


def real_steps() -> tuple[str, ...]:
    return tuple(step.variable for step in steps(parse(read_folder(find_folder(QUESTIONNAIRE)))))


def look_at_steps(browser: Browser, previewed: str, tags: Mapping[str, str]) -> Found:
    """Look at steps of the questionnaire that is previewed, each in a language."""
    found: Found = {"targets": [], "sideways": []}
    context = browser.new_context(viewport=SMALLEST, reduced_motion="reduce")
    page = context.new_page()
    for step, tag in tags.items():
        page.goto(f"{previewed}/{QUESTIONNAIRE}/{tag}/preview?step=page/{step}")
        page.locator(".rs-preview").evaluate("bar => bar.remove()")  # no resident sees the bar of a preview
        for check, faults in (("targets", small_targets(page)), ("sideways", too_wide(page))):
            found[check] += [f"{step} ({tag}): {fault}" for fault in faults]
    context.close()
    return found


def invalid_html() -> list[str]:
    """What the validator of the W3C finds in the sample pages, in every language."""
    pages = Pages()
    with tempfile.TemporaryDirectory() as folder:
        for tag in languages():
            for name, (template, values) in PAGES.items():
                chrome = replace(around(template, chrome_in(tag)), preview=PREVIEW)
                html = pages.render(template, values, chrome)
                (Path(folder) / f"{name}-{tag}.html").write_text(html, encoding="utf-8")
        faults = faults_of_html(Path(folder))
    return [f"{fault['url']}: {fault['message']}" for fault in faults]
