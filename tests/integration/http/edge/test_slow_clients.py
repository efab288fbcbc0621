"""Clients that are too slow or idle, on a real server with short seconds."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import uvicorn

from monitor.adapters.http.edge.connections import Cause, Connections
from monitor.adapters.http.edge.protocol import GuardedHttpProtocol, Phase, http_protocol
from monitor.cli.server import bind
from tests.integration.http.served import Served, wait_until
from tests.integration.http.world import World, agent, report

SECOND = 0.02
LOGIN = b"POST /api/auth/login HTTP/1.1\r\nHost: localhost\r\nAccept-Language: en\r\nContent-Type: application/json\r\n"
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"


@pytest.fixture
def served() -> Iterator[Served]:
    server = Served(World(is_started=False, connections_per_address=20))
    server.world.application.connections.second = SECOND
    yield server
    server.stop()


@pytest.fixture
def connected(served: Served) -> Iterator[Any]:
    """Makes connections that are closed when the test ends."""
    host, port = served.url.removeprefix("http://").split(":")
    with ExitStack() as stack:
        yield lambda: stack.enter_context(socket.create_connection((host, int(port)), timeout=10))


def everything(connection: socket.socket) -> bytes:
    """Return all bytes before the connection ends."""
    return b"".join(iter(lambda: connection.recv(65_536), b""))


def ended(served: Served) -> dict[Cause, int]:
    return dict(served.world.application.connections.ended)


def test_the_server_uses_the_guarded_protocol() -> None:
    """Otherwise no connection would have a limit."""
    assert issubclass(http_protocol(Connections()), GuardedHttpProtocol)


def test_an_idle_new_connection_is_ended(served: Served, connected: Any) -> None:
    assert (b"", {Cause.SILENT: 1}) == (everything(connected()), ended(served))


@pytest.mark.parametrize("before", [b"", HEALTH + b"\r\n"], ids=["at first", "on a kept connection"])
def test_a_head_that_does_not_end_is_answered_408(served: Served, connected: Any, before: bytes) -> None:
    connection = connected()
    connection.sendall(before)
    if before:
        assert connection.recv(65_536).startswith(b"HTTP/1.1 200 ")
    connection.sendall(HEALTH)
    answer = everything(connection)
    assert answer.startswith(b"HTTP/1.1 408 Request Timeout\r\n"), answer
    assert "too_slow" == json.loads(answer.partition(b"\r\n\r\n")[2])["data"]["reason"]
    assert {Cause.SLOW_HEAD: 1} == ended(served)


def test_a_body_that_does_not_end_is_answered_in_the_clients_language(served: Served, connected: Any) -> None:
    connection = connected()
    connection.sendall(LOGIN + b"Content-Length: 100\r\n\r\n{")
    answer = everything(connection)
    body = json.loads(answer.partition(b"\r\n\r\n")[2])
    assert (408, "The request was sent too slowly") == (body["code"], body["msg"])
    assert {Cause.SLOW_BODY: 1} == ended(served)


def test_an_idle_kept_connection_is_ended(served: Served, connected: Any) -> None:
    """This counts as no error. It also ends while a body arrives that was already answered."""
    idle, ends_lines, talks = connected(), connected(), connected()
    idle.sendall(HEALTH + b"\r\n")
    ends_lines.sendall(HEALTH + b"\r\n")
    ends_lines.sendall(b"\r\n")
    talks.sendall(b"POST /api/servers HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{")
    answers = [everything(connection).count(b"HTTP/1.1 ") for connection in (idle, ends_lines, talks)]
    assert [1, 1, 1] == answers
    assert {} == ended(served)


def test_an_idle_connection_is_ended_whose_body_ended_in_its_own_packet(served: Served, connected: Any) -> None:
    def received() -> int:
        """Only the protocol itself sees how packets are cut."""
        unknown = list(served.world.application.connections._unknown)
        return sum(peer._received for peer in unknown)  # type: ignore[attr-defined]  # a protocol of ours

    begin, end = LOGIN + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", b"0\r\n\r\n"
    connection = connected()
    connection.sendall(begin)
    wait_until(lambda: received() == len(begin))
    connection.sendall(end)
    assert (1, {}) == (everything(connection).count(b"HTTP/1.1 "), ended(served))


def test_unknown_connections_of_one_address_are_limited(served: Served, connected: Any) -> None:
    """The agent's connections and reports are not affected."""
    key = served.world.server_key(served.world.server("192.0.2.1"))
    body = json.dumps(report()).encode()
    sample = b"POST /api/monitor/data HTTP/1.1\r\nHost: localhost\r\nX-API-Key: %b\r\nContent-Length: %d\r\n\r\n%b"
    agents = [connected() for _ in range(30)]
    for connection in agents:
        connection.sendall(sample % (key.encode(), len(body), body))
        assert connection.recv(65_536).startswith(b"HTTP/1.1 200 ")
    silent = [connected() for _ in range(50)]
    wait_until(lambda: ended(served).get(Cause.PER_ADDRESS, 0) >= 30)
    assert [b""] * 30 == [everything(connection) for connection in silent[:30]]
    for connection in agents:
        connection.sendall(sample % (key.encode(), len(body), body))
        assert connection.recv(65_536).startswith(b"HTTP/1.1 200 ")
    assert 200 == served.send("POST", "/api/monitor/data", agent(key), json=report()).status_code


