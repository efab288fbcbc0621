"""How long the audit log is kept."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.application.fleet import Fleet
from monitor.application.ports.clock import Clock
from monitor.application.ports.unit_of_work import UnitOfWork
from monitor.application.transactions import retried
from monitor.domain.audit import AuditEntry

ROWS_AT_ONCE = 500
_PAUSE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PruneAudit:
    """Deletes what is kept no longer, in steps, and says so in the log: once a day, where there is anything."""

    new_uow: Callable[[], UnitOfWork]
    fleet: Fleet
    clock: Clock

    def __call__(self) -> None:
        self.fleet.refresh()
        limit = self.clock.now() - timedelta(days=self.fleet.directory.preferences.audit_days)
        if self._begin(limit) == ROWS_AT_ONCE:
            while self._step(limit) == ROWS_AT_ONCE:
                pass

    @retried
    def _begin(self, limit: datetime) -> int:
        """The entry is stored with the first rows that go: none goes without it."""
        with self.new_uow() as uow:
            oldest = uow.audit.oldest()
            if oldest is None or oldest >= limit - _PAUSE:
                return 0
            gone = uow.audit.delete_before(limit, ROWS_AT_ONCE)
            detail = f"before {limit:%Y-%m-%d %H:%M:%S}"
            uow.audit.add(AuditEntry(at=self.clock.now(), action="audit.prune", detail=detail))
            uow.commit()
        return gone

    @retried
    def _step(self, limit: datetime) -> int:
        with self.new_uow() as uow:
            gone = uow.audit.delete_before(limit, ROWS_AT_ONCE)
            uow.commit()
        return gone
