"""Uses of uvicorn's undocumented parts, but for the stop in `cli/server.py`, and answers written at once with them.

With these parts a small request costs a third less, and slow clients and large heads have limits (see `protocol`).
Without one of them (another uvicorn, or no httptools) the server works the ordinary way: uvicorn chooses the protocol,
and answers are ASGI messages. `pyproject.toml` allows only the release that was tested.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from http import HTTPStatus
from inspect import getattr_static
from typing import Any

from monitor.adapters.http.edge.answers import Header, Receive, Scope, Send, send_answer

__all__ = ["MISSING", "Head", "HttpToolsProtocol", "Take", "WholeRequest", "missing_parts", "send_whole"]


class _Absent:
    """Stands in for a class that is not there."""


def missing_parts(used: Mapping[type, Sequence[str]]) -> list[str]:
    """Return as `Class.name` what of *used* a class neither has nor sets in its `__init__`."""
    missing = []
    for kind, names in used.items():
        code = getattr(getattr_static(kind, "__init__"), "__code__", None)
        known = {*dir(kind), *(code.co_names if code else ())}
        missing += [f"{kind.__name__}.{name}" for name in names if name not in known]
    return missing


MISSING: list[str]
"""Empty if all parts are there."""

try:
    from uvicorn.protocols.http.flow_control import FlowControl
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
    from uvicorn.server import ServerState
except ImportError as error:
    HttpToolsProtocol = RequestResponseCycle = _Absent  # type: ignore[assignment,misc]  # names alone: MISSING
    MISSING = [str(error)]
else:
    MISSING = missing_parts(
        {
            HttpToolsProtocol: (
                *("connection_made", "connection_lost", "data_received", "on_headers_complete", "on_body"),
                *("on_message_complete", "on_response_complete", "_start_asgi_task", "send_400_response"),
                *("client", "cycle", "flow", "headers", "loop", "pipeline", "scope", "server_state", "transport"),
            ),
            RequestResponseCycle: (
                *("access_log", "body", "default_headers", "disconnected", "flow", "keep_alive", "message_event"),
                *("more_body", "on_response", "response_complete", "response_started", "scope", "send", "transport"),
            ),
            FlowControl: ("read_paused", "resume_reading", "write_paused"),
            ServerState: ("connections", "total_requests"),
        }
    )


class Head:
    """Status line and *headers* that many answers share, written once. Each answer adds its length."""

    def __init__(self, status: int, headers: Sequence[Header]) -> None:
        self.status = status
        self.headers = tuple(headers)
        self.written = b"HTTP/1.1 %d %b\r\n" % (status, HTTPStatus(status).phrase.encode()) + _written(headers)


async def send_whole(send: Send, head: Head, body: bytes) -> None:
    """Send a whole answer: in one write if *send* is uvicorn's, else as two ASGI messages.

    uvicorn writes head and body apart, in two system calls and two packets, and checks every header again.
    """
    request = getattr(send, "__self__", None)
    if not MISSING and isinstance(request, RequestResponseCycle) and _is_plain(request):
        _write(request, head, body)
        return
    await send_answer(send, head.status, head.headers, body)


class WholeRequest:
    """A request of which all has arrived, and for which no task was started. Answer it, or start its task."""

    __slots__ = "_app", "_request", "_start"

    def __init__(self, request: RequestResponseCycle, app: Any, start: Callable[[Any, Any], None]) -> None:
        self._request, self._app, self._start = request, app, start

    @property
    def scope(self) -> Any:
        return self._request.scope

    @property
    def body(self) -> bytes:
        return bytes(self._request.body)

    def start(self) -> None:
        """Start a task, in which the application answers."""
        self._start(self._request, self._app)

    def answer(self, head: Head, body: bytes) -> None:
        if _is_plain(self._request):
            _write(self._request, head, body)
            self._request.on_response = _nothing  # as at the end of a task: it refers to the connection
        else:

            async def app(scope: Scope, receive: Receive, send: Send) -> None:
                await send_answer(send, head.status, head.headers, body)

            self._start(self._request, app)


Take = Callable[[WholeRequest], bool]
"""Answers a request, now or later, and returns True, or leaves it untouched."""


def _nothing() -> None:
    pass


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
