"""The last hour of many servers at once."""

from typing import Any

import pytest

from tests.integration.http.alerts.alarms import data, fields
from tests.integration.http.world import World

PATH = "/api/servers/recent"


def test_the_last_hour_is_in_minutes_of_which_the_last_is_incomplete(any_world: World) -> None:
    world = any_world
    bob = world.person("bob")
    web, hidden, silent = world.server("192.0.2.1", bob), world.server("192.0.2.2"), world.server("192.0.2.3", bob)
    world.later(seconds=30)
    key = world.server_key(web)
    for at, cpu in (("11:00:59", 99), ("11:01:00", 10), ("11:30:00", 20), ("11:30:59.5", 30.5), ("12:00:30", 40)):
        world.report(key, f"2030-01-01 {at}", cpu=cpu)
    asked = {"server_ids": f"{silent}, {hidden},{web},{web},77", "metrics": "cpu, disk"}
    answer = data(world.send("GET", PATH, bob, params=asked))
    averages: list[float | None] = [None] * 60
    averages[0], averages[29], averages[59] = 10, 25.25, 40
    assert {"start": "2030-01-01 11:01:00", "step": 60}.items() <= answer.items()
    assert [web, silent] == [row["server_id"] for row in answer["servers"]]
    assert (averages, {"server_id", "cpu", "disk"}) == (answer["servers"][0]["cpu"], set(answer["servers"][0]))
    assert {None} == set(answer["servers"][1]["cpu"])


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({}, "server_ids"),
        ({"server_ids": ","}, "server_ids"),
        ({"server_ids": "1,two"}, "server_ids"),
        ({"server_ids": "0"}, "server_ids"),
        ({"server_ids": "-1"}, "server_ids"),
        ({"server_ids": str(2**31)}, "server_ids"),
        ({"server_ids": "9" * 5000}, "server_ids"),
        ({"server_ids": "१"}, "server_ids"),
        ({"server_ids": ",".join(map(str, range(1, 202)))}, "server_ids"),
        ({"server_ids": "1", "metrics": ""}, "metrics"),
        ({"server_ids": "1", "metrics": "load1"}, "metrics"),
        ({"server_ids": "1", "metrics": "cpu,CPU"}, "metrics"),
    ],
    ids=range(12),
)
def test_an_invalid_query_is_a_400(calm_world: World, params: Any, field: str) -> None:
    assert [field] == list(fields(calm_world.send("GET", PATH, calm_world.admin, params=params)))


def test_two_hundred_servers_are_allowed(calm_world: World) -> None:
    asked = {"server_ids": ",".join(map(str, range(1, 201)))}
    assert [] == data(calm_world.send("GET", PATH, calm_world.admin, params=asked))["servers"]
