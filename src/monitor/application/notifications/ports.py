"""What notifications ask for: storage of the outbox and of channels, and senders."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import NamedTuple

from monitor.application.fleet.visibility import VisibleIds
from monitor.application.history import ports as history
from monitor.application.oncall import ports as oncall
from monitor.domain.accounts.account_mails import AccountMail
from monitor.domain.accounts.actors import Actor
from monitor.domain.alerts.alert import Alert, AlertId, EventKind, IncidentId, TimelineEntry
from monitor.domain.alerts.quiet import Notice
from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.fleet.servers import Kind, ServerId
from monitor.domain.incidents.causes import CauseKind
from monitor.domain.incidents.incidents import Incident
from monitor.domain.levels import Level
from monitor.domain.notifications import outbox
from monitor.domain.notifications.channels import Channel, ChannelForm, ChannelId
from monitor.domain.notifications.outbox import DeliveryState, Held, Notification, NotificationId, Sending, Target


class Notifications(ABC):
    """The outbox. Lists are in id order unless a method says otherwise."""

    @abstractmethod
    def add(self, notifications: Sequence[Notification]) -> None:
        """Store new ones. Skips a known (event, target), and deleted targets."""

    @abstractmethod
    def get(self, notification_id: NotificationId) -> Notification:
        """Return one, locked until the transaction ends. Raises NotFound."""

    @abstractmethod
    def claim(
        self,
        now: datetime,
        *,
        until: datetime | None = None,
        leased_until: datetime,
        limit: int,
        each: int = outbox.MOST_AT_ONCE,
        only: Collection[Target] | None = None,
        excluding: Collection[Target] = (),
        holder: str = "",
    ) -> list[Notification]:
        """Lease to *holder* the PENDING ones of targets with at least one due, and return them, oldest first. Skips
        leased targets. Claims whole targets until *limit* is reached, the longest waiting first; of one target at most
        *each*: those that have a message, then those that are due first. *until*: what is due later stays, unless it
        has been tried."""

    @abstractmethod
    def are_lost(self, notifications: Sequence[Notification], holder: str) -> bool:
        """Tell whether one is SENT, or PENDING and not claimed by *holder*: another process may have sent it."""

    @abstractmethod
    def free(self, holder: str, only: Collection[NotificationId] | None = None) -> None:
        """End the leases of *holder*; *only*: those on these notifications."""

    @abstractmethod
    def stamp(self, notifications: Sequence[Notification]) -> None:
        """Store only `message_id` of these notifications. Their leases stay."""

    @abstractmethod
    def save(self, notifications: Sequence[Notification]) -> None:
        """Replace the stored ones and end their leases. Skips deleted ones."""

    @abstractmethod
    def held(self, ids: Collection[NotificationId]) -> list[Notification]:
        """Return those of *ids* that are HELD, oldest first."""

    @abstractmethod
    def of_alerts(self, alert_ids: Collection[AlertId]) -> list[Notification]: ...

    @abstractmethod
    def of_incidents(self, incident_ids: Collection[IncidentId], target: Target) -> list[Notification]:
        """Return those to *target*, but for ends, that are SENT, or PENDING with a message. Not locked."""

    @abstractmethod
    def notified_targets(self, alert_ids: Collection[AlertId]) -> set[Target]:
        """Return the targets that have a SENT, PENDING or HELD notification about these alerts, or one that another
        message stands for (AMENDED)."""

    @abstractmethod
    def delete_before(self, at: datetime, at_most: int) -> None:
        """Delete *at_most* that were created before *at* and are neither PENDING nor HELD."""


class Channels(ABC):
    """Settings that may hold secrets are encrypted, except in memory. `get`, `save` and `delete` raise NotFound.

    A scope keeps the ids of deleted teams, servers and checks. None is used twice, so it covers what is left, and never
    becomes everything.
    """

    @abstractmethod
    def add(self, channel: Channel) -> Channel: ...

    @abstractmethod
    def get(self, channel_id: ChannelId) -> Channel: ...

    @abstractmethod
    def save(self, channel: Channel) -> None:
        """Replace the stored one; the secrets of an unreadable channel stay."""

    @abstractmethod
    def delete(self, channel_id: ChannelId) -> None:
        """Delete it and its PENDING and HELD notifications."""

    @abstractmethod
    def all(self) -> list[Channel]: ...

    @abstractmethod
    def reencrypt(self) -> None:
        """Encrypt what is stored in plain text or under an older key."""


class Point(NamedTuple):
    at: datetime
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What a message says about one event of an alert.

    *event_kind*: DUE for the first message about an alert that has fired for a while. *value*: the newest of an open
    alert, else that at the event. *last_hour*: oldest first; empty: no chart; behind a link, of some hours. *link*,
    *ack_link*: None if this server's address is not configured; channels have no *ack_link*. *notice*: why it is sent
    although others are held. *host_id*: the server, or that of a check. *target*, *failure*: see `NotifiedCheck`;
    *failure* only about UP. *policy_note*: what to do, in Markdown; "" once the alert has ended.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentNote:
    """What a message says of the one incident that it is about. *threads*: the id and begin of the incident, and of
    those that were merged into it. *is_first*: its first message to the receiver. *more*: alerts that amend an earlier
    one. *value*: the tag or network, or the name of what its hosts depend on; *kind* None: there is no common cause.
    *sick*, *healthy*: of its hosts that the receiver sees, how many, and the names."""

    threads: Sequence[tuple[IncidentId, datetime]]
    is_first: bool = False
    more: int = 0
    kind: CauseKind | None = None
    value: str = ""
    sick: int = 0
    healthy: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outgoing:
    """*message_id*: the same at each attempt. A sender calls *confirm* once, right before it hands the message over; it
    raises if that is no longer allowed."""

    message_id: str
    sent_at: datetime
    confirm: Callable[[], None] = field(default=lambda: None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message(_Outgoing):
    locale: str
    items: Sequence[Item]
    is_test: bool = False
    incident: IncidentNote | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountNotice(_Outgoing):
    """Mail about a change of an account. *link*: to its page; None if this server's address is not configured."""

    mail: AccountMail
    link: str | None = None


