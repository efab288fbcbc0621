"""DNS rebinding: a page of another site sends requests under its own host name, which resolves to this server."""

import http.client
import json
from pathlib import Path

from drills.drill import Drill, Outcome, running_server
from tests.integration.cli.running import PASSWORD

HOSTS = (
    "evil.example",
    "evil.example:{port}",
    "EVIL.example.",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "monitor.example.com.evil.example",
    "evil.monitor.example.com",
    "a.localhost",
    "localhost..",
    "localhost@evil.example",
    "evil.example@localhost",
    "localhost, evil.example",
    "evil.example, localhost",
    "localhost/evil.example",
    "localhost:x",
    "localhost:{port}evil",
    "0.0.0.0",  # noqa: S104 (nothing listens)
    "0.0.0.0:{port}",
    "192.0.2.1",
    "2130706433",
    "0x7f.1",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::1",
    "::1",
    "*",
    "",
    " ",
)
LOG_IN = json.dumps({"username": "admin", "password": PASSWORD})
ASKED = (
    ("GET", "/", None),
    ("GET", "/schema/openapi.json", None),
    ("GET", "/agent/install.sh", None),
    ("GET", "/metrics", None),
    ("POST", "/api/auth/login", LOG_IN),
    ("POST", "/api/auth/refresh", None),
    ("GET", "/api/users", None),
    ("GET", "/api/live", None),
)
BASE_URL = "https://monitor.example.com"


def run(place: Path) -> Outcome:
    asked = answered = good = 0
    for settings in ({}, {"MONITOR_BASE_URL": BASE_URL}):
        with running_server(place, **settings) as server:
            with server.admin() as admin:
                token = admin.token or ""
            for host in HOSTS:
                for method, path, body in ASKED:
                    asked += 1
                    status = _status(server.port, method, path, body, host.format(port=server.port), token)
                    answered += status not in (400, 401, 421)
            ours = ["localhost", f"127.0.0.1:{server.port}", "[::1]", *(["monitor.example.com"] if settings else [])]
            good += all(_status(server.port, "POST", "/api/auth/login", LOG_IN, host, "") == 200 for host in ours)
    seen = f"{len(HOSTS)} hosts, {asked} requests with a good password or token: {answered} answered with data"
    return Outcome(held=answered == 0 and good == 2, seen=f"{seen}; our own names {'work' if good == 2 else 'FAIL'}")


def _status(port: int, method: str, path: str, body: str | None, host: str, token: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.putrequest(method, path, skip_host=True)
        connection.putheader("Host", host)
        connection.putheader("Content-Type", "application/json")
        connection.putheader("Content-Length", str(len(body or "")))
        if token and "/api/" in path:
            connection.putheader("Authorization", f"Bearer {token}")
        connection.endheaders((body or "").encode())
        return connection.getresponse().status  # also of a stream, without waiting for its end
    finally:
        connection.close()


DRILL = Drill(attack="a page of another site asks under 28 names of its own (DNS rebinding)", run=run)
