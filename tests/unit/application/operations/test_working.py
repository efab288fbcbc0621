"""Whether everything works: what the heartbeat out depends on."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from monitor.adapters.memory.fakes import FixedClock
from monitor.application.alerts.offline import OwnHearing
from monitor.application.intake.queue import IntakeQueue, Submission
from monitor.application.notifications.ports import NotificationFilter
from monitor.application.operations.job_runs import PATIENCE as JOB_PATIENCE
from monitor.application.operations.job_runs import JobRuns
from monitor.application.operations.ports import HistoryState, Report, StoreState
from monitor.application.operations.working import MOST_UNSTORED, PATIENCE, FindFaults, MustWork
from monitor.assembly import in_memory
from monitor.container import Container
from monitor.domain.accounts.actors import Actor, Role, UserId
from monitor.domain.accounts.users import User
from monitor.domain.alerts.alert import EventKind
from monitor.domain.alerts.offline import Hearing
from monitor.domain.errors import StorageUnavailable, Unavailable
from monitor.domain.fleet.servers import ServerId
from monitor.domain.levels import Level
from monitor.domain.notifications.outbox import LEASE, Notification, Target, next_attempt
from monitor.settings import Settings
from monitor.worker import REMIND, Worker

ADMIN = Actor(user_id=UserId(0), username="(the tests)", role=Role.ADMIN)
STATE = StoreState(kind="memory", version="", address="", can_write=True)
HISTORY = HistoryState(place="database", sealed_until=None)


class Seconds:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def late(runs: JobRuns) -> list[tuple[str, float]]:
    return [(job.name, job.age) for job in runs.states() if job.is_late]


def test_a_job_is_late_by_its_own_pause() -> None:
    seconds = Seconds()
    runs = JobRuns(seconds)
    often, _ = runs.expect("often", 1.0), runs.expect("seldom", 600.0)
    seconds.now += JOB_PATIENCE + 2.0
    assert [] == late(runs)
    seconds.now += 0.5
    assert [("often", JOB_PATIENCE + 2.5)] == late(runs)
    often.done_at = seconds.now
    assert [] == late(runs)
    seconds.now += 1200.0
    assert ["often", "seldom"] == [name for name, _ in late(runs)]


def test_two_jobs_of_one_name_are_two() -> None:
    seconds = Seconds()
    runs = JobRuns(seconds)
    first, _ = (runs.expect("deliver", 1.0) for _ in range(2))
    seconds.now += JOB_PATIENCE + 3
    first.done_at = seconds.now
    assert [("deliver", JOB_PATIENCE + 3)] == late(runs), "the one does not hide the other"


def test_a_worker_notes_successes_and_not_failures() -> None:
    runs = JobRuns()
    done = threading.Event()

    def good() -> None:
        done.set()

    def bad() -> None:
        raise StorageUnavailable("away")

    before = runs.seconds()
    worker = Worker([("bad", 0.001, bad), ("good", 0.001, good)], REMIND, runs)
    worker.start()
    try:
        assert done.wait(30)
    finally:
        worker.stop()
    by_name = {run.name: run for run in runs.all}
    assert "away" in by_name["bad"].error
    assert "" == by_name["good"].error
    assert before <= by_name["bad"].done_at <= by_name["good"].done_at


class Scene:
    """A process that works."""

    def __init__(self, container: Container) -> None:
        self.container = container
        self.clock = container.clock
        self.queue = container.get(IntakeQueue)
        self.queue.start(lambda _: None)
        self.runs = container.get(JobRuns)
        self.process = container.shared.process()
        self.find, self.must_work = container.get(FindFaults), container.get(MustWork)
        self.beat(self.process)

    def beat(self, process: str) -> None:
        with self.container.uow() as uow:
            uow.heartbeats.beat(process)
            uow.commit()

    def report(self, process: str, at: datetime, *faults: str) -> None:
        found = Report(host="m-2", version="1", started_at=at, store=STATE, history=HISTORY, faults=faults)
        with self.container.uow() as uow:
            uow.process_reports.save(process, at, found)
            uow.commit()

    def notification(self) -> Notification:
        """Store one that is due now."""
        now = self.clock.now()
        with self.container.uow() as uow:
            ann = User(username="ann", password_hash="x", role=Role.ADMIN, token_version=0, created_at=now)
            user = uow.users.add(ann)
            n = Notification(
                alert_id=None,
                event_id=None,
                event_kind=EventKind.FIRED,
                target=Target(user_id=user.id),
                server_id=ServerId(1),
                server_name="web-1",
                ip_address="192.0.2.1",
                metric="cpu",
                level=Level.WARNING,
                value=81.0,
                created_at=now,
                not_before=now,
            )
            uow.notifications.add([n])
            uow.commit()
        return self.stored

    @property
    def stored(self) -> Notification:
        [found] = self.container.queries.notifications.newest(ADMIN, NotificationFilter())
        return found

    def save(self, notification: Notification) -> None:
        with self.container.uow() as uow:
            uow.notifications.save([notification])
            uow.commit()

    def later(self, by: timedelta) -> None:
        assert isinstance(self.clock, FixedClock)
        self.clock.advance(by)

    def said(self) -> str:
        with pytest.raises(Unavailable) as caught:
            self.must_work()
        return str(caught.value)


@pytest.fixture
def scene() -> Iterator[Scene]:
    found = Scene(in_memory(Settings(database_url="", data_dir=Path()), clock=FixedClock()))
    yield found
    found.queue.close(5)


def test_a_process_that_works_has_no_faults(scene: Scene) -> None:
    assert () == scene.find()
    scene.must_work()


def test_what_does_not_work_is_named(scene: Scene) -> None:
    scene.queue.failure = StorageUnavailable("the disk is full")
    assert ("samples cannot be stored: the disk is full",) == scene.find()
    scene.queue.failure = None
    scene.queue.unstored = MOST_UNSTORED
    assert ("samples cannot be evaluated",) == scene.find()
    scene.queue.unstored = 0
    now = scene.clock.now()
    scene.container.get(OwnHearing).known = Hearing(since=now, until=now)
    scene.later(timedelta(minutes=1))
    assert ("the server does not answer itself",) == scene.find()
    scene.container.get(OwnHearing).known = None
    run = scene.runs.expect("tidy up", 1.0)
    run.done_at, run.error = run.done_at - 1000, "KeyError('x')"
    assert scene.find()[0].startswith("job 'tidy up' has not worked for 1000 s KeyError('x')")
    scene.runs.all.clear()
    scene.queue.close(5)
    assert ("the intake is stopped",) == scene.find()
    assert "the intake is stopped" == scene.said()


def test_samples_that_fail_one_after_another_are_counted(scene: Scene) -> None:
    """One sender with a sample that breaks something is no reason to be silent; if all fail, it is one."""
    for _ in range(MOST_UNSTORED):
        submission = Submission([None], finished=threading.Event())  # type: ignore[list-item]  # what no code expects
        scene.queue.put(submission)
        assert submission.finished is not None
        assert submission.finished.wait(30)
    assert "samples cannot be evaluated" in scene.find()
    good = Submission([], finished=threading.Event())
    scene.queue.put(good)
    assert good.finished is not None
    assert good.finished.wait(30)
    assert () == scene.find()


def test_a_fault_of_another_process_counts(scene: Scene) -> None:
    scene.beat("other")
    scene.must_work()  # it has not reported yet, or is of an older version
    scene.report("other", scene.clock.now())
    scene.must_work()
    scene.report("other", scene.clock.now(), "the intake is stopped")
    assert "m-2: the intake is stopped" == scene.said()


def test_a_process_that_lives_and_does_not_report_counts(scene: Scene) -> None:
    scene.beat("other")
    scene.report("other", scene.clock.now())
    scene.later(PATIENCE)
    scene.must_work()
    scene.later(timedelta(seconds=1))
    assert "m-2: a process has not reported since 12:00:00 UTC" == scene.said()


def test_a_process_that_is_gone_is_not_missed(scene: Scene) -> None:
    scene.beat("other")
    scene.report("other", scene.clock.now(), "the intake is stopped")
    with scene.container.uow() as uow:
        uow.heartbeats.end("other")
        uow.commit()
    scene.must_work()


def test_a_message_that_waits_for_a_sender_counts(scene: Scene) -> None:
    scene.notification()
    scene.later(PATIENCE)
    scene.must_work()
    scene.later(timedelta(seconds=1))
    assert "a message has been due since 2030-01-01 12:00:00 UTC, and none sends it" == scene.said()


def test_retries_silences_and_what_is_being_sent_do_not_count(scene: Scene) -> None:
    n = scene.notification()
    now = scene.clock.now()
    retry_at = next_attempt(n.created_at, 5, now)
    assert retry_at is not None
    for waiting in (n.failed(now, "421 later", for_good=False), replace(n, not_before=retry_at), n.held(), n.sent(now)):
        scene.save(waiting)
        assert scene.container.queries.notifications.due_since(now) is None
    scene.save(n)
    with scene.container.uow() as uow:
        uow.notifications.claim(now, leased_until=now + LEASE, limit=1, holder="x")
        uow.commit()
    assert scene.container.queries.notifications.due_since(now) is None
    assert n.not_before == scene.container.queries.notifications.due_since(now + LEASE)
