"""Rows of the outbox, and queries on it."""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select

from monitor.adapters.persistence.engine.engine import connected
from monitor.adapters.persistence.engine.notices import notice_text, to_notice
from monitor.adapters.persistence.engine.repositories import SqlReader
from monitor.adapters.persistence.engine.statements import columns_of, cut_to_fit, entity_of, found_row, rows_with
from monitor.adapters.persistence.tables.alerts import alerts
from monitor.adapters.persistence.tables.notifications import channels
from monitor.adapters.persistence.tables.notifications import notifications as t
from monitor.application.fleet.visibility import VisibleIds
from monitor.application.notifications.ports import NotificationFilter, NotificationQueries
from monitor.domain.accounts.actors import Actor, UserId
from monitor.domain.alerts.alert import AlertId, AlertState
from monitor.domain.alerts.reasons import PARENTS, Reason
from monitor.domain.notifications.channels import ChannelId
from monitor.domain.notifications.outbox import (
    ENDINGS,
    KNOWN,
    DeliveryState,
    Held,
    Notification,
    NotificationId,
    Sending,
    Target,
)
from monitor.domain.oncall.ways import WayId

_LONGEST_TEXT = 10_000
_USER, _CHANNEL = "user", "channel"


def to_notification(row: Row[Any]) -> Notification:
    return entity_of(Notification, row, target=to_target(row.target), notice=to_notice(row.notice))


def to_target(key: str) -> Target:
    """Return the target, also of a deleted user or channel, when `user_id` and `channel_id` are NULL."""
    kind, number, *ways = key.split(":")
    if kind == _CHANNEL:
        return Target(channel_id=ChannelId(int(number)))
    return Target(user_id=UserId(int(number)), way_id=WayId(int(ways[0])) if ways else None)


def target_key(target: Target) -> str:
    if target.user_id is None:
        return f"{_CHANNEL}:{target.channel_id}"
    way = "" if target.way_id is None else f":{target.way_id}"
    return f"{_USER}:{target.user_id}{way}"


def reference_columns(notification: Notification) -> dict[str, Any]:
    """Return the columns that are written once: what they refer to may be deleted later."""
    return {
        "alert_id": notification.alert_id,
        "event_id": notification.event_id,
        "user_id": notification.target.user_id,
        "channel_id": notification.target.channel_id,
        "target": target_key(notification.target),
    }


def other_columns(notification: Notification) -> dict[str, Any]:
    """Return the other columns. Long texts are cut, so that every notification can be stored."""
    return columns_of(notification, "alert_id", "event_id", "target") | {
        "note": notification.note[:_LONGEST_TEXT],
        "notice": notice_text(notification.notice),
        **changing_columns(notification),
    }


def changing_columns(notification: Notification) -> dict[str, Any]:
    """Return the columns that its delivery changes. When it is due changes with another attempt alone."""
    names = CHANGING if notification.delivery is DeliveryState.PENDING else CHANGING[1:]
    return {name: getattr(notification, name) for name in names} | {
        "last_error": notification.last_error[:_LONGEST_TEXT],
        "address": cut_to_fit(notification.address, t.c.address),
    }


CHANGING = ("not_before", "delivery", "attempts", "message_id", "sent_at", "reason", "last_error", "address")
_TRIED = t.c.delivery.in_([DeliveryState.SENT, DeliveryState.PARKED]) | (
    (t.c.delivery == DeliveryState.PENDING) & (t.c.attempts > 0)
)


_SENDINGS = select(
    *(t.c.id, t.c.alert_id, t.c.server_id, t.c.target, t.c.event_kind, t.c.delivery, t.c.reason, t.c.created_at),
    *(func.coalesce(t.c.sent_at, t.c.created_at), t.c.level),
)


_KNOWN = t.c.event_kind.not_in(ENDINGS) & (
    t.c.delivery.in_(KNOWN)
    | ((t.c.delivery == DeliveryState.HELD) & t.c.reason.in_(PARENTS))
    | ((t.c.delivery == DeliveryState.DROPPED) & (t.c.reason == Reason.AMENDED))
)
_LASTING = (
    select(alerts.c.incident_id, t.c.target)
    .join(t, t.c.alert_id == alerts.c.id)
    .where(alerts.c.state == AlertState.FIRING, _KNOWN)
    .distinct()
)
_HELD = select(
    *(t.c.id, t.c.alert_id, t.c.target, t.c.server_id, t.c.metric, t.c.created_at, t.c.event_kind, t.c.reason),
    t.c.incident_id,
).where(t.c.delivery == DeliveryState.HELD)


