"""When a host without reports counts as offline, and when this server could not have received reports.

`offline_at` is the one rule, for live detection, past alerts and backtests.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from operator import sub
from typing import NamedTuple

from monitor.domain.intake.intervals import Intervals
from monitor.domain.times import MICROSECOND, microseconds

DEFAULT_OFFLINE_AFTER = timedelta(seconds=90)


class OfflinePeriod(NamedTuple):
    """Time without a report that is long enough to count as offline, in microseconds.

    *until*: the next report, or the end of the history.
    """

    last_report: int
    offline_at: int
    until: int


def offline_at(last_report: int, now: int, offline_after: timedelta, longest_silence: int) -> int | None:
    """Return when a host whose last report was *last_report* became offline; None if it is not offline at *now*.

    A host is offline when it has not reported for longer than *offline_after* and than its *longest_silence* (see
    `domain.intake.intervals`). All times are in microseconds.
    """
    allowed = max(offline_after // MICROSECOND, longest_silence)
    return last_report + allowed if now - last_report > allowed else None


def is_offline(
    *,
    last_report_at: datetime,
    now: datetime,
    offline_after: timedelta,
    longest_silence: int,
    listening_since: datetime | None = None,
    deaf: timedelta = timedelta(0),
) -> bool:
    """Tell whether a host counts as offline *now*.

    The time without a report counts from *listening_since* at the earliest, when this server began to listen, and
    without the time during which it was *deaf*, unable to receive reports.
    """
    since = last_report_at if listening_since is None else max(last_report_at, listening_since)
    return offline_at(microseconds(since), microseconds(now - deaf), offline_after, longest_silence) is not None


def offline_periods(
    reports: Sequence[int], intervals: Intervals, offline_after: timedelta, first: int = 0
) -> Iterator[OfflinePeriod]:
    """Yield the times between consecutive *reports* in which the host was offline.

    *reports*: times of receipt, in microseconds. The first belongs to the sample at the place *first* of *intervals*;
    the last may be the end of the history.
    """
    least = offline_after // MICROSECOND
    if max(map(sub, reports[1:], reports), default=0) <= least:  # most hosts, most of the time
        return
    for place, (report, until) in enumerate(pairwise(reports), first):
        if until - report <= least:  # true for most, and cheaper than the intervals
            continue
        at = offline_at(report, until, offline_after, intervals.longest_silence(place))
        if at is not None:
            yield OfflinePeriod(last_report=report, offline_at=at, until=until)


def seconds_without_report(last_report_at: datetime, at: datetime) -> float:
    """Return the value of an offline alert *at* a moment: the seconds since the last report, at least 0."""
    return max(0.0, (at - last_report_at).total_seconds())


LONGEST_WAIT = timedelta(seconds=10)
"""Longest time between two proofs that leaves no gap: as long as an agent waits for its response."""
BEGINS_ANEW = timedelta(seconds=20)
"""After a longer gap all hosts get their full time again, because agents pause for up to a minute between attempts."""
GAPS_KEPT = 300

Gap = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """Times in which this server could receive reports: from *since* to *until* (the last proof), without *gaps*."""

    since: datetime
    until: datetime
    gaps: tuple[Gap, ...] = ()

    def proved(self, at: datetime) -> "Hearing":
        """Return it after a test report, sent *at* that time, was received."""
        gap = at - self.until
        if gap > BEGINS_ANEW or gap < -LONGEST_WAIT:  # the latter if the clock was set back
            return Hearing(since=at, until=at)
        if gap <= LONGEST_WAIT:
            return replace(self, until=max(self.until, at))
        gaps = (*self.gaps, (self.until, at))
        since = gaps[-GAPS_KEPT - 1][1] if len(gaps) > GAPS_KEPT else self.since
        return Hearing(since=since, until=at, gaps=gaps[-GAPS_KEPT:])

    def deaf(self, start: datetime, end: datetime) -> timedelta:
        """Return for how long this server was deaf between *start* and *end*. Time after *until* counts as deaf."""
        gaps = (*self.gaps, (self.until, max(self.until, end)))
        overlaps = (min(last, end) - max(first, start) for first, last in gaps)
        return sum((overlap for overlap in overlaps if overlap > timedelta(0)), timedelta(0))
