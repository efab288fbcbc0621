"""A serving process that moves history into a real VictoriaMetrics, which then goes away, hangs, and comes back."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.integration.cli.client import Client
from tests.integration.cli.running import PASSWORD, run, server, wait_for
from tests.integration.cli.test_history_move import END, simulate, victoria
from tests.integration.victoria import Victoria

pytestmark = pytest.mark.nightly

__all__ = ["victoria"]

SAMPLE = {"metrics": {"cpu_value": 1, "memory_value": 2, "disk_value": 3}}


def old_chart(admin: Client, server_id: int = 1) -> Any:
    start, end = (quote(f"{END - timedelta(hours=back):%Y-%m-%d %H:%M:%S}") for back in (30, 0))
    return admin.get(f"/api/servers/{server_id}/series?metrics=cpu,disk&start={start}&end={end}&points=300")


def test_an_outage_costs_old_charts_only(tmp_path: Path, victoria: Victoria) -> None:
    settings = {"MONITOR_DATA_DIR": str(tmp_path / "data"), "MONITOR_ADMIN_PASSWORD": PASSWORD}
    simulate(tmp_path, settings, servers=2, days=1.5)
    run(tmp_path, "history", "seal", settings=settings)
    with server(tmp_path) as running, running.admin() as admin:
        before = old_chart(admin).data
        running.stop()
    with server(tmp_path, HISTORY_URL=victoria.url) as running, running.admin() as admin:

        def has_moved() -> bool:
            said = run(tmp_path, "history", "status", settings=settings | {"HISTORY_URL": victoria.url}).stdout
            return f"lie at {victoria.url}" in said and "to be moved" not in said

        wait_for(has_moved, "history to move")
        assert old_chart(admin).data == before
        wait_for(lambda: history_state(admin) is not None, "a report")
        assert (victoria.url, True) == (history_state(admin)["place"], history_state(admin)["answers"])
        created = admin.post("/api/servers", {"server_name": "new", "ip_address": "127.0.0.1"}).data
        key = admin.post("/api/api-keys", {"name": "agent", "server_id": created["id"]}).data

        for away, back in ((victoria.stop, victoria.start), (victoria.hang, victoria.go_on)):
            away()
            with running.client(key["key"]) as agent:
                stored = agent.post("/api/monitor/data", SAMPLE)
                assert stored.status == 200, stored.body
            missed = old_chart(admin)
            wait_for(lambda: not history_state(admin)["answers"], "a report of the outage")
            assert (missed.status, missed.reason) == (503, "history_unavailable")
            recent = admin.get(f"/api/servers/{created['id']}/series?metrics=cpu")
            assert set(recent.data["cpu"]["avg"]) == {1}
            back()
            wait_for(lambda: old_chart(admin).status == 200, "the history to come back")
            assert old_chart(admin).data == before


def history_state(admin: Client) -> Any:
    (process,) = admin.get("/api/cluster").data
    return process["history"]
