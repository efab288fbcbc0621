"""Forecasts live: when they are read, what waits for them, and what is known of them elsewhere."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from monitor.application.alerts.evaluating.alerting import Alerting
from monitor.application.alerts.evaluating.series_models import EMPTY_AT_ONCE, READ_AT_ONCE
from monitor.application.checks.checks import CreateCheck
from monitor.application.policies.policies import CreatePolicy, DeletePolicy, ShowOutlooks, UpdatePolicy
from monitor.domain.alerts.alert import EventKind
from monitor.domain.fleet.servers import Server
from monitor.domain.intake.samples import Sample
from monitor.domain.policies.kinds.forecast import FORECAST
from monitor.domain.policies.kinds.range import RANGE
from monitor.domain.policies.policies import THRESHOLD, Policy, Scope
from monitor.domain.times import moment
from tests.contracts.checks import a_check
from tests.unit.application.alerts.alert_world import ROOT, World
from tests.unit.application.hindsight.backtests import result

STEP = 60.0
FULL = Policy(
    metric="disk",
    kind=FORECAST,
    warning=100,
    over=timedelta(hours=1),
    within=timedelta(hours=8),
    sustained_for=timedelta(0),
    note="`df -h`",
)


@pytest.fixture
def world() -> World:
    world = World()
    world.process.get(CreatePolicy)(ROOT, FULL)
    return world


def course(world: World, server: Server, minutes: int, begin: float, slope: float) -> list[Sample]:
    """One sample a minute from now on; *slope*: points a minute."""
    at = world.now
    return [
        world.sample(server.id, at=at + timedelta(minutes=n), disk=round(begin + slope * n, 2), interval=STEP)
        for n in range(minutes)
    ]


def send(world: World, samples: list[Sample]) -> None:
    """One after the other, each when it was recorded."""
    for sample in samples:
        world.clock.advance(sample.recorded_at - world.now)
        world.store_samples([sample._replace(received_at=world.now)])


def events(world: World) -> list[tuple[Any, ...]]:
    return [
        (alert.server_id, entry.event_kind, entry.at, entry.value)
        for alert in world.alerts()
        for entry in world.timeline(alert)
    ]


def test_a_disk_that_fills_is_found_and_one_that_does_not_is_not(world: World):
    bob = world.person("bob", "bob@example.com")
    fills, stays = world.server("fills", "10.0.0.1", [bob]), world.server("stays", "10.0.0.2", [bob])
    both = zip(course(world, fills, 61, 60, 0.1), course(world, stays, 61, 60, 0.0), strict=True)
    for pair in both:
        send(world, [*pair])
    [alert] = world.alerts()
    assert (alert.server_id, alert.kind, alert.threshold, alert.value) == (fills.id, FORECAST, 100, 63.0)
    assert alert.fired_at - world.now == timedelta(minutes=-30), "as soon as half of the hour is known"
    assert alert.expected_at is not None
    # 60 % and 0.1 points a minute: full 400 minutes after the start.
    assert abs(alert.expected_at - (world.now + timedelta(minutes=340))) < timedelta(minutes=1)
    world.let_pass(15)
    [(_, message)] = world.mails()
    assert [("`df -h`", EventKind.FIRED)] == [(item.policy_note, item.event_kind) for item in message.items]


def test_it_resolves_once_the_line_is_level(world: World):
    host = world.server("fills", "10.0.0.1")
    send(world, course(world, host, 60, 60, 0.1))
    world.clock.advance(60)
    send(world, course(world, host, 80, 66, 0.0))
    [alert] = world.alerts()
    assert not alert.is_open
    assert alert.expected_at is None
    assert alert.peak_value == 66.0


def test_thresholds_and_forecasts_of_a_metric_alert_apart(world: World):
    world.process.get(CreatePolicy)(ROOT, Policy(metric="disk", warning=62, sustained_for=timedelta(0)))
    host = world.server("fills", "10.0.0.1")
    send(world, course(world, host, 60, 60, 0.1))
    assert {THRESHOLD, FORECAST} == {alert.kind for alert in world.alerts() if alert.is_open}
    world.restart()
    world.background()
    assert [True, True] == [alert.is_open for alert in world.alerts()]


@pytest.mark.parametrize("restarts", [range(0), range(60), range(0, 60, 7)])
def test_a_restart_changes_nothing(world: World, restarts: range):
    host = world.server("fills", "10.0.0.1")
    for n, sample in enumerate(course(world, host, 60, 60, 0.1)):
        send(world, [sample])
        if n in restarts:
            world.restart()
    start = world.now - timedelta(minutes=59)
    assert [(host.id, EventKind.FIRED, start + timedelta(minutes=30), 63.0)] == events(world)


def test_many_hosts_are_read_a_few_at_a_time_and_nothing_is_lost(world: World):
    """After a start all lines are needed at once; what waits is evaluated with the next sample."""
    count = 4 * READ_AT_ONCE
    hosts = [world.server(f"host {n}", f"10.0.0.{n}") for n in range(1, count + 1)]
    courses = [course(world, host, 60, 60, 0.1) for host in hosts]
    for n in range(60):
        if n == 29:
            world.restart()  # nobody has fired yet: all do with the sample after the next
        sent_at = courses[0][n].recorded_at
        world.clock.advance(sent_at - world.now)
        world.store_samples([own[n]._replace(received_at=world.now) for own in courses])
        if n == 30:
            assert len(world.alerts()) == 2 * READ_AT_ONCE
    first = courses[0][30].recorded_at
    assert {(host.id, EventKind.FIRED, first, 63.0) for host in hosts} == {*events(world)}


def test_hosts_without_history_hardly_wait(world: World):
    """Also those whose last sample is too old to belong to a line."""
    hosts = [world.server(f"host {n}", f"10.0.0.{n}") for n in range(1, EMPTY_AT_ONCE + 2)]
    send(world, [world.sample(hosts[0].id, disk=50.0)])
    world.restart()
    world.clock.advance(timedelta(hours=2))
    world.store_samples([world.sample(host.id, disk=50.0) for host in hosts])
    with world.new_uow() as uow:
        assert [hosts[-1].id] == [due.server_id for due in uow.due_evaluations.of_watches()]


def test_a_late_sample_belongs_to_the_line_from_then_on(world: World):
    host = world.server("late", "10.0.0.1")
    samples = course(world, host, 60, 60, 0.1)
    send(world, [sample for n, sample in enumerate(samples[:45]) if not 20 <= n < 40])
    assert [] == events(world)
    world.store_samples([sample._replace(received_at=world.now) for sample in samples[20:40]])
    assert [] == events(world), "late samples are not evaluated themselves"
    send(world, samples[45:46])
    assert [EventKind.FIRED] == [event_kind for _, event_kind, *_ in events(world)]


def test_a_changed_policy_draws_a_line_of_its_own(world: World):
    host = world.server("fills", "10.0.0.1")
    send(world, course(world, host, 40, 60, 0.1))
    [policy] = world.process.fleet.directory.rules.policies.all
    assert [True] == [alert.expected_at is not None for alert in world.alerts()]
    world.process.get(UpdatePolicy)(ROOT, policy.id, over=timedelta(hours=24))
    world.clock.advance(60)
    send(world, course(world, host, 30, 64, 0.1))
    world.background()
    [alert] = world.alerts()
    assert not alert.is_open, "a day is not known yet"
    assert alert.expected_at is None


def test_what_an_earlier_policy_owed_is_not_judged_by_a_later_one(world: World):
    """Hosts whose line was not read yet when their policy was deleted."""
    hosts = [world.server(f"host {n}", f"10.0.0.{n}") for n in range(1, 4 * READ_AT_ONCE + 1)]
    courses = [course(world, host, 60, 60, 0.1) for host in hosts]

    def report(first: int, last: int) -> None:
        for n in range(first, last):
            world.clock.advance(courses[0][n].recorded_at - world.now)
            world.store_samples([own[n]._replace(received_at=world.now) for own in courses])

    report(0, 31)
    world.restart()
    report(31, 32)
    [policy] = world.process.fleet.directory.rules.policies.all
    world.process.get(DeletePolicy)(ROOT, policy.id)
    world.background()
    report(32, 45)
    created_at = world.now
    world.process.get(CreatePolicy)(ROOT, FULL)
    report(45, 50)
    fired = [alert.fired_at for alert in world.alerts() if alert.is_open]
    assert len(fired) == len(hosts)
    assert all(at > created_at for at in fired)


def test_values_that_another_process_stored_are_judged_by_their_own_place_in_the_range(world: World):
    """They are unusual, and the sample that tells of them is not: it is not yet clear for long enough."""
    policy = Policy(metric="disk", kind=RANGE, days=1, sustained_for=timedelta(0), clear_for=timedelta(minutes=30))
    world.process.get(CreatePolicy)(ROOT, policy)
    host = world.server("busy", "10.0.0.1")

    def samples(*disk: float) -> list[Sample]:
        later = [timedelta(minutes=10 * n) for n in range(1, len(disk) + 1)]
        return [
            world.sample(host.id, at=world.now + at, disk=value, interval=600.0)
            for at, value in zip(later, disk, strict=True)
        ]

    def are_open() -> list[bool]:
        return [alert.is_open for alert in world.alerts() if alert.kind is RANGE]

    send(world, samples(*[40.0, 60.0] * 60, 90.0))
    assert [True] == are_open()
    send(replace_process(world), samples(*[90.0] * 6))
    send(world, samples(50.0))
    assert [True] == are_open()
    send(world, samples(50.0, 50.0, 50.0))
    assert [False] == are_open()


def test_another_process_may_have_seen_the_samples(world: World):
    """What it stored belongs to the line at the latest ten minutes later."""
    host = world.server("fills", "10.0.0.1")
    other = replace_process(world)
    samples = course(world, host, 70, 60, 0.1)
    send(world, samples[:10])
    send(other, samples[10:50])
    world.clock.advance(0)
    world.process.fleet.refresh()
    alerting = world.process.get(Alerting)
    world.process.fleet.record([sample._replace(received_at=sample.recorded_at) for sample in samples[10:50]])
    alerting.states.note_evaluated_elsewhere([host.id])
    with world.new_uow() as uow:
        alerting.states.follow(uow)
    send(world, samples[50:])
    assert [EventKind.FIRED] == [event_kind for _, event_kind, *_ in events(world)]
    [alert] = world.alerts()
    assert alert.is_open
    assert alert.expected_at is not None


def replace_process(world: World) -> World:
    """Another process on the same store and clock."""
    return World(store=world.store, mailer=world.mailer, clock=world.clock, secrets=world.secrets)


def test_a_host_without_the_metric_is_let_alone(world: World):
    policy = replace(FULL, metric="swap")
    world.process.get(CreatePolicy)(ROOT, policy)
    host = world.server("bare", "10.0.0.1")
    send(world, course(world, host, 60, 60, 0.0))
    assert [] == events(world)


def test_a_check_has_forecasts_too(world: World):
    """They fire, are shown, and a backtest finds what fired."""
    check = world.process.get(CreateCheck)(ROOT, a_check(name="shop")).check
    slow = replace(FULL, metric="ms", warning=500, clear_margin=50, scope=Scope(server_id=check.id))
    slow = world.process.get(CreatePolicy)(ROOT, slow)
    for n in range(60):
        world.clock.advance(STEP)
        world.process.fleet.refresh()
        at, measured = world.now, {"up": 1.0, "ms": 100.0 + n}
        world.store_samples([Sample(check.id, at, at, 0.0, 0.0, 0.0, measured, STEP)])
    [alert] = world.alerts()
    assert (alert.server_id, alert.metric, alert.threshold) == (check.id, "ms", 500)
    [seen] = world.process.get(ShowOutlooks)(ROOT, check.id)
    assert len(seen.drawn()) == 3
    world.clock.advance(1)
    assert [alert.fired_at] == [moment(episode.fired_at) for episode in result(world, slow).alerts]
