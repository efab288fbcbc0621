"""Alerts that fired, changed their level or ended, for the live stream."""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from monitor.application.alerts.ports import StoredState, UnitOfWork
from monitor.application.alerts.series_models import Key
from monitor.domain.alerts.alert import Alert, AlertId

States = Mapping[Key, StoredState | None]


class AlertChanges:
    """Ids of changed alerts, each once, since they were last taken."""

    def __init__(self) -> None:
        self._ids: set[AlertId] = set()
        self._lock = threading.Lock()

    def __bool__(self) -> bool:
        return bool(self._ids)

    def note(self, before: States, after: States) -> None:
        """Add the alerts whose id or level differs. *after* holds what may differ, None if idle again."""
        for key, stored in after.items():
            held = before.get(key)
            if (held is None or held.alert_id is None) and (stored is None or stored.alert_id is None):
                continue  # most: pending ones
            was, now = _id_and_level(held), _id_and_level(stored)
            if was != now:
                self.add(alert_id for alert_id, _ in (was, now) if alert_id is not None)

    def add(self, alert_ids: Iterable[AlertId]) -> None:
        with self._lock:
            self._ids.update(alert_ids)

    def take(self) -> set[AlertId]:
        with self._lock:
            taken, self._ids = self._ids, set()
        return taken


def _id_and_level(stored: StoredState | None) -> tuple[AlertId | None, int]:
    return (None, 0) if stored is None or stored.alert_id is None else (stored.alert_id, stored.state.level)


@dataclass(frozen=True, slots=True)
class TakeAlertNews:
    """Take the alerts that changed since the last call. For one caller, the hub of the live stream."""

    new_uow: Callable[[], UnitOfWork]
    changes: AlertChanges

    @property
    def is_any(self) -> bool:
        return bool(self.changes)

    def drop(self) -> None:
        """Forget the changes, since no client is connected."""
        self.changes.take()

    def __call__(self) -> list[Alert]:
        """Return them as they are now, in id order. Raises StorageUnavailable; the changes are then kept."""
        alert_ids = self.changes.take()
        try:
            with self.new_uow() as uow:
                found = uow.alerts.get_many(alert_ids, changed_by=None)
        except Exception:
            self.changes.add(alert_ids)
            raise
        return [found[alert_id] for alert_id in sorted(found)]
