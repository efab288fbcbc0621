"""Alerts as answers show them."""

from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

from monitor.adapters.http import times
from monitor.adapters.http.levels import LEVELS, LevelName
from monitor.adapters.http.live_messages import ProcessOut
from monitor.application.fleet import Fleet
from monitor.application.ports.queries import Queries, ShownAlert
from monitor.application.present_alerts import present
from monitor.domain.actors import Actor
from monitor.domain.alerts import AlertId, Happening, TimelineEntry

StateName = Literal["pending", "firing", "resolved", "cancelled"]


class AlertOut(Struct, frozen=True, kw_only=True):
    """*id* is null while it is only pending. *value*: the newest known; of an alert that ended, the one at its end. Of
    `offline` it is the seconds without a report. *peak_level*, *peak_value*, *peak_at*: the highest level, the worst
    value since it fired, and when that was; null while it is only pending. *acknowledged_by* is a user name. *late*:
    it fired and ended within a backlog, nobody was told."""

    id: int | None
    server_id: int
    server_name: str
    policy_id: int | None
    metric: str
    level: LevelName
    state: StateName
    value: float | None
    threshold: float | None
    started_at: str
    fired_at: str | None
    resolved_at: str | None
    acknowledged_by: str | None
    acknowledged_at: str | None
    silenced: bool
    late: bool
    flapping: bool
    peak_level: LevelName | None
    peak_value: float | None
    peak_at: str | None


class TimelineOut(Struct, frozen=True, kw_only=True, omit_defaults=True):
    at: str
    event: Happening
    level: LevelName | None = None
    value: float | None = None
    username: str | None = None
    recipient: str | None = None
    channel: str | None = None
    note: str | None = None

    @staticmethod
    def of(entry: TimelineEntry) -> "TimelineOut":
        return TimelineOut(
            at=times.written(entry.at),
            event=entry.happening,
            level=LEVELS.get(entry.level) if entry.level else None,
            value=entry.value,
            username=entry.username,
            recipient=entry.recipient,
            channel=entry.channel,
            note=entry.note,
        )


class AlertDetail(AlertOut, frozen=True, kw_only=True):
    processes: list[ProcessOut]
    timeline: list[TimelineOut]


def detail(actor: Actor, alert_id: AlertId, queries: Queries, fleet: Fleet, now: datetime) -> AlertDetail:
    shown, timeline = queries.alerts.get(actor, alert_id)
    return AlertDetail(
        **fields(shown, fleet, now),
        processes=[ProcessOut(*process) for process in shown.alert.processes],
        timeline=[TimelineOut.of(entry) for entry in timeline],
    )


def fields(shown: ShownAlert, fleet: Fleet, now: datetime) -> dict[str, Any]:
    alert = present(fleet, shown.alert, now)
    return {
        "id": alert.id,
        "server_id": alert.server_id,
        "server_name": shown.server_name,
        "policy_id": alert.policy_id,
        "metric": alert.metric,
        "level": LEVELS[alert.level],
        "state": alert.state.value,
        "value": alert.value,
        "threshold": alert.threshold,
        "started_at": times.written(alert.started_at),
        "fired_at": times.written(alert.fired_at),
        "resolved_at": times.written_or_none(alert.resolved_at),
        "acknowledged_by": shown.acknowledged_by,
        "acknowledged_at": times.written_or_none(alert.acknowledged_at),
        "silenced": alert.is_open and fleet.directory.is_silenced(alert.server_id, alert.metric, now),
        "late": alert.late,
        "flapping": alert.flapping,
        "peak_level": LEVELS[alert.peak_level],
        "peak_value": alert.peak_value,
        "peak_at": times.written(alert.peak_at),
    }
