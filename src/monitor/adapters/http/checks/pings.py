"""/ping: what jobs request. The secret in the path is all that they have to know."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

from litestar import Controller, MediaType, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from monitor.adapters.http.edge.authentication import ANONYMOUS
from monitor.adapters.http.edge.client_address import client_address
from monitor.application.checks.pings import RecordPing
from monitor.domain.checks.check_ins import MAX_PING_BODY, MAX_STATUS, PingKind
from monitor.domain.errors import NotFound

PING = "/ping"
_KEY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_STATUS = re.compile(r"\d{1,3}", re.ASCII)
MOST_READ = 1_000_000
"""Bytes of a body that are read, so that a client with a longer one than is kept may finish sending it."""


def ping_path(ping_key: str) -> str:
    return f"{PING}/{ping_key}"


class PingController(Controller):
    """No log and no audit entry has the address of a ping, which is a secret."""

    path = PING
    tags = ("checks",)
    opt = ANONYMOUS
    security = ({},)

    @get("/{ping_key:str}", media_type=MediaType.TEXT)
    async def succeeded(
        self, request: Request[Any, Any, Any], ping_key: FromPath[str], record_ping: NamedDependency[RecordPing]
    ) -> Response[str]:
        """The job has succeeded. Also as HEAD. Answers `OK`, also for a paused check-in, once the ping is stored."""
        return await _noted(request, record_ping, ping_key)

    @post("/{ping_key:str}", status_code=200, media_type=MediaType.TEXT, request_max_body_size=None)
    async def succeeded_with_body(
        self, request: Request[Any, Any, Any], ping_key: FromPath[str], record_ping: NamedDependency[RecordPing]
    ) -> Response[str]:
        """The same with a body of any kind, of which the first 10,000 bytes are kept."""
        return await _noted(request, record_ping, ping_key)

    @get("/{ping_key:str}/{event:str}", media_type=MediaType.TEXT)
    async def happened(
        self,
        request: Request[Any, Any, Any],
        ping_key: FromPath[str],
        event: FromPath[str],
        record_ping: NamedDependency[RecordPing],
    ) -> Response[str]:
        """`start`, `fail`, or the exit status of the job, 0 to 255, of which 0 is a success. Also as HEAD."""
        return await _noted(request, record_ping, ping_key, event)

    @post("/{ping_key:str}/{event:str}", status_code=200, media_type=MediaType.TEXT, request_max_body_size=None)
    async def happened_with_body(
        self,
        request: Request[Any, Any, Any],
        ping_key: FromPath[str],
        event: FromPath[str],
        record_ping: NamedDependency[RecordPing],
    ) -> Response[str]:
        """The same with a body of any kind, of which the first 10,000 bytes are kept."""
        return await _noted(request, record_ping, ping_key, event)


async def _noted(
    request: Request[Any, Any, Any], record_ping: RecordPing, ping_key: str, event: str | None = None
) -> Response[str]:
    """Raises NotFound, TooManyAttempts, StorageUnavailable."""
    key, (kind, status) = ping_key.lower(), _read(event)
    if not _KEY.fullmatch(key):
        raise NotFound
    body, is_whole = await _first_bytes(request.stream())
    address = client_address(request.scope)
    await asyncio.to_thread(record_ping, key, kind, address=address, status=status, body=body)
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
