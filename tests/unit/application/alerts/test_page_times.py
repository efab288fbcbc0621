"""At most so long until a page goes out, on virtual time; `tests/integration/alone/test_page_times.py` in real time."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.application.alerts.holding import HoldBack
from monitor.application.incidents.answering import AcknowledgeIncident
from monitor.application.operations.preferences import ChangePreferences
from monitor.application.policies.policies import CreatePolicy
from monitor.application.policies.silences import CreateSilence, DeleteSilence, EndSilence
from monitor.domain.accounts.availability import QuietHours
from monitor.domain.accounts.users import User
from monitor.domain.alerts.alert import AlertId
from monitor.domain.fleet.servers import Server, Status
from monitor.domain.fleet.teams import Team, TeamAccess
from monitor.domain.oncall.escalations import Escalation, Step, Target, TargetKind
from monitor.domain.policies.policies import OFFLINE, Policy, Scope
from monitor.domain.policies.silences import Silence, SilenceId
from tests.examples import examples
from tests.page_times import CRITICAL, GRACE, SCENARIOS, WARNING, Due, Scenario, Stage, reminder
from tests.unit.application.alerts.alert_world import ROOT, World

INTERVAL = 15


class VirtualStage(Stage):
    """*values*: what each host reports; None: nothing."""

    def __init__(self) -> None:
        self.world = World()
        self.people: dict[str, User] = {}
        self.hosts: dict[str, Server] = {}
        self.values: dict[str, dict[str, float] | None] = {}
        self._seconds = 0
        for metric in ("cpu", "memory"):
            no_time = timedelta(0)
            policy = Policy(metric=metric, warning=70, critical=90, sustained_for=no_time, clear_for=no_time)
            self.world.process.get(CreatePolicy)(ROOT, policy)
        self.world.process.get(CreatePolicy)(ROOT, Policy(metric=OFFLINE))
        for n in range(20):  # else all that is sick is most of the fleet
            self.host(f"other-{n}", f"10.9.{n}.1", [])
        self.digest = self.world.process.fleet.directory.preferences.digest_pause.total_seconds()

    def person(self, name: str) -> None:
        self.people[name] = self.world.person(name, f"{name}@example.com")

    def host(self, name: str, address: str, people: list[str], on: str | None = None) -> None:
        self.hosts[name] = self.world.server(name, address, [self.people[each] for each in people])
        if on is not None:
            with self.world.new_uow() as uow:
                uow.servers.depend({self.hosts[name].id: [self.hosts[on].id]})
                uow.commit()
            self.world.process.fleet.refresh()
        self.set(name)

    def set(self, host: str, *, cpu: float = 10.0, memory: float = 10.0) -> None:
        self.values[host] = {"cpu": cpu, "memory": memory}
        self.world.clock.advance(timedelta(milliseconds=1))  # a host has one sample of a moment
        self._report(host)

    def stop(self, host: str) -> None:
        self.values[host] = None

    def _report(self, host: str) -> None:
        if (values := self.values[host]) is not None:
            self.world.report(self.hosts[host].id, **values)

    def is_offline(self, host: str) -> bool:
        return self.world.process.fleet.live[self.hosts[host].id].status is Status.OFFLINE

    def silence(self, host: str, seconds: float) -> int:
        now = self.world.now
        scope, ends_at = Scope(server_id=self.hosts[host].id), now + timedelta(seconds=seconds)
        silence = Silence(scope=scope, starts_at=now, ends_at=ends_at, reason="work", created_at=now)
        silence_id = self.world.process.get(CreateSilence)(ROOT, silence).id
        self.world.clock.advance(timedelta(milliseconds=1))  # it can be ended once it has begun
        return silence_id

    def end_silence(self, silence_id: int) -> None:
        self.world.process.get(EndSilence)(ROOT, SilenceId(silence_id))

    def delete_silence(self, silence_id: int) -> None:
        self.world.process.get(DeleteSilence)(ROOT, SilenceId(silence_id))

    def acknowledge(self, host: str) -> None:
        alert = next(each for each in self.world.alerts() if each.server_id == self.hosts[host].id)
        assert alert.incident_id is not None
        self.world.process.get(AcknowledgeIncident)(ROOT, alert.incident_id)

    def be_quiet(self, person: str) -> float:
        hours = QuietHours(starts=time(11), ends=time(12, 1), zone="UTC")
        with self.world.new_uow() as uow:
            uow.users.save(replace(uow.users.get(self.people[person].id), quiet=hours))
            uow.commit()
        self.world.process.fleet.refresh()
        return 60 - self.world.since_start().total_seconds()

    def escalate(self, host: str, first: str, second: str, after: int) -> None:
        steps = [(timedelta(0), first), (timedelta(seconds=after), second)]
        with self.world.new_uow() as uow:
            made = tuple(Step(at, (Target(TargetKind.USER, self.people[who].id),)) for at, who in steps)
            escalation = uow.escalations.add(Escalation(name="steps", steps=made))
            ids = frozenset({self.hosts[host].id})
            team = Team(name="steps", access=TeamAccess.WRITE, created_at=self.world.now, server_ids=ids)
            uow.teams.add(replace(team, escalation_id=escalation.id))
            uow.commit()
        self.world.process.fleet.refresh()

    def remind_after(self, seconds: float) -> None:
        self.world.process.get(ChangePreferences)(ROOT, {"reminder_after": seconds})

    def let_pass(self, seconds: float) -> None:
        for _ in range(round(seconds)):
            self.world.let_pass(1)
            self._seconds += 1
            if self._seconds % INTERVAL == 0:
                self.report()

    def report(self) -> None:
        for host in self.hosts:
            self._report(host)

    def named(self, person: str, host: str) -> list[datetime]:
        """Return when messages that name *host* were sent."""
        return [
            message.sent_at
            for to, message in self.world.mails()
            if to == f"{person}@example.com" and any(item.server_name == host for item in message.items)
        ]


def lateness(stage: VirtualStage, scenario: Scenario) -> list[tuple[Due, float | None]]:
    """Play it, and return how many seconds after it was due each message came; None: never."""
    found: list[tuple[Due, datetime]] = []
    for step in scenario:
        if isinstance(step, Due):
            found.append((step, stage.world.now + timedelta(seconds=step.later)))
        else:
            stage.let_pass(step)
    stage.let_pass(180)
    late = [(due, [sent - at for sent in stage.named(due.person, due.host) if sent >= at]) for due, at in found]
    return [(due, min(after).total_seconds() if after else None) for due, after in late]


@pytest.mark.parametrize("scenario", [*SCENARIOS, reminder])
def test_a_page_goes_out_in_time(scenario: Callable[[Stage], Scenario]) -> None:
    stage = VirtualStage()
    found = lateness(stage, scenario(stage))
    assert found
    assert [] == [(due, late) for due, late in found if late is None or late > stage.digest + GRACE]


WEB = [f"web-{n}" for n in range(1, 6)]
KINDS = ["warning", "warning", "warning", "critical", "silence", "silence", "end", "delete", "stop"]
occurrences = st.lists(
    st.tuples(st.integers(0, 30), st.sampled_from(KINDS), st.sampled_from([*WEB, "switch"]), st.integers(3, 30)),
    min_size=8,
    max_size=24,
)


class Story:
    """What happens by turns of ten seconds: (turn, kind, host, turns for which it lasts)."""

    def __init__(self, stage: VirtualStage, occurrences: list[tuple[int, str, str, int]]) -> None:
        self.stage, self._occurrences = stage, occurrences
        self._until: dict[str, int] = {}
        self._silences: list[int] = []

    def play(self, turn: int) -> None:
        for host in [each for each, until in self._until.items() if until <= turn]:
            del self._until[host]
            self.stage.set(host)
        for at, kind, host, lasts in self._occurrences:
            if at == turn:
                self._act(kind, host, turn, lasts)
        self.stage.world.let_pass(10, every=5)
        self.stage.report()

    def _act(self, kind: str, host: str, turn: int, lasts: int) -> None:
        if kind == "silence":
            self._silences.append(self.stage.silence(host, 10 * lasts))
        elif kind in ("end", "delete"):
            if self._silences:
                act = self.stage.end_silence if kind == "end" else self.stage.delete_silence
                act(self._silences.pop())
        else:
            self._until[host] = turn + lasts
            if kind == "stop":
                self.stage.stop(host)
            else:
                self.stage.set(host, cpu=WARNING if kind == "warning" else CRITICAL)


@settings(max_examples=examples(60))
@given(occurrences)
def test_every_host_that_fires_for_a_minute_is_named(occurrences: list[tuple[int, str, str, int]]) -> None:
    """Over random breaches, silences and outages of what the hosts depend on. It counts how long nothing holds it back.

    Also after other messages of its incident.
    """
    stage, free_since = VirtualStage(), dict[AlertId, datetime]()
    stage.person("bob")
    stage.host("switch", "10.2.1.1", ["bob"])
    for n, host in enumerate(WEB, 1):
        stage.host(host, f"10.1.1.{n}", ["bob"], on="switch")
    story, world = Story(stage, occurrences), stage.world
    for turn in range(60):
        story.play(turn)
        holding = world.process.get(HoldBack)()
        free = [each for each in world.alerts() if each.is_open and not each.due_at and not holding.is_held_back(each)]
        free_since = {each.id: free_since.get(each.id, world.now) for each in free}
        for each in free:
            if world.now - free_since[each.id] > timedelta(seconds=60):
                name = world.process.fleet.directory.servers[each.server_id].name
                assert any(sent_at >= each.fired_at for sent_at in stage.named("bob", name)), (name, each.metric)
