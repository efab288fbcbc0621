"""An alert keeps its highest level and its worst value."""

import sqlalchemy as sa
from alembic import op

from monitor.adapters.persistence.tables.definitions import UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None
HALF = "expand"
HEAVY = "update alerts"

COLUMNS = ("peak_level", "peak_value", "peak_at")
LEVELS = sa.Enum("ok", "warning", "critical", name="level")
MOMENT = UtcDateTime(6)
ALERTS = sa.table(
    "alerts",
    sa.column("id"),
    sa.column("metric"),
    sa.column("value"),
    sa.column("started_at", MOMENT),
    sa.column("resolved_at", MOMENT),
    sa.column("peak_level"),
    sa.column("peak_value"),
    sa.column("peak_at", MOMENT),
)
STATES = sa.table("alert_states", *(sa.column(name) for name in ("alert_id", "worst", "worst_at")))
# Of the timeline the first time at its highest level, which says more than a value at the end.
HIGHEST = """
    SELECT {column} FROM alert_timeline t
    WHERE t.alert_id = alerts.id AND t.happening IN ('fired', 'escalated') AND t.value IS NOT NULL
    ORDER BY t.level = 'critical' DESC, t.at, t.id LIMIT 1
"""


def upgrade() -> None:
    op.add_column("alerts", sa.Column("peak_level", LEVELS))
    op.add_column("alerts", sa.Column("peak_value", sa.Double))
    op.add_column("alerts", sa.Column("peak_at", MOMENT))
    op.execute(
        "UPDATE alerts SET "  # noqa: S608 (names of our own)
        + ", ".join(
            f"peak_{name} = COALESCE(({HIGHEST.format(column=told)}), {own})"
            for name, told, own in (("level", "level", "level"), ("value", "value", "value"), ("at", "at", "fired_at"))
        )
    )
    _offline_for_as_long_as_it_was()
    _states_go_on_from_there()


def downgrade() -> None:
    """Highest levels and worst values of alerts are forgotten."""
    for name in COLUMNS:
        op.drop_column("alerts", name)


def _offline_for_as_long_as_it_was() -> None:
    connection, t = op.get_bind(), ALERTS.c
    ended = sa.select(t.id, t.started_at, t.resolved_at).where(t.metric == "offline", t.resolved_at.is_not(None))
    rows = [
        {"this": row.id, "silent": (row.resolved_at - row.started_at).total_seconds(), "ended": row.resolved_at}
        for row in connection.execute(ended)
    ]
    if rows:
        silent: sa.BindParameter[float] = sa.bindparam("silent")
        whole = {"value": silent, "peak_value": silent, "peak_at": sa.bindparam("ended", type_=MOMENT)}
        connection.execute(sa.update(ALERTS).where(t.id == sa.bindparam("this")).values(whole), rows)


def _states_go_on_from_there() -> None:
    """What fires knows its worst value, so that the next sample is not taken for it."""
    connection, t, s = op.get_bind(), ALERTS.c, STATES.c
    firing = sa.select(t.id, t.peak_value, t.peak_at).join_from(STATES, ALERTS, s.alert_id == t.id)
    rows = [
        {"this": row.id, "value": row.peak_value, "at": round(row.peak_at.timestamp() * 1_000_000)}
        for row in connection.execute(firing.where(s.worst.is_(None), t.metric != "offline"))
    ]
    if rows:
        known: dict[str, sa.BindParameter[float]] = {"worst": sa.bindparam("value"), "worst_at": sa.bindparam("at")}
        connection.execute(sa.update(STATES).where(s.alert_id == sa.bindparam("this")).values(known), rows)
