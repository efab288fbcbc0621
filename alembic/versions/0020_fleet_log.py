"""Log which servers, keys and users each revision of the fleet changed."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None
HALF = "expand"


def upgrade() -> None:
    op.create_table(
        "fleet_log",
        sa.Column("revision", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("part", sa.String(16), primary_key=True),
        sa.Column("object_id", sa.Integer(), primary_key=True, autoincrement=False),
        mysql_engine="InnoDB",
        mysql_charset="utf8mb4",
        if_not_exists=True,  # repositories of today write to it in tests of older schemas
    )


def downgrade() -> None:
    """Nothing is lost."""
    op.drop_table("fleet_log")
