"""Webhooks: the request, the meaning of the answer, and addresses that are never used."""

import hashlib
import hmac
import json
import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest

from monitor.adapters.memory.fakes import FixedClock
from monitor.adapters.notify.webhook.channel import WebhookSender
from monitor.adapters.outbound.connections import Outbound
from monitor.adapters.outbound.destinations import Destinations, networks
from monitor.adapters.outbound.posts import LONGEST_BODY, Unreachable, post
from monitor.application.notifications.sender_ports import SendResult, SendStatus
from monitor.domain.alerts.alert import EventKind
from monitor.domain.fleet.servers import Kind, ServerId
from monitor.domain.notifications.channels import Channel, ChannelKind
from tests.integration.notify.hooks import Hook, serving
from tests.integration.notify.listening import client_tls, drip, hang, listening, server_tls
from tests.integration.ports import free_port
from tests.unit.adapters.notify.messages import IN_INCIDENT, NOON, RACK, a_message, an_item, ended

LOOPBACK = Destinations(networks(["127.0.0.0/8", "::1/128"]))
MESSAGE = a_message(an_item(note="look\r\nhere"), an_item(EventKind.RESOLVED, alert=ended(), link=None))
ONLY_PUBLIC = Destinations()
LATER = datetime(2026, 11, 3, 12, 30, tzinfo=UTC)


def send(url, *, message=MESSAGE, secret="", **options) -> SendResult:
    outbound = Outbound(**{"destinations": LOOPBACK, "total": 10.0, **options})
    settings = {"url": url, "secret": secret} if secret else {"url": url}
    channel = Channel(name="x", kind=ChannelKind("webhook"), settings=settings, created_at=NOON)
    return WebhookSender(outbound, FixedClock(LATER)).send(channel, message)


def test_a_signed_delivery_arrives():
    """As the documentation says it."""
    with serving(Hook()) as hook:
        assert SendResult(SendStatus.SENT) == send(f"http://127.0.0.1:{hook.port}/hooks/a?b=c", secret="s3cret")
    (received,) = hook.received
    assert "/hooks/a?b=c" == received.path
    assert "application/json" == received.headers["content-type"]
    assert "m-1" == received.headers["x-monitor-delivery"]
    timestamp = received.headers["x-monitor-timestamp"]
    assert str(int(LATER.timestamp())) == timestamp
    mac = hmac.new(b"s3cret", timestamp.encode() + b"." + received.body, hashlib.sha256)
    assert f"sha256={mac.hexdigest()}" == received.headers["x-monitor-signature"]


def test_the_body():
    """Every field that is promised, and nothing that links to acknowledging."""
    message = a_message(*MESSAGE.items, message_id="id-7")
    with serving(Hook()) as hook:
        send(f"http://127.0.0.1:{hook.port}/", message=message)
    body = json.loads(hook.received[0].body)
    alert = {
        "id": 12,
        "server_id": 3,
        "server_name": "web-1",
        "ip_address": "192.0.2.10",
        "metric": "cpu",
        "level": "critical",
        "state": "firing",
        "value": 92.4,
        "peak_level": "critical",
        "peak_value": 92.4,
        "peak_at": "2026-11-03T11:53:00Z",
        "threshold": 85.0,
        "kind": "threshold",
        "expected_at": None,
        "policy_note": "",
        "started_at": "2026-11-03T11:48:00Z",
        "fired_at": "2026-11-03T11:53:00Z",
        "resolved_at": None,
        "acknowledged_at": None,
        "processes": [
            {"name": "mysqld", "cpu": 88.1, "memory": 40.2},
            {"name": "nginx", "cpu": 1.25, "memory": 0.4},
        ],
    }
    closed = {**alert, "state": "resolved", "resolved_at": "2026-11-03T12:00:00Z"}
    at = "2026-11-03T12:00:00Z"
    link = "https://monitor.example/alerts/12"
    assert {
        "version": 1,
        "id": "id-7",
        "sent_at": at,
        "test": False,
        "incident": None,
        "items": [
            {
                "event": "fired",
                "at": at,
                "incident_id": None,
                "drill": False,
                "alert": alert,
                "note": "look here",
                "quiet": None,
                "link": link,
            },
            {
                "event": "resolved",
                "at": at,
                "incident_id": None,
                "drill": False,
                "alert": closed,
                "note": "",
                "quiet": None,
                "link": None,
            },
        ],
    } == body
    assert not {name for name in hook.received[0].headers if "signature" in name or "timestamp" in name}


