"""The outbox, sent: at least once, twice only if the process died between sending and marking."""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, auto
from functools import partial

from monitor.application.fleet.fleet import Fleet
from monitor.application.fleet.present import present
from monitor.application.history import tiers
from monitor.application.notifications.channels import Senders, send
from monitor.application.notifications.grouping import Parcel, by_message, by_target, message_id, outcome
from monitor.application.notifications.ports import Item, Mailer, Message, Point, Queries, Sending, UnitOfWork, Verdict
from monitor.application.notifications.recipients import wants
from monitor.application.ports import Clock
from monitor.application.transactions import retried
from monitor.domain.accounts.actors import Actor, Role, UserId
from monitor.domain.accounts.sessions import token_digest
from monitor.domain.accounts.users import User
from monitor.domain.alerts.alert import Alert, AlertId, EventKind, TimelineEntry
from monitor.domain.errors import MonitorError
from monitor.domain.notifications.channels import EMAIL, Channel
from monitor.domain.notifications.outbox import (
    ENDINGS,
    LEASE,
    Decision,
    Delivery,
    Notification,
    NotificationId,
    Target,
    decide,
)
from monitor.domain.times import moment

_CLAIMED_AT_ONCE = 500
_LAST_HOUR = timedelta(hours=1)
_CHARTED = 60
"""So many items of one message get a chart: a mail stays small though a whole rack dies."""
_SYSTEM = Actor(user_id=UserId(0), username="monitor", role=Role.ADMIN)
_OPENINGS = (EventKind.FIRED, EventKind.ESCALATED, EventKind.FLAPPING)


class ClaimLost(MonitorError):
    """It was taken from this process, which had been found dead."""


class Way(Enum):
    """MAIL: through the one mail server, to people and mailboxes. OTHER: straight to where a channel says."""

    MAIL = auto()
    OTHER = auto()


