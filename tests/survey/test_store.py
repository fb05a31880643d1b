import asyncio
import datetime as dt
import multiprocessing
import resource
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, text

from survey.store import (
    LedgerEntry,
    SimulatedMismatchError,
    Store,
    StoreBusyError,
    StoreError,
    UnreachableError,
)
from survey.store.databases import connect
from survey.store.grouping import Grouped
from survey.store.schema import migrate
from survey.store.tables import metadata
from tests.survey.stored import AREA, SECRET, SURVEY, code_hash, draft_id, receipt_hash, response


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    opened = await Store.open(database_url, secret=SECRET, release_batch=3)
    await opened.register(SURVEY, "1", {"questionnaire.toml": b"key"}, simulated=False)
    yield opened
    await opened.close()


async def issue(store: Store, *numbers: int) -> None:
    entries = {code_hash(number): LedgerEntry(area=AREA, round="1") for number in numbers}
    await store.issue(SURVEY, entries)


async def submit(store: Store, number: int) -> bool:
    await store.start_draft(draft_id(number), SURVEY, b"sealed")
    return await store.submit(draft_id(number), response(number), code_hash(number), replacing=b"sealed")


async def states(store: Store) -> dict[str, int]:
    return {row.state: row.count for row in await store.ledger_counts(SURVEY)}


async def everything(store: Store) -> int:
    archive = await store.archive(SURVEY)
    return len(archive.responses) + archive.waiting


async def test_a_draft_is_what_was_saved_last(store: Store) -> None:
    assert await store.draft(draft_id(1)) is None
    assert await store.start_draft(draft_id(1), SURVEY, b"first")
    assert await store.save_draft(draft_id(1), b"second", replacing=b"first")
    assert await store.draft(draft_id(1)) == b"second"


async def test_a_save_over_something_older_is_refused_and_changes_nothing(store: Store) -> None:
    await store.start_draft(draft_id(1), SURVEY, b"first")
    await store.save_draft(draft_id(1), b"second", replacing=b"first")
    assert not await store.save_draft(draft_id(1), b"late", replacing=b"first")
    assert await store.draft(draft_id(1)) == b"second"


async def test_of_many_saves_over_one_draft_at_the_same_moment_one_holds(store: Store) -> None:
    await store.start_draft(draft_id(1), SURVEY, b"first")
    await store.start_draft(draft_id(2), SURVEY, b"other")
    values = [f"value {number}".encode() for number in range(20)]
    saves = [store.save_draft(draft_id(1), value, replacing=b"first") for value in values]
    *results, beside = await asyncio.gather(*saves, store.save_draft(draft_id(2), b"new", replacing=b"other"))
    assert beside
    assert sum(results) == 1
    assert await store.draft(draft_id(1)) == values[results.index(True)]


@pytest.mark.parametrize("number", [1, 2, 3, 40])
async def test_in_a_group_each_save_is_judged_by_its_own_draft(store: Store, number: int) -> None:
    for one in range(number):
        await store.start_draft(draft_id(one), SURVEY, f"old {one}".encode())
    replaced = [f"{'old' if one % 3 else 'older'} {one}".encode() for one in range(number)]
    saves = [
        store.save_draft(draft_id(one), f"new {one}".encode(), replacing=replaced[one])
        for one in range(number)
    ]
    assert await asyncio.gather(*saves) == [one % 3 > 0 for one in range(number)]
    drafts = await asyncio.gather(*(store.draft(draft_id(one)) for one in range(number)))
    assert drafts == [f"{'new' if one % 3 else 'old'} {one}".encode() for one in range(number)]


async def test_a_draft_that_was_started_elsewhere_is_not_overwritten(store: Store) -> None:
    assert await store.start_draft(draft_id(1), SURVEY, b"phone")
    assert not await store.start_draft(draft_id(1), SURVEY, b"tablet")
    assert await store.draft(draft_id(1)) == b"phone"


async def test_many_drafts_started_with_one_code_at_the_same_moment_are_one(store: Store) -> None:
    starts = [store.start_draft(draft_id(1), SURVEY, str(number).encode()) for number in range(20)]
    assert sum(await asyncio.gather(*starts)) == 1


async def test_saving_a_draft_that_is_gone_says_so(store: Store) -> None:
    assert not await store.save_draft(draft_id(1), b"late", replacing=b"first")
    assert await store.draft(draft_id(1)) is None


async def test_a_discarded_draft_is_gone_and_its_code_can_still_be_used(store: Store) -> None:
    await issue(store, 1)
    await store.start_draft(draft_id(1), SURVEY, b"sealed")
    await store.discard_draft(draft_id(1))
    assert await store.draft(draft_id(1)) is None
    assert await submit(store, 1)


