"""Bodies of the events of the live stream."""

from typing import Literal

from msgspec import Struct, structs

from monitor.adapters.http.alerts.shown_alerts import ProcessOut
from monitor.adapters.http.edge.mapping import LevelName
from monitor.adapters.http.fleet.lists import BriefSample, StatusName, brief_sample
from monitor.application.alerts.lists import FleetCounts
from monitor.domain.fleet.servers import ServerId
from monitor.domain.intake.live import Live


class LiveSample(BriefSample, frozen=True, kw_only=True):
    extra: dict[str, float]
    processes: list[ProcessOut]


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
    """Figures of all servers that one may see. *never_reported*: part of *offline_servers*. *silenced_servers*: those
    on which a silence acts now."""

    total_servers: int
    online_servers: int
    offline_servers: int
    never_reported: int
    alert_count: int
    silenced_servers: int

    @staticmethod
    def of(counts: FleetCounts) -> "CountsChange":
        return CountsChange(
            total_servers=counts.total,
            online_servers=counts.online,
            offline_servers=counts.offline,
            never_reported=counts.never_reported,
            alert_count=counts.firing,
            silenced_servers=counts.silenced,
        )


class AlertChange(Struct, frozen=True):
    """Alert that fired, changed its level, or ended. The ids of what it is about: as in `AlertOut`."""

    id: int
    server_id: int | None
    check_id: int | None
    check_in_id: int | None
    metric: str
    level: LevelName
    state: Literal["firing", "resolved", "cancelled"]
    value: float
    peak_level: LevelName
    peak_value: float
    peak_at: str
