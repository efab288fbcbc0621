"""The engine against a plain recomputation over the whole history, and the invariants that make it trusted."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from hypothesis import example, given
from hypothesis import strategies as st

from monitor.domain.alerts.engine import State, observe
from monitor.domain.levels import Level
from monitor.domain.policies.comparing import Change, Event, Rule
from monitor.domain.policies.policies import Direction, Policy
from monitor.domain.times import SECOND
from tests.unit.alert_oracle import Host, Oracle, Report

GAP = 45 * SECOND


class SteadyHost(Host):
    """Its interval is always 15 s."""

    def longest_gap(self, at: int) -> float:
        return GAP


CPU = Policy(metric="cpu", warning=70, critical=85)
AT_ONCE = replace(CPU, sustained_for=timedelta(0), clear_for=timedelta(0))

policies = st.builds(
    lambda kind, sustained, margin, clear, below: replace(
        Policy(
            metric="cpu",
            warning=None if kind == "critical" else 70,
            critical=None if kind == "warning" else (60 if below else 85),
            direction=Direction.BELOW if below else Direction.ABOVE,
        ),
        sustained_for=timedelta(seconds=sustained),
        clear_margin=margin,
        clear_for=timedelta(seconds=clear),
    ),
    st.sampled_from(["both", "warning", "critical"]),
    st.sampled_from([0, 15, 60, 300]),
    st.sampled_from([0.0, 5.0]),
    st.sampled_from([0, 15, 60]),
    st.booleans(),
)
# Random floats never hit a boundary: these sit on, just under and just over each.
edges = [t + d for t in (55, 60, 65, 70, 75, 80, 85, 90) for d in (-0.01, 0, 0.01)]
values = st.sampled_from(edges) | st.floats(0, 100)
steps = st.sampled_from([15, 15, 15, 15, 45, 45.000001, 60, 0, -15, 0.000001])
histories = st.lists(st.tuples(steps, values), max_size=60)


def timeline(history: list[tuple[float, float]]) -> list[tuple[int, float]]:
    """Samples as they arrive, some of them late or twice."""
    at, samples = 1_900_000_000 * SECOND, []
    for step, value in history:
        at += round(step * SECOND)
        samples.append((at, value))
    return samples


def fold(rule: Rule, samples: list[tuple[int, float]]) -> tuple[State, list[Event]]:
    state, events = State(), []
    for at, value in samples:
        state, event = observe(rule, state, at, value, GAP)
        if event:
            events.append(event)
    return state, events


@given(policies, histories)
def test_it_agrees_with_a_recomputation_over_the_whole_history(policy, history):
    samples = timeline(history)
    _, events = fold(policy.rule, samples)
    host = SteadyHost()
    expected = Oracle(policy, host).run(Report(at, value) for at, value in samples)
    assert expected == [(e.change.value, e.level.name.lower(), e.at) for e in events]


@given(policies, histories)
def test_no_resolve_without_a_fire(policy, history):
    firing = False
    for event in fold(policy.rule, timeline(history))[1]:
        assert firing is (event.change is not Change.FIRED)
        firing = event.change is not Change.RESOLVED


@given(policies, histories)
def test_nothing_changes_inside_the_band(policy, history):
    sign = 1 if policy.direction is Direction.ABOVE else -1
    lowest = min(t * sign for t in (policy.warning, policy.critical) if t is not None)
    for event in fold(policy.rule, timeline(history))[1]:
        if lowest - policy.clear_margin <= event.value * sign < lowest:
            assert event.change is Change.DEESCALATED  # clear of critical, though not yet of warning


@given(policies, histories, st.integers(0, 60))
def test_a_restart_changes_nothing(policy, history, cut):
    """The state is all that is carried over: through a tuple of plain numbers and back."""
    samples, rule = timeline(history), policy.rule
    state, before = fold(rule, samples[:cut])
    state, events = State(Level(state.level), *state[1:]), list(before)
    for at, value in samples[cut:]:
        state, event = observe(rule, state, at, value, GAP)
        events += [event] if event else []
    assert fold(rule, samples) == (state, events)


@given(policies, histories, histories)
def test_replayed_and_older_samples_change_nothing(policy, history, more):
    rule, samples = policy.rule, timeline(history)
    state, _ = fold(rule, samples)
    for at, value in [*samples, *[(at - 10**9 * SECOND, value) for at, value in timeline(more)]]:
        assert observe(rule, state, at, value, GAP) == (state, None) or state.seen is None or at > state.seen


def test_a_critical_value_fires_critical_at_once_where_nothing_need_last():
    assert [(Change.FIRED, Level.CRITICAL)] == [(e.change, e.level) for e in fold(AT_ONCE.rule, [(SECOND, 85.0)])[1]]


def test_five_minutes_at_the_threshold_fire_and_a_microsecond_less_does_not():
    rule = replace(CPU, critical=None).rule
    samples = [(n * 15 * SECOND, 70.0) for n in range(1, 21)]
    assert [] == fold(rule, samples)[1]
    assert [] == fold(rule, [*samples, (21 * 15 * SECOND - 1, 70.0)])[1]
    assert [Event(Change.FIRED, Level.WARNING, 21 * 15 * SECOND, 70.0)] == fold(
        rule, [*samples, (21 * 15 * SECOND, 70.0)]
    )[1]


decimals = st.integers(0, 10**4).map(lambda n: n / 100)


@given(decimals, decimals, st.integers(-2, 2))
@example(72.7, 2.6, 0)
def test_a_value_is_clear_by_the_decimals_as_they_are_written(threshold, margin, by):
    """72.7 - 2.6 is more than 70.1 for a computer's floats; 70.1 is not clear anyway."""
    edge = Decimal(repr(threshold)) - Decimal(repr(margin))
    value = float(edge + Decimal(by) / 100)
    rule = Policy(metric="load", warning=threshold, clear_margin=margin).rule
    assert (value < rule.clear_below) is (Decimal(repr(value)) < edge)


@given(policies, histories)
def test_the_worst_value_since_it_fired_is_kept(policy, history):
    samples, rule = timeline(history), policy.rule
    oracle, state = Oracle(policy, SteadyHost()), State()
    for at, value in samples:
        oracle.sees(Report(at, value))
        state, _ = observe(rule, state, at, value, GAP)
        if state.level:
            assert (state.worst, oracle.level) == (float(oracle.worst or 0), state.level.name.lower())
            assert (state.worst_at, state.worst) in samples
