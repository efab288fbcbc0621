"""The server is killed again and again while alerts fire: none is lost, and none is announced as two. Nor is a step of
an escalation, which a fourth of the hosts have."""

import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.integration.alerts import scene
from tests.integration.alerts.evidence import Evidence, evidence
from tests.integration.alerts.mail_server import MailServer, mail_server
from tests.integration.alerts.reporters import Reporter, Reporters, reporting
from tests.integration.cli.client import Client
from tests.integration.cli.running import Process, server, wait_for

pytestmark = pytest.mark.nightly

BASE_URL = "https://monitor.example.com"
HOSTS = 24
REPORTERS = 3
AFTER = 2
"""Seconds until the second step: about as long as a warning lasts."""
TEAM = "team@example.com"


def test_on_sqlite(tmp_path: Path, sqlite_url: str):
    kill_again_and_again(tmp_path, sqlite_url, kills=30)


def test_on_mariadb(tmp_path: Path, mariadb_url: str):
    kill_again_and_again(tmp_path, mariadb_url, kills=12)


def kill_again_and_again(home: Path, url: str, *, kills: int) -> None:
    """Kill the server, every second time at a mail: after the mail server has it, before the answer."""
    draw = random.Random(3)  # noqa: S311 (no secret): when to kill, the same at each run
    with (
        mail_server() as mails,
        evidence(url) as found,
        server(home, url, MONITOR_BASE_URL=BASE_URL, **mails.settings) as running,
    ):
        with running.admin() as admin:
            reporters, called = set_up(admin, running.port)
        with reporting(reporters) as agents:
            for kill in range(kills):
                if kill % 2:
                    kill_at_a_mail(running, mails, found, agents)
                else:
                    kill_after(running, agents, ticks=draw.randrange(1, 8 * REPORTERS))
                found.end_leases()
                found.end_leases_of_jobs()
                running.start()
            agents.finish()
        check(found, mails, agents, kills, called)
    assert "Traceback" not in running.said


def set_up(admin: Client, port: int) -> tuple[list[Reporter], list[int]]:
    """Return what reports, and the servers of a team with an escalation."""
    scene.settings(admin, digest_wait=1)
    scene.quick_policies(admin, memory=0.2)
    channel = {"name": TEAM, "kind": "email", "settings": {"address": TEAM}}
    assert admin.post("/api/channels", channel).data
    hosts = scene.hosts(admin, HOSTS, [scene.person(admin, "ann"), scene.person(admin, "bob")])
    called = [host.id for host in hosts[::4]]
    rota_id = scene.rota(admin, "duty", [scene.person(admin, "eve")])
    scene.team(admin, "ops", called, scene.escalation(admin, "ops", rota_id, after=AFTER))
    key = scene.fleet_key(admin)
    return [Reporter(port, key, hosts[n::REPORTERS], ticks=400) for n in range(REPORTERS)], called


def kill_after(running: Process, agents: Reporters, ticks: int) -> None:
    enough = agents.ticks + ticks
    wait_for(lambda: agents.ticks >= enough or agents.are_done, "samples to kill at")
    running.kill()


def kill_at_a_mail(running: Process, mails: MailServer, found: Evidence, agents: Reporters) -> None:
    """Where none is to come any more, without one."""
    mails.at_next_mail = running.process.kill
    wait_for(
        lambda: not running.is_running or (agents.are_done and found.waiting == 0),
        "a mail to kill at",
    )
    running.kill()
    mails.at_next_mail = None


def check(found: Evidence, mails: MailServer, agents: Reporters, kills: int, called: Sequence[int]) -> None:
    found.wait_until_steps_have_run()
    found.wait_until_all_is_sent()
    found.check_whole(recipients=3, called=called)
    assert found.check_steps(called, first=1, later=2) > 10
    found.check_notified(mails.mails)
    assert [] == agents.unexpected
    found.check_samples(agents.acknowledged, agents.sent)
    assert found.number("SELECT count(*) FROM alerts") > 30
    copies = len(mails.mails) - len({(mail.recipient, mail.id) for mail in mails.mails})
    assert 0 < copies <= 4 * kills, "killed at a mail, and yet never sent again"
