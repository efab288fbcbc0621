"""The policies next to a policy, which a backtest tries: each differs from it in one value."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from monitor.domain.errors import InvalidInput
from monitor.domain.intake.metrics import bounds, has_readings, is_percent
from monitor.domain.policies.changing import checked_policy
from monitor.domain.policies.policies import OFFLINE, Policy

SHIFTS = (-10, -5, -3, -2, -1, 1, 2, 3, 5, 10)
"""Number of steps by which a threshold is moved."""
SUSTAINED = [timedelta(seconds=n) for n in (0, 15, 30, 60, 120, 180, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200)]
_SHORTER, _LONGER = 3, 4
MARGINS = [Decimal(n) for n in (0, 1, 2, 3, 5, 7, 10, 15, 20, 30)]
"""Of percentages, in points."""
_NEARBY = 3
_PARTS_OF_MARGIN = [Decimal(n) for n in ("0", "0.5", "1.5", "2", "3")]


class Neighbour(NamedTuple):
    """*steps*: how far it is from the policy: the number of neighbours up to it in its direction. 0: itself."""

    policy: Policy
    steps: int


def neighbours(policy: Policy, seen: tuple[float, float] | None) -> list[Neighbour]:
    """Return *policy*, then policies that differ from it in one value, by the field and ascending.

    None of the offline policy. *seen*: the least and the greatest value of the tested history, None if it has none.
    Only policies that could be stored are among them: thresholds within the range of the metric, and margins that can
    be cleared.
    """
    if policy.metric == OFFLINE:
        return []
    found = [Neighbour(policy, 0)]
    for name, values in _values(policy, seen):
        own = getattr(policy, name)
        variants = [_changed(policy, **{name: value}) for value in sorted({*values} - {own})]
        kept = [variant for variant in variants if variant is not None]
        below = sum(getattr(variant, name) < own for variant in kept)
        steps = [*range(below, 0, -1), *range(1, len(kept) - below + 1)]
        found += map(Neighbour, kept, steps)
    return found


def _values(policy: Policy, seen: tuple[float, float] | None) -> Iterator[tuple[str, list[Any]]]:
    sustained = "sustained_for", _around(policy.sustained_for, SUSTAINED, _SHORTER, _LONGER)
    if not policy.kind.has_thresholds or has_readings(policy.metric):  # thresholds and margin say nothing
        yield sustained
        return
    thresholds = [exactly(value) for value in policy.thresholds]
    step = Decimal(1) if is_percent(policy.metric) else _step(thresholds, seen)
    low, high = bounds(policy.metric)
    for name in ("warning", "critical"):
        threshold = getattr(policy, name)
        if threshold is not None:
            moved = [float(exactly(threshold) + shift * step) for shift in SHIFTS]
            yield name, [value for value in moved if low <= value <= high]
    yield sustained
    margin = exactly(policy.clear_margin)
    if is_percent(policy.metric):
        margins = _around(margin, MARGINS, _NEARBY, _NEARBY)
    elif margin:
        margins = [margin * part for part in _PARTS_OF_MARGIN]
    else:
        margins = [step * n for n in (1, 2, 5)]
    yield "clear_margin", [float(value) for value in margins]


def _around(value: Any, ladder: Sequence[Any], below: int, above: int) -> list[Any]:
    """Return the nearest values of the ascending *ladder*: at most *below* smaller and *above* larger ones."""
    smaller, larger = [each for each in ladder if each < value], [each for each in ladder if each > value]
    return smaller[-below:] + larger[:above]


def _changed(policy: Policy, **change: Any) -> Policy | None:
    try:
        return checked_policy(replace(policy, **change))
    except InvalidInput:  # out of range, thresholds in the wrong order, or nothing clears the margin
        return None


def _step(thresholds: list[Decimal], seen: tuple[float, float] | None) -> Decimal:
    """Return about a hundredth of the range of values and thresholds.

    At most about a twentieth of the smallest threshold, so that ten steps down stay above zero.
    """
    sizes = [abs(threshold) for threshold in thresholds if threshold]
    values = [*thresholds, *map(exactly, (0.0,) if seen is None else seen)]
    span = max(values) - min(values) or max(sizes, default=Decimal(100))
    return _rounded(min([span / 100, *(size / 20 for size in sizes)]))


def _rounded(size: Decimal) -> Decimal:
    """Return the nearest of 1, 2, 5 and 10 times a power of ten."""
    power = Decimal(1).scaleb(size.adjusted())
    return min((power * n for n in (1, 2, 5, 10)), key=lambda step: abs(step - size))


def exactly(value: float) -> Decimal:
    """Return the decimal number that *value* is written as, such as 0.1."""
    return Decimal(repr(value))
