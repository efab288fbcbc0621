"""A webhook, from its creation to the receiver that checks its signature, and addresses that are not allowed."""

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.integration.alerts.live_server import BASE_URL, LiveServer, live_server
from tests.integration.alerts.mail_server import silent_server
from tests.integration.cli.running import wait_for

SECRET = "a secret that both ends know"
ALLOWED = {"MONITOR_ALLOWED_DESTINATIONS": "127.0.0.0/8"}


@dataclass(frozen=True, slots=True)
class Delivered:
    headers: dict[str, str]
    body: bytes

    @property
    def data(self) -> Any:
        return json.loads(self.body)


class Receiver:
    """*status* is what it answers."""

    def __init__(self) -> None:
        self.received: list[Delivered] = []
        self.status = 204
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.received.append(Delivered(dict(self.headers.items()), body))
                self.send_response(receiver.status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nothing on standard error."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/hook"


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()
    thread = threading.Thread(target=receiver.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.server.shutdown()
        receiver.server.server_close()
        thread.join(5)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


def webhook(live: LiveServer, receiver: Receiver, name: str) -> int:
    settings = {"url": receiver.url, "secret": SECRET}
    made = live.admin.post("/api/channels", {"name": name, "kind": "webhook", "settings": settings}).data
    assert SECRET not in json.dumps(made)
    channel_id: int = made["id"]
    return channel_id


def is_signed(delivered: Delivered) -> bool:
    message = delivered.headers["X-Monitor-Timestamp"].encode() + b"." + delivered.body
    expected = hmac.new(SECRET.encode(), message, hashlib.sha256).hexdigest()
    return hmac.compare_digest(f"sha256={expected}", delivered.headers["X-Monitor-Signature"])


def test_signed_and_whole(tmp_path: Path, receiver: Receiver):
    """The test message, what fires, and its end; then what is refused is parked, and shown."""
    with live_server(tmp_path, **ALLOWED) as live:
        channel_id = webhook(live, receiver, "hook")
        assert {"sent": True, "error": None} == live.admin.post(f"/api/channels/{channel_id}/test", {}).data
        assert receiver.received[0].data["test"] is True

        host = live.host_of("ann", network=1)
        live.report(host, 95, processes=[{"name": "mysqld", "cpu": 88.1, "memory": 40.2}])
        wait_for(lambda: len(receiver.received) == 2, "what fired")
        (item,) = receiver.received[1].data["items"]
        assert ("fired", "critical", 95) == (item["event"], item["alert"]["level"], item["alert"]["value"])
        assert host.ip_address == item["alert"]["ip_address"]
        assert "mysqld" == item["alert"]["processes"][0]["name"]
        assert f"{BASE_URL}/alerts/{item['alert']['id']}" == item["link"]

        live.report(host, 10)
        wait_for(lambda: len(receiver.received) == 3, "its end")
        assert "resolved" == receiver.received[2].data["items"][0]["event"]
        assert all(is_signed(delivered) for delivered in receiver.received)
        assert 3 == len({delivered.headers["X-Monitor-Delivery"] for delivered in receiver.received})

        receiver.status = 410
        live.report(host, 95)
        refused = live.until(lambda: failing(live), "the failing channel")
        assert ("hook", channel_id) == (refused["name"], refused["channel_id"])
        assert "410" in refused["last_error"]
        (parked,) = live.admin.get("/api/notifications?delivery=parked").data
        assert channel_id == parked["channel_id"]
        assert SECRET not in live.process.said


@pytest.mark.nightly(each=True)
def test_the_alert_of_a_check_or_check_in_names_the_server_that_it_belongs_to(tmp_path: Path, receiver: Receiver):
    """Also when it was deleted: its own id is never that of a server."""
    with live_server(tmp_path, **ALLOWED) as live:
        webhook(live, receiver, "hook")
        host = live.host_of("ann", network=1)
        check = {"name": "shop", "kind": "tcp", "target": "127.0.0.1:1", "attempts": 1, "server_id": host.id}
        check_id = live.admin.post("/api/checks", check).data["id"]
        (down,) = live.until(lambda: said_of(receiver, "shop"), "the check")
        assert (host.id, check_id) == (down["server_id"], down["check_id"])
        assert "check_in_id" not in down
        job = live.admin.post("/api/check-ins", {"name": "backup", "period": 3600, "grace": 60}).data
        assert 200 == live.admin.get(f"{job['ping_path']}/3").status
        (failed,) = live.until(lambda: said_of(receiver, "backup"), "the check-in")
        assert (None, job["id"]) == (failed["server_id"], failed["check_in_id"])
        assert "check_id" not in failed
        for path in (f"/api/checks/{check_id}", f"/api/check-ins/{job['id']}"):
            assert live.admin.delete(path).status == 200
        for name, key, own in (("shop", "check_id", check_id), ("backup", "check_in_id", job["id"])):
            gone = end_of(live, receiver, name)
            assert ("cancelled", None, own) == (gone["state"], gone["server_id"], gone[key])


def end_of(live: LiveServer, receiver: Receiver, name: str) -> Any:
    """Return the alert as the second message about it has it."""
    return live.until(lambda: said_of(receiver, name)[1:], f"the end of {name}")[0]


def said_of(receiver: Receiver, name: str) -> list[Any]:
    """Return the alerts of one name, oldest first."""
    items = [item for delivered in receiver.received for item in delivered.data["items"]]
    return [item["alert"] for item in items if item["alert"]["server_name"] == name]


@pytest.mark.nightly
def test_arrives_though_the_mail_server_hangs(tmp_path: Path, receiver: Receiver):
    """It is what people have a second way for."""
    names = [f"person{number}" for number in range(20)]
    with silent_server() as unresponsive, live_server(tmp_path, **ALLOWED, SMTP_PORT=str(unresponsive.port)) as live:
        webhook(live, receiver, "hook")
        host = live.host_of(*names, network=1)
        live.report(host, 95)
        wait_for(lambda: unresponsive.connections > 0, "the mail server's first victim")
        live.report(host, 10)
        wait_for(lambda: events_of(receiver) == ["fired", "resolved"], "both, without waiting for mail", deadline=8)


def events_of(receiver: Receiver) -> list[str]:
    return [item["event"] for delivered in receiver.received for item in delivered.data["items"]]


@pytest.mark.nightly
def test_where_the_operator_allows_no_such_address(tmp_path: Path, receiver: Receiver):
    """Neither a new channel nor an existing one is used."""
    with live_server(tmp_path, **ALLOWED) as live:
        channel_id = webhook(live, receiver, "hook")
    with live_server(tmp_path) as live:
        settings = {"url": receiver.url.replace("/hook", "/other")}
        answer = live.admin.post("/api/channels", {"name": "new", "kind": "webhook", "settings": settings})
        assert 400 == answer.status
        assert ["settings.url"] == list(answer.body["data"]["fields"])
        tested = live.admin.post(f"/api/channels/{channel_id}/test", {}).data
        assert tested["sent"] is False
        assert "not allowed" in tested["error"]
        live.report(live.host_of("ann", network=1), 95)
        assert "not allowed" in live.until(lambda: failing(live), "the failing channel")["last_error"]
    assert [] == receiver.received


def failing(live: LiveServer) -> Any:
    channels = live.admin.get("/api/alerts/coverage").data["failing_channels"]
    return channels[0] if channels else None
