"""Kiosks: the devices, what they sent, and slips beside letters in the ledger."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("ledger", sa.Column("kind", sa.String(8), nullable=False, server_default="letter"))
    op.create_table(
        "kiosk",
        sa.Column("place_code_hash", sa.LargeBinary, primary_key=True),
        sa.Column("survey", sa.Text, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("area", sa.Text, nullable=False),
        sa.Column("needs_code", sa.Boolean, nullable=False),
        sa.Column("public_key", sa.LargeBinary),
        sa.Column("revoked", sa.Boolean, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "delivery",
        sa.Column("hash", sa.LargeBinary, primary_key=True),
        sa.Column("survey", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
