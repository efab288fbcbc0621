"""/api/notifications: what was sent to whom, and what is sent again."""

from typing import Any

import pytest

from monitor.application.notifications.ports import SendResult, SendStatus
from tests.integration.http.alerts.alarms import data, deliver, fields, host, policy, refusal, with_address
from tests.integration.http.world import Json, World


@pytest.fixture
def told(world: World) -> World:
    """Of two servers: one mail that was sent, one that was refused, one that is still to be sent."""
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


def test_what_was_sent_to_whom(told: World) -> None:
    waiting, refused, sent = notifications(told)
    assert {
        "id": 1,
        "alert_id": 1,
        "event": "fired",
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
    ],
)
def test_filters(told: World, params: Json, ids: list[int]) -> None:
    assert ids == [each["id"] for each in notifications(told, **params)]


def test_pages_lead_to_every_one_once(told: World) -> None:
    seen, params = [], {"limit": 2}
    answer = told.send("GET", "/api/notifications", told.admin, params=params)
    seen += [each["id"] for each in data(answer)]
    cursor = {"cursor": answer.headers["X-Next-Cursor"]}
    last = told.send("GET", "/api/notifications", told.admin, params=params | cursor)
    assert [3, 2, 1] == seen + [each["id"] for each in data(last)]
    assert "X-Next-Cursor" not in last.headers


@pytest.mark.parametrize(
    "params",
    [{"delivery": "lost"}, {"server_id": 2**70}, {"server_id": 0}, {"limit": 0}, {"limit": 1001}, {"cursor": "x"}],
)
def test_a_filter_that_is_none_is_named(world: World, params: Json) -> None:
    assert list(params) == list(fields(world.send("GET", "/api/notifications", world.admin, params=params)))


def test_what_was_refused_is_sent_again_once_somebody_says_so(told: World) -> None:
    deliver(told)
    assert [] == [address for address, _ in told.mailer.sent if address == "carol@example.com"]
    told.mailer.answers.clear()
    told.later(minutes=10)
    answer = data(told.send("POST", "/api/notifications/2/retry", told.admin))
    assert {
        "id": 2,
        "recipient": "carol@example.com",
        "delivery": "pending",
        "attempts": 0,
        "last_error": "550 no such mailbox",
    }.items() <= answer.items()
    deliver(told)
    assert [1] == [len(message.items) for address, message in told.mailer.sent if address == "carol@example.com"]
    [sent] = [each for each in notifications(told) if each["id"] == 2]
    assert ("sent", 1) == (sent["delivery"], sent["attempts"])
    entry = data(told.send("GET", "/api/audit", told.admin, params={"limit": 1}))[0]
    assert ("notification.retry", "web", "notification 2") == (entry["action"], entry["target"], entry["detail"])


def test_the_timeline_tells_who_could_not_be_told_and_why_and_that_they_were_in_the_end(told: World) -> None:
    """A second refusal is told like the first."""
    for _ in range(2):
        told.later(minutes=2)
        told.send("POST", "/api/notifications/2/retry", told.admin)
        deliver(told)
        told.mailer.answers.clear()
    to_carol = {"username": "carol", "recipient": "carol@example.com", "channel": "email"}
    parked = to_carol | {"event": "parked", "note": "550 no such mailbox"}
    timeline = data(told.send("GET", "/api/alerts/1", told.admin))["timeline"]
    assert [
        parked | {"at": "2030-01-01 12:00:11"},
        parked | {"at": "2030-01-01 12:02:22"},
        to_carol | {"event": "notified", "at": "2030-01-01 12:04:32"},
    ] == [entry for entry in timeline if entry.get("username") == "carol"]
    assert ["fired", "notified", "parked", "parked", "notified"] == [entry["event"] for entry in timeline]


def test_what_was_sent_or_still_is_to_be_is_not_sent_again(told: World) -> None:
    answers = [told.send("POST", f"/api/notifications/{id_}/retry", told.admin) for id_ in (1, 3)]
    assert [(409, "not_parked")] * 2 == [refusal(answer) for answer in answers]
    data(told.send("POST", "/api/notifications/2/retry", told.admin))
    assert (409, "not_parked") == refusal(told.send("POST", "/api/notifications/2/retry", told.admin))
    assert (404, "not_found") == refusal(told.send("POST", "/api/notifications/99/retry", told.admin))
