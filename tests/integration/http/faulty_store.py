"""A store that can be made to wait, or to be down."""

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from monitor.adapters.memory.store import MemoryStore, MemoryUnitOfWork
from monitor.application.fleet.ports import FleetChanges, FleetQueries, FleetSnapshot
from monitor.application.operations.ports import Store, UnitOfWork
from monitor.domain.errors import StorageUnavailable


class FaultyStore(Store):
    """*is_down*: every call fails. *commits*: while cleared, commits wait."""

    def __init__(self) -> None:
        self._store = MemoryStore()
        self.queries = self._store.queries
        self.queries.fleet = _FaultyFleetQueries(self, self.queries.fleet)
        self.is_down = False
        self.commits = threading.Event()
        self.commits.set()
        self.waiting = threading.Event()

    def unit_of_work(self, on_fleet_change: Callable[[], None]) -> UnitOfWork:
        return _FaultyUnitOfWork(self, self._store.unit_of_work(on_fleet_change))

    def reconnect(self) -> None:
        self._store.reconnect()

    def close(self) -> None:
        self.commits.set()
        self._store.close()

    def check(self) -> None:
        """Raises StorageUnavailable."""
        if self.is_down:
            raise StorageUnavailable


class _FaultyUnitOfWork(UnitOfWork):
    def __init__(self, store: FaultyStore, uow: MemoryUnitOfWork) -> None:
        self._store = store
        self._uow = uow

    def __getattr__(self, name: str) -> Any:
        return getattr(self._uow, name)

    def __enter__(self) -> Self:
        self._store.check()
        self._uow.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self._uow.__exit__(kind, exc, tb)

    def commit(self) -> None:
        if not self._store.commits.is_set():
            self._store.waiting.set()
            assert self._store.commits.wait(30)
        self._store.check()
        self._uow.commit()


class _FaultyFleetQueries(FleetQueries):
    def __init__(self, store: FaultyStore, queries: FleetQueries) -> None:
        self._store = store
        self._queries = queries

    def revision(self) -> int:
        self._store.check()
        return self._queries.revision()

    def snapshot(self) -> FleetSnapshot:
        self._store.check()
        return self._queries.snapshot()

    def changes(self, since: int, at_most: int) -> FleetChanges | None:
        self._store.check()
        return self._queries.changes(since, at_most)
