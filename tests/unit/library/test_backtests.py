"""The engine on one's own data finds what it finds live."""

from datetime import UTC, datetime, timedelta
from math import nan
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

import monitor
from monitor.errors import InvalidInput

START = datetime(2030, 1, 1, tzinfo=UTC)
at_once = monitor.Threshold("cpu", warning=70, critical=90, sustained_for=timedelta(0), clear_for=timedelta(0))
minute = monitor.Threshold("cpu", warning=70, critical=90, sustained_for=timedelta(minutes=1))


@given(
    st.sampled_from([at_once, minute]),
    st.lists(st.tuples(st.sampled_from([15, 15, 15, 30, 400]), st.sampled_from([5.0, 71.0, 95.0])), max_size=40),
)
def test_it_finds_what_is_found_live(policy: monitor.Threshold, history: list[tuple[int, float]]) -> None:
    clock = monitor.FixedClock(START)
    times, values = [], []
    with monitor.in_memory(clock=clock) as core:
        core.policies.add(policy)
        core.servers.add("web", "192.0.2.1")
        for pause, cpu in history:
            clock.advance(pause)
            times.append(clock.now())
            values.append(cpu)
            core.record("web", cpu=cpu, memory=1, disk=1)
        live = [(a.fired_at, a.resolved_at, a.peak_level, a.peak_value) for a in reversed(core.alerts.list())]
    found = [(a.fired_at, a.ended_at, a.level, a.value) for a in monitor.backtest(policy, times, values)]
    assert live == found


def test_times_are_datetimes_or_seconds_and_values_may_be_missing() -> None:
    seconds = [START.timestamp() + 15 * n for n in range(6)]
    values = [10, 95, None, nan, 96, 10]
    by_seconds = monitor.backtest(at_once, seconds, values, interval=15)
    by_datetimes = monitor.backtest(
        at_once, [datetime.fromtimestamp(each, UTC) for each in seconds], values, interval=15
    )
    assert by_seconds == by_datetimes
    assert [(96.0, START + timedelta(seconds=15))] == [(each.value, each.fired_at) for each in by_seconds]
    assert [] == monitor.backtest(at_once, [], [])


def test_forecasts_and_silence_are_found_too() -> None:
    times = [START + timedelta(minutes=n) for n in range(24 * 60)]
    filling = monitor.Forecast("disk", warning=100, sustained_for=timedelta(0))
    assert 1 == len(monitor.backtest(filling, times, [20 + n / 24 for n in range(len(times))]))
    [silent] = monitor.backtest(monitor.Offline(), times[:600] + times[700:], [1.0] * (len(times) - 100))
    assert times[700] == silent.ended_at


@pytest.mark.parametrize(
    ("times", "values", "field"),
    [
        ([0, 15], [1], "values"),
        ([15, 0], [1, 2], "times"),
        ([0, 15], [1, "x"], "values"),
        ([0, "x"], [1, 2], "times"),
        ([datetime(2030, 1, 1)], [1], "times"),  # noqa: DTZ001 (what is refused)
        ([nan], [1], "times"),
        ([1e300], [1], "times"),
    ],
)
def test_what_is_wrong_is_named(times: list[object], values: list[object], field: str) -> None:
    with pytest.raises(InvalidInput, match=field):
        monitor.backtest(at_once, times, values)


def test_a_long_history_is_read_at_once() -> None:
    random = Random(7)  # noqa: S311 (the same each time)
    times = range(0, 15 * 100_000, 15)
    values = [random.gauss(40, 5) for _ in times]
    assert [] == monitor.backtest(at_once, times, values)
