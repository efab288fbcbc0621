"""/api/servers"""

from collections.abc import Iterable
from typing import Annotated, Literal

from litestar import Controller, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody
from msgspec import UNSET, Meta, Struct, UnsetType

from monitor.adapters.http.accounts.users import Text, UserOption
from monitor.adapters.http.alerts.silences import ShownSilences, SilencedOut
from monitor.adapters.http.edge import envelope
from monitor.adapters.http.edge.authentication import admins_only
from monitor.adapters.http.edge.bodies import Id, PageLimit, PathId
from monitor.adapters.http.edge.envelope import Envelope, ok
from monitor.application.fleet.fleet import Fleet
from monitor.application.fleet.ports import ServerFilter
from monitor.application.fleet.servers import CreateServer, DeleteServer, UpdateServer
from monitor.application.operations.ports import Queries
from monitor.application.ports import UNCHANGED, Clock, Unchanged
from monitor.domain.accounts.actors import Actor, UserId
from monitor.domain.fleet.servers import DEFAULT_PORT, Server, ServerId, Status, UnregisteredHost

Ids = Annotated[list[Id], Meta(max_length=10_000)]
Tags = Annotated[list[Text], Meta(max_length=1000)]
Port = Annotated[int, Meta(ge=1, le=65535)]


class ServerOut(Struct, frozen=True, kw_only=True):
    """*clock_skew*: by how many seconds its clock is ahead, or behind where negative; null within a minute, and where
    its reports tell nothing of it. *silenced*: the silences that act on it now, whatever they are on; of more than ten
    those of all metrics first, then those that act longest."""

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


class ServerName(Struct, frozen=True, kw_only=True):
    id: int
    server_name: str


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
        return UnregisteredOut(
            ip_address=host.ip_address,
            first_seen_at=envelope.written(host.first_seen_at),
            last_seen_at=envelope.written(host.last_seen_at),
            reports=host.reports,
            cpu_value=host.cpu,
            memory_value=host.memory,
            disk_value=host.disk,
        )


