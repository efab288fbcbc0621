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
    for name in COLUMNS.keys() - _present():
        op.add_column("servers", sa.Column(name, sa.String(COLUMNS[name]), nullable=True))


def downgrade() -> None:
    for name in COLUMNS.keys() & _present():
        op.drop_column("servers", name)


def _present() -> set[str]:
    """Not what the revision says after a run that was interrupted: MySQL keeps what such a run did."""
    return {column["name"] for column in sa.inspect(op.get_bind()).get_columns("servers")}
