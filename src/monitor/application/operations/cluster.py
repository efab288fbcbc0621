"""What each serving process says of itself, so that an administrator sees all of them in one place."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple


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
    """*place*: where sealed hours lie. *sealed_until*: the end of the newest of them; None: there is none.

    *answers*: whether the place answered this process when it was last asked.
    """

    place: str
    sealed_until: datetime | None
    answers: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a process says of itself."""

    host: str
    version: str
    started_at: datetime
    store: StoreState
    history: HistoryState


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
