"""What agents say of themselves is shown with their servers, and which of them are old."""

from typing import Any

import pytest

from monitor.adapters.agent import VERSION
from monitor.application.operations.maintenance import SaveAgents
from tests.integration.http.world import World, agent, report

SINGLE, BATCH = "/api/monitor/data", "/api/monitor/data/batch"
SAID = {"version": VERSION, "os": "Debian GNU/Linux 13 (trixie)"}
OURS = {"User-Agent": "monitor-agent"}


def shown(world: World, server_id: int) -> Any:
    return world.send("GET", f"/api/servers/{server_id}", world.admin).json()["data"]["agent"]


def old(world: World, **query: Any) -> list[Any]:
    rows: list[Any] = world.send("GET", "/api/agent/old", world.admin, params=query).json()["data"]
    return rows


@pytest.mark.parametrize("path", [SINGLE, f"{SINGLE}/"], ids=["the short way", "the long way"])
def test_an_agent_is_shown_with_its_server(world: World, path: str) -> None:
    server_id = world.server("192.0.2.1")
    key = world.server_key(server_id)
    assert shown(world, server_id) is None
    assert world.send("POST", path, agent(key), json=report(agent=SAID)).status_code == 200
    expected = {**SAID, "is_old": False}
    assert shown(world, server_id) == expected
    world.container.get(SaveAgents)()
    assert shown(world, server_id) == expected
    assert old(world) == []


def test_who_sends_no_agent_keeps_working(world: World) -> None:
    """An older agent of ours is known by its name; what is no agent of ours is not old."""
    ours, theirs = world.server("192.0.2.1"), world.server("192.0.2.2")
    key = agent(world.server_key(ours))
    assert world.send("POST", SINGLE, key, json=report(), headers=OURS).status_code == 200
    assert world.send("POST", SINGLE, agent(world.server_key(theirs)), json=report()).status_code == 200
    assert shown(world, ours) == {"version": None, "os": "", "is_old": True}
    assert shown(world, theirs) is None
    assert [row["server_id"] for row in old(world)] == [ours]


def test_old_agents_and_the_line_that_updates_them(world: World) -> None:
    ids = [world.server(f"192.0.2.{n}") for n in range(1, 4)]
    for server_id in ids:
        body = report(agent={"version": "0.0.9", "os": "Alpine"})
        world.send("POST", SINGLE, agent(world.server_key(server_id)), json=body)
    install = world.send("GET", "/api/agent/install", world.admin).json()["data"]
    assert (install["version"], install["old"]) == (VERSION, 3)
    assert "install.sh" in install["command"]
    row = old(world)[0]
    assert (row["server_id"], row["version"], row["os"]) == (ids[0], "0.0.9", "Alpine")
    first = world.send("GET", "/api/agent/old?limit=2", world.admin)
    assert [row["server_id"] for row in first.json()["data"]] == ids[:2]
    assert [row["server_id"] for row in old(world, limit=2, cursor=first.headers["X-Next-Cursor"])] == ids[2:]


def test_a_backlog_says_nothing_of_the_present_agent(world: World) -> None:
    server_id = world.server("192.0.2.1")
    key = agent(world.server_key(server_id))
    world.send("POST", SINGLE, key, json=report(agent=SAID))
    late = report(recorded_at="2029-12-01 00:00:00", agent={"version": "0.0.1", "os": "x"})
    assert world.send("POST", BATCH, key, json={"samples": [late]}).json()["data"]["results"][0]["status"] == "stored"
    assert shown(world, server_id)["version"] == VERSION


@pytest.mark.parametrize(
    "said", [{"version": "1\u202e", "os": "x"}, {"version": "", "os": ""}, {"version": "9" * 150, "os": "x", "new": 1}]
)
def test_odd_texts_cost_no_sample(world: World, said: Any) -> None:
    server_id = world.server("192.0.2.1")
    key = agent(world.server_key(server_id))
    assert world.send("POST", SINGLE, key, json=report(agent=said)).status_code == 200
    found = shown(world, server_id)
    assert found is None or len(found["version"]) == 50


def test_256_numbers_are_taken_and_not_one_more(world: World) -> None:
    server_id = world.server("192.0.2.1")
    key = agent(world.server_key(server_id))
    extra = {f"container:name-{n}:memory": 1e9 + n for n in range(256)}
    body = report()
    body["metrics"]["extra"] = extra
    assert world.send("POST", SINGLE, key, json=body).status_code == 200
    body["metrics"]["extra"] = {**extra, "one": 1.0}
    assert world.send("POST", SINGLE, key, json=body).status_code == 400


FACTS = {
    "kernel": "6.12.48+deb13-amd64",
    "architecture": "x86_64",
    "cpu": "AMD EPYC 7313 16-Core Processor",
    "cores": 32,
    "memory": 134_825_508_864,
    "swap": 0,
    "disks": {"/": 105_089_261_568, "/srv": 7_681_501_126_656},
}


def facts(world: World, server_id: int) -> Any:
    return world.send("GET", f"/api/servers/{server_id}/facts", world.admin).json()["data"]


def saying(said: Any, **of_report: Any) -> dict[str, Any]:
    return report(agent={**SAID, "facts": said}, **of_report)


@pytest.mark.parametrize("path", [SINGLE, f"{SINGLE}/", BATCH], ids=["the short way", "the long way", "a batch"])
def test_what_a_host_is_is_shown_and_kept(world: World, path: str) -> None:
    server_id = world.server("192.0.2.1")
    key = agent(world.server_key(server_id))
    assert facts(world, server_id) is None
    body = saying(FACTS, recorded_at="2030-01-01 00:00:00")
    body["metrics"]["extra"] = {"uptime": 86_400.25}
    json = {"samples": [body]} if path == BATCH else body
    assert world.send("POST", path, key, json=json).status_code == 200
    expected = {**FACTS, "at": "2030-01-01 00:00:00", "booted_at": "2029-12-30 23:59:59"}
    assert facts(world, server_id) == expected
    world.container.get(SaveAgents)()
    assert facts(world, server_id) == expected
    assert world.send("POST", SINGLE, key, json=report(agent=SAID)).status_code == 200
    assert facts(world, server_id) == expected


@pytest.mark.parametrize(
    ("said", "shown_as"),
    [
        ({}, {"kernel": "", "cores": 0, "disks": {}}),
        ({"kernel": "6\u202e1\x1b[2J", "new": [1]}, {"kernel": "61[2J"}),
        ({"cpu": "x" * 100_000, "cores": 10**40, "memory": -1}, {"cpu": "x" * 200, "cores": 2**53 - 1, "memory": 0}),
        ({"disks": {f"/{n:03}": 10**30 for n in range(500)}}, {"disks": {f"/{n:03}": 2**53 - 1 for n in range(32)}}),
    ],
    ids=["nothing", "hidden characters", "too long and large", "too many"],
)
def test_odd_facts_cost_no_sample_and_are_bounded(world: World, said: Any, shown_as: Any) -> None:
    server_id = world.server("192.0.2.1")
    body = saying(said)
    body["metrics"]["extra"] = {"uptime": 1e300}
    assert world.send("POST", SINGLE, agent(world.server_key(server_id)), json=body).status_code == 200
    world.container.get(SaveAgents)()
    found = facts(world, server_id)
    assert {name: found[name] for name in shown_as} == shown_as
    assert found["booted_at"] is None
