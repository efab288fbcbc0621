"""Say of each chunk and rollup whether it lies in the archive."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None
HALF = "expand"

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
            if name not in _columns(table):
                op.add_column(table, sa.Column(name, sa.Integer, nullable=False, server_default="0"))
        name = _index(table)
        if name not in _indexes(table):
            op.create_index(name, table, index)
    server_id = sa.Column("server_id", sa.Integer, primary_key=True, nullable=False, autoincrement=False)
    op.create_table("history_deletions", server_id, if_not_exists=True, **OPTIONS)


def downgrade() -> None:
    """What lies in the archive is lost to an older version: its rows would be chunks that cannot be read."""
    op.drop_table("history_deletions", if_exists=True)
    for table in INDEXES:
        if "archived" in _columns(table):
            op.execute(sa.text(f"DELETE FROM {table} WHERE archived = 1"))  # noqa: S608 (our own names)
        if _index(table) in _indexes(table):
            op.drop_index(_index(table), table)
        for name in ("archived", "generation"):
            if name in _columns(table):
                op.drop_column(table, name)


def _columns(table: str) -> set[str]:
    """Not what the revision says after a run that was interrupted: MySQL keeps what such a run did."""
    return {column["name"] for column in sa.inspect(op.get_bind()).get_columns(table)}


def _index(table: str) -> str:
    return f"ix_{table}_{'_'.join(INDEXES[table])}"


def _indexes(table: str) -> set[str | None]:
    return {index["name"] for index in sa.inspect(op.get_bind()).get_indexes(table)}
