"""Samples are evaluated anew: fairly, in time, and once, whatever restarts."""

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.application.alerts.acknowledging import AcknowledgeAlert
from monitor.application.alerts.evaluating.series_models import READ_AT_ONCE
from monitor.application.policies.policies import CreatePolicy, UpdatePolicy
from monitor.domain.alerts.alert import AlertState, EventKind
from monitor.domain.fleet.servers import Server
from monitor.domain.intake.samples import Sample
from monitor.domain.levels import Level
from monitor.domain.policies.kinds.forecast import FORECAST
from monitor.domain.policies.policies import Policy, Scope
from tests.unit.application.alerts.alert_world import ROOT, START, World

CPU = Policy(metric="cpu", warning=70.0, critical=90.0)
FULL = Policy(
    metric="disk",
    kind=FORECAST,
    warning=100.0,
    over=timedelta(hours=1),
    within=timedelta(hours=6),
    sustained_for=timedelta(0),
)


@pytest.fixture
def world() -> World:
    return World()


def report(world: World, server: Server, cpu: float, count: int = 1, every: float = 15.0) -> None:
    for _ in range(count):
        world.clock.advance(every)
        world.report(server.id, cpu)
        world.background()


def fired(world: World) -> list[tuple[int, Level]]:
    return [(alert.id, alert.level) for alert in world.alerts()]


def test_an_edit_of_the_other_threshold_keeps_the_alert(world: World):
    """The same alert, as old and as acknowledged as before; nobody is notified again."""
    bob = world.person("bob", "bob@example.com")
    web = world.server("web", "10.0.0.1", [bob])
    policy = world.process.get(CreatePolicy)(ROOT, CPU)
    report(world, web, 100.0, 30)
    [alert] = world.alerts()
    world.process.get(AcknowledgeAlert)(ROOT, alert.id)
    acknowledged, events, mails = world.alerts(), world.timeline(alert), len(world.mails())
    world.process.get(UpdatePolicy)(ROOT, policy.id, warning=75.0)
    report(world, web, 100.0, 40)
    assert world.alerts() == acknowledged
    assert world.timeline(alert) == events
    assert len(world.mails()) == mails


def test_what_is_pending_goes_on_by_the_new_rule(world: World):
    web = world.server("web", "10.0.0.1")
    policy = world.process.get(CreatePolicy)(ROOT, CPU)
    report(world, web, 75.0, 17)
    world.process.get(UpdatePolicy)(ROOT, policy.id, warning=72.0)
    report(world, web, 75.0, 4)
    [alert] = world.alerts()
    assert alert.fired_at - alert.started_at == CPU.sustained_for
    assert alert.started_at == START + timedelta(seconds=15)


def test_the_end_by_an_edit_says_so(world: World):
    web = world.server("web", "10.0.0.1")
    policy = world.process.get(CreatePolicy)(ROOT, CPU)
    report(world, web, 75.0, 22)
    world.process.get(UpdatePolicy)(ROOT, policy.id, warning=80.0)
    world.background()
    [alert] = world.alerts()
    [end] = [entry for entry in world.timeline(alert) if entry.event_kind is EventKind.RESOLVED]
    assert (alert.state, end.note) == (AlertState.RESOLVED, "no breach since the edit")


def test_an_edit_ends_no_alert_of_a_host_that_reports_each_four_hours(world: World):
    """By the new rule the breach began with the sample before, which is no gap for such a host."""
    web = world.server("web", "10.0.0.1")
    policy = world.process.get(CreatePolicy)(ROOT, replace(CPU, warning=None, sustained_for=timedelta(0)))
    report(world, web, 10.0, 4, every=4 * 3600)
    report(world, web, 75.0, every=4 * 3600)
    report(world, web, 95.0, every=4 * 3600)
    world.process.get(UpdatePolicy)(ROOT, policy.id, warning=70.0, sustained_for=timedelta(minutes=5))
    report(world, web, 95.0)
    [alert] = world.alerts()
    assert (alert.state, alert.level) == (AlertState.FIRING, Level.WARNING)


