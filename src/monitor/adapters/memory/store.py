"""The store in memory: its units of work and queries."""

from collections.abc import Callable
from types import TracebackType
from typing import Any, Self, get_type_hints

from monitor.adapters.memory import (
    accounts,
    alerts,
    checks,
    credentials,
    fleet,
    history,
    notifications,
    operations,
    samples,
)
from monitor.adapters.memory.state import Database, MemoryReader, MemoryRepository, State
from monitor.application.history.blocks import NO_ARCHIVE, Archive
from monitor.application.operations.ports import Queries, Store, UnitOfWork

_PARTS = (accounts, alerts, checks, credentials, fleet, history, notifications, operations, samples)


def _by_name(ports: type, base: type) -> dict[str, Callable[[Any], object]]:
    """Return the class made from *base* that implements the port of each attribute of *ports*."""
    made = [
        each for part in _PARTS for each in vars(part).values() if isinstance(each, type) and issubclass(each, base)
    ]
    found = {name: [each for each in made if issubclass(each, port)] for name, port in get_type_hints(ports).items()}
    return {name: classes[0] for name, classes in found.items() if classes}


_REPOSITORIES = _by_name(UnitOfWork, MemoryRepository)
_READERS = _by_name(Queries, MemoryReader)


class MemoryUnitOfWork(UnitOfWork):
    """One at a time: threads wait for each other when they enter the block, and never conflict."""

    def __init__(self, database: Database, on_fleet_change: Callable[[], None]) -> None:
        self._database = database
        self._on_fleet_change = on_fleet_change

    def __enter__(self) -> Self:
        self._use(self._database.begin())
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        del self._draft  # a later commit would undo what others have committed since
        self._database.end()

    def commit(self) -> None:
        before = self._draft.revision
        self._database.state = self._draft.committed()
        self._use(self._database.draft())
        if self._draft.revision > before:
            self._on_fleet_change()

    def _use(self, draft: State) -> None:
        self._draft = draft
        for name, repository in _REPOSITORIES.items():
            setattr(self, name, repository(draft))


class MemoryQueries(Queries):
    """Read what is committed, without waiting."""

    def __init__(self, database: Database, archive: Archive = NO_ARCHIVE) -> None:
        self.archive = archive
        for name, reader in _READERS.items():
            setattr(self, name, reader(database))


def _ignore() -> None:
    pass


class MemoryStore(Store):
    """Store in memory. Calling it opens a unit of work without a callback for fleet changes."""

    def __init__(self, archive: Archive = NO_ARCHIVE) -> None:
        self._database = Database()
        self.queries = MemoryQueries(self._database, archive)

    def __call__(self) -> MemoryUnitOfWork:
        return self.unit_of_work(_ignore)

    def unit_of_work(self, on_fleet_change: Callable[[], None]) -> MemoryUnitOfWork:
        return MemoryUnitOfWork(self._database, on_fleet_change)

    def reconnect(self) -> None:
        """Do nothing: there are no connections."""

    def close(self) -> None:
        """Do nothing, likewise."""
