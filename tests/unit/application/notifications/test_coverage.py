"""Gaps in the alerting while they are still plans: rotas, escalations, and people who have proved nothing."""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from monitor.application.notifications.coverage import CheckCoverage, Coverage
from monitor.application.oncall.reach import ShowReach
from monitor.application.policies.policies import CreatePolicy
from monitor.domain.accounts.actors import Actor, Role
from monitor.domain.accounts.availability import Span
from monitor.domain.accounts.users import User
from monitor.domain.fleet.servers import ServerId
from monitor.domain.fleet.teams import Team, TeamAccess
from monitor.domain.levels import Level
from monitor.domain.notifications.channels import Channel, ChannelKind, ChannelScope
from monitor.domain.oncall.escalations import Escalation, Step, Target, TargetKind
from monitor.domain.oncall.rotas import Hours, Rota
from monitor.domain.oncall.ways import MAIL, Way
from monitor.domain.policies.policies import Policy
from tests.unit.application.alerts.alert_world import ROOT, START, World

WEB = ServerId(1)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
WORK = Hours(frozenset(range(7)), time(9), time(17))
NIGHT = Hours(frozenset(range(7)), time(17), time(9))


class Scene:
    """Ann is linked to web; each test says what escalation it has."""

    def __init__(self) -> None:
        self.world = World()
        self.ann, self.bob = (self.world.person(name, f"{name}@example.com") for name in ("ann", "bob"))
        self.mute = self.world.person("mute")
        self.world.server("web", "10.0.0.1", [self.ann])
        self.world.process.get(CreatePolicy)(ROOT, Policy(metric="cpu", warning=70))

    def rota(self, name: str, *people: User, hours: Hours | None = None) -> Target:
        rota = Rota(
            name=name,
            timezone="UTC",
            starts_at=START - 30 * DAY,
            hours=None if hours is None else (hours,),
            user_ids=tuple(each.id for each in people),
        )
        with self.world.new_uow() as uow:
            rota = uow.rotas.add(rota)
            uow.commit()
        return Target(TargetKind.ROTA, rota.id)

    def escalation(self, *targets: Target) -> None:
        """Add one with a step for each, that the team of web names."""
        steps = tuple(Step(timedelta(minutes=5 * n), (each,)) for n, each in enumerate(targets))
        team = Team(name="ops", access=TeamAccess.READ, created_at=START, server_ids=frozenset({WEB}))
        with self.world.new_uow() as uow:
            escalation = uow.escalations.add(Escalation(name="nights", steps=steps))
            uow.teams.add(replace(team, escalation_id=escalation.id))
            uow.commit()

    def away(self, user: User, first: int, last: int) -> None:
        with self.world.new_uow() as uow:
            uow.users.save(replace(uow.users.get(user.id), away=(Span(START + first * DAY, START + last * DAY),)))
            uow.commit()

    def coverage(self, actor: Actor = ROOT) -> Coverage:
        return self.world.process.get(CheckCoverage)(actor)

    def is_notified(self) -> bool:
        return WEB not in {server.id for _, servers in self.coverage().unnotified for server in servers}

    def gaps(self) -> list[tuple[str, float, float]]:
        """Each by its rota, in hours from now."""
        return [
            (gap.rota.name, (gap.span.starts_at - START) / HOUR, (gap.span.ends_at - START) / HOUR)
            for gap in self.coverage().gaps
        ]


def user(person: User) -> Target:
    return Target(TargetKind.USER, person.id)


def test_an_escalation_has_to_reach_somebody_else_than_the_linked() -> None:
    scene = Scene()
    assert scene.is_notified()
    scene.escalation(scene.rota("duty", scene.mute), user(scene.mute))
    assert not scene.is_notified()


@pytest.mark.parametrize("place", [0, 1])
def test_one_person_of_any_step_will_do_though_another_is_on_call(place: int) -> None:
    scene = Scene()
    rota = scene.rota("duty", scene.mute, scene.ann)
    scene.escalation(*[(user(scene.mute), rota), (rota, user(scene.mute))][place])
    assert scene.is_notified()


