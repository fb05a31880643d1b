"""Kiosks in the store: paired once, revoked for good, and what they send counts once."""

import asyncio
import random
import threading
from collections import Counter
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import Connection, text

from survey.participation import Response
from survey.store import LedgerEntry, PlaceTakenError, Store, StoreError, statements
from survey.store.databases import connect
from tests.survey.kiosks import PLACE, PLACE_CODE, Device
from tests.survey.stored import AREA, SECRET, SURVEY, code_hash, draft_id, receipt_hash, response

BATCH = 20


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    opened = await Store.open(database_url, secret=SECRET, release_batch=BATCH)
    await opened.register(SURVEY, "1", {}, simulated=False)
    yield opened
    await opened.close()


def with_slip(number: int) -> Response:
    return replace(response(number), channel="slip")


def without_code(number: int) -> Response:
    return replace(response(number), channel="kiosk")


def delivery(number: int) -> bytes:
    return number.to_bytes(32, "big")


async def issue_slips(store: Store, *numbers: int) -> None:
    entries = {code_hash(n): LedgerEntry(area=AREA, round="slips", kind="slip") for n in numbers}
    await store.issue(SURVEY, entries)


# Places.


async def test_a_place_code_pairs_one_device_and_asking_again_does_no_harm(store: Store) -> None:
    device, other = Device(area=AREA), Device(area=AREA)
    await store.issue_kiosks({PLACE_CODE: device.issued})
    assert await store.kiosk(PLACE_CODE) == device.issued
    for asking in (device, device, other):
        assert await store.pair_kiosk(PLACE, PLACE_CODE, asking.public_key) == device.kiosk
    assert await store.kiosk(PLACE_CODE) == device.kiosk


async def test_a_forged_place_code_or_one_of_another_place_pairs_nothing(store: Store) -> None:
    device = Device(area=AREA)
    await store.issue_kiosks({PLACE_CODE: device.issued})
    for place, code in ((PLACE, bytes(32)), ("elders", PLACE_CODE)):
        assert await store.pair_kiosk(place, code, device.public_key) is None
    assert await store.kiosk(bytes(32)) is None
    assert not await store.revoke_kiosk(bytes(32))
    assert await store.kiosk(PLACE_CODE) == device.issued


async def test_a_revoked_kiosk_stays_revoked_and_its_place_code_pairs_nothing(store: Store) -> None:
    device = Device(area=AREA)
    await store.issue_kiosks({PLACE_CODE: device.issued})
    assert await store.revoke_kiosk(PLACE_CODE)
    revoked = replace(device.issued, revoked=True)
    assert await store.pair_kiosk(PLACE, PLACE_CODE, device.public_key) == revoked
    assert await store.kiosk(PLACE_CODE) == revoked


async def test_two_devices_that_pair_at_one_moment_do_not_both_get_the_place(store: Store) -> None:
    devices = [Device(area=AREA) for _ in range(5)]
    await store.issue_kiosks({PLACE_CODE: devices[0].issued})
    paired = await asyncio.gather(
        *(store.pair_kiosk(PLACE, PLACE_CODE, device.public_key) for device in devices)
    )
    assert len({kiosk.public_key for kiosk in paired if kiosk}) == 1


async def test_a_place_code_is_issued_once(store: Store) -> None:
    kiosk = Device(area=AREA).issued
    await store.issue_kiosks({PLACE_CODE: kiosk})
    with pytest.raises(StoreError):
        await store.issue_kiosks({bytes(32): kiosk, PLACE_CODE: kiosk})
    assert await store.kiosk(bytes(32)) is None


async def test_a_place_has_several_devices_and_is_the_same_for_each(store: Store) -> None:
    first, second = Device(area=AREA), Device(area=AREA)
    await store.issue_kiosks({PLACE_CODE: first.issued, bytes(32): second.issued})
    await store.pair_kiosk(PLACE, bytes(32), second.public_key)
    assert await store.kiosks(SURVEY) == {bytes(32): second.kiosk, PLACE_CODE: first.issued}
    assert await store.place(PLACE) == first.issued
    assert await store.place("elders") is None
    assert await store.kiosks("another") == {}


