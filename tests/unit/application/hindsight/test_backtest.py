"""Backtests over stored history find the live alerts, per day and in total; jobs for many hosts."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.application.hindsight.backtest import MAX_DAYS, RunBacktest
from monitor.application.operations.preferences import ChangePreferences
from monitor.application.policies.policies import CreatePolicy, EnsureDefaultPolicies
from monitor.domain.accounts.actors import Actor, Role
from monitor.domain.alerts.alert import AlertState
from monitor.domain.errors import InvalidInput, NotFound
from monitor.domain.fleet.servers import ServerId
from monitor.domain.hindsight.replayed_alerts import Counts
from monitor.domain.intake.samples import Sample
from monitor.domain.policies.kinds.forecast import FORECAST
from monitor.domain.policies.kinds.range import RANGE
from monitor.domain.policies.policies import OFFLINE, THRESHOLD, Policy, PolicyKind, Scope
from monitor.domain.times import moment
from tests.budget.counting import Profile
from tests.examples import examples
from tests.unit.application.alerts.alert_world import ROOT, World
from tests.unit.application.hindsight.backtests import MINUTE, begun, fill, result
from tests.unit.domain.alerts.test_alert_engine import CPU, values

KINDS: list[tuple[PolicyKind, float | None]] = [(THRESHOLD, 90.0), (FORECAST, 90.0), (RANGE, None)]
MONTH_OF_SAMPLES = 30 * 86400 // 15


@settings(max_examples=examples(40))
@given(
    st.lists(st.tuples(st.sampled_from([15, 15, 15, 45, 60, 300]), values), max_size=60), st.sampled_from([None, 15.0])
)
def test_it_finds_the_alerts_that_were_raised_live(history, interval):
    world = World()
    web = world.server("web", "10.0.0.1")
    policy = replace(CPU, sustained_for=MINUTE, clear_for=timedelta(seconds=15))
    policy = world.process.get(CreatePolicy)(ROOT, policy)
    steps = [step for step, _ in history]
    fill(world, web, [(sum(steps[: n + 1]), cpu) for n, (_, cpu) in enumerate(history)], interval=interval)
    world.clock.advance(1)
    decided = [(alert.fired_at, alert.resolved_at) for alert in world.alerts()]
    found = sorted(result(world, policy).alerts, key=lambda episode: episode.fired_at)
    assert decided == [(moment(e.fired_at), None if e.ended_at is None else moment(e.ended_at)) for e in found]


def test_it_finds_the_offline_periods_of_the_live_alerts(world: World, web):
    world.process.get(EnsureDefaultPolicies)()
    for _ in range(3):
        for _ in range(10):
            world.report(web.id)
            world.let_pass(15)
        world.let_pass(300)
    decided = [(alert.fired_at - timedelta(seconds=1), alert.state) for alert in world.alerts()]
    found = sorted(result(world, Policy(metric=OFFLINE)).alerts, key=lambda episode: episode.fired_at)
    # The product looks once a second: it found each a second after the time that was allowed.
    assert decided == [
        (moment(e.fired_at), AlertState.FIRING if e.ended_at is None else AlertState.RESOLVED) for e in found
    ]
    assert len(decided) == 3


def test_the_chosen_offline_after_counts(world: World, web):
    world.report(web.id)
    world.clock.advance(600)
    assert result(world, Policy(metric=OFFLINE)).total == 1
    world.process.get(ChangePreferences)(ROOT, {"offline_after": 600})
    assert result(world, Policy(metric=OFFLINE)).total == 0


def test_an_interval_that_is_declared_later_changes_nothing(world: World, web):
    """A history that was imported at five minutes, and then an agent that reports every 15 seconds."""
    at_once = replace(CPU, sustained_for=timedelta(minutes=20))
    imported = [(300.0 * n, 90.0 if n % 40 < 10 else 10.0) for n in range(288)]
    fill(world, web, imported, interval=None)
    before = [result(world, policy) for policy in (at_once, Policy(metric=OFFLINE))]
    world.report(web.id, interval=15.0)
    after = [result(world, policy) for policy in (at_once, Policy(metric=OFFLINE))]
    assert [(found.total, found.sweep) for found in before] == [(found.total, found.sweep) for found in after]
    assert [8, 0] == [found.total for found in after]


def test_a_window_begins_with_what_is_known_of_the_time_before(world: World, web):
    """An agent that declares nothing is not offline between its reports, also at the first ones of the window."""
    fill(world, web, [(600 * n, 10.0) for n in range(3 * 144)], interval=None)
    world.clock.advance(600)
    found = result(world, Policy(metric=OFFLINE))
    assert (found.total, found.already_firing) == (0, 0)


def test_alerts_that_fire_when_the_window_begins_are_counted_separately(world: World, web):
    at_once = replace(CPU, sustained_for=timedelta(0))
    fill(world, web, [(3600 * n, 90.0) for n in range(30)], interval=3600.0)
    found = result(world, at_once, days=1)
    assert (found.total, found.already_firing, found.servers, found.alerts) == (0, 1, [], [])
    whole = result(world, at_once, days=3)
    assert (whole.total, whole.already_firing) == (1, 0)


def test_an_alert_that_has_fired_for_weeks_is_found(world: World, web):
    """It stays between the threshold and its margin, where one day alone could not tell."""
    at_once = replace(CPU, sustained_for=timedelta(0), critical=None)
    fill(world, web, [(3600 * n, 90.0 if n == 0 else 68.0) for n in range(24 * 20)], interval=3600.0)
    found = result(world, at_once, days=1)
    assert (found.total, found.already_firing) == (0, 1)


def test_a_month_of_an_undeclared_interval_is_searched_for_offline_periods_in_few_calls(world: World, web):
    """Of 86,400 samples."""
    start = world.now - timedelta(days=30)
    with world.new_uow() as uow:
        samples = [_daily(web.id, start, 2 * n)._replace(interval=None) for n in range(MONTH_OF_SAMPLES // 2)]
        uow.samples.add(samples)
        uow.commit()
    policy = Policy(metric=OFFLINE, scope=Scope(server_id=web.id))
    with Profile().on() as profile, profile.calls() as calls:
        assert result(world, policy, days=30).total == 0
    assert MONTH_OF_SAMPLES / 2 < calls.total() < 1.25 * MONTH_OF_SAMPLES


def test_the_sweep_says_how_often_each_neighbour_would_have_fired(world: World, web):
    """Against a backtest of each neighbour by itself."""
    cycle = [10.0, 62.0, 10.0, 72.0, 10.0, 86.0, 88.0, 10.0]
    fill(world, web, [(60 * n + 15 * k, cycle[n % 8]) for n in range(80) for k in range(4)])
    world.clock.advance(1)
    policy = replace(CPU, sustained_for=timedelta(seconds=30), clear_for=timedelta(seconds=15))
    sweep = result(world, policy).sweep
    for each in sweep:
        varied = {
            name: getattr(each.neighbour.policy, name)
            for name in ("warning", "critical", "sustained_for", "clear_margin")
        }
        alone = result(world, replace(policy, **varied))
        assert _counts(each) == _counts(alone)
    assert len({each.total for each in sweep}) > 1
    assert len({each.escalations for each in sweep}) > 1


def _counts(found: Counts) -> tuple[int, ...]:
    return found.total, found.escalations, found.reminders, found.ended_within_hour


def test_the_sweep_of_a_small_value_follows_the_range_of_all_hosts(world: World, web):
    db = world.server("db", "10.0.0.2")
    for load in [0.5, 3.0, 0.5, 2.2, 0.5]:
        world.report(web.id, extra={"load1": load})
        world.report(db.id, extra={"load1": 2 * load})
        world.clock.advance(15)
    at_once = Policy(metric="load1", critical=2.0, sustained_for=timedelta(0), clear_for=timedelta(0), clear_margin=0)
    sweep = {each.neighbour.policy.critical: each.total for each in result(world, at_once).sweep}
    assert [sweep[critical] for critical in (1.5, 2.0, 2.5)] == [4, 4, 3]


def test_each_host_that_fired_is_listed_with_its_times(world: World, web):
    quiet, busy = world.server("quiet", "10.0.0.2"), world.server("busy", "10.0.0.3")
    policy = replace(CPU, sustained_for=timedelta(0), clear_for=timedelta(0))
    for at in range(0, 600, 60):
        world.report(web.id, 99.0 if at == 60 else 1.0)
        world.report(quiet.id)
        world.report(busy.id, 99.0)
        world.clock.advance(60)
    found = result(world, policy)
    assert found.servers == [(web.id, 1, 60.0), (busy.id, 1, 600.0)]
    assert (found.total, found.firing_seconds) == (2, 660.0)
    assert found.per_day == [(f"{world.now:%Y-%m-%d}", 2)]
    assert [episode.server_id for episode in found.alerts] == [web.id, busy.id]  # the newest first


def test_only_the_days_asked_for_count(world: World, web):
    world.report(web.id, 99.0)
    world.clock.advance(timedelta(days=2))
    at_once = replace(CPU, sustained_for=timedelta(0))
    assert (result(world, at_once, days=1).total, result(world, at_once, days=3).total) == (0, 1)


def test_a_policy_reaches_the_hosts_of_its_scope_that_the_actor_sees(world: World, web):
    bob = world.person("bob")
    theirs = world.server("db", "10.0.0.2", [bob], tags=["prod"])
    run = world.process.get(RunBacktest)
    actor = Actor(user_id=bob.id, username="bob", role=Role.USER)
    assert [s.id for s in run.servers(ROOT, CPU)] == [web.id, theirs.id]
    assert [s.id for s in run.servers(ROOT, replace(CPU, scope=Scope(tag="prod")))] == [theirs.id]
    assert [s.id for s in run.servers(actor, CPU)] == [theirs.id]
    with pytest.raises(NotFound):
        begun(world, replace(CPU, scope=Scope(server_id=web.id)), actor=actor)


@pytest.mark.parametrize("days", [0, MAX_DAYS + 1])
def test_days_out_of_range_are_refused(world: World, web, days):
    with pytest.raises(InvalidInput):
        begun(world, days=days)


def test_thirty_days_of_one_host_take_few_calls_with_the_sweep(world: World, web):
    """172,800 samples with a daily rhythm. How long they take depends on the machine; `make bench` says it."""
    start = world.now - timedelta(days=30)
    with world.new_uow() as uow:
        uow.samples.add([_daily(web.id, start, n) for n in range(MONTH_OF_SAMPLES)])
        uow.commit()
    policy = replace(CPU, scope=Scope(server_id=web.id))
    with Profile().on() as profile, profile.calls() as calls:
        found = result(world, policy, days=30)
    assert 30 <= found.total < MONTH_OF_SAMPLES
    assert len({each.total for each in found.sweep}) > 1
    assert MONTH_OF_SAMPLES < calls.total() < 6 * MONTH_OF_SAMPLES


def _daily(server_id: ServerId, start, n: int) -> Sample:
    at = start + timedelta(seconds=15 * n)
    hour = n % 5760 / 240
    cpu = 20.0 + (n * 7919 % 1000) / 100 + (50.0 if 9 <= hour < 17 else 0.0) + (15.0 if n % 480 < 60 else 0.0)
    return Sample(server_id, at, at, cpu, 10.0, 10.0, None, 15.0)


@pytest.mark.parametrize("policy", [Policy(metric="swap", kind=kind, warning=warning) for kind, warning in KINDS])
def test_of_a_host_without_the_metric_little_is_read(world: World, web, policy):
    start = world.now - timedelta(days=40)
    with world.new_uow() as uow:
        times = [start + timedelta(hours=n) for n in range(40 * 24)]
        uow.samples.add([Sample(web.id, at, at, 10.0, 10.0, 10.0, None, 3600.0) for at in times])
        uow.commit()
    run = world.process.get(RunBacktest)
    past = run.past(ROOT, [policy], web, world.now - timedelta(days=1), world.now)
    assert len(past.hours) <= 52, "two days, and three hours before a line of a day"


def test_it_shows_the_worst_values_of_metrics_without_a_column_too(world: World, web):
    for value in (3.0, 7.5, 5.0):
        world.report(web.id, 10.0, extra={"queue": value})
        world.clock.advance(15)
    policy = Policy(metric="queue", warning=10, scope=Scope(server_id=web.id))
    assert [7.5] == [value for _, value in result(world, policy, days=1).peaks]
