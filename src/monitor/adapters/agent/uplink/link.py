"""What failures change: one log line for each change of the connection, and pauses that grow."""

from __future__ import annotations

from collections.abc import Callable

from ..log import Log
from .outcomes import REFUSED, Outcome

LONGEST_PAUSE = 60.0


class Link:
    """Knows whether the server took the last live sample, and logs when that changes."""

    def __init__(self, url: str, log: Log) -> None:
        self._url = url
        self._log = log
        self._logged = ""
        self._lost_at: float | None = None
        self.up = True  # Assumed at the start, so that the first sample does not go through the spool.

    def took(self, now: float, waiting: int) -> None:
        """The server took a sample; *waiting* older ones will follow."""
        self.up = True
        if self._logged == "up":
            return
        follow = f"; {waiting} waiting samples follow" if waiting else ""
        if self._lost_at is None:
            self._log(f"connected to {self._url}{follow}")
        else:
            self._log(f"connected to {self._url} again after {now - self._lost_at:.0f} s{follow}")
        self._logged, self._lost_at = "up", None

    def failed(self, now: float, outcome: Outcome) -> None:
        """The server did not take a sample, which is kept."""
        self.up = False
        if self._lost_at is None:
            self._lost_at = now
        # While a host starts, network errors alternate (refused, then reset): one line is enough. A refusal names what
        # a person has to change, so each new one is logged.
        state = outcome.why if outcome.kind == REFUSED else "down"
        if self._logged != state:
            self._logged = state
            if outcome.kind == REFUSED:
                self._log(f"{self._url} refuses samples ({outcome.why}); they are kept and sent later")
            else:
                self._log(f"cannot reach {self._url} ({outcome.why}); samples are kept and sent later")


class Backoff:
    """Pauses that double from *first* seconds up to a minute.

    The first pause is random between 0 and *first*, later ones vary by half, so that thousands of agents do not return
    to a server at the same moment. *random* returns numbers from 0 to 1.
    """

    def __init__(self, first: float, random: Callable[[], float]) -> None:
        self._first = min(first, LONGEST_PAUSE)
        self._random = random
        self._failures = 0

    def failed(self, asked: float = 0.0) -> float:
        """Return the seconds to wait now: at least *asked*, which the server asks of all agents at once."""
        self._failures += 1
        luck = self._random()
        spread = self._first * luck
        if self._failures == 1:
            return asked + spread
        # The exponent has a limit, because an outage may be long and 2.0 ** 2000 overflows.
        longest = min(LONGEST_PAUSE, self._first * 2.0 ** min(self._failures - 1, 16))
        return max(longest * (1 + luck) / 2, asked + spread)

    def worked(self) -> None:
        """Start again with the first pause."""
        self._failures = 0
