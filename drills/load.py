"""A server whose hosts go in and out of breach, with a mail server beside it; and what all of that says was lost."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from drills.databases import SQLITE
from drills.drill import running_server
from tests.integration.alerts import losses, scene
from tests.integration.alerts.evidence import Evidence, evidence
from tests.integration.alerts.losses import EVER, Key
from tests.integration.alerts.mail_server import MailServer, mail_server
from tests.integration.alerts.reporters import Host, Reporter
from tests.integration.cli.running import Process
from tests.integration.mariadb import MariaDb, private_mariadb

TEAM = "team@example.com"
RECIPIENTS = 2
REPORTERS = 3
SETTLED_WITHIN = 200.0
"""Seconds: a mail that was claimed by a process that died is sent two minutes later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Losses:
    """*missing*: what was acknowledged, or had to come, and did not. *doubled*: what came twice.

    *offline*: alerts that a host does not report, while it does. *doubled_mails*: with the same id, of which decision 8
    promises no more. *strays*: mails with an id that the outbox does not know: a mailbox would show them twice.
    """

    samples: int
    missing: int
    doubled: int
    alerts: int
    unalerted: int
    doubled_alerts: int
    offline: int
    messages: int
    unmailed: int
    doubled_mails: int
    strays: int

    @property
    def none(self) -> bool:
        """Whether nothing is missing, and nothing there twice but mails with the same id (decision 8)."""
        wrong = (
            self.missing,
            self.doubled,
            self.unalerted,
            self.doubled_alerts,
            self.offline,
            self.unmailed,
            self.strays,
        )
        return self.samples > 0 and not any(wrong)

    def __str__(self) -> str:
        samples = f"{self.missing} of {self.samples:,} samples, {self.doubled} twice"
        alerts = (
            f"{self.unalerted} of {self.alerts:,} alerts, {self.doubled_alerts} twice, {self.offline} false offline"
        )
        return f"{samples}; {alerts}; {self.unmailed} of {self.messages:,} messages, {self.doubled_mails} twice" + (
            f", {self.strays} unknown" if self.strays else ""
        )


@dataclass(frozen=True, kw_only=True)
class Load:
    server: Process
    mails: MailServer
    found: Evidence
    hosts: Sequence[Host]
    key: str
    database: MariaDb | None

    @property
    def mariadb(self) -> MariaDb:
        if self.database is None:
            raise RuntimeError("the server runs on SQLite")
        return self.database

    def reporters(self, period: int) -> list[Reporter]:
        """Return reporters for all hosts, which never give up on a sample. *period*: see `Reporter`."""
        return [
            Reporter(self.server.port, self.key, self.hosts[n::REPORTERS], ticks=10**9, tries=10**9, period=period)
            for n in range(REPORTERS)
        ]

    def losses(
        self, acknowledged: set[Key], breaches: Counter[tuple[int, str]], patience: float = SETTLED_WITHIN
    ) -> Losses:
        """Return what is missing now; what may still come late is waited for.

        *breaches*: by host and metric, each of which is an alert.
        """
        give_up, until = time.monotonic() + patience, now()  # nobody reports any more: soon all are offline with reason
        while True:
            seen = self._losses(acknowledged, breaches, until)
            if (seen.none and self.found.waiting == 0) or time.monotonic() > give_up:
                return seen
            time.sleep(1)

    def _losses(self, acknowledged: set[Key], breaches: Counter[tuple[int, str]], until: str) -> Losses:
        rows, mails = self.found.rows, self.mails.mails
        stored = losses.stored_samples(rows, EVER[0])
        fired = Counter(
            (int(a), str(b)) for a, b in rows("SELECT server_id, metric FROM alerts WHERE metric <> 'offline'")
        )
        events, unmailed = losses.unmailed(rows, mails, RECIPIENTS, *EVER)
        return Losses(
            samples=len(acknowledged),
            missing=len(acknowledged - stored.keys()),
            doubled=sum(n - 1 for n in stored.values()),
            alerts=breaches.total(),
            unalerted=(breaches - fired).total(),
            doubled_alerts=(fired - breaches).total(),
            offline=losses.offline_alerts(rows, EVER[0], until),
            messages=events * RECIPIENTS,
            unmailed=unmailed,
            doubled_mails=losses.doubled_mails(mails),
            strays=len({mail.id for mail in mails} - {id_ for (id_,) in rows("SELECT message_id FROM notifications")}),
        )


@contextmanager
def under_load(place: Path, database: str, hosts: int, *, small: Path | None = None, **settings: str) -> Iterator[Load]:
    """Run a server on *database* with a fleet that notifies two mailboxes. *small*: where MariaDB's files go."""
    with ExitStack() as stack:
        mails = stack.enter_context(mail_server())
        files = str(small) if small else None
        mariadb = stack.enter_context(private_mariadb(place=files)) if database != SQLITE else None
        url = mariadb.url(mariadb.create_database()) if mariadb else ""
        server = stack.enter_context(
            running_server(place, url, MONITOR_BASE_URL="https://monitor.example.com", **mails.settings, **settings)
        )
        with server.admin() as admin:
            scene.settings(admin, digest_wait=1)
            scene.quick_policies(admin)
            _ = admin.post("/api/channels", {"name": TEAM, "kind": "email", "settings": {"address": TEAM}}).data
            made = scene.hosts(admin, hosts, [scene.person(admin, "ann")])
            key = scene.fleet_key(admin)
        found = stack.enter_context(evidence(url or f"sqlite:///{server.data / 'monitor.db'}"))
        yield Load(server=server, mails=mails, found=found, hosts=made, key=key, database=mariadb)


def now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f}"
