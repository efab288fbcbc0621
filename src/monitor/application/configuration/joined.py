"""Use cases that each have a transaction of their own, in one that they share."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Self, cast

from monitor.application.alerts.announcing import CancelOpenAlerts
from monitor.application.alerts.evaluation import Alerting
from monitor.application.alerts.state_cache import Evaluation
from monitor.application.fleet.directory import Directory
from monitor.application.fleet.fleet import Fleet
from monitor.application.fleet.visibility import VisibleFleet
from monitor.application.notifications.channels import Senders
from monitor.application.notifications.ports import ChannelSender, Message, SendResult
from monitor.application.operations.ports import UnitOfWork
from monitor.domain.accounts.actors import Actor
from monitor.domain.errors import TransactionConflict, TransactionLost
from monitor.domain.fleet.servers import Server
from monitor.domain.intake.live import Live
from monitor.domain.notifications.channels import Channel


class Broken(Exception):
    """The shared transaction cannot go on. A use case must not repeat its own part alone."""

    def __init__(self, cause: TransactionConflict | TransactionLost) -> None:
        super().__init__(str(cause))
        self.cause = cause


class _Part:
    """A unit of work whose commit is left to the whole."""

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


def parts_of(whole: UnitOfWork) -> Callable[[], UnitOfWork]:
    """Return what opens units of work for use cases that take part in *whole*."""
    return lambda: cast(UnitOfWork, _Part(whole))


@dataclass(frozen=True, slots=True)
class _Still:
    """The fleet as it was before the transaction: within one nothing may wait for the intake, which waits for it."""

    directory: Directory
    live: dict[Any, Live]

    def refresh(self) -> None:
        """Do nothing."""

    def poll(self) -> None:
        """Do nothing."""

    def visible_to(self, actor: Actor) -> VisibleFleet:
        return VisibleFleet(self.directory, actor)

    @property
    def writing(self) -> AbstractContextManager[None]:
        """What the transaction has locked already."""
        return nullcontext()


def still(fleet: Fleet) -> Fleet:
    return cast(Fleet, _Still(fleet.directory, fleet.live))


@dataclass(frozen=True, slots=True)
class _StoredAlone:
    """Alerts in the database alone. Evaluation learns of it as it does of what other processes do."""

    fleet: Fleet

    @property
    def states(self) -> "_StoredAlone":
        return self

    def begin_anew(self, uow: UnitOfWork, server: Server, now: datetime, note: str) -> Evaluation:
        uow.alert_states.delete(uow.alert_states.of_servers([server.id]))
        CancelOpenAlerts(self.fleet).cancel_of(uow, [server.id], now, note)
        return Evaluation()

    def apply(self, evaluation: Evaluation) -> None:
        """Do nothing."""

    def forget(self) -> None:
        """Do nothing."""


def stored_alone(fleet: Fleet) -> Alerting:
    return cast(Alerting, _StoredAlone(fleet))


class _Checked(ChannelSender):
    """A kind of channel whose settings were checked before the transaction: that may take seconds."""

    def __init__(self, sender: ChannelSender) -> None:
        self.form = sender.form
        self._sender = sender

    def send(self, channel: Channel, message: Message) -> SendResult:
        return self._sender.send(channel, message)

    def check(self, channel: Channel) -> None:
        """Do nothing."""

    def shown(self, channel: Channel) -> dict[str, str]:
        return self._sender.shown(channel)


def checked(senders: Senders) -> Senders:
    return {kind: _Checked(sender) for kind, sender in senders.items()}
