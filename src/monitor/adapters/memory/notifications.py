"""The outbox and the channels in memory."""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime

from monitor.adapters.memory.parts import Entities, MemoryPart, fits, having
from monitor.adapters.memory.roster import replace_target
from monitor.adapters.memory.state import Claim, State
from monitor.application.fleet.visibility import VisibleIds
from monitor.application.notifications import ports
from monitor.application.notifications.ports import NotificationFilter
from monitor.domain.accounts.actors import Actor
from monitor.domain.alerts.alert import AlertId, IncidentId
from monitor.domain.alerts.reasons import PARENTS, Reason
from monitor.domain.fleet.teams import EscalationId
from monitor.domain.notifications.channels import Channel, ChannelId
from monitor.domain.notifications.outbox import (
    ENDINGS,
    KNOWN,
    MOST_AT_ONCE,
    NOTIFIED,
    UNSENT,
    DeliveryState,
    Held,
    Notification,
    NotificationId,
    Sending,
    Target,
)
from monitor.domain.oncall import escalations as oncall


def forget_unsent(state: State, is_gone: Callable[[Target], bool]) -> None:
    """Delete the notifications that wait for targets that are gone."""
    state.notifications.remove(lambda n: n.delivery in UNSENT and is_gone(n.target))


def _lasting(state: State) -> set[tuple[IncidentId, Target]]:
    """Return incidents with an alert that fires, and the targets that know of it."""
    firing: dict[AlertId | None, IncidentId | None] = {a.id: a.incident_id for a in state.alerts.values() if a.is_open}
    known = state.notifications.where(lambda n: n.alert_id in firing and n.event_kind not in ENDINGS)
    pairs = (
        (firing[n.alert_id], n.target)
        for n in known
        if n.delivery in KNOWN
        or (n.delivery is DeliveryState.HELD and n.reason in PARENTS)
        or (n.delivery is DeliveryState.DROPPED and n.reason is Reason.AMENDED)
    )
    return {(incident_id, target) for incident_id, target in pairs if incident_id is not None}


