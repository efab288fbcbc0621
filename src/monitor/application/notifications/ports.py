"""Where the outbox and the channels are kept, and what sends."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto

from monitor.application.history import ports as history
from monitor.domain.accounts.actors import Actor
from monitor.domain.alerts.alert import Alert, AlertId, EventKind, TimelineEntry
from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.fleet.servers import ServerId
from monitor.domain.levels import Level
from monitor.domain.notifications.channels import Channel, ChannelForm, ChannelId
from monitor.domain.notifications.outbox import Delivery, Notification, NotificationId, Target


class Notifications(ABC):
    """The outbox."""

    @abstractmethod
    def add(self, notifications: Sequence[Notification]) -> None:
        """Those whose (event, target) is there already are passed over."""

    @abstractmethod
    def get(self, notification_id: NotificationId) -> Notification:
        """Locked against other transactions' changes. Raises NotFound."""

    @abstractmethod
    def claim(
        self,
        now: datetime,
        *,
        leased_until: datetime,
        limit: int,
        among: Collection[Target] | None = None,
        but_for: Collection[Target] = (),
        holder: str = "",
    ) -> list[Notification]:
        """All PENDING ones of targets for whom at least one is due, oldest first; now leased to *holder*.

        Whole targets, until *limit* is reached: what one person is told at a time goes together. A target of whom
        another holds a lease that has not run out is passed over, and so is one that is not *among* those wanted, or is
        one of *but_for*.
        """

    @abstractmethod
    def are_lost(self, notifications: Sequence[Notification], holder: str) -> bool:
        """Whether another sends one of them, has sent it, or may: it is SENT, or PENDING and not claimed by
        *holder*."""

    @abstractmethod
    def free(self, holder: str) -> None:
        """End the leases of all that *holder* has claimed."""

    @abstractmethod
    def stamp(self, notifications: Sequence[Notification]) -> None:
        """Store their message_id and ack_digest, and nothing else of them; leases stay as they are."""

    @abstractmethod
    def save(self, notifications: Sequence[Notification]) -> None:
        """Replace the stored ones and end their leases. Those that are gone are passed over."""

    @abstractmethod
    def held(self) -> list[Notification]:
        """Oldest first."""

    @abstractmethod
    def of_alerts(self, alert_ids: Collection[AlertId]) -> list[Notification]:
        """All there are, in id order."""

    @abstractmethod
    def told(self, alert_ids: Collection[AlertId]) -> set[Target]:
        """Who was sent anything of these alerts, or has it waiting (PENDING or HELD)."""

    @abstractmethod
    def delete_before(self, at: datetime) -> None:
        """Those created before *at* and no longer to be sent."""

    @abstractmethod
    def by_ack_digest(self, digest: bytes) -> Notification | None: ...


class Channels(ABC):
    """Settings that may hold secrets are stored encrypted wherever something is stored outside of this process."""

    @abstractmethod
    def add(self, channel: Channel) -> Channel:
        """Store a new one and return it with its id."""

    @abstractmethod
    def get(self, channel_id: ChannelId) -> Channel:
        """Raises NotFound."""

    @abstractmethod
    def save(self, channel: Channel) -> None:
        """Replace the stored one, but for the secrets of one that is not readable. Raises NotFound."""

    @abstractmethod
    def delete(self, channel_id: ChannelId) -> None:
        """With what is still to be sent through it. Raises NotFound."""

    @abstractmethod
    def all(self) -> list[Channel]:
        """In id order."""

    @abstractmethod
    def encrypt_anew(self) -> int:
        """Encrypt under the present key what is stored in plain text or under an older key; return of how many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    at: datetime
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing to tell. *value*: of an alert that is open the newest known, else what it was when that happened.
    *last_hour* is what a small chart draws, oldest first. Links are None where no address of
    this server is configured; *ack_link* also where nobody in particular is told."""

    event_kind: EventKind
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


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationFilter:
    """*before* is the last id of the page before."""

    delivery: Delivery | None = None
    server_id: ServerId | None = None
    before: int | None = None
    limit: int = 100


class NotificationQueries(ABC):
    @abstractmethod
    def newest(self, actor: Actor, wanted: NotificationFilter) -> list[Notification]:
        """By id, newest first. Raises Forbidden for who is no admin."""

    @abstractmethod
    def last_by_channel(self) -> dict[ChannelId, Notification]:
        """Of each channel the one tried last (SENT, PARKED, or PENDING after an attempt)."""


class NotifiedAlerts(ABC):
    """The alerts that notifications are about."""

    @abstractmethod
    def get_many(self, alert_ids: Collection[AlertId], *, visible_to: Actor | None) -> dict[AlertId, Alert]:
        """Those that exist, and that the actor may see, in id order; locked like one that `get` gives."""

    @abstractmethod
    def save(self, alert: Alert) -> None:
        """Replace the stored one. Raises NotFound."""

    @abstractmethod
    def add_to_timeline(self, entries: Sequence[TimelineEntry]) -> list[TimelineEntry]:
        """Store them in this order and return them with their ids."""


class UnitOfWork(history.UnitOfWork):
    """A transaction on the outbox and the channels."""

    alerts: NotifiedAlerts
    channels: Channels
    notifications: Notifications


class Queries(history.Queries):
    notifications: NotificationQueries
