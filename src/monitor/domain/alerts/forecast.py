"""The line that a forecast policy sees: through the averages of ten minutes, of the last `over`, as far as `within`.

In each ten minutes the line is drawn anew, through those that ended before. What is compared with the thresholds is the
value that it reaches from their start until `within` later. At least half of `over` must have samples; else nothing is
known, and the policy is silent.

All averages and results are rounded to six decimals. So values that are equal give a line that is exactly level, and
what is compared does not depend on float errors.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import reduce
from math import fsum, inf, isfinite, isnan, nan
from operator import add, mul
from typing import cast

from monitor.domain.alerts.past_hours import Hour
from monitor.domain.alerts.policies import DEFAULT_OVER, DEFAULT_WITHIN, Direction, Policy, PolicyKind
from monitor.domain.alerts.sights import DECIMALS, UNKNOWN, Line, Sight
from monitor.domain.history.frames import cut
from monitor.domain.history.rollups import HOUR, TEN_MINUTES
from monitor.domain.times import MICROSECOND


class Forecast:
    """The line along one series, whose samples it sees one after another, in order of time.

    Late samples are not its matter: after one, a new Forecast has to see all samples again.
    """

    __slots__ = ("_averages", "_bucket", "_count", "_sum", "_within", "policy", "sight")

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.sight = UNKNOWN
        self._within = ahead(policy)
        self._averages = array("d", [nan]) * window(policy)
        self._bucket, self._count, self._sum = -1, 0, 0.0

    def copy(self) -> "Forecast":
        other = Forecast.__new__(Forecast)
        for name in Forecast.__slots__:
            setattr(other, name, getattr(self, name))
        other._averages = self._averages[:]
        return other

    @property
    def since(self) -> int:
        """Return the start (microseconds) of the ten minutes of the last sample."""
        return self._bucket * TEN_MINUTES

    @property
    def window(self) -> int:
        """Return how much before the present ten minutes belongs to the line, in microseconds."""
        return len(self._averages) * TEN_MINUTES

    @property
    def unit(self) -> int:
        return TEN_MINUTES

    @property
    def usual(self) -> tuple[float, float]:
        """Return the least and the greatest value of which nothing else is compared than of the last sample."""
        return -inf, inf

    def add(self, value: float) -> None:
        """See a sample within the ten minutes of the last one."""
        self._count += 1
        self._sum += value

    @property
    def needed(self) -> int:
        """Return how many averages of ten minutes must have samples."""
        return -(-len(self._averages) // 2)

    @property
    def known(self) -> int:
        """Return how many of them do."""
        return sum(not isnan(average) for average in self._averages)

    def stays(self, at: int) -> bool:
        """Tell whether *at* is within the ten minutes of the last sample, so that the line is the same."""
        return at // TEN_MINUTES == self._bucket

    def see(self, at: int, value: float) -> Sight:
        """Return what is known at a sample; its own ten minutes do not count yet."""
        bucket = at // TEN_MINUTES
        if bucket != self._bucket:
            self._begin(bucket)
        self._count += 1
        self._sum += value
        return self.sight

    def along(self, times: Sequence[int], values: Sequence[float | None]) -> list[Sight]:
        """Return what is known at each sample; UNKNOWN where one lacks the metric."""
        see = self.see
        if None in values:
            return [UNKNOWN if value is None else see(at, value) for at, value in zip(times, values, strict=True)]
        held, found, first = cast(Sequence[float], values), list[Sight](), 0
        while first < len(times):
            see(times[first], held[first])
            last = bisect_left(times, (self._bucket + 1) * TEN_MINUTES, first + 1)
            # One after another, as `add` does: other sums have other roundings.
            self._sum = reduce(add, held[first + 1 : last], self._sum)
            self._count += last - first - 1
            found += [self.sight] * (last - first)
            first = last
        return found

    def learn(self, times: Sequence[int], values: Sequence[float | None]) -> None:
        """See samples, as `along` does, and draw the line only for the last."""
        for begin, place in cut(times, TEN_MINUTES):
            if held := [value for value in values[place] if value is not None]:
                self._move_to(begin // TEN_MINUTES)
                self._count, self._sum = len(held), reduce(add, held, 0.0)
        self.sight = self._sight(self.since)

    def begin_again(self) -> None:
        """Forget the samples of the present ten minutes, which are to be seen again."""
        self._count, self._sum = 0, 0.0

    def _begin(self, bucket: int) -> None:
        self._move_to(bucket)
        self.sight = self._sight(self.since)

    def _move_to(self, bucket: int) -> None:
        averages, count = self._averages, len(self._averages)
        last = round(self._sum / self._count, DECIMALS) if self._count and isfinite(self._sum) else nan
        gone = min(bucket - self._bucket, count)
        del averages[:gone]
        averages.extend([nan] * gone)
        if bucket - self._bucket <= count:
            averages[-gone] = last
        self._bucket, self._count, self._sum = bucket, 0, 0.0

    def _sight(self, at: int) -> Sight:
        line = line_through(self._averages, at)
        if line is None:
            return UNKNOWN
        ends = line.value_at(at), line.value_at(at + self._within)
        compared = max(ends) if self.policy.direction is Direction.ABOVE else min(ends)
        return Sight(compared, line) if isfinite(compared) else UNKNOWN


def window(policy: Policy) -> int:
    """Return through how many averages the line is drawn."""
    return (policy.over or DEFAULT_OVER) // MICROSECOND // TEN_MINUTES


def ahead(policy: Policy) -> int:
    return (policy.within or DEFAULT_WITHIN) // MICROSECOND


def line_through(averages: Sequence[float], at: int) -> Line | None:
    """Return the least-squares line through averages of ten minutes, the last of which end *at*; nan: without samples.

    None if fewer than half of them, or than two, have samples.
    """
    count = len(averages)
    xs: Sequence[float] = [0.5 - count + place for place in range(count)]
    ys: Sequence[float] = averages
    if any(map(isnan, averages)):
        held = [place for place, average in enumerate(averages) if not isnan(average)]
        xs, ys = [xs[place] for place in held], [averages[place] for place in held]
        if 2 * len(held) < count:
            return None
    if (count := len(ys)) < 2:
        return None
    try:
        middle, mean = fsum(xs) / count, fsum(ys) / count
        steps = [x - middle for x in xs]
        slope = fsum(map(mul, steps, [y - mean for y in ys])) / fsum(map(mul, steps, steps))
    except (OverflowError, ValueError):  # values near the end of what a float can hold
        return None
    value = mean - slope * middle
    return Line(at, value, slope) if -inf < value < inf and -inf < slope < inf else None


def lead(policy: Policy) -> int:
    """Return how long samples come before a line knows all that it compares, in microseconds; 0: it is no forecast."""
    return (window(policy) + 1) * TEN_MINUTES if policy.kind is PolicyKind.FORECAST else 0


def reach(policy: Policy, least: float, greatest: float) -> float:
    """Return a bound of what is compared, times the sign of the policy, while all values are between these.

    A line through c points weighs each by 1/c + (x - mean)(x_i - mean)/S, where S sums the squares of (x_i - mean). The
    x_i are whole numbers, so that the sum of |x_i - mean| is at least c²/4; and S is at least its square, by c.
    """
    if least > greatest:
        return -inf
    count = max(2, -(-window(policy) // 2))
    weights = 1 + (window(policy) + ahead(policy) / TEN_MINUTES) * count / (count * count // 4)
    rounding = 10.0**-DECIMALS + 1e-9 * max(abs(least), abs(greatest))
    middle = (least + greatest) / 2
    far = ((greatest - least) / 2 + rounding) * weights
    return far + (middle if policy.direction is Direction.ABOVE else -middle)


def reaches(policy: Policy, hours: Sequence[Hour]) -> Iterator[float]:
    """Yield `reach` in each of *hours*, in order of time: by their values, and those before that belong to the line."""
    first, least, greatest = 0, [hour.least for hour in hours], [hour.greatest for hour in hours]
    for place, hour in enumerate(hours, 1):
        since = hour.begin - window(policy) * TEN_MINUTES - HOUR
        while hours[first].begin <= since:
            first += 1
        yield reach(policy, min(least[first:place]), max(greatest[first:place]))


def corners(line: Line, policy: Policy) -> Iterator[tuple[int, float]]:
    """Yield where the line begins, where it is now, and where it ends, as a chart draws it."""
    for at in (line.at - window(policy) * TEN_MINUTES, line.at, line.at + ahead(policy)):
        yield at, line.value_at(at)
