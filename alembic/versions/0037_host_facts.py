"""What agents say of their hosts."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0037"
down_revision = "0036"
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
        "host_facts",
        sa.Column(
            "server_id",
            sa.Integer,
            sa.ForeignKey("servers.id", name="fk_host_facts_server_id_servers", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("facts", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb"), nullable=False),
        **OPTIONS,
    )


def downgrade() -> None:
    """The next day, agents say it again."""
    op.drop_table("host_facts")
