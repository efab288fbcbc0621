"""The mail server is dead for a day: it refuses connections, then puts mails off, then hangs. The clock is moved."""

import time
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from drills.drill import Drill, Outcome, running_server
from drills.load import RECIPIENTS, TEAM
from scripts.system import FAKETIME, ensure
from tests.integration.agent.clock import set_clock
from tests.integration.alerts import losses, scene
from tests.integration.alerts.evidence import Evidence, evidence
from tests.integration.alerts.mail_server import MailServer, mail_server, silent_server, smtp_settings
from tests.integration.alerts.reporters import Host
from tests.integration.cli.running import Process, wait_for

HOURS = 24
HANGS = 2
"""The last hours, in which each attempt takes ten real seconds."""
HOSTS = 30
STEP = 600


def run(place: Path, hours: int = HOURS, hangs: int = HANGS) -> Outcome:
    ensure([FAKETIME])
    mails, clock = MailServer(), place / "clock"
    settings = set_clock(clock, 0) | smtp_settings(mails.port) | {"MONITOR_BASE_URL": "https://monitor.example.com"}
    with running_server(place, **settings) as server, evidence(f"sqlite:///{server.data / 'monitor.db'}") as found:
        day = _Day(server, found, mails, clock)
        with mail_server(mails):
            day.begin()
        third = (hours - hangs) // 2
        for kind, length in ((_refusing, third), (_putting_off, hours - hangs - third), (_hanging, hangs)):
            with kind(mails):
                day.pass_hours(length)
        before = len(mails.mails)
        with mail_server(mails):
            day.pass_hours(1, falls_sick=False)
        return day.outcome(before, f"{hours} h ({hangs} of them hanging), {HOSTS} hosts")


@contextmanager
def _refusing(_: MailServer) -> Iterator[None]:
    yield


@contextmanager
def _putting_off(mails: MailServer) -> Iterator[None]:
    mails.response = "451 4.3.0 not now"
    with mail_server(mails):
        yield
    mails.response = None


def _hanging(mails: MailServer) -> AbstractContextManager[object]:
    return silent_server(mails.port)


class _Day:
    """*sick*: hosts that are critical now: every hour one more, and one for ten minutes."""

    def __init__(self, server: Process, found: Evidence, mails: MailServer, clock: Path) -> None:
        self._server, self._found, self._mails, self._clock = server, found, mails, clock
        self._steps = self._stored = 0
        self._ahead = 0.0
        self._began = time.monotonic()
        with server.admin() as admin:
            scene.settings(admin, digest_wait=1)
            scene.quick_policies(admin)
            _ = admin.post("/api/channels", {"name": TEAM, "kind": "email", "settings": {"address": TEAM}}).data
            self._hosts = scene.hosts(admin, HOSTS, [scene.person(admin, "ann")])
            self._key = scene.fleet_key(admin)
        self._sick: set[Host] = set()

    def begin(self) -> None:
        """Two hosts are sick before the day, and their messages have arrived. One of them recovers at once."""
        self._report()
        self._sick = set(self._hosts[:2])
        self._report()
        wait_for(lambda: len(self._mails.mails) >= RECIPIENTS and not self._due(), "the mails of before")
        self._sick.discard(self._hosts[0])

    def pass_hours(self, hours: int, *, falls_sick: bool = True) -> None:
        for number in range(hours * 3_600 // STEP):
            self._steps += 1
            self._ahead = self._steps * STEP - (time.monotonic() - self._began)  # what passed by itself is part of it
            set_clock(self._clock, self._ahead)
            if falls_sick and number % (3_600 // STEP) == 0:
                self._sick.add(self._hosts[2 + self._steps * STEP // 3_600])
            briefly = {self._hosts[-1]} if falls_sick and number % (3_600 // STEP) == 2 else set()
            self._report(briefly)
            time.sleep(1.2)  # until a message is due
            wait_for(lambda: not self._due(), "an attempt to send what is due", 120)

    def outcome(self, before: int, size: str) -> Outcome:
        with self._server.admin() as admin:
            rows = sum(len(admin.pages(f"/api/monitor/data?server_id={host.id}&limit=1000")) for host in self._hosts)
        mails = self._mails.mails
        arrived = {(mail.recipient, mail.id) for mail in mails}
        notices = self._found.rows(
            "SELECT alert_id, event_kind, delivery, address, message_id, attempts FROM notifications"
        )
        notified = Counter((n.alert_id, n.event_kind) for n in notices if n.delivery == "sent" and n[3:5] in arrived)
        alerts = dict(map(tuple, self._found.rows("SELECT id, state FROM alerts")))
        due = [(id_, "fired") for id_, state in alerts.items() if state == "firing" or notified[id_, "fired"]]
        due += [(id_, "resolved") for id_, state in alerts.items() if state == "resolved" and notified[id_, "fired"]]
        unnotified = sum(max(0, RECIPIENTS - notified[key]) for key in due)
        twice = sum(max(0, notified[key] - RECIPIENTS) for key in due) + len(mails) - len(arrived)
        parked = sum(n.delivery == "parked" for n in notices)
        offline = losses.offline_alerts(self._found.rows, losses.EVER[0])
        still = sum(state == "firing" for state in alerts.values())
        tracebacks = self._server.said.count("Traceback")
        lost = (
            f"{self._stored - rows} of {self._stored:,} samples; {len(self._sick) - still} of {len(self._sick)} alerts"
        )
        missed = f"{lost}, {offline} false offline; {unnotified} of {len(due) * RECIPIENTS} messages, {twice} twice"
        tries = f"{parked} given up, at most {max(n.attempts for n in notices)} attempts"
        ended = f"{len(alerts) - still} alerts ended meanwhile"
        seen = f"{len(mails) - before} mails afterwards, {tries}, {ended}, {tracebacks} tracebacks"
        wrong = (
            self._stored - rows,
            len(self._sick) - still,
            offline,
            unnotified,
            twice,
            parked,
            tracebacks,
            self._due(),
        )
        return Outcome(held=not any(wrong), size=size, missed=missed, seen=seen)

    def _report(self, briefly: Collection[Host] = ()) -> None:
        cpu = {host: 99.0 if host in self._sick or host in briefly else 20.0 for host in self._hosts}
        samples = [
            {
                "ip_address": host.ip_address,
                "recorded_at": self._now(),
                "metrics": {"cpu_value": value, "memory_value": 20, "disk_value": 20},
            }
            for host, value in cpu.items()
        ]
        with self._server.client(self._key) as agent:
            results = agent.post("/api/monitor/data/batch", {"samples": samples}).data["results"]
        self._stored += sum(result["status"] == "stored" for result in results)

    def _due(self) -> int:
        """Return how many messages wait for no pause."""
        due = "SELECT count(*) FROM notifications WHERE delivery = 'pending' AND not_before <= :at"
        return self._found.number(due, at=self._now())

    def _now(self) -> str:
        """Return the server's time."""
        return f"{datetime.now(UTC) + timedelta(seconds=self._ahead):%Y-%m-%d %H:%M:%S.%f}"


DRILL = Drill(attack="the mail server refuses connections, puts mails off and hangs, for a day", run=run)
