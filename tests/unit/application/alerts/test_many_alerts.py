"""What concerns many hosts is written a few at a time, and all of it in one run."""

from dataclasses import replace
from datetime import timedelta

from monitor.application.alerts.state_cache import AT_ONCE
from monitor.domain.alerts.alert import EventKind
from monitor.domain.alerts.policies import OFFLINE, Policy
from tests.unit.application.alerts.alert_world import World

MANY = 2 * AT_ONCE + 5


def test_a_policy_fires_for_all_offline_hosts_reminds_of_all_and_ends_with_all() -> None:
    world = World()
    ann = world.person("ann", "ann@example.com")
    hosts = [world.server(f"host-{n}", f"10.0.0.{n + 1}", [ann]) for n in range(MANY)]
    for host in hosts:
        world.report(host.id)
    world.clock.advance(timedelta(minutes=5))
    detect, maintenance = world.process.detect_offline(), world.process.alert_maintenance()
    assert len(detect()) == MANY
    assert world.alerts() == []

    with world.new_uow() as uow:
        policy = uow.alert_policies.add(Policy(metric=OFFLINE))
        uow.commit()
    world.process.fleet().mark_stale()
    world.process.fleet().refresh()
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
    world.process.fleet().mark_stale()
    maintenance()
    assert [alert for alert in world.alerts() if alert.is_open] == []
    assert len(world.alerts()) == MANY