def test_people_whose_ways_take_no_critical_alerts_are_none() -> None:
    scene = Scene()
    with scene.world.new_uow() as uow:
        uow.ways.replace(scene.mute.id, [Way(user_id=scene.mute.id, kind="webhook", readable=False)])
        uow.commit()
    scene.escalation(user(scene.mute))
    assert not scene.is_notified()


def test_a_channel_covers_what_is_in_its_scope() -> None:
    scene = Scene()
    scene.world.server("db", "10.0.0.2")
    scope = ChannelScope(server_ids=frozenset({WEB}))
    hook = Channel(
        name="ops", kind=ChannelKind("webhook"), settings={}, created_at=START, scope=scope, least_level=Level.CRITICAL
    )
    with scene.world.new_uow() as uow:
        uow.channels.add(hook)
        uow.commit()
    [(_, servers)] = scene.coverage().unnotified
    assert ["db"] == [server.name for server in servers]


def test_a_rota_for_all_hours_has_to_cover_them() -> None:
    scene = Scene()
    scene.escalation(scene.rota("duty", scene.bob), user(scene.ann))
    assert [] == scene.gaps()
    scene.away(scene.bob, 3, 5)
    assert [("duty", 72, 120)] == scene.gaps()


def test_hours_without_anybody_are_a_gap_if_no_other_step_has_one() -> None:
    scene = Scene()
    work, night = scene.rota("work", scene.bob, hours=WORK), scene.rota("night", scene.ann, hours=NIGHT)
    scene.escalation(work, night)
    assert [] == scene.gaps()
    scene.away(scene.ann, 2, 3)
    assert [("work", 53, 69)] == scene.gaps()


def test_a_rota_for_some_hours_needs_another_rota_or_a_person() -> None:
    scene = Scene()
    scene.escalation(scene.rota("work", scene.bob, hours=WORK))
    assert 14 == len(scene.gaps())
    covered = Scene()
    covered.escalation(covered.rota("work", covered.bob, hours=WORK), user(covered.ann))
    assert [] == covered.gaps()


def test_a_rota_that_no_escalation_calls_may_have_gaps() -> None:
    scene = Scene()
    scene.rota("unused", scene.bob)
    scene.away(scene.bob, 3, 5)
    assert [] == scene.gaps()


def test_who_is_on_call_soon_has_to_prove_that_they_are_reached() -> None:
    scene = Scene()
    scene.rota("duty", scene.ann, scene.bob)
    assert ["ann", "bob"] == [each.user.username for each in scene.coverage().unproven]
    with scene.world.new_uow() as uow:
        uow.ways.confirm(scene.ann.id, None, START - 29 * DAY)
        uow.ways.confirm(scene.bob.id, None, START - 31 * DAY)
        uow.commit()
    [bob] = scene.coverage().unproven
    assert ("bob", "duty") == (bob.user.username, bob.rota)
    own = Actor(user_id=scene.ann.id, username="ann", role=Role.USER)
    assert [] == scene.coverage(own).unproven


def test_reach_lists_ways_confirmations_and_turns() -> None:
    scene = Scene()
    scene.rota("duty", scene.ann, scene.bob)
    with scene.world.new_uow() as uow:
        mail = Way(user_id=scene.bob.id, kind=MAIL, after=timedelta(minutes=5))
        uow.ways.replace(scene.bob.id, [mail])
        uow.ways.confirm(scene.bob.id, None, START)
        uow.commit()
    show = scene.world.process.get(ShowReach)
    found = {each.user.username: each for each in show(ROOT)}
    assert {"ann", "bob", "mute"} == found.keys()
    assert (START, [timedelta(minutes=5)]) == (found["bob"].confirmed_at, [way.after for way in found["bob"].ways])
    turns = {name: each.on_call_next for name, each in found.items()}
    assert turns["mute"] is None
    assert {START, START + timedelta(days=7 - 30 % 7)} == {turns["ann"], turns["bob"]}
    own = Actor(user_id=scene.ann.id, username="ann", role=Role.USER)
    assert ["ann"] == [each.user.username for each in show(own)]
