"""POST /api/prometheus/write: what a Prometheus or vmagent sends by remote-write 1.0.

Like the intake of agents it runs before the framework's routing, and answers once all is committed.
"""

import asyncio
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from math import isfinite

import structlog
from msgspec.json import Encoder

from monitor.adapters.http.edge import errors
from monitor.adapters.http.edge.answers import security_headers, send_answer
from monitor.adapters.http.edge.asgi import Receive, Scope, Send
from monitor.adapters.http.edge.connections import note_known
from monitor.adapters.http.edge.messages import use_language
from monitor.adapters.http.intake.endpoint import IntakeEndpoint
from monitor.adapters.http.intake.received import kind_of, read_body, text_of
from monitor.adapters.http.intake.remote_write import MAX_PACKED, Points, RemoteWrite
from monitor.adapters.http.intake.turns import Bodies, Turns
from monitor.adapters.http.intake.waking import wake
from monitor.adapters.http.intake.write_targets import Targets
from monitor.adapters.http.operations.metrics import Metrics
from monitor.application.fleet.directory import Directory
from monitor.application.fleet.fleet import Fleet
from monitor.application.intake.assembling import Assembler, Scraped
from monitor.application.intake.queue import IntakeQueue
from monitor.application.ports import Clock
from monitor.domain.errors import InvalidInput, MonitorError, Problem
from monitor.domain.fleet.api_keys import ApiKey
from monitor.domain.fleet.servers import ServerId, UnregisteredHost
from monitor.domain.intake.node_exporter import is_of_a_host
from monitor.domain.intake.prometheus import SeriesKey, series_key, unregistered_values
from monitor.domain.intake.samples import FUTURE_TOLERANCE
from monitor.domain.intake.scrapes import Part
from monitor.domain.times import microseconds

log = structlog.get_logger()

WRITE = "/api/prometheus/write"
AT_ONCE = 2
"""Requests that are read at the same time. Each takes a processor, and some ten times the size of its message."""
BODIES_OF_KEY, BODIES = 16_000_000, 64_000_000
"""Bytes of requests in work."""
LARGEST_SKEW = 10 * 365 * 86_400
"""Seconds. A clock is said to be ahead by no more."""
MAX_PARTS = 5_000
"""Scrapes in one request, as many as may wait of a key."""
MAX_NAMES = 16_000_000
"""Characters of the names of their readings."""
MAX_UNREGISTERED = 1_000
"""Unregistered hosts of one request. Further ones are left out."""
_HEADERS = security_headers(WRITE)
_AS_JSON = (b"content-type", b"application/json")
_encode = Encoder().encode
Read = list[tuple[SeriesKey, Points]]


