"""Sealing: an hour that has ended goes into a chunk and into rollups, and later its rows are deleted.

Reading and encoding take no lock. One short transaction then checks that nothing has changed, writes, and deletes
rows. A process may die at any point: until the next run a sample may be in a row and in a chunk, and reads count it
once.
"""

import logging
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from monitor.application.history.blocks import StoredBlock
from monitor.application.history.ports import Queries, RawSpan, UnitOfWork
from monitor.application.history.tiers import contents, joined
from monitor.application.ports import Clock
from monitor.application.transactions import retried
from monitor.domain.errors import ConstraintViolated, HistoryUnavailable, TransactionConflict
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.codec import BrokenChunk, encode
from monitor.domain.history.frames import Frame, concatenated, cut, merged
from monitor.domain.history.rollups import HALF_DAY, HOUR, ROLLUP_SPANS, folded, rolled_up, without
from monitor.domain.times import microseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealing:
    """Everything that one write changes, and what it expects to find.

    *ids*: rows to delete. *raw_samples*: how many rows of each hour stay. *hours_before*: (samples, raw samples) of
    the chunks of these hours, as read.
    """

    server_id: ServerId
    ids: Sequence[int]
    raw_samples: Mapping[int, int]
    hours_before: Mapping[int, tuple[int, int]]
    chunks: Sequence[StoredBlock]
    rollups_before: Sequence[StoredBlock]
    rollups: Sequence[StoredBlock]

    @property
    def count(self) -> int:
        """Number of samples that the chunks did not hold before."""
        return sum(chunk.samples - self.hours_before.get(chunk.period, (0, 0))[0] for chunk in self.chunks)


def prepared(
    queries: Queries,
    server_id: ServerId,
    samples: Mapping[int, Frame],
    *,
    ids: Sequence[int] = (),
    raw_samples: Mapping[int, int] | None = None,
    held: Sequence[StoredBlock] | None = None,
) -> Sealing:
    """Compute how to seal *samples*, by hour, together with samples of these hours that are sealed already.

    *ids*: their rows to delete. *raw_samples*: how many rows of each hour stay; None: as many as before. *held*: the
    chunks of these hours, read before the rows: what is amended in between is noticed by `write`. None: read now.
    Raises BrokenChunk, and HistoryUnavailable if some of these hours lie in the archive.
    """
    held = queries.history.chunks_at(server_id, samples) if held is None else held
    chunks = {chunk.period: chunk for chunk in held}
    sealed = dict(zip(chunks, contents(queries, [*chunks.values()]), strict=True))
    before = {hour: (chunk.samples, chunk.raw_samples) for hour, chunk in chunks.items()}
    stays = {hour: before.get(hour, (0, 0))[1] for hour in samples} if raw_samples is None else raw_samples
    amended = {hour for hour, chunk in chunks.items() if chunk.is_amended and raw_samples is not None}
    hours = {
        hour: joined(sealed[hour], frame, is_amended=hour in amended) if hour in chunks else frame
        for hour, frame in samples.items()
    }
    changed = {
        hour: frame for hour, frame in hours.items() if hour in amended or len(frame) > before.get(hour, (0, 0))[0]
    }
    ten_minutes = {hour: rolled_up(frame) for hour, frame in changed.items()}
    whole = {hour for hour, chunk in chunks.items() if chunk.samples}
    rollups_before, rollups = _rollups(queries, server_id, ten_minutes, whole)
    return Sealing(
        server_id=server_id,
        ids=ids,
        raw_samples=stays,
        hours_before=before,
        chunks=[
            StoredBlock(server_id, 0, hour, encode(frame), len(frame), stays[hour]) for hour, frame in changed.items()
        ],
        rollups_before=rollups_before,
        rollups=rollups,
    )


def write(uow: UnitOfWork, sealing: Sealing) -> None:
    """Write what `prepared` computed, if nothing has changed since.

    The caller has acquired the lease of sealing in the same transaction: that locks its row, even if another process
    holds it. Raises TransactionConflict if another process sealed meanwhile, or the server is gone.
    """
    history, server_id = uow.history, sealing.server_id
    rollups = [
        rollup
        for width in ROLLUP_SPANS
        for rollup in history.rollups(server_id, width, {b.period for b in sealing.rollups if b.width == width})
    ]
    if history.sealed(server_id, sealing.raw_samples) != sealing.hours_before or rollups != sealing.rollups_before:
        raise TransactionConflict("another process has sealed this hour")
    if history.remove_rows(sealing.ids) < len(sealing.ids):
        raise TransactionConflict("another process has sealed these samples")
    try:
        history.save([*sealing.chunks, *sealing.rollups])
    except ConstraintViolated as error:
        raise TransactionConflict("the server does not exist any more") from error
    history.set_raw_samples(server_id, sealing.raw_samples)


