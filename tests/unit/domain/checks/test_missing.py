"""A job is missed once its grace has passed, and never for a time in which this server was deaf."""

from datetime import datetime, timedelta

import pytest

from monitor.domain.alerts.offline import Hearing
from monitor.domain.checks.missing import missed_at
from tests.contracts.builders import AT, MICROSECOND, SECOND

GRACE = 10 * SECOND
PERIOD = 60 * SECOND
LONG_AGO = AT - timedelta(days=1)


def missed(
    now: datetime,
    since: datetime = LONG_AGO,
    hearing: Hearing | None = None,
    period: timedelta = PERIOD,
    excused_at: datetime | None = None,
) -> bool:
    """Due at AT, and every minute after that which is asked for."""
    excused_at = now if excused_at is None else excused_at
    at = missed_at(AT, GRACE, lambda at: at + period, excused_at=excused_at, listening_since=since, hearing=hearing)
    return at <= now


def heard(until: datetime, *gaps: tuple[datetime, datetime], since: datetime = LONG_AGO) -> Hearing:
    return Hearing(since=since, until=until, gaps=gaps)


def test_it_is_missed_once_its_grace_has_passed() -> None:
    assert not missed(AT + GRACE - MICROSECOND)
    assert missed(AT + GRACE)


def test_what_was_due_while_the_server_was_away_is_not_missed_until_it_is_due_again() -> None:
    """A job does not ping again, so that one which came meanwhile is lost."""
    started = AT + 5 * SECOND
    assert not missed(AT + 1000 * SECOND, since=AT + 1000 * SECOND)
    assert not missed(started + PERIOD + GRACE - MICROSECOND, since=started)
    assert missed(started + PERIOD + GRACE, since=started)


def test_a_start_before_it_is_due_changes_nothing() -> None:
    assert missed(AT + GRACE, since=AT)


@pytest.mark.parametrize(
    ("begin", "end", "excused"),
    [(-30, 0, False), (-30, 1, True), (2, 8, True), (9, 30, True), (10, 30, False), (-30, 50, True)],
)
def test_a_gap_while_it_is_due_excuses_it_once(begin: int, end: int, excused: bool) -> None:
    gap = AT + begin * SECOND, AT + end * SECOND
    assert missed(AT + 55 * SECOND, hearing=heard(AT + 55 * SECOND, gap)) is not excused
    late = gap[1] + PERIOD + GRACE
    assert missed(late, hearing=heard(late, gap))


def test_gap_after_gap_excuses_it_again() -> None:
    gaps = [(AT + n * 65 * SECOND, AT + (n * 65 + 5) * SECOND) for n in range(4)]
    end = gaps[-1][1] + PERIOD + GRACE
    assert not missed(end - MICROSECOND, hearing=heard(end, *gaps))
    assert missed(end, hearing=heard(end, *gaps))


def test_hearing_that_begins_anew_counts_like_a_start() -> None:
    assert not missed(AT + 60 * SECOND, hearing=heard(AT + 60 * SECOND, since=AT + SECOND))


def test_one_that_runs_rarely_is_excused_for_a_day_and_not_until_it_is_due_again() -> None:
    started, month = AT + 5 * SECOND, timedelta(days=30)
    end = AT + GRACE + timedelta(days=1) + GRACE
    assert not missed(end - MICROSECOND, since=started, period=month, excused_at=AT + GRACE)
    assert missed(end, since=started, period=month, excused_at=AT + GRACE)


def test_starts_that_do_not_end_excuse_no_longer_than_a_day() -> None:
    first = AT + 2000 * SECOND  # it was away for longer than the job's time
    end = first + timedelta(days=1) + GRACE
    assert not missed(end - MICROSECOND, since=end - SECOND, excused_at=first)
    assert missed(end, since=end - SECOND, excused_at=first)


def test_an_old_excuse_shortens_no_grace() -> None:
    assert not missed(AT + GRACE - MICROSECOND, excused_at=AT - timedelta(days=9))
