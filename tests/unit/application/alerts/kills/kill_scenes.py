"""Scenes in which a process may die: the state before, and the call at which it dies."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from monitor.application.alerts.acknowledging import AcknowledgeAlert
from monitor.application.alerts.evaluating.anew import SETTLED_AFTER
from monitor.application.alerts.handing_over import HandOverRotas
from monitor.application.fleet.servers import DeleteServer
from monitor.application.notifications.channels import ManageChannels
from monitor.application.notifications.sender_ports import SendResult, SendStatus
from monitor.application.operations.preferences import ChangePreferences
from monitor.application.policies.policies import CreatePolicy, DeletePolicy, UpdatePolicy
from monitor.application.policies.silences import CreateSilence
from monitor.domain.accounts.actors import UserId
from monitor.domain.errors import NotFound
from monitor.domain.fleet.teams import Team, TeamAccess
from monitor.domain.levels import Level
from monitor.domain.notifications.channels import Channel, ChannelKind
from monitor.domain.oncall.escalations import Escalation, Step, Target, TargetKind
from monitor.domain.oncall.rotas import Rota
from monitor.domain.policies.policies import OFFLINE, Policy, PolicyId, Scope
from monitor.domain.policies.silences import Silence
from tests.unit.application.alerts.alert_world import ROOT, World
from tests.unit.application.alerts.kills.kill_play import (
    BAND,
    CPU,
    DB,
    WEB,
    Play,
    Scene,
    backlog,
    backlog_of_the_past,
    deliver,
    detect,
    maintenance,
    person,
    sample,
)


def first() -> Play:
    """Two hosts, two users and a channel without any notification yet."""
    play = Play(World())
    world = play.world
    bob, eve = world.person("bob", "bob@example.com"), world.person("eve", "eve@example.com", Level.CRITICAL)
    assert (world.server("web", "10.0.0.1", [bob, eve]).id, world.server("db", "10.0.0.2", [bob]).id) == (WEB, DB)
    settings = {"locale": "en"}
    channel = Channel(name="ops", kind=ChannelKind("webhook"), settings=settings, created_at=world.now)
    world.process.get(ManageChannels).create(ROOT, channel)
    world.process.get(CreatePolicy)(ROOT, CPU)
    world.process.get(CreatePolicy)(ROOT, Policy(metric=OFFLINE))
    world.process.fleet.refresh()
    play.send(10.0, server=DB)
    play.send(10.0)
    return play


def firing(*values: float) -> Play:
    """Web fires, and all recipients were notified."""
    play = first()
    play.send(*(values or (75.0, 75.0)))
    play.world.clock.advance(10)
    play.background()
    return play


def offline() -> Play:
    play = firing()
    for _ in range(8):
        play.send(10.0, server=DB)
        play.background()
    play.send(10.0, server=DB)
    play.background()
    assert [alert.metric for alert in play.world.alerts()] == ["cpu", OFFLINE]
    return play


def claimed() -> Play:
    """Many notifications: fired and resolved for one, refused for another, to be tried again for the third."""
    play = first()
    play.send(75.0, 75.0, 10.0, 10.0, 90.0, 90.0, every=2.0)
    play.send(90.0, 90.0, server=DB)
    play.world.mailer.answers["eve@example.com"] = SendResult(SendStatus.REFUSED, "550 no")
    return play


def two_ended() -> Play:
    """The next alert of the same level is held."""
    play = first()
    policy = replace(CPU, sustained_for=timedelta(0), clear_for=timedelta(0))
    play.world.process.get(UpdatePolicy)(
        ROOT, _cpu_policy(play), sustained_for=policy.sustained_for, clear_for=policy.clear_for
    )
    for n in range(4):
        play.send(90.0 if n % 2 == 0 else 10.0)
        play.background()
    return play


def _cpu_policy(play: Play) -> PolicyId:
    with play.world.store() as uow:
        return next(policy.id for policy in uow.alert_policies.all() if policy.metric == "cpu")


def _silenced() -> Play:
    play = first()
    now = play.world.now
    silence = Silence(
        scope=Scope(server_id=WEB), starts_at=now, ends_at=now + timedelta(seconds=60), reason="", created_at=now
    )
    play.world.process.get(CreateSilence)(ROOT, silence)
    play.background()
    play.send(75.0, 75.0)
    play.world.clock.advance(10)
    play.background()
    play.world.clock.advance(25)
    return play


def called(hand_over: timedelta = timedelta(hours=12)) -> Play:
    """Web has an escalation: bob, who is on call, and a minute later eve. *hand_over*: when eve comes on call."""
    play = first()
    now = play.world.now
    bob, eve = UserId(1), UserId(2)
    with play.world.new_uow() as uow:
        starts_at = now - timedelta(days=1) + hand_over
        rota = uow.rotas.add(Rota(name="nights", timezone="UTC", starts_at=starts_at, turn_days=1, user_ids=(bob, eve)))
        steps = (
            Step(timedelta(0), (Target(TargetKind.ROTA, rota.id),)),
            Step(timedelta(seconds=60), (Target(TargetKind.USER, eve), Target(TargetKind.CHANNEL, 1))),
        )
        escalation = uow.escalations.add(Escalation(name="ops", steps=steps))
        uow.teams.add(
            Team(
                name="ops",
                access=TeamAccess.WRITE,
                created_at=now,
                server_ids=frozenset({WEB}),
                escalation_id=escalation.id,
            )
        )
        uow.commit()
    play.background()
    return play


def _step_due(hand_over: timedelta = timedelta(hours=12)) -> Play:
    play = called(hand_over)
    play.send(75.0, 75.0)
    play.background()
    play.send(*[BAND] * 4)
    play.deliver()
    return play


def _ack_expires() -> Play:
    play = called()
    play.world.process.get(ChangePreferences)(ROOT, {"ack_expires": 30})
    play.send(75.0, 75.0)
    play.background()
    _acknowledge(play.world)
    play.send(BAND, BAND, BAND)
    return play


def _handed_over() -> Play:
    """Eve has come on call; both steps have run."""
    play = _step_due(timedelta(seconds=150))
    play.background()
    play.send(*[BAND] * 5)
    return play


def hand_over(play: Play) -> None:
    play.persist(lambda: play.world.process.get(HandOverRotas)())


def _overtaken() -> Play:
    """A policy for web alone takes the general one's place."""
    play = firing()
    play.world.process.get(CreatePolicy)(ROOT, replace(CPU, warning=60.0, critical=95.0, scope=Scope(server_id=WEB)))
    return play