class PrometheusEndpoint:
    def __init__(
        self,
        intake: IntakeEndpoint,
        assembler: Assembler,
        fleet: Fleet,
        queue: IntakeQueue,
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        self._intake = intake
        self._assembler = assembler
        self._fleet = fleet
        self._queue = queue
        self._clock = clock
        self._metrics = metrics
        self._turns = Turns(AT_ONCE)
        self._bodies = Bodies(BODIES_OF_KEY, BODIES)
        self._reader: tuple[Sequence[str], RemoteWrite[SeriesKey]] = (), RemoteWrite(partial(series_key, kept=()))
        self._targets = Targets()
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        """Call on the event loop that serves the requests."""
        self._loop = asyncio.get_running_loop()
        self._assembler.start(self._deliver)

    async def close(self, timeout: float) -> None:
        """Finish what is being stored, within *timeout* seconds."""
        await asyncio.to_thread(self._assembler.close, timeout)

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
            headers = [*_HEADERS, _AS_JSON, *((name.lower().encode(), value.encode()) for name, value in more.items())]
        self._metrics.answered("POST", status)
        if status == 204:  # which has no length
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        else:
            await send_answer(send, status, headers, body)

    async def authenticate(self, received: dict[bytes, bytes]) -> ApiKey:
        """Raises InvalidApiKey."""
        return await self._intake.authenticate(key_text(received))

    async def take(self, key: ApiKey, body: bytes) -> None:
        """Store what a request holds; return after the commit.

        Raises InvalidInput, Overloaded, StorageUnavailable, InvalidApiKey.
        """
        self._queue.expect_batch()
        reader = self._reader_for(self._fleet.directory.preferences.prometheus_metrics)
        async with self._turns.of(key.id):
            series, known = await asyncio.to_thread(self._read, reader, body, key)
        if known is None:
            await self._intake.refresh()
            async with self._turns.of(key.id):
                known = await asyncio.to_thread(self._sorted, self._fleet.directory, key, series)
        found, scraped = known
        for server_id, skew in found.skews.items():
            self._fleet.note_clock(server_id, skew)
        if (unregistered := found.unregistered) or found.hosts_refused:
            await self._intake.submit((), unregistered, found.hosts_refused)
        if scraped.parts:
            await self._put_together(scraped)
        self._metrics.rejected(found.refused + scraped.refused)
        if scraped.full is not None:
            raise InvalidInput({"body": Problem(scraped.full.code, {"limit": scraped.full.limit})})
        if found.problem is not None and not scraped.parts and not unregistered:
            raise InvalidInput({"timestamp": Problem(found.problem)})

    async def _put_together(self, scraped: Scraped) -> None:
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        scraped.waiter = waiter
        self._assembler.put(scraped)
        await waiter
        if scraped.error is not None:
            raise scraped.error

    def _deliver(self, done: Sequence[Scraped]) -> None:
        """Runs on the assembler's thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(wake, done)

    def _reader_for(self, kept: Sequence[str]) -> RemoteWrite[SeriesKey]:
        if self._reader[0] != kept:
            self._reader = kept, RemoteWrite(partial(series_key, kept=frozenset(kept)))
        return self._reader[1]

    def _read(
        self, reader: RemoteWrite[SeriesKey], body: bytes, key: ApiKey
    ) -> tuple[Read, tuple["Found", Scraped] | None]:
        """Return the series, and what they are of; None if a host may be known once the fleet is loaded again."""
        series, directory = reader.read(body), self._fleet.directory
        if self._fleet.is_stale and self._targets.has_unknown(directory, key, series):
            return series, None
        return series, self._sorted(directory, key, series)

    def _sorted(self, directory: Directory, key: ApiKey, series: Read) -> tuple["Found", Scraped]:
        found = Found(self._clock.now(), directory.samples_kept)
        targets: dict[str, ServerId | str | None] = {}
        for each, points in series:
            if (host := each.host) not in targets:
                targets[host] = self._targets.server(directory, key, host)
            target = targets[host]
            if isinstance(target, int):
                found.add(target, each, points)
            elif is_of_a_host(each.reading):
                found.refuse(each, points)
                if target is not None:
                    found.add_unregistered(target, each, points)
        return found, Scraped(key.id, found.parts)


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


@dataclass(slots=True)
class Found:
    """What a request holds of each server and scrape. *skews*: by how much clocks are ahead; see `clock_skew`.

    *hosts_refused*: those of which samples are refused for their time, with the receipt.
    """

    now: datetime
    kept: timedelta
    problem: str | None = None
    skews: dict[ServerId, int | None] = field(default_factory=dict)
    hosts_refused: dict[ServerId, datetime] = field(default_factory=dict)
    _names: int = 0
    _refused: set[tuple[int, int]] = field(default_factory=set)
    _parts: dict[tuple[ServerId, int, int], dict[str, float | None]] = field(default_factory=dict)
    _hosts: dict[str, dict[int, dict[str, float | None]]] = field(default_factory=dict)

    def add(self, server_id: ServerId, series: SeriesKey, points: Points) -> None:
        source, _, reading = series
        for at, value in points:  # a value that is none is the mark of a series that has ended
            if (readings := self._parts.get(part := (server_id, source, at))) is None:
                if not self._is_accepted(at, server_id):
                    if is_of_a_host(reading):
                        self.refuse(series, [(at, value)])
                    continue
                readings = self._parts[part] = {}
                if len(self._parts) > MAX_PARTS:
                    raise InvalidInput({"body": Problem("too_many_samples", {"limit": MAX_PARTS})})
            if reading not in readings:
                readings[reading] = value if isfinite(value) else None
                self._names += len(reading)
                if self._names > MAX_NAMES:
                    raise InvalidInput({"body": Problem("too_many_names", {"limit": MAX_NAMES})})

    def add_unregistered(self, host: str, series: SeriesKey, points: Points) -> None:
        if host not in self._hosts and len(self._hosts) == MAX_UNREGISTERED:
            return
        for at, value in points:
            if self._is_accepted(at):
                scrapes = self._hosts.setdefault(host, {})
                scrapes.setdefault(at, {}).setdefault(series.reading, value if isfinite(value) else None)

    def refuse(self, series: SeriesKey, points: Points) -> None:
        """Count a host's scrapes that make no samples."""
        self._refused.update((series.source, at) for at, _ in points)

    @property
    def refused(self) -> int:
        return len(self._refused)

    @property
    def parts(self) -> list[Part]:
        return [Part(*key, readings) for key, readings in self._parts.items()]

    @property
    def unregistered(self) -> list[UnregisteredHost]:
        return [self._host(name, scrapes) for name, scrapes in self._hosts.items()]

    def _host(self, name: str, scrapes: dict[int, dict[str, float | None]]) -> UnregisteredHost:
        cpu, memory, disk = unregistered_values(scrapes)
        return UnregisteredHost(
            ip_address=name,
            first_seen_at=self.now,
            last_seen_at=self.now,
            reports=len(scrapes),
            cpu=cpu,
            memory=memory,
            disk=disk,
        )

    def _is_accepted(self, at: int, server_id: ServerId | None = None) -> bool:
        ahead = at - microseconds(self.now) // 1000
        tolerance = FUTURE_TOLERANCE // timedelta(milliseconds=1)
        if server_id is not None and ahead >= -tolerance:
            self.skews[server_id] = min(ahead // 1000, LARGEST_SKEW) if ahead > tolerance else None
        if -self.kept // timedelta(milliseconds=1) <= ahead <= tolerance:
            return True
        self.problem = "in_future" if ahead > 0 else "too_old"
        if server_id is not None:
            self.hosts_refused[server_id] = self.now
        return False
