"""GET /api/monitor/data: stored samples. GET /api/servers/recent: the last hour of many servers for sparklines."""

from litestar import Response, get
from litestar.params import FromQuery
from msgspec import UNSET, Struct, UnsetType

from monitor.adapters.http.edge import cursors, times
from monitor.adapters.http.edge.bodies import Limit, QueryId, listed, listed_ids
from monitor.adapters.http.edge.envelope import Envelope, ok
from monitor.adapters.http.edge.mapping import paged
from monitor.adapters.http.edge.supplying import Part
from monitor.application.history.charts import ReadRecent
from monitor.application.history.newest import newest as newest_samples
from monitor.application.history.ports import SampleFilter, StoredSample
from monitor.application.operations.ports import Queries
from monitor.domain.accounts.actors import Actor
from monitor.domain.fleet.servers import ServerId

_STEP_SECONDS = 60


class SampleOut(Struct, frozen=True, kw_only=True):
    id: int | None
    server_id: int
    server_name: str
    ip_address: str
    cpu_value: float
    memory_value: float
    disk_value: float
    extra: dict[str, float]
    interval: float | None
    recorded_at: str

    @staticmethod
    def of(stored: StoredSample) -> "SampleOut":
        sample = stored.sample
        return SampleOut(
            id=stored.id,
            server_id=sample.server_id,
            server_name=stored.server_name,
            ip_address=stored.ip_address,
            cpu_value=sample.cpu,
            memory_value=sample.memory,
            disk_value=sample.disk,
            extra=dict(sample.extra or {}),
            interval=sample.interval,
            recorded_at=times.written(sample.recorded_at),
        )


@get("/monitor/data", tags=("monitor",), sync_to_thread=True)
def newest(
    actor: Part[Actor],
    queries: Part[Queries],
    server_id: QueryId = None,
    start: FromQuery[str | None] = None,
    end: FromQuery[str | None] = None,
    limit: Limit = 100,
    cursor: FromQuery[str | None] = None,
) -> Response[Envelope[list[SampleOut]]]:
    """Samples of one server, or of all that the caller may see, newest first; start <= recorded_at < end. Samples
    that exist only in the compressed history have no `id`."""
    wanted = SampleFilter(
        server_id=None if server_id is None else ServerId(server_id),
        start=None if start is None else times.parsed(start, "start"),
        end=None if end is None else times.parsed(end, "end"),
        before=None if cursor is None else cursors.to_sample(cursor),
        limit=limit + 1,
    )
    return paged(
        newest_samples(queries, actor, wanted),
        limit,
        SampleOut.of,
        lambda last: cursors.of_sample(last.sample.recorded_at, last.sample.server_id),
    )


class RecentServerOut(Struct, frozen=True, kw_only=True):
    """Averages, oldest first; null for a minute without samples. Metrics that were not requested are missing."""

    server_id: int
    cpu: list[float | None] | UnsetType = UNSET
    memory: list[float | None] | UnsetType = UNSET
    disk: list[float | None] | UnsetType = UNSET


class RecentOut(Struct, frozen=True, kw_only=True):
    """*step*: seconds from one value to the next."""

    start: str
    step: int
    servers: list[RecentServerOut]


@get("/servers/recent", tags=("monitor",), sync_to_thread=True)
def recent(
    actor: Part[Actor], read_recent: Part[ReadRecent], server_ids: FromQuery[str] = "", metrics: FromQuery[str] = "cpu"
) -> Envelope[RecentOut]:
    """The last hour as 60 averages of a minute each, of up to 200 servers (`server_ids=1,2,3`) and of `cpu`,
    `memory`, `disk`. Servers that the caller may not see are left out."""
    ids = [ServerId(number) for number in listed_ids(server_ids, "server_ids")]
    recent = read_recent(actor, ids, listed(metrics))
    return ok(
        RecentOut(
            start=times.written(recent.start),
            step=_STEP_SECONDS,
            servers=[RecentServerOut(server_id=id_, **columns) for id_, columns in recent.servers.items()],
        )
    )
