"""uvicorn's HTTP protocol with limits: the size of a request's head, and the time that a client may take.

httptools, uvicorn's fast parser, limits neither, and joins a header's value again with each piece that arrives: one
endless header would take all processor time and memory. What a connection does is checked once a second, since a timer
for each request would cost more.
"""

import asyncio
from dataclasses import dataclass
from enum import Enum
from math import inf
from typing import Any

import msgspec
import structlog

from monitor.adapters.http.edge.client_address import plain_address
from monitor.adapters.http.edge.connections import Cause, Connections, expect, expect_no_more
from monitor.adapters.http.edge.envelope import Envelope, ErrorData
from monitor.adapters.http.edge.uvicorn_parts import MISSING, Head, HttpToolsProtocol, Take, WholeRequest
from monitor.adapters.http.edge.words.messages import failure, use_language

log = structlog.get_logger()

MAX_HEAD = 65_536
"""Bytes of the request line and headers, or of what follows a body."""
MAX_FIELDS = 200
_PIECE = 4096
_REASON = "headers_too_large"
_LINGER = 1.0
"""Seconds in which the client may finish sending. Closed at once, many clients would never see the answer."""


class LimitedHttpProtocol(HttpToolsProtocol):
    """Answers 431 to a head that is too large, before it is parsed.

    Counts the bytes since the last complete head or piece of a body.
    """

    _pending = 0
    _is_refused = False
    _received = 0
    """Bytes since the connection began."""

    def data_received(self, data: bytes) -> None:
        self._received += len(data)
        self._pending += len(data)
        if self._pending <= MAX_HEAD:
            super().data_received(data)
            return
        self._pending -= len(data)
        for start in range(0, len(data), _PIECE):  # usually a body, whose pieces reset the count
            piece = data[start : start + _PIECE]
            self._pending += len(piece)
            if self._pending > MAX_HEAD:
                self._refuse()
            if self._is_refused or self.transport.is_closing():
                return
            super().data_received(piece)

    def on_headers_complete(self) -> None:
        if len(self.headers) > MAX_FIELDS:
            self._refuse()
            raise ValueError("too many headers")  # ends the parsing
        self._pending = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._pending = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._pending = 0
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        if not self._is_refused:
            super().send_400_response(msg)

    def _refuse(self) -> None:
        self._is_refused = True
        if self.cycle is not None and not self.cycle.response_complete:
            self.transport.close()  # a second answer would be read as part of the first
            return
        self.transport.write(refusal(431, _REASON))
        self.transport.set_protocol(_Lingering(self))


def refusal(status: int, reason: str) -> bytes:
    """Return a whole error answer that closes the connection."""
    body = msgspec.json.encode(Envelope(status, failure(reason, None), ErrorData(reason, None)))
    length = (b"content-length", b"%d" % len(body))
    head = Head(status, [(b"content-type", b"application/json"), length, (b"connection", b"close")])
    return head.written + b"\r\n" + body


