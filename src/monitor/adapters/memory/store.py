"""The store in memory: its units of work and queries."""

from collections.abc import Callable
from types import TracebackType
from typing import Self

from monitor.adapters.memory import (
    accounts,
    alerts,
    checks,
    credentials,
    fleet,
    history,
    incidents,
    notifications,
    oncall,
    operations,
    samples,
)
from monitor.adapters.memory.parts import Database, MemoryPart
from monitor.application.history.blocks import NO_ARCHIVE, Archive
from monitor.application.operations.ports import Queries, Store, UnitOfWork, implementations

_MODULES = (
    accounts,
    alerts,
    checks,
    credentials,
    fleet,
    history,
    incidents,
    notifications,
    oncall,
    operations,
    samples,
)
_REPOSITORIES = implementations(UnitOfWork, _MODULES, MemoryPart)
_QUERIES = implementations(Queries, _MODULES, MemoryPart)


class MemoryUnitOfWork(UnitOfWork):
    """One at a time: threads wait for each other when they enter the block, and never conflict."""

    def __init__(self, database: Database, on_fleet_change: Callable[[], None]) -> None:
        self._database = database
        self._on_fleet_change = on_fleet_change

    def __getattr__(self, name: str) -> MemoryPart:
        """Make a repository when it is first asked for: a unit of work needs few of them."""
        if name not in _REPOSITORIES:
            raise AttributeError(name)
        repository = _REPOSITORIES[name](self)
        setattr(self, name, repository)
        return repository

    def __enter__(self) -> Self:
        self.state = self._database.begin()
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        del self.state  # a later commit would undo what others have committed since
        self._database.end()

    def commit(self) -> None:
        before = self.state.revision
        self._database.state = self.state.committed()
        self.state = self._database.draft()
        if self.state.revision > before:
            self._on_fleet_change()


class MemoryQueries(Queries):
    """Read what is committed, without waiting."""

    def __init__(self, database: Database, archive: Archive = NO_ARCHIVE) -> None:
        self.archive = archive
        for name, queries in _QUERIES.items():
            setattr(self, name, queries(database))


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
        """Do nothing: there are no connections."""
