"""A connection on which the other side has only so long, however slowly it takes and gives."""

from __future__ import annotations

import io
import socket
import time

LONGEST_ANSWER = 256 * 1024
"""Of bytes, head included: a batch of 200 is answered with some 20 kB."""


class Wire(io.RawIOBase):
    """Sends requests over *sock*, and reads an answer to each, both within *seconds* as a whole.

    A timeout of the socket alone would start anew with each byte.
    """

    def __init__(self, sock: socket.socket, seconds: float) -> None:
        self._sock = sock
        self._seconds = seconds
        self._until = 0.0
        self._left = 0

    def send(self, request: bytes) -> None:
        """Send the whole of *request*; the time for its answer begins then. Raises OSError."""
        rest = memoryview(request)
        self._start()
        while rest:
            self._wait_no_longer()
            rest = rest[self._sock.send(rest) :]
        self._start()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override] # The name of its type is new in Python 3.12.
        """Raises OSError, and ValueError where the answer is too long."""
        self._wait_no_longer()
        count = self._sock.recv_into(buffer)
        self._left -= count
        if self._left < 0:
            raise ValueError("the answer is too long")
        return count

    def _start(self) -> None:
        self._until = time.monotonic() + self._seconds
        self._left = LONGEST_ANSWER

    def _wait_no_longer(self) -> None:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._sock.settimeout(left)
