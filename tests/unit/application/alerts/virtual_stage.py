"""The stage of `tests.page_times` in virtual time."""

from dataclasses import replace
from datetime import datetime, time, timedelta

from monitor.application.incidents.answering import AcknowledgeIncident
from monitor.application.operations.preferences import ChangePreferences
from monitor.application.policies.policies import CreatePolicy
from monitor.application.policies.silences import CreateSilence, DeleteSilence, EndSilence
from monitor.domain.accounts.availability import QuietHours
from monitor.domain.accounts.users import User
from monitor.domain.fleet.servers import Server, Status
from monitor.domain.fleet.teams import Team, TeamAccess
from monitor.domain.oncall.escalations import Escalation, Step, Target, TargetKind
from monitor.domain.policies.policies import OFFLINE, Policy, Scope
from monitor.domain.policies.silences import Silence, SilenceId
from tests.page_times import Stage
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
