"""Waiting samples in a file that survives a kill at any instant.

The file is a journal of lines `<crc32> S <sample>` and `<crc32> A <offset>`: every sample before *offset* was
acknowledged. If an A line is lost, samples are sent twice, which is harmless. At the next start, damaged lines are set
aside in another file, and whole ones are found among them.

There is no fsync after a sample: what was written survives the process, and a power cut takes the last seconds only.
"""

from __future__ import annotations

import contextlib
import os
import re
from binascii import crc32
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from ..files import open_own
from ..log import Log

SAMPLE, ACKNOWLEDGED, DAMAGED = b"S", b"A", b""

MAX_BYTES = 16 * 1024 * 1024
"""More than 24 h at 15 s for samples of up to 2.9 kB; usually a sample has less than 1 kB."""

MAX_REJECTED_BYTES = 1024 * 1024
_KEPT_SHARE = 0.9
_LONGEST_OFFSET = 15
_LONGEST_LINE = 1_000_000
_BEGIN = re.compile(rb"[0-9a-f]{8} [SA] ")
_TRIES = 16


class Chunk(NamedTuple):
    """The oldest waiting samples; *position* is the number of samples that left the spool before them."""

    records: tuple[bytes, ...]
    position: int


def first_of(waiting: Iterable[bytes], limit: int, max_bytes: int) -> tuple[bytes, ...]:
    """Return up to *limit* of the *waiting* samples, of *max_bytes* together, but at least one if there is any."""
    records: list[bytes] = []
    size = 0
    for record in waiting:
        size += len(record)
        if records and (len(records) == limit or size > max_bytes):
            break
        records.append(record)
    return tuple(records)


