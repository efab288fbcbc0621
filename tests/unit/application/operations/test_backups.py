"""Backups by schedule: one process takes each, failures are repeated, and administrators are notified of old ones."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from monitor.adapters.cron import CronSchedules
from monitor.application.operations.backups import OVERDUE, RETRY, SCHEDULE, TAKEN, BackupRuns, KeepBackups
from monitor.domain.accounts.account_mails import AccountEvent
from monitor.domain.accounts.actors import Role
from monitor.domain.accounts.audit import AuditEntry
from monitor.domain.errors import Unavailable
from tests.unit.application.core import Core

STEP = timedelta(seconds=30)


@dataclass
class Runs(BackupRuns):
    """Takes backups that last *minutes*, and fail while *failure* says why."""

    core: Core
    minutes: float = 2.0
    failure: str = ""
    begun: list[datetime] = field(default_factory=list)
    kept: list[int] = field(default_factory=list)
    is_running: bool = False

    def begin(self, now: datetime) -> None:
        assert not self.is_running
        self.begun.append(now)
        self.is_running = True

    def result(self) -> str | None:
        if self.core.clock.now() - self.begun[-1] < timedelta(minutes=self.minutes):
            return None
        self.is_running = False
        if not self.failure:
            note(self.core, self.begun[-1])
        return self.failure

    def keep(self, newest: int) -> None:
        self.kept.append(newest)


def note(core: Core, at: datetime, username: str = SCHEDULE) -> None:
    with core.new_uow() as uow:
        uow.audit.add(AuditEntry(at=at, action=TAKEN, username=username))
        uow.commit()


class Process:
    def __init__(self, core: Core, name: str, at: str = "0 2 * * *") -> None:
        self.runs = Runs(core)
        self.keep = KeepBackups(
            core.new_uow,
            core.store.queries,
            core.fleet,
            CronSchedules(),
            core.clock,
            name,
            f"machine of {name}",
            core.clock.now(),
            at,
            7,
        )

    def step(self) -> str:
        try:
            self.keep(self.runs)
        except Unavailable as error:
            return str(error)
        return ""


@pytest.fixture
def core() -> Core:
    core = Core()
    core.clock.advance(datetime(2026, 12, 1, tzinfo=UTC) - core.clock.now())
    return core


def pass_time(core: Core, hours: float, *processes: Process) -> set[str]:
    """Return what was said."""
    said: set[str] = set()
    end = core.clock.now() + timedelta(hours=hours)
    while core.clock.now() < end:
        core.clock.advance(STEP)
        said.update(process.step() for process in processes)
    return said - {""}


def mails(core: Core) -> list[str]:
    with core.new_uow() as uow:
        found = []
        while mail := uow.account_mails.claim(
            core.clock.now(), leased_until=core.clock.now() + timedelta(hours=9), holder="x"
        ):
            found.append(f"{mail.event} {mail.email} {mail.locale} {mail.address}: {mail.name}")
        return sorted(found)


def test_a_backup_at_each_turn(core: Core):
    process = Process(core, "one")
    assert set() == pass_time(core, 72, process)
    assert [(1, 2), (2, 2), (3, 2)] == [(at.day, at.hour) for at in process.runs.begun]
    assert all(at.minute <= 1 for at in process.runs.begun)
    assert [7, 7, 7] == process.runs.kept


def test_one_process_takes_it(core: Core):
    processes = [Process(core, name) for name in ("one", "two", "three")]
    assert set() == pass_time(core, 72, *processes)
    assert 3 == sum(len(process.runs.begun) for process in processes)


def test_another_process_goes_on_where_the_first_died(core: Core):
    """As soon as the dead one's leases are free, which is a matter of seconds."""
    dead, living = Process(core, "dead"), Process(core, "living")
    while not dead.runs.begun:
        core.clock.advance(STEP)
        dead.step()
    pass_time(core, 1, living)
    assert [] == living.runs.begun
    with core.new_uow() as uow:
        uow.leases.free("dead")
        uow.commit()
    pass_time(core, 0.05, living)
    assert 1 == len(living.runs.begun)


