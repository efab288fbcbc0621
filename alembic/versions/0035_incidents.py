"""Incidents, the alerts and notifications of each, and what depends on what."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None
HALF = "expand"
HEAVY = "index alerts, index notifications"

OPTIONS: dict[str, Any] = {
    f"{dialect}_{option}": value
    for dialect in ("mysql", "mariadb")
    for option, value in {
        "engine": "InnoDB",
        "charset": "utf8mb4",
        "collate": "utf8mb4_bin",
        "row_format": "DYNAMIC",
    }.items()
}
MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
TABLE, DEPENDENCIES, COLUMN = "incidents", "dependencies", "incident_id"
GROUPED = {"alerts": [COLUMN, "state"], "notifications": [COLUMN]}
"""The columns of the index."""


def _of_server(column: str) -> sa.Column[Any]:
    key = sa.ForeignKey("servers.id", name=f"fk_{DEPENDENCIES}_{column}_servers", ondelete="CASCADE")
    return sa.Column(column, sa.Integer, key, primary_key=True)


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("cause", sa.LargeBinary().with_variant(mysql.MEDIUMBLOB(), "mysql", "mariadb")),
        sa.Column("merged_into", sa.Integer),
        sa.Index(f"ix_{TABLE}_ended_at", "ended_at"),
        sa.Index(f"ix_{TABLE}_merged_into", "merged_into"),
        sqlite_autoincrement=True,
        **OPTIONS,
    )
    op.create_table(
        DEPENDENCIES,
        _of_server("server_id"),
        _of_server("parent_id"),
        sa.Index(f"ix_{DEPENDENCIES}_parent_id", "parent_id"),
        **OPTIONS,
    )
    for table, columns in GROUPED.items():
        op.add_column(table, sa.Column(COLUMN, sa.Integer, nullable=True))
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, columns)


def downgrade() -> None:
    """Alerts stand alone again, and nothing depends on anything."""
    for table, columns in GROUPED.items():
        op.drop_index(f"ix_{table}_{'_'.join(columns)}", table)
        op.drop_column(table, COLUMN)
    op.drop_table(DEPENDENCIES)
    op.drop_table(TABLE)
