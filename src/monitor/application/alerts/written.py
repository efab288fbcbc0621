"""An event of an alert as it is written: its entry in the timeline, and its rows of the outbox."""

from datetime import datetime
from typing import NamedTuple

from monitor.application.fleet.directory import Directory
from monitor.application.notifications.recipients import Audience
from monitor.domain.alerts.alert import Alert, EventKind, TimelineEntry
from monitor.domain.alerts.reasons import Reason
from monitor.domain.fleet.servers import Server
from monitor.domain.notifications.outbox import Notification, Target

_READ_AS_STEP = (EventKind.ACK_EXPIRED, EventKind.HANDED_OVER)


class Written(NamedTuple):
    """An event of an alert, and who is notified of it. *event_kind*: of the notifications; None: that of the event."""

    entry: TimelineEntry
    present: Audience = Audience([])
    event_kind: EventKind | None = None


def notifications_of(
    server: Server, alert: Alert, written: Written, now: datetime, directory: Directory, held_by: Reason | None
) -> list[Notification]:
    """*written*: with the id of the stored event. *held_by*: they wait for the end of a silence, or for a parent."""
    entry, present, event_kind = written
    not_before = now + directory.preferences.digest_pause
    event_kind = event_kind or entry.event_kind
    added = [
        Notification(
            alert_id=alert.id,
            event_id=entry.id,
            event_kind=EventKind.STEP if event_kind in _READ_AS_STEP else event_kind,
            target=target,
            server_id=server.id,
            server_name=server.name,
            ip_address=server.ip_address if server.is_host else "",
            metric=alert.metric,
            level=alert.level,
            value=alert.value,
            note=entry.note or "",
            notice=entry.notice,
            created_at=now,
            not_before=not_before if delay is None else max(not_before, delay.until),
            reason=None if delay is None else delay.reason or Reason.PENDING,
            incident_id=alert.incident_id,
            called_by=present.called_by.get(target),
        )
        for target in sorted(present.targets, key=_in_order)
        for delay in [present.delays.get(target)]
    ]
    return added if held_by is None else [each.held(held_by) for each in added]


def _in_order(target: Target) -> tuple[int, int, int]:
    return target.user_id or 0, target.channel_id or 0, target.way_id or 0
