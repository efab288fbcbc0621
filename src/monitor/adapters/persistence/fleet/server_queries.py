"""Which servers a text or a tag chooses, and what else is compared as it was written."""

from sqlalchemy import ColumnElement, Connection, Engine, false, select

from monitor.adapters.persistence.engine.engine import connected
from monitor.adapters.persistence.engine.statements import batches
from monitor.adapters.persistence.fleet.servers import load_servers
from monitor.adapters.persistence.fleet.unregistered_hosts import to_host
from monitor.adapters.persistence.fleet.visibility import seen_by
from monitor.adapters.persistence.tables.accounts import users
from monitor.adapters.persistence.tables.fleet import server_tags, servers, unregistered_hosts
from monitor.application.fleet.ports import ServerFilter, ServerQueries
from monitor.domain.accounts.actors import Actor, UserId
from monitor.domain.errors import NotFound
from monitor.domain.fleet.servers import Server, ServerId, UnregisteredHost


def is_exactly(column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    """For names that never end in a space, which MySQL passes over when it compares."""
    return false() if text.endswith(" ") else column == text


def tagged(tag: str, server_id: ColumnElement[int]) -> ColumnElement[bool]:
    return server_id.in_(select(server_tags.c.server_id).where(is_exactly(server_tags.c.tag, tag)))


def mentioning(connection: Connection, condition: ColumnElement[bool], text: str) -> list[int]:
    """Ids in order. Compared here, because no two databases agree on what "without regard to case" means; the texts of
    ten thousand servers are read in a few hundredths of a second."""
    wanted = text.casefold()
    names = select(servers.c.id, servers.c.server_name, servers.c.ip_address).where(condition).order_by(servers.c.id)
    tags = select(server_tags.c.server_id, server_tags.c.tag).join(servers).where(condition)
    tagged = {server_id for server_id, tag in connection.execute(tags) if wanted in tag.casefold()}
    return [
        server_id
        for server_id, name, address in connection.execute(names)
        if server_id in tagged or wanted in name.casefold() or wanted in address.casefold()
    ]


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
