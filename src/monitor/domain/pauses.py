"""Pauses that grow while something goes on failing."""

from datetime import timedelta

_DOUBLINGS = 30
"""As many as any pause needs; far more would overflow."""


def doubled(first: timedelta, times: int, longest: timedelta) -> timedelta:
    """Return *first*, doubled so many *times*, but *longest* at most."""
    return min(first * (1 << min(times, _DOUBLINGS)), longest)
