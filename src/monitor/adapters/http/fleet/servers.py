"""/api/servers"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from litestar import Controller, Response, delete, get, post, put
from litestar.params import FromQuery, JSONBody
from msgspec import Meta, Struct, field

from monitor.adapters.http.accounts.users import TeamOption, Text, UserOption
from monitor.adapters.http.edge import cursors, times
from monitor.adapters.http.edge.authentication import admins_only
from monitor.adapters.http.edge.bodies import Id, PageLimit, PathId, listed_ids
from monitor.adapters.http.edge.envelope import Envelope, ok
from monitor.adapters.http.edge.mapping import changes_of, given, one_more, paged, shown
from monitor.adapters.http.edge.supplying import Part
from monitor.adapters.http.fleet.agents import AgentFiles
from monitor.adapters.http.fleet.dependencies import Dependencies, parents_of, shown_parents
from monitor.adapters.http.policies.silenced import ShownSilences, SilencedOut
from monitor.application.fleet.fleet import Fleet
from monitor.application.fleet.ports import ServerFilter
from monitor.application.fleet.servers import CreateServer, DeleteServer, UpdateServer
from monitor.application.operations.ports import Queries
from monitor.application.ports import Clock
from monitor.domain.accounts.actors import Actor, UserId
from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.fleet.servers import DEFAULT_PORT, AgentInfo, Server, ServerId, Status, UnregisteredHost

MOST_IDS = 1000
"""Of servers, in a query."""
Ids = Annotated[list[Id], Meta(max_length=10_000)]
Tags = Annotated[list[Text], Meta(max_length=1000)]
Port = Annotated[int, Meta(ge=1, le=65535)]


class AgentOut(Struct, frozen=True, kw_only=True):
    """*version*: null for an agent that is too old to say. *os*: the host's operating system. *is_old*: older than the
    agent that this server hands out."""

    version: str | None
    os: str
    is_old: bool


class ServerOut(Struct, frozen=True, kw_only=True):
    """*clock_skew*: by how many seconds its clock is ahead, or behind where negative; null within a minute, and where
    its reports tell nothing of it. *silenced*: the silences that act on it now, whatever they are on; of more than ten
    those of all metrics first, then those that act longest. *teams*: those that have it, whose members see it.
    *may_change*: whether the caller may change it, its policies and silences, and acknowledge its alerts.
    *agent*: what its agent last said of itself; null for a server that no agent of ours reports."""

    id: int
    server_name: str
    ip_address: str
    port: int
    status: Literal["online", "offline"]
    tags: list[str]
    users: list[UserOption]
    created_at: str
    clock_skew: int | None
    silenced: list[SilencedOut]
    teams: list[TeamOption]
    may_change: bool
    agent: AgentOut | None
    depends_on: Dependencies


class HostFactsOut(Struct, frozen=True, kw_only=True):
    """*at*: when it was so. *memory*, *swap*, *disks* (by mount point): bytes. "", 0 and null: unknown."""

    at: str
    booted_at: str | None
    kernel: str
    architecture: str
    cpu: str
    cores: int
    memory: int
    swap: int
    disks: dict[str, int]


class ServerName(Struct, frozen=True, kw_only=True):
    id: int
    name: str = field(name="server_name")


class UnregisteredOut(Struct, frozen=True, kw_only=True):
    ip_address: str
    first_seen_at: str
    last_seen_at: str
    reports: int
    cpu_value: float
    memory_value: float
    disk_value: float

    @staticmethod
    def of(host: UnregisteredHost) -> "UnregisteredOut":
        return shown(UnregisteredOut, host, cpu_value=host.cpu, memory_value=host.memory, disk_value=host.disk)


class NewServer(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    name: Text = field(name="server_name")
    ip_address: Text
    port: Port = DEFAULT_PORT
    user_ids: Ids = []
    tags: Tags = []
    depends_on: Dependencies = []


if TYPE_CHECKING:
    ServerChange = NewServer
else:
    ServerChange = changes_of(NewServer, "ServerChange")


class LinkedUsers(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    user_ids: Ids


class ServerTags(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    tags: Tags


@dataclass(frozen=True, slots=True)
class ShowServers:
    """Return servers as shown, with the names of linked users read once for all."""

    actor: Part[Actor]
    queries: Part[Queries]
    fleet: Part[Fleet]
    clock: Part[Clock]
    agent_files: Part[AgentFiles]

    def __call__(self, servers: Sequence[Server]) -> list[ServerOut]:
        return [*map(self.showing(servers), servers)]

    def showing(self, servers: Sequence[Server]) -> Callable[[Server], ServerOut]:
        """Return what shows one of these *servers*: of a hundred thousand, all at once would take much memory."""
        return self.naming(
            self.queries.servers.usernames({user_id for server in servers for user_id in server.user_ids})
        )

    def naming(self, names: Mapping[UserId, str]) -> Callable[[Server], ServerOut]:
        """Return what shows any server whose users are among *names*.

        The next report already meets what this process has changed: an address decides whose it is.
        """
        self.fleet.refresh()
        silences = ShownSilences(self.fleet.directory, self.clock.now())
        reach, visible = self.fleet.directory.reach, self.fleet.visible_to(self.actor)
        teams = {team.id: shown(TeamOption, team) for team in reach.teams.values()}

        def show(server: Server) -> ServerOut:
            return ServerOut(
                id=server.id,
                server_name=server.name,
                ip_address=server.ip_address,
                port=server.port,
                status=server.status.value,
                tags=sorted(server.tags),
                users=[UserOption(user_id, names[user_id]) for user_id in sorted(server.user_ids) if user_id in names],
                created_at=times.written(server.created_at),
                clock_skew=self.fleet.clock_skew.get(server.id),
                silenced=silences.on(server),
                teams=[teams[team.id] for team in reach.teams_of(server)],
                may_change=reach.applied(server).is_changeable_by(self.actor),
                agent=shown_agent(self.fleet.agent_of(server), self.agent_files.version),
                depends_on=shown_parents(server.depends_on, visible),
            )

        return show

    def one(self, server: Server) -> ServerOut:
        return self([server])[0]


def shown_agent(agent: AgentInfo | None, version: str) -> AgentOut | None:
    """*version*: the one that this server hands out."""
    if agent is None:
        return None
    return AgentOut(version=agent.version or None, os=agent.system, is_old=agent.is_older_than(version))


def some_ids(text: str) -> list[ServerId]:
    """Return the ids in *text* (`1,2,3`), each once. Raises InvalidInput, also for more than MOST_IDS."""
    ids = [*dict.fromkeys(map(ServerId, listed_ids(text, "ids")))]
    if len(ids) > MOST_IDS:
        raise InvalidInput({"ids": Problem("too_many", {"limit": MOST_IDS})})
    return ids


class ServerController(Controller):
    path = "/servers"
    tags = ("servers",)

    @get("/", sync_to_thread=True)
    def list_servers(
        self,
        actor: Part[Actor],
        queries: Part[Queries],
        show_servers: Part[ShowServers],
        q: FromQuery[str | None] = None,
        tag: FromQuery[str | None] = None,
        status: FromQuery[Literal["online", "offline"] | None] = None,
        ids: FromQuery[str | None] = None,
        limit: PageLimit = None,
        cursor: FromQuery[str | None] = None,
    ) -> Response[Envelope[list[ServerOut]]]:
        """All that the caller may see; a page of them with `limit`. `ids=1,2,3`: of up to 1000 servers."""
        wanted = ServerFilter(
            ids=None if ids is None else some_ids(ids),
            text=q or None,
            tag=tag,
            status=None if status is None else Status(status),
            after=cursors.to_id(cursor),
            limit=one_more(limit),
        )
        found = queries.servers.find(actor, wanted)
        return paged(found, limit, show_servers.showing(found))

    @post("/", status_code=200, sync_to_thread=True)
    def create(
        self,
        actor: Part[Actor],
        data: JSONBody[NewServer],
        create_server: Part[CreateServer],
        show_servers: Part[ShowServers],
    ) -> Envelope[ServerOut]:
        return ok(show_servers.one(create_server(actor, **given(data, depends_on=parents_of))), "created")

    @get("/unregistered", guards=[admins_only], sync_to_thread=True)
    def unregistered(
        self, actor: Part[Actor], queries: Part[Queries], limit: PageLimit = None, cursor: FromQuery[str | None] = None
    ) -> Response[Envelope[list[UnregisteredOut]]]:
        """Hosts that report with a fleet key and that nobody has registered yet, the last seen first; a page of them
        with `limit`. One that reports meanwhile moves to the first page."""
        hosts = queries.servers.unregistered(actor)
        if cursor is not None:
            at, ip_address = cursors.to_host(cursor)
            hosts = [h for h in hosts if h.last_seen_at < at or (h.last_seen_at == at and h.ip_address > ip_address)]
        return paged(hosts, limit, UnregisteredOut.of, lambda last: cursors.of_host(last.last_seen_at, last.ip_address))

    @get("/{server_id:int}", sync_to_thread=True)
    def one(
        self, actor: Part[Actor], server_id: PathId, queries: Part[Queries], show_servers: Part[ShowServers]
    ) -> Envelope[ServerOut]:
        return ok(show_servers.one(queries.servers.get(actor, ServerId(server_id))))

    @get("/{server_id:int}/facts", sync_to_thread=True)
    def facts(
        self, actor: Part[Actor], server_id: PathId, queries: Part[Queries], fleet: Part[Fleet]
    ) -> Envelope[HostFactsOut | None]:
        """What its agent last said of the host; null if it never did."""
        facts = fleet.facts.get(ServerId(server_id), queries.servers.facts(actor, ServerId(server_id)))
        return ok(None if facts is None else shown(HostFactsOut, facts))

    @put("/{server_id:int}", sync_to_thread=True)
    def change(
        self,
        actor: Part[Actor],
        server_id: PathId,
        data: JSONBody[ServerChange],
        update_server: Part[UpdateServer],
        show_servers: Part[ShowServers],
    ) -> Envelope[ServerOut]:
        """What is left out stays as it is."""
        server = update_server(actor, ServerId(server_id), **given(data, depends_on=parents_of))
        return ok(show_servers.one(server), "updated")

    @delete("/{server_id:int}", status_code=200, sync_to_thread=True)
    def remove(
        self, actor: Part[Actor], server_id: PathId, delete_server: Part[DeleteServer], fleet: Part[Fleet]
    ) -> Envelope[None]:
        """With its samples, links and keys."""
        delete_server(actor, ServerId(server_id))
        fleet.refresh()  # its address is free for the next report
        return ok(None, "deleted")

    @post("/{server_id:int}/users", status_code=200, sync_to_thread=True)
    def replace_users(
        self,
        actor: Part[Actor],
        server_id: PathId,
        data: JSONBody[LinkedUsers],
        update_server: Part[UpdateServer],
        show_servers: Part[ShowServers],
    ) -> Envelope[ServerOut]:
        """Replaces the set of linked users."""
        server = update_server(actor, ServerId(server_id), user_ids=[*map(UserId, data.user_ids)])
        return ok(show_servers.one(server), "updated")

    @put("/{server_id:int}/tags", sync_to_thread=True)
    def replace_tags(
        self,
        actor: Part[Actor],
        server_id: PathId,
        data: JSONBody[ServerTags],
        update_server: Part[UpdateServer],
        show_servers: Part[ShowServers],
    ) -> Envelope[ServerOut]:
        server = update_server(actor, ServerId(server_id), tags=data.tags)
        return ok(show_servers.one(server), "updated")
