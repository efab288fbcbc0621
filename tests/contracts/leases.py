from datetime import timedelta

from tests.contracts.builders import AT, SECOND, NewUow
from tests.contracts.threads import at_once, until_no_conflict

TTL = timedelta(seconds=30)


def acquired(new_uow: NewUow, holder: str, seconds: float, name: str = "job") -> int | None:
    """As committed at *seconds* after the beginning."""
    with new_uow() as uow:
        token = uow.leases.acquire(name, holder, AT + seconds * SECOND, TTL)
        uow.commit()
    return token


def taken_over(new_uow: NewUow, holder: str, seconds: float) -> int:
    token = acquired(new_uow, holder, seconds)
    assert token is not None
    return token


class LeasesContract:
    def test_only_one_holds_it(self, new_uow):
        assert acquired(new_uow, "a", 0) is not None
        assert acquired(new_uow, "b", 0) is None
        assert acquired(new_uow, "b", 29) is None

    def test_renewing_keeps_the_token_and_prolongs(self, new_uow):
        token = acquired(new_uow, "a", 0)
        assert acquired(new_uow, "a", 20) == token
        assert acquired(new_uow, "b", 45) is None
        assert acquired(new_uow, "a", 49) == token

    def test_a_refused_one_does_not_prolong(self, new_uow):
        acquired(new_uow, "a", 0)
        acquired(new_uow, "b", 29)
        assert acquired(new_uow, "b", 31) is not None

    def test_each_takeover_raises_the_token(self, new_uow):
        tokens = [taken_over(new_uow, holder, 31 * n) for n, holder in enumerate("abacb")]
        assert tokens == sorted(set(tokens))

    def test_a_late_renewal_finds_the_lease_taken(self, new_uow):
        old, new = taken_over(new_uow, "a", 0), taken_over(new_uow, "b", 31)
        assert acquired(new_uow, "a", 32) is None
        assert new > old

    def test_leases_of_other_names_are_apart(self, new_uow):
        assert acquired(new_uow, "a", 0, "one") is not None
        assert acquired(new_uow, "b", 0, "two") is not None
        assert acquired(new_uow, "b", 1, "one") is None

    def test_a_lease_that_was_not_committed_is_free(self, new_uow):
        with new_uow() as uow:
            assert uow.leases.acquire("job", "a", AT, TTL) is not None
        assert acquired(new_uow, "b", 1) is not None

    def test_a_freed_lease_may_be_taken_over(self, new_uow):
        """Other leases stay."""
        old = taken_over(new_uow, "a", 0)
        assert acquired(new_uow, "a", 0, "two") is not None
        assert acquired(new_uow, "b", 0, "three") is not None
        with new_uow() as uow:
            uow.leases.free("a")
            uow.leases.free("nobody")
            uow.commit()
        assert taken_over(new_uow, "c", 1) > old
        assert acquired(new_uow, "c", 1, "two") is not None
        assert acquired(new_uow, "c", 1, "three") is None

    def test_of_many_simultaneous_requests_one_gets_it(self, new_uow):
        tokens: list[int | None] = []

        def take(holder: str) -> None:
            tokens.append(acquired(new_uow, holder, 0))

        at_once(*(lambda holder=holder: until_no_conflict(lambda: take(holder)) for holder in "abcd"))
        assert len([token for token in tokens if token is not None]) == 1
