"""The last hour as a small PNG: line, area, dashed threshold, and gaps left open."""

import struct
import zlib
from collections.abc import Sequence
from itertools import pairwise

from monitor.adapters.notify.wording.trend import Trend
from monitor.domain.levels import Level

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_INDEXED = 3

Colour = tuple[int, int, int]


class Canvas:
    """Pixels, each an index into *palette* (at most 256 colours), 0 at first."""

    def __init__(self, width: int, height: int, palette: Sequence[Colour]) -> None:
        self.width, self.height, self._palette = width, height, palette
        self._rows = [bytearray(width) for _ in range(height)]

    def column(self, x: int, top: int, bottom: int, colour: int) -> None:
        """Paint from *top* to *bottom*, both included, in either order, but nothing outside. Row 0 is at the top."""
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
