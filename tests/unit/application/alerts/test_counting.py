"""The figures of a fleet are those of what one sees, and are the same for many people at once."""

from datetime import timedelta

from monitor.application.alerts.lists import CountServers, FleetCounts
from monitor.application.policies.silences import CreateSilence
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.users import User
from monitor.domain.policies.policies import Policy, Scope
from monitor.domain.policies.silences import Silence
from tests.contracts.builders import ADMIN
from tests.unit.application.alerts.alert_world import START, World


def actor(user: User) -> Actor:
    return Actor(user_id=user.id, username=user.username, role=user.role)


def silence(world: World, **scope: object) -> None:
    """Silence for a minute."""
    made = Silence(
        scope=Scope(**scope),  # type: ignore[arg-type]  # as the caller writes it
        starts_at=START,
        ends_at=START + timedelta(minutes=1),
        reason="",
        created_at=START,
    )
    world.process.get(CreateSilence)(ADMIN, made)
    world.process.fleet.refresh()


def test_each_is_shown_the_figures_of_what_they_see(world: World) -> None:
    ann, bob = world.person("ann"), world.person("bob")
    hers = world.server("one", "10.0.0.1", [ann])
    both = world.server("two", "10.0.0.2", [ann, bob])
    world.server("three", "10.0.0.3")
    with world.new_uow() as uow:
        at_once = timedelta()
        uow.alert_policies.add(Policy(metric="cpu", warning=50, critical=80, sustained_for=at_once, clear_for=at_once))
        uow.commit()
    world.process.fleet.mark_stale()
    world.process.fleet.refresh()
    world.report(hers.id, cpu=90.0)
    world.report(both.id, cpu=90.0)
    silence(world, server_id=both.id)
    count = world.process.get(CountServers)
    expected = [FleetCounts(3, 2, 1, 1, 2, 1), FleetCounts(2, 2, 0, 0, 2, 1), FleetCounts(1, 1, 0, 0, 1, 1)]
    assert (
        expected
        == count.for_each([ADMIN, *map(actor, (ann, bob))])
        == [count(ADMIN), count(actor(ann)), count(actor(bob))]
    )


def test_silenced_servers_are_counted_from_the_beginning_to_the_end_of_a_silence(world: World) -> None:
    ann = world.person("ann")
    for number in (1, 2, 3):
        world.server(f"web-{number}", f"10.0.0.{number}", [ann] if number == 1 else [])
    count = world.process.get(CountServers)

    def silenced() -> tuple[int, int]:
        return count(ADMIN).silenced, count(actor(ann)).silenced

    assert (0, 0) == silenced()
    silence(world)
    assert (3, 1) == silenced()
    world.server("web-4", "10.0.0.4", [ann])
    assert (4, 2) == silenced()
    world.clock.advance(timedelta(minutes=1))
    assert (0, 0) == silenced()
