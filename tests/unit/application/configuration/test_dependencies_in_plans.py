"""A plan counts what changed dependencies would have held back, or let through."""

from dataclasses import replace

from monitor.application.configuration.pages import Pages, PredictPages
from monitor.application.fleet.directory import Directory
from monitor.application.fleet.ports import FleetChanges
from monitor.application.policies.policies import CreatePolicy
from monitor.domain.fleet.servers import Server, ServerId
from monitor.domain.policies.policies import OFFLINE, Policy
from tests.unit.application.alerts.alert_world import ROOT, World

SWITCH, WEB = ServerId(1), ServerId(2)


def a_history() -> World:
    """Web is offline three times in three days: with the switch, longer than the switch, and alone."""
    world = World()
    ann, bob = (world.person(name, f"{name}@example.com") for name in ("ann", "bob"))
    world.server("switch", "10.0.0.1", [bob])
    world.server("web", "10.0.0.2", [ann])
    world.process.get(CreatePolicy)(ROOT, Policy(metric=OFFLINE))

    def online(hours: int, *hosts: ServerId) -> None:
        for _ in range(hours * 12):
            for host in hosts:
                world.report(host, interval=300.0)
            world.let_pass(300, every=300)

    online(12, SWITCH, WEB)
    for hours_of_switch, hours_of_web in ((2, 2), (2, 4), (0, 2)):
        online(hours_of_switch)
        online(hours_of_web - hours_of_switch, SWITCH)
        online(20, SWITCH, WEB)
    return world


def with_parents(directory: Directory, *parents: ServerId) -> Directory:
    web = directory.servers[WEB]
    nothing = dict.fromkeys(("policies", "silences", "channels", "preferences", "roster"))
    servers: dict[ServerId, Server | None] = {WEB: replace(web, depends_on=frozenset(parents))}
    changes = FleetChanges(
        revision=directory.revision,
        servers=servers,
        api_keys={},
        users={},
        teams={},
        **nothing,
    )
    return directory.with_changes(changes)


def pages(world: World, before: Directory, after: Directory) -> Pages:
    return world.process.get(PredictPages).between(before, after, 4, lambda _: None)


def test_what_the_switch_took_down_pages_nobody_and_what_lasts_longer_pages_at_its_end() -> None:
    world = a_history()
    assert [alert.server_id for alert in world.alerts()].count(SWITCH) == 2
    alone = world.process.fleet.directory
    dependent = with_parents(alone, SWITCH)
    found = pages(world, alone, dependent)
    assert (found.before, found.after, found.added, found.removed) == (5, 4, 0, 1)
    assert found.people == {"ann": (3, 2), "bob": (2, 2)}
    back = pages(world, dependent, alone)
    assert (back.before, back.after, back.added, back.removed) == (4, 5, 1, 0)


def test_nothing_is_read_for_a_fleet_without_dependencies() -> None:
    world = a_history()
    alone = world.process.fleet.directory
    assert pages(world, alone, alone) == pages(world, alone, with_parents(alone))
