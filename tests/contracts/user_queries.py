from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from monitor.application.accounts.credential_ports import SessionOwner
from monitor.domain.accounts.actors import Role, SessionId
from monitor.domain.accounts.audit import AuditEntry
from monitor.domain.accounts.factors import SecondFactorPolicy
from monitor.domain.accounts.sessions import SignIn, token_digest
from monitor.domain.errors import Forbidden, NotFound
from tests.contracts.builders import (
    ADMIN,
    AT,
    NOBODY,
    SECOND,
    actor_of,
    stored_passkey,
    stored_session,
    stored_user,
)
from tests.contracts.factors import a_totp, saved_totp


class UserQueriesContract:
    def test_all_are_in_id_order_and_for_admins(self, new_uow, queries):
        users = [stored_user(new_uow, name, email=f"{name}@example.com") for name in ("zoe", "alice", "bob")]
        assert queries.users.all(ADMIN) == users
        assert queries.users.all(ADMIN, limit=2) == users[:2]
        assert queries.users.all(ADMIN, after=users[0].id, limit=1) == users[1:2]
        assert queries.users.all(ADMIN, after=users[2].id) == []
        with pytest.raises(Forbidden):
            queries.users.all(actor_of(users[0]))

    def test_options_are_in_name_order_without_regard_to_case(self, new_uow, queries):
        names = ["bob", "Alice", "Zoe", "carol", "éric"]
        ids = {name: stored_user(new_uow, name).id for name in names}
        expected = [(ids[name], name) for name in ("Alice", "bob", "carol", "Zoe", "éric")]
        assert queries.users.options() == expected

    def test_me_is_the_account_as_it_is_now(self, new_uow, queries):
        user = stored_user(new_uow)
        changed = replace(user, email="a@example.com", locale="en")
        with new_uow() as uow:
            uow.users.save(changed)
            uow.commit()
        assert queries.users.me(actor_of(user)) == changed
        with pytest.raises(NotFound):
            queries.users.me(NOBODY)

    def test_sessions_are_the_actors_own_open_ones_last_used_first(self, new_uow, queries):
        alice, bob = stored_user(new_uow, "alice"), stored_user(new_uow, "bob")
        used = {
            name: stored_session(new_uow, alice.id, name, last_used_at=AT + seconds * SECOND, user_agent=name)
            for name, seconds in [("b", 2), ("c", 3), ("a", 1)]
        }
        stored_session(new_uow, alice.id, "expired", expires_at=AT + 5 * SECOND)
        stored_session(new_uow, bob.id, "his")
        assert queries.users.sessions(actor_of(alice), AT + 5 * SECOND) == [used["c"], used["b"], used["a"]]
        assert queries.users.sessions(NOBODY, AT) == []

    def test_session_owner_has_all_that_each_request_checks(self, new_uow, queries):
        flags: dict[str, Any] = {"has_default_password": True, "has_temporary_password": True}
        user = stored_user(new_uow, "alice", role=Role.ADMIN, token_version=77, **flags)
        with new_uow() as uow:
            uow.preferences.save({"second_factor": 2.0})
            uow.commit()
        proved = AT + 7 * SECOND
        session = stored_session(new_uow, user.id, authenticated_at=proved, sign_in=SignIn.SSO)
        expected = SessionOwner(
            user_id=user.id,
            username="alice",
            role=Role.ADMIN,
            token_version=77,
            authenticated_at=proved,
            sign_in=SignIn.SSO,
            policy=SecondFactorPolicy.ADMINS,
            **flags,
        )
        assert queries.users.session_owner(user.id, session.id, AT) == expected
        assert queries.users.session_owners([session.id], AT) == {session.id: expected}
        saved_totp(new_uow, a_totp(user.id))
        assert queries.users.session_owner(user.id, session.id, AT) == expected
        saved_totp(new_uow, a_totp(user.id, confirmed_at=AT))
        assert queries.users.session_owner(user.id, session.id, AT) == replace(expected, has_second_factor=True)

    def test_a_passkey_is_a_second_factor_unless_it_is_cloned(self, new_uow, queries):
        user = stored_user(new_uow)
        session = stored_session(new_uow, user.id)
        for credential, cloned_at, has_factor in ((b"cloned", AT, False), (b"good", None, True)):
            stored_passkey(new_uow, user.id, credential_id=credential, cloned_at=cloned_at)
            assert queries.users.session_owner(user.id, session.id, AT).has_second_factor is has_factor

    def test_session_owner_is_none_for_any_other_session(self, new_uow, queries):
        alice, bob = stored_user(new_uow, "alice"), stored_user(new_uow, "bob")
        session = stored_session(new_uow, alice.id, "Session", expires_at=AT + 10 * SECOND)
        owner = queries.users.session_owner
        assert owner(alice.id, session.id, AT + 9 * SECOND) is not None
        assert owner(alice.id, session.id, AT + 10 * SECOND) is None
        assert owner(alice.id, session.id, AT + timedelta(days=99)) is None
        assert owner(bob.id, session.id, AT) is None
        assert owner(NOBODY.user_id, session.id, AT) is None
        assert owner(alice.id, SessionId("session"), AT) is None
        assert owner(alice.id, SessionId("unknown"), AT) is None

    def test_a_session_that_ended_has_no_owner(self, new_uow, queries):
        user = stored_user(new_uow)
        renewed, ended = stored_session(new_uow, user.id, "renewed"), stored_session(new_uow, user.id, "ended")
        with new_uow() as uow:
            uow.sessions.save(renewed.rotated(token_digest("new"), AT))
            uow.sessions.delete(ended.id, user_id=user.id)
            uow.commit()
        assert queries.users.session_owner(user.id, renewed.id, AT) is not None
        assert queries.users.session_owner(user.id, ended.id, AT) is None

    def test_session_owners_are_of_open_sessions(self, new_uow, queries):
        alice, bob = stored_user(new_uow, "alice", token_version=7), stored_user(new_uow, "bob", token_version=8)
        hers, his = stored_session(new_uow, alice.id, "hers"), stored_session(new_uow, bob.id, "his")
        ended = stored_session(new_uow, bob.id, "ended")
        expired = stored_session(new_uow, bob.id, "expired", expires_at=AT)
        stored_session(new_uow, bob.id, "not asked for")
        with new_uow() as uow:
            uow.sessions.delete(ended.id, user_id=bob.id)
            uow.commit()
        asked = {session.id for session in (hers, his, ended, expired)} | {SessionId("unknown")}
        found = queries.users.session_owners(asked, AT)
        assert {id_: owner.token_version for id_, owner in found.items()} == {hers.id: 7, his.id: 8}
        assert queries.users.session_owners(set(), AT) == {}
        many = {SessionId(f"s{n}") for n in range(2500)} | {his.id}
        assert [*queries.users.session_owners(many, AT)] == [his.id]

    def test_done_to_a_user_is_found_by_action_and_time(self, new_uow, queries):
        alice, bob = stored_user(new_uow, "alice"), stored_user(new_uow, "bob")
        with new_uow() as uow:
            uow.audit.add(AuditEntry(at=AT, action="user.change_password", target="alice"))
            uow.audit.add(AuditEntry(at=AT + SECOND, action="session.login", target="alice"))
            uow.commit()
        was_done_to = queries.users.was_done_to
        changes = ("user.reset_password", "user.change_password")
        assert was_done_to(alice.id, changes, AT - SECOND)
        assert not was_done_to(alice.id, changes[:1], AT - SECOND)
        assert not was_done_to(alice.id, changes, AT)
        assert not was_done_to(bob.id, changes, AT - SECOND)
        assert not was_done_to(NOBODY.user_id, changes, AT - SECOND)
