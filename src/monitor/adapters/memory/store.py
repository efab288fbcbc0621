from collections.abc import Callable

from monitor.adapters.memory.database import Database
from monitor.adapters.memory.queries import MemoryQueries
from monitor.adapters.memory.unit_of_work import MemoryUnitOfWork
from monitor.application.ports.store import Store


def _nothing() -> None:
    """Nobody wants to know."""


class MemoryStore(Store):
    """The whole "database". Called, it opens a unit of work whose fleet changes nobody follows."""

    def __init__(self) -> None:
        self._database = Database()
        self.queries = MemoryQueries(self._database)

    def __call__(self) -> MemoryUnitOfWork:
        return self.unit_of_work(_nothing)

    def unit_of_work(self, on_fleet_change: Callable[[], None]) -> MemoryUnitOfWork:
        return MemoryUnitOfWork(self._database, on_fleet_change)

    def close(self) -> None:
        """Holds no connections."""