class MemoryNotifications(MemoryPart, ports.Notifications):
    name = "notifications"
    of_alerts = having(lambda notification, alert_ids: notification.alert_id in alert_ids)

    def get(self, notification_id: NotificationId) -> Notification:
        found: Notification = self._table.found(notification_id)
        return found

    def add(self, notifications: Sequence[Notification]) -> None:
        for n in notifications:
            if self._is_there(n.target) and self._table.by((n.event_id, n.target)) is None:
                self._table.add(n)

    def _is_there(self, target: Target) -> bool:
        if target.user_id is None:
            return target.channel_id in self._state.channels
        own = (None, *(way.id for way in self._state.ways.get(target.user_id, ())))
        return target.user_id in self._state.users and target.way_id in own

    def claim(
        self,
        now: datetime,
        *,
        until: datetime | None = None,
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
            along = [n for n in waiting if until is None or n.not_before <= until or n.attempts]
            claimed += sorted(along, key=lambda n: (not n.message_id, n.not_before, n.id))[:each]
        for notification in claimed:
            self._state.notification_leases.put(Claim(notification.id, holder, leased_until))
        return sorted(claimed, key=_age)

    def are_lost(self, notifications: Sequence[Notification], holder: str) -> bool:
        leases = self._state.notification_leases
        return any(
            n.delivery is DeliveryState.SENT
            or (n.delivery is DeliveryState.PENDING and (n.id not in leases or leases[n.id].holder != holder))
            for n in self._table.of([n.id for n in notifications])
        )

    def free(self, holder: str, only: Collection[NotificationId] | None = None) -> None:
        self._state.notification_leases.remove(
            lambda claim: claim.holder == holder and (only is None or claim.id in only)
        )

    def stamp(self, notifications: Sequence[Notification]) -> None:
        for n in notifications:
            self._table.amend(n.id, message_id=n.message_id)

    def save(self, notifications: Sequence[Notification]) -> None:
        for n in notifications:
            if n.id in self._table:
                self._table.put(replace(n, incident_id=self._table[n.id].incident_id))
                self._state.notification_leases.delete(n.id)

    def held(self, ids: Collection[NotificationId]) -> list[Notification]:
        found = self._table.of(ids)
        return sorted((n for n in found if n.delivery is DeliveryState.HELD), key=_age)

    def of_incidents(self, incident_ids: Collection[IncidentId], target: Target, but: str) -> list[Notification]:
        return self._table.where(lambda n: n.incident_id in incident_ids and _may_be_sent(n, target, but))

    def lasting_incidents(self, incident_ids: Collection[IncidentId], target: Target) -> set[IncidentId]:
        return {id_ for id_, known_by in _lasting(self._state) if known_by == target} & set(incident_ids)

    def notified_alerts(self, alert_ids: Collection[AlertId], target: Target, but: str) -> set[AlertId]:
        found = self._table.where(lambda n: n.alert_id in alert_ids and _may_be_sent(n, target, but))
        return {n.alert_id for n in found if n.alert_id is not None}

    def notified_targets(self, alert_ids: Collection[AlertId]) -> dict[AlertId, dict[Target, set[EscalationId]]]:
        found: dict[AlertId, dict[Target, set[EscalationId]]] = {}
        for n in self.of_alerts(alert_ids):
            if n.alert_id is not None and (n.delivery in NOTIFIED or n.reason is Reason.AMENDED):
                called_by = found.setdefault(n.alert_id, {}).setdefault(n.target, set())
                called_by |= set() if n.called_by is None else {n.called_by}
        return found

    def delete_before(self, at: datetime, at_most: int) -> None:
        old = self._table.where(lambda n: n.created_at < at and n.delivery not in UNSENT)
        self._table.delete(*[n.id for n in sorted(old, key=_age)[:at_most]])

    def _due_targets(self, now: datetime) -> list[list[Notification]]:
        """Return the PENDING notifications of each target that may be claimed, the longest waiting first."""
        by_target: defaultdict[Target, list[Notification]] = defaultdict(list)
        for notification in self._table.values():
            if notification.delivery is DeliveryState.PENDING:
                by_target[notification.target].append(notification)
        leased = {claim.id for claim in self._state.notification_leases.values() if now < claim.until}
        due = [
            waiting
            for waiting in by_target.values()
            if any(n.not_before <= now for n in waiting) and not any(n.id in leased for n in waiting)
        ]
        return sorted(due, key=lambda waiting: min((n.not_before, n.id) for n in waiting))


def _may_be_sent(n: Notification, target: Target, but: str) -> bool:
    is_under_way = n.delivery is DeliveryState.PENDING and n.message_id not in ("", but)
    has_message = n.delivery is DeliveryState.SENT or is_under_way
    return n.target == target and n.event_kind not in ENDINGS and has_message


def _age(notification: Notification) -> tuple[datetime, NotificationId]:
    return notification.created_at, notification.id


class MemoryNotificationQueries(MemoryPart, ports.NotificationQueries):
    name = "notifications"
    of_alert = having(lambda notification, alert_id: notification.alert_id == alert_id)

    def newest(self, actor: Actor, wanted: NotificationFilter) -> list[Notification]:
        actor.must_be_admin()
        found = self._table.where(
            lambda n: (
                fits(n, wanted, "delivery", "server_id")
                and wanted.user_id in (None, n.target.user_id)
                and (wanted.start is None or n.created_at >= wanted.start)
                and (wanted.end is None or n.created_at < wanted.end)
                and (wanted.before is None or n.id < wanted.before)
            )
        )
        return found[::-1][: wanted.limit]

    def get(self, notification_id: NotificationId) -> Notification:
        return self._state.notifications.found(notification_id)

    def sendings(self, of: VisibleIds, metric: str | None, start: datetime, end: datetime) -> list[Sending]:
        found = self._table.where(
            lambda n: (
                (of.ids is None or n.server_id in of.ids) and metric in (None, n.metric) and start <= n.created_at < end
            )
        )
        return [
            Sending(
                *(n.alert_id, n.server_id, n.target, n.event_kind, n.delivery, n.reason, n.created_at),
                at=n.sent_at or n.created_at,
                level=n.level,
            )
            for n in found
        ]

    def held(self) -> list[Held]:
        found = self._table.where(lambda n: n.delivery is DeliveryState.HELD)
        found.sort(key=_age)
        lasting = _lasting(self._state)
        return [
            Held(
                *(n.id, n.alert_id, n.target, n.server_id, n.metric, n.created_at, n.event_kind, n.reason),
                lasts=n.reason is Reason.AMENDED and (n.incident_id, n.target) in lasting,
            )
            for n in found
        ]

    def due_since(self, now: datetime) -> datetime | None:
        leased = {claim.id for claim in self._state.notification_leases.values() if now < claim.until}
        waiting = self._table.where(lambda n: n.delivery is DeliveryState.PENDING and n.id not in leased)
        return min((n.not_before for n in waiting if n.not_before <= now), default=None)

    def last_by_channel(self) -> dict[ChannelId, Notification]:
        state = self._state
        tried = state.notifications.where(lambda n: n.target.channel_id in state.channels and _was_tried(n))
        return {n.target.channel_id: n for n in tried if n.target.channel_id is not None}


def _was_tried(n: Notification) -> bool:
    return n.delivery in (DeliveryState.SENT, DeliveryState.PARKED) or (
        n.delivery is DeliveryState.PENDING and n.attempts > 0
    )


class MemoryChannels(Entities[ChannelId, Channel], ports.Channels):
    """Channels. Settings are copied: the caller may change its own later."""

    name = "channels"

    def add(self, channel: Channel) -> Channel:
        return super().add(replace(channel, settings=dict(channel.settings)))

    def save(self, channel: Channel) -> None:
        super().save(replace(channel, settings=dict(channel.settings)))

    def delete(self, channel_id: ChannelId) -> None:
        super().delete(channel_id)
        forget_unsent(self._state, lambda target: target.channel_id == channel_id)
        replace_target(self._state, oncall.Target(oncall.TargetKind.CHANNEL, channel_id))

    def reencrypt(self) -> None:
        """Do nothing: memory encrypts nothing."""
