"""Wrong clocks of hosts over time, in two processes on one store: each has one alert, which ends when it is right."""

from datetime import timedelta
from pathlib import Path

import pytest

from monitor.adapters.memory.fakes import CountedSecrets, FixedClock, InsecurePasswordHasher, MemoryMailer
from monitor.adapters.memory.store import MemoryStore
from monitor.application.alerts.clocks import FollowClocks
from monitor.application.alerts.evaluating.state_cache import StateCache
from monitor.application.alerts.maintenance import AlertMaintenance
from monitor.application.alerts.offline import DetectOffline
from monitor.application.alerts.ports import AlertFilter
from monitor.application.fleet.servers import CreateServer
from monitor.application.intake.store_samples import StoreSamples
from monitor.application.operations.peers import FollowAlerts
from monitor.application.policies.policies import EnsureDefaultPolicies, UpdatePolicy
from monitor.assembly import over
from monitor.container import Container
from monitor.domain.alerts.alert import AlertState
from monitor.domain.fleet.servers import ServerId
from monitor.domain.levels import Level
from monitor.domain.policies.policies import CLOCK
from monitor.settings import Settings
from tests.contracts.builders import ADMIN, a_sample

FIRING, RESOLVED, CANCELLED = AlertState


class Processes:
    """Two on one store and clock. The first takes the reports, the second hears of them."""

    def __init__(self) -> None:
        self.clock, self.store = FixedClock(), MemoryStore()
        self.first, self.second = self.started(), self.started()
        self.first[0].get(EnsureDefaultPolicies)()
        self.server_id = self.first[0].get(CreateServer)(ADMIN, name="web", ip_address="192.0.2.1").id

    def started(self) -> tuple[Container, FollowClocks]:
        container = over(
            self.store,
            Settings(database_url="", data_dir=Path()),
            "a secret that signs this test's tokens",
            clock=self.clock,
            secrets=CountedSecrets(str(id(self))),
            hasher=InsecurePasswordHasher(),
            mailer=MemoryMailer(),
            senders={},
        )
        container.shared.started_at()
        return container, container.get(FollowClocks)

    def report(self, skew: int | None, seconds: float) -> None:
        """The host reports each ten seconds, as refused as its samples may be."""
        for _ in range(round(seconds / 10)):
            self.clock.advance(timedelta(seconds=10))
            for is_second, (container, _) in enumerate((self.first, self.second)):
                container.fleet.poll()
                container.fleet.note_clock(self.server_id, skew, from_peer=bool(is_second))
                container.get(StoreSamples)((), (), None, {self.server_id: self.clock.now()})
            self.follow()

    def follow(self) -> None:
        for container, follow in (self.first, self.second):
            container.get(FollowAlerts)()
            follow()
            container.get(AlertMaintenance)()

    def alerts(self) -> list[tuple[AlertState, Level, float]]:
        found = self.store.queries.alerts.newest(ADMIN, AlertFilter(metric=CLOCK))
        return [(each.alert.state, each.alert.level, each.alert.value) for each in reversed(found)]


@pytest.fixture
def world() -> Processes:
    return Processes()


def test_one_alert_says_by_how_much_and_ends_when_the_clock_is_right(world: Processes):
    world.report(3_600, seconds=50)
    assert world.alerts() == []
    world.report(3_600, seconds=600)
    assert world.alerts() == [(FIRING, Level.WARNING, 3_600.0)]
    world.report(None, seconds=50)
    assert world.alerts() == [(FIRING, Level.WARNING, 3_600.0)]
    world.report(None, seconds=20)
    assert world.alerts() == [(RESOLVED, Level.WARNING, 0.0)]


def test_a_clock_that_is_behind_is_wrong_too(world: Processes):
    world.report(-90, seconds=100)
    assert world.alerts() == [(FIRING, Level.WARNING, 90.0)]


def test_a_process_that_has_heard_nothing_yet_ends_nothing(world: Processes):
    world.report(90, seconds=100)
    world.first = world.second = world.started()
    world.clock.advance(timedelta(seconds=300))
    world.follow()
    assert world.alerts() == [(FIRING, Level.WARNING, 90.0)]
    world.report(None, seconds=100)
    assert world.alerts() == [(RESOLVED, Level.WARNING, 0.0)]


