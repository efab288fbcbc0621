"""/api/alerts/drill: who would be woken; and /api/on-call/reach."""

from typing import Any

import pytest

from monitor.application.hindsight.drills import EndDrills
from tests.integration.http.alerts.alarms import alerts, data, deliver, fields, host, refusal, with_address
from tests.integration.http.world import Json, World

PATH = "/api/alerts/drill"


def recipients(drill: Json) -> dict[str, Json]:
    return {each["username"]: each for each in drill["recipients"]}


def test_a_drill_is_reported_until_somebody_acknowledges(world: World) -> None:
    bob = with_address(world, "bob")
    web = host(world, "192.0.2.1", bob, name="web")
    drill = data(world.send("POST", PATH, bob, json={"server_id": web.id}))
    shown = {name: drill[name] for name in ("server_name", "state", "fired_at", "ends_at", "resolved_at")}
    assert {
        "server_name": "web",
        "state": "firing",
        "fired_at": "2030-01-01 12:00:00",
        "ends_at": "2030-01-01 13:00:00",
        "resolved_at": None,
    } == shown
    assert [("drill", True, "critical")] == [(each["metric"], each["drill"], each["level"]) for each in alerts(world)]
    deliver(world)
    path = f"{PATH}/{drill['id']}"
    row = recipients(data(world.send("GET", path, bob)))["bob"]
    way = {"kind": "mail", "sent_at": "2030-01-01 12:00:10", "error": None, "state": "sent"}
    assert (True, [way], None) == (row["told"], row["ways"], row["confirmed_at"])
    world.later(seconds=10)
    data(world.send("POST", f"/api/alerts/{drill['id']}/ack", bob))
    world.container.get(EndDrills)()
    ended = data(world.send("GET", path, world.admin))
    assert ("resolved", "2030-01-01 12:00:20") == (ended["state"], ended["acknowledged_at"])
    row = recipients(ended)["bob"]
    assert ("2030-01-01 12:00:20", None) == (row["confirmed_at"], row["confirmed_by"])
    [entry] = [each for each in data(world.send("GET", "/api/audit", world.admin)) if each["action"] == "alert.drill"]
    assert ("web", "bob") == (entry["target"], entry["username"])


def test_a_second_drill_of_a_server_is_refused(world: World) -> None:
    web = host(world, "192.0.2.1")
    data(world.send("POST", PATH, world.admin, json={"server_id": web.id}))
    assert (409, "drill_goes_on") == refusal(world.send("POST", PATH, world.admin, json={"server_id": web.id}))


@pytest.mark.parametrize("body", [{}, {"server_id": 1, "rota_id": 1}])
def test_a_drill_is_of_one_server_or_rota(world: World, body: dict[str, Any]) -> None:
    assert ["server_id"] == [*fields(world.send("POST", PATH, world.admin, json=body))]


def test_an_alert_that_is_no_drill_has_no_report(world: World) -> None:
    assert (404, "not_found") == refusal(world.send("GET", f"{PATH}/1", world.admin))


def test_administrators_see_everybodys_reach_and_others_their_own(world: World) -> None:
    bob = with_address(world, "bob")
    path = "/api/on-call/reach"
    [own] = data(world.send("GET", path, bob))
    way = {"kind": "mail", "level": "warning", "after": 0.0, "confirmed_at": None, "failed": None}
    assert {
        "user_id": bob.id,
        "username": "bob",
        "ways": [way],
        "confirmed_at": None,
        "on_call_next": None,
    } == own
    assert ["admin", "bob"] == [each["username"] for each in data(world.send("GET", path, world.admin))]
