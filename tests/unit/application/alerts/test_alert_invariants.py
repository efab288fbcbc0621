"""Alerts do not depend on how samples are grouped, repeated or delayed, nor on when a process dies.

Each history is sent to the whole product in two ways. Alerts and timelines must be the same, and equal those of the
engine run on every sample.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import cycle
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.application.alerts.maintenance import LEASE, AlertMaintenance
from monitor.application.history.sealing import SealHistory
from monitor.application.policies.policies import CreatePolicy
from monitor.domain.alerts.alert import AlertState, EventKind
from monitor.domain.alerts.fold import Fold, course_of
from monitor.domain.fleet.servers import ServerId
from monitor.domain.intake.intervals import Intervals
from monitor.domain.intake.samples import Sample
from monitor.domain.levels import Level
from monitor.domain.policies.policies import Policy
from monitor.domain.times import microseconds, moment
from tests.examples import examples
from tests.unit.application.alerts.alert_invariants import assert_consistent
from tests.unit.application.alerts.alert_world import ROOT, START, World
from tests.unit.domain.alerts.test_alert_engine import policies, values

WEB = ServerId(1)
ENGINE = (EventKind.FIRED, EventKind.ESCALATED, EventKind.DEESCALATED, EventKind.RESOLVED)

steps = st.sampled_from([15, 15, 15, 15, 45, 45.000001, 60])
measured = st.tuples(steps, values, st.none() | values)
histories = st.lists(measured, min_size=1, max_size=40)
rules = st.tuples(policies, policies).map(lambda pair: [pair[0], replace(pair[1], metric="load1")])
cuts = st.lists(st.integers(1, 7), min_size=1, max_size=40)


def samples_of(history: list[tuple[float, float, float | None]]) -> list[Sample]:
    at, found = START, []
    for step, cpu, load in history:
        at += timedelta(seconds=step)
        found.append(Sample(WEB, at, at, cpu, 10.0, 10.0, None if load is None else {"load1": load}, 15.0))
    return found


def watched(policies: list[Policy]) -> World:
    world = World()
    bob = world.person("bob", "bob@example.com")
    assert world.server("web", "10.0.0.1", [bob]).id == WEB
    for policy in policies:
        world.process.get(CreatePolicy)(ROOT, policy)
    return world


def received(world: World, samples: list[Sample]) -> None:
    """All of them now, as a backlog is."""
    world.store_samples([sample._replace(received_at=world.now) for sample in samples])


def results(policies: list[Policy], samples: list[Sample], tell: Callable[[World, list[Sample]], object]) -> list[Any]:
    """The alerts that *samples* caused, and their timelines, when *tell* sends them."""
    world = watched(policies)
    world.clock.advance(samples[-1].recorded_at - world.now)
    tell(world, samples)
    assert_consistent(world)
    entries = [(alert, world.timeline(alert)) for alert in world.alerts()]
    return [
        (replace(alert, processes=()), [(e.at, e.event_kind, e.level, e.value) for e in timeline])
        for alert, timeline in entries
    ]


def one_by_one(world: World, samples: list[Sample]) -> None:
    for sample in samples:
        received(world, [sample])


def in_groups(world: World, samples: list[Sample], sizes: list[int], between: Callable[[World], object]) -> None:
    begin = 0
    for size in [*sizes, len(samples)]:
        if samples[begin : begin + size]:
            received(world, samples[begin : begin + size])
            between(world)
        begin += size


@given(rules, histories, cuts)
def test_the_size_of_a_group_changes_nothing(policies, history, sizes):
    samples = samples_of(history)
    assert results(policies, samples, one_by_one) == results(
        policies, samples, lambda world, all_: in_groups(world, all_, sizes, lambda _: None)
    )


@given(rules, histories, st.randoms())
def test_the_order_within_a_group_changes_nothing(policies, history, random):
    samples = samples_of(history)
    shuffled = random.sample(samples, len(samples))
    assert results(policies, samples, received) == results(
        policies, samples, lambda world, _: received(world, shuffled)
    )


@settings(max_examples=examples(50))
@given(rules, histories, cuts)
def test_a_restart_changes_nothing(policies, history, sizes):
    samples = samples_of(history)
    assert results(policies, samples, one_by_one) == results(
        policies, samples, lambda world, all_: in_groups(world, all_, sizes, World.restart)
    )


@given(rules, histories, cuts)
def test_repeated_samples_change_nothing(policies, history, sizes):
    samples = samples_of(history)
    assert results(policies, samples, one_by_one) == results(
        policies,
        samples,
        lambda world, all_: in_groups(world, all_, sizes, lambda world: received(world, _stored(world, all_))),
    )


pauses = st.sampled_from([15, 15, 15, 15, 45.000001, 3600, 7200])
over_hours = st.lists(st.tuples(pauses, values, st.none() | values), min_size=1, max_size=40)


@given(rules, over_hours, cuts)
def test_sealing_while_a_backlog_comes_changes_nothing(policies, history, sizes):
    """Its first hours are in chunks alone when the next ones come; and what is mailed at its end is the same."""
    samples = samples_of(history)
    mails: list[Any] = []

    def at_its_end(world: World) -> None:
        world.let_pass(60, every=10)
        mails.append([(item.event_kind, item.level, item.value) for _, mail in world.mails() for item in mail.items])

    def whole(world: World, _: list[Sample]) -> None:
        received(world, samples)
        at_its_end(world)

    def sealed(world: World, _: list[Sample]) -> None:
        in_groups(world, samples, sizes, _seal)
        at_its_end(world)

    assert results(policies, samples, whole) == results(policies, samples, sealed)
    assert mails[0] == mails[1]


def _seal(world: World) -> None:
    list(world.process.get(SealHistory)(world.now, in_turn=False))
    world.restart()


def _stored(world: World, samples: list[Sample]) -> list[Sample]:
    with world.store() as uow:
        known = uow.samples.existing([(sample.server_id, sample.recorded_at) for sample in samples])
    return [sample for sample in samples if (sample.server_id, sample.recorded_at) in known]


steady = st.lists(st.tuples(st.sampled_from([15, 15, 45]), values, values), min_size=1, max_size=40)


@given(rules, steady, cuts, st.lists(measured, min_size=1, max_size=3), st.sampled_from([0.000001, 7.5, 3600.0]))
def test_an_older_sample_changes_nothing(policies, history, sizes, late, before):
    """Except the known interval of the host, which only matters where there are gaps."""
    samples = samples_of(history)

    def too_late(world: World) -> None:
        newest = world.process.fleet.live[WEB].sample
        assert newest is not None
        older = [newest.recorded_at - timedelta(seconds=before + n) for n in range(len(late))]
        for at, (_, cpu, load) in zip(older, late, strict=True):
            extra = None if load is None else {"load1": load}
            received(world, [newest._replace(recorded_at=at, cpu=cpu, extra=extra)])

    found = results(policies, samples, lambda world, all_: in_groups(world, all_, sizes, too_late))
    assert but_for_lateness(results(policies, samples, one_by_one)) == but_for_lateness(found)


def one_by_one_and_anew(world: World, samples: list[Sample]) -> None:
    one_by_one(world, samples)
    anew(world)


def anew(world: World) -> None:
    world.clock.advance(LEASE)  # that of a process that ended
    world.process.get(AlertMaintenance)()
    assert_consistent(world)


def facts(found: list[Any]) -> list[Any]:
    """What samples decide, of the alerts that they did not take away."""
    alerts = [alert for alert, _ in found if alert.state is not AlertState.CANCELLED]
    return sorted(
        (a.metric, a.fired_at, a.started_at, str(a.resolved_at), a.peak_level, a.peak_value, a.peak_at) for a in alerts
    )


@given(rules, histories, cuts, st.randoms(), st.lists(st.sampled_from([anew, World.restart, None]), min_size=1))
def test_neither_the_order_of_arrival_nor_a_restart_changes_what_is_recorded_in_the_end(
    policies, history, sizes, random, between
):
    samples = samples_of(history)
    shuffled = random.sample(samples, len(samples))

    def disordered(world: World, _: list[Sample]) -> None:
        turns = cycle(between)
        in_groups(world, shuffled, sizes, lambda world: (turn := next(turns)) and turn(world))
        anew(world)

    assert facts(results(policies, samples, one_by_one_and_anew)) == facts(results(policies, samples, disordered))


def but_for_lateness(found: list[Any]) -> list[Any]:
    """What is late depends on the interval of the host, which a sample between two others changes. An alert that is
    late counts for nothing, so the third one after it is not held."""
    return [
        (replace(alert, late=False, due_at=None), [entry for entry in timeline if entry[1] is not EventKind.FOUND])
        for alert, timeline in found
    ]


@given(rules, histories)
def test_dropping_idle_states_changes_no_result(policies, history):
    """Every sample through the engine gives what the product found with the few states that it keeps."""
    samples = samples_of(history)
    found = [
        (alert.metric, *entry)
        for alert, timeline in results(policies, samples, one_by_one)
        for entry in timeline
        if entry[1] in ENGINE
    ]
    assert sorted(_folded(policies, samples)) == sorted(found)


def _folded(policies: list[Policy], samples: list[Sample]) -> list[tuple[str, datetime, EventKind, Level, float]]:
    intervals = Intervals([microseconds(s.recorded_at) for s in samples], [s.interval for s in samples])
    return [
        (policy.metric, moment(event.at), EventKind(event.change.value), event.level, event.value)
        for policy in policies
        for event in Fold(policy).feed(course_of(intervals, [s.metric(policy.metric) for s in samples]))
    ]


@given(rules, histories)
def test_no_resolve_without_a_fire_and_no_change_in_the_band(policies, history):
    """As the store tells it; of the engine alone `test_alert_engine.py` says the same."""
    samples = samples_of(history)
    for alert, timeline in results(policies, samples, received):
        happened = [event_kind for _, event_kind, _, _ in timeline if event_kind in ENGINE]
        assert happened[0] is EventKind.FIRED
        assert EventKind.RESOLVED not in happened[:-1]
        policy = next(policy for policy in policies if policy.metric == alert.metric)
        rule = policy.rule
        for _, event_kind, _, value in timeline:
            in_band = rule.clear_below <= value * rule.sign < min(rule.warning, rule.critical)
            assert not in_band or event_kind is EventKind.DEESCALATED
