from datetime import timedelta

import pytest

from tests.contracts.builders import AT, HOSTILE, SECOND


class LoginAttemptsContract:
    def test_attempts_are_found_by_name_and_by_address_oldest_first(self, new_uow):
        with new_uow() as uow:
            for seconds, name, address in [(9, "alice", "a"), (3, "alice", "b"), (6, "bob", "a"), (3, "alice", "a")]:
                uow.login_attempts.add(name, address, AT + seconds * SECOND)
            uow.commit()
        with new_uow() as uow:
            by_name, by_address = uow.login_attempts.of_username, uow.login_attempts.of_address
            assert by_name("alice", AT) == [AT + n * SECOND for n in (3, 3, 9)]
            assert by_address("a", AT) == [AT + n * SECOND for n in (3, 6, 9)]
            assert by_name("carol", AT) == []
            assert by_address("c", AT) == []

    def test_since_is_included(self, new_uow):
        with new_uow() as uow:
            for seconds in (0, 1, 2):
                uow.login_attempts.add("alice", "a", AT + seconds * SECOND)
            assert uow.login_attempts.of_username("alice", AT + SECOND) == [AT + SECOND, AT + 2 * SECOND]
            assert uow.login_attempts.of_address("a", AT + 2 * SECOND) == [AT + 2 * SECOND]

    def test_forgiving_takes_that_one_away(self, new_uow):
        with new_uow() as uow:
            first = uow.login_attempts.add("alice", "a", AT)
            second = uow.login_attempts.add("alice", "a", AT)
            assert first != second
            uow.commit()
        with new_uow() as uow:
            uow.login_attempts.forgive(first)
            uow.login_attempts.forgive(first)
            assert uow.login_attempts.of_username("alice", AT) == [AT]
            uow.login_attempts.forgive(second)
            assert uow.login_attempts.of_address("a", AT) == []

    def test_delete_before_keeps_that_moment_and_later(self, new_uow):
        with new_uow() as uow:
            for seconds in (0, 1, 2):
                uow.login_attempts.add("alice", "a", AT + seconds * SECOND)
            uow.login_attempts.delete_before(AT + SECOND)
            uow.commit()
        with new_uow() as uow:
            kept = uow.login_attempts.of_username("alice", AT - timedelta(days=1))
            assert kept == [AT + SECOND, AT + 2 * SECOND]

    @pytest.mark.parametrize("name", HOSTILE)
    def test_what_strangers_type_is_compared_as_it_is(self, new_uow, name):
        """No wildcard, no folding of case or accents: each guesses at one account."""
        with new_uow() as uow:
            uow.login_attempts.add(name, f"{name}@", AT)
            uow.login_attempts.add("e\u0301", "x", AT)
            uow.login_attempts.add("E", "X", AT)
            assert uow.login_attempts.of_username(name, AT) == [AT]
            assert uow.login_attempts.of_address(f"{name}@", AT) == [AT]
            assert uow.login_attempts.of_username("e", AT) == []
            assert uow.login_attempts.of_username("%", AT) == []

    def test_the_longest_names_fit(self, new_uow):
        """`LoginLimits` cuts both at 150 characters."""
        with new_uow() as uow:
            uow.login_attempts.add("𝒳" * 150, "𝒳" * 150, AT)
            uow.commit()
        with new_uow() as uow:
            assert uow.login_attempts.of_username("𝒳" * 150, AT) == [AT]
            assert uow.login_attempts.of_username("𝒳" * 149, AT) == []
            assert uow.login_attempts.of_address("𝒳" * 150, AT) == [AT]
