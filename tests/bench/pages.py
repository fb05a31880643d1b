"""What a phone on a slow network gets: bytes of every page, and when the first words can be read.

Slow 3G as WebPageTest has it: 400 kbit/s both ways, 400 ms for a round trip. Each page is opened in a real
Chromium whose processor is slowed four times; the first page with an empty cache.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct
from playwright.sync_api import CDPSession, Page, sync_playwright

from tests.bench import servers

SLOW_3G = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
PHONE = {"width": 360, "height": 640}
PAGES = 8
READABLE = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


class Visit(Struct, frozen=True, kw_only=True):
    """One page: its heading, milliseconds until its words are there, kB without and of fonts."""

    heading: str
    readable: float
    size: float
    fonts: float


def measure(folder: Path, key: str) -> list[Visit]:
    port = servers.free_port()
    command = ["survey", "serve", key, "--port", str(port), "--simulated"]
    log = folder / "pages.log"
    with (
        servers.running(command, port, log, WIJKPEIL_DATA=str(folder / "pages")) as address,
        sync_playwright() as playwright,
    ):
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        page = chromium.new_page(viewport=PHONE, locale="nl-NL")
        try:
            return list(visits(page, f"{address}/{key}/nl/start"))
        finally:
            chromium.close()


def visits(page: Page, start: str) -> Iterator[Visit]:
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW_3G)
    session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    received = Received(session)
    page.goto(start, wait_until="networkidle")
    for _ in range(PAGES):
        yield Visit(
            heading=page.locator("h1").inner_text(),
            readable=page.evaluate(READABLE),
            size=received.bytes / 1000,
            fonts=received.fonts / 1000,
        )
        received.clear()
        with page.expect_navigation(wait_until="networkidle"):
            go_on(page)


def go_on(page: Page) -> None:
    """As an adult with no code would: consent to everything, and the last of the answers."""
    begin, no_code = page.get_by_role("link", name="Begin"), page.locator("button[name=no_code]")
    for tick in page.locator("[name=purpose]").all():
        tick.check(force=True)
    answers = page.locator("main [name=answer]")
    if answers.count() and answers.last.get_attribute("type") in {"radio", "checkbox"}:
        answers.last.check(force=True)
    button = next(
        one for one in (begin, no_code, page.locator("main .utrecht-button--primary-action")) if one.count()
    )
    button.first.click()


class Received:
    """Bytes over the network, as they travelled."""

    def __init__(self, session: CDPSession) -> None:
        self.kinds: dict[str, str] = {}
        self.clear()
        session.on("Network.responseReceived", self._begun)
        session.on("Network.loadingFinished", self._done)

    def clear(self) -> None:
        self.bytes = self.fonts = 0.0

    def _begun(self, event: dict[str, str]) -> None:
        self.kinds[event["requestId"]] = event["type"]

    def _done(self, event: dict[str, float]) -> None:
        if self.kinds.get(str(event["requestId"])) == "Font":
            self.fonts += event["encodedDataLength"]
        else:
            self.bytes += event["encodedDataLength"]
