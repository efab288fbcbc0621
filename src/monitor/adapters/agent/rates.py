"""Rates from counters that only grow, except when they don't."""

from __future__ import annotations

from collections.abc import Mapping

Counters = Mapping[str, Mapping[str, float]]
"""Metric → device → total so far."""

CEILING = 1e12
"""No host moves a terabyte a second: a counter that seems to has jumped."""

_SUSPEND = 1.0


class Rates:
    """What the counters gained per second since the last look.

    No value, rather than a negative or a spike, where that cannot be known: at the first look, after a suspend, when a
    device came or went, and when any device's counter went back (a reset, a wrap, another boot).
    """

    def __init__(self) -> None:
        self._counters: Counters = {}
        self._awake = 0.0
        self._elapsed = 0.0

    def observe(self, awake: float, elapsed: float, counters: Counters) -> dict[str, float]:
        """Units per second for each metric that has a rate now.

        *awake* and *elapsed* are seconds on clocks that stop and go on during a suspend.
        """
        span = awake - self._awake
        suspended = (elapsed - self._elapsed) - span > _SUSPEND
        before, self._counters = self._counters, counters
        self._awake, self._elapsed = awake, elapsed
        if span <= 0 or suspended:
            return {}
        rates = {}
        for metric, devices in counters.items():
            gained = _gain(before.get(metric, {}), devices)
            if gained is not None and gained / span <= CEILING:
                rates[metric] = round(gained / span, 1)
        return rates


def _gain(before: Mapping[str, float], after: Mapping[str, float]) -> float | None:
    if not after or before.keys() != after.keys():
        return None
    gains = [after[device] - before[device] for device in after]
    return None if min(gains) < 0 else sum(gains)
