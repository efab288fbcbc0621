"""Lists of a large fleet: filtered and ordered here, a page at a time."""

from typing import Annotated, Literal, cast

from litestar import Controller, Response, get
from litestar.params import FromQuery, QueryParameter
from msgspec import Struct, structs

from monitor.adapters.http.edge import times
from monitor.adapters.http.edge.envelope import Envelope, ok
from monitor.adapters.http.edge.mapping import encoded
from monitor.adapters.http.edge.supplying import Part
from monitor.adapters.http.fleet.bodies import ServerName, ServerOut, ShowServers, some_ids
from monitor.application.alerts import lists
from monitor.application.alerts.lists import ListServers
from monitor.application.fleet.fleet import Fleet
from monitor.application.fleet.listing import ListFilter, Reporting, Sort, SortKey, WantedAlerts, Without
from monitor.domain.accounts.actors import Actor
from monitor.domain.fleet.servers import ServerId
from monitor.domain.intake.live import Live

PageSize = Annotated[int, QueryParameter(ge=1, le=200)]
Offset = Annotated[int, QueryParameter(ge=0)]
SortName = Literal[
    "name", "status", "alerts", "cpu", "memory", "disk", "address", "port", "tags", "users", "report", "created",
    "trouble", "-name", "-status", "-alerts", "-cpu", "-memory", "-disk", "-address", "-port", "-tags", "-users",
    "-report", "-created", "-trouble",
]  # fmt: skip  # one a line would be half of this file
YesNo = Literal["yes", "no"]
StatusName = Literal["online", "offline"]
_NEVER = Live()


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


class OrderedServer(ServerOut, frozen=True, kw_only=True):
    """*criticals*, *warnings*: firing alerts."""

    live: BriefSample
    criticals: int
    warnings: int


class OrderedServers(Struct, frozen=True, kw_only=True):
    """One page of servers in order. *matching*: the number of servers that match, on all pages."""

    matching: int
    servers: list[OrderedServer]


class TagCount(Struct, frozen=True):
    tag: str
    servers: int


def list_filter(
    q: FromQuery[str] = "",
    tag: FromQuery[list[str] | None] = None,
    status: FromQuery[Reporting | None] = None,
    alerts: FromQuery[WantedAlerts | None] = None,
    silenced: FromQuery[YesNo | None] = None,
    network: FromQuery[str | None] = None,
    team: FromQuery[str | None] = None,
    without: FromQuery[list[Without] | None] = None,
) -> ListFilter:
    return ListFilter(
        words=ListFilter.words_of(q),
        tags=frozenset(tag or ()),
        reporting=status,
        alerts=alerts,
        silenced=None if silenced is None else silenced == "yes",
        network=network,
        team=team,
        without=frozenset(without or ()),
    )


class ListController(Controller):
    path = "/servers"
    tags = ("servers",)

    @get("/ordered", sync_to_thread=True)
    def ordered(
        self,
        actor: Part[Actor],
        fleet: Part[Fleet],
        list_servers: Part[ListServers],
        show_servers: Part[ShowServers],
        list_filter: Part[ListFilter],
        sort: FromQuery[SortName] = "name",
        offset: Offset = 0,
        limit: PageSize = 100,
    ) -> Envelope[OrderedServers]:
        """A page of the servers that the caller may see, with their newest values.

        `q`: each word must be in its name, address, a tag, or the name of a linked user. `tag` may be repeated: the
        server must have all. `status=offline`: it reported before, unlike `never`. `network`: such as 192.0.2.0/24;
        `team`: the name of one it is in; `without=tag`: it has none. `sort=-cpu`: the other way round;
        unknown values are last both ways. `sort=trouble`: critical alerts first, then offline servers, then warnings.
        Values that move change the order every three seconds.
        """
        fleet.refresh()
        found = list_servers(actor, list_filter, _sort(sort))
        moment, directory = found.moment, found.directory
        show = show_servers.naming({user.id: user.username for user in directory.users.values()})
        rows = []
        for server_id in found.server_ids[offset : offset + limit]:
            server, live = directory.servers[server_id], fleet.live.get(server_id, _NEVER)
            shown, (criticals, warnings) = show(server), moment.firing_on(server)
            brief = brief_sample(server_id, live, shown.clock_skew)
            fields = structs.asdict(shown) | {"status": brief.status}
            rows.append(OrderedServer(**fields, live=brief, criticals=criticals, warnings=warnings))
        return ok(OrderedServers(matching=len(found.server_ids), servers=rows))

    @get("/ids", sync_to_thread=True)
    def ids(
        self, actor: Part[Actor], fleet: Part[Fleet], list_servers: Part[ListServers], list_filter: Part[ListFilter]
    ) -> Response[Envelope[list[int]]]:
        """The ids of all servers that match, by name; the filters are those of `/servers/ordered`."""
        fleet.refresh()
        return encoded(list_servers(actor, list_filter, Sort()).server_ids)

    @get("/tags", sync_to_thread=True)
    def all_tags(self, actor: Part[Actor], fleet: Part[Fleet]) -> Envelope[list[TagCount]]:
        """The tags of the servers that the caller may see, with how many of these have each."""
        return ok([TagCount(tag, count) for tag, count in lists.tags(fleet.visible_to(actor))])

    @get("/names", sync_to_thread=True)
    def names(self, actor: Part[Actor], fleet: Part[Fleet], ids: FromQuery[str] = "") -> Envelope[list[ServerName]]:
        """The names of up to 1000 servers (`ids=1,2,3`), checks and check-ins, of those that the caller may see."""
        found = map(fleet.visible_to(actor).find, some_ids(ids))
        return ok([ServerName(id=each.id, name=each.name) for each in found if each is not None])


def _sort(written: SortName) -> Sort:
    return Sort(cast(SortKey, written.removeprefix("-")), written.startswith("-"))
