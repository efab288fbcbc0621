"""Callbacks that hear of alerts: after the commit, once an event, each on a thread of its own."""

import queue
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Self

import structlog

from monitor.application.fleet.directory import Directory
from monitor.application.notifications.recipients import receiver_of
from monitor.application.operations.ports import Store, UnitOfWork
from monitor.container import Container
from monitor.domain.accounts.actors import SYSTEM
from monitor.domain.accounts.users import User
from monitor.domain.alerts.alert import Alert, EventId, EventKind, TimelineEntry
from monitor.domain.errors import NotFound
from monitor.domain.fleet.servers import Server
from monitor.domain.notifications.outbox import Notification

log = structlog.get_logger()

PATIENCE = 10.0
"""Seconds that a caller waits for callbacks. One that takes longer is not waited for until it returns."""
MOST_WAITING = 10_000
"""Events that wait for one callback. Beyond, new ones are dropped, and that is logged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertEvent:
    """What happened to an alert.

    *kind*: `fired`, `escalated`, `deescalated`, `resolved`, `cancelled`, `acknowledged`, `reminded`, `notified` and
    others of its timeline. *alert*: as it is after the commit. *server*: the server, check or check-in; None once it
    is deleted. *value*: at the event, if it has one. *at*: when. *recipients*: user names, and names of channels, for
    which messages about this event were planned.
    """

    kind: EventKind
    alert: Alert
    server: Server | None
    value: float | None
    at: datetime
    recipients: tuple[str, ...]


Callback = Callable[[AlertEvent], object]


@dataclass(frozen=True, slots=True)
class Written:
    """An entry of a timeline, and the notifications of it, as they were committed."""

    entry: TimelineEntry
    notifications: Sequence[Notification]


class Hearing:
    """All callbacks of a core."""

    def __init__(self, container: Container) -> None:
        self._container = container
        self._listeners: list[_Listener] = []

    def add(self, callback: Callback) -> None:
        self._listeners.append(_Listener(callback, self._resolved))

    def publish(self, written: Iterable[Written]) -> None:
        for each in written:
            for listener in self._listeners:
                listener.put(each)

    def settle(self) -> None:
        """Wait until all callbacks have heard what was published, but not for one that hangs."""
        for listener in self._listeners:
            listener.settle()

    def close(self) -> None:
        for listener in self._listeners:
            listener.close()

    @property
    def is_empty(self) -> bool:
        return not self._listeners

    def _resolved(self, written: Written) -> AlertEvent | None:
        entry, directory = written.entry, self._container.fleet.directory
        try:
            alert = self._container.queries.alerts.get(SYSTEM, entry.alert_id)[0].alert
        except NotFound:  # deleted with its server
            return None
        names = dict.fromkeys(_name(directory, each) for each in written.notifications)
        return AlertEvent(
            kind=entry.event_kind,
            alert=alert,
            server=directory.watched(alert.server_id),
            value=entry.value,
            at=entry.at,
            recipients=tuple(name for name in names if name),
        )


def _name(directory: Directory, notification: Notification) -> str:
    receiver = receiver_of(directory, notification.target)
    if receiver is None:
        return ""
    return receiver.username if isinstance(receiver, User) else receiver.name


class _Listener:
    """One callback with its thread, which begins with the first event."""

    def __init__(self, callback: Callback, resolve: Callable[[Written], AlertEvent | None]) -> None:
        self._callback, self._resolve = callback, resolve
        self._events: queue.Queue[Written | None] = queue.Queue(MOST_WAITING)
        self._thread = threading.Thread(target=self._run, name="on-alert", daemon=True)
        self._starting = threading.Lock()
        self._hangs = False

    def put(self, written: Written) -> None:
        with self._starting:
            if not self._thread.is_alive() and self._thread.ident is None:
                self._thread.start()
        try:
            self._events.put_nowait(written)
        except queue.Full:
            log.error("a callback hangs, so an event of an alert is dropped", callback=repr(self._callback))

    def settle(self) -> None:
        if self._hangs or threading.current_thread() is self._thread:
            return
        give_up = time.monotonic() + PATIENCE
        with self._events.all_tasks_done:
            while self._events.unfinished_tasks:
                left = give_up - time.monotonic()
                if left <= 0:
                    self._hangs = True
                    log.error("a callback hangs, so it is not waited for", callback=repr(self._callback))
                    return
                self._events.all_tasks_done.wait(left)

    def close(self) -> None:
        if self._thread.ident is not None and not self._hangs:
            self._events.put(None)

    def _run(self) -> None:
        while (written := self._events.get()) is not None:
            try:
                event = self._resolve(written)
                if event is not None:
                    self._callback(event)
            except Exception:
                log.exception("a callback failed", callback=repr(self._callback))
            finally:
                self._hangs = False
                self._events.task_done()


class HeardStore(Store):
    """A *store* whose commits are published to callbacks."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.queries = store.queries
        self.hearing: Hearing | None = None

    def unit_of_work(self, on_fleet_change: Callable[[], None]) -> UnitOfWork:
        return self._heard(self._store.unit_of_work(on_fleet_change))

    def intake_unit_of_work(self, on_fleet_change: Callable[[], None]) -> UnitOfWork:
        return self._heard(self._store.intake_unit_of_work(on_fleet_change))

    def _heard(self, uow: UnitOfWork) -> UnitOfWork:
        return uow if self.hearing is None or self.hearing.is_empty else HeardUnitOfWork(uow, self.hearing)

    def intake_server(self) -> str:
        return self._store.intake_server()

    def host_watch(self) -> Callable[[], None] | None:
        return self._store.host_watch()

    def reconnect(self) -> None:
        self._store.reconnect()

    def close(self) -> None:
        self._store.close()


class HeardUnitOfWork(UnitOfWork):
    """A unit of work that publishes, when it ends, what it has committed of alerts."""

    def __init__(self, uow: UnitOfWork, hearing: Hearing) -> None:
        self._uow, self._hearing = uow, hearing
        self._entries: dict[EventId, TimelineEntry] = {}
        self._notifications: list[Notification] = []
        self._committed: list[Written] = []

    def __enter__(self) -> Self:
        self._uow.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self._uow.__exit__(kind, exc, tb)
        self._hearing.publish(self._committed)

    def commit(self) -> None:
        self._uow.commit()
        for event_id, entry in self._entries.items():
            own = [each for each in self._notifications if each.event_id == event_id]
            self._committed.append(Written(entry, own))
        self._entries, self._notifications = {}, []

    def __getattr__(self, name: str) -> Any:
        part = getattr(self._uow, name)
        if name == "alerts":
            return _Noting(part, "add_to_timeline", lambda _, stored: self._entries.update((e.id, e) for e in stored))
        if name == "notifications":
            return _Noting(part, "add", lambda given, _: self._notifications.extend(given))
        return part


class _Noting:
    """A *part* of a unit of work, of which one method's argument and result are noted."""

    def __init__(self, part: Any, method: str, note: Callable[[Any, Any], object]) -> None:
        self._part, self._method, self._note = part, method, note

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._part, name)
        if name != self._method:
            return found

        def noting(given: Any, *more: Any, **named: Any) -> Any:
            given = [*given]
            result = found(given, *more, **named)
            self._note(given, result)
            return result

        return noting
