"""When a silent host counts as offline."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from monitor.domain.history.series import learned_interval
from monitor.domain.samples import DEFAULT_INTERVAL

DEFAULT_OFFLINE_AFTER = timedelta(seconds=90)
_ENOUGH_GAPS = 3
"""Among fewer, one outage would pass for the interval."""


def silence_allowed(offline_after: timedelta, interval: float | None) -> timedelta:
    """The longer of *offline_after* and three report intervals (seconds)."""
    return max(offline_after, timedelta(seconds=3 * max(interval or 0.0, DEFAULT_INTERVAL)))


def learned_silence(times: Sequence[datetime]) -> float:
    """The interval (seconds) of a host that declares none, from its last samples' times, oldest first."""
    return learned_interval(times if len(times) > _ENOUGH_GAPS else ())


def is_offline(
    *,
    last_report_at: datetime,
    interval: float | None,
    offline_after: timedelta,
    listening_since: datetime,
    now: datetime,
) -> bool:
    """No report for longer than allowed, counted from when this server began to listen at the earliest."""
    return now - max(last_report_at, listening_since) > silence_allowed(offline_after, interval)
