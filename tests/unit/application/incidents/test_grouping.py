"""Alerts become incidents beside intake, some seconds after they fire."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from monitor.application.fleet.dependencies import Parent
from monitor.application.fleet.servers import UpdateServer
from monitor.application.hindsight.drills import StartDrill
from monitor.application.incidents.answering import AcknowledgeIncident
from monitor.application.incidents.grouping import GroupAlerts
from monitor.application.incidents.ports import IncidentFilter, ShownIncident
from monitor.application.policies.policies import CreatePolicy
from monitor.domain.alerts.alert import AlertState
from monitor.domain.fleet.servers import Kind, Server
from monitor.domain.incidents.incidents import IncidentState
from monitor.domain.policies.policies import DRILL, OFFLINE, Policy
from tests.contracts.builders import an_alert
from tests.unit.application.alerts.alert_world import ROOT, World

WAIT = 10
"""Seconds: `digest_wait`."""


@pytest.fixture
def rack(world: World) -> list[Server]:
    """Five servers of a fleet of 25, which alerts when one is offline."""
    world.process.get(CreatePolicy)(ROOT, Policy(metric=OFFLINE))
    for n in range(20):
        world.server(f"db-{n}", f"10.1.{n}.1", tags=[f"rack-{10 + n}"])
    return [world.server(f"web-{n}", f"10.0.{n}.1", tags=["rack-7"]) for n in range(1, 6)]


def group(world: World) -> None:
    world.process.get(GroupAlerts)()


def incidents(world: World) -> list[ShownIncident]:
    queries = world.store.queries.incidents
    return [queries.get(ROOT, each.incident.id) for each in queries.newest(ROOT, IncidentFilter())]


def die(world: World, *servers: Server, healthy: Sequence[Server] = ()) -> None:
    """Let these servers report for the last time, and find them offline, while the *healthy* ones report."""
    for server in servers:
        world.report(server.id)
    known = len(world.alerts())
    world.let_pass(45)
    for server in healthy:
        world.report(server.id)
    world.let_pass(46)
    assert len(world.alerts()) == known + len(servers)


def test_a_rack_that_dies_is_one_incident_before_its_mail_is_due(world: World, rack: list[Server]) -> None:
    world.person("ann", "ann@example.com")
    die(world, *rack[:4], healthy=rack[4:])
    assert incidents(world) == []
    world.let_pass(WAIT - 1)
    [found] = incidents(world)
    cause = found.incident.cause
    assert cause is not None
    assert (cause.group.value, len(cause.sick), [*cause.healthy]) == ("rack-7", 4, [rack[4].id])
    assert [each.alert.server_id for each in found.alerts] == [server.id for server in rack[:4]]
    assert {each.incident_id for each in world.outbox()} <= {found.incident.id}


def test_a_host_that_never_reported_is_not_called_healthy(world: World, rack: list[Server]) -> None:
    die(world, *rack[:3])
    world.let_pass(WAIT)
    [found] = incidents(world)
    assert found.incident.cause is not None
    assert (len(found.incident.cause.sick), found.incident.cause.healthy) == (3, ())


def test_alerts_that_are_over_before_they_are_grouped_are_one_incident(world: World, rack: list[Server]) -> None:
    die(world, *rack[:4])
    for server in rack[:4]:
        world.report(server.id)
    world.clock.advance(timedelta(seconds=80))  # no job runs
    world.let_pass(1)
    [found] = incidents(world)
    assert (found.state, len(found.members)) == (IncidentState.ENDED, 4)


def test_a_drill_is_no_part_of_an_incident(world: World, rack: list[Server]) -> None:
    for server in rack:
        world.report(server.id)
    world.process.get(StartDrill)(ROOT, rack[3].id, None)
    die(world, *rack[:3], healthy=rack[3:])
    world.let_pass(WAIT)
    assert [({each.metric for each in found.members}, found.incident.cause) for found in incidents(world)] == [
        *[({OFFLINE}, None)] * 3,
        ({DRILL}, None),
    ]


def test_an_incident_is_acknowledged_again_only_for_what_joined(world: World, rack: list[Server]) -> None:
    die(world, *rack[:3])
    world.let_pass(WAIT)
    [found] = incidents(world)
    acknowledge = world.process.get(AcknowledgeIncident)
    assert len(acknowledge(ROOT, found.incident.id)) == 3
    die(world, rack[3])
    world.let_pass(WAIT)
    [joined] = [each.id for each in world.alerts() if each.server_id == rack[3].id]
    assert acknowledge(ROOT, found.incident.id) == [joined]
    assert acknowledge(ROOT, found.incident.id) == []


def test_it_ends_with_its_last_alert(world: World, rack: list[Server]) -> None:
    die(world, *rack[:4])
    world.let_pass(WAIT)
    for server in rack[:3]:
        world.report(server.id)
    world.let_pass(1)
    assert [each.incident.ended_at for each in incidents(world)] == [None]
    world.let_pass(60)
    world.report(rack[3].id)
    world.let_pass(1)
    [found] = incidents(world)
    assert found.incident.ended_at == max(each.alert.resolved_at for each in found.alerts if each.alert.resolved_at)


def test_what_begins_later_joins_and_proves_to_be_one(world: World, rack: list[Server]) -> None:
    for server in rack[:4]:
        die(world, server)
        world.let_pass(WAIT)
    [found] = incidents(world)
    assert found.incident.cause is not None
    assert [each.alert.server_id for each in found.alerts] == [server.id for server in rack[:4]]


def test_two_processes_group_each_alert_once(world: World, rack: list[Server]) -> None:
    other = World(store=world.store, clock=world.clock, secrets=world.secrets)
    die(world, *rack[:4])
    world.clock.advance(timedelta(seconds=WAIT))
    for each in (world, other, world):
        group(each)
    assert len(incidents(world)) == 1
    world.clock.advance(timedelta(minutes=1))
    group(other)
    assert len(incidents(world)) == 1


def test_what_fires_from_before_an_upgrade_gets_an_incident_and_what_is_over_none(
    world: World, rack: list[Server]
) -> None:
    days = [world.now - timedelta(days=each) for each in (3, 2, 1)]
    with world.new_uow() as uow:
        firing = [uow.alerts.add(an_alert(rack[0].id, metric=f"m{at.day}", fired_at=at)) for at in days]
        over = uow.alerts.add(an_alert(rack[1].id, state=AlertState.RESOLVED, fired_at=days[0], resolved_at=days[1]))
        uow.commit()
    group(world)
    [found] = incidents(world)
    assert (found.incident.started_at, {each.id for each in found.members}) == (days[0], {each.id for each in firing})
    assert [each.incident_id for each in world.alerts() if each.id == over.id] == [None]


def test_a_child_joins_its_parent_whichever_is_found_first(world: World, rack: list[Server]) -> None:
    switch = world.server("switch", "10.2.0.1")
    world.process.get(UpdateServer)(ROOT, rack[0].id, depends_on=[Parent(Kind.HOST, switch.id)])
    world.process.get(UpdateServer)(ROOT, rack[1].id, depends_on=[Parent(Kind.HOST, switch.id)])
    world.process.fleet.refresh()
    for server in (rack[0], switch, rack[1]):
        die(world, server)
        world.let_pass(WAIT)
    [found] = incidents(world)
    assert {each.server_id for each in found.members} == {rack[0].id, switch.id, rack[1].id}
    assert len(found.merged_from) == 0


def test_what_joins_an_acknowledged_incident_pages_again(world: World) -> None:
    ann = world.person("ann", "ann@example.com")
    for metric in ("cpu", "memory"):
        world.process.get(CreatePolicy)(ROOT, Policy(metric=metric, warning=70, sustained_for=timedelta(0)))
    for n in range(20):
        world.server(f"db-{n}", f"10.1.{n}.1", tags=[f"rack-{10 + n}"])
    web = [world.server(f"web-{n}", f"10.0.{n}.1", [ann], ["rack-7"]) for n in range(1, 6)]
    sick, full = range(0), range(0)

    def mailed() -> list[set[tuple[str, str]]]:
        for n, server in enumerate(web):
            world.report(server.id, 90.0 if n in sick else 10.0, memory=90.0 if n in full else 10.0)
        before = len(world.mailer.sent)
        world.let_pass(360)
        return [{(i.server_name, i.alert.metric) for i in mail.items} for _, mail in world.mailer.sent[before:]]

    sick = range(4)
    assert [{(f"web-{n}", "cpu") for n in range(1, 5)}] == mailed()
    sick = range(5)
    assert [{("web-5", "cpu")}] == mailed()
    full = range(1)
    assert [{("web-1", "memory")}] == mailed()
    full = range(2)
    assert [{("web-2", "memory")}] == mailed()
    [found] = incidents(world)
    world.process.get(AcknowledgeIncident)(ROOT, found.incident.id)
    full = range(3)
    assert [{("web-3", "memory")}] == mailed()
    full = range(4)
    assert [{("web-4", "memory")}] == mailed()
    full = range(5)
    assert [{("web-5", "memory")}] == mailed()
    assert len(incidents(world)) == 1


def test_a_merge_keeps_the_cause_of_the_younger_one(world: World, rack: list[Server]) -> None:
    """A switch proves to be what an older incident without a cause, and one of a rack, have in common."""
    other, switch = world.server("other", "10.40.0.1"), world.server("switch", "10.41.0.1")
    for child in (other, rack[0]):
        world.process.get(UpdateServer)(ROOT, child.id, depends_on=[Parent(Kind.HOST, switch.id)])
    world.process.fleet.refresh()
    for fallen in ([other], rack[:4], [switch]):
        die(world, *fallen)
        world.let_pass(WAIT)
    [found] = incidents(world)
    assert found.incident.cause is not None
    assert (found.incident.cause.group.value, len(found.members)) == ("rack-7", 6)


def test_an_alert_that_late_samples_show_is_an_incident_that_has_ended(world: World) -> None:
    world.process.get(CreatePolicy)(ROOT, Policy(metric="cpu", warning=80, sustained_for=timedelta(0)))
    web = world.server("web", "10.0.0.1")
    world.report(web.id)
    begin = world.now
    world.let_pass(600, every=10)
    minutes = [(n, 95.0 if 1 <= n <= 4 else 10.0) for n in range(1, 10)]
    world.store_samples([world.sample(web.id, cpu, at=begin + timedelta(minutes=n)) for n, cpu in minutes])
    world.let_pass(60)
    [found] = incidents(world)
    assert (found.state, found.alerts[0].alert.late) == (IncidentState.ENDED, True)
    assert found.ended_at == found.incident.ended_at == found.alerts[0].alert.resolved_at
