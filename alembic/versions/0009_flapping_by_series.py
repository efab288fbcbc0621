"""What flaps is found by its server and metric."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None
HALF = "expand"
HEAVY = "index alerts"


def upgrade() -> None:
    op.create_index("ix_alerts_flapping_server_id_metric", "alerts", ["flapping", "server_id", "metric"])
    op.drop_index("ix_alerts_flapping", "alerts")


def downgrade() -> None:
    """Nothing is lost."""
    op.create_index("ix_alerts_flapping", "alerts", ["flapping"])
    op.drop_index("ix_alerts_flapping_server_id_metric", "alerts")
