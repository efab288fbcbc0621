"""Prometheus' remote-write 1.0 as it comes: a protobuf `WriteRequest` in one snappy block.

The message has four kinds of fields, so it is read here: `protobuf` makes an object of each label, and then asks for
each again. A sender repeats the labels of a series in each request, so what they mean is remembered by their bytes; see
decision 47.
"""

import re
from collections.abc import Callable, Iterator
from struct import Struct
from typing import Generic, TypeVar

import cramjam

from monitor.domain.errors import InvalidInput, Problem

MAX_PACKED = 4_000_000
"""Bytes of a body."""
MAX_BYTES = 32_000_000
"""Bytes of an unpacked message, the usual limit of receivers."""
MAX_SERIES = 100_000
MAX_SAMPLES = 200_000
MAX_FIELDS = 2_000_000
"""Fields of any kind, by their number or their bytes: a new series has some 20 labels, names and values."""
MAX_LABELS = 128
MAX_LABEL_NAME = 1024
MAX_LABEL_VALUE = 4096
_FOREIGN = 4
"""As many counts one that is not a series: no sender has many."""
REMEMBERED = 100_000
"""Series whose labels are remembered, of about 400 bytes each: those of 700 hosts. Or metrics that nobody uses."""
REMEMBERED_BYTES = 25_000_000
"""Of their labels."""
_LONGEST_REMEMBERED = 2048
_SHORT, _FIELD = 64, 4
"""Bytes of a series beside its first labels that are not counted, and of a field of what is longer: a sample has three
in 18 to 22."""

T = TypeVar("T")
Labels = dict[str, str]
Points = list[tuple[int, float]]
"""Times in milliseconds since 1970, and values."""
_double = Struct("<d").unpack_from
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_LABEL, _VALUE, _TIME = 0x0A, 0x09, 0x10
"""Tags, each of a field number and its wire type, as one byte."""


_NAME = re.compile(rb"\x0a.\x0a\x08__name__\x12", re.DOTALL).match
"""Whether a label is that of the metric's name, which senders write first."""


