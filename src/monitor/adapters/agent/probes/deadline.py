"""A socket whose whole conversation has one deadline, and an answer of limited length.

A timeout of the socket alone would start again with each byte that a peer sends.
"""

from __future__ import annotations

import socket
import time


class Conversation:
    """Owns *sock*, which everything together may use for *seconds*, to receive *longest* bytes."""

    def __init__(self, sock: socket.socket, seconds: float, longest: int) -> None:
        self.sock = sock
        self._until = time.monotonic() + seconds
        self._left = longest
        self._held = bytearray()

    def __enter__(self) -> Conversation:
        return self

    def __exit__(self, *_: object) -> None:
        self.sock.close()

    def send(self, data: bytes) -> None:
        """Raises OSError."""
        self._set_timeout()
        self.sock.sendall(data)

    def read(self, size: int) -> bytes:
        """Return exactly *size* bytes. Raises OSError, and ValueError if there are fewer or too many."""
        if size > len(self._held) + self._left:
            raise ValueError("the answer is too long")
        while len(self._held) < size:
            if not self._receive():
                raise ValueError("the answer is cut off")
        return self._taken(size)

    def line(self, longest: int) -> bytes:
        """Return the next line with its end, of *longest* bytes at most. Raises OSError and ValueError."""
        while (end := self._held.find(b"\n")) < 0:
            if len(self._held) > longest or not self._receive():
                raise ValueError("the answer has no end")
        return self._taken(end + 1)

    def rest(self) -> bytes:
        """Return everything until the peer closes. Raises OSError and ValueError."""
        while self._receive():
            pass
        return self._taken(len(self._held))

    def _taken(self, size: int) -> bytes:
        data = bytes(self._held[:size])
        del self._held[:size]
        return data

    def _receive(self) -> int:
        self._set_timeout()
        data = self.sock.recv(65_536)
        self._left -= len(data)
        if self._left < 0:
            raise ValueError("the answer is too long")
        self._held += data
        return len(data)

    def _set_timeout(self) -> None:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self.sock.settimeout(left)


def dial_unix(path: str, seconds: float, longest: int) -> Conversation:
    """Raises OSError."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.settimeout(seconds)
        sock.connect(path)
    except BaseException:
        sock.close()
        raise
    return Conversation(sock, seconds, longest)
