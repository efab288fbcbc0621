"""Sends the outbox: at least once, and twice only if the process dies between sending and storing the result."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, auto
from functools import partial
from itertools import chain
from typing import NamedTuple

from monitor.application.fleet.fleet import Fleet
from monitor.application.giving_way import step
from monitor.application.notifications.channels import Senders, send
from monitor.application.notifications.deciding import Before, HoldsBack, decisions, read_before
from monitor.application.notifications.messages import Messages, as_received
from monitor.application.notifications.ports import UnitOfWork
from monitor.application.notifications.recipients import receiver_of, way_of
from monitor.application.notifications.sender_ports import Mailer, SendResult, SendStatus
from monitor.application.notifications.ways import channel_of, direct_ways, note_result
from monitor.application.ports import Clock
from monitor.application.transactions import chunks, retried
from monitor.domain.accounts.users import User
from monitor.domain.alerts.alert import Alert, AlertId, EventKind, TimelineEntry
from monitor.domain.alerts.reasons import Reason
from monitor.domain.errors import MonitorError, StorageUnavailable, TransactionConflict, TransactionLost, Unavailable
from monitor.domain.notifications.channels import EMAIL, Channel
from monitor.domain.notifications.outbox import (
    LEASE,
    SEND,
    Decided,
    Decision,
    DeliveryState,
    Notification,
    NotificationId,
    Target,
)
from monitor.domain.oncall.ways import MAIL, Way

AT_ONCE = 50
"""Alerts of a message whose results are stored in one transaction: all that a mail lists. Then what a killed process
has sent but not stored is the same when it is sent again."""

LONGEST_SEARCH = timedelta(seconds=3)
"""How long messages that are due wait for the end of a search for silent hosts."""
Delivery = Sequence[Notification]
"""Notifications of one target that go in one message."""


class ClaimLost(MonitorError):
    """Another process found this one dead and took its notifications."""


class NotSent(StorageUnavailable):
    """The database was lost before these *deliveries* were sent; they may be claimed."""

    def __init__(self, deliveries: Sequence[Delivery], cause: Unavailable) -> None:
        super().__init__(str(cause))
        self.deliveries = deliveries


class Transport(Enum):
    """MAIL: through the mail server, to users and team mailboxes. DIRECT: to the service of a channel or a way."""

    MAIL = auto()
    DIRECT = auto()


@dataclass(frozen=True, slots=True)
class DeliverNotifications:
    """`claim` what is due to a target, then `deliver` it. Targets are independent: a slow one delays no other."""

    new_uow: Callable[[], UnitOfWork]
    fleet: Fleet
    clock: Clock
    mailer: Mailer
    senders: Senders
    messages: Messages
    holds_back: HoldsBack
    holder: str

    @retried
    def claim(self, transport: Transport) -> list[Delivery]:
        """Return what is due to the target that waits longest, now leased to this process; empty if nothing is due.
        What a dead process had assigned to a message goes in that message again. While a search finds hosts offline,
        messages wait for its end, at most LONGEST_SEARCH, so that one names all of them. Raises NotSent if the claim
        may be stored nevertheless."""
        now = self.clock.now()
        until, direct = now + self.fleet.directory.preferences.digest_pause, self._direct_targets()
        only, excluding = (direct, ()) if transport is Transport.DIRECT else (None, direct)
        with step(), self.new_uow() as uow:
            claimed = uow.notifications.claim(
                now, until=until, leased_until=now + LEASE, limit=1, only=only, excluding=excluding, holder=self.holder
            )
            if self.fleet.is_searching and all(now - n.not_before < LONGEST_SEARCH for n in claimed):
                return []
            fresh = [n for n in claimed if not n.message_id]
            message_id = _message_id(fresh)
            stamped = [replace(n, message_id=message_id) for n in fresh]
            uow.notifications.stamp(stamped)
            if claimed:  # so that others can find this process dead
                uow.heartbeats.beat(self.holder)
            try:
                uow.commit()
            except (TransactionConflict, TransactionLost):
                raise
            except StorageUnavailable as error:
                raise NotSent([claimed], error) from error
        deliveries: dict[str, list[Notification]] = {}
        for n in [*(n for n in claimed if n.message_id), *stamped]:
            deliveries.setdefault(n.message_id, []).append(n)
        return [*deliveries.values()]

    def _direct_targets(self) -> set[Target]:
        channels = self.fleet.directory.channels.values()
        services = {Target(channel_id=channel.id) for channel in channels if channel.kind != EMAIL}
        return services | direct_ways(self.fleet.directory)

    def deliver(self, deliveries: Sequence[Delivery]) -> None:
        """Send what is still worth sending to one target, and store the results. Stop after half of the lease, since
        another process may soon claim the rest, and if another process took a notification; the rest is given back.
        Raises NotSent, StorageUnavailable."""
        begun, unsent = self.clock.now(), deliveries
        try:
            self.fleet.refresh()
            for delivery in deliveries:
                if self.clock.now() - begun >= LEASE / 2:
                    break
                attempt = self._attempt(delivery)
                unsent = unsent[1:]
                for part in _parts(delivery):
                    self._store_results(part, attempt)
        except ClaimLost:
            unsent = unsent[1:]
        except Unavailable as error:
            if not unsent:
                raise
            raise NotSent(unsent, error) from error
        if unsent:
            self.give_back(unsent)

    @retried
    def give_back(self, deliveries: Sequence[Delivery]) -> None:
        """End this process's claims on them, so that they need not wait for the end of their leases."""
        with self.new_uow() as uow:
            uow.notifications.free(self.holder, only={n.id for delivery in deliveries for n in delivery})
            uow.commit()

    def _attempt(self, delivery: Delivery) -> "_Attempt":
        directory, target = self.fleet.directory, delivery[0].target
        way = way_of(directory, target)
        receiver = None if way is None and target.way_id is not None else receiver_of(directory, target)
        before = self._read_before(delivery)
        decided = decisions(directory, receiver, delivery, before, self.holds_back(), self.clock.now())
        chosen = as_received([n for n in delivery if decided[n.id] == SEND], before.notified)
        if receiver is not None and chosen:
            result = self._send(receiver, way, chosen, before, confirm=partial(self._confirm, delivery))
        else:
            result = SendResult(SendStatus.RETRY)  # nothing was sent
        return _Attempt(decided, result, receiver, way)

    @retried
    def _read_before(self, delivery: Delivery) -> Before:
        with step(), self.new_uow() as uow:
            return read_before(uow, self.fleet.directory, delivery)

    def _send(
        self,
        receiver: User | Channel,
        way: Way | None,
        chosen: Sequence[Notification],
        before: Before,
        confirm: Callable[[], None],
    ) -> SendResult:
        alerts, message = before.alerts, self.messages.empty(receiver, chosen[0].message_id, confirm)
        message = replace(message, incident=self.messages.incident(receiver, chosen, before.received))
        if way is not None and way.kind != MAIL and isinstance(receiver, User):
            receiver = channel_of(way, receiver)
            message = replace(message, locale=way.settings.get("locale") or message.locale)
        if isinstance(receiver, Channel):
            return send(self.senders, receiver, replace(message, items=self.messages.items(chosen, alerts)))
        if self.mailer.is_configured:  # else the items would be made in vain
            message = replace(message, items=self.messages.items(chosen, alerts))
        return self.mailer.send(receiver.email or "", message)

    @retried
    def _confirm(self, delivery: Delivery) -> None:
        """Raises ClaimLost if this process may no longer send. The heartbeat in the same transaction keeps others from
        finding this process dead meanwhile."""
        with self.new_uow() as uow:
            uow.heartbeats.beat(self.holder)
            if uow.notifications.are_lost(delivery, self.holder):
                raise ClaimLost("another process may send it")
            uow.commit()

    @retried
    def _store_results(self, delivery: Delivery, attempt: "_Attempt") -> None:
        decisions, result, now = attempt.decisions, attempt.result, self.clock.now()
        receipt = f"receipt {result.receipt}" if result.receipt else None
        with step(), self.new_uow() as uow:
            after = [_outcome(replace(n, address=attempt.address), decisions[n.id], result, now) for n in delivery]
            uow.notifications.save(after)
            if attempt.way is not None:
                note_result(uow, attempt.way, result)
            sent = uow.alerts.save_notified(_alert_ids(after, DeliveryState.SENT), now)
            parked = _alerts_of(uow, after, DeliveryState.PARKED)
            self._note_amended(uow, after)
            uow.alerts.add_to_timeline(
                [attempt.timeline_entry(alert_id, now, EventKind.NOTIFIED, receipt) for alert_id in sent]
                + [attempt.timeline_entry(alert.id, now, EventKind.PARKED, result.error) for alert in parked]
            )
            uow.commit()

    def _note_amended(self, uow: UnitOfWork, after: Sequence[Notification]) -> None:
        """Note that people were notified of alerts when the message was sent that stands for theirs."""
        at = max((n.sent_at for n in after if n.reason is Reason.AMENDED and n.sent_at is not None), default=None)
        if at is not None:
            alerts = _alerts_of(uow, [n for n in after if n.reason is Reason.AMENDED], DeliveryState.DROPPED)
            known = (alert for alert in alerts if alert.last_notified_at is None or alert.last_notified_at < at)
            uow.alerts.save_notified([alert.id for alert in known], at)


