"""Forecast of when a disk will be full: a line through the last days."""

from collections.abc import Sequence
from math import fsum

from monitor.domain.intake.metrics import MOST_PERCENT
from monitor.domain.intake.samples import Sample

FARTHEST_DAYS = 90
_LEAST_POINTS = 24
"""Hours. In less than a day, a daily rhythm looks like a trend."""
_LEAST_FIT = 0.6
"""Least coefficient of determination (R²): a disk that goes up and down does not fill up."""


def growth_per_day(points: Sequence[tuple[float, float]]) -> float | None:
    """Return the slope of the line through (day, percent); None for few points, or points on no rising line."""
    if len(points) < _LEAST_POINTS:
        return None
    day, mean = fsum(x for x, _ in points) / len(points), fsum(y for _, y in points) / len(points)
    spread = fsum((x - day) ** 2 for x, _ in points)
    rise = fsum((x - day) * (y - mean) for x, y in points)
    height = fsum((y - mean) ** 2 for _, y in points)
    if rise <= 0 or not spread or rise * rise < _LEAST_FIT * spread * height:
        return None
    return rise / spread


def days_until_full(value: float, per_day: float) -> float | None:
    """Return None beyond FARTHEST_DAYS, where a line predicts nothing."""
    days = max(0.0, MOST_PERCENT - value) / per_day if per_day > 0 else FARTHEST_DAYS + 1.0
    return days if days <= FARTHEST_DAYS else None


def is_file_system(metric: str, sample: Sample) -> bool:
    """True for file systems to list. `disk` is none if a `disk:` metric has the same value, as agents report it."""
    if metric == "disk":
        return not any(
            name.startswith("disk:") and value == sample.disk for name, value in (sample.extra or {}).items()
        )
    return metric.startswith("disk:")