def test_a_turn_that_was_missed_is_made_up_for_at_the_start(core: Core):
    note(core, core.clock.now() - timedelta(hours=30))
    process = Process(core, "one")
    process.step()
    assert [core.clock.now()] == process.runs.begun


def test_a_server_that_is_off_at_each_turn_takes_its_first_backup_too(core: Core):
    core.user("ann", Role.ADMIN)
    begun = []
    for _ in range(3):
        core.clock.advance(timedelta(hours=8))
        process = Process(core, "one")
        pass_time(core, 10, process)
        begun.append(len(process.runs.begun))
        core.clock.advance(timedelta(hours=6))
    assert [1, 1, 1] == begun


@pytest.mark.parametrize("is_restarted", [True, False])
def test_a_clock_that_was_far_ahead_stops_no_backup(core: Core, is_restarted: bool):
    """A backup was taken then, in 2030. Without this none would be until then, and nobody would notice."""
    process, ahead = Process(core, "one"), timedelta(days=4 * 365)
    core.clock.advance(ahead)
    pass_time(core, 1, process)
    assert 1 == len(process.runs.begun)
    core.clock.advance(-ahead)
    if is_restarted:
        process = Process(core, "one")
    pass_time(core, 48, process)
    assert 2 == sum(at.year == 2026 for at in process.runs.begun)


def test_one_that_a_person_took_does_not_count(core: Core):
    process = Process(core, "one")
    note(core, core.clock.now() + timedelta(hours=2), "command line")
    pass_time(core, 3, process)
    assert 1 == len(process.runs.begun)


def test_a_failure_is_repeated_and_raised_until_a_good_one(core: Core):
    process = Process(core, "one")
    process.runs.failure = "No space left on device"
    assert {"the backup failed: No space left on device"} == pass_time(core, 3, process)
    first, second, *_ = process.runs.begun
    assert RETRY <= second - first <= RETRY + timedelta(minutes=3)
    assert [] == process.runs.kept
    process.runs.failure = ""
    pass_time(core, 0.5, process)
    assert "" == process.step()
    assert [7] == process.runs.kept


def test_administrators_are_notified_once_when_the_last_good_one_is_older_than_two_turns(core: Core):
    core.user("ann", Role.ADMIN, email="ann@example.org", locale="en")
    core.user("bob", Role.ADMIN)
    core.user("eve", email="eve@example.org")
    processes = [Process(core, name) for name in ("one", "two")]
    pass_time(core, 3, *processes)
    for process in processes:
        process.runs.failure = "No space left on device"
    pass_time(core, 46, *processes)
    assert [] == mails(core)
    pass_time(core, 30, *processes)
    [mail] = mails(core)
    why = "No space left on device (the last good backup: 2026-12-01 02:00 UTC)"
    assert mail.startswith(f"{AccountEvent.BACKUP_OVERDUE} ann@example.org en machine of ")
    assert mail.endswith(why)
    assert [why] == [entry.detail for entry in core.audit() if entry.action == OVERDUE]
    for process in processes:
        process.runs.failure = ""
    pass_time(core, 48, *processes)
    for process in processes:
        process.runs.failure = "again"
    pass_time(core, 72, *processes)
    assert 2 == len([entry for entry in core.audit() if entry.action == OVERDUE])


def test_nobody_is_notified_after_a_long_stop_if_the_next_one_is_good(core: Core):
    core.user("ann", Role.ADMIN, email="ann@example.org", locale="en")
    note(core, core.clock.now() - timedelta(days=30))
    process = Process(core, "one")
    assert set() == pass_time(core, 1, process)
    assert [] == mails(core)
    assert 1 == len(process.runs.begun)
