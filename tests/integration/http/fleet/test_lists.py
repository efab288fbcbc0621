"""Lists that the server filters and orders."""

from typing import Any

import pytest

from monitor.application.alerts.offline import DetectOffline
from monitor.domain.fleet.servers import ServerId
from tests.integration.http.alerts.alarms import Host, data, fields, host, policy
from tests.integration.http.world import Person, World

ORDERED, IDS = "/api/servers/ordered", "/api/servers/ids"


def ordered(world: World, caller: Person | None = None, **params: Any) -> list[ServerId]:
    """Return the ids of a list that is on one page, and check that `ids` names the same servers."""
    world.later(seconds=3)
    found = data(world.send("GET", ORDERED, caller or world.admin, params=params))
    ids = [row["id"] for row in found["servers"]]
    assert len(ids) == found["matching"]
    filters = {name: value for name, value in params.items() if name != "sort"}
    assert set(ids) == set(data(world.send("GET", IDS, caller or world.admin, params=filters)))
    return ids


class Scene:
    """One server with a critical alert, one with a warning, one that went offline, and one that never reported."""

    def __init__(self, world: World) -> None:
        self.world = world
        policy(world)
        self.bob = world.person("Bob")
        self.offline = self._host("192.0.2.10", "web-1", "web", "eu")
        self.offline.reports(60)
        world.later(minutes=5)
        self.critical = self._host("192.0.2.9", "web-10", "web", people=[self.bob])
        self.warned = self._host("192.0.2.8", "web-2", "Web")
        self.critical.reports(90)
        self.warned.reports(75)
        self.never = self._host("2001:db8::1", "db")
        world.container.get(DetectOffline)()
        world.send(
            "POST", "/api/silences", world.admin, json={"scope": {"tag": "eu"}, "ends_at": "2030-01-02 00:00:00"}
        )

    def _host(self, address: str, name: str, *tags: str, people: list[Person] | None = None) -> Host:
        return host(self.world, address, *(people or ()), name=name, tags=tags)

    @property
    def ids(self) -> dict[ServerId, str]:
        names = ("offline", "critical", "warned", "never")
        return {getattr(self, name).id: name for name in names}

    def names(self, **params: Any) -> list[str]:
        return [self.ids[server_id] for server_id in ordered(self.world, **params)]


@pytest.fixture
def scene(any_world: World) -> Scene:
    return Scene(any_world)


def test_servers_are_ordered_and_filtered_as_asked_for(scene: Scene) -> None:
    by_name = ["never", "offline", "warned", "critical"]
    assert by_name == scene.names()
    expected: list[tuple[dict[str, Any], list[str]]] = [
        ({"sort": "-name"}, by_name[::-1]),
        ({"sort": "cpu"}, ["warned", "critical", "never", "offline"]),
        ({"sort": "-cpu"}, ["critical", "warned", "never", "offline"]),
        ({"sort": "trouble"}, ["critical", "offline", "warned", "never"]),
        ({"sort": "status"}, ["never", "offline", "warned", "critical"]),
        ({"sort": "-alerts"}, ["critical", "warned", "never", "offline"]),
        ({"sort": "address"}, ["warned", "critical", "offline", "never"]),
        ({"sort": "-report"}, ["warned", "critical", "offline", "never"]),
        ({"sort": "users"}, ["critical", "never", "offline", "warned"]),
        ({"sort": "tags"}, ["offline", "warned", "critical", "never"]),
        ({"q": "WEB 192"}, ["offline", "warned", "critical"]),
        ({"q": "bob"}, ["critical"]),
        ({"q": "nothing"}, []),
        ({"tag": "web"}, ["offline", "critical"]),
        ({"tag": ["web", "eu"]}, ["offline"]),
        ({"status": "online"}, ["warned", "critical"]),
        ({"status": "offline"}, ["offline"]),
        ({"status": "never"}, ["never"]),
        ({"alerts": "any"}, ["warned", "critical"]),
        ({"alerts": "critical"}, ["critical"]),
        ({"alerts": "warning"}, ["warned"]),
        ({"alerts": "none"}, ["never", "offline"]),
        ({"silenced": "yes"}, ["offline"]),
        ({"silenced": "no", "sort": "-name"}, ["critical", "warned", "never"]),
    ]
    assert expected == [(params, scene.names(**params)) for params, _ in expected]


