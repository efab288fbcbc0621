"""Samples that wait for the server, in a file that survives a kill at any instant.

The file is a journal of lines `<crc32> S <sample>` and `<crc32> A <offset>`; the latter says that every sample before
*offset* was acknowledged. A lost A line costs samples that are sent twice, which the server recognises; no sample is
ever lost to it. What was torn by a kill, or spoiled otherwise, is set aside in another file at the next start.

Nothing is forced to the disk: the kernel keeps what was written when the process dies, and only a power cut can take
the last seconds.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from . import journal
from .log import Say
from .own_files import open_own
from .rejects import Rejects

MAX_BYTES = 16 * 1024 * 1024
"""More than 24 h at 15 s for samples of up to 2.9 kB; an ordinary one is under 1 kB."""

_KEPT_SHARE = 0.9
_LONGEST_OFFSET = 15


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
        self._rejects = Rejects(f"{path}.rejected")
        self._file = open_own(path)
        self._head = self._end = self._waiting = 0
        self._left = 0
        self._recover()

    def __len__(self) -> int:
        return self._waiting

    def append(self, record: bytes) -> None:
        """Add a sample (one line of text). Full: the oldest are dropped, and said to be."""
        line = journal.line(journal.SAMPLE, record)
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
        if self._waiting and not records:  # Another program wrote to the file, or its disk fails.
            self._say(f"{self._path}: {self._waiting} samples are not there any more")
            self._left += self._waiting
            self._recover()
        return Chunk(tuple(records), self._left)

    def acknowledge(self, chunk: Chunk) -> None:
        """Forget *chunk*, which `oldest` gave, as far as its samples have not been dropped since."""
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

    def set_aside(self, lines: Iterable[bytes]) -> str:
        """Keep *lines*, which will not be delivered, for a person to look at; says what became of them."""
        try:
            self._rejects.add(lines)
        except OSError as error:
            return f"dropped ({self._rejects.path}: {error.strerror})"
        return f"set aside in {self._rejects.path}"

    def close(self) -> None:
        os.close(self._file)

    def _recover(self) -> None:
        self._head = self._end = spoiled = inside = 0
        self._last = None
        for start, kind, body in journal.lines(self._file, 0):
            if kind == journal.SPOILED:
                spoiled += 1
                continue
            if kind == journal.ACKNOWLEDGED:
                self._head = self._acknowledged(body, start) or self._head
            self._end, inside = start + len(journal.line(kind, body)), spoiled
        if spoiled:
            became = self.set_aside(body for _, kind, body in journal.lines(self._file, 0) if kind == journal.SPOILED)
            self._say(f"{self._path}: {spoiled} spoiled lines are {became}")
            self._leave_out_spoiled(inside)
        self._waiting = sum(1 for _ in self._samples(self._head))
        if not self._waiting:
            self._note_head()

    def _acknowledged(self, body: bytes, start: int) -> int:
        """Before which offset all is acknowledged, as the line at *start* says; 0 where that can't be."""
        offset = int(body) if body.isdigit() and len(body) <= _LONGEST_OFFSET else 0
        return offset if 0 < offset <= start and os.pread(self._file, 1, offset - 1) == b"\n" else 0

    def _leave_out_spoiled(self, inside: int) -> None:
        if inside:
            with contextlib.suppress(OSError):  # On a full disk those inside stay, and are skipped.
                self._end, self._head = self._copy_from(self._head), 0
        os.ftruncate(self._file, self._end)

    def _samples(self, start: int) -> Iterator[tuple[int, bytes]]:
        return ((at, body) for at, kind, body in journal.lines(self._file, start) if kind == journal.SAMPLE)

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
            self._write(journal.line(journal.ACKNOWLEDGED, b"%d" % self._head))

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
        with contextlib.suppress(FileNotFoundError):
            os.unlink(_successor(self._path))  # An attempt that failed left it.
        successor = open_own(_successor(self._path), os.O_EXCL)
        try:
            with open(successor, "wb", closefd=False) as file:
                for _start, record in self._samples(head):
                    file.write(journal.line(journal.SAMPLE, record))
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
