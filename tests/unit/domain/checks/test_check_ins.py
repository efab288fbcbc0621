"""What pings, pauses and changes make of a check-in."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.checks.check_ins import CLOCKS_DIFFER, LONGEST, CheckIn, CheckInState, Ping, PingKind
from monitor.domain.errors import InvalidInput
from monitor.domain.fleet.servers import ServerId
from tests.contracts.builders import AT, SECOND

NEW, UP, LATE, DOWN, PAUSED = CheckInState
SUCCESS, START, FAIL = PingKind
PERIOD = timedelta(seconds=60)
GRACE = timedelta(seconds=10)


def a_check_in(**changes: Any) -> CheckIn:
    return replace(CheckIn(name="backup", period=60.0, grace=10.0, created_at=AT), **changes)


def next_due(at: datetime) -> datetime:
    return at + PERIOD


def pinged(check_in: CheckIn, *pings: tuple[PingKind, float]) -> CheckIn:
    """*pings*: each with its seconds after AT."""
    for kind, seconds in pings:
        ping = Ping(at=AT + seconds * SECOND, kind=kind, address="192.0.2.1")
        check_in, _ = check_in.pinged(ping, next_due)
    return check_in


def test_a_success_is_up_until_the_next_is_due() -> None:
    found = pinged(a_check_in(), (SUCCESS, 0))
    assert (found.state, found.last_ping_at, found.pings) == (UP, AT, 1)
    assert (found.due_at, found.down_at) == (AT + PERIOD, AT + PERIOD + GRACE)


@pytest.mark.parametrize(("seconds", "state"), [(-1, UP), (59.999, UP), (60, LATE), (70, LATE), (7000, LATE)])
def test_it_is_late_from_the_moment_that_it_is_due_until_somebody_calls_it_missed(
    seconds: float, state: CheckInState
) -> None:
    assert pinged(a_check_in(), (SUCCESS, 0)).state_at(AT + seconds * SECOND) is state


def test_one_never_pinged_stays_new() -> None:
    assert a_check_in().state_at(AT + 1000 * PERIOD) is NEW
    assert pinged(a_check_in(), (START, 0)).state_at(AT + 1000 * PERIOD) is NEW


@pytest.mark.parametrize("before", [a_check_in(), pinged(a_check_in(), (SUCCESS, 0))])
def test_a_failure_is_down_at_once_until_a_success(before: CheckIn) -> None:
    down = pinged(before, (FAIL, 1))
    assert (down.state, down.down_at, down.was_missed) == (DOWN, None, False)
    assert pinged(down, (START, 2)).state is DOWN
    assert pinged(down, (START, 2), (SUCCESS, 3)).state is UP


def test_a_missed_one_says_when_it_was_expected() -> None:
    missed = pinged(a_check_in(), (SUCCESS, 0)).missed()
    assert (missed.state, missed.due_at, missed.was_missed) == (DOWN, AT + PERIOD, True)
    assert pinged(missed, (FAIL, 100)).was_missed is False
    assert pinged(missed, (SUCCESS, 100)).state is UP


def test_the_time_from_start_to_end_is_the_duration() -> None:
    started = pinged(a_check_in(), (START, 5))
    assert (started.started_at, started.last_duration) == (AT + 5 * SECOND, None)
    for end in (SUCCESS, FAIL):
        ended, ping = started.pinged(Ping(at=AT + 12.5 * SECOND, kind=end, address=""), next_due)
        assert (ended.started_at, ended.last_duration, ping.duration) == (None, 7.5, 7.5)
        assert pinged(ended, (SUCCESS, 20)).last_duration is None
    again = pinged(started, (START, 10), (SUCCESS, 12))
    assert again.last_duration == 2.0


def test_a_start_leaves_the_time_at_which_it_is_due() -> None:
    up = pinged(a_check_in(), (SUCCESS, 0))
    assert replace(pinged(up, (START, 30)), last_ping_at=AT, started_at=None, pings=1) == up


def test_a_paused_one_notes_pings_and_stays_paused() -> None:
    paused = pinged(a_check_in(), (SUCCESS, 0)).paused()
    assert (paused.state, paused.due_at, paused.down_at) == (PAUSED, None, None)
    for kind in PingKind:
        found = pinged(paused, (kind, 5))
        assert (found.state, found.due_at, found.pings) == (PAUSED, None, 2)
        assert found.last_ping_at == AT + 5 * SECOND


def test_a_resumed_one_is_new() -> None:
    resumed = pinged(a_check_in(), (START, 0)).paused().resumed()
    assert (resumed.state, resumed.due_at, resumed.started_at) == (NEW, None, None)
    up = pinged(a_check_in(), (SUCCESS, 0))
    assert up.resumed() is up


def test_pings_count_in_the_order_in_which_they_are_noted() -> None:
    """The clock of another process may be behind."""
    before = pinged(a_check_in(), (START, 10), (FAIL, 11))
    after, ping = before.pinged(Ping(at=AT + 8 * SECOND, kind=SUCCESS, address=""), next_due)
    assert (after.state, after.last_ping_at, ping.at, ping.number) == (UP, AT + 11 * SECOND, AT + 11 * SECOND, 3)
    assert pinged(before, (START, 12), (SUCCESS, 3)).last_duration == 0.0


def test_pings_under_a_clock_that_was_ahead_hold_back_no_later_one() -> None:
    ahead = pinged(a_check_in(), (SUCCESS, 30 * 86_400), (START, 30 * 86_400 + 1))
    found, ping = ahead.pinged(Ping(at=AT, kind=SUCCESS, address=""), next_due)
    assert (ping.at, ping.duration, found.last_ping_at, found.due_at) == (AT, None, AT, AT + PERIOD)
    a_little = pinged(a_check_in(), (SUCCESS, 60))
    assert pinged(a_little, (SUCCESS, 0)).last_ping_at == AT + 60 * SECOND


def test_another_timetable_gives_it_its_full_time_again() -> None:
    up, now = pinged(a_check_in(), (SUCCESS, 0)), AT + 3600 * SECOND
    wanted = a_check_in(name="dump", period=5.0, grace=1.0, host_id=ServerId(3))
    after = up.changed(wanted, lambda at: at + 5 * SECOND, now)
    assert (after.name, after.host_id, after.period, after.state) == ("dump", 3, 5.0, UP)
    assert (after.due_at, after.down_at) == (now + 5 * SECOND, now + 6 * SECOND)
    assert up.changed(a_check_in(name="dump"), next_due, now).down_at == up.down_at
    for state in (NEW, DOWN, PAUSED):
        assert replace(up, state=state).changed(wanted, next_due, now).down_at == up.down_at


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"period": None}, "period"),
        ({"schedule": "0 2 * * *"}, "period"),
        ({"period": 4.999}, "period"),
        ({"period": LONGEST + 1}, "period"),
        ({"period": float("nan")}, "period"),
        ({"period": float("inf")}, "period"),
        ({"grace": 0.999}, "grace"),
        ({"grace": -1.0}, "grace"),
        ({"name": " "}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"period": None, "schedule": "* * * *"}, "schedule"),
        ({"period": None, "schedule": "0 * * * * *"}, "schedule"),
        ({"period": None, "schedule": "@daily"}, "schedule"),
        ({"period": None, "schedule": "٥ * * * *"}, "schedule"),
        ({"period": None, "schedule": "0," * 100 + "0 * * * *"}, "schedule"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"timezone": ""}, "timezone"),
        ({"timezone": "U" * 5000}, "timezone"),
    ],
)
def test_what_is_no_check_in_is_refused(given: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        a_check_in(**given)
    assert [*refused.value.problems] == [field]


def test_all_that_is_wrong_with_a_check_in_is_said_at_once() -> None:
    with pytest.raises(InvalidInput) as refused:
        a_check_in(name=" ", period=1, grace=0)
    assert {"name", "period", "grace"} == refused.value.problems.keys()


def test_a_schedule_is_kept_with_single_spaces() -> None:
    assert a_check_in(period=None, schedule=" 0  2\t* * MON ").schedule == "0 2 * * MON"


KINDS = st.lists(st.tuples(st.sampled_from(PingKind), st.floats(-100, 1000)), max_size=30)


@given(KINDS)
def test_the_last_end_decides_and_no_time_goes_back_unless_far(pings: list[tuple[PingKind, float]]) -> None:
    check_in, times = a_check_in(), []
    for kind, seconds in pings:
        check_in, noted = check_in.pinged(Ping(at=AT + seconds * SECOND, kind=kind, address=""), next_due)
        times.append(noted.at)
        assert noted.duration is None or noted.duration >= 0
    assert all(earlier <= later or earlier - later > CLOCKS_DIFFER for earlier, later in pairwise(times))
    ends = [kind for kind, _ in pings if kind is not START]
    assert check_in.state is ({SUCCESS: UP, FAIL: DOWN}[ends[-1]] if ends else NEW)
    assert check_in.pings == len(pings)
