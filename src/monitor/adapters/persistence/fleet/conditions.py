"""Conditions that choose servers: visible to an actor, to be changed by one, with a tag, with a text.

Administrators see and change all servers, users those that are linked to them or that a team of theirs has. There are
two forms of it. A set of ids suits a search: the database begins with the few servers of a user. A condition on a row
suits rows that are found by their key: it looks up an entry of an index or two for each.
"""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Connection, ScalarSelect, Select, exists, false, func, or_, select, true, union

from monitor.adapters.persistence.engine.statements import IN_LIST, batches
from monitor.adapters.persistence.tables.accounts import team_servers, team_tags, team_users, teams
from monitor.adapters.persistence.tables.fleet import IS_HOST, server_tags, server_users, servers
from monitor.domain.accounts.actors import Actor
from monitor.domain.errors import Forbidden, NotFound
from monitor.domain.fleet.servers import ServerId
from monitor.domain.fleet.teams import TeamAccess


def _ways(actor: Actor, access: TeamAccess | None = None) -> list[Select[int]]:
    """Select the servers of *actor*: by links, and by teams with *access* (None: any) that list them or have a tag."""
    linked = select(server_users.c.server_id).where(server_users.c.user_id == actor.user_id)
    listed = select(team_servers.c.server_id).join(team_users, team_users.c.team_id == team_servers.c.team_id)
    tagged = (
        select(server_tags.c.server_id)
        .join(team_tags, team_tags.c.tag == server_tags.c.tag)
        .join(team_users, team_users.c.team_id == team_tags.c.team_id)
    )
    by_team = [way.where(team_users.c.user_id == actor.user_id) for way in (listed, tagged)]
    if access is not None:
        by_team = [
            way.join(teams, teams.c.id == team_users.c.team_id).where(teams.c.access == access) for way in by_team
        ]
    return [linked, *by_team]


def ids_seen_by(actor: Actor) -> Select[int]:
    """Select the ids of the servers that *actor*, a user without admin rights, may see."""
    return select(union(*_ways(actor)).subquery("seen").c.server_id)


def seen_by(connection: Connection, actor: Actor, server_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Return the condition that *actor* may see the server, for a search. Few ids are read first: MySQL expects too
    many rows of a derived table, and then reads a whole table in the order of its ids."""
    if actor.is_admin:
        return true()
    ids = connection.scalars(ids_seen_by(actor).limit(IN_LIST + 1)).all()
    return server_id.in_(ids if len(ids) <= IN_LIST else ids_seen_by(actor))


def is_seen_by(actor: Actor, server_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Return the condition that *actor* may see the server, for rows found by their key."""
    return true() if actor.is_admin else _by_any(_ways(actor), server_id)


def is_changeable_by(actor: Actor, server_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Return the condition that *actor* may change the server, for rows found by their key."""
    return true() if actor.is_admin else _by_any(_ways(actor, TeamAccess.WRITE), server_id)


_own = servers.alias("own")
"""Made once: it copies all columns, and the intake asks for the history of thousands of servers after a start."""


def host_of(server_id: ColumnElement[int]) -> ScalarSelect[int]:
    """Return the id whose visibility applies: the host's for a check that has one, else its own."""
    # By itself it would not refer to the rows of the statement around an EXISTS.
    found = select(func.coalesce(_own.c.host_id, _own.c.id)).where(_own.c.id == server_id).correlate_except(_own)
    return found.scalar_subquery()


def watched_by(connection: Connection, actor: Actor, server_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Return the condition of `seen_by` for servers, and the checks and check-ins of servers that *actor* sees."""
    if actor.is_admin:
        return true()
    hosts = seen_by(connection, actor, servers.c.host_id)
    checks = select(servers.c.id).where(hosts)
    seen = seen_by(connection, actor, server_id)
    return seen if connection.execute(checks.limit(1)).first() is None else or_(seen, server_id.in_(checks))


def _by_any(ways: Collection[Select[int]], server_id: ColumnElement[int]) -> ColumnElement[bool]:
    return or_(*(exists(way.where(way.selected_columns[0] == server_id)) for way in ways))


def must_be_changeable(connection: Connection, actor: Actor, server_ids: Collection[int]) -> None:
    """Raises Forbidden if *actor* may not change one of these servers and checks, which they may see."""
    if actor.is_admin:
        return
    for batch in batches(sorted(set(server_ids))):
        of = func.coalesce(servers.c.host_id, servers.c.id)
        refused = select(servers.c.id).where(servers.c.id.in_(batch), ~is_changeable_by(actor, of)).limit(1)
        if connection.execute(refused).first() is not None:
            raise Forbidden


def must_be_visible(connection: Connection, actor: Actor, server_id: ServerId) -> None:
    """Raises NotFound if there is no such host, or *actor* does not see it."""
    _must_be_there(connection, server_id, IS_HOST & is_seen_by(actor, servers.c.id))


def must_be_watched(connection: Connection, actor: Actor, server_id: ServerId) -> None:
    """Raises NotFound if there is no such host, check or check-in, or *actor* does not see it."""
    _must_be_there(connection, server_id, is_seen_by(actor, host_of(servers.c.id)))


def _must_be_there(connection: Connection, server_id: ServerId, condition: ColumnElement[bool]) -> None:
    if connection.execute(select(servers.c.id).where(servers.c.id == server_id, condition)).first() is None:
        raise NotFound(f"no server {server_id}")


def is_exactly(column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    """Return the condition that *column* equals *text*. MySQL ignores spaces at the end, which no name has."""
    return false() if text.endswith(" ") else column == text


def tagged(tag: str, server_id: ColumnElement[int]) -> ColumnElement[bool]:
    return server_id.in_(select(server_tags.c.server_id).where(is_exactly(server_tags.c.tag, tag)))


def watched_with_tag(connection: Connection, tag: str, server_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Return the condition that a server, or the server of a check or check-in, has *tag*."""
    checks = select(servers.c.id).where(tagged(tag, servers.c.host_id))
    own = tagged(tag, server_id)
    return own if connection.execute(checks.limit(1)).first() is None else or_(own, server_id.in_(checks))


def mentioning(connection: Connection, condition: ColumnElement[bool], text: str) -> list[int]:
    """Return the ids, in order, of servers whose name, address or tag contains *text* in any case. Databases disagree
    on case, so it is compared here: ten thousand servers take a few hundredths of a second."""
    wanted = text.casefold()
    names = select(servers.c.id, servers.c.server_name, servers.c.ip_address).where(condition).order_by(servers.c.id)
    tags = select(server_tags.c.server_id, server_tags.c.tag).join(servers).where(condition)
    tagged = {server_id for server_id, tag in connection.execute(tags) if wanted in tag.casefold()}
    return [
        server_id
        for server_id, name, address in connection.execute(names)
        if server_id in tagged or wanted in name.casefold() or wanted in address.casefold()
    ]