class _Lingering(asyncio.Protocol):
    """Ignore what a connection still sends, until it is closed."""

    def __init__(self, before: HttpToolsProtocol) -> None:
        self._before = before
        before.loop.call_later(_LINGER, before.transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        self._before.connection_lost(exc)


class Phase(Enum):
    """What a connection is waiting for."""

    SILENT = "its first byte"
    HEAD = "the rest of a head"
    BODY = "the rest of a body"
    BUSY = "this server"
    SENDING = "the client, to read its answer"
    KEPT = "another request"


LONGEST = {Phase.SILENT: 10, Phase.HEAD: 10, Phase.BODY: 30, Phase.BUSY: inf, Phase.SENDING: 30, Phase.KEPT: 75}
"""Seconds. A kept connection must outlive the pause between two samples, or the agent would lose one."""
SLOWEST = 1000
"""Bytes per second: a body or an answer that moves this fast may take longer."""


@dataclass(slots=True)
class Pace:
    """Checks in which a connection has been in the same phase of the same request."""

    phase: Phase = Phase.SILENT
    request: object = None
    checks: int = 0
    moved: int = 0

    def is_late(self, phase: Phase, request: object, moved: int = 0) -> bool:
        """Call once a second. *moved*: bytes of a body or an answer since the last check.

        Counts checks instead of reading the time: while this process is stopped, nobody is late.
        """
        if phase is not self.phase or request is not self.request:
            self.phase, self.request, self.checks, self.moved = phase, request, 0, 0
            return False
        self.checks += 1
        self.moved += moved
        return self.checks > LONGEST[phase] + self.moved / SLOWEST


_CAUSES = {
    Phase.SILENT: Cause.SILENT,
    Phase.HEAD: Cause.SLOW_HEAD,
    Phase.BODY: Cause.SLOW_BODY,
    Phase.SENDING: Cause.UNREAD,
}

_LINE_END = 2
"""Bytes that some clients send after a body. They do not begin a request."""


class GuardedHttpProtocol(LimitedHttpProtocol):
    """HTTP on a connection that ends if its client is too slow, or if others need the room.

    *guard*: all connections of the server. *take*: is offered each request that has arrived whole, and returns False
    if it leaves it to a task. Both are set by `http_protocol`.
    """

    guard: Connections
    take: Take
    address = ""
    checks = 0
    _begun: tuple[Any, Any] | None = None
    """A request whose head arrived with the data that is being read, and its application."""
    _is_known = False
    _is_reading = False
    _seen = 0
    """Bytes received, or still to be sent, at the last check."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._pace = Pace()
        if self.client:
            self.address = plain_address(self.client[0])
            self.client = self.address, self.client[1]
        self.guard.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.guard.remove(self)
        expect_no_more(self.scope)
        super().connection_lost(exc)

    def on_headers_complete(self) -> None:
        if not self._is_known:
            expect(self.scope, self._note_known)
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        self._is_reading = True
        super().data_received(data)
        self._is_reading = False
        if self._begun is not None:
            (request, app), self._begun = self._begun, None
            if request.more_body or not self.take(WholeRequest(request, app, self._start)):
                self._start(request, app)

    def _start_asgi_task(self, request: Any, app: Any) -> None:
        if self._is_reading:  # until all of the data is parsed, which may be the whole request
            self._begun = request, app
        else:
            self._start(request, app)

    def _start(self, request: Any, app: Any) -> None:
        super()._start_asgi_task(request, app)

    def on_response_complete(self) -> None:
        """Do what uvicorn does, without its timer for each request: `check` ends kept connections."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())

    def _note_known(self) -> None:
        self._is_known = True
        self.guard.note_known(self)

    @property
    def is_busy(self) -> bool:
        phase = self._phase()
        return phase is Phase.BUSY or (phase is Phase.SENDING and self.guard.knows(self))

    def check(self) -> Cause | None:
        self.checks += 1
        phase = self._phase()
        moved = 0
        if phase is Phase.BODY:
            moved, self._seen = self._received - self._seen, self._received
        elif phase is Phase.SENDING:
            waiting = self.transport.get_write_buffer_size()
            moved, self._seen = max(0, self._seen - waiting), waiting
        if not self._pace.is_late(phase, self.cycle, moved):
            return None
        self._end(phase)
        return _CAUSES.get(phase)

    def abort(self) -> None:
        self.transport.abort()

    def _phase(self) -> Phase:
        if self.transport.get_write_buffer_size():
            return Phase.SENDING
        request = self.cycle
        if request is None or request.response_complete:
            if self._pending > _LINE_END:
                return Phase.HEAD
            return Phase.SILENT if request is None else Phase.KEPT
        # If reading is paused, the client is not the slow one.
        return Phase.BODY if request.more_body and not self.flow.read_paused else Phase.BUSY

    def _end(self, phase: Phase) -> None:
        if phase is Phase.SENDING or self.transport.is_closing():
            self.transport.abort()
            return
        request = self.cycle
        is_answered = request is not None and (request.response_started and not request.response_complete)
        if phase in (Phase.HEAD, Phase.BODY) and not is_answered:
            accepted = b""
            if phase is Phase.BODY:
                accepted = dict(request.scope["headers"]).get(b"accept-language", b"")
                request.disconnected = True  # its handler has nothing more to answer
                request.message_event.set()
            use_language(accepted.decode("latin-1"))
            self.transport.write(refusal(408, "too_slow"))
        self.transport.close()


def no_request(request: WholeRequest) -> bool:
    """Take none: each request has a task."""
    return False


def http_protocol(guard: Connections, take: Take = no_request) -> Any:
    """Return the class for `uvicorn.Config(http=…)`. If parts of uvicorn are missing: its own choice, and a warning."""
    if MISSING:
        log.warning("this uvicorn is not the tested one: slow clients and large heads are not limited", missing=MISSING)
        return "auto"
    return type("HttpProtocol", (GuardedHttpProtocol,), {"guard": guard, "take": staticmethod(take)})
