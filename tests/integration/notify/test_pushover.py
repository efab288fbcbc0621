"""Pushover, through a service of the tests' own that answers as its documentation says."""

import json
from typing import Any

import pytest

from monitor.adapters.notify.pushover.channel import PushoverSender
from monitor.adapters.outbound.connections import Outbound
from monitor.adapters.outbound.destinations import Destinations, networks
from monitor.application.notifications.sender_ports import SendResult, SendStatus
from monitor.domain.alerts.alert import EventKind
from monitor.domain.errors import InvalidInput
from monitor.domain.levels import Level
from monitor.domain.notifications.channels import Channel, ChannelKind
from tests.integration.notify.hooks import Hook, serving
from tests.unit.adapters.notify.messages import NOON, a_message, an_alert, an_item, ended

LOOPBACK = Outbound(destinations=Destinations(networks(["127.0.0.0/8"])))
KEYS = {"token": "azGDORePK8gMaC0QOYAMyEEuzJnyUi", "user": "uQiRzpo4DXghDmr9QzzfQu27cmVRsG"}
RECEIPT = "rLqVuqTRh62UzxtmqiaLzQmVcPgiCy"
ACK = "https://monitor.example/ack/7-abc"
WARNING = an_alert(level=Level.WARNING)


def accepting(*_: object) -> tuple[int, dict[str, str], bytes]:
    return 200, {}, json.dumps({"status": 1, "request": "647d2300", "receipt": RECEIPT}).encode()


def refusing(status: int, *errors: str) -> Hook:
    body = json.dumps({"status": 0, "errors": errors, "user": "invalid"}).encode()
    return Hook(lambda _path: (status, {}, body))


def send(hook: Hook, message, **settings: str) -> SendResult:
    channel = Channel(name="bob", kind=ChannelKind("pushover"), settings=KEYS | settings, created_at=NOON)
    return PushoverSender(LOOPBACK, f"http://127.0.0.1:{hook.port}/1").send(channel, message)


def bodies(hook: Hook) -> list[dict[str, Any]]:
    return [json.loads(received.body) for received in hook.received]


def test_a_critical_alert_arrives_with_a_button_that_acknowledges():
    with serving(Hook(lambda _path: (200, {}, b'{"status":1,"request":"647d2300"}'))) as hook:
        assert SendResult(SendStatus.SENT) == send(hook, a_message(an_item(ack_link=ACK)))
    assert ["/1/messages.json"] == [received.path for received in hook.received]
    [body] = bodies(hook)
    assert "[CRITICAL] web-1 CPU 92.4 % (threshold 85 %)" == body["title"]
    assert "Threshold: 85 %" in body["message"]
    assert (int(NOON.timestamp()), 1) == (body["timestamp"], body["priority"])
    assert (ACK, "Acknowledge") == (body["url"], body["url_title"])
    assert KEYS == {name: body[name] for name in KEYS}
    assert not body.keys() & {"retry", "expire", "callback", "tags", "device"}


@pytest.mark.parametrize(
    ("items", "settings", "priority"),
    [
        ([an_item(alert=WARNING)], {}, 0),
        ([an_item(alert=WARNING)], {"retry": "60"}, 0),
        ([an_item()], {}, 1),
        ([an_item()], {"retry": "60"}, 2),
        ([an_item(alert=WARNING), an_item()], {"retry": "60"}, 2),
        ([an_item(EventKind.RESOLVED, alert=ended())], {"retry": "60"}, -1),
        ([], {"retry": "60"}, 0),
    ],
)
def test_the_priority_is_that_of_the_worst_alert(items, settings, priority):
    with serving(Hook(accepting)) as hook:
        send(hook, a_message(*items, is_test=not items), **settings)
    assert priority == bodies(hook)[0]["priority"]


def test_an_emergency_rings_until_it_is_confirmed_and_has_a_receipt():
    with serving(Hook(accepting)) as hook:
        result = send(hook, a_message(an_item(ack_link=ACK)), retry="45", device="phone")
    assert SendResult(SendStatus.SENT, receipt=RECEIPT) == result
    [body] = bodies(hook)
    emergency = {"priority": 2, "retry": 45, "expire": 3600, "tags": "alert-12", "callback": ACK, "device": "phone"}
    assert emergency.items() <= body.items()


def test_an_emergency_about_several_alerts_acknowledges_none_by_itself():
    two = a_message(an_item(ack_link=ACK), an_item(alert=an_alert(id=13), ack_link=ACK))
    with serving(Hook(accepting)) as hook:
        send(hook, two, retry="60", expire="600")
    [body] = bodies(hook)
    assert (600, "alert-12,alert-13") == (body["expire"], body["tags"])
    assert not body.keys() & {"callback", "url"}


def test_the_end_of_an_alert_ends_its_emergency():
    with serving(Hook(accepting)) as hook:
        send(hook, a_message(an_item(EventKind.RESOLVED, alert=ended())), retry="60")
    assert ["/1/messages.json", "/1/receipts/cancel_by_tag/alert-12.json"] == [each.path for each in hook.received]
    assert {"token": KEYS["token"]} == bodies(hook)[1]


def test_a_message_about_many_ends_takes_few_requests():
    """Each may take ten seconds, and the whole has to fit into the lease."""
    ends = [an_item(EventKind.RESOLVED, alert=ended(id=n)) for n in range(1, 50)]
    with serving(Hook(accepting)) as hook:
        send(hook, a_message(*ends), retry="60")
    assert 3 == len(hook.received)


def test_texts_are_as_short_as_the_service_wants_them():
    with serving(Hook(accepting)) as hook:
        send(hook, a_message(*[an_item(server_name="x" * 90, alert=an_alert(id=n)) for n in range(1, 60)]))
    [body] = bodies(hook)
    assert (len(body["title"]) <= 250, len(body["message"])) == (True, 1024)


@pytest.mark.parametrize(
    ("hook", "status", "error"),
    [
        (
            refusing(400, "application token is invalid"),
            SendStatus.REFUSED,
            "answered 400: application token is invalid",
        ),
        (refusing(429, "over quota"), SendStatus.RETRY, "answered 429: over quota"),
        (Hook(lambda _path: (500, {}, b"<html>")), SendStatus.RETRY, "answered 500"),
        (Hook(lambda _path: (200, {}, b"[]")), SendStatus.SENT, ""),
    ],
)
def test_the_answer_decides_about_a_further_attempt(hook, status, error):
    with serving(hook):
        assert SendResult(status, error) == send(hook, a_message(an_item()))


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("token", "", "required"),
        ("user", "", "required"),
        ("retry", "29", "out_of_range"),
        ("retry", "fast", "out_of_range"),
        ("expire", "10801", "out_of_range"),
        ("retry", "٣٠", "out_of_range"),
    ],
)
def test_the_settings_are_checked(name, value, problem):
    sender = PushoverSender(LOOPBACK)
    channel = Channel(name="bob", kind=ChannelKind("pushover"), settings=KEYS | {name: value}, created_at=NOON)
    with pytest.raises(InvalidInput) as refused:
        sender.check(channel)
    assert {f"settings.{name}": problem} == {field: each.code for field, each in refused.value.problems.items()}


def test_its_keys_are_not_shown():
    channel = Channel(name="bob", kind=ChannelKind("pushover"), settings=KEYS | {"retry": "60"}, created_at=NOON)
    assert {"token": "***", "user": "***", "retry": "60"} == PushoverSender(LOOPBACK).shown(channel)
