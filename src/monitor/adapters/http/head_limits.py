"""A request's head has an end: 431 for one that is too large, before it is parsed.

Of uvicorn's parsers only h11 knows such a limit. httptools joins the pieces of a header's value anew with each that
arrives, so that one endless header would take all the processor and memory there is.
"""

import asyncio
from typing import Any

import msgspec
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from monitor.adapters.http.envelope import Envelope, ErrorData
from monitor.adapters.http.messages import failure

MAX_HEAD = 65_536
"""Bytes of request line and headers, or of what follows a body."""
MAX_FIELDS = 200
_PIECE = 4096
_REASON = "headers_too_large"
_LINGER = 1.0
"""Seconds in which the client may finish sending: closed at once, many would never see the answer."""
_USED = ("data_received", "on_headers_complete", "on_body", "send_400_response", "connection_lost")


class LimitedHttpProtocol(HttpToolsProtocol):
    """Counts what arrives between one thing that was understood (a head, a piece of a body) and the next."""

    _pending = 0
    _is_refused = False

    def data_received(self, data: bytes) -> None:
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

    def send_400_response(self, msg: str) -> None:
        if not self._is_refused:
            super().send_400_response(msg)

    def _refuse(self) -> None:
        self._is_refused = True
        if self.cycle is not None and not self.cycle.response_complete:
            self.transport.close()  # a second answer would be taken for a part of the first
            return
        body = msgspec.json.encode(Envelope(431, failure(_REASON, None), ErrorData(_REASON, None)))
        head = b"content-type: application/json\r\ncontent-length: %d\r\nconnection: close\r\n\r\n" % len(body)
        self.transport.write(STATUS_LINE[431] + head + body)
        self.transport.set_protocol(_Lingering(self))


class _Lingering(asyncio.Protocol):
    """Hears nothing more of a connection, which ends soon."""

    def __init__(self, before: HttpToolsProtocol) -> None:
        self._before = before
        before.loop.call_later(_LINGER, before.transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        self._before.connection_lost(exc)


def http_protocol() -> Any:
    """For `uvicorn.Config(http=…)`: uvicorn's own choice where it is no longer made as we know it."""
    return LimitedHttpProtocol if all(hasattr(HttpToolsProtocol, name) for name in _USED) else "auto"
