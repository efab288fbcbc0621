"""Counters of this process for an operator's Prometheus."""

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field

from monitor.adapters.http.edge.connections import Connections
from monitor.adapters.http.operations.living import LoopLag
from monitor.application.alerts.offline import OwnHearing
from monitor.application.fleet.fleet import Fleet
from monitor.application.intake.queue import CurrentEpoch, IntakeQueue, Submission
from monitor.application.operations.itself import ReadFigures
from monitor.application.operations.job_runs import JobRuns
from monitor.application.ports import Clock

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
GROUP_SIZES = (1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000)


@dataclass(eq=False, slots=True)
class Metrics:
    """Counters of this process, as plain numbers, and the parts that know further ones. `exposition` makes the text.

    *requests*: by method and status. *groups*: commits by the place of their size in GROUP_SIZES; *grouped*: the
    samples in all of them.
    """

    fleet: Fleet
    queue: IntakeQueue
    connections: Connections
    lag: LoopLag
    hearing: OwnHearing
    clock: Clock
    epoch: CurrentEpoch
    runs: JobRuns
    read_figures: ReadFigures
    requests: Counter[tuple[str, int]] = field(default_factory=Counter)
    samples: Counter[str] = field(default_factory=Counter)
    groups: list[int] = field(default_factory=lambda: [0] * (len(GROUP_SIZES) + 1))
    grouped: int = 0

    def answered(self, method: str, status: int) -> None:
        # Invented methods must not create series.
        self.requests[method if method in _METHODS else "other", status] += 1

    def rejected(self, count: int) -> None:
        if count:
            self.samples["rejected"] += count

    def committed(self, group: list[Submission]) -> None:
        for submission in group:
            if submission.error is not None:
                parts = submission.scrapes.parts if submission.scrapes is not None else ()
                self.samples["failed"] += len(submission.samples) + sum(part.is_of_a_host for part in parts)
            for outcome in (*submission.outcomes, *submission.scraped):
                self.samples[outcome] += 1  # a string; `value` takes two calls
        size = sum([len(submission.samples) + len(submission.scraped) for submission in group])
        self.groups[bisect_left(GROUP_SIZES, size)] += 1
        self.grouped += size
