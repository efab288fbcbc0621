"""Messages to render and send."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from monitor.application.notifications.sender_ports import IncidentNote, Item, Message, Point
from monitor.domain.alerts.alert import Alert, AlertId, AlertState, EventKind, IncidentId
from monitor.domain.fleet.servers import ServerId
from monitor.domain.incidents.causes import CauseKind
from monitor.domain.intake.samples import Process
from monitor.domain.levels import Level

NOON = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
RISING = [20.0 + minute for minute in range(60)]


def an_alert(**changes: Any) -> Alert:
    return Alert(
        **{
            "id": AlertId(12),
            "server_id": ServerId(3),
            "metric": "cpu",
            "level": Level.CRITICAL,
            "value": 92.4,
            "threshold": 85.0,
            "started_at": NOON - timedelta(minutes=12),
            "fired_at": NOON - timedelta(minutes=7),
            "processes": (Process("mysqld", 88.1, 40.2), Process("nginx", 1.25, 0.4)),
            **changes,
        }
    )


IN_INCIDENT = an_alert(incident_id=IncidentId(7))
RACK = IncidentNote(
    threads=[(IncidentId(7), NOON - timedelta(minutes=7))],
    is_first=True,
    kind=CauseKind.TAG,
    value="rack-7",
    sick=4,
    healthy=["web-3"],
)


def an_item(event_kind: EventKind = EventKind.FIRED, *, alert: Alert | None = None, **changes: Any) -> Item:
    alert = alert or an_alert()
    given: dict[str, Any] = {
        "event_kind": event_kind,
        "at": NOON,
        "alert": alert,
        "server_name": "web-1",
        "ip_address": "192.0.2.10",
        "level": alert.level,
        "value": alert.value,
        "last_hour": an_hour(),
        "link": "https://monitor.example/alerts/12",
    }
    return Item(**given | changes)


def ended(state: AlertState = AlertState.RESOLVED, **changes: Any) -> Alert:
    return an_alert(state=state, resolved_at=NOON, **changes)


def an_hour(values: Sequence[float] = RISING) -> list[Point]:
    """One point a minute, the last one at noon."""
    return [Point(at=NOON - timedelta(minutes=len(values) - 1 - i), value=value) for i, value in enumerate(values)]


def a_message(*items: Item, locale: str = "en", **changes: Any) -> Message:
    return Message(**{"message_id": "m-1", "locale": locale, "items": items, "sent_at": NOON, **changes})
