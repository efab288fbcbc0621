"""Rollups of ten minutes, an hour and half a day: count, minimum, sum and maximum of each metric.

Rollups are stored in a frame and encoded like one: a bucket's start is its time, and each metric has four columns.
Sums of percentages are exact, so rollups of rollups equal rollups of the samples.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from math import copysign, fsum
from sys import float_info
from typing import cast

from monitor.domain.history.frames import DECLARED, Frame, Values, cut, picked
from monitor.domain.times import SECOND, microseconds, moment

TEN_MINUTES, HOUR = 600 * SECOND, 3600 * SECOND
HALF_DAY = 43_200 * SECOND
ROLLUP_SPANS = {600: 86_400, 3600: 7 * 86_400, 43_200: 28 * 86_400}
"""Seconds that rollups stored together span, by the seconds of one rollup: a day, a week, four weeks."""
COVERED = "covered"
"""Column of the seconds that a bucket's samples account for."""
_PARTS = ("n", "min", "sum", "max")
_NONE = (None, None, None, None)
_LAST = microseconds(datetime.max.replace(tzinfo=UTC))


def start_of_hour(hour: int) -> datetime:
    """Return the start of an hour counted from 1970, at most the last possible datetime."""
    return moment(min(hour * HOUR, _LAST))


def hours_between(start: datetime, end: datetime) -> tuple[int, int]:
    """Return the first hour since 1970 of start <= time < end, and the first hour after it."""
    return microseconds(start) // HOUR, -(-microseconds(end) // HOUR)


def columns_of(metrics: Iterable[str]) -> list[str]:
    """Return the columns to read for these metrics."""
    return [COVERED, *(part for metric in metrics for part in parts_of(metric))]


def parts_of(metric: str) -> list[str]:
    """Return the names of a metric's four columns: n, min, sum, max."""
    return [f"{metric} {part}" for part in _PARTS]


def rolled_up(hour: Frame) -> Frame:
    """Return ten-minute rollups of an hour's samples. Each sample covers the usual interval of that hour."""
    each = hour.usual_gap()
    buckets = list(cut(hour.times, TEN_MINUTES))
    columns: dict[str, Values] = {COVERED: [round((b.stop - b.start) * each, 6) for _, b in buckets]}
    for metric, values in hour.columns.items():
        if metric == DECLARED:
            continue
        held = present_values(values, [place for _, place in buckets])
        rows = [(len(v), min(v), total(v), max(v)) if v else _NONE for v in held]
        columns.update(zip(parts_of(metric), map(list, zip(*rows, strict=True)), strict=True))
    return Frame([begin for begin, _ in buckets], columns)


def folded(rollups: Frame, width: int) -> Frame:
    """Combine rollups into buckets of *width* microseconds, a multiple of their own width."""
    buckets = list(cut(rollups.times, width))
    places = [place for _, place in buckets]
    columns = {COVERED: _folded(rollups.column(COVERED), places, _seconds)}
    for metric in metrics_of(rollups):
        for part, fold in zip(parts_of(metric), _FOLDS, strict=True):
            columns[part] = _folded(rollups.column(part), places, fold)
    return Frame([begin for begin, _ in buckets], columns)


def _folded(values: Values, places: Sequence[slice], fold: Callable[[Sequence[float]], float]) -> Values:
    """Fold each bucket's values; None if it has none."""
    return [fold(some) if some else None for some in present_values(values, places)]


def _seconds(values: Sequence[float]) -> float:
    """Return the sum to the microsecond. Rounding makes it independent of the order of additions."""
    return round(fsum(values), 6)


def present_values(values: Values, places: Iterable[slice]) -> list[Sequence[float]]:
    """Return the values in each slice that are not None."""
    if None in values:
        return [[value for value in values[place] if value is not None] for place in places]
    return [cast(Sequence[float], values[place]) for place in places]


def metrics_of(rollups: Frame) -> list[str]:
    return [name.removesuffix(" n") for name in rollups.columns if name.endswith(" n")]


def total(values: Sequence[float]) -> float:
    """Return the sum, rounded to four decimals if only by float error, and limited to the largest float."""
    try:
        found = fsum(values)
    except OverflowError:
        return copysign(float_info.max, sum(value / len(values) for value in values))
    short = round(found, 4)
    return short if abs(short - found) <= 1e-12 * abs(found) else found


_FOLDS: Sequence[Callable[[Sequence[float]], float]] = (sum, min, total, max)
"""How each of a metric's columns is folded, in the order of `_PARTS`."""


def without(rollups: Frame, hours: Iterable[int]) -> Frame:
    """Return the rollups without those in *hours* (microseconds at which each begins)."""
    dropped = set(hours)
    return picked(rollups, [place for place, time in enumerate(rollups.times) if time - time % HOUR not in dropped])
