"""GET /api/monitor/stats, without a query."""

from collections.abc import Iterable
from typing import Literal

import msgspec
from litestar import get
from litestar.di import NamedDependency
from msgspec import Struct

from monitor.adapters.http.edge import envelope
from monitor.adapters.http.edge.envelope import Envelope, ok
from monitor.application.alerts.evaluation import Alerting
from monitor.application.fleet.directory import Directory
from monitor.application.fleet.fleet import Fleet
from monitor.domain.accounts.actors import Actor
from monitor.domain.fleet.servers import Server, ServerId, Status
from monitor.domain.intake.live import Live

_encode = msgspec.json.Encoder().encode
_NEVER = Live()


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
        """Return None before the first sample. *clock_skew*: see `ServerOut`."""
        sample = live.sample
        return sample and LatestOut(
            server_id=server.id,
            server_name=server.name,
            ip_address=server.ip_address,
            status=live.status.value,
            cpu_value=sample.cpu,
            memory_value=sample.memory,
            disk_value=sample.disk,
            recorded_at=envelope.written(sample.recorded_at),
            clock_skew=clock_skew,
        )


class LatestTexts:
    """Cache of each server's `LatestOut` as JSON: encoding ten thousand takes fifty milliseconds."""

    def __init__(self) -> None:
        self._held: dict[ServerId, tuple[Server, Live, int | None, msgspec.Raw]] = {}
        self._of: Directory | None = None

    def of(self, servers: Iterable[tuple[Server, Live]], fleet: Fleet) -> list[msgspec.Raw]:
        """Return the texts of servers that have reported, encoded again only if something changed."""
        if self._of is not fleet.directory:  # all servers are new objects, and some may be deleted
            self._held, self._of = {}, fleet.directory
        held, skews, found = self._held, fleet.clock_skew, []
        for server, live in servers:
            known, skew = held.get(server.id), skews.get(server.id)
            # Identity is enough: each change replaces the whole object.
            if known is None or known[1] is not live or known[0] is not server or known[2] != skew:
                out = LatestOut.of(server, live, skew)
                if out is None:
                    continue
                known = held[server.id] = (server, live, skew, msgspec.Raw(_encode(out)))
            found.append(known[3])
        return found


class StatsOut(Struct, frozen=True, kw_only=True):
    """*never_reported*: part of *offline_servers*."""

    total_servers: int
    online_servers: int
    offline_servers: int
    never_reported: int
    alert_count: int
    latest_data: list[LatestOut]


class _WrittenStats(StatsOut, frozen=True, kw_only=True):
    latest_data: list[msgspec.Raw]  # type: ignore[assignment]  # already encoded


@get("/monitor/stats", tags=("monitor",), sync_to_thread=True)
def stats(
    actor: NamedDependency[Actor],
    fleet: NamedDependency[Fleet],
    alerting: NamedDependency[Alerting],
    latest_texts: NamedDependency[LatestTexts],
) -> Envelope[StatsOut]:
    """Counts, and the newest sample of each server, of the servers that the caller may see."""
    fleet.refresh()
    # Two lists and no pairs: ten thousand new tuples per call cost time in garbage collection.
    servers = list(fleet.directory.visible(actor))
    lives = [fleet.live.get(server.id, _NEVER) for server in servers]
    visible = {server.id for server in servers}
    online = sum(live.status is Status.ONLINE for live in lives)
    return ok(
        _WrittenStats(
            total_servers=len(servers),
            online_servers=online,
            offline_servers=len(servers) - online,
            never_reported=sum(live.last_report_at is None for live in lives),
            alert_count=sum(server_id in visible for server_id, _ in alerting.firing()),
            latest_data=latest_texts.of(zip(servers, lives, strict=True), fleet),
        )
    )
