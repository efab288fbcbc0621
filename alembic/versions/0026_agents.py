"""The version and the system of each server's agent."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None
HALF = "expand"

COLUMNS = {"agent_version": 50, "agent_os": 100}
"""With their lengths."""


def upgrade() -> None:
    for name, length in COLUMNS.items():
        op.add_column("servers", sa.Column(name, sa.String(length), nullable=True))


def downgrade() -> None:
    """Versions and systems of agents are forgotten until they report again."""
    for name in COLUMNS:
        op.drop_column("servers", name)
