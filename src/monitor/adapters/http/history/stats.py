"""GET /api/monitor/stats, without a query."""

from collections.abc import Iterable
from typing import Literal

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery
from msgspec import UNSET, Struct, UnsetType

from monitor.adapters.http.edge import cursors, times
from monitor.adapters.http.edge.bodies import PageLimit
from monitor.adapters.http.edge.envelope import Envelope, ok
from monitor.adapters.http.edge.mapping import one_more
from monitor.application.alerts.counting import CountServers
from monitor.application.fleet.counts import page
from monitor.application.fleet.directory import Directory
from monitor.application.fleet.fleet import Fleet
from monitor.application.fleet.visibility import VisibleFleet
from monitor.domain.accounts.actors import Actor
from monitor.domain.fleet.servers import Server, ServerId
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
            recorded_at=times.written(sample.recorded_at),
            clock_skew=clock_skew,
        )


class LatestTexts:
    """Cache of each server's `LatestOut` as JSON: encoding ten thousand takes fifty milliseconds."""

    def __init__(self) -> None:
        self._held: dict[ServerId, tuple[Server, Live, int | None, msgspec.Raw]] = {}
        self._of: Directory | None = None

    def of(self, servers: Iterable[tuple[Server, Live]], fleet: Fleet) -> list[msgspec.Raw]:
        """Return the texts of servers that have reported, encoded again only if something changed."""
        if self._of is not fleet.directory:  # some servers may be deleted; changed ones are new objects
            directory = fleet.directory
            self._held = {id_: held for id_, held in list(self._held.items()) if id_ in directory.servers}
            self._of = directory
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
    """*never_reported*: part of *offline_servers*. With `summary=true` there are the four other counts alone."""

    total_servers: int
    online_servers: int
    offline_servers: int
    alert_count: int
    never_reported: int | UnsetType = UNSET
    latest_data: list[LatestOut] | UnsetType = UNSET


class _WrittenStats(StatsOut, frozen=True, kw_only=True):
    latest_data: list[msgspec.Raw] | UnsetType = UNSET  # type: ignore[assignment]  # already encoded


@get("/monitor/stats", tags=("monitor",), sync_to_thread=True)
def stats(
    actor: NamedDependency[Actor],
    fleet: NamedDependency[Fleet],
    count_servers: NamedDependency[CountServers],
    latest_texts: NamedDependency[LatestTexts],
    summary: FromQuery[bool] = False,
    limit: PageLimit = None,
    cursor: FromQuery[str | None] = None,
) -> Response[Envelope[StatsOut]]:
    """Counts, and the newest sample of each server, of the servers that the caller may see.

    `summary=true`: four counts alone. With `limit`, a page of `latest_data`; the counts are always of all servers.
    """
    after = cursors.to_id(cursor)
    visible = fleet.visible_to(actor)
    counted = count_servers(actor)
    shown = _WrittenStats(
        total_servers=counted.total,
        online_servers=counted.online,
        offline_servers=counted.offline,
        alert_count=counted.firing,
    )
    if summary:
        return Response(ok(shown))
    rows, headers = _rows(fleet, visible, after, limit)
    texts = latest_texts.of(rows, fleet)
    return Response(
        ok(msgspec.structs.replace(shown, never_reported=counted.never_reported, latest_data=texts)), headers=headers
    )


def _rows(
    fleet: Fleet, visible: VisibleFleet, after: int | None, limit: int | None
) -> tuple[Iterable[tuple[Server, Live]], dict[str, str]]:
    """Return servers with their `Live`, and the headers that name the next page."""
    servers, live = visible.directory.servers, fleet.live
    if after is None and limit is None:
        # Pairs one after the other: ten thousand at once would cost time in garbage collection.
        every = list(visible.servers)
        return ((server, live.get(server.id, _NEVER)) for server in every), {}
    ids = page(fleet, visible, after, one_more(limit))
    headers = {} if limit is None or len(ids) <= limit else {cursors.HEADER: cursors.of_numbers(ids[limit - 1])}
    return ((servers[id_], live.get(id_, _NEVER)) for id_ in ids[:limit] if id_ in servers), headers
