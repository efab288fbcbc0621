from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import NamedTuple

from monitor.application.alerts import ports as alerts
from monitor.domain.intake.live import Heard


class PeerUpdate(NamedTuple):
    number: int
    heard: Sequence[Heard]


class PeerUpdates(ABC):
    """What serving processes tell each other; each numbers its own from 1 on."""

    @abstractmethod
    def add(self, process: str, peer_update: PeerUpdate) -> None: ...

    @abstractmethod
    def remove(self, process: str, before: int | None = None) -> None:
        """Those with a lower number; None: all of that process."""


class PeerUpdateQueries(ABC):
    @abstractmethod
    def newest(self, but: str) -> dict[str, int]:
        """The number of the last one of each process *but* that."""

    @abstractmethod
    def between(self, process: str, after: int, until: int) -> list[PeerUpdate]:
        """after < number <= until, in that order. What this version can't read is left out."""


class UnitOfWork(alerts.UnitOfWork):
    """A transaction on everything that an installation keeps."""

    peer_updates: PeerUpdates


class Queries(alerts.Queries):
    peer_updates: PeerUpdateQueries
