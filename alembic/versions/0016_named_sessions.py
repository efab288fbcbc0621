"""A refresh token names its session. One of before names none: everybody logs in anew."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None
HALF = "contract"

INDEX = "ix_sessions_previous_digest"


def upgrade() -> None:
    op.execute("DELETE FROM sessions")
    if _has_index():
        op.drop_index(INDEX, "sessions")


def downgrade() -> None:
    op.execute("DELETE FROM sessions")
    if not _has_index():
        op.create_index(INDEX, "sessions", ["previous_digest"])


def _has_index() -> bool:
    """Not what the revision says after a run that was interrupted: MySQL keeps what such a run did."""
    return sa.inspect(op.get_bind()).has_index("sessions", INDEX)
