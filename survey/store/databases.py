"""The two databases: how to connect, and how to run work in one transaction.

Work is a plain function over a SQLAlchemy connection. For SQLite it runs in one of two threads of its
own (one writes, one reads), each with one connection: SQLite has one writer anyway, and one hop to a
thread for a whole group costs little. For PostgreSQL it runs over asyncpg.
"""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from survey.store.errors import LostConnectionError, StoreError, UnreachableError

_log = logging.getLogger(__name__)

Result = TypeVar("Result")
Work = Callable[[Connection], Result]

_PRAGMAS = (
    "busy_timeout = 30000",
    "journal_mode = WAL",
    "synchronous = FULL",
    "secure_delete = ON",
    "temp_store = MEMORY",
)


class Database(Protocol):
    """Both methods raise `StoreError` with a message that holds no values."""

    async def write(self, work: Work[Result], *, alone: bool = False) -> Result:
        """Run in one transaction; returns after it is safely on disk.

        `alone`: the work is a single statement on PostgreSQL, which there is a transaction in itself.
        """

    async def read(self, work: Work[Result], *, alone: bool = False) -> Result:
        """Run over one unchanging view of the database; `alone` as above."""

    async def tidy(self, *tables: str) -> None:
        """Remove traces of what was deleted from these tables that a transaction cannot remove itself."""

    async def close(self) -> None: ...


def connect(url: str) -> Database:
    """Raises `UnreachableError` for an address this program does not understand."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise UnreachableError("The address of the database cannot be read. Check DATABASE_URL.") from None
    if parsed.drivername == "sqlite":
        return _Sqlite(parsed)
    if parsed.drivername == "postgresql":
        return _Postgres(parsed)
    raise UnreachableError("The address of the database must start with sqlite:/// or postgresql://")


def shown(url: str) -> str:
    """The address without user, password or options, for messages."""
    parsed = make_url(url)
    if parsed.drivername == "sqlite":
        return f"SQLite file {parsed.database}"
    port = f":{parsed.port}" if parsed.port else ""
    return f"PostgreSQL database {parsed.database} at {parsed.host or 'this machine'}{port}"


class _Sqlite:
    def __init__(self, url: URL) -> None:
        if not url.database or url.database == ":memory:":
            raise UnreachableError("The address of the database must name a file: sqlite:///FOLDER/FILE")
        self._file = Path(url.database)
        self._writer = _Lane(url, "BEGIN IMMEDIATE")
        self._reader = _Lane(url, "BEGIN")
        self._made = False

    async def write(self, work: Work[Result], *, alone: bool = False) -> Result:
        if not self._made:
            _make_private(self._file)
            self._made = True
        return await self._writer.run(work)

    async def read(self, work: Work[Result], *, alone: bool = False) -> Result:
        return await self._reader.run(work)

    async def tidy(self, *_tables: str) -> None:
        """The log of changes still holds the old pages in the order of writing: empty it."""
        await self._writer.run_outside("PRAGMA wal_checkpoint(TRUNCATE)")

    async def close(self) -> None:
        await self._reader.close()
        await self._writer.close()


def _make_private(file: Path) -> None:
    """Make the file before SQLite does, so that only its owner can read it and its log."""
    try:
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise UnreachableError(f"The database file {file} cannot be opened: {error.strerror}.") from error


class _Lane:
    """One thread with one connection to a SQLite file."""

    def __init__(self, url: URL, begin: str) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sqlite")
        self._engine = _sqlite_engine(url, begin)
        self._connection: Connection | None = None

    async def run(self, work: Work[Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._transaction, work)

    async def run_outside(self, statement: str) -> None:
        """Run a statement that must not stand in a transaction."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._bare, statement)

    async def close(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._disconnect)
        self._thread.shutdown()

    def _transaction(self, work: Work[Result]) -> Result:
        with _clear_errors():
            connection = self._connected()
            with connection.begin():
                return work(connection)

    def _bare(self, statement: str) -> None:
        with _clear_errors():
            driver: Any = self._connected().connection.driver_connection
            driver.execute(statement).fetchall()

    def _connected(self) -> Connection:
        if self._connection is None:
            self._connection = self._engine.connect()
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._engine.dispose()


