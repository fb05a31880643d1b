"""What goes wrong around a kiosk, in Chromium: nothing is lost, nothing comes twice, and staff see why."""

import json
import os
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from survey.deliveries import Queue
from tests.journeys.conftest import BRINKDORP
from tests.journeys.kiosks import (
    PAIRED,
    Town,
    chromium,
    contact,
    context_of,
    fill,
    finish,
    host,
    paired,
    queue,
    send,
    take_part,
    to_questions,
    to_the_overview,
)


@pytest.fixture(scope="module")
def one_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    town = Town(tmp_path_factory.mktemp("town"), str(BRINKDORP))
    yield town
    town.stop()


@pytest.fixture
def town(one_town: Town) -> Town:
    """The same for all tests; what came before does not count."""
    one_town.before = one_town.waiting()
    return one_town


@pytest.fixture
def tablet(browser: Browser, town: Town) -> Iterator[BrowserContext]:
    context = context_of(browser, town)
    yield context
    context.close()


def one_waits(page: Page, context: BrowserContext) -> None:
    """Somebody took part without a network."""
    context.set_offline(True)
    take_part(page)
    finish(page)
    context.set_offline(False)


def test_a_code_that_pairs_nothing_is_explained_to_staff(tablet: BrowserContext, town: Town) -> None:
    path, code = town.place()
    paired(tablet, path, code)
    other = tablet.browser.new_context(base_url=town.address)  # type: ignore[union-attr]
    page = other.new_page()
    page.goto(path)
    for typed, said in ((code, "al een ander apparaat"), ("BCDF", "kennen wij niet")):
        page.fill("#code", typed)
        page.click("#pairing button")
        page.wait_for_function(
            "said => document.querySelector('#refusal').textContent.includes(said)", arg=said
        )
    town.revoke(code)
    page.fill("#code", code)
    page.click("#pairing button")
    page.wait_for_function("() => document.querySelector('#refusal').textContent.includes('ingetrokken')")
    other.close()


def test_a_revoked_kiosk_is_closed_and_keeps_what_waits_for_staff_to_carry_off(
    tablet: BrowserContext, town: Town, tmp_path: Path
) -> None:
    path, code = town.place()
    page = paired(tablet, path, code)
    one_waits(page, tablet)
    town.revoke(code)
    contact(page)
    page.reload()
    page.wait_for_selector("text=Meedoen kan hier nu niet.")
    assert "ingetrokken" in host(page)
    assert queue(page) == 1
    page.fill("#sure", "wissen")
    page.click("#clearing button")
    page.wait_for_selector("#refusal:not([hidden])")
    assert queue(page) == 1
    with page.expect_download() as download:
        page.click("[data-host=carry]")
    carried = tmp_path / "queue.json"
    download.value.save_as(carried)
    sealed = msgspec.json.decode(carried.read_bytes(), type=Queue)
    assert len(sealed.envelopes) == 1
    assert sealed.place == path.rsplit("/", maxsplit=1)[1]
    page.click("#clearing button")
    page.wait_for_selector("#pairing")
    assert queue(page) == 0


def test_closing_is_refused_while_something_waits_and_opening_again_is_for_staff(
    tablet: BrowserContext, town: Town
) -> None:
    page = paired(tablet, *town.place())
    tablet.set_offline(True)
    take_part(page)
    finish(page)
    host(page)
    page.click("[data-host=shut]")
    page.wait_for_selector("#refusal:not([hidden])")
    tablet.set_offline(False)
    page.click("[data-host=send]")
    page.wait_for_function("() => document.querySelector('#queue').textContent === '0'")
    page.click("[data-host=shut]")
    page.wait_for_selector("text=Meedoen kan hier nu niet.")
    host(page)
    page.click("[data-host=open]")
    page.wait_for_selector(PAIRED)


