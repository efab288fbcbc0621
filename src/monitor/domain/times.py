"""Times as whole microseconds since 1970, times that clocks show, and pauses that grow with failures."""

import re
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from monitor.domain.errors import InvalidInput, Problem

_EPOCH = UNSET_TIME = datetime(1970, 1, 1, tzinfo=UTC)
"""UNSET_TIME: of what is not stored yet."""
MICROSECOND = timedelta(microseconds=1)
SECOND = 1_000_000
MAX_ZONE = 64
_CLOCK_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)
_DOUBLINGS = 30
"""More would overflow, and no pause needs as many."""


def microseconds(at: datetime) -> int:
    """Return microseconds since 1970."""
    return (at - _EPOCH) // MICROSECOND


def moment(at: int) -> datetime:
    """Return the UTC time *at* microseconds since 1970."""
    return _EPOCH + at * MICROSECOND


def doubled(first: timedelta, times: int, longest: timedelta) -> timedelta:
    """Return *first*, doubled *times* times, but at most *longest*."""
    return min(first * (1 << min(times, _DOUBLINGS)), longest)


def clock_time(field: str, text: str) -> time:
    """Read HH:MM. Raises InvalidInput that names *field*."""
    found = _CLOCK_TIME.fullmatch(text)
    if found is None:
        raise InvalidInput({field: Problem("invalid_clock_time")})
    return time(int(found[1]), int(found[2]))


def check_zone(field: str, zone: str) -> None:
    """Check the name of a time zone (IANA). Raises InvalidInput that names *field*."""
    try:
        if len(zone) > MAX_ZONE:
            raise ValueError
        ZoneInfo(zone)
    except (ValueError, OSError, KeyError):
        raise InvalidInput({field: Problem("unknown_zone")}) from None


def instant(wall: datetime, zone: ZoneInfo, *, fold: int) -> datetime:
    """Return when clocks show *wall*: the first time (*fold* 0) or the last (1). If they skip it, return the jump."""
    first, last = (wall.replace(tzinfo=zone, fold=each).astimezone(UTC) for each in (0, 1))
    if first <= last:
        return last if fold else first
    before, after = last, first  # the jump lies between them
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        is_before = middle.astimezone(zone).replace(tzinfo=None) < wall
        before, after = (middle, after) if is_before else (before, middle)
    return after.replace(microsecond=0)
