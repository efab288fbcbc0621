"""Times as whole microseconds since 1970, and pauses that grow with failures."""

from datetime import UTC, datetime, timedelta

_EPOCH = UNSET_TIME = datetime(1970, 1, 1, tzinfo=UTC)
"""UNSET_TIME: of what is not stored yet."""
MICROSECOND = timedelta(microseconds=1)
SECOND = 1_000_000
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
