"""What `monitor doctor` calls bad of what serving processes keep, and just before it is bad."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.adapters.memory.fakes import FixedClock
from monitor.application.operations.job_runs import PATIENCE as JOB_PATIENCE
from monitor.application.operations.job_runs import JobState
from monitor.application.operations.ports import HistoryState, Report, StoreState
from monitor.application.operations.working import PATIENCE
from monitor.assembly import in_memory
from monitor.cli.doctor import stored
from monitor.cli.doctor.stored import SILENT_AFTER
from monitor.container import Container
from monitor.domain.fleet.servers import Server, Status
from monitor.domain.intake.samples import FUTURE_TOLERANCE, Sample
from monitor.domain.notifications.outbox import Target
from monitor.settings import Settings
from tests.contracts.builders import a_notification, a_server, a_timeline_entry, a_user, an_alert

SECOND, NONE = timedelta(seconds=1), timedelta(0)
STATE = StoreState(kind="memory", version="", address="", can_write=True)
TIDY = JobState("tidy up", 600.0, 42.0)


def reported(container: Container, *jobs: JobState, age: timedelta = NONE, process: str = "one") -> None:
    at = container.clock.now() - age
    history = HistoryState(place="database", sealed_until=None)
    report = Report(host="m-1", version="1", started_at=at, store=STATE, history=history, jobs=jobs)
    with container.uow() as uow:
        uow.heartbeats.beat(process)
        uow.process_reports.save(process, at, report)
        uow.commit()


def of_two(container: Container, age: timedelta) -> None:
    reported(container, TIDY)
    reported(container, age=age, process="two")


def hosts(container: Container, online: int, silent: int) -> None:
    now = container.clock.now()
    states = [Status.ONLINE] * online + [Status.OFFLINE] * silent
    with container.uow() as uow:
        for number, status in enumerate(states, 1):
            server = Server(name=f"web-{number}", ip_address=f"192.0.2.{number}", created_at=now, status=status)
            made = uow.servers.add(server)
            if status is Status.ONLINE:
                uow.samples.add([Sample(made.id, now, now, 1.0, 2.0, 3.0)])
        uow.commit()


def due(container: Container, waits: timedelta) -> None:
    at = container.clock.now() - waits
    with container.uow() as uow:
        user, host = uow.users.add(a_user()), uow.servers.add(a_server())
        fired = a_timeline_entry(an_alert(host.id))
        of_nothing = {"alert_id": None, "event_id": None, "created_at": at, "not_before": at}
        uow.notifications.add([a_notification(fired, Target(user_id=user.id), **of_nothing)])
        uow.commit()


def of_the_future(container: Container, ahead: timedelta) -> None:
    assert isinstance(container.clock, FixedClock)
    container.clock.advance(ahead)
    hosts(container, 1, 0)
    container.clock.advance(-ahead)


LATE = replace(TIDY, age=2 * TIDY.pause + JOB_PATIENCE + 1)
CASES: dict[str, tuple[str, bool, Callable[[Container], None], str]] = {
    "a sample of soon": ("clock", True, lambda c: of_the_future(c, FUTURE_TOLERANCE), "by 1 min 0 s at most"),
    "a sample of the future": (
        "clock",
        False,
        lambda c: of_the_future(c, FUTURE_TOLERANCE + SECOND),
        "1 min 1 s at most from the database's and from what is stored: synchronize the clocks",
    ),
    "a report of the future": ("clock", False, lambda c: reported(c, age=-2 * FUTURE_TOLERANCE), "by 2 min 0 s"),
    "no hosts": ("agents", True, lambda c: None, "0 of 0 hosts report"),
    "half of the hosts": ("agents", True, lambda c: hosts(c, 2, 2), "2 of 4 hosts report"),
    "more than half of the hosts": ("agents", False, lambda c: hosts(c, 2, 3), "2 of 5 hosts report"),
    "no message": ("unsent", True, lambda c: None, "waits for 0 s"),
    "a message": ("unsent", True, lambda c: due(c, PATIENCE), "waits for 5 min 0 s"),
    "a message that waits": ("unsent", False, lambda c: due(c, PATIENCE + SECOND), "waits for 5 min 1 s: read the"),
    "jobs": (
        "jobs",
        True,
        lambda c: reported(c, replace(TIDY, name="deliver", age=7.0), TIDY, age=SILENT_AFTER),
        "1 of 1 processes reported within 1 min 0 s, 2 jobs ran in time; the longest ago: tidy up, 42 s",
    ),
    "a late job": ("jobs", False, lambda c: reported(c, TIDY, LATE), "1 of 2 are late, up to 25 min 1 s (tidy up)"),
    "a process that reports no more": (
        "jobs",
        False,
        lambda c: of_two(c, age=SILENT_AFTER + SECOND),
        "1 of 2 processes reported within 1 min 0 s, 1 jobs ran in time; the longest ago: tidy up, 42 s: start the",
    ),
    "no process": ("jobs", False, lambda c: None, "0 of 0 processes reported within 1 min 0 s, 0 jobs ran in time:"),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_bad(case: str) -> None:
    name, ok, happens, said = CASES[case]
    # The store is in memory; SQLite has no clock of its own.
    container = in_memory(Settings(database_url="sqlite://", data_dir=Path()), clock=FixedClock())
    happens(container)
    found = getattr(stored, name)(container)
    assert (ok, True) == (found.ok, said in found.text), found
