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
    """The narrowest customary width (seconds) that splits start..end, aligned to the epoch, into at most *points*."""
    for width in _WIDTHS:
        if _bucket_count(start, end, width) <= points:
            return width
    days = 1
    while _bucket_count(start, end, days * _DAY) > points:
        days += 1
    return days * _DAY


def _bucket_count(start: datetime, end: datetime, width: int) -> int:
    return ceil(end.timestamp() / width) - int(start.timestamp() // width)


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
    column.avg.append(round(fsum(held) / len(held), 4) if held else None)
    column.min.append(min(held) if held else None)
    column.max.append(max(held) if held else None)