def test_a_message_about_one_incident_says_so():
    with serving(Hook()) as hook:
        send(f"http://127.0.0.1:{hook.port}/", message=a_message(an_item(alert=IN_INCIDENT), incident=RACK))
    body = json.loads(hook.received[0].body)
    assert {
        "id": 7,
        "started_at": "2026-11-03T11:53:00Z",
        "more": 0,
        "text": "4 of 5 in rack-7; web-3 is healthy",
    } == body["incident"]
    assert [7] == [item["incident_id"] for item in body["items"]]


def test_a_webhook_of_a_person_has_the_link_that_acknowledges():
    """As for an SMS gateway: messages to channels have none."""
    ack_link = "https://monitor.example/ack/7-abc"
    with serving(Hook()) as hook:
        send(f"http://127.0.0.1:{hook.port}/", message=a_message(an_item(ack_link=ack_link)))
    assert ack_link == json.loads(hook.received[0].body)["items"][0]["ack_link"]


def test_the_body_of_checks_and_check_ins():
    check = an_item(kind=Kind.CHECK, host_id=ServerId(7), target="db:3306", failure="refused")
    with serving(Hook()) as hook:
        send(f"http://127.0.0.1:{hook.port}/", message=a_message(check, an_item(kind=Kind.CHECK_IN)))
    of_check, of_check_in = (item["alert"] for item in json.loads(hook.received[0].body)["items"])
    assert {"server_id": 7, "check_id": 3, "target": "db:3306", "failure": "refused"}.items() <= of_check.items()
    assert {"server_id": None, "check_in_id": 3}.items() <= of_check_in.items()


def test_a_test_message():
    """Says that it is one."""
    with serving(Hook()) as hook:
        send(f"http://127.0.0.1:{hook.port}/", message=a_message(is_test=True))
    body = json.loads(hook.received[0].body)
    assert (True, []) == (body["test"], body["items"])


def test_userinfo_is_sent_as_basic_authentication():
    """And not as part of the address."""
    with serving(Hook()) as hook:
        send(f"http://us%40er:pass@127.0.0.1:{hook.port}/")
    assert "Basic dXNAZXI6cGFzcw==" == hook.received[0].headers["authorization"]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (200, SendStatus.SENT),
        (204, SendStatus.SENT),
        (400, SendStatus.REFUSED),
        (401, SendStatus.REFUSED),
        (404, SendStatus.REFUSED),
        (408, SendStatus.RETRY),
        (410, SendStatus.REFUSED),
        (429, SendStatus.RETRY),
        (500, SendStatus.RETRY),
        (503, SendStatus.RETRY),
    ],
)
def test_the_answer_decides_about_a_further_attempt(status, expected):
    """Success, later, or never."""
    with serving(Hook(lambda _path: (status, {}, b""))) as hook:
        sending = send(f"http://127.0.0.1:{hook.port}/")
    assert expected is sending.status
    assert (sending.error == "") == (expected is SendStatus.SENT)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_leads_nowhere(status):
    """It is followed neither to another host nor to another path of the same host."""
    with serving(Hook(lambda _path: (status, {"Location": "/elsewhere"}, b""))) as hook:
        sending = send(f"http://127.0.0.1:{hook.port}/here")
    assert SendStatus.REFUSED is sending.status
    assert "redirects are not followed" in sending.error
    assert ["/here"] == [received.path for received in hook.received]


def test_tls_is_verified_against_the_name():
    """Even though the connection goes to an address."""
    with serving(Hook(), tls=server_tls()) as hook:
        url = f"https://localhost:{hook.port}/"
        assert SendResult(SendStatus.SENT) == send(url, tls=client_tls(), resolver=lambda *_: ["127.0.0.1"])
        assert f"localhost:{hook.port}" == hook.received[0].headers["host"]
        for wrong, tls in ((url, None), (f"https://other.example:{hook.port}/", client_tls())):
            sending = send(wrong, tls=tls, resolver=lambda *_: ["127.0.0.1"])
            assert SendStatus.RETRY is sending.status
            assert "certificate not accepted" in sending.error
    assert 1 == len(hook.received)


