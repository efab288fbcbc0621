"""Series for charts: every sample where they fit, else buckets of equal width. Gaps stay gaps."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil, fsum

from monitor.domain.history.frames import Frame, Values, cut
from monitor.domain.history.rollups import COVERED, parts_of, present_values
from monitor.domain.times import SECOND

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


def bucket_width(start: datetime, end: datetime, points: int, least: int = 1) -> int:
    """The narrowest customary width (seconds; beyond half a day whole days) that is a multiple of *least* and splits
    start..end, aligned to the epoch, into at most *points*. What lies before the epoch, when nothing was sampled,
    counts for nothing: a range that spans it would fit no single bucket of any width."""
    first, last = max(start.timestamp(), 0.0), max(end.timestamp(), 0.0)
    for width in _WIDTHS:
        if width % least == 0 and _bucket_count(first, last, width) <= points:
            return width
    days = 1
    while _bucket_count(first, last, days * _DAY) > points:
        # The next width at which the range ends in an earlier bucket: those in between save none, and to try them all
        # would take seconds where somebody asks for the year 9999.
        days = max(days + 1, ceil(last / ((ceil(last / (days * _DAY)) - 1) * _DAY)))
    return days * _DAY


def _bucket_count(first: float, last: float, width: int) -> int:
    return ceil(last / width) - int(first // width)


def raw_series(frame: Frame, metrics: Sequence[str]) -> Series:
    """Every sample as a point of its own."""
    columns = {}
    for name in metrics:
        held = list(frame.column(name))
        columns[name] = Column(held, held, held)
    return Series(
        resolution=frame.usual_gap(),
        time=[time / SECOND for time in frame.times],
        coverage=[1.0] * len(frame),
        columns=columns,
    )


def bucketed_series(frame: Frame, metrics: Sequence[str], width: int) -> Series:
    """Samples folded into buckets of *width* seconds, aligned to the epoch."""
    each = frame.usual_gap()
    buckets = list(cut(frame.times, width * SECOND))
    columns = {}
    for name in metrics:
        values = frame.column(name)
        held = present_values(values, [place for _, place in buckets])
        columns[name] = _column(
            [min(v, default=None) for v in held], [_mean(v) for v in held], [max(v, default=None) for v in held]
        )
    return Series(
        resolution=float(width),
        time=[float(begin // SECOND) for begin, _ in buckets],
        coverage=[_share((bucket.stop - bucket.start) * each, width) for _, bucket in buckets],
        columns=columns,
    )


def rolled_series(rollups: Frame, metrics: Sequence[str], width: int) -> Series:
    """Summaries in buckets of *width* seconds."""
    columns = {}
    for name in metrics:
        n, low, sums, high = (rollups.column(part) for part in parts_of(name))
        means = [total / count if count and total is not None else None for count, total in zip(n, sums, strict=True)]
        columns[name] = _column(low, means, high)
    return Series(
        resolution=float(width),
        time=[float(time // SECOND) for time in rollups.times],
        coverage=[_share(covered or 0.0, width) for covered in rollups.column(COVERED)],
        columns=columns,
    )


def _column(low: Values, means: Values, high: Values) -> Column:
    """A rounded mean is no further out than the values themselves."""
    avg = [
        None if mean is None or least is None or most is None else min(max(_rounded(mean), least), most)
        for least, mean, most in zip(low, means, high, strict=True)
    ]
    return Column(avg, list(low), list(high))


def _share(covered: float, width: int) -> float:
    return min(1.0, round(covered / width, 4))


def _mean(values: Sequence[float]) -> float | None:
    if not values:
        return None
    try:
        return fsum(values) / len(values)
    except OverflowError:
        return fsum(value / len(values) for value in values)


def _rounded(mean: float) -> float:
    """Four decimals, and below 1 four digits: a custom metric may be tiny, or so large that its sum is no float."""
    return round(mean, 4) if abs(mean) >= 1 else float(f"{mean:.4g}")
