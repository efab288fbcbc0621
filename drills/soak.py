"""200 agents and a person who reads pages, for an hour: does anything grow, slow down or fail?

`SOAK=20` for how many minutes.
"""

import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from http.client import HTTPException
from pathlib import Path
from statistics import median
from typing import Self

import psutil

from drills.agent_crowd import address
from drills.databases import SQLITE
from drills.drill import Drill, Outcome
from drills.load import Load, under_load
from tests.integration.cli.client import Client
from tests.integration.cli.running import PASSWORD
from tests.integration.cluster.agents import reporting
from tests.integration.faults.live_stream import LiveStream

MINUTES = 60.0
COUNT = 200
WATCH = 10.0
READ = 2.0
SESSION = 300.0
PAGES = (
    "/api/servers",
    "/api/monitor/stats",
    "/api/alerts",
    "/api/incidents",
    "/api/fleet/groups?by=network",
    "/readyz",
)
MORE_MEMORY, MORE_FILES, SLOWER = 30.0, 10, 3.0
"""MB and descriptors by which the last quarter may exceed the second, and the factor for its p99 over the first's."""
QUICK = 0.25
"""Seconds of p99 that are never too slow."""


def run(place: Path, minutes: float = 0, count: int = COUNT) -> Outcome:
    minutes = minutes or float(os.environ.get("SOAK") or MINUTES)
    seconds = minutes * 60
    with under_load(place, SQLITE, 1) as load:
        (sick,) = load.hosts
        with load.server.admin() as admin:
            for number in range(count):
                body = {"server_name": f"crowd {number}", "ip_address": address(number)}
                _ = admin.post("/api/servers", body).data
            key = admin.post("/api/api-keys", {"name": "sick", "server_id": sick.id}).data["key"]
        reader, grown = _Reader(load), _Grown(load.server.process.pid)
        crowd = (sys.executable, "-m", "drills.agent_crowd", f"{load.server.port}", load.key, f"{count}", f"{seconds}")
        with reader, grown, reporting(load.server.port, {sick.id: key}, cycle=max(12.0, seconds / 7)) as agents:
            done = subprocess.run(crowd, stdout=subprocess.PIPE, check=True, timeout=seconds * 2 + 60)
        tally = json.loads(done.stdout)
        (agent,) = agents.each
        lost = load.losses(agents.acknowledged(), Counter({(sick.id, name): n for name, n in agent.breaches.items()}))
        stored = load.found.number("SELECT count(*) FROM monitor_data WHERE server_id <> :id", id=sick.id)
        tracebacks = load.server.said.count("Traceback")
    memory, files = grown.by("memory"), grown.by("files")
    first, last = _p99s(tally["seconds"])
    missing = tally["stored"] - stored
    refused = Counter(tally["refused"]).total() + agents.answers().total()
    held = (
        lost.none
        and reader.read > 0
        and missing == refused == tracebacks == reader.errors.total() == 0
        and memory[2] < MORE_MEMORY
        and files[2] < MORE_FILES
        and last < max(QUICK, SLOWER * first)
    )
    growth = f"memory {memory[0]:.0f} to {memory[1]:.0f} MB, descriptors {files[0]:.0f} to {files[1]:.0f}"
    times = f"p99 of agents {first * 1000:.0f} to {last * 1000:.0f} ms (first and last quarter)"
    errors = (
        f"{reader.errors.total()} of {reader.read:,} pages failed, {refused} samples refused, {tracebacks} tracebacks"
    )
    seen = f"{growth}; {times}; {errors}"
    missed = f"{missing} of {tally['stored']:,} samples of the crowd; of another host: {lost}"
    return Outcome(held=held, size=f"{minutes:g} minutes, {count} agents every 15 s", missed=missed, seen=seen)


class _Background:
    """A thread that runs until the end of the block."""

    def __init__(self) -> None:
        self.over = threading.Event()
        self._thread = threading.Thread(target=self.run)

    def run(self) -> None:
        raise NotImplementedError

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._thread.join()


class _Reader(_Background):
    """Reads pages and the live stream like a browser, with a new log-in every few minutes. *errors*: by answer."""

    def __init__(self, load: Load) -> None:
        super().__init__()
        self.read = 0
        self.errors: Counter[str] = Counter()
        self._port = load.server.port

    def run(self) -> None:
        while not self.over.is_set():
            try:
                self._sit(time.monotonic() + SESSION)
            except (OSError, HTTPException, AssertionError) as error:
                self.errors[repr(error)] += 1
                self.over.wait(READ)

    def _sit(self, until: float) -> None:
        with Client(self._port) as client:
            client.log_in("admin", PASSWORD)
            with LiveStream(self._port, client) as stream:
                while time.monotonic() < until and not self.over.wait(READ):
                    for page in PAGES:
                        status = client.get(page).status
                        self.read += 1
                        self.errors[f"{page} {status}"] += status != 200
                self.errors["live stream"] += not stream.is_open


class _Grown(_Background):
    """Watches a process."""

    def __init__(self, pid: int) -> None:
        super().__init__()
        self._process = psutil.Process(pid)
        self._seen: dict[str, list[float]] = {"memory": [], "files": []}

    def run(self) -> None:
        while not self.over.wait(WATCH):
            self._seen["memory"].append(self._process.memory_info().rss / 1e6)
            self._seen["files"].append(self._process.num_fds())

    def by(self, name: str) -> tuple[float, float, float]:
        """Return the median of the first and of the last quarter, and by how much the last exceeds the second."""
        seen = self._seen[name]
        quarter = max(1, len(seen) // 4)
        first, second, last = (
            median(part) for part in (seen[:quarter], seen[quarter : 2 * quarter] or seen, seen[-quarter:])
        )
        return first, last, last - second


def _p99s(seconds: list[float]) -> tuple[float, float]:
    """Return that of the first and of the last quarter."""
    quarter = max(1, len(seconds) // 4)
    first, last = (sorted(part)[len(part) * 99 // 100] for part in (seconds[:quarter], seconds[-quarter:]))
    return first, last


DRILL = Drill(attack="200 agents report and a person reads pages, for an hour", run=run)
