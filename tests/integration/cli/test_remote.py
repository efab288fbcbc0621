"""Commands that ask a running server, with a personal token."""

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.integration.cli.client import Client
from tests.integration.cli.running import Process, call, run, server, wait_for
from tests.integration.ports import free_port

Done = subprocess.CompletedProcess[str]
TOKEN = "mon_" + "x" * 43


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """With two servers: `web` fires, and a name would like to control the terminal."""
    with server(tmp_path_factory.mktemp("server")) as process:
        with process.admin() as admin:
            web = admin.post("/api/servers", {"server_name": "web", "ip_address": "192.0.2.1", "tags": ["shop"]}).data
            admin.post("/api/servers", {"server_name": "数据库", "ip_address": "2001:db8::1"})
            policy = {"metric": "cpu", "warning": 70, "critical": 95, "scope": {"server_id": web["id"]}}
            assert admin.post("/api/alert-policies", policy | {"sustained_for": 0}).status == 200
            key = admin.post("/api/api-keys", {"name": "web", "server_id": web["id"]}).data["key"]
            with process.client(key) as agent:
                sample = {"metrics": {"cpu_value": 81.5, "memory_value": 2, "disk_value": 3}}
                assert agent.post("/api/monitor/data", sample).status == 200
            wait_for(lambda: admin.get("/api/alerts?state=firing").data, "the alert")
        yield process


def token_of(client: Client, scope: str = "write") -> dict[str, Any]:
    made: dict[str, Any] = client.post("/api/tokens", {"name": "script", "scope": scope}).data
    return made


@pytest.fixture(scope="module")
def token(running: Process) -> str:
    with running.admin() as admin:
        return str(token_of(admin)["token"])


@pytest.fixture(scope="module")
def read_token(running: Process) -> str:
    with running.admin() as admin:
        return str(token_of(admin, "read")["token"])


def ask(running: Process, token: str, *arguments: str, stdin: str = "", **settings: str) -> Done:
    chosen = {"MONITOR_URL": running.origin, "MONITOR_TOKEN": token, **settings}
    done = call(running.home, *arguments, stdin=stdin, settings=chosen)
    assert token not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


def said(running: Process, token: str, *arguments: str, **more: str) -> str:
    done = ask(running, token, *arguments, **more)
    assert (0, "") == (done.returncode, done.stderr)
    return done.stdout


def data(running: Process, token: str, *arguments: str, **more: str) -> Any:
    return json.loads(said(running, token, *arguments, "--json", **more))


def refused(running: Process, token: str, *arguments: str, code: int = 1, **more: str) -> str:
    """Return the one line that is printed."""
    done = ask(running, token, *arguments, **more)
    assert (code, "", 1) == (done.returncode, done.stdout, done.stderr.count("\n")), done
    return done.stderr.removeprefix("monitor: ").strip()


def test_status(running: Process, read_token: str) -> None:
    first, _, titles, alert = said(running, read_token, "status").splitlines()
    assert "2 servers: 1 online, 1 offline. 1 alerts firing." == first
    assert ["ID", "LEVEL", "STATE", "SERVER", "METRIC", "VALUE"] == titles.split()[:6]
    assert ["warning", "firing", "web", "cpu", "81.5", "70"] == alert.split()[1:7]
    shown = data(running, read_token, "status")
    assert (2, ["web"]) == (shown["total_servers"], [alert["server_name"] for alert in shown["alerts"]])


def test_servers(running: Process, read_token: str) -> None:
    assert [
        "ID  NAME    ADDRESS      STATUS   TAGS  SILENCED UNTIL",
        " 1  web     192.0.2.1    online   shop  -",
        " 2  数据库  2001:db8::1  offline  -     -",
    ] == said(running, read_token, "servers").splitlines()
    for arguments in (["--q", "192"], ["--tag", "shop"], ["--status", "online"]):
        assert ["web"] == [each["server_name"] for each in data(running, read_token, "servers", *arguments)]
    assert [] == data(running, read_token, "servers", "--q", "100% &limit=1 #")


