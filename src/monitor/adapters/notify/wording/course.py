"""The last hour of a metric, made ready to be drawn: as one line of text or as a picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from statistics import median

from monitor.application.notifications.ports import Item
from monitor.domain.intake.metrics import bounds, is_percent

WINDOW = timedelta(hours=1)
# More than three intervals without a sample is a gap, as it is for the alert engine.
_LONGEST_STEP = 3.0
_MARGIN = 0.08
_LARGEST = 1e300
_BARS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True)
class Course:
    """*points*: (x, y), both from 0 to 1, oldest first; *breaks_after*: the indexes of points that a gap follows.

    *threshold* is a height as y is, None where there is none or it lies outside. *lowest*, *highest*: values.
    """

    points: Sequence[tuple[float, float]]
    breaks_after: frozenset[int]
    threshold: float | None
    lowest: float
    highest: float


def course_of(item: Item) -> Course | None:
    """None where fewer than two samples are known: there is nothing to draw."""
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
    return Course(
        points=[(x, min(max((v - low) / (high - low), 0.0), 1.0)) for x, v in zip(times, values, strict=True)],
        breaks_after=_gaps(times),
        threshold=height if height is not None and 0 <= height <= 1 else None,
        lowest=min(values),
        highest=max(values),
    )


def sparkline(course: Course, width: int = 30) -> str:
    """A bar for each of *width* spans of time, the highest value of it; a space where there was no sample."""
    bars: list[float | None] = [None] * width
    for x, y in course.points:
        place = min(int(x * width), width - 1)
        bars[place] = max(y, bars[place] or 0.0)
    _fill(bars, course, width)
    return "".join(" " if y is None else _BARS[min(int(y * len(_BARS)), len(_BARS) - 1)] for y in bars)


def _fill(bars: list[float | None], course: Course, width: int) -> None:
    """Spans between two samples that are no gap, only seldom: as the earlier one."""
    for index, ((x, y), (next_x, _)) in enumerate(pairwise(course.points)):
        if index not in course.breaks_after:
            for place in range(int(x * width) + 1, min(int(next_x * width), width)):
                bars[place] = y


def _scale(item: Item, values: Sequence[float]) -> tuple[float, float]:
    """Percentages from 0 to 100; others between their extremes, with the threshold in sight."""
    if is_percent(item.alert.metric):
        return bounds(item.alert.metric)
    limit = _limit(item)
    shown = values if limit is None else [*values, limit]
    low, high = min(shown), max(shown)
    margin = (high - low) * _MARGIN or abs(high) * _MARGIN or 1.0
    return low - margin, high + margin


def _limit(item: Item) -> float | None:
    limit = item.alert.threshold
    return limit if limit is not None and _is_drawable(limit) else None


def _is_drawable(value: float) -> bool:
    """Finite, and so that the difference of two is too; not so for NaN."""
    return abs(value) < _LARGEST


def _gaps(times: Sequence[float]) -> frozenset[int]:
    steps = [later - earlier for earlier, later in pairwise(times)]
    longest = _LONGEST_STEP * median(steps)
    return frozenset(index for index, step in enumerate(steps) if step > longest)
