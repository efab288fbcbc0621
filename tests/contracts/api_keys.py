from dataclasses import replace

import pytest

from monitor.domain.errors import ConstraintViolated, NotFound
from monitor.domain.fleet.api_keys import ApiKeyId, digest
from monitor.domain.fleet.servers import ServerId
from tests.contracts.builders import (
    ADMIN,
    AT,
    HOSTILE,
    NOBODY,
    SECOND,
    a_key,
    actor_of,
    stored_key,
    stored_server,
    stored_user,
)

UNKNOWN = ApiKeyId(1_000_000)


class ApiKeysContract:
    @pytest.mark.parametrize("name", HOSTILE)
    def test_an_added_key_is_read_back_equal(self, new_uow, name):
        user, server = stored_user(new_uow), stored_server(new_uow)
        key = stored_key(
            new_uow, name, digest=digest("mk_secret"), prefix="mk_secret…", server_id=server.id, owner_id=user.id
        )
        assert key.id > 0
        with new_uow() as uow:
            assert uow.api_keys.get(key.id, changed_by=ADMIN) == key

    def test_a_fleet_key_has_no_server(self, new_uow):
        key = stored_key(new_uow)
        with new_uow() as uow:
            assert uow.api_keys.get(key.id, changed_by=ADMIN) == key

    def test_a_server_may_have_two_keys(self, new_uow):
        """For rotation; they may even have the same name."""
        server = stored_server(new_uow)
        keys = [stored_key(new_uow, "key", digest=digest(text), server_id=server.id) for text in ("one", "two")]
        with new_uow() as uow:
            assert [uow.api_keys.get(key.id, changed_by=ADMIN) for key in keys] == keys

    def test_a_key_for_a_server_that_is_gone_violates_a_constraint(self, new_uow):
        with pytest.raises(ConstraintViolated):
            stored_key(new_uow, server_id=ServerId(1_000_000))

    def test_get_shows_a_user_the_keys_of_servers_linked_to_them(self, new_uow):
        alice = stored_user(new_uow)
        server = stored_server(new_uow, "192.0.2.1", user_ids=frozenset({alice.id}))
        other = stored_server(new_uow, "192.0.2.2")
        seen = stored_key(new_uow, "seen", server_id=server.id)
        own = stored_key(new_uow, "own, yet of another server", server_id=other.id, owner_id=alice.id)
        fleet = stored_key(new_uow, "fleet", owner_id=alice.id)
        with new_uow() as uow:
            assert uow.api_keys.get(seen.id, changed_by=actor_of(alice)) == seen
            hidden = [(actor_of(alice), own), (actor_of(alice), fleet), (NOBODY, seen), (ADMIN, a_key(id=UNKNOWN))]
            for actor, key in hidden:
                with pytest.raises(NotFound):
                    uow.api_keys.get(key.id, changed_by=actor)

    def test_fleet_keys_of_shows_those_of_one_owner_and_no_server(self, new_uow):
        alice, bob, server = stored_user(new_uow, "alice"), stored_user(new_uow, "bob"), stored_server(new_uow)
        stored_key(new_uow, "a server's", server_id=server.id, owner_id=alice.id)
        hers = [stored_key(new_uow, name, owner_id=alice.id) for name in ("one", "two")]
        his, _ = stored_key(new_uow, "his", owner_id=bob.id), stored_key(new_uow, "nobody's")
        with new_uow() as uow:
            assert uow.api_keys.fleet_keys_of(alice.id) == hers
            assert uow.api_keys.fleet_keys_of(bob.id) == [his]

    def test_delete_removes_one_and_ignores_an_unknown_one(self, new_uow):
        key, kept = stored_key(new_uow, "one"), stored_key(new_uow, "two")
        with new_uow() as uow:
            uow.api_keys.delete(key.id)
            uow.api_keys.delete(UNKNOWN)
            uow.commit()
        with new_uow() as uow:
            assert uow.api_keys.get(kept.id, changed_by=ADMIN) == kept
            with pytest.raises(NotFound):
                uow.api_keys.get(key.id, changed_by=ADMIN)

    def test_last_use_is_stored_and_a_deleted_key_is_ignored(self, new_uow):
        one, two, unused = (stored_key(new_uow, name) for name in ("one", "two", "unused"))
        with new_uow() as uow:
            uow.api_keys.save_last_used({one.id: AT, two.id: AT + SECOND, UNKNOWN: AT})
            uow.api_keys.save_last_used({one.id: AT + 2 * SECOND})
            uow.api_keys.save_last_used({})
            uow.commit()
        with new_uow() as uow:
            expected = [
                replace(one, last_used_at=AT + 2 * SECOND),
                replace(two, last_used_at=AT + SECOND),
                unused,
            ]
            assert [uow.api_keys.get(key.id, changed_by=ADMIN) for key in (one, two, unused)] == expected
