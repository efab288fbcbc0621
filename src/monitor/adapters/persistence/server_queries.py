from sqlalchemy import Engine, select

from monitor.adapters.persistence.batches import batches
from monitor.adapters.persistence.engine import connected
from monitor.adapters.persistence.server_choice import mentioning, tagged
from monitor.adapters.persistence.server_rows import load_servers
from monitor.adapters.persistence.tables import servers, unregistered_hosts, users
from monitor.adapters.persistence.unregistered_hosts import to_host
from monitor.adapters.persistence.visibility import seen_by
from monitor.application.ports.queries import ServerFilter, ServerQueries
from monitor.domain.actors import Actor, UserId
from monitor.domain.errors import NotFound
from monitor.domain.servers import Server, ServerId
from monitor.domain.unregistered import UnregisteredHost


class SqlServerQueries(ServerQueries):
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def find(self, actor: Actor, wanted: ServerFilter) -> list[Server]:
        condition = seen_by(actor, servers.c.id)
        if wanted.status is not None:
            condition &= servers.c.status == wanted.status
        if wanted.after is not None:
            condition &= servers.c.id > wanted.after
        if wanted.tag is not None:
            condition &= tagged(wanted.tag, servers.c.id)
        with connected(self._engine) as connection:
            if wanted.ids is not None:
                condition &= servers.c.id.in_(wanted.ids)
            if not wanted.text:
                return load_servers(connection, condition, limit=wanted.limit)
            ids = mentioning(connection, condition, wanted.text)[: wanted.limit]
            return [server for batch in batches(ids) for server in load_servers(connection, servers.c.id.in_(batch))]

    def get(self, actor: Actor, server_id: ServerId) -> Server:
        with connected(self._engine) as connection:
            found = load_servers(connection, (servers.c.id == server_id) & seen_by(actor, servers.c.id))
        if not found:
            raise NotFound(f"no server {server_id}")
        return found[0]

    def usernames(self, user_ids: set[UserId]) -> dict[UserId, str]:
        found: dict[UserId, str] = {}
        with connected(self._engine) as connection:
            for batch in batches(user_ids):
                rows = connection.execute(select(users.c.id, users.c.username).where(users.c.id.in_(batch)))
                found.update((UserId(row.id), row.username) for row in rows)
        return found

    def unregistered(self, actor: Actor) -> list[UnregisteredHost]:
        actor.must_be_admin()
        t = unregistered_hosts
        with connected(self._engine) as connection:
            rows = connection.execute(select(t).order_by(t.c.last_seen_at.desc(), t.c.ip_address))
            return [to_host(row) for row in rows]
