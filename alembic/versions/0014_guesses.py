"""Wrong passwords are counted by kind, account and source.

Those of before are forgotten: they counted for 15 minutes.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from monitor.adapters.persistence.tables.definitions import UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None
HALF = "contract"

TABLE = "login_attempts"
OPTIONS: dict[str, Any] = {
    "sqlite_autoincrement": True,
    **{
        f"{dialect}_{option}": value
        for dialect in ("mysql", "mariadb")
        for option, value in {
            "engine": "InnoDB",
            "charset": "utf8mb4",
            "collate": "utf8mb4_bin",
            "row_format": "DYNAMIC",
        }.items()
    },
}


def upgrade() -> None:
    _replace({"kind": 16, "account": 200, "source": 200}, [["kind", "account"], ["kind", "source"]])


def downgrade() -> None:
    """Wrong passwords that were counted are forgotten."""
    _replace({"username_key": 200, "address": 200}, [["username_key"], ["address"]])


def _replace(columns: dict[str, int], indexes: list[list[str]]) -> None:
    op.drop_table(TABLE, if_exists=True)  # It is gone after a run that was interrupted.
    op.create_table(
        TABLE,
        sa.Column("id", sa.Integer, primary_key=True),
        *(sa.Column(name, sa.String(length), nullable=False) for name, length in columns.items()),
        sa.Column("at", UtcDateTime(6), nullable=False),
        **OPTIONS,
    )
    for names in [["at"], *([*names, "at"] for names in indexes)]:
        op.create_index(f"ix_{TABLE}_{'_'.join(names)}", TABLE, names)
