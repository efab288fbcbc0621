"""The report of an incident: who was notified, and what would have paged earlier or less."""

from datetime import timedelta

import pytest

from monitor.application.alerts.acknowledging import AcknowledgeAlert
from monitor.application.incidents.grouping import GroupAlerts
from monitor.application.incidents.ports import IncidentFilter
from monitor.application.incidents.reporting import Notified, Report, ReportIncident
from monitor.application.incidents.suggesting import SuggestDependencies
from monitor.application.policies.policies import CreatePolicy
from monitor.domain.accounts.actors import Actor
from monitor.domain.accounts.users import User
from monitor.domain.alerts.alert import IncidentId
from monitor.domain.errors import NotFound
from monitor.domain.fleet.servers import Server, ServerId
from monitor.domain.policies.policies import OFFLINE, Policy
from tests.unit.application.alerts.alert_world import ROOT, World

HOUR = 60
"""In minutes."""


class Scene:
    """Ann and Bob see all of rack-7, and another server; Cat sees nothing."""

    def __init__(self, *names: str) -> None:
        self.world = World()
        self.ann, self.bob, self.cat = (self.world.person(n, f"{n}@example.com") for n in ("ann", "bob", "cat"))
        people = [self.ann, self.bob]
        self.rack = [
            self.world.server(name, f"10.0.{place}.1", people, ["rack-7"]) for place, name in enumerate(names, 1)
        ]
        self.well, *_ = [self.world.server(f"well-{n}", f"10.1.{n}.1", people) for n in range(10)]
        self.group = self.world.process.get(GroupAlerts)

    def online(self, minutes: int, *servers: Server, cpu: float = 10.0) -> None:
        """These report every ten minutes."""
        for _ in range(minutes // 10):
            for server in servers:
                self.world.report(server.id, cpu, interval=600.0)
            self.world.let_pass(30, every=15)
            self.group()
            self.world.let_pass(570, every=570)

    def report(self, actor: Actor = ROOT, id_: IncidentId | None = None) -> Report:
        newest = self.world.store.queries.incidents.newest(ROOT, IncidentFilter())
        return self.world.process.get(ReportIncident)(actor, newest[0].incident.id if id_ is None else id_)


def actor(user: User) -> Actor:
    return Actor(user_id=user.id, username=user.username, role=user.role)


@pytest.fixture
def outages() -> Scene:
    """The switch takes web-1 and web-2 down four times in four days; the last time, Ann acknowledges it."""
    scene = Scene("switch", "web-1", "web-2")
    scene.world.process.get(CreatePolicy)(ROOT, Policy(metric=OFFLINE))
    for _ in range(4):
        scene.online(20 * HOUR, scene.well, *scene.rack)
        scene.online(2 * HOUR, scene.well)
    scene.online(20 * HOUR, scene.well, *scene.rack)
    scene.online(2 * HOUR, scene.well)
    scene.world.process.get(AcknowledgeAlert)(actor(scene.ann), scene.world.alerts()[-1].id)
    scene.online(HOUR, scene.well)
    scene.online(HOUR, scene.well, *scene.rack)
    return scene


def test_it_says_who_was_notified_by_which_way_and_confirmed_when(outages: Scene) -> None:
    found = outages.report()
    by_name = {each.name: each for each in found.notified}
    assert by_name.keys() == {"ann", "bob"}
    assert (by_name["ann"].way, by_name["bob"].confirmed_at) == ("mail", None)
    assert by_name["ann"].confirmed_at is not None
    assert by_name["ann"].first_at <= by_name["ann"].confirmed_at
    assert by_name["ann"].messages == 3
    own: list[Notified] = [*outages.report(actor(outages.bob)).notified]
    assert {each.name: each.way for each in own} == {"ann": None, "bob": "mail"}


def test_it_names_the_dependency_that_would_have_made_it_one_page(outages: Scene) -> None:
    found = outages.report().dependency
    assert found is not None
    switch, *web = outages.rack
    assert (found.parent, found.children) == (switch.name, [each.name for each in web])
    assert (found.before, found.after) == (6, 2)
    assert (found.together, found.alone) == (10, 0)


def test_suggestions_are_of_what_one_may_change(outages: Scene) -> None:
    suggest = outages.world.process.get(SuggestDependencies)
    assert [(each.child, each.parent, each.together) for each in suggest(ROOT)] == [
        (ServerId(2), ServerId(1), 5),
        (ServerId(3), ServerId(1), 5),
    ]
    assert suggest(ROOT) == suggest(actor(outages.ann))
    assert suggest(actor(outages.cat)) == []


def test_who_sees_none_of_its_alerts_gets_no_report(outages: Scene) -> None:
    for who, id_ in ((actor(outages.cat), None), (ROOT, IncidentId(1_000_000))):
        with pytest.raises(NotFound):
            outages.report(who, id_)


def test_a_tag_suggests_what_fell_first() -> None:
    scene = Scene("switch", "web-1", "web-2")
    scene.world.process.get(CreatePolicy)(ROOT, Policy(metric=OFFLINE))
    scene.online(HOUR, *scene.rack)
    scene.online(2 * HOUR)
    scene.online(HOUR, *scene.rack)
    found = scene.report()
    assert found.found.incident.cause is not None
    assert found.dependency is not None
    assert (found.dependency.parent, found.dependency.together) == ("switch", 0)
    assert len(found.dependency.children) == 2


def test_it_tries_edits_of_the_policies_that_fired() -> None:
    scene = Scene("web-1")
    policy = Policy(metric="cpu", warning=70, sustained_for=timedelta(minutes=30), clear_for=timedelta(0))
    for each in (policy, Policy(metric=OFFLINE)):
        scene.world.process.get(CreatePolicy)(ROOT, each)
    scene.online(9 * HOUR, *scene.rack)
    scene.online(2 * HOUR, *scene.rack, cpu=90.0)
    scene.online(HOUR, *scene.rack)
    found = scene.report()
    assert (found.tried, found.of) == (1, 1)
    [edit] = found.edits
    assert (edit.server_name, edit.policy.metric) == ("web-1", "cpu")
    assert edit.better.sooner > 0
    assert edit.better.pages == (2, 2)
    assert edit.better.change.keys() == {"sustained_for"}
