"""The server's clock jumps forwards and back under real agents, two of which have wrong clocks of their own."""

import time
from contextlib import ExitStack, suppress
from itertools import pairwise
from pathlib import Path

from drills.drill import Drill, Outcome, running_server
from drills.load import RECIPIENTS, TEAM
from scripts.system import FAKETIME, ensure
from tests.integration.agent.clock import set_clock
from tests.integration.agent.running import MODULE, Agent, agent
from tests.integration.alerts import losses, scene
from tests.integration.alerts.evidence import Evidence, evidence
from tests.integration.alerts.mail_server import MailServer, mail_server
from tests.integration.cli.running import Process, wait_for

HOUR, DAY = 3_600, 86_400
JUMPS = (HOUR, 0, -HOUR)
"""Seconds by which the server's clock is ahead, one after the other."""
WRONG = {0: DAY, 1: -DAY}
HOSTS = 6
METRICS = "cpu", "memory", "disk"
CALM = 40.0
OFFLINE_AFTER = 15
FOUND_WITHIN = 180.0
PAUSE = 2.0
"""Seconds between reports of the host that is made sick; the agents report every five."""


def run(place: Path, jumps: tuple[int, ...] = JUMPS, calm: float = CALM) -> Outcome:
    ensure([FAKETIME])
    settings = {"MONITOR_OFFLINE_AFTER": str(OFFLINE_AFTER), "MONITOR_BASE_URL": "https://monitor.example.com"}
    with mail_server() as mails, ExitStack() as stack:
        clock = place / "clock"
        server = stack.enter_context(running_server(place, **settings, **mails.settings, **set_clock(clock, 0)))
        found = stack.enter_context(evidence(f"sqlite:///{server.data / 'monitor.db'}"))
        fleet = _Fleet(server, found, mails, place, stack)
        for ahead in (0, *jumps):
            set_clock(clock, ahead)
            fleet.stay_calm(calm)
            fleet.breach()
            fleet.lose_a_host()
        return fleet.outcome(f"{HOSTS} agents, 2 with clocks wrong by a day; {len(jumps)} jumps of an hour")


