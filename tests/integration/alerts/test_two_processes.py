"""Two serving processes on one database, each with agents, background work and a dispatcher of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.integration.alerts import scene
from tests.integration.alerts.evidence import Evidence, evidence
from tests.integration.alerts.mail_server import MailServer, mail_server
from tests.integration.alerts.reporters import PERIOD, Host, Reporter, reporting
from tests.integration.cli.client import Client
from tests.integration.cli.running import Process, server, wait_for

pytestmark = pytest.mark.nightly

HOSTS = 24
TEAM = "team@example.com"
SETTINGS = {
    "MONITOR_BASE_URL": "https://monitor.example.com",
    "JWT_SECRET_KEY": "the same for both processes, as it should be",
}
LEASE = "SELECT holder, token FROM leases WHERE name = 'alert maintenance'"


@contextmanager
def serving(home: Path, name: str, url: str, mails: MailServer) -> Iterator[Process]:
    own = home / name
    own.mkdir()
    with server(own, url, **SETTINGS, **mails.settings) as running:
        yield running


def set_up(admin: Client) -> tuple[str, list[Host]]:
    scene.settings(admin, digest_wait=1)
    scene.quick_policies(admin)
    assert admin.post("/api/channels", {"name": TEAM, "kind": "email", "settings": {"address": TEAM}}).data
    hosts = scene.hosts(admin, HOSTS, [scene.person(admin, "ann"), scene.person(admin, "bob")])
    return scene.fleet_key(admin), hosts


def test_no_message_is_sent_twice(tmp_path: Path, mariadb_url: str):
    """Half of the hosts report to either."""
    with (
        mail_server() as mails,
        evidence(mariadb_url) as found,
        serving(tmp_path, "first", mariadb_url, mails) as first,
        serving(tmp_path, "second", mariadb_url, mails) as second,
    ):
        with first.admin() as admin:
            key, hosts = set_up(admin)
        wait_for(lambda: accepts(second, key, hosts[0]), "the second to know the key and the hosts")
        halves = [(first, hosts[::2]), (second, hosts[1::2])]
        agents = [Reporter(running.port, key, half, ticks=PERIOD + 40) for running, half in halves]
        with reporting(agents) as reporters:
            wait_for(lambda: reporters.are_done, "the last report", deadline=120)
        found.wait_until_all_is_sent()
        found.check_whole(recipients=3)
        found.check_notified(mails.mails)
        sent = [(mail.recipient, mail.id) for mail in mails.mails]
        assert len(sent) > 6
        assert len(set(sent)) == len(sent)
        assert [] == reporters.unexpected
    assert "Traceback" not in first.said + second.said


def test_maintenance_goes_to_the_other_process_when_its_holder_dies(tmp_path: Path, mariadb_url: str):
    """Reminders belong to maintenance, and continue."""
    with (
        mail_server() as mails,
        evidence(mariadb_url) as found,
        serving(tmp_path, "first", mariadb_url, mails) as first,
    ):
        wait_for(lambda: found.rows(LEASE), "the first to take the lease")
        with first.admin() as admin:
            key, (host, *_) = set_up(admin)
            scene.settings(admin, reminder_after=1)
        held = found.rows(LEASE)[0]
        with serving(tmp_path, "second", mariadb_url, mails) as second:
            scene.report(second.port, key, 95, ip_address=host.ip_address)
            wait_for(lambda: reminders(found) >= 2, "two reminders")
            first.kill()
            found.end_leases()  # of what it was sending
            assert held == found.rows(LEASE)[0], "taken from one that was alive"
            found.change("UPDATE leases SET expires_at = '2000-01-01' WHERE name = 'alert maintenance'")
            wait_for(lambda: found.rows(LEASE)[0].holder != held.holder, "the other to take over")
            assert held.token + 1 == found.rows(LEASE)[0].token
            before, mailed = reminders(found), len(mails.to(TEAM))
            wait_for(lambda: reminders(found) > before and len(mails.to(TEAM)) > mailed, "reminders from the other")


def accepts(running: Process, key: str, host: Host) -> bool:
    metrics = {"cpu_value": 20, "memory_value": 20, "disk_value": 20}
    with Client(running.port, key=key) as agent:
        return agent.post("/api/monitor/data", {"ip_address": host.ip_address, "metrics": metrics}).status == 200


def reminders(found: Evidence) -> int:
    return found.number("SELECT count(*) FROM notifications WHERE event_kind = 'reminded' AND delivery = 'sent'")
