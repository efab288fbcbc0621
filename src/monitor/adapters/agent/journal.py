"""The lines of a spool: `<crc32> <kind> <body>`, found again among whatever a power cut or a failing disk left."""

from __future__ import annotations

import re
from binascii import crc32
from collections.abc import Iterator
from itertools import islice

SAMPLE, ACKNOWLEDGED, SPOILED = b"S", b"A", b""

_LONGEST_LINE = 1_000_000
_BEGIN = re.compile(rb"[0-9a-f]{8} [SA] ")
_TRIES = 16


def line(kind: bytes, body: bytes) -> bytes:
    text = b"%s %s" % (kind, body)
    return b"%08x %s\n" % (crc32(text), text)


def lines(file: int, start: int) -> Iterator[tuple[int, bytes, bytes]]:
    """Offset, kind and body of each line from *start*; where one is spoiled the body is all of it."""
    with open(file, "rb", closefd=False) as reader:
        reader.seek(start)
        while found := reader.readline(_LONGEST_LINE):
            whole = _whole(found)
            if whole:
                yield start, SPOILED, found[:whole]
            if whole < len(found):
                yield start + whole, found[whole + 9 : whole + 10], found[whole + 11 : -1]
            start += len(found)


def _whole(found: bytes) -> int:
    """Where in *found* a whole line begins: behind what is spoiled, which may have lost the end of its own line."""
    for match in islice(_BEGIN.finditer(found), _TRIES):
        start = match.start()
        if found[start:] == line(found[start + 9 : start + 10], found[start + 11 : -1]):
            return start
    return len(found)
