"""The worst value of what fires."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None
HALF = "expand"


def upgrade() -> None:
    op.add_column("alert_states", sa.Column("worst", sa.Double, nullable=True))
    op.add_column("alert_states", sa.Column("worst_at", sa.BigInteger, nullable=True))


def downgrade() -> None:
    """The worst values of what fires are forgotten."""
    op.drop_column("alert_states", "worst_at")
    op.drop_column("alert_states", "worst")
