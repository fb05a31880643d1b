"""Places have a name beside the key in their address; a kiosk counts what it sent on its last day."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("kiosk", sa.Column("name", sa.Text, nullable=False, server_default=""))
    op.add_column("kiosk", sa.Column("accepted_on", sa.Date))
    op.add_column("kiosk", sa.Column("accepted", sa.Integer, nullable=False, server_default="0"))
