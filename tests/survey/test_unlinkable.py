"""Somebody with a full copy of the database and the logs cannot tell whose response is whose.

All codes are of one area, round and language, so that only order, time and the database's own
bookkeeping could join a code with a response. The test knows the truth (grades tell who is who); the
attacker pairs ledger rows with responses by every signal there is. Pairing at random gives one right
pair on average, however many there are (Poisson with mean 1): more than `MOST` has a chance below 1e-9.
The same attack on a store that writes in order and leaves the ledger as it is finds nearly everybody.
"""

import logging
import random
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from msgspec.structs import replace
from sqlalchemy import Connection, inspect, select, text
from sqlalchemy.engine import make_url

from survey.participation import Response
from survey.sealing import BrokenSealError, derived_key, unseal
from survey.store import LedgerEntry, Store, statements, tables
from survey.store.databases import Database, connect
from tests.survey.kiosks import PLACE_CODE, Device
from tests.survey.stored import AREA, SECRET, SURVEY, code_hash, draft_id, receipt_hash, response

RESIDENTS = 240
RELEASE_BATCH = 20
MOST = 12

Pairing = list[tuple[bytes, bytes]]
"""Who the attacker thinks belong together: a code hash and a receipt hash."""

TRUTH = {code_hash(number): receipt_hash(number) for number in range(RESIDENTS)}


async def take_part(store: Store, numbers: Sequence[int]) -> None:
    for number in numbers:
        await store.redeem(code_hash(number), SURVEY)
        await store.start_draft(draft_id(number), SURVEY, b"sealed")
        assert await store.submit(draft_id(number), response(number), code_hash(number), replacing=b"sealed")


async def take_part_at_a_kiosk(store: Store, numbers: Sequence[int]) -> None:
    for number in numbers:
        await store.redeem(code_hash(number), SURVEY)
        at_kiosk = replace(response(number), channel="slip")
        acceptance = await store.accept(draft_id(number), at_kiosk, code_hash(number), kiosk=PLACE_CODE)
        assert acceptance == "accepted"


TakePart = Callable[[Store, Sequence[int]], Awaitable[None]]


async def collect(url: str, take_part: TakePart) -> None:
    """Fieldwork as it goes: codes issued, used in another order, released batch after batch."""
    store = await Store.open(url, secret=SECRET, release_batch=RELEASE_BATCH)
    await store.register(SURVEY, "1", {}, simulated=False)
    entries = {code_hash(number): LedgerEntry(area=AREA, round="1") for number in range(RESIDENTS)}
    await store.issue(SURVEY, entries)
    await store.issue_kiosks({PLACE_CODE: Device(area=AREA).issued})
    order = random.Random(7).sample(range(RESIDENTS), RESIDENTS)
    for start in range(0, RESIDENTS, RELEASE_BATCH):
        await take_part(store, order[start : start + RELEASE_BATCH])
        await store.release(SURVEY)
    await store.release(SURVEY, everything=True)
    await store.close()


def hits(pairing: Pairing) -> int:
    return sum(TRUTH[code] == receipt for code, receipt in pairing)


def by(order: str) -> Callable[[Connection], Pairing]:
    """Pair the n-th used code with the n-th response in this order (SQL)."""

    def pair(connection: Connection) -> Pairing:
        codes = connection.execute(
            text(f"SELECT code_hash FROM ledger WHERE state = 'used' ORDER BY {order}")
        ).scalars()
        receipts = connection.execute(text(f"SELECT receipt_hash FROM response ORDER BY {order}")).scalars()
        return list(zip(codes, receipts, strict=True))

    return pair


def as_stored(connection: Connection) -> Pairing:
    """Pair in the order in which the database gives rows when it is not asked for one."""
    codes = connection.execute(text("SELECT code_hash FROM ledger WHERE state = 'used'")).scalars()
    receipts = connection.execute(text("SELECT receipt_hash FROM response")).scalars()
    return list(zip(codes, receipts, strict=True))


async def copies(database: Database, url: str) -> dict[str, Pairing]:
    """What every way of attacking yields."""
    ways: dict[str, Callable[[Connection], Pairing]] = {"as stored": as_stored}
    if url.startswith("postgresql"):
        ways["by place"] = by("ctid")
        ways["by version, then place"] = by("xmin::text::bigint, ctid")
        ways["by version, latest first"] = by("xmin::text::bigint DESC, ctid DESC")
    found = {name: await database.read(way) for name, way in ways.items()}
    if url.startswith("sqlite"):
        found["by place in the file"] = by_place_in_the_file(url, await database.read(as_stored))
    return found


