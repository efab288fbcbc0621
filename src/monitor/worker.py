"""Background work of a serving process: small jobs on one thread, each at its own pace."""

import threading
import time
from collections.abc import Callable, Sequence
from functools import partial

import structlog

from monitor.application.intake.hearing import Knock, ProveHearing
from monitor.application.notifications.dispatcher import Dispatcher
from monitor.container import Container
from monitor.domain.errors import Unavailable

log = structlog.get_logger()

LOOK = 1.5
"""Seconds: a process that died is found dead after five looks, and what it held is free."""

Job = tuple[str, float, Callable[[], object]]
"""Name, seconds between two runs, what to do."""


def jobs(container: Container) -> list[Job]:
    return [
        ("follow the fleet", 0.5, container.follow_fleet()),
        ("exchange peer updates", 0.5, container.exchange_peer_updates()),
        ("detect offline hosts", 1.0, container.detect_offline()),
        ("follow alerts", 1.0, container.follow_alerts()),
        ("alert chores", 2.0, container.alert_maintenance()),
        ("save key use", 30.0, container.save_key_use()),
        ("write refused attempts", 1.0, container.refusals()),
        ("tidy up", 600.0, container.tidy_up()),
        ("prune the audit log", 600.0, container.prune_audit()),
    ]


def history_jobs(container: Container) -> list[Job]:
    """On a thread of their own, a step of some ten milliseconds at a time: they may have hours of work."""
    return [
        ("keep the history", 0.2, container.keep_history()),
        ("find filling disks", 1.0, container.filling_disks().step),
    ]


def hearing_jobs(container: Container, knock: Knock) -> list[Job]:
    """On a thread of their own: an answer is waited for."""
    prove = container.prove_hearing()
    prove.begin()
    return [("hear ourselves", 1.0, partial(_hear, prove, knock))]


def _hear(prove: ProveHearing, knock: Knock) -> None:
    try:
        prove(knock)
    except OSError as error:
        raise Unavailable(f"this server can't reach itself; no host is called offline meanwhile: {error!r}") from error


def life_jobs(container: Container) -> list[Job]:
    """On a thread of their own: late beats would let others take this process for dead."""
    return [("watch the processes", LOOK, container.watch_processes())]


STOP_SECONDS = 5.0
REMIND = 600.0
"""Seconds after which a job that still fails is logged again."""


def deliveries(dispatcher: Dispatcher) -> list[Job]:
    """On a thread of their own: a round waits while every sender is busy."""
    return [("deliver notifications", 1.0, dispatcher.round)]


def delivery_failed(error: Exception) -> None:
    log.error("a delivery failed", exc_info=error)


class Worker:
    """A failing job is logged, now and then until it works again, and never stops the others."""

    def __init__(self, jobs: Sequence[Job], remind: float = REMIND) -> None:
        self._jobs = jobs
        self._remind = remind
        self._stop = threading.Event()
        self._failing: dict[str, float] = {}
        """When each was logged last."""
        self._thread = threading.Thread(target=self._run, name="worker", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Waits for the job that runs, a few seconds at most. Also for one that was never started."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        due = [time.monotonic()] * len(self._jobs)
        while not self._stop.is_set():
            for index, (name, pause, job) in enumerate(self._jobs):
                if time.monotonic() >= due[index]:
                    self._try(name, job)
                    due[index] = time.monotonic() + pause
            self._stop.wait(max(0.0, min(due) - time.monotonic()))

    def _try(self, name: str, job: Callable[[], object]) -> None:
        try:
            job()
            if name in self._failing:
                del self._failing[name]
                log.info("job works again", job=name)
        except Exception as error:
            now = time.monotonic()
            if name not in self._failing or now - self._failing[name] >= self._remind:
                self._failing[name] = now
                # That something is away needs no traceback; anything else is a bug, or data that should not be.
                log.warning("job fails", job=name, error=repr(error), exc_info=not isinstance(error, Unavailable))
