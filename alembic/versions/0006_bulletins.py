"""What serving processes tell each other."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0006"
down_revision = "0005"
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
        "bulletins",
        sa.Column("process", sa.String(64), primary_key=True, nullable=False),
        sa.Column("number", sa.BigInteger, primary_key=True, nullable=False, autoincrement=False),
        sa.Column("data", sa.LargeBinary().with_variant(mysql.MEDIUMBLOB(), "mysql", "mariadb"), nullable=False),
        **OPTIONS,
    )


def downgrade() -> None:
    """Nothing is lost."""
    op.drop_table("bulletins")
