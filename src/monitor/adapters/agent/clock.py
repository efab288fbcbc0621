"""Reading the three clocks that a sample needs."""

from __future__ import annotations

import time
from typing import NamedTuple


class Moment(NamedTuple):
    """One instant: *awake* and *elapsed* in seconds since boot without and with suspends, *epoch_ns* wall time."""

    awake: float
    elapsed: float
    epoch_ns: int


def now() -> Moment:
    """This instant. Where the system has no clock that counts suspends, none are ever seen."""
    awake = time.monotonic()
    elapsed = time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else awake
    return Moment(awake, elapsed, time.time_ns())


def stamp(epoch_ns: int) -> str:
    """UTC as the API writes it, to the millisecond: what is finer tells nothing, and the server keeps it for years."""
    seconds, milliseconds = divmod(epoch_ns // 1_000_000, 1000)
    return f"{time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime(seconds))}.{milliseconds:03d}"
