"""Alerts become incidents beside intake, some seconds after they fire."""

from datetime import timedelta

from monitor.application.incidents.grouping import GroupAlerts
from monitor.application.incidents.ports import IncidentFilter, ShownIncident
from monitor.domain.fleet.servers import Server
from tests.unit.application.core import ROOT, Core

WAIT = 10
"""Seconds: `digest_wait`."""


def group_alerts(core: Core, holder: str = "this") -> GroupAlerts:
    return GroupAlerts(core.new_uow, core.store.queries, core.fleet, core.clock, holder)


def incidents(core: Core, **wanted: object) -> list[ShownIncident]:
    return core.store.queries.incidents.newest(ROOT, IncidentFilter(**wanted))  # type: ignore[arg-type]


def a_rack(core: Core, size: int = 5) -> list[Server]:
    rack = [core.server(f"10.0.{n}.1", tags=["rack-7"]) for n in range(1, size + 1)]
    for n in range(20):
        core.server(f"10.1.{n}.1", tags=[f"rack-{10 + n}"])
    return rack


def die(core: Core, servers: list[Server]) -> None:
    """Let these servers report for the last time, and find them offline."""
    core.store_samples([core.sample(server) for server in servers])
    core.clock.advance(91)
    assert len(core.detect_offline()) == len(servers)


def test_a_rack_that_dies_is_one_incident_before_its_mail_is_due(core: Core) -> None:
    rack, group = a_rack(core), group_alerts(core)
    die(core, rack[:4])
    group()
    assert incidents(core) == []
    core.clock.advance(WAIT - 1)
    group()
    [found] = incidents(core)
    cause = found.incident.cause
    assert cause is not None
    assert (cause.group.value, len(cause.sick), [*cause.healthy]) == ("rack-7", 4, [rack[4].id])
    assert len(found.alerts) == 4


def test_it_ends_with_its_last_alert(core: Core) -> None:
    rack, group = a_rack(core), group_alerts(core)
    die(core, rack[:4])
    core.clock.advance(WAIT)
    group()
    core.store_samples([core.sample(server) for server in rack[:3]])
    group()
    assert [each.incident.ended_at for each in incidents(core)] == [None]
    core.clock.advance(60)
    core.store_samples([core.sample(rack[3])])
    group()
    [found] = incidents(core)
    assert found.incident.ended_at == max(each.alert.resolved_at for each in found.alerts if each.alert.resolved_at)


def test_what_begins_later_joins_and_proves_to_be_one(core: Core) -> None:
    rack, group = a_rack(core), group_alerts(core)
    for server in rack[:3]:
        die(core, [server])
        core.clock.advance(WAIT)
        group()
    [found] = incidents(core)
    assert found.incident.cause is not None
    assert [each.alert.server_id for each in found.alerts] == [server.id for server in rack[:3]]


def test_two_processes_group_each_alert_once(core: Core) -> None:
    rack, other = a_rack(core), core.other_process()
    die(core, rack[:4])
    core.clock.advance(WAIT)
    for each, holder in ((core, "this"), (other, "other"), (core, "this")):
        group_alerts(each, holder)()
    assert len(incidents(core)) == 1
    core.clock.advance(timedelta(minutes=1).total_seconds())
    group_alerts(other, "other")()
    assert len(incidents(core)) == 1
