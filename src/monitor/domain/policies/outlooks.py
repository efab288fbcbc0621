"""What policies know of a series besides its values, such as the line of a forecast, or a range."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from math import inf
from typing import ClassVar, NamedTuple, Self

from monitor.domain.policies.policies import Policy
from monitor.domain.policies.sights import UNKNOWN, Bounds, Sight


class Extremes(NamedTuple):
    """The least and the greatest value of an hour that begins *at* (microseconds)."""

    at: int
    least: float
    greatest: float


class Outlook(ABC):
    """What one policy knows of one series, whose samples it sees one after another, in order of time.

    Late samples are not its matter: after one, a new outlook has to see all samples again. The *window* before the
    present *unit* belongs to it (microseconds), of which *needed* units must have samples. *sight*: what it knew at the
    last sample. *arrays*: slots with one. *bounds*: of a range, for charts.
    """

    __slots__ = ("_place", "needed", "policy", "sight", "window")
    unit: ClassVar[int]
    arrays: ClassVar[tuple[str, ...]] = ()
    _copied: ClassVar[tuple[str, ...]]
    bounds: Bounds | None = None

    def __init_subclass__(cls) -> None:
        cls._copied = *Outlook.__slots__, *(name for name in cls.__slots__ if name not in cls.arrays)

    def __init__(self, policy: Policy, count: int, needed: int) -> None:
        self.policy = policy
        self.sight = UNKNOWN
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
    def see(self, at: int, value: float) -> Sight:
        """Return what is known at a sample."""

    @abstractmethod
    def add(self, value: float) -> None:
        """See a usual value within the unit of the last sample."""

    @abstractmethod
    def begin_again(self) -> None:
        """Forget the samples of that unit, which are to be seen again."""

    def along(self, times: Sequence[int], values: Sequence[float | None]) -> list[Sight]:
        """Return what is known at each sample; UNKNOWN where one lacks the metric."""
        see = self.see
        return [UNKNOWN if value is None else see(at, value) for at, value in zip(times, values, strict=True)]

    def learn(self, times: Sequence[int], values: Sequence[float | None]) -> None:
        """See samples of whole units, whose sights do not matter."""
        self.along(times, values)

    def learn_hours(self, hours: Sequence[Extremes]) -> None:  # noqa: B027 (most kinds learn samples)
        """See whole hours, in order of time, instead."""

    def drawn(self) -> list[tuple[int, float]]:
        """Return its line for charts; empty if it has none."""
        return []


def outlook_of(policy: Policy, hours: Sequence[Extremes] = ()) -> Outlook | None:
    """Return what *policy* looks at, before it has seen a sample; None if that is each value alone.

    *hours*: what it knows before, if its kind learns hours.
    """
    if policy.kind.outlook is None:
        return None
    outlook: Outlook = policy.kind.outlook(policy)
    outlook.learn_hours(hours)
    return outlook
