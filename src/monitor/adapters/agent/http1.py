"""HTTP/1.1 as far as an agent speaks it: one POST after the other on a connection that is kept.

Not http.client, which brings the parser of e-mail along: 2 MB resident, and half of what sending a sample costs.
"""

from __future__ import annotations

import io
import socket
from collections.abc import Mapping
from typing import NamedTuple

from .wire import LONGEST_ANSWER, Wire

_LONGEST_LINE = 64 * 1024
_MOST_LINES = 200
_BODILESS = (204, 304)


class StaleError(ConnectionError):
    """The other side ended the connection before it answered: it may not have seen the request."""


class Response(NamedTuple):
    """*headers* by names in lower case. *keeps*: whether the connection may be used again."""

    status: int
    headers: dict[str, str]
    body: bytes
    keeps: bool


class Connection:
    """Speaks over *sock*, which it owns. Any error but what `post` names leaves it useless, too.

    A request, and then the whole of its answer, take no longer than *seconds* each.
    """

    def __init__(self, sock: socket.socket, seconds: float) -> None:
        self.sock = sock
        self._wire = Wire(sock, seconds)
        self._answers = io.BufferedReader(self._wire)

    def post(self, path: str, headers: Mapping[str, str], body: bytes) -> Response:
        """Send *body* and read the answer.

        Raises StaleError, other OSErrors, and ValueError where it is no HTTP or too long.
        """
        lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        lines += [f"Content-Length: {len(body)}", "", ""]
        # In one piece, so that the system sends one packet and the other side wakes once.
        self._wire.send("\r\n".join(lines).encode("ascii") + body)
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
            raise StaleError("Remote end closed connection without response")
        version, _, rest = line.decode("latin-1").partition(" ")
        if not version.startswith("HTTP/1.") or not rest[:3].isdigit():
            raise ValueError("the answer is no HTTP")
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
        """Whether its end is known by itself, and not by that of the connection; and what it is."""
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
        self._headers()  # What follows the last chunk has their form.
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


def _keeps(version: str, connection: str) -> bool:
    return "close" not in connection if version != "HTTP/1.0" else "keep-alive" in connection
