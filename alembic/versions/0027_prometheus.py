"""Scrapes that a Prometheus sends, until their samples are whole; and preferences that are texts."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0027"
down_revision = "0026"
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
MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
MEGABYTES = sa.LargeBinary().with_variant(mysql.MEDIUMBLOB(), "mysql", "mariadb")


def upgrade() -> None:
    op.add_column("preferences", sa.Column("text", sa.Text, nullable=True))
    server = sa.ForeignKey("servers.id", ondelete="CASCADE", name="fk_prometheus_scrapes_server_id")
    op.create_table(
        "prometheus_scrapes",
        sa.Column("server_id", sa.Integer, server, primary_key=True, autoincrement=False),
        sa.Column("at", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("source", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("state", sa.Integer, nullable=False),
        sa.Column("is_edge", sa.Integer, nullable=False),
        sa.Column("readings", MEGABYTES, nullable=False),
        **OPTIONS,
    )
    op.create_index("ix_prometheus_scrapes_is_edge_received_at", "prometheus_scrapes", ["is_edge", "received_at"])


def downgrade() -> None:
    """Scrapes of a Prometheus that are not whole yet, and preferences that are texts, are deleted."""
    op.drop_table("prometheus_scrapes")
    op.drop_column("preferences", "text")
