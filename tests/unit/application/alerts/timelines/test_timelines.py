"""Alerts on virtual time, by the scenarios in `tests/timelines/*.yaml`: reports, events, and notifications.

Each file lists timelines: `name`, `servers` and `people` (by default web, and bob who is mailed about everything),
`policies` besides the default ones, `checks` of servers (they report `up`), and what `depends` on what, `steps`, and
their complete results: `events` (the timelines of alerts, without notifications), `mails` by person or channel, and
`notices` (mails about turns on call). `tick`: how often background work runs, from `since` on. Times count from the
start, which is noon of a Tuesday in UTC. `timeline_oncall.py` reads `rotas`, `escalations`, `teams`, and what people
chose.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import groupby
from pathlib import Path

import pytest
import yaml

from monitor.application.checks.checks import CreateCheck
from monitor.application.notifications.channels import ManageChannels
from monitor.application.notifications.sender_ports import Item, Message
from monitor.application.policies.policies import CreatePolicy, EnsureDefaultPolicies, UpdatePolicy
from monitor.domain.accounts.account_mails import ABOUT_TURNS
from monitor.domain.alerts.alert import Alert, EventKind, TimelineEntry
from monitor.domain.checks.checks import Check
from monitor.domain.checks.kinds import KINDS
from monitor.domain.levels import Level
from monitor.domain.notifications.channels import Channel, ChannelKind
from monitor.domain.policies.policies import Policy, Scope
from tests.unit.application.alerts.alert_world import ROOT, START, World
from tests.unit.application.alerts.timelines import timeline_oncall
from tests.unit.application.alerts.timelines.timeline_scene import (
    Host,
    Scene,
    clock_time,
    duration,
    names,
    policy_fields,
    shown_time,
)
from tests.unit.application.alerts.timelines.timeline_sentences import steps

FOLDER = Path(__file__).parents[4] / "timelines"
LEVELS = {"warning": Level.WARNING, "critical": Level.CRITICAL}
_BRIEF = (EventKind.RESOLVED, EventKind.CANCELLED, EventKind.ACKNOWLEDGED)
_LISTED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    name: str
    steps: list[str]
    servers: dict[str, dict[str, str]] = field(default_factory=lambda: {"web": {}})
    people: dict[str, dict[str, str]] = field(default_factory=lambda: {"bob": {}})
    checks: dict[str, dict[str, str]] = field(default_factory=dict)
    depends: dict[str, str] = field(default_factory=dict)
    channels: dict[str, dict[str, str]] = field(default_factory=dict)
    policies: list[dict[str, str]] = field(default_factory=list)
    rotas: dict[str, dict[str, str]] = field(default_factory=dict)
    teams: dict[str, dict[str, str]] = field(default_factory=dict)
    escalations: dict[str, dict[str, str]] = field(default_factory=dict)
    tick: str = "5s"
    since: str = "0:00"
    until: str | None = None
    events: list[str] = field(default_factory=list)
    mails: dict[str, list[str]] = field(default_factory=dict)
    notices: dict[str, list[str]] = field(default_factory=dict)


def timelines() -> Iterator[Timeline]:
    for path in sorted(FOLDER.glob("*.yaml")):
        for fields in yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader):  # noqa: S506 (it makes nothing but text)
            yield Timeline(**fields)


ALL = list(timelines())


@pytest.mark.parametrize("timeline", ALL, ids=lambda timeline: timeline.name)
def test_timeline(timeline: Timeline) -> None:
    scene = staged(timeline)
    play(scene, timeline)
    expected = [f"events of {timeline.name}:", *timeline.events, *_mail_lines(timeline.mails)]
    expected += [line for who in sorted(timeline.notices) for line in (f"notices to {who}:", *timeline.notices[who])]
    happened = [f"events of {timeline.name}:", *events(scene), *_mail_lines(mails(scene)), *_notice_lines(scene)]
    assert "\n".join(expected) == "\n".join(happened)


def test_there_are_enough_of_them_and_no_name_twice() -> None:
    assert len({timeline.name for timeline in ALL}) == len(ALL) >= 120


def staged(timeline: Timeline) -> Scene:
    world = World()
    scene = Scene(world=world)
    for name, given in timeline.people.items():
        email = None if given.get("email") == "none" else f"{name}@example.com"
        level = LEVELS[given.get("level", "warning")]
        for each in names(name):
            scene.people[each] = world.person(each, email and f"{each}@example.com", level)
    for name, given in timeline.servers.items():
        for each in names(name):
            scene.hosts[each] = _host(scene, each, given)
    for name, given in timeline.checks.items():
        scene.hosts[name] = _check(scene, name, given)
    depend(scene, timeline.depends)
    _add_channels(world, timeline.channels)
    _add_on_call(scene, timeline)
    _add_policies(scene, timeline.policies)
    world.process.fleet.refresh()
    return scene


def _add_on_call(scene: Scene, timeline: Timeline) -> None:
    for name, given in timeline.people.items():
        for each in names(name):
            timeline_oncall.save_person(scene, each, given)
    for name, given in timeline.rotas.items():
        timeline_oncall.add_rota(scene, name, given)
    for name, given in timeline.teams.items():
        timeline_oncall.add_team(scene, name, given)
    for name, given in timeline.escalations.items():
        timeline_oncall.add_escalation(scene, name, given)
    for name, given in timeline.teams.items():
        timeline_oncall.give_escalation(scene, name, given.get("escalation"))


def _host(scene: Scene, name: str, given: dict[str, str]) -> Host:
    people = [scene.people[person] for person in given.get("people", scene.people)]
    number = len(scene.hosts) + 1
    server = scene.world.server(name, f"10.0.{number // 200}.{number % 200 + 1}", people, given.get("tags", ()))
    interval = given.get("interval")
    declared = None if interval is None else 0.0 if interval == "none" else duration(interval).total_seconds()
    off = given.get("clock", "0s")
    sign = -1 if off.startswith("-") else 1
    return Host(server, declared, sign * duration(off.lstrip("+-")))


def _check(scene: Scene, name: str, given: dict[str, str]) -> Host:
    interval = duration(given.get("interval", "30s")).total_seconds()
    host_id = scene.hosts[given["of"]].server.id
    check = Check(
        name=name,
        kind=KINDS["http"],
        target=f"https://{name}.example.com",
        created_at=scene.world.now,
        interval=interval,
        host_id=host_id,
    )
    stored = scene.world.process.get(CreateCheck)(ROOT, check)
    scene.world.process.fleet.refresh()
    return Host(scene.world.process.fleet.directory.checks[stored.id], interval)


def depend(scene: Scene, depends: dict[str, str]) -> None:
    """`{"rack[1-40],db": switch}`: hosts and checks, and what they depend on."""
    ids = {name: host.server.id for name, host in scene.hosts.items()}
    pairs = [(child, names(on)) for children, on in depends.items() for child in names(children)]
    with scene.world.new_uow() as uow:
        uow.servers.depend({ids[child]: [ids[each] for each in on] for child, on in pairs})
        uow.commit()


def _add_channels(world: World, channels: dict[str, dict[str, str]]) -> None:
    for name, given in channels.items():
        level = LEVELS[given.get("level", "warning")]
        settings = {"locale": "en", "url": f"https://{name}.example.com"}
        channel = Channel(
            name=name, kind=ChannelKind("webhook"), settings=settings, created_at=world.now, least_level=level
        )
        world.process.get(ManageChannels).create(ROOT, channel)


def _add_policies(scene: Scene, policies: list[dict[str, str]]) -> None:
    """The default ones; one that is given for the same metric and scope takes a default one's place."""
    scene.world.process.get(EnsureDefaultPolicies)()
    for given in policies:
        policy = Policy(metric=given["metric"], scope=scene.scope(given.get("on")), **policy_fields(given))
        if policy.scope == Scope() and policy.metric in ("cpu", "memory", "disk", "offline"):
            fields = {"warning": None, "critical": None} | policy_fields(given)
            policy = scene.world.process.get(UpdatePolicy)(ROOT, scene.policy(policy.metric, None).id, **fields)
        else:
            policy = scene.world.process.get(CreatePolicy)(ROOT, policy)
        if "escalation" in given:
            timeline_oncall.give_policy(scene, policy, given["escalation"])


