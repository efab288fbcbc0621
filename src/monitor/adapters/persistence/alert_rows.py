"""Alerts and what happened to them, as they are stored."""

from typing import Any

import msgspec
from sqlalchemy import Row

from monitor.adapters.persistence.inserted import cut_to_fit
from monitor.adapters.persistence.tables import alert_timeline
from monitor.domain.actors import UserId
from monitor.domain.alerts import Alert, AlertId, EventId, TimelineEntry
from monitor.domain.policies import PolicyId
from monitor.domain.samples import Process
from monitor.domain.servers import ServerId

LONGEST_NOTE = 10_000
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(tuple[Process, ...]).decode


def to_alert(row: Row[Any]) -> Alert:
    return Alert(
        id=AlertId(row.id),
        server_id=ServerId(row.server_id),
        policy_id=None if row.policy_id is None else PolicyId(row.policy_id),
        metric=row.metric,
        level=row.level,
        state=row.state,
        value=row.value,
        threshold=row.threshold,
        started_at=row.started_at,
        fired_at=row.fired_at,
        resolved_at=row.resolved_at,
        acknowledged_by=None if row.acknowledged_by is None else UserId(row.acknowledged_by),
        acknowledged_at=row.acknowledged_at,
        last_told_at=row.last_told_at,
        late=row.late,
        flapping=row.flapping,
        processes=() if row.processes is None else _decode(row.processes),
        **_peak(row),
    )


def _peak(row: Row[Any]) -> dict[str, Any]:
    """A row without one is of a process that did not know of it yet."""
    peak = {"peak_level": row.peak_level, "peak_value": row.peak_value, "peak_at": row.peak_at}
    return {} if row.peak_at is None else peak


def alert_columns(alert: Alert) -> dict[str, Any]:
    return {
        "server_id": alert.server_id,
        "policy_id": alert.policy_id,
        "metric": alert.metric,
        "level": alert.level,
        "state": alert.state,
        "value": alert.value,
        "threshold": alert.threshold,
        "started_at": alert.started_at,
        "fired_at": alert.fired_at,
        "resolved_at": alert.resolved_at,
        "acknowledged_by": alert.acknowledged_by,
        "acknowledged_at": alert.acknowledged_at,
        "last_told_at": alert.last_told_at,
        "late": alert.late,
        "flapping": alert.flapping,
        "processes": _encode(alert.processes).decode() if alert.processes else None,
        "peak_level": alert.peak_level,
        "peak_value": alert.peak_value,
        "peak_at": alert.peak_at,
    }


def to_entry(row: Row[Any]) -> TimelineEntry:
    return TimelineEntry(
        id=EventId(row.id),
        alert_id=AlertId(row.alert_id),
        at=row.at,
        happening=row.happening,
        level=row.level,
        value=row.value,
        username=row.username,
        recipient=row.recipient,
        channel=row.channel,
        note=row.note,
    )


def entry_columns(entry: TimelineEntry) -> dict[str, Any]:
    """Too long a text is cut: that something happened must be known."""
    texts = {"username": entry.username, "recipient": entry.recipient, "channel": entry.channel}
    cut = {name: None if text is None else cut_to_fit(text, alert_timeline.c[name]) for name, text in texts.items()}
    return cut | {
        "alert_id": entry.alert_id,
        "at": entry.at,
        "happening": entry.happening,
        "level": entry.level,
        "value": entry.value,
        "note": None if entry.note is None else entry.note[:LONGEST_NOTE],
    }
