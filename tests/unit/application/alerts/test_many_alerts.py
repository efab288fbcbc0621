"""What concerns many hosts is written a few at a time, and all of it in one run."""

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.application.alerts.evaluating.state_cache import AT_ONCE
from monitor.application.alerts.maintenance import AlertMaintenance
from monitor.application.alerts.offline import HOSTS_AT_ONCE, DetectOffline
from monitor.application.alerts.ports import StoredState
from monitor.domain.alerts.alert import EventKind
from monitor.domain.fleet.servers import ServerId
from monitor.domain.policies.policies import OFFLINE, Policy
from tests.unit.application.alerts.alert_world import World

MANY = 2 * AT_ONCE + 5


def test_a_policy_fires_for_all_offline_hosts_reminds_of_all_and_ends_with_all() -> None:
    world = World()
    ann = world.person("ann", "ann@example.com")
    hosts = [world.server(f"host-{n}", f"10.0.0.{n + 1}", [ann]) for n in range(MANY)]
    for host in hosts:
        world.report(host.id)
    world.clock.advance(timedelta(minutes=5))
    detect, maintenance = world.process.get(DetectOffline), world.process.get(AlertMaintenance)
    assert len(detect()) == MANY
    assert world.alerts() == []

    with world.new_uow() as uow:
        policy = uow.alert_policies.add(Policy(metric=OFFLINE))
        uow.commit()
    world.process.fleet.mark_stale()
    world.process.fleet.refresh()
    detect()
    assert sorted(alert.server_id for alert in world.alerts() if alert.is_open) == [host.id for host in hosts]

    world.clock.advance(timedelta(minutes=1))
    world.deliver()
    world.clock.advance(timedelta(hours=5))
    maintenance()
    reminders = [each for each in world.outbox() if each.event_kind is EventKind.REMINDED]
    assert sorted(each.server_id for each in reminders) == [host.id for host in hosts]

    with world.new_uow() as uow:
        uow.alert_policies.save(replace(policy, enabled=False))
        uow.commit()
    world.process.fleet.mark_stale()
    maintenance()
    assert [alert for alert in world.alerts() if alert.is_open] == []
    assert len(world.alerts()) == MANY


def test_alerts_that_fire_in_one_group_are_those_of_samples_one_by_one() -> None:
    """Also where one is over, fires again, or goes on rising within the group."""
    together, one_by_one = World(), World()
    for world in (together, one_by_one):
        ann = world.person("ann", "ann@example.com")
        with world.new_uow() as uow:
            at_once = timedelta()
            for metric in ("cpu", "memory"):
                uow.alert_policies.add(
                    Policy(metric=metric, warning=50, critical=80, sustained_for=at_once, clear_for=at_once)
                )
            uow.commit()
        hosts = [world.server(f"host-{n}", f"10.0.0.{n + 1}", [ann]) for n in range(4)]
        world.process.fleet.mark_stale()
        world.process.fleet.refresh()
        world.clock.advance(timedelta(minutes=10))
        rounds = [[60, 60, 90, 10], [85, 10, 95, 10], [85, 60, 90, 70], [10, 70, 99, 10]]
        samples = [
            world.sample(host.id, cpu, at=world.now - timedelta(seconds=60 - 15 * n - place), memory=cpu / 1.5)
            for n, values in enumerate(rounds)
            for place, (host, cpu) in enumerate(zip(hosts, values, strict=True))
        ]
        for group in [samples] if world is together else [[sample] for sample in samples]:
            world.store_samples(group)
    assert together.alerts() == one_by_one.alerts()
    assert 7 == len(together.alerts())
    assert list(map(together.timeline, together.alerts())) == list(map(one_by_one.timeline, one_by_one.alerts()))
    assert together.outbox() == one_by_one.outbox()
    assert [each.alert_id for each in states(together)] == [each.alert_id for each in states(one_by_one)]
    assert all(each.alert_id is None or each.alert_id > 0 for each in states(together))


def states(world: World) -> list[StoredState]:
    with world.new_uow() as uow:
        return sorted(uow.alert_states.all())


@pytest.mark.parametrize(("parts", "messages"), [(4, [4]), (8, [4, 4])])
def test_messages_wait_for_a_long_search_but_not_for_ever(
    monkeypatch: pytest.MonkeyPatch, parts: int, messages: list[int]
) -> None:
    """As on a slow machine, where a search takes longer than messages wait anyway. *messages*: parts in each."""
    world = World()
    ann = world.person("ann", "ann@example.com")
    hosts = [world.server(f"host-{n}", f"10.0.0.{n + 1}", [ann]) for n in range(parts * HOSTS_AT_ONCE)]
    with world.new_uow() as uow:
        uow.alert_policies.add(Policy(metric=OFFLINE))
        uow.commit()
    fleet = world.process.fleet
    fleet.mark_stale()
    fleet.refresh()
    for host in hosts:
        world.report(host.id)
    mark, pause = fleet.record_offline, fleet.directory.preferences.digest_pause

    def mark_slowly(server_ids: Collection[ServerId]) -> None:
        mark(server_ids)
        world.clock.advance(0.4 * pause)
        world.deliver()

    monkeypatch.setattr(fleet, "record_offline", mark_slowly)
    world.clock.advance(timedelta(minutes=5))
    assert len(world.process.get(DetectOffline)()) == len(hosts)
    world.clock.advance(pause)
    world.deliver()
    assert messages == [len(message.items) / HOSTS_AT_ONCE for _, message in world.mails()]
