"""Background jobs, on a real thread. Every wait is for a condition."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from monitor.adapters.memory.store import MemoryStore
from monitor.assembly import over
from monitor.domain.errors import InvalidInput, StorageUnavailable
from monitor.settings import Settings
from monitor.worker import Job, Worker, hearing_jobs, next_run, phases

DEADLINE = 30.0


class Runs:
    """A job that counts its runs and fails with *failures* in order."""

    def __init__(self, *failures: Exception) -> None:
        self._failures = list(failures)
        self._news = threading.Condition()
        self.count = 0

    def __call__(self) -> None:
        with self._news:
            self.count += 1
            self._news.notify_all()
            if self._failures:
                raise self._failures.pop(0)

    def fail(self, error: Exception) -> None:
        """Fail once more."""
        with self._news:
            self._failures.append(error)

    def wait_for(self, count: int) -> None:
        with self._news:
            assert self._news.wait_for(lambda: self.count >= count, DEADLINE)


@contextmanager
def working(*jobs: Job, remind: float = 3600.0) -> Iterator[Worker]:
    worker = Worker(jobs, remind)
    worker.start()
    try:
        yield worker
    finally:
        worker.stop()


def test_jobs_run_at_once_and_at_their_own_intervals():
    often, seldom = Runs(), Runs()
    with working(("often", 0.001, often), ("seldom", 3600.0, seldom)):
        often.wait_for(5)
        seldom.wait_for(1)
    assert 1 == seldom.count


@given(st.integers(2, 14), st.floats(0.0, 1e6))
def test_jobs_of_several_workers_run_at_different_times(count: int, at: float):
    """Their pauses are multiples of half a second."""
    pauses = [0.5 * (1 + place % 4) for place in range(count)]
    runs = [next_run(at, phase, pause) for phase, pause in zip(phases(count), pauses, strict=True)]
    assert all(at <= run < at + pause + 1e-6 for run, pause in zip(runs, pauses, strict=True))
    times = sorted(run % 0.5 for run in runs)
    assert min(later - earlier for earlier, later in pairwise([*times, times[0] + 0.5])) > 0.01


def test_a_failing_job_stops_neither_itself_nor_others():
    """It is logged when it begins to fail and when it works again."""
    failing, other = Runs(*[StorageUnavailable("away")] * 3), Runs()
    with capture_logs() as logs, working(("failing", 0.001, failing), ("other", 0.001, other)):
        failing.wait_for(6)
        other.wait_for(3)
    assert [("job fails", "failing"), ("job works again", "failing")] == [(log["event"], log["job"]) for log in logs]


def test_a_job_that_still_fails_is_logged_repeatedly():
    failing = Runs(*[StorageUnavailable("away")] * 3)
    with capture_logs() as logs, working(("failing", 0.001, failing), remind=0.0):
        failing.wait_for(5)
    assert [*["job fails"] * 3, "job works again"] == [log["event"] for log in logs]


def test_a_server_that_cannot_reach_itself_logs_the_consequences():
    core = over(MemoryStore(), Settings(database_url="", data_dir=Path()), "a secret that signs this test's tokens")

    def refused() -> None:
        raise ConnectionRefusedError(111, "Connection refused")

    job = Runs()
    with capture_logs() as logs, working(*hearing_jobs(core, refused), ("beside it", 0.001, job)):
        job.wait_for(2)
    logged = [(log["job"], log["error"], log["exc_info"]) for log in logs]
    assert [("hear ourselves", False)] == [(name, traceback) for name, _, traceback in logged]
    assert "no host is called offline meanwhile: ConnectionRefusedError" in logged[0][1]


def test_a_job_that_fails_again_is_logged_again():
    failing = Runs(StorageUnavailable("away"))
    with capture_logs() as logs, working(("failing", 0.001, failing)):
        failing.wait_for(3)
        failing.fail(StorageUnavailable("away again"))
        failing.wait_for(failing.count + 3)
    assert ["job fails", "job works again"] * 2 == [log["event"] for log in logs]


@pytest.mark.parametrize(
    ("error", "traceback"), [(StorageUnavailable("away"), False), (KeyError("a bug"), True), (InvalidInput({}), True)]
)
def test_only_a_bug_has_a_traceback(error: Exception, traceback: bool):
    failing = Runs(error)
    with capture_logs() as logs, working(("failing", 3600.0, failing)):
        failing.wait_for(1)
    assert [(traceback, repr(error))] == [(log["exc_info"], log["error"]) for log in logs]


def test_stop_waits_for_the_job_that_runs():
    began, may_end, ended = threading.Event(), threading.Event(), threading.Event()

    def job() -> None:
        began.set()
        may_end.wait(DEADLINE)
        ended.set()

    worker = Worker([("slow", 3600.0, job)])
    worker.start()
    assert began.wait(DEADLINE)
    stopper = threading.Thread(target=worker.stop)
    stopper.start()
    may_end.set()
    stopper.join(DEADLINE)
    assert ended.is_set()


def test_nothing_runs_after_the_stop():
    runs = Runs()
    with working(("often", 0.0, runs)):
        runs.wait_for(10)
    assert "worker" not in {thread.name for thread in threading.enumerate()}


def test_a_worker_that_was_never_started_can_be_stopped():
    """The server may fail to start."""
    runs = Runs()
    Worker([("never", 1.0, runs)]).stop()
    assert 0 == runs.count
