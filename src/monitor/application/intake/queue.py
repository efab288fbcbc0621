"""Group commit: one writer thread stores what was submitted during its last commit."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from monitor.application.intake.scrapes import PutTogether
from monitor.application.intake.store_samples import Outcome, StoreSamples
from monitor.domain.errors import Overloaded, StorageUnavailable, Unavailable
from monitor.domain.fleet.servers import ServerId, UnregisteredHost
from monitor.domain.intake.samples import Sample

log = logging.getLogger(__name__)

CAPACITY = 20_000
LARGEST_GROUP = 5_000
SMALL_GROUP = 16
"""Samples that always go together."""
LARGEST_BATCHES = 1_000
"""Samples of batches in a group. A live sample waits for no more than these, and `MOST_CHECKS`."""
MOST_CHECKS = 10
"""Results of checks in a group. Hundreds of alerts may begin with one, and end with another: a second's work."""


@dataclass(slots=True)
class CurrentEpoch:
    """The epoch of the store that this process answers with. *begun*: how many epochs began since the process watches.

    *text*: at first one that never was: a process that has not read the epoch yet acknowledges nothing with an older
    one. *durable_after*: the time after which what was acknowledged cannot be lost.
    """

    text: str
    durable_after: timedelta
    begun: int = 0


NO_EPOCH = CurrentEpoch("", timedelta(0))
"""Of a store that loses nothing, such as one in memory."""


@dataclass(slots=True, eq=False)
class Submission:
    """What one request brings, and the result: *outcomes* of the samples in order, or *error*.

    *refused*: hosts with samples that are refused for their time, with the receipt. *is_of_check*: it is the result of
    a check. *scraped*: outcomes of the samples that are due of *scrapes*; one submission at a time may have some.
    *waiter*: for the caller's own use. *finished*: is set in the end. *epoch*: the store's epoch, read before
    the commit. After a fail-over the commit may be lost: with the new epoch, the agent would not send it again.
    """

    samples: Sequence[Sample]
    unregistered: Sequence[UnregisteredHost] = ()
    scrapes: PutTogether | None = None
    refused: Mapping[ServerId, datetime] = field(default_factory=dict)  # MappingProxyType is no default on Python 3.11
    is_of_check: bool = False
    waiter: object = None
    finished: threading.Event | None = None
    epoch: str = ""
    outcomes: list[Outcome] = field(default_factory=list)
    scraped: Sequence[Outcome] = ()
    error: Exception | None = None
    weight: int = field(init=False)
    is_live: bool = field(init=False)

    def __post_init__(self) -> None:
        scrapes = len(self.scrapes.parts) if self.scrapes is not None else 0
        self.weight = max(1, len(self.samples) + len(self.unregistered) + scrapes)
        self.is_live = self.weight == 1 and not self.is_of_check


Deliver = Callable[[list[Submission]], None]


class _Line(deque[Submission]):
    """Waiting submissions. At most half of many are committed at once.

    A sender that waits sends nothing new: with all of them in one commit there would be nothing to read during it.
    """

    def __init__(self, most: int) -> None:
        """*most*: samples in a group."""
        super().__init__()
        self._most = most
        self._took = 0

    def take(self) -> list[Submission]:
        """Remove and return the oldest: at least one, and more as long as they fit. Scrapes of one alone are stored at
        once: those that failed may be tried again beside new ones."""
        half = (len(self) + self._took + 1) // 2
        taken: list[Submission] = []
        size, has_scrapes = 0, False
        while self and (len(taken) < half or size < SMALL_GROUP) and (not taken or size + self[0].weight <= self._most):
            if has_scrapes and self[0].scrapes is not None:
                break
            has_scrapes |= self[0].scrapes is not None
            size += self[0].weight
            taken.append(self.popleft())
        self._took = len(taken)
        return taken


