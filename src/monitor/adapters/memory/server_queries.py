from itertools import islice

from monitor.adapters.memory.database import Database
from monitor.application.ports.queries import ServerFilter, ServerQueries
from monitor.domain.actors import Actor, UserId
from monitor.domain.errors import NotFound
from monitor.domain.servers import Server, ServerId
from monitor.domain.unregistered import UnregisteredHost


class MemoryServerQueries(ServerQueries):
    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, actor: Actor, wanted: ServerFilter) -> list[Server]:
        there = self._database.state.servers
        ids = there if wanted.ids is None else [id_ for id_ in wanted.ids if id_ in there]
        servers = [there[id_] for id_ in sorted(ids)]
        return list(islice((s for s in servers if s.is_visible_to(actor) and _matches(s, wanted)), wanted.limit))

    def get(self, actor: Actor, server_id: ServerId) -> Server:
        server = self._database.state.servers.get(server_id)
        if server is None or not server.is_visible_to(actor):
            raise NotFound(f"no server {server_id}")
        return server

    def usernames(self, user_ids: set[UserId]) -> dict[UserId, str]:
        users = self._database.state.users
        return {user_id: users[user_id].username for user_id in user_ids if user_id in users}

    def unregistered(self, actor: Actor) -> list[UnregisteredHost]:
        actor.must_be_admin()
        hosts = sorted(self._database.state.unregistered_hosts.values(), key=lambda host: host.ip_address)
        return sorted(hosts, key=lambda host: host.last_seen_at, reverse=True)


def _matches(server: Server, wanted: ServerFilter) -> bool:
    return (
        (wanted.after is None or server.id > wanted.after)
        and (wanted.status is None or server.status is wanted.status)
        and (wanted.tag is None or wanted.tag in server.tags)
        and (wanted.text is None or server.mentions(wanted.text))
    )
