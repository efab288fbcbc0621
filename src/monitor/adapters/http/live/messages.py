"""Bodies of the events of the live stream."""

from typing import Literal

from msgspec import Struct, structs

from monitor.adapters.http.alerts.shown_alerts import ProcessOut
from monitor.adapters.http.edge import times
from monitor.adapters.http.edge.mapping import LevelName
from monitor.application.alerts.counting import FleetCounts
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
    sample = live.sample  # field by field: this is done for each of a hundred thousand servers
    return BriefSample(
        server_id=server_id,
        status=live.status.value,
        last_report_at=None if live.last_report_at is None else times.written(live.last_report_at),
        recorded_at=sample and times.written(sample.recorded_at),
        cpu_value=sample and sample.cpu,
        memory_value=sample and sample.memory,
        disk_value=sample and sample.disk,
        clock_skew=clock_skew,
    )


def live_sample(server_id: ServerId, live: Live, clock_skew: int | None) -> LiveSample:
    sample, brief = live.sample, brief_sample(server_id, live, clock_skew)
    return LiveSample(
        **structs.asdict(brief),
        extra=dict(sample.extra or {}) if sample else {},
        processes=[ProcessOut(*process) for process in sample.processes] if sample else [],
    )


class StatusChange(Struct, frozen=True):
    server_id: int
    status: StatusName


class CountsChange(Struct, frozen=True, kw_only=True):
    """Figures of all servers that one may see; *never_reported* is part of *offline_servers*."""

    total_servers: int
    online_servers: int
    offline_servers: int
    never_reported: int
    alert_count: int

    @staticmethod
    def of(counts: FleetCounts) -> "CountsChange":
        return CountsChange(
            total_servers=counts.total,
            online_servers=counts.online,
            offline_servers=counts.offline,
            never_reported=counts.never_reported,
            alert_count=counts.firing,
        )


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
