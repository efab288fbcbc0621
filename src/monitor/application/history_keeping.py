"""What the background does for the history: seals what has become old, and lets go of what is kept no longer."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import chain

from monitor.application.fleet import Fleet
from monitor.application.ports.clock import Clock
from monitor.application.ports.history import HistoryWriter
from monitor.application.ports.unit_of_work import UnitOfWork
from monitor.application.sealing import LEASE, LEASE_NAME, SealHistory
from monitor.application.transactions import retried
from monitor.domain.alert_engine import SECOND, microseconds, moment
from monitor.domain.errors import StorageUnavailable, TransactionConflict
from monitor.domain.history.rollups import BLOCK_SPANS, HOUR, begin_of
from monitor.domain.preferences import Preferences

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
