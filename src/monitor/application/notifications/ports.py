"""What notifications ask for: storage of the outbox and of channels, and senders."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto
from typing import NamedTuple

from monitor.application.fleet.visibility import VisibleIds
from monitor.application.history import ports as history
from monitor.domain.accounts.account_mails import AccountMail
from monitor.domain.accounts.actors import Actor
from monitor.domain.alerts.alert import Alert, AlertId, EventKind, TimelineEntry
from monitor.domain.alerts.quiet import Notice
from monitor.domain.alerts.reasons import Reason
from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.fleet.servers import Kind, ServerId
from monitor.domain.levels import Level
from monitor.domain.notifications.channels import Channel, ChannelForm, ChannelId
from monitor.domain.notifications.outbox import MOST_AT_ONCE, DeliveryState, Notification, NotificationId, Target


class Notifications(ABC):
    """The outbox."""

    @abstractmethod
    def add(self, notifications: Sequence[Notification]) -> None:
        """Store new ones. Skips those whose (event, target) exists, and those whose target was deleted."""

    @abstractmethod
    def get(self, notification_id: NotificationId) -> Notification:
        """Return one, locked until the transaction ends. Raises NotFound."""

    @abstractmethod
    def claim(
        self,
        now: datetime,
        *,
        leased_until: datetime,
        limit: int,
        each: int = MOST_AT_ONCE,
        only: Collection[Target] | None = None,
        excluding: Collection[Target] = (),
        holder: str = "",
    ) -> list[Notification]:
        """Lease to *holder* the PENDING ones of targets with at least one due, and return them, oldest first.

        Claims whole targets, so that they can share a message, until *limit* is reached; the longest waiting first.
        Of one target at most *each*: those that have a message first, then those that are due first.
        Skips targets with a lease that has not ended, those not in *only*, and those in *excluding*.
        """

    @abstractmethod
    def are_lost(self, notifications: Sequence[Notification], holder: str) -> bool:
        """Return whether another process may have sent one: it is SENT, or PENDING and not claimed by *holder*."""

    @abstractmethod
    def free(self, holder: str, only: Collection[NotificationId] | None = None) -> None:
        """End the leases of *holder*; *only*: those on these notifications."""

    @abstractmethod
    def stamp(self, notifications: Sequence[Notification]) -> None:
        """Store only their message_id and ack_digest; leases stay."""

    @abstractmethod
    def save(self, notifications: Sequence[Notification]) -> None:
        """Replace the stored ones and end their leases. Skips deleted ones."""

    @abstractmethod
    def held(self, ids: Collection[NotificationId]) -> list[Notification]:
        """Return those of *ids* that are HELD, oldest first."""

    @abstractmethod
    def of_alerts(self, alert_ids: Collection[AlertId]) -> list[Notification]:
        """Return those about the alerts, in id order."""

    @abstractmethod
    def notified_targets(self, alert_ids: Collection[AlertId]) -> set[Target]:
        """Return the targets that have a SENT, PENDING or HELD notification about these alerts."""

    @abstractmethod
    def delete_before(self, at: datetime, at_most: int) -> None:
        """Delete *at_most* of those created before *at* that are neither PENDING nor HELD."""

    @abstractmethod
    def by_ack_digest(self, digest: bytes) -> Notification | None: ...


class Channels(ABC):
    """Channels. Settings that may hold secrets are stored encrypted, except in the memory of this process."""

    @abstractmethod
    def add(self, channel: Channel) -> Channel:
        """Store a new one and return it with its id."""

    @abstractmethod
    def get(self, channel_id: ChannelId) -> Channel:
        """Raises NotFound."""

    @abstractmethod
    def save(self, channel: Channel) -> None:
        """Replace the stored one; the secrets of an unreadable channel stay. Raises NotFound."""

    @abstractmethod
    def delete(self, channel_id: ChannelId) -> None:
        """Delete it and its PENDING and HELD notifications. Raises NotFound."""

    @abstractmethod
    def all(self) -> list[Channel]:
        """In id order."""

    @abstractmethod
    def reencrypt(self) -> None:
        """Encrypt what is stored in plain text or under an older key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    at: datetime
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What a message says about one event of an alert.

    *value*: the newest value of an open alert, else its value at the event. *last_hour*: oldest first; empty: no chart.
    *policy_note*: what to do, in Markdown; "" once the alert has ended.
    *kind*: of what the alert is about; *host_id*: the server itself, or that of a check, if it has one. *target*,
    *failure*: of a check, see `NotifiedCheck`; *failure* is "" unless the alert is about whether it is up.
    *event_kind*: DUE for the first message about an alert that has fired for a while. *notice*: why it is sent although
    others are held. *link*, *ack_link*: None if this server's address is not configured; *ack_link* is also None for
    channels.
    """

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
    notice: Notice | None = None
    kind: Kind = Kind.HOST
    host_id: ServerId | None = None
    target: str = ""
    failure: str = ""
    policy_note: str = ""


def _confirmed() -> None:
    """Confirm always."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Message to one recipient. *message_id* is the same when the same notifications are sent again.

    A sender calls *confirm* once, right before it hands the message over. It raises if that is no longer allowed.
    """

    message_id: str
    locale: str
    items: Sequence[Item]
    sent_at: datetime
    is_test: bool = False
    confirm: Callable[[], None] = field(default=_confirmed, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountNotice:
    """What a mail about a change of an account says, and its id, which is the same at each attempt.

    *link*: to the page where the owner looks after the account; None if this server's address is not configured.
    *confirm*: as in `Message`.
    """

    message_id: str
    mail: AccountMail
    sent_at: datetime
    link: str | None = None
    confirm: Callable[[], None] = field(default=_confirmed, compare=False)


class SendStatus(Enum):
    """RETRY: the receiving server may accept it later. REFUSED: it never will."""

    SENT = auto()
    RETRY = auto()
    REFUSED = auto()


@dataclass(frozen=True, slots=True)
class SendResult:
    """*error*: why it was not sent, in one line and without secrets."""

    status: SendStatus
    error: str = ""


class Mailer(ABC):
    """Sends mail to users."""

    @abstractmethod
    def send(self, address: str, message: Message) -> SendResult:
        """Send within a bounded time. Errors of the mail server or the network are results, not exceptions."""

    @abstractmethod
    def send_notice(self, notice: AccountNotice) -> SendResult:
        """Send to the address that the notice's mail names, likewise."""

    @property
    @abstractmethod
    def is_configured(self) -> bool: ...


