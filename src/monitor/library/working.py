"""Background work: all that is due now, or on threads at the times of a server."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from monitor.application.checks.results import CheckResults
from monitor.application.checks.runs import RunDueChecks
from monitor.application.history.retention import KeepHistory
from monitor.application.intake.queue import IntakeQueue
from monitor.application.intake.store_samples import StoreSamples
from monitor.application.notifications.delivery import DeliverNotifications, Transport
from monitor.application.notifications.dispatcher import Dispatcher
from monitor.container import Container
from monitor.library.hearing import Hearing
from monitor.worker import (
    Job,
    Worker,
    account_mail_jobs,
    check_in_jobs,
    check_jobs,
    deliveries,
    delivery_failed,
    epoch_jobs,
    history_jobs,
    jobs,
    life_jobs,
    start_all,
)

CHECKS_STORED_EVERY = 0.5


class Work:
    """The background work of one core."""

    def __init__(self, container: Container, storing: threading.Lock) -> None:
        self._container = container
        self._storing = storing
        self._ticking = threading.Lock()
        self._due: dict[str, datetime] = {}

    def tick(self) -> None:
        """Do what is due by the clock, each job after its pause, and return when it is done."""
        with self._ticking:
            self._container.fleet.refresh()
            for name, pause, job in self._jobs():
                now = self._container.clock.now()
                if self._due.get(name, now) <= now:
                    job()
                    self._due[name] = now + timedelta(seconds=pause)

    def _jobs(self) -> list[Job]:
        """Return those of a server, in the order in which one makes work for the next."""
        container = self._container
        return [
            ("run checks", 0.5, self._run_checks),
            *check_in_jobs(container),
            *jobs(container),
            ("deliver notifications", 0.0, self._deliver),
            *account_mail_jobs(container),
            ("keep the history", 60.0, container.get(KeepHistory).finish),
        ]

    def _run_checks(self) -> None:
        self._container.get(RunDueChecks).run_here()
        self._store_checks()

    def _store_checks(self) -> None:
        with self._storing:
            if samples := self._container.get(CheckResults).take():
                self._container.get(StoreSamples)(samples)

    def _deliver(self) -> None:
        delivery = self._container.get(DeliverNotifications)
        for transport in Transport:
            while claimed := delivery.claim(transport):
                delivery.deliver(claimed)

    @contextmanager
    def running(self, hearing: Hearing) -> Iterator[None]:
        """Work on threads until the block ends."""
        container = self._container
        dispatchers = [
            Dispatcher(container.get(DeliverNotifications), delivery_failed, transport) for transport in Transport
        ]
        storing: list[Job] = [("store checks", CHECKS_STORED_EVERY, self._store_unless_queued)]
        life = Worker(life_jobs(container))
        workers = [
            Worker([*jobs(container), *storing]),
            *(Worker(each) for each in (history_jobs(container), check_in_jobs(container), check_jobs(container))),
            *(Worker(each) for each in (epoch_jobs(container), account_mail_jobs(container))),
            *(Worker(deliveries(each)) for each in dispatchers),
        ]
        start_all([life, *workers])
        try:
            yield
        finally:
            for worker in workers:
                worker.stop()
            for dispatcher in dispatchers:
                dispatcher.close()
            life.stop()  # last: without its heartbeats others would send again what is being sent here
            hearing.settle()

    def _store_unless_queued(self) -> None:
        if not self._container.get(IntakeQueue).is_running:
            self._store_checks()