class IntakeQueue:
    """Bounded queue, counted in samples: what does not fit is refused at once, and never dropped later.

    Batches bring old samples. They take turns with single samples and results of checks, and fill at most half of the
    queue, so that backlogs do not delay present reports.
    """

    def __init__(self, store: StoreSamples, capacity: int = CAPACITY, epoch: CurrentEpoch = NO_EPOCH) -> None:
        self._store = store
        self._epoch = epoch
        self._capacity = capacity
        self._live = _Line(LARGEST_GROUP)
        self._checks = _Line(MOST_CHECKS)
        self._batches = _Line(LARGEST_BATCHES)
        self._turns = deque([self._live, self._checks, self._batches])
        self._depth = 0
        self._closed = True
        self._taken = 0
        self._done = 0
        """Both count live submissions."""
        self._lock = threading.RLock()
        self._news = threading.Condition(self._lock)
        self._progress = threading.Condition(self._lock)
        self._is_awaited = False
        self._thread: threading.Thread | None = None
        self.failure: StorageUnavailable | None = None
        """Why the last group could not be stored; None if it was."""
        self.unstored = 0
        """Submissions in a row that could not be stored for another reason than the store."""
        self.commits, self.commit_seconds = 0, 0.0  # groups, and the time that they took
        self._failed: Submission | None = None
        self._again: Submission | None = None

    @property
    def depth(self) -> int:
        """Number of samples that wait for a commit or are in one."""
        return self._depth

    @property
    def is_running(self) -> bool:
        return self._thread is not None and self._thread.is_alive() and not self._closed

    @property
    def thread_id(self) -> int | None:
        """The system's id of the thread that stores; None before it starts."""
        return self._thread.native_id if self._thread is not None else None

    def start(self, deliver: Deliver) -> None:
        """Start the writer thread, which calls *deliver* once for each group that was committed or failed."""
        self._closed = False
        self._thread = threading.Thread(target=self._run, args=(deliver,), name="intake-writer", daemon=True)
        self._thread.start()

    def put(self, submission: Submission) -> None:
        """Raises Overloaded if the queue is full or closed."""
        weight = submission.weight
        is_batch = weight > 1
        room = self._capacity // 2 if is_batch else self._capacity
        with self._lock:
            if self._closed or self._depth + weight > room:
                raise Overloaded
            self._depth += weight
            self._taken += submission.is_live
            (self._live if submission.is_live else self._batches if is_batch else self._checks).append(submission)
            if self._is_awaited:
                self._is_awaited = False
                self._news.notify()

    def expect_batch(self) -> None:
        """Raises Overloaded if no batch would fit. Call before a batch is decoded, which is the expensive part."""
        if self._closed or self._depth + 2 > self._capacity // 2:
            raise Overloaded

    def try_again(self) -> None:
        """Try to store what failed last, to find out whether that is possible again: nobody may send any more."""
        failed = self._failed
        if failed is None or self._again is not None:
            return
        again = replace(failed, waiter=None, outcomes=[], error=None)
        self._again = again
        try:
            self.put(again)
        except Overloaded:  # what waits will tell
            self._again = None

    def settle(self, timeout: float) -> bool:
        """True if there is room and all live samples waiting now are done in *timeout* seconds."""
        with self._lock:
            waiting = self._taken
            is_full = self._depth >= self._capacity
            return not is_full and self._progress.wait_for(lambda: self._done >= waiting, timeout)

    def close(self, timeout: float) -> None:
        """Refuse new samples, store the waiting ones and stop, within *timeout* seconds."""
        with self._lock:
            self._closed = True
            self._news.notify()
        if self._thread is not None:
            self._thread.join(timeout)

    def _run(self, deliver: Deliver) -> None:
        while group := self._next_group():
            begun = time.monotonic()
            self._commit(group)
            self.commit_seconds += time.monotonic() - begun
            self.commits += 1
            with self._lock:
                self._depth -= sum([submission.weight for submission in group])
                self._done += sum([submission.is_live for submission in group])
                self._progress.notify_all()
            if self._again is not None and self._again in group:  # nobody waits for it
                group.remove(self._again)
                self._again = None
            try:
                if group:
                    deliver(group)
            except Exception:
                log.exception("a group of samples got no response")
            for submission in group:
                if submission.finished is not None:
                    submission.finished.set()

    def _next_group(self) -> list[Submission]:
        """Wait for the next group. Return an empty one once closed and drained."""
        with self._lock:
            while not any(self._turns) and not self._closed:
                self._is_awaited = True
                self._news.wait()
            while not self._turns[0] and any(self._turns):
                self._turns.rotate(-1)
            self._turns.rotate(-1)
            return self._turns[-1].take()

    def _commit(self, group: list[Submission]) -> None:
        epoch = self._epoch.text
        scraped = next((each for each in group if each.scrapes is not None), None)
        try:
            outcomes = self._store(
                [s for each in group for s in each.samples],
                [h for each in group for h in each.unregistered],
                scraped.scrapes if scraped is not None else None,
                {host: at for each in group for host, at in each.refused.items()},
            )
            first = 0
            for submission in group:
                last = first + len(submission.samples)
                submission.outcomes, submission.epoch = outcomes[first:last], epoch
                first = last
            if scraped is not None:
                scraped.scraped = outcomes[first:]
            self.failure = self._failed = None
            self.unstored = 0
        except Unavailable as error:  # sending it again may succeed: nothing is wrong with the samples
            if isinstance(error, StorageUnavailable):
                self.failure, self._failed = error, group[0]
            for submission in group:
                submission.error = error
        except Exception as error:  # only the submission that caused it fails, and the writer goes on
            if len(group) == 1:
                group[0].error = error
                self.unstored += 1
            else:
                for submission in group:
                    self._commit([submission])
