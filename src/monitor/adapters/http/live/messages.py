"""Bodies of the events of the live stream."""

from typing import Any, Literal

from msgspec import Struct

from monitor.adapters.http.alerts.shown_alerts import ProcessOut
from monitor.adapters.http.edge import envelope
from monitor.adapters.http.edge.mapping import LevelName
from monitor.domain.fleet.servers import ServerId
from monitor.domain.intake.live import Live

StatusName = Literal["online", "offline"]


class BriefSample(Struct, frozen=True, kw_only=True):
    """Newest values of a server, null before its first sample. *clock_skew*: see `ServerOut`."""

    server_id: int
    status: StatusName
    last_report_at: str | None
    recorded_at: str | None
    cpu_value: float | None
    memory_value: float | None
    disk_value: float | None
    clock_skew: int | None


class LiveSample(BriefSample, frozen=True, kw_only=True):
    extra: dict[str, float]
    processes: list[ProcessOut]


def brief_sample(server_id: ServerId, live: Live, clock_skew: int | None) -> BriefSample:
    return BriefSample(**_brief(server_id, live, clock_skew))


def live_sample(server_id: ServerId, live: Live, clock_skew: int | None) -> LiveSample:
    sample = live.sample
    return LiveSample(
        **_brief(server_id, live, clock_skew),
        extra=dict(sample.extra or {}) if sample else {},
        processes=[ProcessOut(*process) for process in sample.processes] if sample else [],
    )


def _brief(server_id: ServerId, live: Live, clock_skew: int | None) -> dict[str, Any]:
    sample = live.sample
    return {
        "server_id": server_id,
        "status": live.status.value,
        "last_report_at": live.last_report_at and envelope.written(live.last_report_at),
        "recorded_at": sample and envelope.written(sample.recorded_at),
        "cpu_value": sample and sample.cpu,
        "memory_value": sample and sample.memory,
        "disk_value": sample and sample.disk,
        "clock_skew": clock_skew,
    }


class StatusChange(Struct, frozen=True):
    server_id: int
    status: StatusName


class AlertChange(Struct, frozen=True):
    """Alert that fired, changed its level, or ended."""

    id: int
    server_id: int
    metric: str
    level: LevelName
    state: Literal["firing", "resolved", "cancelled"]
    value: float
    peak_level: LevelName
    peak_value: float
    peak_at: str
