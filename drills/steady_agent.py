"""An agent that reports continuously during an attack."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.integration.cli.client import Client
from tests.integration.cli.running import Process

PAUSE = 0.01
SAMPLE = {"metrics": {"cpu_value": 1, "memory_value": 2, "disk_value": 3}}


@contextmanager
def steady_agent(server: Process, admin: Client) -> Iterator[list[float]]:
    """Yield the seconds that the agent waited for each response. A refused report fails the drill."""
    server_id = admin.post("/api/servers", {"server_name": "steady", "ip_address": "203.0.113.1"}).data["id"]
    key = admin.post("/api/api-keys", {"name": "steady", "server_id": server_id}).data["key"]
    waits: list[float] = []
    refused: list[Exception] = []
    over = threading.Event()

    def report() -> None:
        with server.client(key) as agent:
            while not over.wait(PAUSE):
                began = time.monotonic()
                try:
                    _ = agent.post("/api/monitor/data", SAMPLE).data  # raises unless it is a success
                except Exception as error:
                    refused.append(error)
                    return
                waits.append(time.monotonic() - began)

    thread = threading.Thread(target=report)
    thread.start()
    try:
        yield waits
    finally:
        over.set()
        thread.join()
    if refused:
        raise refused[0]


def longest(waits: list[float]) -> str:
    """Return the agent's waits in words."""
    ranked = sorted(waits)
    return (
        f"the agent waited {ranked[-1]:.3f} s at most, {ranked[len(ranked) * 99 // 100]:.3f} s at p99, of {len(ranked)}"
    )
