"""When each background job of this process last did its work."""

import time
from collections.abc import Callable
from dataclasses import dataclass

PATIENCE = 300.0
"""Seconds that a job may be late besides two of its pauses: one may take a minute, and fail once."""


@dataclass(slots=True)
class JobRun:
    """*done_at*: end of the last run without an error, in monotonic seconds; at first, when it was to begin."""

    name: str
    pause: float
    done_at: float
    error: str = ""


class JobRuns:
    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        """*seconds*: a monotonic clock."""
        self.seconds = seconds
        self.all: list[JobRun] = []

    def expect(self, name: str, pause: float) -> JobRun:
        """Expect a run every *pause* seconds from now on. Names may repeat."""
        run = JobRun(name, pause, self.seconds())
        self.all.append(run)
        return run

    def late(self) -> list[JobRun]:
        """Return the jobs that have done nothing for too long: they fail, hang, or their thread is dead."""
        now = self.seconds()
        return [run for run in self.all if now - run.done_at > 2 * run.pause + PATIENCE]
