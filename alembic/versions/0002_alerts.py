"""Policies, alerts and what the engine remembers of them, silences, channels, the outbox, preferences."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None
HALF = "expand"

MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
DIGEST = sa.LargeBinary(32).with_variant(mysql.BINARY(32), "mysql", "mariadb")
METRIC = sa.String(64)
HAPPENING = sa.String(16)
TABLES = (
    "alert_policies",
    "alerts",
    "alert_states",
    "alert_timeline",
    "silences",
    "channels",
    "notifications",
    "preferences",
)


def upgrade() -> None:
    op.add_column("users", sa.Column("alert_level", _level(), nullable=False, server_default="warning"))
    _policies()
    _alerts()
    _silences_and_channels()
    _outbox()
    _table(
        "preferences",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("value", sa.Double, nullable=False),
    )


def downgrade() -> None:
    """Policies, alerts, silences, channels and preferences are deleted."""
    for name in reversed(TABLES):
        op.drop_table(name)
    op.drop_column("users", "alert_level")


def _policies() -> None:
    _table(
        "alert_policies",
        _id(),
        sa.Column("metric", METRIC, nullable=False),
        sa.Column("scope_key", sa.String(64), nullable=False),
        sa.Column("server_id", sa.Integer),
        sa.Column("tag", sa.String(50)),
        sa.Column("warning", sa.Double),
        sa.Column("critical", sa.Double),
        sa.Column("direction", sa.Enum("above", "below", name="direction"), nullable=False),
        sa.Column("sustained_for", sa.Double, nullable=False),
        sa.Column("clear_margin", sa.Double, nullable=False),
        sa.Column("clear_for", sa.Double, nullable=False),
        sa.Column("enabled", sa.Boolean, nullable=False),
        _parent("alert_policies", "server_id", "servers.id"),
        sa.UniqueConstraint("metric", "scope_key", name="uq_alert_policies_metric_scope_key"),
        _index("alert_policies", "server_id"),
    )


def _alerts() -> None:
    _table(
        "alerts",
        _id(),
        sa.Column("server_id", sa.Integer, nullable=False),
        sa.Column("policy_id", sa.Integer),
        sa.Column("metric", METRIC, nullable=False),
        sa.Column("level", _level(), nullable=False),
        sa.Column("state", sa.Enum("firing", "resolved", "cancelled", name="alertstate"), nullable=False),
        sa.Column("value", sa.Double, nullable=False),
        sa.Column("threshold", sa.Double),
        _moment("started_at"),
        _moment("fired_at"),
        _moment("resolved_at", nullable=True),
        sa.Column("acknowledged_by", sa.Integer),
        _moment("acknowledged_at", nullable=True),
        _moment("last_told_at", nullable=True),
        sa.Column("late", sa.Boolean, nullable=False),
        sa.Column("flapping", sa.Boolean, nullable=False),
        sa.Column("processes", sa.Text),
        _parent("alerts", "server_id", "servers.id"),
        _parent("alerts", "policy_id", "alert_policies.id", "SET NULL"),
        _parent("alerts", "acknowledged_by", "users.id", "SET NULL"),
        _index("alerts", "policy_id"),
        _index("alerts", "fired_at"),
        _index("alerts", "acknowledged_by"),
        _index("alerts", "flapping"),
        _index("alerts", "server_id", "id"),
        _index("alerts", "state", "id"),
        _index("alerts", "server_id", "metric", "fired_at"),
        _index("alerts", "server_id", "metric", "resolved_at"),
    )
    _table(
        "alert_states",
        sa.Column("server_id", sa.Integer, nullable=False),
        sa.Column("metric", METRIC, nullable=False),
        sa.Column("policy_id", sa.Integer, nullable=False),
        sa.Column("alert_id", sa.Integer),
        sa.Column("level", _level(), nullable=False),
        sa.Column("seen", sa.BigInteger),
        sa.Column("warning_since", sa.BigInteger),
        sa.Column("critical_since", sa.BigInteger),
        sa.Column("clear_since", sa.BigInteger),
        sa.Column("calm_since", sa.BigInteger),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("server_id", "metric", name="pk_alert_states"),
        _parent("alert_states", "server_id", "servers.id"),
    )
    _table(
        "alert_timeline",
        _id(),
        sa.Column("alert_id", sa.Integer, nullable=False),
        _moment("at"),
        sa.Column("happening", HAPPENING, nullable=False),
        sa.Column("level", _level()),
        sa.Column("value", sa.Double),
        sa.Column("username", sa.String(50)),
        sa.Column("recipient", sa.String(254)),
        sa.Column("channel", sa.String(100)),
        sa.Column("note", sa.Text),
        _parent("alert_timeline", "alert_id", "alerts.id"),
        _index("alert_timeline", "alert_id", "at"),
    )


def _silences_and_channels() -> None:
    _table(
        "silences",
        _id(),
        sa.Column("server_id", sa.Integer),
        sa.Column("tag", sa.String(50)),
        sa.Column("metric", METRIC),
        _moment("starts_at"),
        _moment("ends_at"),
        sa.Column("recurrence", sa.Text),
        sa.Column("reason", sa.String(500), nullable=False),
        _moment("created_at"),
        sa.Column("created_by", sa.Integer),
        _parent("silences", "server_id", "servers.id"),
        _parent("silences", "created_by", "users.id", "SET NULL"),
        _index("silences", "server_id"),
        _index("silences", "created_by"),
    )
    _table(
        "channels",
        _id(),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("settings", sa.Text, nullable=False),
        sa.Column("least_level", _level(), nullable=False),
        sa.Column("enabled", sa.Boolean, nullable=False),
        _moment("created_at"),
    )


def _outbox() -> None:
    delivery = sa.Enum("pending", "held", "sent", "parked", "dropped", name="delivery")
    _table(
        "notifications",
        _id(),
        sa.Column("alert_id", sa.Integer),
        sa.Column("event_id", sa.Integer),
        sa.Column("user_id", sa.Integer),
        sa.Column("channel_id", sa.Integer),
        sa.Column("target", sa.String(24), nullable=False),
        sa.Column("happening", HAPPENING, nullable=False),
        sa.Column("server_id", sa.Integer, nullable=False),
        sa.Column("server_name", sa.String(100), nullable=False),
        sa.Column("ip_address", sa.String(45), nullable=False),
        sa.Column("metric", METRIC, nullable=False),
        sa.Column("level", _level(), nullable=False),
        sa.Column("value", sa.Double),
        sa.Column("note", sa.Text, nullable=False),
        _moment("created_at"),
        sa.Column("delivery", delivery, nullable=False),
        _moment("not_before"),
        _moment("leased_until", nullable=True),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("last_error", sa.Text, nullable=False),
        sa.Column("address", sa.String(254), nullable=False),
        sa.Column("message_id", sa.String(255), nullable=False),
        _moment("sent_at", nullable=True),
        sa.Column("ack_digest", DIGEST),
        _parent("notifications", "alert_id", "alerts.id", "SET NULL"),
        _parent("notifications", "event_id", "alert_timeline.id", "SET NULL"),
        _parent("notifications", "user_id", "users.id", "SET NULL"),
        _parent("notifications", "channel_id", "channels.id", "SET NULL"),
        sa.UniqueConstraint("event_id", "target", name="uq_notifications_event_id_target"),
        _index("notifications", "alert_id"),
        _index("notifications", "user_id"),
        _index("notifications", "channel_id"),
        _index("notifications", "created_at"),
        _index("notifications", "ack_digest"),
        _index("notifications", "delivery", "target", "not_before"),
        _index("notifications", "delivery", "id"),
        _index("notifications", "server_id", "id"),
    )


def _table(name: str, *items: Any) -> None:
    options: dict[str, Any] = {
        f"{dialect}_{option}": value
        for dialect in ("mysql", "mariadb")
        for option, value in {
            "engine": "InnoDB",
            "charset": "utf8mb4",
            "collate": "utf8mb4_bin",
            "row_format": "DYNAMIC",
        }.items()
    }
    if items[0].name == "id":
        options["sqlite_autoincrement"] = True  # ids of deleted rows never come again
    op.create_table(name, *items, **options)


def _id() -> sa.Column[Any]:
    return sa.Column("id", sa.Integer, primary_key=True)


def _level() -> sa.Enum:
    return sa.Enum("ok", "warning", "critical", name="level")


def _moment(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, MOMENT, nullable=nullable)


def _parent(table: str, column: str, target: str, ondelete: str = "CASCADE") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=f"fk_{table}_{column}", ondelete=ondelete)


def _index(table: str, *columns: str) -> sa.Index:
    return sa.Index(f"ix_{table}_{'_'.join(columns)}", *columns)
