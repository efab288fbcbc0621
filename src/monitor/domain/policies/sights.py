"""What a forecast or range policy knows at a sample: the line or the bounds, and what is to be compared."""

from math import nan
from typing import NamedTuple

from monitor.domain.history.rollups import TEN_MINUTES
from monitor.domain.levels import Level
from monitor.domain.policies.comparing import Change, Event
from monitor.domain.policies.policies import Direction, Policy

OUTSIDE, NEAR, INSIDE = 2.0, 1.0, 0.0
"""What is compared of a value that a range judges: outside its bounds, within them, within the range itself."""
DECIMALS = 6
_FARTHEST = 366 * 144
"""Ten minutes of a year: beyond, no line says when."""


class Line(NamedTuple):
    """*value*: at the time *at* (microseconds). *slope*: per ten minutes."""

    at: int
    value: float
    slope: float

    def value_at(self, at: float) -> float:
        return round(self.value + self.slope * ((at - self.at) / TEN_MINUTES), DECIMALS)


class Bounds(NamedTuple):
    """The least and the greatest value, and those beyond which a value is unusual."""

    least: float
    greatest: float
    lower: float
    upper: float

    @property
    def middle(self) -> float:
        return (self.least + self.greatest) / 2

    def compared(self, value: float) -> float:
        if self.least <= value <= self.greatest:
            return INSIDE
        return NEAR if self.lower <= value <= self.upper else OUTSIDE


class Sight(NamedTuple):
    """What a policy knows at one time. *compared*: with its thresholds; nan if too little is known.

    *middle*: of a range, from which a value is the worse the further it is; None for a forecast.
    """

    compared: float = nan
    line: Line | None = None
    bounds: Bounds | None = None
    middle: float | None = None

    def of(self, value: float) -> "Sight":
        """Return what is known at the same time of another *value*."""
        return self if self.bounds is None else self._replace(compared=self.bounds.compared(value))

    def expected(self, policy: Policy, level: Level) -> int | None:
        """Return when the line reaches the threshold of *level*; None if it never does, or in more than a year."""
        limit = policy.threshold(level)
        if self.line is None or limit is None:
            return None
        at, value, slope = self.line
        missing = limit - value
        if (missing <= 0) if policy.direction is Direction.ABOVE else (missing >= 0):
            return at
        if not slope or not 0 <= missing / slope <= _FARTHEST:
            return None
        return at + round(missing / slope * TEN_MINUTES)

    def explained(self, event: Event, policy: Policy) -> Event:
        """Return *event* with what is expected, or the bound that its value is beyond, unless that is over."""
        if event.change is Change.RESOLVED:
            return event
        if self.bounds is not None:
            _, _, lower, upper = self.bounds
            return event._replace(threshold=upper if event.value > self.bounds.greatest else lower)
        return event._replace(expected=self.expected(policy, event.level)) if self.line is not None else event


UNKNOWN = Sight()
"""What a forecast knows before it knows enough."""
