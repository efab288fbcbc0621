"""Prometheus' remote-write 1.0 as it comes: a protobuf `WriteRequest` in one snappy block.

The message has four kinds of fields, so it is read here: the library makes an object of each label. A sender repeats
the labels of a series in each request, so what they mean is remembered by their bytes; see decision 47.
"""

import re
from collections.abc import Callable, Iterator
from struct import Struct
from typing import Generic, TypeVar

import cramjam

from monitor.adapters.http.intake.wire import (
    BYTES,
    FIXED64,
    LEAST,
    LONGEST,
    SERIES,
    VARINT,
    BrokenError,
    Runs,
    fields_of,
    unused_at,
    varint,
)
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
_SHORT, _FIELD = 64, 4
"""Bytes of a series beside its first labels that are not counted, and of a field of what is longer: a sample has three
in 18 to 22."""

T = TypeVar("T")
Labels = dict[str, str]
Points = list[tuple[int, float]]
"""Times in milliseconds since 1970, and values."""
_double = Struct("<d").unpack_from
_LABEL, _VALUE, _TIME = 0x0A, 0x09, 0x10
"""Tags, each of a field number and its wire type, as one byte."""
_NAME = re.compile(rb"\x0a.\x0a\x08__name__\x12", re.DOTALL).match
"""Whether a label is that of the metric's name, which senders write first."""
_POINT, _POINT_OF_ZERO = b"\x12\x10\x09", b"\x12\x07"
"""How a sample begins, with a value or without, if a stamp follows."""
_STAMP = re.compile(rb"\x10[\x80-\xff]{5}[\x00-\x7f]", re.DOTALL).fullmatch
"""A time of our days, at the end of a sample."""


class _Count:
    """The fields of a message that were read."""

    def __init__(self) -> None:
        self._left = MAX_FIELDS

    def add(self, count: int) -> None:
        self._left -= count
        if self._left < 0:
            raise BrokenError("too_many_fields", limit=MAX_FIELDS)


class RemoteWrite(Generic[T]):
    """Reads requests. *meaning*: turns the labels of a series into what the caller wants to know of it.

    If it returns None, all series with that metric's name are passed over unread. It must return the same for the same
    labels, until `forget` is called.
    """

    def __init__(self, meaning: Callable[[Labels], T | None]) -> None:
        self._meaning = meaning
        self._known: dict[bytes, T] = {}
        self._runs = Runs()
        self._unused: set[bytes] = set()
        """Labels with the names of metrics that are left out. Of most hosts these are nine series in ten."""
        self._bytes = 0

    def forget(self) -> None:
        self._bytes = 0
        self._runs.forget()
        self._known.clear()
        self._unused.clear()

    def read(self, body: bytes) -> list[tuple[T, Points]]:
        """Return the series of a request. Raises InvalidInput for a body that is not whole and right."""
        if not body:
            raise InvalidInput({"body": Problem("required")})
        try:
            return list(self._series(unpacked(body)))
        except BrokenError as error:
            raise InvalidInput({"body": Problem(error.code, error.params)}) from None

    def _series(self, message: bytes) -> Iterator[tuple[T, Points]]:
        series = samples = at = 0
        fields = _Count()
        while at < len(message):
            room = min(MAX_SERIES - series, MAX_SAMPLES - samples)
            found, count, at = self._repeated(message, at, room + 1)
            yield from found
            series, samples = series + count, samples + count
            _check(series, samples)
            for number, kind, start, stop in fields_of(message, at, len(message)):
                at = stop
                if number != 1:  # metadata, and what later versions add
                    fields.add(_FOREIGN)
                    continue
                if kind != BYTES:
                    raise BrokenError("not_remote_write")
                labels, points, is_plain = _split(message, start, stop, fields)
                series, samples = series + 1, samples + len(points)
                _check(series, samples)
                meaning = self._meaning_of(labels, fields, is_plain)
                if meaning is not None and points:
                    yield meaning, points
                break

    def _repeated(self, message: bytes, at: int, most: int) -> tuple[list[tuple[T, Points]], int, int]:
        """Read *most* series at most, until one has labels that are not known, or more than one sample.

        Return those that are used, how many were read, and where the next one begins. Known labels are compared, not
        read again.
        """
        known, unused, end = self._known, self._unused, len(message)
        found: list[tuple[T, Points]] = []
        left, last, time, stamp, before = most, end - LEAST, 0, b"", b""
        while left and at < last and message[at] == SERIES:
            start, length = at + 2, message[at + 1]
            if length > 0x7F:
                start, length = at + 3, length - 0x80 + (message[at + 2] << 7)
            stop = start + length  # far away if the length has more bytes
            if stop > end or not LEAST <= length <= LONGEST:
                break
            if message[start : start + 2 + message[start + 1]] in unused:
                if not (passed := unused_at(message, at, left, unused)):
                    break
                if before:
                    self._runs.learn(before, message, passed)
                before, at, left = b"", passed[-1][2], left - len(passed)
                continue
            if message[stop - 7 : stop] != stamp:
                stamp = message[stop - 7 : stop]
                time = varint(stamp, 1, 7)[0] if _STAMP(stamp) else 0
            place, value = _value(message, stop)
            labels = message[start:place]
            if not time or not place or (meaning := known.get(labels)) is None:
                break
            found.append((meaning, [(time, value)]))
            at, left, is_all = self._runs.passed_over(labels, message, stop, left - 1, unused)
            before = labels if is_all else b""
        return found, most - left, at

    def _meaning_of(self, encoded: bytes, fields: "_Count", is_plain: bool) -> T | None:
        first = encoded[: 2 + encoded[1]] if len(encoded) > 1 else b""
        if first in self._unused:
            return None
        key = encoded if is_plain else b"\0" + encoded  # of which no labels begin
        try:
            return self._known[key]
        except KeyError:
            pass
        meaning = self._meaning(_labels(encoded, fields))
        if len(self._known) + len(self._unused) >= REMEMBERED or self._bytes > REMEMBERED_BYTES:
            self.forget()  # cheaper than to know which are old
        if meaning is None:
            if _NAME(first):
                self._unused.add(first)
                self._bytes += len(first)
        elif len(encoded) <= LONGEST:
            self._known[key] = meaning
            self._bytes += len(key)
        return meaning


