"""GET /api/monitor/data: reading stored samples."""

from typing import Annotated

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter
from msgspec import Struct

from monitor.adapters.http import cursors, times
from monitor.adapters.http.bodies import QueryId
from monitor.adapters.http.envelope import Envelope, ok
from monitor.application.newest_samples import newest
from monitor.application.ports.queries import Queries, SampleFilter, StoredSample
from monitor.domain.actors import Actor
from monitor.domain.servers import ServerId


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


class SampleController(Controller):
    path = "/monitor/data"
    tags = ("monitor",)

    @get("/", sync_to_thread=True)
    def newest(
        self,
        actor: NamedDependency[Actor],
        queries: NamedDependency[Queries],
        server_id: QueryId = None,
        start: FromQuery[str | None] = None,
        end: FromQuery[str | None] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=1000)] = 100,
        cursor: FromQuery[str | None] = None,
    ) -> Response[Envelope[list[SampleOut]]]:
        """Newest first, of one server or of all the caller may see; start <= recorded_at < end. Those that were
        sealed into the compressed history have no `id`."""
        wanted = SampleFilter(
            server_id=None if server_id is None else ServerId(server_id),
            start=None if start is None else times.parsed(start, "start"),
            end=None if end is None else times.parsed(end, "end"),
            before=None if cursor is None else cursors.to_sample(cursor),
            limit=limit + 1,
        )
        found, headers = cursors.page(
            newest(queries, actor, wanted),
            limit,
            lambda last: cursors.of_sample(last.sample.recorded_at, last.sample.server_id),
        )
        return Response(ok([SampleOut.of(stored) for stored in found]), headers=headers)