async def test_drafts_left_for_long_expire_and_others_stay(database_url: str) -> None:
    days = iter([dt.date(2026, 11, 1), dt.date(2026, 11, 20)])
    store = await Store.open(database_url, secret=SECRET, today=lambda: next(days))
    await store.register(SURVEY, "1", {}, simulated=False)
    await store.start_draft(draft_id(1), SURVEY, b"old")
    await store.start_draft(draft_id(2), SURVEY, b"new")
    assert await store.expire_drafts(dt.date(2026, 11, 16)) == 1
    assert await store.draft(draft_id(1)) is None
    assert await store.draft(draft_id(2)) == b"new"
    await store.close()


async def test_a_code_opens_once_and_stays_open(store: Store) -> None:
    await issue(store, 1, 2)
    entries = await asyncio.gather(*[store.redeem(code_hash(1), SURVEY) for _ in range(10)])
    assert {entry.state for entry in entries if entry is not None} == {"opened"}
    assert await states(store) == {"issued": 1, "opened": 1}


async def test_a_code_that_was_never_issued_or_is_of_another_survey_is_unknown(store: Store) -> None:
    await issue(store, 1)
    assert await store.redeem(code_hash(2), SURVEY) is None
    assert await store.redeem(code_hash(1), "other") is None
    assert await states(store) == {"issued": 1}


async def test_a_code_cannot_be_issued_twice_and_nothing_of_that_round_is_kept(store: Store) -> None:
    await issue(store, 1)
    with pytest.raises(StoreError):
        await issue(store, 2, 1)
    assert await states(store) == {"issued": 1}


async def test_a_submitted_response_is_kept_and_its_code_used(store: Store) -> None:
    await issue(store, 1)
    assert await submit(store, 1)
    assert await store.draft(draft_id(1)) is None
    assert await states(store) == {"used": 1}
    entry = await store.redeem(code_hash(1), SURVEY)
    assert entry is not None
    assert entry.state == "used"


async def test_submitting_in_many_tabs_at_once_makes_one_response(store: Store) -> None:
    await issue(store, 1)
    await store.start_draft(draft_id(1), SURVEY, b"sealed")
    tabs = [store.submit(draft_id(1), response(1), code_hash(1), replacing=b"sealed") for _ in range(20)]
    assert sum(await asyncio.gather(*tabs)) == 1
    assert await everything(store) == 1


async def test_a_used_code_makes_no_second_response_from_another_draft(store: Store) -> None:
    await issue(store, 1)
    assert await submit(store, 1)
    await store.start_draft(draft_id(9), SURVEY, b"sealed")
    assert not await store.submit(draft_id(9), response(9), code_hash(1), replacing=b"sealed")
    assert await everything(store) == 1


async def test_submitting_something_older_than_the_draft_is_refused_and_changes_nothing(store: Store) -> None:
    await issue(store, 1)
    await store.start_draft(draft_id(1), SURVEY, b"sealed")
    await store.save_draft(draft_id(1), b"newer", replacing=b"sealed")
    assert not await store.submit(draft_id(1), response(1), code_hash(1), replacing=b"sealed")
    assert await everything(store) == 0
    assert await states(store) == {"issued": 1}
    assert await store.submit(draft_id(1), response(1), code_hash(1), replacing=b"newer")
    assert await everything(store) == 1


async def test_the_open_link_needs_no_code(store: Store) -> None:
    await store.start_draft(draft_id(1), SURVEY, b"sealed")
    assert await store.submit(draft_id(1), response(1), None, replacing=b"sealed")
    assert await everything(store) == 1


async def test_responses_wait_until_there_are_enough_to_mix(store: Store) -> None:
    await issue(store, *range(5))
    for number in (0, 1):
        await submit(store, number)
    assert await store.release(SURVEY) == 0
    assert await store.responses(SURVEY) == []
    assert await store.release(SURVEY, everything=True) == 2
    assert {kept.response.receipt_hash for kept in await store.responses(SURVEY)} == {
        receipt_hash(0),
        receipt_hash(1),
    }


async def test_enough_waiting_responses_are_released_by_themselves(store: Store) -> None:
    await issue(store, *range(3))
    for number in range(3):
        await submit(store, number)
    async with asyncio.timeout(5):
        while len(await store.responses(SURVEY)) < 3:  # noqa: ASYNC110 - a release tells nobody
            await asyncio.sleep(0.01)


async def test_a_release_leaves_every_code_in_its_state(store: Store) -> None:
    await issue(store, *range(6))
    await store.redeem(code_hash(5), SURVEY)
    for number in range(2):
        await submit(store, number)
    await store.release(SURVEY, everything=True)
    assert await states(store) == {"issued": 3, "opened": 1, "used": 2}


