"""A plan counts what changed dependencies would have held back, or let through."""

from collections import Counter
from dataclasses import replace

from monitor.application.configuration.pages import Pages, PredictPages
from monitor.application.fleet.directory import Directory
from monitor.application.fleet.ports import FleetChanges
from monitor.application.policies.policies import CreatePolicy
from monitor.domain.fleet.servers import Server, ServerId
from monitor.domain.notifications.outbox import ENDINGS, DeliveryState
from monitor.domain.policies.policies import OFFLINE, Policy
from tests.unit.application.alerts.alert_world import ROOT, World

SWITCH, WEB = ServerId(1), ServerId(2)


def a_history(*parents: ServerId) -> World:
    """Web is offline three times in three days: with the switch, longer than the switch, and alone. *parents*: what it
    depends on."""
    world = World()
    ann, bob = (world.person(name, f"{name}@example.com") for name in ("ann", "bob"))
    world.server("switch", "10.0.0.1", [bob])
    world.server("web", "10.0.0.2", [ann])
    world.process.get(CreatePolicy)(ROOT, Policy(metric=OFFLINE))
    with world.new_uow() as uow:
        uow.servers.depend({WEB: parents})
        uow.commit()
    world.process.fleet.refresh()

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


def alerts_of_people(world: World) -> dict[str, int]:
    """Of how many alerts each was notified, but for ends."""
    names = {user.id: user.username for user in world.process.fleet.directory.users.values()}
    sent = [n for n in world.outbox() if n.delivery is DeliveryState.SENT and n.event_kind not in ENDINGS]
    return Counter(names[id_] for id_, _ in {(n.target.user_id, n.alert_id) for n in sent} if id_ is not None)


def test_each_person_has_as_many_alerts_as_live() -> None:
    world, dependent = a_history(), a_history(SWITCH)
    directory = world.process.fleet.directory
    found = pages(world, directory, with_parents(directory, SWITCH)).people
    assert {name: counts[0] for name, counts in found.items()} == alerts_of_people(world)
    assert {name: counts[1] for name, counts in found.items()} == alerts_of_people(dependent)


def test_nothing_is_read_for_a_fleet_without_dependencies() -> None:
    world = a_history()
    alone = world.process.fleet.directory
    assert pages(world, alone, alone) == pages(world, alone, with_parents(alone))