def by_place_in_the_file(url: str, pairing: Pairing) -> Pairing:
    """Pair by where the raw bytes of the hashes stand in the file and its log of changes."""
    path = Path(str(make_url(url).database))
    raw = b"".join(part.read_bytes() for part in sorted(path.parent.glob(path.name + "*")))
    codes = sorted((code for code, _ in pairing), key=raw.rfind)
    receipts = sorted((receipt for _, receipt in pairing), key=raw.rfind)
    return list(zip(codes, receipts, strict=True))


@pytest.mark.parametrize("way", [take_part, take_part_at_a_kiosk])
async def test_no_way_of_matching_does_better_than_chance(
    database_url: str, way: TakePart, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await collect(database_url, way)
    database = connect(database_url)
    found = await copies(database, database_url)
    await database.close()
    assert all(len(pairing) == RESIDENTS for pairing in found.values())
    assert {name: hits(pairing) for name, pairing in found.items() if hits(pairing) > MOST} == {}
    assert not re.search(r"[0-9a-f]{16}", caplog.text)


def release_carelessly(connection: Connection, _survey: str, pending_key: bytes, _at_least: int) -> int:
    """A release that keeps the order of submitting and leaves the ledger as it is."""
    rows = connection.execute(select(tables.pending.c.sealed)).scalars().all()
    connection.execute(text("DELETE FROM pending"))
    for sealed in rows:
        row: dict[str, Any] = statements._response_row(unseal(sealed, pending_key, Response))
        connection.execute(tables.response.insert(), [row])
    return len(rows)


async def test_the_same_attack_succeeds_on_a_store_that_does_not_mix(postgresql: str) -> None:
    """The control: without it the test above could pass because the attack is worthless."""
    uri = await fresh_database(postgresql)
    store = await Store.open(uri, secret=SECRET, release_batch=RESIDENTS * 2)
    await store.register(SURVEY, "1", {}, simulated=False)
    entries = {code_hash(number): LedgerEntry(area=AREA, round="1") for number in range(RESIDENTS)}
    await store.issue(SURVEY, entries)
    database = connect(uri)
    key = derived_key(SECRET, "pending responses")
    for number in random.Random(7).sample(range(RESIDENTS), RESIDENTS):
        await take_part(store, [number])
        await database.write(lambda connection: release_carelessly(connection, SURVEY, key, 1))
    found = await copies(database, uri)
    await database.close()
    await store.close()
    assert hits(found["by version, then place"]) > RESIDENTS * 0.9


async def fresh_database(uri: str) -> str:
    connection = await asyncpg.connect(uri)
    await connection.execute("CREATE DATABASE linkable")
    await connection.close()
    return uri.replace("/postgres?", "/linkable?")


async def test_between_two_copies_no_area_gets_fewer_responses_than_a_batch(database_url: str) -> None:
    """Two copies tell which codes were used, which responses came, and of both the area: who is alone in
    an area is known. So the attacker, who copies after every few submissions, sees none or a batch.
    """
    store = await Store.open(database_url, secret=SECRET, release_batch=RELEASE_BATCH)
    await store.register(SURVEY, "1", {}, simulated=False)
    areas = [f"WK{number % 7 % 3}" for number in range(RESIDENTS)]
    issued = {code_hash(n): LedgerEntry(area=area, round="1") for n, area in enumerate(areas)}
    await store.issue(SURVEY, issued)
    before, seen = Counter[str | None](), set()
    for number, area in enumerate(areas):
        await store.start_draft(draft_id(number), SURVEY, b"sealed")
        submitted = response(number, area=area)
        assert await store.submit(draft_id(number), submitted, code_hash(number), replacing=b"sealed")
        if number % 4 == 3:
            await store.release(SURVEY)
            copy = Counter(kept.response.sampled_area for kept in await store.responses(SURVEY))
            seen |= set((copy - before).values())
            before = copy
    left = await store.waiting(SURVEY)
    await store.close()
    assert min(seen) >= RELEASE_BATCH
    assert left < RELEASE_BATCH * len(set(areas))


async def test_who_is_the_only_one_of_a_week_in_a_batch_does_not_stand_out(database_url: str) -> None:
    """A copy of Sunday night would tell whose code was used on Monday, and so whose week that is."""
    store = await Store.open(database_url, secret=SECRET, release_batch=100)
    await store.register(SURVEY, "1", {}, simulated=False)
    await store.issue(SURVEY, {code_hash(n): LedgerEntry(area=AREA, round="1") for n in range(3)})
    for number, week in enumerate(("2026-W48", "2027-W01", "2026-W53")):
        await store.start_draft(draft_id(number), SURVEY, b"sealed")
        submitted = response(number, week=week)
        assert await store.submit(draft_id(number), submitted, code_hash(number), replacing=b"sealed")
    assert await store.release(SURVEY, everything=True) == 3
    assert [kept.response.week for kept in await store.responses(SURVEY)] == ["2027-W01"] * 3
    await store.close()


async def test_what_waits_for_release_is_sealed_and_its_length_says_nothing(database_url: str) -> None:
    store = await Store.open(database_url, secret=SECRET, release_batch=100)
    await store.register(SURVEY, "1", {}, simulated=False)
    await store.issue(SURVEY, {code_hash(n): LedgerEntry(area=AREA, round="1") for n in range(5)})
    await take_part(store, range(4))
    await store.start_draft(draft_id(4), SURVEY, b"sealed")
    talkative = replace(response(4), answers={"wish": "een lang verhaal " * 500})
    assert await store.submit(draft_id(4), talkative, code_hash(4), replacing=b"sealed")
    database = connect(database_url)
    sealed = await database.read(
        lambda connection: connection.execute(select(tables.pending.c.sealed)).scalars().all()
    )
    await database.close()
    await store.close()
    assert [len(blob) for blob in sealed] == [16 * 1024] * 5
    for blob in sealed:
        assert receipt_hash(0) not in blob
        with pytest.raises(BrokenSealError):
            unseal(blob, derived_key(b"another secret", "pending responses"), Response)


async def test_after_a_release_the_file_holds_no_trace_of_what_waited(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/survey.sqlite"
    await collect(url, take_part)
    assert (
        not (tmp_path / "survey.sqlite-wal").exists() or not (tmp_path / "survey.sqlite-wal").stat().st_size
    )
    database = connect(url)
    waiting = await database.read(lambda connection: connection.execute(select(tables.pending)).all())
    await database.close()
    assert waiting == []


async def test_what_was_erased_sent_or_withdrawn_is_in_no_file_of_a_table(
    database_url: str, tmp_path: Path
) -> None:
    """A sent draft opens with its code and the secret, and a withdrawn response is readable as it is."""
    store = await Store.open(database_url, secret=SECRET, release_batch=2)
    await store.register(SURVEY, "1", {}, simulated=False)
    await store.issue(SURVEY, {code_hash(n): LedgerEntry(area=AREA, round="1") for n in range(3)})
    await take_part(store, range(3))
    await store.release(SURVEY, everything=True)
    for number in (3, 4):
        await store.start_draft(draft_id(number), SURVEY, b"sealed")
    await store.discard_draft(draft_id(3))
    await store.withdraw(SURVEY, receipt_hash(0))
    is_sqlite = database_url.startswith("sqlite")
    folder = tmp_path if is_sqlite else await folder_of_tables(database_url)
    raw = b"".join(part.read_bytes() for part in folder.iterdir() if part.is_file())
    await store.close()
    assert draft_id(4) in raw  # PostgreSQL keeps new rows in memory for a while: written anew, they are there
    assert receipt_hash(1) in raw
    gone = {f"draft {n}": draft_id(n) for n in range(4)} | {"withdrawn": receipt_hash(0)}
    assert [name for name, value in gone.items() if value in raw] == []


async def folder_of_tables(url: str) -> Path:
    """Where a PostgreSQL server on this machine keeps the tables; its log of changes is elsewhere."""
    connection = await asyncpg.connect(url)
    data = Path(await connection.fetchval("SHOW data_directory"))
    place = await connection.fetchval("SELECT pg_relation_filepath('draft')")
    await connection.close()
    return (data / place).parent


async def test_a_used_code_and_a_response_have_only_the_survey_in_common(database_url: str) -> None:
    store = await Store.open(database_url, secret=SECRET)
    await store.close()
    database = connect(database_url)

    def columns(connection: Connection) -> dict[str, set[str]]:
        inspector = inspect(connection)
        return {
            name: {str(column["name"]) for column in inspector.get_columns(name)}
            for name in ("ledger", "draft", "pending", "delivery", "response")
        }

    found = await database.read(columns)
    await database.close()
    assert found["ledger"] & found["response"] == {"survey"}
    assert found["ledger"] & found["pending"] == {"survey"}
    assert found["delivery"] == {"hash", "survey"}
    assert not any(re.search("time|date|created|updated", name) for names in found.values() for name in names)
