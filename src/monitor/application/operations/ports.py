"""What operations ask for: the exchange of peer updates, and a transaction on everything."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from types import ModuleType
from typing import NamedTuple, TypeVar, get_type_hints

from monitor.application.checks import ports as checks
from monitor.application.operations.cluster import ClusterQueries, ProcessReports
from monitor.domain.intake.live import LiveUpdate


class PeerUpdate(NamedTuple):
    """What a process heard since its previous update. Numbers start with 1 and have no gaps."""

    number: int
    heard: Sequence[LiveUpdate]


class PeerUpdates(ABC):
    @abstractmethod
    def add(self, process: str, peer_update: PeerUpdate) -> None: ...

    @abstractmethod
    def remove(self, process: str, before: int | None = None) -> None:
        """Delete those of *process* with a number below *before*; None: all."""


class PeerUpdateQueries(ABC):
    @abstractmethod
    def newest(self, but: str) -> dict[str, int]:
        """Return the last number of each process except *but*."""

    @abstractmethod
    def between(self, process: str, after: int, until: int) -> list[PeerUpdate]:
        """Return those with after < number <= until, in order. Skips what this version cannot read."""


class UnitOfWork(checks.UnitOfWork):
    """Transaction on everything that an installation keeps."""

    peer_updates: PeerUpdates
    process_reports: ProcessReports


class Queries(checks.Queries):
    cluster: ClusterQueries
    peer_updates: PeerUpdateQueries


Part = TypeVar("Part")


def implementations(ports: type, modules: Iterable[ModuleType], base: type[Part]) -> dict[str, type[Part]]:
    """Return the subclass of *base* in *modules* that implements the port of each attribute of *ports*."""
    classes = [each for module in modules for each in vars(module).values() if isinstance(each, type)]
    parts = [each for each in classes if issubclass(each, base)]
    return {name: part for name, port in get_type_hints(ports).items() for part in parts if issubclass(part, port)}


class Store(ABC):
    """Storage of everything."""

    queries: Queries

    @abstractmethod
    def unit_of_work(self, on_fleet_change: Callable[[], None]) -> UnitOfWork:
        """Return a new unit of work. *on_fleet_change* is called after each commit that raises the fleet's revision."""

    def intake_unit_of_work(self, on_fleet_change: Callable[[], None]) -> UnitOfWork:
        """Return a unit of work for the one thread that stores samples; a store may have a faster one."""
        return self.unit_of_work(on_fleet_change)

    def intake_server(self) -> str:
        """Return which database server, or file, units of work for the intake were connected to last.

        "" as long as there was none, and after `reconnect` until there is one again.
        """
        return ""

    def host_watch(self) -> Callable[[], None] | None:
        """Return what is to run every second where there are several database servers; None with one.

        It makes all connections lead to the first that can write.
        """
        return None

    @abstractmethod
    def reconnect(self) -> None:
        """Close all connections, and open new ones when needed: another database may answer by now."""

    @abstractmethod
    def close(self) -> None:
        """Close all connections. The store can't be used afterwards."""
