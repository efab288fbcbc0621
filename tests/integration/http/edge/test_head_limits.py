"""Too large heads are refused before they cost anything. On a real server."""

import json
import socket
from collections.abc import Iterator

import pytest

from tests.integration.http.served import Served
from tests.integration.http.world import agent, report

HEALTH = b"GET /healthz HTTP/1.1\r\nHost: a\r\n"
KB = 1024


@pytest.fixture
def connection(served: Served) -> Iterator[socket.socket]:
    host, port = served.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connected:
        yield connected


def everything(connection: socket.socket) -> tuple[bytes, bytes]:
    """Return status line and body of the one answer before the connection ends."""
    head, _, body = b"".join(iter(lambda: connection.recv(65_536), b"")).partition(b"\r\n\r\n")
    return head.partition(b"\r\n")[0], body


TOO_LARGE = {
    "one endless header": HEALTH + b"X: " + b"a" * 100 * KB,
    "a large header that ends": HEALTH + b"X: " + b"a" * 70 * KB + b"\r\n\r\n",
    "an endless name": HEALTH + b"a" * 100 * KB,
    "an endless address": b"GET /" + b"a" * 100 * KB,
    "many headers": HEALTH + b"X: a\r\n" * 200 + b"\r\n",
    "headers without end": HEALTH + b"X: a\r\n" * 20_000,
}


@pytest.mark.parametrize("head", TOO_LARGE.values(), ids=TOO_LARGE)
@pytest.mark.parametrize("before", [b"", HEALTH + b"\r\n"], ids=["at first", "on a kept connection"])
def test_a_head_that_is_too_large_is_refused(connection: socket.socket, head: bytes, before: bytes) -> None:
    connection.sendall(before)
    if before:
        assert connection.recv(65_536).startswith(b"HTTP/1.1 200 ")
    connection.sendall(head)
    status, body = everything(connection)
    assert status == b"HTTP/1.1 431 Request Header Fields Too Large"
    assert (431, {"reason": "headers_too_large"}) == (json.loads(body)["code"], json.loads(body)["data"])


@pytest.mark.parametrize("more", [b"X: a\r\n" * 198, b"X: " + b"a" * 60 * KB + b"\r\n"], ids=["many", "long"])
def test_a_head_within_the_limits_is_served(connection: socket.socket, more: bytes) -> None:
    connection.sendall(HEALTH + more + b"\r\n")
    assert connection.recv(65_536).startswith(b"HTTP/1.1 200 ")


def test_endless_trailers_end_the_connection(served: Served, connection: socket.socket) -> None:
    """They follow a body in pieces, and are parsed like headers."""
    head = b"POST /api/auth/login HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX: "
    connection.sendall(head)
    with pytest.raises((BrokenPipeError, ConnectionResetError)):
        connection.sendall(b"a" * 64_000 * KB)
    assert 200 == served.client.get("/healthz").status_code


def test_a_body_may_be_larger(served: Served) -> None:
    """In one piece or many, and whatever comes after it."""
    key = agent(served.world.server_key(served.world.server("192.0.2.1")))
    body = json.dumps(report()).encode() + b" " * 900 * KB
    for content in (body, iter([body[at : at + 70_000] for at in range(0, len(body), 70_000)])):
        assert 200 == served.send("POST", "/api/monitor/data", key, content=content).status_code


def test_the_server_stops_while_a_refused_connection_lingers(served: Served, connection: socket.socket) -> None:
    connection.sendall(TOO_LARGE["one endless header"])
    assert connection.recv(65_536).startswith(b"HTTP/1.1 431 ")
