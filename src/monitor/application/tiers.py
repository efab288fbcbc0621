"""Every stored sample, and summaries of them, wherever they lie: in `monitor_data`, sealed, or in both.

Always read in this order: rows first, and of these only what is not sealed. What is sealed meanwhile is then seen
twice, and counts once; the other way round it would be missed.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from heapq import nlargest

from monitor.application.ports.history import Chunk
from monitor.application.ports.queries import Queries, SampleFilter, ServerFilter, StoredSample
from monitor.domain.actors import Actor
from monitor.domain.alert_engine import SECOND, microseconds, moment
from monitor.domain.history.codec import decode
from monitor.domain.history.frames import Frame, cut, joined, merged, sample_at
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
from monitor.domain.samples import Sample
from monitor.domain.servers import Server, ServerId


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


def newest(queries: Queries, actor: Actor, wanted: SampleFilter) -> list[StoredSample]:
    """Newest first, by (recorded_at, server id). Raises NotFound for a server the actor may not see."""
    found = {_place(row.sample): row for row in queries.samples.newest(actor, wanted)}
    last, first = _hours(wanted)
    ids = _ids(queries, actor, wanted)
    servers: Mapping[ServerId, Server] | None = None
    hour = queries.history.newest_hour(ids, last)
    while hour is not None and hour >= first:
        places = sorted(found, reverse=True)[: wanted.limit]
        if len(places) == wanted.limit and microseconds(places[-1][0]) >= (hour + 1) * HOUR:
            break
        if servers is None:
            servers = _servers(queries, actor, wanted)
        found |= {
            _place(row.sample): row for row in _of_hour(queries.history.chunks_of_hour(ids, hour), wanted, servers)
        }
        hour = queries.history.newest_hour(ids, hour)
    return [found[place] for place in sorted(found, reverse=True)[: wanted.limit]]


def _hours(wanted: SampleFilter) -> tuple[int, int]:
    """Before which, and from which, samples are wanted."""
    ends = [at for at in (wanted.end, wanted.before and wanted.before[0]) if at is not None]
    last = min((microseconds(at) // HOUR + 1 for at in ends), default=2**31 - 1)
    return last, -(2**31) if wanted.start is None else microseconds(wanted.start) // HOUR


def _ids(queries: Queries, actor: Actor, wanted: SampleFilter) -> Collection[ServerId] | None:
    if wanted.server_id is not None:
        return [wanted.server_id]
    return None if actor.is_admin else [server.id for server in queries.servers.find(actor, ServerFilter())]


def _servers(queries: Queries, actor: Actor, wanted: SampleFilter) -> Mapping[ServerId, Server]:
    if wanted.server_id is not None:
        return {wanted.server_id: queries.servers.get(actor, wanted.server_id)}
    return {server.id: server for server in queries.servers.find(actor, ServerFilter())}


def _of_hour(
    chunks: Sequence[Chunk], wanted: SampleFilter, servers: Mapping[ServerId, Server]
) -> Iterator[StoredSample]:
    """The times alone tell which samples are wanted; only their chunks are read whole."""
    seen = {chunk.server_id: chunk for chunk in chunks if chunk.server_id in servers}
    places = (
        (time, server_id, index)
        for server_id, chunk in seen.items()
        for index, time in enumerate(decode(chunk.data, ()).times)
        if _is_wanted(moment(time), server_id, wanted)
    )
    frames: dict[ServerId, Frame] = {}
    for _, server_id, index in nlargest(wanted.limit, places):
        if server_id not in frames:
            frames[server_id] = decode(seen[server_id].data)
        server = servers[server_id]
        sample = sample_at(frames[server_id], index, server_id)
        yield StoredSample(id=None, server_name=server.name, ip_address=server.ip_address, sample=sample)


def _is_wanted(at: datetime, server_id: ServerId, wanted: SampleFilter) -> bool:
    return (
        (wanted.start is None or at >= wanted.start)
        and (wanted.end is None or at < wanted.end)
        and (wanted.before is None or (at, server_id) < wanted.before)
    )


def _place(sample: Sample) -> tuple[datetime, ServerId]:
    return sample.recorded_at, sample.server_id
