"""/api/servers"""

from typing import Literal

from litestar import Controller, Response, delete, get, post, put
from litestar.params import FromQuery, JSONBody

from monitor.adapters.http.edge import cursors
from monitor.adapters.http.edge.authentication import admins_only
from monitor.adapters.http.edge.bodies import PageLimit, PathId
from monitor.adapters.http.edge.envelope import Envelope, ok
from monitor.adapters.http.edge.mapping import given, one_more, paged, shown
from monitor.adapters.http.edge.supplying import Part
from monitor.adapters.http.fleet.bodies import (
    HostFactsOut,
    LinkedUsers,
    NewServer,
    ServerChange,
    ServerOut,
    ServerTags,
    ShowServers,
    UnregisteredOut,
    some_ids,
)
from monitor.adapters.http.fleet.dependencies import parents_of
from monitor.application.fleet.fleet import Fleet
from monitor.application.fleet.ports import ServerFilter
from monitor.application.fleet.servers import CreateServer, DeleteServer, UpdateServer
from monitor.application.operations.ports import Queries
from monitor.domain.accounts.actors import Actor, UserId
from monitor.domain.fleet.servers import ServerId, Status


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
