"""/ping: what jobs request. The secret in the path is all that they have to know."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Any

from litestar import Controller, MediaType, Request, Response, get, post
from litestar.params import PathParameter

from monitor.adapters.http.edge.authentication import ANONYMOUS
from monitor.adapters.http.edge.client_address import client_address
from monitor.adapters.http.edge.supplying import Part
from monitor.application.checks.pings import PingLimits, RecordPings, UnstoredPings
from monitor.application.ports import Clock
from monitor.domain.accounts.errors import TooManyAttempts
from monitor.domain.checks.check_ins import MAX_PING_BODY, MAX_STATUS, Ping, PingKind
from monitor.domain.errors import NotFound, Overloaded, Unavailable

PING = "/ping"
_KEY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_STATUS = re.compile(r"\d{1,3}", re.ASCII)
# Described, and not checked by the framework: what is no ping is not found.
PingKey = Annotated[str, PathParameter(schema_extra={"pattern": f"^{_KEY.pattern}$"})]
Event = Annotated[str, PathParameter(schema_extra={"pattern": r"^(start|fail|[0-9]{1,3})$"})]
MOST_READ = 1_000_000
"""Bytes of a body that are read, so that a client with a longer one than is kept may finish sending it."""
AT_ONCE = 200
"""Pings in one transaction."""
MOST_WAITING = 5_000
READ_EVERY = timedelta(seconds=5)
"""Least time between two readings of all secrets, which a flood of unknown ones causes."""


def ping_path(ping_key: str) -> str:
    return f"{PING}/{ping_key}"


@dataclass(slots=True, eq=False)
class PingDesk:
    """Stores pings in groups: those that come while others are stored wait for the next group. On the event loop.

    *read_keys*: reads the secrets of all check-ins.
    """

    record: RecordPings
    limits: PingLimits
    unstored: UnstoredPings
    clock: Clock
    read_keys: Callable[[], Collection[str]]
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)
    _read_at: datetime | None = field(default=None, init=False)
    _waiting: list[tuple[str, Ping, asyncio.Future[None]]] = field(default_factory=list, init=False)
    _storing: asyncio.Task[None] | None = field(default=None, init=False)

    async def admit(self, key: str, address: str) -> None:
        """Count a ping before its body is read. Raises TooManyAttempts, Overloaded, StorageUnavailable."""
        try:
            self.limits.check(key, address)
        except TooManyAttempts:
            if self.limits.is_known(key):
                raise
            await self._learn_keys()
            self.limits.check(key, address)
        if len(self._waiting) >= MOST_WAITING:
            self.unstored.received(key, self.clock.now())
            raise Overloaded

    async def _learn_keys(self) -> None:
        """Learn which secrets are right, unless that was done a moment ago: this process may not have seen them."""
        async with self._reading:
            now = self.clock.now()
            if self._read_at is None or not timedelta(0) <= now - self._read_at < READ_EVERY:
                self._read_at = now
                self.limits.learn(await asyncio.to_thread(self.read_keys))

    async def note(self, key: str, kind: PingKind, address: str, status: int | None, body: bytes) -> None:
        """Return after the commit. Raises NotFound, StorageUnavailable."""
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        ping = Ping(at=self.clock.now(), kind=kind, address=address, status=status, body=body)
        if kind is not PingKind.START:  # a start does not tell that the job has run
            self.unstored.received(key, ping.at)
        self._waiting.append((key, ping, stored))
        if self._storing is None:
            self._storing = asyncio.create_task(self._store())
        try:
            await stored
        except NotFound:
            self.limits.note(key, address, is_known=False)
            raise
        self.limits.note(key, address, is_known=True)

    async def _store(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting[:AT_ONCE], self._waiting[AT_ONCE:]
            outcomes: Sequence[Exception | None]
            try:
                outcomes = await asyncio.to_thread(self.record, [(key, ping) for key, ping, _ in group])
            except Exception as error:
                outcomes = [error] * len(group)
            for (key, ping, stored), problem in zip(group, outcomes, strict=True):
                if not isinstance(problem, Unavailable):
                    self.unstored.settled(key, ping.at)
                if stored.done():  # its client has left
                    continue
                if problem is None:
                    stored.set_result(None)
                else:
                    stored.set_exception(problem)
        self._storing = None


class PingController(Controller):
    """No log and no audit entry has the address of a ping, which is a secret."""

    path = PING
    tags = ("checks",)
    opt = ANONYMOUS
    security = ({},)

    @get("/{ping_key:str}", media_type=MediaType.TEXT)
    async def succeeded(
        self, request: Request[Any, Any, Any], ping_key: PingKey, ping_desk: Part[PingDesk]
    ) -> Response[str]:
        """The job has succeeded. Also as HEAD. Answers `OK`, also for a paused check-in, once the ping is stored."""
        return await _noted(request, ping_desk, ping_key)

    @post("/{ping_key:str}", status_code=200, media_type=MediaType.TEXT, request_max_body_size=None)
    async def succeeded_with_body(
        self, request: Request[Any, Any, Any], ping_key: PingKey, ping_desk: Part[PingDesk]
    ) -> Response[str]:
        """The same with a body of any kind, of which the first 10,000 bytes are kept."""
        return await _noted(request, ping_desk, ping_key)

    @get("/{ping_key:str}/{event:str}", media_type=MediaType.TEXT)
    async def happened(
        self, request: Request[Any, Any, Any], ping_key: PingKey, event: Event, ping_desk: Part[PingDesk]
    ) -> Response[str]:
        """`start`, `fail`, or the exit status of the job, 0 to 255, of which 0 is a success. Also as HEAD."""
        return await _noted(request, ping_desk, ping_key, event)

    @post("/{ping_key:str}/{event:str}", status_code=200, media_type=MediaType.TEXT, request_max_body_size=None)
    async def happened_with_body(
        self, request: Request[Any, Any, Any], ping_key: PingKey, event: Event, ping_desk: Part[PingDesk]
    ) -> Response[str]:
        """The same with a body of any kind, of which the first 10,000 bytes are kept."""
        return await _noted(request, ping_desk, ping_key, event)


async def _noted(
    request: Request[Any, Any, Any], ping_desk: PingDesk, ping_key: str, event: str | None = None
) -> Response[str]:
    """Raises NotFound, TooManyAttempts, Overloaded, StorageUnavailable."""
    key, (kind, status) = ping_key.lower(), _read(event)
    if not _KEY.fullmatch(key):
        raise NotFound
    address = client_address(request.scope)
    await ping_desk.admit(key, address)
    body, is_whole = await _first_bytes(request.stream())
    await ping_desk.note(key, kind, address, status, body)
    headers = {"Cache-Control": "no-store"} | ({} if is_whole else {"Connection": "close"})
    return Response("OK", media_type=MediaType.TEXT, headers=headers)


def _read(event: str | None) -> tuple[PingKind, int | None]:
    """Return the kind of a ping and the exit status that it gives. Raises NotFound."""
    match event:
        case None:
            return PingKind.SUCCESS, None
        case "start":
            return PingKind.START, None
        case "fail":
            return PingKind.FAIL, None
    if not _STATUS.fullmatch(event) or int(event) > MAX_STATUS:
        raise NotFound
    return (PingKind.FAIL if int(event) else PingKind.SUCCESS), int(event)


async def _first_bytes(chunks: AsyncIterator[bytes]) -> tuple[bytes, bool]:
    """Return what is kept of a body, and whether all of it was read."""
    kept, size = b"", 0
    async for chunk in chunks:
        size += len(chunk)
        kept += chunk[: MAX_PING_BODY - len(kept)]
        if size > MOST_READ:
            return kept, False
    return kept, True
