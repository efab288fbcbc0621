"""Read servers for the screen."""

import msgspec
from sqlalchemy import select

from monitor.adapters.persistence.accounts.users import usernames
from monitor.adapters.persistence.engine.engine import connected
from monitor.adapters.persistence.engine.repositories import SqlReader
from monitor.adapters.persistence.engine.statements import batches, found_row
from monitor.adapters.persistence.fleet.agents import all_hosts
from monitor.adapters.persistence.fleet.conditions import is_seen_by, mentioning, seen_by, tagged
from monitor.adapters.persistence.fleet.servers import load_servers
from monitor.adapters.persistence.tables.fleet import IS_HOST, host_facts, servers
from monitor.application.fleet.ports import ServerFilter, ServerQueries
from monitor.domain.accounts.actors import Actor, UserId
from monitor.domain.errors import NotFound
from monitor.domain.fleet.facts import HostFacts
from monitor.domain.fleet.servers import Server, ServerId, UnregisteredHost


class SqlServerQueries(SqlReader, ServerQueries):
    def find(self, actor: Actor, wanted: ServerFilter) -> list[Server]:
        with connected(self._engine) as connection:
            condition = IS_HOST & seen_by(connection, actor, servers.c.id)
            if wanted.status is not None:
                condition &= servers.c.status == wanted.status
            if wanted.after is not None:
                condition &= servers.c.id > wanted.after
            if wanted.tag is not None:
                condition &= tagged(wanted.tag, servers.c.id)
            if wanted.ids is not None:
                condition &= servers.c.id.in_(wanted.ids)
            if not wanted.text:
                return load_servers(connection, condition, limit=wanted.limit)
            ids = mentioning(connection, condition, wanted.text)[: wanted.limit]
            return [server for batch in batches(ids) for server in load_servers(connection, servers.c.id.in_(batch))]

    def get(self, actor: Actor, server_id: ServerId) -> Server:
        with connected(self._engine) as connection:
            found = load_servers(connection, IS_HOST & (servers.c.id == server_id) & is_seen_by(actor, servers.c.id))
        if not found:
            raise NotFound(f"no server {server_id}")
        return found[0]

    def facts(self, actor: Actor, server_id: ServerId) -> HostFacts | None:
        wanted = select(host_facts.c.facts).select_from(servers.outerjoin(host_facts))
        is_this = IS_HOST & (servers.c.id == server_id) & is_seen_by(actor, servers.c.id)
        with connected(self._engine) as connection:
            stored = found_row(connection, wanted.where(is_this), f"server {server_id}").facts
        return None if stored is None else msgspec.json.decode(stored, type=HostFacts)

    def usernames(self, user_ids: set[UserId]) -> dict[UserId, str]:
        with connected(self._engine) as connection:
            return usernames(connection, user_ids)

    def unregistered(self, actor: Actor) -> list[UnregisteredHost]:
        actor.must_be_admin()
        with connected(self._engine) as connection:
            return all_hosts(connection)
