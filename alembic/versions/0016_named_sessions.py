"""A refresh token names its session. One of before names none: everybody logs in anew."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None
HALF = "contract"

INDEX = "ix_sessions_previous_digest"


def upgrade() -> None:
    op.execute("DELETE FROM sessions")
    op.drop_index(INDEX, "sessions")


def downgrade() -> None:
    """Everybody logs in anew."""
    op.execute("DELETE FROM sessions")
    op.create_index(INDEX, "sessions", ["previous_digest"])