def test_another_note_changes_no_alert(world: World):
    web = world.server("web", "10.0.0.1")
    policy = world.process.get(CreatePolicy)(ROOT, CPU)
    report(world, web, 75.0, 22)
    before = world.alerts()
    world.process.get(UpdatePolicy)(ROOT, policy.id, note="look at the log")
    world.background()
    assert world.alerts() == before


def filling(server: Server, n: int) -> Sample:
    at = START + timedelta(minutes=n)
    return Sample(server.id, at, at, 10.0, 10.0, 60 + n / 6, interval=60.0)


def test_restarts_close_together_lose_no_forecast(world: World):
    """Each process begins to read lines anew, and ends before it has read many."""
    hosts = [world.server(f"host {n}", f"10.0.0.{n}") for n in range(1, 8 * READ_AT_ONCE + 1)]
    world.process.get(CreatePolicy)(ROOT, FULL)
    for n in range(1, 75):
        world.clock.advance(START + timedelta(minutes=n) - world.now)
        # All at once, and the last host always comes last.
        world.store_samples([filling(host, n) for host in hosts])
        if 25 < n < 40:
            world.restart()
    found = [(alert.server_id, alert.fired_at) for alert in world.alerts()]
    assert sorted(found) == [(host.id, START + timedelta(minutes=30)) for host in hosts]


def test_a_host_that_reports_no_more_is_evaluated_all_the_same(world: World):
    hosts = [world.server(f"host {n}", f"10.0.0.{n}") for n in range(1, 4 * READ_AT_ONCE + 1)]
    world.process.get(CreatePolicy)(ROOT, FULL)
    for n in range(1, 36):
        world.clock.advance(START + timedelta(minutes=n) - world.now)
        world.store_samples([filling(host, n) for host in hosts])
        if n == 29:
            world.restart()
            world.store_samples([])
        if n == 30:
            break
    assert len(world.alerts()) < len(hosts)
    world.let_pass(70, every=10)
    assert {alert.server_id for alert in world.alerts()} == {host.id for host in hosts}


def test_what_was_found_before_the_policy_was_made_is_not_evaluated_by_it(world: World):
    web = world.server("web", "10.0.0.1")
    report(world, web, 95.0, 40)
    world.process.get(CreatePolicy)(ROOT, CPU)
    report(world, web, 10.0, 2)
    world.store_samples([world.sample(web.id, 95.0, at=START + timedelta(seconds=7))])
    world.let_pass(70, every=10)
    assert world.alerts() == []


def test_the_worst_value_outlasts_an_edit_by_whose_rule_the_alert_began_later(world: World):
    web = world.server("web", "10.0.0.1")
    policy = world.process.get(CreatePolicy)(ROOT, CPU)
    for cpu, count in ((72.0, 22), (88.0, 1), (72.0, 2), (80.0, 22)):
        report(world, web, cpu, count)
    world.process.get(UpdatePolicy)(ROOT, policy.id, warning=75.0)
    world.let_pass(15, every=5)
    report(world, web, 82.0, 2)
    [alert] = world.alerts()
    assert (alert.state, alert.threshold, alert.peak_value) == (AlertState.FIRING, 75.0, 88.0)


def test_an_edit_keeps_no_alert_of_a_policy_that_no_longer_applies(world: World):
    web = world.server("web", "10.0.0.1")
    policy = world.process.get(CreatePolicy)(ROOT, CPU)
    report(world, web, 80.0, 22)
    world.process.get(UpdatePolicy)(ROOT, policy.id, warning=75.0)
    world.process.get(CreatePolicy)(ROOT, replace(CPU, warning=60.0, scope=Scope(server_id=web.id)))
    world.let_pass(15, every=5)
    assert [alert.state for alert in world.alerts()] == [AlertState.CANCELLED]


