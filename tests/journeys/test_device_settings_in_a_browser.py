"""A whole journey with the settings of a device: its own colours, no movement; and each page on paper."""

from io import BytesIO

from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader

from tests.journeys.inspection import PHONE, violations
from tests.journeys.test_taking_part_in_a_browser import (
    BRINKDORP,
    NEXT,
    begin,
    choose,
    choose_an_adult,
    go_on,
    step_of,
    underway,  # noqa: F401 - a fixture
)

MOVING = """() => [...document.querySelectorAll('*')].filter(element =>
    /[1-9]/.test(getComputedStyle(element).transitionDuration) || element.getAnimations().length).length"""

WITHOUT_EDGE = """() => [...document.querySelectorAll(
    '.rs-choice__card, .rs-grade__card, .utrecht-button--primary-action, .utrecht-textarea, #answer')]
    .filter(element => {
        const { borderTopColor, borderTopStyle } = getComputedStyle(element);
        const ground = getComputedStyle(document.body).backgroundColor;
        return borderTopStyle === 'none' || borderTopColor === ground;
    }).map(element => element.outerHTML)"""

WORDS_TO_PRINT = """() => [...document.querySelectorAll('main :is(h1, h2, label, p, dt, dd)')]
    .filter(element => element.checkVisibility()).map(element => element.innerText)"""


def on_paper(page: Page) -> list[str]:
    """What can be seen when the page is printed, and is not in the PDF."""
    page.emulate_media(media="print")
    words = page.evaluate(WORDS_TO_PRINT)
    printed = PdfReader(BytesIO(page.pdf()))
    page.emulate_media(media="screen")
    text = "".join("".join(sheet.extract_text() for sheet in printed.pages).split())
    return [word for text_of in words for word in text_of.split() if word not in text]


def test_a_journey_in_the_colours_of_the_device_without_movement_and_on_paper(
    browser: Browser, site: str
) -> None:
    context = browser.new_context(
        viewport=PHONE, base_url=site, forced_colors="active", reduced_motion="reduce"
    )
    context.set_default_timeout(10_000)
    page = context.new_page()
    found: dict[str, list[str]] = {}

    def look(page: Page) -> None:
        faults = violations(page) + page.evaluate(WITHOUT_EDGE) + on_paper(page)
        moving = page.evaluate(MOVING)
        found[step_of(page)] = [*faults, *([f"{moving} parts move"] if moving else [])]

    page.goto(f"{BRINKDORP}/start")
    look(page)
    page.goto(f"{BRINKDORP}/consent")
    look(page)
    begin(page, BRINKDORP)
    look(page)
    choose_an_adult(page)
    page.wait_for_url("**/code")
    go_on(page, "check", look, choose)
    look(page)
    page.get_by_role("button", name="Verstuur mijn antwoorden").click()
    page.wait_for_url("**/done")
    look(page)
    context.close()
    assert {step: faults for step, faults in found.items() if faults} == {}
    assert len(found) > 10


def test_with_movement_a_button_changes_smoothly(browser: Browser, site: str) -> None:
    """So that the check above can fail."""
    context = browser.new_context(viewport=PHONE, base_url=site, reduced_motion="no-preference")
    page = context.new_page()
    page.goto(f"{BRINKDORP}/start")
    assert page.evaluate(MOVING) > 0
    context.close()


def test_a_field_takes_no_more_than_the_server_reads_and_too_much_text_comes_back(
    underway: Page,  # noqa: F811
) -> None:
    go_on(underway, "wish", lambda _: None, choose)
    field = underway.locator("#answer")
    field.focus()
    underway.keyboard.insert_text("€" * 12_000)
    expect(field).to_have_value("€" * 10_000)
    underway.locator(NEXT).click()
    expect(underway.locator(".rs-problem")).to_be_visible()
    expect(field).to_have_value("€" * 10_000)
