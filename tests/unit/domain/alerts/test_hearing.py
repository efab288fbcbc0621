"""Times in which reports could not reach this server do not make a host offline."""

from datetime import UTC, datetime, timedelta

import pytest

from monitor.domain.alerts.offline import GAPS_KEPT, Hearing

AT = datetime(2030, 1, 1, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


def proved(*seconds: float) -> Hearing:
    """From 0, with proofs at those *seconds*."""
    hearing = Hearing(since=AT, until=AT)
    for second in seconds:
        hearing = hearing.proved(at(second))
    return hearing


def deaf(hearing: Hearing, start: float, end: float) -> float:
    return hearing.deaf(at(start), at(end)).total_seconds()


def test_a_server_that_always_receives_reports_is_never_deaf() -> None:
    hearing = proved(*range(1, 100), 109)
    assert (AT, at(109), 0) == (hearing.since, hearing.until, deaf(hearing, 0, 109))


def test_time_after_the_last_proof_does_not_count() -> None:
    assert (40, 5, 0) == tuple(deaf(proved(10), *span) for span in [(0, 50), (45, 50), (2, 10)])


@pytest.mark.parametrize(
    ("start", "end", "seconds"), [(0, 40, 15), (20, 40, 5), (0, 15, 5), (12, 13, 1), (30, 40, 0), (0, 10, 0)]
)
def test_a_gap_between_two_proofs_counts_as_far_as_it_overlaps(start: float, end: float, seconds: float) -> None:
    assert seconds == deaf(proved(10, 25, 35, 40), start, end)


def test_gaps_add_up() -> None:
    assert 45 == deaf(proved(15, 20, 35, 40, 55, 60), 0, 60)


def test_after_a_long_gap_all_hosts_get_their_full_time_again() -> None:
    """Agents pause before they try again."""
    hearing = proved(1, 21.001)
    assert (at(21.001), ()) == (hearing.since, hearing.gaps)
    assert AT == proved(1, 21).since


@pytest.mark.parametrize(("second", "since"), [(-0.5, 100), (-9, 100), (-11, 0)])
def test_a_clock_that_is_set_back(second: float, since: float) -> None:
    """A small step changes nothing; after a large one, earlier proofs are not used."""
    hearing = Hearing(since=AT, until=at(100)).proved(at(100 + second))
    assert (AT, at(100)) == (hearing.since, hearing.until) if since else hearing.since == at(89)


def test_many_gaps_are_forgotten_with_all_that_was_before() -> None:
    hearing = proved(*range(11, 11 * (GAPS_KEPT + 3), 11))
    assert (GAPS_KEPT, at(22)) == (len(hearing.gaps), hearing.since)
