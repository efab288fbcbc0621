"""/api/alerts: firing alerts, their timelines and acknowledgements."""

from typing import Any

import pytest

from monitor.application.alerts.offline import DetectOffline
from monitor.application.policies.policies import EnsureDefaultPolicies
from tests.integration.http.alerts.alarms import alerts, data, deliver, fields, host, policy, refusal, with_address
from tests.integration.http.conftest import NewWorld
from tests.integration.http.world import World


def test_a_row_says_what_fires_since_when_and_why(world: World) -> None:
    policy_id = policy(world)
    web = host(world, "192.0.2.1", name="web")
    web.reports(72.5)
    assert [
        {
            "id": 1,
            "server_id": web.id,
            "server_name": "web",
            "check_id": None,
            "check_in_id": None,
            "policy_id": policy_id,
            "metric": "cpu",
            "level": "warning",
            "state": "firing",
            "value": 72.5,
            "threshold": 70.0,
            "started_at": "2030-01-01 12:00:01",
            "fired_at": "2030-01-01 12:00:01",
            "resolved_at": None,
            "acknowledged_by": None,
            "acknowledged_at": None,
            "ack_ends_at": None,
            "drill": False,
            "silenced": False,
            "late": False,
            "due_at": None,
            "may_change": True,
            "peak_level": "warning",
            "peak_value": 72.5,
            "peak_at": "2030-01-01 12:00:01",
            "kind": "threshold",
            "expected_at": None,
            "verdict": None,
            "verdict_by": None,
            "verdict_at": None,
            "verdict_note": None,
            "incident_id": None,
            "suppressed_by": None,
        }
    ] == alerts(world)


def test_it_keeps_its_peak_beside_its_newest_value(world: World) -> None:
    """An alert that was critical is found as critical, even if its level is lower now."""
    policy(world)
    web = host(world, "192.0.2.1")
    for cpu in (72, 90, 98, 91, 75):
        web.reports(cpu)
    [alert] = alerts(world, level="critical")
    assert ("warning", 75.0) == (alert["level"], alert["value"])
    assert ("critical", 98.0, "2030-01-01 12:00:03") == tuple(
        alert[f"peak_{name}"] for name in ("level", "value", "at")
    )
    web.reports(72)
    assert 72.0 == alerts(world)[0]["value"]
    web.reports(10)
    [alert] = alerts(world, level="critical", state="resolved")
    assert (10.0, 98.0) == (alert["value"], alert["peak_value"])
    assert alert.items() <= data(world.send("GET", f"/api/alerts/{alert['id']}", world.admin)).items()
    assert [] == alerts(world, level="warning")


def test_the_top_processes_are_listed_on_request(world: World) -> None:
    """A chart over time shows them; other lists do without."""
    policy(world)
    web = host(world, "192.0.2.1")
    top = {"name": "mysqld", "cpu": 61.5, "memory": 12.0}
    web.reports(72.5, processes=[top])
    assert [[top]] == [alert["processes"] for alert in alerts(world, processes=True)]
    assert ["processes" in alert for alert in alerts(world)] == [False]
    policy(world, metric="memory", warning=60, sustained_for=600)
    web.reports(20)
    assert [False] == ["processes" in alert for alert in alerts(world, state="pending", processes=True)]


def test_a_pending_alert_has_no_peak(world: World) -> None:
    policy(world, sustained_for=300)
    host(world, "192.0.2.1").reports(90)
    [alert] = alerts(world, state="pending")
    assert [None] * 3 == [alert[f"peak_{name}"] for name in ("level", "value", "at")]


def test_it_escalates_and_ends(world: World) -> None:
    policy(world)
    web = host(world, "192.0.2.1")
    for cpu in (72, 90, 10):
        web.reports(cpu)
    [alert] = alerts(world)
    assert ("critical", "resolved", "2030-01-01 12:00:03") == (alert["level"], alert["state"], alert["resolved_at"])
    timeline = data(world.send("GET", f"/api/alerts/{alert['id']}", world.admin))["timeline"]
    assert [
        {"at": "2030-01-01 12:00:01", "event": "fired", "level": "warning", "value": 72.0},
        {"at": "2030-01-01 12:00:02", "event": "escalated", "level": "critical", "value": 90.0},
        {"at": "2030-01-01 12:00:03", "event": "resolved", "level": "critical", "value": 10.0},
    ] == timeline


