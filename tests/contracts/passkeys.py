from dataclasses import replace

import pytest

from monitor.domain.accounts.actors import UserId
from monitor.domain.accounts.errors import PasskeyExists
from monitor.domain.errors import ConstraintViolated
from tests.contracts.builders import (
    AT,
    HOSTILE,
    SECOND,
    a_passkey,
    actor_of,
    stored_passkey,
    stored_session,
    stored_user,
)
from tests.contracts.threads import at_once, until_no_conflict

FULL = {
    "credential_id": bytes(range(256)) * 3 + b"z" * 255,
    "public_key": bytes(range(256)) * 8,
    "sign_count": 2**32 - 1,
    "transports": ("ble", "hybrid", "internal", "nfc", "usb"),
    "last_used_at": AT + SECOND,
    "cloned_at": AT + 2 * SECOND,
}


class PasskeysContract:
    @pytest.mark.parametrize("changes", [{}, FULL])
    def test_a_passkey_is_stored_as_it_is(self, new_uow, queries, changes):
        user = stored_user(new_uow)
        passkey = stored_passkey(new_uow, user.id, **changes)
        assert passkey == a_passkey(user.id, id=passkey.id, **changes)
        with new_uow() as uow:
            assert uow.passkeys.by_credential(passkey.credential_id) == passkey
            assert uow.passkeys.of_user(user.id) == [passkey]
        assert queries.users.passkeys(actor_of(user)) == [passkey]

    def test_any_name_can_be_stored(self, new_uow, queries):
        user = stored_user(new_uow)
        names = [name for name in HOSTILE if "\u200d" not in name]
        for name in names:
            stored_passkey(new_uow, user.id, name)
        assert [passkey.name for passkey in queries.users.passkeys(actor_of(user))] == names

    def test_users_see_only_their_own(self, new_uow, queries):
        alice, bob = stored_user(new_uow, "alice"), stored_user(new_uow, "bob")
        first = stored_passkey(new_uow, alice.id, "laptop")
        stored_passkey(new_uow, bob.id, "key")
        second = stored_passkey(new_uow, alice.id, "phone")
        assert queries.users.passkeys(actor_of(alice)) == [first, second]
        with new_uow() as uow:
            assert uow.passkeys.of_user(alice.id) == [first, second]

    @pytest.mark.parametrize("owner", ["alice", "bob"])
    def test_a_credential_belongs_to_one_passkey(self, new_uow, owner):
        ids = {name: stored_user(new_uow, name).id for name in ("alice", "bob")}
        stored_passkey(new_uow, ids["alice"], "laptop")
        with new_uow() as uow, pytest.raises(PasskeyExists):
            uow.passkeys.add(a_passkey(ids[owner], "another", credential_id=b"laptop"))

    def test_credentials_differ_by_each_bit_and_by_length(self, new_uow):
        user = stored_user(new_uow)
        known = [b"a", b"A", b"a ", b"a\0", b"\0a", b"a" * 1023, b"a" * 1022]
        stored = [stored_passkey(new_uow, user.id, credential_id=each) for each in known]
        with new_uow() as uow:
            assert [uow.passkeys.by_credential(each) for each in known] == stored
            assert uow.passkeys.by_credential(b"b") is None

    def test_nobodys_passkey_is_refused(self, new_uow):
        with new_uow() as uow, pytest.raises(ConstraintViolated):
            uow.passkeys.add(a_passkey(UserId(4711)))

    def test_save_replaces_a_passkey_and_adds_none(self, new_uow):
        user = stored_user(new_uow)
        kept, removed = (stored_passkey(new_uow, user.id, name) for name in ("laptop", "phone"))
        used = replace(kept, sign_count=7, last_used_at=AT + SECOND)
        with new_uow() as uow:
            uow.passkeys.delete(removed.id)
            uow.passkeys.delete(removed.id)
            uow.passkeys.save(replace(removed, sign_count=7))
            uow.passkeys.save(used)
            uow.commit()
        with new_uow() as uow:
            assert uow.passkeys.of_user(user.id) == [used]
            assert uow.passkeys.by_credential(removed.credential_id) is None

    def test_delete_all_deletes_those_of_one_user(self, new_uow):
        alice, bob = stored_user(new_uow, "alice"), stored_user(new_uow, "bob")
        for name in ("laptop", "phone"):
            stored_passkey(new_uow, alice.id, name)
        kept = stored_passkey(new_uow, bob.id, "key")
        with new_uow() as uow:
            assert uow.passkeys.delete_all(alice.id) == 2
            assert uow.passkeys.delete_all(alice.id) == 0
            uow.commit()
        with new_uow() as uow:
            assert (uow.passkeys.of_user(alice.id), uow.passkeys.of_user(bob.id)) == ([], [kept])

    def test_one_that_is_copied_is_no_second_factor(self, new_uow, queries):
        user = stored_user(new_uow)
        session = stored_session(new_uow, user.id)
        for cloned_at, count in ((AT, 0), (None, 1)):
            stored_passkey(new_uow, user.id, f"passkey {count}", cloned_at=cloned_at)
            owner = queries.users.session_owner(user.id, session.id, AT)
            assert owner.has_second_factor == (count > 0)
            with new_uow() as uow:
                assert uow.factors.of(user.id).passkeys == count

    def test_passkeys_go_with_their_user(self, new_uow):
        user = stored_user(new_uow)
        passkey = stored_passkey(new_uow, user.id)
        with new_uow() as uow:
            uow.users.delete(user.id)
            uow.commit()
        with new_uow() as uow:
            assert uow.passkeys.by_credential(passkey.credential_id) is None

    def test_of_two_parallel_uses_each_sees_what_the_other_wrote(self, new_uow):
        user = stored_user(new_uow)
        passkey = stored_passkey(new_uow, user.id)

        def use() -> None:
            with new_uow() as uow:
                found = uow.passkeys.by_credential(passkey.credential_id)
                uow.passkeys.save(replace(found, sign_count=found.sign_count + 1))
                uow.commit()

        at_once(*[lambda: until_no_conflict(use)] * 4)
        with new_uow() as uow:
            assert [found.sign_count for found in uow.passkeys.of_user(user.id)] == [4]
