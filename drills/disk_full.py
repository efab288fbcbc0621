"""The disk under the database is full for a while, twice, and nobody restarts anything."""

import os
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from pathlib import Path

from drills.databases import MARIADB, SQLITE, on_both
from drills.drill import Drill, NotHere, Outcome
from drills.load import Load, under_load
from tests.integration.alerts import scene
from tests.integration.alerts.losses import Key
from tests.integration.cli.client import Client
from tests.integration.cli.running import wait_for
from tests.integration.cluster.agents import reporting
from tests.integration.mariadb import MariaDb, MariaDbError

HOSTS = 30
CYCLE = 20.0
MEGABYTES = {SQLITE: 24, MARIADB: 320}
FULL = 30.0
RESTART = 5.0
"""Seconds after which MariaDB is started again, as systemd does. It ends itself if a rollback finds no room."""
TIMES = 2
BULK = 40
"""Samples of a request that fills what room the database has left; each has 250 further metrics."""


def run(database: str, place: Path, times: int = TIMES, full: float = FULL) -> Outcome:
    with small_disk(MEGABYTES[database]) as disk, under_load(disk, database, HOSTS, small=disk) as load:
        pid, keys = load.server.process.pid, {}
        with load.server.admin() as admin:
            (bulky,) = scene.hosts(admin, 1, [], network=2)
            for host in load.hosts:
                keys[host.id] = admin.post("/api/api-keys", {"name": f"{host.id}", "server_id": host.id}).data["key"]
        with restarted(load.database) as restarts, reporting(load.server.port, keys, cycle=CYCLE) as agents:
            bulk = Bulk(load, bulky.ip_address, bulky.id)
            for _ in range(times):
                filler = fill(disk)
                bulk.send_until_refused()
                bulk.send_for(full)
                filler.unlink()
                wait_for(bulk.send, "samples once there is room", 90)
            agents.finish()
        breaches = Counter({(agent.server_id, name): n for agent in agents.each for name, n in agent.breaches.items()})
        lost = load.losses(agents.acknowledged() | bulk.acknowledged, breaches)
        is_same = load.server.is_running and load.server.process.pid == pid
        tracebacks = load.server.said.count("Traceback")
    statuses = ", ".join(f"{count} times {status}" for status, count in sorted(bulk.answers.items()))
    clear = not bulk.answers.keys() - {"200 stored", "503 storage_unavailable"}
    held = lost.none and clear and is_same and not agents.waiting and not tracebacks and len(bulk.answers) > 1
    seen = f"{database}: answers {statuses}; {agents.waiting} samples undelivered, {tracebacks} tracebacks"
    seen += f", {sum(restarts)} restarts of {database}" if restarts else ""
    seen += "" if is_same else ", server restarted"
    size = f"{database}: {MEGABYTES[database]} MB, full {times} times for {full:.0f} s, {HOSTS} agents"
    return Outcome(held=held, size=size, missed=f"{database}: {lost}", seen=seen)


class Bulk:
    """Sends large samples for one host. *answers*: how often each status came."""

    def __init__(self, load: Load, address: str, server_id: int) -> None:
        self.acknowledged: set[Key] = set()
        self.answers: Counter[str] = Counter()
        self._load, self._address, self._server_id = load, address, server_id
        self._at = datetime.now(UTC) - timedelta(minutes=20)

    def send(self) -> bool:
        """Return True if all are stored."""
        times = [f"{self._at + timedelta(milliseconds=n):%Y-%m-%d %H:%M:%S.%f}" for n in range(BULK)]
        self._at += timedelta(milliseconds=BULK)
        extra = {f"bulk.{n}": time.time() + n / 7 for n in range(250)}
        metrics = {"cpu_value": 1, "memory_value": 2, "disk_value": 3, "extra": extra}
        samples = [{"ip_address": self._address, "recorded_at": at, "metrics": metrics} for at in times]
        with suppress(OSError, HTTPException), Client(self._load.server.port, key=self._load.key) as agent:
            answer = agent.post("/api/monitor/data/batch", {"samples": samples})
            outcomes = {each["status"] for each in answer.data["results"]} if answer.status == 200 else set()
            self.answers[f"{answer.status} {', '.join(sorted(outcomes)) or answer.reason}"] += 1
            if outcomes == {"stored"}:
                self.acknowledged |= {(self._server_id, at) for at in times}
            return outcomes == {"stored"}
        return False

    def send_until_refused(self) -> None:
        wait_for(lambda: not self.send(), "a refusal for want of room", 120)

    def send_for(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.send()
            time.sleep(0.25)


@contextmanager
def restarted(database: MariaDb | None) -> Iterator[list[bool]]:
    """Start the database again whenever it has ended. Yield a list of all tries: True if it answered."""
    tries: list[bool] = []
    over = threading.Event()

    def keep(database: MariaDb) -> None:
        while not over.wait(RESTART):
            if not database.is_running:
                tries.append(False)
                with suppress(MariaDbError):
                    database.start()
                    tries[-1] = True

    if database is None:
        yield tries
        return
    thread = threading.Thread(target=keep, args=(database,))
    thread.start()
    try:
        yield tries
    finally:
        over.set()
        thread.join()


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """Mount a file system of that size, in memory. Raises NotHere."""
    if os.geteuid() != 0:
        raise NotHere("it mounts a small file system, which only root may do")
    place = Path(tempfile.mkdtemp(prefix="monitor-disk-"))
    options = f"size={megabytes}m,mode=0755"
    try:
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", place], check=True)
        try:
            yield place
        finally:
            subprocess.run(["umount", "-l", place], check=True)
    finally:
        place.rmdir()


def fill(disk: Path) -> Path:
    """Write a file that takes all the room there is."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(65_536)):
            pass
    return filler


DRILL = Drill(attack="the disk under the database is full for a while, under load", run=on_both(run))
