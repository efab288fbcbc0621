"""A request's head has an end: 431 for one that is too large, before it is parsed.

Of uvicorn's parsers only h11 knows such a limit. httptools joins the pieces of a header's value anew with each that
arrives, so that one endless header would take all the processor and memory there is.
"""

import asyncio

import msgspec

from monitor.adapters.http.edge.envelope import Envelope, ErrorData
from monitor.adapters.http.edge.messages import failure
from monitor.adapters.http.edge.uvicorn_parts import HttpToolsProtocol
from monitor.adapters.http.edge.whole_answers import Head

MAX_HEAD = 65_536
"""Bytes of request line and headers, or of what follows a body."""
MAX_FIELDS = 200
_PIECE = 4096
_REASON = "headers_too_large"
_LINGER = 1.0
"""Seconds in which the client may finish sending: closed at once, many would never see the answer."""


class LimitedHttpProtocol(HttpToolsProtocol):
    """Counts what arrives between one thing that was understood (a head, a piece of a body) and the next."""

    _pending = 0
    _is_refused = False
    _received = 0
    """Bytes in all."""

    def data_received(self, data: bytes) -> None:
        self._received += len(data)
        self._pending += len(data)
        if self._pending <= MAX_HEAD:
            super().data_received(data)
            return
        self._pending -= len(data)
        for start in range(0, len(data), _PIECE):  # most often a body, whose pieces set the count back
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
            self.transport.close()  # a second answer would be taken for a part of the first
            return
        self.transport.write(refusal(431, _REASON))
        self.transport.set_protocol(_Lingering(self))


def refusal(status: int, reason: str) -> bytes:
    """A whole answer, after which the connection ends."""
    body = msgspec.json.encode(Envelope(status, failure(reason, None), ErrorData(reason, None)))
    length = (b"content-length", b"%d" % len(body))
    head = Head(status, [(b"content-type", b"application/json"), length, (b"connection", b"close")])
    return head.written + b"\r\n" + body


class _Lingering(asyncio.Protocol):
    """Hears nothing more of a connection, which ends soon."""

    def __init__(self, before: HttpToolsProtocol) -> None:
        self._before = before
        before.loop.call_later(_LINGER, before.transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        self._before.connection_lost(exc)
