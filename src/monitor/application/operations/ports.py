"""Ports of operations: peer updates, reports of processes, and the store of everything."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import ModuleType
from typing import NamedTuple, TypeVar, get_type_hints

from monitor.application.checks import ports as checks
from monitor.application.operations.job_runs import JobState
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


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreState:
    """The database server that a process uses.

    *address*: its own name and port, or a file; where the intake is connected already, of the server that takes the
    samples. *host*: the same server, or a proxy before it, as the settings name it; "" without one. *nodes*: of a
    Galera cluster as this one sees it; None: it is none. *epoch*: the one that the process answers agents with.
    """

    kind: str
    version: str
    address: str
    can_write: bool
    nodes: int | None = None
    host: str = ""
    epoch: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryState:
    """*place*: where sealed hours lie. *sealed_until*: their end; None: there is none. *answers*: when last asked."""

    place: str
    sealed_until: datetime | None
    answers: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a process says of itself. *faults*: what does not work in it. *figures*: by metric, see `itself`."""

    host: str
    version: str
    started_at: datetime
    store: StoreState
    history: HistoryState
    faults: tuple[str, ...] = ()
    jobs: tuple[JobState, ...] = ()
    figures: Mapping[str, float] = field(default_factory=dict)


class Process(NamedTuple):
    """A process with a heartbeat.

    *last_seen_at*: by its own clock. *leases*: the work that it alone does now. *report* and *last_seen_at* are None
    for a process of an older version, and *report* for one whose report cannot be read here.
    """

    id: str
    last_seen_at: datetime | None
    report: Report | None
    leases: tuple[str, ...]


class ProcessReports(ABC):
    @abstractmethod
    def save(self, process: str, at: datetime, report: Report) -> None:
        """Note what *process* says at *at*. It needs a heartbeat, with which its report is deleted; else do nothing."""


class ClusterQueries(ABC):
    @abstractmethod
    def processes(self, now: datetime) -> list[Process]:
        """Return all processes with a heartbeat by id, with the leases that have not expired at *now* by name."""

    @abstractmethod
    def store(self) -> StoreState:
        """Return the state of the database server that answers."""

    @abstractmethod
    def sessions(self, now: datetime) -> int:
        """Return how many people's sessions have not expired at *now*."""


class UnitOfWork(checks.UnitOfWork):
    """Transaction on everything that an installation keeps."""

    peer_updates: PeerUpdates
    process_reports: ProcessReports


class Queries(checks.Queries):
    cluster: ClusterQueries
    peer_updates: PeerUpdateQueries


Part = TypeVar("Part")


def implementations(ports: type, modules: Iterable[ModuleType], base: type[Part]) -> dict[str, type[Part]]:
    """Return the subclass of *base* in *modules* that implements the port of each attribute of *ports*.

    Raises NotImplementedError if there is none, and the attribute has no default.
    """
    classes = [each for module in modules for each in vars(module).values() if isinstance(each, type)]
    parts, hints = [each for each in classes if issubclass(each, base)], get_type_hints(ports)
    found = {name: part for name, port in hints.items() for part in parts if issubclass(part, port)}
    if missing := [name for name in hints if name not in found and not hasattr(ports, name)]:
        raise NotImplementedError(f"no {base.__name__} implements {', '.join(missing)}")
    return found


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
        """Return the server, or file, that the intake was connected to last; "" before, and after `reconnect`."""
        return ""

    def host_watch(self) -> Callable[[], None] | None:
        """Return what is to run every second so that all connections lead to a server that can write; None with one."""
        return None

    @abstractmethod
    def reconnect(self) -> None:
        """Close all connections, and open new ones when needed: another database may answer by now."""

    @abstractmethod
    def close(self) -> None:
        """Close all connections. The store can't be used afterwards."""
