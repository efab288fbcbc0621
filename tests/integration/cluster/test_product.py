"""The whole product on a cluster: through HAProxy, and through a node for each process."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from tests.integration.alerts import scene
from tests.integration.alerts.evidence import evidence
from tests.integration.alerts.mail_server import MailServer, mail_server
from tests.integration.alerts.reporters import PERIOD, Host, Reporter, Reporters, reporting
from tests.integration.cli.client import Client
from tests.integration.cli.running import Process, server, wait_for
from tests.integration.cluster.conftest import Database

pytestmark = pytest.mark.nightly

HOSTS = 24
KILLS = 2
TEAM = "team@example.com"
SETTINGS = {
    "MONITOR_BASE_URL": "https://monitor.example.com",
    "JWT_SECRET_KEY": "the same for all processes, as it should be",
}


@contextmanager
def serving(home: Path, name: str, url: str, mails: MailServer) -> Iterator[Process]:
    (own := home / name).mkdir()
    with server(own, url, **SETTINGS, **mails.settings) as running:
        yield running


def set_up(admin: Client) -> tuple[str, list[Host]]:
    """Three recipients of each alert."""
    scene.settings(admin, digest_wait=1)
    scene.quick_policies(admin)
    assert admin.post("/api/channels", {"name": TEAM, "kind": "email", "settings": {"address": TEAM}}).data
    hosts = scene.hosts(admin, HOSTS, [scene.person(admin, "ann"), scene.person(admin, "bob")])
    return scene.fleet_key(admin), hosts


def knows(running: Process, key: str) -> bool:
    """And so all that was made before the key."""
    with Client(running.port, key=key) as agent:
        return agent.post("/api/monitor/data", {}).status == 400


def knows_servers(admin: Client, count: int) -> bool:
    return bool(admin.get("/api/monitor/stats").data["total_servers"] == count)


def check(database: Database, mails: MailServer, reporters: Reporters) -> None:
    """On every node: nothing acknowledged is missing or twice there, and every event was announced."""
    assert [] == reporters.unexpected
    with evidence(database.url) as found:
        found.end_leases()  # of what was claimed for a mail when its database was lost
    for url in database.urls:
        with evidence(url) as found:
            found.wait_until_all_is_sent()
            found.check_whole(recipients=3)
            found.check_notified(mails.mails)
            found.check_samples(reporters.acknowledged, reporters.sent)


def wait_for_more(reporters: Reporters, ticks: int) -> None:
    enough = reporters.ticks + ticks
    wait_for(lambda: reporters.ticks >= enough, "further reports")


def test_two_processes_each_with_a_node_of_its_own(tmp_path: Path, ready: Database):
    """Half of the hosts report to either."""
    with (
        mail_server() as mails,
        serving(tmp_path, "first", ready.urls[0], mails) as first,
        serving(tmp_path, "second", ready.urls[1], mails) as second,
    ):
        with first.admin() as admin:
            key, hosts = set_up(admin)
        wait_for(lambda: knows(second, key), "the second to know the key and the hosts")
        halves = [(first, hosts[::2]), (second, hosts[1::2])]
        agents = [Reporter(running.port, key, half, ticks=PERIOD + 40) for running, half in halves]
        with reporting(agents) as reporters:
            wait_for(lambda: reporters.are_done, "the last report", deadline=120)
        check(ready, mails, reporters)
        sent = [(mail.recipient, mail.id) for mail in mails.mails]
        assert len(set(sent)) == len(sent)
    assert "Traceback" not in first.said + second.said


def test_the_database_node_that_is_written_dies_again_and_again(tmp_path: Path, ready: Database):
    """Two processes behind HAProxy; agents see 503 for some seconds, and nothing is lost or doubled."""
    with (
        mail_server() as mails,
        serving(tmp_path, "first", ready.url, mails) as first,
        serving(tmp_path, "second", ready.url, mails) as second,
    ):
        with first.admin() as admin:
            key, hosts = set_up(admin)
        wait_for(lambda: knows(second, key), "the second to know the key and the hosts")
        halves = [(first, hosts[::2]), (second, hosts[1::2])]
        agents = [Reporter(running.port, key, half, ticks=20 * PERIOD) for running, half in halves]
        with reporting(agents) as reporters:
            for _ in range(KILLS):
                wait_for_more(reporters, PERIOD // 2)
                written = next(node for node in ready.galera.nodes if node.name == ready.balancer.active)
                written.kill()
                wait_for_more(reporters, PERIOD // 2)
                ready.galera.heal()
            wait_for_more(reporters, 2 * PERIOD)
            reporters.finish()
        check(ready, mails, reporters)
    assert "Traceback" not in first.said + second.said


def test_without_a_quorum_all_is_refused_and_nothing_lost(tmp_path: Path, ready: Database):
    """A process that is connected to the node that is left over."""
    first, second, third = ready.galera.nodes
    with (
        mail_server() as mails,
        serving(tmp_path, "only", ready.urls[0], mails) as running,
    ):
        with running.admin() as admin:
            key, hosts = set_up(admin)
            with reporting([Reporter(running.port, key, hosts, ticks=PERIOD + 40)]) as reporters:
                wait_for(lambda: reporters.ticks >= PERIOD // 2, "some reports")
                second.pause()
                third.pause()
                wait_for(lambda: first.status().get("wsrep_ready") == "OFF", "the lost quorum")
                answer = admin.post("/api/servers", {"server_name": "more", "ip_address": "10.9.9.9"})
                assert (503, "storage_unavailable") == (answer.status, answer.reason)
                ready.galera.heal()
                wait_for(lambda: reporters.are_done, "the last report", deadline=120)
        check(ready, mails, reporters)
    assert "Traceback" not in running.said


def count(admin: Client) -> int:
    """Of the servers that the process knows."""
    return int(admin.get("/api/monitor/stats").data["total_servers"])


def test_processes_that_change_the_fleet_at_once_refuse_nothing(tmp_path: Path, ready: Database):
    """Each change raises the same number, so that those through different nodes conflict."""
    with (
        mail_server() as mails,
        serving(tmp_path, "first", ready.urls[0], mails) as first,
        serving(tmp_path, "second", ready.urls[1], mails) as second,
        first.admin() as one,
        second.admin() as other,
    ):

        def make(admin: Client, network: int) -> list[int]:
            bodies = [{"server_name": f"host-{n}", "ip_address": f"10.{network}.0.{n}"} for n in range(1, 51)]
            return [admin.post("/api/servers", body).status for body in bodies]

        with ThreadPoolExecutor() as pool:
            statuses = list(pool.map(make, (one, other), (1, 2)))
        assert [[200] * 50] * 2 == statuses
        for running in (first, second):
            with running.admin() as admin:
                wait_for(partial(knows_servers, admin, 100), "all servers")
    assert "Traceback" not in first.said + second.said


def test_a_name_or_a_setting_is_given_once(tmp_path: Path, ready: Database):
    """Where two ask for the same through different nodes at the same time."""
    with (
        mail_server() as mails,
        serving(tmp_path, "first", ready.urls[0], mails) as first,
        serving(tmp_path, "second", ready.urls[1], mails) as second,
        first.admin() as one,
        second.admin() as other,
    ):
        for number in range(1, 21):
            body = {"server_name": "host", "ip_address": f"10.3.0.{number}"}
            with ThreadPoolExecutor() as pool:
                answers = list(pool.map(lambda admin, body=body: admin.post("/api/servers", body), (one, other)))
            assert [200, 409] == sorted(answer.status for answer in answers)
        wait_for(lambda: len(one.pages("/api/servers")) == len(other.pages("/api/servers")) == 20, "20 servers")
    assert "Traceback" not in first.said + second.said
