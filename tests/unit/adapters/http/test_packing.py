"""Large answers are packed once for all who ask before anything changes, and never are many of them kept."""

import asyncio
import zlib
from typing import Any

from monitor.adapters.http.edge import answers
from monitor.adapters.http.edge.answers import Packing

JSON = (b"content-type", b"application/json")
LARGE = b'{"data": [' + b", ".join(b'"%d"' % n for n in range(20_000)) + b"]}"


def answered(packer: Packing, body: bytes, *headers: tuple[bytes, bytes], accepted: bytes = b"gzip") -> list[Any]:
    """All that was sent."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def answer() -> None:
        around = packer.around(send, accepted)
        await around({"type": "http.response.start", "status": 200, "headers": [*headers]})
        await around({"type": "http.response.body", "body": body, "more_body": False})

    asyncio.run(answer())
    return sent


def test_the_same_bytes_go_again_without_being_packed_again():
    packer = Packing()
    first, second = (answered(packer, bytes(bytearray(LARGE)), JSON)[1]["body"] for _ in range(2))
    assert first is second
    assert LARGE == zlib.decompress(first, 31)


def test_what_changed_is_packed_anew():
    packer = Packing()
    for number in range(30):
        body = LARGE + b"%d" % number
        assert body == zlib.decompress(answered(packer, body, JSON)[1]["body"], 31)


def test_what_is_packed_or_no_text_goes_as_it_is():
    for headers in ((JSON, (b"content-encoding", b"br")), ((b"content-type", b"image/png"),), ()):
        start, body = answered(Packing(), LARGE, *headers)
        assert ([*headers], LARGE) == (start["headers"], body["body"])


def test_at_least_is_about_one_packet():
    assert 1_000 <= answers.LEAST <= 1_500
