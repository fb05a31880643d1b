"""A kiosk on a slow tablet: what it takes of the device, its start without a network, and a page change.

In a real Chromium whose processor is slowed six times.
"""

import gzip
from operator import itemgetter
from pathlib import Path
from statistics import median

from msgspec import Struct
from playwright.sync_api import Page, sync_playwright

from tests.journeys.kiosks import LEIDEN, PAIRED, Town, chromium, context_of, fill, paired, to_questions

SLOWER = 6
STARTS = 5
PAGES = 20

BUNDLE = """async () => {
    const sizes = {};
    for (const name of await caches.keys()) {
        const cache = await caches.open(name);
        for (const request of await cache.keys()) {
            const body = await (await cache.match(request)).arrayBuffer();
            sizes[new URL(request.url).pathname] = body.byteLength;
        }
    }
    return sizes;
}"""

# From the press of the button until the next page is painted.
CHANGE = """() => new Promise((done) => {
    const began = performance.now();
    const card = [...document.querySelectorAll('main [name=answer]:is([type=radio], [type=checkbox])')].pop();
    if (card) card.checked = true;
    document.querySelector('main .rs-actions button').click();
    requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));
})"""


class Measured(Struct, frozen=True, kw_only=True):
    """`languages`: kB of each as it is kept and as it travelled; `rest`: kB of all else; times in ms.

    `slowest` is the page that took longest to come, and how long that was.
    """

    languages: dict[str, tuple[float, float]]
    rest: float
    start: float
    change: float
    slowest: tuple[str, float]


def measure(folder: Path) -> Measured:
    town = Town(folder, LEIDEN)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium())
        try:
            context = context_of(browser, town)
            page = paired(context, *town.place(survey=LEIDEN, area="WK054605"))
            sizes = page.evaluate(BUNDLE)
            travelled = {
                path: len(gzip.compress(page.request.get(path).body())) for path in sizes if "/texts/" in path
            }
            context.set_offline(True)
            page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
            starts = [started(page) for _ in range(STARTS)]
            to_questions(page)
            changes = [changed(page) for _ in range(PAGES)]
        finally:
            browser.close()
            town.stop()
    texts = {Path(path).stem: (sizes[path] / 1000, travelled[path] / 1000) for path in travelled}
    texts.pop("common")
    return Measured(
        languages=texts,
        rest=sum(size for path, size in sizes.items() if Path(path).stem not in texts) / 1000,
        start=median(starts),
        change=median(took for _, took in changes),
        slowest=max(changes, key=itemgetter(1)),
    )


def started(page: Page) -> float:
    """Until the first screen can be touched, without a network."""
    page.reload()
    page.wait_for_selector(PAIRED)
    found: float = page.evaluate("() => performance.now()")
    return found


def changed(page: Page) -> tuple[str, float]:
    """The page that came, and how many ms that took."""
    while page.locator("main [name=answer]:is([type=radio], [type=checkbox])").count() == 0:
        fill(page)
    took: float = page.evaluate(CHANGE)
    return page.title(), took
