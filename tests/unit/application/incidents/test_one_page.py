"""A parent and what depends on it are one page, in whatever order they are found, with restarts and two processes."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import permutations

import pytest

from monitor.application.checks.checks import CreateCheck
from monitor.application.operations.peers import ExchangePeerUpdates, FollowAlerts
from monitor.application.policies.policies import EnsureDefaultPolicies
from monitor.domain.checks.checks import Check
from monitor.domain.checks.kinds import KINDS
from monitor.domain.fleet.servers import ServerId
from monitor.domain.notifications.outbox import ENDINGS
from monitor.domain.policies.check_policies import UP
from tests.unit.application.alerts.alert_world import ROOT, World


class Site:
    """A host, or a check, and two hosts that depend on it; bob is notified of everything. *worlds*: its processes."""

    def __init__(self, processes: int, *, is_check: bool) -> None:
        world = World()
        bob = world.person("bob", "bob@example.com")
        self.parent = world.server("gateway", "10.0.0.1", [bob])
        if is_check:
            check = Check(
                name="ping", kind=KINDS["http"], target="http://10.0.0.1/", created_at=world.now, interval=15.0
            )
            stored = world.process.get(CreateCheck)(ROOT, replace(check, host_id=self.parent.id))
            world.process.fleet.refresh()
            self.parent = world.process.fleet.directory.checks[stored.id]
        self.children = [world.server(f"web-{n}", f"10.0.1.{n}", [bob]) for n in (1, 2)]
        with world.new_uow() as uow:
            uow.servers.depend({child.id: [self.parent.id] for child in self.children})
            uow.commit()
        world.process.get(EnsureDefaultPolicies)()
        shared = partial(World, store=world.store, mailer=world.mailer, clock=world.clock, secrets=world.secrets)
        self.worlds = [world, *(shared() for _ in range(processes - 1))]
        self.down = set[ServerId]()

    def let_pass(self, seconds: int) -> None:
        for turn in range(seconds // 5):
            self.worlds[0].clock.advance(timedelta(seconds=5))
            if turn % 3 == 0:
                self.report()
            for world in self.worlds if len(self.worlds) > 1 else ():
                world.process.get(ExchangePeerUpdates)()
                world.process.get(FollowAlerts)()
            for world in self.worlds[:: 1 if turn % 2 else -1]:
                world.background()

    def report(self) -> None:
        watched = [self.parent, *self.children] if self.parent.is_host else self.children
        samples = [self.worlds[0].sample(each.id) for each in watched if each.id not in self.down]
        run = self.worlds[0].sample(self.parent.id, extra={UP: float(self.parent.id not in self.down)})
        samples += [] if self.parent.is_host else [run]
        self.worlds[0].store_samples(samples)

    def paged(self) -> list[set[ServerId]]:
        """Return what each message is about but for those of ends."""
        sent = [message.items for _, message in self.worlds[0].mailer.sent]
        found = [{item.alert.server_id for item in items if item.event_kind not in ENDINGS} for items in sent]
        return [each for each in found if each]


@pytest.mark.nightly(each=True)
@pytest.mark.parametrize("order", [*permutations(range(3))], ids=str)
@pytest.mark.parametrize("restart", [0, 90, 110, 130, 330])
@pytest.mark.parametrize(("processes", "is_check"), [(1, False), (2, False), (1, True), (2, True)])
def test_a_parent_and_its_children_are_one_page_in_whatever_order_they_are_found(
    order: tuple[int, ...], restart: int, processes: int, is_check: bool
) -> None:
    """*order*: in which they fall, 20 seconds apart. *restart*: seconds after the first fell. The first child comes
    back with its parent, the second later: it is one more page."""
    site = Site(processes, is_check=is_check)
    watched, lost = [site.parent, *site.children], site.children[1]
    site.let_pass(30)
    falls = {20 * place: watched[each].id for place, each in enumerate(order)}
    for second in range(0, 900, 10):
        if second == 300:
            assert [{site.parent.id}] == site.paged()
            site.down = {lost.id}
        site.down |= {falls[second]} if second in falls else set()
        if second == restart:
            site.worlds[0].restart()
        site.let_pass(10)
    assert {each.id for each in watched} == {alert.server_id for alert in site.worlds[0].alerts()}
    assert [{site.parent.id}, {lost.id}] == site.paged()
    site.down.clear()
    site.let_pass(60)
    assert [{site.parent.id}, {lost.id}] == site.paged()
    alerts = site.worlds[0].alerts()
    assert (1, {False}) == (len({each.incident_id for each in alerts}), {each.is_open for each in alerts})
