"""Reads of all stored samples and rollups: raw rows, sealed hours, or both.

Rows are read first, and only those that are not sealed. A sample sealed between the two reads is then seen twice, and
counts once. In the other order it would be missed.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.application.history.ports import Queries, UnitOfWork
from monitor.domain.accounts.actors import Actor, Role, UserId
from monitor.domain.errors import NotFound
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.codec import decode
from monitor.domain.history.frames import Frame, cut, joined, merged
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
from monitor.domain.times import SECOND, microseconds, moment

_LEARNED_WITHIN = timedelta(days=8)
_SYSTEM = Actor(user_id=UserId(0), username="monitor", role=Role.ADMIN)


def frame(
    queries: Queries,
    actor: Actor,
    server_id: ServerId,
    start: datetime,
    end: datetime,
    metrics: Sequence[str] | None = None,
) -> Frame:
    """Return all samples of start <= recorded_at < end. *metrics*: the columns; None: all.

    Raises NotFound for a server the actor may not see, as do all functions here.
    """
    raw = queries.samples.frame(actor, server_id, start, end, metrics)
    chunks = queries.history.chunks(server_id, *hours_between(start, end))
    sealed = joined([decode(chunk.data, metrics) for chunk in chunks])
    return merged(sealed.between(microseconds(start), microseconds(end)), raw)


def values(
    queries: Queries, actor: Actor, server_id: ServerId, metric: str, start: datetime, end: datetime
) -> list[tuple[int, float]]:
    """Return (microseconds since 1970, value) of each sample that has this metric."""
    found = frame(queries, actor, server_id, start, end, [metric])
    return [(at, value) for at, value in zip(found.times, found.column(metric), strict=True) if value is not None]


def rollups(
    queries: Queries, actor: Actor, server_id: ServerId, width: int, start: int, end: int, metrics: Sequence[str]
) -> Frame:
    """Return rollups of *width* (600 or 3600) seconds. *start* and *end* (microseconds) are multiples of it."""
    # Whole hours, since coverage depends on the usual interval within the hour.
    first, last = start_of_hour(start // HOUR), start_of_hour(-(-end // HOUR))
    raw = queries.samples.frame(actor, server_id, first, last, metrics)
    sealed = _sealed(queries, server_id, width, start, end, metrics)
    sealed_hours = {time - time % HOUR for time in sealed.times}
    hours, again = [], set()
    for begin, place in cut(raw.times, HOUR):
        hour = raw.part(place)
        if begin in sealed_hours:  # late samples, not in the chunk yet
            chunks = queries.history.chunks(server_id, begin // HOUR, begin // HOUR + 1)
            if not chunks:
                continue
            again.add(begin)
            hour = merged(decode(chunks[0].data, metrics), hour)
        hours.append(folded(rolled_up(hour), width * SECOND))
    return merged(without(sealed, again) if again else sealed, joined(hours).between(start, end))


def half_days(
    queries: Queries, actor: Actor, server_id: ServerId, start: int, end: int, metrics: Sequence[str]
) -> Frame:
    """Return rollups of half a day. *start* and *end* (microseconds) are multiples of that."""
    raw = queries.samples.frame(actor, server_id, moment(start), start_of_hour(end // HOUR), metrics)
    sealed = _sealed(queries, server_id, 43_200, start, end, metrics)
    again = [begin for begin, _ in cut(raw.times, HALF_DAY)]
    hours = [rollups(queries, actor, server_id, 3600, begin, begin + HALF_DAY, metrics) for begin in again]
    return merged(without(sealed, again), joined([folded(part, HALF_DAY) for part in hours]))


def _sealed(queries: Queries, server_id: ServerId, width: int, start: int, end: int, metrics: Sequence[str]) -> Frame:
    span, names = ROLLUP_SPANS[width] * SECOND, columns_of(metrics)
    stored = queries.history.rollups(server_id, width, start // span, -(-end // span))
    return joined([decode(rollup.data, names) for rollup in stored]).between(start, end)


@dataclass(frozen=True, slots=True)
class StoredHistory:
    """What the alert engine reads of a server's samples. Every method raises StorageUnavailable."""

    queries: Queries

    def frame(self, server_id: ServerId, metrics: Sequence[str], start: datetime, end: datetime) -> Frame:
        """Return the stored samples of start <= recorded_at < end. Raises NotFound."""
        return frame(self.queries, _SYSTEM, server_id, start, end, metrics)

    def last_time(self, server_id: ServerId, metric: str, start: datetime, end: datetime) -> datetime | None:
        """Return the time of the last sample with *metric* in start <= recorded_at < end. Raises NotFound."""
        found = values(self.queries, _SYSTEM, server_id, metric, start, end)
        return moment(found[-1][0]) if found else None

    def recent_times(self, uow: UnitOfWork, server_id: ServerId, until: datetime) -> list[int]:
        """Return the times (microseconds, rising) of the last samples up to *until*: enough to learn an interval.

        Sealed samples are searched in the eight days before *until*.
        """
        times = [microseconds(at) for at in uow.samples.recent_times(server_id, until, TIMES_NEEDED)]
        if len(times) < TIMES_NEEDED:
            end = until + timedelta(microseconds=1)
            with suppress(NotFound):  # deleted meanwhile
                sealed = self.frame(server_id, (), end - _LEARNED_WITHIN, end).times
                times = sorted({*sealed, *times})[-TIMES_NEEDED:]
        return times