def _rollups(
    queries: Queries, server_id: ServerId, ten_minutes: Mapping[int, Frame], whole: Container[int]
) -> tuple[list[StoredBlock], list[StoredBlock]]:
    """Return the stored rollups of these hours, before and after. *ten_minutes*: the new rollups by hour.

    *whole*: hours that have a chunk, which is in the new ones. Of others the stored ones know more: their chunks may
    have been kept for a shorter time.
    """
    before: list[StoredBlock] = []
    after: list[StoredBlock] = []

    def rewritten(width: int, fresh: Mapping[int, Frame], whole: Container[int]) -> list[Frame]:
        """Put the *fresh* rollups, by their first hour, into the stored ones. Return the frames after that."""
        periods: dict[int, dict[int, Frame]] = {}
        for hour, rollup in fresh.items():
            periods.setdefault(hour * 3600 // ROLLUP_SPANS[width], {})[hour] = rollup
        frames = []
        for period, hours in periods.items():
            existing = queries.history.rollups(server_id, width, period, period + 1)
            replaced = [hour * HOUR for hour in hours if hour in whole]
            others = [without(stored, replaced) for stored in contents(queries, existing)]
            frames.append(merged(concatenated(others), concatenated(list(hours.values()))))
            before.extend(existing)
            after.append(StoredBlock(server_id, width, period, encode(frames[-1], split=False)))
        return frames

    rewritten(600, ten_minutes, whole)
    weeks = rewritten(3600, {hour: folded(rollup, HOUR) for hour, rollup in ten_minutes.items()}, whole)
    touched = {hour * HOUR // HALF_DAY * HALF_DAY for hour in ten_minutes}
    half_days = [(at, week.part(place)) for week in weeks for at, place in cut(week.times, HALF_DAY) if at in touched]
    fresh = {at // HOUR: folded(hours, HALF_DAY) for at, hours in half_days}
    rewritten(43_200, fresh, fresh)
    return before, after


log = logging.getLogger(__name__)

LEASE_NAME = "seal history"
LEASE = timedelta(seconds=30)
MOST_ROWS = 960
"""Rows deleted in one transaction: four hours at 15 seconds. Intake waits at most this long."""
_SERVERS_AT_ONCE = 20


class SealingProgress(NamedTuple):
    """Rows deleted and samples sealed by one transaction, and the servers done so far, the last one in part."""

    deleted: int
    sealed: int
    servers: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Due:
    """An hour with *rows* to seal. *expired*: the rows are also deleted."""

    server_id: ServerId
    hour: int
    rows: int
    expired: bool


@dataclass(frozen=True, slots=True)
class SealHistory:
    """Seal in small transactions. *holder*: name of this process in the lease."""

    new_uow: Callable[[], UnitOfWork]
    queries: Queries
    clock: Clock
    holder: str

    def __call__(self, before: datetime, *, in_turn: bool = True) -> Iterator[SealingProgress]:
        """Seal every hour that has ended, and delete the rows of hours that ended by *before*.

        Yields after each transaction. A server's state is read from the rows of its newest sample's hour and the hour
        before, so these stay. *in_turn*: end at once if another process holds the lease; if False, both work in turns.
        """
        after, passed = ServerId(0), 0
        while spans := self.queries.history.raw_spans(after, _SERVERS_AT_ONCE):
            after = spans[-1].server_id
            due = [each for span in spans for each in self._due(span, before)]
            if not due:
                yield SealingProgress(0, 0, passed + len(spans))
            handled = 0
            for group in _grouped(due):
                left: list[_Due] = group
                handled += len(group)
                while left:
                    done = self._seal(left, in_turn)
                    if done is None:
                        return
                    deleted, sealed, left = done
                    yield SealingProgress(deleted, sealed, passed + len(spans) * handled / len(due))
            passed += len(spans)

    def _due(self, span: RawSpan, before: datetime) -> list[_Due]:
        running = microseconds(self.clock.now()) // HOUR
        until = min(microseconds(before) // HOUR, microseconds(span.newest) // HOUR - 1)
        hours = self.queries.history.raw_hours(span.server_id, microseconds(span.oldest) // HOUR, running)
        return [
            _Due(server_id=span.server_id, hour=each.hour, rows=each.rows, expired=each.hour < until)
            for each in hours
            if each.hour < until or each.is_open
        ]

    @retried
    def _seal(self, due: Sequence[_Due], in_turn: bool) -> tuple[int, int, list[_Due]] | None:
        """Return the rows deleted, the samples sealed, and the hours with rows left; None: another process's turn."""
        by_server = [list(hours) for _, hours in groupby(due, attrgetter("server_id"))]
        done = [sealing for hours in by_server if (sealing := self._prepared(hours[0].server_id, hours))]
        with self.new_uow() as uow:
            if uow.leases.acquire(LEASE_NAME, self.holder, self.clock.now(), LEASE) is None and in_turn:
                return None
            for sealing in done:
                write(uow, sealing)
            uow.commit()
        raw_samples = {(sealing.server_id, hour): n for sealing in done for hour, n in sealing.raw_samples.items()}
        left = [each for each in due if each.expired and raw_samples.get((each.server_id, each.hour))]
        return sum(len(sealing.ids) for sealing in done), sum(sealing.count for sealing in done), left

    def _prepared(self, server_id: ServerId, due: Sequence[_Due]) -> Sealing | None:
        """Return None if a chunk or rollup of the server cannot be read: its rows stay, other servers are sealed."""
        history = self.queries.history
        held = history.chunks_at(server_id, [each.hour for each in due])
        found = {each.hour: history.raw_rows(server_id, each.hour) for each in due}
        expired = {each.hour: found[each.hour].ids[: MOST_ROWS if each.expired else 0] for each in due}
        try:
            return prepared(
                self.queries,
                server_id,
                {hour: rows.frame for hour, rows in found.items()},
                ids=[id_ for ids in expired.values() for id_ in ids],
                raw_samples={hour: len(rows.ids) - len(expired[hour]) for hour, rows in found.items()},
                held=held,
            )
        except BrokenChunk as error:
            log.error("samples of server %d are not sealed: its history cannot be read (%s)", server_id, error)
        except HistoryUnavailable as error:
            log.warning("samples of server %d are sealed later: %s", server_id, error)
        return None


def _grouped(due: Sequence[_Due]) -> Iterator[list[_Due]]:
    """Yield groups of hours with at most MOST_ROWS rows together (or one hour with more)."""
    group: list[_Due] = []
    for each in due:
        if group and sum(held.rows for held in group) + each.rows > MOST_ROWS:
            yield group
            group = []
        group.append(each)
    if group:
        yield group
