"""At most so long until a page goes out, in real time: `monitor serve`, its API and a mail server.

`--log-cli-level=INFO` shows the seconds of each page.
"""

import logging
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.integration.alerts import scene
from tests.integration.alerts.live_server import LiveServer, live_server
from tests.integration.cli.client import Client
from tests.page_times import GRACE, SCENARIOS, Due, Scenario, Stage, reminder

pytestmark = pytest.mark.nightly

log = logging.getLogger(__name__)
INTERVAL = 5.0
OTHERS = 100
"""Hosts without trouble: else all that is sick is most of the fleet."""


class RealStage(Stage):
    """*agent*: sends what hosts report, for one thread at a time."""

    def __init__(self, live: LiveServer, agent: Client) -> None:
        self.live, self.admin = live, live.admin
        self._agent, self._lock = agent, threading.Lock()
        self._people: dict[str, int] = {}
        self._hosts: dict[str, int] = {}
        self._addresses: dict[str, str] = {}
        self._values: dict[str, dict[str, float] | None] = {}
        self.digest = self.admin.get("/api/settings").data["digest_wait"]
        for n in range(OTHERS):
            self.host(f"other-{n}", f"10.9.{n}.1", [])

    def person(self, name: str) -> None:
        self._people[name] = scene.person(self.admin, name)

    def host(self, name: str, address: str, people: list[str], on: str | None = None) -> None:
        users = [self._people[each] for each in people]
        body = {"server_name": name, "ip_address": address, "user_ids": users}
        parents = [] if on is None else [{"server_id": self._hosts[on]}]
        self._hosts[name] = self.admin.post("/api/servers", {**body, "depends_on": parents}).data["id"]
        self._addresses[name] = address
        self.set(name)

    def set(self, host: str, *, cpu: float = 10.0, memory: float = 10.0) -> None:
        self._values[host] = {"cpu_value": cpu, "memory_value": memory, "disk_value": 20.0}
        self._report([host])

    def stop(self, host: str) -> None:
        self._values[host] = None

    def report(self) -> None:
        self._report(list(self._values))

    def _report(self, hosts: Sequence[str]) -> None:
        with self._lock:
            now = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f}"
            samples = [
                {"ip_address": self._addresses[host], "recorded_at": now, "metrics": values, "interval": INTERVAL}
                for host in hosts
                if (values := self._values[host]) is not None
            ]
            answer = self._agent.post("/api/monitor/data/batch", {"samples": samples}).data
        assert {each["status"] for each in answer["results"]} == {"stored"}

    def is_offline(self, host: str) -> bool:
        found: str = self.admin.get(f"/api/servers/{self._hosts[host]}").data["status"]
        return found == "offline"

    def silence(self, host: str, seconds: float) -> int:
        ends_at = datetime.now(UTC) + timedelta(seconds=seconds)
        scope = {"server_id": self._hosts[host]}
        body = {"scope": scope, "ends_at": f"{ends_at:%Y-%m-%d %H:%M:%S.%f}", "reason": "work"}
        silence_id: int = self.admin.post("/api/silences", body).data["id"]
        return silence_id

    def end_silence(self, silence_id: int) -> None:
        assert self.admin.post(f"/api/silences/{silence_id}/end", {}).status == 200

    def delete_silence(self, silence_id: int) -> None:
        assert self.admin.delete(f"/api/silences/{silence_id}").status == 200

    def acknowledge(self, host: str) -> None:
        (alert,) = self.admin.get(f"/api/alerts?server_id={self._hosts[host]}").data
        assert self.admin.post(f"/api/incidents/{alert['incident_id']}/ack", {}).status == 200

    def be_quiet(self, person: str) -> float:
        now = datetime.now(UTC)
        end = (now + timedelta(seconds=self.digest + 15 + 60)).replace(second=0, microsecond=0)
        start = now - timedelta(minutes=2)
        quiet = {"from": f"{start:%H:%M}", "to": f"{end:%H:%M}", "timezone": "UTC", "level": "critical"}
        with self.live.process.client() as theirs:
            theirs.log_in(person, scene.PASSWORD)
            assert theirs.put("/api/auth/me", {"quiet": quiet}).data["quiet"]
        return (end - datetime.now(UTC)).total_seconds()

    def escalate(self, host: str, first: str, second: str, after: int) -> None:
        steps = [
            {"after": 0, "to": [{"user_id": self._people[first]}]},
            {"after": after, "to": [{"user_id": self._people[second]}]},
        ]
        made = self.admin.post("/api/escalations", {"name": "steps", "steps": steps}).data
        scene.team(self.admin, "steps", [self._hosts[host]], made["id"])

    def remind_after(self, seconds: float) -> None:
        scene.settings(self.admin, reminder_after=seconds)

    def named(self, person: str, host: str) -> list[float]:
        """Return when mails that name *host* arrived."""
        mails = self.live.mails.to(f"{person}@example.com")
        return [mail.arrived_at for mail in mails if re.search(rf"\b{host}\b", mail.text)]


class Turn(NamedTuple):
    at: float
    number: int
    scenario: Scenario


def play(scenarios: Iterable[Scenario]) -> list[tuple[Due, float]]:
    """Play all at once, and return when each wait for a message began, in seconds since 1970."""
    found: list[tuple[Due, float]] = []
    turns: list[Turn] = []

    def go_on(scenario: Scenario, scheduled: float | None) -> None:
        """*scheduled*: None at the beginning, when users and hosts are made."""
        for step in scenario:
            at = scheduled or time.time()
            if not isinstance(step, Due):
                heappush(turns, Turn(at + step, len(found) + len(turns), scenario))
                return
            found.append((step, at))

    for each in scenarios:
        go_on(each, None)
    while turns:
        at, _, scenario = heappop(turns)
        time.sleep(max(0.0, at - time.time()))
        go_on(scenario, at)
    return found


@contextmanager
def reporting(stage: RealStage) -> Iterator[None]:
    stop = threading.Event()
    failed: list[BaseException] = []

    def run() -> None:
        try:
            while not stop.wait(INTERVAL):
                stage.report()
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
    assert not failed


@pytest.fixture
def stage(tmp_path: Path, database_url: str) -> Iterator[RealStage]:
    with live_server(tmp_path, database_url) as live, live.process.client(live.key) as agent:
        scene.settings(live.admin, offline_after=3 * INTERVAL)
        yield RealStage(live, agent)


def lateness(stage: RealStage, found: Sequence[tuple[Due, float]]) -> list[tuple[Due, float | None]]:
    late = []
    for due, at in found:
        after = [sent - at - due.later for sent in stage.named(due.person, due.host) if sent >= at]
        late.append((due, round(min(after), 1) if after else None))
        log.info("%s: %s s", *late[-1])
    return late


@pytest.mark.parametrize("scenarios", [SCENARIOS, [reminder]], ids=["all but reminders", "reminders"])
def test_a_page_goes_out_in_time(stage: RealStage, scenarios: Sequence[Callable[[Stage], Scenario]]) -> None:
    with reporting(stage):
        found = play(each(stage) for each in scenarios)
        last = max(at + due.later for due, at in found)
        time.sleep(max(0.0, last - time.time()) + stage.digest + 2 * GRACE)
    late = lateness(stage, found)
    assert late
    assert [] == [(due, after) for due, after in late if after is None or after > stage.digest + GRACE]