@pytest.mark.parametrize("path", ["/api/live", "/api/servers"])
def test_a_client_that_logged_in_is_known(served: Served, path: str) -> None:
    connections = served.world.application.connections
    admin = served.world.admin
    with served.client.stream("GET", path, headers=dict(admin.headers)) as answer:
        assert (200, 1) == (answer.status_code, connections.known)


def test_metrics_count_ended_connections(served: Served, connected: Any) -> None:
    everything(connected())
    text = served.client.get("/metrics").text
    for line in ('monitor_connections{peer="unknown"} 1.0', 'monitor_connections_ended_total{cause="silent"} 1.0'):
        assert line in text, line


async def large(scope: Any, receive: Any, send: Any) -> None:
    """An answer that is larger than each buffer of the system."""
    if scope["type"] != "http":
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"a" * 30_000_000, "more_body": scope["path"] == "/stream"})
    if scope["path"] == "/stream":
        await send({"type": "http.response.body", "body": b"a"})


@pytest.fixture
def large_answers() -> Iterator[tuple[int, Connections]]:
    """The port, and its connections."""
    connections, listener = Connections(), bind("127.0.0.1", 0)
    connections.second = SECOND
    config = uvicorn.Config(large, http=http_protocol(connections), lifespan="off", log_config=None, access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    wait_until(lambda: server.started)
    yield listener.getsockname()[1], connections
    server.should_exit = True
    thread.join(30)
    assert not thread.is_alive()


@pytest.mark.parametrize("path", ["/", "/stream"])
@pytest.mark.parametrize("more", [b"", b"Connection: close\r\n"])
def test_an_answer_that_is_not_read_is_given_up(large_answers: tuple[int, Connections], path: str, more: bytes) -> None:
    port, connections = large_answers
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(b"GET %b HTTP/1.1\r\nHost: localhost\r\n%b\r\n" % (path.encode(), more))
        wait_until(lambda: connections.ended[Cause.UNREAD] == 1)
        wait_until(lambda: connections.unknown == 0)


def test_only_answers_to_unknown_readers_are_cut_to_make_room(
    large_answers: tuple[int, Connections],
) -> None:
    port, connections = large_answers
    connections.second = 3600.0
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(b"GET /?download HTTP/1.1\r\nHost: localhost\r\n\r\n")
        connection.recv(1)  # the rest waits to be read
        (reader,) = connections._unknown
        wait_until(lambda: reader._phase() is Phase.SENDING)  # type: ignore[attr-defined]  # a protocol of ours
        assert not reader.is_busy
        connections.note_known(reader)
        assert reader.is_busy


def test_an_answer_that_is_read_slowly_is_completed(large_answers: tuple[int, Connections]) -> None:
    """30 MB, a little at a time."""
    port, connections = large_answers
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        read = sum(map(len, iter(lambda: connection.recv(20_000), b"")))
    assert (True, 0) == (read > 30_000_000, connections.ended[Cause.UNREAD])
