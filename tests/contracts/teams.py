from dataclasses import replace

import pytest

from monitor.domain.accounts.actors import UserId
from monitor.domain.errors import ConstraintViolated, NotFound
from monitor.domain.fleet.errors import TeamNameTaken
from monitor.domain.fleet.servers import ServerId
from monitor.domain.fleet.teams import TeamAccess, TeamId
from tests.contracts.builders import HOSTILE, a_team, stored_server, stored_team, stored_user

UNKNOWN = 1_000_000


class TeamsContract:
    def test_a_team_comes_back_whole(self, new_uow):
        users = frozenset(stored_user(new_uow, name).id for name in ("alice", "bob"))
        servers = frozenset(stored_server(new_uow, f"192.0.2.{n}").id for n in (1, 2))
        team = stored_team(
            new_uow,
            "Ops ß 运维",
            access=TeamAccess.WRITE,
            user_ids=users,
            server_ids=servers,
            tags=frozenset({"web", "Web", "数据库"}),
            oidc_group="/ops/on call",
        )
        empty = stored_team(new_uow, "empty")
        with new_uow() as uow:
            assert [uow.teams.get(team.id), uow.teams.get(empty.id)] == [team, empty]

    @pytest.mark.parametrize("text", HOSTILE)
    def test_texts_come_back_as_they_were(self, new_uow, text):
        team = stored_team(new_uow, text, oidc_group=text)
        with new_uow() as uow:
            assert uow.teams.get(team.id) == team

    def test_saving_replaces_it(self, new_uow):
        alice, bob = stored_user(new_uow, "alice"), stored_user(new_uow, "bob")
        one, two = stored_server(new_uow, "192.0.2.1"), stored_server(new_uow, "192.0.2.2")
        team = stored_team(
            new_uow, user_ids=frozenset({alice.id}), server_ids=frozenset({one.id}), tags=frozenset({"a", "b"})
        )
        after = replace(
            team,
            name="others",
            access=TeamAccess.WRITE,
            user_ids=frozenset({bob.id}),
            server_ids=frozenset({one.id, two.id}),
            tags=frozenset({"b", "c"}),
            oidc_group="others",
        )
        for stored in (after, after, replace(after, user_ids=frozenset(), server_ids=frozenset(), tags=frozenset())):
            with new_uow() as uow:
                uow.teams.save(stored)
                uow.commit()
            with new_uow() as uow:
                assert uow.teams.get(team.id) == stored

    @pytest.mark.parametrize("name", ["web people", "WEB People", "ｗｅｂ people"])
    def test_names_are_unique_whatever_their_case(self, new_uow, name):
        stored_team(new_uow)
        other = stored_team(new_uow, "others")
        with new_uow() as uow:
            with pytest.raises(TeamNameTaken):
                uow.teams.add(a_team(name))
            with pytest.raises(TeamNameTaken):
                uow.teams.save(replace(other, name=name))

    def test_a_team_may_change_the_case_of_its_name(self, new_uow):
        team = stored_team(new_uow)
        with new_uow() as uow:
            uow.teams.save(replace(team, name="Web People"))
            uow.commit()
        with new_uow() as uow:
            assert uow.teams.get(team.id).name == "Web People"

    @pytest.mark.parametrize(
        "gone", [{"user_ids": frozenset({UserId(UNKNOWN)})}, {"server_ids": frozenset({ServerId(UNKNOWN)})}]
    )
    def test_what_does_not_exist_cannot_be_in_a_team(self, new_uow, gone):
        team = stored_team(new_uow)
        with new_uow() as uow, pytest.raises(ConstraintViolated):
            uow.teams.add(a_team("others", **gone))
        with new_uow() as uow, pytest.raises(ConstraintViolated):
            uow.teams.save(replace(team, **gone))

    def test_an_unknown_team_is_not_found(self, new_uow):
        with new_uow() as uow:
            for call in (uow.teams.get, uow.teams.delete):
                with pytest.raises(NotFound):
                    call(TeamId(UNKNOWN))
            with pytest.raises(NotFound):
                uow.teams.save(a_team(id=TeamId(UNKNOWN)))

    def test_deleted_users_and_servers_leave_it(self, new_uow):
        alice, bob = stored_user(new_uow, "alice"), stored_user(new_uow, "bob")
        one, two = stored_server(new_uow, "192.0.2.1"), stored_server(new_uow, "192.0.2.2")
        team = stored_team(
            new_uow, user_ids=frozenset({alice.id, bob.id}), server_ids=frozenset({one.id, two.id}), tags=frozenset("a")
        )
        with new_uow() as uow:
            uow.users.delete(alice.id)
            uow.servers.delete([one.id])
            uow.commit()
        with new_uow() as uow:
            left = replace(team, user_ids=frozenset({bob.id}), server_ids=frozenset({two.id}))
            assert uow.teams.get(team.id) == left

    def test_a_deleted_team_is_gone(self, new_uow, queries):
        alice, server = stored_user(new_uow), stored_server(new_uow)
        team = stored_team(new_uow, user_ids=frozenset({alice.id}), server_ids=frozenset({server.id}))
        with new_uow() as uow:
            uow.teams.delete(team.id)
            uow.commit()
        assert list(queries.fleet.snapshot().teams) == []
        assert list(queries.fleet.snapshot().users) == [alice.id]
        assert stored_team(new_uow).id > team.id

    def test_with_group_gives_those_that_follow_one(self, new_uow):
        groups = [stored_team(new_uow, name, oidc_group=group) for name, group in (("b", "x"), ("a", "X"), ("c", None))]
        with new_uow() as uow:
            assert uow.teams.with_group() == groups[:2]

    def test_reaching_knows_what_it_was_asked_for(self, new_uow):
        servers = [
            stored_server(new_uow, f"192.0.2.{n}", tags=frozenset(tags)) for n, tags in enumerate(("a", "b", ""), 1)
        ]
        teams = [
            stored_team(new_uow, "listed", server_ids=frozenset(server.id for server in servers)),
            stored_team(new_uow, "tagged", tags=frozenset("ab")),
            stored_team(new_uow, "neither", tags=frozenset("z")),
        ]
        with new_uow() as uow:
            reach = uow.teams.reaching([servers[0].id, servers[2].id], ["a", "A"])
            found = [[team.name for team in reach.teams_of(server)] for server in servers]
            assert found == [["listed", "tagged"], [], ["listed"]]
            assert uow.teams.reaching([], []).teams == {}
            assert [team.id for team in uow.teams.reaching([], ["z"]).teams.values()] == [teams[2].id]
