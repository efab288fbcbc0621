"""Blocks as series of whole numbers, and back, exact to the last bit.

VictoriaMetrics keeps 12 significant digits of a fraction, all digits of a whole number below 2^53, and milliseconds. So
a value is stored as a whole number of 10^-*scale*, or, if no scale is exact, as the two halves of its 64 bits. A
sample's point lies at its time in milliseconds, or the next free one; the series `@time` has the microseconds since the
start of its block.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
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


@dataclass(slots=True)
class _Points:
    """Points of one block by metric, scale and millisecond."""

    columns: dict[str, dict[str, dict[int, int]]] = field(default_factory=dict)
    is_broken: bool = False

    def add(self, metric: str, scale: str, timestamps: Sequence[int], values: Sequence[float]) -> None:
        held = self.columns.setdefault(metric, {}).setdefault(scale, {})
        for at, value in zip(timestamps, values, strict=True):
            if held.setdefault(at, int(value)) != value:  # two contents under one name
                self.is_broken = True

    def frame(self, start: int) -> Frame:
        times = self.columns.pop(TIME, {}).get("0", {})
        places = {at: index for index, at in enumerate(sorted(times))}
        columns = {metric: _column(scales, places) for metric, scales in self.columns.items()}
        return Frame([start + times[at] for at in places], columns)


def _column(scales: Mapping[str, Mapping[int, int]], places: Mapping[int, int]) -> Values:
    found: list[float | None] = [None] * len(places)
    for scale, points in scales.items():
        if scale == _LOW:
            continue
        low, factor = scales.get(_LOW, {}), 1.0 if scale == _HIGH else float(10 ** int(scale))
        for at, number in points.items():
            if (index := places.get(at)) is not None:
                found[index] = _float(number, low.get(at, 0)) if scale == _HIGH else number / factor
    return found


def _float(high: int, low: int) -> float:
    (value,) = unpack(">d", (high << 32 | low).to_bytes(8, "big"))
    return float(value)


def frames_of(lines: Iterable[Line], blocks: Collection[Block]) -> dict[Block, Frame]:
    """Return the *blocks* that the *lines* hold at least a part of, without those with two values for one sample."""
    wanted = set(blocks)
    found: dict[Block, _Points] = {}
    for line in lines:
        labels = line.metric
        width = int(labels.get("width", "0"))
        of_period = span(width) // _MILLISECOND
        for period, place in _by_period(line.timestamps, of_period):
            block = Block(ServerId(int(labels["server"])), width, period, int(labels["generation"]))
            if block in wanted:
                points = found.setdefault(block, _Points())
                points.add(labels["metric"], labels["scale"], line.timestamps[place], line.values[place])
    return {
        block: points.frame(block.period * span(block.width)) for block, points in found.items() if not points.is_broken
    }


def _by_period(timestamps: Sequence[int], of_period: int) -> Iterator[tuple[int, slice]]:
    """Yield the period and place of each run of points in one period."""
    first = 0
    for index in range(1, len(timestamps) + 1):
        if index == len(timestamps) or timestamps[index] // of_period != timestamps[first] // of_period:
            yield timestamps[first] // of_period, slice(first, index)
            first = index
