"""Sealed chunks and summaries; samples' ids outgrow 32 bits."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None
HALF = "expand"
HEAVY = "copy monitor_data"

DATA = sa.LargeBinary().with_variant(mysql.MEDIUMBLOB(), "mysql", "mariadb")


def upgrade() -> None:
    _table("history_chunks", _number("hour", primary_key=True), _number("samples"))
    _table("history_rollups", _number("width", primary_key=True), _number("period", primary_key=True))
    op.create_index("ix_history_chunks_hour", "history_chunks", ["hour"])
    op.create_index("ix_history_rollups_width_period", "history_rollups", ["width", "period"])
    _samples_id(sa.Integer(), sa.BigInteger())


def downgrade() -> None:
    """History that is sealed is deleted: all but the raw samples."""
    _samples_id(sa.BigInteger(), sa.Integer())
    op.drop_table("history_rollups")
    op.drop_table("history_chunks")


def _table(name: str, *columns: sa.Column[Any]) -> None:
    options: dict[str, Any] = {
        f"{dialect}_{option}": value
        for dialect in ("mysql", "mariadb")
        for option, value in {
            "engine": "InnoDB",
            "charset": "utf8mb4",
            "collate": "utf8mb4_bin",
            "row_format": "DYNAMIC",
        }.items()
    }
    link = sa.ForeignKeyConstraint(["server_id"], ["servers.id"], name=f"fk_{name}_server_id", ondelete="CASCADE")
    server_id = _number("server_id", primary_key=True)
    op.create_table(name, server_id, *columns, sa.Column("data", DATA, nullable=False), link, **options)


def _number(name: str, *, primary_key: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer, primary_key=primary_key, nullable=False, autoincrement=False)


def _samples_id(before: sa.types.TypeEngine[Any], after: sa.types.TypeEngine[Any]) -> None:
    """On SQLite every integer has 64 bits."""
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column(
            "monitor_data", "id", existing_type=before, type_=after, existing_nullable=False, autoincrement=True
        )
