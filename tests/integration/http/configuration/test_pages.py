"""A plan predicts pages: a second installation that lives through the same days with the file has just these."""

import random
from collections import Counter
from contextlib import closing
from datetime import timedelta

import pytest

from monitor.application.accounts.profile import UpdateProfile
from monitor.application.alerts.handing_over import HandOverRotas
from monitor.application.alerts.maintenance import AlertMaintenance
from monitor.application.alerts.offline import DetectOffline
from monitor.application.alerts.ports import AlertFilter
from monitor.application.intake.store_samples import StoreSamples
from monitor.application.notifications.delivery import DeliverNotifications, Transport
from monitor.application.notifications.ports import NotificationFilter
from monitor.domain.alerts.alert import EventKind
from monitor.domain.fleet.servers import ServerId
from monitor.domain.intake.samples import Sample
from monitor.domain.levels import Level
from monitor.domain.notifications.outbox import DeliveryState
from monitor.domain.policies.kinds import known
from monitor.domain.policies.policies import THRESHOLD
from tests.integration.http.configuration.scene import apply, plan
from tests.integration.http.world import World

OPENINGS = (EventKind.FIRED, EventKind.ESCALATED, EventKind.DUE, EventKind.STEP)
HOSTS = 3
MINUTES = 600
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
PAUSE = timedelta(seconds=11)
"""Then what has just happened is sent."""

OLD = """
teams:
  operators: {access: read, members: [alice], tags: [web]}
channels:
  room: {kind: email, settings: {address: room@example.com}, least_level: critical}
policies:
  - {metric: cpu, scope: everything, warning: 70, critical: 90, sustained_for: 120, clear_for: 60}
  - {metric: offline}
silences: []
tags: {host-1: [web], host-2: [web, db]}
"""
NEW = """
teams:
  operators: {access: read, members: [alice, bob], tags: [db]}
channels:
  room: {kind: email, settings: {address: room@example.com}, least_level: warning}
policies:
  - {metric: cpu, scope: everything, warning: 75, critical: 90, sustained_for: 60, clear_for: 60}
  - {metric: cpu, scope: {tag: web}, warning: 60, critical: 80, sustained_for: 180, clear_for: 60}
  - {metric: cpu, scope: {tag: db}, warning: 50, sustained_for: 60}
  - {metric: memory, scope: {server: host-3}, critical: 80, sustained_for: 0, clear_for: 0, clear_margin: 0}
  - {metric: offline}
silences:
  - scope: {tag: db}
    starts_at: 2030-01-01 00:00:00
    ends_at: 2030-03-01 00:00:00
    recurrence: {weekdays: [0, 1, 2, 3, 4, 5, 6], starts: '15:00', duration: 5400, zone: UTC}
  - {scope: {server: host-1}, metric: cpu, starts_at: 2030-01-01 18:00:00, ends_at: 2030-02-01 00:00:00}
tags: {host-1: [web], host-2: [web, db]}
"""

KINDS = NEW.replace(
    "policies:\n",
    """policies:
  - {metric: cpu, kind: forecast, scope: everything, critical: 95, over: 3600, within: 3600, sustained_for: 300}
  - {metric: cpu, kind: range, scope: {server: host-1}, days: 1, beyond: 0, sustained_for: 0, clear_for: 0}
  - {metric: memory, kind: range, scope: everything, days: 1, beyond: 0.1, sustained_for: 0, level: critical}
  - {metric: memory, scope: {tag: db}, direction: below, warning: 45, sustained_for: 300, clear_for: 0}
""",
)

CALLED = NEW.replace(
    "sustained_for: 60}\n  - {metric: memory", "sustained_for: 60, escalation: nights}\n  - {metric: memory"
)
CALLED += """
rotas:
  duty: {timezone: Europe/Berlin, starts_at: 2029-12-01 15:00:00, turn: {days: 1}, users: [alice, carol]}
escalations:
  nights:
    steps: [{after: 0, to: [{rota: duty}]}, {after: 180, to: [{user: bob}, {channel: room}]}]
    repeat_after: 300
    repeats: 1
"""


SCOPED = OLD.replace(
    "least_level: critical}\n",
    """least_level: warning, scope: {tag: db}}
  hall: {kind: email, settings: {address: hall@example.com}, least_level: warning, scope: {team: operators}}
  desk: {kind: email, settings: {address: desk@example.com}, least_level: critical, scope: {servers: [host-3]}}
""",
)


