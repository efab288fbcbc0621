"""Why notifications were held or dropped and whom an event was not for, and what people say of alerts."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql
from sqlalchemy.types import TypeEngine

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None
HALF = "expand"

MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
COLUMNS: dict[str, dict[str, TypeEngine[Any]]] = {
    "notifications": {"reason": sa.String(16)},
    "alert_timeline": {"left_out": sa.Text()},
    "alerts": {
        "verdict": sa.String(16),
        "verdict_by": sa.String(50),
        "verdict_at": MOMENT,
        "verdict_note": sa.String(500),
    },
}


def upgrade() -> None:
    for table, columns in COLUMNS.items():
        for name in columns:
            op.add_column(table, sa.Column(name, columns[name], nullable=True))


def downgrade() -> None:
    """Reasons of notifications, and what people said of alerts, are deleted."""
    for table, columns in COLUMNS.items():
        for name in columns:
            op.drop_column(table, name)
