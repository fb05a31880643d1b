"""A process killed at any moment loses no acknowledged answer and doubles none."""

import asyncio
import random
import signal
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import msgspec
from sqlalchemy import select
from sqlalchemy.engine import make_url

from survey.participation import Response
from survey.sealing import derived_key, unseal
from survey.store import Store, tables
from survey.store.databases import connect
from tests.survey.stored import SECRET, SURVEY, code_hash, draft_id, receipt_hash

ROUNDS = 4
SECONDS = (0.3, 1.2)
"""How long the load runs after its first acknowledged answer, at random between these."""


class Acknowledged(msgspec.Struct, kw_only=True):
    """What residents were told: the last save of every draft, and who has submitted."""

    saves: dict[int, int]
    submitted: set[int]


def run_and_kill(url: str, round_number: int, seconds: float) -> list[str]:
    """Every whole line that the load printed until it was killed."""
    command = [sys.executable, "-m", "tests.survey.under_load", url, str(round_number)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        killing = threading.Timer(seconds, process.send_signal, [signal.SIGKILL])
        killing.start()
        rest = process.stdout.read()
        killing.cancel()
    assert process.returncode == -signal.SIGKILL
    return [line for line in (first + rest).splitlines(keepends=True) if line.endswith("\n")]


def note(acknowledged: Acknowledged, lines: list[str]) -> None:
    for line in lines:
        match line.split():
            case ["saved", number, count]:
                acknowledged.saves[int(number)] = int(count)
            case ["submitted", number]:
                acknowledged.submitted.add(int(number))


async def kept_receipts(url: str) -> Counter[bytes]:
    """How often every receipt occurs among waiting and released responses."""
    database = connect(url)
    pending_key = derived_key(SECRET, "pending responses")
    waiting = await database.read(
        lambda connection: connection.execute(select(tables.pending.c.sealed)).all()
    )
    released = await database.read(
        lambda connection: connection.execute(select(tables.response.c.receipt_hash)).all()
    )
    await database.close()
    hashes = [unseal(sealed, pending_key, Response).receipt_hash for (sealed,) in waiting]
    return Counter(hashes + [hash_ for (hash_,) in released])


async def used_codes(url: str) -> set[bytes]:
    database = connect(url)
    used = select(tables.ledger.c.code_hash).where(tables.ledger.c.state == "used")
    rows = await database.read(lambda connection: connection.execute(used).all())
    await database.close()
    return {code for (code,) in rows}


async def check(url: str, acknowledged: Acknowledged) -> None:
    kept = await kept_receipts(url)
    assert not [receipt for receipt, times in kept.items() if times > 1]
    assert not [number for number in acknowledged.submitted if receipt_hash(number) not in kept]
    used = await used_codes(url)
    numbers = acknowledged.saves
    assert {number for number in numbers if code_hash(number) in used} == {
        number for number in numbers if receipt_hash(number) in kept
    }
    assert len(used) == len(kept)
    store = await Store.open(url, secret=SECRET, capacity=len(numbers))
    drafts = await asyncio.gather(*[store.draft(draft_id(number)) for number in numbers])
    for (number, count), sealed in zip(numbers.items(), drafts, strict=True):
        if receipt_hash(number) in kept:
            assert sealed is None
        else:
            assert sealed is not None
            assert int(sealed) >= count
    await store.close()


def check_file(url: str) -> None:
    file = make_url(url).database
    if url.startswith("sqlite") and file is not None:
        assert Path(file).is_file()
        connection = sqlite3.connect(file)
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        connection.close()


async def test_a_killed_process_loses_no_acknowledged_answer_and_doubles_none(database_url: str) -> None:
    chance = random.Random(20261123)
    acknowledged = Acknowledged(saves={}, submitted=set())
    for round_number in range(ROUNDS):
        note(acknowledged, run_and_kill(database_url, round_number, chance.uniform(*SECONDS)))
        check_file(database_url)
        await check(database_url, acknowledged)
    assert len(acknowledged.submitted) > 20 * ROUNDS
    store = await Store.open(database_url, secret=SECRET)
    await store.release(SURVEY, everything=True)
    await store.close()
    await check(database_url, acknowledged)
