"""The agent's loop: sample at each tick, send in between, until asked to stop."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from .uplink.outcomes import SendResult
from .uplink.sender import Sender

STOP = "stop"
"""What the signal handler puts into the inbox."""

_GRACE = 0.5


class Schedule:
    """Ticks at *origin* + k × *interval* seconds on a monotonic clock.

    Ticks do not drift with the time that a sample takes. Missed ticks (suspend, stopped process) are skipped, because a
    burst of equal samples has no value.
    """

    def __init__(self, origin: float, interval: float) -> None:
        self._origin = origin
        self._interval = interval

    def after(self, now: float) -> float:
        """Return the first tick later than *now*."""
        done = math.floor((now - self._origin) / self._interval)
        tick = self._origin + (done + 1) * self._interval
        # Rounding can give *now* itself, which would be sampled twice.
        return tick if tick > now else self._origin + (done + 2) * self._interval


def run(
    *,
    take: Callable[[], bytes | None],
    sender: Sender,
    schedule: Schedule,
    wait: Callable[[float], Any],
    monotonic: Callable[[], float],
) -> None:
    """Sample at once and then at each tick of *schedule*, until *wait* returns STOP.

    *take* returns an encoded sample, or None if there is none. *wait* waits that many seconds at most and returns what
    arrived: an SendResult, STOP, or None for nothing.
    """
    tick = monotonic()
    while True:
        now = monotonic()
        if now >= tick:
            record = take()
            now = monotonic()
            tick = schedule.after(now)
            if record is not None:
                sender.offer(record, now)
        event = wait(max(0.0, min(tick, sender.due()) - now))
        if event == STOP:
            break
        if isinstance(event, SendResult):
            sender.arrived(event, monotonic())
        else:
            sender.proceed(monotonic())
    _finish(sender, wait, monotonic)


def _finish(sender: Sender, wait: Callable[[float], Any], monotonic: Callable[[], float]) -> None:
    """Wait half a second for an answer on its way; keep the rest in the spool."""
    deadline = monotonic() + _GRACE
    while sender.expects_answer and (left := deadline - monotonic()) > 0:
        event = wait(left)
        if isinstance(event, SendResult):
            sender.settle(event, monotonic())
    sender.finish()
