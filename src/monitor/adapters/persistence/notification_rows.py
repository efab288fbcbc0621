"""The outbox as it is stored."""

from typing import Any

from sqlalchemy import Row

from monitor.adapters.persistence.inserted import cut_to_fit
from monitor.adapters.persistence.tables import notifications as t
from monitor.domain.actors import UserId
from monitor.domain.alerts import AlertId, EventId
from monitor.domain.channels import ChannelId
from monitor.domain.notifications import Notification, NotificationId, Target
from monitor.domain.servers import ServerId

_LONGEST_TEXT = 10_000
_USER, _CHANNEL = "user", "channel"


def to_notification(row: Row[Any]) -> Notification:
    return Notification(
        id=NotificationId(row.id),
        alert_id=None if row.alert_id is None else AlertId(row.alert_id),
        event_id=None if row.event_id is None else EventId(row.event_id),
        happening=row.happening,
        target=to_target(row.target),
        server_id=ServerId(row.server_id),
        server_name=row.server_name,
        ip_address=row.ip_address,
        metric=row.metric,
        level=row.level,
        value=row.value,
        note=row.note,
        created_at=row.created_at,
        delivery=row.delivery,
        not_before=row.not_before,
        attempts=row.attempts,
        last_error=row.last_error,
        address=row.address,
        message_id=row.message_id,
        sent_at=row.sent_at,
        ack_digest=row.ack_digest,
    )


def to_target(key: str) -> Target:
    """Whom it was for, also once they were deleted; `user_id` and `channel_id` are NULL then."""
    kind, _, number = key.partition(":")
    return Target(user_id=UserId(int(number))) if kind == _USER else Target(channel_id=ChannelId(int(number)))


def target_key(target: Target) -> str:
    return f"{_CHANNEL}:{target.channel_id}" if target.user_id is None else f"{_USER}:{target.user_id}"


def reference_columns(notification: Notification) -> dict[str, Any]:
    """What it is about and for. Written once: any of them may have been deleted since it was read."""
    return {
        "alert_id": notification.alert_id,
        "event_id": notification.event_id,
        "user_id": notification.target.user_id,
        "channel_id": notification.target.channel_id,
        "target": target_key(notification.target),
    }


def other_columns(notification: Notification) -> dict[str, Any]:
    """Too long a text is cut: that somebody is to be told, or was, must be known."""
    return {
        "happening": notification.happening,
        "server_id": notification.server_id,
        "server_name": notification.server_name,
        "ip_address": notification.ip_address,
        "metric": notification.metric,
        "level": notification.level,
        "value": notification.value,
        "note": notification.note[:_LONGEST_TEXT],
        "created_at": notification.created_at,
        "delivery": notification.delivery,
        "not_before": notification.not_before,
        "attempts": notification.attempts,
        "last_error": notification.last_error[:_LONGEST_TEXT],
        "address": cut_to_fit(notification.address, t.c.address),
        "message_id": notification.message_id,
        "sent_at": notification.sent_at,
        "ack_digest": notification.ack_digest,
    }
