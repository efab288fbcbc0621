"""What the engine compares values with, and the changes of alerts that it finds."""

from enum import StrEnum
from typing import NamedTuple

from monitor.domain.levels import Level


class Change(StrEnum):
    FIRED = "fired"
    ESCALATED = "escalated"
    DEESCALATED = "deescalated"
    RESOLVED = "resolved"


class Event(NamedTuple):
    """*level*: the one after the change, or the last one of a resolved alert. *at*: microseconds.

    *expected*: when the line of a forecast reaches the level's threshold, likewise; None if it does not. *threshold*:
    the bound of a range that *value* is beyond; None for other policies.
    """

    change: Change
    level: Level
    at: int
    value: float
    expected: int | None = None
    threshold: float | None = None


class Rule(NamedTuple):
    """Policy prepared for comparisons: values are multiplied by *sign*, so that high ones are bad. Durations in
    microseconds."""

    sign: float
    warning: float
    critical: float
    clear_below: float
    calm_below: float
    sustained_for: int
    clear_for: int
    has_warning: bool

    @property
    def floor(self) -> float:
        """The lower threshold. Values (times *sign*) below it keep an idle state idle."""
        return min(self.warning, self.critical)
