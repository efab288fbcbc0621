"""A real server answers a sample without a task (the short way) as it does with one (the long way)."""

import json
import socket
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from monitor.adapters.http.edge.uvicorn_parts import WholeRequest
from monitor.domain.fleet.servers import ServerId
from tests.integration.http.faulty_store import FaultyStore
from tests.integration.http.served import PATIENCE, Served, wait_until
from tests.integration.http.world import World, report

PATH = "/api/monitor/data"
GO_ON = b"HTTP/1.1 100 Continue\r\n\r\n"
Answer = tuple[bytes, dict[bytes, bytes], Any]


class Taken:
    """A server, and whether it took each request without a task."""

    def __init__(self, store: FaultyStore) -> None:
        self.store = store
        world = World(store, is_started=False)
        take = world.application.take
        self.short: list[bool] = []

        def noted(request: WholeRequest) -> bool:
            self.short.append(take(request))
            return self.short[-1]

        world.application = replace(world.application, take=noted)
        self.served = Served(world)
        self.world = world

    def key(self, *addresses: str) -> str:
        """Return a key of these servers that the process knows."""
        for address in addresses:
            self.world.server(address)
        key = self.world.fleet_key()
        self.world.container.fleet.refresh()
        return key

    def connect(self) -> socket.socket:
        return socket.create_connection(self.served.listener.getsockname()[:2], timeout=PATIENCE)

    def ask(self, body: bytes, headers: Mapping[str, str], *, long: bool = False) -> Answer:
        """*long*: send the body only when the server asks for it, so that it cannot answer without a task."""
        self.world.later(seconds=1)
        with self.connect() as connection:
            head = request_head(body, {**headers, "Expect": "100-continue"} if long else headers)
            connection.sendall(head if long else head + body)
            if long and connection.recv(len(GO_ON), socket.MSG_PEEK) == GO_ON:  # else it is refused by its head
                connection.recv(len(GO_ON))
                connection.sendall(body)
            return answer_of(connection)


def request_head(body: bytes, headers: Mapping[str, str]) -> bytes:
    lines = [f"POST {PATH} HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, *(f"{name}: {value}" for name, value in headers.items()), "", ""]).encode()


def answer_of(connection: socket.socket) -> Answer:
    """Read one answer. Its headers without what differs by time and by the way that the answer is written."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65536)
    head, _, body = received.partition(b"\r\n\r\n")
    status, *lines = head.split(b"\r\n")
    headers = dict(line.lower().split(b": ", 1) for line in lines)
    while len(body) < int(headers[b"content-length"]):
        body += connection.recv(65536)
    data = json.loads(body)
    if isinstance(data["data"], dict):
        data["data"].pop("recorded_at", None)
    return status, {k: v for k, v in headers.items() if k not in (b"date", b"x-monitor-time")}, data


@pytest.fixture
def taken() -> Iterator[Taken]:
    made = Taken(FaultyStore())
    yield made
    made.store.commits.set()
    made.served.stop()


def sample(**more: Any) -> bytes:
    return json.dumps(report(**{"ip_address": "192.0.2.1", **more})).encode()


REQUESTS: dict[str, tuple[bytes, dict[str, str], int, bool]] = {
    "a sample": (sample(), {}, 200, True),
    "with all it may hold": (
        sample(interval=15, agent={"version": "1.2", "os": "Debian"}),
        {"User-Agent": "monitor-agent", "Date": "Tue, 01 Jan 2030 12:00:00 GMT"},
        200,
        True,
    ),
    "in English": (sample(), {"Accept-Language": "en"}, 200, True),
    "with a character set": (sample(), {"Content-Type": "application/json; charset=utf-8"}, 200, False),
    "of another type": (sample(), {"Content-Type": "text/plain"}, 415, False),
    "with a wrong key": (sample(), {"X-API-Key": "mk_wrong"}, 401, False),
    "of another host": (sample(ip_address="192.0.2.9"), {}, 404, False),
    "out of range": (sample(cpu=101), {}, 400, False),
    "no JSON": (b"{", {"Accept-Language": "en"}, 400, False),
    "of the future": (sample(recorded_at="2031-01-01 00:00:00"), {}, 400, False),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_both_ways_answer_alike(taken: Taken, name: str) -> None:
    body, headers, status, is_short = REQUESTS[name]
    key = taken.key("192.0.2.1")
    sent = {"X-API-Key": key, "Content-Type": "application/json", **headers}
    short = taken.ask(body, sent)
    assert (status, [is_short]) == (int(short[0].split()[1]), taken.short)
    assert short == taken.ask(body, sent, long=True)
    assert [is_short] == taken.short


def test_a_repeated_sample_is_a_duplicate(taken: Taken) -> None:
    key = taken.key("192.0.2.1")
    body = sample(recorded_at="2030-01-01 11:00:00")
    assert ["stored", "duplicate"] == [taken.ask(body, {"X-API-Key": key})[2]["data"]["status"] for _ in range(2)]
    assert [True, True] == taken.short


def test_a_server_deleted_by_another_process_is_not_found(taken: Taken) -> None:
    """It is in memory still, so the request goes the short way up to the commit, and the long way from there."""
    key = taken.key("192.0.2.1")
    with taken.store.unit_of_work(lambda: None) as uow:
        uow.servers.delete([ServerId(1)])
        uow.commit()
    status, _, answer = taken.ask(sample(), {"X-API-Key": key})
    assert (b"HTTP/1.1 404 Not Found", "not_found") == (status, answer["data"]["reason"])


def test_a_store_that_fails_is_unavailable(taken: Taken) -> None:
    key = taken.key("192.0.2.1")
    taken.store.is_down = True
    status, headers, answer = taken.ask(sample(), {"X-API-Key": key})
    assert (b"HTTP/1.1 503 Service Unavailable", "storage_unavailable") == (status, answer["data"]["reason"])
    assert headers[b"retry-after"]
    assert [True] == taken.short


def test_who_leaves_before_the_answer_keeps_no_other_from_theirs(taken: Taken) -> None:
    key = taken.key("192.0.2.1")
    taken.store.commits.clear()
    body = sample(recorded_at="2030-01-01 11:00:00")
    sent = request_head(body, {"X-API-Key": key}) + body
    with taken.connect() as stays, taken.connect() as leaves:
        leaves.sendall(sent)
        wait_until(lambda: len(taken.short) == 1)
        stays.sendall(sent)
        wait_until(lambda: len(taken.short) == 2)
        leaves.close()
        taken.store.commits.set()
        assert 200 == int(answer_of(stays)[0].split()[1])


def test_requests_behind_one_that_waits_are_answered_in_order(taken: Taken) -> None:
    key = taken.key("192.0.2.1")
    bodies = [sample(recorded_at=f"2030-01-01 11:00:{n:02}", cpu=n) for n in range(5)]
    with taken.connect() as connection:
        connection.sendall(b"".join(request_head(body, {"X-API-Key": key}) + body for body in bodies))
        received = b""
        while received.count(b"HTTP/1.1 200") < len(bodies) or not received.endswith(b"}"):
            received += connection.recv(65536)
    said = [json.loads(part.partition(b"\r\n\r\n")[2]) for part in received.split(b"HTTP/1.1 ")[1:]]
    assert list(range(5)) == [answer["data"]["cpu_value"] for answer in said]
