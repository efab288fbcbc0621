"""What each sample's agent declared as its interval. Of the samples that are there nobody knows it any more."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None
HALF = "expand"


def upgrade() -> None:
    # At the end and without a value: MySQL 8, MariaDB and SQLite don't touch the rows.
    op.add_column("monitor_data", sa.Column("report_interval", sa.Double))


def downgrade() -> None:
    """It is forgotten how often each sample was to be followed by another."""
    op.drop_column("monitor_data", "report_interval")
