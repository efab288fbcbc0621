"""/api/monitor/stats, from memory."""

from typing import Literal

from litestar import Controller, get
from litestar.di import NamedDependency
from msgspec import Struct

from monitor.adapters.http import times
from monitor.adapters.http.envelope import Envelope, ok
from monitor.application.alerting import Alerting
from monitor.application.fleet import Fleet, Live
from monitor.domain.actors import Actor
from monitor.domain.servers import Server, Status


class LatestOut(Struct, frozen=True, kw_only=True):
    server_id: int
    server_name: str
    ip_address: str
    status: Literal["online", "offline"]
    cpu_value: float
    memory_value: float
    disk_value: float
    recorded_at: str
    clock_skew: int | None

    @staticmethod
    def of(server: Server, live: Live, clock_skew: int | None) -> "LatestOut | None":
        """None before the first sample. *clock_skew*: see `ServerOut`."""
        sample = live.sample
        return sample and LatestOut(
            server_id=server.id,
            server_name=server.name,
            ip_address=server.ip_address,
            status=live.status.value,
            cpu_value=sample.cpu,
            memory_value=sample.memory,
            disk_value=sample.disk,
            recorded_at=times.written(sample.recorded_at),
            clock_skew=clock_skew,
        )


class StatsOut(Struct, frozen=True, kw_only=True):
    total_servers: int
    online_servers: int
    offline_servers: int
    alert_count: int
    latest_data: list[LatestOut]


class StatsController(Controller):
    path = "/monitor/stats"
    tags = ("monitor",)

    @get("/", sync_to_thread=True)
    def stats(
        self, actor: NamedDependency[Actor], fleet: NamedDependency[Fleet], alerting: NamedDependency[Alerting]
    ) -> Envelope[StatsOut]:
        """Of the servers the caller may see: counts, and the newest sample of each."""
        fleet.refresh()
        held = [(server, fleet.live.get(server.id, Live())) for server in fleet.directory.visible(actor)]
        visible = {server.id for server, _ in held}
        online = sum(live.status is Status.ONLINE for _, live in held)
        found = (LatestOut.of(server, live, fleet.clock_skew.get(server.id)) for server, live in held)
        return ok(
            StatsOut(
                total_servers=len(held),
                online_servers=online,
                offline_servers=len(held) - online,
                alert_count=sum(server_id in visible for server_id, _ in alerting.firing()),
                latest_data=[out for out in found if out is not None],
            )
        )
