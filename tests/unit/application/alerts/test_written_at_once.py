"""What one caller changes of many hosts is written a few at a time: others wait for each transaction."""

from collections import Counter
from datetime import timedelta

import pytest

from monitor.adapters.notify.wording.digest import MOST_LISTED
from monitor.application.alerts.evaluating.state_cache import AT_ONCE
from monitor.application.alerts.maintenance import AlertMaintenance
from monitor.application.notifications import delivery
from monitor.application.policies.policies import CreatePolicy, DeletePolicy, UpdatePolicy
from monitor.application.policies.silences import CreateSilence, DeleteSilence
from monitor.application.transactions import CHUNK
from monitor.domain.alerts.alert import AlertState
from monitor.domain.fleet.servers import Server
from monitor.domain.notifications.outbox import DeliveryState
from monitor.domain.policies.policies import OFFLINE, Policy, PolicyId, Scope
from monitor.domain.policies.silences import Silence, SilenceId
from tests.unit.application.alerts.alert_world import ROOT, START, World
from tests.unit.application.alerts.counted_writes import CountedWrites

HOSTS = 3 * AT_ONCE + 5
PEOPLE = 3


class Many:
    """Many hosts of a few people, with a policy that fires at once."""

    def __init__(self, hosts: int = HOSTS) -> None:
        self.store = CountedWrites()
        self.world = World(store=self.store)
        people = [self.world.person(f"p{n}", f"p{n}@example.com") for n in range(PEOPLE)]
        self.hosts: list[Server] = [self.world.server(f"h{n}", f"10.0.0.{n + 1}", people) for n in range(hosts)]
        create, at_once = self.world.process.get(CreatePolicy), timedelta()
        create(ROOT, Policy(metric=OFFLINE, enabled=False))
        made = create(ROOT, Policy(metric="cpu", warning=50, critical=80, sustained_for=at_once, clear_for=at_once))
        self.policy: PolicyId = made.id

    def report(self, cpu: float, *hosts: Server) -> None:
        self.world.clock.advance(15)
        self.world.process.fleet.refresh()
        self.world.store_samples([self.world.sample(host.id, cpu) for host in hosts or self.hosts])

    def silence(self) -> SilenceId:
        ends_at = START + timedelta(hours=9)
        made = Silence(scope=Scope(), starts_at=START, ends_at=ends_at, reason="", created_at=START)
        return self.world.process.get(CreateSilence)(ROOT, made).id

    def maintain(self) -> None:
        self.world.process.get(AlertMaintenance)()

    def delivered(self) -> Counter[DeliveryState]:
        return Counter(each.delivery for each in self.world.outbox())


@pytest.fixture
def many() -> Many:
    return Many()


def test_the_end_of_a_silence_releases_the_alerts_of_ten_hosts_in_a_transaction(many: Many) -> None:
    """Each person gets all of them in one message."""
    silence = many.silence()
    many.report(60)
    many.report(90)
    assert {DeliveryState.HELD: 2 * PEOPLE * HOSTS} == many.delivered()

    many.world.process.get(DeleteSilence)(ROOT, silence)
    many.store.written.clear()
    many.maintain()

    assert {DeliveryState.PENDING: PEOPLE * HOSTS, DeliveryState.DROPPED: PEOPLE * HOSTS} == many.delivered()
    assert AT_ONCE == many.store.most("alerts")
    assert CHUNK >= many.store.most("notifications") >= PEOPLE * AT_ONCE
    many.world.deliver()
    assert [] == many.world.mails()
    many.world.clock.advance(10)
    many.world.deliver()
    assert [HOSTS] * PEOPLE == [len(message.items) for _, message in many.world.mails()]


def test_the_results_of_one_message_are_stored_in_parts() -> None:
    many = Many(delivery.AT_ONCE + 5)
    many.report(90)
    many.world.clock.advance(10)
    many.store.written.clear()
    many.world.deliver()
    assert delivery.AT_ONCE == many.store.most("alerts") == many.store.most("timeline")
    assert delivery.AT_ONCE >= MOST_LISTED  # a mail that is sent again lists the same alerts
    assert [delivery.AT_ONCE + 5] * PEOPLE == [len(message.items) for _, message in many.world.mails()]


def test_what_one_alert_held_back_many_times_is_dropped_in_parts(many: Many) -> None:
    silence, host = many.silence(), many.hosts[0]
    for _ in range(CHUNK // PEOPLE + 10):
        many.report(60, host)
        many.report(90, host)
    assert many.delivered()[DeliveryState.HELD] > CHUNK

    many.world.process.get(DeleteSilence)(ROOT, silence)
    many.store.written.clear()
    many.maintain()

    assert PEOPLE == many.delivered()[DeliveryState.PENDING]
    assert 0 == many.delivered()[DeliveryState.HELD]
    assert CHUNK == many.store.most("notifications")


def test_of_an_alert_that_is_silenced_nothing_is_written(many: Many) -> None:
    many.silence()
    many.report(60)
    many.store.written.clear()
    many.maintain()
    assert 0 == many.store.most("notifications")


@pytest.mark.parametrize("change", ["switched off", "about something else", "deleted"])
def test_a_policy_that_ends_cancels_the_alerts_of_ten_hosts_in_a_transaction(many: Many, change: str) -> None:
    many.report(60)
    many.store.written.clear()
    if change == "deleted":
        many.world.process.get(DeletePolicy)(ROOT, many.policy)
    else:
        changed: dict[str, object] = {"enabled": False} if change == "switched off" else {"metric": "memory"}
        many.world.process.get(UpdatePolicy)(ROOT, many.policy, **changed)
    many.world.process.fleet.refresh()
    many.maintain()

    alerts = many.world.alerts()
    assert [AlertState.CANCELLED] * HOSTS == [alert.state for alert in alerts]
    note = "policy deleted" if change == "deleted" else "policy changed"
    assert [note] * HOSTS == [many.world.timeline(alert)[-1].note for alert in alerts]
    assert AT_ONCE == many.store.most("alert_states") == many.store.most("timeline")


def test_old_notifications_are_deleted_in_parts(many: Many) -> None:
    for _ in range(3):
        many.report(60)
        many.report(20)
    many.world.clock.advance(60)
    many.world.deliver()
    total = len(many.world.outbox())
    assert total > CHUNK
    many.world.clock.advance(timedelta(days=91))

    many.store.written.clear()
    many.maintain()
    assert total - CHUNK == len(many.world.outbox())
    assert CHUNK == many.store.most("notifications")
    while many.world.outbox():
        many.maintain()
