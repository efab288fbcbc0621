from abc import ABC, abstractmethod
from collections.abc import Callable

from monitor.application.operations.ports import Queries, UnitOfWork


class Store(ABC):
    """Storage of everything."""

    queries: Queries

    @abstractmethod
    def unit_of_work(self, on_fleet_change: Callable[[], None]) -> UnitOfWork:
        """Return a new unit of work. *on_fleet_change* is called after each commit that raises the fleet's revision."""

    def intake_unit_of_work(self, on_fleet_change: Callable[[], None]) -> UnitOfWork:
        """Return a unit of work for the one thread that stores samples; a store may have a faster one."""
        return self.unit_of_work(on_fleet_change)

    @abstractmethod
    def close(self) -> None:
        """Close all connections. The store can't be used afterwards."""
