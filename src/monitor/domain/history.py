"""Series for charts: every sample where they fit, else buckets of equal width. Gaps stay gaps."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from math import ceil, fsum

from monitor.domain.samples import DEFAULT_INTERVAL, Sample

# Widths that divide an hour or a day, so that buckets begin where people expect.
_WIDTHS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200)
_DAY = 86400


@dataclass(slots=True)
class Column:
    """One metric; None where the metric has no value in that bucket."""

    avg: list[float | None] = field(default_factory=list)
    min: list[float | None] = field(default_factory=list)
    max: list[float | None] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Columns of equal length. *time*: epoch seconds, a bucket's begin. *coverage*: 0 to 1, the share of the bucket
    that samples account for. Buckets without samples are not listed: a step wider than *resolution* is a gap."""

    resolution: float
    time: list[float]
    coverage: list[float]
    columns: dict[str, Column]


def bucket_width(start: datetime, end: datetime, points: int) -> int:
    """The narrowest customary width (seconds; beyond half a day whole days) that splits start..end, aligned to the
    epoch, into at most *points*. What lies before the epoch, when nothing was sampled, counts for nothing: a range
    that spans it would fit no single bucket of any width."""
    first, last = max(start.timestamp(), 0.0), max(end.timestamp(), 0.0)
    for width in _WIDTHS:
        if _bucket_count(first, last, width) <= points:
            return width
    days = 1
    while _bucket_count(first, last, days * _DAY) > points:
        # The next width at which the range ends in an earlier bucket: those in between save none, and to try them all
        # would take seconds where somebody asks for the year 9999.
        days = max(days + 1, ceil(last / ((ceil(last / (days * _DAY)) - 1) * _DAY)))
    return days * _DAY


def _bucket_count(first: float, last: float, width: int) -> int:
    return ceil(last / width) - int(first // width)


def learned_interval(times: Sequence[datetime]) -> float:
    """The usual distance of *times* in seconds (their median gap), 15 where too few tell."""
    gaps = sorted((b - a).total_seconds() for a, b in pairwise(times))
    return gaps[len(gaps) // 2] if gaps else DEFAULT_INTERVAL


def raw_series(samples: Sequence[Sample], metrics: Sequence[str]) -> Series:
    """Every sample (oldest first) as a point of its own."""
    columns = {name: Column() for name in metrics}
    for sample in samples:
        for name, column in columns.items():
            value = sample.metric(name)
            column.avg.append(value)
            column.min.append(value)
            column.max.append(value)
    return Series(
        resolution=learned_interval([sample.recorded_at for sample in samples]),
        time=[sample.recorded_at.timestamp() for sample in samples],
        coverage=[1.0] * len(samples),
        columns=columns,
    )


def bucketed_series(samples: Sequence[Sample], metrics: Sequence[str], width: int) -> Series:
    """Samples (oldest first) folded into buckets of *width* seconds, aligned to the epoch."""
    interval = learned_interval([sample.recorded_at for sample in samples])
    buckets: dict[int, list[Sample]] = {}
    for sample in samples:
        buckets.setdefault(int(sample.recorded_at.timestamp() // width), []).append(sample)
    columns = {name: Column() for name in metrics}
    for held in buckets.values():
        for name, column in columns.items():
            _append(column, [value for sample in held if (value := sample.metric(name)) is not None])
    return Series(
        resolution=float(width),
        time=[float(bucket * width) for bucket in buckets],
        coverage=[min(1.0, round(len(held) * interval / width, 4)) for held in buckets.values()],
        columns=columns,
    )


def _append(column: Column, values: Iterable[float]) -> None:
    held = list(values)
    low, high = min(held, default=None), max(held, default=None)
    column.avg.append(None if low is None or high is None else min(max(_mean(held), low), high))
    column.min.append(low)
    column.max.append(high)


def _mean(values: Sequence[float]) -> float:
    """Four decimals, and below 1 four digits: a custom metric may be tiny, or so large that its sum is no float."""
    mean = fsum(value / len(values) for value in values)
    return round(mean, 4) if abs(mean) >= 1 else float(f"{mean:.4g}")
