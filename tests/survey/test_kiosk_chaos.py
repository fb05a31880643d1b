"""What goes in on two tablets comes out of a server that is killed again and again: each once, none lost.

Over real HTTP against a real process: requests come twice at once, in any order, half, and with a reply that
nobody reads; the process is killed in the middle and started anew.
"""

import asyncio
import base64
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import httpx
import msgspec
import pytest
from msgspec.structs import replace

from survey import invitations, receipts
from survey.kiosk import Envelope, Filled
from survey.questionnaires.folder import read_folder
from survey.questionnaires.parsing import parse
from survey.store import LedgerEntry, Store
from tests.bench.servers import free_port
from tests.survey.kiosks import FILLED, PLACE, Device
from tests.survey.stored import SECRET
from tests.survey.test_kill import kept_receipts

BRINKDORP = Path(__file__).parents[1] / "samples" / "brinkdorp"
QUESTIONNAIRE = parse(read_folder(BRINKDORP))
SURVEY = QUESTIONNAIRE.key

VISITORS = 30
"""At each tablet; every third has a slip."""
SLIPS_TWICE = 4
"""Slips that were used at both tablets."""
KILLS = 2
DONE = {"accepted", "received_before", "code_used"}
"""After these a tablet forgets the response."""


class Visitors:
    """Who came: their responses, and the slips that they had. `slips` are in the order of visitors."""

    def __init__(self, chance: Random) -> None:
        self.slips = [invitations.make(chance) for _ in range(VISITORS)]
        self.receipts: dict[str, str] = {}
        self._chance = chance

    def at(self, number: int) -> list[Filled]:
        """The visitors of tablet 0 or 1: of their slips the first `SLIPS_TWICE` are those of the other's."""
        filled = []
        for visitor in range(VISITORS):
            place = visitor // 3
            slip = self.slips[place if place < SLIPS_TWICE else place + number * VISITORS // 3]
            receipt = receipts.make(self._chance)
            self.receipts[receipt] = slip if visitor % 3 == 0 else ""
            filled.append(replace(FILLED, receipt=receipt, code=slip if visitor % 3 == 0 else None))
        return filled

    def kept_as_they_should(self, kept: Counter[bytes]) -> bool:
        """Everybody once; of two with the same slip, one."""
        hashes = {receipt: receipts.receipt_hash(receipt, SECRET) for receipt in self.receipts}
        assert set(kept) <= set(hashes.values())
        by_slip = Counter(self.receipts[receipt] for receipt, hash_ in hashes.items() if kept[hash_] == 1)
        without = by_slip.pop("")
        slips = {slip for slip in self.receipts.values() if slip}
        return max(kept.values()) == 1 and without == 2 * VISITORS * 2 // 3 and by_slip == Counter(slips)


class Server:
    """The service as an operator starts it, on one port whatever happens to it."""

    def __init__(self, url: str, log: Path) -> None:
        self.port = free_port()
        self.log = log
        self._environment = {
            **os.environ,
            "WIJKPEIL_DATABASE_URL": url,
            "WIJKPEIL_DATA": str(log.parent / "data"),
            "WIJKPEIL_SECRET": base64.b64encode(SECRET).decode(),
            "WIJKPEIL_RELEASE_BATCH": "5",
        }

    async def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "survey", "serve", str(BRINKDORP), "--port", str(self.port)),
                env=self._environment,
                stdout=log,
                stderr=log,
            )

    async def kill(self) -> None:
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGKILL)
        await self.process.wait()


