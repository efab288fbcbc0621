"""Pushes to a browser, through a push service that checks who sends and keeps what it is given."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.exceptions import InvalidTag

from monitor.adapters.memory.fakes import FixedClock
from monitor.adapters.notify.web_push.channel import WebPushSender
from monitor.adapters.notify.web_push.vapid import DerivedPushKeys
from monitor.adapters.outbound.connections import Outbound
from monitor.adapters.outbound.destinations import Destinations, networks
from monitor.application.notifications.sender_ports import SendResult, SendStatus
from monitor.domain.alerts.alert import EventKind
from monitor.domain.levels import Level
from monitor.domain.notifications.channels import Channel, ChannelKind
from tests.integration.notify.browsers import Browser
from tests.integration.notify.hooks import Hook, serving
from tests.unit.adapters.notify.messages import NOON, RACK, a_message, an_alert, an_item, ended

KEYS = DerivedPushKeys("a secret that signs links")
LOOPBACK = Outbound(destinations=Destinations(networks(["127.0.0.0/8"])))
ACK = "https://monitor.example/ack/7-abc"
CLOCK = FixedClock(NOON)


def browser_at(hook: Hook) -> Browser:
    return Browser(f"http://127.0.0.1:{hook.port}/push/b1?x=y", KEYS.public())


def send(browser: Browser, message, outbound: Outbound = LOOPBACK, keys=KEYS) -> SendResult:
    way = Channel(name="bob", kind=ChannelKind("web_push"), settings=browser.settings, created_at=NOON)
    return WebPushSender(outbound, CLOCK, keys, "https://monitor.example").send(way, message)


def answering(status: int) -> Hook:
    return Hook(lambda _path: (status, {}, b""))


def test_the_browser_alone_reads_what_arrives():
    message = a_message(an_item(ack_link=ACK))
    with serving(answering(201)) as hook:
        browser = browser_at(hook)
        assert SendResult(SendStatus.SENT) == send(browser, message)
    (received,) = hook.received
    shown = browser.opened(received)
    assert "[CRITICAL] web-1 CPU 92.4 % (threshold 85 %)" == shown["title"]
    assert "Server: web-1 (192.0.2.10)" in shown["body"]
    assert ("critical", "alert-12") == (shown["level"], shown["tag"])
    assert ("https://monitor.example/alerts/12", ACK) == (shown["link"], shown["ack_link"])
    assert b"web-1" not in received.body
    with pytest.raises(InvalidTag):
        Browser(browser.endpoint, KEYS.public()).decrypted(received.body)


def test_the_push_service_knows_who_sends():
    """By the key for which the browser subscribed; and for whom, until when, and how to reach the operator."""
    with serving(answering(201)) as hook:
        browser = browser_at(hook)
        send(browser, a_message(an_item()))
        claims = browser.claims(hook.received[0])
    assert "/push/b1?x=y" == hook.received[0].path
    assert f"http://127.0.0.1:{hook.port}" == claims["aud"]
    assert "https://monitor.example" == claims["sub"]
    assert NOON.timestamp() < claims["exp"] <= (NOON + timedelta(hours=24)).timestamp()


def test_each_push_is_encrypted_anew():
    with serving(answering(201)) as hook:
        browser = browser_at(hook)
        for _ in range(2):
            send(browser, a_message(an_item()))
    first, second = hook.received
    assert first.body[:86] != second.body[:86]
    assert browser.opened(first) == browser.opened(second)


@pytest.mark.parametrize(
    ("items", "urgency", "topic"),
    [
        ([an_item()], "high", "alert-12"),
        ([an_item(alert=an_alert(level=Level.WARNING))], "normal", "alert-12"),
        ([an_item(EventKind.RESOLVED, alert=ended())], "normal", "alert-12"),
        ([an_item(), an_item(alert=an_alert(id=13))], "high", None),
    ],
)
def test_what_is_newer_about_an_alert_replaces_what_waits(items, urgency, topic):
    """A message about several alerts replaces nothing: what waits may be about others."""
    with serving(answering(201)) as hook:
        browser = browser_at(hook)
        send(browser, a_message(*items))
    (received,) = hook.received
    assert (urgency, topic) == (received.headers["urgency"], received.headers.get("topic"))
    assert (topic or "m-1") == browser.opened(received)["tag"]


def test_what_amends_an_incident_replaces_what_waits_of_it():
    amending = replace(RACK, is_first=False, more=2)
    with serving(answering(201)) as hook:
        browser = browser_at(hook)
        send(browser, a_message(an_item(), incident=RACK))
        send(browser, a_message(an_item(alert=an_alert(id=13)), an_item(alert=an_alert(id=14)), incident=amending))
    assert ["incident-7"] * 2 == [each.headers["topic"] for each in hook.received]
    assert ["incident-7"] * 2 == [browser.opened(each)["tag"] for each in hook.received]


def test_several_alerts_are_listed_and_acknowledged_one_by_one():
    items = [an_item(server_name=f"web-{n}", alert=an_alert(id=n), ack_link=ACK) for n in range(1, 40)]
    with serving(answering(201)) as hook:
        browser = browser_at(hook)
        send(browser, a_message(*items))
    shown = browser.opened(hook.received[0])
    assert shown["title"].startswith("39 alerts: ")
    assert "web-8" in shown["body"]
    assert shown["ack_link"] is None


def test_an_end_has_nothing_to_acknowledge():
    with serving(answering(201)) as hook:
        browser = browser_at(hook)
        send(browser, a_message(an_item(EventKind.RESOLVED, alert=ended())))
    shown = browser.opened(hook.received[0])
    assert ("ok", None) == (shown["level"], shown["ack_link"])


def test_a_test_message_says_so():
    with serving(answering(201)) as hook:
        browser = browser_at(hook)
        send(browser, a_message(is_test=True))
    shown = browser.opened(hook.received[0])
    assert "[TEST] monitor test message" == shown["title"]
    assert shown["body"].startswith("This is a test message.")
    assert (None, None) == (shown["link"], shown["ack_link"])


@pytest.mark.parametrize(
    ("status", "expected", "error"),
    [
        (200, SendStatus.SENT, ""),
        (202, SendStatus.SENT, ""),
        (400, SendStatus.REFUSED, "answered 400"),
        (401, SendStatus.REFUSED, "the push service does not know this server's key: subscribe again"),
        (403, SendStatus.REFUSED, "the push service does not know this server's key: subscribe again"),
        (404, SendStatus.REFUSED, "the subscription has ended"),
        (410, SendStatus.REFUSED, "the subscription has ended"),
        (413, SendStatus.REFUSED, "answered 413"),
        (429, SendStatus.RETRY, "answered 429"),
        (500, SendStatus.RETRY, "answered 500"),
    ],
)
def test_the_answer_decides_what_becomes_of_the_subscription(status, expected, error):
    with serving(answering(status)) as hook:
        assert SendResult(expected, error) == send(browser_at(hook), a_message(an_item()))


def test_a_private_address_is_not_reached():
    """A browser may name any address as its push service."""
    with serving(answering(201)) as hook:
        result = send(browser_at(hook), a_message(an_item()), Outbound(destinations=Destinations()))
    assert (SendStatus.REFUSED, "the address 127.0.0.1 is not allowed") == (result.status, result.error)
    assert [] == hook.received


def test_keys_that_are_none_are_refused_without_a_request():
    with serving(answering(201)) as hook:
        browser = browser_at(hook)
        browser.auth = b"short"
        way = Channel(
            name="bob",
            kind=ChannelKind("web_push"),
            settings=browser.settings | {"p256dh": "AAAA"},
            created_at=NOON,
        )
        result = WebPushSender(LOOPBACK, CLOCK, KEYS).send(way, a_message(an_item()))
    assert SendStatus.REFUSED is result.status
    assert [] == hook.received


def test_another_secret_is_another_server():
    with serving(answering(201)) as hook:
        browser = browser_at(hook)
        send(browser, a_message(an_item()), keys=DerivedPushKeys("another secret"))
    with pytest.raises(AssertionError):
        browser.claims(hook.received[0])


def test_the_message_is_confirmed_before_it_is_sent():
    """Another process may have taken it."""

    def refuse() -> None:
        raise RuntimeError("claimed by another")

    with serving(answering(201)) as hook, pytest.raises(RuntimeError):
        send(browser_at(hook), a_message(an_item(), confirm=refuse))
    assert [] == hook.received


def test_long_texts_are_shortened():
    """Services take about four kilobytes."""
    long = an_item(note="备注" * 250, server_name="x" * 100, link="https://monitor.example/" + "a" * 400)
    with serving(answering(201)) as hook:
        browser = browser_at(hook)
        send(browser, a_message(long, locale="zh-CN"))
    shown = browser.opened(hook.received[0])
    assert len(json.dumps(shown, ensure_ascii=False).encode()) < 3300
    assert shown["link"].endswith("aaa")
