from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.checks.schedule import MISSED_AFTER, DueCheck, after_run, due_again, next_due, plan
from monitor.domain.fleet.servers import ServerId
from tests.contracts.builders import AT, MICROSECOND, SECOND

IDS = st.integers(1, 2**31 - 1).map(ServerId)
INTERVALS = st.one_of(st.floats(10, 86_400), st.sampled_from([10.0, 60.0, 86_400.0]))


@given(IDS, INTERVALS, st.integers(0, 10**12))
def test_points_are_an_interval_apart_whenever_one_asks(check_id: ServerId, interval: float, later: int) -> None:
    now = AT + later * MICROSECOND
    due = next_due(check_id, interval, now)
    span = timedelta(microseconds=round(interval * 1_000_000))
    assert now < due <= now + span
    assert due == next_due(check_id, interval, due - MICROSECOND)
    assert due + span == next_due(check_id, interval, due)


def test_checks_are_spread_over_the_interval() -> None:
    counts = [0] * 60
    for number in range(1, 2001):
        counts[int((next_due(ServerId(number), 60, AT) - AT).total_seconds()) % 60] += 1
    assert 30 <= min(counts)
    assert max(counts) <= 37


@given(IDS, INTERVALS)
def test_runs_are_at_least_half_an_interval_apart(check_id: ServerId, interval: float) -> None:
    """Else two failures would not count as in a row. In turn they are one interval apart, also if one comes late."""
    span = timedelta(seconds=interval)
    assert AT + span / 2 < after_run(check_id, interval, AT) <= AT + span * 3 / 2 + MICROSECOND
    due = next_due(check_id, interval, AT)
    for late in (0 * MISSED_AFTER, MISSED_AFTER):
        assert next_due(check_id, interval, due) == after_run(check_id, interval, due + late)
    assert due + MISSED_AFTER + span / 2 < next_due(check_id, interval, due)


@given(IDS, INTERVALS)
def test_a_missed_run_comes_within_a_minute(check_id: ServerId, interval: float) -> None:
    assert AT < due_again(check_id, interval, AT) <= AT + timedelta(minutes=1)


def due(number: int, at: datetime = AT, *, is_failing: bool = False) -> DueCheck:
    return DueCheck(ServerId(number), at, 60.0, 10.0, is_failing)


def test_a_run_that_is_late_is_moved_and_not_run() -> None:
    late, in_time = due(1, AT - MISSED_AFTER - MICROSECOND), due(2, AT - MISSED_AFTER)
    planned = plan([late, in_time], AT, 10, 10)
    assert [in_time] == planned.runs
    assert {late.id: next_due(late.id, 60, AT), in_time.id: after_run(in_time.id, 60, AT)} == planned.due


def test_failing_ones_leave_room_for_others() -> None:
    waiting = [due(n, is_failing=n < 5) for n in range(1, 9)]
    planned = plan(waiting, AT + SECOND, 4, 2)
    assert [1, 2, 5, 6] == [check.id for check in planned.runs]
    assert {1, 2, 5, 6} == planned.due.keys()
    assert [] == plan(waiting[:4], AT, 4, 0).runs