def test_alerts(running: Process, read_token: str) -> None:
    for named in ("web", "192.0.2.1", "1", "::ffff:192.0.2.1"):
        found = data(running, read_token, "alerts", "--server", named, "--level", "warning")
        assert ["cpu"] == [alert["metric"] for alert in found]
    assert [] == data(running, read_token, "alerts", "--state", "resolved")
    assert [] == data(running, read_token, "alerts", "--server", "数据库", "--state", "all")
    assert "there is no server 'nobody'" == refused(running, read_token, "alerts", "--server", "nobody")
    assert "there is no server '77'" == refused(running, read_token, "alerts", "--server", "77")


def test_acknowledging(running: Process, token: str, read_token: str) -> None:
    [alert] = data(running, token, "alerts")
    number = str(alert["id"])
    line = refused(running, read_token, "ack", number)
    assert "This token may only read (POST /api/alerts/ack)" == line
    assert "not all of these alerts exist" in refused(running, token, "ack", number, "4711")
    assert f"{number} acknowledged\n" == said(running, token, "ack", number, "--note", "on it")
    assert "admin" == data(running, token, "alerts")[0]["acknowledged_by"]


def test_silencing(running: Process, token: str) -> None:
    made = data(running, token, "silence", "web", "--for", "1h30m", "--reason", "a repair")
    ends_at = datetime.strptime(made["ends_at"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    assert abs(ends_at - datetime.now(UTC) - timedelta(minutes=90)) < timedelta(minutes=1)
    assert (1, "a repair") == (made["scope"]["server_id"], made["reason"])
    assert said(running, token, "silence", "数据库", "--for", "2d").startswith("数据库 is silenced until ")
    for wrong in ("0s", "soon", "2 hours", "-1h", "", "1e9s"):
        done = ask(running, token, "silence", "web", "--for", wrong)
        assert (2, True) == (done.returncode, "no duration" in done.stderr)


def test_any_request(running: Process, token: str, read_token: str) -> None:
    assert "admin" == json.loads(said(running, read_token, "api", "get", "/api/auth/me"))["username"]
    body = json.dumps({"tags": ["db", "ok"]})
    assert ["db", "ok"] == json.loads(said(running, token, "api", "PUT", "/api/servers/2/tags", "--data", body))["tags"]
    tags = json.loads(said(running, token, "api", "PUT", "/api/servers/2/tags", "--data", "-", stdin='{"tags": []}'))
    assert [] == tags["tags"]
    assert said(running, token, "api", "GET", "/api/servers/export").startswith("server_name,ip_address,")


def test_pages_are_followed(running: Process, token: str) -> None:
    first = ask(running, token, "api", "GET", "/api/servers?limit=1")
    assert (0, 1, True) == (first.returncode, len(json.loads(first.stdout)), "--pages" in first.stderr)
    every = json.loads(said(running, token, "api", "GET", "/api/servers?limit=1", "--pages"))
    assert ["web", "数据库"] == [each["server_name"] for each in every]
    short = ask(running, token, "alerts", "--limit", "1", "--state", "all")
    assert (0, 2, "") == (short.returncode, short.stdout.count("\n"), short.stderr)


def test_the_sentence_of_an_error_is_printed(running: Process, token: str, read_token: str) -> None:
    def line(*arguments: str, with_token: str = token) -> str:
        return refused(running, with_token, "api", *arguments)

    assert "Not found (GET /api/servers/77)" == line("GET", "/api/servers/77")
    assert "A personal token may not do this (GET /api/users)" == line("GET", "/api/users")
    assert "This token may only read (DELETE /api/servers/1)" == line("DELETE", "/api/servers/1", with_token=read_token)
    assert line("POST", "/api/servers", "--data", "{}").startswith("Invalid input: server_name required")
    assert line("GET", "/api/\x1b[31m").startswith("can't reach")
    assert "follow it with curl" in line("GET", "/api/live")


@pytest.mark.parametrize(
    "arguments",
    [
        ("api", "GET", "https://evil.example/api/servers"),
        ("api", "GET", "api/servers"),
        ("api", "PATCH", "/api/servers"),
        ("api", "POST", "/api/servers", "--data", "{"),
        ("api", "POST", "/api/servers", "--data", "NaN"),
        ("api", "POST", "/api/servers", "--pages"),
        ("ack",),
        ("ack", "0"),
        ("ack", "one"),
        ("silence", "web"),
        ("alerts", "--state", "loud"),
        ("alerts", "--limit", "0"),
    ],
)
def test_a_wrong_command_line_ends_with_2(running: Process, token: str, arguments: tuple[str, ...]) -> None:
    assert (2, "") == ((done := ask(running, token, *arguments)).returncode, done.stdout)


def test_a_wrong_revoked_or_missing_token(running: Process) -> None:
    with running.admin() as admin:
        made = token_of(admin)
        assert 200 == admin.delete(f"/api/tokens/{made['id']}").status
    for ended in (made["token"], TOKEN):
        assert "does not accept the token: it is wrong or was revoked" in refused(running, ended, "status")
    assert refused(running, "admin123", "status", code=2).startswith("MONITOR_TOKEN: must be a personal token")


def test_the_token_may_lie_in_a_file(running: Process, read_token: str, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(read_token + "\n")
    done = run(tmp_path, "status", settings={"MONITOR_URL": running.origin, "MONITOR_TOKEN_FILE": str(file)})
    assert (0, "") == (done.returncode, done.stderr)


@contextmanager
def answering(status: int, body: str, **headers: str) -> Iterator[tuple[str, list[str]]]:
    """Run a server that always answers so. Return its address, and a list that grows by what it is sent."""
    seen: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(f"{self.path} {self.headers['Authorization']}")
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as fake:
        thread = threading.Thread(target=fake.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{fake.server_port}", seen
        finally:
            fake.shutdown()
            thread.join()


def asking(home: Path, url: str, **settings: str) -> str:
    done = run(home, "status", settings={"MONITOR_URL": url, "MONITOR_TOKEN": TOKEN, **settings})
    assert (1, "", 1) == (done.returncode, done.stdout, done.stderr.count("\n")), done
    assert TOKEN not in done.stderr
    return done.stderr.removeprefix("monitor: ").strip()


def test_a_redirect_is_not_followed(tmp_path: Path) -> None:
    with answering(200, "{}") as (elsewhere, seen), answering(307, "", Location=f"{elsewhere}/api") as (url, _):
        line = asking(tmp_path, url)
        assert f"{url} redirects to {elsewhere}/api. Set MONITOR_URL to the server's own address" == line
        assert [] == seen


def test_a_proxy_of_the_environment_does_not_see_a_token_without_tls(tmp_path: Path) -> None:
    with answering(502, "") as (proxy, seen):
        assert asking(tmp_path, f"http://127.0.0.1:{free_port()}", HTTP_PROXY=proxy).startswith("can't reach http")
        assert [] == seen


@pytest.mark.parametrize("body", ["", "<html>Bad gateway</html>", "[1]", '{"code": 502}', "[" * 100_000, "\xff"])
@pytest.mark.parametrize("status", [200, 502])
def test_another_server_is_named(tmp_path: Path, status: int, body: str) -> None:
    with answering(status, body) as (url, _):
        line = asking(tmp_path, url)
    assert line.startswith(f"{url} ")
    assert line.endswith("Is MONITOR_URL right?")


def test_too_many_requests_say_when_to_come_again(tmp_path: Path) -> None:
    body = '{"code": 429, "msg": "Too many attempts", "data": {"reason": "too_many_attempts"}}'
    with answering(429, body, Retry_After="17") as (url, _):
        assert "Too many attempts (17 s)" == asking(tmp_path, url)


def test_a_server_that_is_away_is_named(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    assert asking(tmp_path, url).startswith(f"can't reach {url}: ")
