"""Reads of all stored samples and rollups: raw rows, sealed hours, or both.

Rows are read first, and only those that are not sealed. A sample sealed between the two reads is then seen twice, and
counts once. In the other order it would be missed.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.application.history.blocks import StoredBlock
from monitor.application.history.ports import Queries, UnitOfWork
from monitor.domain.accounts.actors import SYSTEM, Actor
from monitor.domain.errors import HistoryUnavailable
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.codec import decode
from monitor.domain.history.frames import Frame, concatenated, cut, merged
from monitor.domain.history.rollups import (
    HALF_DAY,
    HOUR,
    ROLLUP_SPANS,
    columns_of,
    folded,
    hours_between,
    rolled_up,
    start_of_hour,
    without,
)
from monitor.domain.intake.intervals import TIMES_NEEDED
from monitor.domain.times import MICROSECOND, SECOND, microseconds, moment

_LEARNED_WITHIN = timedelta(days=8)


def frame(
    queries: Queries,
    actor: Actor,
    server_id: ServerId,
    start: datetime,
    end: datetime,
    metrics: Sequence[str] | None = None,
) -> Frame:
    """Return all samples of start <= recorded_at < end. *metrics*: the columns; None: all.

    Raises NotFound for a server the actor may not see, and HistoryUnavailable, as do all functions here.
    """
    raw = {server_id: queries.samples.frame(actor, server_id, start, end, metrics)}
    return _with_sealed(queries, raw, start, end, metrics)[server_id]


def values_of_many(
    queries: Queries, wanted: Collection[tuple[ServerId, str]], start: datetime, end: datetime
) -> dict[tuple[ServerId, str], list[tuple[int, float]]]:
    """Return (microseconds since 1970, value) of each sample of these servers that has the metric; none of a server
    that was deleted."""
    ids, metrics = {server_id for server_id, _ in wanted}, sorted({metric for _, metric in wanted})
    raw = queries.samples.frames(ids, start, end, metrics)
    frames = _with_sealed(queries, {id_: raw.get(id_, Frame()) for id_ in ids}, start, end, metrics)
    return {(id_, metric): _known(frames[id_], metric) for id_, metric in wanted}


def _known(found: Frame, metric: str) -> list[tuple[int, float]]:
    return [(at, value) for at, value in zip(found.times, found.column(metric), strict=True) if value is not None]


def rollups(
    queries: Queries, actor: Actor, server_id: ServerId, width: int, start: int, end: int, metrics: Sequence[str]
) -> Frame:
    """Return rollups of *width* (600 or 3600) seconds. *start* and *end* (microseconds) are multiples of it."""
    # Whole hours, since coverage depends on the usual interval within the hour.
    first, last = start_of_hour(start // HOUR), start_of_hour(-(-end // HOUR))
    raw = queries.samples.frame(actor, server_id, first, last, metrics)
    sealed = sealed_rollups(queries, server_id, width, start, end, columns_of(metrics))
    sealed_hours = {time - time % HOUR for time in sealed.times}
    hours, again = [], set()
    for begin, place in cut(raw.times, HOUR):
        hour = raw.part(place)
        if begin in sealed_hours:  # late samples, not in the chunk yet
            chunks = queries.history.chunks(server_id, begin // HOUR, begin // HOUR + 1)
            if not chunks:
                continue
            again.add(begin)
            hour = joined(contents(queries, chunks, metrics)[0], hour, is_amended=chunks[0].is_amended)
        hours.append(folded(rolled_up(hour), width * SECOND))
    return merged(without(sealed, again) if again else sealed, concatenated(hours).between(start, end))


def half_days(
    queries: Queries, actor: Actor, server_id: ServerId, start: int, end: int, metrics: Sequence[str]
) -> Frame:
    """Return rollups of half a day. *start* and *end* (microseconds) are multiples of that."""
    raw = queries.samples.frame(actor, server_id, moment(start), start_of_hour(end // HOUR), metrics)
    sealed = sealed_rollups(queries, server_id, 43_200, start, end, columns_of(metrics))
    again = [begin for begin, _ in cut(raw.times, HALF_DAY)]
    hours = [rollups(queries, actor, server_id, 3600, begin, begin + HALF_DAY, metrics) for begin in again]
    return merged(without(sealed, again), concatenated([folded(part, HALF_DAY) for part in hours]))


def sealed_rollups(
    queries: Queries, server_id: ServerId, width: int, start: int, end: int, columns: Collection[str]
) -> Frame:
    span = ROLLUP_SPANS[width] * SECOND
    stored = queries.history.rollups(server_id, width, start // span, -(-end // span))
    return concatenated(contents(queries, stored, columns)).between(start, end)


def sealed_of_many(
    queries: Queries, server_ids: Collection[ServerId], width: int, start: int, end: int, columns: Collection[str]
) -> dict[ServerId, Frame]:
    """Return the sealed rollups of *width* (microseconds, as all here) by server, without servers that have none."""
    span = ROLLUP_SPANS[width // SECOND] * SECOND
    stored = queries.history.blocks(server_ids, width // SECOND, start // span, -(-end // span))
    return _by_server(queries, stored, columns, start, end)


def contents(queries: Queries, rows: Sequence[StoredBlock], names: Collection[str] | None = None) -> list[Frame]:
    """Return the columns *names* (None: all) of these chunks or rollups, from the database and from the archive.

    Raises BrokenChunk, and HistoryUnavailable if the archive is needed and does not hold them or does not answer.
    """
    moved = {row.block: row for row in rows if not row.data}
    found = queries.archive.read(moved, names) if moved else {}
    if lost := [block for block, row in moved.items() if not row.is_whole(found.get(block))]:
        raise HistoryUnavailable(f"the archive has lost {len(lost)} blocks, such as {lost[0]}")
    return [decode(row.data, names) if row.data else found[row.block] for row in rows]


def _with_sealed(
    queries: Queries,
    raw: Mapping[ServerId, Frame],
    start: datetime,
    end: datetime,
    metrics: Collection[str] | None,
    *,
    asks_archive: bool = True,
) -> dict[ServerId, Frame]:
    """Return the *raw* samples of each server with its sealed ones. *asks_archive* False: what the database holds."""
    chunks = queries.history.blocks(raw.keys(), 0, *hours_between(start, end))
    here = chunks if asks_archive else _here(chunks)
    sealed = _by_server(queries, here, metrics, microseconds(start), microseconds(end))
    amended = {row.server_id for row in here if row.is_amended}
    return {id_: joined(sealed.get(id_, Frame()), frame, is_amended=id_ in amended) for id_, frame in raw.items()}


def joined(sealed: Frame, rows: Frame, *, is_amended: bool) -> Frame:
    """Return the samples of both. *is_amended*: see `StoredBlock`."""
    return merged(rows, sealed) if is_amended else merged(sealed, rows)


def _by_server(
    queries: Queries, rows: Sequence[StoredBlock], names: Collection[str] | None, start: int, end: int
) -> dict[ServerId, Frame]:
    """Return the contents of *rows* of start <= time < end (microseconds)."""
    found: dict[ServerId, list[Frame]] = {}
    for row, content in zip(rows, contents(queries, rows, names), strict=True):
        found.setdefault(row.server_id, []).append(content)
    return {id_: concatenated(frames).between(start, end) for id_, frames in found.items()}


def _here(rows: Sequence[StoredBlock]) -> list[StoredBlock]:
    return [row for row in rows if row.data]


@dataclass(frozen=True, slots=True)
class StoredHistory:
    """Samples for the alert engine: only what the database holds, without an archive. Raises StorageUnavailable."""

    queries: Queries

    def frame(self, server_id: ServerId, metrics: Sequence[str], start: datetime, end: datetime) -> Frame:
        """Return the stored samples of start <= recorded_at < end. Raises NotFound."""
        raw = {server_id: self.queries.samples.frame(SYSTEM, server_id, start, end, metrics)}
        return _with_sealed(self.queries, raw, start, end, metrics, asks_archive=False)[server_id]

    def frames(
        self, server_ids: Collection[ServerId], metrics: Sequence[str], start: datetime, end: datetime
    ) -> dict[ServerId, Frame]:
        """Return the same of each of these servers; nothing of one that was deleted."""
        raw = self.queries.samples.frames(server_ids, start, end, metrics)
        raw = {id_: raw.get(id_, Frame()) for id_ in server_ids}
        return _with_sealed(self.queries, raw, start, end, metrics, asks_archive=False)

    def extremes(
        self, server_ids: Collection[ServerId], metric: str, start: int, end: int
    ) -> dict[ServerId, list[tuple[int, float, float]]]:
        """Return the hours of start <= time < end by server: start (microseconds), least and greatest value."""
        n, least, _, greatest = columns_of([metric])[1:]
        span = ROLLUP_SPANS[3600] * SECOND
        rows = self.queries.history.blocks(server_ids, 3600, start // span, -(-end // span))
        sealed = _by_server(self.queries, _here(rows), [n, least, greatest], start, end)
        raw = self.queries.samples.frames(server_ids, moment(start), moment(end), [metric])
        none = Frame()
        return {
            id_: _extremes(sealed.get(id_, none), raw.get(id_, none), metric, least, greatest) for id_ in server_ids
        }

    def last_time(self, server_id: ServerId, metric: str, start: datetime, end: datetime) -> datetime | None:
        """Return the time of the last sample with *metric* in start <= recorded_at < end. Raises NotFound."""
        found = _known(self.frame(server_id, [metric], start, end), metric)
        return moment(found[-1][0]) if found else None

    def recent_times(
        self, uow: UnitOfWork, server_ids: Collection[ServerId], until: datetime
    ) -> dict[ServerId, list[int]]:
        """Return the times (microseconds, rising) of each server's last samples up to *until*: enough for its interval.

        Sealed samples are searched in the eight days before *until*.
        """
        raw = uow.samples.recent_times(server_ids, until, TIMES_NEEDED)
        found = {id_: [microseconds(at) for at in raw.get(id_, ())] for id_ in server_ids}
        if few := [id_ for id_, times in found.items() if len(times) < TIMES_NEEDED]:
            end = until + MICROSECOND
            for id_, frame in self.frames(few, (), end - _LEARNED_WITHIN, end).items():
                found[id_] = sorted({*frame.times, *found[id_]})[-TIMES_NEEDED:]
        return found


def _extremes(sealed: Frame, raw: Frame, metric: str, least: str, greatest: str) -> list[tuple[int, float, float]]:
    lows, highs = (dict(zip(sealed.times, sealed.column(name), strict=True)) for name in (least, greatest))
    for at, place in cut(raw.times, HOUR):
        values = [value for value in raw.column(metric)[place] if value is not None]
        # An hour that was sealed may have late samples: together they have all.
        lows[at] = min([*values, *([] if (low := lows.get(at)) is None else [low])], default=None)
        highs[at] = max([*values, *([] if (high := highs.get(at)) is None else [high])], default=None)
    found = ((at, lows[at], highs[at]) for at in sorted(lows))
    return [(at, low, high) for at, low, high in found if low is not None and high is not None]
