"""One measurement of one host."""

import math
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.fleet.servers import ServerId
from monitor.domain.intake.metrics import LEAST_PERCENT, MOST_PERCENT

MAX_EXTRA = 64
METRIC_NAME = re.compile(r"[a-z0-9_.:/-]{1,64}")
COLUMN_METRICS = ("cpu", "memory", "disk")
FUTURE_TOLERANCE = timedelta(seconds=60)
OLDEST_ACCEPTED = timedelta(days=400)
DEFAULT_INTERVAL = 15.0


class Process(NamedTuple):
    name: str
    cpu: float
    memory: float


class Sample(NamedTuple):
    """*cpu*, *memory* and *disk* in percent, two decimals; *extra* holds further named numbers.

    A tuple and not a checked dataclass, since intake makes 100,000 of them a second: what builds one from outside
    input has checked it (the HTTP edge in C, everybody else through `checked_sample`).
    """

    server_id: ServerId
    recorded_at: datetime
    received_at: datetime
    cpu: float
    memory: float
    disk: float
    extra: Mapping[str, float] | None = None
    interval: float | None = None
    processes: tuple[Process, ...] = ()

    def metric(self, name: str) -> float | None:
        """The value of *name*: cpu, memory, disk, or one of `extra`; None where this sample has none."""
        if name in COLUMN_METRICS:
            return float(getattr(self, name))
        return None if self.extra is None else self.extra.get(name)


def checked_sample(sample: Sample) -> Sample:
    """*sample* with percentages rounded to two decimals.

    Raises InvalidInput: percentages from 0 to 100, finite extras with well-formed names, at most 64 of them.
    """
    problems = {
        f"metrics.{name}_value": Problem("out_of_range", {"low": LEAST_PERCENT, "high": MOST_PERCENT})
        for name in COLUMN_METRICS
        if not LEAST_PERCENT <= getattr(sample, name) <= MOST_PERCENT
    }
    extra = sample.extra or {}
    if len(extra) > MAX_EXTRA:
        problems["metrics.extra"] = Problem("too_many", {"limit": MAX_EXTRA})
    for name, value in extra.items():
        if not METRIC_NAME.fullmatch(name):
            problems["metrics.extra"] = Problem("invalid_metric_name")
        elif not math.isfinite(value):
            problems[f"metrics.extra.{name}"] = Problem("not_finite")
    if problems:
        raise InvalidInput(problems)
    return sample._replace(cpu=round(sample.cpu, 2), memory=round(sample.memory, 2), disk=round(sample.disk, 2))


def clock_skew(told: datetime, received_at: datetime) -> int | None:
    """By how many seconds the clock that said *told* when it was *received_at* is ahead, or behind where negative; None
    within 60 s."""
    skew = told - received_at
    return round(skew.total_seconds()) if abs(skew) > FUTURE_TOLERANCE else None


def time_problem(recorded_at: datetime, received_at: datetime, kept: timedelta = OLDEST_ACCEPTED) -> str | None:
    """Why a sample with this time can't be taken: "in_future", "too_old" for how long they are *kept*, or None where
    it can."""
    if recorded_at > received_at + FUTURE_TOLERANCE:
        return "in_future"
    if recorded_at < received_at - kept:
        return "too_old"
    return None
