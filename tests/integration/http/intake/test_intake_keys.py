"""The key of a sample decides whose it is and what is refused; hosts that are not registered."""

import threading

import pytest

from monitor.adapters.memory.store import MemoryStore
from monitor.application.fleet.ports import FleetChanges, FleetQueries, FleetSnapshot
from monitor.domain.accounts.actors import Role
from tests.integration.http.reporting import BATCH, NOW, SINGLE, batch, results
from tests.integration.http.world import World, agent, report


def test_a_servers_own_key_decides_whose_sample_it_is(any_world: World) -> None:
    world = any_world
    server_id = world.server("2001:db8::a")
    world.server("192.0.2.2")
    key = world.server_key(server_id)
    for address in (None, "2001:db8::a", " 2001:DB8::000A "):
        more = {} if address is None else {"ip_address": address}
        assert server_id == world.report(key, **more).json()["data"]["server_id"]
    for address in ("192.0.2.2", "192.0.2.99"):
        foreign = world.report(key, ip_address=address)
        assert (403, "foreign_address") == (foreign.status_code, foreign.json()["data"]["reason"])


def test_a_fleet_key_finds_the_server_by_its_address(any_world: World) -> None:
    world = any_world
    ids = {address: world.server(address) for address in ("192.0.2.1", "2001:db8::1")}
    key = world.fleet_key()
    for given, address in (
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:DB8:0::1", "2001:db8::1"),
    ):
        assert ids[address] == world.report(key, ip_address=given).json()["data"]["server_id"]
    nameless = world.report(key)
    assert (400, ["ip_address"]) == (nameless.status_code, list(nameless.json()["data"]["fields"]))


def test_a_fleet_key_reaches_servers_that_its_owner_may_see(world: World) -> None:
    """Its owner was an administrator once, and is none now."""
    root = world.person("root", Role.ADMIN)
    world.server("192.0.2.1", root)
    world.server("192.0.2.2")
    made = world.send("POST", "/api/api-keys", root, json={"name": "fleet", "server_id": None})
    key = made.json()["data"]["key"]
    assert [200, 200] == [world.report(key, ip_address=f"192.0.2.{n}").status_code for n in (1, 2)]
    world.send("PUT", f"/api/users/{root.id}", world.admin, json={"role": "user"})
    own, hidden, missing = (world.report(key, ip_address=f"192.0.2.{n}") for n in (1, 2, 99))
    assert (200, 404) == (own.status_code, hidden.status_code)
    assert hidden.content == missing.content
    unregistered = world.send("GET", "/api/servers/unregistered", world.admin).json()["data"]
    assert ["192.0.2.99"] == [host["ip_address"] for host in unregistered]
    world.send("DELETE", f"/api/users/{root.id}", world.admin)
    assert [401, 401] == [world.report(key, ip_address=f"192.0.2.{n}").status_code for n in (1, 2)]


def test_unknown_hosts_wait_to_be_registered(any_world: World) -> None:
    world = any_world
    key = world.fleet_key()
    answer = world.report(key, ip_address="2001:DB8::9", cpu=12.345)
    assert (404, "unknown_host") == (answer.status_code, answer.json()["data"]["reason"])
    world.later(seconds=15)
    assert ["unknown_host"] == results(batch(world, key, [report(ip_address="2001:db8::9", recorded_at=NOW)]))
    [host] = world.send("GET", "/api/servers/unregistered", world.admin).json()["data"]
    assert {
        "ip_address": "2001:db8::9",
        "first_seen_at": NOW,
        "last_seen_at": "2030-01-01 12:00:15",
        "reports": 2,
        "cpu_value": 45.5,
        "memory_value": 67.8,
        "disk_value": 23.4,
    } == host
    body = {"server_name": "found", "ip_address": host["ip_address"]}
    assert 200 == world.send("POST", "/api/servers", world.admin, json=body).status_code
    assert [] == world.send("GET", "/api/servers/unregistered", world.admin).json()["data"]
    assert 200 == world.report(key, ip_address="2001:db8::9").status_code


def test_only_an_admin_registers_an_unregistered_host(any_world: World) -> None:
    world, key = any_world, any_world.fleet_key()
    user = world.person("bob")
    assert 404 == world.report(key, ip_address="192.0.2.9").status_code
    body = {"server_name": "mine", "ip_address": "192.0.2.9"}
    own = world.send("POST", "/api/servers", user, json=body | {"ip_address": "192.0.2.1"}).json()["data"]
    for refused in (
        world.send("POST", "/api/servers", user, json=body),
        world.send("PUT", f"/api/servers/{own['id']}", user, json=body),
    ):
        assert (403, "unregistered_host") == (refused.status_code, refused.json()["data"]["reason"])
    file = b"server_name,ip_address\nmine,192.0.2.9\n"
    kind = {"Content-Type": "text/csv"}
    imported = world.send("POST", "/api/servers/import", user, content=file, headers=kind)
    assert (400, 1) == (imported.status_code, len(imported.json()["data"]["fields"]))
    assert 404 == world.report(key, ip_address="192.0.2.9").status_code

    made = world.send("POST", "/api/servers", world.admin, json=body | {"user_ids": [user.id]})
    assert 200 == made.status_code
    assert 200 == world.report(key, ip_address="192.0.2.9").status_code
    assert 200 == world.send("PUT", f"/api/servers/{made.json()['data']['id']}", user, json=body).status_code


