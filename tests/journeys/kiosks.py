"""A town with kiosks: the real server over a database, places, and tablets that are real browsers."""

import asyncio
import base64
import math
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from random import SystemRandom
from threading import Thread
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from survey import invitations
from survey.kiosk import Kiosk, place_code_hash
from survey.store import LedgerEntry, Store
from tests.journeys.conftest import BRINKDORP
from tests.survey.stored import SECRET

KEY = "brinkdorp-peiling"
LEIDEN = "leiden-eindevaluatie"
TABLET = {"width": 1024, "height": 768}
PAIRED = ".rs-doors"


class Town:
    """A server that can be stopped and started again, otherwise; its places are made in its database."""

    def __init__(self, folder: Path, *surveys: str) -> None:
        self._folder = folder
        self._url = f"sqlite:///{folder / 'town.sqlite'}"
        self._port = 0
        self._places = 0
        self.before = 0
        self.start(*surveys)

    def start(self, *surveys: str, key: int = 1) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "survey", "serve", *surveys, "--port", str(self._port)],
            env={
                **os.environ,
                "WIJKPEIL_DATABASE_URL": self._url,
                "WIJKPEIL_DATA": str(self._folder / "data"),
                "WIJKPEIL_SECRET": base64.b64encode(SECRET).decode(),
                "WIJKPEIL_KIOSK_KEY": str(key),
                "WIJKPEIL_RELEASE_BATCH": "1000",
                "PYTHONUNBUFFERED": "1",
            },
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        found = re.search(r"http://127.0.0.1:(\d+)", self._process.stdout.readline())
        assert found is not None
        self._port = int(found[1])
        self.address = found[0]

    def stop(self) -> None:
        assert self._process.stdout is not None
        self._process.terminate()
        self._process.wait()
        self._process.stdout.close()

    def do(self, work: Callable[[Store], Coroutine[Any, Any, Any]]) -> Any:
        async def run() -> Any:
            store = await Store.open(self._url, secret=SECRET, release_batch=5)
            try:
                return await work(store)
            finally:
                await store.close()

        with ThreadPoolExecutor() as apart:  # Playwright has a loop of its own in this thread
            return apart.submit(lambda: asyncio.run(run())).result()

    def place(self, *, survey: str = KEY, area: str = "BD01", needs_code: bool = False) -> tuple[str, str]:
        """A new place: the path of its kiosk, and the code that pairs one device."""
        self._places += 1
        place, code = f"huis-{self._places}", invitations.make(SystemRandom())
        issued = Kiosk(survey=survey, place=place, name="Het Anker", area=area, needs_code=needs_code)
        self.do(lambda store: store.issue_kiosks({place_code_hash(code, SECRET): issued}))
        return f"/kiosk/{place}", invitations.written(code)

    def slip(self, area: str = "BD01") -> str:
        code = invitations.make(SystemRandom())
        entry = LedgerEntry(round="1", area=area, kind="slip")
        self.do(lambda store: store.issue(KEY, {invitations.code_hash(code, SECRET): entry}))
        return invitations.written(code)

    def revoke(self, code: str) -> None:
        self.do(lambda store: store.revoke_kiosk(place_code_hash(invitations.normalise(code), SECRET)))

    def waiting(self, survey: str = KEY) -> int:
        found: int = self.do(lambda store: store.waiting(survey))
        return found

    def arrived(self) -> int:
        """How many came since `before` was noted."""
        return self.waiting() - self.before

    def responses(self, survey: str = KEY) -> list[Any]:
        async def all_of_them(store: Store) -> list[Any]:
            await store.release(survey, everything=True)
            return await store.responses(survey)

        found: list[Any] = self.do(all_of_them)
        return found


def start_town(folder: Path) -> Town:
    return Town(folder, str(BRINKDORP), LEIDEN)


class Device:
    """A paired device that several tests use: each in a page of its own, and nothing waits after it.

    Every request must go to the server, and no script may fail.
    """

    def __init__(self, browser: Browser, town: Town, *, survey: str = KEY, area: str = "BD01") -> None:
        self.context = context_of(browser, town)
        self.path, code = town.place(survey=survey, area=area)
        self.wrong: list[str] = []
        home = f"{town.address}/"
        self.context.on("request", lambda r: None if r.url.startswith(home) else self.wrong.append(r.url))
        self.context.on("weberror", lambda found: self.wrong.append(str(found.error)))
        paired(self.context, self.path, code).close()

    @contextmanager
    def page(self) -> Iterator[Page]:
        page = self.context.new_page()
        page.goto(self.path)
        page.wait_for_selector(PAIRED)
        yield page
        self.context.set_offline(False)
        if queue(page):
            contact(page)
        assert queue(page) == 0
        page.close()
        assert self.wrong == []


