"""From a sample to a mail and back to calm, over each kind of store."""

import pytest

from tests.integration.http.alerts.alarms import alerts, data, deliver, host, policy, refusal, with_address
from tests.integration.http.world import World


def test_an_alert_from_its_firing_to_its_end(any_world: World) -> None:
    world = any_world
    policy_id = policy(world, warning=70.25)
    bob = with_address(world, "bob")
    web = host(world, "192.0.2.1", bob, name="web")
    web.reports(75.5, processes=[{"name": "mysqld", "cpu": 88.1, "memory": 40.2}])
    deliver(world)
    [row] = alerts(world, bob)
    assert (75.5, 70.25, "firing", policy_id) == tuple(
        row[name] for name in ("value", "threshold", "state", "policy_id")
    )
    acknowledged = data(world.send("POST", f"/api/alerts/{row['id']}/ack", bob, json={"note": "看一下 🔧"}))
    assert ("bob", "看一下 🔧") == (acknowledged["acknowledged_by"], acknowledged["timeline"][-1]["note"])
    web.reports(90)
    assert alerts(world, bob)[0]["acknowledged_by"] is None, "it was given for less"
    web.reports(10)
    deliver(world)
    detail = data(world.send("GET", f"/api/alerts/{row['id']}", bob))
    assert ["fired", "notified", "acknowledged", "escalated", "resolved", "notified"] == [
        entry["event"] for entry in detail["timeline"]
    ]
    assert ("resolved", [{"name": "mysqld", "cpu": 88.1, "memory": 40.2}]) == (detail["state"], detail["processes"])
    sent = data(world.send("GET", "/api/notifications", world.admin))
    assert {("bob@example.com", "sent")} == {(each["recipient"], each["delivery"]) for each in sent}
    assert (409, "alert_closed") == refusal(world.send("POST", f"/api/alerts/{row['id']}/ack", bob, json={}))


def test_pages_filters_and_counts(any_world: World) -> None:
    world = any_world
    policy(world)
    bob = world.person("bob")
    own, hidden = host(world, "192.0.2.1", bob), host(world, "192.0.2.2")
    for cpu in (90, 10, 75):
        own.reports(cpu)
        hidden.reports(cpu)
    first = world.send("GET", "/api/alerts", bob, params={"limit": 1})
    second = world.send("GET", "/api/alerts", bob, params={"limit": 1, "cursor": first.headers["X-Next-Cursor"]})
    assert ["firing", "resolved"] == [data(answer)[0]["state"] for answer in (first, second)]
    assert "X-Next-Cursor" not in second.headers
    assert [own.id] == [each["server_id"] for each in alerts(world, bob, level="critical")]
    assert [hidden.id] == [each["server_id"] for each in alerts(world, state="firing", server_id=hidden.id)]
    counts = [data(world.send("GET", "/api/monitor/stats", who))["alert_count"] for who in (bob, world.admin)]
    assert [1, 2] == counts


def test_a_deleted_policy_a_silence_and_a_deleted_server(any_world: World) -> None:
    world = any_world
    everywhere = policy(world)
    bob = with_address(world, "bob")
    web = host(world, "192.0.2.1", bob)
    scope = {"server_id": web.id}
    silence = {"scope": scope, "ends_at": "2030-01-01 13:00:00", "reason": "修理"}
    made = data(world.send("POST", "/api/silences", bob, json=silence))
    web.reports(90)
    deliver(world)
    assert ([], True) == (world.mailer.sent, alerts(world, bob)[0]["silenced"])
    assert ["修理"] == [each["reason"] for each in data(world.send("GET", "/api/silences", bob))]
    world.send("DELETE", f"/api/silences/{made['id']}", bob)
    world.send("DELETE", f"/api/alert-policies/{everywhere}", world.admin)
    assert [("cancelled", None)] == [(each["state"], each["policy_id"]) for each in alerts(world, bob)]
    assert 0 == data(world.send("GET", "/api/monitor/stats", bob))["alert_count"]
    policy(world, bob, scope=scope)
    web.reports(90)
    alert_id = alerts(world, bob, state="firing")[0]["id"]
    world.send("DELETE", f"/api/servers/{web.id}", bob)
    assert (404, "not_found") == refusal(world.send("GET", f"/api/alerts/{alert_id}", world.admin))
    assert [[], []] == [data(world.send("GET", path, world.admin)) for path in ("/api/alerts", "/api/alert-policies")]


@pytest.mark.parametrize("threshold", [0, -273.15, 1e-300, 123456789.125, 1e308])
def test_a_threshold_comes_back_as_it_was_given(any_world: World, threshold: float) -> None:
    """Metrics of one's own are no percentages."""
    any_world.send("POST", "/api/alert-policies", any_world.admin, json={"metric": "net_rx", "critical": threshold})
    [stored] = data(any_world.send("GET", "/api/alert-policies", any_world.admin))
    assert threshold == stored["critical"]
