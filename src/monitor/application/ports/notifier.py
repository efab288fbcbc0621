from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto

from monitor.domain.alert_engine import Level
from monitor.domain.alerts import Alert, Happening
from monitor.domain.channels import Channel, ChannelForm
from monitor.domain.errors import InvalidInput, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    at: datetime
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing to tell. *value*: of an alert that is open the newest known, else what it was when that happened.
    *last_hour* is what a small chart draws, oldest first. Links are None where no address of
    this server is configured; *ack_link* also where nobody in particular is told."""

    happening: Happening
    at: datetime
    alert: Alert
    server_name: str
    ip_address: str
    level: Level
    value: float | None
    last_hour: Sequence[Point] = ()
    link: str | None = None
    ack_link: str | None = None
    note: str = ""


def _is_confirmed() -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """All that one recipient is told at one time. *message_id* is the same whenever the same is sent again.

    A sender calls *confirm* once, right before it hands the text over; it raises where that must no longer be done.
    """

    message_id: str
    locale: str
    items: Sequence[Item]
    sent_at: datetime
    is_test: bool = False
    confirm: Callable[[], None] = field(default=_is_confirmed, compare=False)


class Verdict(Enum):
    """RETRY: the other side may take it later. REFUSED: it never will."""

    SENT = auto()
    RETRY = auto()
    REFUSED = auto()


@dataclass(frozen=True, slots=True)
class Sending:
    """*error* says in one line, without secrets, why it was not sent."""

    verdict: Verdict
    error: str = ""


class Mailer(ABC):
    @abstractmethod
    def send(self, address: str, message: Message) -> Sending:
        """Never raises for what the mail server or the network does; returns within a bounded time."""

    @property
    @abstractmethod
    def is_configured(self) -> bool: ...


class ChannelSender(ABC):
    """One kind of channel: what it asks for, and how it sends."""

    form: ChannelForm

    @abstractmethod
    def send(self, channel: Channel, message: Message) -> Sending:
        """Never raises for what the other side does; returns within a bounded time."""

    def check(self, channel: Channel) -> None:
        """Raises InvalidInput naming "settings.<name>". May take seconds."""
        general = self.form.problems(channel.settings)
        valid = {name: value for name, value in channel.settings.items() if name not in general}
        if problems := general | self.problems(valid):
            raise InvalidInput({f"settings.{name}": problem for name, problem in problems.items()})

    def problems(self, settings: Mapping[str, str]) -> dict[str, Problem]:
        """Return what only this kind can find wrong with *settings* that fit the form; invalid ones are left out."""
        return {}

    def shown(self, channel: Channel) -> dict[str, str]:
        """Return the settings without their secrets."""
        return self.form.shown(channel.settings)
