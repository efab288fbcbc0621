"""Store teams: a row each, with their members, servers and tags."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import Column, Connection, Row, delete, exists, insert, select, update

from monitor.adapters.persistence.accounts.unique_names import free_name
from monitor.adapters.persistence.accounts.users import stored_key
from monitor.adapters.persistence.engine.repositories import SqlRepository
from monitor.adapters.persistence.engine.statements import (
    batches,
    columns_of,
    entity_of,
    found_row,
    insert_row,
    rows_with,
)
from monitor.adapters.persistence.tables.accounts import team_servers, team_tags, team_users
from monitor.adapters.persistence.tables.accounts import teams as t
from monitor.application.accounts.ports import Teams
from monitor.application.fleet.ports import Tracked
from monitor.domain.accounts.actors import UserId
from monitor.domain.errors import NotFound
from monitor.domain.fleet.errors import TeamNameTaken
from monitor.domain.fleet.servers import Server, ServerId
from monitor.domain.fleet.teams import NO_TEAMS, Reach, Team, TeamAccess, TeamId
from monitor.domain.text import as_read

_PARTS: dict[str, Column[Any]] = {
    "user_ids": team_users.c.user_id,
    "server_ids": team_servers.c.server_id,
    "tags": team_tags.c.tag,
}
"""What a team has, by the names of its fields."""


class SqlTeams(SqlRepository, Teams):
    def add(self, team: Team) -> Team:
        with free_name(self._connection, t, team.name, TeamNameTaken):
            team = replace(team, id=TeamId(insert_row(self._connection, t, _to_row(team))))
        for name, column in _PARTS.items():
            self._add_to(team.id, column, getattr(team, name))
        self._log.note(Tracked.TEAM, [team.id])
        return team

    def get(self, team_id: TeamId) -> Team:
        wanted = select(t).where(t.c.id == team_id).with_for_update()
        [team] = _whole(self._connection, [found_row(self._connection, wanted, f"team {team_id}")])
        return team

    def save(self, team: Team) -> None:
        before = self.get(team.id)
        with free_name(self._connection, t, team.name, TeamNameTaken, but_for=team.id):
            self._connection.execute(update(t).where(t.c.id == team.id).values(_to_row(team)))
        for name, column in _PARTS.items():
            had, has = getattr(before, name), getattr(team, name)
            for batch in batches(sorted(had - has)):
                of_team = column.table.c.team_id == team.id
                self._connection.execute(delete(column.table).where(of_team, column.in_(batch)))
            self._add_to(team.id, column, has - had)
        self._log.note(Tracked.TEAM, [team.id])

    def delete(self, team_id: TeamId) -> None:
        if not self._connection.execute(delete(t).where(t.c.id == team_id)).rowcount:
            raise NotFound(f"no team {team_id}")
        self._log.note(Tracked.TEAM, [team_id])
        self._log.note(Tracked.ROSTER)  # steps that name it

    def with_group(self) -> list[Team]:
        wanted = select(t).where(t.c.oidc_group.is_not(None)).order_by(t.c.id)
        return _whole(self._connection, self._connection.execute(wanted).all())

    def reaching(self, server_ids: Collection[ServerId], tags: Collection[str]) -> Reach:
        return reaching(self._connection, server_ids, tags)

    def _add_to(self, team_id: TeamId, column: Column[Any], values: Iterable[Any]) -> None:
        if rows := [{"team_id": team_id, column.name: value} for value in sorted(values)]:
            self._connection.execute(insert(column.table), rows)


def _to_row(team: Team) -> dict[str, Any]:
    return columns_of(team, *_PARTS) | {"name_key": stored_key(team.name)}


def all_teams(connection: Connection, ids: Collection[int] | None = None) -> list[Team]:
    """Return teams in id order. *ids*: only these."""
    if ids is None:
        return _whole(connection, connection.execute(select(t).order_by(t.c.id)).all())
    return _whole(connection, sorted(rows_with(connection, select(t), t.c.id, ids), key=lambda row: int(row.id)))


def reaching(connection: Connection, server_ids: Collection[int], tags: Collection[str]) -> Reach:
    """Return what the teams reach of these servers and tags. It knows of no other ones."""
    if not connection.scalar(select(exists(select(t.c.id)))):
        return NO_TEAMS
    parts = {
        "server_ids": _links(connection, team_servers.c.server_id, team_servers.c.server_id, server_ids),
        "tags": _links(connection, team_tags.c.tag, team_tags.c.tag, tags),
    }
    ids = parts["server_ids"].keys() | parts["tags"].keys()
    if not ids:
        return NO_TEAMS
    parts["user_ids"] = _links(connection, team_users.c.user_id, team_users.c.team_id, ids)
    rows = sorted(rows_with(connection, select(t), t.c.id, ids), key=lambda row: int(row.id))
    return Reach.of(_to_team(row, parts) for row in rows)


def with_people(connection: Connection, servers: list[Server]) -> list[Server]:
    """Return *servers* with the people of their teams."""
    tags = {tag for server in servers for tag in server.tags}
    reach = reaching(connection, [server.id for server in servers], tags)
    return servers if reach is NO_TEAMS else [*map(reach.applied, servers)]


Parts = dict[str, dict[int, set[Any]]]


def _whole(connection: Connection, rows: Collection[Row[Any]]) -> list[Team]:
    ids = [row.id for row in rows]
    parts = {name: _links(connection, column, column.table.c.team_id, ids) for name, column in _PARTS.items()}
    return [_to_team(row, parts) for row in rows]


def _links(
    connection: Connection, column: Column[Any], key: Column[Any], values: Collection[Any]
) -> dict[int, set[Any]]:
    """Return the values of *column* by team, of the rows that have one of *values* in *key*."""
    found: dict[int, set[Any]] = defaultdict(set)
    for team_id, value in rows_with(connection, select(column.table.c.team_id, column), key, values):
        found[team_id].add(value)
    return found


def _to_team(row: Row[Any], parts: Parts) -> Team:
    return entity_of(
        Team,
        row,
        name=as_read(row.name),
        access=TeamAccess(row.access),
        user_ids=frozenset(map(UserId, parts["user_ids"].get(row.id, ()))),
        server_ids=frozenset(map(ServerId, parts["server_ids"].get(row.id, ()))),
        tags=frozenset(map(as_read, parts["tags"].get(row.id, ()))),
    )
