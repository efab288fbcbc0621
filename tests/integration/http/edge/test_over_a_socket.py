"""Refused bodies and kept connections, on a real server."""

import json
import logging
import socket
from logging.handlers import BufferingHandler
from typing import Any

import pytest

from tests.integration.http.served import Served, wait_until
from tests.integration.http.world import World, agent, report

PATHS = ["/api/monitor/data", "/api/monitor/data/batch", "/api/servers"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("is_announced", [True, False])
def test_a_body_that_is_too_large_gets_its_answer(served: Served, path: str, is_announced: bool) -> None:
    """And the connection may be used further."""
    world = served.world
    key = agent(world.server_key(world.server("192.0.2.1")))
    body = b" " * 1_000_001
    content = body if is_announced else iter([body[:600_000], body[600_000:]])
    answer = served.send("POST", path, world.admin if path == "/api/servers" else key, content=content)
    assert (413, "too_large") == (answer.status_code, answer.json()["data"]["reason"])
    assert 200 == served.send("POST", "/api/monitor/data", key, json=report()).status_code


def test_one_connection_serves_many_requests(served: Served) -> None:
    key = served.world.server_key(served.world.server("192.0.2.1"))
    for number in range(20):
        body = report(recorded_at=f"2030-01-01 11:00:{number:02}")
        answer = served.send("POST", "/api/monitor/data", agent(key), json=body)
        assert ("stored", False) == (answer.json()["data"]["status"], "connection" in answer.headers)


def test_a_client_that_leaves_in_the_middle_is_harmless(served: Served) -> None:
    key = served.world.server_key(served.world.server("192.0.2.1"))
    head = f"POST /api/monitor/data HTTP/1.1\r\nHost: a\r\nX-API-Key: {key}\r\nContent-Length: 1000\r\n\r\n{{"
    host, port = served.url.removeprefix("http://").split(":")
    for _ in range(3):
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(head.encode())
    assert 200 == served.send("POST", "/api/monitor/data", agent(key), json=report()).status_code
    assert 1 == len(served.send("GET", "/api/monitor/data", served.world.admin).json()["data"])


BODIES = {"/api/servers": "application/json", "/api/servers/import": "text/csv", "/api/auth/login": "application/json"}


@pytest.mark.parametrize("path", [*BODIES, "/api/monitor/data"])
def test_a_client_that_leaves_in_the_middle_is_no_server_error(
    served: Served, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same for a form, whose parts are read by the framework."""
    world = served.world
    proof = {"X-API-Key": world.server_key(world.server("192.0.2.1"))} if "monitor" in path else world.admin.headers
    kinds = [BODIES.get(path, "application/json"), *(["multipart/form-data; boundary=b"] if "import" in path else [])]
    for kind in kinds:
        lines = [f"{name}: {value}" for name, value in {**proof, "Content-Type": kind}.items()]
        head = "\r\n".join([f"POST {path} HTTP/1.1", "Host: localhost", "Content-Length: 1000", *lines, "", "{"])
        with socket.create_connection(_address(served)) as connection:
            connection.sendall(head.encode())
    wait_until(lambda: _answered(served, "400") == len(kinds))
    assert (0, "") == (_answered(served, "500"), "".join(capsys.readouterr()))


def _address(served: Served) -> tuple[str, int]:
    host, port = served.url.removeprefix("http://").split(":")
    return host, int(port)


def _answered(served: Served, status: str) -> float:
    lines = served.client.get("/metrics").text.splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if f'method="POST",status="{status}"' in line)


def _post(key: str, body: bytes, *more: str) -> bytes:
    lines = ("POST /api/monitor/data HTTP/1.1", "Host: a", f"X-API-Key: {key}", f"Content-Length: {len(body)}", *more)
    return "\r\n".join([*lines, "", ""]).encode() + body


def _everything(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(65536), b""))


def test_an_answer_is_the_same_however_it_is_written(served: Served) -> None:
    """In one write with the connection kept, in two where it ends."""
    key, body = served.world.server_key(served.world.server("192.0.2.1")), json.dumps(report()).encode()
    host, port = served.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(_post(key, body) + _post("wrong", body) + _post(key, body, "Connection: close"))
        answers = _everything(connection).split(b"HTTP/1.1 ")[1:]
    kept, refused, last = (_parsed(answer) for answer in answers)
    assert (b"200 OK", b"401 Unauthorized", b"200 OK") == (kept[0], refused[0], last[0])
    assert kept[1] == {name: value for name, value in last[1].items() if name != b"connection"}
    assert ("stored", "invalid_api_key", "duplicate") == (
        kept[2]["data"]["status"],
        refused[2]["data"]["reason"],
        last[2]["data"]["status"],
    )


def _parsed(answer: bytes) -> tuple[bytes, dict[bytes, bytes], Any]:
    """Status, headers but for the length and the time, data."""
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *lines = head.split(b"\r\n")
    headers = dict(line.split(b": ", 1) for line in lines)
    assert len(body) == int(headers.pop(b"content-length"))
    assert headers.pop(b"date")
    return status, headers, json.loads(body)


def test_an_access_log_contains_samples() -> None:
    log, kept = logging.getLogger("uvicorn.access"), BufferingHandler(capacity=100)
    log.addHandler(kept)
    log.setLevel(logging.INFO)
    served = Served(World(is_started=False), access_log=True)
    try:
        key = served.world.server_key(served.world.server("192.0.2.1"))
        assert 200 == served.send("POST", "/api/monitor/data", agent(key), json=report()).status_code
    finally:
        served.stop()
        log.removeHandler(kept)
        log.setLevel(logging.NOTSET)
    assert "POST /api/monitor/data HTTP/1.1" in kept.buffer[-1].getMessage()


def test_an_uptime_check_by_head_keeps_its_connection(served: Served) -> None:
    host, port = served.url.removeprefix("http://").split(":")
    asked = "HEAD /healthz HTTP/1.1\r\nHost: a\r\n\r\nGET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(asked.encode())
        head, _, get = _everything(connection).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    assert get.startswith(b"HTTP/1.1 200 ")
