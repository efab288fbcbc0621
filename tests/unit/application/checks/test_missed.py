"""Check-ins over time, in one process or several on one store: what is down fires once, and ends with the next ping."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.adapters.cron import CronSchedules
from monitor.adapters.memory.stand_ins import CountedSecrets, FixedClock, InsecurePasswordHasher, MemoryMailer
from monitor.adapters.memory.store import MemoryStore
from monitor.application.accounts.users import CreateUser
from monitor.application.alerts.maintenance import AlertMaintenance
from monitor.application.alerts.offline import OwnHearing
from monitor.application.alerts.ports import AlertFilter
from monitor.application.checks.check_ins import CreateCheckIn, DeleteCheckIn, PauseCheckIn
from monitor.application.checks.missed import DetectMissed
from monitor.application.checks.pings import RecordPings, UnstoredPings
from monitor.application.fleet.servers import CreateServer
from monitor.application.notifications.ports import NotificationFilter
from monitor.application.operations.peers import FollowAlerts, FollowFleet
from monitor.application.policies.policies import CreatePolicy, UpdatePolicy
from monitor.application.policies.silences import CreateSilence
from monitor.assembly import over
from monitor.container import Container
from monitor.domain.accounts.actors import Role
from monitor.domain.alerts.alert import Alert, AlertState
from monitor.domain.alerts.offline import Hearing
from monitor.domain.checks.check_ins import CheckIn, CheckInState, Ping, PingKind
from monitor.domain.fleet.servers import ServerId
from monitor.domain.levels import Level
from monitor.domain.policies.check_policies import CHECK_IN
from monitor.domain.policies.policies import Policy, Scope
from monitor.domain.policies.silences import Silence
from monitor.settings import Settings
from tests.contracts.builders import ADMIN

SUCCESS, START, FAIL = PingKind
FIRING, RESOLVED, CANCELLED = AlertState


class Processes:
    """Several on one store and clock; the first makes the changes."""

    def __init__(self) -> None:
        self.clock, self.store = FixedClock(), MemoryStore()
        self.all = [self._process(), self._process()]
        self.first, self.second = self.all
        self.detect = [each.get(DetectMissed) for each in self.all]
        self.follow = [each.get(FollowFleet) for each in self.all]

    def _process(self) -> Container:
        container = over(
            self.store,
            Settings(database_url="", data_dir=Path()),
            "a secret that signs this test's tokens",
            clock=self.clock,
            secrets=CountedSecrets(str(id(self))),
            hasher=InsecurePasswordHasher(),
            mailer=MemoryMailer(),
            senders={},
        )
        container.shared.started_at()
        return container

    def check_in(self, **changes: Any) -> CheckIn:
        wanted = CheckIn(name="backup", period=60.0, grace=10.0, created_at=self.clock.now())
        return self.first.get(CreateCheckIn)(ADMIN, replace(wanted, **changes))

    def ping(self, check_in: CheckIn, kind: PingKind = SUCCESS, process: int = 1, **more: Any) -> None:
        ping = Ping(at=self.clock.now(), kind=kind, address="192.0.2.1", **more)
        assert self.all[process].get(RecordPings)([(check_in.ping_key, ping)]) == [None]

    def later(self, seconds: float) -> None:
        """Let time pass in small steps: after a long pause each process says that it was suspended."""
        end = self.clock.now() + timedelta(seconds=seconds)
        while self.clock.now() < end:
            self.clock.advance(min(timedelta(seconds=10), end - self.clock.now()))
            self.look()

    def look(self) -> None:
        for follow, detect, process in zip(self.follow, self.detect, self.all, strict=True):
            follow()
            process.get(FollowAlerts)()
            detect()
            process.get(AlertMaintenance)()

    def alerts(self) -> list[Alert]:
        """The newest first."""
        found = self.store.queries.alerts.newest(ADMIN, AlertFilter(limit=1000))
        return [each.alert for each in found]

    def states(self) -> list[AlertState]:
        return [alert.state for alert in self.alerts()]

    def state(self, check_in: CheckIn) -> CheckInState:
        [found] = self.store.queries.check_ins.of([check_in.id])
        return found.state

    def notes(self) -> list[str | None]:
        _, timeline = self.store.queries.alerts.get(ADMIN, self.alerts()[0].id)
        return [entry.note for entry in timeline]


@pytest.fixture
def processes() -> Processes:
    return Processes()


def test_a_job_that_does_not_come_fires_once_and_its_next_ping_resolves_it(processes: Processes) -> None:
    check_in = processes.check_in()
    processes.later(1000)
    assert processes.states() == []  # never pinged
    processes.ping(check_in)
    due = processes.clock.now() + timedelta(seconds=60)
    processes.later(69.9)
    assert processes.states() == []
    processes.later(0.1)
    [alert] = processes.alerts()
    assert (alert.state, alert.level, alert.metric, alert.server_id) == (FIRING, Level.CRITICAL, CHECK_IN, check_in.id)
    assert (alert.started_at, alert.fired_at, alert.policy_id) == (due, processes.clock.now(), None)
    assert processes.notes() == [f"expected at {due:%Y-%m-%d %H:%M:%S} (UTC)"]
    processes.later(1000)
    processes.ping(check_in, START)
    processes.look()
    assert processes.states() == [FIRING]
    processes.ping(check_in)
    processes.look()
    assert processes.states() == [RESOLVED]
    assert processes.state(check_in) is CheckInState.UP


def test_a_failure_fires_at_once_with_what_it_says(processes: Processes) -> None:
    check_in = processes.check_in()
    processes.ping(check_in, FAIL, status=3, body=b"no space\nleft")
    assert processes.state(check_in) is CheckInState.DOWN
    processes.look()
    assert processes.notes() == ["reported failure, exit status 3: no space / left"]
    processes.ping(check_in, FAIL, status=4, process=0)
    processes.look()
    assert processes.states() == [FIRING]
    processes.ping(check_in, process=0)
    processes.look()
    processes.ping(check_in, FAIL)
    processes.look()
    assert processes.states() == [FIRING, RESOLVED]


def test_a_failure_fires_also_if_a_success_follows_before_a_look(processes: Processes) -> None:
    check_in = processes.check_in()
    for _ in range(2):
        processes.ping(check_in, FAIL, status=3)
        processes.ping(check_in)
    processes.detect[0]()
    assert processes.states() == [FIRING]
    assert processes.notes() == ["reported failure, exit status 3"]
    processes.look()
    assert processes.states() == [RESOLVED]
    processes.look()
    assert processes.states() == [RESOLVED]


def test_a_crash_after_the_alert_fired_fires_no_second_one(processes: Processes) -> None:
    check_in = processes.check_in()
    processes.ping(check_in, FAIL)
    processes.look()
    with processes.store.unit_of_work(lambda: None) as uow:  # as if it had not been noted
        uow.check_ins.save([replace(each, failure_is_new=True) for each in uow.check_ins.get_many([check_in.id])])
        uow.commit()
    processes.ping(check_in)
    for _ in range(3):
        processes.look()
    assert processes.states() == [RESOLVED]


@pytest.mark.parametrize("end", ["pause", "pause and resume", "delete"])
def test_what_is_no_longer_watched_is_cancelled(processes: Processes, end: str) -> None:
    check_in = processes.check_in()
    processes.ping(check_in, FAIL)
    processes.look()
    pauses = processes.first.get(PauseCheckIn)
    if end == "delete":
        processes.first.get(DeleteCheckIn)(ADMIN, check_in.id)
        processes.look()
        assert processes.states() == []
        return
    assert pauses.pause(ADMIN, check_in.id).state is CheckInState.PAUSED
    if end == "pause and resume":
        assert pauses.resume(ADMIN, check_in.id).state is CheckInState.NEW
    processes.look()
    assert processes.states() == [CANCELLED]
    processes.later(1000)
    assert processes.states() == [CANCELLED]


def test_a_disabled_policy_switches_it_off_and_on_again(processes: Processes) -> None:
    check_in = processes.check_in()
    processes.ping(check_in, FAIL)
    processes.look()
    policy = Policy(metric=CHECK_IN, critical=0.5, scope=Scope(server_id=check_in.id), enabled=False)
    made = processes.first.get(CreatePolicy)(ADMIN, policy)
    for _ in range(2):
        processes.later(1)
    assert processes.states() == [CANCELLED]
    processes.first.get(UpdatePolicy)(ADMIN, made.id, enabled=True)
    for _ in range(2):
        processes.later(1)
    assert processes.states() == [FIRING, CANCELLED]
    assert processes.alerts()[0].policy_id == made.id
    processes.ping(check_in)
    processes.later(1)
    assert processes.states() == [RESOLVED, CANCELLED]


def test_a_policy_of_warnings_warns(processes: Processes) -> None:
    host = processes.first.get(CreateServer)(ADMIN, name="web", ip_address="192.0.2.1")
    check_in = processes.check_in(host_id=host.id)
    processes.first.get(CreatePolicy)(ADMIN, Policy(metric=CHECK_IN, warning=0.5, scope=Scope(server_id=host.id)))
    processes.ping(check_in, FAIL)
    processes.look()
    assert [alert.level for alert in processes.alerts()] == [Level.WARNING]


def test_admins_are_notified_of_one_without_a_server_and_not_in_a_silence(processes: Processes) -> None:
    create: CreateUser = processes.first.get(CreateUser)
    root = create(ADMIN, username="root", password="correct horse", role=Role.ADMIN, email="root@example.com")
    create(ADMIN, username="ann", password="correct horse", role=Role.USER, email="ann@example.com")
    first, second = processes.check_in(), processes.check_in(name="dump")
    now = processes.clock.now()
    quiet = Silence(
        scope=Scope(server_id=second.id), starts_at=now, ends_at=now + timedelta(hours=1), reason="", created_at=now
    )
    processes.first.get(CreateSilence)(ADMIN, quiet)
    for check_in in (first, second):
        processes.ping(check_in, FAIL)
    processes.look()
    outbox = processes.store.queries.notifications.newest(ADMIN, NotificationFilter(limit=100))
    assert {(each.target.user_id, each.server_name, each.ip_address) for each in outbox} == {
        (root.id, "backup", ""),
        (root.id, "dump", ""),
    }
    directory = processes.first.fleet.directory
    assert [directory.is_silenced(each.id, CHECK_IN, now) for each in (first, second)] == [False, True]


def test_what_was_due_while_no_process_ran_is_not_missed(processes: Processes) -> None:
    check_in = processes.check_in()
    processes.ping(check_in)
    processes.clock.advance(1000)
    again = processes._process()
    detect = again.get(DetectMissed)
    again.get(FollowFleet)()
    detect()
    assert processes.states() == []
    processes.clock.advance(69.9)
    detect()
    assert processes.states() == []
    processes.clock.advance(0.1)
    detect()
    assert processes.states() == [FIRING]


def test_a_process_that_heard_all_the_time_is_not_held_back_by_one_that_did_not(processes: Processes) -> None:
    check_in = processes.check_in()
    processes.ping(check_in)
    now = processes.clock.now()
    processes.first.get(OwnHearing).known = Hearing(since=now, until=now + timedelta(seconds=30))
    processes.later(70)
    assert processes.states() == [FIRING]


def test_without_proof_that_pings_arrive_nothing_is_missed(processes: Processes) -> None:
    check_in = processes.check_in()
    processes.ping(check_in)
    now = processes.clock.now()
    for each in processes.all:
        each.get(OwnHearing).known = Hearing(since=now, until=now + timedelta(seconds=69.9))
    processes.later(1000)
    assert processes.states() == []
    assert processes.state(check_in) is CheckInState.UP


def test_an_outage_of_the_database_is_no_outage_of_jobs(processes: Processes) -> None:
    check_in = processes.check_in()
    processes.ping(check_in)
    processes.clock.advance(65)
    for each in processes.all:
        each.fleet.interrupted_at = processes.clock.now()
    processes.later(30)
    assert processes.states() == []
    processes.later(60)
    assert processes.states() == [FIRING]


@pytest.mark.parametrize("seconds", [55.0, 65.0])
def test_a_job_whose_ping_was_received_and_not_stored_is_not_missed(processes: Processes, seconds: float) -> None:
    """It came before it was due, or after that. The job of the other one did not run."""
    check_in, other = processes.check_in(), processes.check_in(name="other")
    for each in (check_in, other):
        processes.ping(each)
    received = processes.clock.now() + timedelta(seconds=seconds)
    for process in processes.all:
        process.get(UnstoredPings).received(check_in.ping_key, received)
    processes.later(seconds + 69)
    assert [alert.server_id for alert in processes.alerts()] == [other.id]
    processes.later(1)
    assert {alert.server_id for alert in processes.alerts()} == {check_in.id, other.id}


@pytest.mark.parametrize("schedule", ["0 3 * * *", "0 3 1 * *"])
def test_a_start_each_night_while_a_job_may_come_does_not_hide_it_for_ever(processes: Processes, schedule: str) -> None:
    """It is due at 3, has until 9, and this server is started anew at 4."""
    clock = processes.clock
    clock.advance((datetime(2030, 1, 31, 3, tzinfo=UTC) - clock.now()).total_seconds())
    check_in = processes.check_in(period=None, schedule=schedule, grace=6 * 3600.0)
    processes.ping(check_in)
    due = CronSchedules().next_due(check_in)(clock.now())
    clock.advance((due - clock.now()).total_seconds())
    for _ in range(4):
        clock.advance(3600)  # 4 o'clock
        process = processes._process()
        process.get(FollowFleet)()
        for _ in range(23):
            clock.advance(3600)
            process.get(DetectMissed)()
        if processes.states():
            break
    [alert] = processes.alerts()
    excused_until = due + timedelta(hours=6) + timedelta(days=1, hours=6)
    assert excused_until <= alert.fired_at <= excused_until + timedelta(hours=1)
    assert alert.started_at == due
    processes.ping(check_in)
    [found] = processes.store.queries.check_ins.of([check_in.id])
    assert found.excused_at is None


def test_many_at_once_are_all_found(processes: Processes) -> None:
    made = [processes.check_in(name=f"job {n}") for n in range(45)]
    for check_in in made:
        processes.ping(check_in)
    processes.later(70)
    assert {alert.server_id for alert in processes.alerts()} == {check_in.id for check_in in made}
    assert len(processes.alerts()) == 45


def test_a_crash_between_ping_and_alert_loses_neither(processes: Processes) -> None:
    check_in = processes.check_in()
    processes.ping(check_in, FAIL)
    later = processes._process()
    later.get(FollowFleet)()
    later.get(DetectMissed)()
    assert processes.states() == [FIRING]


def test_a_schedule_is_by_the_clocks_of_its_zone(processes: Processes) -> None:
    check_in = processes.check_in(period=None, schedule="0 2 * * *", timezone="Europe/Berlin", grace=600.0)
    processes.ping(check_in)
    [found] = processes.store.queries.check_ins.of([check_in.id])
    assert found.due_at == datetime(2030, 1, 2, 1, tzinfo=processes.clock.now().tzinfo)
    assert CronSchedules().next_due(check_in)(processes.clock.now()) == found.due_at


def test_unknown_secrets_and_known_ones_share_a_group(processes: Processes) -> None:
    check_in = processes.check_in()
    ping = Ping(at=processes.clock.now(), kind=SUCCESS, address="")
    group = [("nobody's", ping), (check_in.ping_key, ping), (check_in.ping_key, replace(ping, kind=START))]
    first, *others = processes.first.get(RecordPings)(group)
    assert type(first).__name__ == "NotFound"
    assert others == [None, None]
    pings = processes.store.queries.check_ins.pings(check_in.id, before=None, limit=9)
    assert [(each.number, each.kind) for each in pings] == [(2, START), (1, SUCCESS)]
    assert processes.store.queries.check_ins.of([ServerId(99)]) == []
