"""The outbox and the channels in memory."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice

from monitor.adapters.memory.database import MemoryReader, MemoryRepository, forget_unsent
from monitor.adapters.memory.state import Claim
from monitor.application.fleet.visibility import VisibleIds
from monitor.application.notifications.ports import (
    Channels,
    Held,
    NotificationFilter,
    NotificationQueries,
    Notifications,
    Sending,
)
from monitor.domain.accounts.actors import Actor
from monitor.domain.alerts.alert import AlertId
from monitor.domain.notifications.channels import Channel, ChannelId
from monitor.domain.notifications.outbox import (
    MOST_AT_ONCE,
    NOTIFIED,
    UNSENT,
    DeliveryState,
    Notification,
    NotificationId,
    Target,
)


class MemoryNotifications(MemoryRepository, Notifications):
    def add(self, notifications: Sequence[Notification]) -> None:
        events = {notification.event_id for notification in notifications} - {None}
        there = {(n.event_id, n.target) for n in self._draft.notifications.values() if n.event_id in events}
        for notification in notifications:
            key = (notification.event_id, notification.target)
            if key in there or not self._is_there(notification.target):
                continue
            if notification.event_id is not None:
                there.add(key)
            stored = replace(notification, id=NotificationId(self._draft.next_id("notifications")))
            self._draft.notifications[stored.id] = stored

    def get(self, notification_id: NotificationId) -> Notification:
        return self._draft.notifications.found(notification_id, "notification")

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
        claimed: list[Notification] = []
        for waiting in self._due_targets(now):
            target = waiting[0].target
            if target in excluding or (only is not None and target not in only):
                continue
            if len(claimed) >= limit:
                break
            claimed += sorted(waiting, key=lambda n: (not n.message_id, n.not_before, n.id))[:each]
        for notification in claimed:
            self._draft.notification_leases[notification.id] = Claim(holder=holder, leased_until=leased_until)
        return sorted(claimed, key=_age)

    def are_lost(self, notifications: Sequence[Notification], holder: str) -> bool:
        stored = [self._draft.notifications[n.id] for n in notifications if n.id in self._draft.notifications]
        own = {id_ for id_, claim in self._draft.notification_leases.items() if claim.holder == holder}
        return any(
            n.delivery is DeliveryState.SENT or (n.delivery is DeliveryState.PENDING and n.id not in own)
            for n in stored
        )

    def free(self, holder: str, only: Collection[NotificationId] | None = None) -> None:
        self._draft.notification_leases.remove(
            lambda id_, claim: claim.holder == holder and (only is None or id_ in only)
        )

    def stamp(self, notifications: Sequence[Notification]) -> None:
        rows = self._draft.notifications
        for stamped in notifications:
            if (held := rows.get(stamped.id)) is not None:
                rows[held.id] = replace(held, message_id=stamped.message_id, ack_digest=stamped.ack_digest)

    def save(self, notifications: Sequence[Notification]) -> None:
        for notification in notifications:
            if notification.id in self._draft.notifications:
                self._draft.notifications[notification.id] = notification
                self._draft.notification_leases.pop(notification.id, None)

    def held(self, ids: Collection[NotificationId]) -> list[Notification]:
        found = (self._draft.notifications[id_] for id_ in {*ids} & self._draft.notifications.keys())
        return sorted((n for n in found if n.delivery is DeliveryState.HELD), key=_age)

    def of_alerts(self, alert_ids: Collection[AlertId]) -> list[Notification]:
        wanted = set(alert_ids)
        return [n for n in self._draft.notifications.in_order() if n.alert_id in wanted]

    def notified_targets(self, alert_ids: Collection[AlertId]) -> set[Target]:
        return {n.target for n in self.of_alerts(alert_ids) if n.delivery in NOTIFIED}

    def delete_before(self, at: datetime, at_most: int) -> None:
        old = [n for n in self._draft.notifications.values() if n.created_at < at and n.delivery not in UNSENT]
        for n in sorted(old, key=_age)[:at_most]:
            del self._draft.notifications[n.id]

    def by_ack_digest(self, digest: bytes) -> Notification | None:
        return next((n for n in self._draft.notifications.values() if n.ack_digest == digest), None)

    def _is_there(self, target: Target) -> bool:
        """Return False for a deleted user or channel: its unsent notifications are deleted too."""
        return target.user_id in self._draft.users or target.channel_id in self._draft.channels

    def _due_targets(self, now: datetime) -> list[list[Notification]]:
        """Return the PENDING notifications of each target that may be claimed, the longest waiting first."""
        by_target: defaultdict[Target, list[Notification]] = defaultdict(list)
        for notification in self._draft.notifications.values():
            if notification.delivery is DeliveryState.PENDING:
                by_target[notification.target].append(notification)
        due = [
            waiting
            for waiting in by_target.values()
            if any(n.not_before <= now for n in waiting) and not any(self._is_leased(n, now) for n in waiting)
        ]
        return sorted(due, key=lambda waiting: min((n.not_before, n.id) for n in waiting))

    def _is_leased(self, notification: Notification, now: datetime) -> bool:
        claim = self._draft.notification_leases.get(notification.id)
        return claim is not None and now < claim.leased_until


def _age(notification: Notification) -> tuple[datetime, NotificationId]:
    return notification.created_at, notification.id


class MemoryNotificationQueries(MemoryReader, NotificationQueries):
    def newest(self, actor: Actor, wanted: NotificationFilter) -> list[Notification]:
        actor.must_be_admin()
        newest_first = reversed(self._state.notifications.in_order())
        return list(islice((n for n in newest_first if _matches(n, wanted)), wanted.limit))

    def of_alert(self, alert_id: AlertId) -> list[Notification]:
        return [n for n in self._state.notifications.in_order() if n.alert_id == alert_id]

    def sendings(self, of: VisibleIds, metric: str | None, start: datetime, end: datetime) -> list[Sending]:
        return [
            Sending(
                n.alert_id,
                n.server_id,
                n.target,
                n.event_kind,
                n.delivery,
                n.reason,
                n.created_at,
                n.sent_at or n.created_at,
                n.level,
            )
            for n in self._state.notifications.in_order()
            if (of.ids is None or n.server_id in of.ids) and metric in (None, n.metric) and start <= n.created_at < end
        ]

    def held(self) -> list[Held]:
        found = [n for n in self._state.notifications.values() if n.delivery is DeliveryState.HELD]
        found.sort(key=_age)
        return [Held(n.id, n.alert_id, n.target, n.server_id, n.metric, n.created_at) for n in found]

    def last_by_channel(self) -> dict[ChannelId, Notification]:
        state = self._state
        last: dict[ChannelId, Notification] = {}
        for notification in state.notifications.in_order():
            channel_id = notification.target.channel_id
            if channel_id in state.channels and channel_id is not None and _was_tried(notification):
                last[channel_id] = notification
        return last


def _matches(notification: Notification, wanted: NotificationFilter) -> bool:
    return (
        (wanted.delivery is None or notification.delivery is wanted.delivery)
        and (wanted.server_id is None or notification.server_id == wanted.server_id)
        and (wanted.before is None or notification.id < wanted.before)
    )


def _was_tried(notification: Notification) -> bool:
    match notification.delivery:
        case DeliveryState.SENT | DeliveryState.PARKED:
            return True
        case DeliveryState.PENDING:
            return notification.attempts > 0
        case _:
            return False


class MemoryChannels(MemoryRepository, Channels):
    def add(self, channel: Channel) -> Channel:
        channel = replace(channel, id=ChannelId(self._draft.next_id("channels")))
        self._put(channel)
        return channel

    def get(self, channel_id: ChannelId) -> Channel:
        return self._draft.channels.found(channel_id, "channel")

    def save(self, channel: Channel) -> None:
        self.get(channel.id)
        self._put(channel)

    def delete(self, channel_id: ChannelId) -> None:
        self.get(channel_id)
        del self._draft.channels[channel_id]
        forget_unsent(self._draft, Target(channel_id=channel_id))
        self._draft.fleet_changed = True

    def all(self) -> list[Channel]:
        return self._draft.channels.in_order()

    def reencrypt(self) -> None:
        """Do nothing: memory encrypts nothing."""

    def _put(self, channel: Channel) -> None:
        # A copy of the settings: the caller may change its own later.
        self._draft.channels[channel.id] = replace(channel, settings=dict(channel.settings))
        self._draft.fleet_changed = True
