"""What the engine compares values with, the changes of alerts that it finds, and when a value is clear."""

import math
from collections.abc import Sequence
from decimal import Context, Decimal
from enum import StrEnum
from typing import NamedTuple

from monitor.domain.intake.metrics import bounds, is_percent
from monitor.domain.levels import Level

_POINTS = 5.0
_EXACT = Context(prec=800)
"""Enough digits for the sum of any two floats."""


class Change(StrEnum):
    FIRED = "fired"
    ESCALATED = "escalated"
    DEESCALATED = "deescalated"
    RESOLVED = "resolved"


class Event(NamedTuple):
    """*level*: the one after the change, or the last one of a resolved alert. *at*: microseconds.

    *expected*: when (microseconds) the line of a forecast reaches the level's threshold; None if it does not.
    *threshold*: the bound of a range that *value* is beyond; None for other policies.
    """

    change: Change
    level: Level
    at: int
    value: float
    expected: int | None = None
    threshold: float | None = None


class Rule(NamedTuple):
    """Policy prepared for comparisons. Values times *sign* are bad if they are high. Durations in microseconds."""

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


def default_clear_margin(metric: str, thresholds: Sequence[float], *, above: bool) -> float:
    """Return 5 for percentages, else a tenth of the span between the *thresholds*, or of the only one.

    If no value could clear that, return half of the way to the end of the metric's range.
    """
    if not thresholds:
        return 0.0
    usual = _POINTS if is_percent(metric) else _tenth(thresholds)
    low, high = bounds(metric)
    half = (min(thresholds) - low if above else high - max(thresholds)) / 2
    return next((margin for margin in (usual, half) if can_clear(metric, thresholds, margin, above=above)), 0.0)


def can_clear(metric: str, thresholds: Sequence[float], margin: float, *, above: bool) -> bool:
    """Tell whether *metric* can have a value on the good side of all *thresholds* by more than *margin*."""
    low, high = bounds(metric)
    return min(thresholds) - margin > low if above else max(thresholds) + margin < high


def _tenth(thresholds: Sequence[float]) -> float:
    """Return a tenth, calculated in decimals, so that 0.1 to 0.4 gives 0.03."""
    exact = [Decimal(repr(value)) for value in thresholds]
    return float((max(exact) - min(exact) if len(exact) > 1 else abs(exact[0])) / 10)


def less(threshold: float, margin: float) -> float:
    """Return *threshold* minus *margin*, calculated in decimals, such that `value < bound` is exact.

    As floats, 72.7 - 2.6 is more than 70.1, and 70.1 would be clear by mistake.
    """
    if math.isinf(threshold):
        return threshold
    exact = _EXACT.subtract(Decimal(repr(threshold)), Decimal(repr(margin)))
    bound = float(exact)
    return math.nextafter(bound, math.inf) if Decimal(repr(bound)) < exact else bound
