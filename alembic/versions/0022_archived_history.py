"""Say of each chunk and rollup whether it lies in the archive."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None
HALF = "expand"
HEAVY = "index history_chunks, index history_rollups"

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
INDEXES = {
    "history_chunks": ["archived", "hour", "server_id"],
    "history_rollups": ["archived", "width", "period", "server_id"],
}


def upgrade() -> None:
    for table, index in INDEXES.items():
        for name in ("generation", "archived"):
            op.add_column(table, sa.Column(name, sa.Integer, nullable=False, server_default="0"))
        op.create_index(_index(table), table, index)
    server_id = sa.Column("server_id", sa.Integer, primary_key=True, nullable=False, autoincrement=False)
    op.create_table("history_deletions", server_id, **OPTIONS)


def downgrade() -> None:
    """History in the archive is lost to an older version: its rows would be chunks that cannot be read."""
    op.drop_table("history_deletions")
    for table in INDEXES:
        op.execute(sa.text(f"DELETE FROM {table} WHERE archived = 1"))  # noqa: S608 (our own names)
        op.drop_index(_index(table), table)
        for name in ("archived", "generation"):
            op.drop_column(table, name)


def _index(table: str) -> str:
    return f"ix_{table}_{'_'.join(INDEXES[table])}"
