"""What use cases get that each have a transaction of their own, so that they share one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from monitor.application.fleet.directory import Directory
from monitor.application.fleet.visibility import KnownFleet, VisibleFleet
from monitor.application.operations.ports import UnitOfWork
from monitor.domain.accounts.actors import Actor
from monitor.domain.errors import TransactionConflict, TransactionLost
from monitor.domain.fleet.servers import ServerId
from monitor.domain.intake.live import Live


class Broken(Exception):
    """The shared transaction cannot go on. A use case must not repeat its own part alone."""

    def __init__(self, cause: TransactionConflict | TransactionLost) -> None:
        super().__init__(str(cause))
        self.cause = cause


class Part(UnitOfWork):
    """A unit of work with the repositories of *whole*, to which its commit is left."""

    def __init__(self, whole: UnitOfWork) -> None:
        self._whole = whole

    def __getattr__(self, name: str) -> Any:
        return getattr(self._whole, name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        if isinstance(exc, (TransactionConflict, TransactionLost)):
            raise Broken(exc) from exc

    def commit(self) -> None:
        """Leave it to the whole."""


@dataclass(frozen=True)
class FleetBefore(KnownFleet):
    """The fleet as it was before the transaction: within one nothing may wait for the intake, which waits for it."""

    directory: Directory
    live: Mapping[ServerId, Live]

    def visible_to(self, actor: Actor) -> VisibleFleet:
        return VisibleFleet(self.directory, actor)


def parts_of(whole: UnitOfWork) -> Callable[[], UnitOfWork]:
    """Return what opens units of work for use cases that take part in *whole*."""
    return lambda: Part(whole)
