"""A backtest is the live engine on the same samples: what it passes over for speed changes nothing."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.alert_engine import SECOND, Change, Level, State, longest_gap, next_change, observe, rule_of
from monitor.domain.backtest import (
    Episode,
    episodes,
    firing_seconds,
    offline_episodes,
    per_day,
)
from monitor.domain.policies import Direction
from monitor.domain.servers import ServerId
from tests.unit.domain.test_alert_engine import CPU, policies, values

WEB = ServerId(1)
DAY = 86400 * SECOND
NOON = 21_990 * DAY + DAY // 2
OFFLINE_AFTER = timedelta(seconds=90)

steps = st.sampled_from([15, 15, 15, 15, 15, 45, 45.000001, 60, 60, 200, 0.000001, 40_000])
histories = st.lists(st.tuples(steps, values), max_size=80).map(
    lambda drawn: [
        (NOON + sum(round(step * SECOND) for step, _ in drawn[: index + 1]), value)
        for index, (_, value) in enumerate(drawn)
    ]
)
intervals = st.sampled_from([None, None, 15.0, 60.0])


def every_sample(policy, history, interval, times=None) -> list[Episode]:
    """Each sample through the engine, none passed over; an interval learned as intake does."""
    rule, state, found = rule_of(policy), State(), []
    times = [at for at, _ in history] if times is None else times
    for at, value in history:
        recent = [time for time in times if time <= at][-11:]
        gap = longest_gap(interval, [b - a for a, b in pairwise(recent)])
        state, event = observe(rule, state, at, value, gap)
        if event is None:
            continue
        match event.change:
            case Change.FIRED:
                found.append(Episode(server_id=WEB, level=event.level, fired_at=at, ended_at=None, value=value))
            case Change.ESCALATED:
                found[-1] = replace(found[-1], level=event.level, value=value)
            case Change.RESOLVED:
                found[-1] = replace(found[-1], ended_at=at)
    return found


@given(policies, histories, intervals)
def test_it_is_the_live_engine_on_every_sample(policy, history, interval):
    assert every_sample(policy, history, interval) == episodes(policy, WEB, history, interval)


@given(policies, histories, st.lists(st.booleans(), min_size=80, max_size=80))
def test_the_interval_of_a_metric_that_comes_and_goes_is_that_of_all_samples(policy, history, has_metric):
    times = [at for at, _ in history]
    own = [sample for sample, has in zip(history, has_metric, strict=False) if has]
    assert every_sample(policy, own, None, times) == episodes(policy, WEB, own, None, times)


@given(policies, histories, st.integers(0, 80))
def test_until_the_next_change_a_state_merely_goes_on(policy, history, cut):
    """Samples on the same side of every threshold as the last, before then and without a gap."""
    rule, state = rule_of(policy), State()
    for at, value in history[:cut]:
        state, _ = observe(rule, state, at, value, longest_gap(15.0, ()))
    if state.seen is None:
        return
    value, at = history[min(cut, len(history)) - 1][1], state.seen + 15 * SECOND
    after, event = observe(rule, state, at, value, longest_gap(15.0, ()))
    if at < next_change(rule, state):
        assert (after, event) == (state._replace(seen=at), None)


@given(policies, histories, intervals)
def test_days_and_seconds_are_counted(policy, history, interval):
    found = episodes(policy, WEB, history, interval)
    until = history[-1][0] + DAY if history else NOON
    days = Counter(datetime.fromtimestamp(e.fired_at // SECOND, UTC).date().isoformat() for e in found)
    assert dict(per_day(found)) == dict(days)
    assert per_day(found) == sorted(per_day(found))
    seconds = sum(((until if e.ended_at is None else e.ended_at) - e.fired_at) / SECOND for e in found)
    assert abs(firing_seconds(found, until) - seconds) < 1e-3


def test_below_is_a_direction_too():
    policy = replace(CPU, direction=Direction.BELOW, warning=20.0, critical=10.0, sustained_for=timedelta(0))
    history = [(NOON, 30.0), (NOON + 15 * SECOND, 20.0), (NOON + 30 * SECOND, 10.0)]
    assert episodes(policy, WEB, history, 15.0) == [
        Episode(server_id=WEB, level=Level.CRITICAL, fired_at=NOON + 15 * SECOND, ended_at=None, value=10.0)
    ]


def test_silences_longer_than_allowed_are_told_with_their_begin_and_end():
    times = [0, 15, 105, 195.000001, 210]
    history = [(NOON + round(at * SECOND), 1.0) for at in times]
    found = offline_episodes(WEB, history, 15.0, OFFLINE_AFTER, NOON + 300 * SECOND)
    assert [(195 * SECOND + NOON, round(195.000001 * SECOND) + NOON)] == [(e.fired_at, e.ended_at) for e in found]


def test_a_host_that_is_silent_now_is_so_without_an_end():
    (found,) = offline_episodes(WEB, [(NOON, 1.0)], 60.0, OFFLINE_AFTER, NOON + 181 * SECOND)
    assert (NOON + 180 * SECOND, None) == (found.fired_at, found.ended_at)


def test_an_undeclared_interval_counts_for_silence():
    times = [0, 60, 120, 180, *range(300, 1600, 120)]
    history = [(NOON + at * SECOND, 1.0) for at in times]
    last = history[-1][0]
    assert offline_episodes(WEB, history, None, OFFLINE_AFTER, last + 360 * SECOND) == []
    (found,) = offline_episodes(WEB, history, None, OFFLINE_AFTER, last + 361 * SECOND)
    assert last + 360 * SECOND == found.fired_at
