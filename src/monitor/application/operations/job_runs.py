"""When each background job of this process last did its work."""

import time
from collections.abc import Callable
from dataclasses import dataclass

PATIENCE = 300.0
"""Seconds that a job may be late besides two of its pauses: one may take a minute, and fail once."""


@dataclass(frozen=True, slots=True)
class JobState:
    """What a process reports of a job. *age*: seconds since its last run without an error. *error*: of a run since."""

    name: str
    pause: float
    age: float
    error: str = ""

    @property
    def is_late(self) -> bool:
        return self.age > 2 * self.pause + PATIENCE


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

    def states(self) -> list[JobState]:
        now = self.seconds()
        return [JobState(run.name, run.pause, round(now - run.done_at, 1), run.error[:200]) for run in self.all]
