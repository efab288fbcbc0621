"""Lists of numbers in few bytes.

Measured values are mostly noise. Deflate cannot shrink noise, and noise among other bytes makes those compress worse.
So each number is stored as its difference from the previous one, or from the median. The low bits of all differences,
as many as are usually in use, are packed side by side without compression. The bits above are nearly always a small
number, and go to zlib.
"""

from array import array
from collections.abc import Iterable, Sequence
from itertools import accumulate
from math import copysign
from operator import sub
from sys import byteorder
from typing import TypeVar

A = TypeVar("A", "array[int]", "array[float]")

_SAME, _FROM_MEDIAN, _FROM_PREVIOUS = 0, 1, 2
"""How a list of integers is stored: all are equal, or as differences."""
_WIDTHS = "bhiq"
_MOST_EXACT = 2**53
_SCALES = (0, 1, 2, 3, 4, 6, 8)
"""Numbers of decimals that are tried, fewest first: agents send percentages with one or two."""
_FEW = 3
_RAW = 15
"""Marker in place of a number of decimals: eight bytes per value."""


class Writer:
    """Collects small numbers and texts in *head*, lists in *body*, and incompressible bits in *noise*."""

    def __init__(self, *, split: bool = True) -> None:
        """*split* False: let zlib compress all bits. The result is larger, and decodes in half the time."""
        self.head, self.body, self.noise = bytearray(), bytearray(), bytearray()
        self._may_split = split

    def number(self, value: int) -> None:
        """Write an integer of any size. Values close to 0 take one byte."""
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
        """Write at least one integer. Each, and each difference, fits 63 bits."""
        ordered, half = sorted(values), len(values) // 2
        median = ordered[half]
        if ordered[0] == ordered[-1]:
            self.number(_SAME)
            self.number(median)
            return
        from_median = sum(ordered[half:]) - sum(ordered[:half]) - median * (len(values) % 2)
        changes = [*map(sub, values[1:], values)]
        if from_median <= (from_previous := sum(map(abs, changes))):
            self._split(_FROM_MEDIAN, median, [value - median for value in values], from_median)
        else:
            self._split(_FROM_PREVIOUS, values[0], changes, from_previous)

    def _split(self, kind: int, start: int, values: Sequence[int], total: int) -> None:
        """Write differences whose absolute values have the sum *total*."""
        width = max((total // len(values)).bit_length() - 1, 0) if self._may_split else 0
        high = [value >> width for value in values] if width else values
        largest = max(max(high), ~min(high))
        power = next(power for power in range(4) if not largest >> (8 << power) - 1)
        for number in (kind | power << 2, width, start):
            self.number(number)
        self.body += _shuffled(array(_WIDTHS[power], high))
        if width:
            self.noise += _packed(values, width)

    def floats(self, values: list[float]) -> None:
        """Write at least one finite number."""
        # Equal values are written once, since `integers` does not write a count.
        kept = values[:1] if values[0] == values[-1] and _is_one_value(values) else values
        for scale in _SCALES:
            if (found := scaled(kept, 10**scale)) is not None:
                self.number(scale)
                self.integers(found)
                return
        self.number(_RAW)
        self.body += _shuffled(array("d", values))


class Reader:
    """Reads what a Writer wrote, in the same order. Raises IndexError or ValueError if bytes are missing."""

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
        packed = int.from_bytes(self._from_body((count + 7) // 8), "big")
        return [digit == "1" for digit in f"{packed:0{count}b}"]

    def integers(self, count: int) -> list[int]:
        kind = self.number()
        if kind == _SAME:
            return [self.number()] * count
        start, values = self._differences(kind, count)
        if kind & 3 == _FROM_PREVIOUS:
            return list(accumulate(values, initial=start))
        return [value + start for value in values]

    def floats(self, count: int) -> list[float]:
        scale = self.number()
        if scale == _RAW:
            return _unshuffled(array("d"), self._from_body(8 * count)).tolist()
        # A float divisor is faster than an int, and exact: both sides fit 53 bits.
        factor, kind = float(10**scale), self.number()
        if kind == _SAME:
            return [self.number() / factor] * count
        start, values = self._differences(kind, count)
        if kind & 3 == _FROM_PREVIOUS:
            return [value / factor for value in accumulate(values, initial=start)]
        return [(value + start) / factor for value in values]

    def _differences(self, kind: int, count: int) -> tuple[int, Iterable[int]]:
        """Return the first number or the median, and the differences."""
        width, start = self.number(), self.number()
        count -= kind & 3 == _FROM_PREVIOUS
        values: Iterable[int] = _unshuffled(array(_WIDTHS[kind >> 2]), self._from_body(count << (kind >> 2)))
        if width:
            low = _low_bits(self._from_noise((width * count + 7) // 8), width, count)
            factor = 1 << width  # a product is faster than a shift
            values = [above * factor + below for above, below in zip(values, low, strict=True)]
        return start, values

    def skip_floats(self, count: int) -> None:
        """Move past what `floats` would read."""
        if self.number() == _RAW:
            self._from_body(8 * count)
        elif (kind := self.number()) == _SAME:
            self.number()
        else:
            width, _ = self.number(), self.number()
            count -= kind & 3 == _FROM_PREVIOUS
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


def scaled(values: list[float], factor: int) -> list[int] | None:
    """Return *values* times *factor* as integers, None if that would not restore the same floats."""
    if max(map(abs, values)) * factor >= _MOST_EXACT:
        return None
    if any(round(value * factor) / factor != value for value in values[:_FEW]):
        return None  # fast exit: too few decimals show in the first values
    found = [round(value * factor) for value in values]
    if [number / factor for number in found] != values or (0 in found and _has_negative_zero(values)):
        return None
    return found


def _is_one_value(values: Sequence[float]) -> bool:
    """True if all values are equal to the last bit."""
    return array("d", values).tobytes() == array("d", values[:1]).tobytes() * len(values)


def _has_negative_zero(values: Sequence[float]) -> bool:
    return any(copysign(1.0, value) < 0 for value in values if not value)


def _packed(values: Sequence[int], width: int) -> bytes:
    """Return the low *width* bits of each value side by side. Eight values take *width* bytes."""
    w, mask = width, (1 << width) - 1
    eights = zip(*[iter([0] * (-len(values) % 8) + [value & mask for value in values])] * 8, strict=True)
    packed = [
        (((((((a << w | b) << w | c) << w | d) << w | e) << w | f) << w | g) << w | h).to_bytes(w, "big")
        for a, b, c, d, e, f, g, h in eights
    ]
    return b"".join(packed)[-((len(values) * w + 7) // 8) :]


_DIGITS_OF = {1: "b", 3: "o", 4: "x"}
_PAIRS = [divmod(number, 4) for number in range(16)]
_VALUES = bytes.maketrans(b"0123456789abcdef", bytes(range(16)))


def _low_bits(packed: bytes, width: int, count: int) -> Sequence[int]:
    """Return *count* numbers of *width* bits that `_packed` wrote."""
    whole = int.from_bytes(packed, "big")
    if (base := _DIGITS_OF.get(width)) is not None:  # most have few bits, and Python writes digits fast
        return f"{whole:0{count}{base}}".encode().translate(_VALUES)
    if width == 2:
        pairs = f"{whole:0{(count + 1) // 2}x}".encode().translate(_VALUES)
        return [number for pair in pairs for number in _PAIRS[pair]][count % 2 :]
    groups, mask, shifts = -(-count // 8), (1 << width) - 1, range(7 * width, -1, -width)
    aligned = (whole << (groups * 8 - count) * width).to_bytes(groups * width, "big")
    eights = [int.from_bytes(aligned[at : at + width], "big") for at in range(0, len(aligned), width)]
    return [eight >> shift & mask for eight in eights for shift in shifts][:count]


def _shuffled(values: "array[int] | array[float]") -> bytes:
    """Return the first byte of each value, then the second of each, and so on: equal bytes are then neighbours."""
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
