"""SIGTERM and SIGINT: requests are finished, nothing delays the stop, and the exit code is 0."""

import signal
import socket
import sqlite3
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.integration.cli.client import Answer, Client
from tests.integration.cli.running import Process, server, wait_for
from tests.integration.faults.live_stream import LiveStream
from tests.integration.own_time import ended_after, own_time

STOPS = [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.nightly)]
SAMPLE = {"metrics": {"cpu_value": 1, "memory_value": 2, "disk_value": 3}}
HALVES = {
    "of its head": b"POST /api/monitor/data HTTP/1.1\r\nHost: x\r\nX-API",
    "of its body": b"POST /api/monitor/data HTTP/1.1\r\nHost: x\r\nX-API-Key: %s\r\n"
    b"Content-Type: application/json\r\nContent-Length: 500\r\n\r\n{",
}


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Process]:
    with server(tmp_path) as process:
        yield process


def agent_key(running: Process) -> str:
    with running.admin() as admin:
        made = admin.post("/api/servers", {"server_name": "host", "ip_address": "10.0.0.1"}).data
        key: str = admin.post("/api/api-keys", {"name": "agent", "server_id": made["id"]}).data["key"]
        return key


@contextmanager
def locked(database: Path) -> Iterator[sqlite3.Connection]:
    """No one else can write to this SQLite file until the end, or the connection's rollback."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield connection


@contextmanager
def posting(running: Process, key: str) -> Iterator[Future[Answer]]:
    """Send a sample that arrives and waits for the database."""
    with ThreadPoolExecutor(1) as pool, Client(running.port, key=key) as agent, running.client() as watcher:
        answer = pool.submit(agent.post, "/api/monitor/data", SAMPLE)
        wait_for(lambda: b"monitor_intake_queue_samples 1.0" in watcher.get("/metrics").body, "the sample's arrival")
        yield answer


def refuses_connections(running: Process) -> bool:
    try:
        socket.create_connection(("127.0.0.1", running.port), timeout=5).close()
    except ConnectionRefusedError:
        return True
    return False


@pytest.mark.parametrize("stop", STOPS)
def test_requests_in_flight_are_finished(running: Process, stop: signal.Signals):
    """Their commits come only after the stop has begun; new connections are refused by then."""
    key = agent_key(running)
    with running.admin() as admin, ThreadPoolExecutor(1) as pool, locked(running.data / "monitor.db") as lock:
        with posting(running, key) as sample:
            server_made = pool.submit(admin.post, "/api/servers", {"server_name": "b", "ip_address": "10.0.0.2"})
            running.signal(stop)
            wait_for(lambda: refuses_connections(running), "a closed port")
            assert [False, False, True] == [sample.done(), server_made.done(), running.is_running]
            lock.rollback()
            assert [200, 200] == [sample.result(20).status, server_made.result(20).status]
        assert 0 == running.end()
    running.start()
    with running.admin() as admin:
        assert 1 == len(admin.get("/api/monitor/data").data)
        assert {"10.0.0.1", "10.0.0.2"} == {made["ip_address"] for made in admin.get("/api/servers").data}


@pytest.mark.parametrize("stop", STOPS)
def test_a_live_stream_ends_at_once(running: Process, stop: signal.Signals):
    """Its client sees a regular end, and can reconnect elsewhere."""
    agent_key(running)
    with running.admin() as admin, LiveStream(running.port, admin) as stream:
        passed = own_time(running.process.pid)
        running.signal(stop)
        wait_for(lambda: not stream.is_open, "the stream's end")
        assert passed() < 2
    assert 0 == running.end()


@pytest.mark.parametrize("half", HALVES.values(), ids=HALVES)
def test_no_client_delays_it(running: Process, half: bytes):
    """No idle connection, no stream, and no client that never finishes its request."""
    key = agent_key(running)
    slow = socket.create_connection(("127.0.0.1", running.port))
    with running.admin() as idle, LiveStream(running.port, idle), slow:
        slow.sendall(half.replace(b"%s", key.encode()))
        assert idle.get("/healthz").status == 200
        running.signal(signal.SIGTERM)
        assert 0 == running.end()
    assert "Traceback" not in running.said
    assert "job fails" not in running.printed + running.said, "that it no longer listens is no failure"


@pytest.mark.nightly
def test_a_hanging_database_does_not_delay_it(running: Process):
    """Samples that could not be committed in time were not acknowledged."""
    key = agent_key(running)
    with locked(running.data / "monitor.db"), posting(running, key) as sample:
        running.signal(signal.SIGTERM)
        assert 0 == running.end()
        answer = None if sample.exception(20) else sample.result()
        assert answer is None or answer.status == 503
    assert "Traceback" not in running.said
    running.start()
    with running.admin() as admin:
        assert [] == admin.get("/api/monitor/data").data


def test_a_second_ctrl_c_ends_it_sooner(running: Process):
    key = agent_key(running)
    with locked(running.data / "monitor.db") as lock, posting(running, key):
        running.signal(signal.SIGINT)
        wait_for(lambda: refuses_connections(running), "a closed port")
        running.signal(signal.SIGINT)
        lock.rollback()
        assert ended_after(running.process.pid) < 3
        assert 0 == running.end()
