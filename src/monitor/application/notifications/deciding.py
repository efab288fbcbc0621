"""Decide what of a delivery is still to be sent, and what waits, is held or dropped."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from monitor.application.fleet.directory import Directory
from monitor.application.notifications.called import refusal_now
from monitor.application.notifications.ports import UnitOfWork
from monitor.application.notifications.recipients import receiver_of
from monitor.domain.accounts.users import User
from monitor.domain.alerts.alert import Alert, AlertId, EventKind, IncidentId
from monitor.domain.alerts.reasons import Reason
from monitor.domain.fleet.servers import ServerId
from monitor.domain.incidents.messages import Received, acknowledged_at, amending, at
from monitor.domain.notifications.channels import Channel
from monitor.domain.notifications.outbox import (
    ENDINGS,
    SEND,
    Decided,
    Decision,
    Notification,
    NotificationId,
    Target,
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
    receiver = receiver_of(directory, target)
    alerts = uow.alerts.get_many(ids, changed_by=None)
    notified = uow.notifications.notified_alerts(ids, target, message_id)
    incident_ids = {n.incident_id for n in delivery if n.incident_id is not None}
    if not incident_ids:
        return Before(alerts, notified)
    known = uow.notifications.of_incidents(incident_ids, target, message_id)
    known_alerts = {n.alert_id for n in known}
    received = {
        each: Received.of((n for n in known if n.incident_id == each), directory.host_of) for each in incident_ids
    }
    begun = [n for n in delivery if n.event_kind is EventKind.ESCALATED or n.alert_id not in known_alerts]
    news = {n.incident_id for n in begun if n.event_kind not in ENDINGS}
    for each in (each for each, got in received.items() if each in news and len(got.messages) > 1):
        of_it = [n for n in known if n.incident_id == each]
        own = [n for n in of_it if refusal_now(directory, receiver, n) is not Reason.NOT_LINKED]
        ended, acknowledged = _ended_at(uow, own, each, target), _acknowledged_at(uow, own)
        since = max((at for at in (ended, acknowledged) if at is not None), default=None)
        received[each] = Received.of(of_it, directory.host_of, since)
    ending = {n.incident_id for n in delivery if n.event_kind in ENDINGS}
    known_ones = {each for each, got in received.items() if got.alert_ids}
    return Before(alerts, notified, received, uow.notifications.lasting_incidents(known_ones & ending, target))


def _ended_at(uow: UnitOfWork, got: Sequence[Notification], incident_id: IncidentId, target: Target) -> datetime | None:
    """Return when the incident ended for *target*. While all is about one host, ends go out though others last."""
    ended = uow.notifications.ends([incident_id], target).get(incident_id)
    if ended is None:
        return None
    before = {n.alert_id for n in got if n.alert_id is not None and at(n) <= ended}
    return None if any(each.is_open for each in uow.alerts.get_many(before, changed_by=None).values()) else ended


def _acknowledged_at(uow: UnitOfWork, got: Sequence[Notification]) -> datetime | None:
    """Return when the incident was acknowledged. The oldest alert mostly answers for thousands."""
    [*ids] = {n.alert_id: None for n in sorted(got, key=at) if n.alert_id is not None}
    oldest = uow.alerts.get_many(ids[:1], changed_by=None)
    if any(each.is_open and each.acknowledged_at is None for each in oldest.values()):
        return None
    return acknowledged_at(got, uow.alerts.get_many(ids, changed_by=None))


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
