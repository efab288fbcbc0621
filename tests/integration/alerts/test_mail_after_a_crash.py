"""The server is killed while it hands a mail over: the next mail to that person leaves soon after it is back."""

import re
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.integration.alerts import scene
from tests.integration.alerts.evidence import Evidence, evidence
from tests.integration.alerts.mail_server import Mail, MailServer, mail_server
from tests.integration.alerts.reporters import Host
from tests.integration.cli.running import Process, server, wait_for

pytestmark = pytest.mark.nightly

SOON = 20.0
"""Seconds from the moment that the next process answers."""
KILLS = 2


def test_on_sqlite(tmp_path: Path, sqlite_url: str):
    assert max(pauses(tmp_path, sqlite_url, kills=KILLS)) <= SOON


def test_on_mariadb(tmp_path: Path, mariadb_url: str):
    assert max(pauses(tmp_path, mariadb_url, kills=KILLS)) <= SOON


def pauses(home: Path, url: str, *, kills: int) -> list[float]:
    """From each restart until the same person is notified of what fires then."""
    with ExitStack() as stack:
        mails = stack.enter_context(mail_server())
        found = stack.enter_context(evidence(url))
        running = stack.enter_context(server(home, url, **mails.settings))
        with running.admin() as admin:
            scene.settings(admin, digest_wait=1)
            scene.quick_policies(admin)
            key = scene.fleet_key(admin)
            hosts = scene.hosts(admin, 2 * kills, [scene.person(admin, "ann")])
        taken = [_pause(running, mails, found, key, hosts[2 * n], hosts[2 * n + 1]) for n in range(kills)]
        assert "Traceback" not in running.said
    return taken


def _pause(running: Process, mails: MailServer, found: Evidence, key: str, first: Host, second: Host) -> float:
    """Killed when the mail server has the mail on *first*, and before it says so."""
    mails.at_next_mail = running.process.kill
    _breach(running, key, first)
    wait_for(lambda: not running.is_running, "a mail to kill at")
    running.kill()
    before = len(mails.mails)
    running.start()
    restarted = time.monotonic()
    _breach(running, key, second)
    wait_for(lambda: _is_mailed(mails.mails[before:], second), "the next mail")
    taken = time.monotonic() - restarted
    found.wait_until_all_is_sent()
    return taken


def _breach(running: Process, key: str, host: Host) -> None:
    assert scene.report(running.port, key, 95, ip_address=host.ip_address)


def _is_mailed(mails: Sequence[Mail], host: Host) -> bool:
    name = re.compile(rf"{re.escape(host.ip_address)}\b")
    return any(name.search(mail.text) for mail in mails)
