"""Rename a table and columns: peer_updates, event_kind and last_notified_at."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None
HALF = "contract"

WORD: dict[str, Any] = {"existing_type": sa.String(16), "existing_nullable": False}
MOMENT: dict[str, Any] = {"existing_type": mysql.DATETIME(fsp=6), "existing_nullable": True}
COLUMNS = (
    ("alert_timeline", "happening", "event_kind", WORD),
    ("notifications", "happening", "event_kind", WORD),
    ("alerts", "last_told_at", "last_notified_at", MOMENT),
)
TABLE = ("bulletins", "peer_updates")


def upgrade() -> None:
    for table, old, new, existing in COLUMNS:
        _rename_column(table, old, new, existing)
    op.rename_table(*TABLE)


def downgrade() -> None:
    """Nothing is lost."""
    for table, old, new, existing in COLUMNS:
        _rename_column(table, new, old, existing)
    op.rename_table(*reversed(TABLE))


def _rename_column(table: str, old: str, new: str, existing: dict[str, Any]) -> None:
    if op.get_context().dialect.name == "sqlite":  # alembic would copy the table
        op.execute(f"ALTER TABLE {table} RENAME COLUMN {old} TO {new}")
    else:
        op.alter_column(table, old, new_column_name=new, **existing)
