"""A tablet that comes back after days and sends 1,000 sealed responses, against a plain endpoint.

The plain endpoint has the same framework and server, takes the same bodies, and does nothing with them. The
client is one connection, as a tablet has it, or eight, as eight tablets at once.
"""

import asyncio
import time
from pathlib import Path

import aiohttp
import msgspec
from msgspec import Struct

from survey import receipts
from survey.kiosk import Filled
from survey.questionnaires.answers import SKIPPED, may_skip, offered, parse_form
from survey.questionnaires.folder import find_folder, read_folder
from survey.questionnaires.model import Questionnaire
from survey.questionnaires.parsing import parse
from survey.questionnaires.routing import walk
from survey.settings import read_settings
from survey.store import Store
from tests.bench import servers
from tests.bench.saving import KEY
from tests.survey.kiosks import PLACE, Device

RESPONSES = 1000
CONNECTIONS = (1, 8)
HEADERS = {"content-type": "application/json"}


class Sync(Struct, frozen=True, kw_only=True):
    """How many seconds everything took, and how many replies were not what they should be."""

    connections: int
    seconds: float
    failed: int


def filled(questionnaire: Questionnaire, area: str) -> Filled:
    """Who takes the first answer of each choice that does not end taking part, and types nothing."""
    purposes = frozenset(purpose.key for purpose in questionnaire.purposes)
    answers, forms = {}, {}
    while (step := walk(questionnaire, answers, purposes=purposes, area=area).first_open) is not None:
        options = [one for one in offered(step, area) if one.stop is None and one.parent is None]
        form = (str(options[0].code),) if options else ()
        assert form or may_skip(step.question)
        given, _ = parse_form(step, {"answer": form}, questionnaire.municipality, area=area)
        answers[step.variable] = given.get(step.variable, SKIPPED)
        forms[step.variable] = form
    return Filled(
        language=questionnaire.source_language,
        purposes=purposes,
        answers=forms,
        receipt=" ".join(receipts.WORDS[: receipts.LENGTH]),
    )


def measure(folder: Path, url: str) -> list[Sync]:
    """The kiosk's own endpoint on a database."""
    data = str(folder / "data")
    settings = read_settings({"WIJKPEIL_DATA": data, "WIJKPEIL_DATABASE_URL": url})
    questionnaire = parse(read_folder(find_folder(KEY)))
    area = questionnaire.municipality.areas[0].code
    device = Device(survey=KEY, area=area)
    asyncio.run(paired(url, settings.secret, device))
    port = servers.free_port()
    command = ["survey", "serve", KEY, "--port", str(port), "--database-url", url, "--simulated"]
    with servers.running(command, port, folder / "log", WIJKPEIL_DATA=data) as address:
        answered = filled(questionnaire, area)
        return [
            asyncio.run(sync(f"{address}/kiosk/{PLACE}/responses", bodies, connections, b"accepted"))
            for connections in CONNECTIONS
            if (bodies := sealed(device, answered, questionnaire.version, settings.secret))
        ]


def plain(folder: Path) -> list[Sync]:
    """The same bodies to the plain endpoint."""
    device, port = Device(survey=KEY, area=""), servers.free_port()
    answered = filled(parse(read_folder(find_folder(KEY))), "")
    bodies = sealed(device, answered, "0" * 16, bytes(32))
    command = servers.uvicorn("tests.bench.peers.static_peer:app", port)
    with servers.running(command, port, folder / "log") as address:
        return [
            asyncio.run(sync(f"{address}/responses", bodies, connections, b"ok"))
            for connections in CONNECTIONS
        ]


async def paired(url: str, secret: bytes, device: Device) -> None:
    store = await Store.open(url, secret=secret)
    await store.issue_kiosks({device.hash: device.issued})
    await store.pair_kiosk(PLACE, device.hash, device.public_key)
    await store.close()


def sealed(device: Device, answered: Filled, version: str, secret: bytes) -> list[bytes]:
    return [
        msgspec.json.encode(device.sent(answered, survey=KEY, version=version, secret=secret))
        for _ in range(RESPONSES)
    ]


async def sync(address: str, bodies: list[bytes], connections: int, expected: bytes) -> Sync:
    """Send everything, each after the reply to the one before it on the same connection."""
    waiting, failed = iter(bodies), 0

    async def send(session: aiohttp.ClientSession) -> None:
        nonlocal failed
        for body in waiting:
            async with session.post(address, data=body, headers=HEADERS) as reply:
                failed += expected not in await reply.read()

    began = time.perf_counter()
    async with aiohttp.ClientSession() as session:
        await asyncio.gather(*(send(session) for _ in range(connections)))
    return Sync(connections=connections, seconds=time.perf_counter() - began, failed=failed)