def _sqlite_engine(url: URL, begin: str) -> Engine:
    # isolation_level None: the driver leaves BEGIN to us. A writer takes the lock at once, or two
    # processes that first read and then write could not both go on.
    engine = create_engine(
        url.set(drivername="sqlite+pysqlite"), connect_args={"isolation_level": None}, hide_parameters=True
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


class _Postgres:
    def __init__(self, url: URL) -> None:
        self._engine: AsyncEngine = create_async_engine(
            url.set(drivername="postgresql+asyncpg"),
            hide_parameters=True,
            pool_size=4,
            connect_args={
                "timeout": 10,
                "server_settings": {"synchronous_commit": "on", "application_name": "wijkpeil"},
            },
        )
        # One round trip instead of three (begin, statement, commit), each as dear as the statement.
        self._alone = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        self._tidying = asyncio.Lock()

    async def write(self, work: Work[Result], *, alone: bool = False) -> Result:
        return await _again_if_lost(partial(self._alone_once if alone else self._write_once, work))

    async def read(self, work: Work[Result], *, alone: bool = False) -> Result:
        return await _again_if_lost(partial(self._alone_once if alone else self._read_once, work))

    async def _alone_once(self, work: Work[Result]) -> Result:
        with _clear_errors():
            async with self._alone.connect() as connection:
                return await connection.run_sync(work)

    async def _write_once(self, work: Work[Result]) -> Result:
        with _clear_errors():
            async with self._engine.begin() as connection:
                return await connection.run_sync(work)

    async def _read_once(self, work: Work[Result]) -> Result:
        with _clear_errors():
            async with self._engine.connect() as connection:
                await connection.execution_options(isolation_level="REPEATABLE READ")
                return await connection.run_sync(work)

    async def tidy(self, *tables: str) -> None:
        """Write the tables anew: deleted rows stay in their files until that is done.

        When somebody else holds a table for long (a backup), its traces stay until the next time.
        """
        async with self._tidying:
            for table in tables:
                try:
                    await self.write(partial(_write_anew, table=table), alone=True)
                except StoreError as error:
                    _log.warning("Traces of what was deleted stay in %s for now. %s", table, error)

    async def close(self) -> None:
        await self._engine.dispose()


def _write_anew(connection: Connection, *, table: str) -> None:
    connection.exec_driver_sql("SET lock_timeout = '500ms'")
    try:
        connection.exec_driver_sql(f"VACUUM FULL {table}")
    finally:
        connection.exec_driver_sql("RESET lock_timeout")


async def _again_if_lost(attempt: Callable[[], Awaitable[Result]]) -> Result:
    """That the server was started anew shows at the next use of an old connection: use a new one.

    Asking twice is safe: nothing that is written twice counts twice.
    """
    try:
        return await attempt()
    except LostConnectionError:
        return await attempt()


ADVICE = {
    "locked": "Another program holds it: let that finish or stop it, then try again.",
    "full": "Make room on the disk, then try again.",
    "disk I/O": "Look whether the disk is full or broken, then try again.",
    "readonly": "Let the user who runs this write the file and its folder.",
    "not a database": "Choose another file, or put back a copy of this one.",
}
"""What to do, by a word in what the database says."""


def _advice(reason: str) -> str:
    """What to do next; nothing was changed."""
    found = next((advice for word, advice in ADVICE.items() if word in reason), None)
    return f"Nothing was changed. {found}" if found else "Nothing was changed."


@contextmanager
def _clear_errors() -> Iterator[None]:
    """The driver's errors in one line. Their details can hold values, so these are not passed on."""
    try:
        yield
    except DBAPIError as error:
        if error.connection_invalidated:
            raise LostConnectionError("The connection to the database was lost.") from None
        reason = str(error.orig).splitlines()[0] if error.orig is not None else type(error).__name__
        raise StoreError(f"The database refused: {reason}. {_advice(reason)}") from None
    except (SQLAlchemyError, OSError) as error:
        raise UnreachableError(f"The database does not answer ({type(error).__name__}).") from None
