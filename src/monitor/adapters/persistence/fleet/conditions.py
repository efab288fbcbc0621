"""Conditions that choose servers: visible to an actor, with a tag, with a text."""

from sqlalchemy import ColumnElement, Connection, false, select, true

from monitor.adapters.persistence.tables.fleet import server_tags, server_users, servers
from monitor.domain.accounts.actors import Actor
from monitor.domain.errors import NotFound
from monitor.domain.fleet.servers import ServerId


def seen_by(actor: Actor, server_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Return the condition that *actor* may see the server: admins see all, users those linked to them."""
    if actor.is_admin:
        return true()
    linked = select(server_users.c.server_id).where(server_users.c.user_id == actor.user_id)
    return server_id.in_(linked)


def must_be_visible(connection: Connection, actor: Actor, server_id: ServerId) -> None:
    """Raises NotFound if the server does not exist or *actor* may not see it."""
    wanted = select(servers.c.id).where(servers.c.id == server_id, seen_by(actor, servers.c.id))
    if connection.execute(wanted).first() is None:
        raise NotFound(f"no server {server_id}")


def is_exactly(column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    """Return the condition that *column* equals *text*, for names that never end in a space.

    MySQL ignores spaces at the end when it compares.
    """
    return false() if text.endswith(" ") else column == text


def tagged(tag: str, server_id: ColumnElement[int]) -> ColumnElement[bool]:
    return server_id.in_(select(server_tags.c.server_id).where(is_exactly(server_tags.c.tag, tag)))


def mentioning(connection: Connection, condition: ColumnElement[bool], text: str) -> list[int]:
    """Return the ids, in order, of servers whose name, address or tag contains *text* in any case.

    Compared here because databases disagree on case. The texts of ten thousand servers are read in a few hundredths
    of a second.
    """
    wanted = text.casefold()
    names = select(servers.c.id, servers.c.server_name, servers.c.ip_address).where(condition).order_by(servers.c.id)
    tags = select(server_tags.c.server_id, server_tags.c.tag).join(servers).where(condition)
    tagged = {server_id for server_id, tag in connection.execute(tags) if wanted in tag.casefold()}
    return [
        server_id
        for server_id, name, address in connection.execute(names)
        if server_id in tagged or wanted in name.casefold() or wanted in address.casefold()
    ]
