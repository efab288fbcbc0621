"""The files beside each other on disk: the lines of the spool, and what could not be delivered.

A line of the spool is `<crc32> <kind> <body>`. Whole lines are found again among what a power cut or a failing disk
left.
"""

from __future__ import annotations

import os
import re
from binascii import crc32
from collections.abc import Iterable, Iterator
from itertools import islice

from ..files import open_own

SAMPLE, ACKNOWLEDGED, DAMAGED = b"S", b"A", b""

MAX_REJECTED_BYTES = 1024 * 1024
_LONGEST_LINE = 1_000_000
_BEGIN = re.compile(rb"[0-9a-f]{8} [SA] ")
_TRIES = 16


def line(kind: bytes, body: bytes) -> bytes:
    """Return the line of *kind* with *body*."""
    text = b"%s %s" % (kind, body)
    return b"%08x %s\n" % (crc32(text), text)


def lines(file: int, start: int) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield offset, kind and body of each line from *start*; the body of a damaged line is the whole line."""
    with open(file, "rb", closefd=False) as reader:
        reader.seek(start)
        while found := reader.readline(_LONGEST_LINE):
            whole = _whole(found)
            if whole:
                yield start, DAMAGED, found[:whole]
            if whole < len(found):
                yield start + whole, found[whole + 9 : whole + 10], found[whole + 11 : -1]
            start += len(found)


def _whole(found: bytes) -> int:
    """Return where a whole line begins in *found*: a damaged line before it may have lost its line break."""
    for match in islice(_BEGIN.finditer(found), _TRIES):
        start = match.start()
        if found[start:] == line(found[start + 9 : start + 10], found[start + 11 : -1]):
            return start
    return len(found)


class Rejects:
    """A file for what could not be delivered, for a person to look at. When it is full, it starts again empty."""

    def __init__(self, path: str, *, max_bytes: int = MAX_REJECTED_BYTES) -> None:
        self.path = path
        self._max = max_bytes

    def add(self, lines: Iterable[bytes]) -> None:
        """Append *lines*. Raises OSError."""
        file = open_own(self.path, os.O_APPEND)
        try:
            size = os.fstat(file).st_size
            for line in lines:
                text = line.rstrip(b"\n")[: self._max - 1] + b"\n"
                if size + len(text) > self._max:
                    os.ftruncate(file, 0)
                    size = 0
                size += os.write(file, text)
        finally:
            os.close(file)
