from abc import ABC, abstractmethod
from collections.abc import Callable

from monitor.application.operations.ports import Queries, UnitOfWork


class Store(ABC):
    """Where everything is kept."""

    queries: Queries

    @abstractmethod
    def unit_of_work(self, on_fleet_change: Callable[[], None]) -> UnitOfWork:
        """*on_fleet_change* is called after each commit that raised the fleet's revision."""

    def intake_unit_of_work(self, on_fleet_change: Callable[[], None]) -> UnitOfWork:
        """The same for the one thread that stores samples: a store may have something faster for it."""
        return self.unit_of_work(on_fleet_change)

    @abstractmethod
    def close(self) -> None:
        """Let go of connections; not to be used afterwards."""
