"""Results of runs: stored with their checks, and put on the intake queue as samples."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from monitor.application.checks.ports import UnitOfWork
from monitor.application.fleet.fleet import Fleet
from monitor.application.intake.queue import IntakeQueue, Submission
from monitor.application.ports import Clock
from monitor.application.transactions import retried
from monitor.domain.checks.checks import Check, Result, sample_of
from monitor.domain.errors import Overloaded, Unavailable
from monitor.domain.intake.samples import Sample

log = logging.getLogger(__name__)

MOST_KEPT = 10_000
"""Samples that wait for the database. Beyond, the oldest are dropped."""


@dataclass(slots=True, eq=False)
class CheckResults:
    """Results of runs in this process. What the database did not take stays for the next `flush`.

    A result is stored before its sample, so that a mail can say why the run failed.
    """

    new_uow: Callable[[], UnitOfWork]
    fleet: Fleet
    queue: IntakeQueue
    clock: Clock
    holder: str
    _flushing: threading.Lock = field(default_factory=threading.Lock, init=False)
    _results: deque[tuple[Check, Result]] = field(default_factory=deque, init=False)
    _samples: deque[Sample] = field(default_factory=lambda: deque(maxlen=MOST_KEPT), init=False)
    _under_way: list[Submission] = field(default_factory=list, init=False)

    def add(self, check: Check, result: Result) -> None:
        """*check*: as it ran."""
        self._results.append((check, result))

    def flush(self) -> None:
        """Store what there is. Raises StorageUnavailable."""
        with self._flushing:
            self._take_back()
            results = list(self._results)
            if results:
                now, recorded = self.clock.now(), self._record(results)
                self._samples += [sample_of(check, result, now) for check, result in recorded]
                for _ in results:
                    self._results.popleft()
                if not all(self._is_known(check) for check, _ in recorded):
                    self.fleet.mark_stale()  # another process made or changed it: its alerts follow what it is now
            self._submit()

    def _is_known(self, check: Check) -> bool:
        known = self.fleet.directory.checks.get(check.id)
        now = (check.attempts, check.interval, check.host_id)
        return known is not None and now == (known.attempts, known.report_interval, known.host_id)

    def take(self) -> list[Sample]:
        """Remove and return the samples that wait for the queue: for a core without one."""
        with self._flushing:
            samples = list(self._samples)
            self._samples.clear()
        return samples

    @retried
    def _record(self, results: Sequence[tuple[Check, Result]]) -> list[tuple[Check, Result]]:
        with self.new_uow() as uow:
            recorded = uow.checks.record(results, self.holder)
            uow.commit()
        return recorded

    def _submit(self) -> None:
        while self._samples:
            submission = Submission([self._samples[0]], is_of_check=True)
            try:
                self.queue.put(submission)
            except Overloaded:
                return
            self._samples.popleft()
            self._under_way.append(submission)

    def _take_back(self) -> None:
        """Queue the samples again that the database could not take."""
        waiting: list[Submission] = []
        for submission in self._under_way:
            if isinstance(submission.error, Unavailable):
                self._samples.extend(submission.samples)
            elif submission.error is not None:
                log.error("the result of a check could not be stored", exc_info=submission.error)
            elif not submission.outcomes:
                waiting.append(submission)
        self._under_way = waiting
