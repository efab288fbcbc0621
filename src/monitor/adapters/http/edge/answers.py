"""What every answer gets: security headers, and compression.

Compressed, a dashboard of ten thousand servers is a sixth of 1.2 MB. Only gzip: Python has no other suitable coding
before 3.14. Answers of the intake are not compressed.
"""

import asyncio
import hashlib
import zlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, MutableMapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

Header = tuple[bytes, bytes]
Scope = MutableMapping[str, Any]
Message = Any
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
App = Callable[[Any, Any, Any], Awaitable[None]]
"""ASGI. Any: the framework and the server have types of their own for the same dictionaries."""

_CSP = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
# Swagger UI draws with style attributes and data: images; its scripts are files of ours.
_SCHEMA_CSP = f"{_CSP}; style-src 'self' 'unsafe-inline'; img-src 'self' data:"
# The screen saves charts as pictures, and a build may put a small one into a style sheet.
_UI_CSP = f"{_CSP}; img-src 'self' data: blob:"
_HEADERS: tuple[Header, ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
)
_PERMISSIONS: Header = (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()")
# For a year, and only for this host of the domain.
_HSTS: Header = (b"strict-transport-security", b"max-age=31536000")
_NO_STORE: Header = (b"cache-control", b"no-store")


async def send_answer(send: Send, status: int, headers: Sequence[Header], body: bytes) -> None:
    """Send a whole answer, with its length unless it has no body."""
    length = [] if status == 304 else [(b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": [*headers, *length]})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def is_api(path: str) -> bool:
    """Return True for /api itself and below; the screen may have an address such as /api-keys."""
    return path == "/api" or path.startswith("/api/")


def security_headers(
    path: str, *, is_ui: bool = False, hsts: bool = False, present: Iterable[Header] = ()
) -> list[Header]:
    """Return the headers to add to those *present*.

    *is_ui*: a page or file of the screen. *hsts*: this host is used over TLS only.
    """
    policy = _UI_CSP if is_ui else _SCHEMA_CSP if path.startswith("/schema") else _CSP
    headers = [*_HEADERS, (b"content-security-policy", policy.encode())]
    if not is_api(path):
        own = {name.lower() for name, _ in present}
        headers = [*(each for each in headers if each[0] not in own), _PERMISSIONS]
    elif not any(name.lower() == b"cache-control" for name, _ in present):
        headers.append(_NO_STORE)
    if hsts:
        headers.append(_HSTS)
    return headers


def best(accepted: bytes, codings: Iterable[str]) -> str:
    """Return the first of *codings* that an Accept-Encoding header allows (RFC 9110, section 12.5.3); "": none."""
    named = dict(_weighted(part) for part in accepted.decode("latin-1").lower().split(","))
    return next((coding for coding in codings if named.get(coding, named.get("*", 0)) > 0), "")


def _weighted(part: str) -> tuple[str, float]:
    coding, _, parameter = part.partition(";")
    try:
        return coding.strip(), float(parameter.strip().removeprefix("q=") or 1)
    except ValueError:
        return coding.strip(), 0


LEAST = 1400
"""Bytes; a smaller answer fits one packet uncompressed."""
_AT_ONCE = 20_000
"""Bytes to compress on the event loop: handing over to a thread would cost more than the 0.3 ms."""
_LEVEL = 1  # higher levels take up to three times as long for a tenth less
_KEPT = 8


class Packing:
    """Compresses large answers on one thread, so that the intake keeps the other processors.

    Keeps the last large answers compressed, by content: clients often poll faster than anything changes.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="packing")
        self._kept: OrderedDict[bytes, bytes] = OrderedDict()

    def around(self, send: Send, accepted: bytes) -> Send:
        """Return *send* with compression. *accepted*: the request's Accept-Encoding.

        Answers in several pieces, such as the live stream, and compressed ones pass unchanged.
        """
        is_wanted = best(accepted, ["gzip"]) != ""
        held: list[dict[str, Any]] = []

        async def packed(message: Any) -> None:
            if message["type"] == "http.response.start" and _is_text(message["headers"]):
                held.append(message)
                return
            if message["type"] == "http.response.body" and held:
                start, body = held.pop(), message.get("body", b"")
                if not message.get("more_body", False) and len(body) >= LEAST:
                    start["headers"] = [*start["headers"], (b"vary", b"accept-encoding")]
                    if is_wanted:
                        message["body"] = body = await self._packed(body)
                        start["headers"] = _as_gzip(start["headers"], len(body))
                await send(start)
            await send(message)

        return packed

    async def _packed(self, body: bytes) -> bytes:
        if len(body) <= _AT_ONCE:
            return _gzip(body)
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._packed_or_kept, body)

    def _packed_or_kept(self, body: bytes) -> bytes:
        key = hashlib.blake2b(body, digest_size=16).digest()
        found = self._kept.pop(key, None) or _gzip(body)
        self._kept[key] = found
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return found


def _gzip(body: bytes) -> bytes:
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, 31)  # 31: with gzip's frame
    return packer.compress(body) + packer.flush()


def _is_text(headers: Sequence[Header]) -> bool:
    """Return True for JSON and text that is neither compressed nor a stream of events."""
    found = {name.lower(): value for name, value in headers}
    kind = found.get(b"content-type", b"").partition(b";")[0].strip()
    is_text = kind.startswith(b"text/") or kind.endswith(b"json")
    return is_text and kind != b"text/event-stream" and b"content-encoding" not in found


def _as_gzip(headers: Sequence[Header], length: int) -> list[Header]:
    kept = [header for header in headers if header[0].lower() != b"content-length"]
    return [*kept, (b"content-encoding", b"gzip"), (b"content-length", b"%d" % length)]
