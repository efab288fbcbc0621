"""What notifications ask for: storage of the outbox and of channels, and queries."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from monitor.application.fleet.visibility import VisibleIds
from monitor.application.history import ports as history
from monitor.application.oncall import ports as oncall
from monitor.domain.accounts.actors import Actor, UserId
from monitor.domain.alerts.alert import Alert, AlertId, IncidentId, TimelineEntry
from monitor.domain.fleet.servers import ServerId
from monitor.domain.fleet.teams import EscalationId
from monitor.domain.incidents.incidents import Incident
from monitor.domain.notifications import outbox
from monitor.domain.notifications.channels import Channel, ChannelId
from monitor.domain.notifications.outbox import DeliveryState, Held, Notification, NotificationId, Sending, Target


class Notifications(ABC):
    """The outbox. Lists are in id order unless a method says otherwise."""

    @abstractmethod
    def add(self, notifications: Sequence[Notification]) -> None:
        """Store new ones; those of one event differ only in their target, and in when and whether they are sent.

        Skips a known (event, target), and deleted targets.
        """

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
        """Replace the stored ones, `not_before` of PENDING ones alone, and end their leases. Skips deleted ones."""

    @abstractmethod
    def held(self, ids: Collection[NotificationId]) -> list[Notification]:
        """Return those of *ids* that are HELD, oldest first."""

    @abstractmethod
    def of_alerts(self, alert_ids: Collection[AlertId]) -> list[Notification]: ...

    @abstractmethod
    def of_incidents(self, incident_ids: Collection[IncidentId], target: Target, but: str) -> list[Notification]:
        """Return those to *target*, but for ends, that are SENT, or PENDING with a message. Not locked.

        *but*: the id of a message of which only what is SENT counts.
        """

    @abstractmethod
    def lasting_incidents(self, incident_ids: Collection[IncidentId], target: Target) -> set[IncidentId]:
        """Return those with an alert that fires and of which *target* knows: by a notification that is SENT, PENDING,
        held by a parent, or stood for by another message (AMENDED). Not locked."""

    @abstractmethod
    def notified_alerts(self, alert_ids: Collection[AlertId], target: Target, but: str) -> set[AlertId]:
        """Return the alerts with a notification as `of_incidents` returns it. Not locked."""

    @abstractmethod
    def notified_targets(self, alert_ids: Collection[AlertId]) -> dict[AlertId, dict[Target, set[EscalationId]]]:
        """Return the targets that have a SENT, PENDING or HELD notification about each alert, or one that another
        message stands for (AMENDED), with the escalations that called them. Alerts without any are left out."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationFilter:
    """*user_id*: to this person, by any way. *start*, *end*: start <= created_at < end. *before*: the last id of the
    previous page."""

    delivery: DeliveryState | None = None
    server_id: ServerId | None = None
    user_id: UserId | None = None
    start: datetime | None = None
    end: datetime | None = None
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
    def get(self, notification_id: NotificationId) -> Notification:
        """Return one, not locked. The caller checks who may see it. Raises NotFound."""

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
    def save_notified(self, alert_ids: Collection[AlertId], at: datetime) -> list[AlertId]:
        """Replace only last_notified_at. Return the ids without those of deleted alerts, in order."""

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
