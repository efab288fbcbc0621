"""Lists of numbers in few bytes.

What a host measures is mostly noise, and noise is no smaller after zlib than before: there its bits only blur the
statistics of the rest. So each number is told as its difference from the one before or from the middle one, and split:
the low bits, as many as the differences usually have, are packed side by side; what is left above them is a small
number for nearly all, and that is what zlib gets.
"""

from array import array
from collections.abc import Iterable, Sequence
from itertools import accumulate
from math import copysign
from operator import sub
from sys import byteorder
from typing import TypeVar

A = TypeVar("A", "array[int]", "array[float]")

_SAME, _PLAIN, _STEPS = 0, 1, 2
_WIDTHS = "bhiq"
_MOST_EXACT = 2**53
_SCALES = (0, 1, 2, 3, 4, 6, 8)
"""Decimals, the fewest first: agents send percentages with one, and may send two."""
_FEW = 3
_RAW = 15
"""Instead of a number of decimals: eight bytes each."""


class Writer:
    """Small numbers and texts in *head*, lists in *body*, and in *noise* what is not worth compressing."""

    def __init__(self, *, split: bool = True) -> None:
        """*split* False: leave everything to zlib, which is larger, and decodes in half the time."""
        self.head, self.body, self.noise = bytearray(), bytearray(), bytearray()
        self._may_split = split

    def number(self, value: int) -> None:
        """Of any sign and size; close to 0 one byte."""
        rest = value << 1 if value >= 0 else ~(value << 1)
        while rest > 127:
            self.head.append(rest & 127 | 128)
            rest >>= 7
        self.head.append(rest)

    def text(self, value: str) -> None:
        encoded = value.encode()
        self.number(len(encoded))
        self.head += encoded

    def bits(self, values: Sequence[bool]) -> None:
        self.body += _packed(values, 1)

    def integers(self, values: Sequence[int]) -> None:
        """At least one; each, and each difference, of 63 bits."""
        ordered, half = sorted(values), len(values) // 2
        middle = ordered[half]
        if ordered[0] == ordered[-1]:
            self.number(_SAME)
            self.number(middle)
            return
        size = sum(ordered[half:]) - sum(ordered[:half]) - middle * (len(values) % 2)
        steps = [*map(sub, values[1:], values)]
        if size <= (other := sum(map(abs, steps))):
            self._split(_PLAIN, middle, [value - middle for value in values], size)
        else:
            self._split(_STEPS, values[0], steps, other)

    def _split(self, kind: int, start: int, values: Sequence[int], size: int) -> None:
        width = max((size // len(values)).bit_length() - 1, 0) if self._may_split else 0
        high = [value >> width for value in values] if width else values
        largest = max(max(high), ~min(high))
        power = next(power for power in range(4) if not largest >> (8 << power) - 1)
        for number in (kind | power << 2, width, start):
            self.number(number)
        self.body += _shuffled(array(_WIDTHS[power], high))
        if width:
            self.noise += _packed(values, width)

    def floats(self, values: list[float]) -> None:
        """At least one, finite."""
        # One for all, where all are the same: `integers` does not say how many.
        told = values[:1] if values[0] == values[-1] and _is_one_value(values) else values
        for scale in _SCALES:
            if (found := _scaled(told, 10**scale)) is not None:
                self.number(scale)
                self.integers(found)
                return
        self.number(_RAW)
        self.body += _shuffled(array("d", values))


class Reader:
    """Reads, in the same order, what a Writer wrote."""

    def __init__(self, head: bytes, body: bytes = b"", noise: bytes = b"") -> None:
        self._head, self._body, self._noise = head, body, noise
        self.position = self._body_at = self._noise_at = 0

    def number(self) -> int:
        rest = shift = 0
        while (byte := self._head[self.position]) > 127:
            rest |= (byte & 127) << shift
            shift += 7
            self.position += 1
        self.position += 1
        rest |= byte << shift
        return ~(rest >> 1) if rest & 1 else rest >> 1

    def text(self) -> str:
        length = self.number()
        self.position += length
        return self._head[self.position - length : self.position].decode()

    def bits(self, count: int) -> list[bool]:
        return [digit == "1" for digit in _digits(self._from_body((count + 7) // 8), count)]

    def integers(self, count: int) -> list[int]:
        kind = self.number()
        if kind == _SAME:
            return [self.number()] * count
        start, values = self._differences(kind, count)
        return list(accumulate(values, initial=start)) if kind & 3 == _STEPS else [value + start for value in values]

    def floats(self, count: int) -> list[float]:
        scale = self.number()
        if scale == _RAW:
            return _unshuffled(array("d"), self._from_body(8 * count)).tolist()
        # By a float, which is quicker and as exact: neither side has more than 53 bits.
        factor, kind = float(10**scale), self.number()
        if kind == _SAME:
            return [self.number() / factor] * count
        start, values = self._differences(kind, count)
        if kind & 3 == _STEPS:
            return [value / factor for value in accumulate(values, initial=start)]
        return [(value + start) / factor for value in values]

    def _differences(self, kind: int, count: int) -> tuple[int, Iterable[int]]:
        """Of the first or the middle one, and how far each is from it, or from the one before."""
        width, start = self.number(), self.number()
        count -= kind & 3 == _STEPS
        values: Iterable[int] = _unshuffled(array(_WIDTHS[kind >> 2]), self._from_body(count << (kind >> 2)))
        if width:
            low = _low_bits(self._from_noise((width * count + 7) // 8), width, count)
            values = [above << width | below for above, below in zip(values, low, strict=True)]
        return start, values

    def pass_floats(self, count: int) -> None:
        """As `floats`, without the work."""
        if self.number() == _RAW:
            self._from_body(8 * count)
        elif (kind := self.number()) == _SAME:
            self.number()
        else:
            width, _ = self.number(), self.number()
            count -= kind & 3 == _STEPS
            self._from_body(count << (kind >> 2))
            self._from_noise((width * count + 7) // 8)

    def _from_body(self, size: int) -> bytes:
        self._body_at += size
        return _whole(self._body[self._body_at - size : self._body_at], size)

    def _from_noise(self, size: int) -> bytes:
        self._noise_at += size
        return _whole(self._noise[self._noise_at - size : self._noise_at], size)


def _whole(part: bytes, size: int) -> bytes:
    if len(part) < size:
        raise ValueError("cut off")
    return part


def _scaled(values: list[float], factor: int) -> list[int] | None:
    """*values* times *factor* as integers that give back the very same floats; None where some have none."""
    if max(map(abs, values)) * factor >= _MOST_EXACT:
        return None
    if any(round(value * factor) / factor != value for value in values[:_FEW]):
        return None  # most that have too few decimals are found out at once
    found = [round(value * factor) for value in values]
    if [number / factor for number in found] != values or (0 in found and _has_negative_zero(values)):
        return None
    return found


def _is_one_value(values: Sequence[float]) -> bool:
    """To the last bit."""
    return array("d", values).tobytes() == array("d", values[:1]).tobytes() * len(values)


def _has_negative_zero(values: Sequence[float]) -> bool:
    return any(copysign(1.0, value) < 0 for value in values if not value)


def _packed(values: Sequence[int], width: int) -> bytes:
    """The low *width* bits of each side by side: those of eight numbers are as many bytes."""
    w, mask = width, (1 << width) - 1
    eights = zip(*[iter([0] * (-len(values) % 8) + [value & mask for value in values])] * 8, strict=True)
    packed = [
        (((((((a << w | b) << w | c) << w | d) << w | e) << w | f) << w | g) << w | h).to_bytes(w, "big")
        for a, b, c, d, e, f, g, h in eights
    ]
    return b"".join(packed)[-((len(values) * w + 7) // 8) :]


def _digits(packed: bytes, count: int) -> str:
    return f"{int.from_bytes(packed, 'big'):0{count}b}"


def _low_bits(packed: bytes, width: int, count: int) -> list[int]:
    """*count* numbers of *width* bits: eight of them are as many bytes as one has bits."""
    groups, mask, shifts = -(-count // 8), (1 << width) - 1, range(7 * width, -1, -width)
    whole = (int.from_bytes(packed, "big") << (groups * 8 - count) * width).to_bytes(groups * width, "big")
    eights = [int.from_bytes(whole[at : at + width], "big") for at in range(0, len(whole), width)]
    return [eight >> shift & mask for eight in eights for shift in shifts][:count]


def _shuffled(values: "array[int] | array[float]") -> bytes:
    """The first byte of each, then the second of each, and so on: those that hardly change stand together."""
    if byteorder == "big":
        values.byteswap()
    whole = values.tobytes()
    return b"".join(whole[place :: values.itemsize] for place in range(values.itemsize))


def _unshuffled(into: A, planes: bytes) -> A:
    whole, width = bytearray(len(planes)), into.itemsize
    count = len(planes) // width
    for place in range(width):
        whole[place::width] = planes[place * count : (place + 1) * count]
    into.frombytes(whole)
    if byteorder == "big":
        into.byteswap()
    return into