def _reminded() -> Play:
    play = first()
    play.world.process.get(ChangePreferences)(ROOT, {"reminder_after": 30})
    play.background()
    play.send(75.0, 75.0)
    play.world.clock.advance(10)
    play.background()
    play.send(BAND, BAND)
    return play


def held() -> Play:
    play = two_ended()
    play.send(90.0)
    play.background()
    return play


def _due() -> Play:
    """It still fires while the next process waits for the lease."""
    play = held()
    for _ in range(3):
        play.send(90.0, every=300.0)
        play.deliver()
    play.send(10.0, server=DB)
    return play


def _unwatched() -> Play:
    play = first()
    with play.world.store() as uow:
        policy = next(policy for policy in uow.alert_policies.all() if policy.metric == OFFLINE)
    play.world.process.get(UpdatePolicy)(ROOT, policy.id, enabled=False)
    play.background()
    for _ in range(10):
        play.send(10.0, server=DB)
        play.background()
    play.world.process.get(UpdatePolicy)(ROOT, policy.id, enabled=True)
    return play


def _late(play: Play, *values: float, every: float, before: float) -> Play:
    """The first of *values* was measured so many seconds *before* now."""
    times = [play.world.now - timedelta(seconds=before - every * n) for n in range(len(values))]
    play.store([play.world.sample(WEB, cpu, at=at) for at, cpu in zip(times, values, strict=True)])
    play.world.clock.advance(SETTLED_AFTER)
    return play


def _found() -> Play:
    """After a gap the newest samples came first."""
    play = first()
    play.world.clock.advance(200)
    play.send(10.0, 10.0)
    return _late(play, 90.0, 90.0, 75.0, 10.0, 10.0, every=15.0, before=180.0)


def _edited() -> Play:
    play = firing()
    _edit(play.world)
    return play


def silent(prepare: Callable[[], Play]) -> Callable[[], Play]:
    def made() -> Play:
        play = prepare()
        for _ in range(7):
            play.send(10.0, server=DB)
            play.deliver()
        return play

    return made