class _Fleet:
    """Real agents, and a host that reports when it is asked to. *late*: seconds until each dead host was found."""

    def __init__(self, server: Process, found: Evidence, mails: MailServer, place: Path, stack: ExitStack) -> None:
        self._server, self._found, self._mails = server, found, mails
        self._stored = self._fired = self._false = self._breaches = self._unfound = 0
        self._late: list[float] = []
        self._slowest = 0.0
        with server.admin() as admin:
            scene.settings(admin, digest_wait=1)
            scene.quick_policies(admin)
            _ = admin.post("/api/channels", {"name": TEAM, "kind": "email", "settings": {"address": TEAM}}).data
            *self._hosts, self._sick = scene.hosts(admin, HOSTS + 1, [scene.person(admin, "ann")])
            self._key = scene.fleet_key(admin)
            self._keys = [
                admin.post("/api/api-keys", {"name": host.ip_address, "server_id": host.id}).data["key"]
                for host in self._hosts
            ]
        self._agents: list[Agent] = []
        for number in range(HOSTS):
            (home := place / f"host-{number}").mkdir()
            clock = set_clock(home / "clock", WRONG[number]) if number in WRONG else {}
            self._agents.append(stack.enter_context(agent(home, MODULE, **self._settings(number), **clock)))
        self._place, self._stack = place, stack

    def _settings(self, number: int) -> dict[str, str]:
        return {"API_URL": self._server.origin, "API_KEY": self._keys[number], "INTERVAL": "5"}

    def stay_calm(self, seconds: float) -> None:
        """All hosts report: an alert that one is offline is false."""
        before, until = self._offline(), time.monotonic() + seconds
        while time.monotonic() < until:
            self._report("cpu", 20.0)
            time.sleep(PAUSE)
        self._false += self._offline() - before

    def breach(self) -> None:
        """Let one host be critical until both messages about it are sent, and wait for the end of its alert."""
        metric, began = METRICS[self._breaches % len(METRICS)], time.monotonic()
        self._breaches += 1
        before = self._notified(metric)
        with suppress(AssertionError):
            notified = before + RECIPIENTS
            wait_for(
                lambda: self._reports(metric, 99.0) and self._notified(metric) >= notified, "messages", FOUND_WITHIN
            )
            self._fired += 1
            self._slowest = max(self._slowest, time.monotonic() - began)
        wait_for(lambda: self._reports(metric, 20.0) and not self._firing(), "its end", FOUND_WITHIN)

    def lose_a_host(self) -> None:
        """Kill an agent, wait until its host is called offline, and start it again."""
        number = HOSTS - 1 - len(self._late) - self._unfound
        host, began = self._hosts[number], time.monotonic()
        self._agents[number].kill()
        with suppress(AssertionError):
            wait_for(lambda: self._reports("cpu", 20.0) and self._offline(host.id), "an offline host", FOUND_WITHIN)
            self._late.append(time.monotonic() - began)
        self._unfound = self._breaches - len(self._late)
        home = self._place / f"host-{number}"
        self._agents[number] = self._stack.enter_context(agent(home, MODULE, **self._settings(number)))
        wait_for(lambda: self._reports("cpu", 20.0) and not self._firing(), "its return", FOUND_WITHIN)

    def outcome(self, size: str) -> Outcome:
        for each in self._agents:
            each.stop()
        with self._server.admin() as admin:
            times = {
                host.id: [
                    row["recorded_at"] for row in admin.pages(f"/api/monitor/data?server_id={host.id}&limit=1000")
                ]
                for host in (*self._hosts, self._sick)
            }
        doubled = sum(n - 1 for n in losses.stored_samples(self._found.rows, losses.EVER[0]).values())
        disordered = sum(sum(a < b for a, b in pairwise(each)) for each in times.values())  # the newest comes first
        missing = self._stored - len(times[self._sick.id])
        steady = [len(times[self._hosts[number].id]) for number in (*WRONG, 2)][:2]
        aside = sum(len(path.read_bytes().splitlines()) for path in self._place.glob("host-*/agent.spool.rejected"))
        tracebacks = self._server.said.count("Traceback")
        alerts = (
            f"{self._breaches - self._fired} of {self._breaches} alerts, {self._unfound} of {self._breaches} dead hosts"
        )
        missed = f"{missing} of {self._stored:,} samples, {doubled} twice; {alerts}, {self._false} false offline"
        waits = ", ".join(f"{each:.0f}" for each in self._late)
        found = f"alerts notified after {self._slowest:.0f} s at most, dead hosts found after {waits} s"
        kept = f"{aside} set aside, {min(steady):,} of each agent with a wrong clock"
        seen = f"{found}; {disordered} samples out of order, {kept}; {tracebacks} tracebacks"
        wrong = (
            missing,
            doubled,
            disordered,
            aside,
            self._false,
            self._breaches - self._fired,
            self._unfound,
            tracebacks,
        )
        return Outcome(held=not any(wrong), size=size, missed=missed, seen=seen)

    def _report(self, metric: str, value: float) -> None:
        metrics = {f"{name}_value": value if name == metric else 20.0 for name in METRICS}
        with self._server.client(self._key) as reporter:
            answer = reporter.post("/api/monitor/data", {"ip_address": self._sick.ip_address, "metrics": metrics})
        self._stored += answer.data["status"] == "stored"

    def _reports(self, metric: str, value: float) -> bool:
        self._report(metric, value)
        time.sleep(PAUSE)
        return True

    def _offline(self, server_id: int = 0) -> int:
        """Return how many alerts there were, of all hosts or one that fires."""
        if not server_id:
            return self._found.number("SELECT count(*) FROM alerts WHERE metric = 'offline'")
        firing = "SELECT count(*) FROM alerts WHERE metric = 'offline' AND state = 'firing' AND server_id = :id"
        return self._found.number(firing, id=server_id)

    def _notified(self, metric: str) -> int:
        """Return how many messages say that the one host's *metric* fired, and have arrived."""
        arrived = {mail.id for mail in self._mails.mails}
        sent = (
            "SELECT message_id FROM notifications WHERE server_id = :id AND metric = :metric AND event_kind = 'fired'"
        )
        return sum(row[0] in arrived for row in self._found.rows(sent, id=self._sick.id, metric=metric))

    def _firing(self) -> int:
        """Return how many hosts are called offline, and of what the one host has; a busy machine breaches by itself."""
        firing = "SELECT count(*) FROM alerts WHERE state = 'firing' AND (metric = 'offline' OR server_id = :id)"
        return self._found.number(firing, id=self._sick.id)


DRILL = Drill(attack="the server's clock jumps an hour forwards and back, agents' clocks are wrong by a day", run=run)