def test_late_samples_say_nothing_of_the_clock(world: Processes):
    world.report(90, seconds=100)
    store = world.first[0].get(StoreSamples)
    for minutes in (1, 3):
        store([a_sample(world.server_id, world.clock.now() - timedelta(minutes=minutes))])
    world.report(90, seconds=120)
    assert world.alerts() == [(FIRING, Level.WARNING, 90.0)]


def test_thresholds_are_those_of_the_policy(world: Processes):
    container, _ = world.first
    container.fleet.poll()
    [policy] = [each for each in container.fleet.directory.rules.policies.all if each.metric == CLOCK]
    container.get(UpdatePolicy)(ADMIN, policy.id, warning=300.0, critical=1_000.0)
    world.report(120, seconds=200)
    assert world.alerts() == []
    world.report(2_000, seconds=200)
    assert world.alerts() == [(FIRING, Level.CRITICAL, 2_000.0)]
    container.get(UpdatePolicy)(ADMIN, policy.id, enabled=False)
    world.report(2_000, seconds=200)
    assert world.alerts() == [(CANCELLED, Level.CRITICAL, 2_000.0)]


def test_it_escalates_where_the_clock_goes_further_wrong(world: Processes):
    container, _ = world.first
    container.fleet.poll()
    [policy] = [each for each in container.fleet.directory.rules.policies.all if each.metric == CLOCK]
    container.get(UpdatePolicy)(ADMIN, policy.id, warning=60.0, critical=3_600.0)
    for skew, level in ((120, Level.WARNING), (7_200, Level.CRITICAL), (120, Level.CRITICAL)):
        world.report(skew, seconds=200)
        [alert] = world.alerts()
        assert alert[:2] == (FIRING, level)
    world.report(0, seconds=200)
    assert world.alerts()[0][:2] == (RESOLVED, Level.CRITICAL)


def test_an_older_database_gains_the_policy_once(world: Processes):
    container, _ = world.first
    with container.uow() as uow:
        [policy] = [each for each in uow.alert_policies.all() if each.metric == CLOCK]
        uow.preferences.save({"default_policies": 1})
        uow.alert_policies.delete(policy.id)
        uow.commit()
    container.get(EnsureDefaultPolicies)()
    container.get(EnsureDefaultPolicies)()
    with container.uow() as uow:
        [policy] = [each for each in uow.alert_policies.all() if each.metric == CLOCK]
        uow.alert_policies.delete(policy.id)
        uow.commit()
    container.get(EnsureDefaultPolicies)()
    with container.uow() as uow:
        assert CLOCK not in [each.metric for each in uow.alert_policies.all()]


def test_a_host_whose_samples_are_refused_comes_online_and_stays(world: Processes):
    server_id = ServerId(world.server_id)
    container, _ = world.first
    detect = container.get(DetectOffline)
    world.report(7_200, seconds=300)
    assert detect() == set()
    assert container.fleet.live[server_id].last_report_at == world.clock.now()
    world.clock.advance(timedelta(seconds=300))
    assert detect() == {server_id}
    world.report(7_200, seconds=10)
    offline = world.store.queries.alerts.newest(ADMIN, AlertFilter(metric="offline"))
    assert [each.alert.state for each in offline] == [RESOLVED]


def test_a_host_with_a_wrong_clock_rests_between_its_samples(world: Processes):
    """Its alert compares no sample, so a sample costs no more than that of another host."""
    world.report(3_600, seconds=700)
    container, _ = world.first
    container.fleet.refresh()
    container.get(StoreSamples)([a_sample(world.server_id, world.clock.now(), disk=10.0)])
    states = container.get(StateCache)
    assert [(world.server_id, CLOCK)] == states.firing()
    assert not states.busy
    assert {world.server_id} == states.models.resting.keys()


def test_a_host_that_no_policy_compares_rests_too(world: Processes):
    container, _ = world.first
    for policy in container.fleet.directory.rules.policies.all or ():
        container.get(UpdatePolicy)(ADMIN, policy.id, enabled=False)
    container.fleet.refresh()
    container.get(StoreSamples)([a_sample(world.server_id, world.clock.now(), disk=10.0)])
    assert {world.server_id} == container.get(StateCache).models.resting.keys()
