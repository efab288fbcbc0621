"""Teams that follow groups, and the ID token of a session as it is stored."""

from sqlalchemy import Engine, insert, select

from monitor.adapters.persistence.tables.accounts import sessions, team_users, teams
from monitor.adapters.security.cipher import AesCipher, new_key, parsed_keys
from monitor.domain.accounts.actors import UserId
from monitor.domain.accounts.sessions import SignIn
from tests.contracts.builders import AT, NewUow, stored_session, stored_user
from tests.integration.persistence.conftest import uow_factory

GROUPS = {"europe": "eu", "asia": "asia", "america": "EU", "by hand": None}


def given_teams(engine: Engine) -> None:
    rows = [{"name": name, "access": "read", "oidc_group": group, "created_at": AT} for name, group in GROUPS.items()]
    with engine.begin() as connection:
        connection.execute(insert(teams), rows)


def teams_of(engine: Engine, user_id: UserId) -> set[str]:
    mine = select(teams.c.name).join_from(teams, team_users).where(team_users.c.user_id == user_id)
    with engine.connect() as connection:
        return set(connection.scalars(mine))


def follow(new_uow: NewUow, user_id: UserId, *groups: str) -> tuple[list[str], list[str]]:
    with new_uow() as uow:
        found = uow.team_groups.follow(user_id, frozenset(groups))
        uow.commit()
    return found


def test_a_person_is_in_the_teams_of_their_groups_and_in_no_others_with_one(engine: Engine, new_uow: NewUow):
    given_teams(engine)
    alice, bob = stored_user(new_uow, "alice"), stored_user(new_uow, "bob")
    with engine.begin() as connection:
        [by_hand] = connection.scalars(select(teams.c.id).where(teams.c.name == "by hand"))
        connection.execute(insert(team_users), {"team_id": by_hand, "user_id": alice.id})
    assert ([], ["asia", "europe"]) == follow(new_uow, alice.id, "eu", "asia", "unknown", "")
    assert ([], ["europe"]) == follow(new_uow, bob.id, "eu")
    assert {"asia", "europe", "by hand"} == teams_of(engine, alice.id)
    assert (["asia", "europe"], ["america"]) == follow(new_uow, alice.id, "EU")
    assert (["america"], []) == follow(new_uow, alice.id)
    assert [{"by hand"}, {"europe"}] == [teams_of(engine, alice.id), teams_of(engine, bob.id)]


def test_a_change_of_teams_is_one_of_the_fleet(engine: Engine, new_uow: NewUow, fleet_changes: list[int]):
    given_teams(engine)
    user = stored_user(new_uow, "alice")
    before = len(fleet_changes)
    for _ in range(2):
        follow(new_uow, user.id, "eu")
    assert before + 1 == len(fleet_changes)


def test_the_id_token_is_stored_encrypted_and_forgotten_with_its_key(engine: Engine, new_uow: NewUow):
    user = stored_user(new_uow, "alice")
    ours, others = (uow_factory(engine, AesCipher(parsed_keys(new_key()))) for _ in range(2))
    session = stored_session(ours, user.id, sign_in=SignIn.SSO, id_token="a.b.c")
    with engine.connect() as connection:
        stored = connection.scalars(select(sessions.c.encrypted_id_token)).one()
    assert stored is not None
    assert "a.b.c" not in stored
    with ours() as uow:
        assert session == uow.sessions.get(session.id)
    with others() as uow:
        found = uow.sessions.get(session.id)
        assert found is not None
        assert found.id_token is None
