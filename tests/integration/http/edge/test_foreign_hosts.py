"""Requests with the host name of another site that now leads here (DNS rebinding)."""

import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.http.accounts.logging_in import LOGIN
from tests.integration.http.conftest import NewWorld
from tests.integration.http.served import Served
from tests.integration.http.world import ANONYMOUS, PASSWORD, World, agent, report

HERE = "127.0.0.1"
EVIL = {"Host": "evil.example:8000"}


def misdirected(world: World, method: str, path: str, **more: Any) -> bool:
    answer = world.send(method, path, headers=EVIL | more.pop("headers", {}), address=HERE, **more)
    assert "set-cookie" not in answer.headers
    return answer.status_code == 421


def test_every_operation_is_refused_for_every_caller(calm_world: World) -> None:
    """Even with the default password of `monitor up` on loopback."""
    paths = calm_world.send("GET", "/schema/openapi.json").json()["paths"]
    answered = {
        f"{method.upper()} {path}"
        for path, operations in paths.items()
        for method in operations
        for caller in (ANONYMOUS, calm_world.admin)
        if not misdirected(calm_world, method, re.sub(r"\{\w+\}", "1", path), caller=caller)
    }
    intake = {"POST /api/monitor/data", "POST /api/monitor/data/batch", "POST /api/prometheus/write"}
    assert {"GET /healthz", "GET /readyz", *intake} == answered
    assert misdirected(calm_world, "POST", LOGIN, json={"username": "admin", "password": PASSWORD})


@pytest.mark.parametrize(
    "path", ["/", "/schema", "/schema/openapi.json", "/agent/install.sh", "/ack/token", "/nowhere"]
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_every_page_is_refused(calm_world: World, method: str, path: str) -> None:
    assert misdirected(calm_world, method, path)


def test_the_screen_is_refused(new_world: NewWorld, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<h1>monitor</h1>")
    world = new_world(ui=tmp_path)
    for path in ("/", "/servers", "/index.html"):
        assert misdirected(world, "GET", path, headers={"Accept": "text/html"})
        assert 200 == world.send("GET", path, headers={"Accept": "text/html"}).status_code


def test_agents_may_use_any_name(world: World) -> None:
    """No browser adds an API key by itself."""
    key = agent(world.server_key(world.server("192.0.2.1")))
    assert 200 == world.send("POST", "/api/monitor/data", key, json=report(), headers=EVIL).status_code
    assert 401 == world.send("POST", "/api/monitor/data", json=report(), headers=EVIL).status_code


def test_metrics_under_another_name_need_a_key(world: World) -> None:
    """From this very host too."""
    assert 200 == world.send("GET", "/metrics", headers={"Host": "localhost"}, address=HERE).status_code
    assert 401 == world.send("GET", "/metrics", headers=EVIL, address=HERE).status_code
    assert 200 == world.send("GET", "/metrics", agent(world.fleet_key()), headers=EVIL).status_code


def test_the_answer_names_the_settings(calm_world: World) -> None:
    for language, words in (("zh-CN", "请设置"), ("en", "This server does not go by this host name")):
        headers = EVIL | {"Accept-Language": language}
        answer = calm_world.send("GET", "/api/servers", headers=headers)
        assert {"reason": "misdirected"} == answer.json()["data"]
        page = calm_world.send("GET", "/", headers=headers)
        assert "text/plain; charset=utf-8" == page.headers["content-type"]
        for said in (answer.json()["msg"], page.text):
            assert all(word in said for word in (words, "MONITOR_BASE_URL", "MONITOR_ALLOWED_HOSTS"))


def test_the_log_names_each_host_once_and_has_a_limit(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    for number in [*range(200), *range(200)]:
        world.send("GET", "/api/servers", headers={"Host": f"evil-{number}.example\x1b[2J" + "x" * 5000})
    lines = [line for line in capsys.readouterr().out.splitlines() if "refused a host" in line]
    assert (100, []) == (len(lines), [line for line in lines if "\x1b" in line or len(line) > 400])


def test_a_setting_allows_more_names(new_world: NewWorld) -> None:
    world = new_world(base_url="https://monitor.example.com", allowed_hosts=("*.lan",))
    asked = ("monitor.example.com", "monitor.lan", "localhost:8000", "evil.example")
    answers = [world.send("GET", "/api/servers", headers={"Host": host}).status_code for host in asked]
    assert [401, 401, 401, 421] == answers


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    """On loopback, without any setting."""
    server = Served(World(is_started=False, allowed_hosts=()))
    yield server
    server.stop()


RAW = {
    "our own": ("GET /api/servers HTTP/1.1\r\nHost: localhost", 401),
    "another name": ("GET /api/servers HTTP/1.1\r\nHost: evil.example", 421),
    "none": ("GET /api/servers HTTP/1.1", 400),
    "none, as long ago": ("GET /api/servers HTTP/1.0", 400),
    "an empty one": ("GET /api/servers HTTP/1.1\r\nHost:", 421),
    "two": ("GET /api/servers HTTP/1.1\r\nHost: evil.example\r\nHost: localhost", 400),
    "the same twice": ("GET /api/servers HTTP/1.1\r\nHost: localhost\r\nHOST: localhost", 400),
    "another in the target": ("GET http://localhost/api/servers HTTP/1.1\r\nHost: evil.example", 421),
    "another for a proxy": ("GET /api/servers HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: localhost", 421),
    "of a WebSocket": (
        "GET /api/live HTTP/1.1\r\nHost: evil.example\r\nUpgrade: websocket\r\nConnection: Upgrade",
        421,
    ),
    "none, asked for health": ("GET /healthz HTTP/1.0", 200),
    "two, asked for health": ("GET /healthz HTTP/1.1\r\nHost: evil.example\r\nHost: localhost", 200),
    "of a stream": ("GET /api/live?ticket=x HTTP/1.1\r\nHost: evil.example", 421),
}


@pytest.mark.parametrize(("head", "status"), RAW.values(), ids=RAW)
def test_hosts_as_they_arrive(served: Served, head: str, status: int) -> None:
    host, port = served.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(f"{head}\r\n\r\n".encode())
        assert connection.recv(65_536).split()[1] == str(status).encode()
