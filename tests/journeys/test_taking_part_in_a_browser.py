"""Whole journeys through the real server, at phone size."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journeys.inspection import PHONE, faults_of_page, violations

LEIDEN = "/leiden-eindevaluatie/nl"
BRINKDORP = "/brinkdorp-peiling/nl"
NEXT = "form#answers button.utrecht-button--primary-action"
FOCUSED = "selector => document.activeElement.matches(selector)"

Press = Callable[[Page], None]

WANTED = {
    # question -> the card to choose; of the other questions the first one is chosen
    "q35": "#answer-5",
    "age": "#answer-2",
    "place": "#answer-BD0101",
    "grade": "#answer-7",
}
TYPED = {"q1_postcode": "2316", "place_postcode": "0101"}


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until something has the focus."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED, selector):
            return
    raise AssertionError(f"{selector} cannot be reached with Tab on {page.url}")


def address(page: Page) -> str:
    return page.url.partition("#")[0]


def step_of(page: Page) -> str:
    return address(page).partition("?")[0].rsplit("/", maxsplit=1)[-1]


def kind_of(page: Page) -> str:
    """What kinds of fields are on the page."""
    kinds = "fields => fields.map(field => field.type)"
    return " ".join(sorted(set(page.locator("main input, main textarea").evaluate_all(kinds))))


def answer_with_keys(page: Page) -> None:
    """Answer the question on the page, with the keyboard alone and past the links at the top."""
    step = step_of(page)
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED, ".utrecht-skip-link")
    page.keyboard.press("Enter")
    kind, first = page.evaluate("(({type, id}) => [type, id])(document.querySelector('[name=answer]'))")
    if kind in {"radio", "checkbox"}:
        card = WANTED.get(step, f"#{first}")
        tab_to(page, "[name=answer]")
        while not page.evaluate(FOCUSED, card):
            page.keyboard.press("ArrowDown" if kind == "radio" else "Tab")
        if not page.locator(card).is_checked():
            page.keyboard.press("Space")
    else:
        tab_to(page, "#answer")
        page.keyboard.type(TYPED.get(step, "7" if kind == "text" else "Meer taalles in de avond."))
    tab_to(page, NEXT)
    page.keyboard.press("Enter")


def begin_with_keys(page: Page, look: Press) -> None:
    """From the start page to the first question after the code page; `look` is called on every page."""
    look(page)
    tab_to(page, "a.utrecht-button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/consent*")
    look(page)
    for purpose in page.locator("[name=purpose]").all():
        tab_to(page, f"#{purpose.get_attribute('id')}")
        page.keyboard.press("Space")
    tab_to(page, NEXT)
    page.keyboard.press("Enter")
    page.wait_for_url("**/page/*")


def go_on(page: Page, until: str, look: Press, act: Press = answer_with_keys) -> list[str]:
    """Answer page after page; gives the steps that were passed."""
    passed: list[str] = []
    while step_of(page) != until:
        assert len(passed) < 150, passed
        look(page)
        passed.append(step_of(page))
        before = address(page)
        if step_of(page) == "code":
            page.locator("[name=no_code]").focus()
            page.keyboard.press("Enter")
        else:
            act(page)
        page.wait_for_url(lambda url, before=before: url.partition("#")[0] != before)
    return passed


def nothing(page: Page) -> None:
    """Look at nothing."""


def test_a_resident_of_leiden_takes_part_with_the_keyboard_alone_and_every_page_is_in_order(
    phone: BrowserContext,
) -> None:
    """Of questions one of each kind is looked at."""
    found: dict[str, list[str]] = {}
    kinds = set()

    def look(page: Page) -> None:
        if kind_of(page) not in kinds or "/page/" not in page.url:
            found[step_of(page)] = faults_of_page(page)
        kinds.add(kind_of(page))

    page = phone.new_page()
    page.goto(f"{LEIDEN}/start?wijk=WK054606")
    begin_with_keys(page, look)
    passed = go_on(page, "check", look)
    assert len(passed) > 60
    look(page)
    expect(page.locator(".rs-skipped")).to_have_count(0)
    tab_to(page, "[href='#send']")
    page.keyboard.press("Enter")
    expect(page.locator("#send")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/done")
    look(page)
    assert page.locator(".rs-receipt li").count() >= 3
    assert {step: faults for step, faults in found.items() if faults} == {}
    assert len(kinds) > 5


def test_every_page_of_a_journey_has_a_title_of_its_own_and_the_question_as_its_heading(
    phone: BrowserContext,
) -> None:
    titles: list[str] = []

    def look(page: Page) -> None:
        heading = page.locator("h1").inner_text()
        titles.append(page.title())
        assert page.locator("h1").count() == 1
        assert page.title().partition(" – ")[0].split()[-1] in heading

    page = phone.new_page()
    begin(page, BRINKDORP)
    look(page)
    choose_an_adult(page)
    page.wait_for_url("**/code")
    go_on(page, "check", look)
    assert len(set(titles)) == len(titles)


def choose(page: Page) -> None:
    """Answer the question on the page, without knowing that keys or scripts exist."""
    field = page.locator("[name=answer]").first
    if field.get_attribute("type") in {"radio", "checkbox"}:
        page.locator(WANTED.get(step_of(page), "[name=answer] >> nth=0")).check(force=True)
    else:
        field.fill(TYPED.get(step_of(page), "Een bankje"))
    page.locator(NEXT).click()


def begin(page: Page, start: str) -> None:
    page.goto(f"{start}/consent")
    for tick in page.locator("[name=purpose]").all():
        tick.check(force=True)
    page.locator(NEXT).click()
    page.wait_for_url("**/page/*")


def choose_an_adult(page: Page) -> None:
    page.locator("#answer-2").check(force=True)
    page.locator(NEXT).click()


@pytest.fixture
def underway(phone: BrowserContext) -> Page:
    """A tab of somebody of Brinkdorp who is past the code page."""
    page = phone.new_page()
    begin(page, BRINKDORP)
    choose_an_adult(page)
    page.get_by_role("button", name="Ik heb geen code").click()
    page.wait_for_url("**/page/*")
    return page


def test_without_script_a_resident_takes_part_from_start_to_withdrawal(browser: Browser, site: str) -> None:
    context = browser.new_context(viewport=PHONE, base_url=site, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{BRINKDORP}/start")
    page.get_by_role("link", name="Begin").click()
    for tick in page.locator("[name=purpose]").all():
        tick.check(force=True)
    page.locator(NEXT).click()
    choose_an_adult(page)
    page.get_by_role("button", name="Ik heb geen code").click()
    go_on(page, "check", nothing, choose)
    page.get_by_role("button", name="Verstuur mijn antwoorden").click()
    words = " ".join(page.locator(".rs-receipt li").all_inner_texts())
    page.get_by_role("link", name="Antwoorden weghalen").click()
    page.get_by_label("De woorden die u kreeg").fill(words)
    page.get_by_role("button", name="Haal mijn antwoorden weg").click()
    expect(page.get_by_role("heading", name="Uw antwoorden zijn weg")).to_be_visible()
    context.close()


def test_a_mistake_is_explained_at_the_top_and_at_the_field_and_what_was_typed_stays(underway: Page) -> None:
    underway.locator("#answer").fill("99")
    with underway.expect_response(lambda reply: reply.request.method == "POST") as reply:
        underway.keyboard.press("Enter")
    assert reply.value.status == 422
    expect(underway.locator(".rs-problem")).to_be_focused()
    assert underway.title().startswith("Fout: ")
    expect(underway.locator("#answer")).to_have_value("99")
    assert underway.locator("#answer").get_attribute("aria-invalid") == "true"
    assert faults_of_page(underway) == []
    underway.keyboard.press("Tab")
    underway.keyboard.press("Enter")
    expect(underway.locator("#answer")).to_be_focused()


def test_the_language_can_be_switched_on_every_page_and_what_was_chosen_stays(underway: Page) -> None:
    def switch_and_answer(page: Page) -> None:
        field = page.locator("[name=answer]").first
        cards = field.get_attribute("type") in {"radio", "checkbox"}
        chosen = page.locator(WANTED.get(step_of(page), "[name=answer] >> nth=0")) if cards else field
        if cards:
            chosen.check(force=True)
        else:
            field.fill(TYPED.get(step_of(page), "Een bankje"))
        for language, tag in (("English", "en"), ("Nederlands", "nl")):
            page.locator("summary").first.click()
            page.get_by_role("button", name=language).click()
            page.wait_for_url(f"**/{tag}/**")
            assert page.locator("html").get_attribute("lang") == tag
            if step_of(page) == "place":  # of a neighbourhood only the area is kept
                expect(page.locator(".rs-note")).to_contain_text("Dorpskern")
            elif cards:
                expect(chosen).to_be_checked()
            else:
                expect(field).not_to_have_value("")
        page.locator(NEXT).click()

    go_on(underway, "check", nothing, switch_and_answer)
    underway.locator("summary").first.click()
    underway.get_by_role("link", name="English").click()
    expect(underway.get_by_role("heading", level=1)).to_have_text("Check your answers")
    assert violations(underway) == []
    expect(underway.locator("dd.rs-skipped")).to_have_count(0)


def test_the_back_button_and_the_back_link_show_the_answer_that_was_given(underway: Page) -> None:
    choose(underway)
    choose(underway)
    underway.wait_for_url("**/page/grade")
    underway.locator("#answer-7").check(force=True)
    underway.locator(NEXT).click()
    underway.wait_for_url("**/page/visits")
    underway.go_back()
    expect(underway.locator("#answer-7")).to_be_checked()
    underway.locator("#answer-8").check(force=True)
    underway.locator(NEXT).click()
    underway.wait_for_url("**/page/visits")
    underway.get_by_role("link", name="Vorige").click()
    expect(underway.locator("#answer-8")).to_be_checked()


def test_two_tabs_answer_the_same_questionnaire_and_send_it_once(
    underway: Page, phone: BrowserContext
) -> None:
    go_on(underway, "check", nothing, choose)
    other = phone.new_page()
    other.goto(underway.url)
    change = other.get_by_role("link", name=re.compile("Wijzig Welk cijfer"))
    change.click()
    other.locator("#answer-3").check(force=True)
    other.locator(NEXT).click()
    other.wait_for_url("**/check")
    underway.get_by_role("button", name="Verstuur mijn antwoorden").click()
    underway.wait_for_url("**/done")
    other.get_by_role("button", name="Verstuur mijn antwoorden").click()
    other.wait_for_url("**/done")
    receipts = [page.locator(".rs-receipt li").all_inner_texts() for page in (underway, other)]
    assert receipts[0] == receipts[1]


def test_a_change_from_the_check_page_leads_back_to_it(underway: Page) -> None:
    go_on(underway, "check", nothing, choose)
    underway.get_by_role("link", name=re.compile("Wijzig Welk cijfer")).click()
    underway.locator("#answer-9").check(force=True)
    underway.locator(NEXT).click()
    underway.wait_for_url("**/check")
    expect(underway.locator("dd", has_text=re.compile("^9$"))).to_be_visible()


def test_reading_pages_of_the_real_server_are_in_order(phone: BrowserContext) -> None:
    page = phone.new_page()
    for path in ("privacy", "help", "social-map", "withdraw", "stop", "nothing-here"):
        page.goto(f"{LEIDEN}/{path}")
        assert faults_of_page(page) == [], path
