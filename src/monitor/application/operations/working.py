"""Whether everything works: in this process, in the others, and the delivery of messages."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from monitor.application.alerts.offline import OwnHearing
from monitor.application.intake.queue import IntakeQueue
from monitor.application.operations.job_runs import JobRuns
from monitor.application.operations.ports import Queries
from monitor.application.ports import Clock
from monitor.domain.errors import Unavailable

PATIENCE = timedelta(minutes=5)
"""How long a message that is due may wait for a sender, and how old the report of a process may be."""
MOST_UNSTORED = 20
"""Submissions in a row that fail for another reason than the store: no single sender is the cause."""
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class FindFaults:
    """Say what does not work in this process. Evaluation is part of storing: a sample is stored with its alerts."""

    queue: IntakeQueue
    hearing: OwnHearing
    runs: JobRuns
    clock: Clock

    def __call__(self) -> tuple[str, ...]:
        return tuple(self._found())

    def _found(self) -> Iterator[str]:
        if not self.queue.is_running:
            yield "the intake is stopped"
        if (error := self.queue.failure) is not None:
            yield f"samples cannot be stored: {error}"
        if self.queue.unstored >= MOST_UNSTORED:
            yield "samples cannot be evaluated"
        if self.hearing.is_failing(self.clock.now()):
            yield "the server does not answer itself"
        late = [job for job in self.runs.states() if job.is_late]
        yield from (f"job {job.name!r} has not worked for {job.age:.0f} s {job.error}".rstrip() for job in late)


@dataclass(frozen=True, slots=True)
class MustWork:
    """Check this process, what the others report of themselves, and that no message waits for a dead sender.

    A process that is gone is not missed: the others do its work.
    """

    queries: Queries
    clock: Clock
    process: str
    find_faults: FindFaults

    def __call__(self) -> None:
        """Raises Unavailable, saying what does not work; StorageUnavailable."""
        found = [*self.find_faults(), *self._of_others(), *self._unsent()]
        if found:
            raise Unavailable("; ".join(found[:_SHOWN]))

    def _of_others(self) -> Iterator[str]:
        now = self.clock.now()
        for other in self.queries.cluster.processes(now):
            if other.id == self.process or other.report is None or other.last_seen_at is None:
                continue
            yield from (f"{other.report.host}: {fault}" for fault in other.report.faults)
            if now - other.last_seen_at > PATIENCE:
                yield f"{other.report.host}: a process has not reported since {other.last_seen_at:%H:%M:%S} UTC"

    def _unsent(self) -> Iterator[str]:
        now = self.clock.now()
        since = self.queries.notifications.due_since(now)
        if since is not None and now - since > PATIENCE:
            yield f"a message has been due since {since:%Y-%m-%d %H:%M:%S} UTC, and none sends it"