def play(scene: Scene, timeline: Timeline) -> None:
    """Play each step at its time; background work runs on the ticks, after the steps of that moment."""
    acts = [act for sentence in timeline.steps for act in steps(scene, sentence)]
    end = START + clock_time(timeline.until) if timeline.until else max(at for at, _ in acts) + timedelta(seconds=30)
    tick = duration(timeline.tick)
    begin = START + clock_time(timeline.since)
    ticks = [(begin + n * tick, scene.background) for n in range((end - begin) // tick + 1)]
    for at, act in sorted([*acts, *ticks], key=lambda each: each[0]):
        scene.world.clock.advance(at - scene.world.now)
        act()


def events(scene: Scene) -> list[str]:
    """In the order of their time."""
    found = [
        (entry.at, entry.id, alert, entry)
        for alert in scene.world.alerts()
        for entry in scene.world.timeline(alert)
        if entry.event_kind is not EventKind.NOTIFIED
    ]
    found.sort(key=lambda each: each[:2])
    return _grouped(
        (shown_time(entry.at - START), _server_name(scene, alert), _event(alert, entry)) for _, _, alert, entry in found
    )


def _server_name(scene: Scene, alert: Alert) -> str:
    return next(name for name, host in scene.hosts.items() if host.server.id == alert.server_id)


def _event(alert: Alert, entry: TimelineEntry) -> str:
    text = f"{alert.metric} {entry.event_kind}"
    if entry.level and entry.event_kind not in _BRIEF:
        text += f" {entry.level.name.lower()}"
    if entry.username is not None:
        text += f" by {entry.username}"
    if entry.event_kind in (EventKind.STEP, EventKind.HANDED_OVER):
        text += f": {entry.note}"
    return text + (" late" if alert.late and entry.event_kind is EventKind.RESOLVED else "")


def mails(scene: Scene) -> dict[str, list[str]]:
    people = {user.email: name for name, user in scene.people.items()}
    found: dict[str, list[str]] = {}
    for address, message in scene.world.mails():
        found.setdefault(people.get(address, address), []).append(_mail(message))
    return found


def _mail(message: Message) -> str:
    lines = _grouped(("", item.server_name, _item(item)) for item in message.items)
    return f"{shown_time(message.sent_at - START)} " + "; ".join(line.strip() for line in lines)


def _item(item: Item) -> str:
    text = f"{item.alert.metric} {item.event_kind}"
    return text if item.event_kind in _BRIEF else f"{text} {item.level.name.lower()}"


def _grouped(lines: Iterable[tuple[str, str, str]]) -> list[str]:
    """(time, host, what) as text; more than five hosts with the same text are counted."""
    shown: list[str] = []
    for (at, what), same in groupby(lines, key=lambda line: (line[0], line[2])):
        hosts = [host for _, host, _ in same]
        shown += (
            [f"{at} {host} {what}" for host in hosts] if len(hosts) <= _LISTED else [f"{at} {len(hosts)} hosts {what}"]
        )
    return shown


def _notice_lines(scene: Scene) -> list[str]:
    """Mails about turns, with what is open, by person."""
    found: dict[str, list[str]] = {}
    for mail in scene.world.store._database.state.account_mails.values():
        if mail.event in ABOUT_TURNS and mail.not_before is not None:
            said = [shown_time(mail.not_before - START), mail.event, f"{mail.name}: {mail.changed_by}", mail.address]
            found.setdefault(mail.username, []).append(" ".join(filter(None, said)))
    return [line for who in sorted(found) for line in (f"notices to {who}:", *found[who])]


def _mail_lines(mails: dict[str, list[str]]) -> list[str]:
    return [line for who in sorted(mails) for line in (f"mails to {who}:", *mails[who])]
