"""History that is old enough to lie in VictoriaMetrics, and what its outage costs."""

import time
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from tests.integration.cli.client import Answer, Client
from tests.integration.cli.running import PASSWORD, run, wait_for
from tests.integration.cluster.harms import BetweenHurtAndHealed
from tests.integration.cluster.whole import Whole

MOVED_BEFORE = 3
"""Days ago was the hour that is there from the beginning."""
SAMPLES = 60
"""Of each host in an hour that is added."""
MOVED_WITHIN = 150.0
"""Seconds: a pass begins each minute, and proves after 20 s more that VictoriaMetrics has what it was given."""


class OldHistory:
    """Of hosts by *keys* (of each server), with whole hours that end some days ago."""

    def __init__(self, cluster: Whole, keys: dict[int, str]) -> None:
        self._cluster, self._keys = cluster, keys
        self._now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)

    def add(self, days: int) -> None:
        """Send an hour of samples that ended *days* ago, three at least, and seal it."""
        first = self._now - timedelta(days=days, hours=1)
        samples = [
            {
                "recorded_at": f"{first + n * timedelta(minutes=1):%Y-%m-%d %H:%M:%S}",
                "metrics": {"cpu_value": n, "memory_value": 2, "disk_value": 3},
            }
            for n in range(SAMPLES)
        ]
        for key in self._keys.values():
            with Client(self._cluster.port, key=key) as agent:
                results = agent.post("/api/monitor/data/batch", {"samples": samples}).data["results"]
            assert {"stored"} == {result["status"] for result in results}
        process = self._cluster.processes[0]
        settings = {**process.settings, "MONITOR_DATA_DIR": str(process.data)}
        done = run(process.home, "history", "seal", settings=settings)
        assert done.returncode == 0, done.stdout + done.stderr

    def wait_until_moved(self, hours: int) -> None:
        """Until VictoriaMetrics holds that many hours of each host, and the database none."""
        wanted = (0, hours * len(self._keys))
        wait_for(lambda: self.counts() == wanted, f"{wanted[1]} blocks in VictoriaMetrics", MOVED_WITHIN)

    def counts(self) -> tuple[int, int]:
        """How many sealed hours lie in the database, and how many in VictoriaMetrics."""
        statement = "SELECT archived, count(*) FROM history_chunks GROUP BY archived"
        found = dict(self._cluster.galera.nodes[0].rows(statement, self._cluster.database))
        return found.get(0, 0), found.get(1, 0)

    def chart(self, admin: Client, days: int) -> Answer:
        """Of that hour, of the first host."""
        end = self._now - timedelta(days=days)
        start, until = (quote(f"{at:%Y-%m-%d %H:%M:%S}") for at in (end - timedelta(hours=1), end))
        server_id = next(iter(self._keys))
        return admin.get(f"/api/servers/{server_id}/series?metrics=cpu&start={start}&end={until}&points=300")


def lose_victoria(
    cluster: Whole, number: int, while_hurt: BetweenHurtAndHealed, *, old: OldHistory, seconds: float
) -> None:
    """Take VictoriaMetrics away for *seconds*. Old charts are refused meanwhile, and an hour more waits to be moved.

    Its outage stops passes that begin each minute, all alike, and nothing else: hours are sealed as before.
    """
    old.wait_until_moved(1 + number)
    kept, added = MOVED_BEFORE + number, MOVED_BEFORE + 1 + number
    with Client(cluster.port) as admin:
        admin.log_in("admin", PASSWORD)
        before = old.chart(admin, kept).data
        assert before["cpu"]["avg"], "no chart"
        until = time.monotonic() + seconds
        cluster.victoria.stop(kill=True)
        missed = old.chart(admin, kept)
        assert (503, "history_unavailable") == (missed.status, missed.reason)
        old.add(added)
        while_hurt()
        time.sleep(max(0.0, until - time.monotonic()))
        admin.close()  # else nginx has closed it, after a minute without a request
        admin.log_in("admin", PASSWORD)
        cluster.victoria.start()
        wait_for(lambda: old.chart(admin, kept).status == 200, "the old chart")
        assert before == old.chart(admin, kept).data
