"""A kiosk in Chromium: it works without a network, and it forgets."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.journeys.inspection import violations
from tests.journeys.kiosks import (
    KEY,
    LEIDEN,
    PAIRED,
    Device,
    Town,
    contact,
    context_of,
    fill,
    finish,
    host,
    next_page,
    paired,
    queue,
    send,
    start_town,
    take_part,
    to_questions,
    to_the_overview,
)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    town = start_town(tmp_path_factory.mktemp("town"))
    yield town
    town.stop()


@pytest.fixture(scope="module")
def device(browser: Browser, town: Town) -> Iterator[Device]:
    device = Device(browser, town)
    yield device
    device.context.close()


@pytest.fixture
def tablet(device: Device) -> BrowserContext:
    return device.context


@pytest.fixture
def kiosk(device: Device) -> Iterator[Page]:
    with device.page() as page:
        yield page


@pytest.fixture(scope="module")
def leiden(browser: Browser, town: Town) -> Iterator[Device]:
    device = Device(browser, town, survey=LEIDEN, area="WK054605")
    yield device
    device.context.close()


@pytest.fixture
def new(browser: Browser, town: Town) -> Iterator[BrowserContext]:
    """A device on which nothing was opened before."""
    context = context_of(browser, town)
    yield context
    context.close()


# Without a network.


def test_somebody_takes_part_without_a_network_and_it_arrives_once_there_is_one(
    kiosk: Page, tablet: BrowserContext, town: Town
) -> None:
    before = town.waiting()
    tablet.set_offline(True)
    kiosk.reload()
    kiosk.wait_for_selector(PAIRED)
    words = take_part(kiosk)
    withdraw = f"{town.address}/{KEY}/nl/withdraw"
    assert withdraw.removeprefix("http://") in kiosk.locator(".rs-receipt").inner_text()
    finish(kiosk)
    assert len(set(words)) > 1
    assert (queue(kiosk), town.waiting()) == (1, before)
    tablet.set_offline(False)
    contact(kiosk)
    contact(kiosk)
    assert (queue(kiosk), town.waiting()) == (0, before + 1)
    assert httpx.get(withdraw).is_success


@pytest.mark.parametrize("tag", ["ar", "pl"])
def test_every_language_is_on_the_device(leiden: Device, town: Town, tag: str) -> None:
    before = town.waiting(LEIDEN)
    with leiden.page() as kiosk:
        leiden.context.set_offline(True)
        to_questions(kiosk, tag)
        direction = "rtl" if tag == "ar" else "ltr"
        assert kiosk.evaluate("() => [document.documentElement.lang, document.documentElement.dir]") == [
            tag,
            direction,
        ]
        assert to_the_overview(kiosk) > 30
        assert "\ue000" not in kiosk.content()
        send(kiosk)
        finish(kiosk)
        assert kiosk.evaluate("() => document.documentElement.lang") == "nl"
    assert town.waiting(LEIDEN) == before + 1


def test_a_helper_is_reminded_whose_opinion_counts(leiden: Device) -> None:
    reminder = ".rs-note[data-helped]"
    with leiden.page() as kiosk:
        to_questions(kiosk)
        fill(kiosk)
        assert kiosk.locator("h1").inner_text() == "Vult u dit zelf in?"
        for answer, reminded in ((1, 0), (2, 1)):
            assert kiosk.locator(reminder).count() == 0
            kiosk.check(f"main [name=answer][value='{answer}']", force=True)
            next_page(kiosk)
            assert kiosk.locator(reminder).count() == reminded
            kiosk.click(".rs-back")


def test_the_practice_question_shows_what_was_chosen_and_keeps_nothing(leiden: Device) -> None:
    with leiden.page() as kiosk:
        kiosk.click(".rs-doors [lang=nl]")
        kiosk.click("text=Oefen eerst met één vraag")
        cards = kiosk.locator("main .rs-choice__card")
        for place, card in enumerate(cards.all()):
            words = card.inner_text().strip()
            card.click()
            next_page(kiosk)
            assert f"U koos: {words}." in kiosk.locator("main").inner_text()
            kiosk.click(".rs-back")
            assert cards.nth(place).locator("xpath=..").locator("input").is_checked()
        kiosk.click("[name=skip]")
        assert "U sloeg de vraag over." in kiosk.locator("main").inner_text()
        kiosk.click("text=Begin met de vragen")
        assert kiosk.locator("main input:checked").count() == 0


LOOK = "() => document.documentElement.className"


def test_letters_and_pictograms_are_chosen_for_one_visit(leiden: Device) -> None:
    size = "() => getComputedStyle(document.documentElement).fontSize"
    with leiden.page() as kiosk:
        fresh = kiosk.evaluate(size)
        to_questions(kiosk)
        kiosk.locator("main .rs-choice__card").nth(3).click()
        for words in ("Heel grote letters", "Zonder plaatjes"):
            kiosk.click(".rs-top summary >> text=Weergave")
            kiosk.click(f".rs-langs >> text={words}")
        assert kiosk.evaluate(size) == "32px"
        assert (
            kiosk.evaluate("() => document.documentElement.className") == "rs-text-largest rs-words rs-dark"
        )
        assert kiosk.locator("main input:checked").count() == 1
        kiosk.click("summary >> nth=0")
        kiosk.click(".rs-langs [lang=en]")
        assert kiosk.evaluate(size) == "32px"
        assert kiosk.evaluate(WIDE) is False
        kiosk.click(".rs-foot >> nth=0 >> a >> nth=0")
        next_page(kiosk)
        kiosk.click("[href='#/reset']")
        kiosk.wait_for_selector(PAIRED)
        assert kiosk.evaluate(size) == fresh
        assert kiosk.evaluate(LOOK) == "rs-text-normal rs-dark"


def test_a_kiosk_is_dark_where_the_device_is(kiosk: Page) -> None:
    kiosk.emulate_media(color_scheme="dark")
    ground = "() => getComputedStyle(document.body).backgroundColor"
    assert kiosk.evaluate(ground) == "rgb(15, 26, 28)"
    to_questions(kiosk)
    assert kiosk.evaluate(ground) == "rgb(15, 26, 28)"


def test_who_cannot_see_the_screen_hears_each_page_by_its_name(kiosk: Page) -> None:
    """After each change the focus is on the main part, which is named after the page; a fault comes first."""
    heard = "() => [document.activeElement.id, document.activeElement.ariaLabel]"
    to_questions(kiosk)
    assert kiosk.evaluate(heard) == ["main", "Hoe oud bent u?"]
    next_page(kiosk)
    assert kiosk.evaluate("() => document.activeElement.closest('.rs-problem') !== null")
    assert kiosk.locator("main").get_attribute("aria-label") == "Fout: Hoe oud bent u?"
    fill(kiosk)
    assert kiosk.evaluate(heard) == ["main", kiosk.title()]


def test_another_language_keeps_what_was_filled_in_and_not_sent(kiosk: Page) -> None:
    to_questions(kiosk)
    kiosk.locator("main .rs-choice__card").nth(2).click()
    kiosk.click("summary")
    kiosk.click(".rs-langs [lang=en]")
    assert kiosk.locator("main input:checked").get_attribute("value") == "3"
    assert kiosk.locator("h1").inner_text() == "How old are you?"


def test_back_change_and_skip_work_as_on_the_phone(kiosk: Page) -> None:
    to_questions(kiosk)
    to_the_overview(kiosk)
    rows = kiosk.locator(".rs-answers > div")
    total = rows.count()
    kiosk.click("[href='#/page/grade?from=check']")
    assert kiosk.locator("main input:checked").get_attribute("value") == "4"
    kiosk.locator("main .rs-grade__input").first.click()
    next_page(kiosk)
    assert rows.count() == total - 2  # who gives a 1 is not asked about the house
    kiosk.click("[href='#/page/grade?from=check']")
    kiosk.click("[name=skip]")
    assert rows.count() == total
    assert "Overgeslagen" in kiosk.locator("main").inner_text()
    kiosk.click(".rs-back")
    assert kiosk.locator("textarea").input_value() == TYPED


def test_what_cannot_be_is_explained_at_the_field_and_kept(kiosk: Page) -> None:
    to_questions(kiosk)
    next_page(kiosk)
    assert kiosk.title().startswith("Fout:")
    assert "Kies een antwoord" in kiosk.locator(".rs-problem").inner_text()
    fill(kiosk)
    fill(kiosk)
    kiosk.fill("#answer", "99")
    next_page(kiosk)
    assert kiosk.locator("#answer").input_value() == "99"
    assert kiosk.locator("#answer").get_attribute("aria-invalid") == "true"
    kiosk.click(".rs-problem a")
    assert kiosk.evaluate("() => document.activeElement.id") == "answer"


def test_who_is_too_young_is_told_kindly_and_nothing_is_kept(kiosk: Page) -> None:
    to_questions(kiosk)
    kiosk.locator("main .rs-choice__card").first.click()
    next_page(kiosk)
    assert "Deze vragen zijn voor mensen vanaf 18 jaar" in kiosk.locator("main").inner_text()
    assert queue(kiosk) == 0


def test_where_a_slip_is_needed_only_a_possible_code_goes_on(new: BrowserContext, town: Town) -> None:
    kiosk = paired(new, *town.place(needs_code=True))
    before = town.waiting()
    to_questions(kiosk)
    fill(kiosk)
    assert kiosk.locator("[name=no_code]").count() == 0
    next_page(kiosk)
    assert "Vul de code van uw strookje of brief in." in kiosk.locator(".rs-problem").inner_text()
    slip = town.slip()
    kiosk.fill("#code", slip[1] + slip[0] + slip[2:])
    next_page(kiosk)
    if slip[0] != slip[1]:
        assert "Deze code klopt niet" in kiosk.locator(".rs-problem").inner_text()
        kiosk.fill("#code", slip)
        next_page(kiosk)
    to_the_overview(kiosk)
    send(kiosk)
    contact(kiosk)
    assert (queue(kiosk), town.waiting()) == (0, before + 1)


# It forgets.

STORED = """async () => {
    const databases = await indexedDB.databases();
    const kept = {};
    for (const {name} of databases) {
        const database = await new Promise((done) => {
            const request = indexedDB.open(name);
            request.onsuccess = () => done(request.result);
        });
        for (const store of database.objectStoreNames) {
            const all = database.transaction(store).objectStore(store).getAll();
            const read = new Promise((done) => { all.onsuccess = () => done(all.result); });
            kept[`${name} ${store}`] = await read;
        }
        database.close();
    }
    const cached = {};
    for (const name of await caches.keys()) {
        const cache = await caches.open(name);
        cached[name] = (await cache.keys()).map((request) => new URL(request.url).pathname);
    }
    return {kept: JSON.stringify(kept), cached, local: {...localStorage}, session: {...sessionStorage},
            cookies: document.cookie, name: window.name, entries: history.length,
            state: JSON.stringify(history.state)};
}"""

TYPED = "Een zeldzaam bankje"


def left(page: Page) -> Any:
    return page.evaluate(STORED)


def test_after_a_visit_nothing_is_left_and_the_screen_is_that_of_a_fresh_start(
    kiosk: Page, tablet: BrowserContext, tmp_path: Path
) -> None:
    kiosk.reload()
    kiosk.wait_for_selector(PAIRED)
    kiosk.wait_for_timeout(500)
    fresh, before = kiosk.screenshot(path=tmp_path / "fresh.png"), left(kiosk)
    tablet.set_offline(True)
    to_questions(kiosk, "en")
    for display in ("largest", "largest-words"):
        kiosk.click(".rs-top summary >> text=Aa")
        kiosk.click(f"[href='#/display/{display}']")
    to_the_overview(kiosk)
    words = send(kiosk)
    finish(kiosk)
    kiosk.wait_for_timeout(500)
    after = left(kiosk)
    assert kiosk.screenshot(path=tmp_path / "after.png") == fresh
    assert {**after, "kept": ""} == {**before, "kept": ""}
    kept = after["kept"]
    for secret in (TYPED, "bankje", "0101"):
        assert secret not in kept
    # A short word may stand in what is sealed, or in the kiosk's name, by chance; all of them cannot.
    assert not all(word in kept for word in words)
    assert tablet.cookies() == []
    kiosk.go_back()
    assert TYPED not in kiosk.content()
    kiosk.go_forward()
    kiosk.wait_for_selector(PAIRED)
    assert TYPED not in kiosk.content()
    to_questions(kiosk, "en")
    while not kiosk.locator("textarea").count():
        assert kiosk.locator("main input:checked").count() == 0
        fill(kiosk)
    assert kiosk.locator("textarea").input_value() == ""


def test_a_visit_makes_no_history_and_its_fields_are_not_remembered(kiosk: Page) -> None:
    entries = kiosk.evaluate("() => history.length")
    to_questions(kiosk)
    while not kiosk.locator("#send").count():
        fields = kiosk.locator("main input:not([type=hidden]), main textarea")
        for told, expected in (
            ("autocomplete", "off"),
            ("spellcheck", "false"),
            ("writingsuggestions", "false"),
        ):
            assert {field.get_attribute(told) for field in fields.all()} <= {expected}
        fill(kiosk)
    kiosk.click("[href='#send']")
    kiosk.click("text=Hulp")
    kiosk.click(".rs-back")
    assert kiosk.evaluate("() => [history.length, location.hash]") == [entries, ""]


def test_the_document_is_never_kept_for_going_back(kiosk: Page) -> None:
    to_questions(kiosk)
    kiosk.goto("about:blank")
    kiosk.go_back()
    kiosk.wait_for_selector(PAIRED)
    assert kiosk.evaluate("() => performance.getEntriesByType('navigation')[0].type") != "reload"
    assert kiosk.locator("#answers").count() == 0


def test_the_server_gives_no_session_and_the_page_may_connect_to_nothing(kiosk: Page, town: Town) -> None:
    reply = kiosk.request.get(kiosk.url)
    assert "set-cookie" not in reply.headers
    assert reply.headers["cache-control"] == "no-store"
    assert "connect-src" not in reply.headers["content-security-policy"]
    assert kiosk.evaluate("() => fetch('/health').then(() => 'sent', () => 'refused')") == "refused"


@pytest.fixture(scope="module")
def timed(browser: Browser, town: Town) -> Iterator[Device]:
    """A device of which the tests turn the clock."""
    device = Device(browser, town)
    device.context.clock.install()
    yield device
    device.context.close()


def test_who_walks_away_is_warned_in_their_language_and_then_forgotten(timed: Device) -> None:
    with timed.page() as kiosk:
        to_questions(kiosk, "en")
        kiosk.locator("main .rs-choice__card").nth(1).click()
        next_page(kiosk)
        kiosk.locator("main button").last.focus()
        kiosk.clock.run_for(74_000)
        assert kiosk.locator("dialog").count() == 0
        kiosk.clock.run_for(2_000)
        warning = kiosk.locator("dialog[open]")
        assert "Are you still there?" in warning.inner_text()
        assert violations(kiosk) == []
        kiosk.clock.run_for(10_000)
        assert "10 seconds left" in kiosk.locator("dialog [role=status]").inner_text()
        ring = "ring => [Number(ring.textContent), ring.style.getPropertyValue('--rs-left')]"
        left, part = kiosk.locator(".rs-count").evaluate(ring)
        assert 0 < left <= 10
        assert part == f"{5 * left}%"
        kiosk.click("[data-idle=on]")
        assert kiosk.locator("dialog").count() == 0
        assert kiosk.evaluate("() => document.activeElement.closest('main button') !== null")
        kiosk.clock.run_for(76_000)
        kiosk.wait_for_selector("dialog[open]")
        kiosk.clock.run_for(18_000)
        assert kiosk.locator("dialog[open]").count() == 1
        kiosk.clock.run_for(3_000)
        kiosk.wait_for_selector(PAIRED)
        assert kiosk.evaluate("() => document.documentElement.lang") == "nl"
        assert queue(kiosk) == 0


def test_the_words_of_the_receipt_do_not_stay_on_the_screen(timed: Device) -> None:
    with timed.page() as kiosk:
        take_part(kiosk)
        kiosk.clock.run_for(46_000)
        kiosk.wait_for_selector("dialog[open]")
        assert "is dan weg" not in kiosk.locator("dialog").inner_text()
        kiosk.clock.run_for(21_000)
        kiosk.wait_for_selector(PAIRED)


def test_touching_the_screen_puts_the_warning_off(timed: Device) -> None:
    with timed.page() as kiosk:
        to_questions(kiosk)
        for _ in range(3):
            kiosk.clock.run_for(60_000)
            kiosk.locator("h1").dispatch_event("pointerdown")
        assert kiosk.locator("dialog").count() == 0


# What people see.

SMALL = """() => [...document.querySelectorAll('a, button, summary, label, input, textarea')]
    .filter(element => element.checkVisibility() && !element.closest('.rs-hidden')
        && !element.matches('h1 label, .utrecht-skip-link, label.utrecht-form-label, .rs-choice__input')
        && !element.matches('.rs-problem a'))
    .map(element => [element.outerHTML.slice(0, 90), element.getBoundingClientRect()])
    .filter(([html, box]) => box.height < 59.5 || box.width < 59.5)
    .map(([html, box]) => `${Math.round(box.width)} x ${Math.round(box.height)}: ${html}`)"""

WIDE = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"

SIZES = ({"width": 1024, "height": 768}, {"width": 768, "height": 1024})


EVERY_PAGE = """async (tag) => {
    const folder = document.body.dataset.texts;
    const {pages} = await (await caches.match(`${folder}/${tag}.json`)).json();
    const [small, wide] = [FINDERS];
    const shown = Object.keys(pages).filter((path) => !['idle', 'check/skipped', 'start'].includes(path));
    const found = small();
    for (const path of shown) {
        const link = Object.assign(document.createElement('a'), {href: `#/${path}`});
        document.body.append(link);
        link.click();
        link.remove();
        if (document.querySelector('main h1') === null) found.push(`${path}: nothing`);
        found.push(...small().map((fault) => `${path}: ${fault}`));
        if (wide()) found.push(`${path}: sideways`);
        document.querySelector('main h1')?.remove();
    }
    return [shown.length, found];
}""".replace("FINDERS", f"{SMALL}, {WIDE}")


def test_every_page_in_every_language_is_large_enough_to_touch_and_fits(leiden: Device) -> None:
    with leiden.page() as kiosk:
        kiosk.set_viewport_size({"width": 768, "height": 1024})
        for tag in ("nl", "nl-x-simpel", "ar", "en", "pl", "tr", "uk"):
            kiosk.click(f".rs-doors [lang={tag}]")
            kiosk.wait_for_selector(f"html[lang={tag}] .rs-facts, html[lang={tag}] main")
            number, found = kiosk.evaluate(EVERY_PAGE, tag)
            assert number > 60
            assert found == [], tag
            kiosk.reload()
            kiosk.wait_for_selector(PAIRED)


def faults(page: Page) -> list[str]:
    found = []
    for size in SIZES:
        page.set_viewport_size(size)  # type: ignore[arg-type]
        found += violations(page) + page.evaluate(SMALL)
        found += ["scrolls sideways"] if page.evaluate(WIDE) else []
    return found


def test_every_page_of_the_kiosk_is_accessible_and_large_enough_to_touch(
    new: BrowserContext, town: Town
) -> None:
    path, code = town.place()
    kiosk = new.new_page()
    kiosk.goto(path)
    kiosk.wait_for_selector("#pairing", timeout=60_000)
    assert faults(kiosk) == []
    kiosk.fill("#code", code)
    next_page(kiosk)
    kiosk.wait_for_selector(PAIRED)
    assert faults(kiosk) == []
    host(kiosk)
    assert faults(kiosk) == []
    kiosk.click("[data-host=back]")
    kiosk.wait_for_selector(PAIRED)
    kiosk.click(".rs-doors [lang=nl]")
    assert faults(kiosk) == []
    next_page(kiosk)
    next_page(kiosk)
    assert faults(kiosk) == []
    kiosk.click("main label.rs-choice__card >> nth=0")
    next_page(kiosk)
    while not kiosk.locator("#send").count():
        assert faults(kiosk) == [], kiosk.title()
        fill(kiosk)
    assert faults(kiosk) == []
    for name in ("Hulp", "Privacy", "Toegankelijkheid", "Stoppen"):
        kiosk.click(f".rs-foot >> text={name}")
        assert faults(kiosk) == [], name
        kiosk.click(".rs-back")
    send(kiosk)
    assert faults(kiosk) == []
    assert kiosk.evaluate("() => document.documentElement.lang") == "nl"
    assert town.waiting(KEY) > 0
