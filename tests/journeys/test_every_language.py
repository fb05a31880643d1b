"""Pages are in order in every language, and the statement of accessibility says what was found.

Every page in every language is looked at by `nox -s accessibility`, which takes minutes; here each question
in one language, as each sample page is in `test_pages_in_a_browser`.
"""

from playwright.sync_api import Browser

from survey.web.evidence import read_evidence
from tests.journeys.conftest import previewing
from tests.journeys.looking import (
    JOURNEYS,
    QUESTIONNAIRE,
    files,
    in_turn,
    invalid_html,
    languages,
    look_at_steps,
    real_steps,
)
from tests.web.sample_pages import PAGES

AGAIN = "Run `nox -s accessibility`: it looks at every page again and writes survey/web/accessibility.json."


def test_every_question_fits_a_small_screen(browser: Browser) -> None:
    with previewing(QUESTIONNAIRE) as address:
        found = look_at_steps(browser, address, in_turn(real_steps()))
    assert [fault for faults in found.values() for fault in faults] == []


def test_the_validator_of_the_w3c_finds_no_error_in_any_language() -> None:
    assert invalid_html() == []


def test_the_statement_is_about_the_pages_and_languages_that_are_here() -> None:
    evidence = read_evidence()
    assert evidence.pages == tuple(PAGES), AGAIN
    assert evidence.languages == languages(), AGAIN
    assert evidence.steps == len(real_steps()), AGAIN
    assert evidence.journeys == JOURNEYS, AGAIN


def test_the_statement_is_about_the_pages_as_they_are_now() -> None:
    seen, now = read_evidence().files, files()
    assert [name for name in now if seen.get(name) != now[name]] == [], AGAIN
    assert seen.keys() - now.keys() == set(), AGAIN


def test_the_statement_tells_of_no_fault_that_was_left() -> None:
    assert set(read_evidence().faults.values()) == {0}, AGAIN
