"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "survey",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("simulated", sa.Boolean, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "questionnaire",
        sa.Column("survey", sa.Text, primary_key=True),
        sa.Column("version", sa.Text, primary_key=True),
        sa.Column("files", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
    _create_participation()
    _create_responses()
    if op.get_context().dialect.name == "postgresql":
        # Sealed bytes cannot be compressed: do not try at every save.
        op.execute("ALTER TABLE draft ALTER COLUMN sealed SET STORAGE EXTERNAL")
        op.execute("ALTER TABLE pending ALTER COLUMN sealed SET STORAGE EXTERNAL")


def _create_participation() -> None:
    op.create_table(
        "ledger",
        sa.Column("code_hash", sa.LargeBinary, primary_key=True),
        sa.Column("survey", sa.Text, nullable=False),
        sa.Column("area", sa.Text, nullable=False),
        sa.Column("round", sa.Text, nullable=False),
        sa.Column("language", sa.Text),
        sa.Column("state", sa.Text, nullable=False),
        sa.CheckConstraint("state IN ('issued', 'opened', 'used')", name="ledger_state"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "draft",
        sa.Column("id", sa.LargeBinary, primary_key=True),
        sa.Column("survey", sa.Text, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("touched", sa.Date, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "pending",
        sa.Column("id", sa.LargeBinary, primary_key=True),
        sa.Column("survey", sa.Text, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )


def _create_responses() -> None:
    op.create_table(
        "response",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("survey", sa.Text, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("channel", sa.String(8), nullable=False),
        sa.Column("sampled_area", sa.Text),
        sa.Column("week", sa.String(8), nullable=False),
        sa.Column("purposes", sa.JSON, nullable=False),
        sa.Column("answers", sa.JSON, nullable=False),
        sa.Column("receipt_hash", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_response_receipt_hash", "response", ["receipt_hash"])
    op.create_table(
        "withdrawal",
        sa.Column("survey", sa.Text, primary_key=True),
        sa.Column("channel", sa.String(8), primary_key=True),
        sa.Column("area", sa.Text, primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
