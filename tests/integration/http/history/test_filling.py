"""The endpoint for disks that fill up."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from monitor.application.history.filling import FillingDisks
from monitor.application.history.sealing import SealHistory
from monitor.domain.fleet.servers import ServerId
from tests.integration.http.world import ANONYMOUS, Caller, Person, World, agent, report

HOURS = 60


def filling(world: World, caller: Caller, **params: Any) -> Any:
    return world.send("GET", "/api/servers/filling", caller, params=params)


def reported(world: World, server_id: ServerId, values: Callable[[int], dict[str, Any]]) -> None:
    """Store *values*, by hours ago."""
    samples = []
    for ago in range(HOURS, -1, -1):
        sample = report()
        sample["metrics"] |= values(ago)
        samples.append(sample | {"recorded_at": f"{world.clock.now() - timedelta(hours=ago):%Y-%m-%d %H:%M:%S}"})
    key = world.server_key(server_id)
    answer = world.send("POST", "/api/monitor/data/batch", agent(key), json={"samples": samples})
    assert {"stored"} == {result["status"] for result in answer.json()["data"]["results"]}, answer.text


@pytest.fixture
def fleet(any_world: World) -> tuple[World, Person, ServerId, ServerId]:
    """A host of Ann with a disk full in eight days and eight hours, one whose `/var` is full sooner, one unchanged."""
    world = any_world
    ann = world.person("ann")
    hers, other = world.server("192.0.2.1", ann, name="hers"), world.server("192.0.2.2", name="other")
    reported(world, hers, lambda ago: {"disk_value": round(80 - ago / 10, 2)})
    reported(world, other, lambda ago: {"disk_value": 50.0, "extra": {"disk:/var": round(94 - ago / 8, 3)}})
    reported(world, world.server("192.0.2.3", ann), lambda ago: {"disk_value": 90.0})
    list(world.container.get(SealHistory)(world.clock.now() - timedelta(days=2)))
    for _ in range(3):
        world.container.get(FillingDisks).step()
    return world, ann, hers, other


def test_the_first_full_disk_comes_first(fleet: tuple[World, Person, ServerId, ServerId]) -> None:
    world, _, hers, other = fleet
    found = filling(world, world.admin).json()["data"]
    full_at = [datetime.fromisoformat(f"{disk.pop('full_at')}+00:00") for disk in found]
    assert found == [
        {"server_id": other, "server_name": "other", "metric": "disk:/var", "value": 94.0, "per_day": 3.0},
        {"server_id": hers, "server_name": "hers", "metric": "disk", "value": 80.0, "per_day": 2.4},
    ]
    for at, days in zip(full_at, [2, 20 / 2.4], strict=True):
        assert abs(at - world.clock.now() - timedelta(days=days)) <= timedelta(seconds=1)
    assert [disk["server_id"] for disk in filling(world, world.admin, limit=1).json()["data"]] == [other]


def test_all_of_them_page_by_page_or_some_in_another_order(fleet: tuple[World, Person, ServerId, ServerId]) -> None:
    world, _, hers, other = fleet
    first = filling(world, world.admin, limit=1)
    second = filling(world, world.admin, limit=1, cursor=first.headers["x-next-cursor"])
    assert [[other], [hers]] == [[disk["server_id"] for disk in page.json()["data"]] for page in (first, second)]
    assert "x-next-cursor" not in second.headers
    assert 400 == filling(world, world.admin, cursor="no cursor").status_code
    for query, ids in (
        ({"within": 8}, [other]),
        ({"within": 9}, [other, hers]),
        ({"sort": "-full"}, [hers, other]),
        ({"sort": "rate", "limit": 1}, [hers]),
    ):
        assert ids == [disk["server_id"] for disk in filling(world, world.admin, **query).json()["data"]]


@pytest.mark.parametrize("query", [{"within": 0}, {"within": 91}, {"sort": "size"}])
def test_what_is_no_order_or_number_of_days_is_a_400(calm_world: World, query: dict[str, Any]) -> None:
    answer = filling(calm_world, calm_world.admin, **query)
    assert (400, list(query)) == (answer.status_code, list(answer.json()["data"]["fields"]))


def test_users_see_disks_of_linked_servers(fleet: tuple[World, Person, ServerId, ServerId]) -> None:
    world, ann, hers, _ = fleet
    assert [disk["server_id"] for disk in filling(world, ann).json()["data"]] == [hers]
    assert filling(world, world.person("bob")).json()["data"] == []
    assert 401 == filling(world, ANONYMOUS).status_code
    world.send("DELETE", f"/api/servers/{hers}", world.admin)
    assert filling(world, ann).json()["data"] == []


@pytest.mark.parametrize("limit", [0, 1001, "many"])
def test_a_limit_out_of_range_is_a_400(calm_world: World, limit: Any) -> None:
    answer = filling(calm_world, calm_world.admin, limit=limit)
    assert (400, ["limit"]) == (answer.status_code, list(answer.json()["data"]["fields"]))
