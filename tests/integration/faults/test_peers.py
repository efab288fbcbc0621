"""Two real serving processes on one database show the same."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.integration.alerts import scene
from tests.integration.alerts.evidence import evidence
from tests.integration.alerts.reporters import Host
from tests.integration.cli.client import Client
from tests.integration.cli.running import Process, server, wait_for
from tests.integration.faults.live_stream import LiveStream

pytestmark = pytest.mark.nightly

SETTINGS = {"JWT_SECRET_KEY": "the same for both processes, as it should be"}
PROCESSES = "SELECT DISTINCT process FROM peer_updates"


class Pair:
    """*a* and *b*, an administrator at each, and a host whose key both know."""

    def __init__(self, a: Process, b: Process, at_a: Client, at_b: Client) -> None:
        self.a, self.b, self.at_a, self.at_b = a, b, at_a, at_b
        self.key = scene.fleet_key(at_a)
        (self.host,) = scene.hosts(at_a, 1, [])
        wait_for(lambda: at_b.get("/api/monitor/stats").data["total_servers"], "the other to know the host")

    def report(self, to: Process, cpu: float, **more: Any) -> None:
        scene.report(to.port, self.key, cpu, ip_address=self.host.ip_address, **more)


@contextmanager
def pair(home: Path, url: str) -> Iterator[Pair]:
    with ExitStack() as stack:
        homes = [home / name for name in ("a", "b")]
        for each in homes:
            each.mkdir()
        a, b = (stack.enter_context(server(each, url, **SETTINGS)) for each in homes)
        clients = [stack.enter_context(each.admin()) for each in (a, b)]
        yield Pair(a, b, *clients)
        assert "Traceback" not in a.said + b.said


def newest(client: Client) -> dict[str, Any]:
    """As `stats` shows it."""
    shown = client.get("/api/monitor/stats").data["latest_data"]
    return dict(shown[0]) if shown else {}


def shows(client: Client, host: Host, cpu: float) -> bool:
    of_list = client.get(f"/api/servers/{host.id}").data
    return newest(client).get("cpu_value") == cpu and of_list["status"] == "online"


def fire(client: Client, count: int) -> bool:
    found: int = client.get("/api/monitor/stats").data["alert_count"]
    return found == count


def test_both_show_the_samples_of_either(tmp_path: Path, database_url: str):
    """In statistics, lists and live streams; in turn, as behind a load balancer."""
    with pair(tmp_path, database_url) as two, LiveStream(two.b.port, two.at_b) as stream:
        began = stream.samples
        for number, to in enumerate((two.a, two.b, two.a, two.a, two.b)):
            cpu = 20.0 + number
            two.report(to, cpu)
            for client in (two.at_a, two.at_b):
                wait_for(partial(shows, client, two.host, cpu), f"sample {number} in both")
        wait_for(lambda: stream.samples > began, "the live stream to tell of a sample")
        assert two.at_a.get("/api/monitor/stats").data == two.at_b.get("/api/monitor/stats").data


def test_a_process_without_samples_shows_firing_alerts(tmp_path: Path, database_url: str):
    with pair(tmp_path, database_url) as two:
        scene.quick_policies(two.at_a)
        for cpu, firing in ((99.0, 1), (1.0, 0)):
            two.report(two.a, cpu)
            wait_for(partial(fire, two.at_b, firing), f"{firing} to fire")


def goes_on_alone(home: Path, url: str, end: Callable[[Process], object]) -> None:
    """After the *end* of one, the other shows what that one had stored, and removes its peer updates."""
    with pair(home, url) as two, evidence(url) as found:
        wait_for(lambda: len(found.rows(PROCESSES)) == 2, "both to tell")
        two.report(two.a, 33.0)
        end(two.a)
        wait_for(lambda: shows(two.at_b, two.host, 33.0), "the last sample of the other", deadline=60)
        wait_for(lambda: len(found.rows(PROCESSES)) == 1, "nothing to be left of the other", deadline=60)
        two.report(two.b, 34.0)
        assert shows(two.at_b, two.host, 34.0)


def test_one_is_killed(tmp_path: Path, mariadb_url: str):
    goes_on_alone(tmp_path, mariadb_url, Process.kill)


def test_one_is_stopped(tmp_path: Path, sqlite_url: str):
    goes_on_alone(tmp_path, sqlite_url, Process.stop)
