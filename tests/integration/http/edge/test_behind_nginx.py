"""A server behind a real nginx, both set up with the words of docs/operations.md."""

import os
import re
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.documents import documented
from tests.integration.cli.running import PASSWORD, Process, server
from tests.integration.http.served import Events
from tests.integration.http.world import report
from tests.integration.nginx import HOST, TLS, nginx

OUTSIDE = "127.0.0.2"
"""Where clients come from: not the address of the proxy, which is trusted."""
CREDENTIALS = {"username": "admin", "password": PASSWORD}
FORGED = {"X-Forwarded-For": "203.0.113.9", "X-Real-IP": "203.0.113.9", "Forwarded": "for=203.0.113.9;proto=http"}
HSTS = "strict-transport-security"
LARGE = [("/api/prometheus/write", 4_000_000), ("/api/config/plan", 20_000_000), ("/api/config/apply", 20_000_000)]


@dataclass(frozen=True, kw_only=True)
class Behind:
    """*client* comes through nginx, *direct* past it."""

    client: httpx.Client
    direct: httpx.Client
    process: Process

    def log_in(self, **headers: str) -> httpx.Response:
        answer = self.client.post("/api/auth/login", json=CREDENTIALS, headers=headers)
        assert 200 == answer.status_code, answer.text
        return answer

    @property
    def admin(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.log_in().json()['data']['token']}"}


@contextmanager
def behind(home: Path, **settings: str) -> Iterator[Behind]:
    trusted = ssl.create_default_context(cafile=str(TLS / "cert.pem"))
    outside = httpx.HTTPTransport(local_address=OUTSIDE, verify=trusted)
    with (
        server(home, **settings) as process,
        nginx(home, process.port) as port,
        httpx.Client(base_url=f"https://127.0.0.1:{port}", transport=outside, headers={"Host": HOST}) as client,
        httpx.Client(
            base_url=process.origin, transport=httpx.HTTPTransport(local_address=OUTSIDE), headers={"Host": HOST}
        ) as direct,
    ):
        yield Behind(client=client, direct=direct, process=process)


@pytest.fixture(scope="module")
def set_up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Behind]:
    lines = documented("docs/operations.md", "sh", "MONITOR_BASE_URL=").split()
    with behind(tmp_path_factory.mktemp("nginx"), **dict(line.split("=", 1) for line in lines)) as running:
        yield running


def installs_from(client: httpx.Client, **headers: str) -> str | None:
    found = re.search("^SERVER=(.*)$", client.get("/agent/install.sh", headers=headers).text, re.MULTILINE)
    return found and found[1]


def test_the_session_lives_in_a_cookie_of_this_host_alone(set_up: Behind) -> None:
    answer = set_up.log_in()
    header = next(header for header in answer.headers.get_list("set-cookie") if "refresh" in header)
    parts = {part.strip().lower() for part in header.split(";")[1:]}
    assert header.startswith("__Host-monitor_refresh=")
    assert {"secure", "httponly", "path=/", "samesite=strict"} <= parts
    assert not any(part.startswith("domain") for part in parts)
    token = SimpleCookie(header)["__Host-monitor_refresh"].value
    asked = {"Host": HOST, "Cookie": f"monitor_refresh={token}"}
    assert 401 == set_up.client.post("/api/auth/refresh", headers=asked).status_code
    asked["Cookie"] = f"__Host-{asked['Cookie']}"
    assert 200 == set_up.client.post("/api/auth/refresh", headers=asked).status_code


@pytest.mark.parametrize("headers", [{}, {"X-Forwarded-Proto": "http"}], ids=["honest", "forged"])
def test_browsers_get_hsts(set_up: Behind, headers: dict[str, str]) -> None:
    for path in ("/", "/api/auth/me", "/healthz"):
        assert ["max-age=31536000"] == set_up.client.get(path, headers=headers).headers.get_list(HSTS)


@pytest.mark.parametrize("headers", [{}, {"X-Forwarded-Proto": "http", "X-Forwarded-Host": "evil.example"}])
def test_agents_are_installed_from_the_address_of_people(set_up: Behind, headers: dict[str, str]) -> None:
    assert f"https://{HOST}" == installs_from(set_up.client, **headers)


def test_a_host_installs_the_agent_over_tls(tmp_path: Path) -> None:
    """With the command that the page shows, and a real curl."""
    base_url, home = "https://localhost", tmp_path / "home"
    with behind(tmp_path, MONITOR_BASE_URL=base_url, MONITOR_TRUSTED_PROXIES="127.0.0.1") as running:
        headers = {"Host": "localhost"}
        token = running.log_in(**headers).json()["data"]["token"]
        headers["Authorization"] = f"Bearer {token}"
        line = running.client.get("/api/agent/install", headers=headers).json()["data"]["command"]
        assert f"--proto '=https' --proto-redir '=https' -o install.sh {base_url}/agent/install.sh" in line
        home.mkdir()
        port = running.client.base_url.port
        (home / ".curlrc").write_text(f'cacert = "{TLS}/cert.pem"\nconnect-to = "localhost:443:127.0.0.1:{port}"\n')
        settings = installs(line, home)
    assert {"API_URL": base_url, "API_KEY": "mk_abc", "INTERVAL": "15"} == settings


