from datetime import timedelta

import pytest

from monitor.domain.accounts.limits import GuessKind
from tests.contracts.builders import AT, HOSTILE, SECOND, a_guess

LOGIN, DEVICE = GuessKind.LOGIN, GuessKind.DEVICE


class LoginAttemptsContract:
    def test_attempts_are_found_by_account_and_by_source_oldest_first(self, new_uow):
        with new_uow() as uow:
            for seconds, name, address in [(9, "alice", "a"), (3, "alice", "b"), (6, "bob", "a"), (3, "alice", "a")]:
                uow.login_attempts.add(a_guess(name, address), AT + seconds * SECOND)
            uow.commit()
        with new_uow() as uow:
            by_name, by_address = uow.login_attempts.of_account, uow.login_attempts.of_source
            assert by_name(LOGIN, "alice", AT) == [AT + n * SECOND for n in (3, 3, 9)]
            assert by_address(LOGIN, "a", AT) == [AT + n * SECOND for n in (3, 6, 9)]
            assert by_name(LOGIN, "carol", AT) == []
            assert by_address(LOGIN, "c", AT) == []

    def test_kinds_are_counted_separately(self, new_uow):
        with new_uow() as uow:
            uow.login_attempts.add(a_guess("1", "a", kind=DEVICE), AT)
            uow.login_attempts.add(a_guess("device", "1"), AT)
            uow.commit()
        with new_uow() as uow:
            by_account, by_source = uow.login_attempts.of_account, uow.login_attempts.of_source
            assert by_account(LOGIN, "1", AT) == by_source(LOGIN, "a", AT) == by_source(DEVICE, "1", AT) == []
            assert by_account(DEVICE, "1", AT) == by_source(DEVICE, "a", AT) == [AT]

    def test_since_is_included(self, new_uow):
        with new_uow() as uow:
            for seconds in (0, 1, 2):
                uow.login_attempts.add(a_guess("alice", "a"), AT + seconds * SECOND)
            assert uow.login_attempts.of_account(LOGIN, "alice", AT + SECOND) == [AT + SECOND, AT + 2 * SECOND]
            assert uow.login_attempts.of_source(LOGIN, "a", AT + 2 * SECOND) == [AT + 2 * SECOND]

    def test_forgive_deletes_one_attempt(self, new_uow):
        with new_uow() as uow:
            first = uow.login_attempts.add(a_guess("alice", "a"), AT)
            second = uow.login_attempts.add(a_guess("alice", "a"), AT)
            assert first != second
            uow.commit()
        with new_uow() as uow:
            uow.login_attempts.forgive(first)
            uow.login_attempts.forgive(first)
            assert uow.login_attempts.of_account(LOGIN, "alice", AT) == [AT]
            uow.login_attempts.forgive(second)
            assert uow.login_attempts.of_source(LOGIN, "a", AT) == []

    def test_delete_before_keeps_that_moment_and_later(self, new_uow):
        with new_uow() as uow:
            for seconds in (0, 1, 2):
                uow.login_attempts.add(a_guess("alice", "a"), AT + seconds * SECOND)
            uow.login_attempts.delete_before(AT + SECOND)
            uow.commit()
        with new_uow() as uow:
            kept = uow.login_attempts.of_account(LOGIN, "alice", AT - timedelta(days=1))
            assert kept == [AT + SECOND, AT + 2 * SECOND]

    @pytest.mark.parametrize("name", HOSTILE)
    def test_typed_names_are_compared_exactly(self, new_uow, name):
        """There are no wildcards and no folding of case or accents."""
        with new_uow() as uow:
            uow.login_attempts.add(a_guess(name, f"{name}@"), AT)
            uow.login_attempts.add(a_guess("e\u0301", "x"), AT)
            uow.login_attempts.add(a_guess("E", "X"), AT)
            assert uow.login_attempts.of_account(LOGIN, name, AT) == [AT]
            assert uow.login_attempts.of_source(LOGIN, f"{name}@", AT) == [AT]
            assert uow.login_attempts.of_account(LOGIN, "e", AT) == []
            assert uow.login_attempts.of_account(LOGIN, "%", AT) == []

    def test_the_longest_names_fit(self, new_uow):
        """`LoginLimits` cuts both at 150 characters."""
        with new_uow() as uow:
            uow.login_attempts.add(a_guess("𝒳" * 150, "𝒳" * 150), AT)
            uow.commit()
        with new_uow() as uow:
            assert uow.login_attempts.of_account(LOGIN, "𝒳" * 150, AT) == [AT]
            assert uow.login_attempts.of_account(LOGIN, "𝒳" * 149, AT) == []
            assert uow.login_attempts.of_source(LOGIN, "𝒳" * 150, AT) == [AT]
