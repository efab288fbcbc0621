"""Processes that know all nodes by DB_HOST, without HAProxy: what is written goes to the first that can write."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from http.client import HTTPException
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from tests.integration.agent.running import agent
from tests.integration.alerts import scene
from tests.integration.alerts.evidence import evidence
from tests.integration.alerts.reporters import Reporter, Reporters, reporting
from tests.integration.cli.client import Client
from tests.integration.cli.running import Process, server, wait_for
from tests.integration.cluster.conftest import Database
from tests.integration.galera import GaleraNode

pytestmark = pytest.mark.nightly

HOSTS = 12
LONGEST_GAP = 15.0
"""Seconds without a stored report: the cluster itself needs six until it goes on without a node."""
RETURN = 30.0
"""Seconds within which a node that can write again is used again."""
SECRET = "the same for all processes, as it should be"


def settings(database: Database) -> dict[str, str]:
    hosts = ",".join(f"127.0.0.1:{node.port}" for node in database.galera.nodes)
    return {"DB_HOST": hosts, "DB_USER": "root", "DATABASE": database.name, "JWT_SECRET_KEY": SECRET}


@contextmanager
def serving(home: Path, database: Database, count: int) -> Iterator[list[Process]]:
    with ExitStack() as stack:
        processes = []
        for number in range(count):
            (own := home / str(number)).mkdir()
            processes.append(stack.enter_context(server(own, **settings(database))))
        yield processes
        for running in processes:
            assert "Traceback" not in running.said


def readiness(running: Process) -> tuple[int, dict[str, Any]]:
    with suppress(OSError, HTTPException), Client(running.port, timeout=30) as client:
        answer = client.get("/readyz")
        return answer.status, answer.body
    return 0, {}


def uses(node: GaleraNode, processes: list[Process]) -> bool:
    """Whether all write to it."""
    wanted = {"host": f"127.0.0.1:{node.port}", "can_write": True}
    return all(readiness(running)[0] == 200 and readiness(running)[1]["store"] == wanted for running in processes)


def wait_for_more(reporters: Reporters, ticks: int) -> float:
    """Return the seconds that it took."""
    began, enough = time.monotonic(), reporters.ticks + ticks
    wait_for(lambda: reporters.ticks >= enough, "further reports")
    return time.monotonic() - began


def part(node: GaleraNode) -> None:
    """It goes on without the others, and lets clients log in."""
    node.execute("SET GLOBAL wsrep_cluster_address = ''")


def join(node: GaleraNode) -> None:
    group = ",".join(f"127.0.0.1:{peer.group_port}" for peer in node.peers)
    node.execute(f"SET GLOBAL wsrep_cluster_address = 'gcomm://{group}'")


@pytest.mark.parametrize(
    ("hurt", "heal"),
    [
        pytest.param(GaleraNode.kill, GaleraNode.start, id="killed"),
        pytest.param(GaleraNode.pause, GaleraNode.resume, id="halted"),
        pytest.param(part, join, id="parted"),
    ],
)
def test_nothing_is_lost_when_the_first_node_fails_and_returns(
    tmp_path: Path, ready: Database, hurt: Callable[[GaleraNode], None], heal: Callable[[GaleraNode], None]
):
    first, second, _ = ready.galera.nodes
    with serving(tmp_path, ready, 2) as processes:
        assert uses(first, processes)
        with processes[0].admin() as admin:
            hosts, key = scene.hosts(admin, HOSTS, []), scene.fleet_key(admin)
        wait_for(lambda: all(knows(running, key) for running in processes), "both to know the hosts")
        agents = [Reporter(running.port, key, hosts[n::2], ticks=10_000) for n, running in enumerate(processes)]
        with reporting(agents) as reporters:
            wait_for_more(reporters, 50)
            hurt(first)
            assert wait_for_more(reporters, 2 * len(agents)) < LONGEST_GAP
            wait_for(lambda: uses(second, processes), "the second node to be used")
            wait_for_more(reporters, 50)
            before = named_epochs(processes)
            heal(first)
            ready.galera.heal()
            wait_for(lambda: uses(first, processes), "the first node to be used again", deadline=RETURN)
            wait_for_more(reporters, 50)
            reporters.finish()
        assert [] == reporters.unexpected
        wait_for(lambda: min(epochs(processes)) >= 2, "both to have noticed both moves")
        wait_for(lambda: len(now := named_epochs(processes)) == len(now - before) == 1, "one new epoch")
        # Two as a rule. More where a process moved once more on a busy machine, or met the node while it was parted.
        moves = [line for running in processes for line in running.said.splitlines() if "database is used at" in line]
        assert max(epochs(processes)) <= len(moves), (epochs(processes), moves)
        for url in ready.urls:
            with evidence(url) as found:
                found.check_samples(reporters.acknowledged, reporters.sent)


def test_while_no_node_can_write_all_is_refused_and_an_agent_loses_nothing(tmp_path: Path, ready: Database):
    _, second, third = ready.galera.nodes
    with serving(tmp_path, ready, 1) as [running]:
        with running.admin() as admin:
            [host], key = scene.hosts(admin, 1, []), scene.fleet_key(admin)
        wait_for(lambda: knows(running, key), "the host to be known")
        spool = tmp_path / "agent"
        spool.mkdir()
        with agent(spool, API_URL=running.origin, API_KEY=key, INTERVAL="1", AGENT_IP=host.ip_address):
            wait_for(lambda: len(times(ready)) >= 5, "the first samples")
            second.pause()
            third.pause()
            try:
                wait_for(lambda: readiness(running)[0] == 503, "the lost quorum to be noticed")
            finally:
                ready.galera.heal()
            healed = datetime.now(UTC).replace(tzinfo=None)
            wait_for(lambda: readiness(running)[0] == 200, "a node that can write")
            wait_for(lambda: times(ready)[-1] > healed, "the newest sample")
            wait_for(lambda: longest_gap(uptimes(ready)) < 1.6, "all samples of the outage")
            assert len(set(times(ready))) == len(times(ready))


def times(database: Database) -> list[datetime]:
    """Of all samples, sorted."""
    with evidence(database.urls[0]) as found:
        return sorted(datetime.fromisoformat(str(at)) for (at,) in found.rows("SELECT recorded_at FROM monitor_data"))


def uptimes(database: Database) -> list[float]:
    """Of the machine, in seconds, one for each sample, sorted: the clock may be set while the test runs."""
    with evidence(database.urls[0]) as found:
        return sorted(json.loads(extra)["uptime"] for (extra,) in found.rows("SELECT extra FROM monitor_data"))


def longest_gap(moments: list[float]) -> float:
    return max(later - earlier for earlier, later in pairwise(moments))


def epochs(processes: list[Process]) -> list[float]:
    """How many each has seen begin."""
    found = []
    for running in processes:
        with urlopen(f"{running.origin}/metrics", timeout=10) as answer:  # noqa: S310 (a server of this test)
            text = answer.read().decode()
        found.append(float(text.split("\nmonitor_store_epochs_total ")[1].split()[0]))
    return found


def named_epochs(processes: list[Process]) -> set[str]:
    """The epoch that each acknowledges with."""
    with processes[0].admin() as admin:
        return {row["store"]["epoch"] for row in admin.get("/api/cluster").data}


def knows(running: Process, key: str) -> bool:
    with Client(running.port, key=key) as client:
        return client.post("/api/monitor/data", {}).status == 400
