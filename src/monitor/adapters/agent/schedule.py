"""When to sample."""

from __future__ import annotations

import math


class Schedule:
    """Ticks at *origin* + k × *interval* on a monotonic clock.

    Ticks never drift with how long a sample takes. Those that were missed (a suspend, a stopped process) are skipped:
    a burst of equal samples tells nothing.
    """

    def __init__(self, origin: float, interval: float) -> None:
        self._origin = origin
        self._interval = interval

    def after(self, now: float) -> float:
        """The first tick that is later than *now*."""
        done = math.floor((now - self._origin) / self._interval)
        tick = self._origin + (done + 1) * self._interval
        # Rounding can put the tick on *now* itself, which would be taken twice.
        return tick if tick > now else self._origin + (done + 2) * self._interval
