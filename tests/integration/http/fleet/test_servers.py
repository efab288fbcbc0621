"""The fleet: registering, finding, sharing and changing servers."""

from collections.abc import Sequence
from typing import Any

import pytest

from monitor.application.alerts.offline import DetectOffline
from monitor.application.operations.maintenance import SaveKeyUse
from tests.integration.http.world import Caller, World


def create(world: World, ip_address: str, caller: Caller | None = None, **more: Any) -> Any:
    body = {"server_name": "a host", "ip_address": ip_address} | more
    return world.send("POST", "/api/servers", caller or world.admin, json=body)


def names(world: World, query: str = "", caller: Caller | None = None) -> list[str]:
    listed = world.send("GET", f"/api/servers?{query}", caller or world.admin)
    assert 200 == listed.status_code, listed.text
    return [server["server_name"] for server in listed.json()["data"]]


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        (" 192.0.2.1 ", "192.0.2.1"),
        ("2001:DB8:0:0:0:0:0:A", "2001:db8::a"),
        ("::FFFF:192.0.2.1", "192.0.2.1"),
        ("0:0:0:0:0:0:0:1", "::1"),
    ],
)
def test_addresses_are_kept_in_their_one_form(any_world: World, given: str, stored: str) -> None:
    made = create(any_world, given).json()["data"]
    assert stored == made["ip_address"]
    again = create(any_world, stored)
    assert (409, "ip_address_taken") == (again.status_code, again.json()["data"]["reason"])


def test_an_address_can_not_be_taken_over(world: World) -> None:
    first, second = create(world, "192.0.2.1"), create(world, "192.0.2.2")
    path = f"/api/servers/{second.json()['data']['id']}"
    assert 409 == world.send("PUT", path, world.admin, json={"ip_address": "192.0.2.1"}).status_code
    assert 200 == world.send("PUT", path, world.admin, json={"ip_address": "192.0.2.2"}).status_code
    assert 200 == world.send("DELETE", f"/api/servers/{first.json()['data']['id']}", world.admin).status_code
    assert 200 == world.send("PUT", path, world.admin, json={"ip_address": "192.0.2.1"}).status_code


def test_a_user_who_creates_a_server_sees_it_at_once_and_stays_linked(any_world: World) -> None:
    world = any_world
    bob, eve = world.person("bob"), world.person("eve")
    made = create(world, "192.0.2.1", bob).json()["data"]
    assert [{"id": bob.id, "username": "bob"}] == made["users"]
    for method, path in (("PUT", f"/api/servers/{made['id']}"), ("POST", f"/api/servers/{made['id']}/users")):
        changed = world.send(method, path, bob, json={"user_ids": [eve.id]}).json()["data"]
        assert ["bob", "eve"] == [user["username"] for user in changed["users"]]
    assert ["a host"] == names(world, caller=eve)
    freed = world.send("POST", f"/api/servers/{made['id']}/users", world.admin, json={"user_ids": []}).json()["data"]
    assert [] == freed["users"]
    assert [] == names(world, caller=bob)


def test_an_admin_who_creates_a_server_is_not_linked_to_it(world: World) -> None:
    assert [] == create(world, "192.0.2.1").json()["data"]["users"]


@pytest.mark.parametrize("unknown", [[2**31 - 1], [77_777, 77_778]])
def test_unknown_users_are_named_and_nothing_changes(any_world: World, unknown: list[int]) -> None:
    world = any_world
    server_id = world.server("192.0.2.1")
    ids = [world.admin.id, *unknown]
    why = {"user_ids": f"用户不存在：{', '.join(map(str, unknown))}"}
    for method, path in (("PUT", f"/api/servers/{server_id}"), ("POST", f"/api/servers/{server_id}/users")):
        answer = world.send(method, path, world.admin, json={"user_ids": ids})
        assert (400, why) == (
            answer.status_code,
            answer.json()["data"]["fields"],
        )
    assert 400 == create(world, "192.0.2.2", user_ids=ids).status_code
    assert ["host 192.0.2.1"] == names(world)


def test_finding(any_world: World) -> None:
    world = any_world
    world.server("192.0.2.1", name="Web 服务器", tags=["web", "prod"])
    world.server("192.0.2.20", name="database", tags=["db", "prod"])
    world.server("2001:db8::1", name="100%_sure")
    web, db, odd = "Web 服务器", "database", "100%_sure"
    found = {
        "q=web": [web],
        "q=服务": [web],
        "q=DATA": [db],
        "q=192.0.2.2": [db],
        "q=prod": [web, db],
        "q=%25_": [odd],
        "q=%25": [odd],
        "q=_": [odd],
        "q=\\": [],
        "q='": [],
        "q=%00": [],
        "q=": [web, db, odd],
        "tag=prod": [web, db],
        "tag=pro": [],
        "tag=prod&q=data": [db],
        "status=offline": [web, db, odd],
        "status=online": [],
    }
    assert found == {query: names(world, query) for query in found}


def test_the_status_follows_reports(any_world: World) -> None:
    world = any_world
    server_id = world.server("192.0.2.1")
    world.server("192.0.2.2")
    world.report(world.server_key(server_id))
    assert ["host 192.0.2.1"] == names(world, "status=online")
    assert "online" == world.send("GET", f"/api/servers/{server_id}", world.admin).json()["data"]["status"]
    world.later(seconds=91)
    world.container.get(DetectOffline)()
    assert [] == names(world, "status=online")


def test_tags_are_a_set_in_order(world: World) -> None:
    server_id = world.server("192.0.2.1", tags=["old"])
    answer = world.send("PUT", f"/api/servers/{server_id}/tags", world.admin, json={"tags": ["b", " a ", "b"]})
    assert ["a", "b"] == answer.json()["data"]["tags"]


