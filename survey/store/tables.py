"""The tables. The migrations make them; a test holds the two against each other.

`ledger` (who may take part), `delivery` (what kiosks sent) and `response` (what was said) have nothing
in common that differs between two residents of one area. No table has a row number that tells the order
of writing: SQLite's are WITHOUT ROWID, and what PostgreSQL keeps (row versions, places) is wiped by
`release`.
"""

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData()

survey = Table(
    "survey",
    metadata,
    Column("key", Text, primary_key=True),
    Column("version", Text, nullable=False),
    Column("simulated", Boolean, nullable=False),
    sqlite_with_rowid=False,
)
"""A survey that was opened here: the version in use, and whether its answers are simulated."""

questionnaire = Table(
    "questionnaire",
    metadata,
    Column("survey", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("files", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
"""The archive: the files of every version that was ever opened, as MessagePack of name to bytes."""

ledger = Table(
    "ledger",
    metadata,
    Column("code_hash", LargeBinary, primary_key=True),
    Column("survey", Text, nullable=False),
    Column("area", Text, nullable=False),
    Column("round", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("kind", String(8), nullable=False, server_default="letter"),
    CheckConstraint("state IN ('issued', 'opened', 'used')", name="ledger_state"),
    sqlite_with_rowid=False,
)
"""One row per issued code, by keyed hash. `kind`: on a letter, or on a slip at a kiosk."""

kiosk = Table(
    "kiosk",
    metadata,
    Column("place_code_hash", LargeBinary, primary_key=True),
    Column("survey", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("area", Text, nullable=False),
    Column("needs_code", Boolean, nullable=False),
    Column("public_key", LargeBinary),
    Column("revoked", Boolean, nullable=False),
    Column("name", Text, nullable=False, server_default=""),
    Column("accepted_on", Date),
    Column("accepted", Integer, nullable=False, server_default="0"),
    sqlite_with_rowid=False,
)
"""One row per place code, by keyed hash, and the device that was paired with it.

`accepted` counts what it sent on the last day on which it sent something, `accepted_on`; of earlier days
nothing is kept.
"""

delivery = Table(
    "delivery",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("survey", Text, nullable=False),
    sqlite_with_rowid=False,
)
"""What kiosks sent and was accepted, by keyed hash, so that nothing counts twice."""

draft = Table(
    "draft",
    metadata,
    Column("id", LargeBinary, primary_key=True),
    Column("survey", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("touched", Date, nullable=False),
    sqlite_with_rowid=False,
)
"""Answers of residents who are not done, sealed with a key that only the cookie or the code yields."""

pending = Table(
    "pending",
    metadata,
    Column("id", LargeBinary, primary_key=True),
    Column("survey", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
"""Submitted responses that wait until there are enough to mix, sealed under the program's secret."""

response = Table(
    "response",
    metadata,
    Column("id", Text, primary_key=True),
    Column("survey", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("channel", String(8), nullable=False),
    Column("sampled_area", Text),
    Column("week", String(8), nullable=False),
    Column("purposes", JSON, nullable=False),
    Column("answers", JSON, nullable=False),
    Column("receipt_hash", LargeBinary, nullable=False, index=True),
    sqlite_with_rowid=False,
)

withdrawal = Table(
    "withdrawal",
    metadata,
    Column("survey", Text, primary_key=True),
    Column("channel", String(8), primary_key=True),
    Column("area", Text, primary_key=True),
    Column("count", Integer, nullable=False),
    sqlite_with_rowid=False,
)
"""How many withdrew, per stratum (area: empty for the open link). Nothing else of them is left."""
