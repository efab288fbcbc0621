"""A frame as bytes, and back, exact to the last bit.

A byte for the version, one zlib stream of a head and a body, and the noise, packed: see `numbers`. Times are told as
their place in the usual rhythm, which costs nothing while nothing goes missing, and how far each is off it, in the
coarsest of seconds, milliseconds and microseconds that tells them all.
"""

import zlib
from collections.abc import Collection, Sequence
from itertools import accumulate
from math import gcd
from operator import sub

from monitor.domain.errors import MonitorError
from monitor.domain.history.frames import DECLARED, Frame
from monitor.domain.history.numbers import Reader, Writer

VERSION = 2
_LEVEL = 6
_UNITS = (1_000_000, 1000, 1)
# What deflate has seen before anything else, by version: the names that nearly every chunk holds, and since the second
# in the bytes that it says them in, with the 240 values of an hour; the last is an interval of 15 seconds.
_NAMES = ("temperature", "swap", "uptime", "net_tx", "net_rx", "load1", "disk:/", "disk", "memory", "cpu", DECLARED)
_KNOWN = {
    1: b"temperature\x05swap\x06uptime\x06net_tx\x06net_rx\x05load1\x05disk:/\x04disk\x06memory\x03cpu",
    2: b"".join(b"%c%b\xe0\x03" % (2 * len(name), name.encode()) for name in _NAMES) + b"\x00\x00\x1e",
}


class BrokenChunk(MonitorError):
    """Bytes that no version of this program has written, or that were changed since."""


def encode(frame: Frame, *, split: bool = True) -> bytes:
    """Times of whole microseconds, rising, and finite numbers. *split*: see `Writer`."""
    writer = Writer(split=split)
    writer.number(len(frame.times))
    if frame.times:
        _write_times(writer, frame.times)
    writer.number(len(frame.columns))
    for name, values in frame.columns.items():
        writer.text(name)
        _write_column(writer, values)
    length = Writer()
    length.number(len(writer.head))
    deflate = zlib.compressobj(_LEVEL, strategy=zlib.Z_FILTERED, zdict=_KNOWN[VERSION])
    packed = deflate.compress(length.head + writer.head + writer.body) + deflate.flush()
    return bytes([VERSION]) + packed + writer.noise


def decode(data: bytes, names: Collection[str] | None = None) -> Frame:
    """*names*: of these columns alone. Raises BrokenChunk."""
    if not data or (known := _KNOWN.get(data[0])) is None:
        raise BrokenChunk(f"version {data[:1].hex() or 'missing'}")
    try:
        inflate = zlib.decompressobj(zdict=known)
        whole = inflate.decompress(data[1:])
        if not inflate.eof:
            raise BrokenChunk("cut off")
        return _read(whole, inflate.unused_data, names)
    except (zlib.error, IndexError, ValueError) as error:
        raise BrokenChunk(str(error)) from error


def _read(whole: bytes, noise: bytes, names: Collection[str] | None) -> Frame:
    start = Reader(whole[:10])
    length = start.number()
    end = start.position + length
    reader = Reader(whole[start.position : end], whole[end:], noise)
    count = reader.number()
    times = _read_times(reader, count) if count else []
    columns: dict[str, list[float | None]] = {}
    for _ in range(reader.number()):
        if names is not None and len(columns) == len(names):
            break
        name = reader.text()
        if names is None or name in names:
            columns[name] = _read_column(reader, count)
        else:
            _pass_column(reader, count)
    return Frame(times, columns)


def _write_times(writer: Writer, times: Sequence[int]) -> None:
    common = gcd(*times)
    unit = next(unit for unit in _UNITS if not common % unit)
    moments = [time // unit for time in times]
    first = moments[0]
    gaps = sorted(map(sub, moments[1:], moments))
    rhythm = gaps[len(gaps) // 2] if gaps else 1
    places = [(moment - first + rhythm // 2) // rhythm for moment in moments]
    writer.number(_UNITS.index(unit))
    writer.number(first)
    writer.number(rhythm)
    writer.integers([*map(sub, places[1:], places)] or [0])
    writer.integers([moment - first - place * rhythm for moment, place in zip(moments, places, strict=True)])


def _read_times(reader: Reader, count: int) -> list[int]:
    unit, first, rhythm = _UNITS[reader.number()], reader.number(), reader.number()
    places = accumulate(reader.integers(max(count - 1, 1)), initial=0)
    return [
        (first + place * rhythm + off) * unit for place, off in zip(places, reader.integers(count), strict=count > 1)
    ]


def _write_column(writer: Writer, values: Sequence[float | None]) -> None:
    there = [value for value in values if value is not None]
    writer.number(len(there))
    if len(there) < len(values):
        writer.bits([value is not None for value in values])
    if there:
        writer.floats(there)


def _read_column(reader: Reader, count: int) -> list[float | None]:
    held = reader.number()
    there = reader.bits(count) if held < count else None
    found: list[float | None] = [*reader.floats(held)] if held else []
    if there is None:
        return found
    rest = iter(found)
    return [next(rest) if is_there else None for is_there in there]


def _pass_column(reader: Reader, count: int) -> None:
    held = reader.number()
    if held < count:
        reader.bits(count)
    if held:
        reader.pass_floats(held)
