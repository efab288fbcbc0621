"""Lock what a user is linked to, and put another in the user's place."""

from sqlalchemy import Column, Connection, Table, delete, insert, literal, select, tuple_, update

from monitor.adapters.persistence.engine.repositories import FleetLog
from monitor.adapters.persistence.engine.statements import Parents
from monitor.adapters.persistence.tables.accounts import team_users, teams
from monitor.adapters.persistence.tables.fleet import api_keys, server_users, servers
from monitor.adapters.persistence.tables.oncall import (
    escalation_targets,
    escalations,
    rota_overrides,
    rota_users,
    rotas,
)
from monitor.adapters.persistence.tables.policies import silences
from monitor.application.fleet.ports import Tracked
from monitor.domain.accounts.actors import UserId

# What users are linked to, and by which columns. Escalations come before teams: who deletes one changes its teams.
_LINKS: dict[Table, list[Column[int]]] = {
    escalations: [escalation_targets.c.escalation_id],
    rotas: [rota_users.c.rota_id, rota_overrides.c.rota_id],
    teams: [team_users.c.team_id],
    servers: [server_users.c.server_id],
}


def lock_links(connection: Connection, user_id: UserId) -> None:
    """Lock what the user is linked to, in one order of tables and in id order. See `Users.lock_links`."""
    for table, columns in _LINKS.items():
        theirs = (select(column).where(column.table.c.user_id == user_id) for column in columns)
        Parents(connection, table).existing({id_ for ids in theirs for id_ in connection.scalars(ids)})


def hand_over(connection: Connection, log: FleetLog, user_id: UserId, to: UserId, *, with_keys: bool) -> dict[str, int]:
    """See `Users.hand_over`."""
    steps = escalation_targets.c
    named = select(steps.escalation_id, steps.step).where(steps.user_id == to).subquery()
    is_named = tuple_(steps.escalation_id, steps.step).in_(select(named))  # MySQL wants a table of its own here
    found = {"escalations": set(connection.scalars(select(steps.escalation_id).where(steps.user_id == user_id)))}
    connection.execute(delete(escalation_targets).where(steps.user_id == user_id, is_named))
    _move(connection, user_id, to, (steps.escalation_id, steps.user_id))
    in_rotas = ((each.c.rota_id, each.c.user_id) for each in (rota_users, rota_overrides))
    found["rotas"] = _move(connection, user_id, to, *in_rotas)
    found["silences"] = _move(connection, user_id, to, (silences.c.id, silences.c.created_by))
    found["api_keys"] = _move(connection, user_id, to, (api_keys.c.id, api_keys.c.owner_id)) if with_keys else set()
    found["servers"] = _join(connection, server_users.c.server_id, user_id, to)
    found["teams"] = _join(connection, team_users.c.team_id, user_id, to)
    log.note(Tracked.SERVER, found["servers"])
    log.note(Tracked.TEAM, found["teams"])
    log.note(Tracked.API_KEY, found["api_keys"])
    log.note(Tracked.RULES)
    log.note(Tracked.ROSTER)
    return {name: len(ids) for name, ids in found.items()}


def _join(connection: Connection, of: Column[int], user_id: UserId, to: UserId) -> set[int]:
    """Link *to* to what the user is linked to. *of*: a column of a table of links. Return what they gained."""
    who = of.table.c.user_id
    gained = select(of).where(who == user_id, of.not_in(select(of).where(who == to)))
    ids = set(connection.scalars(gained))
    links = gained.add_columns(literal(to))
    connection.execute(insert(of.table).from_select([of.name, who.name], links))
    return ids


def _move(connection: Connection, user_id: UserId, to: UserId, *places: tuple[Column[int], Column[int]]) -> set[int]:
    """Put *to* in the user's place. *places*: columns with the id of a thing, and its user. Return the ids."""
    found: set[int] = set()
    for thing, who in places:
        found.update(connection.scalars(select(thing).where(who == user_id)))
        connection.execute(update(who.table).where(who == user_id).values({who.name: to}))
    return found
