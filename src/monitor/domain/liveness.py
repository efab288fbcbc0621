"""When a host that does not report counts as offline."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from monitor.domain.intervals import Intervals, longest_gap

DEFAULT_OFFLINE_AFTER = timedelta(seconds=90)
_MICROSECOND = timedelta(microseconds=1)


def silence_allowed(offline_after: timedelta, declared: float | None, times: Sequence[int] = ()) -> timedelta:
    """Return the longer of *offline_after* and three report intervals.

    The interval is that of `longest_gap`, by what the agent *declared* (seconds) and the *times* of the last samples
    (microseconds).
    """
    return max(offline_after, longest_gap(declared, times) * _MICROSECOND)


def is_offline(
    *,
    last_report_at: datetime,
    silence_allowed: timedelta,
    listening_since: datetime,
    now: datetime,
    deaf: timedelta = timedelta(0),
) -> bool:
    """No report for longer than allowed, counted from when this server began to listen at the earliest.

    *deaf*: for how much of that time it could not have heard one.
    """
    return now - max(last_report_at, listening_since) - deaf > silence_allowed


def offline_at(intervals: Intervals, place: int, since: int, until: int, offline_after: timedelta) -> int | None:
    """Return when a host counted as offline that was silent from *since* *until* (microseconds); None if it never did.

    *place*: of its last sample before that silence among those of *intervals*.
    """
    least = offline_after // _MICROSECOND
    if until - since <= least:
        return None
    allowed = max(least, intervals.longest_gap(place))
    return since + allowed if until - since > allowed else None
