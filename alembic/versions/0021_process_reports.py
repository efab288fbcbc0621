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
        op.add_column("heartbeats", sa.Column(name, kind, nullable=True))


def downgrade() -> None:
    """Nothing is lost."""
    for name in reversed(COLUMNS):
        op.drop_column("heartbeats", name)
