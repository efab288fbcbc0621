"""What messages say of an incident: no more than what is true for the one who reads it."""

import pytest

from monitor.adapters.notify.wording.incident import incident_line
from monitor.application.fleet.dependencies import Parent
from monitor.application.fleet.servers import UpdateServer
from monitor.application.policies.policies import CreatePolicy
from monitor.domain.accounts.users import User
from monitor.domain.fleet.servers import Kind, Server
from monitor.domain.policies.policies import OFFLINE, Policy
from tests.unit.application.alerts.alert_world import ROOT, World


@pytest.fixture
def bob(world: World) -> User:
    world.process.get(CreatePolicy)(ROOT, Policy(metric=OFFLINE))
    for n in range(20):
        world.server(f"db-{n}", f"10.1.{n}.1", tags=[f"rack-{10 + n}"])
    return world.person("bob", "bob@example.com")


def pass_with(world: World, minutes: int, *reporting: Server) -> None:
    for _ in range(2 * minutes):
        for each in reporting:
            world.report(each.id)
        world.let_pass(30, every=10)


def depend(world: World, parent: Server, *children: Server) -> None:
    for each in children:
        world.process.get(UpdateServer)(ROOT, each.id, depends_on=[Parent(Kind.HOST, parent.id)])
    world.process.fleet.refresh()


def lines(world: World) -> list[tuple[str, list[str]]]:
    return [(incident_line(message), [item.server_name for item in message.items]) for _, message in world.mails()]


def test_what_hosts_depend_on_is_not_counted_as_one_of_them(world: World, bob: User) -> None:
    """The switch is found after its hosts."""
    switch = world.server("switch", "10.41.0.1", [bob])
    hosts = [world.server(f"web-{n}", f"10.0.{n}.1", [bob]) for n in range(1, 5)]
    depend(world, switch, *hosts)
    for each in hosts:
        world.report(each.id)
    pass_with(world, 2, switch)
    pass_with(world, 8)
    first, second = lines(world)
    assert first[0] == "4 of 4 that depend on switch"
    assert second == ("1 more", ["switch"])
