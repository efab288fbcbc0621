"""History in an archive that does not answer: only what lies there is missed."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from monitor.adapters.memory.store import MemoryStore
from monitor.application.history.archiving import ArchiveHistory
from monitor.application.history.sealing import SealHistory
from tests.fakes.archive import MemoryArchive
from tests.integration.http.world import World


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_an_outage_costs_old_charts_only(new_world: Callable[..., World], language: str) -> None:
    archive = MemoryArchive()
    world = new_world(MemoryStore(archive))
    server_id = world.server("192.0.2.1")
    key = world.server_key(server_id)
    now = world.clock.now()
    old = now - timedelta(days=40)  # longer than ranges look back
    for at in (old, now - timedelta(minutes=1)):
        world.report(key, f"{at:%Y-%m-%d %H:%M:%S}", cpu=7)
    list(world.container.get(SealHistory)(now - timedelta(days=2)))
    list(world.container.get(ArchiveHistory)(world.container.fleet.directory.preferences))
    assert archive.held
    archive.fails = True

    def series(start: timedelta) -> dict[str, str]:
        return {"start": f"{now - start:%Y-%m-%d %H:%M:%S}", "metrics": "cpu"}

    path = f"/api/servers/{server_id}/series"
    here = world.send("GET", path, world.admin, params=series(timedelta(days=1)))
    assert (here.status_code, here.json()["data"]["cpu"]["avg"]) == (200, [7])
    there = world.send(
        "GET", path, world.admin, params=series(timedelta(days=90)), headers={"Accept-Language": language}
    )
    assert (there.status_code, there.json()["data"]["reason"]) == (503, "history_unavailable")
    assert ("separate store" in there.json()["msg"]) == (language == "en")
    assert there.headers["Retry-After"] == "10"
    late = old + timedelta(seconds=15)
    world.report(key, f"{late:%Y-%m-%d %H:%M:%S}", cpu=8)  # intake goes on, of old samples too

    archive.fails = False
    list(world.container.get(SealHistory)(now - timedelta(days=2)))
    there = world.send("GET", path, world.admin, params=series(timedelta(days=90)))
    assert there.json()["data"]["cpu"]["max"] == [8, 7]