def lasting(connection: Connection, incident_ids: Collection[int], target: str | None = None) -> set[tuple[int, str]]:
    """Return incidents with an alert that fires, and targets that know of it; or those of *target*."""
    wanted = _LASTING if target is None else _LASTING.where(t.c.target == target)
    found = rows_with(connection, wanted, alerts.c.incident_id, sorted(incident_ids))
    return {(row.incident_id, row.target) for row in found}


_CONDITIONS: dict[str, Callable[[Any], ColumnElement[bool]]] = {
    "delivery": t.c.delivery.__eq__,
    "server_id": t.c.server_id.__eq__,
    "user_id": t.c.user_id.__eq__,
    "start": t.c.created_at.__ge__,
    "end": t.c.created_at.__lt__,
    "before": t.c.id.__lt__,
}


class SqlNotificationQueries(SqlReader, NotificationQueries):
    def newest(self, actor: Actor, wanted: NotificationFilter) -> list[Notification]:
        actor.must_be_admin()
        statement = select(t).order_by(t.c.id.desc()).limit(wanted.limit)
        for name, condition in _CONDITIONS.items():
            if (value := getattr(wanted, name)) is not None:
                statement = statement.where(condition(value))
        return [to_notification(row) for row in self._rows(statement)]

    def get(self, notification_id: NotificationId) -> Notification:
        with connected(self._engine) as connection:
            wanted = select(t).where(t.c.id == notification_id)
            return to_notification(found_row(connection, wanted, f"notification {notification_id}"))

    def of_alert(self, alert_id: AlertId) -> list[Notification]:
        own = select(t).where(t.c.alert_id == alert_id).order_by(t.c.id)
        return [to_notification(row) for row in self._rows(own)]

    def sendings(self, of: VisibleIds, metric: str | None, start: datetime, end: datetime) -> list[Sending]:
        wanted = _SENDINGS.where(t.c.created_at >= start, t.c.created_at < end)
        if metric is not None:
            wanted = wanted.where(t.c.metric == metric)
        with connected(self._engine) as connection:
            rows: Iterable[Any]
            if of.ids is None:
                rows = connection.execute(wanted)
            else:
                rows = rows_with(connection, wanted, t.c.server_id, sorted(of.ids))
            in_order = sorted(rows, key=lambda row: row.id)
        return [Sending(alert, server, to_target(target), *rest) for _, alert, server, target, *rest in in_order]

    def held(self) -> list[Held]:
        with connected(self._engine) as connection:
            rows = connection.execute(_HELD).all()
            amended = {row.incident_id for row in rows if row.reason is Reason.AMENDED} - {None}
            lasts = lasting(connection, amended)
        found = [
            Held(
                *(row.id, row.alert_id, to_target(row.target), row.server_id, row.metric, row.created_at),
                *(row.event_kind, row.reason),
                lasts=row.reason is Reason.AMENDED and (row.incident_id, row.target) in lasts,
            )
            for row in rows
        ]
        return sorted(found, key=lambda held: (held.created_at, held.id))

    def due_since(self, now: datetime) -> datetime | None:
        is_free = t.c.leased_until.is_(None) | (t.c.leased_until <= now)
        waiting = select(func.min(t.c.not_before)).where(t.c.delivery == DeliveryState.PENDING, is_free)
        with connected(self._engine) as connection:
            since: datetime | None = connection.scalar(waiting.where(t.c.not_before <= now))
        return since

    def last_by_channel(self) -> dict[ChannelId, Notification]:
        found: dict[ChannelId, Notification] = {}
        with connected(self._engine) as connection:
            for channel_id in connection.scalars(select(channels.c.id)).all():
                # In one statement for all of the few channels, MariaDB would read every notification.
                last = select(t).where(t.c.channel_id == channel_id, _TRIED).order_by(t.c.id.desc()).limit(1)
                if (row := connection.execute(last).one_or_none()) is not None:
                    found[ChannelId(channel_id)] = to_notification(row)
        return found
