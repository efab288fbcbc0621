"""A picture with few colours as a PNG file (RFC 2083), written with the standard library."""

import struct
import zlib
from collections.abc import Sequence

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_INDEXED = 3

Colour = tuple[int, int, int]


class Canvas:
    """Pixels, each an index into *palette* (at most 256 colours), 0 at first."""

    def __init__(self, width: int, height: int, palette: Sequence[Colour]) -> None:
        self.width, self.height, self._palette = width, height, palette
        self._rows = [bytearray(width) for _ in range(height)]

    def paint(self, x: int, y: int, colour: int) -> None:
        """Set one pixel. Row 0 is at the top. Pixels outside the canvas are ignored."""
        if 0 <= x < self.width and 0 <= y < self.height:
            self._rows[y][x] = colour

    def column(self, x: int, top: int, bottom: int, colour: int) -> None:
        """Paint from *top* to *bottom*, both included, in either order."""
        for y in range(min(top, bottom), max(top, bottom) + 1):
            self.paint(x, y, colour)

    def file(self) -> bytes:
        header = struct.pack(">IIBBBBB", self.width, self.height, 8, _INDEXED, 0, 0, 0)
        palette = b"".join(bytes(colour) for colour in self._palette)
        # Each row begins with its filter: 0 for none compresses equal neighbours best.
        pixels = zlib.compress(b"".join(b"\0" + row for row in self._rows), 9)
        chunks = ((b"IHDR", header), (b"PLTE", palette), (b"IDAT", pixels), (b"IEND", b""))
        return _SIGNATURE + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
