"""Chunks and rollups of some hours of one server: computed without a lock, then written in one transaction."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from monitor.application.history.ports import Chunk, HistoryQueries, Rollup, UnitOfWork
from monitor.domain.errors import ConstraintViolated, TransactionConflict
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.codec import decode, encode
from monitor.domain.history.frames import Frame, cut, joined, merged
from monitor.domain.history.rollups import HALF_DAY, HOUR, ROLLUP_SPANS, folded, rolled_up, without


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
    chunks: Sequence[Chunk]
    rollups_before: Sequence[Rollup]
    rollups: Sequence[Rollup]

    @property
    def count(self) -> int:
        """Number of samples that the chunks did not hold before."""
        return sum(chunk.samples - self.hours_before.get(chunk.hour, (0, 0))[0] for chunk in self.chunks)


def prepared(
    history: HistoryQueries,
    server_id: ServerId,
    samples: Mapping[int, Frame],
    *,
    ids: Sequence[int] = (),
    raw_samples: Mapping[int, int] | None = None,
) -> Sealing:
    """Compute how to seal *samples*, by hour, together with samples of these hours that are sealed already.

    *ids*: their rows to delete. *raw_samples*: how many rows of each hour stay; None: as many as before.
    Raises BrokenChunk.
    """
    chunks = {chunk.hour: chunk for chunk in _chunks(history, server_id, samples)}
    before = {hour: (chunk.samples, chunk.raw_samples) for hour, chunk in chunks.items()}
    stays = {hour: before.get(hour, (0, 0))[1] for hour in samples} if raw_samples is None else raw_samples
    hours = {
        hour: merged(decode(chunks[hour].data), frame) if hour in chunks else frame for hour, frame in samples.items()
    }
    changed = {hour: frame for hour, frame in hours.items() if len(frame) > before.get(hour, (0, 0))[0]}
    rollups_before, rollups = _rollups(history, server_id, {hour: rolled_up(frame) for hour, frame in changed.items()})
    return Sealing(
        server_id=server_id,
        ids=ids,
        raw_samples=stays,
        hours_before=before,
        chunks=[Chunk(server_id, hour, len(frame), encode(frame), stays[hour]) for hour, frame in changed.items()],
        rollups_before=rollups_before,
        rollups=rollups,
    )


def write(uow: UnitOfWork, sealing: Sealing) -> None:
    """Write what `prepared` computed, if nothing has changed since.

    Two transactions at once could both find nothing changed. So the caller first acquires the lease of sealing in
    the same transaction: that locks the lease's row, even if another process holds the lease.
    Raises TransactionConflict if another process sealed meanwhile, or the server does not exist any more.
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
        history.save_chunks(sealing.chunks)
        history.save_rollups(sealing.rollups)
    except ConstraintViolated as error:
        raise TransactionConflict("the server does not exist any more") from error
    history.set_raw_samples(server_id, sealing.raw_samples)


def _chunks(history: HistoryQueries, server_id: ServerId, hours: Collection[int]) -> Iterator[Chunk]:
    """Yield the existing chunks of *hours*: one query per run of consecutive hours, as they may lie far apart."""
    for _, run in groupby(enumerate(sorted(hours)), key=lambda each: each[1] - each[0]):
        consecutive = [hour for _, hour in run]
        yield from history.chunks(server_id, consecutive[0], consecutive[-1] + 1)


def _rollups(
    history: HistoryQueries, server_id: ServerId, ten_minutes: Mapping[int, Frame]
) -> tuple[list[Rollup], list[Rollup]]:
    """Return the stored rollups of these hours, before and after. *ten_minutes*: the new rollups by hour."""
    before: list[Rollup] = []
    after: list[Rollup] = []

    def rewritten(width: int, fresh: Mapping[int, Frame]) -> list[Frame]:
        """Put the *fresh* rollups, by their first hour, into the stored ones. Returns the frames of those."""
        periods: dict[int, dict[int, Frame]] = {}
        for hour, rollup in fresh.items():
            periods.setdefault(hour * 3600 // ROLLUP_SPANS[width], {})[hour] = rollup
        frames = []
        for period, hours in periods.items():
            existing = history.rollups(server_id, width, period, period + 1)
            others = [without(decode(stored.data), [hour * HOUR for hour in hours]) for stored in existing]
            frames.append(merged(joined(others), joined(list(hours.values()))))
            before.extend(existing)
            after.append(Rollup(server_id, width, period, encode(frames[-1], split=False)))
        return frames

    rewritten(600, ten_minutes)
    weeks = rewritten(3600, {hour: folded(rollup, HOUR) for hour, rollup in ten_minutes.items()})
    touched = {hour * HOUR // HALF_DAY * HALF_DAY for hour in ten_minutes}
    half_days = [(at, week.part(place)) for week in weeks for at, place in cut(week.times, HALF_DAY) if at in touched]
    rewritten(43_200, {at // HOUR: folded(hours, HALF_DAY) for at, hours in half_days})
    return before, after
