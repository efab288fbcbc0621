"""A rehearsal equals what a second monitor does with the new rota, escalation, ways and quiet hours."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from monitor.application.configuration.edited import RosterEdit, with_edit
from monitor.application.configuration.pages import Pages, PredictPages
from monitor.application.configuration.planning import Plan, Plans
from monitor.application.policies.policies import CreatePolicy
from monitor.domain.accounts.actors import Actor, Role
from monitor.domain.accounts.availability import QuietHours, Span
from monitor.domain.accounts.users import User
from monitor.domain.alerts.reasons import Reason
from monitor.domain.errors import Forbidden, InvalidInput
from monitor.domain.fleet.servers import ServerId
from monitor.domain.fleet.teams import Team, TeamAccess
from monitor.domain.levels import Level
from monitor.domain.notifications.outbox import ENDINGS, DeliveryState, Notification
from monitor.domain.oncall.escalations import Escalation, Step, Target, TargetKind
from monitor.domain.oncall.rotas import Override, Rota
from monitor.domain.oncall.ways import MAIL, Way
from monitor.domain.policies.policies import OFFLINE, Policy
from tests.unit.application.alerts.alert_world import ROOT, START, World

DAYS = 8
WEB, DB = ServerId(1), ServerId(2)
MINUTE = timedelta(minutes=1)
BERLIN = "Europe/Berlin"
TICK = 5 * MINUTE


class Twin:
    """A monitor of two hosts. The samples are those of its twins; *is_new*: with the rules that are rehearsed."""

    def __init__(self, *, is_new: bool) -> None:
        self.world = World()
        self.people = {name: self.world.person(name, f"{name}@example.com") for name in ("ann", "bob", "cat", "dan")}
        self.world.server("web", "10.0.0.1", [self.people["dan"]], tags=["ops"])
        self.world.server("db", "10.0.0.2", [self.people["ann"], self.people["bob"]])
        policy = Policy(metric="cpu", warning=70, critical=85, sustained_for=timedelta(0), clear_for=timedelta(0))
        self.world.process.get(CreatePolicy)(ROOT, policy)
        self.world.process.get(CreatePolicy)(ROOT, Policy(metric=OFFLINE, enabled=False))
        with self.world.new_uow() as uow:
            uow.preferences.save({"reminder_after": 30 * 86400.0})
            team = Team(name="ops", access=TeamAccess.WRITE, created_at=START, tags=frozenset({"ops"}))
            team = uow.teams.add(replace(team, user_ids=frozenset({self.people["cat"].id})))
            if is_new:
                rota = uow.rotas.add(self.rota())
                escalation = uow.escalations.add(self.escalation(rota))
                uow.teams.save(replace(team, escalation_id=escalation.id))
                uow.ways.replace(self.people["ann"].id, self.ways("ann", Level.WARNING))
                uow.ways.replace(self.people["bob"].id, self.ways("bob", Level.CRITICAL)[:1])
                uow.users.save(replace(self.people["ann"], quiet=QuietHours(time(22), time(7), BERLIN)))
                away = Span(START + timedelta(days=2), START + timedelta(days=5, hours=3))
                uow.users.save(replace(self.people["cat"], away=(away,)))
            uow.commit()
        self.world.process.fleet.refresh()

    def rota(self) -> Rota:
        ids = tuple(self.people[name].id for name in ("ann", "bob", "cat"))
        starts_at = START - timedelta(days=30, hours=3)
        override = Override(self.people["dan"].id, START + timedelta(days=6), START + timedelta(days=6, hours=9))
        return Rota(name="duty", timezone=BERLIN, starts_at=starts_at, turn_days=1, user_ids=ids, overrides=(override,))

    def escalation(self, rota: Rota) -> Escalation:
        steps = (
            Step(timedelta(0), (Target(TargetKind.ROTA, rota.id),)),
            Step(15 * MINUTE, (Target(TargetKind.USER, self.people["bob"].id),)),
        )
        return Escalation(name="nights", steps=steps, repeat_after=30 * MINUTE, repeats=1)

    def ways(self, name: str, level: Level) -> list[Way]:
        user_id = self.people[name].id
        url = {"url": "https://example.com/hook"}
        return [
            Way(user_id=user_id, kind=MAIL, level=level),
            Way(user_id=user_id, kind="webhook", settings=url, level=Level.CRITICAL, after=10 * MINUTE),
        ]

    def run(self, seed: int = 11) -> None:
        """Both hosts report every 15 minutes; background work runs every 5, and messages go out after their pause."""
        random, left, cpu = Random(seed), {WEB: 0, DB: 0}, {WEB: 10.0, DB: 10.0}  # noqa: S311 (the same each time)
        for number in range(DAYS * 288):
            self.world.clock.advance(START + (number + 1) * TICK - self.world.now)
            for host in (WEB, DB):
                if left[host] == 0:
                    cpu[host] = random.choice([10.0, 10.0, 75.0, 75.0, 95.0])
                    left[host] = random.choice([1, 2, 4, 12, 40])
                if number % 3 == 0:
                    left[host] -= 1
                    self.world.report(host, cpu[host], interval=900.0)
            self.world.background()
            self.world.clock.advance(timedelta(seconds=15))
            self.world.deliver()

    def sent(self) -> list[Notification]:
        """What people were sent, but for ends. There are no reminders but those that begin anew."""
        found = self.world.outbox()
        return [n for n in found if n.delivery is DeliveryState.SENT and n.event_kind not in ENDINGS]

    def alerts_of_people(self) -> Mapping[str, int]:
        names = {user.id: name for name, user in self.people.items()}
        return Counter(
            names[user_id] for user_id, _ in {(n.target.user_id, n.alert_id) for n in self.sent()} if user_id
        )

    def nights_of_people(self) -> Mapping[str, int]:
        """Nights, by their first day; in Berlin with a rota there. Dan is in none."""
        is_there = self.world.process.fleet.directory.roster.rotas
        zones = {user.id: ZoneInfo(BERLIN) for name, user in self.people.items() if is_there and name != "dan"}
        names = {user.id: name for name, user in self.people.items()}
        nights = set()
        for n in self.sent():
            if n.sent_at is not None and n.target.user_id is not None:
                local = n.sent_at.astimezone(zones.get(n.target.user_id, UTC))
                if not 7 <= local.hour < 22:
                    nights.add((names[n.target.user_id], (local - timedelta(hours=7)).date()))
        return Counter(name for name, _ in nights)

    def unanswered(self) -> set[tuple[ServerId, datetime]]:
        """Where and when alerts fired that nobody was notified of, though they were not held."""
        notified = {n.alert_id for n in self.sent()}
        found = set[tuple[ServerId, datetime]]()
        for alert in self.world.alerts():
            reasons = [{each.reason for each in entry.left_out or ()} for entry in self.world.timeline(alert)]
            is_held = Reason.HELD in reasons[0] and len([r for r in reasons if r]) == 1
            if alert.id not in notified and not is_held:
                found.add((alert.server_id, alert.fired_at))
        return found


@pytest.fixture(scope="module")
def twins() -> Iterator[tuple[Twin, Twin]]:
    old, new = Twin(is_new=False), Twin(is_new=True)
    old.run()
    new.run()
    yield old, new
    for twin in (old, new):
        twin.world.process.get(Plans).close()


@pytest.fixture(scope="module")
def pages(twins: tuple[Twin, Twin]) -> Pages:
    before, after = (twin.world.process.fleet.directory for twin in twins)
    return twins[0].world.process.get(PredictPages).between(before, after, DAYS, lambda _: None)


def test_each_person_has_as_many_alerts_as_live(twins: tuple[Twin, Twin], pages: Pages) -> None:
    for side, twin in enumerate(twins):
        expected = twin.alerts_of_people()
        assert expected == {name: counts[side] for name, counts in pages.people.items() if counts[side]}
    assert len(pages.people) == 4, "everybody is paged by one of them"


def test_each_person_has_as_many_nights_as_live(twins: tuple[Twin, Twin], pages: Pages) -> None:
    for side, twin in enumerate(twins):
        expected = twin.nights_of_people()
        assert expected == {name: counts[side] for name, counts in pages.nights.items() if counts[side]}
    assert pages.nights["ann"][0] > 0


def test_pages_without_a_recipient_are_those_that_nobody_got(twins: tuple[Twin, Twin], pages: Pages) -> None:
    """Warnings while bob, whose ways take critical alerts only, is on call, and warnings in the quiet hours of ann."""
    expected = twins[1].unanswered()
    assert expected == {(each.server.id, each.at) for each in pages.unanswered}
    assert len(expected) == pages.unanswered_after
    assert {Reason.UNREACHABLE, Reason.QUIET_HOURS} <= {each.why for each in pages.unanswered}


def person(twin: Twin, name: str, role: Role = Role.USER) -> Actor:
    return Actor(user_id=twin.people[name].id, username=name, role=role)


def rehearsed(twin: Twin, actor: Actor, edit: RosterEdit, days: int = DAYS) -> Plan:
    return twin.world.process.get(Plans).rehearse(actor, edit, days)


def test_people_rehearse_their_own_hours_and_see_themselves_alone(twins: tuple[Twin, Twin], pages: Pages) -> None:
    old = twins[0]
    quiet = QuietHours(time(22), time(7), BERLIN)
    found = rehearsed(old, person(old, "ann"), RosterEdit(own={"quiet": quiet})).pages
    assert found is not None
    assert (["ann"], {}, ["ann"]) == ([*found.people], found.channels, [*found.nights])
    assert found.nights["ann"][1] < found.nights["ann"][0] == pages.nights["ann"][0]


def test_an_edit_is_the_directory_as_it_would_be_saved(twins: tuple[Twin, Twin]) -> None:
    """Each of them: a rota, an escalation, own ways, quiet hours and absences."""
    new = twins[1]
    before = new.world.process.fleet.directory
    [rota], [escalation] = before.roster.rotas.values(), before.roster.escalations.values()
    ann: User = before.users[new.people["ann"].id]
    edit = RosterEdit(
        rota=replace(rota, turn_days=3, overrides=()),
        keeps_overrides=True,
        escalation=replace(escalation, steps=escalation.steps[:1]),
        own={"quiet": None, "away": (Span(START, START + timedelta(days=1)),)},
        ways=new.ways("ann", Level.CRITICAL),
    )
    after = with_edit(before, edit, ann)
    assert replace(rota, turn_days=3) == after.roster.rotas[rota.id]
    assert 1 == len(after.roster.escalations[escalation.id].steps)
    assert (None, 1) == (after.users[ann.id].quiet, len(after.users[ann.id].away))
    assert 2 == len({way.id for way in after.roster.ways_of(ann.id)})
    assert before.roster.rotas[rota.id] == rota
    assert with_edit(before, RosterEdit(), ann).roster == before.roster


def test_rotas_and_escalations_are_rehearsed_by_administrators(twins: tuple[Twin, Twin]) -> None:
    new = twins[1]
    rota = new.rota()
    with pytest.raises(Forbidden):
        rehearsed(new, person(new, "ann"), RosterEdit(rota=rota))
    with pytest.raises(InvalidInput):
        rehearsed(new, person(new, "ann"), RosterEdit(), days=0)
    assert rehearsed(new, person(new, "ann", Role.ADMIN), RosterEdit(rota=rota), days=1).pages is not None
