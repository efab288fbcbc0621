"""Readings that may take long, made in threads of their own, so that no socket that hangs delays a sample."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from ..log import Log

Readings = list[tuple[str, float]]
Read = Callable[[], Readings]

LEAD = 2.0
"""Seconds before a sample at which its readings begin, or half of a shorter interval."""
_FAILURES_IN_A_ROW = 5
_PAUSE = 60.0


class Background:
    """Calls *read* shortly before each sample, at most once in *least* seconds.

    *read* limits its own time to about *seconds*. If it raises, there are no readings until the next call, and *log*
    gets a line with *what* failed, unless it failed for the same reason before. After five failures it is called once a
    minute.
    """

    def __init__(
        self, what: str, read: Read, log: Log | None, *, interval: float, seconds: float, least: float = 1.0
    ) -> None:
        self._what = what
        self._read = read
        self._log = log
        self._interval = interval
        self._least = least
        # A reading is good for the sample that it was made for, and for those until the next one should be there.
        self._good_for = max(interval, least) + min(interval, LEAD) + seconds
        self._readings: tuple[float, Readings] | None = None
        self._problem = ""
        self._failures = 0
        self._due = 0.0
        self._asked = threading.Event()
        self._done = threading.Event()
        threading.Thread(target=self._run, name=what, daemon=True).start()

    def readings(self, awake: float) -> Readings:
        """Return the last readings, unless they are too old at *awake*, and prepare those for the next sample."""
        self._due = awake + self._interval - min(LEAD, self._interval / 2)
        self._asked.set()
        held = self._readings
        return held[1] if held is not None and awake - held[0] <= self._good_for else []

    def wait(self, until: float) -> None:
        """Wait for the first readings, until the time *until* at most."""
        self._done.wait(max(0.0, until - time.monotonic()))

    def _run(self) -> None:
        while True:
            began = time.monotonic()
            try:
                self._readings = began, self._read()
                self._problem, self._failures = "", 0
            except Exception as error:  # Whatever the other side sent.
                self._readings = None
                self._failed(error)
            self._done.set()
            least = self._least if self._failures < _FAILURES_IN_A_ROW else max(self._least, _PAUSE)
            time.sleep(max(0.0, began + least - LEAD - time.monotonic()))
            self._asked.wait()
            self._asked.clear()
            time.sleep(max(0.0, self._due - time.monotonic()))

    def _failed(self, error: Exception) -> None:
        self._failures += 1
        problem = str(getattr(error, "strerror", None) or str(error) or type(error).__name__)
        if self._log is not None and problem != self._problem:
            self._log(f"{self._what} cannot be read: {problem}")
        self._problem = problem
