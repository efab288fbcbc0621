"""An answer that is there as a whole leaves in one write.

uvicorn writes head and body apart, two system calls and two packets, and looks through every header anew: a third of
what a small request costs.
"""

from collections.abc import Sequence
from functools import lru_cache

from litestar.types import Send
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from monitor.adapters.http.security_headers import Header


class Head:
    """Status and *headers* of many answers, made ready; each has its own length."""

    def __init__(self, status: int, headers: Sequence[Header]) -> None:
        self.status = status
        self.headers = tuple(headers)
        self.written = STATUS_LINE[status] + _written(headers)


async def send_whole(send: Send, head: Head, body: bytes) -> None:
    """At once where *send* is uvicorn's, and as ASGI has it elsewhere."""
    request = getattr(send, "__self__", None)
    if isinstance(request, RequestResponseCycle) and _is_plain(request):
        _write(request, head, body)
        return
    length = (b"content-length", b"%d" % len(body))
    await send({"type": "http.response.start", "status": head.status, "headers": [*head.headers, length]})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _is_plain(request: RequestResponseCycle) -> bool:
    """Nothing to wait for, and nothing to be done besides."""
    is_busy = request.flow.write_paused or request.disconnected or request.response_started
    return request.keep_alive and not (is_busy or request.access_log)


def _write(request: RequestResponseCycle, head: Head, body: bytes) -> None:
    """What `request.send` does in two steps."""
    more = _of_all(tuple(request.default_headers))
    request.transport.write(b"%b%bcontent-length: %d\r\n\r\n%b" % (head.written, more, len(body), body))
    request.response_started = request.response_complete = True
    request.message_event.set()
    request.on_response()


@lru_cache(maxsize=8)
def _of_all(headers: tuple[Header, ...]) -> bytes:
    """What the server adds to every answer: the date, which is another one each second."""
    return _written(headers)


def _written(headers: Sequence[Header]) -> bytes:
    return b"".join([b"%b: %b\r\n" % header for header in headers])
