"""What a message says, and what sends it."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import NamedTuple

from monitor.domain.accounts.account_mails import AccountMail
from monitor.domain.alerts.alert import Alert, EventKind, IncidentId
from monitor.domain.alerts.quiet import Notice
from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.fleet.servers import Kind, ServerId
from monitor.domain.incidents.causes import CauseKind
from monitor.domain.levels import Level
from monitor.domain.notifications.channels import Channel, ChannelForm
from monitor.domain.notifications.mail_settings import MailSettings


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
    """What a message says of the one incident that it is about. *threads*: id and begin of the incident, and of those
    that were merged into it. *is_first*: its first message to the receiver. *more*: alerts that amend an earlier one.
    *value*: the tag or network, or the name of what its hosts depend on; *kind* None: there is no common cause. *sick*,
    *healthy*: of its hosts that the receiver sees, how many, and the names."""

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
    raises if that is no longer allowed. *sent_from*: what a mail says of this server where it cannot link to it."""

    message_id: str
    sent_at: datetime
    sent_from: str = ""
    confirm: Callable[[], None] = field(default=lambda: None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message(_Outgoing):
    """*notice*: what it says instead of alerts, by a way that a person chose; then there are no *items*."""

    locale: str
    items: Sequence[Item]
    is_test: bool = False
    incident: IncidentNote | None = None
    notice: AccountMail | None = None


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
    gives one. *failed*: for mails, the step that failed."""

    status: SendStatus
    error: str = ""
    receipt: str = ""
    failed: str = field(default="", compare=False)


class Mailer(ABC):
    """Sends mail within a bounded time. Errors of the mail server or the network are results, not exceptions."""

    @abstractmethod
    def send(self, address: str, message: Message) -> SendResult: ...

    @abstractmethod
    def send_notice(self, notice: AccountNotice) -> SendResult: ...

    @property
    @abstractmethod
    def is_configured(self) -> bool: ...

    def using(self, settings: MailSettings) -> "Mailer":
        """Return a mailer with other *settings*; itself if it has none."""
        return self


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