@pytest.mark.parametrize(
    "other", [{"survey": "another"}, {"name": "De Kooi"}, {"area": "WK02"}, {"needs_code": True}]
)
async def test_another_place_under_the_same_key_waits_until_the_kiosks_of_the_first_are_revoked(
    store: Store, other: dict[str, Any]
) -> None:
    """Or its page could not know which of the two it is."""
    kiosk = Device(area=AREA).issued
    await store.issue_kiosks({PLACE_CODE: kiosk})
    with pytest.raises(PlaceTakenError, match="Het Anker in WK01, for the survey proef, without"):
        await store.issue_kiosks({bytes(32): replace(kiosk, **other)})
    assert await store.place(PLACE) == kiosk
    await store.revoke_kiosk(PLACE_CODE)
    assert await store.place(PLACE) is None
    await store.issue_kiosks({bytes(32): replace(kiosk, **other)})
    assert await store.place(PLACE) == replace(kiosk, **other)


# Counts of the day.


async def test_only_what_was_accepted_today_is_counted_for_each_kiosk(database_url: str) -> None:
    today = date(2026, 11, 23)
    store = await Store.open(database_url, secret=SECRET, release_batch=BATCH, today=lambda: today)
    kiosk = Device(area=AREA).issued
    await store.issue_kiosks({PLACE_CODE: kiosk, bytes(32): kiosk})
    for number in (1, 1, 2, 3):
        await store.accept(delivery(number), with_slip(number), None, kiosk=PLACE_CODE)
    await store.accept(delivery(4), with_slip(4), code_hash(4), kiosk=PLACE_CODE)  # code unknown
    await store.accept(delivery(5), with_slip(5), None, kiosk=bytes(32))
    assert [await store.accepted_today(key) for key in (PLACE_CODE, bytes(32), bytes(31))] == [3, 1, 0]
    today = date(2026, 11, 24)
    assert await store.accepted_today(PLACE_CODE) == 0
    await store.accept(delivery(6), with_slip(6), None, kiosk=PLACE_CODE)
    assert await store.accepted_today(PLACE_CODE) == 1
    await store.close()


# Once.


async def test_what_is_sent_again_counts_once(store: Store) -> None:
    assert await store.accept(delivery(1), with_slip(1), None, kiosk=PLACE_CODE) == "accepted"
    assert await store.accept(delivery(1), with_slip(1), None, kiosk=PLACE_CODE) == "received_before"
    await store.release(SURVEY, everything=True)
    assert await store.accept(delivery(1), with_slip(1), None, kiosk=PLACE_CODE) == "received_before"
    (kept,) = await store.responses(SURVEY)
    assert kept.response == with_slip(1)


async def test_sent_again_after_a_withdrawal_it_does_not_come_back(store: Store) -> None:
    await store.accept(delivery(1), with_slip(1), None, kiosk=PLACE_CODE)
    assert await store.withdraw(SURVEY, receipt_hash(1))
    assert await store.accept(delivery(1), with_slip(1), None, kiosk=PLACE_CODE) == "received_before"
    archive = await store.archive(SURVEY)
    assert (archive.waiting, archive.responses) == (0, [])
    assert [(gone.channel, gone.area, gone.count) for gone in archive.withdrawals] == [("slip", AREA, 1)]


async def test_a_slip_is_used_once_and_sending_the_same_again_is_no_second_use(store: Store) -> None:
    await issue_slips(store, 1)
    assert await store.accept(delivery(1), with_slip(1), code_hash(1), kiosk=PLACE_CODE) == "accepted"
    assert await store.accept(delivery(2), with_slip(2), code_hash(1), kiosk=PLACE_CODE) == "code_used"
    assert await store.accept(delivery(1), with_slip(1), code_hash(1), kiosk=PLACE_CODE) == "received_before"
    entry = await store.redeem(code_hash(1), SURVEY)
    assert entry == LedgerEntry(area=AREA, round="slips", state="used", kind="slip")


async def test_a_letter_that_was_used_on_the_phone_is_used_at_the_kiosk_too(store: Store) -> None:
    await store.issue(SURVEY, {code_hash(1): LedgerEntry(area=AREA, round="1")})
    await store.start_draft(draft_id(1), SURVEY, b"sealed")
    assert await store.submit(draft_id(1), response(1), code_hash(1), replacing=b"sealed")
    assert await store.accept(delivery(1), response(1), code_hash(1), kiosk=PLACE_CODE) == "code_used"
    assert await store.waiting(SURVEY) == 1


