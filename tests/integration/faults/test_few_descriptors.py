"""More connections than descriptors: agents and health checks still get in."""

import resource
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import psutil
import pytest

from tests.integration.cli.client import Client
from tests.integration.cli.running import Process, ready

pytestmark = pytest.mark.nightly

SAMPLE = {"metrics": {"cpu_value": 1, "memory_value": 2, "disk_value": 3}}
MANY = 400


@pytest.fixture
def crowded(tmp_path: Path) -> Iterator[Process]:
    """A server that may have 256 descriptors, 128 of them for connections."""
    with ready(tmp_path, "serve", MONITOR_CONNECTIONS_PER_ADDRESS="100000") as server:
        server.descriptors = "-n 256"
        server.start()
        yield server


@pytest.fixture
def key(crowded: Process) -> str:
    with crowded.admin() as admin:
        made = admin.post("/api/servers", {"server_name": "host", "ip_address": "10.0.0.1"}).data
        key: str = admin.post("/api/api-keys", {"name": "agent", "server_id": made["id"]}).data["key"]
        return key


def report(agent: Client) -> None:
    assert 200 == agent.post("/api/monitor/data", SAMPLE).status


def with_metric(server: Process, name: str) -> float:
    with server.client() as watcher:
        lines = watcher.get("/metrics").body.decode().splitlines()
    return next(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))


STARTS = {"nothing": b"", "half a head": b"GET /healthz HTTP/1.1\r\nHost: a\r\nX: "}


@pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)
def test_idle_connections_do_not_block_others(crowded: Process, key: str, start: bytes) -> None:
    with ExitStack() as stack, Client(crowded.port, key=key) as kept:
        report(kept)
        for number in range(MANY):
            idle = stack.enter_context(socket.create_connection(("127.0.0.1", crowded.port), timeout=10))
            idle.sendall(start)
            if number % 50 == 0:
                report(kept)
                with crowded.client() as watcher:
                    assert 200 == watcher.get("/readyz").status
        with closing(Client(crowded.port, key=key)) as another:
            report(another)
        assert with_metric(crowded, 'monitor_connections_ended_total{cause="room"}') >= MANY - 128


def test_more_agents_than_descriptors_take_turns(crowded: Process, key: str) -> None:
    """Each keeps its connection, and opens another where that was ended."""
    with ExitStack() as stack:
        agents = [stack.enter_context(Client(crowded.port, key=key)) for _ in range(300)]
        for agent in agents + agents[:50]:
            try_twice(lambda agent=agent: report(agent))  # type: ignore[misc]  # a lambda's default has no type
        assert with_metric(crowded, 'monitor_connections{peer="known"}') <= 128


def try_twice(attempt: Callable[[], None]) -> None:
    """Try a second time, as an agent does on a kept connection."""
    try:
        attempt()
    except (OSError, ConnectionError):
        attempt()


def test_the_soft_limit_is_raised(tmp_path: Path) -> None:
    with ready(tmp_path, "serve") as server:
        server.descriptors = "-Sn 256"
        server.start()
        soft, hard = psutil.Process(server.process.pid).rlimit(resource.RLIMIT_NOFILE)
    assert soft == min(hard, 65_536)
