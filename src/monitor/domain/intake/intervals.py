"""How often a host reports, and how long a gap between its samples may be.

Shared by live evaluation, backtests, past alerts and the search for offline hosts.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from operator import sub

from monitor.domain.intake.samples import DEFAULT_INTERVAL
from monitor.domain.times import SECOND

TIMES_NEEDED = 11
"""Samples needed to learn the interval from ten gaps."""
_ENOUGH_GAPS = 3
"""With fewer, one outage would be taken for the interval."""
_BEFORE_THE_FIRST_GAP = 3600 * SECOND


def longest_gap(declared: float | None, times: Sequence[int]) -> int:
    """Return three report intervals, in microseconds, at the last of *times*.

    The interval is the longer of the *declared* one (seconds) and the median of the last ten gaps, and at least 15 s.
    *times*: of the host's samples, in microseconds, rising; of more than eleven the last ones count.
    """
    return max(least_gap(declared), _three_medians(times[-TIMES_NEEDED:]))


def longest_silence(declared: float | None, times: Sequence[int]) -> int:
    """Return how long a host may be without a report after the last of *times*, in microseconds.

    That is `longest_gap`. If the host declares no interval, it is three times its longest gap until three gaps are
    known, and an hour before the first: it would be called offline after its first reports. Without any sample, nothing
    is known.
    """
    if declared is not None or not 0 < len(times) <= _ENOUGH_GAPS:
        return longest_gap(declared, times)
    gaps = [later - earlier for earlier, later in pairwise(times)]
    return max(_LEAST, 3 * max(gaps)) if gaps else _BEFORE_THE_FIRST_GAP


@lru_cache
def least_gap(declared: float | None) -> int:
    """Return the minimum of `longest_gap` for any times."""
    return 3 * round(max(declared or 0.0, DEFAULT_INTERVAL) * SECOND)


_LEAST = least_gap(None)


def _three_medians(times: Sequence[int]) -> int:
    gaps = sorted([later - earlier for earlier, later in pairwise(times)])
    if len(gaps) < _ENOUGH_GAPS:
        return 0
    return 3 * (gaps[(len(gaps) - 1) // 2] + gaps[len(gaps) // 2]) // 2


class Intervals:
    """The intervals of one server along its history.

    *times*: of all its samples, in microseconds, rising. *declared*: the interval declared with each (seconds); None
    continues the one before.
    """

    def __init__(self, times: Sequence[int], declared: Sequence[float | None]) -> None:
        self.times = times
        self.declared = _filled(declared)

    def longest_gap(self, place: int) -> int:
        """Return the longest gap (microseconds) that interrupts nothing, at the sample at *place*."""
        return longest_gap(self.declared[place], self.times[max(0, place + 1 - TIMES_NEEDED) : place + 1])

    def longest_silence(self, place: int) -> int:
        """Return how long the host may be without a report (microseconds) after the sample at *place*."""
        return longest_silence(self.declared[place], self.times[max(0, place + 1 - TIMES_NEEDED) : place + 1])

    def may_be_interrupted(self, first: int, seen: int | None) -> bool:
        """Tell whether any gap may be too long from the place *first* on, or from the time *seen* before it."""
        times = self.times[first:] if first else self.times
        if seen is not None and times and times[0] - seen > _LEAST:
            return True
        return max(map(sub, times[1:], times), default=0) > _LEAST

    def is_interrupted(self, seen: int, place: int) -> bool:
        """Tell whether the sample at *place* comes too long after the time *seen*."""
        gap = self.times[place] - seen
        # Cheap comparisons first: most gaps end here.
        return gap > _LEAST and gap > least_gap(self.declared[place]) and gap > self.longest_gap(place)


def _filled(declared: Sequence[float | None]) -> Sequence[float | None]:
    if None not in declared:
        return declared
    filled: list[float | None] = []
    last = None
    for interval in declared:
        last = last if interval is None else interval
        filled.append(last)
    return filled
