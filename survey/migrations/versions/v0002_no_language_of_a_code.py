"""The ledger no longer knows the language of a letter: a rare one would narrow the crowd of a response."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.drop_column("ledger", "language")
