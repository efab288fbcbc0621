"""HTTP/1.1 as far as the agent needs it: one POST after the other on a kept connection.

docs/decisions/0026 says what this saves compared with http.client.
"""

from __future__ import annotations

import io
import socket
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

LONGEST_ANSWER = 256 * 1024
"""Bytes, head included. The answer to a batch of 200 has about 20 kB."""
_LONGEST_LINE = 64 * 1024
_MOST_LINES = 200
_BODILESS = (204, 304)


class StaleError(ConnectionError):
    """The server closed the connection before it answered; it may not have seen the request."""


class Response(NamedTuple):
    """*headers* have names in lower case; *keeps* is True if the connection may be used again."""

    status: int
    headers: dict[str, str]
    body: bytes
    keeps: bool


class Connection:
    """Sends requests over *sock*, which it owns. After any error it must be closed.

    Sending a request takes *seconds* at most, and so does the whole of its answer.
    """

    def __init__(self, sock: socket.socket, seconds: float) -> None:
        self.sock = sock
        self._timed = _TimedSocket(sock, seconds)
        self._answers = io.BufferedReader(self._timed)

    def post(self, path: str, headers: Mapping[str, str], body: bytes) -> Response:
        """Send *body* and return the answer.

        Raises StaleError, other OSErrors, and ValueError if the answer is not HTTP or too long.
        """
        lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        lines += [f"Content-Length: {len(body)}", "", ""]
        # Head and body together are one packet, and the server wakes up once.
        self._timed.send("\r\n".join(lines).encode("ascii") + body)
        while True:
            version, status = self._status()
            found = self._headers()
            if status >= 200:
                break
        framed, answer = self._body(status, found)
        return Response(status, found, answer, framed and _keeps(version, found.get("connection", "").lower()))

    def close(self) -> None:
        self._answers.close()
        self.sock.close()

    def _status(self) -> tuple[str, int]:
        line = self._answers.readline(_LONGEST_LINE)
        if not line:
            raise StaleError("the server closed the connection without an answer")
        version, _, rest = line.decode("latin-1").partition(" ")
        if not version.startswith("HTTP/1.") or not rest[:3].isdigit():
            raise ValueError("the answer is not HTTP")
        return version, int(rest[:3])

    def _headers(self) -> dict[str, str]:
        headers: dict[str, str] = {}
        for _ in range(_MOST_LINES):
            line = self._line()
            if not line:
                return headers
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        raise ValueError("the answer is too long")

    def _body(self, status: int, headers: Mapping[str, str]) -> tuple[bool, bytes]:
        """Return the body, and whether its end is marked other than by the end of the connection."""
        if status in _BODILESS:
            return True, b""
        if headers.get("transfer-encoding", "").lower() == "chunked":
            return True, self._chunks()
        length = headers.get("content-length", "")
        if length.isdigit():
            return True, self._read(int(length))
        return False, self._answers.read()

    def _chunks(self) -> bytes:
        parts = []
        while size := int(self._line().partition(";")[0], 16):
            parts.append(self._read(size))
            self._line()
        self._headers()  # Trailers look like headers.
        return b"".join(parts)

    def _read(self, size: int) -> bytes:
        if not 0 <= size <= LONGEST_ANSWER:
            raise ValueError("the answer is too long")
        body = self._answers.read(size)
        if len(body) < size:
            raise ValueError("the answer is cut off")
        return body

    def _line(self) -> str:
        line = self._answers.readline(_LONGEST_LINE)
        if not line.endswith(b"\n"):
            raise ValueError("the answer is cut off")
        return line.decode("latin-1").rstrip("\r\n")


class _TimedSocket(io.RawIOBase):
    """Limits the time of a whole request and of a whole answer, and the answer's length.

    A timeout of the socket alone would start again with each byte.
    """

    def __init__(self, sock: socket.socket, seconds: float) -> None:
        self._sock = sock
        self._seconds = seconds
        self._until = 0.0
        self._left = 0

    def send(self, request: bytes) -> None:
        """Send the whole *request*; the time of its answer then begins. Raises OSError."""
        rest = memoryview(request)
        self._start()
        while rest:
            self._set_timeout()
            rest = rest[self._sock.send(rest) :]
        self._start()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """Raises OSError, and ValueError if the answer is too long."""
        self._set_timeout()
        count = self._sock.recv_into(buffer)
        self._left -= count
        if self._left < 0:
            raise ValueError("the answer is too long")
        return count

    def _start(self) -> None:
        self._until = time.monotonic() + self._seconds
        self._left = LONGEST_ANSWER

    def _set_timeout(self) -> None:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._sock.settimeout(left)


def _keeps(version: str, connection: str) -> bool:
    return "close" not in connection if version != "HTTP/1.0" else "keep-alive" in connection
