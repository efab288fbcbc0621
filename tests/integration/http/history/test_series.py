"""Charts of one server."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.integration.http.reporting import batch, results
from tests.integration.http.world import World, report

NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)


def series(world: World, server_id: int, **params: Any) -> Any:
    return world.send("GET", f"/api/servers/{server_id}/series", world.admin, params=params)


@pytest.fixture
def charted(any_world: World) -> tuple[World, int]:
    server_id = any_world.server("192.0.2.1")
    key = any_world.server_key(server_id)
    for minute in range(10):
        any_world.report(key, f"2030-01-01 11:0{minute}:00", cpu=minute)
    return any_world, server_id


def test_every_sample_if_they_fit(charted: tuple[World, int]) -> None:
    world, server_id = charted
    data = series(world, server_id).json()["data"]
    assert {"resolution", "time", "coverage", "cpu", "memory", "disk"} == set(data)
    assert [1893495600 + 60 * minute for minute in range(10)] == data["time"]
    assert list(range(10)) == data["cpu"]["avg"] == data["cpu"]["min"] == data["cpu"]["max"]
    assert 60 == data["resolution"]
    assert {1.0} == set(data["coverage"])


def test_at_most_as_many_points_as_asked_for(charted: tuple[World, int]) -> None:
    world, server_id = charted
    for points in range(1, 11):
        data = series(world, server_id, points=points, metrics="cpu").json()["data"]
        assert {"resolution", "time", "coverage", "cpu"} == set(data)
        assert 1 <= len(data["time"]) <= points
        assert (0, 9) == (min(data["cpu"]["min"]), max(data["cpu"]["max"]))
        assert {len(data["time"])} == {len(data["coverage"]), *map(len, data["cpu"].values())}


def written(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"


@pytest.fixture(scope="module")
def weekly() -> Iterator[tuple[World, int]]:
    """A sample per minute for more than a week, and one at 100 % an hour ago."""
    with closing(World()) as world:
        server_id = world.server("192.0.2.1")
        key = world.server_key(server_id)
        times = [NOW - timedelta(minutes=n) for n in range(10_200)]
        samples = [report(recorded_at=written(at), cpu=100 if at.minute == 7 else 5) for at in times]
        for first in range(0, len(samples), 1000):
            assert {"stored"} == set(results(batch(world, key, samples[first : first + 1000])))
        yield world, server_id


@pytest.mark.parametrize(
    ("span", "width"),
    [(86_400, 120), (86_460, 120), (86_461, 600), (604_800, 600), (604_860, 600), (604_861, 3600)],
)
def test_resolution_of_a_day_and_a_week(weekly: tuple[World, int], span: int, width: int) -> None:
    """Also if the range ends a minute after now. A burst of one sample is visible in its bucket."""
    world, server_id = weekly
    end = NOW + timedelta(seconds=span % 100)
    data = series(world, server_id, metrics="cpu", start=written(end - timedelta(seconds=span)), end=written(end))
    found = data.json()["data"]
    assert width == found["resolution"]
    assert {0} == {at % width for at in found["time"]}
    assert 100 == max(found["cpu"]["max"])
    assert 60 > max(found["cpu"]["avg"])


def test_a_metric_that_was_never_measured_is_empty(charted: tuple[World, int]) -> None:
    world, server_id = charted
    assert [None] * 10 == series(world, server_id, metrics="load1").json()["data"]["load1"]["avg"]


def test_an_empty_range(charted: tuple[World, int]) -> None:
    world, server_id = charted
    data = series(world, server_id, start="2029-01-01 00:00:00", end="2029-02-01 00:00:00").json()["data"]
    assert ([], [], []) == (data["time"], data["cpu"]["avg"], data["coverage"])


@pytest.fixture(scope="module")
def calm_server_id(calm_world: World) -> int:
    return calm_world.server("192.0.2.1")


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"points": 0}, "points"),
        ({"points": 20_001}, "points"),
        ({"points": "many"}, "points"),
        ({"metrics": ""}, "metrics"),
        ({"metrics": ","}, "metrics"),
        ({"metrics": "CPU"}, "metrics"),
        ({"metrics": "a b"}, "metrics"),
        ({"metrics": "x" * 65}, "metrics"),
        ({"metrics": ",".join(f"m{number}" for number in range(21))}, "metrics"),
        ({"start": "2030-01-01 11:00:00", "end": "2030-01-01 11:00:00"}, "start"),
        ({"start": "2031-01-01 11:00:00"}, "start"),
    ],
    ids=range(11),
)
def test_wrong_parameters_are_a_400(calm_world: World, calm_server_id: int, params: Any, field: str) -> None:
    answer = series(calm_world, calm_server_id, **params)
    assert (400, [field]) == (answer.status_code, list(answer.json()["data"]["fields"]))


def test_a_range_of_all_years_is_answered(charted: tuple[World, int]) -> None:
    world, server_id = charted
    data = series(world, server_id, start="0001-01-01 00:00:00", end="9999-12-31 23:59:59", points=5).json()["data"]
    assert 1 <= len(data["time"]) <= 5
