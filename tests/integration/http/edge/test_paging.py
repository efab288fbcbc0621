"""Long lists come in pages, without a gap and without a row that comes twice."""

from typing import Any

import pytest

from tests.integration.http.world import Person, World, agent, report


def pages(world: World, path: str, limit: int, person: Person | None = None, **wanted: Any) -> list[list[Any]]:
    """All of them, following `X-Next-Cursor`."""
    found: list[list[Any]] = []
    cursor: str | None = None
    while True:
        params = wanted | {"limit": limit} | ({"cursor": cursor} if cursor else {})
        answer = world.send("GET", path, person or world.admin, params=params)
        assert 200 == answer.status_code, answer.text
        assert answer.json()["data"] not in found, "the same page twice"
        found.append(answer.json()["data"])
        cursor = answer.headers.get("x-next-cursor")
        if cursor is None:
            return found
        assert len(found[-1]) == limit


def test_servers(any_world: World) -> None:
    world = any_world
    bob = world.person("bob")
    ids = [world.server(f"192.0.2.{number}", *([bob] if number % 2 else [])) for number in range(1, 8)]
    read = pages(world, "/api/servers", 3)
    assert [3, 3, 1] == [len(page) for page in read]
    assert ids == [server["id"] for page in read for server in page]
    assert [2, 2] == [len(page) for page in pages(world, "/api/servers", 2, bob)], "no hint of hidden ones at the end"
    assert 7 == len(world.send("GET", "/api/servers", world.admin).json()["data"]), "all, where no limit is asked for"


def test_samples_with_equal_times(any_world: World) -> None:
    """Newest first; where several servers report in the same microsecond, pages end between them."""
    world = any_world
    ids = [world.server(f"192.0.2.{number}") for number in range(1, 4)]
    times = ["2030-01-01 11:00:00", "2030-01-01 11:00:00.000001", "2030-01-01 11:00:00.5", "2030-01-01 11:00:01"]
    key = agent(world.fleet_key())
    samples = [report(ip_address=f"192.0.2.{n}", recorded_at=at, cpu=n) for at in times for n in range(1, 4)]
    world.send("POST", "/api/monitor/data/batch", key, json={"samples": samples})
    expected = [(server_id, number) for number in range(len(times), 0, -1) for server_id in reversed(ids)]
    for limit in (1, 2, 5, 12, 13):
        read = [row for page in pages(world, "/api/monitor/data", limit) for row in page]
        assert [server_id for server_id, _ in expected] == [row["server_id"] for row in read], limit
        assert len({row["id"] for row in read}) == 12
    of_one = [row for page in pages(world, "/api/monitor/data", 3, server_id=ids[0]) for row in page]
    assert [ids[0]] * 4 == [row["server_id"] for row in of_one]


def test_a_time_range_is_half_open(any_world: World) -> None:
    world = any_world
    key = world.server_key(world.server("192.0.2.1"))
    for second in range(5):
        world.report(key, f"2030-01-01 11:00:0{second}", cpu=second)

    def cpus(**params: str) -> list[float]:
        rows = world.send("GET", "/api/monitor/data", world.admin, params=params).json()["data"]
        return [row["cpu_value"] for row in rows]

    assert [3, 2, 1] == cpus(start="2030-01-01 11:00:01", end="2030-01-01T11:00:04Z")
    assert [4, 3] == cpus(start="2030-01-01T19:00:03+08:00")
    assert [] == cpus(start="2030-01-01 11:00:04.000001")
    assert [] == cpus(start="2030-01-01 11:00:04", end="2030-01-01 11:00:00")
    assert [] == cpus(end="0001-01-01 00:00:00")
    assert [4, 3, 2, 1, 0] == cpus(start="0001-01-01 00:00:00", end="9999-12-31 23:59:59")


def test_the_audit_log(any_world: World) -> None:
    world = any_world
    for number in range(1, 6):
        world.server(f"192.0.2.{number}")
    everything = world.send("GET", "/api/audit", world.admin).json()["data"]
    assert [entry["id"] for entry in everything] == sorted((entry["id"] for entry in everything), reverse=True)
    assert everything == [entry for page in pages(world, "/api/audit", 2) for entry in page]