async def test_another_secret_is_told_and_what_waits_is_not_lost(database_url: str) -> None:
    for secret, number in ((SECRET, 1), (b"another secret of these tests...", 2), (SECRET, 3)):
        store = await Store.open(database_url, secret=secret)
        await store.register(SURVEY, "1", {}, simulated=False)
        await issue(store, number)
        if secret == SECRET:
            await submit(store, number)
        else:
            for asked in (
                store.release(SURVEY, everything=True),
                store.withdraw(SURVEY, receipt_hash(1)),
                store.received(SURVEY, receipt_hash(1)),
            ):
                with pytest.raises(StoreError, match="another secret"):
                    await asked
        await store.close()
    store = await Store.open(database_url, secret=SECRET)
    assert await store.release(SURVEY, everything=True) == 2
    await store.close()


@pytest.mark.parametrize("released", [False, True])
async def test_the_receipt_says_whether_its_response_is_here(store: Store, released: bool) -> None:
    await issue(store, 1)
    assert not await store.received(SURVEY, receipt_hash(1))
    await submit(store, 1)
    if released:
        await store.release(SURVEY, everything=True)
    assert await store.received(SURVEY, receipt_hash(1))
    assert not await store.received(SURVEY, receipt_hash(2))
    assert not await store.received("another", receipt_hash(1))
    await store.withdraw(SURVEY, receipt_hash(1))
    assert not await store.received(SURVEY, receipt_hash(1))


@pytest.mark.parametrize("released", [False, True])
async def test_the_receipt_withdraws_exactly_one_response(store: Store, released: bool) -> None:
    await issue(store, 1, 2)
    await submit(store, 1)
    await submit(store, 2)
    if released:
        await store.release(SURVEY, everything=True)
    assert await store.withdraw(SURVEY, receipt_hash(1))
    assert not await store.withdraw(SURVEY, receipt_hash(1))
    await store.release(SURVEY, everything=True)
    archive = await store.archive(SURVEY)
    assert [kept.response.receipt_hash for kept in archive.responses] == [receipt_hash(2)]
    assert [(row.channel, row.area, row.count) for row in archive.withdrawals] == [("invited", AREA, 1)]
    assert await states(store) == {"used": 2}


async def test_simulated_and_real_responses_never_come_together(store: Store) -> None:
    await store.register(SURVEY, "1", {}, simulated=True)  # nothing was submitted yet
    await store.start_draft(draft_id(1), SURVEY, b"sealed")
    await store.submit(draft_id(1), response(1), None, replacing=b"sealed")
    with pytest.raises(SimulatedMismatchError, match="simulated"):
        await store.register(SURVEY, "1", {}, simulated=False)


async def test_every_version_that_was_opened_is_archived(store: Store) -> None:
    await store.register(SURVEY, "2", {"questionnaire.toml": b"newer"}, simulated=False)
    archive = await store.archive(SURVEY)
    assert archive.version == "2"
    assert archive.versions == {
        "1": {"questionnaire.toml": b"key"},
        "2": {"questionnaire.toml": b"newer"},
    }


async def test_an_unknown_survey_has_no_archive(store: Store) -> None:
    with pytest.raises(StoreError, match="never opened"):
        await store.archive("other")


async def test_what_was_kept_is_there_after_a_restart(database_url: str) -> None:
    first = await Store.open(database_url, secret=SECRET)
    await first.register(SURVEY, "1", {}, simulated=False)
    await issue(first, 1)
    await submit(first, 1)
    await first.close()
    second = await Store.open(database_url, secret=SECRET)
    assert await everything(second) == 1
    assert not await second.submit(draft_id(1), response(1), code_hash(1), replacing=b"sealed")
    await second.close()


async def test_writing_that_waits_is_done_before_the_store_closes(database_url: str) -> None:
    store = await Store.open(database_url, secret=SECRET)
    await store.register(SURVEY, "1", {}, simulated=False)
    starts = [
        asyncio.create_task(store.start_draft(draft_id(number), SURVEY, b"sealed")) for number in range(50)
    ]
    await asyncio.sleep(0)
    await store.close()
    assert all(await asyncio.gather(*starts))
    with pytest.raises(StoreError, match="closed"):
        await store.save_draft(draft_id(1), b"late", replacing=b"sealed")


async def test_more_than_can_wait_is_refused_and_nothing_else_is_lost(database_url: str) -> None:
    store = await Store.open(database_url, secret=SECRET, capacity=10)
    await store.register(SURVEY, "1", {}, simulated=False)
    starts = [store.start_draft(draft_id(number), SURVEY, b"sealed") for number in range(40)]
    results = await asyncio.gather(*starts, return_exceptions=True)
    refused = [number for number, result in enumerate(results) if isinstance(result, StoreBusyError)]
    assert refused
    for number in range(40):
        assert (await store.draft(draft_id(number)) is None) == (number in refused)
    await store.close()


