"""What timelines say about who is called: rotas, escalations, teams, ways, quiet hours and absences."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, time

from monitor.application.oncall.escalations import ManageEscalations
from monitor.domain.accounts.actors import Role
from monitor.domain.accounts.availability import QuietHours, Span
from monitor.domain.fleet.teams import EscalationId, Team, TeamAccess, TeamId
from monitor.domain.levels import Level
from monitor.domain.notifications.channels import ChannelId
from monitor.domain.oncall.escalations import Escalation, Step, Target, TargetKind
from monitor.domain.oncall.rotas import Hours, Override, Rota, RotaId
from monitor.domain.oncall.ways import Way
from monitor.domain.policies.policies import Policy
from tests.unit.application.alerts.alert_world import ROOT, START
from tests.unit.application.alerts.timelines.timeline_scene import Act, Scene, clock_time, duration

Actions = Iterator[tuple[datetime, Act]]
LEVELS = {"warning": Level.WARNING, "critical": Level.CRITICAL}
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def moment(text: str) -> datetime:
    """`-1d`: before the start; else the time since it."""
    return START - duration(text[1:]) if text.startswith("-") else START + clock_time(text)


def words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def save_person(scene: Scene, name: str, given: dict[str, str]) -> None:
    """`quiet: 22:00-07:00 below critical`, `away: 0:00-2:00:00, 1d-2d`, `ways: mail, webhook after 5m level warning`"""
    user, ways = scene.people[name], given.get("ways")
    with scene.world.new_uow() as uow:
        away = tuple(Span(*map(moment, span.split(" to "))) for span in words(given.get("away", "")))
        quiet = quiet_hours(given["quiet"]) if "quiet" in given else None
        role = Role(given.get("role", "user"))
        uow.users.save(replace(uow.users.get(user.id), away=away, quiet=quiet, role=role))
        if ways is not None:
            uow.ways.replace(user.id, [_way(scene, name, text) for text in words(ways)])
        uow.commit()


def quiet_hours(text: str) -> QuietHours:
    """`11:00-13:00 below critical in Europe/Berlin`"""
    found = re.fullmatch(r"(\S+)-(\S+)(?: below (\w+))?(?: in (\S+))?", text)
    assert found is not None, text
    starts, ends = (time.fromisoformat(each) for each in found.group(1, 2))
    return QuietHours(starts=starts, ends=ends, zone=found[4] or "UTC", level=LEVELS[found[3] or "critical"])


def _way(scene: Scene, name: str, text: str) -> Way:
    found = re.fullmatch(r"(\w+)(?: after (\S+))?(?: level (\w+))?(?: failed (\w+))?", text)
    assert found is not None, text
    kind, after, level, failed = found.groups()
    settings = {} if kind == "mail" else {"url": f"https://{name}.example.com"}
    return Way(
        user_id=scene.people[name].id,
        kind=kind,
        settings=settings,
        after=duration(after or "0s"),
        level=LEVELS[level or "warning"],
        failed=failed or "",
    )


def add_rota(scene: Scene, name: str, given: dict[str, str]) -> None:
    hours = tuple(_hours(text) for text in words(given["hours"])) if "hours" in given else None
    rota = Rota(
        name=name,
        timezone=given.get("in", "UTC"),
        starts_at=moment(given.get("starts", "-1d")),
        turn_days=int(given.get("days", "7")),
        hours=hours,
        user_ids=tuple(scene.people[who].id for who in words(given["users"])),
    )
    with scene.world.new_uow() as uow:
        uow.rotas.add(rota)
        uow.commit()


def _hours(text: str) -> Hours:
    """`mon-fri 09:00-17:00`"""
    days, times = text.split(" ")
    first, last = (WEEKDAYS.index(day) for day in (days.split("-") * 2)[:2])
    starts, ends = (time.fromisoformat(each) for each in times.split("-"))
    return Hours(frozenset(range(first, last + 1)), starts, ends)


def add_team(scene: Scene, name: str, given: dict[str, str]) -> None:
    team = Team(
        name=name,
        access=TeamAccess.WRITE,
        created_at=scene.world.now,
        user_ids=frozenset(scene.people[who].id for who in words(given.get("people", ""))),
        server_ids=frozenset(scene.hosts[host].server.id for host in words(given.get("servers", ""))),
    )
    with scene.world.new_uow() as uow:
        uow.teams.add(team)
        uow.commit()
    scene.world.process.fleet.refresh()


def give_escalation(scene: Scene, team: str, escalation: str | None) -> None:
    with scene.world.new_uow() as uow:
        found = uow.teams.get(team_id(scene, team))
        uow.teams.save(replace(found, escalation_id=None if escalation is None else escalation_id(scene, escalation)))
        uow.commit()


def escalation_of(scene: Scene, name: str, given: dict[str, str]) -> Escalation:
    """`{steps: "0s bob; 5m rota nights, team ops; 15m channel chat; 20m linked", repeat: 10m x2}`"""
    steps = []
    for text in filter(None, map(str.strip, given["steps"].split(";"))):
        after, _, to = text.partition(" ")
        steps.append(Step(duration(after), tuple(_target(scene, who) for who in words(to))))
    pause, _, repeats = given.get("repeat", "").partition(" x")
    return Escalation(
        name=name,
        steps=tuple(steps),
        repeat_after=duration(pause) if pause else None,
        repeats=int(repeats or 0),
    )


def _target(scene: Scene, text: str) -> Target:
    kind, _, name = text.partition(" ")
    match kind:
        case "rota":
            return Target(TargetKind.ROTA, rota_id(scene, name))
        case "team":
            return Target(TargetKind.TEAM, team_id(scene, name))
        case "channel":
            return Target(TargetKind.CHANNEL, channel_id(scene, name))
        case "linked":
            return Target(TargetKind.LINKED)
        case _:
            return Target(TargetKind.USER, scene.people[text].id)


def add_escalation(scene: Scene, name: str, given: dict[str, str]) -> None:
    with scene.world.new_uow() as uow:
        uow.escalations.add(escalation_of(scene, name, given))
        uow.commit()
    scene.world.process.fleet.refresh()


def escalation_id(scene: Scene, name: str) -> EscalationId:
    scene.world.process.fleet.refresh()
    found = scene.world.process.fleet.directory.roster.escalations
    return next(id_ for id_, each in found.items() if each.name == name)


def rota_id(scene: Scene, name: str) -> RotaId:
    scene.world.process.fleet.refresh()
    return next(id_ for id_, each in scene.world.process.fleet.directory.roster.rotas.items() if each.name == name)


def team_id(scene: Scene, name: str) -> TeamId:
    scene.world.process.fleet.refresh()
    return next(id_ for id_, each in scene.world.process.fleet.directory.reach.teams.items() if each.name == name)


def channel_id(scene: Scene, name: str) -> ChannelId:
    scene.world.process.fleet.refresh()
    return next(id_ for id_, each in scene.world.process.fleet.directory.channels.items() if each.name == name)


def give_policy(scene: Scene, policy: Policy, escalation: str) -> None:
    with scene.world.new_uow() as uow:
        found = uow.alert_policies.get(policy.id)
        uow.alert_policies.save(replace(found, escalation_id=escalation_id(scene, escalation)))
        uow.commit()


def _absence(scene: Scene, at: datetime, who: str, lasts: str | None = None, since: str | None = None) -> Actions:
    begin = at if since is None else START + clock_time(since)

    def change() -> None:
        with scene.world.new_uow() as uow:
            away = () if lasts is None else (Span(begin, begin + duration(lasts)),)
            uow.users.save(replace(uow.users.get(scene.people[who].id), away=away))
            uow.commit()

    yield at, change


def _override(scene: Scene, at: datetime, who: str, rota: str, lasts: str) -> Actions:
    def take() -> None:
        with scene.world.new_uow() as uow:
            found = uow.rotas.get(rota_id(scene, rota))
            mine = Override(scene.people[who].id, at, at + duration(lasts))
            uow.rotas.save(replace(found, overrides=(*found.overrides, mine)))
            uow.commit()

    yield at, take


def _delete(scene: Scene, at: datetime, what: str, name: str) -> Actions:
    def act() -> None:
        with scene.world.new_uow() as uow:
            if what == "rota":
                uow.rotas.delete(rota_id(scene, name))
            elif what == "escalation":
                uow.escalations.delete(escalation_id(scene, name))
            else:
                uow.channels.delete(channel_id(scene, name))
            uow.commit()

    yield at, act


def _change(scene: Scene, at: datetime, name: str, steps: str) -> Actions:
    def change() -> None:
        world = scene.world
        changed = replace(escalation_of(scene, name, {"steps": steps}), id=escalation_id(scene, name))
        ManageEscalations(world.new_uow, world.clock, world.process.fleet).change(ROOT, changed)

    yield at, change


def _give(scene: Scene, at: datetime, team: str, escalation: str) -> Actions:
    yield at, lambda: give_escalation(scene, team, None if escalation == "nothing" else escalation)


def _choose_ways(scene: Scene, at: datetime, who: str, ways: str) -> Actions:
    def choose() -> None:
        with scene.world.new_uow() as uow:
            uow.ways.replace(scene.people[who].id, [_way(scene, who, text) for text in words(ways)])
            uow.commit()

    yield at, choose


SENTENCES: list[tuple[str, Callable[..., Actions]]] = [
    (r"(?P<who>\S+) is away for (?P<lasts>\S+)(?: since (?P<since>\S+))?", _absence),
    (r"(?P<who>\S+) is back", _absence),
    (r"(?P<who>\S+) takes (?P<rota>\S+) for (?P<lasts>\S+)", _override),
    (r"delete (?P<what>rota|escalation|channel) (?P<name>\S+)", _delete),
    (r"the escalation (?P<name>\S+) becomes (?P<steps>.+)", _change),
    (r"team (?P<team>\S+) escalates by (?P<escalation>\S+)", _give),
    (r"(?P<who>\S+) chooses (?P<ways>.+)", _choose_ways),
]
