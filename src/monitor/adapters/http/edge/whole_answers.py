"""Write an answer's head and body at once.

uvicorn writes them apart, in two system calls and two packets, and checks every header again: a third of what a small
request costs.
"""

from collections.abc import Sequence
from functools import lru_cache
from http import HTTPStatus

from litestar.types import Send

from monitor.adapters.http.edge.security_headers import Header
from monitor.adapters.http.edge.uvicorn_parts import MISSING, RequestResponseCycle


class Head:
    """Status line and *headers* that many answers share, written once. Each answer adds its length."""

    def __init__(self, status: int, headers: Sequence[Header]) -> None:
        self.status = status
        self.headers = tuple(headers)
        self.written = b"HTTP/1.1 %d %b\r\n" % (status, HTTPStatus(status).phrase.encode()) + _written(headers)


async def send_whole(send: Send, head: Head, body: bytes) -> None:
    """Send a whole answer: in one write if *send* is uvicorn's, else as two ASGI messages."""
    request = getattr(send, "__self__", None)
    if not MISSING and isinstance(request, RequestResponseCycle) and _is_plain(request):
        _write(request, head, body)
        return
    length = (b"content-length", b"%d" % len(body))
    await send({"type": "http.response.start", "status": head.status, "headers": [*head.headers, length]})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _is_plain(request: RequestResponseCycle) -> bool:
    """True if `send` would neither wait nor do more than write."""
    is_busy = request.flow.write_paused or request.disconnected or request.response_started
    return request.keep_alive and not (is_busy or request.access_log)


def _write(request: RequestResponseCycle, head: Head, body: bytes) -> None:
    """Do what `request.send` does in two calls."""
    more = _of_all(tuple(request.default_headers))
    request.transport.write(b"%b%bcontent-length: %d\r\n\r\n%b" % (head.written, more, len(body), body))
    request.response_started = request.response_complete = True
    request.message_event.set()
    request.on_response()


@lru_cache(maxsize=8)
def _of_all(headers: tuple[Header, ...]) -> bytes:
    """Headers that the server adds to every answer: the date, which changes each second."""
    return _written(headers)


def _written(headers: Sequence[Header]) -> bytes:
    return b"".join([b"%b: %b\r\n" % header for header in headers])
