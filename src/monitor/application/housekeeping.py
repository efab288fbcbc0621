"""What is written, and deleted, now and then."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from monitor.application.fleet import Fleet
from monitor.application.ports.clock import Clock
from monitor.application.ports.unit_of_work import UnitOfWork
from monitor.application.transactions import retried
from monitor.domain.api_keys import ApiKeyId
from monitor.domain.errors import MonitorError
from monitor.domain.guesses import WINDOW

NewUow = Callable[[], UnitOfWork]


@dataclass(frozen=True, slots=True)
class SaveKeyUse:
    """When keys were last used, written now and then and not with every sample."""

    new_uow: NewUow
    fleet: Fleet

    def __call__(self) -> None:
        used, self.fleet.key_used = self.fleet.key_used, {}
        if not used:
            return
        try:
            self._store(dict(used))  # a copy: whoever got hold of the old one a moment ago may still write to it
        except MonitorError:
            for key_id, at in used.items():
                self.fleet.key_used.setdefault(key_id, at)
            raise

    @retried
    def _store(self, used: dict[ApiKeyId, datetime]) -> None:
        with self.new_uow() as uow:
            uow.api_keys.save_last_used(used)
            uow.commit()


@dataclass(frozen=True, slots=True)
class TidyUp:
    """Rows that have served their time."""

    new_uow: NewUow
    clock: Clock

    @retried
    def __call__(self) -> None:
        now = self.clock.now()
        with self.new_uow() as uow:
            uow.sessions.delete_expired(now)
            uow.live_tickets.delete_expired(now)
            uow.login_attempts.delete_before(now - WINDOW)
            uow.commit()
