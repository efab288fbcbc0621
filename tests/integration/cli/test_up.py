"""`monitor up` shows this machine within seconds."""

import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.integration.cli.client import Client
from tests.integration.cli.running import Process, ready, wait_for


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Process]:
    with ready(tmp_path, "up") as started:
        started.start()
        yield started


def samples(admin: Client) -> list[Any]:
    found: list[Any] = admin.get("/api/monitor/data").data
    return found


def the_agent(running: Process) -> psutil.Process:
    wait_for(lambda: psutil.Process(running.process.pid).children(), "the agent's process")
    (agent,) = psutil.Process(running.process.pid).children()
    return agent


def restart(running: Process) -> None:
    """Restart, and wait until the agent reports again."""
    with running.admin() as admin:
        before = len(samples(admin))
    assert 0 == running.stop()
    running.start()
    with running.admin() as admin:
        wait_for(lambda: len(samples(admin)) > before, "another sample")


def test_this_host_is_shown_within_seconds(running: Process):
    """The values are those of psutil."""
    with running.admin() as admin:
        wait_for(lambda: admin.get("/api/monitor/stats").data["latest_data"], "the first sample", deadline=5)
        stats = admin.get("/api/monitor/stats").data
        (newest,) = stats["latest_data"]
        assert (1, 1, 0) == (stats["total_servers"], stats["online_servers"], stats["offline_servers"])
        assert socket.gethostname() == newest["server_name"]
        assert 0 <= newest["cpu_value"] <= 100
        assert newest["memory_value"] == pytest.approx(psutil.virtual_memory().percent, abs=15)
        assert newest["disk_value"] == pytest.approx(psutil.disk_usage("/").percent, abs=5)
    assert f"this host reports as {socket.gethostname()!r}" in running.printed


def test_the_agent_is_small(running: Process):
    """It loads none of the server's libraries."""
    agent = the_agent(running)
    with running.admin() as admin:
        wait_for(lambda: samples(admin), "the first sample")
    loaded = {Path(mapped.path).name for mapped in agent.memory_maps() if ".so" in mapped.path}
    assert not [name for name in loaded if name.startswith(("msgspec", "_argon2", "providers", "uvloop"))]
    assert agent.memory_info().rss < 40 * 2**20


@pytest.mark.parametrize(
    "end", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.nightly), signal.SIGKILL]
)
def test_the_agent_ends_with_it(running: Process, end: signal.Signals):
    agent = the_agent(running)
    running.signal(end)
    assert (-signal.SIGKILL if end is signal.SIGKILL else 0) == running.end()
    agent.wait(20)
    assert not agent.is_running()


def test_a_second_start_uses_the_same_server_and_key(running: Process):
    key_file = running.data / "local-agent-key"
    with running.admin() as admin:
        wait_for(lambda: samples(admin), "the first sample")
        servers, keys, kept = admin.get("/api/servers").data, admin.get("/api/api-keys").data, key_file.read_text()
        assert 0o600 == key_file.stat().st_mode & 0o777
    restart(running)
    with running.admin() as admin:
        assert [server["id"] for server in servers] == [server["id"] for server in admin.get("/api/servers").data]
        assert [key["id"] for key in keys] == [key["id"] for key in admin.get("/api/api-keys").data]
        assert kept == key_file.read_text()


def test_a_new_name_and_address_stay(running: Process):
    """The key identifies the server."""
    with running.admin() as admin:
        (server,) = admin.get("/api/servers").data
        change = {"server_name": "my laptop", "ip_address": "192.168.1.7", "port": 22}
        assert 200 == admin.put(f"/api/servers/{server['id']}", change).status
    restart(running)
    with running.admin() as admin:
        (found,) = admin.get("/api/servers").data
        assert (server["id"], "my laptop", "192.168.1.7") == (found["id"], found["server_name"], found["ip_address"])


def test_a_deleted_server_is_registered_again(running: Process):
    """The next start creates a new server and a new key."""
    with running.admin() as admin:
        (server,) = admin.get("/api/servers").data
        assert 200 == admin.delete(f"/api/servers/{server['id']}").status
        assert [] == samples(admin)
    restart(running)
    with running.admin() as admin:
        (found,) = admin.get("/api/servers").data
        assert server["id"] != found["id"]
        assert "127.0.0.1" == found["ip_address"]


def test_a_broken_key_file_is_replaced(running: Process):
    """The same server gets a new key."""
    with running.admin() as admin:
        (server,) = admin.get("/api/servers").data
    (running.data / "local-agent-key").write_bytes(b"\xff\xff")
    restart(running)
    with running.admin() as admin:
        assert [server["id"]] == [found["id"] for found in admin.get("/api/servers").data]
        assert 2 == len(admin.get("/api/api-keys").data)


def test_it_reaches_itself_on_another_address(tmp_path: Path):
    """The agent reports to the address on which the server listens."""
    with ready(tmp_path, "up", "--host", "127.0.0.2") as running:
        running.launch()
        wait_for(lambda: "http://127.0.0.2" in running.printed, "the server's start")
        with Client(running.port, host="127.0.0.2") as admin:
            admin.log_in("admin", "correct horse battery staple")
            wait_for(lambda: samples(admin), "the first sample")
