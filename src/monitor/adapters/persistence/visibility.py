from sqlalchemy import ColumnElement, select, true

from monitor.adapters.persistence.tables import server_users
from monitor.domain.actors import Actor


def seen_by(actor: Actor, server_id: ColumnElement[int]) -> ColumnElement[bool]:
    """The condition that *actor* may see the server with that id: admins see all, others those linked to them."""
    if actor.is_admin:
        return true()
    linked = select(server_users.c.server_id).where(server_users.c.user_id == actor.user_id)
    return server_id.in_(linked)
