"""Decide what of a delivery is still to be sent, and what waits, is held or dropped."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from monitor.application.fleet.directory import Directory
from monitor.application.notifications.called import refusal_now
from monitor.application.notifications.ports import UnitOfWork
from monitor.domain.accounts.users import User
from monitor.domain.alerts.alert import Alert, AlertId, EventKind, IncidentId
from monitor.domain.alerts.reasons import Reason
from monitor.domain.fleet.servers import ServerId
from monitor.domain.incidents.messages import Received, amending
from monitor.domain.notifications.channels import Channel
from monitor.domain.notifications.outbox import (
    ENDINGS,
    SEND,
    Decided,
    Decision,
    Notification,
    NotificationId,
    decide,
)

_OPENINGS = (EventKind.FIRED, EventKind.ESCALATED, EventKind.DUE, EventKind.FOUND, EventKind.STEP)


class Hold(NamedTuple):
    """What holds an alert back: a silence, or a parent, which is down or may be."""

    reason: Reason
    parent_id: ServerId | None = None


Holds = Callable[[ServerId, str, datetime], Hold | None]
"""What holds an event back, by server, metric, and when it happened."""


class HoldsBack(ABC):
    @abstractmethod
    def __call__(self) -> Holds:
        """Return what holds alerts back now. Raises StorageUnavailable."""


class Before(NamedTuple):
    """What was there before a message. *notified*: alerts about which its target got another one, or perhaps got it.
    *received*: of each incident, by other messages. *lasting*: see `Notifications.lasting_incidents`."""

    alerts: Mapping[AlertId, Alert]
    notified: Collection[AlertId]
    received: Mapping[IncidentId, Received] = {}
    lasting: Collection[IncidentId] = ()


def read_before(uow: UnitOfWork, directory: Directory, delivery: Sequence[Notification]) -> Before:
    ids = {n.alert_id for n in delivery if n.alert_id is not None}
    target, message_id = delivery[0].target, delivery[0].message_id
    alerts = uow.alerts.get_many(ids, changed_by=None)
    notified = uow.notifications.notified_alerts(ids, target, message_id)
    incident_ids = {n.incident_id for n in delivery if n.incident_id is not None}
    if not incident_ids:
        return Before(alerts, notified)
    known = uow.notifications.of_incidents(incident_ids, target, message_id)
    received = {
        each: Received.of((n for n in known if n.incident_id == each), directory.host_of) for each in incident_ids
    }
    ending = {n.incident_id for n in delivery if n.event_kind in ENDINGS}
    known_ones = {each for each, got in received.items() if got.levels}
    return Before(alerts, notified, received, uow.notifications.lasting_incidents(known_ones & ending, target))


def decisions(
    directory: Directory,
    receiver: User | Channel | None,
    delivery: Sequence[Notification],
    before: Before,
    holds: Holds,
    now: datetime,
) -> dict[NotificationId, Decided]:
    found: dict[NotificationId, Decided] = {}
    begun = set[AlertId | None]()
    for n in sorted(delivery, key=lambda n: n.event_kind in ENDINGS):  # an end is sent together with its beginning
        decided = _decide(directory, receiver, n, before, holds, begun)
        if decided == SEND and n.incident_id is not None:
            received, host_id = before.received[n.incident_id], directory.host_of(n.server_id)
            pause, lasts = directory.preferences.reminder_pause, n.incident_id in before.lasting
            decided = amending(n, host_id, received, now, lasts=lasts, reminder_pause=pause)
        found[n.id] = decided
        if n.event_kind in _OPENINGS and decided == SEND:
            begun.add(n.alert_id)
    return found


def _decide(
    directory: Directory,
    receiver: User | Channel | None,
    notification: Notification,
    before: Before,
    holds: Holds,
    begun: Collection[AlertId | None],
) -> Decided:
    """*begun*: alerts whose beginning is in the same message."""
    if (reason := refusal_now(directory, receiver, notification)) is not None:
        return Decided(Decision.DROP, reason)
    server = directory.watched(notification.server_id)
    alert = before.alerts.get(notification.alert_id) if notification.alert_id is not None else None
    if server is None or alert is None:  # deleted: only its cancellation is still of interest
        is_wanted = notification.event_kind is EventKind.CANCELLED
        return SEND if is_wanted else Decided(Decision.DROP, Reason.OK)
    hold = holds(server.id, notification.metric, notification.created_at)
    return decide(
        notification,
        is_open=alert.is_open,
        is_acknowledged=alert.acknowledged_at is not None,
        held_by=None if hold is None else hold.reason,
        was_notified=alert.id in before.notified,
        notified_now=alert.id in begun,
    )