@pytest.mark.parametrize(
    "addresses",
    [["127.0.0.1"], ["::1"], ["169.254.169.254"], ["::ffff:127.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["fd00:ec2::254"]],
)
def test_a_name_that_leads_inside_is_refused(addresses):
    """Even where one of its addresses would do; the server there hears nothing."""
    with serving(Hook()) as hook:
        sending = send(f"http://inside.example:{hook.port}/", destinations=ONLY_PUBLIC, resolver=lambda *_: addresses)
    assert SendStatus.REFUSED is sending.status
    assert f"the address {addresses[-1]} is not allowed" == sending.error
    assert [] == hook.received


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0x7f000001", "2130706433", "127.1", "[::ffff:7f00:1]"])
def test_no_way_of_writing_loopback_gets_through(host):
    """The system understands more of them than one remembers."""
    with serving(Hook()) as hook:
        sending = send(f"http://{host}:{hook.port}/", destinations=ONLY_PUBLIC)
    assert SendStatus.REFUSED is sending.status
    assert [] == hook.received


def test_a_name_is_looked_up_once():
    """One that answers with another address the second time (rebinding) is never asked again."""
    answers = [["127.0.0.1"], ["127.0.0.2"]]
    with serving(Hook()) as hook:
        url = f"http://rebinding.example:{hook.port}/"
        sending = send(url, destinations=Destinations(networks(["127.0.0.1/32"])), resolver=lambda *_: answers.pop(0))
    assert SendResult(SendStatus.SENT) == sending
    assert [["127.0.0.2"]] == answers
    assert f"rebinding.example:{hook.port}" == hook.received[0].headers["host"]


def test_the_environment_sends_nothing_elsewhere(monkeypatch):
    """A proxy would look the name up itself, unchecked."""
    with serving(Hook()) as proxy, serving(Hook()) as hook:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert SendResult(SendStatus.SENT) == send(f"http://127.0.0.1:{hook.port}/")
    assert ([], 1) == (proxy.received, len(hook.received))


@pytest.mark.parametrize(
    "url", ["ftp://127.0.0.1/", "file:///etc/passwd", "", "http://", "http://[::1", "http:///x", "http://\ud800/"]
)
def test_an_invalid_address_is_refused(url):
    """Stored by an older version, or by hand: refused, not raised."""
    assert SendStatus.REFUSED is send(url).status


def test_without_an_answer_it_is_tried_again():
    """Nothing listens, the name is unknown, no address at all: later."""

    def unknown(*_):
        raise OSError("Name or service not known")

    assert SendStatus.RETRY is send(f"http://127.0.0.1:{free_port()}/").status
    assert SendResult(SendStatus.RETRY, "Name or service not known") == send("http://x.example/", resolver=unknown)
    assert SendStatus.RETRY is send("http://x.example/", resolver=lambda *_: []).status


@pytest.mark.parametrize(
    "script",
    [
        hang,
        drip(b"HTTP/1.1 200 OK\r\nX: y"),
        drip(b"HTTP/1.1 200 OK\r\n\r\nbody "),
        lambda connection: connection.close(),
        lambda connection: connection.sendall(b"SSH-2.0-OpenSSH\r\n"),
    ],
)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_server_that_does_not_answer_in_time(script, scheme):
    """Silent, dripping headers or body, gone, or something else: later, and soon over."""
    with listening(script) as port:
        begun = time.monotonic()
        sending = send(f"{scheme}://127.0.0.1:{port}/", total=0.8)
    assert SendStatus.RETRY is sending.status
    assert sending.error
    assert time.monotonic() - begun < 10


def test_a_huge_answer_is_cut():
    """The first 64 kB are read and no more, packed as they came."""
    with serving(Hook(lambda _path: (200, {"Content-Encoding": "gzip"}, b"x" * 50_000_000))) as hook:
        answer = post(Outbound(destinations=LOOPBACK), f"http://127.0.0.1:{hook.port}/", b"", {})
    assert (200, b"x" * LONGEST_BODY) == (answer.status, answer.body)


def test_endless_headers_are_refused():
    """Not gathered until memory is full."""

    def script(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            connection.sendall(b"X: " + b"y" * 10_000 + b"\r\n")

    with listening(script) as port, pytest.raises(Unreachable):
        post(Outbound(destinations=LOOPBACK, total=5), f"http://127.0.0.1:{port}/", b"", {})


def test_an_answer_before_the_body_was_read():
    """A server that says 413 and hangs up is understood."""

    def script(connection):
        connection.recv(1000)
        connection.sendall(b"HTTP/1.1 413 Too large\r\nContent-Length: 0\r\n\r\n")
        while connection.recv(65536):
            pass

    with listening(script) as port:
        message = a_message(*[an_item(note="x" * 500)] * 1000)
        assert SendResult(SendStatus.REFUSED, "answered 413") == send(f"http://127.0.0.1:{port}/", message=message)


def test_a_server_without_webhooks_does_not_load_httpx():
    """It takes 12 MB."""
    code = "import sys, monitor.adapters.notify.kinds; sys.exit('httpx' in sys.modules)"
    assert 0 == subprocess.run([sys.executable, "-c", code], check=False).returncode
