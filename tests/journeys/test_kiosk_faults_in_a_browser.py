"""What goes wrong around a kiosk, in Chromium: nothing is lost, nothing comes twice, and staff see why."""

import json
import math
import os
import resource
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from survey.deliveries import Queue
from tests.journeys.conftest import BRINKDORP
from tests.journeys.kiosks import (
    PAIRED,
    Device,
    Town,
    Wire,
    chromium,
    contact,
    context_of,
    fill,
    finish,
    host,
    next_page,
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


@pytest.fixture(scope="module")
def device(browser: Browser, one_town: Town) -> Iterator[Device]:
    device = Device(browser, one_town)
    yield device
    device.context.close()


@pytest.fixture
def page(device: Device, town: Town) -> Iterator[Page]:
    """A device that other tests use too, with nothing waiting."""
    with device.page() as page:
        yield page


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
    page: Page, device: Device
) -> None:
    device.context.set_offline(True)
    take_part(page)
    finish(page)
    host(page)
    page.click("[data-host=shut]")
    page.wait_for_selector("#refusal:not([hidden])")
    device.context.set_offline(False)
    assert page.locator("[data-host=open]").is_hidden()
    page.click("[data-host=send]")
    page.wait_for_selector("#sent >> text=Er wacht niets meer.")
    assert page.locator("#queue").inner_text() == "0"
    page.click("[data-host=shut]")
    page.wait_for_selector("text=Meedoen kan hier nu niet.")
    host(page)
    assert page.locator("[data-host=shut]").is_hidden()
    page.click("[data-host=open]")
    page.wait_for_selector(PAIRED)


def test_what_was_sealed_before_a_rotation_or_for_an_earlier_version_is_accepted(
    browser: Browser, tmp_path: Path
) -> None:
    """Also when the network breaks while the new edition comes: the earlier one stays, whole."""
    town = Town(tmp_path, str(BRINKDORP))
    wire = Wire(town)
    tablet = context_of(browser, wire)
    page = paired(tablet, *town.place())
    one_waits(page, tablet)
    town.stop()
    changed = tmp_path / "changed"
    shutil.copytree(BRINKDORP, changed)
    text = (changed / "questionnaire.toml").read_text().replace("Hoe oud bent u?", "Wat is uw leeftijd?")
    (changed / "questionnaire.toml").write_text(text)
    wire.left = 0  # the kiosk looks for a new edition by itself, every minute
    town.start(str(changed), key=2)
    earlier = page.evaluate(EDITION)
    wire.left = HALF
    assert page.evaluate(UPDATED) == "redundant"
    page.reload()
    page.wait_for_selector(PAIRED)
    assert first_question(page) == "Hoe oud bent u?"
    assert (queue(page), town.arrived()) == (1, 0)
    wire.left = math.inf
    page.reload()
    for _ in range(60):  # the first screen sends by itself, and reloads for the new key and edition
        if town.arrived() == 1:
            break
        page.wait_for_timeout(500)
    assert town.arrived() == 1
    take_over_the_new_edition(page, earlier)
    assert first_question(page) == "Wat is uw leeftijd?"
    assert len(page.evaluate("() => caches.keys()")) == 1
    to_the_overview(page)
    send(page)
    contact(page)
    assert (queue(page), town.arrived()) == (0, 2)
    assert len({stored.response.version for stored in town.responses()}) == 2
    tablet.close()
    wire.close()
    town.stop()


UPDATED = """async () => {
    const registration = await navigator.serviceWorker.getRegistration();
    const ended = new Promise((done) => {
        setTimeout(() => done('not begun'), 30000);
        registration.addEventListener('updatefound', () => {
            const worker = registration.installing;
            worker.addEventListener('statechange', () => done(worker.state));
        });
    });
    await registration.update();
    return ended;
}"""
"""How the installation of a new edition ended."""


EDITION = "() => document.body.dataset.texts"


def take_over_the_new_edition(page: Page, earlier: str) -> None:
    """A kiosk does so on the first screen, when it looks again: at each start, and every minute."""
    for _ in range(20):
        page.wait_for_selector(PAIRED)
        page.wait_for_timeout(8_000)
        if page.evaluate(EDITION) != earlier:
            return
        page.reload()
    raise AssertionError("The new edition is not taken over.")


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
    """Ten years ahead or behind, in the document and in the worker, which is what talks with the server."""
    page = paired(tablet, *town.place())
    (worker,) = tablet.service_workers
    for number, years in enumerate((10, -10), 1):
        worker.evaluate(TEN_YEARS, years)
        page.clock.set_fixed_time(f"{2026 + years}-11-28T12:00:00")
        page.reload()
        page.wait_for_selector(PAIRED)
        take_part(page)
        contact(page)
        assert (queue(page), town.arrived()) == (0, number)
        finish(page)
        assert "De klok van dit apparaat" in host(page)
    weeks = {stored.response.week for stored in town.responses()}
    assert not {"2036", "2016"} & {week[:4] for week in weeks}


