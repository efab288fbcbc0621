"""Large answers are compressed once until they change, and only a few are kept."""

import asyncio
import zlib
from typing import Any

from monitor.adapters.http.edge import answers
from monitor.adapters.http.edge.answers import Packing

JSON = (b"content-type", b"application/json")
LARGE = b'{"data": [' + b", ".join(b'"%d"' % n for n in range(20_000)) + b"]}"


def answered(packer: Packing, body: bytes, *headers: tuple[bytes, bytes], accepted: bytes = b"gzip") -> list[Any]:
    """Return all messages that were sent."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def answer() -> None:
        around = packer.around(send, accepted)
        await around({"type": "http.response.start", "status": 200, "headers": [*headers]})
        await around({"type": "http.response.body", "body": body, "more_body": False})

    asyncio.run(answer())
    return sent


def test_the_same_answer_is_compressed_once():
    packer = Packing()
    first, second = (answered(packer, bytes(bytearray(LARGE)), JSON)[1]["body"] for _ in range(2))
    assert first is second
    assert LARGE == zlib.decompress(first, 31)


def test_a_changed_answer_is_compressed_again():
    packer = Packing()
    for number in range(30):
        body = LARGE + b"%d" % number
        assert body == zlib.decompress(answered(packer, body, JSON)[1]["body"], 31)


def test_compressed_or_binary_answers_pass_unchanged():
    for headers in ((JSON, (b"content-encoding", b"br")), ((b"content-type", b"image/png"),), ()):
        start, body = answered(Packing(), LARGE, *headers)
        assert ([*headers], LARGE) == (start["headers"], body["body"])


def test_at_least_is_about_one_packet():
    assert 1_000 <= answers.LEAST <= 1_500