def test_what_was_sealed_before_a_rotation_or_for_an_earlier_version_is_accepted(
    browser: Browser, tmp_path: Path
) -> None:
    town = Town(tmp_path, str(BRINKDORP))
    tablet = context_of(browser, town)
    page = paired(tablet, *town.place())
    one_waits(page, tablet)
    town.stop()
    changed = tmp_path / "changed"
    shutil.copytree(BRINKDORP, changed)
    text = (changed / "questionnaire.toml").read_text().replace("Hoe oud bent u?", "Wat is uw leeftijd?")
    (changed / "questionnaire.toml").write_text(text)
    town.start(str(changed), key=2)
    page.reload()
    for _ in range(60):  # the first screen sends by itself, and reloads for the new key and edition
        if town.arrived() == 1:
            break
        page.wait_for_timeout(500)
    assert town.arrived() == 1
    for _ in range(60):  # the edition of the new version is fetched, and taken over on the first screen
        if "Wat is uw leeftijd?" in first_question(page):
            break
        page.reload()
        page.wait_for_timeout(500)
    assert first_question(page) == "Wat is uw leeftijd?"
    assert len(page.evaluate("() => caches.keys()")) == 1
    to_the_overview(page)
    send(page)
    contact(page)
    assert (queue(page), town.arrived()) == (0, 2)
    assert len({stored.response.version for stored in town.responses()}) == 2
    tablet.close()
    town.stop()


def first_question(page: Page) -> str:
    if page.locator("h1").first.inner_text() == "Wat is uw leeftijd?":
        return "Wat is uw leeftijd?"
    page.reload()
    page.wait_for_selector(PAIRED)
    to_questions(page)
    return page.locator("h1").inner_text()


def test_a_clock_that_is_ten_years_off_changes_nothing_and_staff_are_told(
    tablet: BrowserContext, town: Town
) -> None:
    page = paired(tablet, *town.place())
    page.clock.set_fixed_time("2036-11-28T12:00:00")
    page.reload()
    page.wait_for_selector(PAIRED)
    take_part(page)
    contact(page)
    assert (queue(page), town.arrived()) == (0, 1)
    assert {stored.response.week for stored in town.responses()} != {"2036-W48"}


CLOCK_OFF = """async () => {
    const {change} = await import('/static/kiosk/device.js');
    await change({clock: -10 * 365 * 24 * 3600 * 1000});
}"""


def test_staff_see_that_the_clock_is_off(tablet: BrowserContext, town: Town) -> None:
    page = paired(tablet, *town.place())
    page.evaluate(CLOCK_OFF)
    assert "De klok van dit apparaat" in host(page)


FULL = """
window.put = IDBObjectStore.prototype.put;
IDBObjectStore.prototype.put = () => { throw new DOMException('no room', 'QuotaExceededError'); };
void 0;
"""
"""As the browser says it; its own limit (10 GiB) cannot be lowered for IndexedDB from outside."""

ROOM_AGAIN = "() => { IDBObjectStore.prototype.put = window.put; }"


def test_on_a_full_disk_the_resident_waits_for_staff_and_nothing_is_lost(
    tablet: BrowserContext, town: Town
) -> None:
    page = paired(tablet, *town.place())
    to_questions(page)
    to_the_overview(page)
    tablet.set_offline(True)
    page.evaluate(FULL)
    page.click("#send")
    page.wait_for_selector("text=Dat ligt niet aan u.")
    assert queue(page) == 0
    assert "bankje" not in page.content()
    page.evaluate(ROOM_AGAIN)
    page.wait_for_selector(".rs-receipt")
    tablet.set_offline(False)
    contact(page)
    assert (queue(page), town.arrived()) == (0, 1)


def test_staff_can_carry_off_what_a_full_disk_could_not_keep(
    tablet: BrowserContext, town: Town, tmp_path: Path
) -> None:
    page = paired(tablet, *town.place())
    to_questions(page)
    to_the_overview(page)
    tablet.set_offline(True)
    page.evaluate(FULL)
    page.click("#send")
    page.wait_for_selector("text=Dat ligt niet aan u.")
    assert "Er is geen ruimte meer" in host(page)
    assert page.locator("#queue").inner_text() == "1"
    with page.expect_download() as download:
        page.click("[data-host=carry]")
    download.value.save_as(tmp_path / "queue.json")
    sealed = msgspec.json.decode((tmp_path / "queue.json").read_bytes(), type=Queue)
    assert len(sealed.envelopes) == 1


def test_on_a_full_disk_with_a_network_the_response_goes_straight_to_the_server(
    tablet: BrowserContext, town: Town
) -> None:
    page = paired(tablet, *town.place())
    to_questions(page)
    to_the_overview(page)
    page.evaluate(FULL)
    send(page)
    assert (queue(page), town.arrived()) == (0, 1)


