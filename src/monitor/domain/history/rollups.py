"""Summaries of ten minutes, an hour and half a day: how many values, the least, the sum, the greatest of each metric.

A frame too, so that it is encoded like any other: a bucket's begin is its time, and each metric has four columns. The
sums of percentages are exact, so that summaries of summaries are the same as summaries of the samples.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from math import copysign, fsum
from sys import float_info
from typing import cast

from monitor.domain.history.frames import DECLARED, Frame, Values, cut
from monitor.domain.times import SECOND, microseconds, moment

TEN_MINUTES, HOUR = 600 * SECOND, 3600 * SECOND
HALF_DAY = 43_200 * SECOND
ROLLUP_SPANS = {600: 86_400, 3600: 7 * 86_400, 43_200: 28 * 86_400}
"""By the width of a summary, how many seconds those span that are stored together: a day, a week, four weeks."""
COVERED = "covered"
"""The column of seconds that a bucket's samples account for."""
_PARTS = ("n", "min", "sum", "max")
_NONE = (None, None, None, None)
_LAST = microseconds(datetime.max.replace(tzinfo=UTC))


def start_of_hour(hour: int) -> datetime:
    """Of an hour since 1970; at the latest the last moment there is."""
    return moment(min(hour * HOUR, _LAST))


def columns_of(metrics: Iterable[str]) -> list[str]:
    """What has to be read for these metrics."""
    return [COVERED, *(part for metric in metrics for part in parts_of(metric))]


def parts_of(metric: str) -> list[str]:
    """Its four columns: n, min, sum, max."""
    return [f"{metric} {part}" for part in _PARTS]


def rolled_up(hour: Frame) -> Frame:
    """An hour's samples in ten-minute buckets. What one sample accounts for is the hour's usual distance of two."""
    each = hour.usual_gap()
    buckets = list(cut(hour.times, TEN_MINUTES))
    columns: dict[str, Values] = {COVERED: [round((b.stop - b.start) * each, 6) for _, b in buckets]}
    for metric, values in hour.columns.items():
        if metric == DECLARED:
            continue
        held = present_values(values, [place for _, place in buckets])
        _add(columns, metric, [(len(v), min(v), total(v), max(v)) if v else _NONE for v in held])
    return Frame([begin for begin, _ in buckets], columns)


def folded(rollups: Frame, width: int) -> Frame:
    """Summaries in wider buckets, of *width* microseconds: a multiple of what they have."""
    buckets = list(cut(rollups.times, width))
    places = [place for _, place in buckets]
    columns = {COVERED: _folded(rollups.column(COVERED), places, _seconds)}
    for metric in metrics_of(rollups):
        for part, fold in zip(parts_of(metric), _folds(), strict=True):
            columns[part] = _folded(rollups.column(part), places, fold)
    return Frame([begin for begin, _ in buckets], columns)


def _folded(values: Values, places: Sequence[slice], fold: Callable[[Sequence[float]], float]) -> Values:
    """None where there is no value."""
    return [fold(some) if some else None for some in present_values(values, places)]


def _seconds(values: Sequence[float]) -> float:
    """Their sum to the microsecond, so that it is the same in whichever steps they are added."""
    return round(fsum(values), 6)


def _folds() -> list[Callable[[Sequence[float]], float]]:
    """In the order of a metric's columns."""
    return [sum, min, total, max]


def present_values(values: Values, places: Iterable[slice]) -> list[Sequence[float]]:
    """What lies at each of these."""
    if None in values:
        return [_there(values[place]) for place in places]
    return [cast(Sequence[float], values[place]) for place in places]


def metrics_of(rollups: Frame) -> list[str]:
    return [name.removesuffix(" n") for name in rollups.columns if name.endswith(" n")]


def total(values: Sequence[float]) -> float:
    """Their sum, to four decimals where that is what was meant; a sum that is no float is the greatest there is."""
    try:
        found = fsum(values)
    except OverflowError:
        return copysign(float_info.max, sum(value / len(values) for value in values))
    short = round(found, 4)
    return short if abs(short - found) <= 1e-12 * abs(found) else found


def _add(columns: dict[str, Values], metric: str, rows: Sequence[tuple[float | None, ...]]) -> None:
    columns.update(zip(parts_of(metric), map(list, zip(*rows, strict=True)), strict=True))


def _there(values: Values) -> list[float]:
    return [value for value in values if value is not None]


def without(rollups: Frame, hours: Iterable[int]) -> Frame:
    """But for the buckets of the hours, or the half days, that begin then."""
    gone = set(hours)
    kept = [place for place, time in enumerate(rollups.times) if time - time % HOUR not in gone]
    picked: Mapping[str, Values] = {name: [held[place] for place in kept] for name, held in rollups.columns.items()}
    return Frame([rollups.times[place] for place in kept], picked)
