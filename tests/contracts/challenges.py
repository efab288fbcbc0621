import pytest

from monitor.domain.accounts.actors import UserId
from monitor.domain.accounts.sessions import Challenge, Purpose, token_digest
from tests.contracts.builders import AT, SECOND, NewUow
from tests.contracts.threads import at_once, until_no_conflict

DIGEST = token_digest("challenge")
CHALLENGE = Challenge(
    digest=DIGEST, purpose=Purpose.SSO, expires_at=AT + 30 * SECOND, user_id=UserId(7), data={"next": "/a b?c=\u00e9"}
)


def added(new_uow: NewUow, challenge: Challenge = CHALLENGE) -> None:
    with new_uow() as uow:
        uow.challenges.add(challenge)
        uow.commit()


class ChallengesContract:
    def test_a_challenge_is_good_once(self, new_uow):
        added(new_uow)
        with new_uow() as uow:
            assert uow.challenges.take(DIGEST, Purpose.SSO, AT) == CHALLENGE
            uow.commit()
        with new_uow() as uow:
            assert uow.challenges.take(DIGEST, Purpose.SSO, AT) is None

    def test_it_is_worth_nothing_for_another_purpose(self, new_uow):
        added(new_uow)
        with new_uow() as uow:
            assert uow.challenges.take(DIGEST, Purpose.LINK, AT) is None
            assert uow.challenges.take(DIGEST, Purpose.SSO, AT) == CHALLENGE

    def test_an_unknown_one_gives_nothing(self, new_uow):
        added(new_uow)
        with new_uow() as uow:
            assert uow.challenges.take(token_digest("another"), Purpose.SSO, AT) is None

    @pytest.mark.parametrize(("seconds", "is_valid"), [(0, True), (29, True), (30, False), (31, False)])
    def test_it_expires(self, new_uow, seconds, is_valid):
        added(new_uow)
        with new_uow() as uow:
            found = uow.challenges.take(DIGEST, Purpose.SSO, AT + seconds * SECOND)
            assert found == (CHALLENGE if is_valid else None)

    def test_delete_expired_keeps_valid_ones(self, new_uow):
        added(new_uow)
        with new_uow() as uow:
            uow.challenges.delete_expired(AT + 29 * SECOND)
            uow.commit()
        with new_uow() as uow:
            assert uow.challenges.take(DIGEST, Purpose.SSO, AT) == CHALLENGE
            uow.challenges.add(CHALLENGE)
            uow.challenges.delete_expired(AT + 30 * SECOND)
            assert uow.challenges.take(DIGEST, Purpose.SSO, AT) is None

    def test_of_two_parallel_uses_one_succeeds(self, new_uow):
        added(new_uow)
        taken = []

        def take() -> None:
            with new_uow() as uow:
                got = uow.challenges.take(DIGEST, Purpose.SSO, AT)
                uow.commit()
            taken.append(got)

        at_once(*[lambda: until_no_conflict(take)] * 2)
        assert sorted(taken, key=bool) == [None, CHALLENGE]
