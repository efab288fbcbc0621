"""Who is notified, by which ways and when, and why others are not: linked people, and steps of an escalation."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

import pytest

from monitor.application.fleet.directory import Directory
from monitor.application.notifications.called import (
    all_steps,
    escalations_of,
    last_resort,
    may_acknowledge,
    no_step,
    refusal_now,
    step_audience,
)
from monitor.application.notifications.recipients import Audience, Delay, audience, receiver_of
from monitor.domain.accounts.actors import Role
from monitor.domain.accounts.availability import QuietHours, Span
from monitor.domain.accounts.users import User
from monitor.domain.alerts.alert import AlertId, EventId, EventKind
from monitor.domain.alerts.reasons import LeftOut, Reason
from monitor.domain.fleet.servers import Server
from monitor.domain.fleet.teams import Team, TeamAccess
from monitor.domain.levels import Level
from monitor.domain.notifications.channels import EVERYTHING, Channel, ChannelKind, ChannelScope
from monitor.domain.notifications.outbox import Notification, Target
from monitor.domain.oncall.escalations import Escalation, Step, TargetKind
from monitor.domain.oncall.escalations import Target as Called
from monitor.domain.oncall.rotas import Override, Rota
from monitor.domain.oncall.ways import MAIL, WEB_PUSH, Way, WayId
from monitor.domain.policies.policies import Policy
from tests.unit.application.alerts.alert_world import START, World

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
WARNING, CRITICAL = Level.WARNING, Level.CRITICAL


class Scene:
    def __init__(self) -> None:
        self.world = World()

    def person(self, name: str, email: str | None = "", **more: Any) -> User:
        user = self.world.person(name, f"{name}@example.com" if email == "" else email)
        with self.world.new_uow() as uow:
            uow.users.save(user := replace(user, **more))
            uow.commit()
        return user

    def ways(self, user: User, *ways: Mapping[str, Any]) -> list[Way]:
        with self.world.new_uow() as uow:
            stored = uow.ways.replace(user.id, [Way(user_id=user.id, **way) for way in ways])
            uow.commit()
        return stored

    def channel(self, name: str, **more: Any) -> Channel:
        with self.world.new_uow() as uow:
            channel = uow.channels.add(
                Channel(name=name, kind=ChannelKind("webhook"), settings={}, created_at=START, **more)
            )
            uow.commit()
        return channel

    def team(self, name: str, *people: User, servers: tuple[Server, ...] = (), **more: Any) -> Team:
        ids = frozenset(server.id for server in servers)
        with self.world.new_uow() as uow:
            team = uow.teams.add(
                Team(
                    name=name,
                    access=TeamAccess.READ,
                    created_at=START,
                    user_ids=frozenset(user.id for user in people),
                    server_ids=ids,
                    **more,
                )
            )
            uow.commit()
        return team

    def rota(self, *people: User, overrides: tuple[Override, ...] = ()) -> Rota:
        with self.world.new_uow() as uow:
            ids = tuple(user.id for user in people)
            rota = uow.rotas.add(
                Rota(name="nights", timezone="UTC", starts_at=START - HOUR, user_ids=ids, overrides=overrides)
            )
            uow.commit()
        return rota

    def escalation(self, *steps: tuple[Called, ...]) -> Escalation:
        made = Escalation(name="ops", steps=tuple(Step(place * MINUTE, to) for place, to in enumerate(steps)))
        with self.world.new_uow() as uow:
            escalation = uow.escalations.add(made)
            uow.commit()
        return escalation

    @property
    def directory(self) -> Directory:
        self.world.process.fleet.refresh()
        return self.world.process.fleet.directory

    def server(self, *people: User, tags: tuple[str, ...] = ()) -> Server:
        made = self.world.server("web", "10.0.0.1", people, tags)
        return self.directory.servers[made.id]


@pytest.fixture
def scene() -> Scene:
    return Scene()


def person(user: User) -> Called:
    return Called(TargetKind.USER, user.id)


def reasons(found: Audience) -> dict[int | None, Reason]:
    return {each.user_id or each.channel_id: each.reason for each in found.left_out}


def people(found: Audience) -> list[int | None]:
    return [target.user_id for target in found.targets]


def test_who_chose_no_ways_has_mail_at_once(scene: Scene) -> None:
    bob, eve = scene.person("bob"), scene.person("eve", None)
    found = audience(scene.directory, scene.server(bob, eve), WARNING, START)
    assert ([Target(user_id=bob.id)], (LeftOut(Reason.NO_ADDRESS, eve.id),), {}, {}) == found


def test_ways_go_out_in_their_order_with_their_delays(scene: Scene) -> None:
    bob = scene.person("bob")
    late, push = scene.ways(
        bob, {"kind": MAIL, "after": 5 * MINUTE}, {"kind": WEB_PUSH}, {"kind": "webhook", "level": CRITICAL}
    )[:2]
    found = audience(scene.directory, scene.server(bob), WARNING, START)
    mailbox, browser = Target(user_id=bob.id), Target(user_id=bob.id, way_id=push.id)
    assert ([browser, mailbox], (), {mailbox: Delay(START + 5 * MINUTE, None)}, {}) == found
    assert late.id > 0


@pytest.mark.parametrize(
    ("ways", "reason"),
    [
        ([{"kind": WEB_PUSH, "failed": "410 gone"}], Reason.NO_ADDRESS),
        ([{"kind": MAIL, "level": CRITICAL}], Reason.BELOW_LEVEL),
        ([{"kind": "webhook", "failed": "500"}], None),
    ],
)
def test_a_person_without_a_way_for_the_level_is_skipped(
    scene: Scene, ways: list[dict[str, Any]], reason: Reason | None
) -> None:
    bob = scene.person("bob")
    scene.ways(bob, *ways)
    found = audience(scene.directory, scene.server(bob), WARNING, START)
    assert ({bob.id: reason} if reason else {}) == reasons(found)
    assert (reason is None) is bool(found.targets)


def test_unreadable_ways_reach_nobody(scene: Scene) -> None:
    bob = scene.person("bob")
    scene.ways(bob, {"kind": "webhook"})
    directory = scene.directory
    unreadable = {bob.id: [replace(way, readable=False) for way in directory.roster.ways[bob.id]]}
    directory = replace(directory, roster=replace(directory.roster, ways=unreadable))
    assert {bob.id: Reason.NO_ADDRESS} == reasons(audience(directory, scene.server(bob), CRITICAL, START))


def test_the_lowest_level_of_a_person_counts_for_linked_people_and_not_for_steps(scene: Scene) -> None:
    bob = scene.person("bob", alert_level=CRITICAL)
    server, escalation = scene.server(bob), scene.escalation((person(bob),))
    directory = scene.directory
    assert {bob.id: Reason.BELOW_LEVEL} == reasons(audience(directory, server, WARNING, START))
    assert [bob.id] == people(step_audience(directory, server, WARNING, escalation, escalation.steps[0], START))


def test_quiet_hours_delay_what_is_for_linked_people_below_their_level(scene: Scene) -> None:
    bob = scene.person("bob", quiet=QuietHours(starts=time(11), ends=time(13), zone="UTC"))
    scene.ways(bob, {"kind": MAIL}, {"kind": "webhook", "after": MINUTE})
    server, escalation = scene.server(bob), scene.escalation((person(bob),))
    directory = scene.directory
    delays, until = audience(directory, server, WARNING, START).delays, START + HOUR
    assert [Delay(each, Reason.QUIET_HOURS) for each in (until, until + MINUTE)] == [*delays.values()]
    later_way = [Delay(START + MINUTE, None)]
    assert later_way == [*audience(directory, server, CRITICAL, START).delays.values()]
    step = escalation.steps[0]
    assert later_way == [*step_audience(directory, server, WARNING, escalation, step, START).delays.values()]


@pytest.mark.parametrize(("scope", "covered"), [("tag", True), ("other tag", False), ("team", True), ("server", True)])
def test_a_channel_gets_what_is_in_its_scope(scene: Scene, scope: str, covered: bool) -> None:
    server = scene.server(tags=("prod",))
    team = scene.team("ops", servers=(server,))
    scopes = {
        "tag": ChannelScope(tag="prod"),
        "other tag": ChannelScope(tag="test"),
        "team": ChannelScope(team_id=team.id),
        "server": ChannelScope(server_ids=frozenset({server.id})),
    }
    channel = scene.channel("chat", scope=scopes[scope])
    found = audience(scene.directory, scene.directory.servers[server.id], WARNING, START)
    assert ([Target(channel_id=channel.id)] if covered else [], ()) == (found.targets, found.left_out)


def test_a_check_belongs_to_the_teams_of_its_host(scene: Scene) -> None:
    server = scene.server()
    bob = scene.person("bob")
    escalation = scene.escalation((person(bob),))
    team = scene.team("ops", servers=(server,), escalation_id=escalation.id)
    host = scene.directory.servers[server.id]
    check = replace(host, id=type(host.id)(host.id + 1), host_id=host.id)
    assert [team.id] == [each.id for each in scene.directory.reach.teams_of(check)]
    assert [escalation] == [*escalations_of(scene.directory, check, "cpu")]
    assert ChannelScope(team_id=team.id).covers(check, scene.directory.reach)


def test_each_person_whom_the_escalation_names_has_a_reason(scene: Scene) -> None:
    on_call, off_duty, away, later = (scene.person(name) for name in ("on", "off", "away", "later"))
    silent = scene.person("silent", None)
    chat = scene.channel("chat")
    with scene.world.new_uow() as uow:
        uow.users.save(away := replace(away, away=(Span(START - HOUR, START + HOUR),)))
        uow.commit()
    rota = scene.rota(away, on_call, off_duty)
    escalation = scene.escalation(
        (Called(TargetKind.ROTA, rota.id), person(silent)),
        (person(later), Called(TargetKind.CHANNEL, chat.id)),
    )
    server, directory = scene.server(), scene.directory
    first, second = escalation.steps
    found = step_audience(directory, server, WARNING, escalation, first, START)
    assert [on_call.id] == people(found)
    expected = {
        off_duty.id: Reason.NOT_ON_CALL,
        away.id: Reason.AWAY,
        silent.id: Reason.UNREACHABLE,
        later.id: Reason.STEP_NOT_DUE,
    }
    assert expected == {each.user_id: each.reason for each in found.left_out if each.user_id is not None}
    assert LeftOut(Reason.STEP_NOT_DUE, channel_id=chat.id) in found.left_out
    found = step_audience(directory, server, WARNING, escalation, second, START)
    assert [Target(user_id=later.id), Target(channel_id=chat.id)] == found.targets
    assert {off_duty.id, away.id, silent.id} == {each.user_id for each in found.left_out}
    before = no_step(directory, server, WARNING, escalation, START)
    assert ([], Reason.STEP_NOT_DUE) == (before.targets, {e.user_id: e.reason for e in before.left_out}[on_call.id])
    assert {on_call.id, later.id, None} == {*people(all_steps(directory, server, WARNING, escalation, START))}


@pytest.mark.parametrize("more", [{"enabled": False}, {"least_level": CRITICAL}])
def test_a_channel_that_takes_nothing_is_unreachable_for_a_step(scene: Scene, more: dict[str, Any]) -> None:
    chat = scene.channel("chat", scope=EVERYTHING, **more)
    escalation = scene.escalation((Called(TargetKind.CHANNEL, chat.id),))
    server = scene.server()
    found = step_audience(scene.directory, server, WARNING, escalation, escalation.steps[0], START)
    assert ([], (LeftOut(Reason.UNREACHABLE, channel_id=chat.id),)) == (found.targets, found.left_out)


def test_a_step_reaches_each_person_once(scene: Scene) -> None:
    bob, eve = scene.person("bob"), scene.person("eve")
    team, rota = scene.team("ops", bob, eve), scene.rota(bob)
    server = scene.server(eve)
    escalation = scene.escalation(
        (
            *(person(bob), Called(TargetKind.TEAM, team.id)),
            *(Called(TargetKind.ROTA, rota.id), Called(TargetKind.LINKED)),
        )
    )
    found = step_audience(scene.directory, server, WARNING, escalation, escalation.steps[0], START)
    assert ([bob.id, eve.id], ()) == (people(found), found.left_out)


def test_an_override_is_what_counts(scene: Scene) -> None:
    bob, eve, carol = (scene.person(name) for name in ("bob", "eve", "carol"))
    rota = scene.rota(bob, eve, overrides=(Override(carol.id, START, START + HOUR),))
    escalation = scene.escalation((Called(TargetKind.ROTA, rota.id),))
    server, directory = scene.server(), scene.directory

    def called(at: datetime) -> Audience:
        return step_audience(directory, server, WARNING, escalation, escalation.steps[0], at)

    assert ([carol.id], {bob.id, eve.id}) == (people(called(START)), {*reasons(called(START))})
    later = called(START + HOUR)
    assert ([bob.id], {eve.id, carol.id}) == (people(later), {*reasons(later)})


def test_the_last_resort_is_all_administrators_or_who_is_named(scene: Scene) -> None:
    bob, boss = scene.person("bob"), scene.person("boss", role=Role.ADMIN)
    chat = scene.channel("chat")
    escalation, server, directory = scene.escalation(()), scene.server(), scene.directory
    assert [boss.id] == people(step_audience(directory, server, WARNING, escalation, None, START))
    named = replace(directory.preferences, last_resort=(("user", bob.id), ("user", 99), ("channel", chat.id)))
    found = last_resort(replace(directory, preferences=named))
    assert [person(bob), Called(TargetKind.CHANNEL, chat.id)] == found
    gone = replace(directory.preferences, last_resort=(("channel", 99),))
    assert [person(boss)] == last_resort(replace(directory, preferences=gone))


def a_notification(server: Server, target: Target, **more: Any) -> Notification:
    return Notification(
        alert_id=AlertId(1),
        event_id=EventId(1),
        event_kind=more.pop("event_kind", EventKind.FIRED),
        target=target,
        server_id=server.id,
        server_name=server.name,
        ip_address=server.ip_address,
        metric="cpu",
        level=WARNING,
        value=1.0,
        created_at=START,
        not_before=START,
        **more,
    )


def test_whom_an_escalation_calls_need_not_be_linked(scene: Scene) -> None:
    bob = scene.person("bob")
    server = scene.server()
    n = a_notification(server, Target(user_id=bob.id))

    def refused(directory: Directory) -> tuple[Reason | None, bool]:
        return refusal_now(directory, receiver_of(directory, n.target), n), may_acknowledge(n, directory)

    with scene.world.new_uow() as uow:
        uow.alert_policies.add(Policy(metric="cpu", warning=70.0))
        uow.commit()
    assert (Reason.NOT_LINKED, False) == refused(scene.directory)
    escalation = scene.escalation((person(bob),))
    scene.team("ops", servers=(server,), escalation_id=escalation.id)
    assert (None, True) == refused(scene.directory)


def test_a_way_that_was_taken_back_is_refused(scene: Scene) -> None:
    bob = scene.person("bob")
    mail, push = scene.ways(bob, {"kind": MAIL}, {"kind": WEB_PUSH})
    server, directory = scene.server(bob), scene.directory
    by_mail, by_push, by_none = (
        a_notification(server, Target(user_id=bob.id, way_id=way)) for way in (None, push.id, WayId(99))
    )
    assert [None, None, Reason.NO_ADDRESS] == [refusal_now(directory, bob, n) for n in (by_mail, by_push, by_none)]
    scene.ways(bob, {"kind": WEB_PUSH, "id": push.id, "level": CRITICAL})
    refused = [refusal_now(scene.directory, bob, n) for n in (by_mail, by_push)]
    assert [Reason.NO_ADDRESS, Reason.BELOW_LEVEL] == refused
    ended = replace(by_push, event_kind=EventKind.RESOLVED)
    assert refusal_now(scene.directory, bob, ended) is None
    assert mail.id != push.id


def test_a_channel_whose_scope_has_changed_is_refused(scene: Scene) -> None:
    server, chat = scene.server(), scene.channel("chat", scope=ChannelScope(tag="prod"))
    n = a_notification(server, Target(channel_id=chat.id))
    assert Reason.NOT_LINKED is refusal_now(scene.directory, chat, n)


def test_a_policy_names_its_own_escalation(scene: Scene) -> None:
    bob = scene.person("bob")
    server = scene.server()
    of_team, own = scene.escalation((person(bob),)), None
    scene.team("ops", servers=(server,), escalation_id=of_team.id)
    with scene.world.new_uow() as uow:
        own = uow.escalations.add(Escalation(name="disks", steps=of_team.steps))
        uow.alert_policies.add(Policy(metric="disk", warning=70.0, escalation_id=own.id))
        uow.commit()
    directory = scene.directory
    assert [of_team] == [*escalations_of(directory, server, "cpu")]
    assert [own] == [*escalations_of(directory, server, "disk")]
