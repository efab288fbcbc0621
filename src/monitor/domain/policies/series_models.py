"""What forecast and range policies learn of a series, such as a line, and what they know at a sample."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from math import inf, nan
from typing import ClassVar, NamedTuple, Self

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


class Prediction(NamedTuple):
    """What a model knows at one time. *compared*: with the thresholds; nan if too little is known.

    *middle*: of a range: values far from it are worse; None for a forecast.
    """

    compared: float = nan
    line: Line | None = None
    bounds: Bounds | None = None
    middle: float | None = None

    def of(self, value: float) -> "Prediction":
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


UNKNOWN = Prediction()
"""Of a forecast that has seen too few samples."""


class Extremes(NamedTuple):
    """The least and the greatest value of an hour that begins *at* (microseconds)."""

    at: int
    least: float
    greatest: float


class SeriesModel(ABC):
    """What one policy learns of one series, whose samples it sees one after another, in order of time.

    After a late sample, a new model has to see all samples again. The *window* before the present *unit* (both in
    microseconds) belongs to it; *needed* of its units must have samples. *prediction*: at the last sample. *arrays*:
    slots that hold one. *bounds*: of a range, for charts.
    """

    __slots__ = ("_place", "needed", "policy", "prediction", "window")
    unit: ClassVar[int]
    arrays: ClassVar[tuple[str, ...]] = ()
    _copied: ClassVar[tuple[str, ...]]
    bounds: Bounds | None = None

    def __init_subclass__(cls) -> None:
        cls._copied = *SeriesModel.__slots__, *(name for name in cls.__slots__ if name not in cls.arrays)

    def __init__(self, policy: Policy, count: int, needed: int) -> None:
        self.policy = policy
        self.prediction = UNKNOWN
        self.window = count * self.unit
        self.needed = needed
        self._place = -1

    def copy(self) -> Self:
        other = self.__new__(type(self))
        for name in self._copied:
            setattr(other, name, getattr(self, name))
        for name in self.arrays:
            setattr(other, name, getattr(self, name)[:])
        return other

    @property
    def since(self) -> int:
        """Return the start (microseconds) of the unit of the last sample."""
        return self._place * self.unit

    def stays(self, at: int) -> bool:
        """Tell whether *at* is within that unit."""
        return at // self.unit == self._place

    @property
    def usual(self) -> tuple[float, float]:
        """Return the least and the greatest value that, within that unit, begins nothing."""
        return -inf, inf

    @property
    @abstractmethod
    def known(self) -> int:
        """Return how many units before have samples."""

    @abstractmethod
    def see(self, at: int, value: float) -> Prediction:
        """Return what is known at a sample."""

    @abstractmethod
    def add(self, value: float) -> None:
        """See a usual value within the unit of the last sample."""

    @abstractmethod
    def begin_again(self) -> None:
        """Forget the samples of that unit, which are to be seen again."""

    def along(self, times: Sequence[int], values: Sequence[float | None]) -> list[Prediction]:
        """Return what is known at each sample; UNKNOWN where one lacks the metric."""
        see = self.see
        return [UNKNOWN if value is None else see(at, value) for at, value in zip(times, values, strict=True)]

    def learn(self, times: Sequence[int], values: Sequence[float | None]) -> None:
        """See samples of whole units, whose predictions do not matter."""
        self.along(times, values)

    def learn_hours(self, hours: Sequence[Extremes]) -> None:  # noqa: B027 (most kinds learn samples)
        """See whole hours, in order of time, instead."""

    def drawn(self) -> list[tuple[int, float]]:
        """Return its line for charts; empty if it has none."""
        return []


def model_of(policy: Policy, hours: Sequence[Extremes] = ()) -> SeriesModel | None:
    """Return the model of *policy*, before its first sample; None if it compares each value alone.

    *hours*: before that, if its kind learns hours.
    """
    if policy.kind.model is None:
        return None
    model: SeriesModel = policy.kind.model(policy)
    model.learn_hours(hours)
    return model
