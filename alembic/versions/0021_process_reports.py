"""What serving processes say of themselves. Processes of before leave the new columns empty."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None
HALF = "expand"

MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
COLUMNS: dict[str, Any] = {"last_seen_at": MOMENT, "report": sa.Text()}


def upgrade() -> None:
    for name, kind in COLUMNS.items():
        if name not in _columns():
            op.add_column("heartbeats", sa.Column(name, kind, nullable=True))


def downgrade() -> None:
    for name in reversed(COLUMNS):
        if name in _columns():
            op.drop_column("heartbeats", name)


def _columns() -> set[str]:
    """Not what the revision says after a run that was interrupted: MySQL keeps what such a run did."""
    return {column["name"] for column in sa.inspect(op.get_bind()).get_columns("heartbeats")}
