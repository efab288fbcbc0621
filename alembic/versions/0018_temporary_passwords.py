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
    op.add_column("users", sa.Column(COLUMN, sa.Boolean, nullable=False, server_default=sa.text("0")))


def downgrade() -> None:
    """It is forgotten which passwords have to be changed at their first use."""
    op.drop_column("users", COLUMN)
