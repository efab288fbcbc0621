"""/api/alerts/explain: why each person was notified at a moment, or was not."""

from typing import Any

import pytest

from tests.integration.http.alerts.alarms import alerts, data, deliver, fields, host, policy, refusal, with_address
from tests.integration.http.world import Caller, Json, World

PATH = "/api/alerts/explain"


def explained(world: World, caller: Caller | None = None, **params: Any) -> dict[str, Any]:
    found: dict[str, Any] = data(world.send("GET", PATH, caller or world.admin, params={"metric": "cpu"} | params))
    return found


def recipients(found: dict[str, Any]) -> dict[str, tuple[bool, str, str | None]]:
    return {
        each["username"] or each["channel"]: (each["told"], each["reason"], each["at"]) for each in found["recipients"]
    }


def test_a_moment_of_an_alert_and_one_of_none(world: World) -> None:
    policy_id = policy(world)
    bob, mute = with_address(world, "bob"), world.person("mute")
    world.person("far")
    web = host(world, "192.0.2.1", bob, mute)
    web.reports(10)
    quiet = "2030-01-01 12:00:01"
    web.reports(90)
    deliver(world)
    [alert] = alerts(world)
    found = explained(world, server_id=web.id, at=alert["fired_at"])
    shown = {name: found[name] for name in ("state", "level", "value", "alert_id", "offline", "depends_on", "silence")}
    assert {
        "state": "firing",
        "level": "critical",
        "value": 90.0,
        "alert_id": alert["id"],
        "offline": False,
        "depends_on": None,
        "silence": None,
    } == shown
    assert (policy_id, {"needed": 0.0, "seen": 0.0}) == (found["policy"]["id"], found["sustained"])
    assert (True, None, 0) == (found["recorded"], found["policy_changed_at"], found["others"])
    assert {
        "admin": (False, "not_linked", None),
        "bob": (True, "told", "2030-01-01 12:00:12"),
        "far": (False, "not_linked", None),
        "mute": (False, "no_address", None),
    } == recipients(found)
    found = explained(world, bob, server_id=web.id, at=quiet)
    assert ("ok", None, None, 10.0) == (found["state"], found["level"], found["alert_id"], found["value"])
    assert {(False, "ok", None)} == {*recipients(found).values()}


def test_without_a_metric_the_worst_alert_of_the_moment_is_explained(world: World) -> None:
    policy(world)
    policy(world, metric="memory")
    bob = with_address(world, "bob")
    web = host(world, "192.0.2.1", bob)
    web.reports(10)
    found = data(world.send("GET", PATH, bob, params={"server_id": web.id}))
    assert ("ok", [], None) == (found["state"], found["fired"], found["alert_id"])
    web.reports(75, memory=90)
    deliver(world)
    found = data(world.send("GET", PATH, bob, params={"server_id": web.id}))
    assert ("firing", "memory", "threshold", 90.0) == tuple(found[key] for key in ("state", "metric", "kind", "value"))
    assert {("memory", "threshold"), ("cpu", "threshold")} == {
        (each["metric"], each["kind"]) for each in found["fired"]
    }
    assert found["alert_id"] in [each["alert_id"] for each in found["fired"]]
    assert recipients(found)["bob"][0]


def test_without_a_kind_the_policy_is_that_of_the_alert(world: World) -> None:
    web = host(world, "192.0.2.1", with_address(world, "bob"))
    found = explained(world, server_id=web.id, metric="disk")
    assert ("ok", "disk", "threshold") == (found["state"], found["metric"], found["kind"])
    assert ["kind"] == [*fields(world.send("GET", PATH, world.admin, params={"server_id": web.id, "kind": "guess"}))]


def test_a_silence_that_was_in_force_is_named(world: World) -> None:
    policy(world)
    bob = with_address(world, "bob")
    web = host(world, "192.0.2.1", bob)
    body = {"scope": {"server_id": web.id}, "ends_at": "2030-01-01 13:00:00", "reason": "a new disk"}
    silence_id = data(world.send("POST", "/api/silences", world.admin, json=body))["id"]
    web.reports(90)
    deliver(world)
    found = explained(world, server_id=web.id)
    assert (silence_id, "a new disk") == (found["silence"]["id"], found["silence"]["reason"])
    assert (False, "silenced", None) == recipients(found)["bob"]


@pytest.mark.parametrize(
    ("params", "name"),
    [
        ({"server_id": 1, "at": "yesterday"}, "at"),
        ({"server_id": 1, "at": "2030-01-01 12:00:05"}, "at"),
        ({"server_id": 1, "metric": "C P U"}, "metric"),
        ({}, "server_id"),
        ({"server_id": 1, "check_id": 1}, "server_id"),
    ],
)
def test_what_is_wrong_is_named(world: World, params: dict[str, Any], name: str) -> None:
    host(world, "192.0.2.1")
    assert [name] == [*fields(world.send("GET", PATH, world.admin, params={"metric": "cpu"} | params))]


