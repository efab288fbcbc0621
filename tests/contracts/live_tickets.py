import pytest

from monitor.application.accounts.authentication import NEVER
from monitor.application.accounts.credentials import AccessClaims
from monitor.domain.accounts.actors import PersonalTokenId, SessionId
from monitor.domain.accounts.sessions import token_digest
from tests.contracts.builders import AT, SECOND, NewUow, some_claims, stored_user
from tests.contracts.threads import at_once, until_no_conflict

DIGEST = token_digest("ticket")


def issued(new_uow: NewUow, digest: bytes = DIGEST) -> AccessClaims:
    """Add a ticket that works for 30 s."""
    user = stored_user(new_uow)
    claims = some_claims(user_id=user.id, session_id=SessionId("s" * 43), token_version=2**31 - 1)
    with new_uow() as uow:
        uow.live_tickets.add(digest, claims, AT + 30 * SECOND)
        uow.commit()
    return claims


class LiveTicketsContract:
    def test_a_ticket_gives_its_claims_once(self, new_uow):
        claims = issued(new_uow)
        with new_uow() as uow:
            assert uow.live_tickets.take(DIGEST, AT) == claims
            assert uow.live_tickets.take(DIGEST, AT) is None
            uow.commit()
        with new_uow() as uow:
            assert uow.live_tickets.take(DIGEST, AT) is None

    def test_it_keeps_the_personal_token_of_its_claims(self, new_uow):
        claims = some_claims(session_id=SessionId(""), token_id=PersonalTokenId(2**31 - 1), expires_at=NEVER)
        with new_uow() as uow:
            uow.live_tickets.add(DIGEST, claims, AT + 30 * SECOND)
            assert uow.live_tickets.take(DIGEST, AT) == claims

    def test_an_unknown_ticket_gives_nothing(self, new_uow):
        issued(new_uow)
        with new_uow() as uow:
            assert uow.live_tickets.take(token_digest("another"), AT) is None

    @pytest.mark.parametrize(("seconds", "is_valid"), [(0, True), (29, True), (30, False), (31, False)])
    def test_a_ticket_expires(self, new_uow, seconds, is_valid):
        claims = issued(new_uow)
        with new_uow() as uow:
            assert uow.live_tickets.take(DIGEST, AT + seconds * SECOND) == (claims if is_valid else None)

    def test_a_rollback_restores_the_ticket(self, new_uow):
        claims = issued(new_uow)
        with new_uow() as uow:
            uow.live_tickets.take(DIGEST, AT)
        with new_uow() as uow:
            assert uow.live_tickets.take(DIGEST, AT) == claims

    def test_delete_expired_keeps_valid_tickets(self, new_uow):
        claims = issued(new_uow)
        with new_uow() as uow:
            uow.live_tickets.add(token_digest("later"), claims, AT + 31 * SECOND)
            uow.live_tickets.delete_expired(AT + 30 * SECOND)
            uow.commit()
        with new_uow() as uow:
            assert uow.live_tickets.take(DIGEST, AT) is None
            assert uow.live_tickets.take(token_digest("later"), AT) == claims

    def test_of_two_parallel_uses_one_succeeds(self, new_uow):
        claims, taken = issued(new_uow), []

        def take() -> None:
            with new_uow() as uow:
                got = uow.live_tickets.take(DIGEST, AT)
                uow.commit()
            taken.append(got)

        at_once(*[lambda: until_no_conflict(take)] * 2)
        assert sorted(taken, key=bool) == [None, claims]
