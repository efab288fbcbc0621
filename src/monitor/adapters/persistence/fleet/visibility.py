from sqlalchemy import ColumnElement, Connection, select, true

from monitor.adapters.persistence.tables.fleet import server_users, servers
from monitor.domain.accounts.actors import Actor
from monitor.domain.errors import NotFound
from monitor.domain.fleet.servers import ServerId


def seen_by(actor: Actor, server_id: ColumnElement[int]) -> ColumnElement[bool]:
    """The condition that *actor* may see the server with that id: admins see all, others those linked to them."""
    if actor.is_admin:
        return true()
    linked = select(server_users.c.server_id).where(server_users.c.user_id == actor.user_id)
    return server_id.in_(linked)


def must_be_visible(connection: Connection, actor: Actor, server_id: ServerId) -> None:
    """Raises NotFound for a server that *actor* may not see, as for one that is not there."""
    wanted = select(servers.c.id).where(servers.c.id == server_id, seen_by(actor, servers.c.id))
    if connection.execute(wanted).first() is None:
        raise NotFound(f"no server {server_id}")
