"""Encode a frame as bytes and decode it, exact to the last bit.

Format: one byte for the version, one zlib stream of head and body, then the noise bits (see `numbers`).
A time is stored as its multiple of the usual interval, and its deviation from that. Differences between the multiples
are all 1 while no sample is missing, and compress to nothing. The unit is the coarsest of seconds, milliseconds and
microseconds that is exact.
"""

import zlib
from collections.abc import Collection, Iterable, Sequence
from itertools import accumulate
from math import gcd
from operator import sub

from monitor.domain.errors import MonitorError
from monitor.domain.history.frames import DECLARED, Frame
from monitor.domain.history.numbers import Reader, Writer

VERSION = 2
_LEVEL = 6
_UNITS = (1_000_000, 1000, 1)
# Preset dictionary of deflate, by version: names that nearly every chunk contains. Since version 2 each name is encoded
# as in a chunk, with a count of 240 (an hour at 15 seconds), and an interval of 15 seconds follows.
_NAMES = ("temperature", "swap", "uptime", "net_tx", "net_rx", "load1", "disk:/", "disk", "memory", "cpu", DECLARED)
_KNOWN = {
    1: b"temperature\x05swap\x06uptime\x06net_tx\x06net_rx\x05load1\x05disk:/\x04disk\x06memory\x03cpu",
    2: b"".join(b"%c%b\xe0\x03" % (2 * len(name), name.encode()) for name in _NAMES) + b"\x00\x00\x1e",
}


class BrokenChunk(MonitorError):
    """Bytes that are damaged, or of an unknown version."""


def encode(frame: Frame, *, split: bool = True) -> bytes:
    """Encode rising times (whole microseconds) and finite values. *split*: see `Writer`."""
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
    """Decode the columns *names* (None: all). Raises BrokenChunk."""
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
            _skip_column(reader, count)
    return Frame(times, columns)


def _write_times(writer: Writer, times: Sequence[int]) -> None:
    common = gcd(*times)
    unit = next(unit for unit in _UNITS if not common % unit)
    scaled = [time // unit for time in times]
    first = scaled[0]
    gaps = sorted(map(sub, scaled[1:], scaled))
    usual = gaps[len(gaps) // 2] if gaps else 1
    multiples = [(time - first + usual // 2) // usual for time in scaled]
    writer.number(_UNITS.index(unit))
    writer.number(first)
    writer.number(usual)
    writer.integers([*map(sub, multiples[1:], multiples)] or [0])
    writer.integers([time - first - multiple * usual for time, multiple in zip(scaled, multiples, strict=True)])


def _read_times(reader: Reader, count: int) -> list[int]:
    unit, first, usual = _UNITS[reader.number()], reader.number(), reader.number()
    steps, deviations = reader.integers(max(count - 1, 1)), reader.integers(count)
    expected: Iterable[int] = range(first, first + count * usual, usual)
    if steps.count(1) < count - 1:  # a sample is missing
        expected = accumulate((step * usual for step in steps), initial=first)
    return [(at + deviation) * unit for at, deviation in zip(expected, deviations, strict=True)]


def _write_column(writer: Writer, values: Sequence[float | None]) -> None:
    present = [value for value in values if value is not None]
    writer.number(len(present))
    if len(present) < len(values):
        writer.bits([value is not None for value in values])
    if present:
        writer.floats(present)


def _read_column(reader: Reader, count: int) -> list[float | None]:
    held = reader.number()
    is_present = reader.bits(count) if held < count else None
    found: list[float | None] = [*reader.floats(held)] if held else []
    if is_present is None:
        return found
    rest = iter(found)
    return [next(rest) if present else None for present in is_present]


def _skip_column(reader: Reader, count: int) -> None:
    held = reader.number()
    if held < count:
        reader.bits(count)
    if held:
        reader.skip_floats(held)
