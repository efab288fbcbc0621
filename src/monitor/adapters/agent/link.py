"""Saying how the connection is, once per change."""

from __future__ import annotations

from .answers import REFUSED, Verdict
from .log import Say


class Link:
    """Remembers whether the server took the last live sample, and says so when that changes."""

    def __init__(self, url: str, say: Say) -> None:
        self._url = url
        self._say = say
        self._said = ""
        self._lost_at: float | None = None
        self._was_up = False
        self.up = True  # Until it is known better: the first sample need not go through the spool.

    def took(self, now: float, waiting: int) -> None:
        """The server took a sample, and *waiting* older ones are to follow."""
        self.up = True
        if self._said == "up":
            return
        follow = f"; {waiting} waiting samples follow" if waiting else ""
        if self._lost_at is None:
            self._say(f"connected to {self._url}{follow}")
        else:
            self._say(f"connected to {self._url} again after {now - self._lost_at:.0f} s{follow}")
        self._said, self._lost_at = "up", None

    def failed(self, now: float, verdict: Verdict) -> None:
        """The server did not take a sample that is kept."""
        self.up = False
        if self._lost_at is None:
            self._lost_at = now
        # Reasons of one kind alternate while a host starts (refused, then reset): one line is enough. A refusal names
        # what a person has to change, so each new one is said.
        state = verdict.why if verdict.kind == REFUSED else "down"
        if self._said != state:
            self._said = state
            what = "is refused by" if verdict.kind == REFUSED else "cannot reach"
            self._say(f"{what} {self._url} ({verdict.why}); samples are kept and sent later")
