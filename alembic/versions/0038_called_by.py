"""Which escalation called whom, and who was on call when a rota was last handed over."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None
HALF = "expand"


def upgrade() -> None:
    op.add_column("notifications", sa.Column("called_by", sa.Integer))
    op.add_column("rotas", sa.Column("handed_over_to", sa.Integer))


def downgrade() -> None:
    """What an escalation sent before its team or policy changed is sent only to people linked to the server."""
    op.drop_column("rotas", "handed_over_to")
    op.drop_column("notifications", "called_by")
