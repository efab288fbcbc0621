"""Disks that fill up, from sealed history."""

from datetime import timedelta

import pytest

from monitor.application.history.filling import FillingDisks
from monitor.domain.history.filling import days_until_full, growth_per_day
from tests.unit.application.core import ROOT, Core

HOURS = 24 * 5


def history(core: Core, address: str, course, linked=()) -> int:
    """Store a server's (disk, /var) by hours ago."""
    server = core.server(address, linked)
    samples = []
    for ago in range(HOURS, -1, -1):
        disk, var = course(ago)
        samples.append(core.sample(server, -3600.0 * ago, disk=disk, extra={"disk:/var": var, "load1": ago / 7}))
    core.store_samples(samples)
    list(core.seal_history(core.clock.now() - timedelta(days=2)))
    return server.id


def found(core: Core, passes: int = 5) -> FillingDisks:
    disks = FillingDisks(core.store.queries, core.fleet, core.clock)
    for _ in range(passes):
        disks.step()
    return disks


def test_a_disk_that_rises_steadily_is_full_as_predicted() -> None:
    core = Core()
    server_id = history(core, "10.0.0.1", lambda ago: (50.0, round(90 - ago / 24, 2)))
    ((server, disk),) = found(core).listed(ROOT)
    assert (server.id, disk.metric, disk.value) == (server_id, "disk:/var", 90.0)
    assert disk.per_day == pytest.approx(1.0, rel=0.01)
    assert (disk.full_at - core.clock.now()) / timedelta(days=1) == pytest.approx(10, rel=0.01)


def test_a_file_system_equal_to_the_disk_is_listed_once() -> None:
    core = Core()
    history(core, "10.0.0.1", lambda ago: (round(90 - ago / 24, 2), round(90 - ago / 24, 2)))
    assert ["disk:/var"] == [disk.metric for _, disk in found(core).listed(ROOT)]


def test_the_first_full_comes_first_and_only_visible_servers() -> None:
    core = Core()
    ann = core.user("ann")
    slow = history(core, "10.0.0.1", lambda ago: (round(50 - ago / 24, 2), 10.0), [ann])
    fast = history(core, "10.0.0.2", lambda ago: (round(90 - ago / 24, 2), 10.0))
    disks = found(core)
    assert [server.id for server, _ in disks.listed(ROOT)] == [fast, slow]
    assert [server.id for server, _ in disks.listed(ROOT, within=14)] == [fast]
    assert [server.id for server, _ in disks.listed(ann)] == [slow]


@pytest.mark.parametrize(
    ("sort", "places"),
    [("full", "bca"), ("-full", "acb"), ("name", "abc"), ("-name", "cba"), ("value", "acb"), ("-rate", "bca")],
)
def test_they_are_sorted_by_each_column(sort: str, places: str) -> None:
    core = Core()
    rises = {"a": (50, 1.0), "b": (90, 2.0), "c": (80, 1.5)}
    named = {}
    for place, (name, (now, rate)) in enumerate(rises.items(), 1):
        server_id = history(core, f"10.0.0.{place}", lambda ago, now=now, rate=rate: (now - rate * ago / 24, 10.0))
        named[server_id] = name
    assert places == "".join(named[server.id] for server, _ in found(core).listed(ROOT, sort=sort))


@pytest.mark.parametrize(
    "course",
    [lambda ago: 50.0, lambda ago: 90 - (HOURS - ago) / 24, lambda ago: 60 + ago % 24, lambda ago: 20 - ago / 240],
    ids=["still", "falling", "up and down", "full in years"],
)
def test_others_are_not_listed(course) -> None:
    core = Core()
    history(core, "10.0.0.1", lambda ago: (round(course(ago), 2), 10.0))
    assert found(core).listed(ROOT) == []


def test_a_deleted_server_is_removed() -> None:
    core = Core()
    history(core, "10.0.0.1", lambda ago: (round(90 - ago / 24, 2), 10.0))
    disks = found(core)
    core.delete_server(ROOT, next(iter(core.fleet.directory.servers)))
    core.fleet.refresh()
    assert disks.listed(ROOT) == []


def test_a_forecast_needs_a_day_and_reaches_90_days() -> None:
    line = [(hour / 24, 50 + hour / 24) for hour in range(24)]
    assert growth_per_day(line) == pytest.approx(1)
    assert growth_per_day(line[1:]) is None
    assert growth_per_day([(1.0, 5.0)] * 30) is None
    assert [days_until_full(value, 1.0) for value in (100.0, 99.0, 10.0, 9.9)] == [0.0, 1.0, 90.0, None]