async def test_one_request_that_cannot_be_kept_fails_alone(store: Store) -> None:
    good = [store.start_draft(draft_id(number), SURVEY, b"sealed") for number in range(10)]
    bad = store.start_draft(draft_id(99), None, b"sealed")  # type: ignore[arg-type]
    *results, failure = await asyncio.gather(*good, bad, return_exceptions=True)
    assert results == [True] * 10
    assert isinstance(failure, StoreError)
    for number in range(10):
        assert await store.draft(draft_id(number)) == b"sealed"


async def test_a_caller_who_left_does_not_disturb_the_group() -> None:
    started = asyncio.Event()

    async def work(requests: list[int]) -> list[int]:
        started.set()
        await asyncio.sleep(0.01)
        return [request * 2 for request in requests]

    grouped: Grouped[int] = Grouped(work)  # type: ignore[arg-type]
    calls = [asyncio.create_task(grouped(number)) for number in range(5)]
    await started.wait()
    calls[2].cancel()
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert [result for result in results if isinstance(result, int)] == [0, 2, 6, 8]
    assert await grouped(21) == 42


def test_the_migrations_make_the_tables_that_the_statements_use(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/made.sqlite")
    with engine.begin() as connection:
        migrate(connection)
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


async def test_a_database_of_the_first_version_is_brought_up_to_date_with_its_codes(
    database_url: str,
) -> None:
    store = await Store.open(database_url, secret=SECRET)
    await store.register(SURVEY, "1", {}, simulated=False)
    await issue(store, 1)
    await store.close()
    database = connect(database_url)
    await database.write(as_in_the_first_version)
    await database.close()
    store = await Store.open(database_url, secret=SECRET)
    assert await states(store) == {"issued": 1}
    assert await submit(store, 1)
    await store.close()


def as_in_the_first_version(connection: Connection) -> None:
    connection.execute(text("ALTER TABLE ledger ADD COLUMN language TEXT"))
    connection.execute(text("ALTER TABLE ledger DROP COLUMN kind"))
    connection.execute(text("DROP TABLE kiosk"))
    connection.execute(text("DROP TABLE delivery"))
    connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://wijkpeil:hush@127.0.0.1:1/wijkpeil",
        "sqlite:////no/such/folder/survey.sqlite",
        "sqlite://",
        "mysql://wijkpeil:hush@localhost/wijkpeil",
        "not an address, hush",
    ],
)
async def test_a_database_that_cannot_be_reached_is_named_without_the_password(url: str) -> None:
    with pytest.raises(UnreachableError) as refusal:
        await Store.open(url, secret=SECRET)
    assert "hush" not in str(refusal.value)


async def test_a_file_that_is_no_database_is_named_with_what_to_do_and_stays_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "letter.txt"
    file.write_text("Beste bewoner, " * 100)
    with pytest.raises(UnreachableError, match=r"letter\.txt: .*not a database.*Choose another file"):
        await Store.open(f"sqlite:///{file}", secret=SECRET)
    assert file.read_text() == "Beste bewoner, " * 100


async def test_a_survey_that_was_never_opened_is_named_with_the_command_that_opens_it(store: Store) -> None:
    with pytest.raises(StoreError, match="python -m survey serve elsewhere"):
        await store.waiting("elsewhere")


def fill_until_refused(url: str, limit: int, kept: "multiprocessing.Queue[int]") -> None:
    """In a process of its own that may write files of at most `limit` bytes: save until the disk is full."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    async def fill() -> None:
        store = await Store.open(url, secret=SECRET)
        await store.register(SURVEY, "1", {}, simulated=False)
        for number in range(2000):
            try:
                await store.start_draft(draft_id(number), SURVEY, b"sealed" * 500)
            except StoreError:
                return
            kept.put(number)

    asyncio.run(fill())
    kept.put(-1)


async def test_a_full_disk_is_told_and_leaves_what_was_kept(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/survey.sqlite"
    context = multiprocessing.get_context("spawn")
    kept: multiprocessing.Queue[int] = context.Queue()
    filling = context.Process(target=fill_until_refused, args=(url, 600_000, kept))
    filling.start()
    numbers = [await asyncio.to_thread(kept.get, timeout=60)]
    while numbers[-1] != -1:
        numbers.append(await asyncio.to_thread(kept.get, timeout=60))
    await asyncio.to_thread(filling.join)
    store = await Store.open(url, secret=SECRET)
    assert len(numbers) > 10
    for number in numbers[:-1]:
        assert await store.draft(draft_id(number)) == b"sealed" * 500
    await store.close()
