"""How long to leave a server alone that did not answer well."""

from __future__ import annotations

from collections.abc import Callable

CEILING = 60.0


class Backoff:
    """Pauses that double from *first* up to a minute.

    The first is anywhere in 0..*first*: when a server comes back, thousands of agents then don't return as one. The
    later ones vary by half. *random* gives numbers from 0 to 1.
    """

    def __init__(self, first: float, random: Callable[[], float]) -> None:
        self._first = min(first, CEILING)
        self._random = random
        self._failures = 0

    def failed(self, asked: float = 0.0) -> float:
        """Seconds to wait now; at least those that the server *asked* for, which it asks of everybody at once."""
        self._failures += 1
        luck = self._random()
        spread = self._first * luck
        if self._failures == 1:
            return asked + spread
        # The exponent is held: 2 ** 2000 is no float, and an outage may last.
        longest = min(CEILING, self._first * 2.0 ** min(self._failures - 1, 16))
        return max(longest * (1 + luck) / 2, asked + spread)

    def worked(self) -> None:
        """Start anew."""
        self._failures = 0
