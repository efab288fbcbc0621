"""Progress of a long command: on a terminal one line that is overwritten, elsewhere a new line every 10 s."""

import time
from dataclasses import dataclass, field
from typing import TextIO

_ON_TERMINAL = 0.2
_ELSEWHERE = 10.0
"""Seconds between lines."""


@dataclass(slots=True)
class Progress:
    """*what*: the name of the counted things, such as "samples"."""

    out: TextIO
    what: str
    started: float = field(default_factory=time.monotonic)
    _next: float = 0.0
    _width: int = 0

    def step(self, share: float, done: int) -> None:
        """Show that a *share* of the work, 0 to 1, is done: *done* things."""
        now = time.monotonic()
        if now < self._next:
            return
        is_terminal = self.out.isatty()
        self._next = now + (_ON_TERMINAL if is_terminal else _ELSEWHERE)
        line = status(share, done, self.what, now - self.started)
        if is_terminal:
            self.out.write("\r" + line.ljust(self._width))
            self._width = len(line)
        else:
            self.out.write(line + "\n")
        self.out.flush()

    def end(self, done: int) -> None:
        seconds = time.monotonic() - self.started
        line = f"{done:,} {self.what} in {span(seconds)} ({done / max(seconds, 0.001):,.0f}/s)"
        self.out.write(("\r" if self._width else "") + line.ljust(self._width) + "\n")
        self.out.flush()


def status(share: float, done: int, what: str, seconds: float) -> str:
    """Return the line after *seconds* of work, with the rate and the time that is left."""
    left = seconds * (1 - share) / share if share > 0 else 0.0
    return f"{100 * share:5.1f} %  {done:,} {what}  {done / max(seconds, 0.001):,.0f}/s  {span(left)} left"


def span(seconds: float) -> str:
    """Return text such as "1 h 20 min", "3 min 20 s" or "7 s"."""
    whole = round(seconds)
    if whole >= 3600:
        return f"{whole // 3600} h {whole % 3600 // 60} min"
    return f"{whole // 60} min {whole % 60} s" if whole >= 60 else f"{whole} s"
