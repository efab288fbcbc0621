"""A plan counts what changed dependencies would have held back, or let through."""

from collections import Counter

from monitor.application.configuration.pages import Pages
from monitor.application.configuration.planning import Plans
from monitor.application.fleet.batches import ChangeServers
from monitor.application.policies.policies import CreatePolicy
from monitor.domain.fleet.servers import ServerId
from monitor.domain.notifications.outbox import ENDINGS, DeliveryState
from monitor.domain.policies.policies import OFFLINE, Policy
from tests.unit.application.alerts.alert_world import ROOT, World

SWITCH, WEB = ServerId(1), ServerId(2)
ON_SWITCH = "{servers: {web: {servers: [switch]}}}"


def a_history(*parents: ServerId) -> World:
    """Web is offline three times in three days: with the switch, and for one report after it, two hours longer, and
    alone. *parents*: what it depends on."""
    world = World()
    ann, bob = (world.person(name, f"{name}@example.com") for name in ("ann", "bob"))
    world.server("switch", "10.0.0.1", [bob])
    world.server("web", "10.0.0.2", [ann])
    world.process.get(CreatePolicy)(ROOT, Policy(metric=OFFLINE))
    with world.new_uow() as uow:
        uow.servers.depend({WEB: parents})
        uow.commit()
    world.process.fleet.refresh()

    def online(reports: int, *hosts: ServerId) -> None:
        """These report every five minutes."""
        for _ in range(reports):
            for host in hosts:
                world.report(host, interval=600.0)
            world.let_pass(300, every=300)

    online(144, SWITCH, WEB)
    with world.new_uow() as uow:
        uow.servers.save_intervals({SWITCH: 600.0, WEB: 600.0})
        uow.commit()
    world.restart()
    for of_switch, of_web in ((24, 25), (24, 48), (0, 24)):
        online(of_switch)
        online(of_web - of_switch, SWITCH)
        online(240, SWITCH, WEB)
    return world


def pages(world: World, depends_on: str) -> Pages:
    """What a file with this section would have paged in four days."""
    plan = world.process.get(Plans).start(ROOT, f"depends_on: {depends_on}", 4)
    assert plan.pages is not None
    return plan.pages


def test_what_the_switch_took_down_pages_nobody_and_what_lasts_longer_pages_at_its_end() -> None:
    found = pages(a_history(), ON_SWITCH)
    assert (found.before, found.after, found.added, found.removed) == (5, 4, 0, 1)
    assert found.people == {"ann": (3, 2), "bob": (2, 2)}
    back = pages(a_history(SWITCH), "{}")
    assert (back.before, back.after, back.added, back.removed) == (4, 5, 1, 0)
    assert back.people == {"ann": (2, 3), "bob": (2, 2)}


def test_a_parent_that_nobody_is_notified_of_holds_nothing_back() -> None:
    world = a_history()
    world.process.get(ChangeServers).unlink_users(ROOT, [SWITCH], [*world.process.fleet.directory.users])
    world.process.fleet.refresh()
    assert (3, 3) == pages(world, ON_SWITCH).people["ann"]


def alerts_of_people(world: World) -> dict[str, int]:
    """Of how many alerts each was notified, but for ends."""
    names = {user.id: user.username for user in world.process.fleet.directory.users.values()}
    sent = [n for n in world.outbox() if n.delivery is DeliveryState.SENT and n.event_kind not in ENDINGS]
    return Counter(names[id_] for id_, _ in {(n.target.user_id, n.alert_id) for n in sent} if id_ is not None)


def test_each_person_has_as_many_alerts_as_live() -> None:
    found = pages(a_history(), ON_SWITCH).people
    for place, world in enumerate((a_history(), a_history(SWITCH))):
        assert {name: counts[place] for name, counts in found.items()} == alerts_of_people(world)
