"""The bytes of a remote write: the fields of its messages, and series that are passed over.

Series that nobody uses come many in a row. What followed a series the last time is passed over at once, if it is the
same again.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import lru_cache
from struct import Struct

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
SERIES = 0x0A
"""Its tag in a message: a field number and its wire type, as one byte."""
LEAST, LONGEST = 22, 2048
"""Bytes of a series that is read at once: a sample has 18."""
_TOGETHER = 32
"""Series that are compared at once. Where one has another length, as that of a zero, all are looked at."""
_PATIENCE = 4
"""Times that this happens until they are compared with what came the last time."""
MAX_SERIES, MAX_HEADS = 300_000, 50_000
"""Series in all runs, of about 32 bytes each: those of 700 hosts. And how many of them begin differently."""
Bounds = tuple[int, int, int]
"""Where a series begins, where its first label ends, and where it ends itself."""
_layout = lru_cache(maxsize=1024)(Struct)


class BrokenError(Exception):
    """*code*: of a problem."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


def fields_of(message: bytes, position: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield number, wire type, and where the value begins and stops, of each field. Raises BrokenError."""
    while position < end:
        if (tag := message[position]) < 0x80:
            position += 1
        else:
            tag, position = varint(message, position, end)
        kind = tag & 7
        begin = position
        if kind == BYTES:
            if position < end and (length := message[position]) < 0x80:
                begin = position + 1
            else:
                length, begin = varint(message, position, end)
            position = begin + length
        elif kind == FIXED64:
            position += 8
        elif kind == VARINT:
            _, position = varint(message, position, end)
        elif kind == FIXED32:
            position += 4
        else:  # groups, which are no part of it
            raise BrokenError("not_remote_write")
        if position > end or tag < 8:
            raise BrokenError("not_remote_write")
        yield tag >> 3, kind, begin, position


def varint(message: bytes, position: int, end: int, code: str = "not_remote_write") -> tuple[int, int]:
    """Return an unsigned number of up to 64 bits, and where it stops. Raises BrokenError."""
    value = shift = 0
    while position < end and shift < 70:
        byte = message[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFF_FFFF_FFFF_FFFF, position
        shift += 7
    raise BrokenError(code)


def unused_at(message: bytes, at: int, most: int, unused: Collection[bytes]) -> list[Bounds]:
    """Return the bounds of the series from *at* on whose first labels, the names of their metrics, are *unused*."""
    found: list[Bounds] = []
    last = len(message) - LEAST
    while len(found) < most and at < last and message[at] == SERIES:
        start, length = at + 2, message[at + 1]
        if length > 0x7F:
            start, length = at + 3, length - 0x80 + (message[at + 2] << 7)
        stop, label = start + length, start + 2 + message[start + 1]  # far away if the length has more bytes
        if not LEAST <= length <= LONGEST or label > stop or stop > last + LEAST or message[start:label] not in unused:
            break
        found.append((at, label, stop))
        at = stop
    return found


class _Run:
    """*heads_of*: returns all of each series from its tag to the end of its first label."""

    __slots__ = ("heads", "heads_of", "misses", "series", "size")
    heads_of: Callable[[bytes, int], tuple[bytes, ...]]

    def __init__(self, message: bytes, series: Sequence[Bounds], heads: dict[bytes, bytes]) -> None:
        layout = _layout("".join([f"{label - begin}s{end - label}x" for begin, label, end in series]))
        self.series, self.size, self.misses = len(series), layout.size, 0
        self.heads_of = layout.unpack_from
        self.heads = tuple([heads.setdefault(head, head) for head in layout.unpack_from(message, series[0][0])])


class Runs:
    """What follows a series that is used, by the labels of that one."""

    def __init__(self) -> None:
        self._after: dict[bytes, list[_Run]] = {}
        self._heads: dict[bytes, bytes] = {}
        self._series = 0

    def forget(self) -> None:
        self._series = 0
        self._after.clear()
        self._heads.clear()

    def learn(self, labels: bytes, message: bytes, series: Sequence[Bounds]) -> None:
        """Remember that these *series* follow after what is remembered."""
        if self._series + len(series) > MAX_SERIES or len(self._heads) > MAX_HEADS:
            return
        some = [series[first : first + _TOGETHER] for first in range(0, len(series), _TOGETHER)]
        self._after.setdefault(labels, []).extend([_Run(message, each, self._heads) for each in some])
        self._series += len(series)

    def passed_over(
        self, labels: bytes, message: bytes, at: int, left: int, unused: Collection[bytes]
    ) -> tuple[int, int, bool]:
        """Pass over *left* series at most. Return where they end, how many are left, and if that is all known of."""
        runs = self._after.get(labels, [])
        for number, run in enumerate(runs):
            if run.series > left or at + run.size > len(message):
                return at, left, False
            if run.heads_of(message, at) == run.heads:
                run.misses, at, left = 0, at + run.size, left - run.series
                continue
            series = unused_at(message, at, run.series, unused)
            if len(series) < run.series:
                self._series -= sum([each.series for each in self._after.pop(labels, ())])
                return at, left, False
            run.misses += 1
            if run.misses == _PATIENCE and len(self._heads) <= MAX_HEADS:
                runs[number] = _Run(message, series, self._heads)
            at, left = series[-1][2], left - len(series)
        return at, left, True
