"""When a disk that fills up will be full."""

from collections.abc import Sequence
from math import fsum

from monitor.domain.intake.metrics import MOST_PERCENT
from monitor.domain.intake.samples import Sample

FARTHEST_DAYS = 90
_LEAST_POINTS = 24
"""Hours: less than a day tells a daily rhythm from a trend no better than a guess."""
_LEAST_FIT = 0.6
"""Of the spread, so much must be the trend: what goes up and down does not fill up."""


def growth_per_day(points: Sequence[tuple[float, float]]) -> float | None:
    """The slope of the line that fits (day, percent) best (least squares); None where they are too few, do not rise or
    do not lie along it."""
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
    """None beyond what a line can tell."""
    days = max(0.0, MOST_PERCENT - value) / per_day if per_day > 0 else FARTHEST_DAYS + 1.0
    return days if days <= FARTHEST_DAYS else None


def is_file_system(metric: str, sample: Sample) -> bool:
    """Whether it is to be listed as one. `disk` is none where the same value stands under a file system's own name, as
    agents report it: it would be there twice."""
    if metric == "disk":
        return not any(
            name.startswith("disk:") and value == sample.disk for name, value in (sample.extra or {}).items()
        )
    return metric.startswith("disk:")
