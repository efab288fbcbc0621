"""POST /api/prometheus/write: what a Prometheus or vmagent sends by remote-write 1.0.

Like the intake of agents it runs before the framework's routing, and answers once all is committed.
"""

import asyncio
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import structlog
from msgspec.json import Encoder

from monitor.adapters.http.edge import errors
from monitor.adapters.http.edge.answers import Receive, Scope, Send, security_headers, send_answer
from monitor.adapters.http.edge.connections import note_known
from monitor.adapters.http.edge.words.messages import use_language
from monitor.adapters.http.intake.endpoint import IntakeEndpoint
from monitor.adapters.http.intake.exchange import kind_of, read_body, text_of, written
from monitor.adapters.http.intake.remote_write import MAX_PACKED, RemoteWrite
from monitor.adapters.http.intake.waiting import Bodies, Turns, until_done, wake
from monitor.adapters.http.intake.write_targets import Found, Read, Targets
from monitor.adapters.http.operations.metrics import Metrics
from monitor.application.fleet.directory import Directory
from monitor.application.fleet.fleet import Fleet
from monitor.application.intake.assembling import Assembler, Scraped
from monitor.application.intake.queue import IntakeQueue
from monitor.application.ports import Clock
from monitor.domain.errors import InvalidInput, MonitorError, Problem
from monitor.domain.fleet.api_keys import ApiKey
from monitor.domain.intake.prometheus import SeriesKey, series_key

log = structlog.get_logger()

WRITE = "/api/prometheus/write"
AT_ONCE = 2
"""Requests that are read at the same time. Each takes a processor, and some ten times the size of its message."""
BODIES_OF_KEY, BODIES = 16_000_000, 64_000_000
"""Bytes of requests in work."""
_HEADERS = security_headers(WRITE)
_AS_JSON = (b"content-type", b"application/json")
_encode = Encoder().encode


@dataclass(eq=False)
class PrometheusEndpoint:
    intake: IntakeEndpoint
    assembler: Assembler
    fleet: Fleet
    queue: IntakeQueue
    clock: Clock
    metrics: Metrics

    def __post_init__(self) -> None:
        self._turns = Turns(AT_ONCE)
        self._bodies = Bodies(BODIES_OF_KEY, BODIES)
        self._reader: tuple[Sequence[str], RemoteWrite[SeriesKey]] = (), RemoteWrite(partial(series_key, kept=()))
        self._targets = Targets()

    def start(self) -> None:
        """Call on the event loop that serves the requests."""
        self.assembler.start(partial(_deliver, asyncio.get_running_loop()))

    async def close(self, timeout: float) -> None:
        """Finish what is being stored, within *timeout* seconds."""
        await asyncio.to_thread(self.assembler.close, timeout)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        received = dict(scope["headers"])
        use_language(text_of(received, b"accept-language"))
        status, body, headers = 204, b"", _HEADERS
        try:
            key = await self.authenticate(received)
            note_known(scope)
            check_kind(received)
            with self._bodies.held(key.id, _size(received)):
                await self.take(key, await read_body(receive, MAX_PACKED))
        except Exception as error:
            if not isinstance(error, (MonitorError, errors.Refused)):
                log.error("remote write failed", exc_info=error)
            status, answer, more = errors.answer(error)
            body = _encode(answer)
            headers = [*_HEADERS, _AS_JSON, *written(more)]
        self.metrics.answered("POST", status)
        if status == 204:  # which has no length
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        else:
            await send_answer(send, status, headers, body)

    async def authenticate(self, received: dict[bytes, bytes]) -> ApiKey:
        """Raises InvalidApiKey."""
        return await self.intake.authenticate(key_text(received))

    async def take(self, key: ApiKey, body: bytes) -> None:
        """Store a request; return after the commit. Raises InvalidApiKey, InvalidInput, Overloaded, Unavailable."""
        self.queue.expect_batch()
        reader = self._reader_for(self.fleet.directory.preferences.prometheus_metrics)
        async with self._turns.of(key.id):
            series, known = await asyncio.to_thread(self._read, reader, body, key)
        if known is None:
            await self.intake.refresh()
            async with self._turns.of(key.id):
                known = await asyncio.to_thread(self._sorted, self.fleet.directory, key, series)
        found, scraped = known
        for server_id, skew in found.skews.items():
            self.fleet.note_clock(server_id, skew)
        if (unregistered := found.unregistered) or found.hosts_refused:
            await self.intake.submit((), unregistered, found.hosts_refused)
        if scraped.parts:
            await until_done(scraped, self.assembler.put)
        self.metrics.rejected(found.refused + scraped.refused)
        if scraped.full is not None:
            raise InvalidInput({"body": Problem(scraped.full.code, {"limit": scraped.full.limit})})
        if found.problem is not None and not scraped.parts and not unregistered:
            raise InvalidInput({"timestamp": Problem(found.problem)})

    def _reader_for(self, kept: Sequence[str]) -> RemoteWrite[SeriesKey]:
        if self._reader[0] != kept:
            self._reader = kept, RemoteWrite(partial(series_key, kept=frozenset(kept)))
        return self._reader[1]

    def _read(
        self, reader: RemoteWrite[SeriesKey], body: bytes, key: ApiKey
    ) -> tuple[Read, tuple[Found, Scraped] | None]:
        """Return the series, and what they are of; None if a host may be known once the fleet is loaded again."""
        series, directory = reader.read(body), self.fleet.directory
        if self.fleet.is_stale and self._targets.has_unknown(directory, key, series):
            return series, None
        return series, self._sorted(directory, key, series)

    def _sorted(self, directory: Directory, key: ApiKey, series: Read) -> tuple[Found, Scraped]:
        found = self._targets.found(directory, key, series, self.clock.now())
        return found, Scraped(key.id, found.parts)


def _deliver(loop: asyncio.AbstractEventLoop, requests: Sequence[Scraped]) -> None:
    """Runs on the assembler's thread."""
    if not loop.is_closed():
        loop.call_soon_threadsafe(wake, requests)


def _size(received: dict[bytes, bytes]) -> int:
    """Return how long the body will be at most."""
    length = text_of(received, b"content-length")
    return min(int(length), MAX_PACKED) if length.isascii() and length.isdigit() else MAX_PACKED


def key_text(received: dict[bytes, bytes]) -> str:
    """Return the key: `X-API-Key`, a Bearer token, or the password of Basic. "" if there is none."""
    if key := text_of(received, b"x-api-key"):
        return key
    scheme, _, given = text_of(received, b"authorization").partition(" ")
    if scheme.lower() == "bearer":
        return given.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        return b64decode(given.strip(), validate=True).decode().partition(":")[2]
    except (NotBase64, ValueError):
        return ""


def check_kind(received: dict[bytes, bytes]) -> None:
    """Raises Refused 415 for anything but protobuf of remote-write 1.0, packed by snappy."""
    media_type = text_of(received, b"content-type") or "application/x-protobuf"
    coding = text_of(received, b"content-encoding").strip().lower() or "snappy"
    _, _, parameters = media_type.partition(";")
    proto = dict(part.strip().partition("=")[::2] for part in parameters.lower().split(";")).get("proto")
    is_known = proto in (None, "prometheus.writerequest") and kind_of(media_type.encode()) == b"application/x-protobuf"
    if not is_known or coding != "snappy":
        raise errors.Refused(415)
