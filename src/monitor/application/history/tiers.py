"""Every stored sample, and summaries of them, wherever they lie: in `monitor_data`, sealed, or in both.

Always read in this order: rows first, and of these only what is not sealed. What is sealed meanwhile is then seen
twice, and counts once; the other way round it would be missed.
"""

from collections.abc import Sequence
from datetime import datetime

from monitor.application.history.ports import Queries
from monitor.domain.accounts.actors import Actor
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.codec import decode
from monitor.domain.history.frames import Frame, cut, joined, merged
from monitor.domain.history.rollups import (
    BLOCK_SPANS,
    HALF_DAY,
    HOUR,
    begin_of,
    columns_of,
    folded,
    summarised,
    without,
)
from monitor.domain.times import SECOND, microseconds, moment


def frame(
    queries: Queries,
    actor: Actor,
    server_id: ServerId,
    start: datetime,
    end: datetime,
    metrics: Sequence[str] | None = None,
) -> Frame:
    """start <= recorded_at < end; *metrics* None: all there are. Raises NotFound for a server the actor may not see."""
    hot = queries.samples.frame(actor, server_id, start, end, metrics)
    first, last = microseconds(start), microseconds(end)
    chunks = queries.history.chunks(server_id, first // HOUR, -(-last // HOUR))
    return merged(joined([decode(chunk.data, metrics) for chunk in chunks]).between(first, last), hot)


def values(
    queries: Queries, actor: Actor, server_id: ServerId, metric: str, start: datetime, end: datetime
) -> list[tuple[int, float]]:
    """(microseconds since the epoch, value) of the samples that have that metric. Raises NotFound likewise."""
    found = frame(queries, actor, server_id, start, end, [metric])
    return [(at, value) for at, value in zip(found.times, found.column(metric), strict=True) if value is not None]


def summaries(
    queries: Queries, actor: Actor, server_id: ServerId, width: int, start: int, end: int, metrics: Sequence[str]
) -> Frame:
    """Of *width* (600 or 3600) seconds each; *start* and *end*, in microseconds, are multiples of it. Raises NotFound
    likewise."""
    # Whole hours: what one sample accounts for is told by the rhythm of its hour.
    begin, until = begin_of(start // HOUR), begin_of(-(-end // HOUR))
    hot = queries.samples.frame(actor, server_id, begin, until, metrics)
    sealed = _sealed(queries, server_id, width, start, end, metrics)
    there = {time - time % HOUR for time in sealed.times}
    hours, again = [], set()
    for hour_begin, place in cut(hot.times, HOUR):
        hour = hot.part(place)
        if hour_begin in there:  # late samples, not merged yet
            chunks = queries.history.chunks(server_id, hour_begin // HOUR, hour_begin // HOUR + 1)
            if not chunks:
                continue
            again.add(hour_begin)
            hour = merged(decode(chunks[0].data, metrics), hour)
        hours.append(folded(summarised(hour), width * SECOND))
    return merged(without(sealed, again) if again else sealed, joined(hours).between(start, end))


def half_days(
    queries: Queries, actor: Actor, server_id: ServerId, start: int, end: int, metrics: Sequence[str]
) -> Frame:
    """Summaries of half a day each; *start* and *end*, in microseconds, are multiples of that. Raises NotFound
    likewise."""
    hot = queries.samples.frame(actor, server_id, moment(start), begin_of(end // HOUR), metrics)
    sealed = _sealed(queries, server_id, 43_200, start, end, metrics)
    again = [begin for begin, _ in cut(hot.times, HALF_DAY)]
    hours = [summaries(queries, actor, server_id, 3600, begin, begin + HALF_DAY, metrics) for begin in again]
    return merged(without(sealed, again), joined([folded(part, HALF_DAY) for part in hours]))


def _sealed(queries: Queries, server_id: ServerId, width: int, start: int, end: int, metrics: Sequence[str]) -> Frame:
    span, names = BLOCK_SPANS[width] * SECOND, columns_of(metrics)
    blocks = queries.history.blocks(server_id, width, start // span, -(-end // span))
    return joined([decode(block.data, names) for block in blocks]).between(start, end)
