"""Samples that wait for the server, in a file that survives a kill at any instant.

The file is a journal of lines `<crc32> S <sample>` and `<crc32> A <offset>`; the latter says that every sample before
*offset* was acknowledged. Lines are only ever added at the end, so whatever was torn by a kill is at the end too and is
cut off at the next start. A lost A line costs samples that are sent twice, which the server recognises; no sample is
ever lost to it.

Nothing is forced to the disk: the kernel keeps what was written when the process dies, and only a power cut can take
the last seconds.
"""

from __future__ import annotations

import contextlib
import os
from binascii import crc32
from collections.abc import Iterator
from typing import NamedTuple

from .log import Say

MAX_BYTES = 16 * 1024 * 1024
"""More than 24 h at 15 s for samples of up to 2.9 kB; an ordinary one is under 1 kB."""

_KEPT_SHARE = 0.9
_LONGEST_LINE = 1_000_000


class Chunk(NamedTuple):
    """The oldest waiting samples; *position* counts those that left before them."""

    records: tuple[bytes, ...]
    position: int


class Spool:
    """First in, first out. Raises OSError from every method where the disk refuses; nothing half-written stays."""

    def __init__(self, path: str, say: Say, *, max_bytes: int = MAX_BYTES) -> None:
        self._path = path
        self._say = say
        self._max = max_bytes
        self._last: int | None = None
        with contextlib.suppress(FileNotFoundError):
            os.unlink(_successor(path))  # A kill during compaction left it.
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        self._head = self._end = self._waiting = 0
        self._left = 0
        self._recover()

    def __len__(self) -> int:
        return self._waiting

    def append(self, record: bytes) -> None:
        """Add a sample (one line of text). Full: the oldest are dropped, and said to be."""
        line = _line(b"S " + record)
        if self._end + len(line) > self._max:
            self._make_room(len(line))
        start = self._end
        self._write(line)
        self._last = start
        self._waiting += 1

    def retract(self) -> bool:
        """Take back the sample that was appended last; False where it has left since."""
        if self._last is None:
            return False
        os.ftruncate(self._file, self._last)
        self._end, self._last = self._last, None
        self._waiting -= 1
        self._note_head()  # What was noted after that sample went with it.
        return True

    def oldest(self, limit: int, max_bytes: int) -> Chunk:
        """Up to *limit* samples of *max_bytes* together, but at least one where any waits."""
        records: list[bytes] = []
        size = 0
        for _start, record in self._samples(self._head):
            size += len(record)
            if records and (len(records) == limit or size > max_bytes):
                break
            records.append(record)
        return Chunk(tuple(records), self._left)

    def acknowledge(self, chunk: Chunk) -> None:
        """Forget *chunk*, which `oldest` gave, as far as its samples have not been dropped since."""
        leaving = chunk.position + len(chunk.records) - self._left
        if leaving <= 0:
            return
        samples = self._samples(self._head)
        for _ in range(leaving):
            next(samples)
        self._head = next(samples, (self._end, b""))[0]
        self._left += leaving
        self._waiting -= leaving
        if self._last is not None and self._last < self._head:
            self._last = None
        self._note_head()

    def close(self) -> None:
        os.close(self._file)

    def _recover(self) -> None:
        damaged = 0
        for start, kind, body in _journal(self._file, 0):
            if not kind:
                damaged += 1
                continue
            if kind == b"A":
                self._head = int(body)
            self._end = start + len(_line(kind + b" " + body))
        self._waiting = sum(1 for _ in self._samples(self._head))
        if os.fstat(self._file).st_size != self._end:
            self._say(f"{self._path}: its last line was cut off by a kill and is dropped")
            os.ftruncate(self._file, self._end)
        elif damaged:
            self._say(f"{self._path}: {damaged} damaged lines are skipped")
        if not self._waiting:
            self._note_head()

    def _samples(self, start: int) -> Iterator[tuple[int, bytes]]:
        return ((at, body) for at, kind, body in _journal(self._file, start) if kind == b"S")

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
            self._write(_line(b"A %d" % self._head))

    def _make_room(self, needed: int) -> None:
        """Rewrite the file without what was acknowledged, nor the oldest where that is not enough."""
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
            self._say(f"{self._path} is full ({self._max} bytes): the {dropped} oldest samples are dropped")

    def _copy_from(self, head: int) -> int:
        """Replace the file, all or nothing, by one that holds only the samples from *head* on; returns its size."""
        successor = os.open(_successor(self._path), os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with open(successor, "wb", closefd=False) as file:
                for _start, record in self._samples(head):
                    file.write(_line(b"S " + record))
                end = file.tell()
            os.fsync(successor)
            os.replace(_successor(self._path), self._path)
        except OSError:
            os.close(successor)
            raise
        os.close(self._file)
        self._file = successor
        return end


def _successor(path: str) -> str:
    return path + ".new"


def _line(text: bytes) -> bytes:
    return b"%08x %s\n" % (crc32(text), text)


def _journal(file: int, start: int) -> Iterator[tuple[int, bytes, bytes]]:
    """Offset, kind and body of each line from *start*; the kind is empty where a line is damaged."""
    with open(file, "rb", closefd=False) as reader:
        reader.seek(start)
        while line := reader.readline(_LONGEST_LINE):
            text = line[9:-1]
            if line.endswith(b"\n") and line == _line(text) and text[:2] in (b"S ", b"A "):
                yield start, text[:1], text[2:]
            else:
                yield start, b"", b""
            start += len(line)
