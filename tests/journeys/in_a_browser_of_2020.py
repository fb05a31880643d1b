"""Whole journeys in Chromium 83 of May 2020: `nox -s old-browser`."""

from collections.abc import Iterator
from pathlib import Path

import brotli
import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.journeys.conftest import launched
from tests.journeys.test_taking_part_in_a_browser import (
    BRINKDORP,
    NEXT,
    TYPED,
    WANTED,
    begin_with_keys,
    go_on,
    nothing,
    step_of,
    tab_to,
)

PACKED = Path(__file__).parents[1] / "phones" / "node_modules" / "chrome-aws-lambda" / "bin" / "chromium.br"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    program = tmp_path_factory.mktemp("chromium") / "chromium"
    program.write_bytes(brotli.decompress(PACKED.read_bytes()))
    program.chmod(0o755)
    with launched(str(program), "--no-sandbox") as chromium:
        assert chromium.version.startswith("83.")
        yield chromium


MIDDLE = """selector => {
  const box = document.querySelector(selector)
  box.scrollIntoView({block: "center"})
  const {x, y, width, height} = box.getBoundingClientRect()
  return [x + width / 2, y + height / 2]
}"""


def tap(page: Page, selector: str) -> None:
    """Tap the middle of something. (Playwright's own tap asks for functions that this browser lacks.)"""
    page.touchscreen.tap(*page.evaluate(MIDDLE, selector))


def answer_by_tapping(page: Page) -> None:
    """Answer the question on the page, by its first card or by typing."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
    field = page.locator("[name=answer]").first
    if field.get_attribute("type") in {"radio", "checkbox"}:
        card = WANTED.get(step_of(page), f"#{field.get_attribute('id')}").lstrip("#")
        tap(page, f"label[for='{card}']")
        assert page.locator(f"#{card}").is_checked()
    else:
        tap(page, "#answer")
        page.keyboard.type(TYPED.get(step_of(page), "7"))
    tap(page, NEXT)


def test_with_the_keyboard_alone_a_resident_takes_part(phone: BrowserContext) -> None:
    wrong: list[str] = []
    page = phone.new_page()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(f"{BRINKDORP}/start")
    begin_with_keys(page, nothing)
    assert len(go_on(page, "check", nothing)) > 8
    tab_to(page, "[href='#send']")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.wait_for_url("**/done")
    assert page.locator(".rs-receipt li").count() >= 3
    assert wrong == []


def test_by_tapping_without_script_a_resident_takes_part_in_arabic_on_a_narrow_phone(
    browser: Browser, site: str
) -> None:
    context = browser.new_context(
        viewport={"width": 320, "height": 640}, base_url=site, java_script_enabled=False, has_touch=True
    )
    page = context.new_page()
    page.goto("/leiden-eindevaluatie/ar/consent?wijk=WK054606")
    for tick in page.locator("[name=purpose]").all():
        tap(page, f"label[for='{tick.get_attribute('id')}']")
    tap(page, NEXT)
    page.wait_for_url("**/page/*")
    assert len(go_on(page, "check", nothing, answer_by_tapping)) > 60
    tap(page, "#send")
    page.wait_for_url("**/done")
    assert page.locator(".rs-receipt li").count() >= 3
    context.close()


def test_a_fault_takes_the_focus_and_shows_it(phone: BrowserContext) -> None:
    page = phone.new_page()
    page.goto("/brinkdorp-peiling/nl/consent")
    tab_to(page, NEXT)
    page.keyboard.press("Enter")
    page.wait_for_function("document.title.startsWith('Fout: ')")
    assert page.evaluate("document.activeElement.matches('.rs-problem')")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
