"""A healthy host and readiness checks during an attack."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPException

from tests.integration.cli.client import Client
from tests.integration.cli.running import Process, wait_for

SAMPLE = {"metrics": {"cpu_value": 1, "memory_value": 2, "disk_value": 3}}
PAUSE = 1.0
PATIENCE = 10.0
"""Seconds that an agent waits for a response."""


@dataclass
class Seen:
    """*stored*, *failed*: samples. *answers*, *unready*: readiness checks. *longest*: seconds of the slowest check."""

    stored: int = 0
    failed: int = 0
    answers: int = 0
    unready: int = 0
    longest: float = 0.0
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def figures(self) -> str:
        samples = f"{self.stored} samples stored, {self.failed} failed"
        return f"{samples}; ready {self.answers} times, unready {self.unready}, after {self.longest:.2f} s at worst"


def agent_key(server: Process) -> str:
    with server.admin() as admin:
        made = admin.post("/api/servers", {"server_name": "healthy", "ip_address": "10.0.0.1"}).data
        key: str = admin.post("/api/api-keys", {"name": "agent", "server_id": made["id"]}).data["key"]
        return key


@contextmanager
def healthy_host(server: Process) -> Iterator[Seen]:
    """Report every second over one connection, and check readiness every second over a new one."""
    seen, key = Seen(), agent_key(server)
    threads = [
        threading.Thread(target=_report, args=(server, key, seen)),
        threading.Thread(target=_look, args=(server, seen)),
    ]
    for thread in threads:
        thread.start()
    try:
        wait_for(lambda: seen.stored, "its first report")
        yield seen
    finally:
        seen.stop.set()
        for thread in threads:
            thread.join()


def offline_alerts(server: Process) -> int:
    with server.admin() as admin:
        return sum(alert["metric"] == "offline" for alert in admin.get("/api/alerts").data)


def _report(server: Process, key: str, seen: Seen) -> None:
    with Client(server.port, key=key, timeout=PATIENCE) as agent:
        while not seen.stop.wait(PAUSE):
            is_stored = _is_stored(agent) or _is_stored(agent)  # the kept connection may have ended
            seen.stored += is_stored
            seen.failed += not is_stored


def _is_stored(agent: Client) -> bool:
    with suppress(OSError, HTTPException):
        return agent.post("/api/monitor/data", SAMPLE).status == 200
    return False


def _look(server: Process, seen: Seen) -> None:
    while not seen.stop.wait(PAUSE):
        began, is_ready = time.monotonic(), False
        with suppress(OSError, HTTPException), Client(server.port, timeout=PATIENCE) as watcher:
            is_ready = watcher.get("/readyz").status == 200
        seen.answers += is_ready
        seen.unready += not is_ready
        seen.longest = max(seen.longest, time.monotonic() - began)