class Wire:
    """What lies between a tablet and the server: it carries so many bytes to the tablet, and then breaks."""

    def __init__(self, town: Town) -> None:
        self._port = int(town.address.rsplit(":", maxsplit=1)[1])
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self.left: float = math.inf
        Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                tablet, _ = self._listening.accept()
                server = self._reached()
                if server is None:
                    tablet.close()
                    continue
                Thread(target=self._carry, args=(tablet, server), daemon=True).start()
                Thread(target=self._carry, args=(server, tablet, True), daemon=True).start()

    def _reached(self) -> socket.socket | None:
        """A connection to the server, when the wire holds and the server is there."""
        if self.left <= 0:
            return None
        try:
            return socket.create_connection(("127.0.0.1", self._port))
        except OSError:
            return None

    def _carry(self, source: socket.socket, target: socket.socket, counted: bool = False) -> None:
        with source, target, suppress(OSError):
            while self.left > 0 and (data := source.recv(4096)):
                self.left -= len(data) * counted
                target.sendall(data)
            target.shutdown(socket.SHUT_RDWR)


def context_of(browser: Browser, town: Town | Wire) -> BrowserContext:
    context = browser.new_context(
        base_url=town.address, viewport=TABLET, locale="nl-NL", reduced_motion="reduce", accept_downloads=True
    )
    context.set_default_timeout(15_000)
    return context


def paired(context: BrowserContext, path: str, code: str) -> Page:
    """The first screen of a kiosk, just paired."""
    page = context.new_page()
    page.goto(path, timeout=60_000)
    page.wait_for_selector("#pairing", timeout=60_000)
    page.fill("#code", code.lower())
    page.click("#pairing button")
    page.wait_for_selector(PAIRED, timeout=30_000)
    return page


def next_page(page: Page) -> None:
    page.click("main .rs-actions .utrecht-button--primary-action")


def to_questions(page: Page, tag: str = "nl") -> None:
    """From the first screen to the first question, with every consent."""
    page.click(f".rs-doors [lang={tag}]")
    next_page(page)
    for card in page.locator("main label.rs-choice__card").all():
        card.click()
    next_page(page)


def fill(page: Page, answer: str = "Een zeldzaam bankje") -> None:
    """Answer the question that is shown: the fourth card or the first tick, or what can be typed."""
    if page.locator("#code").count():
        page.click("[name=no_code]")
        return
    if page.locator("textarea").count():
        page.fill("textarea", answer)
    elif page.locator("input.utrecht-textbox").count():
        page.fill("input.utrecht-textbox", "0101" if page.locator("text=0101").count() else "2312")
    else:
        cards = page.locator("main .rs-choice__card, main .rs-grade__input")
        several = page.locator("main input[type=checkbox]").count() > 0
        cards.nth(0 if several else min(3, cards.count() - 1)).click()
    next_page(page)


def to_the_overview(page: Page) -> int:
    """Answer every question that comes; returns how many pages that took."""
    for number in range(150):
        if page.locator("#send").count():
            return number
        fill(page)
    raise AssertionError("The questions do not end.")


def send(page: Page) -> list[str]:
    """Send the answers, and read the words of the receipt."""
    page.click("#send")
    page.wait_for_selector(".rs-receipt")
    return page.locator(".rs-receipt li").all_inner_texts()


def take_part(page: Page, tag: str = "nl") -> list[str]:
    to_questions(page, tag)
    to_the_overview(page)
    return send(page)


def finish(page: Page) -> None:
    page.click(".rs-receipt button")
    page.wait_for_selector(PAIRED)


def queue(page: Page) -> int:
    """How many wait on the device."""
    found: int = page.evaluate("async () => (await import('/static/kiosk/queue.js')).count()")
    return found


def contact(page: Page) -> None:
    """Let the device send and hear, as it does every minute."""
    page.evaluate("async () => (await import('/static/kiosk/asking.js')).ask({ask: 'contact'})")


def host(page: Page) -> str:
    """What the page for staff says."""
    page.click("text=Voor medewerkers")
    page.wait_for_function("() => document.querySelector('#queue')?.textContent !== ''")
    return page.locator("main").inner_text()


def chromium() -> str:
    found = shutil.which("chromium")
    assert found is not None
    return found
