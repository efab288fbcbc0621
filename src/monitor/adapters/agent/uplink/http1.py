"""A connection with a deadline, and HTTP/1.1 over it as far as the agent needs it.

docs/decisions/0026 says what this saves compared with http.client.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping
from typing import NamedTuple

LONGEST_ANSWER = 256 * 1024
"""Bytes, head included. The answer to a batch of 200 has about 20 kB."""
_LONGEST_LINE = 64 * 1024
_MOST_LINES = 200
_BODILESS = (204, 304)
_AT_ONCE = 16 * 1024


class StaleError(ConnectionError):
    """The server closed the connection before it answered; it may not have seen the request."""


class Conversation:
    """Owns *sock*. Until `restart`, everything together takes *seconds* and receives *longest* bytes at most.

    A timeout of the socket alone would start again with each byte. After an error, the conversation must be closed.
    """

    def __init__(self, sock: socket.socket, seconds: float, longest: int = LONGEST_ANSWER) -> None:
        self.sock = sock
        self._seconds = seconds
        self._longest = longest
        self._held = bytearray()
        self.restart()

    def __enter__(self) -> Conversation:
        return self

    def __exit__(self, *_: object) -> None:
        self.sock.close()

    def restart(self) -> None:
        """Allow the whole time and length again."""
        self._until = time.monotonic() + self._seconds
        self._left = self._longest

    def send(self, data: bytes) -> None:
        """Raises OSError."""
        rest = memoryview(data)
        while rest:
            self._set_timeout()
            rest = rest[self.sock.send(rest) :]

    def read(self, size: int) -> bytes:
        """Return exactly *size* bytes. Raises OSError, and ValueError if there are fewer or too many."""
        if not 0 <= size <= len(self._held) + self._left:
            raise ValueError("the answer is too long")
        while len(self._held) < size:
            if not self._receives():
                raise ValueError("the answer is cut off")
        return self._taken(size)

    def line(self) -> str:
        """Return the next line without its end. Raises OSError and ValueError."""
        while (end := self._held.find(b"\n")) < 0:
            if len(self._held) > _LONGEST_LINE or not self._receives():
                raise ValueError("the answer is cut off")
        return self._taken(end + 1).decode("latin-1").rstrip("\r\n")

    def rest(self) -> bytes:
        """Return everything until the peer closes. Raises OSError and ValueError."""
        while self._receives():
            pass
        return self._taken(len(self._held))

    def is_over(self) -> bool:
        """Wait for the next byte; return True if the peer closes instead. Raises OSError and ValueError."""
        return not self._held and not self._receives()

    def _receives(self) -> bool:
        """Wait for more; return False if the peer has closed."""
        self._set_timeout()
        data = self.sock.recv(_AT_ONCE)
        self._left -= len(data)
        if self._left < 0:
            raise ValueError("the answer is too long")
        self._held += data
        return bool(data)

    def _taken(self, size: int) -> bytes:
        data = bytes(self._held[:size])
        del self._held[:size]
        return data

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


class Response(NamedTuple):
    """*headers* have names in lower case; *keeps* is True if the connection may be used again."""

    status: int
    headers: dict[str, str]
    body: bytes
    keeps: bool


def post(peer: Conversation, path: str, headers: Mapping[str, str], body: bytes) -> Response:
    """Send *body* and return the answer; each may take the whole time. Raises StaleError, OSError and ValueError."""
    peer.restart()
    # Head and body together are one packet, and the server wakes up once.
    peer.send(_head("POST", path, {**headers, "Content-Length": str(len(body))}) + body)
    peer.restart()
    return _answer(peer, reads_body=True)


def get(peer: Conversation, path: str, headers: Mapping[str, str], *, reads_body: bool = True) -> Response:
    """Ask for *path*. Raises what `post` raises."""
    peer.send(_head("GET", path, headers))
    return _answer(peer, reads_body)


def _head(method: str, path: str, headers: Mapping[str, str]) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode("ascii")


def _answer(peer: Conversation, reads_body: bool) -> Response:
    if peer.is_over():
        raise StaleError("the server closed the connection without an answer")
    while True:
        version, _, rest = peer.line().partition(" ")
        if not version.startswith("HTTP/1.") or not rest[:3].isdigit():
            raise ValueError("the answer is not HTTP")
        status, found = int(rest[:3]), _headers(peer)
        if status >= 200:
            break
    framed, body = _body(peer, status, found) if reads_body else (False, b"")
    connection = found.get("connection", "").lower()
    keeps = "close" not in connection if version != "HTTP/1.0" else "keep-alive" in connection
    return Response(status, found, body, framed and keeps)


def _headers(peer: Conversation) -> dict[str, str]:
    headers: dict[str, str] = {}
    for _ in range(_MOST_LINES):
        line = peer.line()
        if not line:
            return headers
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    raise ValueError("the answer is too long")


def _body(peer: Conversation, status: int, headers: Mapping[str, str]) -> tuple[bool, bytes]:
    """Return whether the body's end is marked other than by the end of the connection, and the body."""
    if status in _BODILESS:
        return True, b""
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return True, _chunks(peer)
    length = headers.get("content-length", "")
    return (True, peer.read(int(length))) if length.isdigit() else (False, peer.rest())


def _chunks(peer: Conversation) -> bytes:
    parts = []
    while size := int(peer.line().partition(";")[0], 16):
        parts.append(peer.read(size))
        peer.line()
    _headers(peer)  # Trailers look like headers.
    return b"".join(parts)
