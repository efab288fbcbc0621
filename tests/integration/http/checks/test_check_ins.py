"""Check-ins over HTTP: who sees and changes them, what their lists hold, and what is refused."""

from typing import Any

import pytest
from dependency_injector.providers import Factory

from monitor.application.checks.check_ins import CreateCheckIn
from monitor.application.checks.missed import DetectMissed
from monitor.domain.accounts.actors import Role
from monitor.domain.accounts.personal_tokens import TokenScope
from monitor.domain.fleet.teams import TeamAccess
from tests.integration.http.world import ANONYMOUS, Caller, World

PLAIN = {"name": "backup", "period": 60, "grace": 10}
CRON = {"name": "dump", "schedule": "30 2 * * *", "timezone": "Europe/Berlin", "grace": 600}


def create(world: World, **body: Any) -> Any:
    answer = world.send("POST", "/api/check-ins", world.admin, json=PLAIN | body)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def read(world: World, check_in: Any, caller: Caller | None = None) -> Any:
    return world.send("GET", f"/api/check-ins/{check_in['id']}", caller or world.admin).json()["data"]


def listed(world: World, query: str = "", caller: Caller | None = None) -> list[int]:
    found = world.send("GET", f"/api/check-ins{query}", caller or world.admin).json()["data"]
    return [each["id"] for each in found]


def test_it_is_shown_as_it_was_made(any_world: World) -> None:
    world = any_world
    server_id = world.server("192.0.2.1")
    made = create(world, server_id=server_id)
    assert made == {
        "id": made["id"],
        "name": "backup",
        "server_id": server_id,
        "server_name": "host 192.0.2.1",
        "period": 60.0,
        "schedule": None,
        "timezone": None,
        "grace": 10.0,
        "state": "new",
        "next_due_at": None,
        "last_ping_at": None,
        "last_duration": None,
        "created_at": "2030-01-01 12:00:00",
        "ping_path": made["ping_path"],
        "may_change": True,
    }
    world.send("GET", f"{made['ping_path']}/start")
    world.later(seconds=2.5)
    world.send("GET", made["ping_path"])
    up = {"state": "up", "last_duration": 2.5, "last_ping_at": "2030-01-01 12:00:02"}
    assert read(world, made) == made | up | {"next_due_at": "2030-01-01 12:01:02"}
    world.later(seconds=60)
    assert read(world, made)["state"] == "late"


def test_a_put_replaces_the_whole(any_world: World) -> None:
    world = any_world
    server_id = world.server("192.0.2.1")
    made = create(world, server_id=server_id)
    world.send("GET", made["ping_path"])
    answer = world.send("PUT", f"/api/check-ins/{made['id']}", world.admin, json=CRON)
    assert answer.status_code == 200
    assert (
        answer.json()["data"]
        == read(world, made)
        == made
        | CRON
        | {
            "grace": 600.0,
            "period": None,
            "server_id": None,
            "server_name": None,
            "state": "up",
            "next_due_at": "2030-01-02 01:30:00",
            "last_ping_at": "2030-01-01 12:00:00",
        }
    )
    entry = world.store.queries.audit.newest(world.admin.actor, limit=1)[0]
    assert entry.action == "check_in.update"
    assert made["ping_path"].rpartition("/")[2] not in entry.detail
    for said in ('name: "backup" -> "dump"', "period: 60 -> null", 'server: "host 192.0.2.1" -> null'):
        assert said in entry.detail


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"grace": None}, "grace"),
        ({"grace": 0}, "grace"),
        ({"grace": "10"}, "grace"),
        ({"grace": 1e300}, "grace"),
        ({"period": 4}, "period"),
        ({"period": None}, "period"),
        ({"schedule": "0 2 * * *"}, "period"),
        ({"period": None, "schedule": "0 2 30 2 *"}, "schedule"),
        ({"period": None, "schedule": "every day"}, "schedule"),
        ({"period": None, "schedule": "0 0 2 * * *"}, "schedule"),
        ({"period": None, "schedule": "0 2 * * *", "timezone": "Berlin"}, "timezone"),
        ({"name": ""}, "name"),
        ({"name": "a\u202eb"}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"server_id": 4711}, "server_id"),
        ({"state": "up"}, "state"),
        ({"ping_path": "/ping/mine"}, "ping_path"),
    ],
)
def test_what_is_invalid_is_refused_and_stores_nothing(calm_world: World, body: dict[str, Any], field: str) -> None:
    world = calm_world
    before = listed(world)
    answer = world.send("POST", "/api/check-ins", world.admin, json=PLAIN | body)
    assert (answer.status_code, [*answer.json()["data"]["fields"]]) == (400, [field])
    assert listed(world) == before


def test_a_check_in_is_no_server_of_another(world: World) -> None:
    made = create(world)
    answer = world.send("POST", "/api/check-ins", world.admin, json=PLAIN | {"server_id": made["id"]})
    assert [*answer.json()["data"]["fields"]] == ["server_id"]


