"""A hundred agents come back after a day: their own spools, deliveries and connections, on a clock of their own."""

import json
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.adapters.agent.uplink.backlog import Backlog
from monitor.adapters.agent.uplink.client import Client as AgentClient
from monitor.adapters.agent.uplink.client import Delivery
from monitor.adapters.agent.uplink.outcomes import SendResult
from monitor.adapters.agent.uplink.spool import Spool
from monitor.adapters.agent.uplink.target import parse_url
from tests.integration.cli.client import Client
from tests.integration.cli.running import server
from tests.unit.adapters.agent.uplink.world import World

AGENTS = 100
AT_ONCE = 8
A_DAY = 240
"""Samples of a whole day, one every six minutes."""
SPACING = timedelta(minutes=6)
INTERVAL = 15.0
WATCHED = 60.0


class Host(World):
    """A host, followed for a minute from the start of its agent, which has a day in the spool."""

    def __init__(self, send: Callable[[Delivery], SendResult], now: datetime, folder: Path, number: int) -> None:
        self._now = now
        said: list[str] = []
        spool = Spool(str(folder / f"{number}.spool"), said.append)
        self.waited = [self._record(now - n * SPACING) for n in range(A_DAY, 0, -1)]
        for record in self.waited:
            spool.append(record)
        luck = random.Random(number).random  # noqa: S311 (a repeatable test)
        backlog = Backlog(spool, said.append)
        super().__init__(
            lambda _now, delivery: (send(delivery), 0.1), until=WATCHED, interval=INTERVAL, luck=luck, backlog=backlog
        )
        backlog.close()

    @property
    def times(self) -> list[str]:
        """Of all that it measured."""
        return sorted(json.loads(record)["recorded_at"] for record in (*self.waited, *(r for _, r in self.taken)))

    def _take(self) -> bytes:
        record = self._record(self._now + timedelta(seconds=self.now))
        self.taken.append((self.now, record))
        return record

    def _record(self, at: datetime) -> bytes:
        metrics = {"cpu_value": at.minute, "memory_value": 50, "disk_value": 50}
        return json.dumps({"recorded_at": at.strftime("%Y-%m-%d %H:%M:%S"), "metrics": metrics}).encode()


@pytest.mark.parametrize("database_url", ["sqlite", pytest.param("mariadb", marks=pytest.mark.nightly)], indirect=True)
def test_every_sample_is_stored_once_and_live_samples_come_first(tmp_path: Path, database_url: str) -> None:
    now = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=WATCHED)
    with server(tmp_path, database_url) as running, running.admin() as admin:
        ids, key = registered(admin)

        def watched(number: int) -> Host:
            client = AgentClient(parse_url(running.origin), key, ip=address(number))
            host = Host(client.send, now, tmp_path, number)
            client.close()
            return host

        with ThreadPoolExecutor(AT_ONCE) as pool:
            hosts = list(pool.map(watched, range(AGENTS)))
        for number, host in enumerate(hosts):
            check(host)
            rows = admin.pages(f"/api/monitor/data?server_id={ids[number]}&limit=1000")
            assert host.times == sorted(row["recorded_at"] for row in rows)
        assert "Traceback" not in running.said


def check(host: Host) -> None:
    """The first sample goes out alone and at once, each later one too but for the answer to a batch; then the day,
    oldest first, not faster than it may."""
    assert [len(delivery.records) for _, delivery in host.attempts[:2]] == [1, 200]
    live = [(at, delivery.records[0]) for at, delivery in host.attempts if not delivery.batch]
    assert [record for _, record in live] == [record for _, record in host.taken]
    assert max(at - taken for (at, _), (taken, _) in zip(live, host.taken, strict=True)) <= 0.1
    batches = [(at, delivery.records) for at, delivery in host.attempts if delivery.batch]
    assert [record for _, records in batches for record in records] == host.waited
    assert batches[1][0] - batches[0][0] >= 2.5
    assert len(host.backlog) == 0


def address(number: int) -> str:
    return f"10.0.0.{number + 1}"


def registered(admin: Client) -> tuple[list[int], str]:
    """The servers' ids, and a fleet's key."""
    made = [admin.post("/api/servers", {"server_name": f"host {n}", "ip_address": address(n)}) for n in range(AGENTS)]
    return [each.data["id"] for each in made], admin.post("/api/api-keys", {"name": "fleet", "server_id": None}).data[
        "key"
    ]