class _BrokenError(Exception):
    """*code*: of a problem."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


class _Count:
    """The fields of a message that were read."""

    def __init__(self) -> None:
        self._left = MAX_FIELDS

    def add(self, count: int) -> None:
        self._left -= count
        if self._left < 0:
            raise _BrokenError("too_many_fields", limit=MAX_FIELDS)


class RemoteWrite(Generic[T]):
    """Reads requests. *meaning*: turns the labels of a series into what the caller wants to know of it.

    None leaves out its metric, so all series of that name. For the same labels it has to return the same, until
    `forget` is called.
    """

    def __init__(self, meaning: Callable[[Labels], T | None]) -> None:
        self._meaning = meaning
        self._known: dict[bytes, T] = {}
        self._unused: set[bytes] = set()
        """Labels with the names of metrics that are left out. Of most hosts these are nine series in ten."""
        self._bytes = 0

    def forget(self) -> None:
        self._bytes = 0
        self._known.clear()
        self._unused.clear()

    def read(self, body: bytes) -> list[tuple[T, Points]]:
        """Return the series of a request. Raises InvalidInput for a body that is not whole and right."""
        if not body:
            raise InvalidInput({"body": Problem("required")})
        try:
            return list(self._series(unpacked(body)))
        except _BrokenError as error:
            raise InvalidInput({"body": Problem(error.code, error.params)}) from None

    def _series(self, message: bytes) -> Iterator[tuple[T, Points]]:
        series = samples = 0
        fields = _Count()
        for number, kind, start, end in _fields(message, 0, len(message)):
            if number != 1:  # metadata, and what later versions add
                fields.add(_FOREIGN)
                continue
            if kind != _BYTES:
                raise _BrokenError("not_remote_write")
            series += 1
            labels, points = _split(message, start, end, fields)
            samples += len(points)
            if series > MAX_SERIES:
                raise _BrokenError("too_many_series", limit=MAX_SERIES)
            if samples > MAX_SAMPLES:
                raise _BrokenError("too_many_samples", limit=MAX_SAMPLES)
            meaning = self._meaning_of(labels, fields)
            if meaning is not None and points:
                yield meaning, points

    def _meaning_of(self, encoded: bytes, fields: "_Count") -> T | None:
        first = encoded[: 2 + encoded[1]] if len(encoded) > 1 else b""
        if first in self._unused:
            return None
        try:
            return self._known[encoded]
        except KeyError:
            pass
        meaning = self._meaning(_labels(encoded, fields))
        if len(self._known) + len(self._unused) >= REMEMBERED or self._bytes > REMEMBERED_BYTES:
            self.forget()  # cheaper than to know which are old
        if meaning is None:
            if _NAME(first):
                self._unused.add(first)
                self._bytes += len(first)
        elif len(encoded) <= _LONGEST_REMEMBERED:
            self._known[encoded] = meaning
            self._bytes += len(encoded)
        return meaning


def unpacked(body: bytes) -> bytes:
    """Return the content of a snappy block. Its length is checked before any of it is unpacked."""
    length, start = _varint(body, 0, min(len(body), 5), "not_snappy")
    if length > MAX_BYTES:
        raise _BrokenError("too_large_unpacked", limit=MAX_BYTES)
    if length == 0:
        if start != len(body):
            raise _BrokenError("not_snappy")
        return b""
    try:
        message = bytes(cramjam.snappy.decompress_raw(body))
    except (cramjam.DecompressionError, ValueError, OverflowError):
        raise _BrokenError("not_snappy") from None
    if len(message) != length:
        raise _BrokenError("not_snappy")
    return message


def _split(message: bytes, start: int, end: int, fields: _Count) -> tuple[bytes, Points]:
    """Return the encoded labels of a series, and its samples."""
    at = start
    # As all senders write it: labels first, and neither long nor empty. What follows is also right without this.
    while at + 1 < end and message[at] == _LABEL and 4 < (length := message[at + 1]) < 0x80 and at + 2 + length <= end:
        at += 2 + length
    labels = [message[start:at]]
    points: Points = []
    if end - at > _SHORT:
        fields.add((end - at) // _FIELD)
    for number, kind, begin, stop in _fields(message, at, end):
        if number in (1, 2) and kind != _BYTES:
            raise _BrokenError("not_remote_write")
        if number == 1:
            labels.append(message[at:stop])
        elif number == 2:
            points.append(_point(message, begin, stop))
            if len(points) > MAX_SAMPLES:
                break
        at = stop
    return b"".join(labels), points


def _point(message: bytes, start: int, end: int) -> tuple[int, float]:
    value, at = 0.0, 0
    if end - start > 10 and message[start] == _VALUE and message[start + 9] == _TIME:  # likewise
        at, stop = _varint(message, start + 10, end)
        if stop == end:
            return _signed(at), float(_double(message, start + 1)[0])
    for number, kind, begin, stop in _fields(message, start, end):
        if number == 1 and kind == _FIXED64:
            [value] = _double(message, begin)
        elif number == 2 and kind == _VARINT:
            at, _ = _varint(message, begin, stop)
        elif number in (1, 2):
            raise _BrokenError("not_remote_write")
    return _signed(at), value


def _signed(number: int) -> int:
    return number - (1 << 64) if number >= 1 << 63 else number


def _labels(encoded: bytes, fields: _Count) -> Labels:
    found: Labels = {}
    for _, _, start, end in _fields(encoded, 0, len(encoded)):
        pair = ["", ""]
        for number, kind, begin, stop in _fields(encoded, start, end):
            fields.add(1)
            if number in (1, 2):
                if kind != _BYTES:
                    raise _BrokenError("not_remote_write")
                if stop - begin > (MAX_LABEL_NAME, MAX_LABEL_VALUE)[number - 1]:
                    raise _BrokenError("label_too_long")
                try:
                    pair[number - 1] = encoded[begin:stop].decode()
                except UnicodeDecodeError:
                    raise _BrokenError("invalid_encoding") from None
        if pair[0] in found or len(found) >= MAX_LABELS:
            raise _BrokenError("invalid_labels", limit=MAX_LABELS)
        found[pair[0]] = pair[1]
    return found


def _fields(message: bytes, position: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield number, wire type, and where the value begins and stops, of each field. Raises _BrokenError."""
    while position < end:
        if (tag := message[position]) < 0x80:
            position += 1
        else:
            tag, position = _varint(message, position, end)
        kind = tag & 7
        begin = position
        if kind == _BYTES:
            if position < end and (length := message[position]) < 0x80:
                begin = position + 1
            else:
                length, begin = _varint(message, position, end)
            position = begin + length
        elif kind == _FIXED64:
            position += 8
        elif kind == _VARINT:
            _, position = _varint(message, position, end)
        elif kind == _FIXED32:
            position += 4
        else:  # groups, which are no part of it
            raise _BrokenError("not_remote_write")
        if position > end or tag < 8:
            raise _BrokenError("not_remote_write")
        yield tag >> 3, kind, begin, position


def _varint(message: bytes, position: int, end: int, code: str = "not_remote_write") -> tuple[int, int]:
    """Return an unsigned number of up to 64 bits, and where it stops. Raises _BrokenError."""
    value = shift = 0
    while position < end and shift < 70:
        byte = message[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFF_FFFF_FFFF_FFFF, position
        shift += 7
    raise _BrokenError(code)
