"""Which Content-Encodings a client takes (RFC 9110, 12.5.3).

Answers that leave compressed: a dashboard of ten thousand servers is 1.2 MB plain, and a sixth of it packed.

Intake passes none of this. gzip alone: Python has no other coding before 3.14.
"""

import asyncio
import hashlib
import zlib
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

from litestar.types import Message, Send

from monitor.adapters.http.edge.security_headers import Header


def best(accepted: bytes, codings: Iterable[str]) -> str:
    """The first of *codings* that the header's value allows; "" for the plain form."""
    named = dict(_weighted(part) for part in accepted.decode("latin-1").lower().split(","))
    return next((coding for coding in codings if named.get(coding, named.get("*", 0)) > 0), "")


def _weighted(part: str) -> tuple[str, float]:
    coding, _, parameter = part.partition(";")
    try:
        return coding.strip(), float(parameter.strip().removeprefix("q=") or 1)
    except ValueError:
        return coding.strip(), 0


LEAST = 1400
"""Bytes: less fits one packet either way."""
_AT_ONCE = 20_000
"""Bytes that are packed where they are: a thread would cost more than the 0.3 ms."""
_LEVEL = 1  # the next ones take up to three times as long for a tenth less
_KEPT = 8


class Packing:
    """Packs on one thread of its own, whoever asks: intake keeps the other processors.

    The last large answers are kept packed, by what they say: to pollers that ask faster than anything changes, the same
    bytes go again.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="packing")
        self._kept: OrderedDict[bytes, bytes] = OrderedDict()

    def around(self, send: Send, accepted: bytes) -> Send:
        """*accepted*: the request's Accept-Encoding. An answer that comes in pieces, such as the live stream, and one
        that is packed already go as they are."""
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
                await send(cast(Message, start))
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
    """JSON or text, not packed yet, and no stream of events."""
    found = {name.lower(): value for name, value in headers}
    kind = found.get(b"content-type", b"").partition(b";")[0].strip()
    is_text = kind.startswith(b"text/") or kind.endswith(b"json")
    return is_text and kind != b"text/event-stream" and b"content-encoding" not in found


def _as_gzip(headers: Sequence[Header], length: int) -> list[Header]:
    kept = [header for header in headers if header[0].lower() != b"content-length"]
    return [*kept, (b"content-encoding", b"gzip"), (b"content-length", b"%d" % length)]
