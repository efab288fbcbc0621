"""The engine against a plain recomputation over the whole history, and the invariants that make it trusted."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.alert_engine import (
    SECOND,
    Change,
    Event,
    Level,
    Rule,
    State,
    longest_gap,
    observe,
    rule_of,
)
from monitor.domain.policies import Direction, Policy

GAP = 45 * SECOND
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


class Recomputation:
    """What the words of the documentation say, looked up in the whole history at every sample."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.sign = 1 if policy.direction is Direction.ABOVE else -1
        self.kept: list[tuple[int, float]] = []
        self.level = Level.OK

    def run(self, samples: list[tuple[int, float]]) -> list[tuple[Change, Level, int]]:
        told = []
        for at, value in samples:
            if self.kept and at <= self.kept[-1][0]:
                continue
            self.kept.append((at, value))
            before = self.level
            if change := self.change():
                told.append((change, before if change is Change.RESOLVED else self.level, at))
        return told

    def change(self) -> Change | None:
        policy, before = self.policy, self.level
        if before < Level.CRITICAL and self.breached(policy.critical):
            self.level = Level.CRITICAL
            return Change.ESCALATED if before else Change.FIRED
        if before is Level.OK:
            self.level = Level.WARNING if self.breached(policy.warning) else Level.OK
            return Change.FIRED if self.level else None
        if all(self.cleared(threshold) for threshold in (policy.warning, policy.critical) if threshold is not None):
            self.level = Level.OK
            return Change.RESOLVED
        if before is Level.CRITICAL and policy.warning is not None and self.cleared(policy.critical):
            self.level = Level.WARNING
            return Change.DEESCALATED
        return None

    def breached(self, threshold: float | None) -> bool:
        if threshold is None:
            return False
        return self.lasted(lambda v: v >= threshold * self.sign, self.policy.sustained_for)

    def cleared(self, threshold: float | None) -> bool:
        if threshold is None:
            return False
        return self.lasted(lambda v: v < threshold * self.sign - self.policy.clear_margin, self.policy.clear_for)

    def lasted(self, holds: Callable[[float], bool], span: timedelta) -> bool:
        start = None
        for index in range(len(self.kept) - 1, -1, -1):
            if not holds(self.kept[index][1] * self.sign):
                break
            start = self.kept[index][0]
            if index and self.kept[index][0] - self.kept[index - 1][0] > GAP:
                break
        return start is not None and self.kept[-1][0] - start >= span / timedelta(microseconds=1)


@given(policies, histories)
def test_it_agrees_with_a_recomputation_over_the_whole_history(policy, history):
    samples = timeline(history)
    _, events = fold(rule_of(policy), samples)
    assert Recomputation(policy).run(samples) == [(e.change, e.level, e.at) for e in events]


@given(policies, histories)
def test_no_resolve_without_a_fire(policy, history):
    firing = False
    for event in fold(rule_of(policy), timeline(history))[1]:
        assert firing is (event.change is not Change.FIRED)
        firing = event.change is not Change.RESOLVED


@given(policies, histories)
def test_nothing_changes_inside_the_band(policy, history):
    sign = 1 if policy.direction is Direction.ABOVE else -1
    lowest = min(t * sign for t in (policy.warning, policy.critical) if t is not None)
    for event in fold(rule_of(policy), timeline(history))[1]:
        if lowest - policy.clear_margin <= event.value * sign < lowest:
            assert event.change is Change.DEESCALATED  # clear of critical, though not yet of warning


@given(policies, histories, st.integers(0, 60))
def test_a_restart_changes_nothing(policy, history, cut):
    """The state is all that is carried over: through a tuple of plain numbers and back."""
    samples, rule = timeline(history), rule_of(policy)
    state, before = fold(rule, samples[:cut])
    state, events = State(Level(state.level), *state[1:]), list(before)
    for at, value in samples[cut:]:
        state, event = observe(rule, state, at, value, GAP)
        events += [event] if event else []
    assert fold(rule, samples) == (state, events)


@given(policies, histories, histories)
def test_replayed_and_older_samples_change_nothing(policy, history, more):
    rule, samples = rule_of(policy), timeline(history)
    state, _ = fold(rule, samples)
    for at, value in [*samples, *[(at - 10**9 * SECOND, value) for at, value in timeline(more)]]:
        assert observe(rule, state, at, value, GAP) == (state, None) or state.seen is None or at > state.seen


def test_a_critical_value_fires_critical_at_once_where_nothing_need_last():
    assert [(Change.FIRED, Level.CRITICAL)] == [
        (e.change, e.level) for e in fold(rule_of(AT_ONCE), [(SECOND, 85.0)])[1]
    ]


def test_five_minutes_at_the_threshold_fire_and_a_microsecond_less_does_not():
    rule = rule_of(replace(CPU, critical=None))
    samples = [(n * 15 * SECOND, 70.0) for n in range(1, 21)]
    assert [] == fold(rule, samples)[1]
    assert [] == fold(rule, [*samples, (21 * 15 * SECOND - 1, 70.0)])[1]
    assert [Event(Change.FIRED, Level.WARNING, 21 * 15 * SECOND, 70.0)] == fold(
        rule, [*samples, (21 * 15 * SECOND, 70.0)]
    )[1]


@given(st.lists(st.integers(1, 10**9), max_size=30))
def test_the_longest_gap_is_three_intervals_and_never_under_45_seconds(gaps):
    found = longest_gap(None, gaps)
    assert found >= 45 * SECOND
    if recent := sorted(gaps[-10:]):
        assert found == 3 * max(recent[len(recent) // 2], 15 * SECOND)
    assert longest_gap(60.0, gaps) == 180 * SECOND
    assert longest_gap(5.0, gaps) == 45 * SECOND
