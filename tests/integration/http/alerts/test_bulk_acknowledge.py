"""Many alerts acknowledged at once."""

from typing import Any

import pytest

from tests.integration.http.alerts.alarms import alerts, data, fields, host, policy, refusal
from tests.integration.http.world import World


@pytest.fixture
def three(any_world: World) -> World:
    """1 is resolved, 2 and 3 fire."""
    policy(any_world)
    web, database = host(any_world, "192.0.2.1", any_world.person("bob")), host(any_world, "192.0.2.2")
    for cpu in (75, 10, 95):
        web.reports(cpu)
    database.reports(75)
    return any_world


def acknowledge(world: World, **body: Any) -> Any:
    return world.send("POST", "/api/alerts/ack", world.admin, json=body)


def test_firing_alerts_are_acknowledged_and_ended_ones_are_named(three: World) -> None:
    one, two, three_ = sorted(alert["id"] for alert in alerts(three))
    answer = data(acknowledge(three, alert_ids=[three_, one, two, three_], note="a deploy"))
    assert {"acknowledged": [two, three_], "already_closed": [one]} == answer
    assert [three_, two] == [alert["id"] for alert in alerts(three, acknowledged="true")]
    assert [one] == [alert["id"] for alert in alerts(three, acknowledged="false")]
    for alert_id in (two, three_):
        entry = data(three.send("GET", f"/api/alerts/{alert_id}", three.admin))["timeline"][-1]
        assert ("acknowledged", "admin", "a deploy") == (entry["event"], entry["username"], entry["note"])
    actions = [entry["detail"] for entry in data(three.send("GET", "/api/audit", three.admin, params={"limit": 2}))]
    assert {f"alert {two}", f"alert {three_}"} == set(actions)


def test_one_hidden_alert_prevents_the_acknowledgement_of_all(three: World) -> None:
    bob = three.log_in("bob")
    hidden, own, _ = (alert["id"] for alert in alerts(three))
    answers = [
        three.send("POST", "/api/alerts/ack", bob, json={"alert_ids": [own, other]}) for other in (hidden, 2_000_000)
    ]
    assert ((404, "not_found"), answers[1].content) == (refusal(answers[0]), answers[0].content)
    assert [] == alerts(three, acknowledged="true")
    assert {"acknowledged": [own], "already_closed": []} == data(
        three.send("POST", "/api/alerts/ack", bob, json={"alert_ids": [own]})
    )


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "alert_ids"),
        ({"alert_ids": []}, "alert_ids"),
        ({"alert_ids": list(range(1, 1002))}, "alert_ids"),
        ({"alert_ids": [1], "note": "a\0b"}, "note"),
        ({"alert_ids": [1], "note": "x" * 501}, "note"),
        ({"alert_ids": [1], "why": ""}, "why"),
    ],
    ids=range(6),
)
def test_problems_are_named(calm_world: World, body: Any, field: str) -> None:
    assert [field] == list(fields(calm_world.send("POST", "/api/alerts/ack", calm_world.admin, json=body)))
