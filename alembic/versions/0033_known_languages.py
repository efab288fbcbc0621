"""Tell languages that somebody chose from the one that everybody had: others follow the browser at the next log-in."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None
HALF = "expand"

COLUMN = "has_chosen_locale"


def upgrade() -> None:
    op.add_column("users", sa.Column(COLUMN, sa.Boolean, nullable=False, server_default=sa.text("0")))
    # All others have what a new account had: nobody can tell whether it was chosen.
    op.execute("UPDATE users SET has_chosen_locale = 1 WHERE locale = 'en'")


def downgrade() -> None:
    """Which languages somebody chose is forgotten: all count as chosen."""
    op.drop_column("users", COLUMN)