TEN_YEARS = """(years) => {
    self.rightNow ??= Date.now;
    Date.now = () => self.rightNow() + years * 365.25 * 24 * 3600 * 1000;
}"""


FULL = """
window.room = IDBObjectStore.prototype.put;
IDBObjectStore.prototype.put = () => { throw new DOMException('no room', 'QuotaExceededError'); };
void 0;
"""
ROOM = "() => { IDBObjectStore.prototype.put = window.room; }"
"""As the browser says it; on a disk that is really full no file is saved, and no new document started."""


def test_on_a_full_disk_nothing_is_lost(browser: Browser, town: Town, tmp_path: Path) -> None:
    """The system itself refuses every write to the browser, as it does when a disk is full."""
    folder = tmp_path / "device"
    context = started(browser, folder, town)
    page = paired(context, *town.place())
    to_questions(page)
    to_the_overview(page)
    context.set_offline(True)
    with no_room_on_disk(folder):
        page.click("#send")
        page.wait_for_selector("text=Dat ligt niet aan u.")
        assert TYPED not in page.content()
        assert "Er is geen ruimte meer" in host(page)
        assert page.locator("#queue").inner_text() == "1"
    page.wait_for_selector(".rs-receipt")  # tried again, and kept
    finish(page)
    assert (queue(page), town.arrived()) == (1, 0)
    context.set_offline(False)
    contact(page)
    assert (queue(page), town.arrived()) == (0, 1)
    to_questions(page)
    to_the_overview(page)
    with no_room_on_disk(folder):
        send(page)  # straight to the server
        assert town.arrived() == 2
    assert queue(page) == 0
    context.close()


def test_a_kiosk_without_room_lets_nobody_begin(page: Page) -> None:
    page.add_init_script(FULL)
    page.reload()
    page.wait_for_selector("text=Meedoen kan hier nu niet.")
    assert "Er is geen ruimte meer" in host(page)


# The browser itself.


