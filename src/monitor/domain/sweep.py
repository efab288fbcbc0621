"""Neighbours of a policy: the other thresholds that a backtest tries."""

from dataclasses import replace
from decimal import Decimal

from monitor.domain.errors import InvalidInput
from monitor.domain.metrics import bounds, is_percent
from monitor.domain.policies import DEFAULT_CLEAR_MARGIN, Policy, checked_policy

SHIFTS = (-10, -5, -3, -2, -1, 0, 1, 2, 3, 5, 10)
"""By how many steps both thresholds are moved."""


def neighbours(policy: Policy, seen: tuple[float, float] | None) -> list[Policy]:
    """*policy* itself, once, among those with both thresholds moved a little; none for the offline policy.

    *seen*: the least and the greatest value of the tested history, None where it has none. Thresholds stay within
    what the metric can be, and a margin that is the default is each neighbour's own.
    """
    thresholds = [_exactly(value) for value in (policy.warning, policy.critical) if value is not None]
    if not thresholds:
        return []
    step = Decimal(1) if is_percent(policy.metric) else _step(thresholds, seen)
    found: dict[tuple[float | None, float | None], Policy] = {}
    for shift in SHIFTS:
        moved = _moved(policy, shift * step) if shift else policy
        if moved is not None:
            found.setdefault((moved.warning, moved.critical), moved)
    return list(found.values())


def _step(thresholds: list[Decimal], seen: tuple[float, float] | None) -> Decimal:
    """About a hundredth of the range that values and thresholds cover. About a twentieth of the smallest threshold at
    most: else there would be nothing left below it."""
    sizes = [abs(threshold) for threshold in thresholds if threshold]
    values = [*thresholds, *map(_exactly, (0.0,) if seen is None else seen)]
    span = max(values) - min(values) or max(sizes, default=Decimal(100))
    return _rounded(min([span / 100, *(size / 20 for size in sizes)]))


def _rounded(size: Decimal) -> Decimal:
    """To the nearest of 1, 2, 5 and 10 times a power of ten."""
    power = Decimal(1).scaleb(size.adjusted())
    return min((power * n for n in (1, 2, 5, 10)), key=lambda step: abs(step - size))


def _moved(policy: Policy, by: Decimal) -> Policy | None:
    low, high = bounds(policy.metric)
    warning, critical = (
        None if value is None else float(_exactly(value) + by) for value in (policy.warning, policy.critical)
    )
    if not all(low <= value <= high for value in (warning, critical) if value is not None):
        return None
    usual = replace(policy, clear_margin=DEFAULT_CLEAR_MARGIN).clear_margin
    margin = DEFAULT_CLEAR_MARGIN if policy.clear_margin == usual else policy.clear_margin
    try:
        return checked_policy(replace(policy, warning=warning, critical=critical, clear_margin=margin))
    except InvalidInput:  # a margin that it can't clear, or thresholds so large that they are one number
        return None


def _exactly(value: float) -> Decimal:
    """As it is written: 0.1 and not what a float makes of it."""
    return Decimal(repr(value))