class AlertCard(NamedTuple):
    """An alert in words. *top*, *rest*: HTML without styles. *title*: plain text."""

    title: str
    top: str
    rest: str


class AlertCards(ABC):
    @abstractmethod
    def __call__(self, item: Item, locale: str, now: datetime, charted_for: timedelta) -> AlertCard:
        """Say *item* in the words of messages. *charted_for*: how long its chart is."""


class SendStatus(Enum):
    """RETRY: the receiving server may accept it later. REFUSED: it never will."""

    SENT = auto()
    RETRY = auto()
    REFUSED = auto()


@dataclass(frozen=True, slots=True)
class SendResult:
    """*error*: why it was not sent, in one line and without secrets. *receipt*: of a service that
    gives one."""

    status: SendStatus
    error: str = ""
    receipt: str = ""


class Mailer(ABC):
    """Sends mail within a bounded time. Errors of the mail server or the network are results, not exceptions."""

    @abstractmethod
    def send(self, address: str, message: Message) -> SendResult: ...

    @abstractmethod
    def send_notice(self, notice: AccountNotice) -> SendResult: ...

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


class PushKeys(ABC):
    """The pair of keys by which push services know this server."""

    @abstractmethod
    def public(self) -> str:
        """Return the public key as browsers take it: base64url of an uncompressed point."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationFilter:
    """*before*: the last id of the previous page."""

    delivery: DeliveryState | None = None
    server_id: ServerId | None = None
    before: int | None = None
    limit: int = 100


class NotifiedCheck(NamedTuple):
    """What messages say of a check. *target*: without secrets. *failure*: why the last failed run failed, or ""."""

    target: str
    failure: str


class NotifiedChecks(ABC):
    @abstractmethod
    def for_message(self, ids: Collection[ServerId]) -> dict[ServerId, NotifiedCheck]:
        """Leave out ids that are not those of checks."""


class NotifiedIncidents(ABC):
    @abstractmethod
    def for_message(self, incident_id: IncidentId) -> list[Incident]:
        """Return it, without its hosts, then those that were merged into it, oldest first."""


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
    def due_since(self, now: datetime) -> datetime | None:
        """Return since when the PENDING one that waits longest is due and not claimed; None: none is."""

    @abstractmethod
    def last_by_channel(self) -> dict[ChannelId, Notification]:
        """Return for each channel the last notification that was tried (SENT, PARKED, or PENDING after an attempt)."""


class NotifiedAlerts(ABC):
    @abstractmethod
    def get_many(self, alert_ids: Collection[AlertId], *, changed_by: Actor | None) -> dict[AlertId, Alert]:
        """Return alerts in id order, locked until the transaction ends. *changed_by* None: those that exist. Else it
        raises NotFound if an alert is not there or not visible, and then Forbidden if a server is not changeable."""

    @abstractmethod
    def save(self, alert: Alert) -> None:
        """Replace the stored one. Raises NotFound."""

    @abstractmethod
    def firing_incidents(self, incident_ids: Collection[IncidentId]) -> set[IncidentId]:
        """Return those with an alert that fires. Not locked."""

    @abstractmethod
    def save_notified(self, alert_ids: Collection[AlertId], at: datetime) -> None:
        """Replace only last_notified_at. Skips deleted alerts."""

    @abstractmethod
    def add_to_timeline(self, entries: Sequence[TimelineEntry]) -> list[TimelineEntry]:
        """Store them in this order and return them with ids."""


class UnitOfWork(oncall.UnitOfWork):
    alerts: NotifiedAlerts
    channels: Channels
    notifications: Notifications


class Queries(history.Queries):
    checks: NotifiedChecks
    incidents: NotifiedIncidents
    notifications: NotificationQueries
