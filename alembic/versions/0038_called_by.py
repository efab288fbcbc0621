"""Which escalation called whom, and who was on call when a rota was last handed over."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None
HALF = "expand"


def upgrade() -> None:
    op.add_column("notifications", sa.Column("called_by", sa.Integer))
    op.add_column("rotas", sa.Column("handed_over_to", sa.Integer))
    moment = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
    op.add_column("rotas", sa.Column("handed_over_to_at", moment))


def downgrade() -> None:
    """What an escalation sent before its team or policy changed is sent only to people linked to the server."""
    op.drop_column("rotas", "handed_over_to_at")
    op.drop_column("rotas", "handed_over_to")
    op.drop_column("notifications", "called_by")
