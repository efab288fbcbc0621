"""Teams and what they reach."""

import pytest

from monitor.domain.accounts.actors import Actor, Role, UserId
from monitor.domain.errors import Forbidden, InvalidInput
from monitor.domain.fleet.errors import TeamTag
from monitor.domain.fleet.servers import ServerId
from monitor.domain.fleet.teams import NO_TEAMS, Reach, TeamAccess, TeamId
from tests.contracts.builders import ADMIN, a_server, a_team

ANN, BOB = UserId(1), UserId(2)


def user(user_id: UserId) -> Actor:
    return Actor(user_id=user_id, username="a user", role=Role.USER)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "a\u202eb"}, "name"),
        ({"name": "n" * 101}, "name"),
        ({"tags": frozenset({"a;b"})}, "tags"),
        ({"tags": frozenset(map(str, range(101)))}, "tags"),
        ({"oidc_group": "\0"}, "oidc_group"),
        ({"oidc_group": "g" * 256}, "oidc_group"),
    ],
)
def test_a_bad_value_is_named(changes, field) -> None:
    with pytest.raises(InvalidInput) as refused:
        a_team(**changes)
    assert list(refused.value.problems) == [field]


def test_the_greater_right_counts() -> None:
    reach = Reach.of(
        [
            a_team(id=TeamId(1), user_ids=frozenset({ANN, BOB}), tags=frozenset({"web"})),
            a_team(
                id=TeamId(2), access=TeamAccess.WRITE, user_ids=frozenset({BOB}), server_ids=frozenset({ServerId(7)})
            ),
        ]
    )
    server = reach.applied(a_server(id=ServerId(7), tags=frozenset({"web", "x"})))
    assert (server.team_readers, server.team_writers) == (frozenset({ANN}), frozenset({BOB}))
    assert [team.id for team in reach.teams_of(server)] == [1, 2]
    server.check_changeable_by(user(BOB))
    with pytest.raises(Forbidden):
        server.check_changeable_by(user(ANN))
    assert reach.sizes({server.id: server}) == {1: 1, 2: 1}


def test_a_link_counts_more_than_a_team_that_reads() -> None:
    reach = Reach.of([a_team(id=TeamId(1), user_ids=frozenset({ANN}), tags=frozenset({"web"}))])
    server = reach.applied(a_server(tags=frozenset({"web"}), user_ids=frozenset({ANN})))
    assert server.is_changeable_by(user(ANN))


def test_a_server_with_the_same_people_is_the_same_object() -> None:
    reach = Reach.of([a_team(id=TeamId(1), user_ids=frozenset({ANN}), tags=frozenset({"web"}))])
    server = reach.applied(a_server(tags=frozenset({"web"})))
    assert reach.applied(server) is server
    plain = a_server(tags=frozenset({"db"}))
    assert reach.applied(plain) is plain
    assert NO_TEAMS.applied(server) == a_server(tags=frozenset({"web"}))


def test_who_may_add_a_tag_of_teams() -> None:
    """A write member of all teams that carry it."""
    web = frozenset({"web"})
    writing = a_team(id=TeamId(1), access=TeamAccess.WRITE, user_ids=frozenset({ANN, BOB}), tags=web)
    reading = a_team(id=TeamId(2), user_ids=frozenset({ANN}), tags=web)
    Reach.of([writing]).check_tags(["db", "web"], user(ANN))
    for teams in ([writing, reading], [reading]):
        Reach.of(teams).check_tags(["web"], ADMIN)
        Reach.of(teams).check_tags(["db"], user(ANN))
        for actor in (user(ANN), user(BOB)):
            with pytest.raises(TeamTag, match="web"):
                Reach.of(teams).check_tags(["db", "web"], actor)
