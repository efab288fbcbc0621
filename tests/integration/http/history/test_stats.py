"""GET /api/monitor/stats: all of it, its counts alone, or a page of the newest samples."""

from tests.integration.http.world import Caller, Json, World

COUNTS = ["total_servers", "online_servers", "offline_servers", "alert_count"]


def a_fleet(world: World, count: int = 5) -> list[int]:
    """*count* servers of which every one but the last has reported."""
    servers = [world.server(f"192.0.2.{n}") for n in range(1, count + 1)]
    for server_id in servers[:-1]:
        assert 200 == world.report(world.server_key(server_id), cpu=99.0).status_code
    return list(servers)


def get(world: World, caller: Caller, **params: object) -> Json:
    answer = world.send("GET", "/api/monitor/stats", caller, params=params)
    assert 200 == answer.status_code
    found: Json = answer.json()["data"]
    return found


def test_the_four_counts_alone(any_world: World) -> None:
    world = any_world
    a_fleet(world)
    whole = get(world, world.admin)
    assert {name: whole[name] for name in COUNTS} == get(world, world.admin, summary="true")
    assert COUNTS == list(get(world, world.admin, summary="true"))
    assert (5, 4) == (whole["total_servers"], len(whole["latest_data"]))
    assert whole == get(world, world.admin, summary="false")


def test_pages_together_are_the_whole(any_world: World) -> None:
    world = any_world
    reporting = a_fleet(world)[:-1]
    params: Json = {"limit": 3}
    rows, sizes = [], []
    while True:
        answer = world.send("GET", "/api/monitor/stats", world.admin, params=params)
        page = answer.json()["data"]
        assert 5 == page["total_servers"]
        rows += page["latest_data"]
        sizes.append(len(page["latest_data"]))
        if "X-Next-Cursor" not in answer.headers:
            break
        params = {"limit": 3, "cursor": answer.headers["X-Next-Cursor"]}
    assert ([3, 1], reporting) == (sizes, [row["server_id"] for row in rows])
    assert get(world, world.admin)["latest_data"] == rows


def test_a_page_tells_nothing_of_the_servers_of_others(world: World) -> None:
    a_fleet(world)
    ann = world.person("ann")
    own = world.server("192.0.2.77", ann)
    world.report(world.server_key(own))
    assert [1, 1, 0, 0] == [get(world, ann, summary="true")[name] for name in COUNTS]
    assert [own] == [row["server_id"] for row in get(world, ann, limit=2)["latest_data"]]


def test_a_wrong_page_is_refused(world: World) -> None:
    for wrong in ({"limit": 0}, {"limit": 1001}, {"cursor": "nonsense"}, {"summary": "perhaps"}):
        answer = world.send("GET", "/api/monitor/stats", world.admin, params=wrong)
        assert (400, list(wrong)) == (answer.status_code, list(answer.json()["data"]["fields"]))


def test_nobody_gets_the_answer_of_another(world: World) -> None:
    """Answers are shared by those who read at the same time: each person's by that person alone, in one language."""
    both = [world.person(name) for name in ("ann", "ben")]
    own = [world.server(f"192.0.2.{number}", person) for number, person in enumerate(both, 1)]
    for server_id in own:
        world.report(world.server_key(server_id))
    for _ in range(2):
        for person, server_id in zip(both, own, strict=True):
            assert [server_id] == [row["server_id"] for row in get(world, person)["latest_data"]]
        assert own == [row["server_id"] for row in get(world, world.admin)["latest_data"]]
    said = [
        world.send("GET", "/api/monitor/stats", world.admin, headers={"Accept-Language": language}).json()["msg"]
        for language in ("zh", "en", "zh")
    ]
    assert said[0] == said[2] != said[1]


def test_a_change_is_in_the_next_answer(world: World) -> None:
    ann = world.person("ann")
    server_id = world.server("192.0.2.1", ann)
    key = world.server_key(server_id)
    for cpu in (10.0, 20.0):
        world.later(seconds=15)
        world.report(key, cpu=cpu)
        assert [cpu] == [row["cpu_value"] for row in get(world, ann)["latest_data"]]
    edited = world.send("PUT", f"/api/servers/{server_id}", world.admin, json={"server_name": "renamed"})
    assert 200 == edited.status_code
    assert ["renamed"] == [row["server_name"] for row in get(world, ann)["latest_data"]]
    unlinked = world.send("PUT", f"/api/servers/{server_id}", world.admin, json={"user_ids": []})
    assert 200 == unlinked.status_code
    assert (0, []) == tuple(get(world, ann)[name] for name in ("total_servers", "latest_data"))
