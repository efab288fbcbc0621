from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.domain.accounts.actors import UserId
from monitor.domain.accounts.factors import OwnFactors, SecondFactorPolicy, Totp
from monitor.domain.accounts.sessions import token_digest
from monitor.domain.errors import ConstraintViolated
from tests.contracts.builders import AT, SECOND, NewUow, stored_passkey, stored_user
from tests.contracts.threads import at_once, until_no_conflict

SECRET = "JBSWY3DPEHPK3PXP" * 2
STEP = int(AT.timestamp()) // 30
DIGESTS = [token_digest(f"code {n}") for n in range(10)]


def a_totp(user_id: UserId, **changes: object) -> Totp:
    return replace(Totp(user_id=user_id, secret=SECRET, created_at=AT), **changes)  # type: ignore[arg-type]  # any field


def saved_totp(new_uow: NewUow, totp: Totp) -> Totp:
    with new_uow() as uow:
        uow.factors.save_totp(totp)
        uow.commit()
    return totp


def with_recovery_codes(new_uow: NewUow, user_id: UserId) -> None:
    with new_uow() as uow:
        uow.factors.replace_recovery_codes(user_id, DIGESTS)
        uow.commit()


class FactorsContract:
    def test_a_saved_secret_is_read_back_equal(self, new_uow):
        alice, bob = stored_user(new_uow, "alice"), stored_user(new_uow, "bob")
        for totp in (
            a_totp(alice.id),
            a_totp(alice.id, secret="B" * 32, confirmed_at=AT + SECOND, last_step=2**40),
        ):
            saved_totp(new_uow, totp)
            with new_uow() as uow:
                assert uow.factors.totp(alice.id) == totp
                assert uow.factors.totp(bob.id) is None

    def test_what_is_saved_without_a_commit_is_gone(self, new_uow):
        user = stored_user(new_uow)
        with new_uow() as uow:
            uow.factors.save_totp(a_totp(user.id))
            uow.factors.replace_recovery_codes(user.id, DIGESTS)
        with new_uow() as uow:
            assert uow.factors.totp(user.id) is None
            assert uow.factors.of(user.id) == OwnFactors()

    def test_factors_count_what_can_be_used(self, new_uow, queries):
        alice, bob = stored_user(new_uow, "alice"), stored_user(new_uow, "bob")
        saved_totp(new_uow, a_totp(bob.id, confirmed_at=AT))
        with_recovery_codes(new_uow, bob.id)
        saved_totp(new_uow, a_totp(alice.id))
        assert queries.users.factors(alice.id) == OwnFactors()
        saved_totp(new_uow, a_totp(alice.id, confirmed_at=AT))
        with_recovery_codes(new_uow, alice.id)
        stored_passkey(new_uow, alice.id)
        stored_passkey(new_uow, alice.id, credential_id=b"another", cloned_at=AT)
        with new_uow() as uow:
            assert uow.factors.use_recovery_code(alice.id, DIGESTS[3], AT)
            uow.commit()
        expected = OwnFactors(has_totp=True, recovery_codes_left=9, passkeys=1)
        assert queries.users.factors(alice.id) == expected
        with new_uow() as uow:
            assert uow.factors.of(alice.id) == expected

    def test_a_recovery_code_is_good_once_and_for_its_user(self, new_uow):
        alice, bob = stored_user(new_uow, "alice"), stored_user(new_uow, "bob")
        with_recovery_codes(new_uow, alice.id)
        with new_uow() as uow:
            use = uow.factors.use_recovery_code
            assert not use(bob.id, DIGESTS[0], AT)
            assert not use(alice.id, token_digest("another"), AT)
            assert use(alice.id, DIGESTS[0], AT)
            assert not use(alice.id, DIGESTS[0], AT)
            uow.commit()
        with new_uow() as uow:
            assert not uow.factors.use_recovery_code(alice.id, DIGESTS[0], AT + timedelta(days=99))
            assert uow.factors.use_recovery_code(alice.id, DIGESTS[1], AT)

    def test_new_recovery_codes_end_the_old_ones(self, new_uow):
        user = stored_user(new_uow)
        with_recovery_codes(new_uow, user.id)
        with new_uow() as uow:
            uow.factors.use_recovery_code(user.id, DIGESTS[0], AT)
            uow.factors.replace_recovery_codes(user.id, [DIGESTS[0], token_digest("new")])
            assert uow.factors.of(user.id).recovery_codes_left == 2
            assert not uow.factors.use_recovery_code(user.id, DIGESTS[1], AT)
            assert uow.factors.use_recovery_code(user.id, DIGESTS[0], AT)

    def test_deletion_is_of_one_user_and_leaves_passkeys(self, new_uow):
        alice, bob = stored_user(new_uow, "alice"), stored_user(new_uow, "bob")
        for user in (alice, bob):
            saved_totp(new_uow, a_totp(user.id, confirmed_at=AT))
            with_recovery_codes(new_uow, user.id)
            stored_passkey(new_uow, user.id, credential_id=user.username.encode())
        with new_uow() as uow:
            uow.factors.delete_totp(alice.id)
            uow.factors.delete_totp(UserId(1_000_000))
            uow.commit()
        with new_uow() as uow:
            assert uow.factors.totp(alice.id) is None
            assert uow.factors.of(alice.id) == OwnFactors(passkeys=1)
            assert uow.factors.of(bob.id) == OwnFactors(has_totp=True, recovery_codes_left=10, passkeys=1)

    def test_they_go_with_the_user(self, new_uow, queries):
        user = stored_user(new_uow)
        saved_totp(new_uow, a_totp(user.id, confirmed_at=AT))
        with_recovery_codes(new_uow, user.id)
        with new_uow() as uow:
            uow.users.delete(user.id)
            uow.commit()
        assert queries.users.factors(user.id) == OwnFactors()
        with pytest.raises(ConstraintViolated), new_uow() as uow:
            uow.factors.save_totp(a_totp(user.id))
        with pytest.raises(ConstraintViolated), new_uow() as uow:
            uow.factors.replace_recovery_codes(user.id, DIGESTS)

    @pytest.mark.parametrize("policy", SecondFactorPolicy)
    def test_the_policy_is_a_preference(self, new_uow, policy):
        with new_uow() as uow:
            assert uow.factors.policy() is SecondFactorPolicy.OPTIONAL
            uow.preferences.save({"second_factor": float(policy), "digest_wait": 2.0})
            assert uow.factors.policy() is policy

    def test_those_with_a_second_factor_are_found(self, new_uow, queries):
        names = ("none", "begun", "totp", "passkey", "cloned", "not asked for")
        users = {name: stored_user(new_uow, name) for name in names}
        saved_totp(new_uow, a_totp(users["begun"].id))
        for name in ("totp", "not asked for"):
            saved_totp(new_uow, a_totp(users[name].id, confirmed_at=AT))
        for name in ("passkey", "cloned"):
            cloned_at = AT if name == "cloned" else None
            stored_passkey(new_uow, users[name].id, credential_id=name.encode(), cloned_at=cloned_at)
        asked = [users[name].id for name in names[:-1]] + [UserId(10_000 + n) for n in range(1500)]
        assert queries.users.with_second_factor(asked) == {users["totp"].id, users["passkey"].id}
        assert queries.users.with_second_factor([]) == set()

    def test_of_two_parallel_uses_of_one_code_one_succeeds(self, new_uow):
        """totp() locks, so the second sees the step that the first took."""
        user = stored_user(new_uow)
        saved_totp(new_uow, a_totp(user.id, confirmed_at=AT))
        taken = []

        def use() -> None:
            with new_uow() as uow:
                totp = uow.factors.totp(user.id)
                after = totp.after("123456", AT, lambda _, step: "123456" if step == STEP else "654321")
                if after is not None:
                    uow.factors.save_totp(after)
                    uow.commit()
                    taken.append(after.last_step)

        at_once(*[lambda: until_no_conflict(use)] * 3)
        assert taken == [STEP]

    def test_of_two_parallel_uses_of_one_recovery_code_one_succeeds(self, new_uow):
        user = stored_user(new_uow)
        with_recovery_codes(new_uow, user.id)
        used = []

        def use() -> None:
            with new_uow() as uow:
                is_used = uow.factors.use_recovery_code(user.id, DIGESTS[0], AT)
                uow.commit()
            used.append(is_used)

        at_once(*[lambda: until_no_conflict(use)] * 3)
        assert sorted(used) == [False, False, True]
