"""The waiting samples: in the spool, and in memory while the disk cannot be written."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Sequence

from ..log import Log
from .spool import Chunk, Spool, first_of

MEMORY_BYTES = 1024 * 1024
"""About five hours at 15 s, in an agent that must stay small."""

_IN_MEMORY = -1


class Backlog:
    """Keeps samples, first in, first out, and never raises.

    While the disk cannot be written, samples stay in memory. If that is full, the oldest are dropped.
    """

    def __init__(self, spool: Spool | None, log: Log, *, memory_bytes: int = MEMORY_BYTES) -> None:
        self._spool = spool
        self._log = log
        self._memory: deque[bytes] = deque()
        self._size = 0
        self._max = memory_bytes
        self._refused = spool is None
        self._overflowed = False
        self._serial = 0
        self._change: Callable[[bytes], bytes] = bytes

    def __len__(self) -> int:
        return len(self._memory) + (len(self._spool) if self._spool else 0)

    def add(self, record: bytes) -> int:
        """Keep *record* and return its number for `retract`."""
        self._serial += 1
        self._memory.append(record)
        self._size += len(record)
        self._move_to_spool()
        while self._size > self._max:
            self._size -= len(self._memory.popleft())
            if not self._overflowed:
                self._overflowed = True
                self._log(f"more than {self._max} bytes wait in memory: the oldest samples are dropped")
        return self._serial

    def retract(self, serial: int) -> None:
        """Remove the sample with this number if it is still the last. If not, it is sent twice, which is harmless."""
        if serial != self._serial:
            return
        self._serial += 1
        if self._memory:
            self._size -= len(self._memory.pop())
        elif self._spool:
            with contextlib.suppress(OSError):
                self._spool.retract()

    def oldest(self, limit: int, max_bytes: int) -> Chunk:
        """Return up to *limit* samples of *max_bytes* together, but at least one if any waits."""
        if self._spool and len(self._spool):
            try:
                chunk = self._spool.oldest(limit, max_bytes)
                return chunk._replace(records=tuple(map(self._change, chunk.records)))
            except OSError as error:
                self._refuse(error)
        return Chunk(first_of(self._memory, limit, max_bytes), _IN_MEMORY)

    def acknowledge(self, chunk: Chunk) -> None:
        """Remove *chunk*, the last that `oldest` returned."""
        if chunk.position != _IN_MEMORY and self._spool:
            # If this cannot be written, the samples are sent again after a restart, which is harmless.
            with contextlib.suppress(OSError):
                self._spool.acknowledge(chunk)
            return
        for record in chunk.records:
            if self._memory and self._memory[0] is record:  # The oldest may have been dropped since.
                self._size -= len(self._memory.popleft())
        self._overflowed = False
        if not self._memory:
            self._serial += 1  # The last sample was among them: there is none to retract.

    def set_aside(self, records: Sequence[bytes]) -> str:
        """Keep *records*, which the server will never take, for a person to look at; return what happened to them."""
        return "dropped" if self._spool is None else self._spool.set_aside(records)

    def rewrite(self, change: Callable[[bytes], bytes]) -> None:
        """Replace each waiting sample by what *change* makes of it, also as they leave if the disk refuses that."""
        self._change = change
        self._memory = deque(map(change, self._memory))
        self._size = sum(map(len, self._memory))
        if self._spool and len(self._spool):
            try:
                self._spool.rewrite(change)
            except OSError as error:
                self._refuse(error)

    def close(self) -> None:
        """Close the spool, and log the samples in memory, which are lost."""
        if self._memory:
            self._log(f"{len(self._memory)} samples were kept in memory only and are lost")
        if self._spool is not None:  # An empty spool is false.
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
            self._log("the spool can be written again")

    def _refuse(self, error: OSError) -> None:
        if not self._refused:
            self._refused = True
            self._log(f"the spool cannot be written ({error.strerror}); samples are kept in memory")
