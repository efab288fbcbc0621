"""Samples: what an agent measured on one host at one time."""

import math
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from monitor.domain.errors import InvalidInput, Problem
from monitor.domain.fleet.servers import ServerId
from monitor.domain.intake.metrics import LEAST_PERCENT, MOST_PERCENT

MAX_EXTRA = 256
METRIC_NAME = re.compile(r"[a-z0-9_.:/-]{1,64}")
COLUMN_METRICS = ("cpu", "memory", "disk")
FUTURE_TOLERANCE = timedelta(seconds=60)
OLDEST_ACCEPTED = timedelta(days=400)
DEFAULT_INTERVAL = 15.0
ON_TIME_WITHIN = timedelta(seconds=1)


class Process(NamedTuple):
    name: str
    cpu: float
    memory: float


class Sample(NamedTuple):
    """One measurement. *cpu*, *memory*, *disk*: percent, two decimals. *extra*: further metrics. *interval*: seconds.

    A tuple and not a checked dataclass, because intake builds 100,000 a second. Code that builds samples from outside
    input checks it first: the HTTP edge in C, all other code with `checked_sample`.
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
        """Return the value of metric *name*, or None if this sample has none."""
        if name in COLUMN_METRICS:
            return float(getattr(self, name))
        return None if self.extra is None else self.extra.get(name)


def is_on_time(sample: Sample, last: Sample | None, now: datetime) -> bool:
    """Tell whether *sample* was taken just *now*, by a right clock: then its host has sent no newer one.

    The *last* sample of the host shows that its clock is right. By a clock that is one interval ahead, a sample that
    came so much too late would seem to be of now.
    """
    within = _on_time_within(sample.interval)
    return (
        last is not None
        and abs(now - sample.recorded_at) <= within
        and abs(last.received_at - last.recorded_at) <= within
    )


@lru_cache
def _on_time_within(interval: float | None) -> timedelta:
    return min(ON_TIME_WITHIN, timedelta(seconds=(interval or DEFAULT_INTERVAL) / 4))


def checked_sample(sample: Sample) -> Sample:
    """Return *sample* with its percentages rounded to two decimals.

    Raises InvalidInput for a percentage outside 0 to 100, more than 256 extras, a malformed name or an infinite value.
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


def clock_skew(sent_at: datetime, received_at: datetime) -> int | None:
    """Return how many seconds the sender's clock is ahead (negative: behind); None up to 60."""
    skew = sent_at - received_at
    return round(skew.total_seconds()) if abs(skew) > FUTURE_TOLERANCE else None


def time_problem(recorded_at: datetime, received_at: datetime, kept: timedelta = OLDEST_ACCEPTED) -> str | None:
    """Return "in_future", "too_old" (older than samples are *kept*), or None if the time is acceptable."""
    if recorded_at > received_at + FUTURE_TOLERANCE:
        return "in_future"
    if recorded_at < received_at - kept:
        return "too_old"
    return None
