"""Sampling at each tick, delivering in between, until told to stop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .answers import Answer
from .delivery import Delivery
from .schedule import Schedule

STOP = "stop"
"""What the signal handler puts into the inbox."""

_GRACE = 0.5


def run(
    *,
    take: Callable[[], bytes | None],
    delivery: Delivery,
    schedule: Schedule,
    wait: Callable[[float], Any],
    monotonic: Callable[[], float],
) -> None:
    """Sample at once and then at each tick of *schedule*; returns when *wait* gives STOP.

    *wait* gives what arrives within so many seconds: an Answer, STOP, or None for neither. *take* gives an encoded
    sample, or None where there is none to send.
    """
    tick = monotonic()
    while True:
        now = monotonic()
        if now >= tick:
            record = take()
            now = monotonic()
            tick = schedule.after(now)
            if record is not None:
                delivery.offer(record, now)
        event = wait(max(0.0, min(tick, delivery.due()) - now))
        if event == STOP:
            break
        if isinstance(event, Answer):
            delivery.arrived(event, monotonic())
        else:
            delivery.proceed(monotonic())
    _finish(delivery, wait, monotonic)


def _finish(delivery: Delivery, wait: Callable[[float], Any], monotonic: Callable[[], float]) -> None:
    """What is nearly through gets half a second; the rest goes into the spool."""
    deadline = monotonic() + _GRACE
    while delivery.soon_done and (left := deadline - monotonic()) > 0:
        event = wait(left)
        if isinstance(event, Answer):
            delivery.settle(event, monotonic())
    delivery.finish()
