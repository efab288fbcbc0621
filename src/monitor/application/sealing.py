"""Samples that nobody needs at hand any more go into chunks and summaries, a few hours of a few servers at a time.

A step reads and encodes without any lock; then one short transaction checks that what it read is still so, writes, and
deletes the rows. Whatever dies anywhere, a sample is in one place or the other, and running it again does the rest.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.application.ports.clock import Clock
from monitor.application.ports.history import Block, Chunk, HotSpan
from monitor.application.ports.queries import Queries
from monitor.application.ports.unit_of_work import UnitOfWork
from monitor.application.transactions import retried
from monitor.domain.alert_engine import SECOND, microseconds, moment
from monitor.domain.errors import ConstraintViolated, TransactionConflict
from monitor.domain.history.codec import decode, encode
from monitor.domain.history.frames import Frame, cut, joined, merged
from monitor.domain.history.rollups import BLOCK_SPANS, HOUR, folded, summarised, without
from monitor.domain.servers import ServerId

LEASE_NAME = "seal history"
LEASE = timedelta(seconds=30)
MOST_ROWS = 960
"""Of one step: four hours at 15 seconds. Who writes at the same time waits no longer than their deletion takes."""
_SERVERS_AT_ONCE = 500


Due = tuple[ServerId, datetime]
"""A server, and before when its samples are to be sealed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sealing:
    """What a step does to one server. *hours_before*: how many samples its hours had that were sealed already."""

    server_id: ServerId
    ids: Sequence[int]
    hours_before: Mapping[int, int]
    chunks: Sequence[Chunk]
    blocks_before: Sequence[Block]
    blocks: Sequence[Block]


@dataclass(frozen=True, slots=True)
class SealHistory:
    """*holder* names this process in the lease."""

    new_uow: Callable[[], UnitOfWork]
    queries: Queries
    clock: Clock
    holder: str

    def steps(self, before: datetime, *, in_turn: bool = True) -> Iterator[int]:
        """Seal every hour that ends by *before*; yields after each step how many samples it took.

        Of each server the hour of its newest sample and the one before stay: from them its state is read at a start.
        *in_turn*: end at once where another process holds the lease. Otherwise work beside it, a step each at a time.
        """
        after = ServerId(0)
        while spans := self.queries.history.hot_spans(after, _SERVERS_AT_ONCE):
            after = spans[-1].server_id
            due = [(span.server_id, until) for span in spans if span.oldest < (until := _until(span, before))]
            while due:
                step = self._step(due, in_turn)
                if step is None:
                    return
                sealed, due = step
                yield sealed

    @retried
    def _step(self, due: Sequence[Due], in_turn: bool) -> tuple[int, list[Due]] | None:
        """How many samples were sealed, and what is still due; None where it is another's turn."""
        left, done, room = list(due), list[_Sealing](), MOST_ROWS
        while left and room > 0:
            sealing, is_all = self._prepared(*left[0])
            room -= len(sealing.ids)
            done.append(sealing)
            if not is_all:
                break
            left.pop(0)
        with self.new_uow() as uow:
            if uow.leases.acquire(LEASE_NAME, self.holder, self.clock.now(), LEASE) is None and in_turn:
                return None
            for sealing in done:
                _write(uow, sealing)
            uow.commit()
        return sum(len(sealing.ids) for sealing in done), left

    def _prepared(self, server_id: ServerId, until: datetime) -> tuple[_Sealing, bool]:
        """The oldest rows that a step may hold, and whether these are all."""
        ids, frame = self.queries.history.hot_rows(server_id, until, MOST_ROWS)
        is_all = len(ids) < MOST_ROWS
        buckets = list(cut(frame.times, HOUR))
        if not is_all and len(buckets) > 1:  # the last hour is likely to have more
            buckets.pop()
        fresh = {begin // HOUR: frame.part(place) for begin, place in buckets}
        chunks = self._chunks(server_id, fresh)
        hours = {
            hour: merged(decode(chunks[hour].data), samples) if hour in chunks else samples
            for hour, samples in fresh.items()
        }
        before, after = self._blocks(server_id, {hour: summarised(samples) for hour, samples in hours.items()})
        sealing = _Sealing(
            server_id=server_id,
            ids=ids[: sum(len(samples) for samples in fresh.values())],
            hours_before={hour: chunk.samples for hour, chunk in chunks.items()},
            chunks=[Chunk(server_id, hour, len(samples), encode(samples)) for hour, samples in hours.items()],
            blocks_before=before,
            blocks=after,
        )
        return sealing, is_all

    def _chunks(self, server_id: ServerId, hours: Collection[int]) -> dict[int, Chunk]:
        """Of those *hours* that are sealed already. They may lie far apart."""
        found = [chunk for hour in hours for chunk in self.queries.history.chunks(server_id, hour, hour + 1)]
        return {chunk.hour: chunk for chunk in found}

    def _blocks(self, server_id: ServerId, summaries: Mapping[int, Frame]) -> tuple[list[Block], list[Block]]:
        """Those that hold these hours' summaries, before and after."""
        before: list[Block] = []
        after: list[Block] = []
        for width, span in BLOCK_SPANS.items():
            periods: dict[int, dict[int, Frame]] = {}
            for hour, summary in summaries.items():
                periods.setdefault(hour * 3600 // span, {})[hour] = folded(summary, width * SECOND)
            for period, hours in periods.items():
                there = self.queries.history.blocks(server_id, width, period, period + 1)
                others = [without(decode(block.data), [hour * HOUR for hour in hours]) for block in there]
                whole = merged(joined(others), joined(list(hours.values())))
                before += there
                after.append(Block(server_id, width, period, encode(whole, split=False)))
        return before, after


def _until(span: HotSpan, before: datetime) -> datetime:
    """A whole hour."""
    return moment(min(microseconds(before) // HOUR, microseconds(span.newest) // HOUR - 1) * HOUR)


def _write(uow: UnitOfWork, sealing: _Sealing) -> None:
    """Raises TransactionConflict where it is not as it was prepared for: somebody else sealed, the server is gone."""
    history, server_id = uow.history, sealing.server_id
    blocks = [
        block
        for width in BLOCK_SPANS
        for block in history.blocks(server_id, width, {b.period for b in sealing.blocks if b.width == width})
    ]
    hours = history.sealed(server_id, {chunk.hour for chunk in sealing.chunks})
    if hours != sealing.hours_before or blocks != sealing.blocks_before:
        raise TransactionConflict("somebody else has sealed this hour")
    if history.remove_rows(sealing.ids) < len(sealing.ids):
        raise TransactionConflict("somebody else has sealed these samples")
    try:
        history.save_chunks(sealing.chunks)
        history.save_blocks(sealing.blocks)
    except ConstraintViolated as error:
        raise TransactionConflict("the server is gone") from error