def test_a_kiosk_without_room_lets_nobody_begin(tablet: BrowserContext, town: Town) -> None:
    page = paired(tablet, *town.place())
    page.add_init_script(FULL)
    page.reload()
    page.wait_for_selector("text=Meedoen kan hier nu niet.")
    assert "Er is geen ruimte meer" in host(page)


def test_two_tabs_send_the_same_queue_and_each_response_counts_once(
    tablet: BrowserContext, town: Town
) -> None:
    path, code = town.place()
    page = paired(tablet, path, code)
    tablet.set_offline(True)
    other = tablet.new_page()
    other.goto(path)
    other.wait_for_selector(PAIRED)
    for tab in (page, other, page):
        take_part(tab)
        finish(tab)
    assert queue(page) == 3
    tablet.set_offline(False)
    for _ in range(3):
        for tab in (page, other):
            tab.evaluate(
                "() => { import('/static/kiosk/asking.js').then(({ask}) => ask({ask: 'contact'})); }"
            )
    contact(page)
    contact(other)
    assert (queue(page), town.arrived()) == (0, 3)


def test_storage_that_was_cleared_is_a_device_that_is_not_paired(tablet: BrowserContext, town: Town) -> None:
    page = paired(tablet, *town.place())
    session = page.context.new_cdp_session(page)
    session.send("Storage.clearDataForOrigin", {"origin": town.address, "storageTypes": "indexeddb"})
    page.reload()
    page.wait_for_selector("#pairing")


def test_a_browser_that_promises_nothing_is_reported_to_staff(tablet: BrowserContext, town: Town) -> None:
    page = paired(tablet, *town.place())
    page.add_init_script("navigator.storage.persisted = navigator.storage.persist = async () => false")
    page.reload()
    page.wait_for_selector(PAIRED)
    assert "De browser belooft niet" in host(page)


# Kills.


def kill(folder: Path) -> None:
    """End the browser of this folder as an empty battery does."""
    for process in Path("/proc").iterdir():
        command = command_of(process) if process.name.isdigit() else []
        if f"--user-data-dir={folder}" in command and not any(part.startswith("--type=") for part in command):
            os.kill(int(process.name), signal.SIGKILL)


def command_of(process: Path) -> list[str]:
    try:
        return (process / "cmdline").read_text().split("\0")
    except OSError:
        return []


@pytest.mark.parametrize("moment", ["answering", "sealed", "sending"])
def test_a_browser_that_is_killed_loses_only_what_was_not_sent_in(
    browser: Browser, town: Town, tmp_path: Path, moment: str
) -> None:
    folder = tmp_path / "device"
    path, code = town.place()
    context = started(browser, folder, town)
    page = paired(context, path, code)
    if moment == "answering":
        to_questions(page)
        for _ in range(4):
            fill(page)
    elif moment == "sealed":
        context.set_offline(True)
        take_part(page)
    else:
        context.set_offline(True)
        take_part(page)
        finish(page)
        context.set_offline(False)
        page.evaluate("() => { import('/static/kiosk/asking.js').then(({ask}) => ask({ask: 'contact'})); }")
    kill(folder)
    time.sleep(1)
    context = started(browser, folder, town)
    page = context.pages[0]
    page.goto(path)
    page.wait_for_selector(PAIRED)
    assert page.locator("#answers").count() == 0
    contact(page)
    expected = 0 if moment == "answering" else 1
    assert (queue(page), town.arrived()) == (0, expected)
    context.close()


def started(browser: Browser, folder: Path, town: Town) -> BrowserContext:
    context = browser.browser_type.launch_persistent_context(
        str(folder),
        executable_path=chromium(),
        base_url=town.address,
        viewport={"width": 1024, "height": 768},
        args=["--disable-gpu", "--no-first-run"],
    )
    context.set_default_timeout(15_000)
    return context


def test_a_carried_off_queue_holds_nothing_that_can_be_read(
    tablet: BrowserContext, town: Town, tmp_path: Path
) -> None:
    page = paired(tablet, *town.place())
    one_waits(page, tablet)
    tablet.set_offline(True)
    host(page)
    with page.expect_download() as download:
        page.click("[data-host=carry]")
    carried = tmp_path / "queue.json"
    download.value.save_as(carried)
    assert "bankje" not in carried.read_text()
    assert json.loads(carried.read_text())["format"] == "wijkpeil-kiosk-queue-1"
