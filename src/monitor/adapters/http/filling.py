"""/api/servers/filling: disks that will be full soon."""

from typing import Annotated

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter
from msgspec import Struct

from monitor.adapters.http import cursors, times
from monitor.adapters.http.envelope import Envelope, ok
from monitor.application.filling import FillingDisks
from monitor.domain.actors import Actor


class FillingOut(Struct, frozen=True, kw_only=True):
    """*value* in percent now, *per_day* in points, *full_at* if it goes on like that."""

    server_id: int
    server_name: str
    metric: str
    value: float
    per_day: float
    full_at: str


class FillingController(Controller):
    path = "/servers/filling"
    tags = ("monitor",)

    @get("/", sync_to_thread=True)
    def filling(
        self,
        actor: NamedDependency[Actor],
        filling_disks: NamedDependency[FillingDisks],
        limit: Annotated[int, QueryParameter(ge=1, le=1000)] = 10,
        cursor: FromQuery[str | None] = None,
    ) -> Response[Envelope[list[FillingOut]]]:
        """Disks that fill up within 90 days, the soonest first: a line through the last week's hourly averages. A host
        with less than a day of sealed history is not there yet. `disk` is left out where it is one of the host's file
        systems that are listed by themselves."""
        passed = max(0, cursors.to_id(cursor) or 0)
        found, headers = cursors.page(
            filling_disks.soonest(actor, passed + limit + 1)[passed:],
            limit,
            lambda _: cursors.of_numbers(passed + limit),
        )
        return Response(
            ok(
                [
                    FillingOut(
                        server_id=server.id,
                        server_name=server.name,
                        metric=disk.metric,
                        value=disk.value,
                        per_day=round(disk.per_day, 4),
                        full_at=times.written(disk.full_at),
                    )
                    for server, disk in found
                ]
            ),
            headers=headers,
        )
