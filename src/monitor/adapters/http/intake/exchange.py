"""What plain ASGI brings of a request, and the heads of the intake's answers."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import structlog

from monitor.adapters.http.edge import errors
from monitor.adapters.http.edge.answers import Receive, security_headers
from monitor.adapters.http.edge.decoding import MAX_BODY
from monitor.adapters.http.edge.envelope import Envelope
from monitor.adapters.http.edge.uvicorn_parts import Head
from monitor.application.ports import Clock
from monitor.domain.errors import MonitorError

log = structlog.get_logger()

EPOCH, DURABLE = "X-Monitor-Epoch", "X-Monitor-Durable"
_HEADERS = [(b"content-type", b"application/json"), *security_headers(errors.INTAKE)]


def text_of(received: dict[bytes, bytes], header: bytes) -> str:
    """Return the header's value, empty if absent."""
    return received.get(header, b"").decode("latin-1")


def kind_of(media_type: bytes) -> bytes:
    """Return a media type without its parameters."""
    return media_type.partition(b";")[0].strip().lower()


async def read_body(receive: Receive, most: int = MAX_BODY) -> bytes:
    """Return the whole body. Raises Refused if it has more than *most* bytes or is cut off."""
    chunks: list[bytes] = []
    size = 0
    while True:
        message: Any = await receive()
        if message["type"] == "http.disconnect":
            raise errors.Refused(400)
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > most:
            raise errors.Refused(413)
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)  # a single chunk is not copied


def written(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


class Heads:
    """Heads of answers to agents. *durable_after*: the time after which what was acknowledged cannot be lost."""

    def __init__(self, clock: Clock, durable_after: timedelta) -> None:
        self._clock = clock
        self._durable = str(int(durable_after.total_seconds()))
        self.time = ""
        """That of the last commit: the answers to one group say the same."""
        self._last = ("", ""), Head(200, _HEADERS)
        """The epoch and the time of the last answer, and its head."""

    def fields(self, epoch: str) -> dict[str, str]:
        """Return what an agent has to know of the store and of the time; see decisions 34 and 60."""
        time = {errors.TIME: errors.time_of(self._clock)}
        return {EPOCH: epoch, DURABLE: self._durable, **time} if epoch else time

    def stored(self, epoch: str) -> Head:
        """Return the head of an answer that is sent now."""
        key = epoch, self.time
        if self._last[0] != key:
            self._last = key, Head(200, [*_HEADERS, *written(self.fields(epoch))])
        return self._last[1]

    def failed(self, error: Exception) -> tuple[Head, Envelope[Any]]:
        """Return the answer to a sample that could not be stored."""
        if not isinstance(error, (MonitorError, errors.Refused)):
            log.error("intake failed", exc_info=error)
        status, answer, more = errors.answer(error)
        return Head(status, [*_HEADERS, *written({errors.TIME: errors.time_of(self._clock), **more})]), answer
