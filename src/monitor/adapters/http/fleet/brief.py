"""The newest values of a server, as lists and the live stream show them."""

from typing import Literal

from msgspec import Struct

from monitor.adapters.http.edge import times
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
