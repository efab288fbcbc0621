"""When a host that does not report counts as offline.

`offline_at` is the one rule: live detection, past alerts and backtests all ask it.

Which times this server was deaf in: a report that was sent then would not have reached it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from monitor.domain.intake.intervals import Intervals
from monitor.domain.times import microseconds

DEFAULT_OFFLINE_AFTER = timedelta(seconds=90)
_MICROSECOND = timedelta(microseconds=1)


class OfflinePeriod(NamedTuple):
    """A time without a report, long enough to count as offline. All in microseconds.

    *until*: the next report, or the end of the history.
    """

    last_report: int
    offline_at: int
    until: int


def offline_at(last_report: int, now: int, offline_after: timedelta, longest_gap: int) -> int | None:
    """Return from when on a host counts as offline that has not reported since *last_report*; None while it does not.

    That is once the silence is longer than *offline_after* and than its *longest_gap* (see `domain.intake.intervals`).
    All but *offline_after* are microseconds.
    """
    allowed = max(offline_after // _MICROSECOND, longest_gap)
    return last_report + allowed if now - last_report > allowed else None


def is_offline(
    *,
    last_report_at: datetime,
    now: datetime,
    offline_after: timedelta,
    longest_gap: int,
    listening_since: datetime | None = None,
    deaf: timedelta = timedelta(0),
) -> bool:
    """Tell whether a host counts as offline *now*.

    A silence counts from *listening_since* at the earliest, when this server began to listen, and without the time
    during which it was *deaf* to reports.
    """
    since = last_report_at if listening_since is None else max(last_report_at, listening_since)
    return offline_at(microseconds(since), microseconds(now - deaf), offline_after, longest_gap) is not None


def offline_periods(
    reports: Sequence[int], intervals: Intervals, offline_after: timedelta, first: int = 0
) -> Iterator[OfflinePeriod]:
    """Yield the silences between consecutive *reports*.

    *reports*: when they were received, in microseconds. The first one is that of the sample at the place *first* of
    *intervals*; the last one may be the end of the history.
    """
    least = offline_after // _MICROSECOND
    for place, (report, until) in enumerate(pairwise(reports), first):
        if until - report <= least:  # most are, and need no look at the intervals
            continue
        at = offline_at(report, until, offline_after, intervals.longest_gap(place))
        if at is not None:
            yield OfflinePeriod(report, at, until)


def seconds_without_report(last_report_at: datetime, at: datetime) -> float:
    """Return the value of an offline alert *at* a moment: the seconds since the last report, at least 0."""
    return max(0.0, (at - last_report_at).total_seconds())


LONGEST_WAIT = timedelta(seconds=10)
"""Between two proofs: as long as an agent waits for its answer."""
BEGINS_ANEW = timedelta(seconds=20)
"""After a longer deafness agents pause, for up to a minute, before they try again."""
GAPS_KEPT = 300

Gap = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """Nobody is silent before *since*, after *until* (the last proof), or in one of the *gaps* between."""

    since: datetime
    until: datetime
    gaps: tuple[Gap, ...] = ()

    def proved(self, at: datetime) -> "Hearing":
        """A report that was sent at *at* has been heard, and so have all before it that were heard at all."""
        gap = at - self.until
        if gap > BEGINS_ANEW or gap < -LONGEST_WAIT:  # or the clock was set
            return Hearing(since=at, until=at)
        if gap <= LONGEST_WAIT:
            return replace(self, until=max(self.until, at))
        gaps = (*self.gaps, (self.until, at))
        since = gaps[-GAPS_KEPT - 1][1] if len(gaps) > GAPS_KEPT else self.since
        return Hearing(since=since, until=at, gaps=gaps[-GAPS_KEPT:])

    def deaf(self, start: datetime, end: datetime) -> timedelta:
        """How much of that time this server was deaf, after *since*; what follows *until* counts as such."""
        gaps = (*self.gaps, (self.until, max(self.until, end)))
        overlaps = (min(last, end) - max(first, start) for first, last in gaps)
        return sum((overlap for overlap in overlaps if overlap > timedelta(0)), timedelta(0))
