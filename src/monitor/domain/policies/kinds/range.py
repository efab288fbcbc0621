"""The range that a range policy sees: the least and the greatest value of the last `days`, hour by hour.

It is the same for a whole hour. The newest `LEARNED_AFTER` before that hour do not belong to it yet: what is unusual
would become usual while it lasts, before it fires or is noticed. At least half of the hours must have samples; else
nothing is known, and the policy is silent.
"""

from array import array
from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import Decimal
from math import inf, isfinite, nan
from typing import ClassVar

from monitor.domain.errors import Problem
from monitor.domain.history.rollups import HOUR
from monitor.domain.levels import Level
from monitor.domain.policies.comparing import Rule
from monitor.domain.policies.policies import Direction, Policy, PolicyKind, plain
from monitor.domain.policies.series_models import INSIDE, NEAR, OUTSIDE, Bounds, Extremes, Prediction, SeriesModel
from monitor.domain.times import MICROSECOND

DEFAULT_DAYS = 7
DEFAULT_BEYOND = 0.5
LEARNED_AFTER = timedelta(hours=6)
"""How old values have to be to belong to a range. So what goes on for hours does not become usual before it fires."""

_NOT_YET = LEARNED_AFTER // MICROSECOND // HOUR
_UNKNOWN = Prediction(middle=nan)


class Range(SeriesModel):
    """The range along one series."""

    __slots__ = ("_greatest", "_highs", "_least", "_lows", "_predictions", "bounds")
    unit, arrays = HOUR, ("_highs", "_lows")

    def __init__(self, policy: Policy) -> None:
        hours = 24 * (policy.days or DEFAULT_DAYS)
        super().__init__(policy, hours + _NOT_YET, hours // 2)
        self.bounds: Bounds | None = None
        self._predictions: dict[float, Prediction] = {}
        self._least, self._greatest = inf, -inf
        self._lows, self._highs = array("d", [inf]) * (hours + _NOT_YET), array("d", [-inf]) * (hours + _NOT_YET)

    @property
    def known(self) -> int:
        return sum(low < inf for low in self._lows[:-_NOT_YET])

    @property
    def usual(self) -> tuple[float, float]:
        return (-inf, inf) if self.bounds is None else (self.bounds.lower, self.bounds.upper)

    def add(self, value: float) -> None:
        if value < self._least:
            self._least = value
        if value > self._greatest:
            self._greatest = value

    def learn_hours(self, hours: Sequence[Extremes]) -> None:
        for at, least, greatest in hours:
            self._move_to(at // HOUR)
            self._least, self._greatest = min(self._least, least), max(self._greatest, greatest)

    def see(self, at: int, value: float) -> Prediction:
        hour = at // HOUR
        if hour != self._place:
            self._move_to(hour)
        if not self._predictions:
            self._look()
        self.add(value)
        self.prediction = _UNKNOWN if self.bounds is None else self._predictions[self.bounds.compared(value)]
        return self.prediction

    def begin_again(self) -> None:
        self._least, self._greatest = inf, -inf

    def _move_to(self, hour: int) -> None:
        gone, count = hour - self._place, len(self._lows)
        if gone == 0:
            return
        for held, last, none in ((self._lows, self._least, inf), (self._highs, self._greatest, -inf)):
            del held[: min(gone, count)]
            held.extend([none] * min(gone, count))
            if gone <= count:
                held[-gone] = last
        self._place, self._least, self._greatest = hour, inf, -inf
        self._predictions = {}

    def _look(self) -> None:
        self.bounds = bounds_of(self.policy, self._lows[:-_NOT_YET], self._highs[:-_NOT_YET], self.needed)
        if self.bounds is None:
            self._predictions = {nan: _UNKNOWN}
            return
        self._predictions = {
            code: Prediction(code, None, self.bounds, self.bounds.middle) for code in (INSIDE, NEAR, OUTSIDE)
        }


class RangeKind(PolicyKind):
    """A value fires *level* if it is outside the least and the greatest of the last *days* by more than *beyond* of
    that span. What is within them again is clear."""

    name = "range"
    options: ClassVar = {
        "days": (DEFAULT_DAYS, 1, 30),
        "beyond": (DEFAULT_BEYOND, 0.0, 10.0),
        "level": (Level.WARNING, None, None),
    }
    has_thresholds = False
    model = Range
    learns_hours = True

    def rule(self, policy: Policy) -> Rule:
        is_critical = policy.level is Level.CRITICAL
        usual, critical = super().rule(policy), OUTSIDE if is_critical else inf
        near = usual._replace(clear_below=NEAR, calm_below=NEAR)
        return near._replace(warning=OUTSIDE, critical=critical, has_warning=not is_critical)

    def problems(self, policy: Policy) -> dict[str, Problem]:
        is_given = {
            "warning": policy.warning is not None,
            "critical": policy.critical is not None,
            "direction": policy.direction is not Direction.ABOVE,
            "clear_margin": bool(policy.clear_margin),
        }
        problems = {name: Problem("not_for_ranges") for name, is_there in is_given.items() if is_there}
        if policy.sustained_for > LEARNED_AFTER:
            problems["sustained_for"] = Problem("out_of_range", {"low": 0, "high": plain(LEARNED_AFTER)})
        return problems

    def reaches(self, policy: Policy, hours: Sequence[object]) -> Iterable[float]:
        return [inf] * len(hours)  # any value may be unusual, and belongs to what is usual later

    def described(self, policy: Policy) -> str:
        return f"range of {policy.days} days beyond={policy.beyond}"


RANGE = RangeKind()


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
