"""`depends_on`: what servers and checks depend on."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest

from monitor.domain.fleet.servers import ServerId
from monitor.domain.incidents.dependencies import MOST_HOPS
from tests.integration.http.world import Caller, Json, World

CHECK = {"name": "gateway", "kind": "ping", "target": "192.0.2.9"}


def change(world: World, server_id: int, depends_on: Sequence[Json], caller: Caller | None = None) -> Any:
    return world.send("PUT", f"/api/servers/{server_id}", caller or world.admin, json={"depends_on": depends_on})


def parents(world: World, server_id: int, caller: Caller | None = None) -> Any:
    return world.send("GET", f"/api/servers/{server_id}", caller or world.admin).json()["data"]["depends_on"]


def a_check(world: World, **more: Any) -> Any:
    answer = world.send("POST", "/api/checks", world.admin, json=CHECK | more)
    assert 200 == answer.status_code, answer.text
    return answer.json()["data"]


def audit(world: World) -> list[tuple[str, str, str]]:
    entries = world.store.queries.audit.newest(world.admin.actor, limit=100)
    return [(each.action, each.target, each.detail) for each in entries if "depends_on" in each.detail]


def test_a_server_depends_on_servers_and_checks(any_world: World) -> None:
    world = any_world
    switch, web = world.server("192.0.2.1", name="switch"), world.server("192.0.2.2", name="web")
    check_id = a_check(world)["id"]
    wanted = [{"server_id": switch, "name": "switch"}, {"check_id": check_id, "name": "gateway"}]
    answer = change(world, web, wanted)
    assert (200, wanted) == (answer.status_code, answer.json()["data"]["depends_on"])
    kept = world.send("PUT", f"/api/servers/{web}", world.admin, json={"server_name": "web-1"}).json()["data"]
    assert (wanted, wanted) == (kept["depends_on"], parents(world, web))
    assert [] == change(world, web, []).json()["data"]["depends_on"]
    assert [
        ("server.update", "web-1", 'depends_on: ["gateway", "switch"] -> []'),
        ("server.update", "web", 'depends_on: [] -> ["gateway", "switch"]'),
    ] == audit(world)


def test_a_new_server_or_check_depends_on_others_at_once(any_world: World) -> None:
    world = any_world
    switch = world.server("192.0.2.1", name="switch")
    wanted = [{"server_id": switch, "name": "switch"}]
    body = {"server_name": "web", "ip_address": "192.0.2.2", "depends_on": [{"server_id": switch}]}
    made = world.send("POST", "/api/servers", world.admin, json=body).json()["data"]
    check = a_check(world, depends_on=[{"server_id": switch}])
    assert [wanted] * 3 == [made["depends_on"], parents(world, made["id"]), check["depends_on"]]


def test_a_check_that_is_replaced_keeps_what_it_depends_on(any_world: World) -> None:
    world = any_world
    switch = world.server("192.0.2.1", name="switch")
    path = f"/api/checks/{a_check(world, depends_on=[{'server_id': switch}])['id']}"

    def put(**more: Any) -> Any:
        return world.send("PUT", path, world.admin, json=CHECK | more).json()["data"]["depends_on"]

    wanted = [{"server_id": switch, "name": "switch"}]
    assert [wanted, wanted, [], []] == [put(), put(timeout=5), put(depends_on=[]), put()]


@pytest.mark.parametrize("chain", [1, 2, 3])
def test_nothing_depends_on_itself(any_world: World, chain: int) -> None:
    world = any_world
    ids = [world.server(f"192.0.2.{n}") for n in range(chain)]
    for child, parent in pairwise(ids):
        assert 200 == change(world, child, [{"server_id": parent}]).status_code
    answer = change(world, ids[-1], [{"server_id": ids[0]}])
    assert (400, ["depends_on"]) == (answer.status_code, [*answer.json()["data"]["fields"]])
    assert [] == parents(world, ids[-1])


def test_a_chain_has_a_bound(any_world: World) -> None:
    world = any_world
    ids = [world.server(f"192.0.2.{n}") for n in range(MOST_HOPS + 2)]
    *statuses, last = [
        change(world, child, [{"server_id": parent}]).status_code for parent, child in pairwise(reversed(ids))
    ]
    assert ({200}, 400) == ({*statuses}, last)


def test_what_one_does_not_see_is_unknown_and_stays(any_world: World) -> None:
    world = any_world
    bob = world.person("bob")
    own, hidden, other = world.server("192.0.2.1", bob), world.server("192.0.2.2"), world.server("192.0.2.3", bob)
    check_id = a_check(world)["id"]
    answers = [change(world, own, [named], bob) for named in ({"server_id": hidden}, {"server_id": 999_999})]
    assert [400, 400] == [each.status_code for each in answers]
    assert str(hidden) in answers[0].text
    assert answers[0].text.replace(str(hidden), "999999") == answers[1].text
    for wrong in ({"check_id": other}, {"server_id": check_id}, {}, {"server_id": other, "check_id": other}):
        assert 400 == change(world, own, [wrong]).status_code, wrong
    assert 200 == change(world, own, [{"server_id": hidden}, {"check_id": check_id}]).status_code
    assert [] == parents(world, own, bob)
    assert 200 == change(world, own, [{"server_id": other}], bob).status_code
    assert {hidden, other, check_id} == {each.get("server_id") or each["check_id"] for each in parents(world, own)}
    assert 200 == change(world, own, [], bob).status_code
    assert {hidden, check_id} == {each.get("server_id") or each["check_id"] for each in parents(world, own)}


def test_nothing_depends_on_what_is_deleted(any_world: World) -> None:
    world = any_world
    switch, web = world.server("192.0.2.1"), world.server("192.0.2.2")
    check_id = a_check(world, depends_on=[{"server_id": switch}])["id"]
    assert 200 == change(world, web, [{"server_id": switch}, {"check_id": check_id}]).status_code
    assert 200 == world.send("DELETE", f"/api/servers/{switch}", world.admin).status_code
    assert [{"check_id": check_id, "name": "gateway"}] == parents(world, web)
    assert [] == world.send("GET", f"/api/checks/{check_id}", world.admin).json()["data"]["depends_on"]
    assert 200 == world.send("DELETE", f"/api/checks/{check_id}", world.admin).status_code
    assert [] == parents(world, web)
    assert frozenset() == world.container.fleet.directory.servers[ServerId(web)].depends_on


def test_there_are_not_too_many(any_world: World) -> None:
    world = any_world
    web, *others = [world.server(f"192.0.2.{n}") for n in range(1, 23)]
    assert 400 == change(world, web, [{"server_id": each} for each in others]).status_code
    assert 200 == change(world, web, [{"server_id": each} for each in others[:20]]).status_code


def test_what_depends_on_something_is_shown_to_those_who_see_it(any_world: World) -> None:
    world = any_world
    bob = world.person("bob")
    switch, web = world.server("192.0.2.1", bob, name="switch"), world.server("192.0.2.2", name="web")
    check_id = a_check(world, depends_on=[{"server_id": switch}])["id"]
    change(world, web, [{"server_id": switch}])

    def dependents(of: Caller) -> Any:
        return world.send("GET", f"/api/servers/{switch}/dependents", of).json()["data"]

    assert [{"server_id": web, "name": "web"}, {"check_id": check_id, "name": "gateway"}] == dependents(world.admin)
    assert [] == dependents(bob)
