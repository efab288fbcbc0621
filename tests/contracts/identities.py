"""Identities of single sign-on, and the ID token that a session keeps."""

from dataclasses import replace

import pytest

from monitor.domain.accounts.actors import UserId
from monitor.domain.accounts.errors import IdentityTaken
from monitor.domain.accounts.identities import JoinedIdentity
from monitor.domain.accounts.sessions import SignIn
from monitor.domain.errors import ConstraintViolated
from tests.contracts.builders import AT, NOBODY, SECOND, NewUow, actor_of, stored_session, stored_user

ISSUER = "https://id.example.com"


def an_identity(user_id: UserId, subject: str = "s-1", issuer: str = ISSUER) -> JoinedIdentity:
    return JoinedIdentity(
        issuer=issuer,
        subject=subject,
        user_id=user_id,
        username="alice",
        email="alice@example.com",
        created_at=AT,
        last_used_at=AT,
    )


def stored(new_uow: NewUow, identity: JoinedIdentity) -> JoinedIdentity:
    with new_uow() as uow:
        identity = uow.identities.add(identity)
        uow.commit()
    return identity


class IdentitiesContract:
    def test_an_identity_is_found_by_issuer_and_subject(self, new_uow):
        user = stored_user(new_uow, "alice")
        identity = stored(new_uow, an_identity(user.id))
        with new_uow() as uow:
            assert identity == uow.identities.find(ISSUER, "s-1")
            assert [identity] == uow.identities.of_user(user.id)

    @pytest.mark.parametrize(
        ("issuer", "subject"),
        [
            (ISSUER, "S-1"),
            (ISSUER, "s-1 "),
            (ISSUER, "s-2"),
            (ISSUER, ""),
            (ISSUER + "/", "s-1"),
            ("https://ID.example.com", "s-1"),
        ],
    )
    def test_nothing_else_is_it(self, new_uow, issuer, subject):
        stored(new_uow, an_identity(stored_user(new_uow, "alice").id))
        with new_uow() as uow:
            assert uow.identities.find(issuer, subject) is None

    def test_it_belongs_to_one_account(self, new_uow):
        alice, bob = stored_user(new_uow, "alice"), stored_user(new_uow, "bob")
        stored(new_uow, an_identity(alice.id))
        for user in (alice, bob):
            with new_uow() as uow, pytest.raises(IdentityTaken):
                uow.identities.add(an_identity(user.id))
        stored(new_uow, an_identity(bob.id, issuer="https://other.example.com"))

    def test_it_needs_an_account(self, new_uow):
        with new_uow() as uow, pytest.raises(ConstraintViolated):
            uow.identities.add(an_identity(NOBODY.user_id))

    def test_what_is_shown_can_be_saved(self, new_uow):
        identity = stored(new_uow, an_identity(stored_user(new_uow, "alice").id))
        changed = replace(identity, username="al", email=None, last_used_at=AT + 5 * SECOND)
        with new_uow() as uow:
            assert uow.identities.save(changed)
            uow.commit()
        with new_uow() as uow:
            assert changed == uow.identities.find(ISSUER, "s-1")

    def test_a_parted_one_is_not_saved(self, new_uow):
        identity = stored(new_uow, an_identity(stored_user(new_uow, "alice").id))
        with new_uow() as uow:
            uow.identities.delete_all(identity.user_id)
            uow.commit()
        with new_uow() as uow:
            assert not uow.identities.save(identity)
            assert uow.identities.find(ISSUER, "s-1") is None

    def test_parting_leaves_those_of_others(self, new_uow):
        alice, bob = stored_user(new_uow, "alice"), stored_user(new_uow, "bob")
        stored(new_uow, an_identity(alice.id))
        kept = stored(new_uow, an_identity(bob.id, "s-2"))
        with new_uow() as uow:
            uow.identities.delete_all(alice.id)
            uow.commit()
        with new_uow() as uow:
            assert [kept] == uow.identities.of_user(bob.id)

    def test_it_goes_with_its_account(self, new_uow):
        user = stored_user(new_uow, "alice")
        stored(new_uow, an_identity(user.id))
        with new_uow() as uow:
            uow.users.delete(user.id)
            uow.commit()
        with new_uow() as uow:
            assert uow.identities.find(ISSUER, "s-1") is None

    def test_people_read_their_own(self, new_uow, queries):
        alice, bob = stored_user(new_uow, "alice"), stored_user(new_uow, "bob")
        identity = stored(new_uow, an_identity(alice.id))
        assert [identity] == queries.users.identities(actor_of(alice))
        assert [] == queries.users.identities(actor_of(bob))


class IdTokensContract:
    def test_a_session_keeps_its_id_token(self, new_uow):
        user = stored_user(new_uow, "alice")
        session = stored_session(new_uow, user.id, sign_in=SignIn.SSO, id_token="a.b.c")
        with new_uow() as uow:
            assert session == uow.sessions.get(session.id)

    def test_a_renewal_changes_nothing_about_it(self, new_uow):
        user = stored_user(new_uow, "alice")
        session = stored_session(new_uow, user.id, sign_in=SignIn.SSO, id_token="a.b.c")
        with new_uow() as uow:
            uow.sessions.save(session.rotated(b"x" * 32, AT + SECOND))
            uow.commit()
        with new_uow() as uow:
            assert uow.sessions.get(session.id).id_token == "a.b.c"
