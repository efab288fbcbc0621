"""The headers and the body of a request, as plain ASGI brings them."""

from typing import Any

from monitor.adapters.http.edge.asgi import Receive
from monitor.adapters.http.edge.decoding import MAX_BODY
from monitor.adapters.http.edge.errors import Refused


def text_of(received: dict[bytes, bytes], header: bytes) -> str:
    """Return the header's value, empty if absent."""
    value = received.get(header)
    return value.decode("latin-1") if value else ""


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
            raise Refused(400)
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > most:
            raise Refused(413)
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)  # a single chunk is not copied
