"""Blocks as series of whole numbers, and back, exact to the last bit.

VictoriaMetrics keeps 12 significant digits of a fraction, all digits of a whole number below 2^53, and milliseconds. So
a value is stored as a whole number of 10^-*scale*, or, if no scale is exact, as the two halves of its 64 bits. A
sample's point lies at its time in milliseconds, or the next free one; the series `@time` has the microseconds since the
start of its block.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from struct import pack, unpack

from monitor.application.history.blocks import Block
from monitor.domain.fleet.servers import ServerId
from monitor.domain.history.frames import Frame, Values
from monitor.domain.history.numbers import scaled
from monitor.domain.history.rollups import HOUR, ROLLUP_SPANS
from monitor.domain.times import SECOND

SAMPLE, ROLLUP = "monitor_sample", "monitor_rollup"
TIME = "@time"
"""Metric of the times. No column has this name, since a metric's name has no @ but for the interval's."""
_SCALES = (2, 0, 6)
"""Percentages as agents send them first: the fewer scales a metric uses, the fewer series it has."""
_HIGH, _LOW = "high", "low"
_MILLISECOND = 1000


@dataclass(frozen=True, slots=True)
class Line:
    """One series, or a part of one, in the form of VictoriaMetrics' JSON. *timestamps*: milliseconds."""

    metric: dict[str, str]
    values: Sequence[float]
    timestamps: Sequence[int]


def span(width: int) -> int:
    """Return the microseconds of a block's period."""
    return ROLLUP_SPANS[width] * SECOND if width else HOUR


def limits(block: Block) -> tuple[int, int]:
    """Return the first and the last millisecond of its points."""
    each = span(block.width) // _MILLISECOND
    return block.period * each, (block.period + 1) * each - 1


def lines_of(block: Block, frame: Frame) -> Iterator[Line]:
    """Yield the series of one block."""
    start = block.period * span(block.width)
    places = _places(block, frame.times)
    labels = {"__name__": ROLLUP if block.width else SAMPLE, "server": str(block.server_id)}
    if block.width:
        labels["width"] = str(block.width)

    def line(metric: str, scale: str, values: Values | Sequence[int]) -> Line:
        held = [(value, at) for value, at in zip(values, places, strict=True) if value is not None]
        named = labels | {"metric": metric, "scale": scale, "generation": str(block.generation)}
        return Line(named, [value for value, _ in held], [at for _, at in held])

    if frame.times:
        yield line(TIME, "0", [time - start for time in frame.times])
    for name, values in frame.columns.items():
        if any(value is not None for value in values):
            for scale, numbers in _numbers(values):
                yield line(name, scale, numbers)


def _places(block: Block, times: Sequence[int]) -> list[int]:
    """Return a millisecond for each time: its own, unless it is taken. Rising, and within the block."""
    places: list[int] = []
    free, last = limits(block)
    for time in times:
        free = max(time // _MILLISECOND, free)
        places.append(free)
        free += 1
    for index in range(len(places) - 1, -1, -1):  # what was pushed beyond the end
        if places[index] <= last:
            break
        places[index] = last
        last -= 1
    return places


def _numbers(values: Values) -> list[tuple[str, Values]]:
    """Return (scale, whole numbers) of one series, or of two for the halves of all bits."""
    present = [value for value in values if value is not None]
    for scale in _SCALES:
        if (found := scaled(present, 10**scale)) is not None:
            return [(str(scale), _spread(found, values))]
    halves = [divmod(int.from_bytes(pack(">d", value), "big"), 2**32) for value in present]
    return [(name, _spread([half[place] for half in halves], values)) for place, name in enumerate((_HIGH, _LOW))]


def _spread(numbers: Iterable[float], values: Values) -> Values:
    rest = iter(numbers)
    return [None if value is None else next(rest) for value in values]


class _Conflict(Exception):
    """Two values, or two scales, for one sample: two contents under one name."""


_Parts = dict[str, dict[str, list[tuple[Sequence[int], Sequence[float]]]]]
"""(timestamps, values) of one block by metric and scale."""


def _frame(parts: _Parts, start: int) -> Frame:
    """Raises _Conflict."""
    series = {metric: {scale: _points(some) for scale, some in scales.items()} for metric, scales in parts.items()}
    times = series.pop(TIME, {}).get("0", {})
    places = sorted(times)
    columns = {metric: _column(scales, places) for metric, scales in series.items()}
    return Frame([start + int(times[at]) for at in places], columns)


def _points(parts: Iterable[tuple[Sequence[int], Sequence[float]]]) -> dict[int, float]:
    """Return value by timestamp. A point may be there several times. Raises _Conflict."""
    found: dict[int, float] = {}
    for timestamps, values in parts:
        fresh = dict(zip(timestamps, values, strict=True))
        if len(fresh) < len(timestamps) or not found.keys().isdisjoint(fresh):
            known = fresh | found
            if any(known[at] != value for at, value in zip(timestamps, values, strict=True)):
                raise _Conflict
        found |= fresh
    return found


def _column(scales: Mapping[str, Mapping[int, float]], places: Sequence[int]) -> Values:
    if scales.keys() == {_HIGH, _LOW}:
        high, low = scales[_HIGH], scales[_LOW]
        return [_float(int(high[at]), int(low.get(at, 0))) if at in high else None for at in places]
    if len(scales) != 1 or _HIGH in scales or _LOW in scales:
        raise _Conflict
    ((scale, points),) = scales.items()
    factor = float(10 ** int(scale))
    return [None if (number := points.get(at)) is None else number / factor for at in places]


def _float(high: int, low: int) -> float:
    (value,) = unpack(">d", (high << 32 | low).to_bytes(8, "big"))
    return float(value)


def frames_of(lines: Iterable[Line], blocks: Collection[Block]) -> dict[Block, Frame]:
    """Return the *blocks* that the *lines* hold at least a part of, without those with two values for one sample."""
    wanted = set(blocks)
    parts: dict[Block, _Parts] = {}
    for line in lines:
        labels = line.metric
        width = int(labels.get("width", "0"))
        of_period = span(width) // _MILLISECOND
        for period, place in _by_period(line.timestamps, of_period):
            block = Block(ServerId(int(labels["server"])), width, period, int(labels["generation"]))
            if block in wanted:
                of_metric = parts.setdefault(block, {}).setdefault(labels["metric"], {})
                of_metric.setdefault(labels["scale"], []).append((line.timestamps[place], line.values[place]))
    found: dict[Block, Frame] = {}
    for block, of_block in parts.items():
        with suppress(_Conflict):
            found[block] = _frame(of_block, block.period * span(block.width))
    return found


def _by_period(timestamps: Sequence[int], of_period: int) -> Iterator[tuple[int, slice]]:
    """Yield the period and place of each run of points in one period. *timestamps* rise."""
    first = 0
    while first < len(timestamps):
        period = timestamps[first] // of_period
        last = bisect_left(timestamps, (period + 1) * of_period, first)
        yield period, slice(first, last)
        first = last