class Spool:
    """Keeps samples, first in, first out. Every method raises OSError if the disk fails; no half line stays."""

    def __init__(self, path: str, log: Log, *, max_bytes: int = MAX_BYTES, slack: int = MAX_BYTES) -> None:
        """*slack*: the bytes of acknowledged samples that may stay in the file while others wait."""
        self._path = path
        self._successor = f"{path}.new"
        self._rejected = f"{path}.rejected"
        self._log = log
        self._max = max_bytes
        self._slack = slack
        self._last: int | None = None
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._successor)  # Left by a kill during compaction.
        self._file = open_own(path)
        self._head = self._end = self._waiting = 0
        self._left = 0
        self._recover()

    def __len__(self) -> int:
        return self._waiting

    def append(self, record: bytes) -> None:
        """Add a sample (one line of text). If the spool is full, the oldest are dropped, which is logged."""
        line = line_of(SAMPLE, record)
        if self._end + len(line) > self._max:
            self._make_room(len(line))
        start = self._end
        self._write(line)
        self._last = start
        self._waiting += 1

    def retract(self) -> bool:
        """Remove the sample that was appended last; return False if it is no longer here."""
        if self._last is None:
            return False
        os.ftruncate(self._file, self._last)
        self._end, self._last = self._last, None
        self._waiting -= 1
        self._note_head()  # An A line after that sample was removed with it.
        return True

    def oldest(self, limit: int, max_bytes: int) -> Chunk:
        """Return up to *limit* samples of *max_bytes* together, but at least one if any waits."""
        records = first_of((record for _, record in self._samples(self._head)), limit, max_bytes)
        if self._waiting and not records:  # Another program wrote to the file, or the disk fails.
            self._log(f"{self._path}: {self._waiting} samples have disappeared from the file")
            self._left += self._waiting
            self._recover()
        return Chunk(records, self._left)

    def acknowledge(self, chunk: Chunk) -> None:
        """Remove those samples of *chunk*, which `oldest` returned, that have not been dropped since."""
        leaving = chunk.position + len(chunk.records) - self._left
        if leaving <= 0:
            return
        samples = self._samples(self._head)
        for _ in range(leaving):
            next(samples, None)
        self._head = next(samples, (self._end, b""))[0]
        self._left += leaving
        self._waiting -= leaving
        if self._last is not None and self._last < self._head:
            self._last = None
        self._note_head()

    def rewrite(self, change: Callable[[bytes], bytes]) -> None:
        """Replace each waiting sample by what *change* makes of it: all of them or, on an error, none."""
        had_last = self._last is not None
        self._end, self._head, self._last = self._copy_from(self._head, change), 0, None
        if had_last:
            self._last = max((start for start, _ in self._samples(0)), default=None)

    def set_aside(self, lines: Iterable[bytes]) -> str:
        """Keep *lines*, which will not be delivered, for a person to look at; return what happened to them."""
        try:
            append_rejected(self._rejected, lines)
        except OSError as error:
            return f"dropped ({self._rejected}: {error.strerror})"
        return f"set aside in {self._rejected}"

    def close(self) -> None:
        os.close(self._file)

    def _recover(self) -> None:
        self._head = self._end = damaged = inside = 0
        self._last = None
        for start, kind, body in lines_of(self._file, 0):
            if kind == DAMAGED:
                damaged += 1
                continue
            if kind == ACKNOWLEDGED:
                self._head = self._acknowledged(body, start) or self._head
            self._end, inside = start + len(line_of(kind, body)), damaged
        if damaged:
            became = self.set_aside(body for _, kind, body in lines_of(self._file, 0) if kind == DAMAGED)
            self._log(f"{self._path}: {damaged} damaged lines are {became}")
            self._leave_out_damaged(inside)
        self._waiting = sum(1 for _ in self._samples(self._head))
        if not self._waiting:
            self._note_head()

    def _acknowledged(self, body: bytes, start: int) -> int:
        """Return the offset in the A line at *start*, before which all is acknowledged; 0 if it is impossible."""
        offset = int(body) if body.isdigit() and len(body) <= _LONGEST_OFFSET else 0
        return offset if 0 < offset <= start and os.pread(self._file, 1, offset - 1) == b"\n" else 0

    def _leave_out_damaged(self, inside: int) -> None:
        if inside:
            with contextlib.suppress(OSError):  # On a full disk they stay, and are skipped.
                self._end, self._head = self._copy_from(self._head), 0
        os.ftruncate(self._file, self._end)

    def _samples(self, start: int) -> Iterator[tuple[int, bytes]]:
        return ((at, body) for at, kind, body in lines_of(self._file, start) if kind == SAMPLE)

    def _write(self, line: bytes) -> None:
        try:
            written = 0
            while written < len(line):
                written += os.pwrite(self._file, line[written:], self._end + written)
        except OSError:
            os.ftruncate(self._file, self._end)
            raise
        self._end += len(line)

    def _note_head(self) -> None:
        if not self._waiting:
            os.ftruncate(self._file, 0)
            self._head = self._end = 0
        elif self._head:
            if self._head > max(self._slack, self._end // 2):  # So each byte is copied once on average.
                with contextlib.suppress(OSError):
                    self._end = self._copy_from(self._head)
                    self._head, self._last = 0, None
                    return
            self._write(line_of(ACKNOWLEDGED, b"%d" % self._head))

    def _make_room(self, needed: int) -> None:
        """Rewrite the file without acknowledged samples and, if that is not enough, without the oldest."""
        wanted = int(self._max * _KEPT_SHARE) - needed
        dropped, head = 0, self._end
        for start, _record in self._samples(self._head):
            if self._end - start <= wanted:
                head = start
                break
            dropped += 1
        self._end = self._copy_from(head)
        self._head, self._last = 0, None
        self._left += dropped
        self._waiting -= dropped
        if dropped:
            self._log(f"{self._path} is full ({self._max} bytes): the {dropped} oldest samples are dropped")

    def _copy_from(self, head: int, change: Callable[[bytes], bytes] = bytes) -> int:
        """Replace the file atomically by one with only the samples from *head* on, *change*d; return its size."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._successor)  # Left by a failed attempt.
        successor = open_own(self._successor, os.O_EXCL)
        try:
            with open(successor, "wb", closefd=False) as file:
                for _start, record in self._samples(head):
                    file.write(line_of(SAMPLE, change(record)))
                end = file.tell()
            os.fsync(successor)
            os.replace(self._successor, self._path)
        except OSError:
            os.close(successor)
            raise
        os.close(self._file)
        self._file = successor
        return end


def line_of(kind: bytes, body: bytes) -> bytes:
    """Return the line of *kind* with *body*."""
    text = b"%s %s" % (kind, body)
    return b"%08x %s\n" % (crc32(text), text)


def lines_of(file: int, start: int) -> Iterator[tuple[int, bytes, bytes]]:
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
        if found[start:] == line_of(found[start + 9 : start + 10], found[start + 11 : -1]):
            return start
    return len(found)


def append_rejected(path: str, lines: Iterable[bytes], max_bytes: int = MAX_REJECTED_BYTES) -> None:
    """Append *lines* to the file at *path*. When it is full, it starts again empty. Raises OSError."""
    file = open_own(path, os.O_APPEND)
    try:
        size = os.fstat(file).st_size
        for line in lines:
            text = line.rstrip(b"\n")[: max_bytes - 1] + b"\n"
            if size + len(text) > max_bytes:
                os.ftruncate(file, 0)
                size = 0
            size += os.write(file, text)
    finally:
        os.close(file)