def test_a_row_is_the_server_with_its_newest_values_and_alerts(scene: Scene) -> None:
    world, bob = scene.world, scene.bob
    world.later(seconds=3)
    answer = data(world.send("GET", ORDERED, bob))
    row = answer["servers"][0]
    live = row.pop("live")
    assert (1, 1, 0) == (answer["matching"], row.pop("criticals"), row.pop("warnings"))
    assert row == data(world.send("GET", f"/api/servers/{scene.critical.id}", bob))
    assert {
        "server_id": scene.critical.id,
        "status": "online",
        "cpu_value": 90,
        "clock_skew": None,
    }.items() <= live.items()
    assert live["last_report_at"] == live["recorded_at"]
    never = data(world.send("GET", ORDERED, world.admin, params={"status": "never"}))["servers"][0]["live"]
    assert {"server_id", "status"} == {name for name, value in never.items() if value is not None}


def test_pages_joined_are_the_whole_list(scene: Scene) -> None:
    world = scene.world
    pages = [
        data(world.send("GET", ORDERED, world.admin, params={"sort": "-cpu", "offset": offset, "limit": 3}))
        for offset in (0, 3, 6)
    ]
    assert [4, 4, 4] == [page["matching"] for page in pages]
    assert ordered(world, sort="-cpu") == [row["id"] for page in pages for row in page["servers"]]


def test_tags_and_names_are_those_of_what_one_may_see(scene: Scene) -> None:
    world, bob = scene.world, scene.bob
    everything = [{"tag": "eu", "servers": 1}, {"tag": "Web", "servers": 1}, {"tag": "web", "servers": 2}]
    assert everything == data(world.send("GET", "/api/servers/tags", world.admin))
    assert [{"tag": "web", "servers": 1}] == data(world.send("GET", "/api/servers/tags", bob))
    asked = {"ids": f"{scene.never.id}, {scene.critical.id},{scene.critical.id},999"}
    named = [{"id": scene.never.id, "server_name": "db"}, {"id": scene.critical.id, "server_name": "web-10"}]
    assert named == data(world.send("GET", "/api/servers/names", world.admin, params=asked))
    assert named[1:] == data(world.send("GET", "/api/servers/names", bob, params=asked))
    assert [] == data(world.send("GET", "/api/servers/names", bob))


def test_checks_are_named_like_servers(scene: Scene) -> None:
    world, hosts = scene.world, (scene.never.id, scene.critical.id)
    bodies = ({"name": f"of {host}", "kind": "tcp", "target": "db:3306", "server_id": host} for host in hosts)
    hidden, seen = (data(world.send("POST", "/api/checks", world.admin, json=body))["id"] for body in bodies)
    asked = {"ids": f"{hidden},{seen}"}
    named = [{"id": hidden, "server_name": f"of {hosts[0]}"}, {"id": seen, "server_name": f"of {hosts[1]}"}]
    assert named == data(world.send("GET", "/api/servers/names", world.admin, params=asked))
    assert named[1:] == data(world.send("GET", "/api/servers/names", scene.bob, params=asked))


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"sort": "colour"}, "sort"),
        ({"sort": "--cpu"}, "sort"),
        ({"status": "away"}, "status"),
        ({"alerts": "many"}, "alerts"),
        ({"silenced": "true"}, "silenced"),
        ({"limit": 0}, "limit"),
        ({"limit": 201}, "limit"),
        ({"offset": -1}, "offset"),
    ],
    ids=str,
)
def test_what_is_not_known_is_refused(calm_world: World, params: Any, field: str) -> None:
    assert [field] == list(fields(calm_world.send("GET", ORDERED, calm_world.admin, params=params)))


@pytest.mark.parametrize("path", ["/api/servers/names", "/api/servers"])
@pytest.mark.parametrize("ids", ["1,two", "0", ",".join(map(str, range(1, 1002)))], ids=["two", "0", "1001"])
def test_at_most_a_thousand_servers_are_named(calm_world: World, path: str, ids: str) -> None:
    assert ["ids"] == list(fields(calm_world.send("GET", path, calm_world.admin, params={"ids": ids})))


def test_some_servers_are_those_of_their_ids_that_one_may_see(scene: Scene) -> None:
    world, asked = scene.world, {"ids": f"{scene.never.id},{scene.critical.id},999"}

    def ids(caller: Any, params: dict[str, str]) -> set[int]:
        return {row["id"] for row in data(world.send("GET", "/api/servers", caller, params=params))}

    assert {scene.never.id, scene.critical.id} == ids(world.admin, asked)
    assert {scene.critical.id} == ids(scene.bob, asked)
    assert set() == ids(world.admin, {"ids": ""})