def test_an_id_of_another_kind_is_not_found(world: World) -> None:
    web = host(world, "192.0.2.1")
    params = {"metric": "up", "check_id": web.id}
    assert (404, "not_found") == refusal(world.send("GET", PATH, world.admin, params=params))


def test_a_check_is_explained_also_after_its_policy_changed(world: World) -> None:
    body = {"name": "shop", "kind": "tcp", "target": "127.0.0.1:1"}
    check_id = data(world.send("POST", "/api/checks", world.admin, json=body))["id"]
    policy(world, metric="ms", scope={"check_id": check_id})
    found = explained(world, check_id=check_id, metric="ms")
    assert ("ok", check_id) == (found["state"], found["check_id"])


def test_a_verdict_is_shown_to_all_and_can_be_taken_back(world: World) -> None:
    policy(world)
    bob = with_address(world, "bob")
    web = host(world, "192.0.2.1", bob)
    web.reports(90)
    path = f"/api/alerts/{alerts(world)[0]['id']}/verdict"
    judged = data(world.send("PUT", path, bob, json={"verdict": "noise", "note": "a backup"}))
    shown = {name: judged[f"verdict{name}"] for name in ("", "_by", "_at", "_note")}
    assert {"": "noise", "_by": "bob", "_at": "2030-01-01 12:00:01", "_note": "a backup"} == shown
    assert ["noise"] == [each["verdict"] for each in alerts(world)]
    [entry] = [row for row in data(world.send("GET", "/api/audit", world.admin)) if row["action"] == "alert.verdict"]
    assert ('alert 1; verdict: null -> "noise", note: null -> "a backup"', "bob") == (
        entry["detail"],
        entry["username"],
    )
    taken = data(world.send("PUT", path, world.admin, json={"verdict": None}))
    assert (None, None, None, None) == tuple(taken[f"verdict{name}"] for name in ("", "_by", "_at", "_note"))


@pytest.mark.parametrize(
    "body", [{}, {"verdict": "bad"}, {"verdict": "noise", "note": "n" * 501}, {"verdict": "noise", "more": 1}]
)
def test_a_wrong_verdict_is_refused(world: World, body: dict[str, Any]) -> None:
    policy(world)
    host(world, "192.0.2.1").reports(90)
    assert fields(world.send("PUT", "/api/alerts/1/verdict", world.admin, json=body))


def test_noise_has_pages_and_suggestions(world: World) -> None:
    policy_id = policy(world)
    bob = with_address(world, "bob")
    one, two = host(world, "192.0.2.1", bob), host(world, "192.0.2.2", bob)
    for web in (one, one, two):
        web.reports(72)
        deliver(world)
        web.reports(10)
    answer = world.send("GET", "/api/alerts/noise", world.admin, params={"limit": 1})
    [row] = data(answer)
    assert {
        "policy_id": policy_id,
        "server_id": one.id,
        "pages": 2,
        "night_pages": row["night_pages"],
        "alerts": 2,
        "ended_alone": 2,
        "useful": 0,
        "noise": 0,
        "people": [{"username": "bob", "pages": 2}],
        "suggestion": row["suggestion"],
    } == row
    assert (73, 2, 0) == (
        row["suggestion"]["change"]["warning"],
        row["suggestion"]["pages_removed"],
        row["suggestion"]["useful_lost"],
    )
    params = {"limit": 1, "suggest": False, "cursor": answer.headers["X-Next-Cursor"]}
    [other] = data(world.send("GET", "/api/alerts/noise", world.admin, params=params))
    assert (two.id, 1, None) == (other["server_id"], other["pages"], other["suggestion"])
    assert ["days"] == [*fields(world.send("GET", "/api/alerts/noise", world.admin, params={"days": 91}))]


def counts(effect: Json) -> Json:
    return {name: value for name, value in effect.items() if name not in ("start", "end", "windows")}


def test_a_preview_creates_nothing(world: World) -> None:
    policy(world)
    bob = with_address(world, "bob")
    web = host(world, "192.0.2.1", bob)
    web.reports(90)
    deliver(world)
    world.later(seconds=5)
    body = {"scope": {"server_id": web.id}, "ends_at": "2030-01-01 13:00:00"}
    found = data(world.send("POST", "/api/silences/preview", bob, json=body | {"days": 7}))
    people = [{"username": "bob", "notifications": 1, "hidden": 0, "later": 1}]
    assert {"alerts": 1, "notifications": 1, "hidden": 0, "later": 1, "people": people} == counts(found)
    assert [] == data(world.send("GET", "/api/silences", world.admin))
    silence_id = data(world.send("POST", "/api/silences", bob, json=body))["id"]
    world.later(seconds=5)
    nothing = {"alerts": 0, "notifications": 0, "hidden": 0, "later": 0, "people": []}
    assert nothing == counts(data(world.send("GET", f"/api/silences/{silence_id}/effect", bob)))
    assert ["days"] == [*fields(world.send("POST", "/api/silences/preview", bob, json=body | {"days": 0}))]
