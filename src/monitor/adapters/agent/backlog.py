"""The samples that wait: in the spool, and in memory while the disk refuses them."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Sequence

from .log import Say
from .spool import Chunk, Spool

MEMORY_BYTES = 1024 * 1024
"""About five hours at 15 s, in an agent that promises to stay small."""

_IN_MEMORY = -1


class Backlog:
    """First in, first out, and never raises: a disk that refuses is said once, and made up for when it recovers.

    What memory can't hold either is dropped, the oldest first.
    """

    def __init__(self, spool: Spool | None, say: Say, *, memory_bytes: int = MEMORY_BYTES) -> None:
        self._spool = spool
        self._say = say
        self._memory: deque[bytes] = deque()
        self._size = 0
        self._max = memory_bytes
        self._refused = spool is None
        self._overflowed = False
        self._serial = 0

    def __len__(self) -> int:
        return len(self._memory) + (len(self._spool) if self._spool else 0)

    def add(self, record: bytes) -> int:
        """Keep *record*; the number returned is what `retract` takes."""
        self._serial += 1
        self._memory.append(record)
        self._size += len(record)
        self._move_to_spool()
        while self._size > self._max:
            self._size -= len(self._memory.popleft())
            if not self._overflowed:
                self._overflowed = True
                self._say(f"more than {self._max} bytes wait in memory: the oldest samples are dropped")
        return self._serial

    def retract(self, serial: int) -> None:
        """Take back the sample with this number if it is still the last; else the server will recognise it."""
        if serial != self._serial:
            return
        self._serial += 1
        if self._memory:
            self._size -= len(self._memory.pop())
        elif self._spool:
            with contextlib.suppress(OSError):
                self._spool.retract()

    def oldest(self, limit: int, max_bytes: int) -> Chunk:
        """Up to *limit* samples of *max_bytes* together, but at least one where any waits."""
        if self._spool and len(self._spool):
            try:
                return self._spool.oldest(limit, max_bytes)
            except OSError as error:
                self._refuse(error)
        records: list[bytes] = []
        size = 0
        for record in self._memory:
            size += len(record)
            if records and (len(records) == limit or size > max_bytes):
                break
            records.append(record)
        return Chunk(tuple(records), _IN_MEMORY)

    def acknowledge(self, chunk: Chunk) -> None:
        """Forget *chunk*, the last that `oldest` gave."""
        if chunk.position != _IN_MEMORY and self._spool:
            # Where this can't be noted the samples may be sent again after a restart; the server recognises them.
            with contextlib.suppress(OSError):
                self._spool.acknowledge(chunk)
            return
        for record in chunk.records:
            if self._memory and self._memory[0] is record:  # The oldest may have been dropped meanwhile.
                self._size -= len(self._memory.popleft())
        self._overflowed = False
        if not self._memory:
            self._serial += 1  # The last sample went with them: there is none to take back.

    def set_aside(self, records: Sequence[bytes]) -> str:
        """Keep *records*, which the server will never take, for a person to look at; says what became of them."""
        return "dropped" if self._spool is None else self._spool.set_aside(records)

    def close(self) -> None:
        """Nothing more comes; says what memory takes with it."""
        if self._memory:
            self._say(f"{len(self._memory)} samples were kept in memory only and are lost")
        if self._spool is not None:  # An empty one is false.
            self._spool.close()

    def _move_to_spool(self) -> None:
        if self._spool is None:
            return
        try:
            while self._memory:
                self._spool.append(self._memory[0])
                self._size -= len(self._memory.popleft())
        except OSError as error:
            self._refuse(error)
            return
        if self._refused:
            self._refused = self._overflowed = False
            self._say("the spool can be written again")

    def _refuse(self, error: OSError) -> None:
        if not self._refused:
            self._refused = True
            self._say(f"the spool refuses samples ({error.strerror}); they are kept in memory")