def test_omitted_values_stay(world: World) -> None:
    bob = world.person("bob")
    server_id = world.server("192.0.2.1", bob, tags=["web"])
    before = world.send("GET", f"/api/servers/{server_id}", bob).json()["data"]
    changed = world.send("PUT", f"/api/servers/{server_id}", bob, json={"port": 2222}).json()["data"]
    assert before | {"port": 2222} == changed


def test_deleting_a_server_takes_its_samples_and_keys(any_world: World) -> None:
    world = any_world
    server_id = world.server("192.0.2.1")
    key = world.server_key(server_id)
    world.report(key)
    assert 200 == world.send("DELETE", f"/api/servers/{server_id}", world.admin).status_code
    assert [] == world.send("GET", "/api/monitor/data", world.admin).json()["data"]
    assert [] == world.send("GET", "/api/api-keys", world.admin).json()["data"]
    assert 401 == world.report(key).status_code
    assert 404 == world.send("DELETE", f"/api/servers/{server_id}", world.admin).status_code


def batch(world: World, action: str, ids: Sequence[int], caller: Caller | None = None, **more: Any) -> Any:
    body = {"action": action, "server_ids": ids, **more}
    return world.send("POST", "/api/servers/batch", caller or world.admin, json=body)


def test_one_action_on_many_servers(any_world: World) -> None:
    world = any_world
    bob = world.person("bob")
    ids: Sequence[int] = [world.server(f"192.0.2.{number}", tags=["old"]) for number in range(1, 4)]

    def servers() -> list[tuple[list[str], list[str]]]:
        listed = world.send("GET", "/api/servers", world.admin).json()["data"]
        return [(server["tags"], [user["username"] for user in server["users"]]) for server in listed]

    assert {"servers": 2} == batch(world, "link_users", ids[:2], user_ids=[bob.id]).json()["data"]
    batch(world, "add_tags", [*ids, *ids], tags=["new"])
    batch(world, "remove_tags", ids[1:], tags=["old", "never"])
    assert [(["new", "old"], ["bob"]), (["new"], ["bob"]), (["new"], [])] == servers()
    batch(world, "unlink_users", ids, user_ids=[bob.id])
    batch(world, "delete", ids[:2])
    assert [(["new"], [])] == servers()


def test_users_cannot_unlink_themselves(world: World) -> None:
    bob = world.person("bob")
    server_id = world.server("192.0.2.1", bob)
    assert 200 == batch(world, "unlink_users", [server_id], bob, user_ids=[bob.id]).status_code
    assert 200 == world.send("GET", f"/api/servers/{server_id}", bob).status_code


UNKNOWN = 77_777
IMPOSSIBLE_BATCHES: list[tuple[int, dict[str, Any]]] = [
    (400, {"action": "delete", "server_ids": []}),
    (400, {"action": "delete", "server_ids": None}),
    (400, {"action": "explode"}),
    (400, {"action": None}),
    (400, {"action": "delete", "tags": ["a"]}),
    (400, {"action": "add_tags"}),
    (400, {"action": "add_tags", "tags": []}),
    (400, {"action": "add_tags", "tags": ["a;b"]}),
    (400, {"action": "add_tags", "tags": [f"t{number}" for number in range(20)]}),
    (400, {"action": "link_users", "user_ids": [UNKNOWN]}),
    (404, {"action": "remove_tags", "server_ids": [UNKNOWN], "tags": ["old"]}),
    (404, {"action": "delete", "server_ids": [UNKNOWN]}),
]


def test_a_batch_is_done_completely_or_not_at_all(any_world: World) -> None:
    world = any_world
    server_id = world.server("192.0.2.1", tags=["old"])
    before = world.send("GET", f"/api/servers/{server_id}", world.admin).json()["data"]
    for status, body in IMPOSSIBLE_BATCHES:
        ids = body.get("server_ids", [server_id])
        body = body | {"server_ids": ids and [server_id, *ids]}
        assert status == world.send("POST", "/api/servers/batch", world.admin, json=body).status_code, body
        assert before == world.send("GET", f"/api/servers/{server_id}", world.admin).json()["data"], body


def test_keys_are_shown_once(any_world: World) -> None:
    world = any_world
    bob = world.person("bob")
    server_id = world.server("192.0.2.1", bob)
    made = world.send("POST", "/api/api-keys", bob, json={"name": "agent", "server_id": server_id}).json()["data"]
    assert made["key"].startswith(made["prefix"])
    assert len(made["key"]) >= 32 + len("mk_")
    [listed] = world.send("GET", "/api/api-keys", bob).json()["data"]
    assert {name: value for name, value in made.items() if name != "key"} == listed
    assert (server_id, bob.id, None) == (listed["server_id"], listed["owner_id"], listed["last_used_at"])

    world.report(made["key"])
    world.container.get(SaveKeyUse)()
    assert "2030-01-01 12:00:00" == world.send("GET", "/api/api-keys", bob).json()["data"][0]["last_used_at"]


def test_the_audit_log_says_who_did_what(world: World) -> None:
    bob = world.person("bob")
    create(world, "192.0.2.1", bob)
    newest = world.send("GET", "/api/audit", world.admin).json()["data"][0]
    assert {
        "at": "2030-01-01 12:00:00",
        "action": "server.create",
        "target": "a host",
        "detail": 'ip_address: null -> "192.0.2.1", port: null -> 22, user_ids: null -> ["bob"]',
        "user_id": bob.id,
        "username": "bob",
        "address": "198.51.100.7",
    } == {name: value for name, value in newest.items() if name != "id"}
