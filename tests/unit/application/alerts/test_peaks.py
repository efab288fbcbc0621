"""What an alert says of how bad it has been, and of how it is now."""

from datetime import timedelta

import pytest

from monitor.application.policies.policies import CreatePolicy, DeletePolicy, UpdatePolicy
from monitor.domain.alerts.alert import Alert, EventKind
from monitor.domain.fleet.servers import ServerId
from monitor.domain.levels import Level
from monitor.domain.policies.policies import OFFLINE, Direction, Policy
from tests.unit.application.alerts.alert_world import ROOT, World

WEB = ServerId(1)


@pytest.fixture
def world() -> World:
    """Web reports every fifteen seconds, to bob; alerts fire and resolve at once."""
    world = World()
    world.server("web", "10.0.0.1", [world.person("bob", "bob@example.com")])
    watch(world, Policy(metric="cpu", warning=70, critical=85))
    world.process.get(CreatePolicy)(ROOT, Policy(metric=OFFLINE))
    return world


def watch(world: World, policy: Policy) -> None:
    stored = world.process.get(CreatePolicy)(ROOT, policy)
    world.process.get(UpdatePolicy)(ROOT, stored.id, sustained_for=timedelta(0), clear_for=timedelta(0))


def reports(world: World, *values: float) -> None:
    for cpu in values:
        world.clock.advance(15)
        world.report(WEB, cpu)


def values_of(world: World, event_kind: EventKind) -> list[float | None]:
    world.let_pass(15, 5)
    items = [item for _, mail in world.mails() for item in mail.items if item.event_kind is event_kind]
    return [item.value for item in items]


def only(world: World) -> Alert:
    [alert] = world.alerts()
    return alert


def test_it_keeps_the_worst_and_when_that_was(world: World) -> None:
    reports(world, 72, 90, 98, 97, 98)
    worst_at = world.now - timedelta(seconds=30)
    reports(world, 79, 75, 49)
    alert = only(world)
    assert (alert.level, alert.value) == (Level.WARNING, 49.0)
    assert (alert.peak_level, alert.peak_value, alert.peak_at) == (Level.CRITICAL, 98.0, worst_at)


def test_the_lowest_value_is_the_worst_if_low_values_alert(world: World) -> None:
    watch(world, Policy(metric="memory", warning=20, critical=10, direction=Direction.BELOW))
    for memory in (50.0, 15.0, 4.0, 12.0):
        world.clock.advance(15)
        world.report(WEB, memory=memory)
    assert (only(world).peak_level, only(world).peak_value) == (Level.CRITICAL, 4.0)


def test_a_peak_outlives_the_process(world: World) -> None:
    reports(world, 72, 98, 97)
    world.restart()
    reports(world, 96)
    assert only(world).peak_value == 98.0
    reports(world, 99)
    assert only(world).peak_value == 99.0


def test_a_backlog_has_its_peak_too(world: World) -> None:
    reports(world, 10)
    world.clock.advance(75)
    times = [world.now - timedelta(seconds=15 * n) for n in (4, 3, 2, 1)]
    world.store_samples([world.sample(WEB, cpu, at=at) for cpu, at in zip((72, 83, 81, 82), times, strict=True)])
    assert (only(world).peak_value, only(world).peak_at) == (83.0, times[1])


def test_a_reminder_says_the_newest_value(world: World) -> None:
    for n in range(4 * 12 + 2):
        world.clock.advance(300)
        world.report(WEB, 72 + n / 10, interval=300.0)
        world.background()
    assert values_of(world, EventKind.REMINDED) == [76.9]


def test_a_mail_that_goes_out_late_says_the_newest_value(world: World) -> None:
    reports(world, 72, 74, 73)
    assert values_of(world, EventKind.FIRED) == [73.0]
    reports(world, 10)
    assert values_of(world, EventKind.RESOLVED) == [10.0]


def test_an_offline_host_has_its_seconds_without_a_report_as_value(world: World) -> None:
    """While it lasts until now, and in the end its whole length."""
    reports(world, 10)
    world.let_pass(9 * 60, 15)
    alert = only(world)
    shown = alert.present(world.process.fleet.live.get(alert.server_id), world.now)
    assert shown.value == shown.peak_value == 9 * 60
    reports(world, 10)
    alert, silent = only(world), 9 * 60 + 15
    assert (alert.value, alert.peak_value, alert.peak_at) == (silent, silent, world.now)
    [resolved] = [e for e in world.timeline(alert) if e.event_kind is EventKind.RESOLVED]
    assert resolved.value == silent


def test_a_cancelled_alert_keeps_its_value(world: World) -> None:
    reports(world, 90, 88, 87)
    cpu = next(policy for policy in world.process.fleet.directory.rules.policies.all if policy.metric == "cpu")
    world.process.get(DeletePolicy)(ROOT, cpu.id)
    assert (only(world).value, only(world).peak_value) == (87.0, 90.0)
