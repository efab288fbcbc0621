"""One transaction. Each concept's `ports` adds the repositories that it uses."""

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self

from monitor.application.ports import Heartbeats, Leases


class UnitOfWork(ABC):
    """One transaction. Leaving the block without commit() rolls back.

    Every call may raise StorageUnavailable, or TransactionConflict if the whole transaction can be repeated.
    A commit that changes users, servers (except liveness), links, keys, policies, silences, channels or preferences
    raises the fleet's revision by one (see `FleetQueries.revision`).
    """

    heartbeats: Heartbeats
    leases: Leases

    @abstractmethod
    def __enter__(self) -> Self: ...

    @abstractmethod
    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None: ...

    @abstractmethod
    def commit(self) -> None: ...