def installs(line: str, home: Path) -> dict[str, str]:
    """Run *line* with a root below *home*, and return the settings that it wrote."""
    (home / "sudo").write_text('#!/bin/sh\nexec "$@"\n')
    (home / "sudo").chmod(0o755)
    (home / "key").write_text("mk_abc\n")
    own = {"HOME": str(home), "DESTDIR": str(home / "root"), "API_KEY_FILE": str(home / "key")}
    environment = {"PATH": f"{home}:{os.environ['PATH']}", "PYTHON": sys.executable, **own}
    done = subprocess.run(
        ("sh", "-c", line), cwd=home, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert 0 == done.returncode, done.stderr
    written = (home / "root" / "etc" / "monitor-agent.env").read_text().splitlines()
    return dict(setting.split("=", 1) for setting in written)


def test_no_client_that_bypasses_the_proxy_can_claim_tls(set_up: Behind) -> None:
    answer = set_up.direct.get("/api/auth/me", headers={"X-Forwarded-Proto": "https"})
    assert (401, False) == (answer.status_code, HSTS in answer.headers)


def test_another_host_is_refused(set_up: Behind) -> None:
    for client in (set_up.client, set_up.direct):
        answer = client.get("/api/auth/me", headers={"Host": "evil.example", "X-Forwarded-Host": HOST})
        assert (421, "misdirected") == (answer.status_code, answer.json()["data"]["reason"])


@pytest.mark.parametrize("headers", [{}, FORGED], ids=["honest", "forged"])
def test_the_audit_log_names_the_client(set_up: Behind, headers: dict[str, str]) -> None:
    token = set_up.log_in(**headers).json()["data"]["token"]
    newest = set_up.client.get("/api/audit", headers={"Authorization": f"Bearer {token}"}).json()["data"][0]
    assert OUTSIDE == newest["address"]


def test_metrics_stay_with_this_host(set_up: Behind) -> None:
    for headers in ({}, FORGED, {"X-Forwarded-For": "127.0.0.1"}):
        assert 401 == set_up.client.get("/metrics", headers=headers).status_code


def test_live_events_come_at_once(set_up: Behind) -> None:
    admin = set_up.admin
    made = set_up.client.post("/api/servers", json={"server_name": "web", "ip_address": "192.0.2.1"}, headers=admin)
    body = {"name": "web's", "server_id": made.json()["data"]["id"]}
    key = set_up.client.post("/api/api-keys", json=body, headers=admin).json()["data"]["key"]
    with set_up.client.stream("GET", "/api/live", headers=admin) as answer:
        events = Events(answer)
        events.until("servers")
        stored = set_up.client.post("/api/monitor/data", json=report(), headers={"X-API-Key": key})
        assert 200 == stored.status_code
        samples, _ = events.until("samples", lambda samples: samples and samples[0]["cpu_value"] is not None)
    assert [45.5] == [sample["cpu_value"] for sample in samples]


@pytest.mark.parametrize("size", [1_000_001, 2_000_000], ids=["for the server", "for nginx"])
def test_a_large_body_is_a_413(set_up: Behind, size: int) -> None:
    answer = set_up.client.post("/api/auth/login", content=b" " * size, headers={"Content-Type": "application/json"})
    assert 413 == answer.status_code


@pytest.mark.parametrize(("path", "size"), LARGE)
def test_what_may_be_larger_reaches_the_server(set_up: Behind, path: str, size: int) -> None:
    """The server refuses it for another reason."""
    answer = set_up.client.post(path, content=b" " * size)
    assert "nginx" not in answer.text
    assert answer.status_code in (400, 401), answer.text


def test_without_a_base_url_the_scheme_is_the_one_that_nginx_sends(tmp_path: Path) -> None:
    settings: dict[str, Any] = {"MONITOR_ALLOWED_HOSTS": HOST, "MONITOR_TRUSTED_PROXIES": "127.0.0.1"}
    with behind(tmp_path, **settings) as running:
        forged = {"X-Forwarded-Proto": "http", "X-Forwarded-Host": "evil.example"}
        assert f"https://{HOST}" == installs_from(running.client, **forged)
        assert f"http://{HOST}" == installs_from(running.direct, **{"X-Forwarded-Proto": "https"})
        assert running.log_in().headers["set-cookie"].startswith("__Host-")
        assert HSTS not in running.client.get("/").headers
