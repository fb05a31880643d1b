"""What a resident can do on a page beside answering it, through the real server."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.inspection import PHONE, SMALLEST, faults_of_page
from tests.journeys.test_taking_part_in_a_browser import LEIDEN, begin

LETTERS = "() => parseFloat(getComputedStyle(document.querySelector('h1')).fontSize)"


@pytest.fixture
def without_script(browser: Browser, site: str) -> Iterator[Page]:
    """The smallest phone, whose browser runs no script."""
    context = browser.new_context(viewport=SMALLEST, base_url=site, java_script_enabled=False)
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


def choose_display(page: Page, words: str) -> None:
    page.locator(".rs-top > details > summary").click()
    page.get_by_role("button", name=words).click()


def test_larger_letters_and_no_pictograms_are_chosen_without_script_and_the_answer_stays(
    without_script: Page,
) -> None:
    page = without_script
    begin(page, LEIDEN)
    page.locator("#answer-5").check(force=True)
    normal = page.evaluate(LETTERS)
    choose_display(page, "Heel grote letters")
    expect(page.locator("html")).to_contain_class("rs-text-largest")
    expect(page.locator("#answer-5")).to_be_checked()
    assert page.evaluate(LETTERS) > 1.5 * normal
    page.locator("form#answers .utrecht-button--primary-action").click()
    page.wait_for_url("**/page/mode")
    expect(page.locator(".rs-pict").first).to_be_visible()
    choose_display(page, "Zonder plaatjes")
    expect(page.locator(".rs-pict").first).to_be_hidden()
    expect(page.locator("html")).to_contain_class("rs-text-largest rs-words")
    choose_display(page, "Met plaatjes")
    choose_display(page, "Gewone letters")
    expect(page.locator(".rs-pict").first).to_be_visible()
    assert page.evaluate(LETTERS) == normal


def test_practice_comes_before_the_questions_and_leaves_nothing(without_script: Page) -> None:
    page = without_script
    page.goto(f"{LEIDEN}/start?wijk=WK054606")
    page.get_by_role("link", name="Oefen eerst met één vraag").click()
    page.locator("#answer-2").check(force=True)
    page.get_by_role("button", name="Volgende", exact=True).click()
    expect(page.get_by_text("U koos: Met de fiets.")).to_be_visible()
    assert "answer" not in page.url
    page.get_by_role("link", name="Vorige").click()
    page.get_by_role("button", name="Vraag overslaan").click()
    expect(page.get_by_text("U sloeg de vraag over.")).to_be_visible()
    page.get_by_role("link", name="Begin met de vragen").click()
    expect(page.get_by_role("heading", name="Doet u mee?")).to_be_visible()
    page.get_by_role("link", name="Stoppen").click()
    expect(page.get_by_text("Wij hebben niets van u bewaard.")).to_be_visible()


def test_nothing_is_wrong_with_pages_in_the_largest_letters(browser: Browser, site: str) -> None:
    context = browser.new_context(viewport=PHONE, base_url=site, reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{LEIDEN}/start?display=largest-words")
    for path in ("start", "practice", "consent", "help", "privacy", "social-map/WK054606"):
        page.goto(f"{LEIDEN}/{path}")
        page.locator(".rs-top > details > summary").click()
        expect(page.locator("html")).to_contain_class("rs-text-largest rs-words")
        assert faults_of_page(page) == [], path
    context.close()