class ChannelSender(ABC):
    """One kind of channel: its form, and how it sends."""

    form: ChannelForm

    @abstractmethod
    def send(self, channel: Channel, message: Message) -> SendResult:
        """Send within a bounded time. Errors of the service or the network are results, not exceptions."""

    def check(self, channel: Channel) -> None:
        """Raise InvalidInput, naming "settings.<name>", if the settings are not valid. May take seconds."""
        general = self.form.problems(channel.settings)
        valid = {name: value for name, value in channel.settings.items() if name not in general}
        if problems := general | self.problems(valid):
            raise InvalidInput({f"settings.{name}": problem for name, problem in problems.items()})

    def problems(self, settings: Mapping[str, str]) -> dict[str, Problem]:
        """Return the problems that only this kind can find. *settings* hold only values that fit the form."""
        return {}

    def shown(self, channel: Channel) -> dict[str, str]:
        """Return the settings without their secrets."""
        return self.form.shown(channel.settings)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationFilter:
    """*before*: the last id of the previous page."""

    delivery: DeliveryState | None = None
    server_id: ServerId | None = None
    before: int | None = None
    limit: int = 100


class NotifiedCheck(NamedTuple):
    """What messages tell of a check. *target*: without secrets. *failure*: why the last run that failed did, or ""."""

    target: str
    failure: str


class NotifiedChecks(ABC):
    @abstractmethod
    def for_message(self, ids: Collection[ServerId]) -> dict[ServerId, NotifiedCheck]:
        """Leave out ids that are not those of checks."""


class Sending(NamedTuple):
    """Notification as far as it is counted. *at*: when it was sent, or else created."""

    alert_id: AlertId | None
    server_id: ServerId
    target: Target
    event_kind: EventKind
    delivery: DeliveryState
    reason: Reason | None
    created_at: datetime
    at: datetime
    level: Level


class Held(NamedTuple):
    """HELD notification. *alert_id*: None once the alert was deleted."""

    id: NotificationId
    alert_id: AlertId | None
    target: Target
    server_id: ServerId
    metric: str
    created_at: datetime


class NotificationQueries(ABC):
    @abstractmethod
    def newest(self, actor: Actor, wanted: NotificationFilter) -> list[Notification]:
        """Return them by id, newest first. Raises Forbidden."""

    @abstractmethod
    def of_alert(self, alert_id: AlertId) -> list[Notification]:
        """Return those about an alert, in id order. The caller checks who may see it."""

    @abstractmethod
    def sendings(self, of: VisibleIds, metric: str | None, start: datetime, end: datetime) -> list[Sending]:
        """Return those about what is visible, and about *metric* (None: any), with start <= created_at < end."""

    @abstractmethod
    def held(self) -> list[Held]:
        """Return all HELD ones, oldest first. Not locked."""

    @abstractmethod
    def last_by_channel(self) -> dict[ChannelId, Notification]:
        """Return for each channel the last notification that was tried (SENT, PARKED, or PENDING after an attempt)."""


class NotifiedAlerts(ABC):
    """Alerts, as far as notifications change them."""

    @abstractmethod
    def get_many(self, alert_ids: Collection[AlertId], *, changed_by: Actor | None) -> dict[AlertId, Alert]:
        """Return alerts in id order, locked until the transaction ends.

        *changed_by* None: those that exist. Else raises NotFound if one does not exist or the actor may not see its
        server, and then Forbidden if they may not change one of the servers.
        """

    @abstractmethod
    def save(self, alert: Alert) -> None:
        """Replace the stored one. Raises NotFound."""

    @abstractmethod
    def save_notified(self, alert_ids: Collection[AlertId], at: datetime) -> None:
        """Replace only last_notified_at. Skips deleted alerts."""

    @abstractmethod
    def add_to_timeline(self, entries: Sequence[TimelineEntry]) -> list[TimelineEntry]:
        """Store them in this order and return them with ids."""


class UnitOfWork(history.UnitOfWork):
    """Transaction on the outbox and the channels."""

    alerts: NotifiedAlerts
    channels: Channels
    notifications: Notifications


class Queries(history.Queries):
    checks: NotifiedChecks
    notifications: NotificationQueries
