"""GET requests over one connection, with limits on the time and the length of all answers together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from .deadline import Conversation

_LONGEST_LINE = 8 * 1024
_MOST_HEADERS = 200


class Answer(NamedTuple):
    """*keeps*: the connection may be used again."""

    status: int
    body: bytes
    keeps: bool


def get(peer: Conversation, path: str, headers: Mapping[str, str], *, reads_body: bool = True) -> Answer:
    """Ask for *path*. Raises OSError, and ValueError if the answer is not HTTP/1 or too long."""
    lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    peer.send("\r\n".join(lines).encode("ascii"))
    while True:
        version, _, rest = _line(peer).partition(" ")
        if not version.startswith("HTTP/1.") or not rest[:3].isdigit():
            raise ValueError("the answer is not HTTP")
        status, found = int(rest[:3]), _headers(peer)
        if status >= 200:
            break
    if not reads_body:
        return Answer(status, b"", keeps=False)
    keeps = version == "HTTP/1.1" and "close" not in found.get("connection", "").lower()
    if status in (204, 304):
        return Answer(status, b"", keeps)
    if found.get("transfer-encoding", "").lower() == "chunked":
        return Answer(status, _chunks(peer), keeps)
    length = found.get("content-length", "")
    if length.isdigit() and len(length) < 16:
        return Answer(status, peer.read(int(length)), keeps)
    return Answer(status, peer.rest(), keeps=False)


def _headers(peer: Conversation) -> dict[str, str]:
    headers: dict[str, str] = {}
    for _ in range(_MOST_HEADERS):
        line = _line(peer)
        if not line:
            return headers
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    raise ValueError("the answer is too long")


def _chunks(peer: Conversation) -> bytes:
    parts = []
    while size := int(_line(peer).partition(";")[0], 16):
        if size < 0:
            raise ValueError("the answer is not HTTP")
        parts.append(peer.read(size))
        _line(peer)
    _headers(peer)
    return b"".join(parts)


def _line(peer: Conversation) -> str:
    return peer.line(_LONGEST_LINE).decode("latin-1").rstrip("\r\n")
