"""Which epoch of the store this is: it changes whenever the store may have lost what it acknowledged."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
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
        "store_epoch",
        sa.Column("id", sa.Integer, primary_key=True, nullable=False, autoincrement=False),
        sa.Column("epoch", sa.String(64), nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        **OPTIONS,
    )


def downgrade() -> None:
    """Nothing is lost."""
    op.drop_table("store_epoch")
