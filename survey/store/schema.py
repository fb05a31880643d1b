"""Bringing a database to the tables of this program, by the migrations in `survey/migrations`."""

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, text

from survey.store.errors import UnreachableError

_LOCK = 7465_3311
"""Any number, the same everywhere: two processes that start together migrate one after the other."""


def migrate(connection: Connection) -> None:
    """To the newest tables, in the transaction of `connection`. Raises `UnreachableError`."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})
    try:
        command.upgrade(configuration(connection), "head")
    except CommandError:
        raise UnreachableError(
            "The database was made by a newer version of this program. Install that version."
        ) from None


def configuration(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", "survey:migrations")
    config.attributes["connection"] = connection
    return config
