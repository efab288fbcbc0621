"""Which alerts began, changed level or ended since somebody last looked: for the live stream."""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from monitor.application.alerts.ports import StoredState, UnitOfWork
from monitor.domain.alerts.alert import Alert, AlertId
from monitor.domain.fleet.servers import ServerId

States = Mapping[tuple[ServerId, str], StoredState | None]


class AlertChanges:
    """Ids only: however much happens between two looks, an alert is in it once."""

    def __init__(self) -> None:
        self._ids: set[AlertId] = set()
        self._lock = threading.Lock()

    def __bool__(self) -> bool:
        return bool(self._ids)

    def note(self, before: States, after: States) -> None:
        """*after* holds what may differ from *before*, None for what is idle again."""
        for key, stored in after.items():
            told, tells = _told(before.get(key)), _told(stored)
            if told != tells:
                self.add(told_id for told_id, _ in (told, tells) if told_id is not None)

    def add(self, alert_ids: Iterable[AlertId]) -> None:
        with self._lock:
            self._ids.update(alert_ids)

    def take(self) -> set[AlertId]:
        with self._lock:
            taken, self._ids = self._ids, set()
        return taken


def _told(stored: StoredState | None) -> tuple[AlertId | None, int]:
    """What people see of a state."""
    return (None, 0) if stored is None or stored.alert_id is None else (stored.alert_id, stored.state.level)


@dataclass(frozen=True, slots=True)
class TakeAlertNews:
    """For one caller: the live stream's hub."""

    new_uow: Callable[[], UnitOfWork]
    changes: AlertChanges

    @property
    def is_any(self) -> bool:
        return bool(self.changes)

    def drop(self) -> None:
        """Nobody is there to be told."""
        self.changes.take()

    def __call__(self) -> list[Alert]:
        """As they are now, in id order. Raises StorageUnavailable; then nothing is lost."""
        alert_ids = self.changes.take()
        try:
            with self.new_uow() as uow:
                found = uow.alerts.get_many(alert_ids, visible_to=None)
        except Exception:
            self.changes.add(alert_ids)
            raise
        return [found[alert_id] for alert_id in sorted(found)]