def test_what_fires_on_by_late_samples_is_acknowledged_no_more(world: World):
    web = world.server("web", "10.0.0.1")
    world.process.get(CreatePolicy)(ROOT, CPU)
    report(world, web, 80.0, 22)
    [alert] = world.alerts()
    world.process.get(AcknowledgeAlert)(ROOT, alert.id)
    report(world, web, 10.0, 5)
    assert [alert.state for alert in world.alerts()] == [AlertState.RESOLVED]
    world.store_samples([world.sample(web.id, 80.0, at=world.now - timedelta(seconds=7 + 15 * n)) for n in range(4)])
    world.let_pass(15, every=5)
    [alert] = world.alerts()
    assert (alert.state, alert.acknowledged_at) == (AlertState.FIRING, None)


def late(world: World, server: Server, *values: float) -> list[EventKind]:
    """Let the second of three samples come last; return what the timeline of the alert says then."""
    first, last = (START + timedelta(seconds=15 * n) for n in (1, 3))
    middle = first + timedelta(seconds=15)
    world.clock.advance(45)
    for at, value in ((first, values[0]), (last, values[2]), (middle, values[1])):
        world.store_samples([Sample(server.id, at, world.now, value, 10.0, 10.0, interval=15.0)])
    world.let_pass(60, every=10)
    [alert] = world.alerts()
    return [entry.event_kind for entry in world.timeline(alert)]


def test_what_was_worse_before_it_was_found_says_so(world: World):
    """It fires at its present level, since nobody has to get up for what was critical."""
    web = world.server("web", "10.0.0.1")
    world.process.get(CreatePolicy)(ROOT, replace(CPU, sustained_for=timedelta(0), clear_for=timedelta(0)))
    assert late(world, web, 50.0, 95.0, 67.0) == [EventKind.FIRED, EventKind.FOUND]
    [alert] = world.alerts()
    assert (alert.level, alert.peak_level, alert.peak_value) == (Level.WARNING, Level.CRITICAL, 95.0)


def test_an_end_at_a_lower_level_by_late_samples_says_so(world: World):
    web = world.server("web", "10.0.0.1")
    world.process.get(CreatePolicy)(ROOT, replace(CPU, sustained_for=timedelta(0), clear_for=timedelta(0)))
    assert late(world, web, 95.0, 75.0, 50.0) == [EventKind.FIRED, EventKind.RESOLVED, EventKind.FOUND]
    [alert] = world.alerts()
    assert (alert.level, alert.peak_level) == (Level.WARNING, Level.CRITICAL)


@pytest.mark.parametrize("policy_was_made_before", [True, False])
def test_alerts_of_before_the_clock_was_set_back_stay_and_hide_no_new_one(world: World, policy_was_made_before: bool):
    """For an hour all samples come after newer ones, those of the hour that the clock was ahead.

    The policy may be of that hour, too.
    """
    bob = world.person("bob", "bob@example.com")
    web = world.server("web", "10.0.0.1", [bob])
    world.process.get(CreatePolicy)(ROOT, replace(CPU, sustained_for=timedelta(0), clear_for=timedelta(0)))
    if policy_was_made_before:
        world.clock.advance(timedelta(hours=1))
    report(world, web, 10.0, 8)
    report(world, web, 100.0, 2)
    report(world, web, 10.0, 4)
    [before], mails = world.alerts(), len(world.mails())
    world.clock.advance(timedelta(hours=-1))
    report(world, web, 10.0, 4)
    begun = world.clock.now()
    report(world, web, 100.0, 8)
    assert before in world.alerts()
    [alert] = [each for each in world.alerts() if each != before]
    assert (AlertState.FIRING, begun + timedelta(seconds=15)) == (alert.state, alert.fired_at)
    assert mails + 1 == len(world.mails())
    report(world, web, 10.0, 8)
    assert [AlertState.RESOLVED, AlertState.RESOLVED] == [each.state for each in world.alerts()]
    assert before in world.alerts()
    assert mails + 2 == len(world.mails())