def unpacked(body: bytes) -> bytes:
    """Return the content of a snappy block. Its length is checked before any of it is unpacked."""
    length, start = varint(body, 0, min(len(body), 5), "not_snappy")
    if length > MAX_BYTES:
        raise BrokenError("too_large_unpacked", limit=MAX_BYTES)
    if length == 0:
        if start != len(body):
            raise BrokenError("not_snappy")
        return b""
    try:
        message = bytes(cramjam.snappy.decompress_raw(body))
    except (cramjam.DecompressionError, ValueError, OverflowError):
        raise BrokenError("not_snappy") from None
    if len(message) != length:
        raise BrokenError("not_snappy")
    return message


def _value(message: bytes, stop: int) -> tuple[int, float]:
    """Return where the sample at the end of a series begins, and its value; 0 for both if it is in another form."""
    if message[stop - 18 : stop - 15] == _POINT:
        return stop - 18, _double(message, stop - 15)[0]
    return (stop - 9, 0.0) if message[stop - 9 : stop - 7] == _POINT_OF_ZERO else (0, 0.0)


def _check(series: int, samples: int) -> None:
    if series > MAX_SERIES:
        raise BrokenError("too_many_series", limit=MAX_SERIES)
    if samples > MAX_SAMPLES:
        raise BrokenError("too_many_samples", limit=MAX_SAMPLES)


def _split(message: bytes, start: int, end: int, fields: _Count) -> tuple[bytes, Points, bool]:
    """Return the encoded labels of a series, its samples, and whether the labels are all short and first."""
    at = _after_labels(message, start, end)
    labels = [message[start:at]]
    points: Points = []
    if end - at > _SHORT:
        fields.add((end - at) // _FIELD)
    for number, kind, begin, stop in fields_of(message, at, end):
        if number in (1, 2) and kind != BYTES:
            raise BrokenError("not_remote_write")
        if number == 1:
            labels.append(message[at:stop])
        elif number == 2:
            points.append(_point(message, begin, stop))
            if len(points) > MAX_SAMPLES:
                break
        at = stop
    return b"".join(labels), points, len(labels) == 1


def _after_labels(message: bytes, at: int, end: int) -> int:
    """Return where labels as all senders write them end: first, and neither long nor empty."""
    while at + 1 < end and message[at] == _LABEL and 4 < (length := message[at + 1]) < 0x80 and at + 2 + length <= end:
        at += 2 + length
    return at


def _point(message: bytes, start: int, end: int) -> tuple[int, float]:
    value, at = 0.0, 0
    if end - start > 10 and message[start] == _VALUE and message[start + 9] == _TIME:  # likewise
        at, stop = varint(message, start + 10, end)
        if stop == end:
            return _signed(at), float(_double(message, start + 1)[0])
    for number, kind, begin, stop in fields_of(message, start, end):
        if number == 1 and kind == FIXED64:
            [value] = _double(message, begin)
        elif number == 2 and kind == VARINT:
            at, _ = varint(message, begin, stop)
        elif number in (1, 2):
            raise BrokenError("not_remote_write")
    return _signed(at), value


def _signed(number: int) -> int:
    return number - (1 << 64) if number >= 1 << 63 else number


def _labels(encoded: bytes, fields: _Count) -> Labels:
    found: Labels = {}
    for _, _, start, end in fields_of(encoded, 0, len(encoded)):
        pair = ["", ""]
        for number, kind, begin, stop in fields_of(encoded, start, end):
            fields.add(1)
            if number in (1, 2):
                if kind != BYTES:
                    raise BrokenError("not_remote_write")
                if stop - begin > (MAX_LABEL_NAME, MAX_LABEL_VALUE)[number - 1]:
                    raise BrokenError("label_too_long")
                try:
                    pair[number - 1] = encoded[begin:stop].decode()
                except UnicodeDecodeError:
                    raise BrokenError("invalid_encoding") from None
        if pair[0] in found or len(found) >= MAX_LABELS:
            raise BrokenError("invalid_labels", limit=MAX_LABELS)
        found[pair[0]] = pair[1]
    return found
