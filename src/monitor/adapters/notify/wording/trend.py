"""The last hour of a metric, ready to be drawn as one line of text or as a picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from statistics import median

from monitor.application.notifications.ports import Item
from monitor.domain.intake.metrics import bounds, has_readings, is_percent

WINDOW = timedelta(hours=1)
# More than three intervals without a sample are a gap, as for the alert engine.
_LONGEST_STEP = 3.0
_MARGIN = 0.08
_LARGEST = 1e300
_BARS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True)
class Trend:
    """Points of a line chart.

    *points*: (x, y), both from 0 to 1, oldest first. *breaks_after*: indexes of points before a gap. *threshold*: its
    y, None if there is none in the chart. *lowest*, *highest*: values of the metric.
    """

    points: Sequence[tuple[float, float]]
    breaks_after: frozenset[int]
    threshold: float | None
    lowest: float
    highest: float


def trend_of(item: Item) -> Trend | None:
    """Return the last hour of *item*, None if it has fewer than two samples."""
    known = sorted((p for p in item.last_hour if _is_drawable(p.value)), key=lambda point: point.at)
    begin = item.at - WINDOW
    known = [point for point in known if begin <= point.at <= item.at]
    if len(known) < 2:
        return None
    times = [(point.at - begin) / WINDOW for point in known]
    values = [point.value for point in known]
    low, high = _scale(item, values)
    limit = _limit(item)
    height = None if limit is None else (limit - low) / (high - low)
    return Trend(
        points=[(x, min(max((v - low) / (high - low), 0.0), 1.0)) for x, v in zip(times, values, strict=True)],
        breaks_after=_gaps(times),
        threshold=height if height is not None and 0 <= height <= 1 else None,
        lowest=min(values),
        highest=max(values),
    )


def sparkline(trend: Trend, width: int = 30) -> str:
    """Return one bar for each of *width* spans of time, as high as its highest value; a space without samples."""
    bars: list[float | None] = [None] * width
    for x, y in trend.points:
        place = min(int(x * width), width - 1)
        bars[place] = max(y, bars[place] or 0.0)
    _fill(bars, trend, width)
    return "".join(" " if y is None else _BARS[min(int(y * len(_BARS)), len(_BARS) - 1)] for y in bars)


def _fill(bars: list[float | None], trend: Trend, width: int) -> None:
    """Fill the empty spans between two samples without a gap with the earlier one."""
    for index, ((x, y), (next_x, _)) in enumerate(pairwise(trend.points)):
        if index not in trend.breaks_after:
            for place in range(int(x * width) + 1, min(int(next_x * width), width)):
                bars[place] = y


def _scale(item: Item, values: Sequence[float]) -> tuple[float, float]:
    """Return the lowest and highest value of the chart: what it can be, else all values and the threshold."""
    if has_readings(item.alert.metric):
        return 0.0, 1.0
    if is_percent(item.alert.metric):
        return bounds(item.alert.metric)
    limit = _limit(item)
    shown = values if limit is None else [*values, limit]
    low, high = min(shown), max(shown)
    margin = (high - low) * _MARGIN or abs(high) * _MARGIN or 1.0
    return low - margin, high + margin


def _limit(item: Item) -> float | None:
    limit = None if has_readings(item.alert.metric) else item.alert.threshold
    return limit if limit is not None and _is_drawable(limit) else None


def _is_drawable(value: float) -> bool:
    """Return whether *value* is finite, and small enough that differences are too."""
    return abs(value) < _LARGEST


def _gaps(times: Sequence[float]) -> frozenset[int]:
    steps = [later - earlier for earlier, later in pairwise(times)]
    longest = _LONGEST_STEP * median(steps)
    return frozenset(index for index, step in enumerate(steps) if step > longest)
