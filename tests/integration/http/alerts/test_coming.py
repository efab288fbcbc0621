"""An alert shows who is notified next, as far as the caller may know it."""

from datetime import timedelta
from typing import Any

from monitor.adapters.http.edge import times
from tests.integration.http.alerts.alarms import alerts, data, host, policy, with_address
from tests.integration.http.world import Caller, Json, World


def coming(world: World, caller: Caller, alert_id: int) -> list[Json]:
    found: list[Json] = data(world.send("GET", f"/api/alerts/{alert_id}", caller))["coming"]
    return found


def names(found: list[Json], *fields: str) -> list[Any]:
    return [tuple(each[name] for name in fields) for each in found]


def test_only_administrators_see_the_ways_of_others(world: World) -> None:
    bob, eve = with_address(world, "bob"), with_address(world, "eve")
    web = host(world, "192.0.2.1", bob, eve, name="web")
    policy(world)
    until = times.written(world.clock.now() + timedelta(minutes=10))
    silence = {"scope": {"server_id": web.id}, "ends_at": until, "reason": "work"}
    ends_at = data(world.send("POST", "/api/silences", world.admin, json=silence))["ends_at"]
    web.reports(75)
    [alert] = alerts(world)
    asked = ("username", "way", "at", "reason")
    assert [("bob", "mail", ends_at, "silenced"), ("eve", "mail", ends_at, "silenced")] == names(
        coming(world, world.admin, alert["id"]), *asked
    )
    assert [("bob", "mail"), ("eve", None)] == names(coming(world, bob, alert["id"]), *asked[:2])


def test_only_administrators_see_the_channels_of_later_steps(world: World) -> None:
    bob = with_address(world, "bob")
    web = host(world, "192.0.2.1", bob, name="web")
    settings = {"url": "https://chat.example.com/hook"}
    body = {
        "name": "chat",
        "kind": "webhook",
        "settings": settings,
        "scope": {"server_ids": [host(world, "192.0.2.2").id]},
    }
    chat = data(world.send("POST", "/api/channels", world.admin, json=body))["id"]
    steps = [{"after": 0, "to": [{"linked": True}]}, {"after": 600, "to": [{"channel_id": chat}]}]
    escalation = data(world.send("POST", "/api/escalations", world.admin, json={"name": "nights", "steps": steps}))
    policy(world, escalation_id=escalation["id"])
    web.reports(75)
    [alert] = alerts(world)
    asked = ("username", "channel", "way", "reason", "escalation", "step")
    own = ("bob", None, "mail", None, None, None)
    assert [own, (None, "chat", "webhook", "step_not_due", "nights", 2)] == names(
        coming(world, world.admin, alert["id"]), *asked
    )
    assert [own] == names(coming(world, bob, alert["id"]), *asked)
    world.send("POST", f"/api/alerts/{alert['id']}/ack", world.admin)
    assert [] == [each for each in coming(world, world.admin, alert["id"]) if each["step"]]
