"""/api/servers/recent: what small lines in a list of servers are drawn from."""

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromQuery
from msgspec import UNSET, Struct, UnsetType

from monitor.adapters.http import times
from monitor.adapters.http.bodies import listed, listed_ids
from monitor.adapters.http.envelope import Envelope, ok
from monitor.application.recent import ReadRecent
from monitor.domain.actors import Actor
from monitor.domain.servers import ServerId

STEP = 60


class RecentServerOut(Struct, frozen=True, kw_only=True):
    """Averages, the oldest first; null where nothing was measured. A metric that was not asked for is left out."""

    server_id: int
    cpu: list[float | None] | UnsetType = UNSET
    memory: list[float | None] | UnsetType = UNSET
    disk: list[float | None] | UnsetType = UNSET


class RecentOut(Struct, frozen=True, kw_only=True):
    """*step*: seconds from one value to the next."""

    start: str
    step: int
    servers: list[RecentServerOut]


class RecentController(Controller):
    path = "/servers/recent"
    tags = ("monitor",)

    @get("/", sync_to_thread=True)
    def recent(
        self,
        actor: NamedDependency[Actor],
        read_recent: NamedDependency[ReadRecent],
        server_ids: FromQuery[str] = "",
        metrics: FromQuery[str] = "cpu",
    ) -> Envelope[RecentOut]:
        """The last hour as 60 averages of a minute each, of up to 200 servers (`server_ids=1,2,3`) and of `cpu`,
        `memory`, `disk`. A server that the caller may not see is left out."""
        ids = [ServerId(number) for number in listed_ids(server_ids, "server_ids")]
        recent = read_recent(actor, ids, listed(metrics))
        return ok(
            RecentOut(
                start=times.written(recent.start),
                step=STEP,
                servers=[RecentServerOut(server_id=id_, **columns) for id_, columns in recent.servers.items()],
            )
        )
