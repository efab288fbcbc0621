"""Rotas, escalations, ways to reach people, quiet hours, absences, and scopes of channels."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

from monitor.adapters.persistence.engine.migration_ddl import changing

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None
HALF = "expand"

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
WITHOUT_REUSE: dict[str, Any] = {**OPTIONS, "sqlite_autoincrement": True}
MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
TEXTS = (("users", "quiet"), ("users", "away"), ("channels", "scope"))
WITH_ESCALATION = ("teams", "alert_policies")
EVENTS = ("step", "ack_expired", "handed_over")
NOTIFICATIONS = sa.table("notifications", *(sa.column(name, sa.String) for name in ("target", "event_kind", "reason")))
TIMELINE = sa.table("alert_timeline", *(sa.column(name, sa.String) for name in ("event_kind", "left_out")))
REASONS = ("not_on_call", "step_not_due", "unreachable", "away", "quiet_hours", "suppressed_by", "pending_parent")
TABLES = ("pagings", "ways", "escalation_targets", "escalations", "rota_overrides", "rota_users", "rotas")


def upgrade() -> None:
    for table, column in TEXTS:
        op.add_column(table, sa.Column(column, sa.Text, nullable=True))
    _create_rotas()
    _create_escalations()
    for table in WITH_ESCALATION:
        _add_escalation(table)
    op.create_table(
        "ways",
        _id(),
        _parent("ways", "user_id", "users", nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("settings", sa.Text, nullable=False),
        sa.Column("encrypted", sa.Text),
        sa.Column("level", sa.Enum("ok", "warning", "critical", name="level"), nullable=False),
        sa.Column("after", sa.Double, nullable=False),
        sa.Column("confirmed_at", MOMENT),
        sa.Column("failed", sa.String(500), nullable=False),
        **WITHOUT_REUSE,
    )
    op.create_index("ix_ways_user_id", "ways", ["user_id"])
    op.create_table(
        "pagings",
        _parent("pagings", "alert_id", "alerts", primary_key=True),
        _parent("pagings", "escalation_id", "escalations", primary_key=True),
        sa.Column("turn", sa.Integer, nullable=False),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("has_reached", sa.Boolean, nullable=False),
        **OPTIONS,
    )
    for column in ("escalation_id", "due_at"):
        op.create_index(f"ix_pagings_{column}", "pagings", [column])


def _create_rotas() -> None:
    op.create_table(
        "rotas",
        _id(),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("name_key", sa.String(200), nullable=False),
        sa.Column("timezone", sa.String(64), nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("turn_days", sa.Integer, nullable=False),
        sa.Column("hours", sa.Text),
        sa.Column("handed_over_at", MOMENT),
        sa.UniqueConstraint("name_key", name="uq_rotas_name_key"),
        **WITHOUT_REUSE,
    )
    times = ("starts_at", "ends_at")
    for table, moments in (("rota_users", ()), ("rota_overrides", times)):
        op.create_table(
            table,
            _parent(table, "rota_id", "rotas", primary_key=True),
            sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
            _parent(table, "user_id", "users", nullable=False),
            *(sa.Column(name, MOMENT, nullable=False) for name in moments),
            **OPTIONS,
        )
        op.create_index(f"ix_{table}_user_id", table, ["user_id"])


def _create_escalations() -> None:
    op.create_table(
        "escalations",
        _id(),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("name_key", sa.String(200), nullable=False),
        sa.Column("steps", sa.Text, nullable=False),
        sa.Column("repeat_after", sa.Double),
        sa.Column("repeats", sa.Integer, nullable=False),
        sa.UniqueConstraint("name_key", name="uq_escalations_name_key"),
        **WITHOUT_REUSE,
    )
    table, named = "escalation_targets", ("user", "team", "rota", "channel")
    op.create_table(
        table,
        _parent(table, "escalation_id", "escalations", primary_key=True),
        sa.Column("step", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
        *(_parent(table, f"{each}_id", f"{each}s") for each in named),
        **OPTIONS,
    )
    for each in named:
        op.create_index(f"ix_{table}_{each}_id", table, [f"{each}_id"])


def _add_escalation(table: str) -> None:
    column = "escalation_id"
    with changing(table) as changed:
        changed.add_column(sa.Column(column, sa.Integer, nullable=True))
        changed.create_foreign_key(f"fk_{table}_{column}", "escalations", [column], ["id"], ondelete="SET NULL")
        changed.create_index(f"ix_{table}_{column}", [column])


def downgrade() -> None:
    """Rotas, escalations, ways, quiet hours and absences are deleted, and channels get what their scope left out."""
    # Older code cannot read these targets, events and reasons.
    sent, told = NOTIFICATIONS.c, TIMELINE.c
    op.execute(sa.delete(NOTIFICATIONS).where(sent.target.like("user:%:%")))
    for rows in (NOTIFICATIONS, TIMELINE):
        op.execute(sa.update(rows).where(rows.c.event_kind.in_(EVENTS)).values(event_kind="reminded"))
    op.execute(sa.update(NOTIFICATIONS).where(sent.reason.in_(REASONS)).values(reason=None))
    names_one = sa.or_(*(told.left_out.contains(f'"{reason}"') for reason in REASONS))
    op.execute(sa.update(TIMELINE).where(names_one).values(left_out=None))
    for table in WITH_ESCALATION:
        with changing(table) as changed:
            changed.drop_constraint(f"fk_{table}_escalation_id", type_="foreignkey")
            changed.drop_index(f"ix_{table}_escalation_id")
            changed.drop_column("escalation_id")
    for table in TABLES:
        op.drop_table(table)
    for table, column in TEXTS:
        op.drop_column(table, column)


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer, primary_key=True)


def _parent(table: str, name: str, target: str, **options: Any) -> sa.Column[int]:
    link = sa.ForeignKey(f"{target}.id", ondelete="CASCADE", name=f"fk_{table}_{name}")
    return sa.Column(name, sa.Integer, link, autoincrement=False, **options)
