"""A database that is restarted or backed up while residents answer: they notice nothing."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from survey.store import Store, StoreError
from tests.survey.stored import SECRET, SURVEY, draft_id, response


@pytest.fixture
async def postgres_url(postgresql: str, request: pytest.FixtureRequest) -> str:
    name = f"interrupted_{abs(hash(request.node.name)):x}"
    connection = await asyncpg.connect(postgresql)
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
    return postgresql.replace("/postgres?", f"/{name}?")


@pytest.fixture
async def operator(postgres_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection of somebody else to the same database."""
    connection = await asyncpg.connect(postgres_url)
    yield connection
    await connection.close()


async def end_connections(operator: asyncpg.Connection) -> None:
    """As a restart of the server does."""
    await operator.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )


async def test_a_restart_of_the_server_costs_no_resident_a_request(
    postgres_url: str, operator: asyncpg.Connection
) -> None:
    store = await Store.open(postgres_url, secret=SECRET)
    assert await store.start_draft(draft_id(1), SURVEY, b"first")
    await end_connections(operator)
    assert await asyncio.gather(*(store.draft(draft_id(1)) for _ in range(20))) == [b"first"] * 20
    await end_connections(operator)
    assert await store.save_draft(draft_id(1), b"second", replacing=b"first")
    await end_connections(operator)
    assert await store.submit(draft_id(1), response(1), None, replacing=b"second")
    await store.close()


async def test_a_running_backup_delays_the_release_and_nobody_else(
    postgres_url: str, operator: asyncpg.Connection
) -> None:
    store = await Store.open(postgres_url, secret=SECRET, release_batch=3)
    async with operator.transaction():
        await operator.execute("SELECT FROM ledger")  # holds the table as a backup does
        for number in range(7):
            await store.start_draft(draft_id(number), SURVEY, b"")
            assert await store.submit(draft_id(number), response(number), None, replacing=b"")
        with pytest.raises(StoreError, match="lock timeout"):
            await store.release(SURVEY)
    assert await store.release(SURVEY) == 7
    await store.close()


async def test_closing_twice_is_no_fault(database_url: str) -> None:
    store = await Store.open(database_url, secret=SECRET)
    await store.close()
    await store.close()