class _Attempt(NamedTuple):
    """*way*: by which it went to a person; None: to the mailbox, or a channel."""

    decisions: Mapping[NotificationId, Decided]
    result: SendResult
    receiver: User | Channel | None
    way: Way | None

    @property
    def address(self) -> str:
        if not isinstance(self.receiver, User):
            return self.receiver.name if self.receiver else ""
        way = self.way
        return f"{self.receiver.username} ({way.kind})" if way and way.kind != MAIL else self.receiver.email or ""

    def timeline_entry(self, alert_id: AlertId, at: datetime, event_kind: EventKind, note: str | None) -> TimelineEntry:
        found = TimelineEntry(alert_id=alert_id, at=at, event_kind=event_kind, note=note)
        if not isinstance(self.receiver, User):
            return replace(found, channel=self.receiver.name if self.receiver else None)
        found = replace(found, username=self.receiver.username)
        if self.way is not None and self.way.kind != MAIL:
            return replace(found, channel=self.way.kind)
        return replace(found, recipient=self.receiver.email, channel=EMAIL)


def _parts(delivery: Delivery) -> Iterator[Delivery]:
    """Yield the notifications of `AT_ONCE` alerts at a time: the timeline of each says once that it was sent."""
    by_alert: dict[AlertId | None, list[Notification]] = {}
    for n in delivery:
        by_alert.setdefault(n.alert_id, []).append(n)
    for part in chunks([*by_alert.values()], AT_ONCE):
        yield [*chain(*part)]


def _message_id(notifications: Sequence[Notification]) -> str:
    """Return the same id for the same notifications, another if there is one more. Their times are part of it: other
    installations have the same ids, and mailboxes drop what they have."""
    ids = ",".join(f"{n.id}@{n.created_at.isoformat()}" for n in sorted(notifications, key=lambda n: n.id))
    return hashlib.sha256(ids.encode()).hexdigest()[:32]


def _outcome(n: Notification, decided: Decided, result: SendResult, now: datetime) -> Notification:
    if decided.decision is not Decision.SEND:
        return n.settled(decided)
    if result.status is SendStatus.SENT:
        return n.sent(now)
    return n.failed(now, result.error, for_good=result.status is SendStatus.REFUSED)


def _alerts_of(uow: UnitOfWork, notifications: Iterable[Notification], state: DeliveryState) -> list[Alert]:
    return list(uow.alerts.get_many(_alert_ids(notifications, state), changed_by=None).values())


def _alert_ids(notifications: Iterable[Notification], state: DeliveryState) -> list[AlertId]:
    return sorted({n.alert_id for n in notifications if n.delivery is state and n.alert_id is not None})
