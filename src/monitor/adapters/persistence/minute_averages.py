"""An hour of many servers as averages of a minute each: worked out by the database, which then sends a few thousand
rows and not every sample."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, text

from monitor.adapters.persistence.batches import batches
from monitor.adapters.persistence.sample_inserts import written
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
    limits = {"start": written(start), "end": written(start + count * _MINUTE)}
    for batch in batches(found):
        for server_id, minute, *averages in connection.execute(text(_statement(batch, metrics)), limits):
            for name, average in zip(metrics, averages, strict=True):
                found[server_id][name][places[minute]] = round(float(average), 2)
    return found


def _statement(server_ids: Sequence[ServerId], metrics: Sequence[str]) -> str:
    """A time begins with `YYYY-MM-DD HH:MM`, whichever database writes it."""
    numbers = ", ".join(f"{server_id:d}" for server_id in server_ids)
    averages = ", ".join(f"AVG({name}_value)" for name in metrics)
    return (
        f"SELECT server_id, SUBSTR(recorded_at, 1, 16) AS at_minute, {averages} FROM monitor_data "  # noqa: S608 (numbers, and our own)
        f"WHERE server_id IN ({numbers}) AND recorded_at >= :start AND recorded_at < :end GROUP BY server_id, at_minute"
    )