def test_pending_alerts_are_listed_only_on_request(world: World) -> None:
    policy(world, sustained_for=300)
    bob = world.person("bob")
    own, hidden = host(world, "192.0.2.1", bob), host(world, "192.0.2.2")
    for each in (own, hidden):
        each.reports(90)
    assert [] == alerts(world)
    [row] = alerts(world, bob, state="pending")
    assert {
        "id": None,
        "state": "pending",
        "server_id": own.id,
        "level": "critical",
        "value": 90.0,
        "threshold": 85.0,
        "started_at": "2030-01-01 12:00:01",
        "fired_at": None,
    }.items() <= row.items()
    assert 2 == len(alerts(world, state="pending"))
    assert 1 == len(alerts(world, state="pending", limit=1))
    assert [] == alerts(world, state="pending", level="warning")
    assert [hidden.id] == [found["server_id"] for found in alerts(world, state="pending", server_id=hidden.id)]
    counts: list[tuple[dict[str, Any], int]] = [
        ({"q": "2.2"}, 1),
        ({"tag": "web"}, 0),
        ({"metric": "cpu"}, 2),
        ({"metric": "disk"}, 0),
        ({"acknowledged": "true"}, 0),
        ({"acknowledged": "false"}, 2),
    ]
    for filters, count in counts:
        assert count == len(alerts(world, state="pending", **filters)), filters
    world.send("DELETE", f"/api/alert-policies/{row['policy_id']}", world.admin)
    assert [] == alerts(world, state="pending")


@pytest.fixture
def several(world: World) -> World:
    """1 resolved at :02, 2 firing from :03 and critical, 3 firing from :04."""
    policy(world)
    web, database = host(world, "192.0.2.1"), host(world, "192.0.2.2", tags=("db",))
    web.reports(75)
    web.reports(10)
    web.reports(95)
    database.reports(75)
    return world


@pytest.mark.parametrize(
    ("params", "ids"),
    [
        ({}, [3, 2, 1]),
        ({"state": "firing"}, [3, 2]),
        ({"state": "resolved"}, [1]),
        ({"state": "cancelled"}, []),
        ({"level": "critical"}, [2]),
        ({"level": "warning", "state": "firing"}, [3]),
        ({"server_id": 1}, [2, 1]),
        ({"start": "2030-01-01 12:00:03"}, [3, 2]),
        ({"end": "2030-01-01T12:00:03Z"}, [1]),
        ({"start": "2030-01-01 12:00:02", "end": "2030-01-01 12:00:04"}, [2]),
        ({"limit": 2}, [3, 2]),
        ({"metric": "cpu"}, [3, 2, 1]),
        ({"metric": "disk"}, []),
        ({"acknowledged": "false"}, [3, 2, 1]),
        ({"acknowledged": "true"}, []),
        ({"q": "2.2"}, [3]),
        ({"q": "HOST", "level": "critical"}, [2]),
        ({"q": ""}, [3, 2, 1]),
        ({"tag": "db"}, [3]),
        ({"tag": "no such"}, []),
    ],
)
def test_filters(several: World, params: dict[str, Any], ids: list[int]) -> None:
    assert ids == [alert["id"] for alert in alerts(several, **params)]


def test_pages_lead_to_every_alert_once(several: World) -> None:
    seen, cursor = [], ""
    for _ in range(3):
        answer = several.send(
            "GET", "/api/alerts", several.admin, params={"limit": 1} | ({"cursor": cursor} if cursor else {})
        )
        seen += [alert["id"] for alert in data(answer)]
        cursor = answer.headers.get("X-Next-Cursor", "")
    assert ([3, 2, 1], "") == (seen, cursor)


@pytest.mark.parametrize(
    "params",
    [
        {"state": "broken"},
        {"level": "ok"},
        {"acknowledged": "perhaps"},
        {"server_id": "x"},
        {"server_id": 2**70},
        {"start": "yesterday"},
        {"end": "2030-13-01 00:00:00"},
        {"limit": 0},
        {"limit": 1001},
        {"cursor": "%%"},
    ],
)
def test_an_invalid_filter_is_named(world: World, params: dict[str, Any]) -> None:
    assert list(params) == list(fields(world.send("GET", "/api/alerts", world.admin, params=params)))


