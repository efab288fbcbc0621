"""Background job that seals the history and deletes what its retention no longer covers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from monitor.application.fleet.fleet import Fleet
from monitor.application.history.ports import HistoryWriter, UnitOfWork
from monitor.application.history.sealing import LEASE, LEASE_NAME, SealHistory
from monitor.application.ports import Clock
from monitor.application.transactions import retried
from monitor.domain.errors import StorageUnavailable, TransactionConflict
from monitor.domain.history.rollups import HOUR, ROLLUP_SPANS, start_of_hour
from monitor.domain.preferences import Preferences
from monitor.domain.times import SECOND, microseconds, moment

_ROWS_AT_ONCE = 200
_AFTER_THE_HOUR = timedelta(minutes=1)
"""A pass starts this late, so that samples under way have arrived."""


@dataclass(eq=False, slots=True)
class KeepHistory:
    """Seal and prune, one small transaction a call, so that intake never waits long. A pass begins after each hour."""

    new_uow: Callable[[], UnitOfWork]
    seal: SealHistory
    fleet: Fleet
    clock: Clock
    holder: str
    _pass: Iterator[object] | None = None
    _next: datetime | None = None

    def __call__(self) -> None:
        now = self.clock.now()
        if self._pass is None:
            if self._next is not None and now < self._next:
                return
            self.fleet.refresh()
            kept = self.fleet.directory.preferences
            self._next = moment((microseconds(now - _AFTER_THE_HOUR) // HOUR + 1) * HOUR) + _AFTER_THE_HOUR
            self._pass = chain(self.seal(now - timedelta(days=kept.raw_days)), self.prune(kept, now))
        try:
            if next(self._pass, None) is None:
                self._pass = None
        except (StorageUnavailable, TransactionConflict):
            self._pass = self._next = None  # start over at the next call, not an hour later
            raise

    def finish(self) -> None:
        """Do all that is due, and return when it is done."""
        self()
        while self._pass is not None:
            self()

    def prune(self, kept: Preferences, now: datetime) -> Iterator[int]:
        """Delete what is wholly older than *kept* allows. Yields the number of deleted rows after each transaction."""
        hour = microseconds(now - kept.samples_kept) // HOUR
        yield from self._in_batches(lambda history: history.prune_rows(start_of_hour(hour), _ROWS_AT_ONCE))
        yield from self._in_batches(_pruning(0, hour))
        for width, span in ROLLUP_SPANS.items():
            period = microseconds(now - kept.kept_for(width)) // (span * SECOND)
            yield from self._in_batches(_pruning(width, period))

    def _in_batches(self, prune: Callable[[HistoryWriter], int]) -> Iterator[int]:
        while deleted := self._delete(prune):
            yield deleted

    @retried
    def _delete(self, prune: Callable[[HistoryWriter], int]) -> int:
        with self.new_uow() as uow:
            if uow.leases.acquire(LEASE_NAME, self.holder, self.clock.now(), LEASE) is None:
                return 0
            deleted = prune(uow.history)
            uow.commit()
        return deleted


def _pruning(width: int, period: int) -> Callable[[HistoryWriter], int]:
    return lambda history: history.prune(width, period, _ROWS_AT_ONCE)