def test_lists_that_are_answered_whole_where_no_limit_is_asked_for(any_world: World) -> None:
    world = any_world
    bob = world.person("bob")
    for number in range(1, 6):
        world.person(f"user{number}")
        server_id = world.server(f"192.0.2.{number}", *([bob] if number % 2 else []))
        world.server_key(server_id)
        scope = {"server_id": server_id} if number % 2 else {"tag": "db"}
        silence = {"scope": scope, "ends_at": "2030-01-02 00:00:00"}
        assert 200 == world.send("POST", "/api/silences", world.admin, json=silence).status_code
    fleet = agent(world.fleet_key())
    unregistered = [report(ip_address=ip, recorded_at="2030-01-01 11:59:59") for ip in UNREGISTERED]
    world.send("POST", "/api/monitor/data/batch", fleet, json={"samples": unregistered[:3]})
    world.later(seconds=1)
    world.send("POST", "/api/monitor/data/batch", fleet, json={"samples": unregistered[3:]})
    for path, whose, count in [
        ("/api/users", None, 7),
        ("/api/api-keys", None, 6),
        ("/api/api-keys", bob, 3),
        ("/api/silences", None, 5),
        ("/api/servers/unregistered", None, len(UNREGISTERED)),
    ]:
        everything = world.send("GET", path, whose or world.admin)
        assert (count, None) == (len(everything.json()["data"]), everything.headers.get("x-next-cursor"))
        for limit in (1, 2, count, 1000):
            read = [row for page in pages(world, path, limit, whose) for row in page]
            assert everything.json()["data"] == read, (path, limit)


UNREGISTERED = ["203.0.113.9", "203.0.113.10", "2001:db8::1", "203.0.113.7", "2001:db8::2"]
LISTS = [
    "/api/servers",
    "/api/monitor/data",
    "/api/audit",
    "/api/users",
    "/api/api-keys",
    "/api/silences",
    "/api/servers/unregistered",
]
CURSORS = [
    "",
    "x",
    "%",
    "!!!!",
    "é",
    "AAAA",
    "MQ==",
    "LTE",  # -1
    "MA",  # 0
    "MSwx",  # 1,1
    "MSwxLDE",  # 1,1,1
    "NDYxMTY4NjAxODQyNzM4NzkwNA",  # 2**62
    "NDYxMTY4NjAxODQyNzM4NzkwMyw0NjExNjg2MDE4NDI3Mzg3OTAz",  # 2**62 - 1, twice
    "LTYyMTM1NTk2ODAwMDAwMDAwMSwx",  # a microsecond before the year 1
    "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5",
    "9" * 10_000,
    "\0",
]


def test_invalid_cursors(any_world: World) -> None:
    """Also those of another list: refused, or an empty page; never a 500."""
    for path in LISTS:
        for cursor in CURSORS:
            answer = any_world.send("GET", path, any_world.admin, params={"cursor": cursor})
            assert answer.status_code in (200, 400), (path, cursor, answer.text)
            if answer.status_code == 400:
                assert ["cursor"] == list(answer.json()["data"]["fields"])


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("limit", ["0", "-1", "1001", "1.5", "ten", "", "1" + "0" * 30, "9" * 5000])
def test_a_limit_out_of_range_is_a_400(calm_world: World, path: str, limit: str) -> None:
    answer = calm_world.send("GET", path, calm_world.admin, params={"limit": limit})
    assert (400, ["limit"]) == (answer.status_code, list(answer.json()["data"]["fields"]))


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("limit", ["1", "1000"])
def test_limits_go_from_1_to_1000(calm_world: World, path: str, limit: str) -> None:
    assert 200 == calm_world.send("GET", path, calm_world.admin, params={"limit": limit}).status_code


def test_policies(any_world: World) -> None:
    world = any_world
    bob = world.person("bob")
    ids = [world.server(f"192.0.2.{number}", *([bob] if number % 2 else [])) for number in range(1, 6)]
    body = {"metric": "cpu", "critical": 90}
    made = [
        world.send("POST", "/api/alert-policies", world.admin, json=body | {"scope": {"server_id": id_}}).json()
        for id_ in ids
    ]
    own = [answer["data"]["id"] for answer in made]
    for limit, person, expected, lengths in (
        (3, world.admin, own, [3, 2]),
        (2, bob, own[::2], [2, 1]),
    ):
        read = pages(world, "/api/alert-policies", limit, person)
        assert lengths == [len(page) for page in read]
        assert expected == [row["id"] for page in read for row in page]
