"""When checks run: each at a fixed point of its interval, so that a thousand do not run at once.

The points do not depend on when a check ran last: it neither drifts nor runs again and again after a long stop.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from monitor.domain.checks.checks import LONGEST_TIMEOUT
from monitor.domain.fleet.servers import ServerId
from monitor.domain.times import SECOND, microseconds, moment

MISSED_AFTER = timedelta(seconds=4)
"""A run that comes so late is missed: after a stop, all checks would run at once. Less than half of the least interval,
since runs count as in a row if they are half an interval apart (`check_policies`)."""
SOON = 60.0
"""Seconds within which a check with a long interval runs whose run was missed."""
LEASE_BEYOND = timedelta(seconds=10)
"""The time for a result to be stored, after the timeout."""
_LONGEST_LEASE = timedelta(seconds=LONGEST_TIMEOUT) + LEASE_BEYOND
_STEP = 2_654_435_769  # 2^32 divided by the golden ratio: multiples of it are spread evenly over 2^32


def next_due(check_id: ServerId, interval: float, now: datetime) -> datetime:
    """Return the first point of this check after *now*."""
    span = round(interval * SECOND)
    phase = (check_id * _STEP % 2**32) * span >> 32
    at = microseconds(now)
    return moment(at - (at - phase) % span + span)


def after_run(check_id: ServerId, interval: float, now: datetime) -> datetime:
    """Return the next run of a check that runs *now*: at least half an interval later, also if it ran out of turn."""
    return next_due(check_id, interval, now + timedelta(seconds=interval / 2))


def due_again(check_id: ServerId, interval: float, now: datetime) -> datetime:
    """Return the next run after a missed one: within a minute, and not at the same time as all others."""
    return next_due(check_id, min(interval, SOON), now)


def is_too_far(due_at: datetime, interval: float, now: datetime) -> bool:
    """True if a run is further ahead than any can be set: the clock was set back."""
    return due_at > now + timedelta(seconds=1.5 * interval) + MISSED_AFTER


class DueCheck(NamedTuple):
    """*is_failing*: its last run failed."""

    id: ServerId
    due_at: datetime
    interval: float
    timeout: float
    is_failing: bool


class Plan(NamedTuple):
    """*runs*: the checks to run now. *due*: when these and those whose run was missed run next."""

    runs: list[DueCheck]
    due: dict[ServerId, datetime]


def plan(
    waiting: Iterable[DueCheck], now: datetime, most: int, most_failing: int, missed_after: timedelta = MISSED_AFTER
) -> Plan:
    """Choose from *waiting* checks, which are due, at most *most*, of them at most *most_failing* failing ones."""
    runs: list[DueCheck] = []
    due: dict[ServerId, datetime] = {}
    for check in waiting:
        if now - check.due_at > missed_after:
            due[check.id] = due_again(check.id, check.interval, now)
        elif len(runs) < most and (most_failing > 0 or not check.is_failing):
            runs.append(check)
            most_failing -= check.is_failing
            due[check.id] = after_run(check.id, check.interval, now)
    return Plan(runs, due)


def leased_until(now: datetime, timeout: float) -> datetime:
    """Return the end of a lease that begins *now*."""
    return now + timedelta(seconds=timeout) + LEASE_BEYOND


def lease_bounds(now: datetime) -> tuple[datetime, datetime]:
    """Return first and last: a lease is in force if first < its end <= last. A later end is from a clock that was since
    set back."""
    return now, now + _LONGEST_LEASE
