"""How checks ask, what else they expect, and whether they are paused."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None
HALF = "expand"

EXPECTED = ("statuses", "pattern", "json_path", "json_value")


def upgrade() -> None:
    op.add_column("servers", sa.Column("paused", sa.Boolean, nullable=False, server_default=sa.text("0")))
    for name in EXPECTED:
        op.add_column("checks", sa.Column(f"expect_{name}", sa.String(500)))
    op.add_column("checks", sa.Column("encrypted", sa.Text))


def downgrade() -> None:
    """Checks ask as before, and those that were paused run again."""
    for name in (*(f"expect_{each}" for each in reversed(EXPECTED)), "encrypted"):
        op.drop_column("checks", name)
    op.drop_column("servers", "paused")
