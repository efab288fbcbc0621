"""Summaries of half a day, made of those of an hour that are there."""

from collections.abc import Iterator
from itertools import groupby

import sqlalchemy as sa
from alembic import op

from monitor.adapters.persistence.engine.schema_state import PROGRESS
from monitor.domain.history.codec import decode, encode
from monitor.domain.history.frames import concatenated
from monitor.domain.history.rollups import HALF_DAY, folded

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None
HALF = "expand"
HEAVY = "summarize history_rollups"

ROLLUPS = sa.table("history_rollups", *(sa.column(name) for name in ("server_id", "width", "period", "data")))
WEEKS_TOGETHER = 4


def upgrade() -> None:
    downgrade()  # of which an interrupted run may have left something
    connection, progress = op.get_bind(), op.get_context().opts[PROGRESS]
    servers = connection.scalars(sa.text("SELECT id FROM servers")).all()
    for number, server_id in enumerate(servers):
        progress(revision, number, len(servers))
        rows = list(_half_days(connection, server_id))
        if rows:
            connection.execute(sa.insert(ROLLUPS), rows)


def downgrade() -> None:
    """Rollups of half a day are deleted. An upgrade makes them anew."""
    op.execute("DELETE FROM history_rollups WHERE width = 43200")


def _half_days(connection: sa.Connection, server_id: int) -> Iterator[dict[str, object]]:
    wanted = sa.select(ROLLUPS.c.period, ROLLUPS.c.data).where(
        ROLLUPS.c.server_id == server_id, ROLLUPS.c.width == 3600
    )
    weeks = connection.execute(wanted.order_by(ROLLUPS.c.period)).all()
    for period, some in groupby(weeks, lambda week: week.period // WEEKS_TOGETHER):
        frame = folded(concatenated([decode(week.data) for week in some]), HALF_DAY)
        yield {"server_id": server_id, "width": 43_200, "period": period, "data": encode(frame, split=False)}
