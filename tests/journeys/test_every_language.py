"""Nothing is wrong with any page in any language, and the statement of accessibility says what was found."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from survey.web.evidence import read_evidence
from tests.journeys.conftest import previewing
from tests.journeys.looking import (
    QUESTIONNAIRE,
    files,
    invalid_html,
    languages,
    look_at_samples,
    look_at_steps,
    real_steps,
)
from tests.web.sample_pages import PAGES

AGAIN = "Run `nox -s accessibility`: it looks at every page again and writes survey/web/accessibility.json."


@pytest.fixture(scope="module")
def previewed() -> Iterator[str]:
    with previewing(QUESTIONNAIRE) as address:
        yield address


@pytest.mark.parametrize("tag", languages())
def test_nothing_is_wrong_with_any_page_in_any_language(browser: Browser, tag: str) -> None:
    assert [fault for faults in look_at_samples(browser, tag).values() for fault in faults] == []


@pytest.mark.parametrize("tag", languages())
def test_every_question_fits_a_small_screen_in_every_language(
    browser: Browser, previewed: str, tag: str
) -> None:
    assert [fault for faults in look_at_steps(browser, previewed, tag).values() for fault in faults] == []


def test_the_validator_of_the_w3c_finds_no_error_in_any_language() -> None:
    assert invalid_html() == []


def test_the_statement_is_about_the_pages_and_languages_that_are_here() -> None:
    evidence = read_evidence()
    assert evidence.pages == tuple(PAGES), AGAIN
    assert evidence.languages == languages(), AGAIN
    assert evidence.steps == len(real_steps()), AGAIN


def test_the_statement_is_about_the_pages_as_they_are_now() -> None:
    seen, now = read_evidence().files, files()
    assert [name for name in now if seen.get(name) != now[name]] == [], AGAIN
    assert seen.keys() - now.keys() == set(), AGAIN


def test_the_statement_tells_of_no_fault_that_was_left() -> None:
    assert set(read_evidence().faults.values()) == {0}, AGAIN
