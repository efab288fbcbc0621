"""Read the newest samples, sealed or not, page by page."""

import heapq
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from itertools import islice

from monitor.application.fleet.ports import ServerFilter
from monitor.application.history.blocks import StoredBlock
from monitor.application.history.ports import Queries, SampleFilter, StoredSample
from monitor.application.history.tiers import contents
from monitor.domain.accounts.actors import Actor
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.frames import sample_at
from monitor.domain.history.rollups import HOUR
from monitor.domain.intake.samples import Sample
from monitor.domain.times import microseconds

Place = tuple[datetime, ServerId]


def newest(queries: Queries, actor: Actor, wanted: SampleFilter) -> list[StoredSample]:
    """Return samples by (recorded_at, server id), newest first. Raises NotFound for a server the actor may not see."""
    rows = {_place(row.sample): row for row in queries.samples.newest(actor, wanted)}
    sealed: dict[Place, Sample] = {}
    last, first = _hours(wanted)
    ids = _ids(queries, actor, wanted)
    hour = queries.history.newest_hour(ids, last)
    while hour is not None and hour >= first:
        places = heapq.nlargest(wanted.limit, rows.keys() | sealed.keys())
        if len(places) == wanted.limit and microseconds(places[-1][0]) >= (hour + 1) * HOUR:
            break
        chunks = queries.history.chunks_of_hour(ids, hour)
        amended = {chunk.server_id for chunk in chunks if chunk.is_amended}
        found = {_place(sample): sample for sample in _of_hour(queries, chunks, wanted)}
        sealed |= {place: each for place, each in found.items() if place[1] not in amended or place not in rows}
        hour = queries.history.newest_hour(ids, hour)
    places = heapq.nlargest(wanted.limit, rows.keys() | sealed.keys())
    rows |= _stored(queries, actor, [sealed[place] for place in places if place in sealed])
    return [rows[place] for place in places if place in rows]


def _stored(queries: Queries, actor: Actor, samples: Sequence[Sample]) -> dict[Place, StoredSample]:
    """Return sealed samples with their servers, without servers just deleted."""
    ids = {sample.server_id for sample in samples}
    servers = {server.id: server for server in queries.servers.find(actor, ServerFilter(ids=ids))} if ids else {}
    return {
        _place(sample): StoredSample(id=None, server_name=server.name, ip_address=server.ip_address, sample=sample)
        for sample in samples
        if (server := servers.get(sample.server_id)) is not None
    }


def _hours(wanted: SampleFilter) -> tuple[int, int]:
    """Return the hour before which, and the hour from which, samples are wanted."""
    ends = [at for at in (wanted.end, wanted.before and wanted.before[0]) if at is not None]
    last = min((microseconds(at) // HOUR + 1 for at in ends), default=2**31 - 1)
    return last, -(2**31) if wanted.start is None else microseconds(wanted.start) // HOUR


def _ids(queries: Queries, actor: Actor, wanted: SampleFilter) -> Collection[ServerId] | None:
    if wanted.server_id is not None:
        return [wanted.server_id]
    return None if actor.is_admin else [server.id for server in queries.servers.find(actor, ServerFilter())]


def _of_hour(queries: Queries, chunks: Sequence[StoredBlock], wanted: SampleFilter) -> Iterator[Sample]:
    """Yield the newest wanted samples. All chunks' times are decoded, but values only of chunks that are needed."""
    by_server = {chunk.server_id: chunk for chunk in chunks}
    times = [found.times for found in contents(queries, chunks, ())]
    newest_first = heapq.merge(
        *(_times(chunk, of, wanted) for chunk, of in zip(chunks, times, strict=True)), reverse=True
    )
    places = [*islice(newest_first, wanted.limit)]
    needed = [by_server[server_id] for server_id in dict.fromkeys(server_id for _, server_id, _ in places)]
    frames = dict(zip((chunk.server_id for chunk in needed), contents(queries, needed), strict=True))
    for _, server_id, index in places:
        yield sample_at(frames[server_id], index, server_id)


def _times(chunk: StoredBlock, times: Sequence[int], wanted: SampleFilter) -> Iterator[tuple[int, ServerId, int]]:
    """Yield (time, server, index in the chunk) of the wanted samples, newest first."""
    first = 0 if wanted.start is None else bisect_left(times, microseconds(wanted.start))
    last = len(times) if wanted.end is None else bisect_left(times, microseconds(wanted.end))
    if wanted.before is not None:
        at, server_id = wanted.before
        last = min(last, bisect_left(times, microseconds(at) + (chunk.server_id < server_id)))
    return ((times[index], chunk.server_id, index) for index in range(last - 1, first - 1, -1))


def _place(sample: Sample) -> Place:
    return sample.recorded_at, sample.server_id
