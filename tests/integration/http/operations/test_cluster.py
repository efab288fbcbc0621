"""GET /api/cluster: each process as it last reported, with the work that it alone does."""

from datetime import timedelta

from monitor.adapters.http.operations.cluster import ServingProcessOut
from monitor.application.alerts.maintenance import AlertMaintenance
from monitor.application.history.sealing import SealHistory
from monitor.application.intake.epochs import CurrentEpoch
from monitor.application.operations.processes import WatchProcesses
from monitor.application.operations.reporting import ReportProcess
from tests.integration.http.conftest import NewWorld
from tests.integration.http.world import Json, World


def rows(world: World) -> list[Json]:
    answer = world.send("GET", "/api/cluster", world.admin)
    assert 200 == answer.status_code
    found: list[Json] = answer.json()["data"]
    return found


def test_a_process_is_shown_as_it_reports(any_world: World) -> None:
    world = any_world
    assert [] == rows(world)
    world.container.get(AlertMaintenance)()
    world.container.get(WatchProcesses)()
    world.container.get(ReportProcess)()
    [row] = rows(world)
    assert set(ServingProcessOut.__struct_fields__) == set(row)
    assert world.container.shared.holder() == row["process"]
    assert "2030-01-01 12:00:00" == row["started_at"] == row["last_seen_at"]
    assert ["serve", "alert_maintenance"] == row["roles"]
    assert row["host"]
    assert row["version"]
    assert row["store"]["can_write"]
    assert row["store"]["nodes"] is None
    assert world.container.get(CurrentEpoch).text == row["store"]["epoch"]
    assert {"place": "database", "sealed_until": None, "answers": True} == row["history"]


def test_the_history_tells_how_far_it_is_sealed(any_world: World) -> None:
    world = any_world
    world.report(world.server_key(world.server("192.0.2.1")))
    world.clock.advance(timedelta(hours=2))
    for _ in world.container.get(SealHistory)(world.clock.now()):
        pass
    world.admin = world.log_in("admin")
    world.container.get(WatchProcesses)()
    world.container.get(ReportProcess)()
    assert "2030-01-01 13:00:00" == rows(world)[0]["history"]["sealed_until"]


def test_a_process_of_an_older_version_is_there_too(world: World) -> None:
    with world.container.uow() as uow:
        uow.heartbeats.beat("an older one")
        uow.commit()
    [row] = rows(world)
    assert ("an older one", ["serve"]) == (row.pop("process"), row.pop("roles"))
    assert {None} == set(row.values())


def test_a_process_that_stops_in_order_is_gone(new_world: NewWorld) -> None:
    world = new_world()
    world.container.get(WatchProcesses)()
    world.container.get(ReportProcess)()
    world.container.get(WatchProcesses).leave()
    assert [] == rows(world)
