"""The last hour of a metric as one line of text, or as a small PNG: line, area, dashed threshold, gaps left open."""

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from statistics import median

from monitor.adapters.notify.wording.texts import format_value, say
from monitor.application.notifications.sender_ports import Item
from monitor.domain.intake.metrics import bounds, has_readings, is_percent, reading
from monitor.domain.levels import Level

WINDOW = timedelta(hours=1)
# More than three intervals without a sample are a gap, as for the alert engine.
_LONGEST_STEP = 3.0
_MARGIN = 0.08
_LARGEST = 1e300
_BARS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True)
class Trend:
    """Points of a line chart: (x, y), both from 0 to 1, oldest first. *breaks_after*: indexes of points before a gap.
    *threshold*: its y, None if it is not in the chart. *lowest*, *highest*: values of the metric."""

    points: Sequence[tuple[float, float]]
    breaks_after: frozenset[int]
    threshold: float | None
    lowest: float
    highest: float


def trend_of(item: Item, window: timedelta = WINDOW) -> Trend | None:
    """Return the last hour of *item*, or another *window*; None if it has fewer than two samples."""
    known = sorted((p for p in item.last_hour if _is_drawable(p.value)), key=lambda point: point.at)
    begin = item.at - window
    known = [point for point in known if begin <= point.at <= item.at]
    if len(known) < 2:
        return None
    times = [(point.at - begin) / window for point in known]
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


def charted(item: Item, trend: Trend, language: int) -> str:
    """Return the least and the greatest value of a chart, or what its bottom and top mean."""
    metric = item.alert.metric
    if has_readings(metric):
        return say("bottom_top", language, bottom=reading(metric, 0, language), top=reading(metric, 1, language))
    low, high = (format_value(metric, value, language) for value in (trend.lowest, trend.highest))
    return say("from_to", language, low=low, high=high)


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


_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_INDEXED = 3

Colour = tuple[int, int, int]


class Canvas:
    """Pixels, each an index into *palette* (at most 256 colours), 0 at first."""

    def __init__(self, width: int, height: int, palette: Sequence[Colour]) -> None:
        self.width, self.height, self._palette = width, height, palette
        self._rows = [bytearray(width) for _ in range(height)]

    def column(self, x: int, top: int, bottom: int, colour: int) -> None:
        """Paint from *top* to *bottom*, both included, in either order. Row 0 is the top; rows outside are skipped."""
        if 0 <= x < self.width:
            for row in self._rows[max(min(top, bottom), 0) : max(top, bottom, -1) + 1]:
                row[x] = colour

    def file(self) -> bytes:
        header = struct.pack(">IIBBBBB", self.width, self.height, 8, _INDEXED, 0, 0, 0)
        palette = b"".join(bytes(colour) for colour in self._palette)
        # Each row begins with its filter: 0 for none compresses equal neighbours best.
        pixels = zlib.compress(b"".join(b"\0" + row for row in self._rows), 9)
        chunks = ((b"IHDR", header), (b"PLTE", palette), (b"IDAT", pixels), (b"IEND", b""))
        return _SIGNATURE + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


WIDTH, HEIGHT = 240, 48
"""In pixels of the mail. The picture has twice as many each way, for sharp screens."""
_SCALE = 2
_PAPER, _AREA, _LINE, _LIMIT = range(4)
_WHITE: Colour = (255, 255, 255)
_GREY: Colour = (144, 147, 153)
_COLOURS: dict[Level, tuple[Colour, Colour]] = {
    Level.OK: ((232, 244, 236), (46, 140, 87)),
    Level.WARNING: ((253, 243, 224), (207, 130, 20)),
    Level.CRITICAL: ((253, 234, 236), (200, 40, 60)),
}
_THICKNESS = 3
_DASH = 8


def chart(trend: Trend, level: Level) -> bytes:
    """Return a PNG file."""
    area, line = _COLOURS[level]
    canvas = Canvas(WIDTH * _SCALE, HEIGHT * _SCALE, (_WHITE, area, line, _GREY))
    joined = [pair for index, pair in enumerate(pairwise(trend.points)) if index not in trend.breaks_after]
    points = [(_x(canvas, x), _y(canvas, y)) for x, y in trend.points]
    segments = [((_x(canvas, a), _y(canvas, b)), (_x(canvas, c), _y(canvas, d))) for (a, b), (c, d) in joined]
    for begin, end in segments:
        for x, y in _between(begin, end):
            canvas.column(x, y, canvas.height - 1, _AREA)
    if trend.threshold is not None:
        _dashes(canvas, _y(canvas, trend.threshold))
    for begin, end in segments:
        _stroke(canvas, begin, end)
    for point in points:  # a point between two gaps is on no line
        _stroke(canvas, point, point)
    return canvas.file()


def _x(canvas: Canvas, x: float) -> int:
    return round(x * (canvas.width - 1))


def _y(canvas: Canvas, y: float) -> int:
    return round((1 - y) * (canvas.height - _THICKNESS)) + _THICKNESS // 2


def _between(begin: tuple[int, int], end: tuple[int, int]) -> list[tuple[int, int]]:
    """Return one point for each column from *begin* to *end*."""
    (x0, y0), (x1, y1) = begin, end
    if x1 == x0:
        return [(x0, min(y0, y1))]
    return [(x, round(y0 + (y1 - y0) * (x - x0) / (x1 - x0))) for x in range(x0, x1 + 1)]


def _stroke(canvas: Canvas, begin: tuple[int, int], end: tuple[int, int]) -> None:
    half = _THICKNESS // 2
    path = [begin, *_between(begin, end), end]
    for (x, y), (_, next_y) in pairwise(path):
        top, bottom = min(y, next_y) - half, max(y, next_y) + half
        for width in range(-half, half + 1):
            canvas.column(x + width, top, bottom, _LINE)


def _dashes(canvas: Canvas, y: int) -> None:
    for x in range(canvas.width):
        if x // _DASH % 2 == 0:
            canvas.column(x, y, y + 1, _LIMIT)
