"""A server is lost and restored from a backup on the other kind of database: a real agent closes the gap."""

from pathlib import Path

import pytest

from tests.integration.agent.running import agent
from tests.integration.cli.running import run, server, wait_for
from tests.integration.faults.test_lost_commits import stored
from tests.integration.mariadb import MariaDb

pytestmark = pytest.mark.nightly


@pytest.mark.parametrize(
    ("kinds", "durable_after", "lost"),
    [("sqlite to mariadb", "", 15), ("mariadb to sqlite", "86400", 150)],
    ids=["by default", "for a day"],
)
def test_what_agents_still_hold_is_sent_again_after_a_restore(
    tmp_path: Path, mariadb: MariaDb, kinds: str, durable_after: str, lost: int
):
    """Nothing that was acknowledged after the backup is missing in the end, and nothing is there twice."""
    file, at_server = f"sqlite:///{tmp_path}/data/monitor.db", mariadb.url(mariadb.create_database())
    first, second = (file, at_server) if kinds.startswith("sqlite") else (at_server, file)
    with server(tmp_path, "" if first == file else first, MONITOR_DURABLE_AFTER=durable_after) as running:
        with running.admin() as admin:
            made = admin.post("/api/servers", {"server_name": "host", "ip_address": "10.0.0.1"}).data
            key = admin.post("/api/api-keys", {"name": "agent", "server_id": made["id"]}).data["key"]
        with agent(running.home, API_URL=running.origin, API_KEY=key, INTERVAL="1") as host:
            wait_for(lambda: len(stored(first)) >= 5, "the first samples")
            here = {"MONITOR_DATA_DIR": str(running.data), "DATABASE_URL": first}
            taken = run(tmp_path, "backup", "a.backup", settings=here)
            assert 0 == taken.returncode, taken.stderr
            enough = len(stored(first)) + lost
            wait_for(lambda: len(stored(first)) >= enough, "the samples to lose", deadline=60 + 2 * lost)
            running.kill()
            acknowledged = set(stored(first))
            restored = run(tmp_path, "restore", "a.backup", settings=here | {"DATABASE_URL": second})
            assert 0 == restored.returncode, restored.stderr
            assert restored.stdout.splitlines()[-1].startswith("1 servers, 1 users, last sample ")
            assert len(acknowledged - set(stored(second))) >= lost
            running.settings["DATABASE_URL"] = second
            running.start()
            wait_for(lambda: acknowledged <= set(stored(second)), "what was lost")
            assert any("samples are sent again" in line for line in host.said)
        times = stored(second)
        assert len(set(times)) == len(times)
        assert "Traceback" not in running.said
