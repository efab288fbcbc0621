"""/api/notifications: the outbox, and sending again."""

from typing import Any

import pytest

from monitor.application.notifications.sender_ports import SendResult, SendStatus
from tests.integration.http.alerts.alarms import data, deliver, fields, host, policy, refusal, with_address
from tests.integration.http.world import Json, World


@pytest.fixture
def outbox(world: World) -> World:
    """Notifications of two servers: one sent, one refused, one still to be sent."""
    policy(world)
    bob, carol = with_address(world, "bob"), with_address(world, "carol")
    world.mailer.answers["carol@example.com"] = SendResult(SendStatus.REFUSED, "550 no such mailbox")
    first, second = host(world, "192.0.2.1", bob, carol, name="web"), host(world, "192.0.2.2", bob)
    first.reports(90)
    deliver(world)
    second.reports(75)
    return world


def notifications(world: World, **params: Any) -> list[Json]:
    found: list[Json] = data(world.send("GET", "/api/notifications", world.admin, params=params))
    return found


def test_the_list_says_what_was_sent_and_to_whom(outbox: World) -> None:
    waiting, refused, sent = notifications(outbox)
    assert {
        "id": 1,
        "alert_id": 1,
        "event": "fired",
        "server_id": 1,
        "check_id": None,
        "check_in_id": None,
        "server_name": "web",
        "metric": "cpu",
        "level": "critical",
        "value": 90.0,
        "recipient": "bob@example.com",
        "user_id": 2,
        "channel_id": None,
        "delivery": "sent",
        "attempts": 1,
        "last_error": None,
        "created_at": "2030-01-01 12:00:01",
        "sent_at": "2030-01-01 12:00:11",
    } == sent
    expected = {"delivery": "parked", "attempts": 1, "last_error": "550 no such mailbox", "sent_at": None}
    assert expected.items() <= refused.items()
    assert {"alert_id": 2, "delivery": "pending", "attempts": 0, "sent_at": None}.items() <= waiting.items()


@pytest.mark.parametrize(
    ("params", "ids"),
    [
        ({"delivery": "sent"}, [1]),
        ({"delivery": "parked"}, [2]),
        ({"delivery": "held"}, []),
        ({"server_id": 1}, [2, 1]),
        ({"server_id": 2, "delivery": "pending"}, [3]),
        ({"server_id": 99}, []),
        ({"user_id": 2}, [3, 1]),
        ({"user_id": 3, "server_id": 1}, [2]),
        ({"start": "2030-01-01 12:00:02"}, [3]),
        ({"user_id": 2, "start": "2030-01-01 12:00:01", "end": "2030-01-01 12:00:02"}, [1]),
    ],
)
def test_filters(outbox: World, params: Json, ids: list[int]) -> None:
    assert ids == [each["id"] for each in notifications(outbox, **params)]


def test_pages_contain_each_once(outbox: World) -> None:
    seen, params = [], {"limit": 2}
    answer = outbox.send("GET", "/api/notifications", outbox.admin, params=params)
    seen += [each["id"] for each in data(answer)]
    cursor = {"cursor": answer.headers["X-Next-Cursor"]}
    last = outbox.send("GET", "/api/notifications", outbox.admin, params=params | cursor)
    assert [3, 2, 1] == seen + [each["id"] for each in data(last)]
    assert "X-Next-Cursor" not in last.headers


@pytest.mark.parametrize(
    "params",
    [{"delivery": "lost"}, {"server_id": 2**70}, {"server_id": 0}, {"limit": 0}, {"limit": 1001}, {"cursor": "x"}],
)
def test_an_invalid_filter_is_named(world: World, params: Json) -> None:
    assert list(params) == list(fields(world.send("GET", "/api/notifications", world.admin, params=params)))


def test_a_refused_one_is_sent_again_on_demand(outbox: World) -> None:
    deliver(outbox)
    assert [] == [address for address, _ in outbox.mailer.sent if address == "carol@example.com"]
    outbox.mailer.answers.clear()
    outbox.later(minutes=10)
    answer = data(outbox.send("POST", "/api/notifications/2/retry", outbox.admin))
    assert {
        "id": 2,
        "recipient": "carol@example.com",
        "delivery": "pending",
        "attempts": 0,
        "last_error": "550 no such mailbox",
    }.items() <= answer.items()
    deliver(outbox)
    assert [1] == [len(message.items) for address, message in outbox.mailer.sent if address == "carol@example.com"]
    [sent] = [each for each in notifications(outbox) if each["id"] == 2]
    assert ("sent", 1) == (sent["delivery"], sent["attempts"])
    entry = data(outbox.send("GET", "/api/audit", outbox.admin, params={"limit": 1}))[0]
    assert ("notification.retry", "web", "notification 2") == (entry["action"], entry["target"], entry["detail"])


def test_the_timeline_shows_refusals_and_the_delivery_in_the_end(outbox: World) -> None:
    """A second refusal is shown like the first."""
    for _ in range(2):
        outbox.later(minutes=2)
        outbox.send("POST", "/api/notifications/2/retry", outbox.admin)
        deliver(outbox)
        outbox.mailer.answers.clear()
    to_carol = {"username": "carol", "recipient": "carol@example.com", "channel": "email"}
    parked = to_carol | {"event": "parked", "note": "550 no such mailbox"}
    timeline = data(outbox.send("GET", "/api/alerts/1", outbox.admin))["timeline"]
    assert [
        parked | {"at": "2030-01-01 12:00:11"},
        parked | {"at": "2030-01-01 12:02:22"},
        to_carol | {"event": "notified", "at": "2030-01-01 12:04:32"},
    ] == [entry for entry in timeline if entry.get("username") == "carol"]
    assert ["fired", "notified", "parked", "parked", "notified"] == [entry["event"] for entry in timeline]


def test_a_sent_or_pending_one_is_not_sent_again(outbox: World) -> None:
    answers = [outbox.send("POST", f"/api/notifications/{id_}/retry", outbox.admin) for id_ in (1, 3)]
    assert [(409, "not_parked")] * 2 == [refusal(answer) for answer in answers]
    data(outbox.send("POST", "/api/notifications/2/retry", outbox.admin))
    assert (409, "not_parked") == refusal(outbox.send("POST", "/api/notifications/2/retry", outbox.admin))
    assert (404, "not_found") == refusal(outbox.send("POST", "/api/notifications/99/retry", outbox.admin))