class Tablet:
    """A paired device that sends what waits on it over a network that fails in every way."""

    def __init__(self, device: Device, waiting: list[Envelope], port: int, chance: Random) -> None:
        self.device = device
        self.waiting = {envelope.delivery: envelope for envelope in waiting}
        self.outcomes: dict[str, list[str]] = {envelope.delivery: [] for envelope in waiting}
        self._port, self._chance = port, chance

    async def send_everything(self) -> None:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{self._port}", timeout=10) as client:
            while self.waiting:
                envelope = self._chance.choice(list(self.waiting.values()))
                try:
                    await self._send(client, envelope)
                except (httpx.TransportError, OSError):
                    await asyncio.sleep(0.05)

    async def _send(self, client: httpx.AsyncClient, envelope: Envelope) -> None:
        match self._chance.randrange(6):
            case 0:
                await self._send_part(envelope, share=self._chance.random())
            case 1:  # whole, but nobody waits for the reply
                await self._send_part(envelope, share=1)
            case 2:  # three at once
                await asyncio.gather(*(self._post(client, envelope) for _ in range(3)))
            case 3:  # the reply came, but the device was switched off before it could note that
                await self._post(client, envelope)
            case _:
                if await self._post(client, envelope) in DONE:
                    del self.waiting[envelope.delivery]

    async def _post(self, client: httpx.AsyncClient, envelope: Envelope) -> str | None:
        reply = await client.post(
            f"/kiosk/{PLACE}/responses",
            content=msgspec.json.encode(envelope),
            headers={"content-type": "application/json", "date": "Thu, 27 Nov 2036 12:00:00 GMT"},
        )
        if reply.status_code == 503:
            return None
        assert reply.status_code == 200
        outcome = str(reply.json()["outcome"])
        self.outcomes[envelope.delivery].append(outcome)
        return outcome

    async def _send_part(self, envelope: Envelope, *, share: float) -> None:
        body = msgspec.json.encode(envelope)
        head = (
            f"POST /kiosk/{PLACE}/responses HTTP/1.1\r\nhost: tablet\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\n\r\n"
        ).encode()
        _, writer = await asyncio.open_connection("127.0.0.1", self._port)
        writer.write(head + body[: int(len(body) * share)])
        await writer.drain()
        writer.close()


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Store]:
    store = await Store.open(url, secret=SECRET, release_batch=5)
    yield store
    await store.close()


async def kill_now_and_then(server: Server, chance: Random) -> None:
    for _ in range(KILLS):
        async with httpx.AsyncClient() as client:
            while True:
                try:
                    await client.get(f"http://127.0.0.1:{server.port}/health")
                    break
                except httpx.TransportError:
                    await asyncio.sleep(0.1)
        await asyncio.sleep(chance.uniform(0.1, 0.6))
        await server.kill()
        await server.start()


@pytest.mark.parametrize("seed", [1])
async def test_what_goes_in_comes_out_once_whatever_happens_on_the_way(
    database_url: str, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    visitors, devices = Visitors(chance), [Device(survey=SURVEY, area="BD01") for _ in range(2)]
    server = Server(database_url, tmp_path / "log")
    tablets = []
    async with opened(database_url) as store:
        entry = LedgerEntry(area="BD01", round=PLACE, kind="slip")
        await store.issue(SURVEY, {invitations.code_hash(slip, SECRET): entry for slip in visitors.slips})
        for number, device in enumerate(devices):
            await store.issue_kiosks({device.hash: device.issued})
            await store.pair_kiosk(PLACE, device.hash, device.public_key)
            sealed = [
                device.sent(filled, survey=SURVEY, version=QUESTIONNAIRE.version)
                for filled in visitors.at(number)
            ]
            tablets.append(Tablet(device, sealed, server.port, chance))
    await server.start()
    try:
        killing = asyncio.create_task(kill_now_and_then(server, chance))
        async with asyncio.timeout(300):
            await asyncio.gather(*(tablet.send_everything() for tablet in tablets))
            await killing
    finally:
        killing.cancel()
        await server.kill()
    assert visitors.kept_as_they_should(await kept_receipts(database_url))
    outcomes = [seen for tablet in tablets for seen in tablet.outcomes.values()]
    assert {outcome for seen in outcomes for outcome in seen} == DONE
    assert max(Counter(seen)["accepted"] for seen in outcomes) == 1
    async with opened(database_url) as store:
        counted = {count.state: count.count for count in await store.ledger_counts(SURVEY)}
        assert counted["used"] == len({slip for slip in visitors.receipts.values() if slip})
    check_log(server.log.read_text(), visitors, tablets)


def check_log(log: str, visitors: Visitors, tablets: list[Tablet]) -> None:
    """Nothing of a visitor or a device is in what the server wrote, and no bug."""
    said = [*visitors.receipts, *visitors.slips, *map(invitations.written, visitors.slips)]
    for tablet in tablets:
        said += [tablet.device.hash.hex(), tablet.device.place_code, *tablet.outcomes]
    assert [text for text in said if text in log] == []
    assert "Traceback" not in log
    assert "bug:" not in log
