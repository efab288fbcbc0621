"""Which serving processes live, and which of them is sending what."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
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


def upgrade() -> None:
    op.create_table(
        "heartbeats",
        sa.Column("process", sa.String(64), primary_key=True, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        **OPTIONS,
    )
    op.add_column("notifications", sa.Column("holder", sa.String(64), nullable=True))


def downgrade() -> None:
    """Nothing is lost."""
    op.drop_column("notifications", "holder")
    op.drop_table("heartbeats")