def history(seed: int) -> list[list[tuple[float, float] | None]]:
    """Return for each minute the values (cpu, memory) of each host; None: it does not report."""
    chance = random.Random(seed)  # noqa: S311 (no secret)
    course = []
    cpu, memory, away = [50.0] * HOSTS, [50.0] * HOSTS, [0] * HOSTS
    for _ in range(MINUTES):
        row: list[tuple[float, float] | None] = []
        for host in range(HOSTS):
            wild = 25 if chance.random() < 0.1 else 6
            cpu[host] = min(100.0, max(0.0, cpu[host] + chance.uniform(-wild, wild) + (55 - cpu[host]) / 20))
            memory[host] = chance.choice([40.0, 95.0]) if chance.random() < 0.08 else memory[host]
            away[host] = chance.randint(1, 20) if chance.random() < 0.004 else max(0, away[host] - 1)
            row.append(None if away[host] else (cpu[host], memory[host]))
        course.append(row)
    return course


def installation() -> World:
    world = World()
    people = [world.person(name) for name in ("alice", "bob", "carol")]
    container = world.container
    for number in range(1, HOSTS + 1):
        world.server(f"192.0.2.{number}", *people[number - 1 : number], name=f"host-{number}")
    for person, level in zip(people, (Level.WARNING, Level.CRITICAL, Level.WARNING), strict=True):
        address = f"{person.name}@example.com"
        container.get(UpdateProfile)(person.actor, email=address, alert_level=level)
    container.fleet.refresh()
    return world


def live(world: World, course: list[list[tuple[float, float] | None]], every: timedelta) -> None:
    """Let time pass in an installation, with all that its processes do."""
    container = world.container
    for row in course:
        world.clock.advance(every - SECOND - PAUSE)
        container.get(DetectOffline)()
        world.clock.advance(SECOND)
        now = world.clock.now()
        samples = [
            Sample(ServerId(number), now, now, values[0], values[1], 10.0, None, every.total_seconds())
            for number, values in enumerate(row, 1)
            if values is not None
        ]
        container.get(StoreSamples)(samples)
        container.get(AlertMaintenance)()
        container.get(HandOverRotas)()
        world.clock.advance(PAUSE)
        deliver = container.get(DeliverNotifications)
        while claimed := deliver.claim(Transport.MAIL):
            deliver.deliver(claimed)


def notified(world: World) -> tuple[int, dict[str, int], dict[str, int]]:
    """Return of how many alerts somebody was notified while they fired, and of how many each person, and channel."""
    found = world.store.queries.notifications.newest(world.admin.actor, NotificationFilter(limit=100_000))
    sent = [
        each
        for each in found
        if each.alert_id is not None
        and each.delivery in (DeliveryState.SENT, DeliveryState.PENDING)
        and each.event_kind in OPENINGS
    ]
    directory = world.container.fleet.directory
    reached = {(each.target, each.alert_id) for each in sent}
    people, channels = Counter[str](), Counter[str]()
    for target, _ in reached:
        people.update([directory.users[target.user_id].username] if target.user_id is not None else [])
        channels.update([directory.channels[target.channel_id].name] if target.channel_id is not None else [])
    return len({alert_id for _, alert_id in reached}), people, channels


@pytest.mark.parametrize(
    ("seed", "old", "new", "every"),
    [
        (0, OLD, NEW, MINUTE),
        (2, OLD, NEW, MINUTE),
        (1, NEW, KINDS, 5 * MINUTE),
        (3, KINDS, OLD, 5 * MINUTE),
        (4, OLD, CALLED, MINUTE),
        (5, CALLED, NEW, MINUTE),
        (6, SCOPED, OLD, MINUTE),
        (7, OLD, SCOPED, MINUTE),
    ],
)
def test_a_prediction_is_what_comes_true(seed: int, old: str, new: str, every: timedelta):
    course = history(seed)
    with closing(installation()) as world, closing(installation()) as second:
        apply(world, old)
        live(world, course, every)
        world.admin = world.log_in("admin")  # the session has ended meanwhile
        found = plan(world, new, days=30)
        assert found["job_id"] is None
        apply(second, new)
        live(second, course, every)
        before, after = notified(world), notified(second)
        shown = second.store.queries.alerts.newest(second.admin.actor, AlertFilter(limit=100_000))
    fired = {each.alert.kind for each in shown}
    assert fired == ({*known.KINDS.values()} if new is KINDS else {THRESHOLD})
    assert before[0] > 5
    assert (before[0], after[0]) == (found["pages"]["before"], found["pages"]["after"])
    assert before[1] == {each["username"]: each["before"] for each in found["people"] if each["before"]}
    assert after[1] == {each["username"]: each["after"] for each in found["people"] if each["after"]}
    assert before[2] == {each["name"]: each["before"] for each in found["channels"] if each["before"]}
    assert after[2] == {each["name"]: each["after"] for each in found["channels"] if each["after"]}
    assert (new is SCOPED) == ("hall" in after[2])
    pages = found["pages"]
    assert pages["before"] + pages["added"] - pages["removed"] == pages["after"]