def test_it_is_seen_like_its_server_and_without_one_by_administrators(any_world: World) -> None:
    world = any_world
    people = {name: world.person(name) for name in ("linked", "reader", "writer", "other")}
    server_id = world.server("192.0.2.1", people["linked"])
    world.team(TeamAccess.READ, server_id, people["reader"])
    world.team(TeamAccess.WRITE, server_id, people["writer"])
    own, alone = create(world, server_id=server_id), create(world)
    second = world.person("second", Role.ADMIN)
    assert listed(world, caller=second) == [own["id"], alone["id"]]
    assert read(world, own, second)["ping_path"] == own["ping_path"]
    for name in ("linked", "writer", "reader"):
        assert listed(world, caller=people[name]) == [own["id"]]
        shown = read(world, own, people[name])
        assert shown["may_change"] is False
        assert (shown["ping_path"] is None) is (name == "reader")
        assert world.send("GET", f"/api/check-ins/{alone['id']}", people[name]).status_code == 404
        assert world.send("GET", f"/api/check-ins/{alone['id']}/pings", people[name]).status_code == 404
    assert listed(world, caller=people["other"]) == []
    assert world.send("GET", f"/api/check-ins/{own['id']}", people["other"]).status_code == 404
    reading = world.token(world.admin, TokenScope.READ)
    assert (read(world, own, reading)["ping_path"], read(world, own, reading)["may_change"]) == (None, False)
    for path in (f"/api/servers/{own['id']}", f"/api/check-ins/{server_id}"):
        assert world.send("GET", path, world.admin).status_code == 404
    assert [each["id"] for each in world.send("GET", "/api/servers", world.admin).json()["data"]] == [server_id]


def test_lists_have_filters_and_pages(any_world: World) -> None:
    world = any_world
    server_id = world.server("192.0.2.1")
    made = [create(world, name=f"Job {n}", server_id=server_id if n % 2 else None) for n in range(5)]
    ids = [each["id"] for each in made]
    for each in made[:2]:
        world.send("POST", f"{each['ping_path']}/fail")
    assert listed(world) == ids
    assert listed(world, f"?server_id={server_id}") == ids[1::2]
    assert listed(world, "?q=jOB%203") == ids[3:4]
    assert (listed(world, "?state=down"), listed(world, "?state=new")) == (ids[:2], ids[2:])
    assert listed(world, "?state=late") == []
    found: list[int] = []
    query = "?limit=2"
    while query:
        answer = world.send("GET", f"/api/check-ins{query}", world.admin)
        found += [each["id"] for each in answer.json()["data"]]
        cursor = answer.headers.get("X-Next-Cursor")
        query = f"?limit=2&cursor={cursor}" if cursor else ""
    assert found == ids
    for wrong in ("?limit=0", "?state=sleepy", "?cursor=x", "?server_id=-1"):
        assert world.send("GET", f"/api/check-ins{wrong}", world.admin).status_code == 400


def test_pausing_and_resuming(any_world: World) -> None:
    world = any_world
    made = create(world)
    world.send("POST", f"{made['ping_path']}/fail")
    for _ in range(2):
        answer = world.send("POST", f"/api/check-ins/{made['id']}/pause", world.admin)
        assert (answer.status_code, answer.json()["data"]["state"]) == (200, "paused")
    assert world.send("GET", made["ping_path"]).text == "OK"
    assert read(world, made)["state"] == "paused"
    for _ in range(2):
        assert world.send("POST", f"/api/check-ins/{made['id']}/resume", world.admin).json()["data"]["state"] == "new"
    actions = [each.action for each in world.store.queries.audit.newest(world.admin.actor, limit=2)]
    assert actions == ["check_in.resume", "check_in.pause"]  # once each
    for action in ("pause", "resume"):
        assert world.send("POST", f"/api/check-ins/4711/{action}", world.admin).status_code == 404


def test_deleting_takes_pings_rules_and_alerts_along(any_world: World) -> None:
    world = any_world
    made = create(world)
    scope = {"check_in_id": made["id"]}
    policy = {"metric": "check_in", "warning": 0.5, "scope": scope}
    assert world.send("POST", "/api/alert-policies", world.admin, json=policy).status_code == 200
    silence = {"scope": scope, "ends_at": "2030-01-02 00:00:00"}
    assert world.send("POST", "/api/silences", world.admin, json=silence).status_code == 200
    world.send("POST", f"{made['ping_path']}/9")
    world.container.get(DetectMissed)()
    [alert] = world.send("GET", "/api/alerts", world.admin).json()["data"]
    assert (alert["check_in_id"], alert["server_id"], alert["level"], alert["silenced"]) == (
        made["id"],
        None,
        "warning",
        True,
    )
    assert world.send("DELETE", f"/api/check-ins/{made['id']}", world.admin).status_code == 200
    assert world.send("GET", made["ping_path"]).status_code == 404
    assert world.send("GET", f"/api/check-ins/{made['id']}", world.admin).status_code == 404
    for path in ("/api/alerts", "/api/silences", "/api/check-ins"):
        assert world.send("GET", path, world.admin).json()["data"] == []
    assert world.send("DELETE", f"/api/check-ins/{made['id']}", world.admin).status_code == 404


def test_nobody_else_changes_them(world: World) -> None:
    user = world.person("user")
    made = create(world, server_id=world.server("192.0.2.1", user))
    path = f"/api/check-ins/{made['id']}"
    requests = (("POST", "/api/check-ins"), ("PUT", path), ("DELETE", path), ("POST", f"{path}/pause"))
    for method, address in requests:
        assert world.send(method, address, user, json=PLAIN).status_code == 403
        assert world.send(method, address, ANONYMOUS, json=PLAIN).status_code == 401


def test_there_is_an_end_to_their_number(world: World) -> None:
    provider = world.container.provider(CreateCheckIn)
    assert isinstance(provider, Factory)
    provider.add_kwargs(most=1)
    create(world)
    answer = world.send("POST", "/api/check-ins", world.admin, json=PLAIN)
    assert (answer.status_code, answer.json()["data"]["reason"]) == (409, "too_many_check_ins")
