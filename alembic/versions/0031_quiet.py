"""What the quiet rule keeps, instead of flapping."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql
from sqlalchemy.types import TypeEngine

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None
HALF = "expand"
HEAVY = "index alerts"

OPTIONS: dict[str, Any] = {
    f"{dialect}_{option}": value
    for dialect in ("mysql", "mariadb")
    for option, value in {
        "engine": "InnoDB",
        "charset": "utf8mb4",
        "collate": "utf8mb4_bin",
        "row_format": "DYNAMIC",
    }.items()
}
MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
COLUMNS: dict[str, dict[str, TypeEngine[Any]]] = {
    "alerts": {"due_at": MOMENT},
    "alert_timeline": {"notice": sa.Text()},
    "notifications": {"notice": sa.Text()},
}

# Recipients whose last word about an alert that has ended was that it flaps: the version before would have notified
# them once it was calm. Each gets its end, once.
_ENDS = sa.text(
    "INSERT INTO notifications (alert_id, user_id, channel_id, target, event_kind, server_id, server_name, ip_address, "
    "metric, level, value, note, created_at, delivery, not_before, attempts, last_error, address, message_id) "
    "SELECT n.alert_id, n.user_id, n.channel_id, n.target, 'resolved', n.server_id, n.server_name, n.ip_address, "
    "n.metric, n.level, a.value, '', :now, 'pending', :now, 0, '', '', '' "
    "FROM notifications n JOIN alerts a ON a.id = n.alert_id "
    "WHERE a.flapping = 1 AND a.state <> 'firing' AND n.event_kind = 'flapping' AND n.delivery = 'sent' "
    "AND NOT EXISTS (SELECT 1 FROM notifications e WHERE e.alert_id = n.alert_id AND e.target = n.target "
    "AND (e.event_kind IN ('resolved', 'cancelled', 'calmed') OR e.event_kind = 'flapping' AND e.id > n.id))"
).bindparams(sa.bindparam("now", type_=MOMENT))


def upgrade() -> None:
    for table, columns in COLUMNS.items():
        for name, type_ in columns.items():
            op.add_column(table, sa.Column(name, type_, nullable=True))
    op.create_table(
        "alert_quiet",
        sa.Column("server_id", sa.Integer, nullable=False),
        sa.Column("metric", sa.String(64).with_variant(sa.String(80), "mysql", "mariadb"), nullable=False),
        sa.Column("kept", sa.Text, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("server_id", "metric", name="pk_alert_quiet"),
        sa.ForeignKeyConstraint(["server_id"], ["servers.id"], name="fk_alert_quiet_server_id", ondelete="CASCADE"),
        **OPTIONS,
    )
    for table, column in (("alerts", "due_at"), ("alert_quiet", "ended_at")):
        op.create_index(f"ix_{table}_{column}", table, [column])
    now = datetime.now(UTC).replace(tzinfo=None)
    op.get_bind().execute(_ENDS, {"now": now})
    op.execute("UPDATE alerts SET flapping = 0 WHERE flapping = 1")


def downgrade() -> None:
    """Alerts that are held are forgotten to be, and notified of with the next reminder."""
    op.drop_table("alert_quiet")
    op.drop_index("ix_alerts_due_at", "alerts")
    for table, columns in COLUMNS.items():
        for name in columns:
            op.drop_column(table, name)
