"""A ticket replaces an access token once, within 30 seconds."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from monitor.application.accounts.credentials import AccessClaims
from monitor.domain.errors import Unauthenticated
from tests.unit.application.core import ORIGIN, PASSWORD, Core


@pytest.fixture
def claims(core: Core, ann) -> AccessClaims:
    return core.authenticate(core.log_in("ann", PASSWORD, ORIGIN).access_token, "").claims


def test_it_works_once(core: Core, claims) -> None:
    ticket = core.live_tickets.issue(claims)
    assert core.live_tickets.redeem(ticket) == claims
    with pytest.raises(Unauthenticated):
        core.live_tickets.redeem(ticket)


@pytest.mark.parametrize(("after", "good"), [(29.999, True), (30, False), (3600, False)])
def test_it_works_for_30_seconds(core: Core, claims, after: float, good: bool) -> None:
    ticket = core.live_tickets.issue(claims)
    core.clock.advance(after)
    if good:
        assert core.live_tickets.redeem(ticket) == claims
    else:
        with pytest.raises(Unauthenticated):
            core.live_tickets.redeem(ticket)


@pytest.mark.parametrize("ticket", ["", "made up", "é"])
def test_an_unknown_ticket_is_refused(core: Core, ticket: str) -> None:
    with pytest.raises(Unauthenticated):
        core.live_tickets.redeem(ticket)


def test_tickets_differ(core: Core, claims) -> None:
    tickets = [core.live_tickets.issue(claims) for _ in range(3)]
    assert len(set(tickets)) == 3
    assert [core.live_tickets.redeem(ticket) for ticket in reversed(tickets)] == [claims] * 3


def test_any_process_accepts_it(core: Core, claims) -> None:
    assert core.other_process().live_tickets.redeem(core.live_tickets.issue(claims)) == claims


def test_the_session_is_checked_at_its_use(core: Core, ann, claims) -> None:
    ticket = core.live_tickets.issue(claims)
    core.log_out(ann)
    with pytest.raises(Unauthenticated):
        core.authenticate.by_claims(core.live_tickets.redeem(ticket), "")


def test_of_many_parallel_uses_one_succeeds(core: Core, claims: AccessClaims) -> None:
    def redeem(_: int) -> bool:
        barrier.wait()
        try:
            return core.live_tickets.redeem(ticket) == claims
        except Unauthenticated:
            return False

    ticket, barrier = core.live_tickets.issue(claims), threading.Barrier(8)
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(redeem, range(8))) == 1
