"""Samples that are to be evaluated anew, and when a policy was changed."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0032"
down_revision = "0031"
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
POLICIES, COLUMN = "alert_policies", "changed_at"
TABLE = "due_evaluations"


def upgrade() -> None:
    op.add_column(POLICIES, sa.Column(COLUMN, MOMENT, nullable=True))
    op.create_table(
        TABLE,
        sa.Column(
            "server_id",
            sa.Integer,
            sa.ForeignKey("servers.id", name=f"fk_{TABLE}_server_id_servers", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("watched", sa.String(64).with_variant(sa.String(80), "mysql", "mariadb"), primary_key=True),
        sa.Column("cause", sa.String(16), primary_key=True),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("noted_at", MOMENT, nullable=False),
        sa.Column("last_noted_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Index(f"ix_{TABLE}_noted_at", "noted_at"),
        **OPTIONS,
    )


def downgrade() -> None:
    """Samples that wait to be evaluated anew are not."""
    op.drop_table(TABLE)
    op.drop_column(POLICIES, COLUMN)
