"""Which migrations each process knows, and which of them the schema needs: for upgrades in two halves."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
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
    op.add_column("heartbeats", sa.Column("revision", sa.String(32), nullable=True))
    op.create_table(
        "schema_contract",
        sa.Column("id", sa.Integer, primary_key=True, nullable=False, autoincrement=False),
        sa.Column("revision", sa.String(32), nullable=False),
        **OPTIONS,
    )


def downgrade() -> None:
    """Nothing is lost."""
    op.drop_table("schema_contract")
    op.drop_column("heartbeats", "revision")
