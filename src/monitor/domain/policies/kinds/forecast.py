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
from datetime import timedelta
from functools import reduce
from math import fsum, inf, isfinite, isnan, nan
from operator import add, mul
from typing import ClassVar, cast

from monitor.domain.history.frames import cut
from monitor.domain.history.rollups import HOUR, TEN_MINUTES
from monitor.domain.policies.policies import Direction, Policy, PolicyKind
from monitor.domain.policies.series_models import DECIMALS, UNKNOWN, Line, Prediction, SeriesModel
from monitor.domain.times import MICROSECOND

DEFAULT_OVER = timedelta(hours=24)
"""A nightly dump belongs to a line through a day, and bends one through six hours until it reaches any threshold."""
DEFAULT_WITHIN = timedelta(days=2)
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


class Forecast(SeriesModel):
    """The line along one series."""

    __slots__ = ("_averages", "_count", "_sum", "_within")
    unit, arrays = TEN_MINUTES, ("_averages",)

    def __init__(self, policy: Policy) -> None:
        super().__init__(policy, window(policy), -(-window(policy) // 2))
        self._within = ahead(policy)
        self._averages = array("d", [nan]) * window(policy)
        self._count, self._sum = 0, 0.0

    def add(self, value: float) -> None:
        self._count += 1
        self._sum += value

    @property
    def known(self) -> int:
        return sum(not isnan(average) for average in self._averages)

    def see(self, at: int, value: float) -> Prediction:
        """Return what is known at a sample; its own ten minutes do not count yet."""
        bucket = at // TEN_MINUTES
        if bucket != self._place:
            self._move_to(bucket)
            self.prediction = self._prediction(self.since)
        self._count += 1
        self._sum += value
        return self.prediction

    def along(self, times: Sequence[int], values: Sequence[float | None]) -> list[Prediction]:
        if None in values:
            return super().along(times, values)
        held, found, first = cast(Sequence[float], values), list[Prediction](), 0
        while first < len(times):
            self.see(times[first], held[first])
            last = bisect_left(times, (self._place + 1) * TEN_MINUTES, first + 1)
            # One after another, as `add` does: other sums have other roundings.
            self._sum = reduce(add, held[first + 1 : last], self._sum)
            self._count += last - first - 1
            found += [self.prediction] * (last - first)
            first = last
        return found

    def learn(self, times: Sequence[int], values: Sequence[float | None]) -> None:
        """See samples, as `along` does, and draw the line only for the last."""
        for begin, place in cut(times, TEN_MINUTES):
            if held := [value for value in values[place] if value is not None]:
                self._move_to(begin // TEN_MINUTES)
                self._count, self._sum = len(held), reduce(add, held, 0.0)
        self.prediction = self._prediction(self.since)

    def begin_again(self) -> None:
        self._count, self._sum = 0, 0.0

    def drawn(self) -> list[tuple[int, float]]:
        """Return where the line begins, where it is now, and where it ends."""
        line = self.prediction.line
        if line is None:
            return []
        times = line.at - self.window, line.at, line.at + self._within
        return [(at, line.value_at(at)) for at in times]

    def _move_to(self, bucket: int) -> None:
        averages, count = self._averages, len(self._averages)
        last = round(self._sum / self._count, DECIMALS) if self._count and isfinite(self._sum) else nan
        gone = min(bucket - self._place, count)
        del averages[:gone]
        averages.extend([nan] * gone)
        if bucket - self._place <= count:
            averages[-gone] = last
        self._place, self._count, self._sum = bucket, 0, 0.0

    def _prediction(self, at: int) -> Prediction:
        line = line_through(self._averages, at)
        if line is None:
            return UNKNOWN
        ends = line.value_at(at), line.value_at(at + self._within)
        compared = max(ends) if self.policy.direction is Direction.ABOVE else min(ends)
        return Prediction(compared, line) if isfinite(compared) else UNKNOWN


class ForecastKind(PolicyKind):
    """What a line through the values of the last *over* reaches, as far as *within* ahead, is compared."""

    name = "forecast"
    # Live evaluation reads as much as the longest *over* from the database.
    options: ClassVar = {"over": (DEFAULT_OVER, _HOUR, _DAY), "within": (DEFAULT_WITHIN, _HOUR, 90 * _DAY)}
    model = Forecast
    expects = True

    def lead(self, policy: Policy) -> int:
        return (window(policy) + 1) * TEN_MINUTES

    def reaches(self, policy: Policy, hours: Sequence[tuple[int, int, float, float]]) -> Iterator[float]:
        """See `PolicyKind.reaches`: by the values of each hour, and of those before that belong to the line."""
        first, least, greatest = 0, [hour[2] for hour in hours], [hour[3] for hour in hours]
        for place, (begin, *_) in enumerate(hours, 1):
            since = begin - window(policy) * TEN_MINUTES - HOUR
            while hours[first][0] <= since:
                first += 1
            yield _reach(policy, min(least[first:place]), max(greatest[first:place]))

    def described(self, policy: Policy) -> str:
        over, within = policy.over or DEFAULT_OVER, policy.within or DEFAULT_WITHIN
        return f"forecast over={over.total_seconds()} within={within.total_seconds()}"


FORECAST = ForecastKind()


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


def _reach(policy: Policy, least: float, greatest: float) -> float:
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
    return ((greatest - least) / 2 + rounding) * weights + policy.sign * middle
