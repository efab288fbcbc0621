"""Series for charts: every sample if they fit, else buckets of equal width. Gaps stay gaps."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil, fsum

from monitor.domain.history.frames import Frame, Values, cut
from monitor.domain.history.rollups import COVERED, parts_of, present_values
from monitor.domain.times import SECOND

# Widths that divide an hour or a day, so that buckets start at round times.
_WIDTHS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200)
_DAY = 86400


@dataclass(slots=True)
class Column:
    """One metric. None: no value in that bucket."""

    avg: list[float | None] = field(default_factory=list)
    min: list[float | None] = field(default_factory=list)
    max: list[float | None] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Columns of equal length.

    *resolution*: seconds of a bucket, or the usual interval of samples. *time*: start of each bucket in seconds since
    1970. *coverage*: share of the bucket that samples account for, 0 to 1. Buckets without samples are missing: a
    distance of more than *resolution* is a gap.
    """

    resolution: float
    time: list[float]
    coverage: list[float]
    columns: dict[str, Column]


def bucket_width(start: datetime, end: datetime, points: int, least: int = 1) -> int:
    """Return the smallest round width, in seconds, that splits start..end into at most *points* buckets.

    It is a multiple of *least*, and whole days beyond half a day. Buckets are aligned to 1970; time before that is not
    counted, since a range across 1970 needs two buckets at any width.
    """
    first, last = max(start.timestamp(), 0.0), max(end.timestamp(), 0.0)
    for width in _WIDTHS:
        if width % least == 0 and _bucket_count(first, last, width) <= points:
            return width
    days = 1
    while _bucket_count(first, last, days * _DAY) > points:
        # Jump to the next width at which the range ends in an earlier bucket. Trying each width would take seconds for
        # a range to the year 9999.
        days = max(days + 1, ceil(last / ((ceil(last / (days * _DAY)) - 1) * _DAY)))
    return days * _DAY


def _bucket_count(first: float, last: float, width: int) -> int:
    return ceil(last / width) - int(first // width)


def raw_series(frame: Frame, metrics: Sequence[str]) -> Series:
    """Return every sample as a point."""
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
    """Fold samples into buckets of *width* seconds, aligned to 1970."""
    each = frame.usual_gap()
    buckets = list(cut(frame.times, width * SECOND))
    places = [place for _, place in buckets]
    columns = {}
    for name in metrics:
        held = present_values(frame.column(name), places)
        columns[name] = _column(
            [min(v, default=None) for v in held], [_mean(v) for v in held], [max(v, default=None) for v in held]
        )
    covered = [(place.stop - place.start) * each for place in places]
    return _of_buckets(width, [begin for begin, _ in buckets], covered, columns)


def rolled_series(rollups: Frame, metrics: Sequence[str], width: int) -> Series:
    """Return rollups of *width* seconds as a series."""
    columns = {}
    for name in metrics:
        n, low, sums, high = (rollups.column(part) for part in parts_of(name))
        means = [total / count if count and total is not None else None for count, total in zip(n, sums, strict=True)]
        columns[name] = _column(low, means, high)
    return _of_buckets(width, rollups.times, rollups.column(COVERED), columns)


def _of_buckets(width: int, begins: Sequence[int], covered: Values, columns: dict[str, Column]) -> Series:
    """Return a series of buckets that samples account for in *covered* seconds each."""
    return Series(
        resolution=float(width),
        time=[float(begin // SECOND) for begin in begins],
        coverage=[min(1.0, round((seconds or 0.0) / width, 4)) for seconds in covered],
        columns=columns,
    )


def _column(low: Values, means: Values, high: Values) -> Column:
    """Return a column whose rounded means stay between minimum and maximum."""
    avg = [
        None if mean is None or least is None or most is None else min(max(_rounded(mean), least), most)
        for least, mean, most in zip(low, means, high, strict=True)
    ]
    return Column(avg, list(low), list(high))


def _mean(values: Sequence[float]) -> float | None:
    if not values:
        return None
    try:
        return fsum(values) / len(values)
    except OverflowError:
        return sum(value / len(values) for value in values)  # perhaps infinite, until it is kept below the maximum


def _rounded(mean: float) -> float:
    """Round to four decimals, below 1 to four digits: a custom metric may be tiny."""
    return round(mean, 4) if abs(mean) >= 1 else float(f"{mean:.4g}")