def test_only_alerts_of_visible_servers_are_listed_and_counted(world: World) -> None:
    policy(world)
    bob = world.person("bob")
    own, hidden = host(world, "192.0.2.1", bob), host(world, "192.0.2.2")
    for each in (own, hidden):
        each.reports(90)
    assert [own.id] == [alert["server_id"] for alert in alerts(world, bob)]
    counts = [data(world.send("GET", "/api/monitor/stats", who))["alert_count"] for who in (bob, world.admin)]
    assert [1, 2] == counts
    own.reports(10)
    counts = [data(world.send("GET", "/api/monitor/stats", who))["alert_count"] for who in (bob, world.admin)]
    assert [0, 1] == counts


def test_the_detail_has_recipients_channels_and_acknowledgements(new_world: NewWorld) -> None:
    world = new_world(base_url="https://monitor.example.com")
    policy(world)
    bob = with_address(world, "bob")
    web = host(world, "192.0.2.1", bob)
    web.reports(90, processes=[{"name": "mysqld", "cpu": 88.1, "memory": 40.2}])
    deliver(world)
    [(address, message)] = world.mailer.sent
    assert ("bob@example.com", "https://monitor.example.com/alerts/1") == (address, message.items[0].link)
    answer = world.send("POST", "/api/alerts/1/ack", bob, json={"note": "on it\nsince noon"})
    detail = data(answer)
    assert ("更新成功", "bob", "2030-01-01 12:00:11") == (
        answer.json()["msg"],
        detail["acknowledged_by"],
        detail["acknowledged_at"],
    )
    assert [{"name": "mysqld", "cpu": 88.1, "memory": 40.2}] == detail["processes"]
    at = "2030-01-01 12:00:11"
    assert [
        {"at": "2030-01-01 12:00:01", "event": "fired", "level": "critical", "value": 90.0},
        {"at": at, "event": "notified", "username": "bob", "recipient": "bob@example.com", "channel": "email"},
        {"at": at, "event": "acknowledged", "level": "critical", "username": "bob", "note": "on it\nsince noon"},
    ] == detail["timeline"]
    assert detail == data(world.send("GET", "/api/alerts/1", bob))


@pytest.mark.parametrize("body", [{}, {"note": None}, {"note": ""}, None])
def test_a_note_is_optional(world: World, body: Any) -> None:
    """The body is optional too."""
    policy(world)
    host(world, "192.0.2.1").reports(90)
    entry = data(world.send("POST", "/api/alerts/1/ack", world.admin, json=body))["timeline"][-1]
    assert ("acknowledged", "admin", None) == (entry["event"], entry["username"], entry.get("note"))


@pytest.mark.parametrize("note", ["x" * 501, "a\0b", 7])
def test_an_invalid_note_is_named(world: World, note: Any) -> None:
    policy(world)
    host(world, "192.0.2.1").reports(90)
    assert ["note"] == list(fields(world.send("POST", "/api/alerts/1/ack", world.admin, json={"note": note})))
    assert alerts(world)[0]["acknowledged_at"] is None


def test_an_ended_alert_is_not_acknowledged(world: World) -> None:
    policy(world)
    web = host(world, "192.0.2.1")
    web.reports(90)
    web.reports(10)
    answer = world.send("POST", "/api/alerts/1/ack", world.admin, json={})
    assert {"code": 409, "msg": "告警已结束", "data": {"reason": "alert_closed"}} == answer.json()
    english = world.send("POST", "/api/alerts/1/ack", world.admin, json={}, headers={"Accept-Language": "en"})
    assert "The alert has already ended" == english.json()["msg"]


@pytest.mark.parametrize("path", ["/api/alerts/9", "/api/alerts/0", f"/api/alerts/{2**70}", "/api/alerts/x"])
def test_an_unknown_alert_is_a_404(world: World, path: str) -> None:
    assert (404, "not_found") == refusal(world.send("GET", path, world.admin))


def test_an_offline_host_is_an_alert_without_threshold(world: World) -> None:
    world.container.get(EnsureDefaultPolicies)()
    web = host(world, "192.0.2.1")
    web.reports(10)
    world.later(seconds=100)
    world.container.get(DetectOffline)()
    [alert] = alerts(world)
    assert {"metric": "offline", "level": "critical", "threshold": None, "state": "firing"}.items() <= alert.items()
    web.reports(10)
    assert "resolved" == alerts(world)[0]["state"]
