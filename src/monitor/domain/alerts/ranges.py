"""The range that a range policy sees: the least and the greatest value of the last `days`, hour by hour.

It is the same for a whole hour. The newest `LEARNED_AFTER` before that hour do not belong to it yet: what is unusual
would become usual while it lasts, before it fires or is noticed. At least half of the hours must have samples; else
nothing is known, and the policy is silent.
"""

from array import array
from collections.abc import Sequence
from decimal import Decimal
from math import inf, isfinite, nan
from typing import NamedTuple

from monitor.domain.alerts.engine import INSIDE, NEAR, OUTSIDE
from monitor.domain.alerts.policies import DEFAULT_BEYOND, DEFAULT_DAYS, LEARNED_AFTER, Policy
from monitor.domain.alerts.sights import UNKNOWN, Bounds, Sight
from monitor.domain.history.rollups import HOUR
from monitor.domain.times import MICROSECOND

_NOT_YET = LEARNED_AFTER // MICROSECOND // HOUR
_UNKNOWN = Sight(middle=nan)


class Extremes(NamedTuple):
    """The least and the greatest value of an hour that begins *at* (microseconds)."""

    at: int
    least: float
    greatest: float


class Range:
    """The range along one series, whose samples it sees one after another, in order of time.

    Late samples are not its matter: after one, a new Range has to see all again.
    """

    __slots__ = ("_greatest", "_highs", "_hour", "_least", "_lows", "_sights", "bounds", "policy", "sight")

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.bounds: Bounds | None = None
        self.sight = UNKNOWN
        self._sights: dict[float, Sight] = {}
        self._hour, self._least, self._greatest = -1, inf, -inf
        count = hours_of(policy) + _NOT_YET
        self._lows, self._highs = array("d", [inf]) * count, array("d", [-inf]) * count

    def copy(self) -> "Range":
        other = Range.__new__(Range)
        for name in Range.__slots__:
            setattr(other, name, getattr(self, name))
        other._lows, other._highs = self._lows[:], self._highs[:]
        return other

    @property
    def since(self) -> int:
        return self._hour * HOUR

    @property
    def window(self) -> int:
        """Return how much before the present hour belongs to it, in microseconds."""
        return len(self._lows) * HOUR

    @property
    def unit(self) -> int:
        return HOUR

    @property
    def needed(self) -> int:
        """Return how many hours must have samples."""
        return hours_of(self.policy) // 2

    @property
    def known(self) -> int:
        return sum(low < inf for low in self._lows[:-_NOT_YET])

    def stays(self, at: int) -> bool:
        return at // HOUR == self._hour

    @property
    def usual(self) -> tuple[float, float]:
        """Return the least and the greatest value that is not outside, within the hour of the last sample."""
        return (-inf, inf) if self.bounds is None else (self.bounds.lower, self.bounds.upper)

    def add(self, value: float) -> None:
        """See a usual value within the hour of the last sample."""
        if value < self._least:
            self._least = value
        if value > self._greatest:
            self._greatest = value

    def learn(self, hours: Sequence[Extremes]) -> None:
        """See whole hours, in order of time."""
        for at, least, greatest in hours:
            self._move_to(at // HOUR)
            self._least, self._greatest = min(self._least, least), max(self._greatest, greatest)

    def see(self, at: int, value: float) -> Sight:
        hour = at // HOUR
        if hour != self._hour:
            self._move_to(hour)
        if not self._sights:
            self._look()
        self.add(value)
        self.sight = _UNKNOWN if self.bounds is None else self._sights[self.bounds.compared(value)]
        return self.sight

    def along(self, times: Sequence[int], values: Sequence[float | None]) -> list[Sight]:
        see = self.see
        return [UNKNOWN if value is None else see(at, value) for at, value in zip(times, values, strict=True)]

    def begin_again(self) -> None:
        self._least, self._greatest = inf, -inf

    def _move_to(self, hour: int) -> None:
        gone, count = hour - self._hour, len(self._lows)
        if gone == 0:
            return
        for held, last, none in ((self._lows, self._least, inf), (self._highs, self._greatest, -inf)):
            del held[: min(gone, count)]
            held.extend([none] * min(gone, count))
            if gone <= count:
                held[-gone] = last
        self._hour, self._least, self._greatest = hour, inf, -inf
        self._sights = {}

    def _look(self) -> None:
        self.bounds = bounds_of(self.policy, self._lows[:-_NOT_YET], self._highs[:-_NOT_YET], self.needed)
        if self.bounds is None:
            self._sights = {nan: _UNKNOWN}
            return
        self._sights = {code: Sight(code, None, self.bounds, self.bounds.middle) for code in (INSIDE, NEAR, OUTSIDE)}


def hours_of(policy: Policy) -> int:
    return 24 * (policy.days or DEFAULT_DAYS)


def bounds_of(policy: Policy, lows: Sequence[float], highs: Sequence[float], needed: int) -> Bounds | None:
    """Return the bounds of hours with these extremes, infinite without samples; None if too few have any."""
    if sum(low < inf for low in lows) < needed:
        return None
    least, greatest = min(lows), max(highs)
    if not isfinite(least) or not isfinite(greatest):
        return None
    low, high = Decimal(repr(least)), Decimal(repr(greatest))
    margin = Decimal(repr(DEFAULT_BEYOND if policy.beyond is None else policy.beyond)) * (high - low)
    return Bounds(least, greatest, float(low - margin), float(high + margin))
