"""What use cases get that each have a transaction of their own, so that they share one."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from monitor.application.alerts.announcing import CancelOpenAlerts
from monitor.application.alerts.state_cache import Evaluation
from monitor.application.checks import ports as checks
from monitor.application.fleet.directory import Directory
from monitor.application.fleet.fleet import Fleet
from monitor.application.fleet.visibility import VisibleFleet
from monitor.application.operations.ports import UnitOfWork
from monitor.domain.accounts.actors import Actor
from monitor.domain.errors import TransactionConflict, TransactionLost
from monitor.domain.fleet.servers import Server, ServerId
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


@dataclass(frozen=True, slots=True)
class FleetBefore:
    """The fleet as it was before the transaction: within one nothing may wait for the intake, which waits for it."""

    directory: Directory
    live: Mapping[ServerId, Live]

    @classmethod
    def of(cls, fleet: Fleet) -> Self:
        return cls(fleet.directory, fleet.live)

    def poll(self) -> None:
        """Do nothing."""

    def visible_to(self, actor: Actor) -> VisibleFleet:
        return VisibleFleet(self.directory, actor)

    @property
    def writing(self) -> AbstractContextManager[None]:
        """What the transaction has locked already."""
        return nullcontext()


@dataclass(frozen=True, slots=True)
class StoredAlerts:
    """Updates alerts in the database only. Caches follow as after another process's change."""

    fleet: FleetBefore

    def begin_anew(self, uow: checks.UnitOfWork, server: Server, now: datetime, note: str) -> Evaluation:
        uow.alert_states.delete(uow.alert_states.of_servers([server.id]))
        CancelOpenAlerts(self.fleet).cancel_of(uow, [server.id], now, note)
        return Evaluation()

    def apply(self, evaluation: Evaluation) -> None:
        """Do nothing."""

    def forget(self) -> None:
        """Do nothing."""


def parts_of(whole: UnitOfWork) -> Callable[[], UnitOfWork]:
    """Return what opens units of work for use cases that take part in *whole*."""
    return lambda: Part(whole)