async def test_a_code_that_is_issued_later_lets_what_was_refused_in_at_last(store: Store) -> None:
    assert await store.accept(delivery(1), with_slip(1), code_hash(1), kiosk=PLACE_CODE) == "code_unknown"
    await issue_slips(store, 1)
    assert await store.accept(delivery(1), with_slip(1), code_hash(1), kiosk=PLACE_CODE) == "accepted"


async def test_duplicates_in_any_order_at_once_and_over_two_processes_count_once(
    store: Store, database_url: str
) -> None:
    """A device that lost every reply sends everything again and again, through two servers."""
    await issue_slips(store, *range(0, 60, 2))
    other = await Store.open(database_url, secret=SECRET, release_batch=BATCH)
    sent = [number for number in range(60) for _ in range(4)]
    random.Random(5).shuffle(sent)
    outcomes = await asyncio.gather(
        *(
            (store if place % 2 else other).accept(
                delivery(number),
                with_slip(number),
                None if number % 2 else code_hash(number),
                kiosk=PLACE_CODE,
            )
            for place, number in enumerate(sent)
        )
    )
    assert Counter(outcomes) == {"accepted": 60, "received_before": 180}
    await other.close()
    await store.release(SURVEY, everything=True)
    kept = Counter(kept.response.receipt_hash for kept in await store.responses(SURVEY))
    assert kept == Counter(receipt_hash(number) for number in range(60))


# Unlinkable.


async def test_who_has_a_slip_is_mixed_with_others_who_have_one(store: Store) -> None:
    """Letters of the same area, and who had no code, do not fill the batch: the ledger tells them apart."""
    await issue_slips(store, *range(BATCH))
    await store.issue(SURVEY, {code_hash(100): LedgerEntry(area=AREA, round="1")})
    for number in range(BATCH - 1):
        await store.accept(delivery(number), with_slip(number), code_hash(number), kiosk=PLACE_CODE)
    await store.accept(delivery(100), response(100), code_hash(100), kiosk=PLACE_CODE)
    await store.accept(delivery(101), without_code(101), None, kiosk=PLACE_CODE)
    assert await store.release(SURVEY) == 0
    await store.accept(delivery(BATCH), with_slip(BATCH - 1), code_hash(BATCH - 1), kiosk=PLACE_CODE)
    await store.release(SURVEY)
    assert {kept.response.channel for kept in await store.responses(SURVEY)} == {"slip"}
    assert await store.waiting(SURVEY) == 2


async def test_after_a_release_deliveries_tell_nothing_of_time(store: Store, database_url: str) -> None:
    """Every row stands in the order of its hash and, on PostgreSQL, has one version."""
    sent = random.Random(3).sample(range(3 * BATCH), 3 * BATCH)
    for number in sent:
        await store.accept(delivery(number), with_slip(number), None, kiosk=PLACE_CODE)
    await store.release(SURVEY, everything=True)
    database = connect(database_url)
    versions = "xmin::text" if database_url.startswith("postgresql") else "''"
    rows = await database.read(
        lambda connection: connection.execute(text(f"SELECT hash, {versions} FROM delivery")).all()
    )
    await database.close()
    assert [bytes(row[0]) for row in rows] == [delivery(number) for number in range(3 * BATCH)]
    assert len({row[1] for row in rows}) == 1


# While a release is under way.


@pytest.mark.parametrize("read", ["ledger_entry", "ledger_counts", "archive"])
async def test_who_reads_during_a_release_sees_the_whole_ledger(
    store: Store, database_url: str, read: str
) -> None:
    """On PostgreSQL it is emptied and written anew, and who waits for that must not see it empty."""
    await issue_slips(store, 1)
    database = connect(database_url)
    emptied = threading.Event()

    def release(connection: Connection) -> None:
        statements._lock_what_is_rewritten(connection)
        statements._rewrite(connection, "ledger", "code_hash")
        emptied.set()
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_sleep(1)"))

    releasing = asyncio.create_task(database.write(release))
    await asyncio.to_thread(emptied.wait, 10)
    seen = await (
        store.ledger_entry(code_hash(1), SURVEY) if read == "ledger_entry" else getattr(store, read)(SURVEY)
    )
    await releasing
    await database.close()
    entries = {"ledger_entry": lambda: [seen], "ledger_counts": lambda: seen, "archive": lambda: seen.ledger}
    (entry,) = entries[read]()
    assert (entry.kind, entry.state) == ("slip", "issued")