STORE: dict[str, Scene] = {
    "a run begins": (first, sample(75.0)),
    "a warning fires": (lambda: _after(first(), 75.0), sample(75.0)),
    "critical fires": (lambda: _after(first(), 90.0), sample(90.0)),
    "it escalates": (lambda: _after(firing(), 90.0), sample(90.0)),
    "it goes back down": (lambda: _after(firing(90.0, 90.0), 75.0), sample(75.0)),
    "it resolves": (lambda: _after(firing(), 10.0), sample(10.0)),
    "a run ends": (lambda: _after(first(), 75.0), sample(10.0)),
    "a host comes back": (offline, sample(75.0)),
    "a backlog that fires and ends": (first, backlog(75.0, 75.0, 10.0, 10.0)),
    "a late sample is noted": (firing, backlog_of_the_past),
    "a backlog that fires on": (first, backlog(75.0, 75.0, 10.0, 10.0, 90.0, 90.0)),
    "another policy took over": (_overtaken, sample(75.0)),
    "a third alert is held": (two_ended, sample(90.0)),
    "a held alert ends": (held, sample(10.0)),
    "the first step runs": (lambda: _after(called(), 75.0), sample(75.0)),
    "an alert with an escalation ends": (lambda: _after(_step_due(), 10.0), sample(10.0)),
    "a held alert ends after it was due": (held, backlog(*[90.0] * 64, 10.0)),
}
BACKGROUND: dict[str, Scene] = {
    "a host falls silent": (silent(firing), detect),
    "a reminder is due": (_reminded, maintenance),
    "a silence has ended": (_silenced, maintenance),
    "a held alert falls due": (_due, maintenance),
    "another policy applies": (_overtaken, maintenance),
    "an alert is found late": (_found, maintenance),
    "an alert is taken away": (lambda: _late(firing(), 10.0, every=15.0, before=17.0), maintenance),
    "an edited policy is evaluated": (_edited, maintenance),
    "an offline host is watched again": (_unwatched, maintenance),
    "a step is due": (_step_due, maintenance),
    "an acknowledgement expires": (_ack_expires, maintenance),
    "a rota is handed over": (_handed_over, hand_over),
}
DELIVERY: dict[str, Scene] = {
    "many are notified": (claimed, deliver),
    "silenced ones are held": (lambda: _held(), deliver),
}
PEOPLE: dict[str, Scene] = {
    "a policy is edited": (firing, person(lambda world: _edit(world))),
    "a policy is deleted": (firing, person(lambda world: _delete(world), NotFound)),
    "an alert is acknowledged": (firing, person(lambda world: _acknowledge(world))),
    "an escalation is acknowledged": (_step_due, person(lambda world: _acknowledge(world))),
    "a held alert is acknowledged": (held, person(lambda world: _acknowledge(world))),
    "a server is deleted": (firing, person(lambda world: world.process.get(DeleteServer)(ROOT, WEB), NotFound)),
}


CALLED = (
    "the first step runs",
    "an alert with an escalation ends",
    "a step is due",
    "an acknowledgement expires",
    "a rota is handed over",
    "an escalation is acknowledged",
)
"""In these scenes an escalation says who is notified."""
SILENT = ("a host falls silent", "an offline host is watched again")
"""In these scenes web doesn't come back."""


def _after(play: Play, *values: float) -> Play:
    play.send(*values)
    return play


def _held() -> Play:
    play = claimed()
    now = play.world.now
    silence = Silence(
        scope=Scope(server_id=WEB), starts_at=now, ends_at=now + timedelta(seconds=60), reason="", created_at=now
    )
    play.world.process.get(CreateSilence)(ROOT, silence)
    return play


def _edit(world: World) -> None:
    with world.store() as uow:
        policy = next(policy for policy in uow.alert_policies.all() if policy.metric == "cpu")
    world.process.get(UpdatePolicy)(ROOT, policy.id, warning=72.0)


def _acknowledge(world: World) -> None:
    alert = world.alerts()[-1]
    if alert.acknowledged_at is None:
        world.process.get(AcknowledgeAlert)(ROOT, alert.id)


def _delete(world: World) -> None:
    with world.store() as uow:
        policy = next((policy for policy in uow.alert_policies.all() if policy.metric == "cpu"), None)
    if policy is not None:
        world.process.get(DeletePolicy)(ROOT, policy.id)