class NewServer(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    server_name: Text
    ip_address: Text
    port: Port = DEFAULT_PORT
    user_ids: Ids = []
    tags: Tags = []


class ServerChange(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    server_name: Text | UnsetType = UNSET
    ip_address: Text | UnsetType = UNSET
    port: Port | UnsetType = UNSET
    user_ids: Ids | UnsetType = UNSET
    tags: Tags | UnsetType = UNSET


class LinkedUsers(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    user_ids: Ids


class ServerTags(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    tags: Tags


class ServerController(Controller):
    path = "/servers"
    tags = ("servers",)

    @get("/", sync_to_thread=True)
    def list_servers(
        self,
        actor: NamedDependency[Actor],
        queries: NamedDependency[Queries],
        fleet: NamedDependency[Fleet],
        clock: NamedDependency[Clock],
        q: FromQuery[str | None] = None,
        tag: FromQuery[str | None] = None,
        status: FromQuery[Literal["online", "offline"] | None] = None,
        limit: PageLimit = None,
        cursor: FromQuery[str | None] = None,
    ) -> Response[Envelope[list[ServerOut]]]:
        """All that the caller may see; a page of them with `limit`."""
        fleet.refresh()
        wanted = ServerFilter(
            text=q or None,
            tag=tag,
            status=None if status is None else Status(status),
            after=envelope.to_id(cursor),
            limit=None if limit is None else limit + 1,
        )
        servers, headers = envelope.page(
            queries.servers.find(actor, wanted), limit, lambda last: envelope.of_numbers(last.id)
        )
        return Response(ok(present(servers, queries, fleet, clock)), headers=headers)

    @post("/", status_code=200, sync_to_thread=True)
    def create(
        self,
        actor: NamedDependency[Actor],
        data: JSONBody[NewServer],
        create_server: NamedDependency[CreateServer],
        queries: NamedDependency[Queries],
        fleet: NamedDependency[Fleet],
        clock: NamedDependency[Clock],
    ) -> Envelope[ServerOut]:
        server = create_server(
            actor,
            name=data.server_name,
            ip_address=data.ip_address,
            port=data.port,
            user_ids=map(UserId, data.user_ids),
            tags=data.tags,
        )
        return ok(present([server], queries, fleet, clock)[0], "created")

    @get("/unregistered", guards=[admins_only], sync_to_thread=True)
    def unregistered(
        self,
        actor: NamedDependency[Actor],
        queries: NamedDependency[Queries],
        limit: PageLimit = None,
        cursor: FromQuery[str | None] = None,
    ) -> Response[Envelope[list[UnregisteredOut]]]:
        """Hosts that report with a fleet key and that nobody has registered yet, the last seen first; a page of them
        with `limit`. One that reports meanwhile moves to the first page."""
        hosts = queries.servers.unregistered(actor)
        if cursor is not None:
            at, ip_address = envelope.to_host(cursor)
            hosts = [h for h in hosts if h.last_seen_at < at or (h.last_seen_at == at and h.ip_address > ip_address)]
        found, headers = envelope.page(hosts, limit, lambda last: envelope.of_host(last.last_seen_at, last.ip_address))
        return Response(ok([UnregisteredOut.of(host) for host in found]), headers=headers)

    @get("/{server_id:int}", sync_to_thread=True)
    def one(
        self,
        actor: NamedDependency[Actor],
        server_id: PathId,
        queries: NamedDependency[Queries],
        fleet: NamedDependency[Fleet],
        clock: NamedDependency[Clock],
    ) -> Envelope[ServerOut]:
        fleet.refresh()
        return ok(present([queries.servers.get(actor, ServerId(server_id))], queries, fleet, clock)[0])

    @put("/{server_id:int}", sync_to_thread=True)
    def change(
        self,
        actor: NamedDependency[Actor],
        server_id: PathId,
        data: JSONBody[ServerChange],
        update_server: NamedDependency[UpdateServer],
        queries: NamedDependency[Queries],
        fleet: NamedDependency[Fleet],
        clock: NamedDependency[Clock],
    ) -> Envelope[ServerOut]:
        """What is left out stays as it is."""
        server = update_server(
            actor,
            ServerId(server_id),
            name=UNCHANGED if data.server_name is UNSET else data.server_name,
            ip_address=UNCHANGED if data.ip_address is UNSET else data.ip_address,
            port=UNCHANGED if data.port is UNSET else data.port,
            user_ids=_user_ids(data.user_ids),
            tags=UNCHANGED if data.tags is UNSET else data.tags,
        )
        fleet.refresh()  # the next report is stored for the server that has its address now
        return ok(present([server], queries, fleet, clock)[0], "updated")

    @delete("/{server_id:int}", status_code=200, sync_to_thread=True)
    def remove(
        self,
        actor: NamedDependency[Actor],
        server_id: PathId,
        delete_server: NamedDependency[DeleteServer],
        fleet: NamedDependency[Fleet],
    ) -> Envelope[None]:
        """With its samples, links and keys."""
        delete_server(actor, ServerId(server_id))
        fleet.refresh()  # as above
        return ok(None, "deleted")

    @post("/{server_id:int}/users", status_code=200, sync_to_thread=True)
    def replace_users(
        self,
        actor: NamedDependency[Actor],
        server_id: PathId,
        data: JSONBody[LinkedUsers],
        update_server: NamedDependency[UpdateServer],
        queries: NamedDependency[Queries],
        fleet: NamedDependency[Fleet],
        clock: NamedDependency[Clock],
    ) -> Envelope[ServerOut]:
        """Replaces the set of linked users."""
        server = update_server(actor, ServerId(server_id), user_ids=_user_ids(data.user_ids))
        fleet.refresh()  # as above
        return ok(present([server], queries, fleet, clock)[0], "updated")

    @put("/{server_id:int}/tags", sync_to_thread=True)
    def replace_tags(
        self,
        actor: NamedDependency[Actor],
        server_id: PathId,
        data: JSONBody[ServerTags],
        update_server: NamedDependency[UpdateServer],
        queries: NamedDependency[Queries],
        fleet: NamedDependency[Fleet],
        clock: NamedDependency[Clock],
    ) -> Envelope[ServerOut]:
        server = update_server(actor, ServerId(server_id), tags=data.tags)
        fleet.refresh()  # tags choose policies and silences
        return ok(present([server], queries, fleet, clock)[0], "updated")


def present(servers: Iterable[Server], queries: Queries, fleet: Fleet, clock: Clock) -> list[ServerOut]:
    """Return servers as shown, with the names of linked users read once for all."""
    held = list(servers)
    silences = ShownSilences(fleet.directory, clock.now())
    names = queries.servers.usernames({user_id for server in held for user_id in server.user_ids})
    return [
        ServerOut(
            id=server.id,
            server_name=server.name,
            ip_address=server.ip_address,
            port=server.port,
            status=server.status.value,
            tags=sorted(server.tags),
            users=[UserOption(user_id, names[user_id]) for user_id in sorted(server.user_ids) if user_id in names],
            created_at=envelope.written(server.created_at),
            clock_skew=fleet.clock_skew.get(server.id),
            silenced=silences.on(server),
        )
        for server in held
    ]


def _user_ids(ids: list[int] | UnsetType) -> list[UserId] | Unchanged:
    return UNCHANGED if ids is UNSET else [UserId(user_id) for user_id in ids]
