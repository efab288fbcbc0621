"""Who made which server and which policy, for the quotas. Those of before count for nobody."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None
HALF = "expand"

MADE = {"server_makers": ("server_id", "servers"), "policy_makers": ("policy_id", "alert_policies")}
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
    for table, (column, parent) in MADE.items():
        op.create_table(
            table,
            _parent(column, parent, primary_key=True, autoincrement=False),
            _parent("user_id", "users", nullable=False),
            **OPTIONS,
        )
        op.create_index(f"ix_{table}_user_id", table, ["user_id"])


def downgrade() -> None:
    """It is forgotten who made which server and policy, for the quotas."""
    for table in MADE:
        op.drop_table(table)


def _parent(name: str, table: str, **options: Any) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, sa.ForeignKey(f"{table}.id", ondelete="CASCADE"), **options)
