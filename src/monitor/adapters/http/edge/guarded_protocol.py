"""How long a connection may take for what it is doing. Looked at once a second: a timer for each would cost more.

HTTP on a connection that ends where its client is too slow, or where others need the room.

What it does is read off once a second, and costs a request next to nothing.
"""

import asyncio
from dataclasses import dataclass
from enum import Enum
from math import inf
from typing import Any

import structlog

from monitor.adapters.http.edge.client_address import plain_address
from monitor.adapters.http.edge.connections import Cause, Connections, expect, expect_no_more
from monitor.adapters.http.edge.head_limits import LimitedHttpProtocol, refusal
from monitor.adapters.http.edge.messages import use_language
from monitor.adapters.http.edge.uvicorn_parts import MISSING


class Phase(Enum):
    """What a connection waits for."""

    SILENT = "its first byte"
    HEAD = "the rest of a head"
    BODY = "the rest of a body"
    BUSY = "this server"
    SENDING = "the client, to read its answer"
    KEPT = "another request"


LONGEST = {
    Phase.SILENT: 10,
    Phase.HEAD: 10,
    Phase.BODY: 30,
    Phase.BUSY: inf,
    Phase.SENDING: 30,
    Phase.KEPT: 75,
}
"""Seconds. A kept connection outlives the pause between two samples, or the agent would lose one."""
SLOWEST = 1000
"""Bytes a second: a body, or an answer, that moves so fast may take longer."""


@dataclass(slots=True)
class Pace:
    """For how many looks a connection has been doing the same, for the same request."""

    phase: Phase = Phase.SILENT
    request: object = None
    looks: int = 0
    moved: int = 0

    def is_late(self, phase: Phase, request: object, moved: int = 0) -> bool:
        """Call once a second. *moved*: bytes of a body or an answer since the last look.

        Counts looks and reads no clock: while this process stands still, nobody is late.
        """
        if phase is not self.phase or request is not self.request:
            self.phase, self.request, self.looks, self.moved = phase, request, 0, 0
            return False
        self.looks += 1
        self.moved += moved
        return self.looks > LONGEST[phase] + self.moved / SLOWEST


log = structlog.get_logger()

_CAUSES = {
    Phase.SILENT: Cause.SILENT,
    Phase.HEAD: Cause.SLOW_HEAD,
    Phase.BODY: Cause.SLOW_BODY,
    Phase.SENDING: Cause.UNREAD,
}

_LINE_END = 2
"""Bytes that some clients send after a body: the start of nothing."""


class GuardedHttpProtocol(LimitedHttpProtocol):
    """*guard*: what `http_protocol` gives to all connections of a server."""

    guard: Connections
    address = ""
    looks = 0
    _is_known = False
    _seen = 0
    """Bytes received, or still to be sent, at the last look."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
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

    def on_response_complete(self) -> None:
        """As uvicorn has it, but without a timer for each request: `look` sees to kept connections."""
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

    def look(self) -> Cause | None:
        self.looks += 1
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
        # Where reading is paused it is not the client who is slow.
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
                request.disconnected = True  # whoever still reads it has nothing more to answer
                request.message_event.set()
            use_language(accepted.decode("latin-1"))
            self.transport.write(refusal(408, "too_slow"))
        self.transport.close()


def http_protocol(guard: Connections) -> Any:
    """Protocol class for `uvicorn.Config(http=…)`; uvicorn's own choice, and a warning, if parts of it are missing."""
    if MISSING:
        log.warning("this uvicorn is not the tested one: slow clients and large heads are not limited", missing=MISSING)
        return "auto"
    return type("HttpProtocol", (GuardedHttpProtocol,), {"guard": guard})