@pytest.fixture(scope="module")
def installed(browser: Browser, one_town: Town, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A kiosk in a browser of its own."""
    folder = tmp_path_factory.mktemp("own")
    context = started(browser, folder, one_town)
    yield paired(context, *one_town.place())
    context.close()


def test_a_kiosk_can_be_installed_and_then_fills_the_screen(installed: Page) -> None:
    session = installed.context.new_cdp_session(installed)
    assert session.send("Page.getInstallabilityErrors") == {"installabilityErrors": []}
    found = session.send("Page.getAppManifest")
    assert found["errors"] == []
    assert (found["manifest"]["name"], found["manifest"]["display"]) == ("Het Anker", "kFullscreen")


def test_a_browser_that_remembers_pages_and_fields_remembers_nothing_of_a_visit(
    browser: Browser, town: Town, tmp_path: Path
) -> None:
    """It does remember another page of this address, and what is typed there."""
    folder = tmp_path / "device"
    context = started(browser, folder, town)
    path, code = town.place()
    page = paired(context, path, code)
    to_questions(page, "en")
    while not page.locator("textarea").count():
        fill(page)
    page.click("textarea")
    page.keyboard.type(TYPED)
    page.goto("/toegankelijkheid")
    page.evaluate("() => { window.mark = 'kept'; }")
    page.go_back(wait_until="commit")
    page.wait_for_selector(PAIRED)
    assert page.locator("#answers").count() == 0
    page.go_forward(wait_until="commit")
    assert page.evaluate("() => window.mark") == "kept"
    page.evaluate(ORDINARY_FORM)
    page.click("#ordinary")
    page.keyboard.type(ORDINARY)
    page.keyboard.press("Enter")
    page.wait_for_load_state()
    page.goto(path)
    page.wait_for_selector(PAIRED)
    to_questions(page)
    while not page.locator("#send").count():
        if page.locator("textarea").count():
            page.click("textarea")
            page.keyboard.type(TYPED)
            next_page(page)
        else:
            fill(page)
    words = " ".join(send(page))
    finish(page)
    page.wait_for_timeout(1000)  # Chromium writes what it remembers a moment later
    context.close()
    assert kept_in(folder, ORDINARY)
    assert kept_in(folder, TYPED) == kept_in(folder, words) == []


ORDINARY = "Zonderlinge bijnaam"
ORDINARY_FORM = """() => {
    document.body.innerHTML = '<form action="/toegankelijkheid"><input id="ordinary" name="nickname"></form>';
}"""


@contextmanager
def no_room_on_disk(folder: Path) -> Iterator[None]:
    """While no file of the browser of this folder can grow; no mount, no root."""
    pid = pid_of(folder)
    earlier = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, earlier[1]))
    try:
        yield
    finally:  # a browser that may not write cannot be closed either
        resource.prlimit(pid, resource.RLIMIT_FSIZE, earlier)


def test_staff_can_carry_off_what_a_full_disk_could_not_keep(
    page: Page, tmp_path: Path, device: Device
) -> None:
    """In Dutch, also where the resident reads English; who still stands there gets their words at last."""
    to_questions(page, "en")
    to_the_overview(page)
    device.context.set_offline(True)
    page.evaluate(FULL)
    page.click("#send")
    page.wait_for_selector("text=It is not your fault.")
    assert "Er is geen ruimte meer" in host(page)
    assert page.evaluate("() => document.documentElement.lang") == "nl"
    assert page.locator("#queue").inner_text() == "1"
    with page.expect_download() as download:
        page.click("[data-host=carry]")
    download.value.save_as(tmp_path / "queue.json")
    sealed = msgspec.json.decode((tmp_path / "queue.json").read_bytes(), type=Queue)
    assert len(sealed.envelopes) == 1
    page.click("[data-host=back]")
    page.wait_for_selector("text=It is not your fault.")
    page.evaluate(ROOM)
    page.wait_for_selector(".rs-receipt")
    assert all(page.locator(".rs-receipt li").all_inner_texts())


def test_who_walks_away_before_there_is_room_leaves_no_words_for_the_next(page: Page, town: Town) -> None:
    page.clock.install()
    page.reload()
    page.wait_for_selector(PAIRED)
    to_questions(page, "en")
    to_the_overview(page)
    page.context.set_offline(True)
    page.evaluate(FULL)
    page.click("#send")
    page.wait_for_selector("text=It is not your fault.")
    page.clock.run_for(96_000)
    page.wait_for_selector("text=Dat ligt niet aan u.")
    page.evaluate(ROOM)
    page.clock.run_for(6_000)
    page.wait_for_selector(PAIRED)
    assert (queue(page), town.arrived()) == (1, 0)


def test_two_tabs_send_the_same_queue_and_each_response_counts_once(
    page: Page, town: Town, device: Device
) -> None:
    device.context.set_offline(True)
    other = device.context.new_page()
    other.goto(device.path)
    other.wait_for_selector(PAIRED)
    for tab in (page, other, page):
        tab.bring_to_front()
        take_part(tab)
        finish(tab)
    assert queue(page) == 3
    device.context.set_offline(False)
    for _ in range(3):
        for tab in (page, other):
            tab.evaluate(
                "() => { import('/static/kiosk/asking.js').then(({ask}) => ask({ask: 'contact'})); }"
            )
    contact(page)
    contact(other)
    other.close()
    assert (queue(page), town.arrived()) == (0, 3)


def test_storage_that_was_cleared_is_a_device_that_is_not_paired(tablet: BrowserContext, town: Town) -> None:
    page = paired(tablet, *town.place())
    session = page.context.new_cdp_session(page)
    session.send("Storage.clearDataForOrigin", {"origin": town.address, "storageTypes": "indexeddb"})
    page.reload()
    page.wait_for_selector("#pairing")


THROWN_AWAY = "async () => { for (const name of await caches.keys()) await caches.delete(name); }"


def test_when_the_browser_throws_the_pages_away_they_are_fetched_again_and_the_queue_stays(
    tablet: BrowserContext, town: Town
) -> None:
    page = paired(tablet, *town.place())
    tablet.set_offline(True)
    take_part(page)
    finish(page)
    page.evaluate(THROWN_AWAY)
    tablet.set_offline(False)
    page.reload()
    page.wait_for_selector(PAIRED, timeout=30_000)
    contact(page)
    assert (queue(page), town.arrived()) == (0, 1)
    tablet.set_offline(True)
    page.reload()
    page.wait_for_selector(PAIRED)


HALF = 150_000
"""Bytes: less than the fonts, and more than the first page."""


def test_a_first_visit_that_loses_its_network_half_way_is_explained_and_goes_on_when_it_is_back(
    browser: Browser, town: Town
) -> None:
    wire = Wire(town)
    tablet = context_of(browser, wire)
    path, code = town.place()
    wire.left = HALF
    page = tablet.new_page()
    page.goto(path)
    page.wait_for_selector("text=Het lukt niet. Is er internet?")
    assert not page.locator("#waiting").is_visible()
    assert not page.locator("#progress").is_visible()
    wire.left = math.inf
    page.close()
    page = paired(tablet, path, code)
    take_part(page)
    contact(page)
    assert (queue(page), town.arrived()) == (0, 1)
    tablet.close()
    wire.close()


def test_a_forced_reload_finds_the_kiosk_again(page: Page) -> None:
    page.context.new_cdp_session(page).send("Page.reload", {"ignoreCache": True})
    page.wait_for_timeout(500)
    page.wait_for_selector(PAIRED)


def test_a_browser_that_promises_nothing_is_reported_to_staff(page: Page) -> None:
    page.add_init_script("navigator.storage.persisted = navigator.storage.persist = async () => false")
    page.reload()
    page.wait_for_selector(PAIRED)
    assert "De browser belooft niet" in host(page)


# Kills.


def kill(folder: Path) -> None:
    """End the browser of this folder as an empty battery does."""
    os.kill(pid_of(folder), signal.SIGKILL)


def pid_of(folder: Path) -> int:
    """The first process of the browser of this folder."""
    processes = [process for process in Path("/proc").iterdir() if process.name.isdigit()]
    (found,) = (
        int(process.name) for process in processes if f"--user-data-dir={folder}" in command_of(process)
    )
    return found


def command_of(process: Path) -> list[str]:
    try:
        return (process / "cmdline").read_text().split("\0")
    except OSError:
        return []


def test_a_browser_that_is_killed_loses_only_what_was_not_sent_in(
    browser: Browser, town: Town, tmp_path: Path
) -> None:
    """Halfway, after the last page, while it sends; and nothing that was typed is anywhere on its disk."""
    folder = tmp_path / "device"
    path, code = town.place()
    context = started(browser, folder, town)
    page = paired(context, path, code)
    for moment, expected in (("answering", 0), ("sealed", 1), ("sending", 2)):
        to_questions(page)
        if moment == "answering":
            while not page.locator("textarea").count():
                fill(page)
            page.fill("textarea", TYPED)
        else:
            context.set_offline(True)
            to_the_overview(page)
            send(page)
        if moment == "sending":
            finish(page)
            context.set_offline(False)
            page.evaluate(
                "() => { import('/static/kiosk/asking.js').then(({ask}) => ask({ask: 'contact'})); }"
            )
        kill(folder)
        time.sleep(1)
        assert kept_in(folder, TYPED) == []
        context = started(browser, folder, town)
        page = context.pages[0]
        page.goto(path)
        page.wait_for_selector(PAIRED)
        assert page.locator("#answers").count() == 0
        contact(page)
        assert (queue(page), town.arrived()) == (0, expected)
    context.close()


TYPED = "Een zeldzaam bankje"


def kept_in(folder: Path, text: str) -> list[Path]:
    """The files of a browser that hold a text, as its databases and its history write one."""
    written = [text.encode(encoding) for encoding in ("utf-8", "utf-16-le")]
    files = (path for path in folder.rglob("*") if path.is_file())
    return [path for path in files if any(each in path.read_bytes() for each in written)]


def started(browser: Browser, folder: Path, town: Town) -> BrowserContext:
    """A browser of its own, which is told when a file cannot grow instead of being ended for it.

    It keeps pages for going back, as browsers do unless a test tells them not to.
    """
    program = folder.with_suffix(".sh")
    program.write_text(f'#!/bin/sh\ntrap "" XFSZ\nexec {chromium()} "$@"\n')
    program.chmod(0o700)
    context = browser.browser_type.launch_persistent_context(
        str(folder),
        executable_path=str(program),
        base_url=town.address,
        viewport={"width": 1024, "height": 768},
        args=["--disable-gpu", "--no-first-run"],
        ignore_default_args=["--disable-back-forward-cache"],
    )
    context.set_default_timeout(15_000)
    return context


def test_a_carried_off_queue_holds_nothing_that_can_be_read(
    page: Page, tmp_path: Path, device: Device
) -> None:
    one_waits(page, device.context)
    device.context.set_offline(True)
    host(page)
    with page.expect_download() as download:
        page.click("[data-host=carry]")
    carried = tmp_path / "queue.json"
    download.value.save_as(carried)
    assert "bankje" not in carried.read_text()
    assert json.loads(carried.read_text())["format"] == "wijkpeil-kiosk-queue-1"
