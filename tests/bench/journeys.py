"""Many residents at the same time, each reading every page for a while: how long do pages take?

The residents are those of `survey simulate`. They think between pages (exponential, `THINK_SECONDS` on
average, about twice as fast as people), so the load is that of a letter day, not of a queue. Each level
is measured for `SECONDS` after a running start; reply times are taken by the client, GET and POST apart.
"""

import asyncio
import itertools
import time
from collections.abc import Iterator
from types import SimpleNamespace

import aiohttp
import numpy as np
from msgspec import Struct, field

from survey.questionnaires.model import Questionnaire
from survey.simulate.visiting import Browser, Resident, Visit

THINK_SECONDS = 5.0
START_SECONDS = 15.0
SECONDS = 45.0


class Times(Struct, kw_only=True):
    """Milliseconds per reply, by method, of what was measured."""

    by_method: dict[str, list[float]] = field(default_factory=lambda: {"GET": [], "POST": []})
    failed: int = 0

    def percentiles(self, method: str) -> tuple[float, float, float]:
        p50, p95, p99 = np.percentile(self.by_method[method], [50, 95, 99])
        return float(p50), float(p95), float(p99)


class PacedBrowser(Browser):
    """A browser whose visitor reads each page before going on."""

    def __init__(self, session: aiohttp.ClientSession, chance: np.random.Generator) -> None:
        super().__init__(session)
        self._pace = chance

    async def _request(self, method: str, address: str, fields: object) -> None:
        await asyncio.sleep(self._pace.exponential(THINK_SECONDS))
        await super()._request(method, address, fields)  # type: ignore[arg-type]


def stopwatch(times: Times, since: float) -> aiohttp.TraceConfig:
    """Time every reply that starts after `since`, a redirect and what it leads to each on its own."""
    trace = aiohttp.TraceConfig()

    async def start(_: aiohttp.ClientSession, context: SimpleNamespace, __: object) -> None:
        context.started = time.perf_counter()

    def record(context: SimpleNamespace, method: str, status: int) -> None:
        now = time.perf_counter()
        if context.started >= since:
            times.by_method[method].append((now - context.started) * 1000)
            times.failed += status >= 400
        context.started = now

    async def redirect(
        _: aiohttp.ClientSession, context: SimpleNamespace, step: aiohttp.TraceRequestRedirectParams
    ) -> None:
        record(context, "POST" if step.response.method == "POST" else "GET", step.response.status)

    async def end(
        _: aiohttp.ClientSession, context: SimpleNamespace, step: aiohttp.TraceRequestEndParams
    ) -> None:
        record(context, step.response.method, step.response.status)

    trace.on_request_start.append(start)
    trace.on_request_redirect.append(redirect)
    trace.on_request_end.append(end)
    return trace


async def crowd(
    address: str, questionnaire: Questionnaire, visitors: list[Resident], residents: int
) -> Times:
    """Reply times while `residents` people fill in at the same time; whoever is ready is replaced."""
    times = Times()
    trace = stopwatch(times, since=time.perf_counter() + START_SECONDS)
    waiting: Iterator[Resident] = itertools.cycle(visitors)

    async def one_place(number: int) -> None:
        chance = np.random.default_rng(number)
        await asyncio.sleep(chance.uniform(0, START_SECONDS))
        while True:
            async with aiohttp.ClientSession(
                cookie_jar=aiohttp.CookieJar(unsafe=True), trace_configs=[trace]
            ) as session:
                await Visit(PacedBrowser(session, chance), next(waiting), questionnaire).take(address)

    places = [asyncio.create_task(one_place(number)) for number in range(residents)]
    done, _ = await asyncio.wait(places, timeout=START_SECONDS + SECONDS, return_when=asyncio.FIRST_EXCEPTION)
    for place in places:
        place.cancel()
    await asyncio.gather(*places, return_exceptions=True)
    for place in done:
        place.result()
    return times
