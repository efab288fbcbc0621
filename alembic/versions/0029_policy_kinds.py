"""Kinds of policies: forecasts and ranges, and notes on what to do."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

from monitor.adapters.persistence.engine.migration_ddl import delete_rows, has_column

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None
HALF = "expand"

MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
ADDED = {
    "alert_policies": ("kind", "over_seconds", "within_seconds", "days", "beyond", "level", "note"),
    "alerts": ("kind", "expected_at"),
}


def upgrade() -> None:
    for table in ADDED:
        op.add_column(table, sa.Column("kind", sa.String(16), nullable=False, server_default="threshold"))
    op.add_column("alert_policies", sa.Column("over_seconds", sa.Double))
    op.add_column("alert_policies", sa.Column("within_seconds", sa.Double))
    op.add_column("alert_policies", sa.Column("days", sa.Integer))
    op.add_column("alert_policies", sa.Column("beyond", sa.Double))
    op.add_column("alert_policies", sa.Column("level", sa.String(16)))
    op.add_column("alert_policies", sa.Column("note", sa.Text))
    op.add_column("alerts", sa.Column("expected_at", MOMENT))
    _widen(64, 80)


def downgrade() -> None:
    """Policies of other kinds than thresholds are deleted, and their alerts cancelled."""
    # To older code they would be thresholds, of which there is one already.
    connection = op.get_bind()
    if has_column(connection, "alerts", "kind"):
        op.execute(sa.text("DELETE FROM alert_states WHERE metric LIKE '%@%'"))
        op.execute(
            sa.text(
                "UPDATE alerts SET state = 'cancelled', resolved_at = fired_at "
                "WHERE kind <> 'threshold' AND state = 'firing'"
            )
        )
    if has_column(connection, "alert_policies", "kind"):
        delete_rows(connection, "alert_policies", "kind <> 'threshold'")
    _widen(80, 64)
    for table, names in ADDED.items():
        for name in names:
            op.drop_column(table, name)
        if connection.dialect.name != "sqlite":
            # MariaDB keeps room for dropped columns until a table is built anew. After some turns a row would be too
            # large.
            op.execute(sa.text(f"ALTER TABLE {table} FORCE"))


def _widen(before: int, after: int) -> None:
    """Make room for the kind of a policy beside the name of its metric. SQLite knows no widths."""
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column(
            "alert_states",
            "metric",
            type_=sa.String(after),
            existing_type=sa.String(before),
            existing_nullable=False,
        )
