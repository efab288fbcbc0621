"""The store in memory, SQLite and the directory of a process agree with a plain recomputation on who sees what."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from monitor.adapters.memory.store import MemoryStore
from monitor.adapters.persistence.store import SqlQueries
from monitor.application.fleet.directory import Directory
from monitor.application.fleet.ports import ServerFilter
from monitor.application.fleet.visibility import VisibleFleet
from monitor.application.operations.ports import Queries, UnitOfWork
from monitor.domain.accounts.actors import Actor, Role, UserId
from monitor.domain.errors import Forbidden, NotFound
from monitor.domain.fleet.servers import Server, ServerId
from monitor.domain.fleet.teams import Team, TeamAccess
from tests.contracts.builders import a_server, a_team, a_user, actor_of
from tests.contracts.fleet_revision import as_held
from tests.integration.persistence.conftest import uow_factory

NewUow = Callable[[], UnitOfWork]
USERS, SERVERS, TEAMS, TAGS = 3, 4, 3, ("web", "db", "Web")
users = st.sets(st.integers(0, USERS - 1))
servers = st.sets(st.integers(0, SERVERS - 1))
tags = st.frozensets(st.sampled_from(TAGS))
steps = st.one_of(
    st.tuples(st.just("server"), st.integers(0, SERVERS - 1), users, tags),
    st.tuples(st.just("team"), st.integers(0, TEAMS - 1), users, servers, tags, st.sampled_from(TeamAccess)),
    st.tuples(st.just("no team"), st.integers(0, TEAMS - 1)),
    st.tuples(st.just("no server"), st.integers(0, SERVERS - 1)),
    st.tuples(st.just("no user"), st.integers(0, USERS - 1)),
)


class Play:
    """One store, changed step by step; users, servers and teams by their places."""

    def __init__(self, new_uow: NewUow, queries: Queries) -> None:
        self.new_uow, self.queries = new_uow, queries
        self.teams: dict[int, Team] = {}
        with new_uow() as uow:
            for user in [*queries.fleet.snapshot().users.values()]:  # of the example before
                uow.users.delete(user.id)
            uow.servers.delete([server.id for server in queries.fleet.snapshot().servers])
            for team in queries.fleet.snapshot().teams:
                uow.teams.delete(team.id)
            self.users = {n: uow.users.add(a_user(f"user {n}")) for n in range(USERS)}
            self.servers = {n: uow.servers.add(a_server(f"192.0.2.{n + 1}")) for n in range(SERVERS)}
            uow.commit()
        self.directory = Directory.of(queries.fleet.snapshot())

    def do(self, step: tuple[Any, ...]) -> None:
        with self.new_uow() as uow:
            self._do(uow, *step)
            uow.commit()
        changes = self.queries.fleet.changes(self.directory.revision, 1000)
        assert changes is not None
        self.directory = self.directory.with_changes(changes)

    def _do(self, uow: UnitOfWork, what: str, n: int, *more: Any) -> None:
        match what:
            case "server" if n in self.servers:
                linked, tagged = more
                self.servers[n] = replace(self.servers[n], user_ids=self._ids_of_users(linked), tags=tagged)
                uow.servers.save(self.servers[n])
            case "team":
                members, has, tagged, access = more
                team = a_team(
                    f"team {n}",
                    access=access,
                    user_ids=self._ids_of_users(members),
                    server_ids=frozenset(self.servers[each].id for each in has if each in self.servers),
                    tags=tagged,
                )
                if n in self.teams:
                    self.teams[n] = replace(team, id=self.teams[n].id)
                    uow.teams.save(self.teams[n])
                else:
                    self.teams[n] = uow.teams.add(team)
            case "no team" if n in self.teams:
                uow.teams.delete(self.teams.pop(n).id)
            case "no server" if n in self.servers:
                uow.servers.delete([self.servers.pop(n).id])
            case "no user" if n in self.users:
                gone = self.users.pop(n).id
                uow.users.delete(gone)
                for place, server in self.servers.items():
                    self.servers[place] = replace(server, user_ids=server.user_ids - {gone})
                self.teams = {place: team.with_member(gone, is_in=False) for place, team in self.teams.items()}

    def _ids_of_users(self, places: Iterable[int]) -> frozenset[UserId]:
        return frozenset(self.users[n].id for n in places if n in self.users)

    def right(self, actor: Actor, server: Server) -> str:
        """The oracle."""
        having = [team for team in self.teams.values() if server.id in team.server_ids or team.tags & server.tags]
        mine = [team.access for team in having if actor.user_id in team.user_ids]
        if actor.is_admin or actor.user_id in server.user_ids or TeamAccess.WRITE in mine:
            return "change"
        return "see" if mine else "nothing"

    def check(self) -> None:
        assert as_held(self.directory) == as_held(Directory.of(self.queries.fleet.snapshot()))
        actors = [actor_of(user) for user in self.users.values()]
        for actor in [*actors, *(replace(actor, role=Role.ADMIN) for actor in actors[:1])]:
            rights = {server.id: self.right(actor, server) for server in self.servers.values()}
            seen = sorted(id_ for id_, right in rights.items() if right != "nothing")
            assert [server.id for server in self.queries.servers.find(actor, ServerFilter())] == seen
            assert sorted(VisibleFleet(self.directory, actor).server_ids) == seen
            for server_id, right in rights.items():
                assert self.stored_right(actor, server_id) == right
                held = self.directory.servers[server_id]
                assert held.is_visible_to(actor) is (right != "nothing")
                assert held.is_changeable_by(actor) is (right == "change")

    def stored_right(self, actor: Actor, server_id: ServerId) -> str:
        with self.new_uow() as uow:
            try:
                uow.servers.get(server_id, changed_by=actor)
            except Forbidden:
                return "see"
            except NotFound:
                return "nothing"
            return "change"


@pytest.fixture(scope="module")
def memory() -> tuple[NewUow, Queries]:
    store = MemoryStore()
    return store, store.queries


def play(new_uow: NewUow, queries: Queries, drawn: list[tuple[Any, ...]]) -> None:
    played = Play(new_uow, queries)
    for step in drawn:
        played.do(step)
    played.check()


@given(st.lists(steps, max_size=12))
def test_in_memory(memory: tuple[NewUow, Queries], drawn: list[tuple[Any, ...]]) -> None:
    play(*memory, drawn)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(steps, max_size=12))
def test_on_sqlite(sqlite_engine: Engine, drawn: list[tuple[Any, ...]]) -> None:
    play(uow_factory(sqlite_engine), SqlQueries(sqlite_engine), drawn)


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(steps, max_size=12))
def test_on_mariadb(mariadb_engine: Engine, drawn: list[tuple[Any, ...]]) -> None:
    play(uow_factory(mariadb_engine), SqlQueries(mariadb_engine), drawn)
