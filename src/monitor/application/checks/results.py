"""What runs came to: stored with their checks, and put as samples on the intake queue."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence

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


class CheckResults:
    """Results of runs in this process. What the database did not take stays, for the next `flush`.

    A result is stored with its check before its sample is, so that a mail about it can say why the run failed.
    """

    def __init__(
        self, new_uow: Callable[[], UnitOfWork], fleet: Fleet, queue: IntakeQueue, clock: Clock, holder: str
    ) -> None:
        self._new_uow = new_uow
        self._fleet = fleet
        self._queue = queue
        self._clock = clock
        self._holder = holder
        self._flushing = threading.Lock()
        self._results: deque[tuple[Check, Result]] = deque()
        self._samples: deque[Sample] = deque(maxlen=MOST_KEPT)
        self._under_way: list[Submission] = []

    def add(self, check: Check, result: Result) -> None:
        """*check*: as it ran."""
        self._results.append((check, result))

    def flush(self) -> None:
        """Store what there is. Raises StorageUnavailable."""
        with self._flushing:
            self._take_back()
            results = list(self._results)
            if results:
                now, recorded = self._clock.now(), self._record(results)
                self._samples += [sample_of(check, result, now) for check, result in recorded]
                for _ in results:
                    self._results.popleft()
                if not all(self._is_known(check) for check, _ in recorded):
                    self._fleet.mark_stale()  # another process made or changed it: its alerts follow what it is now
            self._submit()

    def _is_known(self, check: Check) -> bool:
        known = self._fleet.directory.checks.get(check.id)
        now = (check.attempts, check.interval, check.host_id)
        return known is not None and now == (known.attempts, known.report_interval, known.host_id)

    def take(self) -> list[Sample]:
        """Return the samples that wait for the queue, which then has none of them: for a core without one."""
        with self._flushing:
            samples = list(self._samples)
            self._samples.clear()
        return samples

    @retried
    def _record(self, results: Sequence[tuple[Check, Result]]) -> list[tuple[Check, Result]]:
        with self._new_uow() as uow:
            recorded = uow.checks.record(results, self._holder)
            uow.commit()
        return recorded

    def _submit(self) -> None:
        while self._samples:
            submission = Submission([self._samples[0]], is_of_check=True)
            try:
                self._queue.put(submission)
            except Overloaded:
                return
            self._samples.popleft()
            self._under_way.append(submission)

    def _take_back(self) -> None:
        """Look what became of submissions: those that the database could not take are put on the queue again."""
        waiting: list[Submission] = []
        for submission in self._under_way:
            if isinstance(submission.error, Unavailable):
                self._samples.extend(submission.samples)
            elif submission.error is not None:
                log.error("the result of a check could not be stored", exc_info=submission.error)
            elif not submission.outcomes:
                waiting.append(submission)
        self._under_way = waiting