@dataclass(frozen=True, slots=True)
class DeliverNotifications:
    """`claim` what is due, then `deliver` to each target; targets are independent: a slow one delays no other."""

    new_uow: Callable[[], UnitOfWork]
    queries: Queries
    fleet: Fleet
    clock: Clock
    mailer: Mailer
    senders: Senders
    base_url: str | None
    link_secret: str
    holder: str

    @retried
    def claim(self, limit: int = _CLAIMED_AT_ONCE, way: Way | None = None) -> list[list[Parcel]]:
        """For each target one parcel a message; as many targets as make *limit* notifications, at least one. What was
        stamped for one before, by a process that died since, goes as that same message again."""
        now, others = self.clock.now(), self._without_mail()
        among = others if way is Way.OTHER else None
        but_for = others if way is Way.MAIL else ()
        with self.new_uow() as uow:
            claimed = uow.notifications.claim(
                now, leased_until=now + LEASE, limit=limit, among=among, but_for=but_for, holder=self.holder
            )
            fresh = by_target(n for n in claimed if not n.message_id)
            stamped = [replace(self._linked(n), message_id=message_id(own)) for own in fresh.values() for n in own]
            uow.notifications.stamp(stamped)
            if claimed:  # whoever holds something can be found dead
                uow.heartbeats.beat(self.holder)
            uow.commit()
        again = [n for n in claimed if n.message_id]
        targets = by_target([*again, *stamped]).values()
        return [list(by_message(own).values()) for own in targets]

    def _without_mail(self) -> set[Target]:
        """Those who are told through no mail server."""
        channels = self.fleet.directory.channels.values()
        return {Target(channel_id=channel.id) for channel in channels if channel.kind != EMAIL}

    def deliver(self, parcels: Sequence[Parcel]) -> None:
        """To one target: send what is still to be told, and write down what became of it.

        No message is begun in the second half of the lease: another process may soon take it for abandoned, as it then
        is. Nor is one sent that was taken from this process: it stood still for so long that it was found dead.
        """
        self.fleet.refresh()
        begun = self.clock.now()
        for parcel in parcels:
            if self.clock.now() - begun >= LEASE / 2:
                return
            try:
                self._deliver(parcel)
            except ClaimLost:
                return

    def _deliver(self, parcel: Parcel) -> None:
        receiver = self._receiver(parcel[0].target)
        alerts, told = self._known(parcel)
        decisions = {n.id: self._decide(n, receiver, alerts, told, set()) for n in parcel}
        begun = {n.alert_id for n in parcel if n.event_kind in _OPENINGS and decisions[n.id] is Decision.SEND}
        decisions = {n.id: self._decide(n, receiver, alerts, told, begun) for n in parcel}
        chosen = [n for n in parcel if decisions[n.id] is Decision.SEND]
        if receiver is not None and chosen:
            sending = self._send(receiver, chosen, alerts, confirm=partial(self._confirm, parcel))
        else:
            sending = Sending(Verdict.SENT)
        self._note(parcel, decisions, sending, receiver)

    @retried
    def _confirm(self, parcel: Parcel) -> None:
        """That this process may send it still. It beats in the same transaction: whoever was about to find it dead sees
        that it lives. Raises ClaimLost."""
        with self.new_uow() as uow:
            uow.heartbeats.beat(self.holder)
            if uow.notifications.are_lost(parcel, self.holder):
                raise ClaimLost("another process may send it")
            uow.commit()

    def ack_token(self, notification: Notification) -> str:
        """The same whenever the same notification is sent again."""
        mac = hmac.new(self.link_secret.encode(), f"acknowledge:{notification.id}".encode(), hashlib.sha256)
        return urlsafe_b64encode(mac.digest()).decode().rstrip("=")

    def _linked(self, notification: Notification) -> Notification:
        digest = token_digest(self.ack_token(notification)) if self._may_acknowledge(notification) else None
        return replace(notification, ack_digest=digest)

    def _may_acknowledge(self, notification: Notification) -> bool:
        return notification.target.user_id is not None and notification.event_kind not in ENDINGS

    def _receiver(self, target: Target) -> User | Channel | None:
        directory = self.fleet.directory
        if target.user_id is not None:
            return directory.users.get(target.user_id)
        return directory.channels.get(target.channel_id) if target.channel_id is not None else None

    @retried
    def _known(self, parcel: Parcel) -> tuple[dict[AlertId, Alert], set[AlertId]]:
        """The alerts, and those of which the target knows by another message: sent, or perhaps sent."""
        ids = {n.alert_id for n in parcel if n.alert_id is not None}
        with self.new_uow() as uow:
            alerts = uow.alerts.get_many(ids, visible_to=None)
            earlier = uow.notifications.of_alerts(ids)
        own = {n.id for n in parcel}
        others = [
            n for n in earlier if n.target == parcel[0].target and n.id not in own and n.event_kind not in ENDINGS
        ]
        told = [n for n in others if n.delivery is Delivery.SENT or (n.delivery is Delivery.PENDING and n.message_id)]
        return alerts, {n.alert_id for n in told if n.alert_id is not None}

    def _decide(
        self,
        notification: Notification,
        receiver: User | Channel | None,
        alerts: Mapping[AlertId, Alert],
        told: set[AlertId],
        begun: set[AlertId | None],
    ) -> Decision:
        """*told*, *begun*: alerts of which the receiver knows, and that the same message tells of."""
        if receiver is None or not self._may_be_told(receiver, notification):
            return Decision.DROP
        server = self.fleet.directory.servers.get(notification.server_id)
        alert = alerts.get(notification.alert_id) if notification.alert_id is not None else None
        if server is None or alert is None:  # deleted: that it ended is all there is to tell
            return Decision.SEND if notification.event_kind is EventKind.CANCELLED else Decision.DROP
        return decide(
            notification,
            is_open=alert.is_open,
            is_acknowledged=alert.acknowledged_at is not None,
            is_silenced=self.fleet.directory.is_silenced(server.id, notification.metric, self.clock.now()),
            was_told=alert.id in told,
            told_now=alert.id in begun,
        )

    def _may_be_told(self, receiver: User | Channel, notification: Notification) -> bool:
        """Ends are told whatever the receiver wishes now: they were told of the beginning."""
        is_end = notification.event_kind in ENDINGS
        if isinstance(receiver, Channel):
            return receiver.enabled and (is_end or wants(receiver, notification.level))
        server = self.fleet.directory.servers.get(notification.server_id)
        linked = server is None or receiver.id in server.user_ids
        return linked and receiver.email is not None and (is_end or wants(receiver, notification.level))

    def _send(
        self,
        receiver: User | Channel,
        chosen: Sequence[Notification],
        alerts: Mapping[AlertId, Alert],
        confirm: Callable[[], None],
    ) -> Sending:
        locale = receiver.locale if isinstance(receiver, User) else receiver.settings.get("locale", "zh-CN")
        message = Message(
            message_id=chosen[0].message_id, locale=locale, items=(), sent_at=self.clock.now(), confirm=confirm
        )
        if isinstance(receiver, User) and not self.mailer.is_configured:  # it would be written for nobody
            return self.mailer.send(receiver.email or "", message)
        message = replace(message, items=[self._item(n, alerts, charted=i < _CHARTED) for i, n in enumerate(chosen)])
        if isinstance(receiver, User):
            return self.mailer.send(receiver.email or "", message)
        return send(self.senders, receiver, message)

    def _item(self, n: Notification, alerts: Mapping[AlertId, Alert], *, charted: bool) -> Item:
        alert = alerts.get(n.alert_id) if n.alert_id is not None else None
        alert = alert and present(self.fleet, alert, self.clock.now())
        link = f"{self.base_url}/alerts/{n.alert_id}" if self.base_url and alert is not None else None
        may_acknowledge = self._may_acknowledge(n) and alert is not None and alert.is_open
        return Item(
            event_kind=n.event_kind,
            at=n.created_at,
            alert=alert or _gone(n),
            server_name=n.server_name,
            ip_address=n.ip_address,
            level=n.level,
            value=alert.value if alert is not None and alert.is_open else n.value,
            last_hour=self._last_hour(n) if charted and alert is not None else (),
            link=link,
            ack_link=f"{self.base_url}/ack/{self.ack_token(n)}" if self.base_url and may_acknowledge else None,
            note=n.note,
        )

    def _last_hour(self, n: Notification) -> list[Point]:
        try:
            values = tiers.values(self.queries, _SYSTEM, n.server_id, n.metric, n.created_at - _LAST_HOUR, n.created_at)
        except MonitorError:  # a chart is no reason not to tell
            return []
        return [Point(at=moment(at), value=value) for at, value in values]

    @retried
    def _note(
        self,
        parcel: Parcel,
        decisions: Mapping[NotificationId, Decision],
        sending: Sending,
        receiver: User | Channel | None,
    ) -> None:
        now = self.clock.now()
        address = (receiver.email or "") if isinstance(receiver, User) else receiver.name if receiver else ""
        with self.new_uow() as uow:
            after = [outcome(n, decisions[n.id], sending, address, now) for n in parcel]
            uow.notifications.save(after)
            for alert in _alerts_of(uow, after, Delivery.SENT):
                uow.alerts.save(replace(alert, last_notified_at=now))
                uow.alerts.add_to_timeline([_told(alert, now, EventKind.NOTIFIED, receiver)])
            for alert in _alerts_of(uow, after, Delivery.PARKED):
                uow.alerts.add_to_timeline([_told(alert, now, EventKind.PARKED, receiver, sending.error)])
            uow.commit()


def _alerts_of(uow: UnitOfWork, notifications: Iterable[Notification], delivery: Delivery) -> list[Alert]:
    """Those that still are, of what has become *delivery*."""
    ids = {n.alert_id for n in notifications if n.delivery is delivery and n.alert_id is not None}
    return list(uow.alerts.get_many(sorted(ids), visible_to=None).values())


def _told(
    alert: Alert, at: datetime, event_kind: EventKind, receiver: User | Channel | None, note: str | None = None
) -> TimelineEntry:
    entry = TimelineEntry(alert_id=alert.id, at=at, event_kind=event_kind, note=note)
    if isinstance(receiver, User):
        return replace(entry, username=receiver.username, recipient=receiver.email, channel="email")
    return replace(entry, channel=receiver.name if receiver else None)


def _gone(n: Notification) -> Alert:
    """What is left to say of an alert that was deleted with its server."""
    return Alert(
        server_id=n.server_id,
        metric=n.metric,
        level=n.level,
        value=n.value or 0.0,
        threshold=None,
        started_at=n.created_at,
        fired_at=n.created_at,
    ).cancelled(n.created_at)
