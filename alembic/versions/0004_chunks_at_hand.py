"""How many samples of a sealed chunk are rows as well."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None
HALF = "expand"


def upgrade() -> None:
    op.add_column("history_chunks", sa.Column("at_hand", sa.Integer, nullable=False, server_default="0"))


def downgrade() -> None:
    """Nothing is lost."""
    op.drop_column("history_chunks", "at_hand")