def test_a_server_key_makes_no_unregistered_hosts(world: World) -> None:
    key = world.server_key(world.server("192.0.2.1"))
    world.report(key, ip_address="192.0.2.99")
    assert [] == world.send("GET", "/api/servers/unregistered", world.admin).json()["data"]


def test_a_revoked_key_is_refused_at_once(any_world: World) -> None:
    world = any_world
    key = world.server_key(world.server("192.0.2.1"))
    assert 200 == world.report(key).status_code
    [listed] = world.send("GET", "/api/api-keys", world.admin).json()["data"]
    assert 200 == world.send("DELETE", f"/api/api-keys/{listed['id']}", world.admin).status_code
    refused = world.report(key)
    assert (401, "invalid_api_key") == (refused.status_code, refused.json()["data"]["reason"])


def test_two_keys_may_be_valid_at_once_for_rotation(world: World) -> None:
    server_id = world.server("192.0.2.1")
    keys = [world.server_key(server_id) for _ in range(2)]
    assert [200, 200] == [world.report(key).status_code for key in keys]


def test_a_newly_registered_server_is_known(any_world: World) -> None:
    world = any_world
    key = world.fleet_key()
    for number in range(1, 4):
        world.send("POST", "/api/servers", world.admin, json={"server_name": "a", "ip_address": f"192.0.2.{number}"})
        assert 200 == world.report(key, ip_address=f"192.0.2.{number}").status_code


@pytest.mark.parametrize("path", [SINGLE, BATCH])
@pytest.mark.parametrize("key", ["", "x", "mk_", "mk_" + "0" * 64, "\xff\xfe", "x" * 100_000])
def test_other_keys_are_a_401(calm_world: World, path: str, key: str) -> None:
    """Whatever the body: it is not even looked at."""
    for body in (b"{", b"{}"):
        answer = calm_world.send("POST", path, agent(key), content=body)
        assert (401, "invalid_api_key") == (answer.status_code, answer.json()["data"]["reason"])


def test_a_server_key_rejects_foreign_addresses_one_by_one(world: World) -> None:
    key = world.server_key(world.server("192.0.2.1"))
    samples = [report(recorded_at=NOW), report(recorded_at=NOW, ip_address="192.0.2.2")]
    assert ["stored", "foreign_address"] == results(batch(world, key, samples))


class SlowFleetQueries(FleetQueries):
    """Take long for changes."""

    def __init__(self, inner: FleetQueries) -> None:
        self._inner = inner

    def revision(self) -> int:
        return self._inner.revision()

    def snapshot(self) -> FleetSnapshot:
        return self._inner.snapshot()

    def changes(self, since: int, at_most: int) -> FleetChanges | None:
        threading.Event().wait(0.1)
        return self._inner.changes(since, at_most)


def test_new_servers_are_known_at_once_however_slow_the_database(new_world) -> None:
    store = MemoryStore()
    store.queries.fleet = SlowFleetQueries(store.queries.fleet)
    world: World = new_world(store)
    world.container.fleet.refresh()
    for number in range(1, 6):
        server_id = world.server(f"192.0.2.{number}")
        assert 200 == world.report(world.server_key(server_id)).status_code
    fleet_key = world.fleet_key()
    for number in range(6, 9):
        world.server(f"192.0.2.{number}")
        assert 200 == world.report(fleet_key, ip_address=f"192.0.2.{number}").status_code
        world.server(f"198.51.100.{number}")
        items = [report(ip_address=f"198.51.100.{number}", recorded_at=NOW)]
        assert ["stored"] == results(batch(world, fleet_key, items))
    world.send("PUT", f"/api/servers/{server_id}", world.admin, json={"ip_address": "203.0.113.1"})
    key = world.server_key(server_id)
    world.send("PUT", f"/api/servers/{server_id}", world.admin, json={"ip_address": "203.0.113.2"})
    assert 200 == world.report(key, ip_address="203.0.113.2").status_code
    revoked = [row["id"] for row in world.send("GET", "/api/api-keys", world.admin).json()["data"]]
    world.send("DELETE", f"/api/api-keys/{revoked[-1]}", world.admin)
    assert 401 == world.report(key, ip_address="203.0.113.2").status_code
