"""How much better than the threshold a value must be before an alert resolves."""

from collections.abc import Sequence
from decimal import Decimal

from monitor.domain.metrics import bounds, is_percent

_POINTS = 5.0


def default_clear_margin(metric: str, thresholds: Sequence[float], *, above: bool) -> float:
    """5 points of a percent, else a tenth of the span between the *thresholds* (of the one, if there is one only).

    Where nothing could clear that, half of the way to the end of the metric's range.
    """
    if not thresholds:
        return 0.0
    usual = _POINTS if is_percent(metric) else _tenth(thresholds)
    low, high = bounds(metric)
    half = (min(thresholds) - low if above else high - max(thresholds)) / 2
    return next((margin for margin in (usual, half) if can_clear(metric, thresholds, margin, above=above)), 0.0)


def can_clear(metric: str, thresholds: Sequence[float], margin: float, *, above: bool) -> bool:
    """Whether some value that *metric* can have is on the good side of all *thresholds* by more than *margin*."""
    low, high = bounds(metric)
    return min(thresholds) - margin > low if above else max(thresholds) + margin < high


def _tenth(thresholds: Sequence[float]) -> float:
    """As decimals, so that 0.1 to 0.4 gives 0.03."""
    exact = [Decimal(repr(value)) for value in thresholds]
    return float((max(exact) - min(exact) if len(exact) > 1 else abs(exact[0])) / 10)
