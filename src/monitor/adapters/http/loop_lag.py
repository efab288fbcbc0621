"""How late the event loop is: while it is, nobody is answered."""

import asyncio
from collections import deque

PAUSE = 0.5
KEPT = 120
"""Measurements: a minute."""


class LoopLag:
    def __init__(self) -> None:
        self._seconds = deque[float]([0.0], maxlen=KEPT)
        self._timer: asyncio.TimerHandle | None = None

    @property
    def longest(self) -> float:
        """Seconds, of the last minute."""
        return max(self._seconds)

    def start(self) -> None:
        """On the event loop that is to be measured."""
        loop = asyncio.get_running_loop()
        due = loop.time() + PAUSE
        self._timer = loop.call_at(due, self._measure, loop, due)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _measure(self, loop: asyncio.AbstractEventLoop, due: float) -> None:
        self._seconds.append(max(0.0, loop.time() - due))
        self.start()
