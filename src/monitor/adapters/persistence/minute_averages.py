"""An hour of many servers as averages of a minute each: worked out by the database, which then sends a few thousand
rows and not every sample."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, func, select

from monitor.adapters.persistence.batches import batches
from monitor.adapters.persistence.sample_inserts import written
from monitor.adapters.persistence.tables import monitor_data as m
from monitor.adapters.persistence.tables import servers
from monitor.adapters.persistence.visibility import seen_by
from monitor.application.ports.queries import MinuteAverages
from monitor.domain.actors import Actor
from monitor.domain.servers import ServerId

_MINUTE = timedelta(minutes=1)


def minute_averages(
    connection: Connection,
    actor: Actor,
    server_ids: Collection[ServerId],
    metrics: Sequence[str],
    start: datetime,
    count: int,
) -> MinuteAverages:
    """See SampleQueries.minutes."""
    found: MinuteAverages = {}
    for batch in batches(sorted(server_ids)):
        wanted = (
            select(servers.c.id).where(servers.c.id.in_(batch), seen_by(actor, servers.c.id)).order_by(servers.c.id)
        )
        for server_id in connection.scalars(wanted):
            found[ServerId(server_id)] = {name: [None] * count for name in metrics}
    places = {written(start + minute * _MINUTE)[:16]: minute for minute in range(count)}
    in_range = _by_minute(metrics).where(m.c.recorded_at >= start, m.c.recorded_at < start + count * _MINUTE)
    for batch in batches(found):
        for server_id, minute, *averages in connection.execute(in_range.where(m.c.server_id.in_(batch))):
            for name, average in zip(metrics, averages, strict=True):
                found[server_id][name][places[minute]] = round(float(average), 2)
    return found


def _by_minute(metrics: Sequence[str]) -> Select[Any]:
    """A time begins with `YYYY-MM-DD HH:MM`, whichever database writes it."""
    minute = func.substr(m.c.recorded_at, 1, 16).label("at_minute")
    averages = [func.avg(m.c[f"{name}_value"]) for name in metrics]
    return select(m.c.server_id, minute, *averages).group_by(m.c.server_id, minute)
