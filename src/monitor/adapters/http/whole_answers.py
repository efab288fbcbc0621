"""An answer that is there as a whole leaves in one write.

uvicorn writes head and body apart, two system calls and two packets, and looks through every header anew: a third of
what a small request costs. Where it runs with `Protocol` a request's scope has a short way for both together; where it
doesn't, or couldn't take them at once, they are sent as ASGI has it.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from litestar.types import Send
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from monitor.adapters.http.security_headers import Header

_SHORT_WAY = "monitor.short_way"


class Protocol(HttpToolsProtocol):
    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        cycle.scope["state"][_SHORT_WAY] = partial(_write, cycle)
        super()._start_asgi_task(cycle, app)


class Head:
    """Status and *headers* of many answers, made ready; each has its own length."""

    def __init__(self, status: int, headers: Sequence[Header]) -> None:
        self.status = status
        self.headers = tuple(headers)
        self.written = STATUS_LINE[status] + _written(headers)


async def send_whole(scope: Mapping[str, Any], send: Send, head: Head, body: bytes) -> None:
    short_way = scope.get("state", {}).get(_SHORT_WAY)
    if short_way is not None and short_way(head, body):
        return
    length = (b"content-length", b"%d" % len(body))
    await send({"type": "http.response.start", "status": head.status, "headers": [*head.headers, length]})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _write(cycle: RequestResponseCycle, head: Head, body: bytes) -> bool:
    """What `cycle.send` does in two steps. False where it would have waited, or has something else to do."""
    if cycle.flow.write_paused or cycle.disconnected or cycle.response_started or not cycle.keep_alive:
        return False
    more = _written(cycle.default_headers)
    cycle.transport.write(b"%b%bcontent-length: %d\r\n\r\n%b" % (head.written, more, len(body), body))
    cycle.response_started = cycle.response_complete = True
    cycle.message_event.set()
    cycle.on_response()
    return True


def _written(headers: Sequence[Header]) -> bytes:
    return b"".join([b"%b: %b\r\n" % header for header in headers])
