"""An hour that has ended goes into a chunk and into summaries; once its samples need not be at hand any more, their
rows go. A few hours of a few servers at a time.

A step reads and encodes without any lock; then one short transaction checks that what it read is still so, writes, and
deletes rows. Whatever dies anywhere, a sample is in one place, the other or both, where it counts once; and running it
again does the rest.

What the background does for the history: seals what has become old, and lets go of what is kept no longer.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, groupby
from operator import attrgetter
from typing import NamedTuple

from monitor.application.fleet.fleet import Fleet
from monitor.application.history.ports import HistoryWriter, HotSpan, Queries, UnitOfWork
from monitor.application.history.sealed_hours import Sealing, prepared, write
from monitor.application.ports import Clock
from monitor.application.transactions import retried
from monitor.domain.errors import StorageUnavailable, TransactionConflict
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.codec import BrokenChunk
from monitor.domain.history.rollups import BLOCK_SPANS, HOUR, begin_of
from monitor.domain.preferences import Preferences
from monitor.domain.times import SECOND, microseconds, moment

log = logging.getLogger(__name__)

LEASE_NAME = "seal history"
LEASE = timedelta(seconds=30)
MOST_ROWS = 960
"""That a step deletes: four hours at 15 seconds. Who writes at the same time waits no longer than that takes."""
_SERVERS_AT_ONCE = 20


class Step(NamedTuple):
    """How many rows went and how many samples were sealed; and how many servers the pass is through with, the last of
    them in part."""

    gone: int
    sealed: int
    servers: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Due:
    """An hour whose *rows* are to be sealed, or, where it *goes*, deleted as well."""

    server_id: ServerId
    hour: int
    rows: int
    goes: bool


@dataclass(frozen=True, slots=True)
class SealHistory:
    """*holder* names this process in the lease."""

    new_uow: Callable[[], UnitOfWork]
    queries: Queries
    clock: Clock
    holder: str

    def steps(self, before: datetime, *, in_turn: bool = True) -> Iterator[Step]:
        """Seal every hour that has ended, and delete the rows of those that ended by *before*; yields after each step
        what it did, which is nothing where nothing was due.

        Of each server the rows of the hour of its newest sample and of the one before stay: from them its state is
        read at a start. *in_turn*: end at once where another process holds the lease. Otherwise work beside it, a step
        each at a time.
        """
        after, passed = ServerId(0), 0
        while spans := self.queries.history.hot_spans(after, _SERVERS_AT_ONCE):
            after = spans[-1].server_id
            due = [each for span in spans for each in self._due(span, before)]
            if not due:
                yield Step(0, 0, passed + len(spans))
            handled = 0
            for group in _grouped(due):
                left: list[_Due] = group
                handled += len(group)
                while left:
                    step = self._step(left, in_turn)
                    if step is None:
                        return
                    gone, sealed, left = step
                    yield Step(gone, sealed, passed + len(spans) * handled / len(due))
            passed += len(spans)

    def _due(self, span: HotSpan, before: datetime) -> list[_Due]:
        running = microseconds(self.clock.now()) // HOUR
        until = min(microseconds(before) // HOUR, microseconds(span.newest) // HOUR - 1)
        hours = self.queries.history.hot_hours(span.server_id, microseconds(span.oldest) // HOUR, running)
        return [
            _Due(server_id=span.server_id, hour=each.hour, rows=each.rows, goes=each.hour < until)
            for each in hours
            if each.hour < until or each.is_open
        ]

    @retried
    def _step(self, due: Sequence[_Due], in_turn: bool) -> tuple[int, int, list[_Due]] | None:
        """How many rows went, how many samples were sealed, and which hours have more; None where it is another's
        turn."""
        of_server = [list(hours) for _, hours in groupby(due, attrgetter("server_id"))]
        done = [sealing for hours in of_server if (sealing := self._prepared(hours[0].server_id, hours))]
        with self.new_uow() as uow:
            if uow.leases.acquire(LEASE_NAME, self.holder, self.clock.now(), LEASE) is None and in_turn:
                return None
            for sealing in done:
                write(uow, sealing)
            uow.commit()
        at_hand = {(sealing.server_id, hour): n for sealing in done for hour, n in sealing.at_hand.items()}
        left = [each for each in due if each.goes and at_hand.get((each.server_id, each.hour))]
        return sum(len(sealing.ids) for sealing in done), sum(sealing.count for sealing in done), left

    def _prepared(self, server_id: ServerId, due: Sequence[_Due]) -> Sealing | None:
        """None where what is sealed of it already can't be read: its rows stay as they are, and others' are sealed."""
        history = self.queries.history
        found = {each.hour: history.hot_rows(server_id, each.hour) for each in due}
        going = {each.hour: found[each.hour].ids[: MOST_ROWS if each.goes else 0] for each in due}
        try:
            return prepared(
                history,
                server_id,
                {hour: rows.frame for hour, rows in found.items()},
                ids=[id_ for ids in going.values() for id_ in ids],
                at_hand={hour: len(rows.ids) - len(going[hour]) for hour, rows in found.items()},
            )
        except BrokenChunk as error:
            log.error("samples of server %d are not sealed: its history cannot be read (%s)", server_id, error)
            return None


def _grouped(due: Sequence[_Due]) -> Iterator[list[_Due]]:
    """As many as a step holds."""
    group: list[_Due] = []
    for each in due:
        if group and sum(held.rows for held in group) + each.rows > MOST_ROWS:
            yield group
            group = []
        group.append(each)
    if group:
        yield group


_ROWS_AT_ONCE = 200
_AFTER_THE_HOUR = timedelta(minutes=1)
"""So late begins a pass: until then what was under way has come."""


class KeepHistory:
    """A step a call, so that who writes samples never waits for long; after a pass over all servers it rests until
    another hour has ended."""

    def __init__(
        self, new_uow: Callable[[], UnitOfWork], seal: SealHistory, fleet: Fleet, clock: Clock, holder: str
    ) -> None:
        self._new_uow = new_uow
        self._seal = seal
        self._fleet = fleet
        self._clock = clock
        self._holder = holder
        self._steps: Iterator[object] | None = None
        self._next: datetime | None = None

    def __call__(self) -> None:
        now = self._clock.now()
        if self._steps is None:
            if self._next is not None and now < self._next:
                return
            self._fleet.refresh()
            kept = self._fleet.directory.preferences
            self._next = moment((microseconds(now - _AFTER_THE_HOUR) // HOUR + 1) * HOUR) + _AFTER_THE_HOUR
            self._steps = chain(self._seal.steps(now - timedelta(days=kept.raw_days)), self.prune(kept, now))
        try:
            if next(self._steps, None) is None:
                self._steps = None
        except (StorageUnavailable, TransactionConflict):
            self._steps = self._next = None  # the pass begins anew, and not an hour later
            raise

    def prune(self, kept: Preferences, now: datetime) -> Iterator[int]:
        """What is *kept* no longer goes, and nothing that is in part younger; yields after each step how many rows."""
        hour = microseconds(now - kept.samples_kept) // HOUR
        yield from self._until_none(lambda history: history.prune_rows(begin_of(hour), _ROWS_AT_ONCE))
        yield from self._until_none(lambda history: history.prune_chunks(hour, _ROWS_AT_ONCE))
        for width, span in BLOCK_SPANS.items():
            days = kept.ten_minute_days if width == min(BLOCK_SPANS) else kept.hour_days
            period = microseconds(now - timedelta(days=days)) // (span * SECOND)
            yield from self._until_none(_pruning(width, period))

    def _until_none(self, prune: Callable[[HistoryWriter], int]) -> Iterator[int]:
        while gone := self._step(prune):
            yield gone

    @retried
    def _step(self, prune: Callable[[HistoryWriter], int]) -> int:
        with self._new_uow() as uow:
            if uow.leases.acquire(LEASE_NAME, self._holder, self._clock.now(), LEASE) is None:
                return 0
            gone = prune(uow.history)
            uow.commit()
        return gone


def _pruning(width: int, period: int) -> Callable[[HistoryWriter], int]:
    return lambda history: history.prune_blocks(width, period, _ROWS_AT_ONCE)
