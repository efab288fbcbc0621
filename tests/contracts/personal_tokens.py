from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from monitor.application.accounts.credential_ports import TokenOwner
from monitor.domain.accounts.actors import PersonalTokenId, Role, UserId
from monitor.domain.accounts.personal_tokens import TokenScope, TokenUse
from monitor.domain.accounts.sessions import SignIn, token_digest
from monitor.domain.errors import ConstraintViolated, NotFound
from tests.contracts.builders import AT, HOSTILE, NOBODY, SECOND, actor_of, stored_token, stored_user

UNKNOWN = PersonalTokenId(1_000_000)


class PersonalTokensContract:
    @pytest.mark.parametrize("name", HOSTILE)
    def test_an_added_token_is_read_back_equal(self, new_uow, queries, name):
        user = stored_user(new_uow)
        values = {"scope": TokenScope.WRITE, "expires_at": AT + timedelta(days=3653), "prefix": "mon_-_aB1234"}
        token = stored_token(new_uow, user.id, name, **values)
        assert token.id > 0
        assert [token] == queries.personal_tokens.all(actor_of(user))
        with new_uow() as uow:
            assert token == uow.personal_tokens.get(token.id, user_id=user.id)

    def test_two_may_have_one_name_and_none_has_the_text_of_another(self, new_uow, queries):
        user = stored_user(new_uow)
        tokens = [stored_token(new_uow, user.id, digest=token_digest(text)) for text in ("one", "two")]
        assert tokens == queries.personal_tokens.all(actor_of(user))
        with pytest.raises(ConstraintViolated):
            stored_token(new_uow, user.id, digest=token_digest("one"))

    def test_a_token_of_a_deleted_user_violates_a_constraint(self, new_uow):
        with pytest.raises(ConstraintViolated):
            stored_token(new_uow, UserId(1_000_000))

    def test_get_shows_the_users_own(self, new_uow):
        alice, bob = stored_user(new_uow, "alice"), stored_user(new_uow, "bob")
        token = stored_token(new_uow, alice.id)
        with new_uow() as uow:
            for token_id, user_id in [(token.id, bob.id), (UNKNOWN, alice.id)]:
                with pytest.raises(NotFound):
                    uow.personal_tokens.get(token_id, user_id=user_id)

    def test_all_shows_the_actors_own_in_pages(self, new_uow, queries):
        alice, bob = stored_user(new_uow, "alice"), stored_user(new_uow, "bob")
        hers = [stored_token(new_uow, alice.id, name) for name in ("b", "a", "c")]
        stored_token(new_uow, bob.id, "his")
        listed = queries.personal_tokens.all
        assert hers == listed(actor_of(alice))
        assert hers[:2] == listed(actor_of(alice), limit=2)
        assert hers[1:2] == listed(actor_of(alice), after=hers[0].id, limit=1)
        assert [] == listed(actor_of(alice), after=hers[2].id)
        assert [] == listed(NOBODY)

    def test_a_deleted_token_is_gone(self, new_uow, queries):
        user = stored_user(new_uow)
        gone, kept = stored_token(new_uow, user.id, "gone"), stored_token(new_uow, user.id, "kept")
        with new_uow() as uow:
            uow.personal_tokens.delete(gone.id)
            uow.personal_tokens.delete(UNKNOWN)
            uow.commit()
        assert [kept] == queries.personal_tokens.all(actor_of(user))
        assert queries.personal_tokens.owner(gone.digest) is None
        assert queries.personal_tokens.owner(gone.id) is None

    def test_ids_are_not_used_again(self, new_uow):
        user = stored_user(new_uow)
        first = stored_token(new_uow, user.id)
        with new_uow() as uow:
            uow.personal_tokens.delete(first.id)
            uow.commit()
        assert stored_token(new_uow, user.id).id > first.id

    def test_a_rollback_stores_nothing(self, new_uow, queries):
        user = stored_user(new_uow)
        token = stored_token(new_uow, user.id)
        with new_uow() as uow:
            uow.personal_tokens.delete(token.id)
        assert [token] == queries.personal_tokens.all(actor_of(user))

    def test_the_tokens_of_a_deleted_user_are_gone(self, new_uow, queries):
        alice, bob = stored_user(new_uow, "alice"), stored_user(new_uow, "bob")
        hers, his = stored_token(new_uow, alice.id, "hers"), stored_token(new_uow, bob.id, "his")
        with new_uow() as uow:
            uow.users.delete(alice.id)
            uow.commit()
        assert queries.personal_tokens.owner(hers.digest) is None
        assert queries.personal_tokens.owner(his.digest) is not None

    def test_the_owner_has_all_that_each_request_checks(self, new_uow, queries):
        flags: dict[str, Any] = {"has_default_password": True, "has_temporary_password": True}
        user = stored_user(new_uow, "alice", role=Role.ADMIN, token_version=77, **flags)
        stored_token(new_uow, user.id, "another")
        token = stored_token(new_uow, user.id, scope=TokenScope.WRITE, expires_at=AT + SECOND)
        expected = TokenOwner(
            user_id=user.id,
            username="alice",
            role=Role.ADMIN,
            token_version=77,
            sign_in=SignIn.PASSWORD,
            **flags,
            token_id=token.id,
            scope=TokenScope.WRITE,
            expires_at=AT + SECOND,
        )
        assert expected == queries.personal_tokens.owner(token.digest)
        assert expected == queries.personal_tokens.owner(token.id)

    def test_an_unknown_token_has_no_owner(self, new_uow, queries):
        stored_token(new_uow, stored_user(new_uow).id)
        assert queries.personal_tokens.owner(token_digest("another")) is None
        assert queries.personal_tokens.owner(UNKNOWN) is None

    def test_owners_are_of_tokens_that_exist(self, new_uow, queries):
        alice, bob = stored_user(new_uow, "alice", token_version=7), stored_user(new_uow, "bob", token_version=8)
        hers, his = stored_token(new_uow, alice.id, "hers"), stored_token(new_uow, bob.id, "his")
        stored_token(new_uow, bob.id, "not asked for")
        owners = queries.personal_tokens.owners
        expected = {token.id: queries.personal_tokens.owner(token.id) for token in (hers, his)}
        assert expected == owners({hers.id, his.id, UNKNOWN})
        assert [7, 8] == [expected[token.id].token_version for token in (hers, his)]
        assert {} == owners(set())

    def test_the_newest_use_is_kept(self, new_uow, queries):
        user = stored_user(new_uow)
        used, unused = stored_token(new_uow, user.id, "used"), stored_token(new_uow, user.id, "unused")

        def save(seconds: int, address: str) -> None:
            with new_uow() as uow:
                use = TokenUse(at=AT + seconds * SECOND, address=address)
                uow.personal_tokens.save_uses({used.id: use, UNKNOWN: use})
                uow.commit()

        save(2, "2001:db8::1")
        save(1, "192.0.2.1")  # by a process that had kept it longer
        expected = replace(used, last_used_at=AT + 2 * SECOND, last_address="2001:db8::1")
        assert [expected, unused] == queries.personal_tokens.all(actor_of(user))
        save(3, "192.0.2.3")
        expected = replace(used, last_used_at=AT + 3 * SECOND, last_address="192.0.2.3")
        assert [expected, unused] == queries.personal_tokens.all(actor_of(user))
        with new_uow() as uow:
            uow.personal_tokens.save_uses({})
