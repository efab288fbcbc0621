"""Samples that nobody needs at hand any more go into chunks and summaries, a few hours of a few servers at a time.

A step reads and encodes without any lock; then one short transaction checks that what it read is still so, writes, and
deletes the rows. Whatever dies anywhere, a sample is in one place or the other, and running it again does the rest.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.application.ports.clock import Clock
from monitor.application.ports.history import HotSpan
from monitor.application.ports.queries import Queries
from monitor.application.ports.unit_of_work import UnitOfWork
from monitor.application.sealed_hours import Sealing, prepared, write
from monitor.application.transactions import retried
from monitor.domain.alert_engine import microseconds, moment
from monitor.domain.history.frames import cut
from monitor.domain.history.rollups import HOUR
from monitor.domain.servers import ServerId

LEASE_NAME = "seal history"
LEASE = timedelta(seconds=30)
MOST_ROWS = 960
"""Of one step: four hours at 15 seconds. Who writes at the same time waits no longer than their deletion takes."""
_SERVERS_AT_ONCE = 500


Due = tuple[ServerId, datetime]
"""A server, and before when its samples are to be sealed."""


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
        left, done, room = list(due), list[Sealing](), MOST_ROWS
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
                write(uow, sealing)
            uow.commit()
        return sum(len(sealing.ids) for sealing in done), left

    def _prepared(self, server_id: ServerId, until: datetime) -> tuple[Sealing, bool]:
        """The oldest rows that a step may hold, and whether these are all."""
        ids, frame = self.queries.history.hot_rows(server_id, until, MOST_ROWS)
        is_all = len(ids) < MOST_ROWS
        buckets = list(cut(frame.times, HOUR))
        if not is_all and len(buckets) > 1:  # the last hour is likely to have more
            buckets.pop()
        fresh = {begin // HOUR: frame.part(place) for begin, place in buckets}
        taken = ids[: sum(len(samples) for samples in fresh.values())]
        return prepared(self.queries.history, server_id, fresh, taken), is_all


def _until(span: HotSpan, before: datetime) -> datetime:
    """A whole hour."""
    return moment(min(microseconds(before) // HOUR, microseconds(span.newest) // HOUR - 1) * HOUR)
