"""The real library, in its own process, against a server of ours."""

import json
import sys
import time

import pytest

from monitor.adapters.notify.apprise.channel import AppriseSender
from monitor.adapters.outbound.destinations import Destinations, networks
from monitor.application.notifications.sender_ports import SendResult, SendStatus
from monitor.domain.errors import InvalidInput
from monitor.domain.notifications.channels import Channel, ChannelKind
from tests.integration.notify.hooks import Hook, serving
from tests.integration.notify.listening import drip, listening
from tests.integration.ports import free_port
from tests.unit.adapters.notify.messages import NOON, a_message, an_item

SENDER = AppriseSender(Destinations(networks(["127.0.0.0/8"])))
WITHOUT_NETWORKS = AppriseSender(Destinations())
MESSAGE = a_message(an_item(server_name="@all <b>x</b>"), locale="zh-CN")


def a_channel(url: str) -> Channel:
    return Channel(name="x", kind=ChannelKind("apprise"), settings={"url": url}, created_at=NOON)


def test_a_message_arrives():
    """With title and text, in the channel's language."""
    with serving(Hook()) as hook:
        assert SendResult(SendStatus.SENT) == SENDER.send(a_channel(f"json://127.0.0.1:{hook.port}/a"), MESSAGE)
    body = json.loads(hook.received[0].body)
    assert "[严重] @\u200ball <b>x</b> CPU 92.4 %（阈值 85 %）" == body["title"]
    assert "https://monitor.example/alerts/12" in body["message"].splitlines()


@pytest.mark.parametrize(
    ("status", "expected"), [(404, SendStatus.REFUSED), (429, SendStatus.RETRY), (500, SendStatus.RETRY)]
)
def test_the_answer_of_the_service_decides_about_a_further_attempt(status, expected):
    """As far as the library tells it."""
    with serving(Hook(lambda _path: (status, {}, b""))) as hook:
        sending = SENDER.send(a_channel(f"json://127.0.0.1:{hook.port}/t0ken"), MESSAGE)
    assert SendResult(expected, f"the service answered {status}") == sending


def test_a_refused_connection_is_tried_again():
    """Later."""
    sending = SENDER.send(a_channel(f"json://127.0.0.1:{free_port()}/"), MESSAGE)
    assert SendResult(SendStatus.RETRY, "apprise could not send it") == sending


@pytest.mark.parametrize("scheme", ["json", "rsyslog"])
def test_it_reaches_no_private_address(scheme):
    """It does so neither over TCP nor over UDP."""
    with serving(Hook()) as hook:
        sending = WITHOUT_NETWORKS.send(a_channel(f"{scheme}://localhost:{hook.port}/"), MESSAGE)
    assert SendResult(SendStatus.REFUSED, "the address is not allowed") == sending
    assert [] == hook.received


def test_it_writes_no_line_into_this_machines_log():
    """A line in this machine's own log would notify no user."""
    assert SendStatus.REFUSED is SENDER.send(a_channel("syslog://"), MESSAGE).status


def test_a_redirect_does_not_lead_inside():
    """The library follows redirects: each of its connections is looked at."""
    with serving(Hook()) as inside, serving(Hook()) as outside:
        outside.answer = lambda _path: (307, {"Location": f"http://127.0.0.2:{inside.port}/"}, b"")
        sender = AppriseSender(Destinations(networks(["127.0.0.1/32"])))
        sending = sender.send(a_channel(f"json://127.0.0.1:{outside.port}/"), MESSAGE)
    assert SendStatus.SENT is not sending.status
    assert (1, []) == (len(outside.received), inside.received)


def test_the_environment_sends_nothing_elsewhere(monkeypatch):
    """No proxy, as with webhooks."""
    with serving(Hook()) as proxy, serving(Hook()) as hook:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
        assert SendStatus.SENT is SENDER.send(a_channel(f"json://127.0.0.1:{hook.port}/"), MESSAGE).status
    assert [] == proxy.received


@pytest.mark.parametrize("is_a_path_here", [False, True])
def test_nothing_is_loaded_from_the_working_directory(monkeypatch, tmp_path, is_a_path_here):
    """Even where this process does, as one that was started by `python -m`."""
    (tmp_path / "apprise.py").write_text("raise SystemExit")
    monkeypatch.chdir(tmp_path)
    if is_a_path_here:
        monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    with serving(Hook()) as hook:
        assert SendStatus.SENT is SENDER.send(a_channel(f"json://127.0.0.1:{hook.port}/"), MESSAGE).status


def test_a_service_that_drips():
    """The process is ended, and with it whatever it waits for."""
    with listening(drip(b"HTTP/1.1 200 OK\r\nX: y")) as port:
        begun = time.monotonic()
        sender = AppriseSender(Destinations(networks(["127.0.0.0/8"])), total=2)
        assert SendResult(SendStatus.RETRY, "timed out") == sender.send(a_channel(f"json://127.0.0.1:{port}/"), MESSAGE)
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize("url", ["slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ", "dingtalk://abcdef1234"])
def test_addresses_that_apprise_knows(url):
    """They are taken without anything being sent."""
    WITHOUT_NETWORKS.check(a_channel(url))


@pytest.mark.parametrize("url", ["nope://a/b", "slack://", "no address", "/etc/passwd"])
def test_addresses_that_apprise_does_not_know(url):
    """They are refused when they are set, and not raised when they are sent to."""
    with pytest.raises(InvalidInput) as caught:
        WITHOUT_NETWORKS.check(a_channel(url))
    assert {"settings.url": "invalid_apprise_url"} == {name: p.code for name, p in caught.value.problems.items()}
    assert SendStatus.REFUSED is WITHOUT_NETWORKS.send(a_channel(url), MESSAGE).status
