"""Sealing: an hour that has ended goes into a chunk and into rollups, and later its rows are deleted.

Reading and encoding take no lock. One short transaction then checks that nothing has changed, writes, and deletes
rows. A process may die at any point: until the next run a sample may be in a row and in a chunk, and reads count it
once.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from monitor.application.history.ports import Queries, RawSpan, UnitOfWork
from monitor.application.history.sealed_hours import Sealing, prepared, write
from monitor.application.ports import Clock
from monitor.application.transactions import retried
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.codec import BrokenChunk
from monitor.domain.history.rollups import HOUR
from monitor.domain.times import microseconds

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

        Yields after each transaction what it did, also if nothing was due. The rows of each server's newest sample's
        hour and of the hour before are never deleted: a server's state is read from them at start.
        *in_turn*: end at once if another process holds the lease. If False, both work, one transaction at a time.
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
        found = {each.hour: history.raw_rows(server_id, each.hour) for each in due}
        expired = {each.hour: found[each.hour].ids[: MOST_ROWS if each.expired else 0] for each in due}
        try:
            return prepared(
                history,
                server_id,
                {hour: rows.frame for hour, rows in found.items()},
                ids=[id_ for ids in expired.values() for id_ in ids],
                raw_samples={hour: len(rows.ids) - len(expired[hour]) for hour, rows in found.items()},
            )
        except BrokenChunk as error:
            log.error("samples of server %d are not sealed: its history cannot be read (%s)", server_id, error)
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
