"""A password that somebody else set has to be changed at its first use. Those of before stay as they are."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None
HALF = "expand"

COLUMN = "has_temporary_password"


def upgrade() -> None:
    if not _has_column():
        op.add_column("users", sa.Column(COLUMN, sa.Boolean, nullable=False, server_default=sa.text("0")))


def downgrade() -> None:
    if _has_column():
        op.drop_column("users", COLUMN)


def _has_column() -> bool:
    """Not what the revision says after a run that was interrupted: MySQL keeps what such a run did."""
    return COLUMN in {column["name"] for column in sa.inspect(op.get_bind()).get_columns("users")}
