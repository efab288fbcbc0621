"""/api/servers/{id}/outlooks: lines and ranges; and alerts with their kind, what is expected, and what to do."""

from datetime import timedelta
from typing import Any

from tests.integration.http.alerts.alarms import alerts, data, host, policy, refusal
from tests.integration.http.world import World

FULL = {"metric": "disk", "kind": "forecast", "warning": 100, "over": 3600, "within": 86400, "sustained_for": 0}


def outlooks(world: World, server_id: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = data(world.send("GET", f"/api/servers/{server_id}/outlooks", world.admin))
    return found


def created(world: World, **changes: Any) -> int:
    return int(data(world.send("POST", "/api/alert-policies", world.admin, json=FULL | changes))["id"])


def ago(world: World, **units: float) -> str:
    return f"{world.clock.now() - timedelta(**units):%Y-%m-%d %H:%M:%S}"


def test_a_line_is_silent_until_it_knows_enough(world: World) -> None:
    web = host(world, "192.0.2.1")
    policy_id = created(world)
    [unknown] = outlooks(world, web.id)
    assert (policy_id, "forecast", [], None, 0, 3, 600.0) == tuple(
        unknown[name] for name in ("policy_id", "kind", "line", "bounds", "known", "needed", "each")
    )
    for minute in range(40):
        web.reports(1, disk=60 + minute / 10, at=ago(world, minutes=40 - minute))
    [known] = outlooks(world, web.id)
    assert 3 <= known["known"] <= 4
    assert len(known["line"]) == 3
    assert [known["warning_at"] is None, known["critical_at"]] == [False, None]
    [alert] = alerts(world)
    assert (alert["kind"], alert["expected_at"], alert["threshold"]) == ("forecast", known["warning_at"], 100.0)


def test_thresholds_have_none(world: World) -> None:
    web = host(world, "192.0.2.1")
    policy(world)
    assert [] == outlooks(world, web.id)


def test_a_range_shows_its_bounds(world: World) -> None:
    web = host(world, "192.0.2.1")
    created(world, kind="range", warning=None, over=None, within=None, days=1, beyond=0.1)
    for half_hour in range(70):
        web.reports(1, disk=40 + half_hour % 2 * 20, interval=1800, at=ago(world, hours=35 - half_hour / 2))
    [known] = outlooks(world, web.id)
    assert {"least": 40.0, "greatest": 60.0, "lower": 38.0, "upper": 62.0} == known["bounds"]
    assert (24, 12, 3600.0) == (known["known"], known["needed"], known["each"])
    web.reports(1, disk=70, interval=1800)
    [alert] = alerts(world)
    assert ("range", "warning", 62.0, None) == tuple(
        alert[name] for name in ("kind", "level", "threshold", "expected_at")
    )


def test_an_alert_says_what_to_do_as_its_policy_says_now(world: World) -> None:
    web = host(world, "192.0.2.1")
    policy_id = created(world, kind="threshold", over=None, within=None, warning=50, note="call Ann")
    web.reports(1, disk=70)
    [alert] = alerts(world)
    path = f"/api/alerts/{alert['id']}"
    assert "call Ann" == data(world.send("GET", path, world.admin))["policy_note"]
    world.send("DELETE", f"/api/alert-policies/{policy_id}", world.admin)
    assert "" == data(world.send("GET", path, world.admin))["policy_note"]


def test_other_users_see_none(world: World) -> None:
    web = host(world, "192.0.2.1")
    eve = world.person("eve")
    assert (404, "not_found") == refusal(world.send("GET", f"/api/servers/{web.id}/outlooks", eve))
